"""Logs, metrics and traces of one process.

In: log events with their fields, counts and times. Out: lines on standard error, and what `/metrics` shows.
Read `logs` first, then `metrics`, then `traces`.
"""

from .logs import MAX_FIELD_CHARS, Logger, get_logger, inert, set_up_logs
from .metrics import MOST_GROUPS, Metrics, watch_loop_lag
from .traces import ChildSpan, add_child_spans, span, spans_of_child, trace_to, traceparent

__all__ = [
    "MAX_FIELD_CHARS",
    "MOST_GROUPS",
    "ChildSpan",
    "Logger",
    "Metrics",
    "add_child_spans",
    "get_logger",
    "inert",
    "set_up_logs",
    "span",
    "spans_of_child",
    "trace_to",
    "traceparent",
    "watch_loop_lag",
]
