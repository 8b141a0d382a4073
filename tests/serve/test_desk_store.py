"""The desk on a real store: the stream is indexed once whatever happens, and the worker's state is told as it is."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dateline.errors import SettingsError
from dateline.index.database import open_database
from dateline.index.filters import Filters
from dateline.index.views import link, shown_url
from dateline.index.write import set_meta, write_batch
from dateline.polling.history import FeedHistory, dump
from dateline.serve.desk.desk import Desk, open_desk
from dateline.serve.desk.rows import feed_view, plain_trouble
from dateline.settings import DeskSettings, RedisSettings, Settings
from dateline.store import upkeep
from dateline.store.entries import Entries
from dateline.store.feed_state import FeedState
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.publishers import Publishers, Sample
from dateline.store.redis import Connection
from dateline.store.workers import sign_in, sign_out
from support.conditions import eventually
from support.desk import NOW, Story, StreamWriter, event, story
from support.redis_server import RedisServer

pytestmark = pytest.mark.one_redis


@pytest.fixture(params=[1, 3], ids=["one partition", "three partitions"])
async def connection(redis: RedisServer, prefix: str, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix, partitions=request.param))
    yield opened
    await opened.close()


@asynccontextmanager
async def desk_on(connection: Connection, folder: Path, ready: Any = None) -> AsyncIterator[Desk]:
    settings = Settings(redis=connection.settings, desk=DeskSettings(index_file=str(folder / "desk.sqlite")))
    async with open_desk(settings, connection, ready=ready, sample_seconds=0.0) as desk:
        yield desk


async def append(connection: Connection, writers: dict[str, StreamWriter], *stories: Story) -> None:
    """Append each story to its partition's stream, as the publishing script does."""
    for one in stories:
        stream = connection.keys[connection.partition_of(one.article.id)].events
        for entry in writers.setdefault(stream, StreamWriter()).entries(one):
            flat = [part for pair in entry.fields.items() for part in pair]
            await connection.call("XADD", stream, "*", *flat)


async def articles(desk: Desk) -> list[str]:
    found = await desk.search(Filters(), limit=100, after="")
    return sorted(row["article"] for row in found["results"])


async def test_what_is_on_the_stream_is_found_and_what_comes_later_too(connection: Connection, tmp_path: Path) -> None:
    """From the beginning of every partition's stream; then each new entry, with a new version for those who watch."""
    writers: dict[str, StreamWriter] = {}
    await append(connection, writers, *(story(f"old{n}", events=[event(f"e{n}", f"old{n}")]) for n in range(5)))
    async with desk_on(connection, tmp_path) as desk:
        await eventually(lambda: desk.follower.is_caught_up)
        assert await articles(desk) == [f"old{n}" for n in range(5)]
        version = desk.version
        await append(connection, writers, story("new"))

        async def there() -> bool:
            return "new" in await articles(desk)

        await eventually(there)
        assert desk.version > version


async def test_a_desk_goes_on_where_it_was_and_one_that_lost_its_index_begins_again(
    connection: Connection, tmp_path: Path
) -> None:
    """The place in the stream and what was read of it are one file."""
    writers: dict[str, StreamWriter] = {}
    await append(connection, writers, story("a"), story("b"))
    async with desk_on(connection, tmp_path) as desk:
        await eventually(lambda: desk.follower.is_caught_up)
    await append(connection, writers, story("c"))
    for keys in connection.keys:
        await connection.call("XTRIM", keys.events, "MAXLEN", 1)
    async with desk_on(connection, tmp_path) as desk:
        await eventually(lambda: desk.follower.is_caught_up)
        assert await articles(desk) == ["a", "b", "c"]  # a and b are not on the stream any more
    shutil.rmtree(tmp_path)
    async with desk_on(connection, tmp_path) as desk:
        await eventually(lambda: desk.follower.is_caught_up)
        assert "c" in await articles(desk)


async def test_a_redis_that_came_back_empty_is_read_from_its_start(connection: Connection, tmp_path: Path) -> None:
    """Its ids begin before the place that was read; the index keeps what it has."""
    writers: dict[str, StreamWriter] = {}
    await append(connection, writers, story("a"))
    async with desk_on(connection, tmp_path) as desk:
        await eventually(lambda: desk.follower.is_caught_up)
        for keys in connection.keys:
            await connection.call("DEL", keys.events)
            await connection.call("XADD", keys.events, "1-1", "hello", "world")

        async def begun_again() -> bool:
            stream = connection.keys[connection.partition_of("b")].events
            return all(after == "1-1" for after in desk.follower.places().values()) and bool(stream)

        await eventually(begun_again)
        await append(connection, {}, story("b"))

        async def both() -> bool:
            return await articles(desk) == ["a", "b"]

        await eventually(both)


