"""Measures how many near copies the sketches find among many other articles, and how many strangers they join.

    python tools/measure_near_copies.py TEXTS.jsonl [--background 100000] [--probes 300]

TEXTS.jsonl: one article a line, ``{"publisher": ..., "paragraphs": [...]}``. Half of the publishers (by a hash of the name)
give the texts that are edited and looked for; all texts give the background: with seven of ten words replaced by others of the
same commonness, so that each is a story of its own with the stock phrases of the trade, and closed by its paper's own last
words, which all articles of that paper share. The decision is that of ``store/scripts/prints.lua``, played here in memory.
Needs no Redis; some minutes for 100,000.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from dateline.dedup.fingerprint import SKETCH_SIZE, sketch, words

SHARES = (0.30, 0.35, 0.40, 0.45)  #: of the smaller text; the third is the one that ships
LEAST, STOCK, LEAST_BOTH = 3, 8, 3
PAPERS = 400
CLOSING_WORDS = 30
KEPT_WORDS = 0.3
Body = list[str]


class Memory:
    """The sketches of all articles so far, as `prints.lua` keeps them, for one least share."""

    def __init__(self, share: float) -> None:
        self.share = share
        self._families: dict[bytes, list[int]] = defaultdict(list)
        self._stored: dict[int, tuple[bytes, ...]] = {}
        self._root: dict[int, int] = {}

    def near(self, query: Sequence[bytes]) -> int | None:
        """Return the root of the family that a text with this sketch joins, None for none."""
        count: Counter[int] = Counter()
        stock = set()
        for element in query:
            found = self._families.get(element, ())
            if len(found) >= STOCK:
                stock.add(element)
            else:
                count.update(found)
        best, shared = None, 0
        for other, n in count.items():
            if n >= LEAST and n > shared and self._is_near(self._stored[other], query, stock):
                best, shared = other, n
        return None if best is None else self._root[best]

    def add(self, article: int, found: Sequence[bytes]) -> int | None:
        """Remember a text; gives the root of the family that it joined, None where it stands alone."""
        joined = self.near(found)
        root = article if joined is None else joined
        self._stored[article], self._root[article] = tuple(found[:SKETCH_SIZE]), root
        for element in found[:SKETCH_SIZE]:
            families = self._families[element]
            if root not in families and len(families) < STOCK:
                families.append(root)
        return joined

    def recall(self, probes: Sequence[Sequence[bytes]]) -> float:
        """Return the share of the edited texts, in the order of the first articles, that join their original's family."""
        return sum(self.near(probe) == self._root[at] for at, probe in enumerate(probes)) / len(probes)

    def _is_near(self, stored: Sequence[bytes], query: Sequence[bytes], stock: set[bytes]) -> bool:
        limit = stored[-1]
        if len(query) >= 64:
            limit = min(limit, query[-1])
        theirs = {element for element in stored if element <= limit and element not in stock}
        ours = [element for element in query if element <= limit and element not in stock]
        both = sum(element in theirs for element in ours)
        return both >= LEAST_BOTH and both >= self.share * min(len(ours), len(theirs))


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


def read_texts(path: Path) -> tuple[list[Body], list[Body]]:
    """Return the texts to edit and all others, each once, of at least 80 words."""
    probes: list[Body] = []
    others: list[Body] = []
    seen = set()
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        body = [text for text in row["paragraphs"] if text.strip()]
        key = tuple(words(body))
        if len(key) >= 80 and key not in seen:
            seen.add(key)
            (probes if zlib.crc32(row["publisher"].encode()) % 2 else others).append(body)
    return probes, others


def altered(texts: Sequence[Body], count: int, draw: random.Random) -> list[list[str]]:
    """Return stories of their own as word lists, in the words and phrases of the trade."""
    counted: Counter[str] = Counter()
    for body in texts:
        counted.update(words(body))
    ranked = [word for word, _ in counted.most_common()]
    rank = {word: at for at, word in enumerate(ranked)}
    lasts = [words(body[-1:])[:CLOSING_WORDS] for body in draw.sample(list(texts), min(PAPERS, len(texts)))]
    cut = [words(body) for body in texts]
    found = []
    for _ in range(count):
        made = []
        for word in draw.choice(cut):
            if draw.random() >= KEPT_WORDS:
                at = rank[word]
                word = ranked[draw.randrange(at // 2, min(len(ranked), 2 * at + 2))]
            made.append(word)
        found.append(made + draw.choice(lasts))
    return found


def main() -> int:
    """Print recall by edit and joined strangers for each share."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--background", type=int, default=100_000)
    parser.add_argument("--probes", type=int, default=300)
    options = parser.parse_args()
    draw = random.Random(5)
    wanted, others = read_texts(options.texts)
    wanted = draw.sample(wanted, min(options.probes, len(wanted)))
    sys.stderr.write(f"{len(wanted)} texts to find, {len(others)} others\n")
    memories = [Memory(share) for share in SHARES]
    pairs: Counter[float] = Counter()
    twins: Counter[float] = Counter()
    for article, body in enumerate(wanted):
        for memory in memories:
            twins[memory.share] += memory.add(article, sketch(words(body))) is not None
    for start in range(0, options.background, 2000):
        for number, body_words in enumerate(
            altered([*wanted, *others], min(2000, options.background - start), draw), start
        ):
            if found := sketch(body_words):
                for memory in memories:
                    pairs[memory.share] += memory.add(len(wanted) + number, found) is not None
    vocabulary = [word for body in others[:100] for word in words(body)]
    made = edits(vocabulary, random.Random(6))
    rows = {name: [sketch(words(edit(body))) for body in wanted] for name, edit in made.items()}
    sys.stdout.write("share of the smaller text  " + "".join(f"{share:8.2f}" for share in SHARES) + "\n")
    means = [0.0] * len(SHARES)
    for name, probes in rows.items():
        recalls = [memory.recall(probes) for memory in memories]
        means = [mean + recall / len(rows) for mean, recall in zip(means, recalls, strict=True)]
        sys.stdout.write(f"{name:27}" + "".join(f"{recall:8.3f}" for recall in recalls) + "\n")
    sys.stdout.write(f"{'mean':27}" + "".join(f"{mean:8.3f}" for mean in means) + "\n")
    sys.stdout.write(f"{'strangers joined':27}" + "".join(f"{pairs[share]:8}" for share in SHARES) + "\n")
    sys.stdout.write(f"{'twins among the texts':27}" + "".join(f"{twins[share]:8}" for share in SHARES) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
