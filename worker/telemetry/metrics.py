"""The metrics of one process, which ``/metrics`` shows; ``docs/metrics.md`` is written from this list.

Labels come from closed sets (outcome, kind, code) and never hold a URL. The open labels are bounded: at most some fifty
publishers, `MOST_GROUPS` consumer groups, and the Redis servers of the cluster.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .logs import inert

MOST_GROUPS = 50  #: Consumer groups shown, those furthest behind first.


class Metrics:
    """The counters of one process, on a registry of their own (two workers in one test do not share numbers)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        make = self.registry
        self.polls = Counter("dateline_polls", "Polls by how they ended", ["outcome"], registry=make)
        self.entries_seen = Counter("dateline_entries_seen", "Entries in parsed feeds", registry=make)
        self.entries_new = Counter("dateline_entries_enqueued", "Entries enqueued", ["reason"], registry=make)
        self.outcomes = Counter("dateline_entries_settled", "Entries by outcome", ["outcome"], registry=make)
        self.articles = Counter("dateline_articles_published", "Article records appended", ["kind"], registry=make)
        self.events = Counter("dateline_events_published", "Event records appended", ["kind"], registry=make)
        self.errors = Counter("dateline_errors", "Errors by step and code", ["step", "code"], registry=make)
        self.step_failures = Counter(
            "dateline_step_failures", "Steps of extraction and reading that failed, by step", ["step"], registry=make
        )
        self.fetch_seconds = Histogram("dateline_fetch_seconds", "One request, body included", ["kind"], registry=make)
        self.job_seconds = Histogram("dateline_job_seconds", "One job in a child process", ["job"], registry=make)
        self.age_seconds = Histogram(
            "dateline_entry_to_event_seconds",
            "From an entry being seen in its feed to its article on the stream",
            buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200),
            registry=make,
        )
        self._add_process_gauges()
        self._add_publisher_gauges()
        self._add_forwarders()
        self._add_store_gauges()

    def _add_process_gauges(self) -> None:
        """What this process does now."""
        make = self.registry
        self.in_hand = Gauge("dateline_entries_in_hand", "Entries this process is working on", registry=make)
        self.backlog = Gauge("dateline_entries_backlog", "Entries waiting in the entries stream", registry=make)
        self.tasks = Gauge("dateline_tasks", "Tasks of the event loop", registry=make)
        self.loop_lag = Histogram(
            "dateline_loop_lag_seconds",
            "How late the event loop woke up",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1),
            registry=make,
        )
        self.restart_needed = Gauge(
            "dateline_restart_needed", "1 where changed settings wait for a restart of this worker", registry=make
        )
        self.stream_silent = Gauge(
            "dateline_stream_silent",
            "1 where feeds are polled and nothing was published for poll.silence_seconds",
            registry=make,
        )

    def _add_publisher_gauges(self) -> None:
        """How the pages of each publisher are read."""
        make, labels = self.registry, ["publisher", "metric"]
        self.publisher_rate = Gauge(
            "dateline_publisher_rate",
            "How a publisher's last 30 or so pages were read: shares, and the text's length in words",
            labels,
            registry=make,
        )
        self.publisher_degraded = Gauge(
            "dateline_publisher_degraded", "1 where a publisher's metric is degraded", labels, registry=make
        )

    def _add_forwarders(self) -> None:
        """What each forwarder delivers and sets aside."""
        make = self.registry
        self.forward_delivered = Counter(
            "dateline_forward_delivered", "Entries that a forwarder's receiver accepted", ["group"], registry=make
        )
        self.forward_set_aside = Counter(
            "dateline_forward_set_aside",
            "Entries that went to a forwarder's own dead letters",
            ["group"],
            registry=make,
        )
        self.forward_failing = Gauge(
            "dateline_forward_failing_seconds",
            "How long this worker's tries for a forwarder have failed; 0 while they succeed",
            ["group"],
            registry=make,
        )

    def _add_store_gauges(self) -> None:
        """Gauges of what all workers share in Redis, read when ``/metrics`` is asked for."""
        make = self.registry
        self.redis_up = Gauge("dateline_redis_up", "1 where Redis answered this request for the metrics", registry=make)
        self.redis_memory = Gauge(
            "dateline_redis_memory_bytes", "Memory that a Redis server uses", ["server"], registry=make
        )
        self.redis_memory_limit = Gauge(
            "dateline_redis_memory_limit_bytes", "maxmemory of a Redis server; 0: none", ["server"], registry=make
        )
        self.feeds = Gauge(
            "dateline_feeds", "Feeds by health: failing, paused, waiting, well", ["health"], registry=make
        )
        self.group_lag = Gauge(
            "dateline_group_lag_entries",
            "Stream entries not yet delivered to a consumer group",
            ["group"],
            registry=make,
        )
        self.group_pending = Gauge(
            "dateline_group_pending_entries",
            "Stream entries delivered to a consumer group and not acknowledged",
            ["group"],
            registry=make,
        )
        self.group_idle = Gauge(
            "dateline_group_unread_seconds",
            "Age of the oldest stream entry that a consumer group has not acknowledged; 0: none",
            ["group"],
            registry=make,
        )
        self.stream_entries = Gauge("dateline_stream_entries", "Entries on the events stream", registry=make)
        self.stream_fill = Gauge(
            "dateline_stream_fill_ratio", "Fullest events stream as a share of redis.stream_limit", registry=make
        )
        self.stream_newest = Gauge(
            "dateline_stream_newest_timestamp_seconds",
            "When the newest stream entry was appended, seconds since 1970; 0: none",
            registry=make,
        )
        self.dead_letters = Gauge("dateline_dead_letters", "Entries set aside as dead letters", registry=make)
        self.workers = Gauge("dateline_workers", "Workers that signed in within 30 s", registry=make)

    def count_polls(self) -> float:
        """Return how many polls there were, whatever their outcome."""
        return sum(s.value for shown in self.polls.collect() for s in shown.samples if s.name.endswith("_total"))

    def show_publishers(self, figures: Iterable[tuple[str, str, float, bool]]) -> None:
        """Show these publishers' rates, and no other's: (publisher, metric, rate, degraded)."""
        self.publisher_rate.clear()
        self.publisher_degraded.clear()
        for publisher, metric, rate, degraded in figures:
            self.publisher_rate.labels(inert(publisher, 253), metric).set(rate)
            self.publisher_degraded.labels(inert(publisher, 253), metric).set(degraded)

    def show_feeds(self, by_health: Mapping[str, int]) -> None:
        """Show how many feeds are in each health; all four are always there."""
        for health in ("failing", "paused", "waiting", "well"):
            self.feeds.labels(health).set(by_health.get(health, 0))

    def show_groups(self, figures: Iterable[tuple[str, int, int, float]]) -> None:
        """Show these groups, and no others: (group, lag, pending, unread seconds); at most `MOST_GROUPS`."""
        for gauge in (self.group_lag, self.group_pending, self.group_idle):
            gauge.clear()
        worst_first = sorted(figures, key=lambda row: -(row[1] + row[2]))
        for group, lag, pending, seconds in worst_first[:MOST_GROUPS]:
            name = inert(group, 128)
            self.group_lag.labels(name).set(lag)
            self.group_pending.labels(name).set(pending)
            self.group_idle.labels(name).set(seconds)

    def show_servers(self, figures: Iterable[tuple[str, int, int]]) -> None:
        """Show these Redis servers, and no others: (where, used bytes, limit bytes)."""
        self.redis_memory.clear()
        self.redis_memory_limit.clear()
        for where, used, limit in figures:
            self.redis_memory.labels(inert(where, 128)).set(used)
            self.redis_memory_limit.labels(inert(where, 128)).set(limit)


async def watch_loop_lag(metrics: Metrics, every_seconds: float = 0.1) -> None:
    """Measure for ever how late the loop wakes; run as a task."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(every_seconds)
        metrics.loop_lag.observe(max(0.0, loop.time() - before - every_seconds))
        metrics.tasks.set(len(asyncio.all_tasks()))
