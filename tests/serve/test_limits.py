"""The HTTP port and hostile clients: slow, many, malformed, too long. Real sockets; waiting is for what the server does."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from unittest.mock import ANY

import pytest
from aiohttp import web

from dateline.errors import StoreUnavailable
from dateline.serve.desk.api import DeskLimits, add_desk
from dateline.serve.desk.desk import Desk
from dateline.serve.http import serve
from dateline.serve.limits import ServerLimits
from dateline.serve.websub_routes import add_websub
from dateline.settings import ServeSettings, WebsubSettings
from dateline.telemetry import Metrics, set_up_logs
from support.conditions import eventually
from support.desk import quiet_desk, story

TOKEN = "correct-horse"


@pytest.fixture(autouse=True)
def _logs() -> None:
    """As the daemon has them, on standard error."""
    set_up_logs("warning", "json")


@asynccontextmanager
async def port_of(
    *,
    token: str | None = None,
    desk: Desk | None = None,
    limits: ServerLimits | None = None,
    write_seconds: float = 5.0,
) -> AsyncIterator[int]:
    """The daemon's HTTP port with a desk behind it, on any free port of loopback."""

    async def ready() -> str | None:
        return None

    def routes(app: web.Application) -> None:
        looks = DeskLimits(max_watchers=2, heartbeat_seconds=0.05, write_seconds=write_seconds)
        add_desk(app, desk or own, looks)

    settings = ServeSettings(port=0, token=token)
    async with quiet_desk() as own, serve(settings, Metrics(), ready, routes, limits) as port:
        assert port is not None
        yield port


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A raw connection, for requests that no library would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def answer(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to one request, said byte by byte."""
    async with connected(port) as (reader, writer):
        return await answer_on(reader, writer, request)


async def answer_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, dict[str, str], bytes]:
    """The same on a connection that is there."""
    writer.write(request)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 120)
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
    length = 0 if request.startswith(b"HEAD") else int(headers.get("content-length", "0"))
    return int(first.split()[1]), headers, await reader.readexactly(length)


def get(path: str, *lines: str, method: str = "GET") -> bytes:
    """A request as a browser sends it."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode(
        "utf-8", "surrogateescape"
    )


async def test_headers_that_drip_and_silence_end_within_the_idle_time() -> None:
    """A byte now and then does not begin the time anew; a decent client beside them is answered."""
    async with (
        port_of(limits=ServerLimits(idle_seconds=1.5)) as port,
        connected(port) as (slow, writer),
        connected(port) as (silent, _),
    ):
        writer.write(b"GET /healthz HTTP/1.1\r\nX: ")

        async def drip() -> None:
            while not writer.is_closing():
                writer.write(b"a")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert (await answer(port, get("/healthz")))[0] == 200
        assert await asyncio.wait_for(silent.read(), 60) == b""
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(slow.read(), 60) == b""
        dripping.cancel()


async def test_one_connection_too_many_is_hung_up_on_and_the_next_after_an_end_is_taken() -> None:
    """Idle clients take a bounded number of descriptors."""
    async with port_of(limits=ServerLimits(max_connections=20)) as port, contextlib.AsyncExitStack() as crowd:
        first, _ = await crowd.enter_async_context(connected(port))
        held = [await crowd.enter_async_context(connected(port)) for _ in range(19)]
        assert (await answer_on(*held[-1], get("/healthz")))[0] == 200
        with contextlib.suppress(ConnectionError):
            over, _ = await crowd.enter_async_context(connected(port))
            assert await asyncio.wait_for(over.read(), 60) == b""
        held[0][1].close()

        async def taken() -> bool:
            try:
                return (await answer(port, get("/healthz")))[0] == 200
            except (ConnectionError, asyncio.IncompleteReadError):
                return False

        await eventually(taken)
        assert not first.at_eof()


