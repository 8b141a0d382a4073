"""What the child processes do for the batch verbs: one JSON line in, one JSON line out.

A line that cannot be read gives an object with ``error`` and goes on to the next: nothing that stands in a line stops a run.
"""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from .. import failpoints
from ..contract import Article, Event, Quote
from ..dedup.identity import article_id
from ..encoding.decompress import inflate
from ..errors import DatelineError, NoArticle, PermanentError, TooLarge, explain_os_error
from ..extract import extract_page
from ..extract.compare import compare_page
from ..model.failures import Failures
from ..read import front_page, front_text, read_article
from ..settings import IngestSettings, ReadSettings
from ..sources import parse_feed, to_record
from .article import reading, worth_publishing
from .lines import failed
from .records import EXTRACTOR
from .run import prepare
from .run import warm as warm_reading

MAX_FILE_BYTES = 32 << 20  #: of a file that a line names
_DEFAULTS = IngestSettings()


class ExtractLine(msgspec.Struct, kw_only=True):
    """One line for ``dateline extract --batch``: html, text, or the path of a .html, .html.gz or .txt file."""

    id: str | int | None = None
    html: str | None = None
    text: str | None = None
    path: str | None = None
    url: str | None = None
    published: str | None = None
    title: str | None = None
    content_type: str | None = None
    all_events: bool = False
    gazetteers: list[str] = []
    lexicons: list[str] = []
    spacy_model: str | None = None
    other_languages: bool = False
    raw: bytes | None = None  #: a page's bytes, base64: what an archive holds
    article: str | None = None  #: the article's id, where it is known
    fetched: str | None = None  #: when it was read, ISO 8601
    unread: str | None = None  #: "reading timed out": what a child did not survive is left out


class ParseLine(msgspec.Struct, kw_only=True):
    """One line for ``dateline parse --batch``: path or body."""

    id: str | int | None = None
    path: str | None = None
    body: str | None = None
    url: str | None = None
    headers: dict[str, str] = {}


def extract_line(line: ExtractLine) -> dict[str, Any]:
    """Return ``{id, article, events, quotes, error}``; ``quotes`` are the article's, flat, with the speaker as one name.

    Raises:
        PermanentError: The line cannot be an article.
    """
    article, events = read_line(line)
    quotes = [_flat(quote) for quote in article.quotes]
    return {"id": line.id, "article": article, "events": list(events), "quotes": quotes, "error": None}


_PRONOUNS = {"he", "she", "they", "it", "who", "we", "i", "you", "him", "her", "them"}


def _flat(quote: Quote) -> dict[str, Any]:
    """A quote with its speaker's words as ``speaker``; where they are but a pronoun, the entity's name."""
    row: dict[str, Any] = msgspec.structs.asdict(quote)
    said = quote.speaker
    row["speaker_text"] = said.text if said else None
    row["speaker"] = (said.entity or said.text if said.text.lower() in _PRONOUNS else said.text) if said else None
    return row


def read_line(line: ExtractLine) -> tuple[Article, tuple[Event, ...]]:
    """The article and its events, of whichever form the line has. Steps that failed stand in the article's notes."""
    now = _when(line.fetched) or datetime.now(UTC)
    published = _when(line.published)
    failures = Failures(line.url or "")
    name = line.article or article_id(f"u:{line.url}" if line.url else f"i:{line.id}")
    raw = _file(line.path) if line.path else line.raw
    is_text = line.text is not None or (line.path or "").removesuffix(".gz").endswith(".txt")
    if is_text:
        text = line.text if line.text is not None else (raw or b"").decode("utf-8", "replace")
        if len(text) > 3_000_000:
            raise TooLarge(f"text of {len(text)} characters; at most 3,000,000")
        article = front_text(
            text, article_id=name, fetched=now, url=line.url, published=published, title=line.title, failures=failures
        )
    else:
        html = raw if raw is not None else (line.html or "").encode("utf-8", "surrogatepass")
        if not html.strip():
            raise NoArticle(f"{line.path}: empty" if line.path else "nothing to read: give html, text or path")
        kind = line.content_type or ("text/html; charset=utf-8" if line.html is not None else None)
        extracted = extract_page(html, url=line.url, content_type=kind)
        if extracted.wall:
            raise NoArticle(f"{line.url or line.id}: a {extracted.wall} page instead of an article", code="wall")
        article = front_page(
            extracted, article_id=name, fetched=now, url=line.url, published_fallback=published, failures=failures
        )
    article = msgspec.structs.replace(article, extractor=EXTRACTOR)
    if line.unread:
        return msgspec.structs.replace(article, notes=[*article.notes, line.unread]), ()
    failpoints.hit("in_read", line.url or "")
    article, events = read_article(article, **reading(_read_settings(line)), failures=failures)
    if not line.all_events:
        events = tuple(
            event for event in events if worth_publishing(event, _DEFAULTS.certainties, _DEFAULTS.min_confidence)
        )
    return article, events


