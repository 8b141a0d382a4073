"""The desk's index with 100,000 events: bytes an event, time to the first page of searches and overviews, memory."""

from __future__ import annotations

import hashlib
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from dateline.contract.article import Article, Family
from dateline.contract.envelope import article_envelope, event_envelope, fields
from dateline.contract.event import QUADS, Cameo, Event, Evidence, Location, Party, Plover, Span
from dateline.index import article, cards, overview
from dateline.index.database import Database, index_bytes, open_database, scalar
from dateline.index.filters import Filters, parse_filters
from dateline.index.write import StreamEntry, write_batch

EVENTS = 100_000
_EVENTS_EACH = 4  #: of one article, as in docs/events.md's measurements
_WORDS = (Path(__file__).parent / "story.txt").read_text().split()
_COUNTRIES = (
    "UKR",
    "RUS",
    "USA",
    "CHN",
    "SDN",
    "TCD",
    "FRA",
    "KEN",
    "COL",
    "PER",
    "BOL",
    "EST",
    "VNM",
    "LAO",
    "POL",
    "BLR",
)
_NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
_ROUNDS = 40


async def run() -> None:
    """Fill an index and print the figures."""
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        database = await open_database(Path(folder) / "desk.sqlite")
        before, began = _memory_mib(), time.perf_counter()
        stream = await fill(database)
        took = time.perf_counter() - began
        count, size = await database.read(lambda c: (scalar(c, "SELECT count(*) FROM event"), index_bytes(c)))
        print(f"{count:,} events indexed in {took:.0f} s, {size / 1e6:.0f} MB, {size / count:.0f} bytes an event")
        for name, ask in _questions(stream).items():
            print(f"{name:<34} {await _times(database, ask)}")
        print(f"resident memory: {before:.0f} MiB with the index empty, {_memory_mib():.0f} MiB after")
        await database.close()


async def fill(database: Database, now: datetime | None = None) -> InventedStream:
    """Index the stream's 99,840 events; as if they had come over the month before ``now``, where it is given."""
    articles = EVENTS // _EVENTS_EACH // 60 * 60
    stream = InventedStream(random.Random(7), now or _NOW, articles if now else None)
    while stream.count < articles:
        entries = stream.entries(60)
        await database.write(lambda connection, entries=entries: write_batch(connection, entries))  # type: ignore[misc]
    return stream


def _questions(stream: InventedStream) -> dict[str, Callable[[random.Random], Callable[[Any], Any]]]:
    """Return what is measured: each gives the work for one request, with words and countries drawn anew."""
    until = int(_NOW.timestamp() * 1000) + 1

    def search(**query: str) -> Callable[[random.Random], Callable[[Any], Any]]:
        return lambda pick: lambda c: cards.search(c, _filters(pick, query), limit=30)

    def wire(**query: str) -> Callable[[random.Random], Callable[[Any], Any]]:
        return lambda pick: lambda c: cards.wire(c, _filters(pick, query), limit=30)

    def over(days: int, **query: str) -> Callable[[random.Random], Callable[[Any], Any]]:
        since = until - days * 86_400_000
        return lambda pick: lambda c: overview.overview(c, _filters(pick, query), since=since, until=until)

    return {
        "search, a rare word": search(q="RARE"),
        "search, a frequent word": search(q="WORD"),
        "search, two words and a country": search(q="WORD WORD", country="COUNTRY"),
        "search, country, kind, confidence": search(country="COUNTRY", type="ASSAULT", confidence="0.7"),
        "search, an actor's name": search(actor="minister 7"),
        "wire, everything": wire(),
        "wire, country of the last week": wire(country="COUNTRY", since="7d"),
        "overview of 24 hours": over(1),
        "overview of 7 days": over(7),
        "overview of 30 days (all)": over(30),
        "the same, of a country": over(30, country="COUNTRY"),
        "the same, with a rare word": over(30, q="RARE"),
        "the same, with a frequent word": over(30, q="WORD"),
        "the same, of an actor": over(30, actor="minister 7"),
        "the same, of a kind": over(30, type="ASSAULT"),
        "the same, confidence 0.5 or more": over(30, confidence="0.5"),
        "one article": lambda pick: lambda c: article.read(c, f"a{pick.randrange(stream.count)}"),
    }


def _filters(pick: random.Random, query: dict[str, str]) -> Filters:
    drawn = {name: value.replace("COUNTRY", pick.choice(_COUNTRIES)) for name, value in query.items()}
    if "q" in drawn:
        words = [
            pick.choice(_WORDS) if word == "WORD" else f"rare{pick.randrange(5000)}" for word in drawn["q"].split()
        ]
        drawn["q"] = " ".join(words)
    return parse_filters(drawn, _NOW)


