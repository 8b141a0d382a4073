"""feedparser, the parser of record: whatever the lean parser does not take. The only file that knows feedparser.

Its known traps are defused before it sees the text: comments, processing instructions and document types are gone; entries,
fields and repeated elements are bounded (its author pattern is quadratic in a run of letters, its list of tags in their
number); its sanitiser and its link rewriting, both slow, are off: what we keep as HTML is made safe where it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import feedparser

from worker.errors import NotAFeed
from worker.model import Attachment, ParsedFeed
from worker.sources import feed_dates, limits, notes
from worker.sources.hints import Hints
from worker.sources.links import Base, absolute
from worker.sources.media import length, media_type
from worker.sources.plain import plain
from worker.sources.raw import LINK_RANKS, RawEntry, Text, finish, identifier, language, line, rank
from worker.sources.tidy import Opened, without_comments

_ENTRY = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
#: Elements that feedparser searches for e-mail addresses or collects into lists, with their content.
_PERSON = re.compile(
    r"(<(?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|contributor|owner|name|email)\b[^<>]*>)"
    r"([^<]*)((?:<!\[CDATA\[)?)",
    re.IGNORECASE,
)
_REPEATED = re.compile(
    r"<(?:[\w.-]+:)?(?:category|subject|keywords|author|creator|contributor|enclosure|link|content|thumbnail)\b",
    re.IGNORECASE,
)
#: An e-mail address with a name beside it fits well into this.
_PERSON_CHARS = 300
_MAX_REPEATED = 300
_LONG_TAG = re.compile(r"<[^<>]{20000,}>")

_GUID = re.compile(r"<(/?)guid\b([^<>]*)>", re.IGNORECASE)
_NO_LINK = re.compile(r"ispermalink\s*=\s*[\"']?\s*false", re.IGNORECASE)
_SKIP = re.compile(r"<skip(hours|days)>(.{0,3000}?)</skip", re.IGNORECASE | re.DOTALL)
_SKIPPED = re.compile(r"<(?:hour|day)>\s*(\w{1,9})", re.IGNORECASE)
_SKIP_CHARS = 65_536

Record = Mapping[str, Any]


def parse(document: Opened, *, base: Base, where: str, now: datetime) -> ParsedFeed:
    """The feed in ``document``.

    Args:
        document: Text from its root element on, without declarations.
        base: What relative links count from.
        where: How to name the document in an error.
        now: The time now, aware.
    Raises:
        NotAFeed: feedparser finds neither a known version nor an entry.
    """
    text, cut = bounded(without_comments(document.text))
    text = _GUID.sub(_own_guid, text)
    headers = {"content-type": "application/xml; charset=utf-8"}
    if base.explicit and base.url:
        headers["content-location"] = base.url
    xml = '<?xml version="1.0" encoding="utf-8"?>\n' + text
    found = feedparser.parse(
        xml.encode("utf-8", "replace"), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    entries: list[Record] = found["entries"]
    if not found.get("version") and not entries:
        raise NotAFeed(
            f"{where} is XML with the root element {document.root!r}, not RSS, Atom, RDF or "
            "a news sitemap; use the feed's own URL"
        )
    hints = _skipped(text)
    said = [*cut, *([notes.LOOSE] if found.get("bozo") else [])]
    return _feed(found["feed"], found.get("version") or "", entries, base.url, hints, now, said)


def _skipped(text: str) -> Hints:
    """The hours and days to skip, which feedparser throws away."""
    hints = Hints()
    for block in _SKIP.finditer(text[:_SKIP_CHARS]):
        (hints.hours if block[1].lower() == "hours" else hints.days).extend(_SKIPPED.findall(block[2])[:48])
    return hints


def bounded(text: str) -> tuple[str, list[str]]:
    """``text`` with at most `limits.MAX_LOOSE_ENTRIES` entries, and inside each only so many repeated elements, persons of a
    sane length and tags that are no floods."""
    said: list[str] = []
    starts = [match.start() for match in _ENTRY.finditer(text)]
    if len(starts) > limits.MAX_LOOSE_ENTRIES:
        text = text[: starts[limits.MAX_LOOSE_ENTRIES]]
        starts = starts[: limits.MAX_LOOSE_ENTRIES]
        said.append(notes.TOO_MANY_ENTRIES)
    pieces = [text[: starts[0]] if starts else text]
    pieces += [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)] if starts else []
    kept = [_bounded_piece(piece) for piece in pieces]
    result = "".join(kept)
    if len(result) != len(text):
        said.append(notes.FIELDS_CUT)
    return result, said


def _bounded_piece(piece: str) -> str:
    repeats = [match.start() for match in _REPEATED.finditer(piece)]
    if len(repeats) > _MAX_REPEATED:
        # The end of the entry follows the last of them; what is between is more of the same.
        piece = piece[: repeats[_MAX_REPEATED]] + _after_element(piece, repeats[-1])
    if len(piece) > 20_000:
        piece = _LONG_TAG.sub("", piece)
    return _PERSON.sub(_short_person, piece) if _has_long_run(piece) else piece


_LONG_RUN = re.compile(r"[\w.+-]{200}")


def _has_long_run(piece: str) -> bool:
    return _LONG_RUN.search(piece) is not None


def _after_element(piece: str, start: int) -> str:
    end = piece.find(">", piece.find("</", start))
    return piece[end + 1 :] if end >= 0 else ""


def _own_guid(tag: re.Match[str]) -> str:
    """A guid tag under a name that feedparser does not know, so that it keeps the content as it is: it would make a path
    of "t3_42", and an entry's identity must not depend on which parser read it."""
    if tag[1]:
        return "</dateline_guid>"
    return "" if tag[2].endswith("/") else f"<dateline_guid>{0 if _NO_LINK.search(tag[2]) else 1}:"


