"""One Redis, one web, some daemons, and the questions that every row asks of them in the end."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis as redis_client
from redis.exceptions import RedisClusterException

from chaos.webs import Stream, Web, web
from dateline.store.private.binary import RedisBinary
from support import rig
from support.exactness import Report
from support.invariants import breaches, held
from support.redis_server import RedisServer, servers

BASE = "{dateline:events}:"


@dataclass
class Verdict:
    """How a row ended. ``healthy_seconds``: from the fault's end to the first work done after it (the longest, of several)."""

    published: int = 0
    lost: int = 0
    twice: int = 0
    dead: int = 0
    deaths: int = 0
    healthy_seconds: float = 0.0
    breaches: list[str] = field(default_factory=list)
    note: str = ""


class Stage:
    """Everything one row plays with; made by `stage`."""

    def __init__(self, folder: Path, server: Any, scene: Web, chance: random.Random, partitions: int = 1) -> None:
        self.folder = folder
        self.server = server
        self.web = scene
        self.chance = chance
        self.partitions = partitions
        self.client = self.connect()
        self.settings = self.write()
        self.daemons: list[rig.Daemon] = []
        self.healthy_seconds = 0.0
        self.deaths = 0

    def connect(self) -> Any:
        """A client of our own to the Redis that counts."""
        return redis_client.Redis.from_url(self.server.url, protocol=2)

    def write(self, url: str | None = None, feeds: list[str] | None = None, **sections: dict[str, Any]) -> Path:
        """The settings; rewrites those there are."""
        listed = self.web.feeds if feeds is None else feeds
        ports = self.web.ports
        return rig.write_settings(self.folder / "config", url or self.server.url, ports, listed, **sections)

    def adopt(self, server: RedisServer) -> None:
        """From now on this is the Redis that counts."""
        self.server = server
        self.client.close()
        self.client = self.connect()

    def daemon(
        self, settings: Path | None = None, *, under: tuple[str, ...] = (), root: Path = rig.ROOT, **environment: str
    ) -> rig.Daemon:
        """Start one more; ``under`` a command, or another version at ``root``."""
        log = self.folder / f"daemon{len(self.daemons)}.log"
        made = rig.Daemon(settings or self.settings, log, under=under, root=root)
        made.start(**environment)
        self.daemons.append(made)
        return made

    def log(self) -> str:
        """What all of them said."""
        return "".join(one.log.read_text() for one in self.daemons)

    def done(self) -> int:
        """A number that grows with every poll, publication and settlement."""
        with contextlib.suppress(redis_client.RedisError, RedisClusterException):
            stats = sum(int(value) for base in self.bases for value in self.client.hvals(base + "stats"))
            return stats + sum(int(self.client.xlen(base + "trail")) for base in self.bases)
        return -1

    @property
    def bases(self) -> list[str]:
        """What the keys of each partition begin with."""
        return rig.bases(partitions=self.partitions)

    @property
    def drained(self) -> bool:
        """Whether nothing is left to do."""
        return rig.drained(self.client, partitions=self.partitions)

    def published(self) -> int:
        """Entries of the events stream."""
        with contextlib.suppress(redis_client.RedisError, RedisClusterException):
            return sum(int(self.client.xlen(base[1:-2])) for base in self.bases)
        return 0

    def working(self, more: int = 5) -> None:
        """Wait until so much more is done, or nothing is left to do."""
        goal = self.done() + more
        rig.until(lambda: self.done() >= goal or self.drained, 120, f"{more} more steps; {self.tail()}")

    def healthy(self, seconds: float = 30.0) -> None:
        """The fault is over: wait until work goes on (or none is left) and note how long that took."""
        before, began = self.done(), time.monotonic()
        rig.until(lambda: self.done() > max(before, 0) or self.drained, seconds * 4, f"no work; {self.tail()}")
        self.healthy_seconds = max(self.healthy_seconds, time.monotonic() - began)

    def drain(self, seconds: float = 240) -> None:
        """Wait until nothing is due, in hand or waiting, three looks in a row."""
        for _ in range(3):
            try:
                rig.until(lambda: self.drained, seconds, "no rest", every=0.2)
            except AssertionError as error:
                raise AssertionError(f"{error}: {self.left()}; {self.tail()}") from None

    def left(self) -> str:
        """What is still to be done."""
        return "; ".join(self._left(base) for base in self.bases)

    def _left(self, base: str) -> str:
        now = time.time() * 1000
        feeds = self.client.zrange(base + "due", 0, -1)
        leased = [one.decode() for one in feeds if self.client.hexists(base + "f:" + one.decode(), "lease")]
        due = self.client.zrangebyscore(base + "due", "-inf", now + 3000)
        looks = self.client.zcount(base + "recheck", "-inf", now - 3000)
        waiting, later = self.client.xlen(base + "entries"), self.client.zcard(base + "later")
        return f"leased {leased}, due {due}, looks {looks}, waiting {waiting}, later {later}"

    def tail(self) -> str:
        """The last lines of every log, for a failure's message."""
        return "\n".join(one.log.read_text()[-1500:] for one in self.daemons)

    def died(self, one: rig.Daemon, seconds: float = 90) -> int | None:
        """Wait until a daemon has ended, or nothing is left that could end it; gives its return code."""
        assert one.process is not None
        rig.until(lambda: not one.running() or self.drained, seconds, f"it lives; {self.tail()}")
        if one.running():
            return None
        self.deaths += 1
        return one.process.wait()

    def stopped(self, one: rig.Daemon) -> int:
        """SIGTERM, once it is up; the exit code."""
        rig.until(lambda: "daemon.started" in one.log.read_text() or not one.running(), 60, f"not up; {self.tail()}")
        return one.stop()

    def make_due(self) -> None:
        """Every feed and every look is due now."""
        rig.make_due(self.client, partitions=self.partitions)

    def stream(self) -> Stream:
        """The events stream."""
        found = [row for base in self.bases for row in rig.stream(self.client, base[1:-2])]
        if self.partitions > 1:  # each has a `seq` of its own, which `verify` looks through; here they are one
            found.sort(key=lambda row: tuple(map(int, row[0].split("-"))))
            found = [(mid, fields | {"seq": str(number)}) for number, (mid, fields) in enumerate(found)]
        return found

    def dead(self) -> list[dict[str, str]]:
        """The dead letters' reasons."""
        rows = [row for base in self.bases for row in self.client.xrange(base + "dead")]
        return [{k.decode(): v.decode("utf-8", "replace") for k, v in row.items() if k != b"e"} for _, row in rows]

    def verdict(self, *, allow: tuple[str, ...] = (), report: Report | None = None, note: str = "") -> Verdict:
        """Drain, stop the daemons, ask everything. ``allow``: beginnings of breaches that the row itself brought about."""
        self.drain()
        codes = [self.stopped(one) for one in self.daemons if one.running()]
        report = report or self.web.report(self.stream(), self.dead())
        snapshots = asyncio.run(held(self.server.url, partitions=self.partitions))
        found = breaches(snapshots, report=report, served=self.web.served())
        found = [line for line in found if not line.startswith(allow)] if allow else found
        found += [f"exit code {code}" for code in codes if code]
        if "Traceback" in self.log():
            found.append("traceback: " + self.log().partition("Traceback")[2][:600])
        if "never retrieved" in self.log():
            found.append("an exception was never retrieved")
        if self.healthy_seconds > 30:
            found.append(f"healthy again only after {self.healthy_seconds:.0f} s")
        return Verdict(
            report.published, len(report.lost), len(report.twice), len(self.dead()), self.deaths, self.healthy_seconds,
            found, note,
        )  # fmt: skip

    def close(self) -> None:
        """End what still runs."""
        for one in self.daemons:
            if one.running():
                assert one.process is not None
                one.process.send_signal(signal.SIGCONT)
                one.kill()
        self.client.close()


