"""The state of a feed as Redis keeps it: small whatever Redis' settings are, and given back as it was."""

from __future__ import annotations

import os
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.dedup.identity import NAME_BYTES, VERSION_BYTES, Memory
from dateline.polling.history import FeedHistory, dump
from dateline.store.feed_state import ADDRESS, PIECE_BYTES, address_of, state_of, stored_address, stored_fields
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.redis import Connection

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
reasons = st.sampled_from(
    ["about 24 entries a day; the floor", "set by the operator", "dns: waiting 5 min; failing for 2 h, weight 3", ""]
)
commits = st.fixed_dictionaries(
    {},
    optional={
        "etag": texts, "last_modified": texts | st.just("Sun, 22 Nov 2026 10:00:00 GMT"), "raw_hash": st.binary(max_size=10),
        "body_hash": st.binary(max_size=10), "memory": st.binary(max_size=5000), "mode": st.sampled_from(["guid", "link"]),
        "history": st.binary(max_size=300), "reason": reasons, "status": texts, "error": texts, "notes": texts, "hubs": texts,
        "topic": texts, "title": texts, "n:polls": st.integers(0, 10**6), "n:new": st.integers(0, 10**6),
    },
)  # fmt: skip


@given(commits, commits)
def test_what_two_commits_store_is_given_back_as_it_was(first: dict[str, Any], second: dict[str, Any]) -> None:
    """A second commit that stores less leaves nothing of the first behind; unknown fields of none are made up."""
    redis: dict[bytes, bytes] = {}
    for fields in (first, second):
        state = state_of("feed", redis)
        others = {name: value for name, value in fields.items() if not name.startswith("n:")}
        numbers = {name[2:]: value for name, value in fields.items() if name.startswith("n:")}
        wanted = msgspec.structs.replace(state, **others, numbers={**state.numbers, **numbers})
        flat = stored_fields(state, fields)
        for name, value in zip(flat[::2], flat[1::2], strict=True):
            raw = value.encode() if isinstance(value, str) else value
            redis[str(name).encode()] = raw
            if not raw:
                del redis[str(name).encode()]
    found = state_of("feed", redis)
    for name in (
        "etag",
        "last_modified",
        "raw_hash",
        "memory",
        "history",
        "reason",
        "status",
        "error",
        "hubs",
        "title",
    ):
        assert getattr(found, name) == getattr(wanted, name)
    assert {**wanted.numbers} == {**wanted.numbers, **found.numbers}


@given(st.sampled_from(["https://www.", "https://", "http://www.", "http://", "ftp://", ""]), st.text(max_size=400))
def test_an_address_is_given_back_as_it_was(beginning: str, rest: str) -> None:
    """Whatever it begins with and however long it is; of a longer one before it nothing is left."""
    url = (beginning + rest.lstrip("\x01\x02\x03\x04")).encode("utf-8", "ignore").decode()
    flat = stored_address("https://paper.example/" + "x" * 4 * PIECE_BYTES) + stored_address(url, instead=True)
    redis = dict(zip(flat[::2], flat[1::2], strict=True))
    assert address_of([bytes(redis[name]) for name in ADDRESS]) == url  # type: ignore[arg-type]


async def test_a_paused_feed_stays_in_the_list_and_is_polled_again_when_it_is_resumed(connection: Connection) -> None:
    """It is due at no time; a commit of the poll that was under way changes nothing in that, nor does asking for it at once."""
    feeds = Feeds(connection, lease_seconds=30)
    await feeds.add([NewFeed("feed", "https://paper.example/rss")])
    (state,) = await feeds.claim(10, "0123456789a1")
    await feeds.pause("feed", True)
    assert await feeds.commit(state, 900.0, {"status": "304"}) == "ok"
    await feeds.poll_now("feed")
    assert await feeds.claim(10, "0123456789a2") == []
    assert await feeds.next_due_at() is None and await feeds.count() == 1
    assert await feeds.look_ahead() > 1e9 and await feeds.ids() == {"feed": "https://paper.example/rss"}
    await feeds.pause("feed", False)
    (again,) = await feeds.claim(10, "0123456789a3")
    assert again.status == "304" and not again.paused
    await feeds.pause("gone", True)
    assert await feeds.count() == 1 and await feeds.get("gone") is None


async def test_a_polled_feed_takes_one_compact_hash_whatever_redis_is_set_to(connection: Connection) -> None:
    """Redis packs a hash as long as no value has over 64 bytes; a feed of ten entries stays under 700 bytes."""
    feeds = Feeds(connection, lease_seconds=30)
    await feeds.add([NewFeed("feed", "https://paper.example/rss", "A newspaper", "press", origin="file")])
    (state,) = await feeds.claim(10, "0123456789a1")
    shown = [([os.urandom(NAME_BYTES) for _ in range(2)], os.urandom(VERSION_BYTES)) for _ in range(10)]
    history = FeedHistory(polls=40, last_at=1_800_000_000, last_new_at=1_799_990_000, seen=30.25, hours=b"\x07" * 24)
    fields: dict[str, str | bytes | int] = {
        "etag": '"5f3c-64a1b2c3d4e5f"', "last_modified": "Sun, 22 Nov 2026 10:00:00 GMT", "memory": Memory().updated(shown),
        "history": dump(history), "reason": "about 24 entries a day", "status": "304", "n:polls": 40,
    }  # fmt: skip
    assert await feeds.commit(state, 900.0, fields) == "ok"
    key = connection.keys[connection.partition_of("feed")].feed("feed")
    assert await connection.call("OBJECT", "ENCODING", key) in (b"ziplist", b"listpack")
    assert await connection.call("MEMORY", "USAGE", key) < 700
    again = await feeds.get("feed")
    assert again is not None and again.memory == fields["memory"] and again.last_modified == fields["last_modified"]


@pytest.mark.parametrize("broken", [{b"v": b"{nothing"}, {b"v": b"[1]"}, {b"n:claims": b"x"}, {b"next": b"soon"}])
def test_a_part_that_cannot_be_read_is_as_if_it_were_not_there(broken: dict[bytes, bytes]) -> None:
    """One feed's broken hash must not stop the claim that gives it among others."""
    assert state_of("feed", broken) == state_of("feed", {})
