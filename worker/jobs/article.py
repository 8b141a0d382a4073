"""What the child processes do: bytes in, records out. The pool calls `run`; nothing here waits, and nothing here knows Redis.

| job | in | out |
| --- | --- | --- |
| ``poll`` | a feed's body and what the feed remembers | entries that are new or changed, ready to enqueue |
| ``extract`` | a page's body and its entry | the article so far, its fingerprint, sketch and names |
| ``read`` | that article and what the ledger decided | the finished stream entries |
| ``replay`` | an article on which a step failed | what fails now |
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from .. import __version__, contract, failpoints, plugins, urls
from ..contract import envelope
from ..contract.article import Article, ExtractorInfo
from ..contract.compression import written_fields
from ..dedup import fingerprint as prints
from ..dedup import identity
from ..encoding.decompress import inflate
from ..errors import DatelineError, NoArticle
from ..extract import extract_entry, extract_page
from ..extract.walls import count_wall_cues
from ..model.failures import Failure, Failures, with_page
from ..model.page import SHORTER, Extracted
from ..model.records import Body, Entry, pack, unpack
from ..read import front_page, read_article
from ..settings import ReadSettings
from ..telemetry import spans_of_child
from .feed import poll, url_key
from .records import PageJob, PageReading, PollJob, ReadJob, ReadReading, ReplayJob, ReplayReading
from .stages import run_stages

_MARK_BYTES = 6  #: of title, text and correction of one revision, compared with those of the same article only


#: Notes of an article whose events may be incomplete: no earlier event is retracted for it.
_STEPS = ("sentences", "dates", "other dates", "names", "model", "quotes", "events", "wire", "captions", "language")
_EVENTS_MISSED = frozenset(f"{step} failed" for step in _STEPS)


def extract(job: PageJob) -> PageReading:
    """The article on a page, or in the feed's own words where the page has none. Raises NoArticle, TooLarge."""
    queued, body = job.queued, job.body
    if not job.instead:
        failpoints.hit("in_extract", queued.entry.link or "")
    extracted = _from_page_or_feed(job)
    failures = Failures(queued.entry.link or "")
    url = body.url if body else queued.entry.link
    article = front_page(
        extracted,
        article_id=job.article,
        url=url,
        feed=queued.feed_url,
        guid=queued.entry.guid,
        entry=queued.entry,
        feed_title=queued.feed_title,
        feed_language=queued.feed_language,
        published_fallback=queued.entry.published or queued.entry.updated,
        fetched=datetime.fromtimestamp(job.fetched, UTC),
        failures=failures,
    )
    paragraphs = [block.text for block in article.blocks if block.kind in ("body", "bullet")]
    spoken = prints.words(text for text in paragraphs if not prints.is_counter(text))
    spoken = spoken or prints.words([article.text])
    fingerprint = prints.fingerprint(spoken, article.title)
    title_key = " ".join(prints.words([article.title or ""]))
    correction = " ".join(prints.words([article.correction or ""]))
    landed = _landed(queued.entry.link, body)
    names: list[str] = failures.attempt("aliases", lambda: _page_names(article, body), [])
    sketch = failures.attempt("sketch", lambda: prints.sketch(spoken), prints.Sketch())
    notes = [*([job.instead] if job.instead else ()), *failures.notes()]
    article = msgspec.structs.replace(article, extractor=EXTRACTOR, notes=notes)
    published, said = _timestamp(article.published), extracted.metadata
    told = (
        ("title", said.title),
        ("byline", said.authors or article.byline or article.agency),
        ("date", said.published),
        ("text", all(failure.note != SHORTER for failure in extracted.failures)),
    )
    return PageReading(
        article=pack(article),
        fingerprint=fingerprint,
        mark=identity.digest(fingerprint.hex() + title_key + correction, _MARK_BYTES),
        sketch=sketch,
        aliases=tuple(identity.digest(name) for name in names),
        owner=urls.owner(url) if url else urls.owner(queued.feed_url),
        words=len(spoken),
        title=article.title,
        title_key=title_key,
        canonical_url=article.canonical_url,
        published=published,
        text_sha256=article.text_sha256,
        extracted_from=article.extracted_from,
        withdrawn=extracted.withdrawn,
        partial=extracted.truncated or said.paywalled,
        notes=extracted.notes,
        lacks=tuple(name for name, value in told if not value),
        failures=_with_page(failures, body),
        landed=identity.digest(landed) if landed else b"",
        landed_url=body.url if body and landed else "",
        agreement=None if article.extracted_from in ("feed", "summary") else _agreement(queued.entry, article, spoken),
        wall_cues=count_wall_cues(article.text),
    )


