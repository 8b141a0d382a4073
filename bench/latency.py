"""How long after its feed is due an entry is on the stream, on the loopback news web: at half of what this machine takes, and
at twice that, where backpressure holds the feeds back.

An entry is there when its feed becomes due; what is measured goes from then to its article's place on the stream: claim, poll,
page, reading, publishing. How long a feed's own interval makes it wait is not in it. The daemon's poller and consumer run in
this process, as in the daemon, over Redis of its own; what it took from the poll on is told from the daemon's histogram.
A site's robots.txt rules in all phases: entries of owners with a Crawl-delay wait for it and are told apart, and pages that it
forbids are set aside and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import msgspec
from prometheus_client import Histogram

from bench.newsworld import SHARED, base_settings, world
from bench.report import Report
from dateline.app import App, open_app
from dateline.daemon import freeze_objects
from dateline.dedup.identity import feed_id
from dateline.settings import PolitenessSettings, Settings
from dateline.store.dead_letters import DeadLetters
from dateline.store.feeds import NewFeed
from dateline.store.private import embedded
from dateline.telemetry import set_up_logs, watch_loop_lag
from dateline.urls import canonical

ARTICLES, SECONDS, MOST_FEEDS = 5, 20.0, 160
#: With twice the load the polls stop at so many seconds' worth of waiting entries.
BACKLOG_SECONDS = 2.0
LONGEST_SECONDS = 180.0  #: of one phase, until all is read


class Phase(msgspec.Struct, frozen=True):
    """What one load gave: seconds from due to stream, entry by entry, and the daemon's own figures."""

    delays: tuple[float, ...]
    delayed: tuple[float, ...]  #: the same, of owners with a Crawl-delay
    forbidden: int  #: entries set aside because robots.txt forbids their pages
    lost: int  #: entries of which nothing became
    seen_mean: float  #: from the poll to the stream, by the daemon's histogram
    lag_p99: float  #: of the loop
    took: float