async def test_an_index_of_another_redis_is_refused_with_the_remedy_and_its_own_goes_on(
    connection: Connection, prefix: str, tmp_path: Path
) -> None:
    """Whether the other one has had a desk or not; deleting the file is enough to begin anew."""
    other = Connection(msgspec.structs.replace(connection.settings, prefix=f"{prefix}-other"))
    try:
        for name, one in (("theirs", other), ("mine", connection)):
            await append(one, {}, story(name))
            (tmp_path / "desk.sqlite").unlink(missing_ok=True)
            async with desk_on(one, tmp_path) as desk:
                await eventually(lambda desk=desk: desk.follower.is_caught_up)  # type: ignore[misc]
        with pytest.raises(
            SettingsError, match="from another Redis, not from this one: name another file, or delete it"
        ):
            async with desk_on(other, tmp_path):
                pass
        async with desk_on(connection, tmp_path) as desk:
            assert await articles(desk) == ["mine"]
    finally:
        await other.close()


async def test_an_index_is_refused_by_a_redis_that_never_had_a_desk_but_was_written_before(
    connection: Connection, tmp_path: Path
) -> None:
    """Its entries are no news of a Redis that came back empty: they are older than what the index has read."""
    await append(connection, {}, story("theirs"))
    stream = connection.keys[0].events
    await connection.call("XADD", stream, "1-1", "seq", "1") if not await connection.call("EXISTS", stream) else None
    database = await open_database(tmp_path / "desk.sqlite")
    later = StreamWriter(NOW + timedelta(days=900)).entries(story("mine"))
    await database.write(lambda c: write_batch(c, [type(one)(stream, one.stream_id, one.fields) for one in later]))
    await database.write(lambda c: set_meta(c, "store", "of another Redis"))
    await database.close()
    with pytest.raises(SettingsError, match="delete it and it is filled again"):
        async with desk_on(connection, tmp_path):
            pass


async def test_feeds_are_listed_with_their_health_and_the_polls_that_were_seen(
    connection: Connection, tmp_path: Path
) -> None:
    """Those that fail first, a paused one last; each poll is in the bars, with why it failed in plain words."""
    feeds = Feeds(connection, 60.0)
    names = [f"feed{number}" for number in range(5)]
    await feeds.add([NewFeed(name, f"https://{name}.example/rss?key=secret", name.title(), "world") for name in names])
    outcomes: dict[str, dict[str, Any]] = {
        "feed1": {"status": "304", "error": "", "n:polls": 7},
        "feed3": {"status": "timeout", "error": "https://feed3.example/rss: ServerTimeoutError: too slow", "n:polls": 1,
                  "history": dump(FeedHistory(first_error_at=1_700_000_000))},
    }  # fmt: skip
    async with desk_on(connection, tmp_path) as desk:
        assert all(row["bars"] is None for row in await desk.health.feeds())
        for partition in range(len(connection.keys)):
            for state in await feeds.claim(10, f"token{partition}"):
                if state.feed in outcomes:
                    assert await feeds.commit(state, 120.0, outcomes[state.feed]) == "ok"
        await feeds.pause("feed1", True)

        async def read_again() -> bool:
            return (await desk.health.feeds())[0]["health"] == "failing"

        await eventually(read_again)
        rows = await desk.health.feeds()
        assert [(row["feed"], row["health"]) for row in rows] == [
            ("feed3", "failing"), ("feed0", "waiting"), ("feed2", "waiting"), ("feed4", "waiting"), ("feed1", "paused"),
        ]  # fmt: skip
        assert rows[0]["trouble"] == "it did not answer in time" and rows[0]["failing_seconds"] > 86_400
        assert rows[0]["bars"][-1][:2] == ["failed", 1] and rows[-1]["bars"][-1][0] in ("unchanged", "none")
        assert "secret" not in str(rows)


