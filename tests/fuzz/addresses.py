"""Addresses, and the header lines and rules that servers send: what is fetched, when again, and whether at all."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from multidict import CIMultiDict
from yarl import URL as Yarl

from dateline import urls
from dateline.errors import DatelineError, PermanentError
from dateline.fetch.guard import Guard, nonpublic
from dateline.fetch.header_lines import HeaderLines
from dateline.fetch.headers import (
    MAX_RETRY_AFTER_SECONDS,
    acceptable_validator,
    content_encoding,
    kept_headers,
    raw_headers,
    retry_after_seconds,
)
from dateline.fetch.robots import MAX_CRAWL_DELAY_SECONDS, from_answer
from dateline.index.views import shown_url
from dateline.polling.freshness import fresh_seconds
from dateline.polling.websub_rules import check_signature, clamped_lease, hub_to_ask, subscription, verify
from dateline.sources import links
from dateline.urls import address

from . import promises
from .target import text_of
from .times import NOON

BASE = "https://paper.example/a/b.html?c=1#d"
_GUARD = Guard()


def url(data: bytes) -> None:
    """One address: its canonical form is its own canonical form, and what the guard passes is what is connected to."""
    given = text_of(data)
    promises.total(shown_url(given.encode("utf-8", "replace").decode()))
    _linked(given)
    for base in (None, BASE):
        try:
            whole = urls.resolve(given, base)
            short = urls.canonical(given, base=base)
            key = urls.same_key(given, base=base)
        except PermanentError as error:
            promises.total(str(error).encode("utf-8", "replace").decode())
            continue
        for text in (whole, short):
            assert text.isascii() and text.isprintable() and " " not in text, text
        promises.total(key)
        assert urls.resolve(whole) == whole, "not its own form"
        assert urls.canonical(short) == short, "not its own canonical form"
        assert urls.same_key(short) == key, "another key for the canonical form"
        assert urls.owner(short)
    _guarded(given)


def _linked(given: str) -> None:
    found = links.absolute(given, BASE)
    assert found is None or found[:8].lower().startswith(("http://", "https://")), found
    promises.total(found or "")


def _guarded(given: str) -> None:
    try:
        passed = _GUARD.check_url(given)
    except PermanentError:
        return
    ip = address(passed.host)
    assert ip is None or nonpublic(ip) is None, f"{passed} is not public and passed"
    text = str(passed)
    asked = Yarl(text.partition("#")[0], encoded=True)
    assert (asked.raw_host or "") == passed.host.strip("[]"), f"checked {passed.host}, asked {asked.raw_host}"
    assert asked.port == passed.effective_port
    assert asked.user is None


def robots(data: bytes) -> None:
    """A robots.txt: an answer for every address, a delay that can be waited for."""
    rules = from_answer("ok", data)
    for path in ("/", "/news/2026/talks.html?a=1&b=%20", "/private/x", "/a;b=c//d"):
        assert rules.allowed("https://paper.example" + path) in (True, False)
    delay = rules.crawl_delay_seconds()
    assert delay is None or (math.isfinite(delay) and 0 <= delay <= MAX_CRAWL_DELAY_SECONDS), delay


def headers(data: bytes) -> None:
    """The header lines of an answer: what is kept can be stored and sent back, waits are finite."""
    assert len(HeaderLines().read(b"HTTP/1.1 200 OK\r\n" + data)) <= len(data) + 17
    given: CIMultiDict[str] = CIMultiDict()
    for line in data.split(b"\n")[:200]:
        name, colon, value = line.partition(b":")
        if colon and name.strip().isalnum() | (b"-" in name):
            given.add(name.strip().decode("utf-8", "surrogateescape"), value.strip().decode("utf-8", "surrogateescape"))
    kept = kept_headers(given, datetime(2026, 11, 20, tzinfo=UTC))
    promises.total(kept)
    promises.total(raw_headers(given))
    assert all(acceptable_validator(kept[name]) for name in ("etag", "last-modified") if name in kept)
    try:
        assert content_encoding(given) in (None, "gzip", "deflate")
    except PermanentError as error:
        promises.total(str(error))
    for value in [*kept.values(), given.get("retry-after")]:
        wait = retry_after_seconds(value, NOON)
        assert wait is None or 0 <= wait <= MAX_RETRY_AFTER_SECONDS, wait
    fresh = fresh_seconds(kept, NOON)
    assert fresh is None or (math.isfinite(fresh) and fresh > 0), fresh
    if fresh is not None:
        # What the schedule does with it must not leave the calendar.
        assert isinstance(NOON + timedelta(seconds=min(fresh, MAX_RETRY_AFTER_SECONDS)), datetime)
    for _, target in links.from_header(kept.get("link", ""), BASE):
        promises.total(target)
        assert target.lower().startswith(("http://", "https://"))
    links.base_of(BASE, kept)


def websub(data: bytes) -> None:
    """What a hub says: a query to verify by, a signature, and the hub's own address, one on each line."""
    query, signature, hub, *_ = [*text_of(data).split("\n", 2), "", "", ""]
    asked = subscription(feed="f", topic=BASE, hub="https://hub.example/", now=NOON)
    given = dict(Yarl.build(path="/", query_string=query.encode("utf-8", "replace").decode()).query)
    try:
        answer = verify(asked, given, now=NOON)
    except DatelineError as error:
        promises.total(str(error))
    else:
        assert answer.status in (200, 400, 404)
        assert len(answer.body) <= 2_000
        if answer.subscription:
            assert answer.subscription.due_at() > NOON - timedelta(days=1)
    assert check_signature("secret", data, signature).value
    assert clamped_lease(query) > 0
    where = hub_to_ask([hub, "http://hub.example:80/x"], "https://we.example/")
    assert where is None or where.startswith("https://"), where
