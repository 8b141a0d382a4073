"""Writes stream entries into the index: a batch with its cursor in one transaction; a repeat changes nothing."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..contract.article import Article
from ..contract.envelope import Envelope, MalformedEnvelope, Record, Retraction, parse
from ..contract.event import QUADS, Event
from ..errors import DatelineError
from ..urls.owner import owner
from .bodies import pack_article, pack_event
from .counts import count_clusters, uncount_cluster
from .database import scalar
from .filters import QUAD_NAMES
from .fold import fold
from .labels import MOST_NAME, countries_of, label_of, name_of, parties_of, spot_of
from .views import link, read_article, shown_url

#: A happening of this many articles takes no other one in: a main event so general is a topic, not a happening.
MOST_JOINED = 400
#: Highest count of missing entries: numbers of a stream that somebody else wrote may leap, and SQLite counts with 64 bits.
_MOST_MISSING = 1 << 62
#: Longest title that is indexed, in code points.
_MOST_TITLE = 500
_COUNTRIES = "SELECT l.text FROM event e JOIN country_set l ON l.key = e.countries WHERE e.key = ?"
#: What SQLite or Python says of a value that it cannot hold: a surrogate, a number of 70 bits.
_UNFIT = (
    ValueError,
    OverflowError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    sqlite3.ProgrammingError,
)
_QUAD = {name: number for number, name in enumerate(QUAD_NAMES)}


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry as Redis gives it."""

    stream: str
    stream_id: str
    fields: Mapping[bytes, bytes]


@dataclass(slots=True)
class Written:
    """What a batch did. ``missing``: entries that the stream no longer had when they were to be read."""

    version: int = 0
    indexed: int = 0
    unreadable: int = 0
    missing: int = 0
    touched: set[int] = field(default_factory=set)
    clusters: set[int] = field(default_factory=set)


def write_batch(connection: sqlite3.Connection, entries: Sequence[StreamEntry]) -> Written:
    """Index ``entries``, which are in the order of their streams, and store how far each stream was read."""
    done = Written(version=1 + int(scalar(connection, "SELECT value FROM meta WHERE name = 'version'") or 0))
    cursors: dict[str, tuple[str, int]] = {}
    for entry in entries:
        before = cursors.get(entry.stream) or _cursor(connection, entry.stream)
        seq = before[1]
        connection.execute("SAVEPOINT entry")
        try:
            envelope = parse(dict(entry.fields))
            seq = envelope.seq or seq
            if before[1] and seq > before[1] + 1:
                done.missing += seq - before[1] - 1
            record = envelope.record()
            _write_one(connection, envelope, record, _milliseconds(entry.stream_id), done)
            done.indexed += 1
        except (MalformedEnvelope, *_UNFIT):  # what no index can hold must not stop those after it
            connection.execute("ROLLBACK TO entry")
            done.unreadable += 1
        connection.execute("RELEASE entry")
        cursors[entry.stream] = (entry.stream_id, seq)
    count_clusters(connection, done.clusters)
    for happening in done.touched:
        _count_happening(connection, happening, done.version)
    rows = [(stream, after, seq) for stream, (after, seq) in cursors.items()]
    connection.executemany("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", rows)
    set_meta(connection, "version", done.version)
    if done.missing:
        missing = done.missing + int(get_meta(connection, "missing") or 0)
        set_meta(connection, "missing", min(missing, _MOST_MISSING))
    return done


def get_meta(connection: sqlite3.Connection, name: str) -> Any:
    """Return one remembered value; None where there is none."""
    return scalar(connection, "SELECT value FROM meta WHERE name = ?", name)


def set_meta(connection: sqlite3.Connection, name: str, value: Any) -> None:
    """Remember one value."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def number_of(name: str) -> int:
    """Return 63 bits of a name's hash: a tenth of the bytes of the name, and quicker to count by."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def cursors(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the last stream id that was indexed, by stream."""
    return dict(connection.execute("SELECT stream, after FROM cursor"))


