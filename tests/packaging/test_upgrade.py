"""Upgrades between versions on one store: the wheel of an earlier commit, then this one. Each works, or refuses before it
has written anything. Also a backup that is restored, and workers restarted one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis as redis_client

from dateline.demo import newsroom
from dateline.demo.newsroom import Newsroom
from dateline.store.keys import KEY_SCHEMA
from support import rig
from support.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.long, pytest.mark.one_redis, pytest.mark.timeout(600)]


def git(*words: str) -> str:
    """What git says; skips where there is no history."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=120)
    if done.returncode or not done.stdout.strip():
        pytest.skip("no git history here")
    return done.stdout


def layouts() -> list[tuple[int, str]]:
    """Each layout of the keys, newest first, with the last commit that had it."""
    changes = git("log", "-G^KEY_SCHEMA = ", "--format=%H", "--", "worker/store/keys.py").split()
    found = [(KEY_SCHEMA, changes[0])]  # the first commit of the present layout: the longest way within it
    for change in changes[:-1]:
        text = git("show", f"{change}~1:worker/store/keys.py")
        found.append((int(text.partition("KEY_SCHEMA = ")[2].split()[0]), f"{change}~1"))
    return found


def install(commit: str, folder: Path) -> dict[str, str]:
    """Build a commit's wheel and install it in a folder; the environment in which Python imports it."""
    source, target = folder / "source", folder / "installed"
    source.mkdir(parents=True)
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(source)], input=packed, check=True)
    environment = {**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.1"}
    pip = [
        sys.executable,
        "-m",
        "pip",
        "-q",
        "--disable-pip-version-check",
        "install",
        "--no-deps",
        "--no-build-isolation",
    ]
    done = subprocess.run(
        [*pip, "--no-index", "--target", str(target), str(source)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {**os.environ, "PYTHONPATH": str(target)}


@dataclass
class Site:
    """The newsroom, a Redis and the settings of daemons on both."""

    room: Newsroom
    server: RedisServer
    settings: Path

    async def run(self, *words: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
        """One verb of a version, away from the checkout; its exit code and both outputs."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dateline", *words, "--config", str(self.settings), cwd=self.settings.parent,
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), 180)
        assert process.returncode is not None
        return process.returncode, out.decode()

    @contextlib.contextmanager
    def client(self) -> Iterator[redis_client.Redis]:
        """A plain client."""
        with contextlib.closing(redis_client.Redis.from_url(self.server.url, protocol=2)) as client:
            yield client

    def next_edition(self) -> None:
        """A story is revised; every feed is due."""
        self.room.advance()
        with self.client() as client:
            rig.make_due(client)

    def entries(self) -> list[dict[str, str]]:
        """The stream."""
        with self.client() as client:
            return [row for _, row in rig.stream(client)]


@pytest.fixture
async def site(own_redis: RedisServer, tmp_path: Path) -> AsyncIterator[Site]:
    async with newsroom.serve() as room:
        feeds = [feed.url for feed in room.feeds[:2]]
        port = int(feeds[0].split("/")[2].split(":")[1])
        yield Site(room, own_redis, rig.write_settings(tmp_path / "here", own_redis.url, [port], feeds))


async def test_an_upgrade_works_or_is_refused_before_anything_is_written(site: Site, tmp_path: Path) -> None:
    """From the oldest commit of the present layout: nothing twice, the revision arrives. From the layout before: exit code 2,
    both numbers, the remedy, and not a byte of the store is changed."""
    for schema, commit in layouts()[:2]:
        with site.client() as client:
            client.flushall()
        old = install(commit, tmp_path / str(schema))
        code, said = await site.run("run", "--once", environment=old)
        assert code == 0, said[-2000:]
        before = site.entries()
        assert before
        site.next_edition()
        code, said = await site.run("run", "--once")
        after = site.entries()
        if schema == KEY_SCHEMA:
            assert code == 0, said[-2000:]
            types = [row["type"] for row in after[len(before) :]]
            assert after[: len(before)] == before and "dateline.article.revised" in types
            assert len({row["id"] for row in after}) == len(after)
            code, said = await site.run("verify")
            assert code == 0, said
        else:
            assert code == 2 and after == before
            assert str(schema) in said and str(KEY_SCHEMA) in said and "redis.prefix" in said, said[-2000:]


async def test_a_backup_that_is_restored_publishes_again_what_came_after_it(site: Site, tmp_path: Path) -> None:
    """The folder of the append-only file, copied while Redis runs. After the restore: the later entries come again with their
    ids, and `verify` holds."""
    code, said = await site.run("run", "--once")
    assert code == 0, said[-2000:]
    first = site.entries()
    with site.client() as client:
        client.config_set("auto-aof-rewrite-percentage", 0)
        shutil.copytree(site.server.folder, tmp_path / "backup", ignore=shutil.ignore_patterns("s", "log"))
    site.next_edition()
    assert (await site.run("run", "--once"))[0] == 0
    lost = site.entries()[len(first) :]
    assert lost
    site.server.kill()
    for path in site.server.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(tmp_path / "backup", site.server.folder, dirs_exist_ok=True)
    site.server.start()
    assert site.entries() == first
    with site.client() as client:
        rig.make_due(client)
    assert (await site.run("run", "--once"))[0] == 0
    assert {row["id"] for row in site.entries()[len(first) :]} == {row["id"] for row in lost}
    code, said = await site.run("verify")
    assert code == 0, said


async def test_workers_restarted_one_after_the_other_lose_nothing_and_publish_nothing_twice(site: Site) -> None:
    """Two workers; each gets SIGTERM and is replaced while the papers go on to publish."""

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dateline", "run", "--config", str(site.settings), stderr=asyncio.subprocess.DEVNULL
        )

    workers = [await start(), await start()]
    with site.client() as client:
        while not client.xlen("dateline:events"):
            await asyncio.sleep(0.05)
        for place in range(2):
            site.next_edition()
            workers[place].send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(workers[place].wait(), 60) == 0
            workers[place] = await start()
        site.next_edition()
        while not rig.drained(client) or not any(row["type"].endswith("revised") for row in site.entries()):
            await asyncio.sleep(0.2)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.wait(), 60) == 0
    rows = site.entries()
    assert len({row["id"] for row in rows}) == len(rows)
    assert [int(row["seq"]) for row in rows] == list(range(1, len(rows) + 1))
    code, said = await site.run("verify")
    assert code == 0, said
