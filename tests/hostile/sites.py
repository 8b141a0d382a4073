"""The hostile server with a site for each case: started as ``sites.py HOSTILE.PY --port N ...``, a program of its own.

The server knows one address of its own, so that the entries of all its feeds are the same few articles. Here every
``Host`` is a site: the links in an answer lead to the site that was asked. ``/press/N`` is a feed whose only entry links to
the N-th case's page, without a word of its own to fall back on.
"""

from __future__ import annotations

import argparse
import asyncio
import contextvars
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

_site: contextvars.ContextVar[str] = contextvars.ContextVar("site")


def loaded(path: Path) -> ModuleType:
    """The server's module, links and press feeds as above."""
    spec = importlib.util.spec_from_file_location("hostile_server", path)
    assert spec is not None and spec.loader is not None
    server: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    alone = server.base

    class SiteConnection(server.Conn):  # type: ignore[misc, name-defined]
        def __init__(self, reader: Any, writer: Any, path: str, headers: dict[str, str]) -> None:
            super().__init__(reader, writer, path, headers)
            _site.set("http://" + headers["host"] if "host" in headers else alone())

    async def press(connection: Any) -> None:
        number = int(connection.path.rpartition("/")[2])
        entry = (
            f"<item><title>Case {number}</title><link>{server.base()}{server.CATALOGUE[number]['path']}</link></item>"
        )
        await connection.reply(server.rss(entry, title=f"Press {number}"))

    server.Conn = SiteConnection
    server.base = lambda: _site.get(None) or alone()
    server.ROUTES["/press/*"] = press
    return server


def main(words: list[str]) -> None:
    """Serve until killed; says ``ready`` on standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("server", type=Path)
    for name in ("port", "canary", "tls", "dns"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args(words)
    asyncio.run(loaded(options.server).main(options))


if __name__ == "__main__":
    main(sys.argv[1:])