def rewind(connection: sqlite3.Connection, stream: str) -> None:
    """Read ``stream`` from its start again; what is indexed stays, and is recognised."""
    connection.execute("DELETE FROM cursor WHERE stream = ?", (stream,))


def _cursor(connection: sqlite3.Connection, stream: str) -> tuple[str, int]:
    row = connection.execute("SELECT after, seq FROM cursor WHERE stream = ?", (stream,)).fetchone()
    return (row[0], row[1]) if row else ("0-0", 0)


def _milliseconds(stream_id: str) -> int:
    return int(stream_id.partition("-")[0])


def _write_one(connection: sqlite3.Connection, envelope: Envelope, record: Record, at: int, done: Written) -> None:
    if isinstance(record, Article):
        happening = _write_article(connection, envelope, record, at)
    elif isinstance(record, Event):
        happening = _write_event(connection, envelope, record, at, done.clusters)
    else:
        happening = _retract(connection, record, at, done.clusters)
    if happening is not None:
        done.touched.add(happening)


# -- articles


def _write_article(connection: sqlite3.Connection, envelope: Envelope, article: Article, at: int) -> int | None:
    known = connection.execute("SELECT key, happening, revision FROM article WHERE id = ?", (article.id,)).fetchone()
    kind = envelope.type.rpartition(".")[2]
    family = article.family.id if article.family else article.id
    row: dict[str, Any] = {
        "id": article.id,
        "kind": kind,
        "revision": article.revision,
        "publisher": (article.publisher or "")[:MOST_NAME],
        "lang": article.language or "",
        "family": family,
        "role": article.family.role if article.family else "original",
        "original": article.family.original if article.family else None,
        "title": (article.title or "")[:_MOST_TITLE],
        "url": link(article.url),
        "owner": _owner(article, envelope),
        "at": _published_at(article, at),
        "arrived": at,
    }
    if known is None:
        happening = scalar(connection, "SELECT happening FROM article WHERE family = ? LIMIT 1", family)
        row["happening"] = happening or _new_happening(connection, row["at"])
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        key = connection.execute(f"INSERT INTO article ({names}) VALUES ({marks})", row).lastrowid
    else:
        key, row["happening"], revision = known
        if article.revision < revision or _has_revision(connection, key, article.revision):
            return None
        _drop_words(connection, key)
        sets = ", ".join(f"{name} = :{name}" for name in row if name not in ("id", "at", "arrived", "happening"))
        connection.execute(f"UPDATE article SET {sets} WHERE key = :key", row | {"key": key})
    connection.execute(
        "INSERT INTO revision VALUES (?, ?, ?, ?, ?)", (key, article.revision, at, kind, pack_article(envelope.data))
    )
    connection.execute("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", (key, *_words_of(article)))
    return int(row["happening"])


def _has_revision(connection: sqlite3.Connection, key: int, number: int) -> bool:
    return scalar(connection, "SELECT 1 FROM revision WHERE article = ? AND number = ?", key, number) is not None


def _words_of(article: Article) -> tuple[str, str]:
    title, text = article.title or "", article.text
    return tuple(fold(part.encode("utf-8", "replace").decode().replace("\0", " ")) for part in (title, text))  # type: ignore[return-value]


def _drop_words(connection: sqlite3.Connection, key: int) -> None:
    """Take an article's words out of the index: FTS5 without content needs the very text that went in."""
    body = scalar(connection, "SELECT body FROM revision WHERE article = ? ORDER BY number DESC LIMIT 1", key)
    if body is not None:
        sql = "INSERT INTO words (words, rowid, title, text) VALUES ('delete', ?, ?, ?)"
        connection.execute(sql, (key, *_words_of(read_article(body))))


