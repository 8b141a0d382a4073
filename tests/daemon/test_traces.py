"""Traces of the real daemon, sent to a collector over OTLP/HTTP: one from a feed's poll to the published entry."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
from aiohttp import web

from dateline.demo import newsroom
from dateline.errors import SettingsError
from dateline.model.steps import MAX_STEPS, SHORTEST_NS, note_step, spans_of_child
from dateline.telemetry import span, trace_to, traceparent
from support import rig
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis


@dataclass
class Collector:
    """An OTLP/HTTP collector: every span it was sent, by its id."""

    url: str = ""
    spans: dict[bytes, Any] = field(default_factory=dict)
    services: set[str] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        """Decode one request of the exporter."""
        service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
        for group in service.ExportTraceServiceRequest.FromString(await request.read()).resource_spans:
            self.services |= {one.value.string_value for one in group.resource.attributes if one.key == "service.name"}
            self.spans |= {one.span_id: one for scope in group.scope_spans for one in scope.spans}
        return web.Response(body=service.ExportTraceServiceResponse().SerializeToString())

    def named(self, name: str) -> list[Any]:
        """The spans of one name."""
        return [one for one in self.spans.values() if one.name == name]

    def line(self, one: Any) -> list[str]:
        """The names from a span up to the root of its trace."""
        found = [one.name]
        while one.parent_span_id:
            above = self.spans[one.parent_span_id]
            assert above.trace_id == one.trace_id
            one = above
            found.append(one.name)
        return found


def attributes(one: Any) -> dict[str, Any]:
    """A span's attributes."""
    return {row.key: getattr(row.value, row.value.WhichOneof("value")) for row in one.attributes}


@contextlib.asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """A collector on loopback."""
    found = Collector()
    app = web.Application(client_max_size=8 << 20)
    app.router.add_post("/v1/traces", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def run_once(folder: Path, redis: RedisServer, endpoint: str, **trace: object) -> tuple[int, str]:
    """Run the daemon on one paper of the newsroom until nothing is due; its process id and its log."""
    async with newsroom.serve() as room:
        feed = room.feeds[1].url
        port = int(feed.split("/")[2].split(":")[1])
        settings = rig.write_settings(folder, redis.url, [port], [feed], trace={"endpoint": endpoint, **trace})
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dateline", "run", "--once", "--config", str(settings), stderr=asyncio.subprocess.PIPE
        )
        _, log = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == 0, log.decode()
        return process.pid, log.decode()


def entries(redis: RedisServer) -> list[dict[str, str]]:
    """What is on the stream."""
    with contextlib.closing(redis_client.Redis.from_url(redis.url, protocol=2)) as client:
        return [row for _, row in rig.stream(client)]


def published(redis: RedisServer) -> set[str]:
    """The ids of the articles on the stream."""
    return {row["id"] for row in entries(redis) if row["type"].startswith("dateline.article.")}


