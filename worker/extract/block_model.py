"""The learned choice: how likely each block is part of the article's text.

Boosted decision trees over `worker.extract.features`, made by tools/train_block_model.py from pages with hand-marked text and
kept as data (block_model.json; what it was made from and what it scored is in docs/extraction.md). Evaluated here in plain
Python, so that nothing but the standard library is needed to run it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from worker.extract.features import NAMES, Vector

#: After so many trees a sum this far from zero is not turned by the rest; most blocks are decided by then.
_CHECKS = {14: 1.5, 29: 1.9}


@dataclass(frozen=True, slots=True)
class BlockModel:
    """``trees``: per tree the nodes, each (feature, threshold, left, right); a negative child is leaf ``~child``."""

    trees: tuple[tuple[tuple[tuple[int, float, int, int], ...], tuple[float, ...]], ...]
    threshold: float

    def probability(self, vector: Vector) -> float:
        """How likely the block with this vector is part of the article, 0 to 1."""
        total = 0.0
        for count, (nodes, leaves) in enumerate(self.trees):
            at = 0
            while at >= 0:
                feature, threshold, left, right = nodes[at]
                at = left if vector[feature] <= threshold else right
            total += leaves[~at]
            if count in _CHECKS and abs(total) > _CHECKS[count]:
                break
        return 1.0 / (1.0 + math.exp(-total))


@cache
def load_model() -> BlockModel:
    """The model that ships with the package. Raises ValueError where its features are not the ones computed here."""
    raw = json.loads(files("worker.extract").joinpath("block_model.json").read_text("utf-8"))
    if tuple(raw["features"]) != NAMES:
        raise ValueError("block_model.json was made for other features; run tools/train_block_model.py")
    return BlockModel(
        trees=tuple((tuple(tuple(n) for n in t["nodes"]), tuple(t["leaves"])) for t in raw["trees"]),
        threshold=raw["threshold"],
    )
