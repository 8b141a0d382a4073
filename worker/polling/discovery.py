"""From an address that somebody typed to a feed that works: the feed itself, or the best of the site's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ..encoding.decompress import inflate
from ..errors import DatelineError, NotAFeed
from ..fetch.client import Client
from ..model.records import Body, ParsedFeed
from ..sources import parse_feed
from .autodiscovery import Origin, candidates

MAX_TRIED = 12  #: candidates of one site that are fetched before we give up
_MAX_BYTES = 15 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was fetched and parsed. ``others``: further addresses that the site itself names."""

    url: str
    feed: ParsedFeed
    others: tuple[str, ...] = ()


async def try_feed(client: Client, url: str) -> Found:
    """Fetch and parse one feed. Raises NotAFeed, TransientError, PermanentError."""
    body = await client.get(url, kind="feed")
    return Found(body.url, await asyncio.to_thread(_parsed, body))


async def discover(client: Client, url: str) -> Found:
    """Return the feed at an address, or the first of the site's candidates that parses. Raises NotAFeed with what was tried."""
    body = await client.get(url, kind="feed")
    try:
        return Found(body.url, await asyncio.to_thread(_parsed, body))
    except NotAFeed as error:
        page = await asyncio.to_thread(inflate, body.body, body.encoding, max_bytes=_MAX_BYTES)
        offers = await asyncio.to_thread(candidates, page, body.url)
        first = error
    tried = 0
    for at, offer in enumerate(offers[:MAX_TRIED]):
        tried += 1
        try:
            found = await try_feed(client, offer.url)
        except DatelineError:
            continue
        return Found(found.url, found.feed, tuple(o.url for o in offers[at + 1 :] if o.origin is not Origin.GUESSED))
    raise NotAFeed(f"{url} is a page, and none of {tried} feed addresses it may have gives a feed ({first})")


def _parsed(body: Body) -> ParsedFeed:
    raw = inflate(body.body, body.encoding, max_bytes=_MAX_BYTES, sniff=True)
    return parse_feed(raw, url=body.url, headers=body.headers)
