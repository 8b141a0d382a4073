"""A hostile server, a Redis and one real daemon between them; ends with its block."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis as redis_client

from dateline.store.feed_state import FeedState
from support import rig
from support.ports import free_ports
from support.redis_server import RedisServer

HOSTILE = rig.SHARED / "hostile"
BASE = "{dateline:events}:"
MIB = 1 << 20
#: The limits the catalogue is written for.
FETCH = {
    "connect_seconds": 3.0, "first_byte_seconds": 6.0, "total_seconds": 10.0,
    "max_feed_bytes": 5 * MIB, "max_page_bytes": 5 * MIB, "local_names": [".example"],
}  # fmt: skip
#: Retry-After is believed between these, so that a case shows within seconds whether it is.
FLOOR_SECONDS, CEILING_SECONDS = 3.0, 12.0


@dataclass(frozen=True)
class Case:
    """One entry of the catalogue, and where the daemon meets it. ``tag`` makes another site of the same case."""

    number: int
    duty: dict[str, Any]
    tag: str = ""

    @property
    def path(self) -> str:
        return str(self.duty["path"])

    @property
    def site(self) -> str:
        """An owner of its own, so that one case's refusals are not another's."""
        return f"c{self.number}{self.tag}.example"

    def feed(self, ports: dict[str, int]) -> str:
        """The feed to list."""
        if self.duty["kind"] == "tls":
            number, _, path = self.path.removeprefix("tls+").partition(":")
            return f"https://127.0.0.1:{ports['tls'] + int(number)}{path}"
        path = f"/press/{self.number}" if self.duty["kind"] == "article" else self.path
        return f"http://{self.site}:{ports['port']}{path}"


def catalogue() -> list[Case]:
    """Every case, in the catalogue's order."""
    rows = json.loads((HOSTILE / "catalogue.json").read_text("utf-8"))
    return [Case(number, duty) for number, duty in enumerate(rows)]


