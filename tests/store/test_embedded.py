"""The embedded Redis: found or refused in words, alone on its folder, ended in order, its data safe whoever is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis import asyncio as redis_client

from dateline.errors import SettingsError
from dateline.store.private import MAX_LOG_BYTES, EmbeddedRedis, embedded, running
from dateline.store.private.binary import RedisBinary, find_redis_binary, refuse_older_server
from dateline.telemetry import set_up_logs
from support.conditions import alive, eventually
from support.redis_server import servers

SERVERS = servers()
each_server = pytest.mark.parametrize("binary", SERVERS, ids=lambda binary: ".".join(map(str, binary.version[:2])))
DAEMON = """
import asyncio, sys
from pathlib import Path
from dateline.store.private import embedded
from dateline.telemetry import set_up_logs
async def main():
    async with embedded(Path(sys.argv[1]), redis_server=sys.argv[2]) as server:
        print(server.pid, server.url, flush=True)
        await asyncio.sleep(60)
set_up_logs()
asyncio.run(main())
"""


async def call(server: EmbeddedRedis, *command: str) -> object:
    async with redis_client.Redis.from_url(server.url, protocol=2) as client:
        return await client.execute_command(*command)


def append_only_file(folder: Path) -> Path:
    """The file that the last writes went to."""
    return next(path for path in folder.rglob("*.aof") if path.stat().st_size)


def socket_of(server: EmbeddedRedis) -> Path:
    path = Path(server.url.removeprefix("unix://"))
    assert path.exists()
    return path


async def start_daemon(folder: Path, binary: RedisBinary) -> tuple[subprocess.Popen[bytes], int, str]:
    """A process that holds an embedded Redis; with the server's process id and URL."""
    daemon = await asyncio.to_thread(
        subprocess.Popen, [sys.executable, "-c", DAEMON, folder, binary.path], stdout=subprocess.PIPE
    )
    assert daemon.stdout is not None
    pid, url = (await asyncio.to_thread(daemon.stdout.readline)).decode().split()
    return daemon, int(pid), url


def program(path: Path, says: str) -> str:
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return str(path)


@each_server
async def test_data_survives_a_restart(binary: RedisBinary, tmp_path: Path) -> None:
    async with embedded(tmp_path, redis_server=str(binary.path)) as server:
        assert await call(server, "SET", "kept", "yes")
        pid = server.pid
    assert pid and not alive(pid)
    async with embedded(tmp_path, redis_server=str(binary.path)) as server:
        assert await call(server, "GET", "kept") == b"yes"


@each_server
async def test_it_runs_as_a_ledger_must(binary: RedisBinary, tmp_path: Path) -> None:
    """Append-only file on, nothing evicted, no TCP port, the socket for this user only."""
    async with embedded(tmp_path, redis_server=str(binary.path), appendfsync="always") as server:
        async with redis_client.Redis.from_url(server.url, protocol=2) as client:
            given = {name: (await client.config_get(name))[name] for name in ("appendonly", "appendfsync", "port")}
            assert given == {"appendonly": "yes", "appendfsync": "always", "port": "0"}
            assert (await client.config_get("maxmemory-policy")) == {"maxmemory-policy": "noeviction"}
        assert (tmp_path / "redis.sock").stat().st_mode & 0o077 == 0


async def test_a_second_start_on_the_folder_names_the_first_and_leaves_it_alone(tmp_path: Path) -> None:
    async with embedded(tmp_path) as server:
        await call(server, "SET", "kept", "yes")
        with pytest.raises(SettingsError, match=rf"in use by process {os.getpid()} .*redis\.sock"):
            async with embedded(tmp_path):
                pass
        assert await call(server, "GET", "kept") == b"yes"
        assert running(tmp_path) == server.url
    assert running(tmp_path) is None


@each_server
async def test_a_killed_daemon_leaves_no_server_behind_and_loses_nothing(binary: RedisBinary, tmp_path: Path) -> None:
    """And the next start, at once, waits for the old server's last words instead of starting beside it."""
    daemon, pid, url = await start_daemon(tmp_path, binary)
    async with redis_client.Redis.from_url(url, protocol=2) as client:
        await client.set("kept", "yes")
    with daemon:
        daemon.kill()
    async with embedded(tmp_path, redis_server=str(binary.path)) as server:
        assert not alive(pid)
        assert await call(server, "GET", "kept") == b"yes"


async def test_the_server_does_not_end_by_what_ends_the_daemon_before_the_daemon_has_drained(tmp_path: Path) -> None:
    """A service manager's SIGTERM reaches every process; Ctrl-C every process of the terminal's group."""
    async with embedded(tmp_path) as server:
        assert server.pid
        assert os.getpgid(server.pid) != os.getpgid(0)
        os.kill(server.pid, signal.SIGTERM)
        for _ in range(20):
            assert await call(server, "PING")
        assert server.restarts == 0


async def test_a_server_that_died_is_started_again_with_its_data(tmp_path: Path) -> None:
    async with embedded(tmp_path, appendfsync="always") as server:
        await call(server, "SET", "kept", "yes")
        first = server.pid
        assert first
        os.kill(first, signal.SIGKILL)

        async def back() -> bool:
            try:
                return server.pid != first and await call(server, "GET", "kept") == b"yes"
            except (redis_client.ConnectionError, OSError):
                return False

        await eventually(back)
        assert server.restarts == 1