async def run(seconds: float = SECONDS, most_feeds: int = MOST_FEEDS) -> Report | None:
    """Measure; says so where the news web is not there."""
    if not (SHARED / "newsworld").is_dir():
        sys.stderr.write("latency: skipped, ../shared/newsworld is not here\n")
        return None
    set_up_logs("error")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with embedded(folder / "redis") as server:
            with world(folder, most_feeds, ARTICLES) as (port, urls):
                slow = await asyncio.to_thread(_with_crawl_delay, urls)
                settings = base_settings(server.url, port, "latency")
                first = await _phase(settings, "all", urls[: max(2, most_feeds // 4)], 0.0, slow)
                capacity = (len(first.delays) + len(first.delayed)) / first.took  # articles a second
                report = Report("latency", f"from a feed's being due to its entry on the stream, {seconds:g} s a load")
                report.add("articles a second at full load", [capacity], "1/s")
                half, twice = (_share(urls, capacity * share, seconds) for share in (0.5, 2.0))
                _add(report, "half load", await _phase(settings, "half", half, seconds, slow), aim=2.0)
                polite = msgspec.structs.replace(settings, politeness=PolitenessSettings())
                _add(report, "half load, default politeness", await _phase(polite, "polite", half, seconds, slow))
                held = msgspec.structs.replace(
                    settings,
                    poll=msgspec.structs.replace(
                        settings.poll, backlog_limit=max(1, round(capacity * BACKLOG_SECONDS)), at_once=4
                    ),
                )
                _add(report, "twice the load, held back", await _phase(held, "twice", twice, seconds, slow))
    return report


def _with_crawl_delay(urls: Sequence[str]) -> set[str]:
    """Return those feeds whose server's robots.txt sets a Crawl-delay."""
    found = set()
    for url in urls:
        rules = RobotFileParser()
        with contextlib.suppress(HTTPError), urllib.request.urlopen(urljoin(url, "/robots.txt"), timeout=30) as answer:
            rules.parse(answer.read().decode().splitlines())
        if rules.mtime() and rules.crawl_delay("*"):
            found.add(url)
    return found


def _share(urls: list[str], articles_a_second: float, seconds: float) -> list[str]:
    """Return as many feeds as give so many articles in that time."""
    return urls[: max(1, round(articles_a_second * seconds / ARTICLES))]


def _add(report: Report, load: str, phase: Phase, *, aim: float | None = None) -> None:
    delays = sorted(phase.delays)
    report.add(f"{load}: due to stream, p50", [statistics.median(delays)], "s")
    report.add(f"{load}: due to stream, p99", [delays[min(len(delays) - 1, int(0.99 * len(delays)))]], "s", aim=aim)
    if phase.delayed:
        report.add(f"{load}: the slowest where robots.txt sets a Crawl-delay", [max(phase.delayed)], "s")
    report.add(f"{load}: of that from the poll on, mean", [phase.seen_mean], "s")
    report.add(f"{load}: loop lag, p99", [phase.lag_p99 * 1e3], "ms", aim=None if aim is None else 20.0)
    report.add(f"{load}: articles", [float(len(delays) + len(phase.delayed))], "")
    report.add(f"{load}: entries whose page robots.txt forbids", [float(phase.forbidden)], "")
    report.add(f"{load}: entries of which nothing became", [float(phase.lost)], "", aim=0.0)


async def _phase(settings: Settings, prefix: str, urls: Sequence[str], seconds: float, slow: set[str]) -> Phase:
    """Feeds become due one by one over ``seconds``; gives what became of their entries."""
    redis = msgspec.structs.replace(settings.redis, prefix=f"{settings.redis.prefix}{prefix}")
    async with open_app(msgspec.structs.replace(settings, redis=redis)) as app, _running(app):
        begin = time.time() + 1.0
        due = {url: begin + number * seconds / len(urls) for number, url in enumerate(urls)}
        await app.feeds.add([NewFeed(feed_id(canonical(url)), url, due_at=at) for url, at in due.items()])
        deadline = begin + seconds + LONGEST_SECONDS
        while not await _is_done(app) and time.time() < deadline:
            await asyncio.sleep(0.25)
        found = await _published(app)
        if not found:
            raise RuntimeError(f"nothing was published in {time.time() - begin:.0f} s")
        forbidden = sum([letter.fields["code"] == "robots" async for letter in DeadLetters(app.connection).all()])
        lag = _quantile(app.metrics.loop_lag, 0.99)
        ages = {sample.name: sample.value for metric in app.metrics.age_seconds.collect() for sample in metric.samples}
        seen = ages["dateline_entry_to_event_seconds_sum"] / max(1.0, ages["dateline_entry_to_event_seconds_count"])
        return Phase(
            delays=tuple(at - due[feed] for at, feed in found if feed not in slow),
            delayed=tuple(at - due[feed] for at, feed in found if feed in slow),
            forbidden=forbidden,
            lost=len(urls) * ARTICLES - len(found) - forbidden,
            seen_mean=seen,
            lag_p99=lag,
            took=max(at for at, _ in found) - begin,
        )


async def _is_done(app: App) -> bool:
    """Whether every feed was polled, and none of its entries waits."""
    return all([state.numbers.get("polls") async for state in app.feeds.all()]) and not any(await app.entries.backlog())


@contextlib.asynccontextmanager
async def _running(app: App) -> AsyncIterator[None]:
    """Poll and read as the daemon does."""
    freeze_objects()
    stop = asyncio.Event()
    loops = [app.poller.run(stop), app.consumer.run(stop, drain_seconds=10.0), watch_loop_lag(app.metrics)]
    tasks = [asyncio.ensure_future(loop) for loop in loops]
    try:
        yield
    finally:
        stop.set()
        tasks[-1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _published(app: App) -> list[tuple[float, str]]:
    """Return of each published article the time of its stream entry and the address of its feed."""
    found = []
    for name, flat in await app.connection.call("XRANGE", app.connection.keys[0].events, "-", "+"):
        fields = dict(zip(flat[::2], flat[1::2], strict=True))
        if fields[b"type"] == b"dateline.article.published":
            article = msgspec.json.decode(fields[b"data"])
            found.append((int(name.partition(b"-")[0]) / 1000, article["feed"]))
    return found


def _quantile(histogram: Histogram, share: float) -> float:
    """Return a quantile of a Prometheus histogram as PromQL reckons it: linear within its bucket."""
    buckets = [
        (float(sample.labels["le"]), sample.value)
        for metric in histogram.collect()
        for sample in metric.samples
        if sample.name.endswith("_bucket")
    ]
    wanted, low, below = share * buckets[-1][1], 0.0, 0.0
    for high, count in buckets:
        if count >= wanted:
            return low if high == float("inf") else low + (high - low) * (wanted - below) / max(1.0, count - below)
        low, below = high, count
    return low