@dataclass
class House:
    """What a round plays with. ``ports``: port, canary, dns, and the first of six for tls."""

    ports: dict[str, int]
    server: RedisServer
    folder: Path
    client: redis_client.Redis
    serve_port: int
    daemon: rig.Daemon | None = None
    cases: dict[str, Case] = field(default_factory=dict)  #: by the feed's address
    breaches: list[str] = field(default_factory=list)  #: what the server saw that it must never see

    def start(self, cases: Iterable[Case], **sections: dict[str, Any]) -> None:
        """Start the daemon on these cases' feeds."""
        self.cases = {case.feed(self.ports): case for case in cases}
        web = [self.ports["port"], *range(self.ports["tls"], self.ports["tls"] + 6)]
        table: dict[str, dict[str, Any]] = {
            "fetch": {**FETCH, "allow": [f"127.0.0.1:{port}" for port in web]},
            "politeness": {
                "spacing_seconds": 0.0, "at_once": 16,
                "retry_after_floor_seconds": FLOOR_SECONDS, "retry_after_ceiling_seconds": CEILING_SECONDS,
            },
            "poll": {"at_once": 8, "max_entries": 300, "lease_seconds": 30.0},
            "pool": {"wall_seconds": 5.0, "children": 2},
            "ingest": {"lease_seconds": 10.0, "retry_seconds": [3600.0], "recheck_seconds": [3600.0]},
            "serve": {"enabled": True, "port": self.serve_port},
        }  # fmt: skip
        for name, options in sections.items():
            table.setdefault(name, {}).update(options)
        settings = rig.write_settings(self.folder / "config", self.server.url, web, list(self.cases), **table)
        self.daemon = rig.Daemon(settings, self.folder / "daemon.log")
        self.daemon.start()
        rig.until(self.daemon.is_up, 60, "the daemon does not start")

    def list_feeds(self, cases: Iterable[Case]) -> None:
        """Other feeds for the daemon that runs; it sees the file change."""
        self.cases = {case.feed(self.ports): case for case in cases}
        listed = rig.write_feeds(self.folder / "config", list(self.cases))
        rig.until(lambda: self.states().keys() >= self.cases.keys(), 90, f"{listed} is not read again")

    # -- what came out

    def states(self) -> dict[str, FeedState]:
        """Every feed's state by its address."""
        return rig.feed_states(self.client, BASE)

    def polls(self) -> dict[str, list[dict[str, Any]]]:
        """Every poll that ended, by the feed's address, as the log has it."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in self.log():
            if line.get("event") == "feed.polled":
                found[str(line["feed"])].append(line)
        return found

    def log(self) -> list[dict[str, Any]]:
        """The log's lines. Each is JSON, or this fails."""
        assert self.daemon is not None
        return [json.loads(line) for line in self.daemon.log.read_bytes().split(b"\n") if line]

    def stream(self, name: str) -> list[tuple[str, dict[str, str]]]:
        """Rows of one of our streams."""
        return rig.stream(self.client, name if name.startswith("dateline") else BASE + name)

    def settled(self) -> dict[str, tuple[str, str, float, str]]:
        """By link: how its entry ended last, the code, when (seconds since 1970), the entry's title."""
        found = {}
        for mid, row in self.stream("trail"):
            at = int(mid.partition("-")[0]) / 1000
            found[row.get("url", "")] = (row.get("outcome", ""), row.get("code", ""), at, row.get("title", ""))
        return found

    def asked(self) -> dict[str, Any]:
        """The server's own log: requests by path, bytes sent by path."""
        answer: dict[str, Any] = self.get("/_log")
        return answer

    def watch(self) -> list[str]:
        """The canary, and what was sent that must not be, so far."""
        seen = [f"the canary was reached: {hit}" for hit in self.get("/_canary")]
        for path, rows in self.asked()["requests"].items():
            if any(row.get("cookie") or row.get("auth") for row in rows):
                seen.append(f"{path}: a cookie or credentials were sent")
        return [*self.breaches, *seen]

    def forget(self) -> None:
        """The server's counts and log begin anew; what it saw that it must not stays."""
        self.breaches = self.watch()
        self.get("/_reset")

    def get(self, path: str) -> Any:
        """A control path's JSON."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['port']}{path}", timeout=30) as answer:
            return json.loads(answer.read())

    def metrics(self) -> str:
        """What Prometheus would read."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.serve_port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    # -- waiting

    def done(self) -> bool:
        """Every feed was polled and is not under way, and no entry waits or is in hand."""
        states = self.states()
        polled = all(url in states and states[url].numbers.get("polls") and not states[url].token for url in self.cases)
        return polled and not self.client.xlen(BASE + "entries")

    def wait(self, seconds: float) -> None:
        """Until `done`. Entries that ask for a place in their owner's budget come back within seconds."""
        quiet = 0

        def rests() -> bool:
            nonlocal quiet
            soon = time.time() * 1000 + 30_000
            quiet = quiet + 1 if self.done() and not self.client.zcount(BASE + "later", "-inf", soon) else 0
            return quiet >= 2

        rig.until(rests, seconds, f"not done: {self.unfinished()}", every=0.25)

    def unfinished(self) -> str:
        states = self.states()
        return ", ".join(u for u in self.cases if u not in states or not states[u].numbers.get("polls"))[:500] + (
            f" entries {self.client.xlen(BASE + 'entries')}"
        )

    def poll_again(self, urls: Iterable[str], seconds: float = 60.0) -> None:
        """One more poll of these feeds, and all that follows from it."""
        wanted, before = set(urls), self.states()
        for url in wanted:
            self.client.zadd(BASE + "due", {before[url].feed: 0}, xx=True)

        def polled() -> bool:
            now = self.states()
            return all(now[url].numbers.get("polls", 0) > before[url].numbers.get("polls", 0) for url in wanted)

        rig.until(polled, seconds, "not polled again", every=0.2)
        self.wait(seconds)


@contextlib.contextmanager
def house(folder: Path, server: RedisServer) -> Iterator[House]:
    """The hostile server is up; the daemon is not started."""
    first = free_ports(9)
    ports = {"port": first, "canary": first + 1, "dns": first + 2, "tls": first + 3}
    named = [part for name, port in ports.items() for part in (f"--{name}", str(port))]
    program = [sys.executable, str(Path(__file__).with_name("sites.py")), str(HOSTILE / "hostile.py"), *named]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    built = House(ports, server, folder, redis_client.Redis.from_url(server.url, protocol=2), rig.free_port())
    try:
        assert process.stdout is not None
        assert b"ready" in process.stdout.readline()
        yield built
    finally:
        if built.daemon is not None and built.daemon.running():
            built.daemon.kill()
        process.kill()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()
        built.client.close()


#: What no text of ours may carry: controls but tab and newline, direction overrides, lone surrogates.
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
