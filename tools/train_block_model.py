"""Make worker/extract/block_model.json from pages with marked text. Needs lightgbm and numpy, which the worker does not.

    python tools/train_block_model.py PAGES.jsonl [--out worker/extract/block_model.json] [--folds 5]

PAGES.jsonl: one object per line: ``path`` (.html or .html.gz), ``url`` (or null), ``owner`` (pages of one owner stay in one
fold; the host of the URL by default), ``text`` (the article's paragraphs, a line each; subheadings included, captions and
headline not), and optionally ``summary`` (lines of the standfirst: they weigh little, since sources differ on them),
``with`` and ``without`` (snippets that must and must not be in the text, instead of ``text``), ``weight``.

With ``--folds`` it prints the out-of-fold precision and recall of characters first; then it trains on everything and writes
the model. Every page is seen twice: as it is, and (weighing little) as if trafilatura had found nothing, so that the model
can be asked again without trafilatura's reading (`dateline.extract.body`).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lightgbm
import numpy

from dateline.extract.blocks import CELL_MARK, walk
from dateline.extract.features import NAMES, About, Vector, candidates, read_marks, vectors
from dateline.extract.metadata.collect import read_metadata
from dateline.extract.metadata.head import read_head
from dateline.extract.metadata.json_ld import read_json_ld
from dateline.extract.text import plain, squash
from dateline.extract.trafilatura_reading import read_article
from dateline.extract.tree import parse_page

PARAMETERS = {
    "objective": "binary", "num_leaves": 12, "learning_rate": 0.05, "min_data_in_leaf": 50, "feature_fraction": 0.3,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5, "verbose": -1, "seed": 1,
}  # fmt: skip
ROUNDS = 140
UNREAD_WEIGHT = 0.05
STANDFIRST_WEIGHT = 0.1
THRESHOLD = 0.5
_REPEAT_CHARS = 60


class Page:
    """One page's candidate blocks as rows, with label, weight and length; ``rows[0]`` as read, ``rows[1]`` as unread."""

    def __init__(self, case: dict[str, Any]) -> None:
        raw = Path(case["path"]).read_bytes()
        html = gzip.decompress(raw) if case["path"].endswith(".gz") else raw
        page = parse_page(html)
        head, data, layout = read_head(page.root), read_json_ld(page.root, case.get("url")), walk(page.root)
        metadata = read_metadata(page.root, head, data, layout, url=case.get("url"), entry=None)
        body = plain((data.article or {}).get("articleBody"), limit=300_000)
        about = About.of(metadata.title, metadata.summary, body)
        marks = read_marks(layout.blocks, read_article(page.root, layout.chrome))
        self.owner = case.get("owner") or urlsplit(case.get("url") or case["path"]).hostname or case["path"]
        self.lengths = [len(b.text) for b in layout.blocks]
        self.labels = _labels(case, [b.text for b in layout.blocks])
        summary = {squash(line) for line in case.get("summary") or ()}
        self.standfirst = [squash(b.text) in summary for b in layout.blocks]
        self.weight = float(case.get("weight", 1.0))
        self.rows: list[list[tuple[int, Vector]]] = []
        for known in (marks, [False] * len(marks)):
            chosen = candidates(layout.blocks, known)
            self.rows.append(list(zip(chosen, vectors(layout, known, chosen, about), strict=True)))

    def samples(self) -> list[tuple[Vector, int, float]]:
        """Vector, label and weight of each block; a block weighs what it adds to or takes from its page's score."""
        out: list[tuple[Vector, int, float]] = []
        for rows, factor in zip(self.rows, (1.0, UNREAD_WEIGHT), strict=True):
            positive = 1 + sum(self.lengths[i] + 20 for i, _ in rows if self.labels[i] == 1)
            for i, vector in rows:
                label = self.labels[i]
                if label is not None:
                    share = min(1.0, (self.lengths[i] + 20) / positive) * 20
                    light = STANDFIRST_WEIGHT if self.standfirst[i] else 1.0
                    out.append((vector, label, factor * light * share * self.weight))
        return out


