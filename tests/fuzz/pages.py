"""Pages and plain texts, from the bytes to the finished stream entries."""

from __future__ import annotations

import json

import msgspec

from dateline.contract import envelope
from dateline.contract.article import Article
from dateline.contract.event import Event
from dateline.errors import PermanentError
from dateline.export import FORMATS
from dateline.extract.text import fold
from dateline.forward.cloud_event import structured
from dateline.index.views import article_view, event_view
from dateline.jobs.article import read
from dateline.jobs.page import extract
from dateline.jobs.records import PageJob, ReadJob
from dateline.model.records import Body, Entry, QueuedEntry, unpack
from dateline.read import front_text, read_article
from dateline.read.record import parse_iso

from . import promises
from .target import message, text_of
from .times import NOON

URL = "https://paper.example/2026/03/04/talks"


def page(data: bytes) -> None:
    """A page's answer: NoArticle or TooLarge, or an article with stream entries that fit the contract, twice the same."""
    headers, body = message(data)
    kept = {name: value.encode("utf-8", "replace").decode() for name, value in headers.items()}
    entry = Entry(title=fold(headers.get("x-title", "")) or None, link=URL, published=NOON)
    queued = QueuedEntry(feed="f", feed_url="https://paper.example/feed", article="a" * 16, entry=entry)
    job = PageJob(
        queued=queued,
        article="a" * 16,
        fetched=NOON.timestamp(),
        body=Body(
            requested_url=URL, url=URL, status=200, headers=kept, body=body, encoding=kept.get("content-encoding")
        ),
    )
    try:
        reading = extract(job)
    except PermanentError as error:
        promises.total(str(error))
        return
    promises.no_step_failed(reading.failures)
    promises.total(reading)
    article = unpack(reading.article, Article)
    promises.no_controls([article.title, article.section, article.usage_rights, *article.keywords])
    promises.no_controls(article.text.split("\n"))
    assert reading == extract(job), "another reading the second time"
    published(reading.article)


def published(article: bytes) -> None:
    """The ``read`` job and what consumers, the desk and the exports make of its entries."""
    job = ReadJob(article=article, kind="published", revision=1, now=NOON.timestamp())
    finished = read(job)
    assert finished == read(job), "other entries the second time"
    promises.no_step_failed(finished.failures)
    told: list[Event] = []
    head: Article | None = None
    exporters = [make() for make in FORMATS.values()]
    for seq, row in enumerate(finished.envelopes, 1):
        flat = {**{name: value.decode() for name, value in row}, "seq": str(seq)}
        promises.total(flat)
        promises.fits("dateline.envelope/1", flat)
        parsed = envelope.parse(flat)
        record = parsed.record()
        name = {Article: "dateline.article/1", Event: "dateline.event/1"}[type(record)]  # type: ignore[index]
        promises.fits(name, json.loads(flat["data"]))
        json.loads(structured({**flat, "stream_id": f"{seq}-0"}))
        for exporter in exporters:
            promises.total(list(exporter.lines({**flat, "stream_id": f"{seq}-0"})))
        if isinstance(record, Article):
            head = record
        elif isinstance(record, Event):
            told.append(record)
    assert head is not None
    promises.exact(head, told)
    promises.total(article_view(head) | {"events": [event_view(event) for event in told]})
    assert len({event.id for event in told}) == len(told), "two events with one id"


def text(data: bytes) -> None:
    """A plain text: optional header lines ``Published:`` and ``Title:``, then the story. The text stays as it is."""
    headers, body = message(data)
    story = body.decode("utf-8", "replace")
    article = front_text(
        story,
        article_id="a" * 16,
        fetched=NOON,
        published=parse_iso(headers.get("published")),
        title=fold(headers.get("title", "")) or None,
    )
    assert article.text == story
    assert not article.notes, "a step failed"
    read, events = read_article(article)
    promises.exact(read, events)
    for event in events:
        promises.record("dateline.event/1", event)
    promises.record("dateline.article/1", read)
    published(msgspec.msgpack.encode(article))


def feed_text(data: bytes) -> None:
    """An entry whose own words are the article: its title on the first line, its HTML after it."""
    first, _, rest = text_of(data).partition("\n")
    clean = first.encode("utf-8", "replace").decode()
    entry = Entry(title=clean or None, link=URL, published=NOON, content=rest.encode("utf-8", "replace").decode())
    queued = QueuedEntry(feed="f", feed_url="https://paper.example/feed", article="a" * 16, entry=entry)
    try:
        reading = extract(PageJob(queued=queued, article="a" * 16, fetched=NOON.timestamp()))
    except PermanentError as error:
        promises.total(str(error))
        return
    promises.no_step_failed(reading.failures)
    published(reading.article)