async def test_the_state_counts_what_the_store_holds_and_names_who_is_late(
    connection: Connection, tmp_path: Path
) -> None:
    """Counters, groups over all partitions with the age of what they have not read, workers, memory, the index itself."""
    writers: dict[str, StreamWriter] = {}
    await append(connection, writers, story("aaa", events=[event("e", "aaa")]))
    for keys in connection.keys:
        await connection.call("XGROUP", "CREATE", keys.events, "warehouse", "0", "MKSTREAM")
    await Entries(connection, "host-1", 60.0).set_up()
    await sign_in(connection, "host-1")

    async def not_ready() -> str | None:
        return "no child process is ready yet"

    async with desk_on(connection, tmp_path, not_ready) as desk:
        await eventually(lambda: desk.follower.is_caught_up)
        state = await desk.health.state()
        assert (state["stream"], state["dead"], state["backlog"], state["feeds"]) == (2, 0, 0, 0)
        (group,) = state["groups"]
        assert (group["name"], group["is_forwarder"], group["pending"]) == ("warehouse", False, 0)
        assert 0 <= group["late_seconds"] < 60 and group["lag"] in (2, None)
        assert [(row["name"], row["there"]) for row in state["workers"]] == [("host-1", True)]
        assert state["memory"]["used"] > 100_000
        assert (state["index"]["articles"], state["index"]["events"], state["index"]["behind"]) == (1, 1, 0)
        assert [row["level"] for row in state["alarms"]] == ["bad", "warn"]  # not ready; no feeds
        await sign_out(connection, "host-1")
        assert "no worker is running" in str((await desk.health.state())["alarms"])
        msgspec.json.encode(state)


async def test_what_was_set_aside_is_listed_and_can_be_put_back(connection: Connection, tmp_path: Path) -> None:
    """With the reason, without the entry itself, and with no link that a browser must not follow."""
    for name, url in (("first", "javascript:alert(1)"), ("second", "https://paper.example/2")):
        fields = ("e", b"\xff", "code", "other", "reason", f"{name} is <ValueError: odd>", "url", url)
        await connection.call("XADD", connection.keys[0].dead, "*", *fields)
    await upkeep.notify(connection, "feed.moved", "https://paper.example/rss", {"to": "https://paper.example/feed"})
    async with desk_on(connection, tmp_path) as desk:
        found = await desk.set_aside.read()
        assert [(row["reason"], row["url"]) for row in found["letters"]] == [
            ("second is", "https://paper.example/2"), ("first is", None),
        ]  # fmt: skip
        assert found["notices"][0]["data"] == {"to": "https://paper.example/feed"}
        await Entries(connection, "host-1", 60.0).set_up()
        assert await desk.set_aside.requeue({found["letters"][0]["id"]}, None) == 1
        assert await desk.set_aside.requeue(set(), "other") == 1
        assert (await desk.set_aside.read())["letters"] == []


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("throttled", "https://a.example/rss: the server answered 429 Too Many Requests", "slow down (429 Too Many Requests)"),
        ("http_status", "https://a.example/404/rss: the server answered 503", "refuses the request (503)"),
        ("protocol", "ClientPayloadError: <ContentLengthError: 400, message='x'>", "broke off the answer"),
        ("odd", "aiohttp.ClientError: `thing` at https://a.example/x: went wrong", "thing at"),
    ],
)  # fmt: skip
def test_a_failure_is_told_without_class_names_addresses_and_markdown(code: str, message: str, words: str) -> None:
    said = plain_trouble(code, message)
    assert words in said and "Error" not in said and "https" not in said and "`" not in said and "<" not in said


@pytest.mark.parametrize(
    ("state", "health"),
    [
        (FeedState("f", "https://a.example/rss"), "waiting"),
        (FeedState("f", "https://a.example/rss", status="304"), "well"),
        (FeedState("f", "https://a.example/rss", status="timeout", error="timed out"), "failing"),
        (FeedState("f", "https://a.example/rss", status="throttled", error="429"), "slowed"),
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
        [node, "--input-type=module"], input=code, capture_output=True, text=True, check=True, timeout=120
    )
    answer = msgspec.json.decode(done.stdout)
    assert answer["wrong"] == []
    assert answer["cut"] == [[0, 2, []], [2, 4, [1]], [4, 6, [1, 2]], [6, 9, [2]], [9, 10, []]]
    assert answer["drawn"] == [
        ["headline: Head", "body: \U0001f600 one.", "body: Two."],
        ["body: Head", "body: \U0001f600 one.", "body: Two."],
        ["caption: Ships.", "credit: AP Photo", "body: Text."],
    ]


async def test_publishers_are_shown_with_their_rates_the_degraded_first(connection: Connection, tmp_path: Path) -> None:
    """What `dateline stats --publisher` prints, for a page."""
    table = Publishers(connection)
    for name, wall in (("well.example", False), ("walled.example", True)):
        for _ in range(3 if wall else 9):
            table.add(name, Sample(article=not wall, words=0 if wall else 300, wall=wall))
    for known in await table.flush():
        if known.name == "walled.example":
            assert await table.mark(known, ["wall"], 1.0)
    async with desk_on(connection, tmp_path) as desk:
        walled, well = await desk.health.sources()
    assert (walled["publisher"], walled["bad"], walled["rates"]["wall"]["now"]) == ("walled.example", ["wall"], 1.0)
    assert (well["publisher"], well["pages"], well["rates"]["wall"]["now"]) == ("well.example", 9, 0.0)