async def test_one_trace_leads_from_the_poll_over_the_children_to_the_published_entry(
    own_redis: RedisServer, tmp_path: Path
) -> None:
    pytest.importorskip("opentelemetry.sdk")
    async with collector() as found:
        daemon, _ = await run_once(tmp_path, own_redis, found.url)
    assert found.services == {"dateline"}
    (poll,) = found.named("poll")
    assert not poll.parent_span_id and attributes(poll)["dateline.outcome"] == "changed"
    assert {one.trace_id for one in found.spans.values()} == {poll.trace_id}
    by_entry = {attributes(one)["dateline.entry_id"]: one for one in found.named("publish")}
    assert set(by_entry) == published(own_redis) and len(by_entry) >= 4
    for one in by_entry.values():
        assert found.line(one) == ["publish", "entry", "poll job", "poll"]
        assert attributes(one)["dateline.answer"] == "ok"
    for job, above in (
        ("poll", ["poll"]),
        ("extract", ["entry", "poll job", "poll"]),
        ("read", ["entry", "poll job", "poll"]),
    ):
        in_child = found.named(f"{job} in child")
        assert in_child and all(found.line(one) == [f"{job} in child", f"{job} job", *above] for one in in_child)
        for one in in_child:
            waited = found.spans[one.parent_span_id]
            assert waited.start_time_unix_nano <= one.start_time_unix_nano <= one.end_time_unix_nano
            assert attributes(one)["process.pid"] != daemon
    for step, job in (
        ("parse", "poll"),
        ("body", "extract"),
        ("metadata", "extract"),
        ("names", "read"),
        ("events", "read"),
    ):
        for one in (spans := [one for one in found.named(step) if found.line(one)[1] == f"{job} in child"]):
            child = found.spans[one.parent_span_id]
            assert child.start_time_unix_nano <= one.start_time_unix_nano <= one.end_time_unix_nano
            assert one.end_time_unix_nano <= child.end_time_unix_nano and attributes(one)["process.pid"] != daemon
        assert spans, f"{step} is seen within {job}"
    jobs = {one.span_id.hex() for one in found.named("read job")}
    for entry in entries(own_redis):
        version, trace, parent, flags = entry["traceparent"].split("-")
        assert (version, trace) == ("00", poll.trace_id.hex()) and parent in jobs and int(flags, 16) & 1


@pytest.mark.long
async def test_a_collector_that_is_away_stops_nothing(own_redis: RedisServer, tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.sdk")
    _, log = await run_once(tmp_path, own_redis, f"http://127.0.0.1:{rig.free_port()}")
    assert log.count("traces.not_sent") == 1 and "Traceback" not in log
    assert all(line.startswith("{") for line in log.splitlines()), "the library's own lines are not in the log"
    assert len(published(own_redis)) >= 4


def test_without_the_setting_a_span_is_one_object_that_does_nothing() -> None:
    with trace_to(None, share=1.0, instance="one"), span("poll", feed="a") as whole:
        assert whole is span("entry") and traceparent() == ""
        whole.set(outcome="changed")
    assert spans_of_child("poll", "", lambda: note_step("parse", lambda: 7)) == (7, ())


def test_steps_stand_within_each_other_and_a_job_that_fails_leaves_none_behind() -> None:
    def slow(value: int) -> int:
        deadline = time.perf_counter_ns() + 2 * SHORTEST_NS
        while time.perf_counter_ns() < deadline:
            pass
        return value

    def job() -> int:
        return note_step(
            "outer", lambda: note_step("inner", lambda: slow(3)) + sum(note_step("short", int) for _ in range(50))
        )

    sampled = f"00-{'a' * 32}-{'b' * 16}-01"
    found, (whole,) = spans_of_child("read", sampled, job)
    assert found == 3 and whole.name == "read in child" and whole.parent == sampled
    (outer,) = whole.steps
    names = [one.name for one in outer.steps]
    assert outer.name == "outer" and names[0] == "inner" and names.count("inner") == 1
    assert len(names) < 25, "short steps are left out; a busy machine makes a few of them long"
    with pytest.raises(ZeroDivisionError):
        spans_of_child("read", sampled, lambda: note_step("outer", lambda: 1 // 0))
    _, (whole,) = spans_of_child(
        "read", sampled, lambda: [note_step("step", lambda: slow(1)) for _ in range(MAX_STEPS + 5)]
    )
    assert len(whole.steps) == MAX_STEPS


def test_of_a_trace_that_is_not_sampled_the_child_gives_no_span_back() -> None:
    pytest.importorskip("opentelemetry.sdk")
    with trace_to("http://127.0.0.1:9", share=0.0, instance="one"), span("poll"):
        parent = traceparent()
        assert parent.startswith("00-") and spans_of_child("poll", parent, lambda: 7) == (7, ())


def test_an_endpoint_that_is_no_url_is_refused_with_an_example() -> None:
    with (
        pytest.raises(SettingsError, match=r"trace\.endpoint: collector:4318 is no URL; .*http://127\.0\.0\.1:4318"),
        trace_to("collector:4318", share=1.0, instance="one"),
    ):
        raise AssertionError("unreachable")
