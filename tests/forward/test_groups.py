"""Groups of forwarders: named by what they are, adopted, dropped, and shown with what is wrong."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dateline.errors import SettingsError
from dateline.fetch.client import Client
from dateline.fetch.guard import Guard
from dateline.forward.options import configure
from dateline.forward.runner import Forwarding
from dateline.forward.status import ForwarderRow, describe_forwarders, judge
from dateline.settings import FetchSettings, RedisSettings
from dateline.settings.schema import Component
from dateline.store import groups, upkeep
from dateline.store.redis import Connection
from support.forwarding import publish
from support.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix))
    await publish(opened, *range(5))
    yield opened
    await opened.close()


def hook(name: str, **more: object) -> Component:
    return Component("webhook", {"url": f"https://hooks.example/{name}", **more})


async def take(connection: Connection, group: str, most: int, *, ack: int) -> None:
    """Read entries as a member of the group and ack the first of them."""
    events = connection.keys[0].events
    answer = await connection.call("XREADGROUP", "GROUP", group, "c", "COUNT", most, "STREAMS", events, ">")
    ids = [row[0] for row in answer[0][1]]
    if ack:
        await connection.call("XACK", events, group, *ids[:ack])


async def run_once(connection: Connection, components: list[Component]) -> None:
    """Run forwarders until they have sent all."""
    stop = asyncio.Event()
    async with Client(FetchSettings(), Guard(())) as client:
        forwarding = Forwarding(connection, components, client, lease_seconds=0.3, note_seconds=0.05)
        task = asyncio.create_task(forwarding.run(stop))
        names = [one.group for one in configure(components)]
        while not set(names) <= {row["name"] for row in await groups.describe(connection, 0)}:
            await asyncio.sleep(0.01)
        while [await upkeep.lag_of(connection, name) for name in names] != [(0, 0)] * len(names):
            await asyncio.sleep(0.01)
        stop.set()
        await task


def test_a_group_is_named_by_kind_and_target_wherever_its_table_stands() -> None:
    """Another table in front, and another order, change no name: no cursor moves from one receiver to another."""
    file = Component("jsonl", {"path": "/tmp/out.jsonl"})
    alone = {one.target: one.group for one in configure([hook("a"), hook("b")])}
    beside = {one.target: one.group for one in configure([file, hook("b"), hook("a")])}
    assert {target: beside[target] for target in alone} == alone
    assert len(set(beside.values())) == 3
    assert beside["https://hooks.example/a"].startswith("forward-webhook-hooks.example-")


def test_a_groups_name_shows_no_secret() -> None:
    """User, password and path of a URL are left out; a change of the password changes nothing."""
    one = configure([Component("webhook", {"url": "https://me:secret@hooks.example/T0/xyz"})])[0]
    other = configure([Component("webhook", {"url": "https://me:changed@hooks.example/T0/xyz"})])[0]
    assert one.group == other.group
    assert "secret" not in one.group + one.target and "xyz" not in one.group


@pytest.mark.parametrize(
    ("components", "words"),
    [
        ([hook("a"), hook("a", types=["event"])], "give one of them a name of its own"),
        ([hook("a", types=["evnt"])], "no type of the stream"),
        ([hook("a", countries=["Mali"])], "alpha-3"),
        ([hook("a", start="tomorrow")], "no place in a stream"),
        ([hook("a", tries=0)], "1 to 1000"),
        ([hook("a", typs=[])], "did you mean 'types'"),
    ],
)
def test_wrong_tables_are_refused_in_words(components: list[Component], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        configure(components)


def test_two_tables_of_one_target_can_have_groups_of_their_own() -> None:
    found = configure([hook("a", types=["article"]), hook("a", types=["event"], group="events")])
    assert [one.group for one in found][1] == "events"


async def test_an_adopted_group_goes_on_where_the_old_one_was_with_what_was_pending(connection: Connection) -> None:
    await connection.call("XGROUP", "CREATE", connection.keys[0].events, "old", "0")
    await take(connection, "old", 4, ack=2)
    assert await groups.adopt(connection, "old", "new") == 2
    assert [row["name"] for row in await groups.describe(connection, 0)] == ["new"]
    assert await upkeep.lag_of(connection, "new") == (3, 2)
    await groups.adopt(connection, "old", "new")
    assert await upkeep.lag_of(connection, "new") == (3, 2)


async def test_dead_letters_move_with_an_adopted_group_and_go_with_a_dropped_one(connection: Connection) -> None:
    events = connection.keys[0].events
    await connection.call("XGROUP", "CREATE", events, "old", "0")
    await take(connection, "old", 1, ack=0)
    mid = (await connection.call("XPENDING", events, "old", "-", "+", 1))[0][0].decode()
    await groups.set_aside(connection, 0, "old", [(mid, "bad", 3)])
    await groups.adopt(connection, "old", "new")
    assert await groups.count_dead_letters(connection, "new") == 1
    assert await groups.drop(connection, "new")
    assert await groups.count_dead_letters(connection, "new") == 0
    assert not await groups.drop(connection, "new")


@pytest.mark.one_redis
async def test_a_table_in_front_neither_loses_nor_repeats(connection: Connection, tmp_path: Path) -> None:
    """As the operator who adds one does it."""
    first, added = (Component("jsonl", {"path": str(tmp_path / f"{name}.jsonl")}) for name in ("a", "b"))
    await run_once(connection, [first])
    await publish(connection, *range(5, 9))
    await run_once(connection, [added, first])
    for name in ("a", "b"):
        ids = [json.loads(line)["id"] for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()]
        assert ids == [f"e{number}" for number in range(9)], name


@pytest.mark.one_redis
async def test_a_group_that_was_named_by_number_is_adopted_where_there_is_no_doubt(
    connection: Connection, tmp_path: Path
) -> None:
    await connection.call("XGROUP", "CREATE", connection.keys[0].events, "forward-jsonl-0", "0")
    await take(connection, "forward-jsonl-0", 3, ack=3)
    table = Component("jsonl", {"path": str(tmp_path / "out.jsonl")})
    await run_once(connection, [table])
    ids = [json.loads(line)["id"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert ids == ["e3", "e4"]
    assert [row["name"] for row in await groups.describe(connection, 0)] == [configure([table])[0].group]


async def test_a_group_that_no_table_names_is_shown_and_so_is_a_stuck_receiver(connection: Connection) -> None:
    await connection.call("XGROUP", "CREATE", connection.keys[0].events, "forward-webhook-1", "0")
    (row,) = await describe_forwarders(connection, [])
    assert row.is_left and row.lag == 5
    (finding,) = judge(row, 0.0)
    assert finding.level == "warning" and "dateline forward adopt forward-webhook-1 NEW" in finding.remedy
    stuck = ForwarderRow("g", "webhook", "https://hooks.example/", 7, 1, 1000.0, 900.0, "answered 500", False)
    found = judge(stuck, 1000.0 + 3600)
    assert [(one.level, "60 min" in one.say or "1 entries aside" in one.say) for one in found] == [
        ("error", True), ("warning", True),
    ]  # fmt: skip


def verb(settings: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worker", *arguments, "--config", str(settings)],
        capture_output=True, text=True, cwd=ROOT, timeout=120,
    )  # fmt: skip


@pytest.mark.one_redis
async def test_the_verb_lists_checks_and_drops(connection: Connection, prefix: str, tmp_path: Path) -> None:
    """One test record reaches the receiver; a receiver that cannot be reached is an exit code and a reason."""
    settings = tmp_path / "dateline.toml"
    out = tmp_path / "out.jsonl"
    settings.write_text(
        f'[redis]\nurl = "{connection.url}"\nprefix = "{prefix}"\n'
        f'[[forward]]\nkind = "jsonl"\npath = "{out}"\n[[forward]]\nkind = "webhook"\nurl = "https://hooks.invalid/"\n'
    )
    await connection.call("XGROUP", "CREATE", connection.keys[0].events, "forward-webhook-1", "0")
    checked = verb(settings, "forward", "check", "--json")
    assert checked.returncode == 1, checked.stderr
    assert [json.loads(line)["error"] is None for line in checked.stdout.splitlines()] == [True, False]
    assert json.loads(out.read_text())["data"]["id"] == "dateline-check"
    listed = [json.loads(line) for line in verb(settings, "forward", "list", "--json").stdout.splitlines()]
    assert [(row["kind"], row["is_left"]) for row in listed] == [("jsonl", False), ("webhook", False), ("", True)]
    dropped = verb(settings, "forward", "drop", "forward-webhook-1")
    assert dropped.stdout == "deleted: forward-webhook-1\n", dropped.stderr
