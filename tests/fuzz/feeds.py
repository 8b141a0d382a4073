"""Feed documents, lists of feeds, and pages that offer some."""

from __future__ import annotations

import zlib

import msgspec

from dateline.dedup.identity import MEMORY_NAMES
from dateline.errors import DatelineError, PermanentError
from dateline.fetch.refresh import refresh_target
from dateline.jobs.feed import poll
from dateline.jobs.records import PollJob
from dateline.model.records import Body, ParsedFeed, pack, unwrap
from dateline.polling import opml
from dateline.polling.autodiscovery import candidates
from dateline.polling.freshness import hints
from dateline.sources import parse_feed
from dateline.sources.records import to_record

from . import promises
from .target import message, text_of
from .times import NOON

URL = "https://paper.example/news/feed.xml"


def feed(data: bytes) -> None:
    """A feed's answer: one record or one error of ours; the same body again brings nothing new."""
    headers, body = message(data)
    headers = {name: value.encode("utf-8", "replace").decode() for name, value in headers.items()}
    encoding = headers.pop("content-encoding", None)
    job = PollJob(
        body=Body(requested_url=URL, url=URL, status=200, headers=headers, body=body, encoding=encoding),
        feed="f",
        feed_url=URL,
        now=NOON.timestamp(),
    )
    try:
        first = poll(job)
    except PermanentError as error:
        promises.total(str(error))
        return
    promises.total(first)
    again = poll(msgspec.structs.replace(job, memory=first.memory, mode=first.mode))
    if first.entries * 3 <= MEMORY_NAMES:
        assert not again.queued, "the same body brought something new"
    assert len(first.queued) + first.known == first.entries
    hints(headers, ParsedFeed(format="rss", ttl_seconds=first.ttl_seconds), NOON)
    for payload in first.queued:
        queued = unwrap(payload)
        promises.total(queued.entry)
        assert len(queued.article) == 16
    if encoding is None and not body.startswith(b"\x1f\x8b"):
        _record(body, headers)


def _record(body: bytes, headers: dict[str, str]) -> None:
    """What ``dateline parse`` prints: UTF-8, titles and names NFC on one line, links absolute, times in UTC."""
    parsed = parse_feed(body, url=URL, headers=headers)
    promises.total(to_record(parsed))
    assert pack(parsed) == pack(parse_feed(body, url=URL, headers=headers)), "another answer the second time"
    promises.one_form([parsed.title, parsed.language])
    for entry in parsed.entries:
        promises.one_form([entry.title, entry.author, *entry.categories])
        for link in (entry.link, entry.image, *(attachment.url for attachment in entry.attachments)):
            assert link is None or link.lower().startswith(("http://", "https://")), link
        for time in (entry.published, entry.updated):
            assert time is None or time.utcoffset().total_seconds() == 0, time  # type: ignore[union-attr]


def gzipped(data: bytes) -> None:
    """The compressed bytes of a feed: whatever zlib says to them is an error of ours."""
    for encoding in ("gzip", "deflate", None):
        body = Body(requested_url=URL, url=URL, status=200, body=data, encoding=encoding)
        try:
            poll(PollJob(body=body, feed="f", feed_url=URL, now=NOON.timestamp(), max_bytes=1 << 20))
        except PermanentError as error:
            promises.total(str(error))


def opml_list(data: bytes) -> None:
    """An OPML list: written and read again it is the same."""
    try:
        feeds = opml.read(data)
    except DatelineError as error:
        promises.total(str(error))
        return
    promises.total(feeds)
    again = opml.read(opml.write(feeds))
    assert {row.url for row in again} == {row.url for row in feeds}


def discover(data: bytes) -> None:
    """A page and its address, the address on the first line: absolute web addresses, each once."""
    line, _, html = data.partition(b"\n")
    url = text_of(line) if line.startswith(b"http") else "https://paper.example/news/today.html"
    try:
        from dateline.urls import resolve

        url = resolve(url)
    except PermanentError:
        return
    found = candidates(html, url)
    promises.total(found)
    assert len({candidate.url for candidate in found}) == len(found)
    assert all(candidate.url.lower().startswith(("http://", "https://")) for candidate in found)
    for kind in ("feed", "page"):
        target = refresh_target(html, None, kind=kind, content_type="text/html", url=url)
        assert target is None or (target != url and target.startswith(("http://", "https://")))


def packed(text: str) -> bytes:
    """A seed's text compressed, for `gzipped`."""
    return zlib.compress(text.encode(), wbits=31)
