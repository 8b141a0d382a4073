"""A desk on lists, for tests of the HTTP server: no Redis behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from dateline.errors import StoreUnavailable
from dateline.serve.desk.api import Row

#: What a hostile feed would have the desk show.
NASTY = "</script><script>alert(1)</script>\u2028\U0001f600"


class MemoryDesk:
    """A desk on lists; ``broken`` makes it answer as a store that is away."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.broken = False
        self.followers = 0
        self._news = asyncio.Condition()

    async def recent(self, limit: int) -> list[Row]:
        if self.broken:
            raise StoreUnavailable("Redis at nowhere does not answer")
        return self.rows[::-1][:limit]

    async def article(self, article: str) -> Row | None:
        return {"id": article, "text": NASTY + "\ud800", "events": []} if article == "known" else None

    async def feeds(self) -> list[Row]:
        return [{"feed": str(number), "health": "well"} for number in range(5)]

    async def sources(self) -> list[Row]:
        return [{"publisher": "paper.example", "pages": 3, "bad": [], "rates": {}}]

    async def trouble(self) -> Row:
        return {"letters": [{"id": "0/1-0", "title": NASTY}], "notices": []}

    async def stats(self) -> Row:
        return {"at": 1.0, "counters": {"events": len(self.rows)}}

    async def follow(self) -> AsyncGenerator[list[Row], None]:
        seen = len(self.rows)
        self.followers += 1
        try:
            while True:
                async with self._news:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), 0.01)
                yield self.rows[seen:]
                seen = len(self.rows)
        finally:
            self.followers -= 1

    async def publish(self, row: Row) -> None:
        async with self._news:
            self.rows.append(row)
            self._news.notify_all()
