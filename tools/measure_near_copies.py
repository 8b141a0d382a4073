"""Measures how many edited copies the ledger finds among many other articles, and how many others it joins.

    python tools/measure_near_copies.py TEXTS.jsonl [--others OTHERS.jsonl] [--background 100000] [--probes 300]

TEXTS.jsonl: one article a line, ``{"publisher": ..., "paragraphs": [...]}``. All are stored, and ``--probes`` of them are
edited as other papers do and looked for. The publishers are split into two halves by a hash of their name, and each half has
figures of its own: what is tuned is tuned on the first.

OTHERS.jsonl: further articles, stored as they are; ``"family"`` names those that are printings of one text, where joining is
right. The background: the texts with seven of ten words replaced by others of the same commonness, so that each is a story of
its own with the stock phrases of the trade, and closed by its paper's own last words, which all articles of that paper share.

Everything goes through the sketch, the ledger and its script on a Redis server of the tool's own, in a folder that is
removed afterwards. Before each edit the store is as it was before the first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dateline.dedup.fingerprint import Sketch, fingerprint, sketch, stored_sketch, words
from dateline.dedup.identity import article_id
from dateline.settings import RedisSettings
from dateline.store.checks import info_fields
from dateline.store.ledger import Ledger, Printed
from dateline.store.private.binary import find_redis_binary
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection

PAPERS = 400
CLOSING_WORDS = 30
KEPT_WORDS = 0.3
AT_ONCE = 100
Body = list[str]


@dataclass(frozen=True)
class Text:
    """An article to store: its words, and which texts it may be joined with."""

    name: str
    words: list[str]
    family: str
    half: int = 0

    @cached_property
    def marks(self) -> tuple[bytes, Sketch]:
        """Its fingerprint and sketch."""
        return fingerprint(self.words), sketch(self.words)


class Store:
    """The ledger of one server, and what was stored so far."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)
        self.family_of: dict[str, str] = {}
        self.texts = 0
        self.seconds = 0.0

    async def add(self, texts: Sequence[Text]) -> list[tuple[Text, Printed]]:
        """Store texts as a publication does; gives what the ledger found for each. They do not see the records of each
        other."""
        before = await self._seconds()
        found = await asyncio.gather(*map(self.ask, texts))
        self.seconds, self.texts = self.seconds + await self._seconds() - before, self.texts + len(texts)
        await asyncio.gather(*map(self._publish, texts, found))
        for text in texts:
            self.family_of[article_id(text.name)] = text.family
        return list(zip(texts, found, strict=True))

    async def ask(self, text: Text) -> Printed:
        """Ask for a text as a new article's."""
        return await self._ledger.printed(article_id(text.name), "paper.example", *text.marks)

    async def _publish(self, text: Text, printed: Printed) -> None:
        mark, found = text.marks
        record = ArticleRecord(revision=1, fingerprint=mark, family=printed.family, sketch=stored_sketch(found))
        article = article_id(text.name)
        await self._ledger.publish(article, "", record, [], expected_revision=0, recheck_seconds=None)

    def is_joined(self, text: Text, printed: Printed) -> bool:
        """Whether the text was put into the family of one that it has nothing to do with."""
        return bool(printed.near) and self.family_of.get(printed.near) != text.family

    async def _seconds(self) -> float:
        return float(info_fields(await self._connection.call("INFO", "cpu"))["used_cpu_user"])

    async def save(self) -> None:
        """Write the store to its file."""
        await self._connection.call("SAVE")

    async def restore(self) -> None:
        """Make the store what it was when it was saved."""
        await self._connection.call("DEBUG", "RELOAD", "NOSAVE")


