"""The desk on a real store: what was published is what it shows."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from dateline.contract.article import Article
from dateline.contract.envelope import article_envelope, event_envelope, fields, retraction_envelope
from dateline.contract.event import Attribution, Cameo, Event, Evidence, Party, Plover, Span
from dateline.serve.desk.rows import feed_view, link, row_of, shown_url
from dateline.serve.desk.source import StreamDesk
from dateline.settings import RedisSettings
from dateline.store import upkeep
from dateline.store.entries import Entries
from dateline.store.feed_state import FeedState
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.ledger import Ledger
from dateline.store.publishers import Publishers, Sample
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from dateline.store.workers import sign_in, sign_out
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
TEXT = "Northland \U0001f1f3 troops left the bridge.\n\nNobody was hurt."


def article(name: str, revision: int = 1, text: str = TEXT) -> Article:
    return Article(
        id=name,
        revision=revision,
        title=f"Troops leave bridge <b>{name}</b>",
        url="javascript:alert(1)",
        publisher="The Paper",
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def event(name: str, story: Article) -> Event:
    start = story.text.index("troops")
    return Event(
        id=name,
        cluster_id=name,
        article=story.id,
        revision=story.revision,
        plover=Plover(type="RETREAT", quad="material cooperation", intensity=5.0),
        cameo=Cameo(root="08", code="087", quad_class=2),
        actors=[Party(text="troops", canonical="Northland", country="NLD", start=start, end=start + 6)],
        attribution=Attribution(certainty="reported"),
        evidence=Evidence(
            text=story.text[:start] + "troops left",
            start=0,
            end=start + 11,
            trigger=Span(text="left", start=start + 7, end=start + 11),
            block=0,
            sentence=0,
        ),
        confidence=0.815,
    )


async def publish(ledger: Ledger, story: Article, *events: Event, kind: str = "published") -> None:
    """Append as the flow does: one step, article first, remembered under its id."""
    await ledger.claim(story.id, "token", b"", 30)
    envelopes = [article_envelope(story, kind, NOW), *(event_envelope(one, story, NOW) for one in events)]  # type: ignore[arg-type]
    answer = await ledger.publish(
        story.id,
        "token",
        ArticleRecord(revision=story.revision, fingerprint=story.text_sha256[:10].encode()),
        [list(fields(envelope).items()) for envelope in envelopes],
        expected_revision=story.revision - 1,
        recheck_seconds=None,
        stats=[(kind, 1), ("events", len(events))],
    )
    assert answer.state == "ok"


@pytest.fixture(params=[1, 3], ids=["one partition", "three partitions"])
async def connection(redis: RedisServer, prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=request.param))
    yield opened
    await opened.close()


@pytest.fixture
def desk(connection: Connection) -> StreamDesk:
    return StreamDesk(connection, Feeds(connection, 60.0), feed_cache_seconds=0.0, poll_seconds=0.005)


async def test_recent_shows_what_was_published_newest_first(connection: Connection, desk: StreamDesk) -> None:
    """Articles and events, over all partitions; the limit counts both."""
    ledger = Ledger(connection)
    for name in ("aaa", "bbb", "ccc"):
        await publish(ledger, article(name), event(f"e{name}", article(name)))
        await asyncio.sleep(0.002)  # Another millisecond, so that partitions can be put in order.
    rows = await desk.recent(50)
    assert [row["what"] for row in rows] == ["event", "article"] * 3
    assert [row["article"] for row in rows[::2]] == ["ccc", "bbb", "aaa"]
    assert [row["article"] for row in await desk.recent(2)] == ["ccc", "ccc"]


async def test_an_article_comes_with_its_own_events_and_no_others(connection: Connection, desk: StreamDesk) -> None:
    """What stands around it on the stream belongs to other articles."""
    ledger = Ledger(connection)
    for name in ("aaa", "bbb", "ccc"):
        story = article(name)
        await publish(ledger, story, event(f"1{name}", story), event(f"2{name}", story))
    shown = await desk.article("bbb")
    assert shown is not None
    assert [one["event"] for one in shown["events"]] == ["1bbb", "2bbb"]
    assert shown["text"] == TEXT
    assert shown["url"] is None
    assert await desk.article("zzz") is None


async def test_a_revised_article_is_shown_as_it_reads_now(connection: Connection, desk: StreamDesk) -> None:
    """The reading pane follows the ledger's pointer, not the first printing."""
    ledger = Ledger(connection)
    await publish(ledger, article("aaa"), event("old", article("aaa")))
    second = article("aaa", 2, TEXT + " A horse was.")
    await publish(ledger, second, event("new", second), kind="revised")
    shown = await desk.article("aaa")
    assert shown is not None
    assert (shown["revision"], [one["event"] for one in shown["events"]]) == (2, ["new"])


