"""WebSub subscriptions: one in its feed's state, the set of those to be asked for, the way from a callback to its feed, and
how well each hub did. The flow knows what is in them; here they are bytes."""

from __future__ import annotations

import hashlib

from .redis import Connection

#: A callback that nobody renewed is forgotten; longer than the longest lease.
CALLBACK_SECONDS = 40 * 86_400
SCORE_SECONDS = 90 * 86_400


class Subscriptions:
    """What is kept of subscriptions and hubs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, feed: str, before: bytes, payload: bytes, due_at: float) -> bool:
        """Write a feed's subscription over ``before``, to be asked for at ``due_at`` (0: not). False where another worker
        was faster or the feed is gone."""
        item = [feed, before, payload, int(due_at * 1000)]
        answer = await self._connection.script("put_subscription", item, self._connection.partition_of(feed))
        return bool(answer == b"ok")

    async def due(self, most: int, hold_seconds: float) -> list[str]:
        """Feeds whose subscription is to be asked for now; nobody else gets them for a while. Raises StoreUnavailable where a
        partition cannot be asked and the others have none."""
        args = [most, int(hold_seconds * 1000)]
        answers = await self._connection.scripts("claim_subscriptions", args, range(len(self._connection.keys)))
        found = [row.decode() for answer in answers if not isinstance(answer, Exception) for row in answer]
        for answer in answers if not found else ():
            if isinstance(answer, Exception):
                raise answer
        return found

    async def open_callback(self, token: str, feed: str) -> None:
        """From now on ``token`` leads to ``feed``."""
        await self._connection.call("SET", self._key("cb", token), feed, "EX", CALLBACK_SECONDS)

    async def feed_of(self, token: str) -> str | None:
        """The feed that a callback belongs to."""
        found = await self._connection.call("GET", self._key("cb", token))
        return found.decode() if found else None

    async def score(self, hub: str) -> bytes:
        """How well a hub did; empty where nothing is known."""
        return await self._connection.call("GET", self._key("hub", hub)) or b""

    async def put_score(self, hub: str, payload: bytes) -> None:
        """Written without a lock: of two workers' counts at the same moment one may be lost, and it is an estimate."""
        await self._connection.call("SET", self._key("hub", hub), payload, "EX", SCORE_SECONDS)

    def _key(self, kind: str, name: str) -> str:
        hashed = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=12).hexdigest()
        return f"{self._connection.keys[self._connection.partition_of(hashed)].base}{kind}:{hashed}"