def _labels(case: dict[str, Any], texts: list[str]) -> list[int | None]:
    if case.get("text") is None:
        snippets, not_snippets = case.get("with", ()), case.get("without", ())
        return [
            1 if any(s in t for s in snippets) and len(t) < 4_000 else 0 if any(s in t for s in not_snippets) else None
            for t in texts
        ]
    lines = {squash(line) for line in case["text"].split("\n")}
    whole = squash(case["text"])
    grams = _grams(case["text"])
    labels: list[int | None] = []
    seen: set[str] = set()
    for printed in texts:
        text = printed.replace(CELL_MARK, " ")
        key = squash(text)
        own = _grams(text)
        if len(key) > _REPEAT_CHARS and key in seen:
            labels.append(0)
        elif key in lines:
            labels.append(1)
        elif len(text.split()) * 15 < len(key):
            labels.append(int(len(key) > 8 and key in whole))  # a script without spaces
        elif len(key) >= 25 and own:
            labels.append(int(sum((own & grams).values()) > 0.5 * sum(own.values())))
        else:
            labels.append(int(len(key) > 15 and key in whole))
        seen.add(key)
    return labels


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = text.split()
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def train(pages: list[Page]) -> Any:
    """A LightGBM booster on all samples of ``pages``."""
    samples = [s for page in pages for s in page.samples()]
    vectors_, labels, weights = (list(column) for column in zip(*samples, strict=True))
    data = lightgbm.Dataset(numpy.array(vectors_, dtype=float), numpy.array(labels), weight=numpy.array(weights))
    return lightgbm.train(PARAMETERS, data, num_boost_round=ROUNDS)


def as_data(booster: Any) -> dict[str, Any]:
    """The booster in the form that `dateline.extract.block_model` reads."""
    trees = []
    for tree in booster.dump_model()["tree_info"]:
        nodes: list[Any] = []
        leaves: list[float] = []
        _flatten(tree["tree_structure"], nodes, leaves)
        trees.append({"nodes": nodes, "leaves": leaves})
    return {"features": list(NAMES), "threshold": THRESHOLD, "trees": trees}


def _flatten(node: dict[str, Any], nodes: list[Any], leaves: list[float]) -> int:
    """Index of the node, or the complement of its leaf's."""
    if "leaf_value" in node:
        leaves.append(round(node["leaf_value"], 5))
        return ~(len(leaves) - 1)
    index = len(nodes)
    nodes.append(None)
    left, right = (_flatten(node[side], nodes, leaves) for side in ("left_child", "right_child"))
    nodes[index] = [node["split_feature"], float(f"{node['threshold']:.6g}"), left, right]
    return index


def cross_validate(pages: list[Page], folds: int) -> None:
    """Print precision and recall of characters on owners that the model did not see."""
    owners = sorted({p.owner for p in pages})
    random.Random(1).shuffle(owners)
    fold = {owner: i % folds for i, owner in enumerate(owners)}
    hit = chosen = wanted = 0
    for k in range(folds):
        booster = train([p for p in pages if fold[p.owner] != k])
        for page in (p for p in pages if fold[p.owner] == k and p.rows[0]):
            likely = booster.predict(numpy.array([v for _, v in page.rows[0]], dtype=float))
            for (i, _), probability in zip(page.rows[0], likely, strict=True):
                label = page.labels[i]
                if label is not None:
                    hit += page.lengths[i] * (probability > THRESHOLD and label)
                    chosen += page.lengths[i] * (probability > THRESHOLD)
                    wanted += page.lengths[i] * label
    print(f"out of fold, by characters: precision {hit / max(1, chosen):.4f}, recall {hit / max(1, wanted):.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--out", type=Path, default=Path("worker/extract/block_model.json"))
    parser.add_argument("--folds", type=int, default=0)
    arguments = parser.parse_args()
    with arguments.pages.open(encoding="utf-8") as lines:
        pages = [Page(json.loads(line)) for line in lines]
    if arguments.folds:
        cross_validate(pages, arguments.folds)
    arguments.out.write_text(json.dumps(as_data(train(pages)), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(pages)} pages -> {arguments.out}")


if __name__ == "__main__":
    main()