def _short_person(match: re.Match[str]) -> str:
    return match[1] + match[2][:_PERSON_CHARS] + match[3]


def _feed(
    record: Record, version: str, entries: list[Record], base: str | None, hints: Hints, now: datetime, said: list[str]
) -> ParsedFeed:
    kind = "rdf" if version in ("rss090", "rss10") else "atom" if version.startswith("atom") else "rss"
    hints.ttl, hints.period, hints.frequency = (
        record.get(key) for key in ("ttl", "sy_updateperiod", "sy_updatefrequency")
    )
    links: list[tuple[int, str]] = []
    for link in record.get("links", ()):
        if target := absolute(link.get("href") or "", base):
            for rel in (link.get("rel") or "alternate").lower().split():
                if rel == "self":
                    hints.self_url = hints.self_url or target
                elif rel == "hub":
                    hints.add_hub(target)
                elif rel == "alternate":
                    links.append((rank(rel, (link.get("type") or "").lower()) or 0, target))
    updated = feed_dates.parse(_own(record, "updated") or _own(record, "published"), now=now)
    own_id = record.get("id") or ""
    feed_authors = _authors(record) if kind == "atom" else []
    return ParsedFeed(
        format=kind,
        title=line(_text(record, "title")),
        link=min(links, key=lambda link: link[0])[1] if links else absolute(record.get("link") or own_id, base),
        id=identifier(own_id),
        language=language(record.get("language")),
        updated=updated,
        entries=tuple(
            finish(_entry(entry, base, feed_authors, record.get("language")), base=base, now=now) for entry in entries
        ),
        notes=tuple(said),
        parser="feedparser",
        **hints.fields(),
    )


def _entry(record: Record, base: str | None, feed_authors: list[str], feed_language: str | None) -> RawEntry:
    raw = RawEntry(title=_text(record, "title"), guid=record.get("id"), summary=_text(record, "summary"))
    own = record.get("dateline_guid") or ""
    if own:
        raw.guid, raw.guid_is_link = own[2:], own.startswith("1")
    else:
        raw.guid_is_link = bool(record.get("guidislink", True))
    for link in record.get("links", ()):
        for rel in (link.get("rel") or "alternate").lower().split():
            quality = rank(rel, (link.get("type") or "").lower())
            if quality is not None and (target := absolute(link.get("href") or "", base)):
                raw.links.append((quality, target))
    if (original := record.get("feedburner_origlink")) and (target := absolute(original, base)):
        raw.links.append((LINK_RANKS["original"], target))
    for word, key in (("published", "published"), ("created", "created"), ("updated", "updated")):
        if value := _own(record, key):
            raw.dates[word] = value
    raw.authors = _authors(record) or feed_authors
    contents = record.get("content") or []
    best = max(contents, key=lambda one: len(one.get("value") or ""), default=None)
    if best and best.get("value"):
        raw.content = Text(best["value"], best.get("type") == "text/plain")
        if raw.summary and raw.summary.value == raw.content.value:
            raw.summary = None  # feedparser copies the content where there is no summary
    tongue = (record.get("title_detail") or {}).get("language") or (best or {}).get("language")
    raw.language = tongue if tongue != feed_language else None
    raw.categories = [tag.get("label") or tag.get("term") or "" for tag in record.get("tags", ())][:100]
    raw.attachments = list(_attachments(record, base))
    image = record.get("image")
    if isinstance(image, Mapping) and image.get("href"):
        raw.image = absolute(image["href"], base)
    if comments := record.get("comments"):
        raw.comments = absolute(comments, base)
    raw.rights = record.get("rights")
    return raw


def _own(record: Record, key: str) -> str | None:
    """The value under ``key`` itself: feedparser's own look-up gives ``published`` where ``updated`` is missing, and warns."""
    return record.get(key) if key in record.keys() else None  # noqa: SIM118  # its "in" follows the same detour


def _text(record: Record, key: str) -> Text | None:
    value = record.get(key)
    if not isinstance(value, str) or not value:
        return None
    detail = record.get(key + "_detail") or {}
    return Text(value, detail.get("type") == "text/plain")


def _authors(record: Record) -> list[str]:
    names = [author.get("name") or author.get("email") or "" for author in record.get("authors", ())]
    names = [name for name in names if name]
    author = record.get("author")
    return names or ([author] if isinstance(author, str) and author else [])


def _attachments(record: Record, base: str | None) -> Iterator[Attachment]:
    credit = "; ".join(filter(None, (one.get("content") for one in record.get("media_credit", ())))) or None
    rights = (
        (record.get("media_copyright") or {}).get("content")
        if isinstance(record.get("media_copyright"), Mapping)
        else None
    )
    seen: set[str] = set()
    wanted: tuple[tuple[str, Callable[[Record], str | None]], ...] = (
        ("enclosures", lambda one: one.get("type")),
        ("media_content", lambda one: one.get("type") or one.get("medium")),
        ("media_thumbnail", lambda one: "image"),
    )
    for key, kind in wanted:
        for one in record.get(key, ())[: limits.MAX_ATTACHMENTS]:
            url = absolute(one.get("href") or one.get("url") or "", base)
            if url is None or url in seen:
                continue
            seen.add(url)
            yield Attachment(
                url=url,
                type=media_type(kind(one)),
                length_bytes=length(one.get("length") or one.get("filesize")),
                credit=plain(credit) if credit and key != "enclosures" else None,
                rights=plain(rights) if rights and key != "enclosures" else None,
            )
