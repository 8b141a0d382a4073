"""Ports for servers that must know theirs before they start.

All are below what the kernel gives to outgoing connections (32768 to 60999), which would take a port between our look and the
server's start.
"""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterable

#: Its own, for pytest-randomly seeds the shared one alike in every process, which would then choose the same ports.
_RANDOM = random.SystemRandom()
_GIVEN: set[int] = set()


def free_ports(count: int) -> int:
    """Return the first of ``count`` ports in a row that nothing listens on."""
    while True:
        first = _RANDOM.randrange(20_000, 32_000 - count)
        if _takes(range(first, first + count)):
            return first


def free_port() -> int:
    """Return a port that nothing listens on."""
    return free_ports(1)


def cluster_port() -> int:
    """Return a free port whose cluster bus, 10,000 above it, has one too."""
    while True:
        port = _RANDOM.randrange(12_000, 22_000)
        if _takes((port, port + 10_000)):
            return port


def _takes(ports: Iterable[int]) -> bool:
    """Whether these ports are free and were not given before; they are given now."""
    if not _GIVEN.isdisjoint(ports):
        return False
    with contextlib.ExitStack() as stack:
        try:
            for port in ports:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    stack.enter_context(socket.socket(type=kind)).bind(("127.0.0.1", port))
        except OSError:
            return False
    _GIVEN.update(ports)
    return True
