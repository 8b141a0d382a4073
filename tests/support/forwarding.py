"""A forwarder that notes what it was given, and the settings it is run with."""

from __future__ import annotations

import asyncio
import types

from dateline.contract.selection import Selection
from dateline.errors import PermanentError, TransientError
from dateline.forward.options import CommonOptions, Configured
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection


class Sink:
    """The other side: notes what it was given; ``gate`` holds it up, ``broken`` refuses for now, ``poison`` names entries that
    always fail, ``unwanted`` those that it refuses for good."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = False
        self.poison: set[str] = set()
        self.unwanted: set[str] = set()

    async def forward(self, entries: list[dict[str, str]]) -> None:
        self.calls += 1
        await self.gate.wait()
        ids = [entry["id"] for entry in entries]
        if self.broken or self.poison & set(ids):
            raise TransientError("the other side is away")
        if ids and ids[0] in self.unwanted:
            raise PermanentError(f"{ids[0]} is malformed")
        if self.unwanted & set(ids):
            raise TransientError("a whole batch at a time")
        self.taken += ids

    async def close(self) -> None:
        """Nothing is open."""


def sink_settings(group: str = "group", *, selection: Selection | None = None, **common: object) -> Configured:
    """What the settings would say of a `Sink`."""
    return Configured(
        "sink", "[[forward]] sink", types.ModuleType("sink"), None, CommonOptions(**common),  # type: ignore[arg-type]
        selection or Selection(), "0", "memory:sink", group,
    )  # fmt: skip


async def publish(connection: Connection, *numbers: int) -> None:
    """Append one entry each, with the id ``e<number>``."""
    for number in numbers:
        await Ledger(connection).publish(
            f"{number:016}", "m", ArticleRecord(revision=1, fingerprint=b"f"),
            [(("id", f"e{number}"), ("type", "dateline.article.published"), ("data", "{}"))],
            expected_revision=0, recheck_seconds=None,
        )  # fmt: skip
