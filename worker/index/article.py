"""One article for reading: its text and events, what its revisions changed, and who else printed it."""

from __future__ import annotations

import sqlite3

from .changes import changed_paragraphs
from .database import scalar
from .views import Row, article_view, event_view, read_article, read_event

#: Events of one article that are shown; a long report has about thirty.
MAX_EVENTS = 400
_MAX_FAMILY = 60


def read(connection: sqlite3.Connection, name: str, revision: int | None = None) -> Row | None:
    """Return an article with its events, revisions, retractions and family; None where it is not indexed.

    Args:
        name: The article's id.
        revision: Its number; None: the newest.
    """
    row = connection.execute(
        "SELECT key, happening, revision, at, original, kind FROM article WHERE id = ?", (name,)
    ).fetchone()
    if row is None:
        return None
    key, happening, newest, at, original, kind = row
    number = revision or newest
    body = scalar(connection, "SELECT body FROM revision WHERE article = ? AND number = ?", key, number)
    if body is None:
        return None
    article = read_article(body)
    events = _events(connection, key, number, newest)
    revisions = _revisions(connection, key)
    before = max((one["revision"] for one in revisions if one["revision"] < number), default=None)
    return article_view(article) | {
        "at": at,
        "happening": happening,
        "newest_revision": newest,
        "withdrawn": kind == "withdrawn",
        "events": events,
        "retracted": _retracted(connection, key),
        "revisions": revisions,
        "changes": _changes(connection, key, before, article.text) if before else None,
        "compared_with": before,
        "printings": _family(connection, happening, key),
        "original": _original(connection, original, article.text_sha256, with_events=not events) if original else None,
    }


def _events(connection: sqlite3.Connection, key: int, number: int, newest: int) -> list[Row]:
    """Return the events whose evidence is in this revision's text.

    Of an older revision that are the events that no later one reported again: only those have their offsets in it.
    """
    stands = "AND retracted IS NULL" if number == newest else ""
    rows = connection.execute(
        f"SELECT b.body, e.retracted FROM event e JOIN event_body b ON b.event = e.key WHERE e.article = ? "
        f"AND e.revision = ? {stands} ORDER BY e.key LIMIT ?",
        (key, number, MAX_EVENTS),
    )
    found = [event_view(read_event(body)) | {"retracted_at": retracted} for body, retracted in rows]
    return sorted(found, key=lambda event: (event["start"], event["trigger"][0]))


def _retracted(connection: sqlite3.Connection, key: int) -> list[Row]:
    rows = connection.execute(
        "SELECT b.body, e.retracted FROM event e JOIN event_body b ON b.event = e.key WHERE e.article = ? "
        "AND e.retracted IS NOT NULL ORDER BY e.retracted, e.key LIMIT ?",
        (key, MAX_EVENTS),
    )
    return [event_view(read_event(body)) | {"retracted_at": retracted} for body, retracted in rows]


def _revisions(connection: sqlite3.Connection, key: int) -> list[Row]:
    rows = connection.execute("SELECT number, at, kind, body FROM revision WHERE article = ? ORDER BY number", (key,))
    found = []
    for number, at, kind, body in rows:
        article = read_article(body)
        found.append({"revision": number, "at": at, "kind": kind, "title": article.title, "changed": article.changed})
    return found


def _changes(connection: sqlite3.Connection, key: int, before: int, text: str) -> list[Row]:
    body = scalar(connection, "SELECT body FROM revision WHERE article = ? AND number = ?", key, before)
    return changed_paragraphs(read_article(body).text, text)


def _family(connection: sqlite3.Connection, happening: int, key: int) -> list[Row]:
    """Return the other articles of the happening, the first printed first."""
    rows = connection.execute(
        "SELECT id, title, publisher, owner, lang, at, role, kind, original, url FROM article WHERE happening = ? "
        "AND key <> ? ORDER BY at, key LIMIT ?",
        (happening, key, _MAX_FAMILY),
    )
    names = ("article", "title", "publisher", "owner", "lang", "at", "role", "kind", "original", "url")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _original(connection: sqlite3.Connection, name: str, text_sha256: str, *, with_events: bool) -> Row | None:
    """Return what an article copies: its headline and events; ``same_text`` where their offsets hold in both texts."""
    row = connection.execute("SELECT key, revision, title, publisher FROM article WHERE id = ?", (name,)).fetchone()
    if row is None:
        return None
    key, newest, title, publisher = row
    numbers = connection.execute("SELECT number, body FROM revision WHERE article = ? ORDER BY number DESC", (key,))
    same = next((number for number, body in numbers if read_article(body).text_sha256 == text_sha256), None)
    number = newest if same is None else same
    return {
        "article": name,
        "title": title,
        "publisher": publisher,
        "same_text": same is not None,
        "events": _events(connection, key, number, newest) if with_events else [],
    }