async def _times(database: Database, ask: Callable[[random.Random], Callable[[Any], Any]]) -> str:
    pick, took, cpu = random.Random(3), [], []

    def measured(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run_it(connection: Any) -> Any:
            began = time.thread_time()
            found = work(connection)
            cpu.append((time.thread_time() - began) * 1000)
            return found

        return run_it

    for _ in range(_ROUNDS):
        work = measured(ask(pick))
        began = time.perf_counter()
        msgspec.json.encode(await database.read(work))
        took.append((time.perf_counter() - began) * 1000)
    took_text = f"first {took[0]:6.1f} ms   p50 {statistics.median(took):6.1f} ms   p99 {sorted(took)[-1]:6.1f} ms"
    return f"{took_text}   CPU p50 {statistics.median(cpu):6.1f} ms   p99 {sorted(cpu)[-1]:6.1f} ms"


class InventedStream:
    """Articles of a month with four events each, a fifth of them copies or second reports of the one before.

    Args:
        total: They come in the order of time, this many in the month before ``now``; None: all at ``now``, of any time.
    """

    def __init__(self, pick: random.Random, now: datetime, total: int | None) -> None:
        self._pick = pick
        self._now = now
        self._total = total
        self.count = 0
        self._seq = 0
        self._last: list[Event] = []

    def entries(self, articles: int) -> list[StreamEntry]:
        """Return the stream entries of some more articles."""
        return [entry for _ in range(articles) for entry in self._article()]

    def _article(self) -> list[StreamEntry]:
        pick, name = self._pick, f"a{self.count}"
        share = pick.random() if self._total is None else 1 - (self.count + 1) / self._total
        at = self._now - timedelta(minutes=share * 30 * 1440)
        self.count += 1
        words = pick.choices(_WORDS, k=380)
        text = f"{' '.join(words)} rare{pick.randrange(5000)}."
        record = Article(
            id=name, title=" ".join(words[:9]), text=text, text_sha256=hashlib.sha256(text.encode()).hexdigest(),
            publisher=f"Paper {self.count % 300}", url=f"https://paper{self.count % 300}.example/{name}", language="en",
            published=at.isoformat(), family=Family(id=name, role="original", size=1, owners=["paper.example"]),
        )  # fmt: skip
        same = self._last[0].cluster_id if self._last and pick.random() < 0.2 else None
        self._last = [self._event(record, number, same if number == 0 else None) for number in range(_EVENTS_EACH)]
        envelopes = [
            article_envelope(record, "published", at),
            *(event_envelope(one, record, at) for one in self._last),
        ]
        return [self._entry(fields(envelope), self._now if self._total is None else at) for envelope in envelopes]

    def _event(self, record: Article, number: int, cluster: str | None) -> Event:
        pick = self._pick
        kind = pick.choice(list(QUADS))
        start = number * 200
        evidence = record.text[start : start + 150]
        one, two = pick.sample(_COUNTRIES, 2)
        name = hashlib.sha256(f"{record.id}/{number}".encode()).hexdigest()[:20]
        party = Party(text=f"minister {pick.randrange(9000)}", country=one, sector="GOV", start=start, end=start + 8)
        town = int(3000 * pick.random() ** 3)  # a few places have most of the news
        place = Location(
            name=f"Town {town}", country=one, lat=round(-50 + town * 0.0367, 2), lon=round(-120 + town * 7.3 % 270, 2)
        )
        return Event(
            id=name, cluster_id=cluster or name, article=record.id, main=number == 0,
            plover=Plover(type=kind, quad=QUADS[kind], intensity=1.0),  # type: ignore[arg-type]
            cameo=Cameo(root="04", code="040", quad_class=1), actors=[party],
            recipients=[msgspec.structs.replace(party, country=two)], location=place,
            evidence=Evidence(text=evidence, start=start, end=start + 150, block=0, sentence=number,
                              trigger=Span(text=evidence[:6], start=start, end=start + 6)),
            confidence=round(pick.uniform(0.4, 0.95), 2), reasons=["frame x", "main clause +0.35", "public actor +0.35"],
        )  # fmt: skip

    def _entry(self, flat: dict[str, str], at: datetime) -> StreamEntry:
        self._seq += 1
        given = {name.encode(): value.encode() for name, value in flat.items()} | {b"seq": str(self._seq).encode()}
        return StreamEntry("dateline:events", f"{int(at.timestamp() * 1000)}-{self._seq}", given)


def _memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
