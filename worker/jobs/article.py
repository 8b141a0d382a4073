"""The jobs ``read`` and ``replay``: an article in, its finished stream entries out. They run in a child process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from .. import contract, failpoints
from ..contract import envelope
from ..contract.article import Article
from ..contract.compression import written_fields
from ..encoding.decompress import inflate
from ..extract import extract_page
from ..model.failures import Failures
from ..model.records import unpack
from ..model.steps import is_sampled
from ..read import front_page, read_article
from ..settings import ReadSettings
from .records import ReadJob, ReadReading, ReplayJob, ReplayReading
from .stages import run_stages

#: Notes of an article whose events may be incomplete: no earlier event is retracted for it.
_STEPS = ("sentences", "dates", "other dates", "names", "model", "quotes", "events", "wire", "captions", "language")
_EVENTS_MISSED = frozenset(f"{step} failed" for step in _STEPS)


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
            passed, why = run_stages(article, job.stages, failures)
            if passed is None:
                return ReadReading(dropped=why, failures=tuple(failures.found))
            article = passed
        notes = list(dict.fromkeys([*article.notes, *failures.notes(), *job.unread]))
        article = msgspec.structs.replace(article, notes=notes)
    events = tuple(e for e in events if worth_publishing(e, job.certainties, job.min_confidence))
    return failures.require("entries", lambda: _entries(job, article, events, failures, now))


def _entries(
    job: ReadJob, article: Article, events: tuple[contract.Event, ...], failures: Failures, now: datetime
) -> ReadReading:
    """Write the stream entries: the article, its events, then retractions of the events that it no longer reports."""
    first = envelope.article_envelope(article, job.kind, now, source=job.source)
    rows = [first, *(envelope.event_envelope(event, article, now, source=job.source) for event in events)]
    published = {event.id for event in events}
    why: Literal["withdrawn", "revised"] = "withdrawn" if job.kind == "withdrawn" else "revised"
    lost = [event for event in job.previous_events if event not in published]
    kept: list[str] = []
    if any(note in _EVENTS_MISSED or note.startswith("reading ") for note in article.notes):
        kept, lost = lost, []  # what this reading could not see is not thereby untrue
    rows += [envelope.retraction_envelope(event, article, now, reason=why, source=job.source) for event in lost]
    if is_sampled(job.trace):
        rows = [msgspec.structs.replace(row, traceparent=job.trace) for row in rows]
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
        html = inflate(kept.page, kept.encoding, max_bytes=8 << 20, sniff=True)
        page = extract_page(html, url=job.url, content_type=kept.content_type)
        article = front_page(page, article_id="a" * 16, fetched=datetime.now(UTC), url=job.url, failures=failures)
    read_article(article, **reading(job.read), failures=failures)
    return ReplayReading(failures=tuple(failures.found))


def worth_publishing(event: contract.Event, certainties: tuple[str, ...], min_confidence: float) -> bool:
    """Whether an event is published: it is stated with one of ``certainties``, has at least ``min_confidence``, and is neither
    negated, conditional nor historical.
    """
    facts = event.factuality
    if event.confidence < min_confidence or event.attribution.certainty not in certainties:
        return False
    return not (facts.negated or facts.conditional or facts.historical)


def reading(words: ReadSettings) -> dict[str, Any]:
    """Return the operator's files as `read_article` takes them."""
    return {
        "gazetteers": [Path(name) for name in words.gazetteers],
        "lexicons": [Path(name) for name in words.lexicons],
        "spacy_model": Path(words.spacy_model) if words.spacy_model else None,
        "other_languages": words.other_languages,
    }
