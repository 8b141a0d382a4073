"""Reads what was set aside: dead letters, which it puts back into the queue, and notices of operation."""

from __future__ import annotations

import json
from collections.abc import Collection

from ...store.dead_letters import DeadLetter, DeadLetters
from ...store.entries import rows
from ...store.redis import Connection
from ...store.upkeep import notices
from .rows import Row, letter_view

#: Most dead letters, and most notices, in one answer; most dead letters requeued by one request.
MAX_TROUBLE, MAX_REQUEUED = 50, 1_000


class SetAside:
    """Dead letters and notices of one store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self) -> Row:
        """Return how much is set aside, the newest dead letters and operational notices, newest first."""
        commands = [("XREVRANGE", keys.dead, "+", "-", "COUNT", MAX_TROUBLE) for keys in self._connection.keys]
        letters = [
            letter_view(f"{partition}/{mid}", fields)
            for partition, answer in enumerate(await self._connection.pipeline(commands))
            for mid, fields in rows(answer)
        ]
        letters.sort(key=lambda row: -row["at"])
        recent_notices = [
            {"type": row.get("type", ""), "subject": row.get("subject", ""), "time": row.get("time", ""),
             "data": json.loads(row.get("data") or "{}")}
            for row in await notices(self._connection, MAX_TROUBLE)
        ]  # fmt: skip
        return {"letters": letters[:MAX_TROUBLE], "notices": recent_notices}

    async def requeue(self, ids: Collection[str], code: str | None) -> int:
        """Put dead letters back into the queue: those with these ids, or the oldest with this code; gives how many."""
        table = DeadLetters(self._connection)
        chosen: list[DeadLetter] = []
        async for letter in table.all():
            if letter.id in ids or (code is not None and letter.fields.get("code") == code):
                chosen.append(letter)
                if len(chosen) >= MAX_REQUEUED:
                    break
        return await table.requeue(chosen)
