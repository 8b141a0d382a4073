"""Rows of the matrix about what comes in: pages and feeds that break their reader, and more entries than can be read."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from chaos.rows import row
from chaos.stage import BASE, Stage, Verdict, newest_server, stage
from chaos.webs import Stream, TrueWeb
from dateline.model.failures import ENDINGS
from support import rig
from support.exactness import Report

#: What a page does to the child that has it, where, and the code of the pool's error. Reading costs the events only; extraction
#: costs the page, which then is its feed's text, or a dead letter where the feed has none.
PAGES = {
    "segfault": ("in_read", "crashed"),
    "spin": ("in_extract", "timeout"),
    "eat": ("in_read", "memory"),
    "exit": ("in_extract", "crashed"),
    "fork": ("in_read", "raised"),
    "hang": ("in_read", "timeout"),
}
FEEDS = {"segfault": 0, "eat": 1}  # action to the number of the feed


@row("pages and feeds that crash, spin, hang, eat memory, fork or exit in the child", "shared")
def poisonous(folder: Path, seed: int) -> Verdict:
    """Reading that dies costs the events of its page, extraction the page's text; nothing is lost, nobody tries them again at a
    restart."""
    with stage(folder, feeds=20, seed=seed) as scene:
        assert isinstance(scene.web, TrueWeb)
        scene.settings = scene.write(pool={"wall_seconds": 3.0, "memory_mib": 256, "children": 1})
        scene.web.look()
        assert scene.web.truth is not None
        plain = [
            name
            for name, article in scene.web.truth.articles.items()
            if int(name.split("x")[0]) >= 10 and article["robots_allowed"] and not article.get("group")
            and (name, 0) in scene.web.truth.owed
        ]  # fmt: skip
        chosen = dict(zip(PAGES, scene.chance.sample(sorted(plain), len(PAGES)), strict=True))
        rules = [f"{PAGES[action][0]}:*:{action}@{name}" for action, name in chosen.items()]
        rules += [f"in_parse:*:{action}@{scene.web.feeds[number]}" for action, number in FEEDS.items()]
        one = scene.daemon(DATELINE_FAIL=",".join(rules))
        _aside(scene, chosen)
        tried = scene.log().count("failpoint")
        assert one.stop() == 0
        one = scene.daemon(DATELINE_FAIL=",".join(rules))
        rig.until(lambda: "daemon.started" in one.log.read_text(), 60, "it does not start")
        scene.drain()
        again = scene.log().count("failpoint") - tried
        assert one.stop() == 0
        command = [sys.executable, "-m", "worker", "dead-letters", "--config", str(scene.settings), "requeue", "--all"]
        subprocess.run(command, cwd=rig.ROOT, check=True, capture_output=True, timeout=60)
        scene.daemon()
        scene.make_due()
        scene.healthy()
        verdict = scene.verdict(note=f"{len(PAGES)} pages, {len(FEEDS)} feeds")
        verdict.deaths = tried
        from_feed = {f"altered: {name}@0" for action, name in chosen.items() if PAGES[action][0] == "in_extract"}
        verdict.breaches = [
            breach for breach in verdict.breaches if breach not in from_feed
        ]  # their feed's text, at first
        if again:
            verdict.breaches.append(f"tried again {again} times at a restart")
        if left := _blamed(scene):
            verdict.breaches.append(f"still set aside after the fix: {left}")
        return verdict


def _blamed(scene: Stage) -> list[dict[str, str]]:
    """The dead letters, but for what robots.txt forbids."""
    return [letter for letter in scene.dead() if letter.get("code") != "robots"]


def _aside(scene: Stage, chosen: dict[str, str]) -> None:
    """Wait until every poisonous page is settled, and hold letters, notes and feeds against what was done."""

    def settled() -> dict[str, str]:
        found = {name: row["code"] for name in chosen.values() for row in scene.dead() if name in row.get("url", "")}
        for _, fields in scene.stream():
            data = json.loads(fields["data"])
            noted = [
                note for note in data.get("notes") or () if not note.endswith(" failed") or note == "reading failed"
            ]
            found |= {name: noted[0] for name in chosen.values() if noted and name in (data.get("url") or "")}
        return found

    rig.until(lambda: len(settled()) == len(chosen), 180, f"only {settled()} of {chosen}; {scene.tail()}")
    scene.drain()
    for action, name in chosen.items():
        place, code = PAGES[action]
        note = f"{'reading' if place == 'in_read' else 'extraction'} {ENDINGS[code]}"
        assert settled()[name] in ((note,) if place == "in_read" else (note, code)), (name, settled())
    names = chosen.values()  # a page that two feeds list is set aside for both
    others = [letter["url"] for letter in _blamed(scene) if not any(name in letter["url"] for name in names)]
    assert not others, others
    assert "feed.polled" in scene.log()


WORDS = [
    "river",
    "council",
    "market",
    "bridge",
    "school",
    "winter",
    "harvest",
    "engine",
    "letter",
    "garden",
    "signal",
    "museum",
    "ferry",
    "lantern",
    "quarry",
]


@contextmanager
def flood(feeds: int, entries: int) -> Iterator[list[str]]:
    """Feeds with so many full-text entries each, every text of its own; gives their addresses."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number = int("".join(filter(str.isdigit, self.path)) or 0)
            body = _feed(f"http://{self.headers['Host']}", number, entries).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield [f"http://127.0.0.1:{server.server_port}/feed{n}" for n in range(feeds)]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _feed(origin: str, number: int, entries: int) -> str:
    chance = random.Random(number)
    items = []
    for n in range(entries):
        text = " ".join(chance.choice(WORDS) + str(chance.randint(1, 999)) for _ in range(60))
        link = f"{origin}/feed{number}/story-{n}"
        items.append(f"<item><title>Story {number} {n}</title><link>{link}</link><guid>{link}</guid>"
                     f"<description>{text}.</description></item>")  # fmt: skip
    return f"<rss version='2.0'><channel><title>Flood {number}</title>{''.join(items)}</channel></rss>"


