"""Logs and metrics of one process.

In: log events with their fields, counts and times. Out: lines on standard error, and what `/metrics` shows.
Read `logs` first, then `metrics`.
"""

from .logs import MAX_FIELD_CHARS, Logger, get_logger, inert, set_up_logs
from .metrics import MOST_GROUPS, Metrics, watch_loop_lag

__all__ = [
    "MAX_FIELD_CHARS",
    "MOST_GROUPS",
    "Logger",
    "Metrics",
    "get_logger",
    "inert",
    "set_up_logs",
    "watch_loop_lag",
]
