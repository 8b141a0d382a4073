"""A world with nothing outside: every address there is leads back here, and every name to wherever does most harm.

``python nowhere.py FOLDER REDIS_URL`` runs inside a network and mount namespace of its own (`enter`), where all of IPv4 and
IPv6 is local: whatever the daemon connects to is seen here, with the address it had in mind. The daemon is given each row
of ``ssrf.jsonl`` as a feed, as an entry's link and as a redirect, and the names of the hostile name server, which it asks
by the system's own resolver. Says what was reached and how each poll ended, as one JSON line.
"""

from __future__ import annotations

import asyncio
import html
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import redis as redis_client

from hostile.house import BASE, HOSTILE, catalogue
from hostile.sites import loaded
from support import rig

GOLD = rig.SHARED / "gold" / "feeds" / "ssrf.jsonl"
PRESS = 7999
#: Where names are asked for. Two ports: each has a look-up of its own, and the second gets the second answer.
NAMED_PORTS = (8099, 8100)
#: Watched beside the ports that the rows name.
PORTS = {22, 25, 80, 443, 2375, 5432, 6379, 8000, 8080, 8098, 8443, 9200, 11211, *NAMED_PORTS}
_QUAD = re.compile(r"(?:\d{1,3}[.-]){3}\d{1,3}")


def missing() -> str:
    """Why this cannot be played here; empty where it can."""
    if not HOSTILE.is_dir() or not GOLD.is_file():
        return "the shared material is not on this machine"
    if not shutil.which("unshare") or not shutil.which("ip"):
        return "unshare (util-linux) and ip (iproute2) are needed"
    probe = subprocess.run([*_unshare(), "ip", "link", "set", "lo", "up"], capture_output=True, timeout=20)
    return "" if probe.returncode == 0 else "no network namespace can be made here"


def _unshare() -> list[str]:
    return ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--net", "--mount"]