class FloodWeb:
    """The flood as a web: every entry once."""

    def __init__(self, feeds: list[str], entries: int) -> None:
        self.feeds = feeds
        self.ports = [int(feeds[0].split(":")[2].split("/")[0])]
        self.entries = entries

    def report(self, stream: Stream, dead: list[dict[str, str]]) -> Report:
        """Subjects counted against what the feeds show."""
        articles = [fields["subject"] for _, fields in stream if fields["type"].startswith("dateline.article.")]
        report = Report(published=len(articles))
        owed = len(self.feeds) * self.entries
        report.lost = (
            [f"{owed - len(set(articles)) - len(dead)} of {owed}"] if len(set(articles)) + len(dead) < owed else []
        )
        report.twice = [] if len(articles) == len(set(articles)) else [f"{len(articles) - len(set(articles))} articles"]
        return report

    def served(self) -> dict[str, int]:
        """Nothing is counted."""
        return {}


def overfed(folder: Path, seed: int, feeds: int, entries: int, limit: int) -> Verdict:
    """Far more entries than one child can read: memory stays flat, polling is held back and says why, then all is read."""
    server = newest_server()
    folder.mkdir(parents=True, exist_ok=True)
    server.start()
    with flood(feeds, entries) as addresses:
        scene = Stage(folder, server, FloodWeb(addresses, entries), random.Random(seed))
        try:
            listed = ", ".join(f'"{url}"' for url in addresses)
            scene.settings = scene.write(
                poll={"at_once": 2, "backlog_limit": limit, "max_entries": 5000, "lease_seconds": 60.0}
            )
            (scene.settings.parent / "feeds.toml").write_text(f"[groups.flood]\nfull_text = true\nfeeds = [{listed}]\n")
            one = scene.daemon()
            rig.until(lambda: "poll.held_back" in scene.log(), 120, f"never held back; {scene.tail()}")
            assert one.process is not None
            before, most, deepest = _rss_mib(one.process.pid), 0.0, 0
            deadline = time.monotonic() + 1800
            while not rig.drained(scene.client):
                assert time.monotonic() < deadline, scene.tail()
                most = max(most, _rss_mib(one.process.pid))
                deepest = max(deepest, int(scene.client.xlen(BASE + "entries")))
                rig.until(lambda: True, 1, "")
                time.sleep(0.25)
            verdict = scene.verdict(note=f"backlog up to {deepest}, memory {before:.0f} to {most:.0f} MiB")
            if "poll.released" not in scene.log():
                verdict.breaches.append("polling was never released")
            if most - before > 60:
                verdict.breaches.append(f"memory grew from {before:.0f} to {most:.0f} MiB")
            if deepest > limit + 2 * entries:
                verdict.breaches.append(f"backlog of {deepest}, limit {limit}")
            return verdict
        finally:
            scene.close()
            server.kill()


