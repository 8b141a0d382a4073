"""Text from outside does no harm wherever it comes out: stream, keys, log, counters, desk, terminal, OPML, spreadsheet."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import json
import re
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis as redis_client
from prometheus_client.parser import text_string_to_metric_families

from dateline.errors import DatelineError, PermanentError
from dateline.export import FORMATS
from dateline.polling import opml
from dateline.sources import parse_feed
from support import rig
from support.conditions import eventually
from support.redis_server import RedisServer, servers
from support.verbs import run_verb

#: What must come out nowhere: controls but the newline, direction overrides, lone surrogates. Tabs part columns.
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NASTY = (
    '\u202egnp.exe\u2066 \x1b[31mred\x07\x9b2J\x7f line\r\nFORGED ERROR a"} 1\nevil{x="1" '
    "<script>alert(1)</script> cafe\u0301"
)
WORDS = "The harbour authority of Oslo said on Tuesday that two cranes would return to service before the end of the month. "


def strings(value: Any) -> list[str]:
    """Every string within."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in strings(one)]
    return [text for one in value for text in strings(one)] if isinstance(value, list | tuple) else []


def xml(text: str) -> str:
    """Escaped, with what XML cannot carry left as it is: real feeds do so."""
    return html.escape(text)


def rss(base: str) -> bytes:
    """A feed with harm in every place that it has."""
    nasty = xml(NASTY)
    items = "".join(
        f"<item><title>{nasty} {n}</title><link>{base}/page/{n}</link><guid isPermaLink='false'>{nasty}{n}</guid>"
        f"<author>{nasty}@x.example ({nasty})</author><dc:creator>{nasty}</dc:creator><category>{nasty}</category>"
        f"<pubDate>Tue, 03 Jun 2025 09:39:21 GMT</pubDate><dc:rights>{nasty}</dc:rights><comments>{base}/{nasty}</comments>"
        f"<media:content url='{base}/{nasty}.jpg' type='{nasty}'/>"
        f"<enclosure url='{base}/{nasty}.mp3' type='{nasty}' length='1'/>"
        "</item>"
        for n in range(4)
    )
    huge = f"<item><title>{'T' * 5_000_000}</title><link>{base}/page/huge</link></item>"
    evil = f"<item><title>{nasty}</title><link>{base}/status</link></item><item><title>x</title><link>{base}/type</link></item>"
    formula = f"<item><title>=cmd|' /C calc'!A0</title><link>{base}/page/formula</link></item>"
    names = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    return (
        f'<rss version="2.0" {names}><channel><title>{nasty}</title><language>{nasty}</language>{items}{evil}{formula}{huge}'
        "</channel></rss>"
    ).encode()


def json_feed(base: str) -> bytes:
    """The same as JSON, which can carry what XML cannot."""
    item = {
        "id": NASTY + "\x00", "url": f"{base}/page/json", "title": NASTY + "\x00\ud800", "language": NASTY,
        "authors": [{"name": NASTY + "\udfff"}], "tags": [NASTY, "\x00"], "image": f"{base}/\x00{NASTY}",
        "attachments": [{"url": f"{base}/{NASTY}", "mime_type": NASTY, "title": NASTY}],
    }  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": NASTY + "\ud800", "items": [item]}
    return json.dumps(feed).encode()


def page(name: str) -> bytes:
    """An article with harm in its head, its data and its text."""
    data = {
        "@type": "NewsArticle",
        "headline": NASTY,
        "author": {"name": NASTY},
        "datePublished": NASTY,
        "publisher": NASTY,
    }
    start = "=HYPERLINK(1) " if name == "formula" else ""
    return (
        f"<html lang='{xml(NASTY)}'><head><title>{start}{xml(NASTY)} {name}</title><meta name=author content='{xml(NASTY)}'>"
        f"<meta property='og:site_name' content='{start}{xml(NASTY)}'><meta name=description content='{xml(NASTY)}'>"
        f"<meta property='article:published_time' content='{xml(NASTY)}'><link rel=canonical href='{xml(NASTY)}'>"
        f"<script type='application/ld+json'>{json.dumps(data)}</script></head><body><article>"
        f"<h1>{start}{xml(NASTY)} {name}</h1>"
        + "".join(f"<p>{WORDS} {WORDS} Paragraph {n} of {name}. {xml(NASTY)}</p>" for n in range(5))
        + f"<figure><img src='/{xml(NASTY)}.jpg'><figcaption>{xml(NASTY)} {WORDS}</figcaption></figure></article></body></html>"
    ).encode()


