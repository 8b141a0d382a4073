"""Real Redis Clusters and sets with Sentinel as children of the tests: to be killed, moved and failed over at will."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from redis.cluster import ClusterNode
from redis.cluster import RedisCluster as ClusterClient

from dateline.store.private.binary import RedisBinary
from support.ports import cluster_port, free_port
from support.redis_server import RedisServer
from support.rig import until

SLOTS = 16384
#: How long a primary may be silent before its replicas take over, in milliseconds.
NODE_TIMEOUT_MS = 2000


@dataclass(frozen=True)
class Tls:
    """Files of a certificate for 127.0.0.1."""

    authority: Path
    certificate: Path
    key: Path

    def options(self, port: int) -> dict[str, str]:
        """What a server, or a sentinel, is started with to take nothing but TLS on its port."""
        return {
            "port": "0", "tls-port": str(port), "tls-cert-file": str(self.certificate), "tls-key-file": str(self.key),
            "tls-ca-cert-file": str(self.authority), "tls-auth-clients": "no", "tls-replication": "yes",
        }  # fmt: skip


class RedisCluster:
    """Primaries and their replicas on loopback, each with a unix socket for the test itself."""

    def __init__(
        self, binary: RedisBinary, folder: Path, primaries: int = 3, replicas: int = 1, tls: Tls | None = None
    ) -> None:
        self._tls = tls
        self.servers: list[RedisServer] = []
        self.ports: list[int] = []
        self._primaries = primaries
        self._replicas = replicas
        for number in range(primaries * (1 + replicas)):
            home = folder / f"n{number}"
            home.mkdir(parents=True)
            self.servers.append(RedisServer(binary, home))
            self.ports.append(cluster_port())

    @property
    def url(self) -> str:
        """For ``redis.url``: two of the servers; the others are found through them."""
        return f"redis+cluster://127.0.0.1:{self.ports[0]},127.0.0.1:{self.ports[1]}"

    def start(self, **options: str) -> None:
        """Start all, give the slots out, wait until every server sees the whole."""
        for server, port in zip(self.servers, self.ports, strict=True):
            self._start(server, port, **options)
        share = SLOTS // self._primaries
        for number in range(self._primaries):
            last = SLOTS if number == self._primaries - 1 else (number + 1) * share
            self.ask(number, "CLUSTER", "ADDSLOTS", *range(number * share, last))
        for number in range(1, len(self.servers)):
            self.ask(number, "CLUSTER", "MEET", "127.0.0.1", self.ports[0])
        everyone = range(len(self.servers))
        until(lambda: all(self._known(n) == len(self.servers) for n in everyone), 90, "the servers do not meet")
        names = [self.name(number) for number in range(self._primaries)]
        for number in range(self._primaries, len(self.servers)):
            self.ask(number, "CLUSTER", "REPLICATE", names[number % self._primaries])
        until(self.is_whole, 90, "the cluster does not become whole")

    def _start(self, server: RedisServer, port: int, **options: str) -> None:
        given = {
            "cluster-enabled": "yes", "cluster-config-file": "nodes.conf", "cluster-node-timeout": str(NODE_TIMEOUT_MS),
            "port": str(port), "repl-diskless-sync-delay": "0", "cluster-allow-replica-migration": "no",
        } | options  # fmt: skip
        if self._tls:
            given |= {**self._tls.options(port), "tls-cluster": "yes"}
        if server.binary.version < (7, 0):
            del given["cluster-allow-replica-migration"]
        server.start(**given)

    def restart(self, number: int) -> None:
        """Start a server that was killed, on what it has on disk."""
        self._start(self.servers[number], self.ports[number])

    def stop(self) -> None:
        """End all."""
        for server in self.servers:
            server.kill()

    def ask(self, number: int, *command: Any) -> Any:
        """One server's answer."""
        with redis.Redis.from_url(self.servers[number].url, protocol=2) as client:
            client.response_callbacks.clear()
            return client.execute_command(*command)

    def name(self, number: int) -> str:
        """The name that a server has in the cluster."""
        return str(self.ask(number, "CLUSTER", "MYID").decode())

    def info(self, number: int, section: str = "replication") -> dict[str, Any]:
        """A section of one server's INFO."""
        with redis.Redis.from_url(self.servers[number].url, protocol=2) as client:
            found: dict[str, Any] = client.info(section)
            return found

    def _known(self, number: int) -> int:
        return len(self.ask(number, "CLUSTER", "NODES").decode().splitlines())

    def is_whole(self) -> bool:
        """Whether every server that runs sees all slots served, and every replica its primary."""
        for number, server in enumerate(self.servers):
            if not server.running():
                continue
            if b"cluster_state:ok" not in self.ask(number, "CLUSTER", "INFO"):
                return False
            told = self.info(number)
            if told["role"] == "slave" and told["master_link_status"] != "up":
                return False
        return True

    def client(self) -> ClusterClient:
        """redis-py's own cluster client, to look at what is there."""
        return ClusterClient(startup_nodes=[ClusterNode("127.0.0.1", port) for port in self.ports], protocol=2)

    def owner(self, slot: int) -> int:
        """Which server has a slot, asked of one that runs."""
        asked = next(number for number, server in enumerate(self.servers) if server.running())
        for first, last, primary, *_ in self.ask(asked, "CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return self.ports.index(int(primary[1]))
        raise AssertionError(f"nobody has slot {slot}")

    def primaries(self) -> list[int]:
        """Which servers have slots, asked of one that runs: a failover changes it."""
        asked = next(number for number, server in enumerate(self.servers) if server.running())
        return sorted({self.ports.index(int(row[2][1])) for row in self.ask(asked, "CLUSTER", "SLOTS")})

    def follower(self, number: int) -> int:
        """The replica of a primary, as soon as that one names it: the others' word goes round after the slots'."""
        told = until(lambda: self.ask(number, "CLUSTER", "REPLICAS", self.name(number)), 60, "it has no replica")
        return self.ports.index(int(told[0].decode().split()[1].split("@")[0].rpartition(":")[2]))

    def owner_or_none(self, number: int) -> int | None:
        """A slot that this server has, as one that runs sees it; None where it has none."""
        asked = next(n for n, server in enumerate(self.servers) if server.running() and n != number)
        slots = self.ask(asked, "CLUSTER", "SLOTS")
        return next((int(row[0]) for row in slots if int(row[2][1]) == self.ports[number]), None)

    def entries_on(self, number: int, streams: list[str]) -> int:
        """How many entries of these streams one server has; those that lie elsewhere count nothing."""
        count = 0
        for stream in streams:
            with contextlib.suppress(redis.ResponseError):
                count += int(self.ask(number, "XLEN", stream))
        return count

    def kill_primary(self, slot: int) -> int:
        """SIGKILL for the server that has a slot; waits until its replica took over. Gives its number."""
        number = self.owner(slot)
        self.servers[number].kill()
        try:
            until(lambda: self.owner(slot) != number and self.is_whole(), 90, "no replica takes over")
        except AssertionError as error:
            error.add_note(self._described())
            raise
        return number

    def heal(self) -> None:
        """Start what a test that failed has left dead or silent, and wait until the whole is there again."""
        for number, server in enumerate(self.servers):
            if server.running():
                server.resume()
            else:
                self.restart(number)
        until(self.is_whole, 90, "the cluster does not become whole again")

    def _described(self) -> str:
        """What each server that runs sees, and how its replication stands."""
        alive = [number for number, server in enumerate(self.servers) if server.running()]
        return "\n".join(
            f"server {number}, port {self.ports[number]}: {self.info(number)}\n{self.ask(number, 'CLUSTER', 'NODES').decode()}"
            for number in alive
        )

    def move_slot(self, slot: int, to: int, meanwhile: Callable[[], None] = lambda: None, batch: int = 20) -> int:
        """Move a slot, as ``redis-cli --cluster reshard`` does it; ``meanwhile`` is called after every few keys. Gives how
        many keys went."""
        source = self.owner(slot)
        source_name, target_name = self.name(source), self.name(to)
        self.ask(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", source_name)
        self.ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", target_name)
        moved = 0
        while keys := self.ask(source, "CLUSTER", "GETKEYSINSLOT", slot, batch):
            self.ask(source, "MIGRATE", "127.0.0.1", self.ports[to], "", 0, 5000, "KEYS", *keys)
            moved += len(keys)
            meanwhile()
        for number in (to, source):
            self.ask(number, "CLUSTER", "SETSLOT", slot, "NODE", target_name)
        return moved


class SentinelSet:
    """A primary, its replicas, and three sentinels that watch them."""

    service = "news"

    def __init__(self, binary: RedisBinary, folder: Path, replicas: int = 1, tls: Tls | None = None) -> None:
        self.servers: list[RedisServer] = []
        self.ports: list[int] = []
        self._tls = tls
        self.sentinel_ports = [free_port() for _ in range(3)]
        self._folder = folder
        self._sentinels: list[subprocess.Popen[bytes]] = []
        for number in range(1 + replicas):
            home = folder / f"n{number}"
            home.mkdir(parents=True)
            self.servers.append(RedisServer(binary, home))
            self.ports.append(free_port())

    @property
    def url(self) -> str:
        """For ``redis.url``."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinel_ports)
        return f"redis+sentinel://{hosts}/{self.service}/0"

    def start(self) -> None:
        """Start all; returns when every sentinel knows the replicas and the other sentinels."""
        for number, (server, port) in enumerate(zip(self.servers, self.ports, strict=True)):
            listening = self._tls.options(port) if self._tls else {"port": str(port)}
            server.start(**{"repl-diskless-sync-delay": "0"}, **listening)
            if number:
                with redis.Redis.from_url(server.url, protocol=2) as client:
                    client.replicaof("127.0.0.1", self.ports[0])
        for port in self.sentinel_ports:
            home = self._folder / f"s{port}"
            home.mkdir()
            conf = home / "sentinel.conf"
            listening = self._tls.options(port) if self._tls else {"port": str(port)}
            conf.write_text(
                "".join(f"{name} {value}\n" for name, value in listening.items())
                + f"dir {home}\nlogfile {home / 'log'}\n"
                f"sentinel monitor {self.service} 127.0.0.1 {self.ports[0]} 2\n"
                f"sentinel down-after-milliseconds {self.service} 1500\nsentinel failover-timeout {self.service} 6000\n"
            )
            program = [self.servers[0].binary.path, str(conf), "--sentinel"]
            self._sentinels.append(subprocess.Popen(program, stdout=subprocess.DEVNULL))
        until(self._is_watched, 90, "the sentinels do not find each other")

    def _sentinel(self, port: int) -> redis.Redis:
        if self._tls is None:
            return redis.Redis(port=port, protocol=2)
        return redis.Redis(port=port, protocol=2, ssl=True, ssl_ca_certs=str(self._tls.authority))

    def _is_watched(self) -> bool:
        for port in self.sentinel_ports:
            with contextlib.suppress(redis.RedisError), self._sentinel(port) as client:
                told = client.sentinel_masters().get(self.service, {})
                if told.get("num-slaves", 0) >= len(self.servers) - 1 and told.get("num-other-sentinels") == 2:
                    continue
            return False
        return True

    def primary(self) -> int:
        """Which server the sentinels name."""
        with self._sentinel(self.sentinel_ports[0]) as client:
            return self.ports.index(int(client.sentinel_get_master_addr_by_name(self.service)[1]))

    def kill_primary(self) -> int:
        """SIGKILL for the primary; waits until another one was made. Gives its number."""
        number = self.primary()
        self.servers[number].kill()
        until(lambda: self.primary() != number, 90, "no failover")
        return number

    def is_whole(self) -> bool:
        """Whether the others follow the primary that the sentinels name."""
        with contextlib.suppress(redis.RedisError):
            number = self.primary()
            with redis.Redis.from_url(self.servers[number].url, protocol=2) as client:
                told = client.info("replication")
                return bool(told["role"] == "master" and told["connected_slaves"] == len(self.servers) - 1)
        return False

    def restart(self, number: int) -> None:
        """Start a server that was killed; the sentinels make it a replica."""
        self.servers[number].start(port=str(self.ports[number]))

    def stop(self) -> None:
        """End all."""
        for process in self._sentinels:
            process.kill()
            process.wait(60)
        for server in self.servers:
            server.kill()


@contextlib.contextmanager
def running(one: Any, **options: str) -> Iterator[Any]:
    """A cluster or set that runs inside the block."""
    began = time.monotonic()
    try:
        one.start(**options)
        one.took_seconds = time.monotonic() - began
        yield one
    finally:
        one.stop()