def _rss_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 2**20


@row("20,000 entries at once, one child to read them")
def flooded(folder: Path, seed: int) -> Verdict:
    """As issue and settings have it, a tenth of the default backlog."""
    return overfed(folder, seed, feeds=10, entries=2000, limit=2000)


@row("a page that kills every worker, under a supervisor that restarts them", "shared")
def deadly(folder: Path, seed: int) -> Verdict:
    """Five workers die of it; then it alone is set aside, and the sixth goes on with the rest."""
    with stage(folder, feeds=14, seed=seed) as scene:
        assert isinstance(scene.web, TrueWeb)
        scene.web.look()
        assert scene.web.truth is not None
        articles = scene.web.truth.articles
        plain = [
            name
            for name, _ in scene.web.truth.owed
            if int(name.split("x")[0]) >= 10 and articles[name]["robots_allowed"] and not articles[name].get("group")
        ]
        name = scene.chance.choice(sorted(plain))
        for _ in range(14):
            one = scene.daemon(DATELINE_FAIL=f"mid_page:*:kill@{name}")
            if scene.died(one) is None:
                break
        scene.healthy()
        verdict = scene.verdict()
        blamed = {(letter["code"], name in letter["url"]) for letter in _blamed(scene)}
        if blamed != {("crashed", True)}:
            verdict.breaches.append(f"set aside: {_blamed(scene)}")
        # Five for each entry that leads there: two feeds may list it.
        if not 5 <= verdict.deaths <= 10:
            verdict.breaches.append(f"{verdict.deaths} workers died of it")
        return verdict


@row("a feed that kills every worker, under a supervisor that restarts them")
def deadly_feed(folder: Path, seed: int) -> Verdict:
    """It comes back ever later, alone; meanwhile all others are polled and no entry is blamed."""
    with stage(folder, feeds=10, seed=seed) as scene:
        url = scene.chance.choice(scene.web.feeds)
        for _ in range(12):
            one = scene.daemon(DATELINE_FAIL=f"after_headers:*:kill@{url}")
            rig.until(lambda one=one: not one.running() or _others_at_rest(scene, url), 90, f"no rest; {scene.tail()}")  # type: ignore[misc]
            if one.running():
                break
            scene.deaths += 1
        assert one.running(), "it kills worker after worker"
        one.kill()
        scene.daemon()
        scene.make_due()
        scene.healthy()
        verdict = scene.verdict(note=f"{scene.deaths} deaths before the others were done")
        if left := _blamed(scene):
            verdict.breaches.append(f"set aside: {left}")
        return verdict


def _others_at_rest(scene: Stage, url: str) -> bool:
    """Whether every feed but this one was polled, and all they brought is settled."""
    states = rig.feed_states(scene.client, BASE)
    if len(states) < len(scene.web.feeds):
        return False
    if any(state.token or not state.numbers.get("polls") for address, state in states.items() if address != url):
        return False
    return not (scene.client.xlen(BASE + "entries") or scene.client.zcard(BASE + "later"))
