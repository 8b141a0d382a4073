"""The PostgreSQL forwarder on a real server."""

from __future__ import annotations

import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from dateline.errors import PartlyForwarded, TransientError
from dateline.forward import postgresql
from dateline.ports import Forwarder, Resources
from support.ports import free_port
from support.receivers import as_other_user, program, running
from support.records import article, event, malformed, retraction

asyncpg = pytest.importorskip("asyncpg")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with an empty database: its URL."""
    initdb, postgres = program("initdb", "postgresql"), program("postgres", "postgresql")
    folder = tmp_path_factory.mktemp("postgresql")
    change = as_other_user(folder)
    data, port = folder / "data", free_port()
    subprocess.run(
        [initdb, "-D", data, "-U", "dateline", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
        check=True, preexec_fn=change, cwd=folder, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    command = [postgres, "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-F"]
    command += ["-c", f"unix_socket_directories={folder}"]
    with running(command, port, preexec_fn=change, cwd=folder):
        ready = [program("pg_isready", "postgresql"), "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, stdout=subprocess.DEVNULL, check=False).returncode:
            time.sleep(0.05)
        yield f"postgresql://dateline@127.0.0.1:{port}/postgres"


@pytest_asyncio.fixture
async def database(server: str) -> AsyncIterator[tuple[Forwarder, Any]]:
    """A forwarder into empty tables, and a connection to look at them."""
    looking = await asyncpg.connect(server)
    await looking.execute("DROP TABLE IF EXISTS articles, events, retracted")
    forwarder = postgresql.build(postgresql.Settings(url=server), Resources())
    yield forwarder, looking
    await forwarder.close()
    await looking.close()


async def rows(connection: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.fetch(query)]


async def test_the_latest_revision_is_kept_however_often_and_in_whatever_order_entries_come(
    database: tuple[Forwarder, Any],
) -> None:
    forwarder, looking = database
    first, second = article(1, 1), article(1, 2, "revised")
    for batch in ([first, event(1, 1), second, event(1, 2)], [first, event(1, 1)], [second]):
        await forwarder.forward(batch)
    assert await rows(looking, "SELECT id, revision, title FROM articles") == [("a1", 2, "Title 2")]
    found = "SELECT id, revision, plover, occurred_to - occurred_from, data #>> '{location,name}' FROM events"
    assert await rows(looking, found) == [("e1", 2, "MOBILIZE", 1, "Gao")]
    assert await rows(looking, "SELECT extract(hour FROM published AT TIME ZONE 'UTC')::int FROM articles") == [(10,)]


async def test_what_was_retracted_or_withdrawn_goes_in_one_batch_or_in_two(database: tuple[Forwarder, Any]) -> None:
    forwarder, looking = database
    await forwarder.forward([article(1), event(1), event(2), retraction(2, 2)])
    assert await rows(looking, "SELECT id FROM events") == [("e1",)]
    await forwarder.forward([article(1, 2, "withdrawn"), retraction(1, 2)])
    assert await rows(looking, "SELECT withdrawn, text, data FROM articles") == [(True, None, None)]
    assert await rows(looking, "SELECT id FROM events") == []


async def test_an_event_that_comes_after_its_retraction_stays_gone_until_it_is_published_again(
    database: tuple[Forwarder, Any],
) -> None:
    forwarder, looking = database
    for batch in ([retraction(1, 3)], [retraction(1, 2)], [event(1, 1)], [event(1, 2), article(1, 2, "revised")]):
        await forwarder.forward(batch)
        assert await rows(looking, "SELECT id FROM events") == []
    await forwarder.forward([event(1, 3)])
    assert await rows(looking, "SELECT id, revision FROM events") == [("e1", 3)]


async def test_an_entry_that_cannot_be_read_is_refused_and_the_others_are_written(
    database: tuple[Forwarder, Any],
) -> None:
    forwarder, looking = database
    odd = article(2, text="a NUL: \0 and half a pair")
    with pytest.raises(PartlyForwarded) as stopped:
        await forwarder.forward([article(1), malformed(), odd])
    assert set(stopped.value.refused) == {"99-0"} and stopped.value.accepted == {"1-1", "2-1"}
    assert await rows(looking, "SELECT count(*)::int FROM articles") == [(2,)]


async def test_a_connection_that_broke_is_opened_again(database: tuple[Forwarder, Any]) -> None:
    forwarder, looking = database
    await forwarder.forward([article(1)])
    await looking.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    with pytest.raises(TransientError, match="PostgreSQL"):
        await forwarder.forward([article(2)])
    await forwarder.forward([article(2)])
    assert await rows(looking, "SELECT count(*)::int FROM articles") == [(2,)]


async def test_a_server_that_is_away_makes_entries_wait(tmp_path: Path) -> None:
    url = f"postgresql://dateline:secret@127.0.0.1:{free_port()}/news"
    assert "secret" not in postgresql.target(postgresql.Settings(url=url))
    forwarder = postgresql.build(postgresql.Settings(url=url), Resources())
    with pytest.raises(TransientError) as stopped:
        await forwarder.forward([article(1)])
    assert "secret" not in str(stopped.value)
    await forwarder.close()
