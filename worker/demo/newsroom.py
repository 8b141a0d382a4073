"""The bundled newsroom: six invented papers on loopback, with feeds and pages as the web really has them.

    async with newsroom.serve() as room:
        room.feeds                  # what to poll
        room.advance()              # the next edition: a story revised, another new

Each paper has its own address (127.0.0.2 and up) on one port, so that budgets per owner look real; where only 127.0.0.1
is the loopback (macOS) the papers are folders of one site. ``python -m dateline.demo.newsroom --host 0.0.0.0`` serves it to
others, as the compose file's ``demo`` profile does.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import hashlib
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import NamedTuple

from aiohttp import ETag, web

from .. import clock
from .feeds import feed_document
from .layout import page_html
from .stories import Paper, Printing, last_edition, papers, printings

#: Paths of every paper's robots.txt that nobody may fetch.
DISALLOWED = "/print/"
_PORT_ATTEMPTS = 20


class DemoFeed(NamedTuple):
    """A feed to poll: its address, its title and the group it belongs to."""

    url: str
    title: str
    group: str


class Newsroom:
    """The papers as they stand, and where each is found.

    Attributes:
        base_url: URL of a page that lists the papers.
        feeds: The feeds of all papers.
        edition: Which edition is out, from 1; `advance` brings the next.
        served: Answers given, by (paper's slug, path, status).
    """

    def __init__(self, base_url: str, origins: dict[str, str], opened_at: datetime) -> None:
        self.base_url = base_url
        self.edition = 1
        self.served: Counter[tuple[str, str, int]] = Counter()
        self._origins = origins
        self._opened_at = opened_at
        self._held_back = 0
        self._printings: tuple[Printing, ...] = printings(1, opened_at)
        self.feeds = [DemoFeed(origins[one.slug] + one.feed, one.title, one.group) for one in papers()]

    @property
    def last_edition(self) -> int:
        """After this edition nothing changes."""
        return last_edition()

    def advance(self) -> int:
        """Bring out the next edition, if there is one; the edition that is out now."""
        self.edition = min(self.edition + 1, self.last_edition)
        self._printings = printings(self.edition, self._opened_at)
        return self.edition

    def hold_back(self, stories: int) -> None:
        """Keep the newest ``stories`` out of the papers until they are released; each paper keeps its oldest."""
        self._held_back = max(0, stories)

    def release(self) -> bool:
        """Let the oldest story that is held back into its paper; False when none is left."""
        held = self._held_back > 0
        self._held_back = max(0, self._held_back - 1)
        return held

    def printings(self, paper: str | None = None) -> list[Printing]:
        """Return what is printed now, newest first; of one paper where ``paper`` is its slug."""
        oldest = {one.paper.slug: one for one in self._printings}  # The last one of each paper wins.
        out = [one for one in self._printings if one not in oldest.values()][self._held_back :]
        shown = [one for one in self._printings if one in out or one in oldest.values()]
        return [one for one in shown if paper is None or one.paper.slug == paper]

    def url(self, printing: Printing) -> str:
        """Return the address of the printing's page."""
        return self._origins[printing.paper.slug] + printing.path

    def origin(self, paper: Paper) -> str:
        """Return where ``paper`` lives, without a slash at its end."""
        return self._origins[paper.slug]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Return the one handler: finds the paper by Host, else by the first folder, then the page."""
        paper, path = self._find(request)
        if paper is None:
            return self._index_page() if path == "/" else _not_found()
        response = self._answer(paper, path, request)
        self.served[paper.slug, path, response.status] += 1
        return response

    def _find(self, request: web.Request) -> tuple[Paper | None, str]:
        path = request.rel_url.path
        for paper in papers():
            host, _, folder = self._origins[paper.slug].removeprefix("http://").partition("/")
            if folder:  # Whatever name led here: only the folder tells the papers apart.
                if path == f"/{folder}" or path.startswith(f"/{folder}/"):
                    return paper, path.removeprefix(f"/{folder}") or "/"
            elif request.host == host:
                return paper, path
        return None, path

    def _answer(self, paper: Paper, path: str, request: web.Request) -> web.Response:
        if path == paper.feed:
            return self._feed(paper, request)
        if path == "/robots.txt":
            return web.Response(text=f"User-agent: *\nDisallow: {DISALLOWED}\nAllow: /\n")
        if path.startswith("/media/"):
            return web.Response(body=_picture(path), content_type="image/svg+xml")
        if path == "/":
            return self._front_page(paper)
        for printing in self.printings(paper.slug):
            if path == printing.path and printing.feed_path is not None:
                return self._page(printing, request)
            if path == printing.feed_path:
                return web.Response(status=302, headers={"Location": self.url(printing)})
        return _not_found()

    def _feed(self, paper: Paper, request: web.Request) -> web.Response:
        document = feed_document(paper, self.printings(paper.slug), self._origins[paper.slug])
        return _conditional(
            request,
            document.body,
            document.content_type,
            changed_at=None if paper.quirks & {"no_validators", "etag_only"} else document.changed_at,
            tagged=not paper.quirks & {"no_validators", "last_modified_only"},
        )

    def _page(self, printing: Printing, request: web.Request) -> web.Response:
        if printing.status != 200:
            return web.Response(status=printing.status, text="<h1>Gone fishing</h1>", content_type="text/html")
        body = page_html(printing, self._origins[printing.paper.slug]).encode()
        return _conditional(request, body, "text/html; charset=utf-8", changed_at=printing.updated, tagged=True)

    def _front_page(self, paper: Paper) -> web.Response:
        origin = self._origins[paper.slug]
        rows = "".join(
            f'<li><a href="{escape(self.url(one))}">{escape(one.headline)}</a></li>'
            for one in self.printings(paper.slug)
            if one.feed_path
        )
        head = f'<title>{escape(paper.title)}</title><link rel="alternate" href="{escape(origin + paper.feed)}">'
        html = f"<!doctype html><html lang={paper.language}>{head}<h1>{escape(paper.title)}</h1><ul>{rows}</ul></html>"
        return web.Response(text=html, content_type="text/html")

    def _index_page(self) -> web.Response:
        rows = "".join(
            f'<li><a href="{escape(self.origin(one))}/">{escape(one.title)}</a>: {escape(one.tagline)}</li>'
            for one in papers()
        )
        html = f"<!doctype html><title>The newsroom</title><h1>The newsroom, edition {self.edition}</h1><ul>{rows}</ul>"
        return web.Response(text=html, content_type="text/html")


@asynccontextmanager
async def serve(
    host: str = "127.0.0.1", port: int = 0, *, domain: str | None = None, opened_at: datetime | None = None
) -> AsyncIterator[Newsroom]:
    """A newsroom that listens until the block ends.

    Args:
        host: 127.0.0.1 gives each paper its own loopback address where the machine has them; any other address is bound
            as it is, with the papers as folders.
        port: TCP port for all of them; 0 takes a free one.
        domain: With a ``host`` that others reach, the name that leads to it: papers are ``<slug>.<domain>``.
        opened_at: The time that stories count back from (aware); the hour that has begun where it is None, so that a
            newsroom started again within the hour serves the same bytes.
    Raises:
        OSError: The port is taken or the address is not this machine's.
    """
    opened_at = opened_at or clock.now().replace(minute=0, second=0, microsecond=0)
    rooms: list[Newsroom] = []  # Filled once the port is known; nobody can ask before that.

    async def answer(request: web.Request) -> web.StreamResponse:
        return await rooms[0].answer(request)

    app = web.Application()
    app.router.add_route("GET", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        port, addresses = await _listen(runner, host, port)
        name = domain or ("localhost" if host in ("0.0.0.0", "::") else host)
        rooms.append(Newsroom(f"http://{name}:{port}", _origins(name, port, addresses, domain), opened_at))
        yield rooms[0]
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> tuple[int, list[str]]:
    """Bind; the port, and the papers' own addresses if they could be had (else an empty list)."""
    own = [f"127.0.0.{number}" for number, _ in enumerate(papers(), start=2)] if host == "127.0.0.1" else []
    for attempt in range(_PORT_ATTEMPTS):
        sites: list[web.TCPSite] = []
        try:
            chosen = port
            for address in [host, *own]:
                site = web.TCPSite(runner, address, chosen)
                await site.start()
                sites.append(site)
                chosen = chosen or runner.addresses[-1][1]
            return chosen, own
        except OSError as error:
            for site in sites:
                await site.stop()
            if error.errno == errno.EADDRNOTAVAIL and own and sites:
                own = []  # Only 127.0.0.1 is up here.
            elif error.errno != errno.EADDRINUSE or port or attempt == _PORT_ATTEMPTS - 1:
                raise
    raise OSError(errno.EADDRINUSE, f"no port was free on {host} and {own}")


def _origins(name: str, port: int, own: Sequence[str], domain: str | None) -> dict[str, str]:
    """Return where each paper lives, by its slug."""
    if domain is not None:
        return {one.slug: f"http://{one.slug}.{domain}:{port}" for one in papers()}
    if own:
        return {one.slug: f"http://{address}:{port}" for one, address in zip(papers(), own, strict=True)}
    return {one.slug: f"http://{name}:{port}/{one.slug}" for one in papers()}


def _conditional(
    request: web.Request, body: bytes, content_type: str, *, changed_at: datetime | None, tagged: bool
) -> web.Response:
    """``body`` with its validators, or 304 where the request shows that the reader has it (RFC 9110, 13.2.2)."""
    tag = hashlib.sha256(body).hexdigest()[:16] if tagged else None
    fresh = False
    if tag is not None and request.if_none_match is not None:
        fresh = ETag(value=tag) in request.if_none_match
    elif changed_at is not None and request.if_modified_since is not None:
        fresh = changed_at.replace(microsecond=0) <= request.if_modified_since
    response = web.Response(status=304) if fresh else web.Response(body=body, headers={"Content-Type": content_type})
    if tag is not None:
        response.etag = tag
    if changed_at is not None:
        response.headers["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if not fresh:
        response.enable_compression()
    return response


def _picture(path: str) -> bytes:
    """Return a quiet picture in the colours of its address."""
    digest = hashlib.sha256(path.encode()).digest()
    hue, other = digest[0] * 360 // 256, digest[1] * 360 // 256
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 675"><defs><linearGradient id="g" x2="1" y2="1">'
        f'<stop stop-color="hsl({hue} 30% 45%)"/><stop offset="1" stop-color="hsl({other} 25% 75%)"/></linearGradient>'
        '</defs><rect width="1200" height="675" fill="url(#g)"/></svg>'
    ).encode()


def _not_found() -> web.Response:
    return web.Response(status=404, text="<h1>404: not in this edition</h1>", content_type="text/html")


async def _run(arguments: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT: stories that are held back one by one, then a new edition every ``edition_seconds``."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(arguments.host, arguments.port, domain=arguments.domain) as room:
        say(f"newsroom ready: {room.base_url}")
        for feed in room.feeds:
            say(f"{feed.url}\t{feed.group}\t{feed.title}")
        room.hold_back(arguments.hold_back)
        seconds = arguments.story_seconds if arguments.hold_back else arguments.edition_seconds
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)
            if stop.is_set() or room.release():
                continue
            seconds = arguments.edition_seconds
            if room.edition < room.last_edition:
                say(f"edition {room.advance()} is out")


def main(words: Sequence[str] | None = None) -> int:
    """``python -m dateline.demo.newsroom``: the newsroom alone, for the compose file and for looking around."""
    parser = argparse.ArgumentParser(prog="python -m dateline.demo.newsroom", description="Serve the demo's papers.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="TCP port; 0 takes a free one (default: %(default)s)")
    parser.add_argument(
        "--domain", help="papers are <paper>.DOMAIN, which must lead here (default: addresses, folders)"
    )
    parser.add_argument("--edition-seconds", type=float, default=90.0, help="next edition after (default: %(default)s)")
    parser.add_argument("--hold-back", type=int, default=0, help="stories that come out later (default: none)")
    parser.add_argument("--story-seconds", type=float, default=10.0, help="one of them every (default: %(default)s)")
    arguments = parser.parse_args(words)

    def say(line: str) -> None:
        print(line, flush=True)

    try:
        asyncio.run(_run(arguments, say))
    except OSError as error:
        print(f"newsroom: cannot listen on {arguments.host}:{arguments.port}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
