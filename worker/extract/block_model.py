"""The learned choice: how likely each block is part of the article's text.

Boosted decision trees over `dateline.extract.features`, made by tools/train_block_model.py from pages with hand-marked text and
kept as data (block_model.json; what it was made from and what it scored is in docs/extraction.md). Evaluated here in plain
Python, so that nothing but the standard library is needed to run it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .features import NAMES, Vector

#: After so many trees a sum this far from zero is not turned by the rest; most blocks are decided by then.
_CHECKS = {28: 1.5, 58: 1.9}


@dataclass(frozen=True, slots=True)
class BlockModel:
    """``score`` gives the log-odds of a vector, ``threshold`` the probability from which a block is taken. ``score`` stops at a
    tree after which few blocks change sides; ``trees`` give the exact value."""

    score: Callable[[Vector], float]
    threshold: float
    trees: list[dict[str, Any]]

    def probability(self, vector: Vector) -> float:
        """How likely the block with this vector is part of the article, 0 to 1."""
        return 1.0 / (1.0 + math.exp(-self.score(vector)))

    def exact_probability(self, vector: Vector) -> float:
        """The same from all trees: ten times as slow, for the few blocks where more than the threshold matters."""
        return 1.0 / (1.0 + math.exp(-sum(_leaf(tree, vector) for tree in self.trees)))


def _leaf(tree: dict[str, Any], vector: Vector) -> float:
    at = 0 if tree["nodes"] else ~0
    while at >= 0:
        feature, threshold, left, right = tree["nodes"][at]
        at = left if vector[feature] <= threshold else right
    return float(tree["leaves"][~at])


def as_model(raw: dict[str, Any]) -> BlockModel:
    """The model in a parsed block_model.json. Raises ValueError where its features are not the ones computed here."""
    if tuple(raw["features"]) != NAMES:
        raise ValueError("block_model.json was made for other features; run tools/train_block_model.py")
    return BlockModel(score=_compiled(raw["trees"]), threshold=float(raw["threshold"]), trees=raw["trees"])


def _compiled(trees: list[dict[str, Any]]) -> Callable[[Vector], float]:
    """The trees as one function of nested conditions over local variables, all of them floats: eight times as fast as a loop
    over nodes, of which a page needs twenty thousand. Only numbers of the file get into its source."""
    lines = ["def score(v):", f"    {', '.join(f'v{i}' for i in range(len(NAMES)))} = map(float, v)", "    total = 0.0"]
    for count, tree in enumerate(trees):
        lines.append(f"    total += {_expression(tree['nodes'], tree['leaves'], 0 if tree['nodes'] else ~0)}")
        if count in _CHECKS:
            lines.append(f"    if not -{_CHECKS[count]!r} <= total <= {_CHECKS[count]!r}: return total")
    lines.append("    return total")
    names: dict[str, Any] = {}
    exec(compile("\n".join(lines), "block_model.json", "exec"), {"__builtins__": {"map": map, "float": float}}, names)
    score: Callable[[Vector], float] = names["score"]
    return score


def _expression(nodes: list[list[Any]], leaves: list[Any], at: int) -> str:
    """The subtree at a node, each (feature, threshold, left, right); a negative child is leaf ``~child``."""
    if at < 0:
        return repr(float(leaves[~at]))
    feature, threshold, left, right = nodes[at]
    sides = (_expression(nodes, leaves, int(left)), _expression(nodes, leaves, int(right)))
    return f"({sides[0]} if v{int(feature)} <= {float(threshold)!r} else {sides[1]})"


@cache
def load_model() -> BlockModel:
    """The model that ships with the package."""
    return as_model(json.loads(files(__package__).joinpath("block_model.json").read_text("utf-8")))