@asynccontextmanager
async def publisher() -> AsyncIterator[str]:
    """A server that says exactly these bytes, bad ones in status line and headers among them; its address."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode("latin-1")
            head, kind, body = b"HTTP/1.1 200 OK", b"text/html", b""
            if path == "/rss":
                kind, body = b"application/rss+xml", rss(base)
            elif path == "/json":
                kind, body = b"application/feed+json", json_feed(base)
            elif path == "/down":
                head = b"HTTP/1.1 500 caf\xe9 \xff \x9b2J \xe2\x80\xae"
            elif path == "/status":
                head = b"HTTP/1.1 404 caf\xe9 \xff \x9b2J \xe2\x80\xae"
            elif path == "/type":
                kind, body = b"video/\xff\x9b2J\xe2\x80\xae", b"x"
            elif path.startswith("/page/"):
                body = page(path.rpartition("/")[2])
            else:
                head = b"HTTP/1.1 404 Not Found"
            writer.write(head + b"\r\nConnection: close\r\nContent-Type: " + kind)
            writer.write(b'\r\nETag: "\xff"\r\nContent-Length: ' + str(len(body)).encode() + b"\r\n\r\n" + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield base
    finally:
        server.close()


class Played:
    """A daemon that has read it all: its Redis, its log, its settings, its port."""

    def __init__(self, client: redis_client.Redis, daemon: rig.Daemon, settings: Path, port: int, base: str) -> None:
        self.client, self.daemon, self.settings, self.port, self.base = client, daemon, settings, port, base

    def said(self, *words: str) -> bytes:
        """What a verb prints."""
        done = run_verb(words[0], "--config", str(self.settings), *words[1:])
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str) -> str:
        """An answer of its port."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return str(answer.read().decode())


@asynccontextmanager
async def played(folder: Path) -> AsyncIterator[Played]:
    """Everything was polled and settled; the daemon still runs."""
    server = RedisServer(servers()[-1], folder)
    server.start()
    client = redis_client.Redis.from_url(server.url, protocol=2)
    async with publisher() as base:
        port = rig.free_port()
        feeds = [f"{base}/rss", f"{base}/json", f"{base}/down"]
        settings = rig.write_settings(
            folder / "config", server.url, [int(base.rpartition(":")[2])], feeds,
            serve={"enabled": True, "port": port}, ingest={"retry_seconds": [0.3]},
        )  # fmt: skip
        daemon = rig.Daemon(settings, folder / "daemon.log")
        daemon.start()
        try:
            await eventually(lambda: client.xlen("dateline:events") >= 3 and rig.drained(client), 180)
            yield Played(client, daemon, settings, port, base)
        finally:
            if daemon.running():
                await asyncio.to_thread(daemon.kill)
            client.close()
            server.kill()