async def test_an_article_that_was_trimmed_from_the_stream_is_gone(connection: Connection, desk: StreamDesk) -> None:
    """The ledger still knows it; the desk says that the stream has it no more."""
    await publish(Ledger(connection), article("aaa"))
    for keys in connection.keys:
        await connection.call("XTRIM", keys.events, "MAXLEN", 0)
    assert await desk.article("aaa") is None
    assert await desk.recent(10) == []


async def test_follow_gives_each_new_entry_once_and_nothing_older(connection: Connection, desk: StreamDesk) -> None:
    """Also many at once: more than one reading takes."""
    ledger = Ledger(connection)
    await publish(ledger, article("before"))
    news = desk.follow()
    assert await anext(news) == []
    stories = [article(f"n{number}") for number in range(130)]
    await asyncio.gather(*(publish(ledger, story) for story in stories))
    seen: list[str] = []
    async with asyncio.timeout(60):
        while len(seen) < 130:
            seen += [row["article"] for row in await anext(news)]
    assert sorted(seen) == sorted(story.id for story in stories)
    assert await anext(news) == []
    await news.aclose()


async def test_entries_of_others_on_the_stream_are_passed_over(connection: Connection, desk: StreamDesk) -> None:
    """The desk shows what it understands and does not fall over the rest."""
    await connection.call("XADD", connection.keys[0].events, "*", "hello", "world")
    await publish(Ledger(connection), article("aaa"))
    assert [row["article"] for row in await desk.recent(10)] == ["aaa"]


async def test_feeds_are_listed_with_their_health_those_that_fail_first(
    connection: Connection, desk: StreamDesk
) -> None:
    """As the store has them after a poll; a paused one last."""
    feeds = Feeds(connection, 60.0)
    names = [f"feed{number}" for number in range(5)]
    await feeds.add([NewFeed(name, f"https://{name}.example/rss?key=secret", name.title(), "world") for name in names])
    outcomes = {
        "feed1": {"status": "304", "error": "", "n:polls": 7},
        "feed3": {"status": "timeout", "error": "too slow"},
    }
    for partition in range(len(connection.keys)):
        for state in await feeds.claim(10, f"token{partition}"):
            if state.feed in outcomes:
                assert await feeds.commit(state, 120.0, outcomes[state.feed]) == "ok"
    await feeds.pause("feed1", True)
    rows = await desk.feeds()
    assert [(row["feed"], row["health"]) for row in rows] == [
        ("feed3", "failing"), ("feed0", "waiting"), ("feed2", "waiting"), ("feed4", "waiting"), ("feed1", "paused"),
    ]  # fmt: skip
    assert 100 < rows[0]["next_in_seconds"] <= 121
    assert rows[-1]["numbers"] == {"polls": 7}
    assert "secret" not in str(rows)


