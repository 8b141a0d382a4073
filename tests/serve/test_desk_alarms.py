"""What the desk raises an alarm about: only what needs somebody, worst first, each in words with a remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dateline.serve.desk.alarms import alarms

WELL = {"health": "well", "title": "The Paper", "trouble": None, "failing_seconds": None}
FAILING = {"health": "failing", "title": "The Post", "trouble": "it cannot be reached", "failing_seconds": 3600}
OLD = FAILING | {"failing_seconds": 3 * 86_400}
SLOWED = WELL | {"health": "slowed", "trouble": "its server asks us to slow down"}


def state(**more: Any) -> dict[str, Any]:
    return {"stream_fill": 0.01, "groups": [], "workers": [worker(3)], "feeds": [WELL]} | more


def group(late_seconds: float, lag: int, *, is_forwarder: bool = False, failing: float | None = None) -> dict[str, Any]:
    return {"name": "map", "lag": lag, "pending": 0, "late_seconds": late_seconds, "is_forwarder": is_forwarder,
            "failing_seconds": failing, "trouble": "the receiver refuses" if failing else None}  # fmt: skip


def worker(silent_seconds: float, in_hand: int = 0) -> dict[str, Any]:
    return {"name": "w1", "silent_seconds": silent_seconds, "in_hand": in_hand, "there": silent_seconds < 30}


@pytest.mark.parametrize(
    "given",
    [
        state(),
        state(groups=[group(0, 0), group(30, 50)]),
        state(feeds=[WELL, SLOWED, FAILING]),
        state(feeds=[SLOWED] * 6),
        state(feeds=[WELL] * 9 + [FAILING]),
        state(memory={"used": 5, "limit": None, "share": None}, backlog=900, index={"behind": 300}),
    ],
)
def test_what_passes_by_itself_raises_no_alarm(given: dict[str, Any]) -> None:
    """One failed poll, a 429, a short queue, a group a few entries behind."""
    assert alarms(given) == []


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        (state(feeds=[]), "warn", "no feeds yet"),
        (state(feeds=[WELL] * 6 + [FAILING] * 4), "warn", "4 of 10 feeds fail"),
        (state(feeds=[WELL] * 2 + [FAILING] * 4), "bad", "4 of 6 feeds"),
        (state(feeds=[WELL, OLD]), "warn", "The Post for 3 days: it cannot be reached"),
        (state(missing="no child process is ready yet"), "bad", "no child process"),
        (state(workers=[worker(180, 4)]), "warn", "w1 has not reported for 3 min; it holds 4 entries"),
        (state(workers=[]), "bad", "no worker is running"),
        (state(stream_fill=0.91, groups=[group(0.1, 7)]), "warn", "91% full; group map is furthest behind"),
        (state(stream_fill=0.97), "bad", "97% full"),
        (state(memory={"share": 0.85}), "warn", "85% of its memory limit"),
        (state(memory={"share": 0.99}), "bad", "99% of its memory limit"),
        (state(groups=[group(3 * 86_400, 1200)]), "warn", "has not kept up for 3 days: 1200 entries behind"),
        (state(groups=[group(1800, 7, is_forwarder=True)]), "warn", "forwarder map is 7 entries and 30 min behind"),
        (
            state(groups=[group(400, 7, is_forwarder=True, failing=900.0)]),
            "bad",
            "sent nothing for 15 min: the receiver refuses",
        ),
        (state(silent_minutes=361.0), "bad", "nothing was published for 361 min"),
        (state(backlog=20_000), "warn", "20000 entries wait"),
        (state(index={"behind": 50_000}), "warn", "50000 entries behind the stream"),
    ],
)
def test_each_trouble_is_said_in_words_with_a_remedy(given: dict[str, Any], level: str, words: str) -> None:
    (one,) = alarms(given)
    assert one["level"] == level and words in one["say"] and one["remedy"]


def test_the_worst_comes_first() -> None:
    found = alarms(state(workers=[worker(100)], stream_fill=0.99, missing="Redis does not answer", feeds=[]))
    assert [row["level"] for row in found] == ["bad", "bad", "warn", "warn"]


def test_every_name_that_a_module_of_the_page_imports_is_exported_there() -> None:
    """A module that asks for a name that is not there stops, and with it the whole desk."""
    folder = Path(__file__).resolve().parents[2] / "worker" / "serve" / "desk" / "static"
    for script in folder.glob("*.js"):
        imports = re.findall(r'import \{([^}]*)\} from "./([\w.]+)"', script.read_text())
        for names, other in imports:
            for name in names.split(","):
                wanted = rf"export (async )?(function|const|class) {name.strip()}\b"
                assert re.search(wanted, (folder / other).read_text()), (script.name, name)
