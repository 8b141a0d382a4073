"""What lies between processes: a name server with moods, a relay whose other end moves, a receiver that refuses."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: What a name server says to a question for a name: addresses (IPv4), an error code of DNS, or nothing at all.
Answer = list[str] | int | None


@contextmanager
def name_server(address: str, answer: Callable[[str], Answer]) -> Iterator[list[str]]:
    """A name server on port 53 of a loopback address; gives the names it was asked for, growing."""
    asked: list[str] = []
    over = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((address, 53))
        line.settimeout(0.2)

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError, ValueError, IndexError, struct.error):
                    question, peer = line.recvfrom(4096)
                    name, kind, end = _asked(question)
                    asked.append(name)
                    if (said := answer(name)) is not None:
                        line.sendto(_reply(question, end, kind, said), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield asked
        finally:
            over.set()
            thread.join()


def _asked(question: bytes) -> tuple[str, int, int]:
    at, labels = 12, []
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode("ascii", "replace"))
        at += 1 + question[at]
    return ".".join(labels).lower(), struct.unpack(">H", question[at + 1 : at + 3])[0], at + 5


def _reply(question: bytes, end: int, kind: int, said: list[str] | int) -> bytes:
    code = said if isinstance(said, int) else 0
    found = said if isinstance(said, list) and kind == 1 else []
    rows = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(one) for one in found)
    return question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(found), 0, 0) + question[12:end] + rows


class Relay:
    """A TCP port before a server, as an address that moves at a failover. ``cut``: nothing passes any more."""

    def __init__(self, port: int, target: Path | int) -> None:
        self.target: Path | int | None = target
        self._ends: set[socket.socket] = set()
        self._over = False
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", port), backlog=64)
        self._start(self._accept)

    def cut(self) -> None:
        """Break what is connected and refuse what comes."""
        self.switch(None)

    def switch(self, target: Path | int | None) -> None:
        """Break what is connected; from now on it leads there."""
        self.target = target
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it."""
        self._over = True
        self.cut()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, act: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=act, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = self._connected()
            except OSError:
                near.close()
                continue
            self._ends |= {near, far}
            self._start(self._pass, near, far)
            self._start(self._pass, far, near)

    def _connected(self) -> socket.socket:
        if self.target is None:
            raise ConnectionRefusedError
        if isinstance(self.target, int):
            return socket.create_connection(("127.0.0.1", self.target), timeout=5)
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self.target))
        return far

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        one.settimeout(None)
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            self._ends.discard(end)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        one.close()


class Receiver:
    """Takes webhooks, or does not. ``mood``: 200 or another status to answer with, or 0: never an answer."""

    def __init__(self) -> None:
        self.mood = 200
        self.got: list[str] = []
        self.refused = 0
        self._over = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if owner.mood == 200:
                    owner.got += [row["id"] for row in (body if isinstance(body, list) else [body])]
                else:
                    owner.refused += 1
                while owner.mood == 0 and not owner._over.wait(0.1):
                    pass
                with contextlib.suppress(OSError):
                    self.send_response(owner.mood or 503)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
