"""Logs, metrics and traces of one process.

In: log events with their fields, counts and times. Out: lines on standard error, and what `/metrics` shows.
Read `logs` first, then `metrics`, then `traces`. Metrics are loaded at their first use: their library takes a tenth of a
second, which verbs need not take.
"""

from typing import TYPE_CHECKING, Any

from .logs import MAX_FIELD_CHARS, Logger, get_logger, inert, set_up_logs
from .traces import add_child_spans, span, trace_to, traceparent

if TYPE_CHECKING:
    from .metrics import MOST_GROUPS, Metrics, watch_loop_lag

__all__ = [
    "MAX_FIELD_CHARS",
    "MOST_GROUPS",
    "Logger",
    "Metrics",
    "add_child_spans",
    "get_logger",
    "inert",
    "set_up_logs",
    "span",
    "trace_to",
    "traceparent",
    "watch_loop_lag",
]


def __getattr__(name: str) -> Any:
    """Load the metrics at the first use of one of their names."""
    if name in ("MOST_GROUPS", "Metrics", "watch_loop_lag"):
        from . import metrics

        return getattr(metrics, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