def _with_page(failures: Failures, body: Body | None) -> tuple[Failure, ...]:
    if body is None:
        return tuple(failures.found)
    kind = body.headers.get("content-type")
    return tuple(with_page(failure, body.body, body.encoding, kind) for failure in failures.found)


def _from_page_or_feed(job: PageJob) -> Extracted:
    queued, body = job.queued, job.body
    if body is None:
        own = extract_entry(queued.entry, url=queued.entry.link)
        if own is None:
            raise NoArticle(
                f"{queued.entry.link or queued.entry.guid}: the feed gives neither content nor summary to read"
            )
        return own
    try:
        html = inflate(body.body, body.encoding, max_bytes=job.max_bytes)
        found = extract_page(html, url=body.url, content_type=body.headers.get("content-type"), entry=queued.entry)
        if not found.wall:
            return found
        raise NoArticle(f"{body.url} shows a {found.wall} page instead of an article", code="wall")
    except NoArticle:
        own = extract_entry(queued.entry, url=queued.entry.link) if job.feed_fallback else None
        if own is None:
            raise
        return own


def _page_names(article: Article, body: Body | None) -> list[str]:
    """Return where the page's redirects led and the address that it calls canonical, never a front page.

    They are evidence (``c:``), no names: no entry is taken for this article by them before title and text were compared.
    """
    found = []
    for url in (body.url if body else None, article.canonical_url):
        key = url_key(url) if url else None
        if key and key.partition("/")[2].strip("/"):
            found.append(f"c:{key}")
    return list(dict.fromkeys(found))


def _landed(link: str | None, body: Body | None) -> str | None:
    """Return the key of the address that a link led to, None where that is the link's own."""
    if body is None or not link:
        return None
    key = url_key(body.url)
    return key if key != url_key(link) else None


def _agreement(entry: Entry, article: Article, spoken: list[str]) -> float | None:
    """Return the share of the words of the entry's title that the page has, in headline or text; None where the title has too
    few words to say."""
    wanted = {word for word in prints.words([entry.title or ""]) if len(word) > 3 or not word.isascii()}
    if len(wanted) < 2:
        return None
    shown = {*spoken, *prints.words([article.title or ""])}
    return len(wanted & shown) / len(wanted)


def _timestamp(iso: str | None) -> float | None:
    try:
        at = datetime.fromisoformat(iso) if iso else None
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() if at else None


EXTRACTOR = ExtractorInfo(name="dateline", version=__version__, lexicon="1")


def read(job: ReadJob) -> ReadReading:
    """Read the article and write its stream entries, in the order in which they are appended."""
    article = unpack(job.article, Article)
    failures = Failures(article.url or "")
    now = datetime.fromtimestamp(job.now, UTC)
    article = msgspec.structs.replace(
        article,
        id=job.article_id or article.id,
        revision=job.revision,
        supersedes=job.supersedes,
        changed=list(job.changed),
        family=job.family,
    )
    events: tuple[contract.Event, ...] = ()
    if job.kind in ("published", "revised"):
        without = {note.partition(" ")[0] for note in job.unread}
        if "reading" not in without:
            failpoints.hit("in_read", article.url or "")
            article, events = read_article(article, **reading(job.read), failures=failures)
        if "stages" not in without:
            passed, dropped_by = run_stages(article, job.stages, failures)
            if passed is None:
                return ReadReading(dropped_by=dropped_by, failures=tuple(failures.found))
            article = passed
        notes = list(dict.fromkeys([*article.notes, *failures.notes(), *job.unread]))
        article = msgspec.structs.replace(article, notes=notes)
    events = tuple(e for e in events if worth_publishing(e, job.certainties, job.min_confidence))
    first = envelope.article_envelope(article, job.kind, now, source=job.source)
    rows = [first, *(envelope.event_envelope(event, article, now, source=job.source) for event in events)]
    told = {event.id for event in events}
    why: Literal["withdrawn", "revised"] = "withdrawn" if job.kind == "withdrawn" else "revised"
    lost = [event for event in job.previous_events if event not in told]
    kept: list[str] = []
    if any(note in _EVENTS_MISSED or note.startswith("reading ") for note in article.notes):
        kept, lost = lost, []  # what this reading could not see is not thereby untrue
    rows += [envelope.retraction_envelope(event, article, now, reason=why, source=job.source) for event in lost]
    return ReadReading(
        envelopes=tuple(written_fields(envelope.fields(row).items(), job.compress) for row in rows),
        envelope_id=first.id,
        events=(*(event.id for event in events), *kept),
        reported=len(events),
        retracted=len(lost),
        failures=tuple(failures.found),
    )


