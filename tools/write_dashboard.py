"""Write the Grafana dashboard, deploy/grafana/dashboards/dateline.json, from the rows below.

    .venv/bin/python tools/write_dashboard.py

A test compares the file with what this writes, and every query with the metrics that exist
(tests/project/test_observability.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "deploy/grafana/dashboards/dateline.json"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
#: What the selector of the dashboard chooses from; every query has it.
WHO = 'instance=~"$instance"'

#: Row title to its panels: (title, kind, unit, queries with their legends). Shared figures take ``max``: every worker
#: reports the same.
ROWS: dict[str, list[tuple[str, str, str, list[tuple[str, str]]]]] = {
    "At a glance": [
        ("Workers", "stat", "none", [(f"max(dateline_workers{{{WHO}}})", "")]),
        ("Articles an hour", "stat", "none", [(f"sum(increase(dateline_articles_published_total{{{WHO}}}[1h]))", "")]),
        ("Events an hour", "stat", "none", [(f"sum(increase(dateline_events_published_total{{{WHO}}}[1h]))", "")]),
        ("Newest entry of the stream", "stat", "s",
         [(f"time() - max(dateline_stream_newest_timestamp_seconds{{{WHO}}} > 0)", "")]),
        ("Feeds failing", "stat", "none", [(f'max(dateline_feeds{{health="failing",{WHO}}})', "")]),
        ("Dead letters", "stat", "none", [(f"max(dateline_dead_letters{{{WHO}}})", "")]),
    ],
    "Flow": [
        ("Polls by outcome", "timeseries", "reqps",
         [(f"sum by (outcome) (rate(dateline_polls_total{{{WHO}}}[5m]))", "{{outcome}}")]),
        ("Entries: seen and enqueued", "timeseries", "none",
         [(f"sum(rate(dateline_entries_seen_total{{{WHO}}}[5m]))", "seen"),
          (f"sum by (reason) (rate(dateline_entries_enqueued_total{{{WHO}}}[5m]))", "enqueued: {{reason}}")]),
        ("Entries by outcome", "timeseries", "none",
         [(f"sum by (outcome) (rate(dateline_entries_settled_total{{{WHO}}}[5m]))", "{{outcome}}")]),
        ("Published records", "timeseries", "none",
         [(f"sum by (kind) (rate(dateline_articles_published_total{{{WHO}}}[5m]))", "articles {{kind}}"),
          (f"sum by (kind) (rate(dateline_events_published_total{{{WHO}}}[5m]))", "events {{kind}}")]),
    ],
    "Delay": [
        ("Entry seen to article published", "timeseries", "s",
         [(f"histogram_quantile({q}, sum by (le) (rate(dateline_entry_to_event_seconds_bucket{{{WHO}}}[10m])))", f"{q:.0%}")
          for q in (0.5, 0.9, 0.99)]),
        ("Entries waiting and in hand", "timeseries", "none",
         [(f"max(dateline_entries_backlog{{{WHO}}})", "waiting"), (f"sum(dateline_entries_in_hand{{{WHO}}})", "in hand")]),
        ("One request, 90 %", "timeseries", "s",
         [(f"histogram_quantile(0.9, sum by (le, kind) (rate(dateline_fetch_seconds_bucket{{{WHO}}}[10m])))", "{{kind}}")]),
        ("One job in a child, 90 %", "timeseries", "s",
         [(f"histogram_quantile(0.9, sum by (le, job) (rate(dateline_job_seconds_bucket{{{WHO}}}[10m])))", "{{job}}")]),
    ],
    "Consumers and forwarders": [
        ("Lag by group", "timeseries", "none", [(f"max by (group) (dateline_group_lag_entries{{{WHO}}})", "{{group}}")]),
        ("Delivered, not acknowledged", "timeseries", "none",
         [(f"max by (group) (dateline_group_pending_entries{{{WHO}}})", "{{group}}")]),
        ("Oldest unread entry", "timeseries", "s", [(f"max by (group) (dateline_group_unread_seconds{{{WHO}}})", "{{group}}")]),
        ("Forwarders: delivered, set aside", "timeseries", "none",
         [(f"sum by (group) (rate(dateline_forward_delivered_total{{{WHO}}}[5m]))", "{{group}}"),
          (f"sum by (group) (rate(dateline_forward_set_aside_total{{{WHO}}}[5m]))", "set aside: {{group}}")]),
        ("Forwarders: failing for", "timeseries", "s",
         [(f"max by (group) (dateline_forward_failing_seconds{{{WHO}}})", "{{group}}")]),
    ],
    "Faults": [
        ("Feeds by health", "timeseries", "none", [(f"max by (health) (dateline_feeds{{{WHO}}})", "{{health}}")]),
        ("Errors by step and code", "timeseries", "none",
         [(f"sum by (step, code) (rate(dateline_errors_total{{{WHO}}}[5m]))", "{{step}} {{code}}")]),
        ("Reading steps that failed", "timeseries", "none",
         [(f"sum by (step) (rate(dateline_step_failures_total{{{WHO}}}[15m]))", "{{step}}")]),
        ("Publishers read worse than before", "table", "none",
         [(f"max by (publisher, metric) (dateline_publisher_degraded{{{WHO}}}) == 1", "")]),
        ("Their rates", "table", "percentunit",
         [(f'max by (publisher, metric) (dateline_publisher_rate{{metric!="length",{WHO}}} '
           f"and dateline_publisher_degraded{{{WHO}}} == 1)", "")]),
    ],
    "Redis and the process": [
        ("Redis memory", "timeseries", "bytes",
         [(f"max by (server) (dateline_redis_memory_bytes{{{WHO}}})", "{{server}}"),
          (f"max by (server) (dateline_redis_memory_limit_bytes{{{WHO}}} > 0)", "limit of {{server}}")]),
        ("Stream: entries", "timeseries", "none", [(f"max(dateline_stream_entries{{{WHO}}})", "entries")]),
        ("Stream: share of its cap", "timeseries", "percentunit", [(f"max(dateline_stream_fill_ratio{{{WHO}}})", "fill")]),
        ("Redis answers", "timeseries", "none", [(f"dateline_redis_up{{{WHO}}}", "{{instance}}")]),
        ("Event loop late, 99 %", "timeseries", "s",
         [(f"histogram_quantile(0.99, sum by (le, instance) (rate(dateline_loop_lag_seconds_bucket{{{WHO}}}[5m])))",
           "{{instance}}")]),
        ("Tasks", "timeseries", "none", [(f"dateline_tasks{{{WHO}}}", "{{instance}}")]),
        ("Waits for a restart; silent", "timeseries", "none",
         [(f"dateline_restart_needed{{{WHO}}}", "restart: {{instance}}"),
          (f"dateline_stream_silent{{{WHO}}}", "silent: {{instance}}")]),
    ],
}  # fmt: skip


def dashboard() -> dict[str, Any]:
    """Return the dashboard in Grafana's model (schema 39, Grafana 11)."""
    panels: list[dict[str, Any]] = []
    y = 0
    for row, contents in ROWS.items():
        panels.append(_panel(len(panels) + 1, row, "row", (0, y, 24, 1)) | {"collapsed": False, "panels": []})
        y += 1
        wide, high = (4, 4) if contents[0][1] == "stat" else (12, 8)
        for number, (title, kind, unit, queries) in enumerate(contents):
            x = number * wide % 24
            place = (x, y + number * wide // 24 * high, wide, high)
            panels.append(_panel(len(panels) + 1, title, kind, place) | _content(kind, unit, queries))
        y += -(-len(contents) * wide // 24) * high
    return {
        "uid": "dateline",
        "title": "Dateline",
        "tags": ["dateline"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
                {
                    "name": "instance", "label": "Worker", "type": "query", "datasource": DATASOURCE,
                    "query": "label_values(dateline_tasks, instance)", "refresh": 2, "multi": True, "includeAll": True,
                    "allValue": ".*", "current": {"text": "All", "value": "$__all"},
                },
            ]
        },
        "panels": panels,
    }  # fmt: skip


def _panel(number: int, title: str, kind: str, place: tuple[int, int, int, int]) -> dict[str, Any]:
    return {"id": number, "title": title, "type": kind, "gridPos": dict(zip("xywh", place, strict=True))}


def _content(kind: str, unit: str, queries: list[tuple[str, str]]) -> dict[str, Any]:
    more = {"format": "table", "instant": True} if kind == "table" else {}
    targets = [
        {"refId": chr(65 + number), "datasource": DATASOURCE, "expr": expr, "legendFormat": legend, **more}
        for number, (expr, legend) in enumerate(queries)
    ]
    return {
        "datasource": DATASOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}} if kind == "timeseries" else {},
    }


def text() -> str:
    """Return the file's text."""
    return json.dumps(dashboard(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
