"""The webs that the faults are played on: newsworld with its ground truth, or the bundled newsroom where that is not here."""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from dateline.sources import parse_feed
from dateline.urls import same_key
from support import rig
from support.exactness import Report, Truth, compare, truth_of

Stream = list[tuple[str, dict[str, str]]]


class Web(Protocol):
    """Feeds to poll, and what a stream must show of them."""

    feeds: list[str]
    ports: list[int]

    def report(self, stream: Stream, dead: list[dict[str, str]]) -> Report: ...

    def served(self) -> dict[str, Any]: ...


class TrueWeb:
    """newsworld: every revision that a feed shows is owed."""

    def __init__(self, world: rig.NewsWorld) -> None:
        self.feeds = world.feeds
        # We need no name server to look: a resource of newsworld's is the same under every address of its host.
        here = [f"http://{_numeric(url)}:{world.port}{urlsplit(url).path}" for url in world.feeds]
        self.world = replace(world, feeds=here)
        self.ports = [world.port]
        self.truth: Truth | None = None

    def look(self) -> None:
        """Note what the feeds show now."""
        fresh = truth_of(self.world, len(self.feeds))
        if self.truth is None:
            self.truth = fresh
        self.truth.articles = fresh.articles
        self.truth.look(self.world)

    def report(self, stream: Stream, dead: list[dict[str, str]]) -> Report:
        """Against the truth."""
        self.look()
        assert self.truth is not None
        return compare(self.truth, stream, dead)

    def compared(self, owed: set[tuple[str, int]], stream: Stream, dead: list[dict[str, str]]) -> Report:
        """Against what was owed at some moment, while the world moved on."""
        articles = truth_of(self.world, len(self.feeds)).articles
        return compare(Truth(articles, owed), stream, dead)

    def served(self) -> dict[str, Any]:
        """The web's own counters."""
        found: dict[str, Any] = self.world.get("/__stats")
        return found


class PlainWeb:
    """The bundled newsroom: every entry that a feed shows is owed once, whatever its page says."""

    def __init__(self, feeds: list[str]) -> None:
        self.feeds = feeds
        self.ports = [urlsplit(feeds[0]).port or 80]

    def report(self, stream: Stream, dead: list[dict[str, str]]) -> Report:
        """Every entry's link or guid on the stream or in the dead letters; no envelope twice, no hole."""
        report = Report()
        seqs = [int(fields["seq"]) for _, fields in stream]
        report.holes = [b for a, b in itertools.pairwise(seqs) if b != a + 1]
        ids = Counter(fields["id"] for _, fields in stream)
        report.twice = [f"envelope {name}" for name, n in ids.items() if n > 1]
        names: set[str] = set()
        for _, fields in stream:
            if fields["type"].startswith("dateline.article."):
                report.published += 1
                data = json.loads(fields["data"])
                names |= {_key(data.get(name)) for name in ("url", "canonical_url", "guid")}
        names |= {_key(row.get(name)) for row in dead for name in ("url", "guid")}
        for url in self.feeds:
            with urllib.request.urlopen(url, timeout=30) as answer:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                feed = parse_feed(answer.read(), url=url, headers=headers)
            report.lost += [
                str(one.link or one.guid) for one in feed.entries if not {_key(one.link), _key(one.guid)} & names - {""}
            ]
        return report

    def served(self) -> dict[str, Any]:
        """Nothing is counted."""
        return {}


def _numeric(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return host if host.startswith("127.") else "127.0.0.1"


def _key(name: str | None) -> str:
    try:
        return same_key(name) if name and "://" in name else name or ""
    except Exception:
        return name or ""


@contextlib.contextmanager
def web(
    folder: Path, feeds: int, *, articles: int = 3, seed: int = 1, domain: str = "", epoch: str = "now"
) -> Iterator[Web]:
    """newsworld with so many feeds (under names below ``domain``), where it is here; else the newsroom with its six."""
    if (rig.SHARED / "newsworld").is_dir():
        options = ["--feeds", str(feeds), "--articles-per-feed", str(articles), "--rate", "2", "--speed", "0.001"]
        options += ["--epoch", epoch, "--designs", "8", "--seed", str(seed)]
        options += ["--host-mode", "name", "--domain", domain] if domain else []
        with rig.newsworld(folder, *options) as world:
            yield TrueWeb(world)
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "dateline.demo.newsroom", "--port", "0", "--edition-seconds", "100000"],
        stdout=subprocess.PIPE, text=True, cwd=rig.ROOT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        yield PlainWeb([process.stdout.readline().partition("\t")[0] for _ in range(6)])
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout:
            process.stdout.close()