@contextmanager
def serving() -> Iterator[str]:
    """A Redis server in a folder that is removed afterwards; gives its URL."""
    binary = find_redis_binary(None)
    with tempfile.TemporaryDirectory() as name:
        socket = Path(name) / "s"
        command = [binary.path, "--port", "0", "--unixsocket", str(socket), "--dir", name, "--save", ""]
        if binary.version >= (7, 0):
            command += ["--enable-debug-command", "yes"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                while not socket.exists() and process.poll() is None:
                    time.sleep(0.05)
                yield f"unix://{socket}"
            finally:
                process.terminate()


def edits(vocabulary: Sequence[str], draw: random.Random) -> dict[str, Callable[[Body], Body]]:
    """Return what other papers do to a text, by name; paragraphs in, paragraphs out."""

    def cut(share: float) -> Callable[[Body], Body]:
        def edit(body: Body) -> Body:
            all_words = " ".join(body).split()
            return [" ".join(all_words[: max(60, int(len(all_words) * share))])]

        return edit

    def add(share: float) -> Callable[[Body], Body]:
        def edit(body: Body) -> Body:
            count = int(len(" ".join(body).split()) * share)
            return [" ".join(draw.choice(vocabulary) for _ in range(count)), *body]

        return edit

    def reword(share: float) -> Callable[[Body], Body]:
        def edit(body: Body) -> Body:
            return [
                " ".join(draw.choice(vocabulary) if draw.random() < share else word for word in p.split()) for p in body
            ]

        return edit

    plain_marks = str.maketrans({"“": '"', "”": '"', "’": "'", "—": "-"})
    return {
        "typography": lambda body: [text.translate(plain_marks) for text in body],
        "dateline": lambda body: [f"PORT ANSELM (Wire) - {body[0]}", *body[1:]],
        "boilerplate": lambda body: [*body, "Sign up for our letter.", "All rights reserved. No reprint."],
        "reorder": lambda body: draw.sample(body, len(body)),
        "cut to 60 %": cut(0.6), "cut to 40 %": cut(0.4), "cut to 25 %": cut(0.25),
        "10 % added": add(0.1), "25 % added": add(0.25),
        "5 % replaced": reword(0.05), "10 % replaced": reword(0.1), "20 % replaced": reword(0.2),
    }  # fmt: skip


def read_texts(path: Path) -> list[tuple[Body, str, int]]:
    """Return each text of at least 80 words once, with its family ("" for none) and its publisher's half."""
    found, seen = [], set()
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        body = [text for text in row["paragraphs"] if text.strip()]
        key = tuple(words(body))
        if len(key) >= 80 and key not in seen:
            seen.add(key)
            found.append((body, row.get("family", ""), zlib.crc32(row["publisher"].encode()) % 2))
    return found


def altered(texts: Sequence[Body], count: int, draw: random.Random) -> Iterator[list[str]]:
    """Yield stories of their own as word lists, in the words and phrases of the trade."""
    cut = [words(body) for body in texts]
    counted = Counter(word for body in cut for word in body)
    ranked = [word for word, _ in counted.most_common()]
    rank = {word: at for at, word in enumerate(ranked)}
    lasts = [words(body[-1:])[:CLOSING_WORDS] for body in draw.sample(list(texts), min(PAPERS, len(texts)))]
    number, last, chance = len(ranked), len(ranked) - 1, draw.random
    for _ in range(count):
        made = []
        for word in draw.choice(cut):
            if chance() >= KEPT_WORDS:
                at = rank[word]
                low, high = at // 2, min(number, 2 * at + 2)
                word = ranked[min(last, low + int(chance() * (high - low)))]
            made.append(word)
        yield made + draw.choice(lasts)


async def measure(options: argparse.Namespace, url: str) -> None:
    """Store everything, then look for the edited texts; print both."""
    draw, out = random.Random(5), sys.stdout
    texts = read_texts(options.texts)
    bodies = [body for body, _, _ in texts]
    connection = Connection(RedisSettings(url=url, timeout_seconds=60))
    try:
        store = Store(connection)
        stored = [Text(f"text {n}", words(body), f"text {n}", half) for n, (body, _, half) in enumerate(texts)]
        twins = [pair for one in stored for pair in await store.add([one]) if store.is_joined(*pair)]
        for text, printed in twins:
            out.write(f"joined among the texts: {text.name}, {store.family_of[printed.near]}, {printed.shared}/16\n")
        await _store_others(store, options.others)
        joined, rows, started = 0, altered(bodies, options.background, draw), time.monotonic()
        for start in range(0, options.background, AT_ONCE):
            some = [
                Text(f"altered {n}", next(rows), f"altered {n}")
                for n in range(start, min(start + AT_ONCE, options.background))
            ]
            pairs = [pair for pair in await store.add(some) if store.is_joined(*pair)]
            joined += len(pairs)
            for text, printed in pairs:
                out.write(
                    f"joined: {text.name} ({len(text.words)} words), {store.family_of[printed.near]}, {printed.shared}/16\n"
                )
        out.write(f"background: {options.background} articles, joined with another: {joined}, ")
        out.write(
            f"{time.monotonic() - started:.0f} s, {1e6 * store.seconds / store.texts:.0f} us of Redis' CPU to ask\n"
        )
        twin_names = {name for text, printed in twins for name in (text.name, store.family_of[printed.near])}
        probes = [number for number, one in enumerate(stored) if one.name not in twin_names]
        await _look(store, stored, bodies, draw.sample(probes, min(options.probes, len(probes))))
    finally:
        await connection.close()


async def _store_others(store: Store, path: Path | None) -> None:
    if path is None:
        return
    others = [
        Text(f"other {n}", words(body), family or f"other {n}") for n, (body, family, _) in enumerate(read_texts(path))
    ]
    seen: set[str] = set()
    again = found = wrong = 0
    for one in others:
        ((text, printed),) = await store.add([one])
        again += text.family in seen
        wrong += store.is_joined(text, printed)
        found += text.family in seen and printed.family != article_id(text.name) and not store.is_joined(text, printed)
        seen.add(text.family)
    sys.stdout.write(
        f"others: {len(others)}, of which {again} print a text again: {found} found; joined wrongly: {wrong}\n"
    )


async def _look(store: Store, stored: Sequence[Text], bodies: Sequence[Body], probes: Sequence[int]) -> None:
    """Edit and ask; recall by edit, for both halves."""
    out = sys.stdout
    vocabulary = [word for body in bodies[:100] for word in words(body)]
    counts = Counter(stored[number].half for number in probes)
    out.write(f"{'':16}" + "".join(f"  half {half} ({counts[half]})" for half in (0, 1)) + "\n")
    await store.save()
    means: dict[int, list[float]] = defaultdict(list)
    wrong = 0
    for name, edit in edits(vocabulary, random.Random(6)).items():
        hits: Counter[int] = Counter()
        for number in probes:
            text = stored[number]
            asked = Text(f"{name} {number}", words(edit(bodies[number])), text.family)
            printed = await store.ask(asked)
            wrong += store.is_joined(asked, printed)
            hits[text.half] += printed.family == article_id(text.name)
        for half in (0, 1):
            means[half].append(hits[half] / max(1, counts[half]))
        out.write(f"{name:16}" + "".join(f"{means[half][-1]:14.3f}" for half in (0, 1)) + "\n")
        await store.restore()
    out.write(f"{'mean':16}" + "".join(f"{sum(means[half]) / len(means[half]):14.3f}" for half in (0, 1)) + "\n")
    out.write(f"edited copies put into the family of another text: {wrong} of {len(probes) * 12}\n")


def main() -> int:
    """Print what was joined, and recall by edit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--others", type=Path)
    parser.add_argument("--background", type=int, default=100_000)
    parser.add_argument("--probes", type=int, default=300)
    options = parser.parse_args()
    with serving() as url:
        asyncio.run(measure(options, url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
