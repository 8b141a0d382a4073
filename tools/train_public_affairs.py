"""Train the weights that tell public affairs from other talk: ``lexicon/public_affairs.tsv``.

Positive sentences are our own: the example of each event frame and the stories of the bundled demo. Negative ones come from
pages of recipes, reviews, guides, sport and manuals, given as the output of ``dateline extract --batch``; of those only
word weights are kept. One page in three (by a hash of its id) is left out and measured.

    python tools/train_public_affairs.py --pages silent.jsonl [--out worker/read/lexicon/public_affairs.tsv]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from dateline.read import front_text
from dateline.read.document import Document
from dateline.read.entities.recognizer import find_names
from dateline.read.events.frames import load_lexicon
from dateline.read.events.public_affairs import features, score_features
from dateline.read.record import document_of
from dateline.read.syntax.sentences import split_sentences

HOME = Path(__file__).resolve().parent.parent
#: Stories of the demo that are of no public affairs.
PRIVATE = frozenset({"cup_final", "library_roof"})
STORIES = HOME / "worker/demo/stories"
SENTENCES_A_PAGE, LEAST_WORDS, LEAST_SEEN = 10, 5, 4
EPOCHS, RATE, DECAY = 14, 0.25, 2e-5
_MARKS = re.compile(r"[\[\]{}]")


def read(text: str) -> Document:
    """Split a text and find its names."""
    article = front_text(text, article_id="t", fetched=datetime(2026, 1, 1, tzinfo=UTC))
    return find_names(split_sentences(document_of(article)))


def sentences(text: str) -> Iterator[list[str]]:
    """The features of each sentence of a text that has enough words."""
    document = read(text)
    mentions = sorted(document.mentions, key=lambda m: (m.start, -m.end))
    for sentence in document.sentences:
        inside = [m for m in mentions if sentence.start <= m.start < sentence.end]
        found = list(features(document.text, inside, sentence.start, sentence.end))
        if len(found) >= LEAST_WORDS:
            yield found


def is_left_out(name: str) -> bool:
    """Whether a page is kept for the measurement, one in three."""
    return int(hashlib.sha256(f"w13{name}".encode()).hexdigest(), 16) % 3 == 0


def own_sentences() -> Iterator[list[str]]:
    """Our own positive sentences."""
    for frame in load_lexicon().frames:
        if frame.example:
            yield from sentences(_MARKS.sub("", frame.example))
    for path in sorted(STORIES.glob("*.toml")):
        story = tomllib.loads(path.read_text(encoding="utf-8"))
        if story.get("language", "en") == "en" and path.stem not in PRIVATE:
            yield from sentences(story["body"])


def train(rows: list[tuple[list[str], int]], seed: int = 13) -> dict[str, float]:
    """Logistic regression by stochastic descent; both classes weigh the same."""
    seen = Counter(word for found, _ in rows for word in set(found))
    known = {word for word, n in seen.items() if n >= LEAST_SEEN}
    weights: dict[str, float] = {"(bias)": 0.0}
    share = sum(label for _, label in rows) / len(rows)
    draw = random.Random(seed)
    for epoch in range(EPOCHS):
        draw.shuffle(rows)
        rate = RATE / (1 + epoch)
        for found, label in rows:
            z = score_features(found, weights)
            step = (
                rate
                * (label - 1 / (1 + math.exp(-max(-30.0, min(30.0, z)))))
                * (0.5 / share if label else 0.5 / (1 - share))
            )
            weights["(bias)"] += 0.2 * step
            scale = step / math.sqrt(len(found))
            for word in found:
                if word in known:
                    weights[word] = (weights.get(word, 0.0) + scale) * (1 - DECAY)
    return weights


def main() -> None:
    """Train, write the file and print how well the pages that were left out are told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HOME / "worker/read/lexicon/public_affairs.tsv")
    options = parser.parse_args()
    draw = random.Random(7)
    rows: list[tuple[list[str], int]] = [(found, 1) for found in own_sentences()]
    positives = len(rows)
    left_out: list[list[list[str]]] = []
    pages = 0
    for line in options.pages.open(encoding="utf-8"):
        row = json.loads(line)
        if not row.get("article"):
            continue
        found = list(sentences(row["article"]["text"][:12000]))
        if is_left_out(str(row["id"])):
            left_out.append(found)
            continue
        pages += 1
        rows += [(words, 0) for words in draw.sample(found, min(SENTENCES_A_PAGE, len(found)))]
    weights = {w: round(v, 2) for w, v in train(rows).items() if abs(v) >= 0.05}
    head = f"# By tools/train_public_affairs.py, of {positives} own sentences and {pages} pages: see docs/public_affairs.md."
    body = "\n".join(f"{word}\t{weight}" for word, weight in sorted(weights.items()))
    options.out.write_text(f"{head}\n{body}\n", encoding="utf-8")
    below = sum(score_features(s, weights) < 0 for page in left_out for s in page)
    means = [sum(score_features(s, weights) for s in page) / len(page) for page in left_out if page]
    print(f"{positives} positive sentences, {pages} pages, {len(weights)} weights")
    print(f"left out: {len(left_out)} pages, sentences below 0: {below / sum(map(len, left_out)):.3f}; "
          f"pages below 0: {sum(m < 0 for m in means) / len(means):.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
