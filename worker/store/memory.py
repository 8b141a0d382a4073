"""How much of Redis' memory each kind of key takes, how much an installation will need (`dateline doctor` shows both), and what
goes when a server is nearly full."""

from __future__ import annotations

import asyncio
import contextlib

from ..errors import DatelineError, StoreUnavailable
from ..telemetry import get_logger
from .checks import info_fields
from .keys import Keys
from .redis import Connection
from .upkeep import notify, read_by_all, sum_over

log = get_logger("upkeep")
#: Share of a server's `maxmemory` at which what may go goes (`free_memory`), and at which it is said.
NEAR_FULL = 0.8
#: Freed beyond what is over `NEAR_FULL`, as a share of `maxmemory`, so that the next look finds it done.
_MARGIN = 0.02

_KINDS = {
    "f": "feeds", "n": "aliases", "p": "fingerprints", "k": "sketches", "a": "article records", "l": "claims",
    "fam": "families", "o": "owners", "robots": "robots.txt", "cb": "callbacks", "hub": "hubs", "pub": "publishers",
}  # fmt: skip
#: Bytes in Redis, rounded up. An article of 5.5 kB text with its events on the stream: `python -m bench stream`; known, its
#: names, text, sketch and record: `python -m bench memory`; a feed of 5 to 20 entries: `python -m bench scheduler`. The base:
#: Redis itself, and buckets of names and sketches that are hardly filled.
STREAM_BYTES, KNOWN_BYTES, FEED_BYTES, BASE_BYTES = 17_000, 600, 1_000, 45_000_000
MAX_KEYS = 200_000  #: of one SCAN: a bigger store is estimated from these
_SAMPLE = 50


def estimate_memory(articles_a_day: float, keep_days: float, memory_days: float, feeds: int) -> float:
    """Estimate the bytes that Redis needs once the stream is as old as it gets; twice that while its file is rewritten."""
    stream, known = articles_a_day * keep_days * STREAM_BYTES, articles_a_day * memory_days * KNOWN_BYTES
    return stream + known + feeds * FEED_BYTES + BASE_BYTES


async def key_memory(connection: Connection) -> list[tuple[str, int, float]]:
    """(kind, keys, bytes) by size, from at most `MAX_KEYS` names and 50 measured keys of each kind."""
    names: dict[str, list[bytes]] = {}
    counts: dict[str, int] = {}
    seen = 0
    bases = {keys.base.encode() for keys in connection.keys}
    pattern = "{" + connection.keys[0].events.replace("[", "\\[") + "*}:*"  # of all partitions
    for at in await connection.shards():
        cursor = 0
        while True:
            answer = await connection.call("SCAN", cursor, "MATCH", pattern, "COUNT", 2000, at=at)
            cursor = int(answer[0])
            for name in answer[1]:
                base, _, own = name.partition(b"}:")
                if base + b"}:" not in bases:
                    continue  # another installation's, whose prefix begins as ours
                first, _, rest = own.partition(b":")
                kind = _KINDS.get(first.decode(), first.decode()) if rest else first.decode()
                counts[kind] = counts.get(kind, 0) + 1
                seen += 1
                if len(names.setdefault(kind, [])) < _SAMPLE:
                    names[kind].append(name)
            if cursor == 0 or seen >= MAX_KEYS:
                break
    names["events"], counts["events"] = (
        [keys.events.encode() for keys in connection.keys[:_SAMPLE]],
        len(connection.keys),
    )
    names["notices"], counts["notices"] = [connection.keys[0].notices.encode()], 1
    found = []
    for kind, sample in names.items():
        sizes = await connection.pipeline([("MEMORY", "USAGE", name) for name in sample])
        known = [size for size in sizes if size]
        mean = sum(known) / len(known) if known else 0.0
        found.append((kind, counts[kind], mean * counts[kind]))
    return sorted(found, key=lambda row: -row[2])


async def memory(connection: Connection) -> list[tuple[str, int, int]]:
    """(where, bytes used, `maxmemory` or 0) of every server that we write to and that answers. Raises where none does."""
    found, failed = [], list[Exception]()
    for where, answers in await connection.each_primary([("INFO", "memory")]):
        if isinstance(answers, Exception):
            failed.append(answers)
            continue
        info = info_fields(answers[0])
        used = int(info.get("used_memory", 0)) - int(info.get("mem_not_counted_for_evict", 0))
        found.append((where, used, int(info.get("maxmemory", 0))))
    if failed and not found:
        raise failed[0]
    return found


async def memory_fill(connection: Connection) -> float:
    """How full the fullest server is, as a share of its `maxmemory`; 0 where none has one."""
    return max((used / limit for _, used, limit in await memory(connection) if limit), default=0.0)


