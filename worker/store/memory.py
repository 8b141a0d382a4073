"""How much of Redis' memory each kind of key takes, by sampling, and how much an installation will need: what ``dateline
doctor`` shows."""

from __future__ import annotations

from .redis import Connection

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
