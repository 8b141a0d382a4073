"""Real processes for tests: a news web and daemons (the Redis is `redis_server`'s). Each ends with its block."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from redis.exceptions import RedisClusterException

from dateline.store.feed_state import FeedState, state_of
from dateline.topology import name_stream
from support.ports import free_port as free_port

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def until(condition: Any, seconds: float, what: str, every: float = 0.05) -> Any:
    """Wait for a condition with a deadline; gives what it gave."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(every)
    raise AssertionError(f"after {seconds} s: {what}")


@dataclass
class NewsWorld:
    """The loopback news web of ``../shared/newsworld``."""

    port: int
    process: subprocess.Popen[str]
    feeds: list[str]

    def get(self, path: str) -> Any:
        """A control path's JSON."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as answer:
            return json.loads(answer.read())

    def advance(self, seconds: float) -> None:
        """Move the world's clock."""
        self.get(f"/__advance?s={seconds}")


@contextlib.contextmanager
def newsworld(
    folder: Path, *options: str, program: Sequence[str] = (str(SHARED / "newsworld"),)
) -> Iterator[NewsWorld]:
    """A news web that runs inside the block."""
    port, listed = free_port(), folder / "feeds.txt"
    process = subprocess.Popen(
        [sys.executable, *program, "--port", str(port), "--host-mode", "ip",
         "--feeds-file", str(listed), *options],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        yield NewsWorld(port, process, listed.read_text().split())
    finally:
        process.terminate()
        process.wait(60)
        if process.stdout:
            process.stdout.close()


def write_settings(
    folder: Path, redis_url: str, ports: list[int], feeds: list[str], **sections: dict[str, Any]
) -> Path:
    """A settings folder for a daemon in a hurry: loopback allowed on these ports, short leases and retries."""
    from dateline.settings.toml import as_toml

    table: dict[str, dict[str, Any]] = {
        "redis": {"url": redis_url},
        "poll": {"floor_seconds": 30.0, "busy_floor_seconds": 30.0, "lease_seconds": 5.0},
        "fetch": {"allow": [f"127.0.0.0/8:{port}" for port in ports], "total_seconds": 10.0},
        "politeness": {"spacing_seconds": 0.0, "at_once": 4},
        "pool": {"wall_seconds": 20.0, "children": 1},
        "ingest": {"lease_seconds": 3.0, "retry_seconds": [0.5, 1.0, 2.0, 2.0]},
        "serve": {"enabled": False},
        "log": {"form": "json"},
    }
    for name, options in sections.items():
        table.setdefault(name, {}).update(options)
    if table["serve"].get("enabled", True):  # daemons of several tests run in one folder: each desk has its own index
        table.setdefault("desk", {})["index_file"] = str(folder / "desk.sqlite")
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, options in table.items():
        lines += [f"[{name}]", *(f"{key} = {as_toml(value)}" for key, value in options.items()), ""]
    (folder / "dateline.toml").write_text("\n".join(lines))
    write_feeds(folder, feeds)
    return folder / "dateline.toml"


def write_feeds(folder: Path, feeds: list[str]) -> Path:
    """The feeds file of a settings folder; a daemon on it reads it again."""
    from dateline.settings.toml import as_toml

    (folder / "feeds.toml").write_text(f"[groups.world]\nfeeds = {as_toml(feeds)}\n")
    return folder / "feeds.toml"


@dataclass
class Daemon:
    """``dateline run`` as a child process."""

    settings: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    said_before: int = 0  #: bytes in the log when it was last started
    under: tuple[str, ...] = ()  #: a command that runs it, in a namespace of its own, say
    root: Path = ROOT  #: where the version lies that is run

    def start(self, **environment: str) -> None:
        """Start, or start again."""
        with self.log.open("ab") as out:
            self.said_before = out.tell()
            self.process = subprocess.Popen(
                [*self.under, sys.executable, "-m", "worker", "run", "--config", str(self.settings)],
                stdout=out, stderr=out, cwd=self.root, env={**os.environ, **environment},
            )  # fmt: skip
        self.starts += 1

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = 120) -> int:
        """SIGTERM, once it is up and listens for it; gives the exit code."""
        assert self.process is not None
        until(lambda: self.is_up() or not self.running(), 120, "it does not start")
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def is_up(self) -> bool:
        """Whether it has said that its loops run: before that SIGTERM ends it as it ends any program."""
        return b"daemon.started" in self.log.read_bytes()[self.said_before :]

    def running(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None


def bases(prefix: str = "dateline", partitions: int = 1) -> list[str]:
    """What the keys of each partition begin with."""
    return [f"{{{name_stream(prefix, number)}}}:" for number in range(partitions)]


def feed_states(client: Any, base: str) -> dict[str, FeedState]:
    """The state of every feed of a partition by its address; ``token`` is that of the poll under way, "" without one."""
    found = {}
    for feed, due in client.zrange(base + "due", 0, -1, withscores=True):
        fields = client.hgetall(f"{base}f:{feed.decode()}")
        state = state_of(feed.decode(), fields, fields.get(b"lease", b"").decode(), due_ms=due)
        found[state.url] = state
    return found


def drained(client: Any, prefix: str = "dateline", partitions: int = 1) -> bool:
    """No feed is due, no entry waits or is in hand, none waits for later."""
    now = time.time() * 1000 + 3000  # a poll that found no place in its owner's budget comes back in a second or two
    with contextlib.suppress(redis.RedisError, RedisClusterException):
        known = 0
        for base in bases(prefix, partitions):
            feeds = client.zrange(base + "due", 0, -1)
            known += len(feeds)
            leased = any(client.hexists(f"{base}f:{feed.decode()}", "lease") for feed in feeds)
            looks = client.zcount(base + "recheck", "-inf", now - 3000)
            if leased or looks or client.zcount(base + "due", "-inf", now):
                return False
            if client.xlen(base + "entries") or client.zcard(base + "later"):
                return False
        return known > 0
    return False


def make_due(client: Any, prefix: str = "dateline", partitions: int = 1) -> None:
    """Every feed is due now, and every page that is to be looked at again."""
    for base in bases(prefix, partitions):
        for name in ("due", "recheck"):
            for member in client.zrange(base + name, 0, -1):
                client.zadd(base + name, {member: 0}, xx=True)


def stream(client: Any, name: str = "dateline:events") -> list[tuple[str, dict[str, str]]]:
    """Every entry of a stream, fields as text."""
    rows = client.xrange(name)
    return [
        (mid.decode(), {k.decode(): v.decode("utf-8", "replace") for k, v in fields.items()}) for mid, fields in rows
    ]
