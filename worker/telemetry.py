"""Logs, counters and the loop's own pulse, in one place.

Logs go to standard error as ``noun.verb_past`` with fields, JSON or for eyes. Text from outside is cut and stripped of
control and direction characters before it reaches a line, so that no feed can forge one. Counters carry labels from
closed sets only (outcome, kind, code), never a URL; the one open label, a publisher's name, is held to some fifty.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO, cast

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

MAX_FIELD_CHARS = 500  #: Longest field of a log line; a URL of 500 characters still tells its host and path.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")

Logger = structlog.stdlib.BoundLogger


def inert(text: str, limit: int = MAX_FIELD_CHARS) -> str:
    """Outside text made harmless for one line: control and direction characters gone, cut to ``limit`` characters."""
    text = _UNSAFE.sub(" ", text[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"


def _tame(_: object, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in fields.items():
        if isinstance(value, str) and key != "exception":
            fields[key] = inert(value)
        elif isinstance(value, BaseException):
            fields[key] = inert(f"{type(value).__name__}: {value}")
    return fields


class _StandardError:
    """Standard error as it is when a line is written: it may be replaced after the set-up, by a test or a terminal."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def set_up_logs(level: str = "info", form: str = "auto") -> None:
    """Send logs to standard error. ``form``: json, text, or auto (text on a terminal, else JSON)."""
    if form == "auto":
        form = "text" if sys.stderr.isatty() else "json"
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _tame,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, _StandardError())),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(name)s %(message)s")


def get_logger(name: str) -> Logger:
    """The logger of one component; bind what stays the same, pass the rest as fields."""
    return cast(Logger, structlog.get_logger(component=name))


class Metrics:
    """The counters of one process, on a registry of their own (two workers in one test do not share numbers)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        make = self.registry
        self.polls = Counter("worker_polls", "Polls by how they ended", ["outcome"], registry=make)
        self.entries_seen = Counter("worker_entries_seen", "Entries in parsed feeds", registry=make)
        self.entries_new = Counter("worker_entries_enqueued", "Entries enqueued", ["reason"], registry=make)
        self.outcomes = Counter("worker_entries_settled", "Entries by outcome", ["outcome"], registry=make)
        self.articles = Counter("worker_articles_published", "Article records appended", ["kind"], registry=make)
        self.events = Counter("worker_events_published", "Event records appended", ["kind"], registry=make)
        self.errors = Counter("worker_errors", "Errors by step and code", ["step", "code"], registry=make)
        self.step_failures = Counter(
            "worker_step_failures", "Steps of extraction and reading that failed, by step", ["step"], registry=make
        )
        self.fetch_seconds = Histogram("worker_fetch_seconds", "One request, body included", ["kind"], registry=make)
        self.job_seconds = Histogram("worker_job_seconds", "One job in a child process", ["job"], registry=make)
        self.age_seconds = Histogram(
            "worker_entry_to_event_seconds",
            "From an entry being seen in its feed to its article on the stream",
            buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200),
            registry=make,
        )
        self.in_hand = Gauge("worker_entries_in_hand", "Entries this process is working on", registry=make)
        self.backlog = Gauge("worker_entries_backlog", "Entries waiting in the entries stream", registry=make)
        self.tasks = Gauge("worker_tasks", "Tasks of the event loop", registry=make)
        self.loop_lag = Histogram(
            "worker_loop_lag_seconds",
            "How late the event loop woke up",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1),
            registry=make,
        )
        labels = ["publisher", "metric"]
        self.source_rate = Gauge(
            "worker_source_rate",
            "How a publisher's last 30 or so pages were read: shares, and the text's length in words",
            labels,
            registry=make,
        )
        self.source_degraded = Gauge(
            "worker_source_degraded", "1 where a publisher's metric is degraded", labels, registry=make
        )

    def show_sources(self, figures: Iterable[tuple[str, str, float, bool]]) -> None:
        """Show these publishers' rates, and no other's: (publisher, metric, rate, degraded)."""
        self.source_rate.clear()
        self.source_degraded.clear()
        for publisher, metric, rate, degraded in figures:
            self.source_rate.labels(inert(publisher, 253), metric).set(rate)
            self.source_degraded.labels(inert(publisher, 253), metric).set(degraded)


async def watch_loop_lag(metrics: Metrics, every_seconds: float = 0.1) -> None:
    """Measure for ever how late the loop wakes; run as a task."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(every_seconds)
        metrics.loop_lag.observe(max(0.0, loop.time() - before - every_seconds))
        metrics.tasks.set(len(asyncio.all_tasks()))
