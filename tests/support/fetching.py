"""A client that may reach loopback ports, for the tests of fetching."""

from __future__ import annotations

import pytest

from dateline.errors import DatelineError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.fetch.resolver import FixedNames
from dateline.settings import FetchSettings

FEED = b"<rss version='2.0'><channel><title>Harbour Courier</title></channel></rss>"
#: Time enough for a server in the same busy process.
UNHURRIED = FetchSettings(
    connect_seconds=30.0, first_byte_seconds=30.0, total_seconds=30.0, contact="desk@courier.example"
)
#: For servers that are to be given up.
QUICK = FetchSettings(connect_seconds=0.5, first_byte_seconds=0.5, total_seconds=2.0, contact="desk@courier.example")


def reaching(
    *ports: int, settings: FetchSettings = UNHURRIED, names: dict[str, str | list[str]] | None = None
) -> Client:
    """A client that may reach 127.0.0.1 on these ports."""
    return Client(settings, Guard(f"127.0.0.1:{port}" for port in ports), resolver=FixedNames(names or {}))


async def code_of(client: Client, url: str, **how: object) -> str:
    """The code of the error that a fetch ends in."""
    with pytest.raises(DatelineError) as caught:
        await client.get(url, **how)  # type: ignore[arg-type]
    return caught.value.code