async def test_an_answer_that_nobody_reads_is_given_up(capfd: pytest.CaptureFixture[str]) -> None:
    """A client that requests megabytes and reads nothing keeps neither a handler nor the response."""
    async with (
        quiet_desk(story("long", text="x" * 12_300_000)) as desk,
        port_of(desk=desk, limits=ServerLimits(answer_seconds=0.5)) as port,
        connected(port) as (reader, writer),
    ):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(get("/desk/api/article/long"))
        await eventually(lambda: "client.slow" in capfd.readouterr().err)
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        with contextlib.suppress(ConnectionError):
            assert len(await asyncio.wait_for(reader.read(), 60)) < 12_000_000
    assert "Traceback" not in capfd.readouterr().err


async def test_a_watcher_that_does_not_read_leaves_its_place() -> None:
    """Two places only; both are taken by sleepers, and are free again."""
    async with (
        quiet_desk() as desk,
        port_of(desk=desk, write_seconds=0.3) as port,
        contextlib.AsyncExitStack() as sleepers,
    ):
        for _ in range(2):
            sleeper = sleepers.enter_context(socket.socket())
            sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # soon full
            sleeper.connect(("127.0.0.1", port))
            sleeper.sendall(get("/desk/stream"))
        await eventually(lambda: len(desk.watchers) == 2)
        assert (await answer(port, get("/desk/stream")))[0] == 503
        number = 0

        async def place_again() -> bool:
            nonlocal number
            for _ in range(5_000):
                number += 1
                desk.announce(number)
                await asyncio.sleep(0)
            return len(desk.watchers) < 2

        await eventually(place_again)
        async with connected(port) as (reader, writer):
            writer.write(get("/desk/stream"))
            assert b" 200 " in await asyncio.wait_for(reader.readline(), 60)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: [::\r\n\r\n",
        b"GET /desk HTTP/1.1\r\nHost: a@b:c:d\r\n\r\n",
        b"GET /desk?token=%ff%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /desk HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
        b"GET /desk HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: dateline-token=\xff; =; ;;\r\n\r\n",
        b"GET /%00%0d%0aX:%201 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /desk/../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /desk/static/..%2f..%2fhttp.py HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /desk/api/article/..%2f..%2fx HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /desk HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"GET /desk HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"\x1b[31mGET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"POST /desk HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\nx",
        b"TRACE /desk HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"DELETE /desk/api/feeds HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=range(18),
)
@pytest.mark.parametrize("token", [None, TOKEN])
async def test_a_malformed_request_is_refused_and_no_mistake_of_ours(
    request_: bytes, token: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    """Never 500, no trace, nothing of it on a terminal; the port answers the next one."""
    async with port_of(token=token) as port:
        status, _, body = await answer(port, request_)
        assert status < 500, body
        assert b"Traceback" not in body and b"root:" not in body
        assert (await answer(port, get("/healthz")))[0] == 200
    said = capfd.readouterr()
    assert "Traceback" not in said.err and "\x1b[31mGET" not in said.err + said.out


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/desk", "/desk/api/wire", "/nowhere", "/desk/static/x"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
async def test_every_answer_carries_the_same_headers(path: str, method: str) -> None:
    """Mistakes and refusals too; and none says which library in which version it is."""
    async with port_of() as port:
        status, headers, body = await answer(port, get(path, method=method))
    assert status in (200, 404, 405)
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"] and "unsafe" not in str(headers)
    assert headers["server"] == "Dateline"
    assert method != "HEAD" or not body


async def test_the_token_is_asked_for_by_everything_that_tells_something() -> None:
    """As a header, in the address or as a cookie; the beginning of it is not enough."""
    async with port_of(token=TOKEN) as port:
        wrong = ((), ("Authorization: Bearer correct",), ("Cookie: dateline-token=x",), ("Authorization: Basic e30=",))
        for path in ("/metrics", "/desk", "/desk/api/wire", "/desk/api/feeds", "/desk/stream", "/", "/nowhere"):
            for lines in wrong:
                assert (await answer(port, get(path, *lines)))[0] == 401, path
        assert (await answer(port, get("/healthz")))[0] == (await answer(port, get("/readyz")))[0] == 200
        for right in (f"Authorization: Bearer {TOKEN}", f"Cookie: dateline-token={TOKEN}"):
            assert (await answer(port, get("/metrics", right)))[0] == 200
        status, headers, _ = await answer(port, get(f"/desk?token={TOKEN}"))
        assert status == 303 and "HttpOnly" in headers["set-cookie"] and "SameSite=Strict" in headers["set-cookie"]
        assert TOKEN not in headers["location"]


async def test_a_store_that_is_away_is_told_in_plain_words() -> None:
    """503, no trace; the words are for a terminal too."""
    async with port_of() as port:  # its desk has no Redis
        status, headers, body = await answer(port, get("/desk/api/health"))
    assert status == 503 and json.loads(body)["code"] == StoreUnavailable.code
    assert headers["content-type"].startswith("application/json")


class Callback:
    """A subscriber with one callback; it takes what is signed by anybody."""

    settings = WebsubSettings(at_once=1)

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def knows(self, token: str) -> bool:
        return token == KNOWN

    async def deliver(self, token: str, body: bytes, headers: Mapping[str, str], signature: str | None) -> int:
        self.taken.append(body)
        return 204


KNOWN = "k" * 32


async def test_the_callback_reads_no_body_for_unknown_tokens_and_gives_a_slow_hub_its_time_only() -> None:
    """Told at the headers: an unknown callback, a body too long, too many at a time; a body that drips is cut off."""
    hub = Callback()

    async def ready() -> str | None:
        return None

    def post(token: str, length: int) -> bytes:
        return get(f"/websub/{token}", f"Content-Length: {length}", method="POST")

    def routes(app: web.Application) -> None:
        add_websub(app, hub, max_bytes=1000, body_seconds=2.5)  # type: ignore[arg-type]

    async with serve(ServeSettings(port=0, token=TOKEN), Metrics(), ready, routes) as port:
        assert port is not None
        assert (await answer(port, post("u" * 32, 900)))[0] == 410
        assert (await answer(port, post("short", 900)))[0] == (await answer(port, post("a%2f" * 9, 900)))[0] == 404
        assert (await answer(port, post(KNOWN, 1001)))[0] == 413
        assert (await answer(port, get(f"/websub/{KNOWN}", method="HEAD")))[0] == 405
        assert (await answer(port, get(f"/websub/{KNOWN}", method="PUT")))[0] == 405
        async with connected(port) as (first, one), connected(port) as (second, two):
            slow = [asyncio.create_task(answer_on(first, one, post(KNOWN, 900))),
                    asyncio.create_task(answer_on(second, two, post(KNOWN, 900)))]  # fmt: skip

            async def full() -> bool:
                status, headers, _ = await answer(port, post(KNOWN, 5) + b"hello")
                return status == 503 and "retry-after" in headers

            await eventually(full)
            assert [(await each)[0] for each in slow] == [408, 408]
        assert (await answer(port, post(KNOWN, 5) + b"hello"))[0] == 204
    assert set(hub.taken) == {b"hello"}


async def test_who_asks_whether_it_is_ready_does_not_hear_where_redis_is() -> None:
    """Open to all, so it tells nothing but that."""

    async def away() -> str | None:
        raise StoreUnavailable("Redis at 10.1.2.3:6379 does not answer")

    async with serve(ServeSettings(port=0, token=TOKEN), Metrics(), away) as port:
        assert port is not None
        assert await answer(port, get("/readyz")) == (503, ANY, b"Redis does not answer\n")


def test_the_port_is_on_loopback_unless_the_operator_says_otherwise() -> None:
    """The default of the setting itself."""
    assert ipaddress.ip_address(ServeSettings().host).is_loopback


async def test_a_port_that_is_open_to_others_without_a_token_is_told_loudly(capfd: pytest.CaptureFixture[str]) -> None:
    """Who reads the log of the first start reads that anybody may read the desk."""

    async def ready() -> str | None:
        return None

    for token, warnings in ((None, 1), (TOKEN, 0)):
        async with serve(ServeSettings(host="0.0.0.0", port=0, token=token), Metrics(), ready):
            pass
        assert capfd.readouterr().err.count("serve.open") == warnings
