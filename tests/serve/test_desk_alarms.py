"""What the desk says is wrong: only what is, worst first, each in words with a remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dateline.serve.desk.alarms import alarms

NOW = 1_800_000_000.0
WELL = {"health": "well", "title": "The Paper", "error": ""}
FAILING = {"health": "failing", "title": "The Post", "error": "https://post.example/rss: the server answered 404"}


def stats(**more: Any) -> dict[str, Any]:
    return {"at": NOW, "stream_fill": 0.01, "groups": [], "workers": []} | more


def group(days_ago: float, lag: int) -> dict[str, Any]:
    return {"name": "map", "lag": lag, "last_delivered": f"{int((NOW - days_ago * 86400) * 1000)}-0"}


def forwarder(minutes: float) -> dict[str, Any]:
    failing = NOW - minutes * 60 if minutes else 0.0
    return {
        "group": "forward-webhook-hooks.example-1",
        "failing_since": failing,
        "reason": "hooks.example answered 500",
    }


def worker(silent_seconds: float, in_hand: int = 0) -> dict[str, Any]:
    return {"name": "w1", "silent_seconds": silent_seconds, "in_hand": in_hand, "there": silent_seconds < 30}


def test_where_all_is_well_nothing_is_said() -> None:
    """A quiet group that owes nothing, a worker that signs, feeds that answer."""
    assert (
        alarms(
            stats(groups=[group(9, 0), group(0.1, 50)], workers=[worker(3)], forwarders=[forwarder(0), forwarder(4)]),
            [WELL],
            None,
        )
        == []
    )


@pytest.mark.parametrize(
    ("given", "feeds", "missing", "level", "words"),
    [
        (stats(), [], None, "warn", "no feeds yet"),
        (stats(forwarders=[forwarder(9)]), [WELL], None, "bad", "has sent nothing for 9 min: hooks.example answered 500"),
        (stats(), [WELL, WELL, FAILING], None, "warn", "1 of 3 feeds failed at their last poll; for example The Post: https"),
        (stats(), [WELL, FAILING, FAILING], None, "bad", "2 of 3 feeds"),
        (stats(), [WELL], "no child process is ready yet", "bad", "no child process"),
        (stats(workers=[worker(180, 4)]), [WELL], None, "warn", "no heartbeat of worker w1 for 3 min; it holds 4 entries"),
        (stats(stream_fill=0.91, groups=[group(0.1, 7)]), [WELL], None, "bad", "91% full; group map is furthest behind"),
        (stats(groups=[group(3, 1200)]), [WELL], None, "warn", "has not read for 3 days and is 1200 entries behind"),
    ],
)  # fmt: skip
def test_each_trouble_is_said_in_words_with_a_remedy(
    given: dict[str, Any], feeds: list[dict[str, Any]], missing: str | None, level: str, words: str
) -> None:
    (one,) = alarms(given, feeds, missing)
    assert one["level"] == level and words in one["say"] and one["remedy"]


def test_the_worst_comes_first() -> None:
    found = alarms(stats(workers=[worker(100)], stream_fill=0.99), [WELL, FAILING, WELL], "Redis does not answer")
    assert [row["level"] for row in found] == ["bad", "bad", "warn", "warn"]


def test_every_element_that_the_pages_scripts_look_for_is_on_the_page() -> None:
    """A script that finds nothing under an id stops, and with it the whole desk."""
    folder = Path(__file__).resolve().parents[2] / "worker" / "serve" / "desk" / "static"
    ids = set(re.findall(r'id="([\w-]+)"', (folder / "index.html").read_text()))
    for script in folder.glob("*.js"):
        assert set(re.findall(r'byId\("([\w-]+)"\)', script.read_text())) <= ids, script.name
        imports = re.findall(r'import \{([^}]*)\} from "./([\w.]+)"', script.read_text())
        for names, other in imports:
            for name in names.split(","):
                wanted = rf"export (async )?(function|const|class) {name.strip()}\b"
                assert re.search(wanted, (folder / other).read_text()), (script.name, name)
