"""Measures how many edited copies the ledger finds among many other articles, and how many others it joins.

    python tools/measure_near_copies.py TEXTS.jsonl [--fresh FRESH.jsonl] [--others OTHERS.jsonl] [--background 100000]
        [--probes 300] [--partitions 1] [--show JOINED.jsonl]

TEXTS.jsonl: one article a line, ``{"publisher": ..., "paragraphs": [...]}``. All are stored, and ``--probes`` of them are
edited as other papers do and looked for. The publishers are split into two halves by a hash of their name, and each half has
figures of its own: what is tuned is tuned on the first.

FRESH.jsonl: texts like these, which gave no words to the background; copies of them are looked for as well and have a column
of their own. Put there what took no part in choosing a rule.

OTHERS.jsonl: further articles, stored as they are; ``"family"`` names those that are printings of one text, where joining is
right. The background: the texts with seven of ten words replaced by others of the same commonness, so that each is a story of
its own with the stock phrases of the trade, and closed by its paper's own last words, which all articles of that paper share.

Everything goes through the sketch, the ledger and its scripts on a Redis server of the tool's own, in a folder that is
removed afterwards. Before each edit the store is as it was before the first. ``--show`` keeps the texts of each pair that was
joined, to read whether they are one story. Sketches are computed in child processes; how far it is stands on standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
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
FRESH = 2  #: the half of a text that gave no words to the background
Body = list[str]


@dataclass(frozen=True)
class Text:
    """An article to store: its words (one space between two), its marks, and which texts it may be joined with."""

    name: str
    body: str
    family: str
    marks: tuple[bytes, Sketch]
    half: int = 0

    @property
    def words(self) -> list[str]:
        """The words of its body."""
        return self.body.split()


def make_text(name: str, body: list[str], family: str, half: int = 0) -> Text:
    """Return a text with its marks."""
    return Text(name, " ".join(body), family, (fingerprint(body), sketch(body)), half)


class Store:
    """The ledger of one server, and what was stored so far."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)
        self.family_of: dict[str, str] = {}
        self._words: dict[str, bytes] = {}
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
            self._words[article_id(text.name)] = zlib.compress(text.body.encode(), 1)
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

    def words_of(self, article: str) -> list[str]:
        """Return the words of a stored text."""
        return zlib.decompress(self._words[article]).decode().split()

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


class Alterer:
    """Makes stories of their own in the words and phrases of the trade; the same number gives the same story."""

    def __init__(self, texts: Sequence[Body]) -> None:
        draw = random.Random(5)
        self._cut = [words(body) for body in texts]
        self._ranked = [word for word, _ in Counter(word for body in self._cut for word in body).most_common()]
        self._rank = {word: at for at, word in enumerate(self._ranked)}
        self._lasts = [words(body[-1:])[:CLOSING_WORDS] for body in draw.sample(list(texts), min(PAPERS, len(texts)))]

    def make(self, number: int) -> Text:
        """Return one of the stories."""
        draw, ranked, made = random.Random(f"altered {number}"), self._ranked, list[str]()
        last, chance = len(ranked) - 1, draw.random
        for word in draw.choice(self._cut):
            if chance() >= KEPT_WORDS:
                at = self._rank[word]
                low, high = at // 2, min(len(ranked), 2 * at + 2)
                word = ranked[min(last, low + int(chance() * (high - low)))]
            made.append(word)
        return make_text(f"altered {number}", made + draw.choice(self._lasts), f"altered {number}")


def _make_some(numbers: range) -> list[Text]:
    assert _alterer is not None
    return [_alterer.make(number) for number in numbers]


_alterer: Alterer | None = None  #: of a child process, which is forked from the parent


async def measure(options: argparse.Namespace, url: str, background: Iterator[list[Text]]) -> None:
    """Store everything, then look for the edited texts; print both."""
    texts = read_texts(options.texts)
    if options.fresh:
        texts += [(body, family, FRESH) for body, family, _ in read_texts(options.fresh)]
    connection = Connection(RedisSettings(url=url, timeout_seconds=60, partitions=options.partitions))
    try:
        store = Store(connection)
        stored = [make_text(f"text {n}", words(body), f"text {n}", half) for n, (body, _, half) in enumerate(texts)]
        shown = Shown(options.show)
        twins = [pair for one in stored for pair in await store.add([one]) if store.is_joined(*pair)]
        for text, printed in twins:
            shown.add("among the texts", store, text, printed)
        await _store_others(store, options.others, shown)
        await _store_background(store, options.background, background, shown)
        twin_names = {name for text, printed in twins for name in (text.name, store.family_of[printed.near])}
        probes = [number for number, one in enumerate(stored) if one.name not in twin_names]
        bodies, draw = [body for body, _, _ in texts], random.Random(5)
        await _look(store, stored, bodies, draw.sample(probes, min(options.probes, len(probes))))
    finally:
        await connection.close()


