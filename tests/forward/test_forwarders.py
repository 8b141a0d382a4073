"""Forwarders against a real file system and a real HTTP server: at least once, in order, nothing eaten by a mistake."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import resource
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from dateline import plugins as kinds
from dateline.contract import Article, Cameo, Event, Evidence, Plover, Span
from dateline.contract.envelope import article_envelope, event_envelope, fields, retraction_envelope
from dateline.errors import PartlyForwarded, SettingsError, TransientError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward import jsonl, sqlite, webhook
from dateline.forward.cloud_event import structured
from dateline.ports import Forwarder, Resources
from dateline.settings import FetchSettings
from support.fetch_site import served_by

FAMILY = "dateline.forward"
#: Kinds that need a server of their own, tested beside; here they are built and closed.
SERVERS = {
    "postgresql": "postgresql://me:secret@127.0.0.1:9/news", "nats": "nats://me:secret@127.0.0.1:9",
    "rabbitmq": "amqp://me:secret@127.0.0.1:9/", "kafka": "127.0.0.1:9",
}  # fmt: skip
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def entry(number: int, text: str = "A story.", kind: str = "published") -> dict[str, str]:
    """One stream entry as the runner hands it over."""
    article = Article(id=f"a{number}", text=text, text_sha256=hashlib.sha256(text.encode()).hexdigest())
    flat = fields(article_envelope(article, kind, NOON))  # type: ignore[arg-type]
    return {"stream_id": f"170000000000{number:03}-0", "seq": str(number), **flat}


ENTRIES = [entry(number) for number in range(1, 6)]


@dataclass
class Receiver:
    """A web server that takes what it is posted; ``answers`` gives the status by message id, else 204."""

    port: int = 0
    answers: dict[str, list[int]] = field(default_factory=dict)
    taken: list[dict[str, object]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[object]:
        return [event["id"] for event in self.taken]

    async def handle(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.bodies.append(body)
        told = json.loads(body)
        events = told if isinstance(told, list) else [told]
        for event in events:
            if waiting := self.answers.get(event["id"]):
                return web.Response(status=waiting.pop(0))
        self.taken += events
        return web.Response(status=204)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    served = Receiver()
    async with served_by(served.handle) as served.port:
        yield served


@pytest_asyncio.fixture
async def resources(receiver: Receiver) -> AsyncIterator[Resources]:
    """What the daemon gives: its own guarded client, allowed to reach the receiver."""
    settings = FetchSettings(connect_seconds=20.0, first_byte_seconds=20.0, total_seconds=20.0)
    async with Client(settings, Guard([f"127.0.0.1:{receiver.port}"])) as client:
        yield Resources(http_post=client.post, http_exchange=client.exchange)


def files_in(folder: Path) -> dict[str, list[object]]:
    return {file.name: [line["seq"] for line in lines(file)] for file in folder.iterdir()}


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


# What every forwarder promises


@pytest.mark.parametrize("kind", kinds.names(FAMILY))
async def test_every_forwarder_keeps_the_familys_contract(
    kind: str, tmp_path: Path, receiver: Receiver, resources: Resources
) -> None:
    """Frozen settings whose options can be given by name; taking a batch, an empty one, a repeat; closing twice."""
    module = kinds.find(FAMILY, kind, "test")
    assert is_dataclass(module.Settings)
    url = SERVERS.get(kind, receiver.url)
    options = {"jsonl": {"path": str(tmp_path / "out")}, "sqlite": {"path": str(tmp_path / "out")}}.get(
        kind, {"url": url}
    )
    options = {"brokers": url} if kind == "kafka" else options
    settings = kinds.settings_of(module, options, "test")
    assert hash(type(settings)) and type(settings).__dataclass_params__.frozen
    assert "secret" not in module.target(settings) + repr(settings)
    forwarder: Forwarder = module.build(settings, resources)
    for entries in (ENTRIES[:3], [], ENTRIES[:3]) if kind not in {*SERVERS, "opensearch", "chat"} else ():
        await forwarder.forward(entries)
    await forwarder.close()
    await forwarder.close()


# The JSON form


def test_an_entry_becomes_one_cloud_event_with_its_record_inside() -> None:
    event = json.loads(structured(ENTRIES[0]))
    assert (event["specversion"], event["type"], event["seq"]) == ("1.0", "dateline.article.published", 1)
    assert event["data"]["id"] == "a1"
    assert event["streamid"] == ENTRIES[0]["stream_id"]
    assert all(name.isalnum() and name.islower() for name in event)


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_becomes_one_line(text: str) -> None:
    """Also text with every kind of line end in it."""
    packed = structured(entry(1, text))
    assert len(packed.splitlines()) == 1
    assert json.loads(packed)["data"]["text"] == text


# Files


async def test_lines_are_appended_in_order_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "new" / "events.jsonl"
    for half in (ENTRIES[:2], ENTRIES[2:]):
        forwarder = jsonl.build(jsonl.Settings(path=str(path)), Resources())
        await forwarder.forward(half)
        await forwarder.close()
    assert [line["seq"] for line in lines(path)] == [1, 2, 3, 4, 5]


async def test_a_crash_between_writing_and_acking_leaves_each_line_once(tmp_path: Path) -> None:
    """Two entries written whole and one half: all five come again, and the file has each once."""
    path = tmp_path / "events.jsonl"
    written = b"".join(structured(one) + b"\n" for one in ENTRIES[:2])
    path.write_bytes(written + structured(ENTRIES[2])[:40])
    forwarder = jsonl.build(jsonl.Settings(path=str(path)), Resources())
    await forwarder.forward(ENTRIES)
    await forwarder.close()
    assert [line["seq"] for line in lines(path)] == [1, 2, 3, 4, 5]


async def test_entries_asked_for_again_are_written_again(tmp_path: Path) -> None:
    """A group set back while the daemon runs: the operator wants them."""
    path = tmp_path / "events.jsonl"
    forwarder = jsonl.build(jsonl.Settings(path=str(path)), Resources())
    await forwarder.forward(ENTRIES)
    await forwarder.forward(ENTRIES[:1])
    await forwarder.close()
    assert [line["seq"] for line in lines(path)] == [1, 2, 3, 4, 5, 1]


async def test_a_full_file_is_turned_over_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    one_line = len(structured(ENTRIES[0])) + 1
    forwarder = jsonl.build(jsonl.Settings(path=str(path), max_bytes=one_line, keep_files=2), Resources())
    for each in ENTRIES:
        await forwarder.forward([each])
    await forwarder.close()
    assert files_in(tmp_path) == {"events.jsonl": [5], "events.jsonl.1": [4], "events.jsonl.2": [3]}


async def test_a_full_disk_is_told_as_passing_and_leaves_no_half_line(tmp_path: Path) -> None:
    """The kernel's file size limit stands in for the disk's end."""
    path = tmp_path / "events.jsonl"
    forwarder = jsonl.build(jsonl.Settings(path=str(path)), Resources())
    await forwarder.forward(ENTRIES[:1])
    size = path.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, hard))
    try:
        with pytest.raises(TransientError, match="File too large"):
            await forwarder.forward(ENTRIES[1:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [line["seq"] for line in lines(path)] == [1]
    await forwarder.forward(ENTRIES[1:])
    await forwarder.close()
    assert [line["seq"] for line in lines(path)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("build", [jsonl.build, sqlite.build])
def test_a_path_that_cannot_be_written_is_refused_at_the_start(build: object, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    module = jsonl if build is jsonl.build else sqlite
    with pytest.raises(SettingsError, match="choose a path"):
        module.build(module.Settings(path=str(tmp_path / "file" / "out")), Resources())


# SQLite


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def article_revision(revision: int, kind: str, text: str = "Text.") -> dict[str, str]:
    article = Article(id="a1", revision=revision, title=f"Title {revision}", text=text, text_sha256=str(revision))
    return {"stream_id": f"{revision}-0", **fields(article_envelope(article, kind, NOON))}  # type: ignore[arg-type]


def event_of(revision: int) -> dict[str, str]:
    article = Article(id="a1", revision=revision, text="", text_sha256="")
    struck = Span(text="struck", start=0, end=6)
    event = Event(
        id="e1",
        cluster_id="c1",
        article="a1",
        revision=revision,
        plover=Plover(type="ASSAULT", quad="material conflict", intensity=-10),
        cameo=Cameo(root="19", code="190", quad_class=4),
        evidence=Evidence(text="struck", start=0, end=6, trigger=struck, block=0, sentence=0),
        confidence=0.9,
    )
    return {"stream_id": f"{revision}-1", **fields(event_envelope(event, article, NOON))}


def retraction_of(revision: int) -> dict[str, str]:
    article = Article(id="a1", revision=revision, text="", text_sha256="")
    return {"stream_id": f"{revision}-2", **fields(retraction_envelope("e1", article, NOON))}


async def test_a_database_holds_the_latest_revision_however_often_and_in_whatever_order_entries_come(
    tmp_path: Path,
) -> None:
    path = tmp_path / "news.db"
    forwarder = sqlite.build(sqlite.Settings(path=str(path)), Resources())
    first, second = article_revision(1, "published"), article_revision(2, "revised")
    for batch in ([first, event_of(1)], [second, event_of(2)], [first, event_of(1)], [second]):
        await forwarder.forward(batch)
    await forwarder.close()
    assert rows(path, "SELECT id, revision, title FROM articles") == [("a1", 2, "Title 2")]
    assert rows(path, "SELECT id, revision, plover, evidence FROM events") == [("e1", 2, "ASSAULT", "struck")]
    assert rows(path, "SELECT json_extract(data, '$.cameo.root') FROM events") == [("19",)]


async def test_what_was_retracted_or_withdrawn_goes(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    forwarder = sqlite.build(sqlite.Settings(path=str(path)), Resources())
    await forwarder.forward([article_revision(1, "published"), event_of(1)])
    await forwarder.forward([article_revision(2, "withdrawn"), retraction_of(2)])
    await forwarder.close()
    assert rows(path, "SELECT withdrawn, text, data FROM articles") == [(1, None, None)]
    assert rows(path, "SELECT * FROM events") == []


async def test_an_event_that_comes_after_its_retraction_stays_gone_until_it_is_published_again(tmp_path: Path) -> None:
    """As it can after a change of partitions, when a forwarder reads the newer stream first."""
    path = tmp_path / "news.db"
    forwarder = sqlite.build(sqlite.Settings(path=str(path)), Resources())
    for batch in ([retraction_of(3)], [retraction_of(2)], [event_of(1)], [event_of(2)]):
        await forwarder.forward(batch)
        assert rows(path, "SELECT * FROM events") == []
    await forwarder.forward([event_of(3)])
    await forwarder.close()
    assert rows(path, "SELECT id, revision FROM events") == [("e1", 3)]


async def test_a_locked_database_makes_entries_wait(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    forwarder = sqlite.build(sqlite.Settings(path=str(path), lock_seconds=0.1), Resources())
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TransientError, match="locked"):
            await forwarder.forward(ENTRIES)
        other.execute("ROLLBACK")
    await forwarder.forward(ENTRIES)
    await forwarder.close()
    assert len(rows(path, "SELECT id FROM articles")) == 5


# Webhooks


async def test_entries_are_posted_in_order_one_by_one(receiver: Receiver, resources: Resources) -> None:
    forwarder = webhook.build(webhook.Settings(url=receiver.url, headers={"authorization": "Bearer x"}), resources)
    await forwarder.forward(ENTRIES)
    assert [event["seq"] for event in receiver.taken] == [1, 2, 3, 4, 5]
    assert receiver.headers[0]["content-type"].startswith("application/cloudevents+json")
    assert receiver.headers[0]["webhook-id"] == ENTRIES[0]["id"]
    assert receiver.headers[0]["authorization"] == "Bearer x"


@pytest.mark.parametrize("secret", ["a plain secret", "whsec_" + base64.b64encode(b"0123456789abcdef").decode()])
async def test_a_signature_can_be_checked_by_the_receiver(
    receiver: Receiver, resources: Resources, secret: str
) -> None:
    settings = webhook.Settings(url=receiver.url, secret=secret)
    assert secret not in repr(settings)
    await webhook.build(settings, resources).forward(ENTRIES[:1])
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    given = receiver.headers[0]
    signed = f"{given['webhook-id']}.{given['webhook-timestamp']}.".encode() + receiver.bodies[0]
    assert given["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


@pytest.mark.parametrize("status", [500, 503, 429, 401, 404, 302])
async def test_an_answer_that_is_not_about_the_entry_makes_it_wait(
    receiver: Receiver, resources: Resources, status: int
) -> None:
    """What was taken before it is named, so that it is not sent again."""
    receiver.answers = {ENTRIES[2]["id"]: [status]}
    forwarder = webhook.build(webhook.Settings(url=receiver.url), resources)
    with pytest.raises(PartlyForwarded, match=f"answered {status}") as stopped:
        await forwarder.forward(ENTRIES)
    assert receiver.ids == [one["id"] for one in ENTRIES[:2]]
    assert stopped.value.accepted == {one["stream_id"] for one in ENTRIES[:2]}
    assert not stopped.value.refused


async def test_a_refused_entry_is_passed_over_and_the_others_arrive(receiver: Receiver, resources: Resources) -> None:
    receiver.answers = {ENTRIES[2]["id"]: [422]}
    with pytest.raises(PartlyForwarded) as stopped:
        await webhook.build(webhook.Settings(url=receiver.url), resources).forward(ENTRIES)
    assert stopped.value.refused == {ENTRIES[2]["stream_id"]: "127.0.0.1 answered 422"}
    assert len(stopped.value.accepted) == len(ENTRIES) - 1
    assert receiver.ids == [one["id"] for one in ENTRIES if one is not ENTRIES[2]]


async def test_a_batch_is_one_request_and_a_refused_entry_in_it_is_found(
    receiver: Receiver, resources: Resources
) -> None:
    receiver.answers = {ENTRIES[2]["id"]: [400, 400]}
    with pytest.raises(PartlyForwarded) as stopped:
        await webhook.build(webhook.Settings(url=receiver.url, per_request=100), resources).forward(ENTRIES)
    assert set(stopped.value.refused) == {ENTRIES[2]["stream_id"]}
    assert receiver.ids == [one["id"] for one in ENTRIES if one is not ENTRIES[2]]
    assert len(receiver.bodies) == 1 + len(ENTRIES)
    assert receiver.headers[0]["content-type"].startswith("application/cloudevents-batch+json")


async def test_an_address_that_the_guard_forbids_makes_entries_wait_and_loses_none(resources: Resources) -> None:
    forwarder = webhook.build(webhook.Settings(url="http://127.0.0.1:9/hook"), resources)
    with pytest.raises(TransientError, match="the entries wait"):
        await forwarder.forward(ENTRIES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "ftp://desk.example/"}, "not an http or https URL"),
        ({"url": "desk.example"}, "not an http or https URL"),
        ({"per_request": 0}, "1 to 100"),
        ({"secret": "whsec_?"}, "not base64"),
    ],
)
def test_wrong_options_are_refused_in_words(change: dict[str, object], words: str, resources: Resources) -> None:
    settings = replace(webhook.Settings(url="https://desk.example/hook"), **change)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=words):
        webhook.build(settings, resources)


def test_a_webhook_without_an_http_client_is_refused_in_words() -> None:
    with pytest.raises(SettingsError, match="without an HTTP client"):
        webhook.build(webhook.Settings(url="https://desk.example/hook"), Resources())
