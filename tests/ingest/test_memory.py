"""What a feed still shows is kept known; a feed whose address changes goes on with what it showed."""

from __future__ import annotations

from dateline.dedup.identity import digest, feed_id
from dateline.model.sketch import Sketch
from dateline.polling.feed_list import sync_feeds
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord
from dateline.store.redis import Connection
from dateline.urls import canonical


def listed(url: str) -> NewFeed:
    """A feed as the file lists it."""
    return NewFeed(feed_id(canonical(url)), url, group="news", origin="file")


async def test_what_a_feed_still_shows_does_not_age(connection: Connection) -> None:
    """Its names, its record and the fingerprint of its text last as if they were new."""
    ledger, article, name, text = Ledger(connection), "a" * 16, digest("u:link"), digest("text")
    await ledger.resolve(article, [name])
    await ledger.printed(article, "paper.example", text, Sketch())
    record = ArticleRecord(revision=1, fingerprint=b"mark", text_print=text)
    await ledger.publish(article, "m", record, [(("id", "1"),)], expected_revision=0, recheck_seconds=None)
    held = connection.keys[connection.partition_of(article)]
    (stored,) = await connection.call("KEYS", held.base.replace("[", "\\[") + "a:*", at=held.base)
    prefix, period, bucket = stored.decode().rsplit(":", 2)
    older = f"{prefix}:{int(period) - 2}:{bucket}"
    await connection.call("RENAME", stored, older)
    await connection.call("EXPIRE", older, 1000)
    assert await ledger.keep([name, digest("u:unknown")]) == 1
    assert not await connection.call("EXISTS", older)
    assert await connection.call("TTL", stored) > 40 * 86400
    assert await ledger.record(article) == await Ledger(connection).record(article) is not None
    assert (await ledger.printed("b" * 16, "other.example", text, Sketch())).first == article


async def test_a_feed_listed_under_its_new_address_brings_nothing_old(connection: Connection) -> None:
    """From http to https in feeds.toml: another feed to the list, the same to its readers."""
    feeds, old, new = Feeds(connection, 5.0), "http://paper.example/rss", "https://paper.example/rss"
    await sync_feeds(feeds, [listed(old)])
    before = feed_id(canonical(old))
    await feeds.poll_now(before)
    (polled,) = await feeds.claim(1, "token")
    assert await feeds.commit(polled, 900.0, {"memory": b"m" * 20, "mode": "link"}) == "ok"
    counts = await sync_feeds(feeds, [listed(new)])
    state = await feeds.get(feed_id(canonical(new)))
    assert counts["added"] == counts["paused"] == 1
    assert state is not None
    assert (state.memory, state.mode, state.scope, state.url) == (b"m" * 20, "link", before, new)


async def test_a_feed_that_is_removed_and_added_again_brings_nothing_old(connection: Connection) -> None:
    """By mistake, or for a day."""
    feeds, row = Feeds(connection, 5.0), NewFeed("f1", "https://paper.example/rss")
    await feeds.add([row])
    (polled,) = await feeds.claim(1, "token")
    assert await feeds.commit(polled, 900.0, {"memory": b"m" * 20}) == "ok"
    assert await feeds.remove("f1")
    assert await feeds.get("f1") is None
    assert await feeds.add([row]) == 1
    state = await feeds.get("f1")
    assert state is not None and state.memory == b"m" * 20