class Shown:
    """Prints the pairs that were joined, and keeps their texts in a file where there is one."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("w", encoding="utf-8") if path else None

    def add(self, where: str, store: Store, text: Text, printed: Printed) -> None:
        """Show one pair."""
        other = store.words_of(printed.near)
        sys.stdout.write(
            f"joined {where}: {text.name} ({len(text.words)} words), {store.family_of[printed.near]} ({len(other)} words), "
            f"{printed.shared}/16\n"
        )
        sys.stdout.flush()
        if self._file:
            row = {"where": where, "text": text.name, "with": store.family_of[printed.near], "shared": printed.shared}
            self._file.write(json.dumps(row | {"words": text.body, "other": " ".join(other)}) + "\n")
            self._file.flush()


async def _store_background(store: Store, most: int, background: Iterator[list[Text]], shown: Shown) -> None:
    done, joined, started = 0, 0, time.monotonic()
    before, seconds = store.texts, store.seconds
    for some in background:
        for text, printed in await store.add(some):
            if store.is_joined(text, printed):
                joined += 1
                shown.add("in the background", store, text, printed)
        done += len(some)
        if done % 2000 == 0:
            sys.stderr.write(f"{done} of {most}: {joined} joined, {time.monotonic() - started:.0f} s\n")
    if done:
        each = 1e6 * (store.seconds - seconds) / (store.texts - before)
        took = f"{time.monotonic() - started:.0f} s, {each:.0f} us of Redis' CPU to ask"
        sys.stdout.write(f"background: {done} articles, joined with another: {joined}, {took}\n")


async def _store_others(store: Store, path: Path | None, shown: Shown) -> None:
    if path is None:
        return
    others = [
        make_text(f"other {n}", words(body), family or f"other {n}")
        for n, (body, family, _) in enumerate(read_texts(path))
    ]
    seen: set[str] = set()
    again = found = wrong = 0
    for one in others:
        ((text, printed),) = await store.add([one])
        again += text.family in seen
        if store.is_joined(text, printed):
            wrong += 1
            shown.add("among the others", store, text, printed)
        found += text.family in seen and printed.family != article_id(text.name) and not store.is_joined(text, printed)
        seen.add(text.family)
    sys.stdout.write(
        f"others: {len(others)}, of which {again} print a text again: {found} found; joined wrongly: {wrong}\n"
    )


async def _look(store: Store, stored: Sequence[Text], bodies: Sequence[Body], probes: Sequence[int]) -> None:
    """Edit and ask; recall by edit, for both halves and for what was fresh."""
    out = sys.stdout
    vocabulary = [word for body in bodies[:100] for word in words(body)]
    counts = Counter(stored[number].half for number in probes)
    halves = sorted(counts)
    names = {FRESH: "fresh"}
    out.write(f"{'':16}" + "".join(f"{f'{names.get(half, half)} ({counts[half]})':>14}" for half in halves) + "\n")
    await store.save()
    means: dict[int, list[float]] = defaultdict(list)
    wrong = 0
    for name, edit in edits(vocabulary, random.Random(6)).items():
        hits: Counter[int] = Counter()
        asked = [make_text(f"{name} {n}", words(edit(bodies[n])), stored[n].family) for n in probes]
        for text, number in zip(asked, probes, strict=True):
            printed = await store.ask(text)
            wrong += store.is_joined(text, printed)
            hits[stored[number].half] += printed.family == article_id(stored[number].name)
        for half in halves:
            means[half].append(hits[half] / max(1, counts[half]))
        out.write(f"{name:16}" + "".join(f"{means[half][-1]:14.3f}" for half in halves) + "\n")
        out.flush()
        await store.restore()
    out.write(f"{'mean':16}" + "".join(f"{sum(means[half]) / len(means[half]):14.3f}" for half in halves) + "\n")
    out.write(f"edited copies put into the family of another text: {wrong} of {len(probes) * 12}\n")


def main() -> int:
    """Print what was joined, and recall by edit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--fresh", type=Path)
    parser.add_argument("--others", type=Path)
    parser.add_argument("--show", type=Path)
    parser.add_argument("--partitions", type=int, default=1)
    parser.add_argument("--background", type=int, default=100_000)
    parser.add_argument("--probes", type=int, default=300)
    options = parser.parse_args()
    global _alterer
    _alterer = Alterer([body for body, _, _ in read_texts(options.texts)])
    chunks = [range(start, min(start + AT_ONCE, options.background)) for start in range(0, options.background, AT_ONCE)]
    with multiprocessing.get_context("fork").Pool(1) as children, serving() as url:
        asyncio.run(measure(options, url, children.imap(_make_some, chunks)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