def _published_at(article: Article, at: int) -> int:
    """Return when the source published the article, in ms; the stream's time where it does not say, or says a later one.

    A date without a time (midnight) of the day on which it arrived counts as its arrival.
    """
    try:
        given = datetime.fromisoformat(article.published or "")
    except ValueError:
        return at
    given = given if given.tzinfo else given.replace(tzinfo=UTC)
    arrived = datetime.fromtimestamp(at / 1000, UTC)
    is_date_only = not (given.hour or given.minute or given.second)
    if given > arrived or (is_date_only and given.date() == arrived.date()) or given.year < 1980:
        return at
    return int(given.timestamp() * 1000)


def _owner(article: Article, envelope: Envelope) -> str:
    for url in (article.url, article.feed, envelope.source):
        if url and "://" in url:
            try:
                return owner(url)
            except DatelineError:  # an address that no server can have
                return shown_url(url)
    return article.publisher or article.id


# -- happenings


def _new_happening(connection: sqlite3.Connection, at: int) -> int:
    sql = "INSERT INTO happening (at, papers, independent, sure, version) VALUES (?, 1, 1, 0, 0)"
    return connection.execute(sql, (at,)).lastrowid or 0


def _join(connection: sqlite3.Connection, happening: int, cluster: int) -> int:
    """Give ``cluster`` to a happening; where another one has it, make the two one. Returns the happening that stays."""
    other = scalar(connection, "SELECT happening FROM cluster WHERE id = ?", cluster)
    if other is None:
        connection.execute("INSERT INTO cluster VALUES (?, ?)", (cluster, happening))
        return happening
    if other == happening or _articles_in(connection, other) + _articles_in(connection, happening) > MOST_JOINED:
        return happening
    connection.execute("UPDATE article SET happening = ? WHERE happening = ?", (other, happening))
    connection.execute("UPDATE cluster SET happening = ? WHERE happening = ?", (other, happening))
    connection.execute("DELETE FROM happening WHERE key = ?", (happening,))
    return int(other)


def _articles_in(connection: sqlite3.Connection, happening: int) -> int:
    return int(scalar(connection, "SELECT count(*) FROM article WHERE happening = ?", happening))


def _count_happening(connection: sqlite3.Connection, happening: int, version: int) -> None:
    """Count a happening's papers and texts again; one without articles goes."""
    at, papers, independent = connection.execute(
        "SELECT max(at), count(DISTINCT owner), count(DISTINCT family) FROM article WHERE happening = ?", (happening,)
    ).fetchone()
    if at is None:
        connection.execute("DELETE FROM happening WHERE key = ?", (happening,))
        connection.execute("DELETE FROM cluster WHERE happening = ?", (happening,))
        return
    sql = (
        "SELECT max(e.confidence) FROM article a JOIN event e ON e.article = a.key WHERE a.happening = ? "
        "AND e.retracted IS NULL"
    )
    sure = scalar(connection, sql, happening) or 0.0
    connection.execute(
        "UPDATE happening SET at = ?, papers = ?, independent = ?, sure = ?, version = ? WHERE key = ?",
        (at, papers, min(papers, independent), sure, version, happening),
    )


# -- events


