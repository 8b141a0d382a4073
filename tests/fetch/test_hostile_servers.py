"""The client over the shared catalogue of hostile servers, where that is on the machine: feeds, pages, TLS.

A case's duty is a set of outcomes. Where every outcome of the set is one that fetching decides, the client must meet it;
where the body is parsed later, fetching must hand it over whole or end in one of the set.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hostile.house import HOSTILE
from msgspec.structs import replace

from dateline.encoding.decompress import inflate
from dateline.errors import Blocked, DatelineError
from dateline.fetch.client import Client
from dateline.fetch.guard import Address, Guard
from dateline.fetch.resolver import FixedNames
from dateline.settings import FetchSettings
from support.fetch_dns import OneServer
from support.ports import free_ports

MAX_BYTES = 5 << 20
#: The limits the catalogue is written for.
LIMITS = FetchSettings(
    connect_seconds=3.0,
    first_byte_seconds=6.0,
    total_seconds=10.0,
    max_feed_bytes=MAX_BYTES,
    max_page_bytes=MAX_BYTES,
)
#: What fetching and inflating alone decide.
DECIDED = {
    "timeout", "too_large", "bad_encoding", "protocol", "connection", "redirect_limit", "blocked", "bad_scheme",
    "http_status", "gone", "throttled", "tls", "dns", "not_modified",
}  # fmt: skip


@pytest.fixture
async def hostile() -> AsyncIterator[dict[str, int]]:
    """The server's ports: ``port``, ``canary``, ``dns`` (UDP) and the first of six for ``tls``."""
    if not (HOSTILE / "hostile.py").is_file():
        pytest.skip("no hostile server: the shared material is not on this machine")
    first = free_ports(9)
    ports = {"port": first, "canary": first + 1, "dns": first + 2, "tls": first + 3}
    named = [part for name, port in ports.items() for part in (f"--{name}", str(port))]
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HOSTILE / "hostile.py"), *named, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = await asyncio.wait_for(process.stdout.readline(), 120)
    assert b"ready" in ready
    yield ports
    process.terminate()
    await process.wait()


async def _outcome(client: Client, case: dict[str, Any], ports: dict[str, int]) -> tuple[str, float]:
    """How a case ended for fetching and inflating, and after how many seconds."""
    path = str(case["path"])
    if case["kind"] == "tls":
        number, _, path = path.removeprefix("tls+").partition(":")
        url = f"https://127.0.0.1:{ports['tls'] + int(number)}{path}"
    else:
        url = f"http://127.0.0.1:{ports['port']}{path}"
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        body = await client.get(url, kind="page" if case["kind"] == "article" else "feed")
        inflate(body.body, body.encoding, max_bytes=MAX_BYTES, sniff=case["kind"] == "feed")
        outcome = "not_modified" if body.status == 304 else "ok"
    except DatelineError as error:
        outcome = error.code
    return outcome, loop.time() - began


@pytest.mark.slow
async def test_every_case_that_fetching_decides_ends_as_the_catalogue_asks(hostile: dict[str, int]) -> None:
    """In time, with the right word, the canary untouched, and the client alive at the end."""
    catalogue = json.loads((HOSTILE / "catalogue.json").read_text("utf-8"))
    cases = [case for case in catalogue if case["kind"] != "dns"]
    guard = Guard(f"127.0.0.1:{port}" for port in (hostile["port"], *range(hostile["tls"], hostile["tls"] + 6)))
    wrong: list[str] = []
    at_once = asyncio.Semaphore(12)
    unhurried = replace(LIMITS, first_byte_seconds=240.0, total_seconds=240.0)
    async with (
        Client(LIMITS, guard, resolver=FixedNames({})) as client,
        Client(unhurried, guard, resolver=FixedNames({})) as patient,
    ):

        async def judge(case: dict[str, Any]) -> None:
            async with at_once:
                outcome, seconds = await _outcome(client, case, hostile)
                if outcome == "timeout" and "timeout" not in case["outcome"]:
                    # The server makes its gigabytes at the first request and keeps most of them: let it, then judge. What it
                    # makes anew each time takes as long as the machine takes: that is no slowness of the client's.
                    unhurried_outcome, _ = await _outcome(patient, case, hostile)
                    outcome, seconds = await _outcome(client, case, hostile)
                    if outcome == "timeout":
                        outcome = unhurried_outcome
            right = outcome in case["outcome"] or (outcome == "ok" and not set(case["outcome"]) <= DECIDED)
            if not right or seconds > 3 * case["max_seconds"]:  # an order of size: many processes share the machine
                wrong.append(f"{case['path']}: {outcome} after {seconds:.1f} s, not {case['outcome']}")

        await asyncio.gather(*map(judge, cases))
        touched = await client.get(f"http://127.0.0.1:{hostile['port']}/_canary")
        assert (await client.get(f"http://127.0.0.1:{hostile['port']}/ok/rss")).status == 200
    assert json.loads(touched.body) == []
    assert not wrong, "\n".join(wrong)


class StayingHome(Guard):
    """A guard that refuses public addresses too: no test leaves this machine."""

    def check_address(self, ip: Address | str, port: int) -> None:
        super().check_address(ip, port)
        raise Blocked(f"{ip} is public, and this is a test")


async def test_names_that_lie_lead_nowhere(hostile: dict[str, int]) -> None:
    """Private answers, mixed ones, rebinding between two look-ups, errors and silence: nothing but refusals."""
    cases = [case for case in json.loads((HOSTILE / "catalogue.json").read_text("utf-8")) if case["kind"] == "dns"]
    # Some address is allowed on this port, so that names are looked up and the address decides.
    guard = StayingHome([f"192.0.2.1:{hostile['port']}"])
    quick = FetchSettings(connect_seconds=0.5, first_byte_seconds=2.0, total_seconds=4.0, dns_cache_seconds=0)
    wrong: list[str] = []
    async with Client(quick, guard, resolver=OneServer(hostile["dns"], 2.0)) as client:
        for case in cases:
            name = str(case["path"]).removeprefix("dns:")
            for _ in range(2):
                try:
                    await client.get(f"http://{name}:{hostile['port']}/ok/rss")
                    outcome = "ok"
                except DatelineError as error:
                    outcome = error.code
                if outcome not in case["outcome"]:
                    wrong.append(f"{name}: {outcome}, not {case['outcome']}")
    watch = Guard([f"127.0.0.1:{hostile['port']}"])
    async with Client(quick, watch, resolver=FixedNames({})) as client:
        touched = await client.get(f"http://127.0.0.1:{hostile['port']}/_canary")
    assert json.loads(touched.body) == []
    assert cases
    assert not wrong, "\n".join(wrong)
