"""A step that raises, hangs or crashes costs its own output and never the article: real daemon, real pages, real failures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client

from dateline import failpoints
from support import rig
from support.redis_server import RedisServer, servers
from support.verbs import run_verb

#: Steps of extraction and of the front, in their order, then those of reading with what each alone gives.
FRONT = (
    "json-ld", "metadata", "trafilatura", "captions", "walls", "language", "repeats", "wire", "byline", "agency",
    "aliases", "sketch",
)  # fmt: skip
GIVES = {
    "sentences": None,
    "dates": "timex",
    "names": "entities",
    "quotes": "quotes",
    "events": "events",
    "stage": None,
}
STEPS = (*FRONT, *GIVES)
KILLED = {"hang": "timed out", "segfault": "crashed", "eat": "ran out of memory"}
TOWNS = (
    "Oslo",
    "Paris",
    "Berlin",
    "Madrid",
    "Rome",
    "Vienna",
    "Warsaw",
    "Prague",
    "Athens",
    "Lisbon",
    "Dublin",
    "Riga",
)
NAMES = ("Berg", "Lund", "Moe", "Dahl", "Holm", "Lie", "Strand", "Vik", "Haug", "Bakke", "Hagen", "Eide", "Foss")


def story(number: int) -> list[str]:
    """Paragraphs that no other number has, with something for every step."""
    town, other, name = TOWNS[number % 12], TOWNS[(number * 7 + 5) % 12], NAMES[(number * 3 + 1) % 13]
    return [
        f"{town.upper()} (AP) - Police arrested {number + 11} protesters in {town} on Monday after a march of dockers.",
        f"“We will not leave the harbour of {other} before case {number * 37} is heard,” said Anna {name}, a union leader.",
        f"Soldiers killed {number + 2} rebels near {other} on March 3, the defence ministry of France said in report {number}.",
        f"The president of France met the {name} committee in {town} last week to discuss cranes, wages and pier {number}.",
        f"Residents of street {number} said that the {name} warehouse had been closed since the strike of {1950 + number}.",
    ]


def page(number: int, text: list[str]) -> str:
    """An article page: JSON-LD, headline, byline, picture with its caption, text."""
    title = f"Dockers march again in case {number}"
    data = {"@type": "NewsArticle", "headline": title, "datePublished": "2026-11-24T09:00:00Z"}
    caption = f"Dockers at pier {number}, Nov. 23. (AP Photo)"
    picture = f'<figure><img src="/p{number}.jpg"><figcaption>{caption}</figcaption></figure>'
    rows = "".join(f"<p>{line}</p>" for line in text)
    return (
        f'<html lang=en><head><title>{title}</title><script type="application/ld+json">{json.dumps(data)}</script></head><body>'
        f"<article><h1>{title}</h1><p class=byline>By Eva Holt</p>{picture}{rows}</article></body></html>"
    )


@dataclass
class Site:
    """A feed and its pages, on loopback."""

    port: int
    pages: dict[str, str]
    full_text: set[str]  #: paths whose entries carry their text in the feed

    def url(self, path: str) -> str:
        """The address of a page."""
        return f"http://127.0.0.1:{self.port}{path}"

    def feed(self) -> str:
        """The feed's body."""
        rows = []
        for number, path in enumerate(self.pages):
            text = (
                "".join(f"<p>{line} From the feed.</p>" for line in story(number + 100))
                if path in self.full_text
                else ""
            )
            # A summary in the feed: content that is long enough would spare the page.
            summary = f"<description><![CDATA[{text}]]></description>" if text else ""
            rows.append(f"<item><title>Case {number}</title><link>{self.url(path)}</link>{summary}</item>")
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{"".join(rows)}</channel></rss>'


