"""A resolver that asks one name server over UDP: enough DNS for the tests of names that lie."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import struct

from dateline.errors import TransientError

_A, _AAAA = 1, 28


class OneServer(asyncio.DatagramProtocol):
    """Asks 127.0.0.1 at ``port`` for A and AAAA records, once each, for at most ``timeout_seconds``."""

    def __init__(self, port: int, timeout_seconds: float = 1.0) -> None:
        self._port = port
        self._timeout_seconds = timeout_seconds
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._numbers = itertools.count(1)
        self._transport: asyncio.DatagramTransport | None = None

    async def resolve(self, host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        if self._transport is None:
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: self, remote_addr=("127.0.0.1", self._port)
            )
        try:
            async with asyncio.timeout(self._timeout_seconds):
                found = [ip for kind in (_A, _AAAA) for ip in await self._ask(host, kind)]
        except TimeoutError as error:
            raise TransientError(f"{host}: silence", code="dns", temporary=True) from error
        if not found:
            raise TransientError(f"{host}: no address", code="dns")
        return found

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        waiting = self._waiting.pop(struct.unpack("!H", data[:2])[0], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(data)

    async def _ask(self, host: str, kind: int) -> list[str]:
        number = next(self._numbers) & 0xFFFF
        name = b"".join(bytes([len(label)]) + label.encode() for label in host.rstrip(".").split(".")) + b"\0"
        assert self._transport is not None
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._transport.sendto(struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + name + struct.pack("!2H", kind, 1))
        data = await answer
        count = struct.unpack("!H", data[6:8])[0]
        at, found = 12 + len(name) + 4, []
        for _ in range(count):
            at = _after_name(data, at)
            record, _, _, length = struct.unpack("!2HIH", data[at : at + 10])
            value = data[at + 10 : at + 10 + length]
            if record in (_A, _AAAA):
                found.append(str(ipaddress.ip_address(value)))
            at += 10 + length
        return found


def _after_name(data: bytes, at: int) -> int:
    while data[at]:
        if data[at] >= 0xC0:
            return at + 2
        at += data[at] + 1
    return at + 1
