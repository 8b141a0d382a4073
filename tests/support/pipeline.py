"""An ingest pipeline on a real Redis with pages from a table instead of the web, and texts for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dateline.dedup.identity import Mode, article_id, digest, names
from dateline.ingest.outcomes import EntryHandler
from dateline.ingest.pipeline import Pipeline
from dateline.ingest.reading import Reader
from dateline.ingest.recheck import Rechecker
from dateline.ingest.work import EntrySettings, Work
from dateline.jobs import run as jobs
from dateline.model.records import Body, Entry, QueuedEntry, unwrap, wrap
from dateline.store.entries import Entries, rows
from dateline.store.ledger import Ledger
from dateline.store.redis import Connection
from dateline.telemetry import Metrics
from dateline.urls import same_key

NOW = 1_790_000_000.0


# One entry, from its link to the stream: real Redis, real reading, pages as a test wants them


@dataclass
class Site:
    """Pages by address: HTML, or an error to raise; and where addresses redirect to. Notes what it was asked with."""

    pages: dict[str, str | Exception] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def page(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Body:
        """As `dateline.fetch.polite_client.PoliteClient.page`."""
        self.asked.append((url, etag))
        asked, url = url, self.redirects.get(url, url)
        found = self.pages[url]
        if isinstance(found, Exception):
            raise found
        headers = {"content-type": "text/html; charset=utf-8"}
        if url in self.etags:
            headers["etag"] = self.etags[url]
            if etag == self.etags[url]:
                return Body(requested_url=asked, url=url, status=304, headers=headers)
        return Body(requested_url=asked, url=url, status=200, headers=headers, body=found.encode())


class Here:
    """Jobs without a child: the same function, the same bytes."""

    async def run(self, job: str, payload: bytes, *, wall_seconds: float | None = None) -> bytes:
        """As `dateline.pool.Pool.run`."""
        return jobs.run(job, payload)


PROSE = "quiet harbour council voted after long debate on new cranes while dockers waited outside for news of wages"
WORDS = PROSE.split()


def story(seed: int, words: int = 120) -> str:
    """Invented prose: sentences that no other seed has."""
    rows = []
    for n in range(words // 12):
        turned = WORDS[(seed + n) % len(WORDS) :] + WORDS[: (seed + n) % len(WORDS)]
        rows.append(f"In case {seed * 100 + n} the {' '.join(turned[:9])} again.")
    return " ".join(rows)


def html(title: str, text: str, *, head: str = "") -> str:
    """A plain article page."""
    half = len(text) // 2
    cut = text.find(". ", half) + 1
    return (
        f"<html lang=en><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
        f"<p>{text[:cut]}</p><p>{text[cut:]}</p></article></body></html>"
    )


class Desk:
    """A handler with everything real but the web."""

    def __init__(self, connection: Connection, settings: EntrySettings) -> None:
        self.connection, self.site, self.settings = connection, Site(), settings
        self.ledger, self.entries = Ledger(connection), Entries(connection, "desk", 20.0)
        self.metrics = metrics = Metrics()
        reader = Reader(Here(), settings, metrics, compress=self.ledger.compress)
        self.pipeline = Pipeline(self.ledger, self.site, reader, settings, metrics)
        self.handler = EntryHandler(self.pipeline, self.ledger, self.entries, settings, metrics)
        self._number = 0

    async def carry(self, *entries: QueuedEntry) -> list[str]:
        """Enqueue these entries, take each in hand and carry it; gives the outcomes."""
        await self.entries.set_up()
        partition = 0
        for one in entries:
            await self.connection.script("enqueue", [[wrap(one), "", ""]], partition)
        held = await self.entries.take(50, 0.1)
        return [(await self.handler.handle(Work(one, unwrap(one.payload)))).value for one in held]

    async def recheck(self) -> list[str]:
        """Look again at every page that is ever to be looked at again."""
        outcomes = []
        for keys in self.connection.keys:
            for member in await self.connection.call("ZRANGE", keys.recheck, 0, -1):
                await self.connection.call("ZADD", keys.recheck, 0, member)
        if await Rechecker(self.connection).once(NOW):
            outcomes = await self.carry()
        return outcomes

    async def stream(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of everything published, in order of its partition."""
        found = []
        for keys in self.connection.keys:
            for _, fields in rows(await self.connection.call("XRANGE", keys.events, "-", "+")):
                found.append((fields[b"type"].decode().removeprefix("dateline."), json.loads(fields[b"data"])))
        return found

    async def kinds(self) -> list[str]:
        """Types of the articles published."""
        return [kind for kind, _ in await self.stream() if kind.startswith("article")]


def entry_of(
    link: str,
    title: str | None = "Cranes",
    *,
    guid: str | None = None,
    feed: str = "feed",
    reason: str = "new",
    version: bytes = b"v1",
    **more: Any,
) -> QueuedEntry:
    """An entry as a poll enqueues it."""
    entry = Entry(
        link=link, title=title, guid=guid, **{k: more.pop(k) for k in ("content", "summary", "author") if k in more}
    )
    found = names(entry, Mode.GUID, "paper.example", same_key, feed)
    return QueuedEntry(
        feed=feed, feed_url=f"https://paper.example/{feed}.xml", article=article_id(found[0]), entry=entry,
        aliases=tuple(digest(name) for name in found), version=version, reason=reason, **more,
    )  # fmt: skip


async def identify(ledger: Ledger, candidate: str, aliases: Sequence[bytes]) -> str:
    """The article that an entry with these names is, where nothing speaks against it; the rest of the names is given to it."""
    named = await ledger.resolve(candidate, aliases)
    article = next(filter(None, named), candidate)
    await ledger.further_names(article, [alias for alias, name in zip(aliases, named, strict=True) if not name])
    return article