async def test_stats_count_what_the_store_holds(connection: Connection, desk: StreamDesk) -> None:
    """Counters of the scripts, and how full everything is."""
    await publish(Ledger(connection), article("aaa"), event("e", article("aaa")))
    await connection.call("XGROUP", "CREATE", connection.keys[0].events, "warehouse", "0", "MKSTREAM")
    stats = await desk.stats()
    assert stats["counters"] == {"published": 1, "events": 1}
    assert (stats["stream"], stats["dead"], stats["backlog"], stats["feeds"]) == (2, 0, 0, 0)
    assert [group["name"] for group in stats["groups"]] == ["warehouse"]
    msgspec.json.encode(stats)


async def test_stats_name_the_workers_and_what_is_wrong(connection: Connection) -> None:
    """A worker is there from its signature to its sign-out, and what it lacks to be ready is told with the rest."""

    async def not_ready() -> str | None:
        return "no child process is ready yet"

    desk = StreamDesk(connection, Feeds(connection, 60.0), feed_cache_seconds=0.0, ready=not_ready)
    await Entries(connection, "host-1", 60.0).set_up()
    await sign_in(connection, "host-1")
    stats = await desk.stats()
    assert [(row["name"], row["there"], row["in_hand"]) for row in stats["workers"]] == [("host-1", True, 0)]
    assert [row["level"] for row in stats["alarms"]] == ["bad", "warn"]  # not ready; no feeds
    await sign_out(connection, "host-1")
    assert (await desk.stats())["workers"] == []


async def test_what_was_set_aside_and_noticed_is_listed_newest_first(connection: Connection, desk: StreamDesk) -> None:
    """With the reason, without the entry itself, and with no link that a browser must not follow."""
    for name, url in (("first", "javascript:alert(1)"), ("second", "https://paper.example/2")):
        fields = ("e", b"\xff", "code", "gone", "reason", f"{name} is gone", "url", url)
        await connection.call("XADD", connection.keys[0].dead, "*", *fields)
    await upkeep.notify(connection, "feed.moved", "https://paper.example/rss", {"to": "https://paper.example/feed"})
    found = await desk.trouble()
    assert [(row["reason"], row["url"]) for row in found["letters"]] == [
        ("second is gone", "https://paper.example/2"), ("first is gone", None),
    ]  # fmt: skip
    assert found["notices"][0]["data"] == {"to": "https://paper.example/feed"}
    msgspec.json.encode(found)


def test_an_event_row_carries_its_evidence_with_offsets_in_code_points() -> None:
    """The trigger's offsets count from the article's start, as the contract has them; a flag before it counts as one."""
    story = article("aaa")
    row = row_of(event_envelope(event("e", story), story, NOW))
    begin, end = (offset - row["start"] for offset in row["trigger"])
    assert row["evidence"][begin:end] == "left"
    assert (row["plover"], row["certainty"], row["confidence"]) == ("RETREAT", "reported", 0.81)


def test_a_retraction_and_an_unreadable_entry_have_rows_too() -> None:
    """Nothing on the stream can break the page."""
    story = article("aaa")
    taken_back = retraction_envelope("e1", story, NOW)
    assert row_of(taken_back)["what"] == "retraction"
    assert row_of(taken_back)["event"] == "e1"
    broken = msgspec.structs.replace(taken_back, data='{"id": 5}')
    assert row_of(broken)["what"] == "unreadable"


@pytest.mark.parametrize(
    ("state", "health"),
    [
        (FeedState("f", "https://a.example/rss"), "waiting"),
        (FeedState("f", "https://a.example/rss", status="304"), "well"),
        (FeedState("f", "https://a.example/rss", status="timeout", error="timed out"), "failing"),
        (FeedState("f", "https://a.example/rss", error="timed out", paused=True), "paused"),
    ],
)
def test_a_feeds_health_is_one_word(state: FeedState, health: str) -> None:
    """What a person looks for first."""
    assert feed_view(state, 0.0)["health"] == health