async def free_memory(connection: Connection) -> tuple[int, int]:
    """Bring servers that are over `NEAR_FULL` of their `maxmemory` below it, as far as that may be.

    First the oldest entries of the events streams go that every group has read, however young they are; then the texts of the
    oldest dead letters, whose reasons stay. None of these commands needs memory: they work on a full server.

    Each server by itself, and each partition: one that cannot be worked on costs the others nothing.

    Returns:
        How many stream entries and how many texts went.
    Raises:
        DatelineError: The first error, when all that could be freed is.
    """
    entries = texts = 0
    failed: list[DatelineError] = []

    async def free(where: str, excess: int) -> None:
        nonlocal entries, texts
        here = [n for n, keys in enumerate(connection.keys) if await connection.where_is(keys.events) == where]
        for step in (_trim_bytes, _drop_texts):
            for partition in here:
                if excess <= 0:
                    return
                try:
                    gone, freed = await step(connection, partition, excess)
                except DatelineError as error:
                    failed.append(error)
                    continue
                excess -= freed
                entries, texts = (entries + gone, texts) if step is _trim_bytes else (entries, texts + gone)

    full = [(where, used - int(NEAR_FULL * limit), limit) for where, used, limit in await memory(connection) if limit]
    await asyncio.gather(*(free(where, over + int(_MARGIN * limit)) for where, over, limit in full if over > 0))
    if failed:
        raise failed[0]
    return entries, texts


async def _drop_texts(connection: Connection, partition: int, excess: int) -> tuple[int, int]:
    """Drop about ``excess`` bytes of the oldest dead letters' texts; gives how many went, and their bytes."""
    count, freed = await connection.script("drop_texts", [excess], partition)
    return int(count), int(freed)


async def _trim_bytes(connection: Connection, partition: int, excess: int) -> tuple[int, int]:
    """Trim about ``excess`` bytes of what every group has read; gives how many entries went, and their bytes."""
    keys = connection.keys[partition]
    length, size = await connection.pipeline([("XLEN", keys.events), ("MEMORY", "USAGE", keys.events, "SAMPLES", 50)])
    if excess <= 0 or not length or not size:
        return 0, 0
    each = max(1, int(size) // int(length))
    read = await read_by_all(connection, partition)
    newest = f"{read[0]}-{read[1]}" if read else "+"
    leave = max(0, int(length) - excess // each - 1)
    gone = int(await connection.script("relieve", [leave, newest], partition))
    return gone, gone * each


async def bound_kept(connection: Connection) -> int:
    """Keep dead letters, their texts, what stages dropped and the trail each within `redis.kept_mib`, the oldest going
    first; gives how many entries and texts went."""
    most = max(1, (connection.settings.kept_mib << 20) // len(connection.keys))

    async def bound_one(partition: int, keys: Keys) -> int:
        gone = 0
        names = (keys.dead, keys.dropped, keys.trail, keys.base + "dead:t")
        sizes = await connection.pipeline([("MEMORY", "USAGE", name, "SAMPLES", 50) for name in names], at=keys.events)
        for name, size in zip(names[:-1], sizes[:-1], strict=True):
            if size and int(size) > most:
                length = int(await connection.call("XLEN", name))
                gone += int(await connection.call("XTRIM", name, "MAXLEN", int(length * most / int(size) * 0.95)))
        return gone + int((await connection.script("drop_texts", [max(0, int(sizes[-1] or 0) - most)], partition))[0])

    return await sum_over(connection, bound_one)


class MemoryWatch:
    """Frees memory of servers that are nearly full, and says so while they are; one instance per process.

    ``fill`` is the fullest server's share of its `maxmemory` at the last look.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._looks = 0
        self.fill = 0.0
        self.is_near = False  #: until it has fallen well below `NEAR_FULL`

    @property
    def warning(self) -> str | None:
        """What to tell those who ask, None where there is memory enough."""
        if not self.is_near:
            return None
        return f"Redis uses {self.fill:.0%} of its maxmemory: what every group has read goes early; raise maxmemory"

    async def look(self) -> None:
        """Look once: every few seconds. Raises StoreUnavailable, after all that can be done is."""
        failed: list[DatelineError] = []
        if self._looks % 12 == 0:
            try:
                await bound_kept(self._connection)
            except DatelineError as error:
                failed.append(error)
        self._looks += 1
        self.fill = await memory_fill(self._connection)
        before, entries, texts = self.fill, 0, 0
        if self.fill > NEAR_FULL:
            try:
                entries, texts = await free_memory(self._connection)
            except DatelineError as error:
                failed.append(error)
            self.fill = await memory_fill(self._connection)
        await self._tell(before, entries, texts)
        if failed:
            raise failed[0]

    async def _tell(self, before: float, entries: int, texts: int) -> None:
        """Say that memory is short, or is no more, or that something went; ``before``: how full it was."""
        was_near, self.is_near = self.is_near, before > (NEAR_FULL - 3 * _MARGIN if self.is_near else NEAR_FULL)
        figures = {"fill": round(self.fill, 3), "entries_trimmed": entries, "texts_dropped": texts}
        if self.is_near and not was_near:
            log.error(
                "store.near_full", where=self._connection.where, remedy="raise maxmemory, see docs/deploy.md", **figures
            )
            with contextlib.suppress(StoreUnavailable):  # a server that is quite full takes no notice either
                await notify(self._connection, "store.near_full", self._connection.keys[0].events, figures)
        elif entries or texts:
            log.info("stream.trimmed_early", note="Redis is near its maxmemory", **figures)
        elif was_near and not self.is_near:
            log.warning("store.memory_freed", **figures)