def _write_event(
    connection: sqlite3.Connection, envelope: Envelope, event: Event, at: int, clusters: set[int]
) -> int | None:
    owner_row = connection.execute("SELECT key, happening, at FROM article WHERE id = ?", (event.article,)).fetchone()
    if owner_row is None:
        return None  # its article was trimmed from the stream before it was read
    article, happening, article_at = owner_row
    sql = "SELECT key, revision, cluster FROM event WHERE article = ? AND id = ?"
    known = connection.execute(sql, (article, event.id)).fetchone()
    if known and event.revision <= known[1]:
        return None
    actor, recipient = parties_of(event)
    spot = spot_of(event.location)
    row: dict[str, Any] = {
        "article": article,
        "id": event.id,
        "cluster": number_of(event.cluster_id),
        "at": article_at if event.revision == 1 else at,
        "type": event.plover.type,
        "quad": _QUAD.get(QUADS.get(event.plover.type, event.plover.quad), 0),
        "confidence": event.confidence,
        "main": event.main,
        "revision": event.revision,
        "retracted": None,
        "actor": label_of(connection, actor) if actor else None,
        "recipient": label_of(connection, recipient) if recipient else None,
        "countries": label_of(connection, " ".join(countries_of(event)), "country_set"),
        "spot": label_of(connection, spot) if spot else None,
        "first": 0,
        "sure": event.confidence,
    }
    for cluster in {row["cluster"], known[2] if known else row["cluster"]}:
        uncount_cluster(connection, cluster)
        clusters.add(cluster)
    if known:
        key = row["key"] = known[0]
        _drop_parts(connection, key)
        sets = ", ".join(f"{name} = :{name}" for name in row if name not in ("article", "id", "at", "key"))
        connection.execute(f"UPDATE event SET {sets} WHERE key = :key", row)
    else:
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        key = connection.execute(f"INSERT INTO event ({names}) VALUES ({marks})", row).lastrowid
    connection.execute("INSERT INTO event_body VALUES (?, ?)", (key, pack_event(envelope.data)))
    _write_parties(connection, key, event)
    return _join(connection, happening, number_of(event.cluster_id)) if event.main else int(happening)


def _write_parties(connection: sqlite3.Connection, key: int, event: Event) -> None:
    connection.executemany("INSERT INTO event_country VALUES (?, ?)", [(one, key) for one in countries_of(event)])
    for text in {name_of(party) for party in (*event.actors, *event.recipients)}:
        connection.execute("INSERT OR IGNORE INTO name (text) VALUES (?)", (text,))
        connection.execute("INSERT INTO party SELECT key, ? FROM name WHERE text = ?", (key, text))


def _retract(connection: sqlite3.Connection, retraction: Retraction, at: int, clusters: set[int]) -> int | None:
    row = connection.execute(
        "SELECT e.key, a.happening, e.cluster FROM event e JOIN article a ON a.key = e.article WHERE a.id = ? AND e.id = ? "
        "AND e.revision <= ?",
        (retraction.article, retraction.id, retraction.revision),
    ).fetchone()
    if row is None:
        return None
    uncount_cluster(connection, row[2])
    clusters.add(row[2])
    connection.execute("UPDATE event SET retracted = ? WHERE key = ?", (at, row[0]))
    return int(row[1])


def _drop_parts(connection: sqlite3.Connection, event: int) -> None:
    """Delete what belongs to an event, before the event itself."""
    for table in ("event_body", "party"):
        connection.execute(f"DELETE FROM {table} WHERE event = ?", (event,))
    countries = scalar(connection, _COUNTRIES, event)
    rows = [(country, event) for country in countries.split()]
    connection.executemany("DELETE FROM event_country WHERE country = ? AND event = ?", rows)


# -- bounds


def drop_articles(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Delete articles with all that belongs to them."""
    touched: set[int] = set()
    clusters: set[int] = set()
    for key in keys:
        touched.add(int(scalar(connection, "SELECT happening FROM article WHERE key = ?", key)))
        sql = "SELECT key, cluster FROM event WHERE article = ?"
        for event, cluster in connection.execute(sql, (key,)).fetchall():
            uncount_cluster(connection, cluster)
            clusters.add(cluster)
            _drop_parts(connection, event)
        _drop_words(connection, key)
        for sql in ("DELETE FROM event WHERE article = ?", "DELETE FROM revision WHERE article = ?"):
            connection.execute(sql, (key,))
        connection.execute("DELETE FROM article WHERE key = ?", (key,))
    count_clusters(connection, clusters)
    version = int(get_meta(connection, "version") or 0)
    for happening in touched:
        _count_happening(connection, happening, version)