@contextmanager
def site(paths: list[str], full_text: set[str]) -> Iterator[Site]:
    """A site that runs inside the block."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = running.feed() if self.path == "/feed" else running.pages.get(self.path)
            body = (found or "").encode()
            self.send_response(200 if found else 404)
            self.send_header(
                "Content-Type", "application/rss+xml" if self.path == "/feed" else "text/html; charset=utf-8"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    pages = {path: page(number, story(number)) for number, path in enumerate(paths)}
    running = Site(server.server_port, pages, full_text)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Shown:
    """What a daemon made of the site."""

    articles: dict[str, dict[str, Any]]
    events: dict[str, list[dict[str, Any]]]
    dead: list[dict[str, str]]
    log: str
    metrics: str
    settings: Path
    rules: str
    kept_at_first: list[dict[str, Any]] = field(default_factory=list)  #: before a test drops them

    def of(self, path: str) -> dict[str, Any]:
        """The article of a page, with its events."""
        found = next(article for url, article in self.articles.items() if url.endswith(path))
        return found | {"events": self.events.get(found["id"], [])}

    def cli(self, *words: str, armed: bool = False) -> subprocess.CompletedProcess[str]:
        """``dateline failures ...`` on the same Redis."""
        given = ["failures", "--config", str(self.settings), *words]
        if not armed:
            done = run_verb(*given)
            return subprocess.CompletedProcess(given, done.returncode, done.stdout.decode(), done.stderr.decode())
        environment = {**os.environ, failpoints.VARIABLE: self.rules}
        command = [sys.executable, "-m", "worker", *given]
        return subprocess.run(command, cwd=rig.ROOT, env=environment, capture_output=True, text=True, timeout=120)

    def kept(self) -> list[dict[str, Any]]:
        """The failures that are kept."""
        return [json.loads(line) for line in self.cli("list", "--json").stdout.splitlines()]


def path_of(step: str) -> str:
    """The page on which a step fails."""
    return f"/fails-{step.replace(' ', '-')}.html"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One daemon over one page for each step that raises, for each way in which a reading dies, and for what they meet."""
    folder = tmp_path_factory.mktemp("failed")
    server = RedisServer(servers()[-1], tmp_path_factory.mktemp("redis"))
    server.start()
    paths = ["/plain.html", "/kumquat.html", *(path_of(step) for step in STEPS)]
    paths += [f"/read-{action}.html" for action in KILLED] + [
        "/page-segfault.html",
        "/page-spin.html",
        "/bare-segfault.html",
    ]
    with site(paths, {"/page-segfault.html", "/page-spin.html"}) as web:
        web.pages["/kumquat.html"] = web.pages["/kumquat.html"].replace(
            "</article>", "<p>Kumquat prices rose in Rome.</p></article>"
        )
        rules = [f"in_step:*:raise@{step} {web.url(path_of(step))}" for step in STEPS]
        rules += [f"in_read:*:{action}@/read-{action}.html" for action in KILLED]
        rules += [f"in_extract:*:segfault@/{name}-segfault.html" for name in ("page", "bare")]
        rules += ["in_extract:*:spin@/page-spin.html", "in_step:*:raise@Kumquat prices"]
        port = rig.free_port()
        settings = rig.write_settings(
            folder, server.url, [web.port], [web.url("/feed")],
            pool={"wall_seconds": 5.0, "children": 2, "memory_mib": 512}, serve={"enabled": True, "port": port, "token": "t"},
        )  # fmt: skip
        settings.write_text(settings.read_text() + '\n[[stages]]\nkind = "drop_short"\nmin_words = 5\n')
        client = redis_client.Redis.from_url(server.url, protocol=2)
        daemon = rig.Daemon(settings, folder / "daemon.log")
        daemon.start(**{failpoints.VARIABLE: ",".join(rules)})
        try:
            rig.until(lambda: daemon.is_up() or not daemon.running(), 120, "it does not start")
            rig.until(lambda: len(rig.stream(client)) and rig.drained(client), 240, daemon.log.read_text()[-3000:])
            request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": "Bearer t"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                metrics = answer.read().decode()
        finally:
            if daemon.running():
                daemon.stop()
        made = _shown(client, daemon, metrics, settings, ",".join(rules))
        made.kept_at_first += made.kept()
        yield made
        client.close()
    server.stop()


def _shown(client: Any, daemon: rig.Daemon, metrics: str, settings: Path, rules: str) -> Shown:
    articles, events = {}, {}
    for _, fields in rig.stream(client):
        data = json.loads(fields["data"])
        if fields["type"].startswith("dateline.article."):
            articles[data["url"]] = data | {"type": fields["type"]}
        else:
            events.setdefault(data["article"], []).append(data)
    dead = [fields for _, fields in rig.stream(client, "{dateline:events}:dead")]
    return Shown(articles, events, dead, daemon.log.read_text(), metrics, settings, rules)


def test_an_article_on_which_nothing_fails_has_everything_and_no_note(shown: Shown) -> None:
    """The pages have something for every step: what is missing elsewhere is missing for its step's failure."""
    article = shown.of("/plain.html")
    assert article["type"] == "dateline.article.published"
    assert not article.get("notes")
    for name in ("timex", "entities", "quotes", "events", "byline", "captions", "agency", "dateline", "family"):
        assert article[name], name


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_raises_costs_its_own_output_only(shown: Shown, step: str) -> None:
    """The article is published with what the others gave, and its notes name the step."""
    article = shown.of(path_of(step))
    assert article["notes"] == [f"{step} failed"]
    assert len(article["text"]) > 330  # without a title the block model leaves the last paragraph
    spared = {gives for other, gives in GIVES.items() if gives and other != step}
    if step in ("names", "dates"):
        spared.discard("events")  # they rest on both
    assert all(article.get(name) for name in spared), {name: bool(article.get(name)) for name in spared}
    if own := GIVES.get(step):
        assert not article.get(own)
    assert f'dateline_step_failures_total{{step="{step}"}}' in shown.metrics


