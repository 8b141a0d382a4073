"""Which server has which slot: known from the start, asked of the sentinels, or asked of the cluster."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Any, Protocol

from redis import exceptions as foreign

from .address import Address
from .node import REFUSED, Limits, Node, TlsRefused
from .slots import SLOTS

#: Longest wait for a sentinel, or a server of the cluster, that is asked where things are.
ASK_SECONDS = 2.0
HostPort = tuple[str, int]
#: What waiting does not heal. Another server may know the same, or us, all the same: it is raised where none answers.
_LASTING = (TlsRefused, *REFUSED, foreign.NoPermissionError)


class SentinelRefused(foreign.AuthenticationError):
    """A sentinel wants another user or password than ours; the text says where."""


class Finder(Protocol):
    """Finds the server for a slot."""

    def node_of(self, slot: int | None) -> Node | None:
        """Return the server that has a slot, as far as is known; None where nothing is known. No slot: any server."""

    def named(self, host: str, port: int, asked: Node) -> Node:
        """Return the server of a redirection; without a host it is on that of the server asked."""

    def learn(self, slot: int, node: Node) -> None:
        """Note that a server has a slot: it said so itself."""

    async def refresh(self) -> None:
        """Ask again. Raises ConnectionError where nobody answers."""

    def primaries(self) -> list[Node]:
        """Every server that takes writes, as far as is known."""

    async def close(self) -> None:
        """Close every connection."""


class Fixed:
    """The one server of a plain URL."""

    def __init__(self, address: Address, limits: Limits) -> None:
        self._node = Node(address.only_url, address.where, limits)

    def node_of(self, slot: int | None) -> Node | None:
        return self._node

    def named(self, host: str, port: int, asked: Node) -> Node:
        raise foreign.ResponseError(
            "CLUSTERED this server belongs to a Redis Cluster: write redis+cluster:// in place of redis://"
        )

    def learn(self, slot: int, node: Node) -> None: ...

    async def refresh(self) -> None: ...

    def primaries(self) -> list[Node]:
        return [self._node]

    async def close(self) -> None:
        await self._node.close()


class _Several:
    """Servers by host and port, opened when they are first named and closed when they are dropped."""

    def __init__(self, address: Address, limits: Limits) -> None:
        self._address = address
        self._limits = limits
        self._nodes: dict[HostPort, Node] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def _open(self, host: str, port: int) -> Node:
        node = self._nodes.get((host, port))
        if node is None:
            node = self._nodes[host, port] = Node(self._address.url_of(host, port), f"{host}:{port}", self._limits)
        return node

    def _drop_but(self, kept: Iterable[Node]) -> None:
        """Close the others at once: what waits for a server that has lost its part fails, and is sent to its heir."""
        keep = set(map(id, kept))
        for name, node in list(self._nodes.items()):
            if id(node) not in keep:
                del self._nodes[name]
                task = asyncio.get_running_loop().create_task(node.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    def named(self, host: str, port: int, asked: Node) -> Node:
        return self._open(host or asked.where.rpartition(":")[0], port)

    async def close(self) -> None:
        await asyncio.gather(*(node.close() for node in self._nodes.values()), *self._closing, return_exceptions=True)


class Sentinels(_Several):
    """The primary that the sentinels name, if it says itself that it is one."""

    def __init__(self, address: Address, limits: Limits) -> None:
        super().__init__(address, limits)
        few = Limits(min(ASK_SECONDS, limits.timeout_seconds), 4, 0)
        self._sentinels = [
            Node(address.sentinel_url_of(host, port), f"{host}:{port}", few) for host, port in address.hosts
        ]
        self._primary: Node | None = None

    def node_of(self, slot: int | None) -> Node | None:
        return self._primary

    def learn(self, slot: int, node: Node) -> None: ...

    async def refresh(self) -> None:
        said: list[str] = []
        refused: Exception | None = None
        for sentinel in list(self._sentinels):
            try:
                found = await self._ask(sentinel)
                if not found:
                    said.append(f"{sentinel.where} knows no service {self._address.service!r}")
                    continue
                node = self._open(found[0].decode(), int(found[1]))
                role = (await _soon(node.execute("ROLE")))[0]
            except (foreign.RedisError, OSError) as error:
                refused = refused or (error if isinstance(error, _LASTING) else None)
                said.append(f"{sentinel.where}: {type(error).__name__}: {str(error)[:80]}")
                continue
            if role == b"master":
                self._primary = node
                self._drop_but([node])
                self._sentinels.remove(sentinel)
                self._sentinels.insert(0, sentinel)
                return
            said.append(f"{sentinel.where} names {node.where}, which is a replica now")
        raise refused or foreign.ConnectionError("; ".join(said))

    async def _ask(self, sentinel: Node) -> Any:
        """Return host and port of the primary that a sentinel names; nothing where it does not know our service."""
        try:
            return await _soon(sentinel.execute("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._address.service))
        except (*REFUSED, foreign.NoPermissionError) as error:
            raise SentinelRefused(f"the sentinel at {sentinel.where}: {error}") from error

    def primaries(self) -> list[Node]:
        return [self._primary] if self._primary else []

    async def count_sentinels(self) -> int:
        """Return how many of the sentinels answer."""
        asked = (_soon(one.execute("PING")) for one in self._sentinels)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        return sum(not isinstance(answer, BaseException) for answer in answers)

    async def close(self) -> None:
        await super().close()
        await asyncio.gather(*(one.close() for one in self._sentinels), return_exceptions=True)


class Cluster(_Several):
    """The map that the servers of a cluster keep; patched by their redirections, read anew when one of them fails."""

    def __init__(self, address: Address, limits: Limits) -> None:
        super().__init__(address, limits)
        self._owners: list[Node | None] = [None] * SLOTS
        self._known: list[HostPort] = []  #: every server, replicas too, that the cluster named last

    def node_of(self, slot: int | None) -> Node | None:
        if slot is None:
            some = self.primaries()
            return random.choice(some) if some else None
        return self._owners[slot]

    def learn(self, slot: int, node: Node) -> None:
        self._owners[slot] = node

    async def refresh(self) -> None:
        said: list[str] = []
        refused: Exception | None = None
        known = random.sample(self._known, len(self._known))
        for host, port in dict.fromkeys([*known, *self._address.hosts]):
            node = self._open(host, port)
            try:
                self._read(await _soon(node.execute("CLUSTER", "SLOTS")), host)
                return
            except (foreign.RedisError, OSError) as error:
                if "cluster support disabled" in str(error):
                    raise foreign.ResponseError(
                        f"UNCLUSTERED {node.where} is a Redis of its own, no cluster: write redis:// in redis.url"
                    ) from error
                refused = refused or (error if isinstance(error, _LASTING) else None)
                said.append(f"{node.where}: {type(error).__name__}: {str(error)[:80]}")
        raise refused or foreign.ConnectionError("; ".join(said))

    def _read(self, rows: list[Any], asked: str) -> None:
        if not rows:
            raise foreign.ClusterDownError("CLUSTERDOWN no slot is assigned to any server")
        owners: list[Node | None] = [None] * SLOTS
        known: list[HostPort] = []
        for first, last, *servers in rows:
            places = [(_host_of(server[0]) or asked, int(server[1])) for server in servers]
            known += places
            node = self._open(*places[0])
            for slot in range(int(first), int(last) + 1):
                owners[slot] = node
        self._owners, self._known = owners, list(dict.fromkeys(known))
        self._drop_but(node for node in owners if node)

    def primaries(self) -> list[Node]:
        return list({id(node): node for node in self._owners if node}.values())


def find(address: Address, limits: Limits) -> Finder:
    """Return the finder for an address."""
    if address.kind == "cluster":
        return Cluster(address, limits)
    return Sentinels(address, limits) if address.kind == "sentinel" else Fixed(address, limits)


def _host_of(name: Any) -> str:
    host = (name or b"").decode() if isinstance(name, bytes | type(None)) else str(name)
    return "" if host == "?" else host


async def _soon(answer: Any) -> Any:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await answer
    except TimeoutError as error:
        raise foreign.TimeoutError(f"no answer for {ASK_SECONDS:g} s") from error
