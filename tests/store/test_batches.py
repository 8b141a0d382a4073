"""Batches of script calls: one bad item fails alone, and is named; what went through before it went through once."""

from __future__ import annotations

import asyncio

from dateline.errors import SettingsError
from dateline.store.batch import Batch
from dateline.store.feed_state import FeedState
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.redis import Connection

NAMES = [f"feed{number:02}" for number in range(24)]


async def committed(connection: Connection, spoil: dict[str, dict[str, str]]) -> dict[str, str | BaseException]:
    """Commits of all feeds in one batch; gives each one's answer or error. ``spoil``: fields instead of the usual."""
    feeds = Feeds(connection, lease_seconds=30)
    await feeds.add([NewFeed(name, f"http://{name}.example/rss") for name in NAMES])
    states: list[FeedState] = await feeds.claim(100, "token")
    for name in spoil:
        if not spoil[name]:  # something else lies where its state was
            await connection.pipeline(
                [("DEL", connection.keys[0].feed(name)), ("SET", connection.keys[0].feed(name), "x")]
            )
    answers = await asyncio.gather(
        *(feeds.commit(one, 900, spoil.get(one.feed) or {"etag": "e"}, [one.feed.encode()]) for one in states),
        return_exceptions=True,
    )
    return {one.feed: answer for one, answer in zip(states, answers, strict=True)}


async def test_a_key_of_another_type_fails_its_own_item_only(connection: Connection) -> None:
    """Each of the others is committed once, whichever half of the batch it stood in."""
    answers = await committed(connection, {"feed03": {}, "feed17": {}})
    for name in ("feed03", "feed17"):
        error = answers.pop(name)
        assert isinstance(error, SettingsError) and name in "".join(error.__notes__)
    assert set(answers.values()) <= {"ok", "already"}
    (polls,) = await connection.call("HMGET", connection.keys[0].stats, "polls")
    assert int(polls) == len(NAMES) - 2 == await connection.call("XLEN", connection.keys[0].entries)


async def test_an_item_that_cannot_be_packed_fails_alone(connection: Connection) -> None:
    """A lone surrogate has no UTF-8 form; it must not get this far, and where it does it stops nobody else."""
    answers = await committed(connection, {"feed05": {"title": "a\ud800b"}})
    error = answers.pop("feed05")
    assert isinstance(error, UnicodeError) and "feed05" in "".join(error.__notes__)
    assert set(answers.values()) <= {"ok", "already"}
    assert await connection.call("XLEN", connection.keys[0].entries) == len(NAMES) - 1


async def test_an_item_that_the_script_stumbles_over_fails_alone(connection: Connection) -> None:
    """A mistake of the script itself is found by halving, too."""
    release = Batch(connection, "release")
    good = [["owner", f"token{number}", "", "", 0] for number in range(9)]
    results = await asyncio.gather(
        *(release(item) for item in [*good[:4], [{}, [], 1], *good[4:]]), return_exceptions=True
    )
    assert isinstance(results.pop(4), Exception)
    assert not [answer for answer in results if isinstance(answer, BaseException)]
