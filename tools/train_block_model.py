"""Make worker/extract/block_model.json from pages with gold text.

    pip install -e '.[train]'
    python tools/train_block_model.py ../shared/gold/extraction [--out worker/extract/block_model.json]

The folder holds gold.jsonl, one page a line: ``set``, ``id``, ``url`` (or null), ``file`` (.html.gz beside it) and ``gold``:
``text``, or ``paragraphs`` (one in ``[...]`` is optional), or ``with`` and ``without`` (snippets that must and must not be in
the text); ``summary`` where the set has one. All its pages are used, so what the model scores on them says nothing:
tools/measure_extraction.py measures out of fold.

Every page is seen twice: as it is, and (weighing little) as if trafilatura had found nothing, as happens.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import lightgbm
import numpy
from block_labels import Gold, align

from dateline.errors import DatelineError
from dateline.extract.blocks import CELL_MARK, walk
from dateline.extract.consent import with_dialogs
from dateline.extract.features import NAMES, About, candidates, read_marks, vectors
from dateline.extract.metadata.collect import read_metadata
from dateline.extract.metadata.head import read_head
from dateline.extract.metadata.json_ld import read_json_ld
from dateline.extract.text import plain, squash
from dateline.extract.trafilatura_reading import read_article
from dateline.extract.tree import parse_page
from dateline.extract.wrappers import free_wrapped_text
from dateline.urls import owner

PARAMETERS = {
    "objective": "binary", "num_leaves": 24, "learning_rate": 0.1, "min_data_in_leaf": 50, "feature_fraction": 0.3,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5, "verbose": -1, "deterministic": True,
    "force_row_wise": True, "num_threads": 1,
}  # fmt: skip
ROUNDS = 100
#: The model is the mean of one booster a seed: out of fold its loss is lower (.267) than that of one of twice as many trees at
#: half the rate (.271 to .276 by seed), which also differs by .002 of a set's F1 from seed to seed.
SEEDS = (1, 2)
THRESHOLD = 0.45
UNREAD_WEIGHT = 0.05
#: Of a block that is in the gold's summary: sources differ on whether it is text.
SUMMARY_WEIGHT = 0.3
#: A block weighs its share of the article's characters, so many times, and never more than the whole.
_SHARE_FACTOR = 20
_SHORTEST_CHARS = 20
_LONGEST_SNIPPET_BLOCK = 4_000
_BODY_CHARS = 300_000

Case = dict[str, Any]


@dataclass(slots=True)
class Page:
    """One page's blocks. ``labels``: 1 text, 0 not, -1 unknown. ``rows[0]``: (block numbers, vectors) as trafilatura read the
    page, ``rows[1]`` as if it had found nothing."""

    owner: str
    labels: Any
    lengths: Any
    is_summary: Any
    rows: list[tuple[Any, Any]]

    def samples(self) -> Iterable[tuple[Any, Any, Any]]:
        """Vectors, labels and weights; a block weighs what it adds to or takes from its page's score."""
        for (numbers, rows), factor in zip(self.rows, (1.0, UNREAD_WEIGHT), strict=True):
            if not len(numbers):
                continue
            labels, lengths = self.labels[numbers], self.lengths[numbers] + _SHORTEST_CHARS
            share = numpy.minimum(1.0, lengths / (1 + lengths[labels == 1].sum())) * _SHARE_FACTOR
            light = numpy.where(self.is_summary[numbers], SUMMARY_WEIGHT, 1.0)
            known = labels >= 0
            yield rows[known], labels[known], (factor * light * share)[known]


