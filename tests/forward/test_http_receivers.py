"""Forwarders to search servers and chat channels over HTTP.

No OpenSearch or Elasticsearch server is to be had for the tests: the answers are those that the documentation of the bulk
interface gives, and what we send is compared with its rules.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from dateline.errors import PartlyForwarded, SettingsError, TransientError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward import chat, opensearch
from dateline.ports import Resources
from dateline.settings import FetchSettings
from support.fetch_site import served_by
from support.records import article, event, malformed, retraction


@dataclass
class Server:
    """Answers every request with ``status`` and ``answer``; keeps what it was sent."""

    port: int = 0
    status: int = 200
    answer: bytes = b""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, request: web.BaseRequest) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.path_qs, headers, await request.read()))
        return web.Response(status=self.status, body=self.answer)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    served = Server()
    async with served_by(served.handle) as served.port:
        yield served


@pytest_asyncio.fixture
async def resources(server: Server) -> AsyncIterator[Resources]:
    async with Client(FetchSettings(total_seconds=2.0), Guard([f"127.0.0.1:{server.port}"])) as client:
        yield Resources(http_post=client.post, http_exchange=client.exchange)


def items(*statuses: int) -> bytes:
    """The answer of a bulk request, as filter_path cuts it."""
    error = {"type": "mapper_parsing_exception", "reason": "failed to parse field [confidence]"}
    rows = [{"index": {"status": status, **({"error": error} if status >= 400 else {})}} for status in statuses]
    return json.dumps({"items": rows}).encode()


async def test_a_bulk_request_has_a_versioned_document_for_each_record(server: Server, resources: Resources) -> None:
    """The revision is the version, so what comes twice or late changes nothing; a retraction deletes."""
    server.answer = items(201, 200, 409, 404)
    forwarder = opensearch.build(opensearch.Settings(url=server.url + "/", user="me", password="secret"), resources)
    await forwarder.forward([article(1, 2, "revised"), event(1), article(2, 1, "withdrawn"), retraction(3, 4)])
    ((path, headers, body),) = server.requests
    assert path.startswith("/_bulk?") and headers["content-type"] == "application/x-ndjson"
    assert headers["authorization"] == "Basic bWU6c2VjcmV0" and body.endswith(b"\n")
    lines = [json.loads(line) for line in body.splitlines()]
    index = {"version_type": "external_gte"}
    assert lines[0] == {"index": {"_index": "dateline-articles", "_id": "a1", "version": 2, **index}}
    assert lines[2]["index"]["_index"] == "dateline-events" and lines[3]["place"] == {"lat": 16.27, "lon": -0.05}
    assert lines[3]["data"]["plover"]["type"] == "MOBILIZE"
    assert lines[5]["withdrawn"] is True and lines[5]["text"] is None and lines[5]["data"] is None
    assert lines[6] == {"delete": {"_index": "dateline-events", "_id": "e3", "version": 4, **index}}
    assert len(lines) == 7


async def test_a_document_that_the_index_refuses_is_named_and_a_busy_one_waits(
    server: Server, resources: Resources
) -> None:
    server.answer = items(201, 400, 429)
    forwarder = opensearch.build(opensearch.Settings(url=server.url), resources)
    with pytest.raises(PartlyForwarded, match="answered 429 for a document") as stopped:
        await forwarder.forward([article(1), article(2), malformed(), article(3)])
    assert stopped.value.accepted == {"1-1"}
    assert set(stopped.value.refused) == {"2-1", "99-0"}
    assert "failed to parse field [confidence]" in stopped.value.refused["2-1"]


@pytest.mark.parametrize(("status", "answer"), [(503, b""), (401, b""), (200, b"<html>"), (413, b"")])
async def test_an_answer_that_is_not_about_a_document_makes_all_wait(
    server: Server, resources: Resources, status: int, answer: bytes
) -> None:
    server.status, server.answer = status, answer
    forwarder = opensearch.build(opensearch.Settings(url=server.url, api_key="secret"), resources)
    with pytest.raises(TransientError) as stopped:
        await forwarder.forward([article(1)])
    assert "secret" not in str(stopped.value)
    assert server.requests[0][1]["authorization"] == "ApiKey secret"


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("slack", {"text": "MOBILIZE MLI 2026-03-03: Rebels &lt;mobilized&gt; troops &amp; tanks near Gao. 0.90"}),
        (
            "discord",
            {
                "content": "MOBILIZE MLI 2026-03-03: Rebels <mobilized> troops & tanks near Gao. 0.90",
                "allowed_mentions": {"parse": []},
            },
        ),
        ("ntfy", "MOBILIZE MLI 2026-03-03: Rebels <mobilized> troops & tanks near Gao. 0.90"),
    ],
)
async def test_an_event_is_written_by_the_template_as_the_service_wants_it(
    server: Server, resources: Resources, service: str, expected: Any
) -> None:
    """Marks of the text make no link and mention nobody."""
    settings = chat.Settings(url=server.url, service=service, event="$plover $country $day: $evidence $confidence")
    await chat.build(settings, resources).forward([event(1)])
    body = server.requests[0][2].decode()
    assert (body if service == "ntfy" else json.loads(body)) == expected


async def test_articles_and_retractions_have_templates_of_their_own(server: Server, resources: Resources) -> None:
    forwarder = chat.build(chat.Settings(url=server.url, service="text"), resources)
    await forwarder.forward([article(1), retraction(1, 2)])
    assert [body.decode() for _, _, body in server.requests] == [
        "Title 1 (paper.example) https://paper.example/1", "Retracted: event e1 of article a1",
    ]  # fmt: skip


async def test_a_channel_that_is_busy_makes_entries_wait_and_its_address_stays_secret(
    server: Server, resources: Resources
) -> None:
    server.status = 429
    forwarder = chat.build(chat.Settings(url=f"{server.url}/T0/secret"), resources)
    with pytest.raises(PartlyForwarded, match="answered 429") as stopped:
        await forwarder.forward([event(1)])
    assert "secret" not in str(stopped.value)
    away = chat.build(chat.Settings(url="http://127.0.0.1:9/T0/secret?key=secret"), resources)
    with pytest.raises(PartlyForwarded) as stopped:
        await away.forward([event(1)])
    assert "secret" not in str(stopped.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (chat.Settings(url="https://x.example", event="$evidance"), "has a field that is none; there are"),
        (chat.Settings(url="https://x.example", service="teams"), "there are slack, discord"),
        (chat.Settings(url="x.example"), "not an http or https URL"),
    ],
)
def test_wrong_options_are_refused_in_words(settings: chat.Settings, words: str, resources: Resources) -> None:
    with pytest.raises(SettingsError, match=words):
        chat.build(settings, resources)