def enter(folder: Path, redis_url: str, seconds: float = 240.0) -> dict[str, Any]:
    """Play it in namespaces of its own; gives what it says."""
    names = folder / "resolv.conf"
    names.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:2\n")
    set_up = (
        "ip link set lo up && ip route add local 0.0.0.0/0 dev lo && { ip -6 route add local ::/0 dev lo || true; }"
        f' && mount --bind {names} /etc/resolv.conf && exec "$@"'
    )
    program = [*_unshare(), "sh", "-c", set_up, "sh", sys.executable, __file__, str(folder), redis_url]
    done = subprocess.run(program, capture_output=True, timeout=seconds, text=True)
    if done.returncode:
        raise AssertionError(f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def rows() -> list[dict[str, Any]]:
    """The rows of ``ssrf.jsonl``."""
    return [json.loads(line) for line in GOLD.read_text("utf-8").split("\n") if line]


class Names(dict[str, list[Any]]):
    """Every name leads to loopback, or to the address it carries (127.0.0.1.nip.example); those of the server as it says."""

    def get(self, name: str, default: Any = None) -> Any:
        """The answers to one name, in order."""
        if name in self:
            return self[name]
        quad = _QUAD.search(name)
        return [[quad.group().replace("-", ".") if quad else "127.0.0.1"]]


@dataclass
class World:
    """What was reached: address and port of every connection but the press's own."""

    rows: list[dict[str, Any]]
    reached: list[tuple[str, int]] = field(default_factory=list)

    def ports(self) -> set[int]:
        """Every port worth listening on."""
        named = {int(p) for row in self.rows for p in re.findall(r":(\d{2,5})(?!\d)", row["url"]) if 0 < int(p) < 65536}
        return (PORTS | named) - {PRESS, 53}

    async def watch(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody came: note which address they asked for, and hang up."""
        where = writer.get_extra_info("sockname")
        address = ipaddress.ip_address(where[0].partition("%")[0])
        self.reached.append((str(getattr(address, "ipv4_mapped", None) or address), where[1]))
        writer.close()

    async def press(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Feeds of links and of redirects, and the redirects."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            if path.startswith("/r/"):
                row = self.rows[int(path[3:])]
                target = row["url"].translate({10: None, 13: None}).encode("utf-8", "replace")
                writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + b"\r\n\r\n")
            elif path.startswith("/feed/"):
                body = self.feed(path.removeprefix("/feed/")).encode("utf-8", "replace")
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
            else:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        writer.close()

    def feed(self, kind: str) -> str:
        """An Atom feed with an entry for each row: its address itself, or a redirect to it."""
        entries = []
        for number, row in enumerate(self.rows):
            link = row["url"] if kind == "links" else f"http://127.0.0.1:{PRESS}/r/{number}"
            base = f' xml:base="{html.escape(row["base"])}"' if row.get("base") and kind == "links" else ""
            entries.append(f'<entry{base}><id>{kind}-{number}</id><title>Row {number}</title>'
                           f'<link href="{html.escape(link)}"/><updated>2026-01-01T00:00:00Z</updated></entry>')  # fmt: skip
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id><title>t</title>{"".join(entries)}</feed>'


async def serve(world: World) -> list[Any]:
    """Everything listens; gives what must be kept alive."""
    server = loaded(HOSTILE / "hostile.py")
    server.DNS = Names(server.DNS)
    loop = asyncio.get_running_loop()
    kept: list[Any] = [await loop.create_datagram_endpoint(server.DNSServer, ("127.0.0.1", 53))]
    kept.append(await asyncio.start_server(world.press, "127.0.0.1", PRESS))
    for port in sorted(world.ports()):
        for host in ("0.0.0.0", "::"):
            with suppress(OSError):
                kept.append(await asyncio.start_server(world.watch, host, port))
    return kept


def judge(said: dict[str, Any]) -> list[str]:
    """What `enter` said, held to promise 6 and to the catalogue's duties for names: what breaks them."""
    wrong = [f"{ip}:{port} was reached" for ip, port in said["reached"] if not ipaddress.ip_address(ip).is_global]
    wrong += [
        f"port {port} of {ip} was reached" for ip, port in said["reached"] if port < 1024 and port not in (80, 443)
    ]
    if not said["reached"]:
        wrong.append("nothing at all was reached: public addresses must be")
    duties = {case.path.removeprefix("dns:"): case.duty["outcome"] for case in catalogue()}
    for url, codes in said["named"].items():
        name = url.removeprefix("http://").partition(":")[0]
        wrong += [f"{url}: {code}, not {' or '.join(duties[name])}" for code in codes if code not in duties[name]]
    names = len(said["named"])
    if said["feeds"] < said["rows"] + names + 2:
        wrong.append(f"{said['feeds']} feeds were polled, not {said['rows']} rows, {names} names and two")
    settled = sum(count for how, count in said["entries"].items() if not how.startswith("retry"))
    if settled + said["later"] < 2 * said["rows"] - 10:  # some are one article
        wrong.append(f"{settled} links and redirects were settled, {said['later']} wait, of {said['rows']} each")
    if said["exit"] or said["traces"]:
        wrong.append(f"exit code {said['exit']}, {said['traces']} traces in the log")
    return wrong


def list_feeds(client: redis_client.Redis, urls: list[str]) -> None:
    """Put feeds into the store as they are: no command takes some of these."""
    for number, url in enumerate(urls):
        feed = f"{number:016}"
        client.hset(f"{BASE}f:{feed}", mapping={"g": "world", "o": "added", "u": url})
        client.zadd(BASE + "due", {feed: 0})


def finished(client: redis_client.Redis, feeds: int) -> bool:
    """Everything was polled and settled, or waits for a later try of its own."""
    states = rig.feed_states(client, BASE).values()
    polled = sum(bool(state.numbers.get("polls")) for state in states)
    return len(states) >= feeds and polled == len(states) and not client.xlen(BASE + "entries")


async def main(folder: Path, redis_url: str) -> None:
    """Play and say."""
    world = World(rows())
    kept = await serve(world)
    client = redis_client.Redis.from_url(redis_url, protocol=2)
    press = [f"http://127.0.0.1:{PRESS}/feed/{kind}" for kind in ("links", "redirects")]
    named = [f"http://{name}:{port}/ok/rss" for name in loaded(HOSTILE / "hostile.py").DNS for port in NAMED_PORTS]
    allow = [f"127.0.0.1:{PRESS}", *(f"192.0.2.1:{port}" for port in NAMED_PORTS)]
    settings = rig.write_settings(
        folder / "config", redis_url, [], press + named,
        fetch={"allow": allow, "connect_seconds": 5.0, "first_byte_seconds": 8.0, "total_seconds": 12.0},
        politeness={"spacing_seconds": 0.0, "at_once": 16},
        ingest={"lease_seconds": 10.0, "retry_seconds": [3600.0], "recheck_seconds": [3600.0]},
    )  # fmt: skip
    daemon = rig.Daemon(settings, folder / "daemon.log")
    daemon.start()
    try:
        await asyncio.to_thread(rig.until, daemon.is_up, 60, "the daemon does not start")
        list_feeds(client, [row["url"] for row in world.rows])
        wanted = len(press) + len(named)
        await asyncio.to_thread(rig.until, lambda: finished(client, wanted), 150, "not done", 0.3)
        exit_code = await asyncio.to_thread(daemon.stop)
    finally:
        if daemon.running():
            daemon.kill()
    said: dict[str, list[str]] = defaultdict(list)
    for line in map(json.loads, daemon.log.read_text().splitlines()):
        if line["event"] == "feed.polled":
            said[line["feed"]].append(str(line["status"]))
    outcomes: dict[str, int] = defaultdict(int)
    for _, row in rig.stream(client, BASE + "trail"):
        outcomes[f"{row['outcome']} {row['code']}".strip()] += 1
    result = {
        "exit": exit_code, "reached": sorted(set(world.reached)), "named": {url: said[url] for url in named},
        "feeds": sum(len(polls) for polls in said.values()), "entries": outcomes, "rows": len(world.rows),
        "later": client.zcard(BASE + "later"),
        "traces": daemon.log.read_text().count('"exception"'),
    }  # fmt: skip
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    del kept


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