@pytest.mark.slow
async def test_nothing_that_outside_text_carries_comes_out_anywhere(tmp_path: Path) -> None:
    """One daemon, read from every side. What it printed is UTF-8, one thing a line, without controls or overrides."""
    async with played(tmp_path) as house:
        rows = [row for name in ("dateline:events", "{dateline:events}:trail", "{dateline:events}:dead", "dateline:notices")
                for _, row in rig.stream(house.client, name)]  # fmt: skip
        for row in rows:
            row.pop("e", None)
            told = strings(json.loads(row.pop("data", "null"))) + list(row.values())
            assert not [text for text in told if HARMFUL.search(text)]
            assert max(map(len, told)) < 250_000
        assert sum(row.get("outcome") == "dead" for row in rows) >= 2  # the pages with a bad status and a bad type
        keys = house.client.keys("*")
        assert all(re.fullmatch(rb"[ -~]{1,120}", key) for key in keys)
        log = house.daemon.log.read_bytes().decode("utf-8")
        for line in filter(None, log.split("\n")):
            assert isinstance(json.loads(line), dict)
            assert not HARMFUL.search(line) and "exception" not in line
        numbers = house.get("/metrics")
        names = {family.name for family in text_string_to_metric_families(numbers)}
        assert "dateline_polls" in names and not any("evil" in name for name in names)
        assert house.base not in numbers and "gnp" not in numbers
        desk = [
            json.loads(house.get(f"/desk/api/{path}"))
            for path in ("search", "feeds", "sources", "health", "trouble", "wire")
        ]
        desk += [json.loads(house.get(f"/desk/api/article/{row['article']}")) for row in desk[0]["results"]]
        assert len(desk) > 6 and not [text for one in desk for text in strings(one) if HARMFUL.search(text)]
        for words in (
            ("feeds", "list"), ("feeds", "export"),
            ("dead-letters", "list"), ("explain", f"{house.base}/status"), ("replay", "--since", "0"),
            ("export", "--format", "csv"),
        ):  # fmt: skip
            said = (await asyncio.to_thread(house.said, *words)).decode("utf-8")
            assert not HARMFUL.search(said.replace("\t", " ")), words
        assert await asyncio.to_thread(house.daemon.stop) == 0


@pytest.mark.parametrize("body", [rss("http://p.example"), json_feed("http://p.example")], ids=["rss", "json"])
def test_every_field_of_an_entry_is_harmless_but_its_html(body: bytes) -> None:
    """Titles, names, guids, links, tags, types; summary and content are markup still, and cleaned when they are read."""
    feed = parse_feed(body, url="http://p.example/feed", headers={})
    assert feed.entries
    for entry in feed.entries:
        fields = msgspec.structs.asdict(msgspec.structs.replace(entry, summary=None, content=None))
        told = strings(json.loads(msgspec.json.encode(fields)))
        assert not [text for text in told if HARMFUL.search(text)]
        assert max(map(len, told)) <= 8_192
    assert not HARMFUL.search(json.dumps([feed.title, feed.language], ensure_ascii=False))


def test_an_errors_own_words_are_harmless() -> None:
    """They quote what servers said, and go into logs, dead letters and terminals."""
    for kind in (DatelineError, PermanentError):
        said = str(kind(f"the server said {NASTY}\ud800"))
        assert not HARMFUL.search(said) and "gnp.exe" in said
        said.encode("utf-8")


def test_an_opml_list_of_nasty_titles_is_well_formed_and_comes_back() -> None:
    """Whatever a feed calls itself."""
    listed = [opml.OpmlFeed(url="http://p.example/rss", title=NASTY + "\x00\ud800", group=(NASTY, "b"))]
    written = opml.write(listed)
    (back,) = opml.read(written)
    assert back.url == "http://p.example/rss" and not HARMFUL.search("".join([back.title or "", *back.group]))
    assert b"<script>" not in written


@pytest.mark.parametrize(
    "title",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\r=1",
        "\uff1d1",
        "x; =1",
        "x,=1",
        'x"; =1',
        "x\n=1",
    ],
)
def test_no_cell_of_a_table_is_a_formula_in_any_spreadsheet(title: str) -> None:
    """Neither where commas part the cells, nor where semicolons or tabs do, as in half of Europe."""
    article = {
        "id": "a" * 16,
        "title": title,
        "publisher": title,
        "url": "http://p.example/",
        "text": "t",
        "language": "en",
    }
    retraction = {"id": "e", "article": "a" * 16, "revision": 1}
    exporter = FORMATS["csv"]()
    assert not list(
        exporter.lines({"type": "dateline.article.published", "subject": "a" * 16, "data": json.dumps(article)})
    )
    row = {"type": "dateline.event.retracted", "subject": "a" * 16 + "/e", "data": json.dumps(retraction)}
    (line,) = exporter.lines(row)
    assert "\n" not in line
    for parts in (",", ";", "\t"):
        for cell in next(csv.reader(io.StringIO(line), delimiter=parts)):
            assert not cell.strip().lstrip('"').startswith(("=", "+", "@", "\uff1d", "-")), cell