def replay(job: ReplayJob) -> ReplayReading:
    """Read again what a step failed on; ``failures`` are those that it gives now."""
    failures, kept = Failures(job.url or ""), job.failure
    if kept.article:
        article = unpack(kept.article, Article)
    else:
        html = inflate(kept.page, kept.encoding, max_bytes=8 << 20)
        page = extract_page(html, url=job.url, content_type=kept.content_type)
        article = front_page(page, article_id="a" * 16, fetched=datetime.now(UTC), url=job.url, failures=failures)
    read_article(article, **reading(job.read), failures=failures)
    return ReplayReading(failures=tuple(failures.found))


def worth_publishing(event: contract.Event, certainties: tuple[str, ...], min_confidence: float) -> bool:
    """Whether an event goes out: told with one of ``certainties``, no surer to be wrong than ``min_confidence``, and neither
    denied, supposed nor long past.
    """
    facts = event.factuality
    if event.confidence < min_confidence or event.attribution.certainty not in certainties:
        return False
    return not (facts.negated or facts.conditional or facts.historical)


_JOBS: dict[str, tuple[type[msgspec.Struct], Callable[[object], object]]] = {
    "poll": (PollJob, poll),  # type: ignore[dict-item]
    "extract": (PageJob, extract),  # type: ignore[dict-item]
    "read": (ReadJob, read),  # type: ignore[dict-item]
    "replay": (ReplayJob, replay),  # type: ignore[dict-item]
}


#: A story for `warm`: paragraphs that differ, as those of a page without words of its own do not.
_STORY = (
    "OSLO (AP) - Norway and Denmark held talks in Oslo on Monday to discuss fishing rights, officials from both sides said.",
    "“We agreed on most of it,” said Anna Berg, the Norwegian fisheries minister, after a meeting that lasted six hours.",
    "Danish boats have been kept out of the northern waters since March 3, when police seized two of them near Bergen.",
    "At least four sailors were arrested. According to the union, their case will be heard by a court later this week.",
    "The two countries signed a treaty in 1998, but critics say that it was never meant for trawlers of today's size.",
)


def warm(own: str = "") -> None:
    """What the pool calls once, before it has children: reads which fail points are armed, and loads what the first article
    would load (word lists, models, patterns), so that children share it.

    Args:
        own: `ReadSettings` as JSON; his files and his model are loaded too.
    Raises:
        SettingsError, LexiconError: One of these cannot be loaded.
    """
    failpoints.arm()
    plugins.installed_sources()
    paragraphs = "".join(f"<p>{text}</p>" for text in _STORY)
    body = f"<article><h1>Talks held</h1>{paragraphs}</article>"
    page = f"<html lang=en><head><title>Talks</title></head><body>{body}</body></html>".encode()
    article = None
    with contextlib.suppress(DatelineError):
        extracted = extract_page(page, url="https://paper.example/2026/11/22/talks")
        article = front_page(extracted, article_id="a" * 16, fetched=datetime.now(UTC), url="https://paper.example/a")
        read_article(article)
    if article is not None and own:
        words = msgspec.json.decode(own, type=ReadSettings)
        for language in ("en", "es") if words.other_languages else ("en",):
            read_article(msgspec.structs.replace(article, language=language), **reading(words))


def reading(words: ReadSettings) -> dict[str, Any]:
    """The operator's own words as `read_article` takes them."""
    return {
        "gazetteers": [Path(name) for name in words.gazetteers],
        "lexicons": [Path(name) for name in words.lexicons],
        "spacy_model": Path(words.spacy_model) if words.spacy_model else None,
        "other_languages": words.other_languages,
    }


def run(job: str, payload: bytes) -> bytes:
    """What the pool calls in a child. A DatelineError goes back to the caller as itself."""
    kind, function = _JOBS[job]
    given: Any = unpack(payload, kind)
    found, spans = spans_of_child(job, getattr(given, "trace", ""), lambda: function(given))
    return pack(msgspec.structs.replace(found, spans=spans) if spans else found)  # type: ignore[type-var]
