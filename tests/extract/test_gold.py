"""Extraction on real pages, against the gold beside the repository where it is; a sample, so that it stays quick."""

from __future__ import annotations

import gzip
import json
import os
import re
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from dateline.errors import DatelineError
from dateline.extract import extract_page

GOLD = Path(__file__).resolve().parents[2].parent / "shared" / "gold" / "extraction"
_WORD = re.compile(r"\w+")


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text.replace("\u00ad", ""))
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def _f1(gold: str, text: str) -> float:
    ours, theirs = _grams(text), _grams(gold)
    return 2 * sum((ours & theirs).values()) / max(1, sum(ours.values()) + sum(theirs.values()))


#: Measured with the shipped model on these samples (which it was taught on: a guard, no claim), less .005; every so many pages.
BARS = [("zyte", 5, 0.973), ("fundus80", 5, 0.989), ("fundusrepo", 5, 0.949), ("wcxb", 20, 0.967)]


@pytest.mark.parametrize(("name", "step", "least"), BARS)
def test_the_text_of_real_pages_is_found(name: str, step: int, least: float) -> None:
    """No figure falls by more than .005."""
    if not (GOLD / "gold.jsonl").exists():
        pytest.skip("no gold pages beside the repository")
    with (GOLD / "gold.jsonl").open(encoding="utf-8") as lines:
        pages = [case for case in map(json.loads, lines) if case["set"] == name][::step]
    scores = []
    for case in pages:
        html = gzip.decompress((GOLD / case["file"]).read_bytes())
        try:
            extracted = extract_page(html, url=case["url"])
        except DatelineError:
            scores.append(0.0)
            continue
        gold = case["gold"].get("text") or "\n".join(p.strip("[]") for p in case["gold"]["paragraphs"])
        text = "\n".join(p.text for p in extracted.paragraphs if p.kind != "caption")
        scores.append(max(_f1(gold, text), _f1(gold, f"{extracted.metadata.summary}\n{text}")))
    assert statistics.mean(scores) > least


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_shipped_model_is_what_the_script_makes(tmp_path: Path) -> None:
    """tools/train_block_model.py on the open gold gives block_model.json, byte for byte. Minutes of work: on request only."""
    if not (GOLD / "gold.jsonl").exists():
        pytest.skip("no gold pages beside the repository")
    if not os.environ.get("DATELINE_TRAIN"):
        pytest.skip("set DATELINE_TRAIN=1 to train the model again (some 5 minutes on two cores)")
    pytest.importorskip("lightgbm", reason="needs the extra `train`")
    root = Path(__file__).resolve().parents[2]
    made = tmp_path / "model.json"
    command = [sys.executable, "tools/train_block_model.py", str(GOLD), "--out", str(made)]
    subprocess.run(command, cwd=root, check=True)
    assert made.read_bytes() == (root / "worker" / "extract" / "block_model.json").read_bytes()