async def test_the_server_can_be_stopped_in_the_very_moment_in_which_it_is_back(tmp_path: Path) -> None:
    """redis-py can swallow the cancellation of the task that starts it again, which then waited for ever."""
    for number in range(8):
        async with asyncio.timeout(60), embedded(tmp_path / str(number)) as server:
            first = server.pid
            assert first
            os.kill(first, signal.SIGKILL)
            while server.pid == first or not await _answers(server):
                await asyncio.sleep(0)


async def _answers(server: EmbeddedRedis) -> bool:
    try:
        return bool(await call(server, "PING"))
    except (redis_client.ConnectionError, OSError):
        return False


async def test_a_folder_whose_path_is_too_long_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    async with embedded(folder) as server:
        await call(server, "SET", "kept", "yes")
        socket = socket_of(server)
    assert not socket.parent.exists()
    async with embedded(folder) as server:
        assert await call(server, "GET", "kept") == b"yes"


async def test_a_file_cut_off_in_its_last_command_loads_what_is_whole(tmp_path: Path) -> None:
    """What a power cut leaves behind."""
    oldest = str(SERVERS[0].path)
    async with embedded(tmp_path, redis_server=oldest) as server:
        await call(server, "SET", "kept", "yes")
        await call(server, "SET", "half", "written")
    file = append_only_file(tmp_path)
    file.write_bytes(file.read_bytes()[:-5])
    async with embedded(tmp_path, redis_server=oldest) as server:
        assert await call(server, "GET", "kept") == b"yes"
        assert await call(server, "GET", "half") is None


async def test_a_damaged_file_is_refused_with_what_the_server_says(tmp_path: Path) -> None:
    oldest = str(SERVERS[0].path)
    async with embedded(tmp_path, redis_server=oldest) as server:
        for number in range(100):
            await call(server, "SET", f"key{number}", "value")
    file = append_only_file(tmp_path)
    content = bytearray(file.read_bytes())
    content[200:240] = b"?" * 40
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="redis-check-aof"):
        async with embedded(tmp_path, redis_server=oldest):
            pass


async def test_data_of_a_newer_server_is_refused_instead_of_starting_empty(tmp_path: Path) -> None:
    oldest = SERVERS[0]
    if oldest.multi_part_aof:
        pytest.skip("no server older than 7.0 here")
    (tmp_path / "appendonlydir").mkdir()
    with pytest.raises(SettingsError, match="Put that server on PATH"):
        async with embedded(tmp_path, redis_server=str(oldest.path)):
            pass
    assert not (tmp_path / "appendonly.aof").exists()


async def test_data_of_an_older_server_is_taken_over_by_a_newer_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the log says that there is no way back."""
    if len(SERVERS) < 2:
        pytest.skip("only one version of redis-server here")
    set_up_logs("warning")
    async with embedded(tmp_path, redis_server=str(SERVERS[0].path)) as server:
        await call(server, "SET", "kept", "yes")
    async with embedded(tmp_path, redis_server=str(SERVERS[1].path)) as server:
        assert await call(server, "GET", "kept") == b"yes"
    said = capsys.readouterr().err
    assert "embedded_redis.changed" in said and SERVERS[0].name in said and SERVERS[1].name in said


@pytest.mark.parametrize(
    ("before", "now", "refused"),
    [
        ("Redis server 6.2.14", "Redis server 7.0.15", False),
        ("Redis server 7.4.1", "Redis server 7.4.0", False),
        ("Redis server 8.0.1", "Redis server 7.4.0", True),
        ("Redis server 7.2.4", "Valkey server 9.1.0", False),
        ("Redis server 7.4.0", "Valkey server 9.1.0", True),
        ("Valkey server 8.0.0", "Redis server 8.2.0", True),
        ("what a person wrote", "Redis server 6.2.14", False),
    ],
)
def test_a_server_that_cannot_read_the_folder_is_refused_by_its_version(
    tmp_path: Path, before: str, now: str, refused: bool
) -> None:
    """An older version, and one of the other family after Redis 7.2, where their formats part."""
    (tmp_path / "redis.version").write_text(before + "\n")
    version = tuple(map(int, now.split()[-1].split(".")))
    binary = RedisBinary(Path("/usr/bin/redis-server"), version, now)
    with pytest.raises(SettingsError, match="cannot read it") if refused else contextlib.nullcontext():
        refuse_older_server(tmp_path, binary)


async def test_a_long_log_is_moved_aside_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "redis.log").write_bytes(b"x" * (MAX_LOG_BYTES + 1))
    async with embedded(tmp_path) as server:
        assert server.log_file.stat().st_size < 10_000
    assert (tmp_path / "redis.log.1").stat().st_size > MAX_LOG_BYTES


@pytest.mark.parametrize(
    ("says", "words"),
    [("Redis server v=5.0.14 sha=0", "5.0.14; 6.2 is the oldest"), ("hello", "is no Redis server")],
)
def test_a_server_that_is_too_old_or_none_is_refused_with_the_remedy(says: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=rf"{words}.*apt install"):
        find_redis_binary(program(tmp_path / "server", says))


def test_a_server_that_is_not_there_is_refused_with_the_remedy() -> None:
    with pytest.raises(SettingsError, match=r"no program 'no-such-server'.*pip install"):
        find_redis_binary("no-such-server")


def test_valkey_counts_as_a_server(tmp_path: Path) -> None:
    binary = find_redis_binary(program(tmp_path / "valkey", "Valkey server v=8.0.1 sha=0"))
    assert (binary.version, binary.name) == ((8, 0, 1), "Valkey server 8.0.1")


async def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be used as a data folder: Not a directory"):
        async with embedded(tmp_path / "file" / "data"):
            pass
