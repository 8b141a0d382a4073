"""The rights that docs/deploy.md asks for are enough for everything, and on a cluster of every version."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import redis as redis_client
from chaos.stage import stage

from dateline.client import Consumer
from dateline.settings import RedisSettings
from dateline.store.checks import check_schema, check_server
from dateline.store.private.binary import RedisBinary
from dateline.store.redis import Connection
from support import rig
from support.redis_cluster import RedisCluster, running
from support.redis_server import every_server
from support.verbs import Done, run_verb

RULE = re.compile(r"^ACL SETUSER dateline (.*)$", re.MULTILINE)


def rules() -> list[str]:
    """The line of the document, as arguments."""
    (line,) = RULE.findall((rig.ROOT / "docs" / "deploy.md").read_text())
    return line.replace(">PASSWORD", ">pw").split()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("binary", every_server()[-1:], ids=lambda binary: ".".join(map(str, binary.version[:2])))
def test_a_daemon_and_every_verb_get_along_with_the_least_rights(binary: RedisBinary, tmp_path: Path) -> None:
    """Polls, publishes, trims and forwards; nothing that it asks for is refused."""
    port = rig.free_port()
    with stage(tmp_path, feeds=6, port=port, binary=binary) as scene:
        scene.client.execute_command("ACL", "SETUSER", "dateline", *rules())
        url = f"redis://dateline:pw@127.0.0.1:{port}/0"
        scene.settings = scene.write(url=url)
        with scene.settings.open("a") as settings:
            settings.write(f'\n[[forward]]\nkind = "jsonl"\npath = "{tmp_path}/out.jsonl"\n')
        scene.daemon()
        scene.drain()
        for verb in ("doctor", "stats", "verify", "groups", "tail --last 1 --json", "feeds list", "dead-letters list"):
            done = _tail(scene.settings) if "tail" in verb else run_verb(*verb.split(), "--config", str(scene.settings))
            assert done.returncode == 0, (verb, done.stdout, done.stderr)
            assert b"NOPERM" not in done.stderr
        verdict = scene.verdict()
        assert verdict.breaches == [] and verdict.published > 0
        assert not _refused(scene.client.execute_command("ACL", "LOG"))
        with redis_client.Redis.from_url(url, protocol=2) as limited:
            for refused in (("FLUSHALL",), ("CONFIG", "GET", "*"), ("GET", "theirs"), ("KEYS", "*"), ("SHUTDOWN",)):
                with pytest.raises(redis_client.exceptions.NoPermissionError):
                    limited.execute_command(*refused)


def _refused(log: list[list[object]]) -> set[object]:
    """What was refused; without CLIENT SETINFO, by which redis-py says its name: Redis 6.2 does not know it, and then it is
    not sent again."""
    return {row[row.index(b"object") + 1] for row in log} - {b"client"}


def _tail(settings: Path) -> Done:
    """The newest entry, and the beginning of waiting for the next."""
    command = [sys.executable, "-m", "dateline", "tail", "--last", "1", "--json", "--config", str(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert process.poll() is None
        process.terminate()
        rest, said = process.communicate(timeout=120)
    return Done(0, first + rest, said)


@pytest.mark.parametrize("binary", every_server(), ids=lambda binary: ".".join(map(str, binary.version[:2])))
async def test_the_same_rights_are_enough_on_a_cluster(binary: RedisBinary, tmp_path: Path) -> None:
    """Its map, its redirections, and waiting for replicas."""
    with running(RedisCluster(binary, tmp_path / "c", replicas=0)) as cluster:
        for number in range(3):
            cluster.ask(number, "ACL", "SETUSER", "dateline", *rules())
        url = cluster.url.replace("://", "://dateline:pw@")
        opened = Connection(RedisSettings(url=url, partitions=8))
        await check_server(opened)
        assert await check_schema(opened)
        for partition in range(8):
            await opened.script("names", [["a" * 16, [b"name"], "own"]], partition)
        async with Consumer(url, group="map", block_seconds=0.1):
            pass
        await opened.close()
        assert not any(_refused(cluster.ask(number, "ACL", "LOG")) for number in range(3))
