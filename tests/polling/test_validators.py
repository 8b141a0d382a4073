"""What a feed's answer leaves for the next conditional request."""

from __future__ import annotations

import msgspec
from aiohttp import web

from dateline.fetch.client import Client
from dateline.fetch.polite_client import PoliteClient
from dateline.model.records import Body
from dateline.polling.poll import FeedFetcher
from dateline.settings import Settings
from dateline.store.feed_state import FeedState
from dateline.telemetry import Metrics
from support.fetch_site import serving
from support.fetching import reaching
from support.pipeline import Here

FEED = b"<rss version='2.0'><channel><title>Quay</title><item><title>Ferry</title><guid>1</guid></item></channel></rss>"


class Unhurried(PoliteClient):
    """The real client, without a budget."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def owner(self, url: str) -> str:
        """One for all."""
        return "quay.example"

    async def feed(self, url: str, *, etag: str | None, last_modified: str | None) -> Body:
        """As `dateline.fetch.polite_client.PoliteClient.feed`."""
        return await self._client.get(url, kind="feed", etag=etag, last_modified=last_modified)


async def test_a_new_etag_that_comes_with_a_304_is_sent_next_time() -> None:
    """Some servers renew it with each answer; one that a 304 leaves out stays what it was."""
    async with serving() as site:

        async def answer(_: web.Request) -> web.Response:
            number = len(site.asked)
            if number == 1:
                headers = {"ETag": '"v0"', "Last-Modified": "Wed, 18 Nov 2026 12:00:00 GMT"}
                return web.Response(body=FEED, headers=headers)
            return web.Response(status=304, headers={"ETag": f'"v{number - 1}"'} if number < 4 else {})

        site.answers["/feed"] = answer
        async with reaching(site.port) as client:
            fetcher = FeedFetcher(Unhurried(client), Here(), Settings(), Metrics())
            state = FeedState(feed="feed", url=site.url("/feed"))
            for _ in range(5):
                fetched = await fetcher.fetch(state)
                kept = {name: value for name, value in fetched.validators.items() if name in ("etag", "last_modified")}
                state = msgspec.structs.replace(state, **kept)
    sent = [headers.get("if-none-match") for _, headers in site.asked]
    assert sent == [None, '"v0"', '"v1"', '"v2"', '"v2"']
    assert [headers.get("if-modified-since") for _, headers in site.asked[1:]] == ["Wed, 18 Nov 2026 12:00:00 GMT"] * 4
