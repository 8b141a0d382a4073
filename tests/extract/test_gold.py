"""Extraction on real pages, against the gold beside the repository where it is; a sample, so that it stays quick."""

from __future__ import annotations

import gzip
import json
import re
import statistics
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


@pytest.mark.parametrize(("name", "least"), [("zyte", 0.93), ("fundus80", 0.95), ("fundusrepo", 0.92)])
def test_the_text_of_real_pages_is_found(name: str, least: float) -> None:
    if not (GOLD / "gold.jsonl").exists():
        pytest.skip("no gold pages beside the repository")
    with (GOLD / "gold.jsonl").open(encoding="utf-8") as lines:
        pages = [case for case in map(json.loads, lines) if case["set"] == name][::5]
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