@pytest.mark.parametrize("action", KILLED)
def test_a_reading_that_costs_its_child_leaves_the_article_published_without_events(shown: Shown, action: str) -> None:
    """Past the wall limit, over the memory limit, or dead: extracted, unread, and said so."""
    article = shown.of(f"/read-{action}.html")
    assert article["notes"] == [f"reading {KILLED[action]}"]
    assert article["blocks"]
    assert not article["events"]
    assert 'dateline_step_failures_total{step="reading"} 3.0' in shown.metrics


@pytest.mark.parametrize(("path", "note"), [("/page-segfault.html", "crashed"), ("/page-spin.html", "timed out")])
def test_a_page_whose_extraction_costs_its_child_gives_the_feed_s_text(shown: Shown, path: str, note: str) -> None:
    """Where the feed carries any."""
    article = shown.of(path)
    assert article["notes"] == [f"extraction {note}"]
    assert article["extracted_from"] in ("feed", "summary")
    assert "From the feed." in article["text"]


def test_without_a_text_in_the_feed_such_a_page_is_set_aside_and_nothing_else_is(shown: Shown) -> None:
    """As before."""
    assert [(letter["url"].rpartition("/")[2], letter["code"]) for letter in shown.dead] == [
        ("bare-segfault.html", "crashed")
    ]


def test_the_sentence_that_does_it_is_kept_and_its_trace_is_logged_once(shown: Shown) -> None:
    """Of an article whose every step fails on one sentence, that sentence is what is kept."""
    article = shown.of("/kumquat.html")
    assert {f"{step} failed" for step in ("sentences", "dates", "names", "quotes", "events", "wire")} <= set(
        article["notes"]
    )
    texts = {row["step"]: row["text"] for row in shown.kept_at_first if "Kumquat" in row["text"]}
    assert {texts[step] for step in ("sentences", "dates", "names", "quotes", "events")} == {
        "Kumquat prices rose in Rome."
    }
    lines = [json.loads(line) for line in shown.log.splitlines() if '"step.failed"' in line]
    traces = [line for line in lines if line["step"] == "dates" and "exception" in line]
    assert len(traces) == 1
    assert "fail point" in traces[0]["exception"]


def test_what_failed_is_listed_shown_replayed_and_dropped(shown: Shown) -> None:
    """It fails again as long as the cause is there; afterwards ``replay --drop`` forgets it."""
    dates = [row["id"] for row in shown.kept() if row["step"] == "dates" and "Kumquat" in row["text"]]
    assert len(dates) == 1
    told = json.loads(shown.cli("show", *dates).stdout)
    assert told["url"].endswith("/kumquat.html")
    assert any("fail point" in line for line in told["trace"])
    again = shown.cli("replay", *dates, armed=True)
    assert again.returncode == 1
    assert "still fails in dates" in again.stdout
    mended = shown.cli("replay", "--step", "dates", "--drop")
    assert mended.returncode == 0, mended.stderr
    assert "no longer fails" in mended.stdout
    assert not [row for row in shown.kept() if row["step"] == "dates"]
    page_kept = shown.cli("replay", "--step", "metadata")
    assert page_kept.returncode == 0, page_kept.stdout
    assert shown.cli("show", "nowhere").returncode == 1
    assert shown.cli("drop").returncode == 2
    assert int(shown.cli("drop", "--all").stdout.split()[0]) > 5
    assert shown.kept() == []


def test_the_batch_verb_gives_the_article_with_its_notes_and_no_error(tmp_path: Path) -> None:
    """A step that raises, a reading that hangs and one that crashes; only what cannot be extracted is an error."""
    texts = {name: "\n\n".join(story(number)) for number, name in enumerate(("plain", "dates", "hang", "segfault"))}
    lines = [json.dumps({"id": name, "url": f"http://p.example/{name}", "text": text}) for name, text in texts.items()]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    rules = "in_step:*:raise@dates http://p.example/dates,in_read:*:hang@/hang,in_read:*:segfault@/segfault"
    done = subprocess.run(
        [sys.executable, "-m", "worker", "extract", "--batch", str(tmp_path / "in.jsonl"), "--wall-seconds", "4"],
        cwd=rig.ROOT, env={**os.environ, failpoints.VARIABLE: rules}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert [row["error"] for row in rows.values()] == [None] * 4
    notes = {name: row["article"].get("notes") or [] for name, row in rows.items()}
    assert notes == {
        "plain": [],
        "dates": ["dates failed"],
        "hang": ["reading timed out"],
        "segfault": ["reading crashed"],
    }
    assert rows["plain"]["events"]
    assert rows["dates"]["article"]["quotes"]
    assert rows["hang"]["article"]["blocks"]