def test_addresses_are_shown_without_passwords_and_keys() -> None:
    """A private feed's address often is its key; the desk may hang on a wall."""
    assert shown_url("https://me:secret@a.example:8443/rss?key=secret#x") == "https://a.example:8443/rss"
    assert "secret" not in str(feed_view(FeedState("f", "https://me:secret@a.example/rss?key=secret"), 0.0))
    assert link("javascript:alert(1)") is None
    assert link("data:text/html,x") is None
    assert link("HTTPS://a.example/") == "HTTPS://a.example/"


def test_the_pages_offsets_count_code_points() -> None:
    """JavaScript counts UTF-16 units; the page's own module, run by node, must cut where Python cuts."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the page's offsets are checked where it is")
    texts = [
        "plain",
        "",
        "a\U0001f600b\U0001f1f3\U0001f1f1c",
        "\U00020000" * 5 + "x",
        "é\u0301\u200d\U0001f469\u200d\U0001f692 end",
    ]
    cases = [
        [text, start, end, text[start:end]]
        for text in texts
        for start in range(len(text) + 1)
        for end in range(start, len(text) + 1)
    ]
    module = Path(__file__).resolve().parents[2] / "worker" / "serve" / "desk" / "static" / "offsets.js"
    script = """
      import { byCodePoints, blocksOf, pieces } from MODULE;
      const wrong = CASES.filter(([text, start, end, wanted]) => byCodePoints(text).cut(start, end) !== wanted);
      const marks = [{start: 2, end: 6, n: 1}, {start: 4, end: 9, n: 2}, {start: 30, end: 40, n: 3}];
      const cut = pieces(0, 10, marks).map((piece) => [piece.start, piece.end, piece.marks.map((mark) => mark.n)]);
      const article = {text: "Head\\n\\n\\u{1f600} one.\\n\\nTwo.", blocks: [{kind: "headline", start: 0, end: 4}]};
      const photo = {text: "Ships. AP Photo\\n\\nText.\\n\\n", blocks: [{kind: "caption", start: 0, end: 6}]};
      const words = (text) => (block) => `${block.kind}: ${byCodePoints(text).cut(block.start, block.end)}`;
      const drawn = [article, {...article, blocks: []}, photo].map((one) => blocksOf(one).map(words(one.text)));
      console.log(JSON.stringify({wrong, cut, drawn}));
    """
    code = script.replace("MODULE", msgspec.json.encode(module.as_uri()).decode()).replace(
        "CASES", msgspec.json.encode(cases).decode()
    )
    done = subprocess.run(
        [node, "--input-type=module"], input=code, capture_output=True, text=True, check=True, timeout=60
    )
    answer = msgspec.json.decode(done.stdout)
    assert answer["wrong"] == []
    assert answer["cut"] == [[0, 2, []], [2, 4, [1]], [4, 6, [1, 2]], [6, 9, [2]], [9, 10, []]]
    assert answer["drawn"] == [
        ["headline: Head", "body: \U0001f600 one.", "body: Two."],
        ["body: Head", "body: \U0001f600 one.", "body: Two."],
        ["caption: Ships.", "credit: AP Photo", "body: Text."],
    ]


async def test_publishers_are_shown_with_their_rates_the_degraded_first(
    connection: Connection, desk: StreamDesk
) -> None:
    """What `dateline stats --publisher` prints, for a page."""
    table = Publishers(connection)
    for name, wall in (("well.example", False), ("walled.example", True)):
        for _ in range(3 if wall else 9):
            table.add(name, Sample(article=not wall, words=0 if wall else 300, wall=wall))
    for known in await table.flush():
        if known.name == "walled.example":
            assert await table.mark(known, ["wall"], 1.0)
    walled, well = await desk.sources()
    assert (walled["publisher"], walled["bad"], walled["rates"]["wall"]["now"]) == ("walled.example", ["wall"], 1.0)
    assert (well["publisher"], well["pages"], well["rates"]["wall"]["now"]) == ("well.example", 9, 0.0)