def read_cases(folder: Path, *, texts_only: bool = True) -> list[Case]:
    """The pages of gold.jsonl, each with the ``path`` of its file; with ``texts_only`` those that say what their text is."""
    with (folder / "gold.jsonl").open(encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    for case in cases:
        case["path"] = str(folder / case["file"])
    return [case for case in cases if says_text(case)] if texts_only else cases


def says_text(case: Case) -> bool:
    """Whether the gold says what the page's text is, as a whole or by snippets."""
    return any(case["gold"].get(key) for key in ("text", "paragraphs", "with"))


def owner_of(case: Case) -> str:
    """The registrable domain of the page; pages of one owner stay in one fold. The page's own name where it has no URL."""
    try:
        return owner(case["url"]) if case["url"] else f"{case['set']}/{case['id']}"
    except DatelineError:
        return f"{case['set']}/{case['id']}"


def fold_of(case: Case, folds: int) -> int:
    """The fold of the page's owner, by a hash: the same in every run."""
    return int.from_bytes(hashlib.sha256(f"fold{owner_of(case)}".encode()).digest()[:4], "big") % folds


def read_page(case: Case) -> Page | None:
    """The page's blocks with their labels and vectors; None where it cannot be parsed."""
    html = gzip.decompress(Path(case["path"]).read_bytes())
    try:
        root = parse_page(html).root
    except DatelineError:
        return None
    head, data = read_head(root), read_json_ld(root, case["url"])
    free_wrapped_text(root)
    layout = with_dialogs(walk(root))
    metadata = read_metadata(root, head, data, layout, url=case["url"], entry=None)
    body = plain((data.article or {}).get("articleBody"), limit=_BODY_CHARS)
    about = About.of(metadata.title, metadata.summary, body)
    marks = read_marks(layout.blocks, read_article(root, layout.chrome))
    texts = [block.text.replace(CELL_MARK, " ") for block in layout.blocks]
    labels, summary = label(case["gold"], texts)
    rows = []
    for known in (marks, [False] * len(marks)):
        chosen = candidates(layout.blocks, known)
        rows.append((numpy.array(chosen, int), numpy.array(vectors(layout, known, chosen, about), numpy.float32)))
    lengths = numpy.array([len(text) for text in texts], int)
    return Page(owner_of(case), numpy.array(labels, int), lengths, numpy.array(summary, bool), rows)


def label(gold: dict[str, Any], texts: list[str]) -> tuple[list[int], list[bool]]:
    """For each block its label, and whether it is in the gold's summary or optional."""
    paragraphs = gold.get("paragraphs") or []
    text = gold.get("text") or "\n\n".join(p.removeprefix("[").removesuffix("]") for p in paragraphs)
    if not text:
        wanted, unwanted = gold.get("with") or (), gold.get("without") or ()
        return [_label_by_snippets(t, wanted, unwanted) for t in texts], [False] * len(texts)
    optional = {squash(p[1:-1]) for p in paragraphs if p[:1] == "[" and p[-1:] == "]"}
    summary = gold.get("summary") or ""
    lines = summary.split("\n") if isinstance(summary, str) else map(str, summary)
    optional |= {squash(line) for line in lines if line.strip()}
    return align(texts, Gold(text)), [squash(t) in optional for t in texts]


def _label_by_snippets(text: str, wanted: Iterable[str], unwanted: Iterable[str]) -> int:
    if len(text) < _LONGEST_SNIPPET_BLOCK and any(snippet in text for snippet in wanted):
        return 1
    return 0 if any(snippet in text for snippet in unwanted) else -1


def read_pages(cases: list[Case], processes: int) -> list[Page | None]:
    """`read_page` of every case, in order."""
    with Pool(processes) as pool:
        return pool.map(read_page, cases, chunksize=8)


def train(pages: Iterable[Page]) -> list[Any]:
    """A LightGBM booster for each of `SEEDS` on all samples of ``pages``."""
    rows, labels, weights = zip(*(sample for page in pages for sample in page.samples()), strict=True)
    samples, labels, weights = map(numpy.concatenate, (rows, labels, weights))
    return [
        lightgbm.train(
            PARAMETERS | {"seed": seed}, lightgbm.Dataset(samples, labels, weight=weights), num_boost_round=ROUNDS
        )
        for seed in SEEDS
    ]


def as_data(boosters: list[Any]) -> dict[str, Any]:
    """The mean of the boosters in the form that `dateline.extract.block_model` reads, one tree of each in turn."""
    trees = []
    for turn in zip(*(booster.dump_model()["tree_info"] for booster in boosters), strict=True):
        for tree in turn:
            nodes: list[Any] = []
            leaves: list[float] = []
            _flatten(tree["tree_structure"], nodes, leaves)
            trees.append({"nodes": nodes, "leaves": [round(leaf / len(boosters), 5) for leaf in leaves]})
    return {"features": list(NAMES), "threshold": THRESHOLD, "trees": trees}


def _flatten(node: dict[str, Any], nodes: list[Any], leaves: list[float]) -> int:
    """Index of the node, or the complement of its leaf's."""
    if "leaf_value" in node:
        leaves.append(node["leaf_value"])
        return ~(len(leaves) - 1)
    index = len(nodes)
    nodes.append(None)
    left, right = (_flatten(node[side], nodes, leaves) for side in ("left_child", "right_child"))
    nodes[index] = [node["split_feature"], float(f"{node['threshold']:.6g}"), left, right]
    return index


def as_text(model: dict[str, Any]) -> str:
    """The model as the file holds it."""
    return json.dumps(model, separators=(",", ":")) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="folder of gold.jsonl")
    parser.add_argument("--out", type=Path, default=Path("worker/extract/block_model.json"))
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    pages = [page for page in read_pages(read_cases(arguments.gold), arguments.processes) if page is not None]
    arguments.out.write_text(as_text(as_data(train(pages))), encoding="utf-8")
    print(f"{len(pages)} pages of {len({page.owner for page in pages})} owners -> {arguments.out}")


if __name__ == "__main__":
    main()
