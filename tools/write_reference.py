"""Write the reference pages of docs/ from the code: run it after a change of what they list.

    .venv/bin/python tools/write_reference.py

A test compares the pages with what this writes (tests/project/test_reference.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from dateline.telemetry import Metrics

DOCS = Path(__file__).resolve().parents[1] / "docs"


def metrics_page() -> str:
    """Return docs/metrics.md: every metric with type, labels and meaning."""
    rows = "\n".join(
        f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {text} |"
        for name, kind, labels, text in sorted(metrics())
    )
    return f"""# Metrics

`/metrics` on the daemon's port answers in Prometheus' format. Where `serve.token` is set, send it as
`Authorization: Bearer TOKEN`. Labels come from closed sets; `publisher` shows at most 50 names and
`group` at most 50, the worst first. What all workers share (feeds, groups, stream, Redis) is read
from Redis at each request, at most once in 5 s, and is the same from each worker: take `max`, not
`sum`.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
{rows}

A histogram has `_bucket`, `_sum` and `_count`. This page is written by `tools/write_reference.py`.
"""


def metrics() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Yield every metric of the daemon: name as exposed, type, labels, meaning."""
    for value in vars(Metrics()).values():
        if isinstance(value, MetricWrapperBase):
            (shown,) = value.describe()
            name = f"{shown.name}_total" if shown.type == "counter" else shown.name
            yield name, shown.type, value._labelnames, shown.documentation


#: Page to the function that writes it.
PAGES = {"metrics.md": metrics_page}


if __name__ == "__main__":
    for page, write in PAGES.items():
        (DOCS / page).write_text(write(), encoding="utf-8")