def _read_settings(line: ExtractLine) -> ReadSettings:
    given = {name: getattr(line, name) for name in ReadSettings.__struct_fields__}
    return msgspec.convert(given, ReadSettings)


def parse_line(line: ParseLine) -> dict[str, Any]:
    """``{id, feed, entries, error}``. Raises NotAFeed, TooLarge, PermanentError."""
    raw = _file(line.path, plain=True) if line.path else (line.body or "").encode("utf-8", "surrogatepass")
    headers = {key.lower(): value for key, value in line.headers.items()}
    raw = inflate(raw, headers.pop("content-encoding", None), max_bytes=15 << 20) if raw else raw
    return {"id": line.id} | to_record(parse_feed(raw, url=line.url, headers=headers))


def _file(path: str, *, plain: bool = False) -> bytes:
    file = Path(path)
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise TooLarge(f"{path}: {file.stat().st_size} bytes; at most {MAX_FILE_BYTES}")
        if file.suffix == ".gz" and not plain:
            with gzip.open(file) as handle:
                data = handle.read(MAX_FILE_BYTES + 1)
            if len(data) > MAX_FILE_BYTES:
                raise TooLarge(f"{path}: inflates to more than {MAX_FILE_BYTES} bytes")
            return data
        return file.read_bytes()
    except (OSError, EOFError) as error:
        raise PermanentError(f"{path}: cannot be read: {explain_os_error(error)}", code="unreadable") from error


def _when(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        say = f"published {text!r} is no ISO 8601 date: write it as 2026-03-01 or 2026-03-01T08:00Z"
        raise PermanentError(say, code="bad_line") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def compare_line(line: ExtractLine) -> dict[str, Any]:
    """``{id, comparison, error}``: our text of a page beside trafilatura's. Raises PermanentError for what is no page."""
    html = _file(line.path) if line.path else line.raw
    if html is None:
        html = (line.html or "").encode("utf-8", "surrogatepass")
    return {
        "id": line.id,
        "comparison": compare_page(html, url=line.url, content_type=line.content_type),
        "error": None,
    }


_LINES: dict[str, Any] = {
    "extract": (ExtractLine, extract_line),
    "compare": (ExtractLine, compare_line),
    "parse": (ParseLine, parse_line),
}


def warm(own: str = "") -> None:
    """Loads the user's own files and model once, for all children; without any, the first document loads what it needs."""
    prepare()
    if own:
        warm_reading(own)


def run(job: str, payload: bytes) -> bytes:
    """What the pool calls in a child: a line in, a line out, whatever stands in it."""
    kind, function = _LINES[job]
    name: Any = None
    try:
        try:
            name = msgspec.json.decode(payload, type=_Named).id
            line = msgspec.json.decode(payload, type=kind)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise PermanentError(f"not a line of this verb: {error}", code="bad_line") from error
        return msgspec.json.encode(function(line))
    except DatelineError as error:
        return failed(job, name, error)


class _Named(msgspec.Struct):
    id: str | int | None = None