def newest_server(home: Path | None = None, binary: RedisBinary | None = None) -> RedisServer:
    """Not started; the newest Redis here, or a given one."""
    if home is not None:
        home.mkdir(parents=True)
    else:
        home = Path(tempfile.mkdtemp(prefix="dl"))  # a socket's path must be short
        atexit.register(shutil.rmtree, home, ignore_errors=True)
    return RedisServer(binary or servers()[-1], home)


@contextlib.contextmanager
def stage(
    folder: Path,
    *,
    feeds: int = 12,
    articles: int = 3,
    seed: int = 1,
    port: int | None = None,
    home: Path | None = None,
    domain: str = "",
    epoch: str = "now",
    binary: RedisBinary | None = None,
    partitions: int = 1,
    **redis: str,
) -> Iterator[Stage]:
    """A web (under names, with a ``domain``), a Redis and no daemon yet.

    Args:
        port: The server listens there too.
        home: The server's folder.
        binary: The server program; the newest here without it.
        partitions: How many the daemons' settings name; the row writes them.
        epoch: When the world's time begins: its articles appeared in the hours before.
        redis: Further settings of the server.
    """
    server = newest_server(home, binary)
    folder.mkdir(parents=True, exist_ok=True)
    with web(folder, feeds, articles=articles, seed=seed, domain=domain, epoch=epoch) as scene:
        server.start(**({"port": str(port)} if port else {}), **redis)
        built = Stage(folder, server, scene, random.Random(seed), partitions)
        try:
            yield built
        finally:
            built.close()
            server.kill()


