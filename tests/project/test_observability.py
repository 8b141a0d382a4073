"""Dashboard, alert rules and runbook fit the metrics that exist, and each other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import write_dashboard  # noqa: E402
import write_reference  # noqa: E402

RULES = ROOT / "deploy/prometheus/rules.yml"
#: Series that a scrape itself gives.
FROM_PROMETHEUS = {"up": {"job", "instance"}}


def known_series() -> dict[str, set[str]]:
    """Every series of the daemon, as queries name it, with its labels."""
    found = dict(FROM_PROMETHEUS)
    for name, kind, labels, _ in write_reference.metrics():
        own = {*labels, "instance", "job"}
        for end in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + end] = own | ({"le"} if end == "_bucket" else set())
    return found


def expressions() -> list[tuple[str, str]]:
    """Every query of the dashboard and of the rules, with its place."""
    panels: list[dict[str, Any]] = json.loads(write_dashboard.FILE.read_text())["panels"]
    found = [(panel["title"], target["expr"]) for panel in panels for target in panel.get("targets", ())]
    return found + [(rule["alert"], rule["expr"]) for rule in rules()]


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    return found


@pytest.mark.parametrize(("place", "expr"), expressions())
def test_a_query_names_metrics_and_labels_that_exist(place: str, expr: str) -> None:
    """A renamed metric would leave an empty panel, or an alert that never comes."""
    known = known_series()
    names = re.findall(r"\b(?:dateline_\w+|up)\b", expr)
    assert names, place
    for name in names:
        assert name in known, f"{place}: {name}"
    labels = set().union(*(known[name] for name in names))
    used = set(re.findall(r"(\w+)\s*=~?\"", expr)) | {
        label.strip() for group in re.findall(r"\bby \(([^)]*)\)", expr) for label in group.split(",")
    }
    assert used <= labels, f"{place}: {used - labels}"


def test_the_dashboard_is_what_its_script_writes_and_is_well_formed() -> None:
    """Grafana cannot be had in the tests: its model's own rules are checked here, of schema 39."""
    assert write_dashboard.FILE.read_text() == write_dashboard.text()
    board = json.loads(write_dashboard.FILE.read_text())
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["x"] + place["w"] <= 24, panel["title"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies over another panel"
        taken |= cells
        assert panel["type"] == "row" or panel["targets"]
    for metric in {name for name, *_ in write_reference.metrics()}:
        assert metric in json.dumps(board), f"no panel shows {metric}"


def test_every_alert_has_an_entry_in_the_runbook_and_the_runbook_no_other() -> None:
    """Who is woken at night finds what to do."""
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    assert headings == [rule["alert"] for rule in rules()]
    for rule in rules():
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning", "info")


def test_prometheus_itself_parses_the_queries_of_the_dashboard(tmp_path: Path) -> None:
    """As recording rules, with Grafana's variables filled in."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    rows = [
        {"record": f"panel:{n}", "expr": expr.replace("$instance", ".*")} for n, (_, expr) in enumerate(expressions())
    ]
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rows}]}))
    done = subprocess.run(
        [promtool, "check", "rules", str(tmp_path / "panels.yml")], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("what", [["rules", "rules.yml"], ["config", "prometheus.yml"]])
def test_prometheus_itself_accepts_the_files(what: list[str]) -> None:
    """Where promtool is installed (Debian: apt install prometheus)."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    done = subprocess.run([promtool, "check", *what], cwd=RULES.parent, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
