"""The table of docs/scale.md is what `dateline doctor` reckons with."""

from __future__ import annotations

import re
from pathlib import Path

from dateline.settings import RedisSettings
from dateline.store.memory import estimate_memory

SCALE = Path(__file__).resolve().parents[2] / "docs/scale.md"
ROW = re.compile(r"^\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", re.MULTILINE)


def test_the_table_of_memory_is_what_doctor_reckons() -> None:
    """Megabytes for 3, 7 and 30 days, to the last digit."""
    found = [[int(cell.replace(",", "")) for cell in row] for row in ROW.findall(SCALE.read_text())]
    assert len(found) >= 5
    for articles, feeds, *cells in found:
        known = RedisSettings().memory_days
        assert cells == [round(estimate_memory(articles, keep, known, feeds) / 1e6) for keep in (3, 7, 30)]