@contextlib.contextmanager
def redis_proxy(upstream: int) -> Iterator[tuple[int, Any]]:
    """``../shared/hostile/redisproxy.py`` before a Redis: its port, and a function that sends it a command."""
    import json
    import socket
    import sys

    listen, control = rig.free_port(), rig.free_port()
    script = rig.SHARED / "hostile" / "redisproxy.py"
    arguments = ["--listen", str(listen), "--upstream", str(upstream), "--control", str(control)]
    process = subprocess.Popen([sys.executable, str(script), *arguments], stdout=subprocess.PIPE, text=True)

    def tell(**command: Any) -> dict[str, Any]:
        with socket.create_connection(("127.0.0.1", control), timeout=10) as line:
            line.sendall(json.dumps(command).encode() + b"\n")
            answer: dict[str, Any] = json.loads(line.makefile().readline())
            return answer

    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        yield listen, tell
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def faketime() -> str | None:
    """The library that shifts a process's clock (Debian: ``faketime``), or None."""
    for folder in ("/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime"):
        path = Path(folder) / "libfaketime.so.1"
        if path.exists():
            return str(path)
    return None


def children_of(pid: int) -> list[int]:
    """Process ids of a process's children."""
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def send(pid: int, what: signal.Signals) -> None:
    """A signal, to whoever is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def may_mount() -> bool:
    """Whether this machine lets us have a mount namespace and a small disk in it."""
    try:
        command = ["unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=1m", "small", "/tmp"]
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except OSError:
        return False


def earlier(commits: int = 60) -> str | None:
    """The name of a commit of ours so far back, or None."""
    command = ["git", "rev-list", "HEAD", "--max-count=1", f"--skip={commits}"]
    try:
        done = subprocess.run(command, cwd=rig.ROOT, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None


def read_group(client: redis_client.Redis, group: str) -> list[tuple[str, dict[str, str]]]:
    """Read and acknowledge up to fifty new entries of the stream."""
    answer = client.xreadgroup(group, "me", {"dateline:events": ">"}, count=50, block=200)
    entries = answer[0][1] if answer else []
    if entries:
        client.xack("dateline:events", group, *(mid for mid, _ in entries))
    return [
        (mid.decode(), {key.decode(): value.decode("utf-8", "replace") for key, value in fields.items()})
        for mid, fields in entries
    ]
