"""Which names are answered: what DNS rebinding would need is refused."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession

from dateline.serve.hosts import is_known_host
from dateline.serve.http import serve
from dateline.settings import ServeSettings
from dateline.telemetry import Metrics


@pytest.mark.parametrize(
    ("host", "known", "as_service"),
    [
        ("127.0.0.1:8080", True, True), ("[::1]:8080", True, True), ("localhost:8080", True, True),
        ("desk.example", True, True), ("evil.example", False, False), ("worker:8080", False, True),
        ("evil.example.", False, False), ("", False, False), ("[bad", False, False),
    ],
)  # fmt: skip
def test_a_host_is_known_as_an_address_or_by_its_configured_name(host: str, known: bool, as_service: bool) -> None:
    """Names without a dot cannot be pointed at us from outside: Prometheus uses those of services."""
    assert is_known_host(host, ("desk.example",)) is known
    assert is_known_host(host, ("desk.example",), short_names=True) is as_service


async def test_metrics_check_the_host_where_no_token_is_asked_for() -> None:
    """With a token, whoever has it may come under any name."""

    async def ready() -> str | None:
        return None

    for token, status in ((None, 421), ("t" * 20, 200)):
        settings = ServeSettings(port=0, token=token)
        async with serve(settings, Metrics(), ready) as port, ClientSession() as client:
            for host, expected in (("evil.example", status), ("127.0.0.1", 200)):
                headers = {"Host": host, "Authorization": f"Bearer {token}"}
                async with client.get(f"http://127.0.0.1:{port}/metrics", headers=headers) as answer:
                    assert answer.status == expected
