"""A Redis that refuses the user or the password: who asks is told at once which setting to mend, whatever the address."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import redis

from dateline.client import CannotConnect, Consumer
from dateline.errors import SettingsError
from dateline.settings import RedisSettings
from dateline.store.checks import check_schema
from dateline.store.redis import Connection
from dateline.topology.node import Limits, Node
from support.ports import cluster_port, free_port
from support.redis_cluster import SLOTS
from support.redis_server import RedisServer, servers
from support.rig import until
from support.verbs import run_verb

PASSWORD = "Right-Pa55"
WRONG = "Wrong-Pa55"

#: What stands before the host, and what the message says beside the setting.
REFUSED = {
    "missing": ("", "Authentication required"),
    "wrong": (f":{WRONG}@", "invalid username-password"),
    "unknown user": (f"nobody:{WRONG}@", "invalid username-password"),
    "no rights": (f"poor:{PASSWORD}@", "lacks a permission"),
}


@dataclass
class Closed:
    """Servers that want a password: one alone, one that is a cluster, and a sentinel that wants none."""

    alone: RedisServer
    port: int
    cluster: RedisServer
    cluster_port: int
    sentinel_port: int
    closed_sentinel_port: int

    def url(self, kind: str, user: str) -> str:
        """The address of a kind with this user and password."""
        return {
            "socket": f"unix://{user}{self.alone.socket}",
            "tcp": f"redis://{user}127.0.0.1:{self.port}/0",
            "cluster": f"redis+cluster://{user}127.0.0.1:{self.cluster_port}",
            "sentinel": f"redis+sentinel://{user}127.0.0.1:{self.sentinel_port}/news/0",
        }[kind]


def close(server: RedisServer) -> None:
    """Let in nobody without the password; a user without rights is there."""
    with redis.Redis.from_url(server.url, protocol=2) as client:
        client.execute_command("ACL", "SETUSER", "poor", "on", f">{PASSWORD}", "resetkeys", "+ping")
        client.config_set("requirepass", PASSWORD)


@pytest.fixture(scope="module", params=servers(), ids=lambda binary: binary.name.replace(" server ", " "))
def closed(request: pytest.FixtureRequest) -> Iterator[Closed]:
    home = Path(tempfile.mkdtemp(prefix="dl"))
    made = []
    for name in ("alone", "cluster"):
        (home / name).mkdir()
        made.append(RedisServer(request.param, home / name))
    one = Closed(made[0], free_port(), made[1], cluster_port(), free_port(), free_port())
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        for server in made:
            stack.callback(server.kill)
        one.alone.start(port=str(one.port))
        one.cluster.start(port=str(one.cluster_port), cluster_enabled="yes")
        with redis.Redis.from_url(one.cluster.url, protocol=2) as client:
            client.execute_command("CLUSTER", "ADDSLOTS", *range(SLOTS))
            until(lambda: client.cluster("info")["cluster_state"] == "ok", 60, "no cluster")
        for server in made:
            close(server)
        for port, own in ((one.sentinel_port, ""), (one.closed_sentinel_port, f"requirepass {PASSWORD}\n")):
            conf = home / f"{port}.conf"
            conf.write_text(f"port {port}\ndir {home}\nsentinel monitor news 127.0.0.1 {one.port} 1\n{own}")
            process = subprocess.Popen([request.param.path, str(conf), "--sentinel"], stdout=subprocess.DEVNULL)
            stack.callback(process.wait, 60)
            stack.callback(process.kill)
            until(partial(_answers, port), 60, "the sentinel does not start")
        yield one


def _answers(port: int) -> bool:
    with contextlib.suppress(redis.ConnectionError), redis.Redis(port=port, protocol=2) as client:
        try:
            return bool(client.ping())
        except redis.AuthenticationError:
            return True
    return False


KINDS = ("socket", "tcp", "cluster", "sentinel")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("why", REFUSED)
async def test_what_is_refused_ends_at_once_and_names_the_setting(closed: Closed, kind: str, why: str) -> None:
    """On a socket each try to connect began another, for ever; a right that was missing in a cluster was waited for."""
    user, says = REFUSED[why]
    connection = Connection(RedisSettings(url=closed.url(kind, user), partitions=2))
    async with asyncio.timeout(60):
        with pytest.raises(SettingsError) as refused:
            await check_schema(connection)
        await connection.close()
    assert "redis.url" in str(refused.value) and says in str(refused.value)
    assert "Pa55" not in str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
async def test_who_has_the_password_is_let_in(closed: Closed, kind: str) -> None:
    """The handshake of a socket is ours in part."""
    connection = Connection(RedisSettings(url=closed.url(kind, f":{PASSWORD}@"), prefix="allowed", partitions=2))
    assert await connection.call("PING") in (b"PONG", True)
    await connection.close()


@pytest.mark.parametrize("sentinel_password", ["", WRONG])
async def test_a_sentinel_that_refuses_is_named_with_its_own_settings(closed: Closed, sentinel_password: str) -> None:
    query = f"?sentinel_password={sentinel_password}" if sentinel_password else ""
    url = f"redis+sentinel://:{PASSWORD}@127.0.0.1:{closed.closed_sentinel_port}/news/0{query}"
    connection = Connection(RedisSettings(url=url))
    with pytest.raises(SettingsError, match=r"sentinel_password=PASSWORD in redis\.url") as refused:
        await connection.call("PING")
    await connection.close()
    assert str(closed.closed_sentinel_port) in str(refused.value) and "Pa55" not in str(refused.value)


async def test_a_sentinel_that_refuses_costs_the_set_nothing_where_another_one_answers(closed: Closed) -> None:
    """The same for a server of a cluster; one of them with an old password is no reason to stop."""
    hosts = f"127.0.0.1:{closed.closed_sentinel_port},127.0.0.1:{closed.sentinel_port}"
    connection = Connection(RedisSettings(url=f"redis+sentinel://:{PASSWORD}@{hosts}/news/0"))
    assert await connection.call("PING") in (b"PONG", True)
    await connection.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["stats", "doctor"])
def test_a_verb_that_is_refused_ends_with_the_setting(closed: Closed, kind: str, verb: str, tmp_path: Path) -> None:
    config = tmp_path / "dateline.toml"
    config.write_text(f'[redis]\nurl = "{closed.url(kind, "")}"\n')
    done = run_verb(*verb.split(), "--config", str(config))
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 2, said
    assert "check user and password in redis.url" in said


@pytest.mark.parametrize(("kind", "why"), [("socket", "missing"), ("sentinel", "wrong"), ("cluster", "no rights")])
def test_a_daemon_that_is_refused_exits_with_2(closed: Closed, kind: str, why: str, tmp_path: Path) -> None:
    """It does not wait: nobody heals that but the operator."""
    config = tmp_path / "dateline.toml"
    config.write_text(f'[redis]\nurl = "{closed.url(kind, REFUSED[why][0])}"\n[serve]\nenabled = false\n')
    words = [sys.executable, "-m", "dateline", "run", "--config", str(config)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2, done.stderr
    assert "redis.url" in done.stderr and "Pa55" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", KINDS)
async def test_a_consumer_that_is_refused_says_so(closed: Closed, kind: str) -> None:
    async with asyncio.timeout(60):
        with pytest.raises(CannotConnect, match="check user and password in the URL"):
            await Consumer(closed.url(kind, f":{WRONG}@"), group="g").__aenter__()


async def test_a_socket_that_hangs_up_at_once_is_an_error_and_not_tried_for_ever(tmp_path: Path) -> None:
    """As a Redis with too many clients does. The PING of each connection made another connection, without an end."""
    made = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal made
        made += 1
        writer.write(b"-ERR max number of clients reached\r\n")
        writer.close()
        await writer.wait_closed()

    home = Path(tempfile.mkdtemp(prefix="dl"))  # the name of a socket is short
    async with await asyncio.start_unix_server(hang_up, home / "s"):
        node = Node(f"unix://{home}/s", "here", Limits(3.0, 4, 1))
        with pytest.raises(redis.ConnectionError):
            await node.execute("PING")
        await node.close()
    shutil.rmtree(home)
    assert made < 20
