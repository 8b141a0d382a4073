"""The checker is checked: a healthy dump passes, and each dump with one thing wrong in it is found out, and as that."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dateline.settings import RedisSettings
from dateline.store.audit import MOST, judge
from dateline.store.entries import Entries
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.ledger import Ledger
from dateline.store.records import ArticleRecord, ArticleState
from dateline.store.redis import Connection
from dateline.store.snapshot import FeedRow, Pending, Row, Snapshot
from support import rig
from support.exactness import Truth, compare
from support.invariants import breaches, held
from support.redis_server import RedisServer

NOW = 1_800_000_000.0
MS = int(NOW * 1000) - 60_000


def sid(n: int) -> str:
    """The n-th stream id."""
    return f"{MS + n}-0"


STREAM = tuple(
    Row(sid(n), n, f"envelope{n}", kind, f"article{article}")
    for n, kind, article in (
        (5, "dateline.article.published", 1),
        (6, "dateline.event.reported", 1),
        (7, "dateline.article.published", 2),
        (8, "dateline.article.revised", 1),
    )
)
RECORDS = {
    "article1": ArticleRecord(revision=2, stream_id=sid(8), seq=8),
    "article2": ArticleRecord(revision=1, stream_id=sid(7), seq=7),
    "trimmed": ArticleRecord(revision=1, stream_id=sid(1), seq=1),
}
FEEDS = {
    "feed1": FeedRow("http://a.example/rss", NOW + 900),
    "feed2": FeedRow("http://b.example/rss", None, paused=True),
}
HEALTHY = Snapshot(
    partition=0, now=NOW, stream=STREAM, last_seq=8, records=RECORDS, feeds=FEEDS, recheck={"article1": NOW + 600}
)
BUSY = replace(
    HEALTHY, waiting=(sid(20), sid(21)), pending=(Pending(sid(20), "w1", 2.0),), leases={"article9": sid(20)},
    later=(NOW + 60,),
)  # fmt: skip


def more(**wrong: Any) -> Snapshot:
    """The healthy dump with one entry more, which is wrong in something."""
    row = replace(STREAM[3], **{"stream_id": sid(9), "seq": 9, "id": "e9", **wrong})
    return replace(HEALTHY, last_seq=9, stream=(*STREAM, row))


def feed(**changed: Any) -> dict[str, FeedRow]:
    """The feeds with the first one changed."""
    return FEEDS | {"feed1": replace(FEEDS["feed1"], **changed)}


def test_a_healthy_dump_has_no_problem_at_rest_or_at_work() -> None:
    """No false alarm: an operator must be able to believe it."""
    assert breaches([HEALTHY]) == []
    assert breaches([BUSY], at_rest=False) == []
    assert judge(Snapshot(partition=0, now=NOW)) == []


def retitled() -> Snapshot:
    """An article that was revised into a section page at another address."""
    one = replace(
        STREAM[-1], type="dateline.article.published", title="Council votes on cranes", url="https://a.example/1"
    )
    rows = (one, replace(one, type="dateline.article.revised", title="Sport", url="https://a.example/sport/"))
    return replace(HEALTHY, stream=rows)


def test_a_new_headline_at_a_new_address_and_a_story_in_place_of_a_notice_are_no_other_story() -> None:
    """Where the text is mostly the same, and where what was published first said nothing of the entry's title."""

    def kinds(notice: int = 0, **second: Any) -> set[str]:
        wrong, record = retitled(), ArticleRecord(revision=2, state=ArticleState(notice=notice))
        rows = (wrong.stream[0], replace(wrong.stream[1], **second))
        return {one.kind for one in judge(replace(wrong, stream=rows, records=RECORDS | {rows[0].subject: record}))}

    assert "revision_unrelated" in kinds()
    assert "revision_unrelated" not in kinds(text_share=0.9)
    assert "revision_unrelated" not in kinds(notice=1)


MUTATIONS: dict[str, tuple[str, Snapshot]] = {
    "an entry taken out of the stream": ("seq_hole", replace(HEALTHY, stream=(STREAM[0], *STREAM[2:]))),
    "an article's entry taken out": ("missing", replace(HEALTHY, stream=(*STREAM[:2], STREAM[3]))),
    "a record never appended": ("missing", replace(HEALTHY, records=RECORDS | {"x": ArticleRecord(revision=1)})),
    "two entries exchanged": ("seq_order", replace(HEALTHY, stream=(STREAM[1], STREAM[0], *STREAM[2:]))),
    "an entry appended twice": ("duplicate_id", more(id="envelope8")),
    "a stranger's entry": ("foreign_entry", more(seq=None)),
    "a revision that is another story": ("revision_unrelated", retitled()),
    "an entry of nobody's article": ("unremembered", replace(HEALTHY, records={"article2": RECORDS["article2"]})),
    "a counter gone back": ("seq_behind", replace(HEALTHY, last_seq=7)),
    "a far-future id": ("future_id", more(stream_id=f"{MS * 2}-0")),
    "no group": ("no_group", replace(HEALTHY, has_group=False)),
    "a pending row of a dead worker": ("pending_abandoned", replace(BUSY, pending=(Pending(sid(20), "dead", 5000.0),))),
    "a pending row without its entry": ("pending_ghost", replace(BUSY, waiting=())),
    "a claim that nobody holds": ("lease_orphaned", replace(BUSY, leases={"article9": sid(77)})),
    "an entry that cannot be read": ("unreadable", replace(BUSY, unreadable=(sid(20),))),
    "a feed out of the due set": ("feed_never_due", replace(HEALTHY, feeds=feed(due_at=None))),
    "a feed due in a month": ("feed_far", replace(HEALTHY, feeds=feed(due_at=NOW + 30 * 86400))),
    "a paused feed that is due": ("feed_paused_due", replace(HEALTHY, feeds=feed(paused=True))),
    "an unknown feed that is due": ("due_unknown_feed", replace(HEALTHY, due_unknown_feeds=("feed9",))),
    "a forgotten retry": ("later_overdue", replace(BUSY, later=(NOW - 5000,))),
    "a retry in a month": ("later_far", replace(BUSY, later=(NOW + 30 * 86400,))),
    "a forgotten look": ("recheck_overdue", replace(HEALTHY, recheck={"article1": NOW - 5000})),
    "a dead letter without a reason": ("dead_unexplained", replace(HEALTHY, dead=1, dead_without_reason=(sid(3),))),
    "a key without an age": ("ageless", replace(HEALTHY, ageless=("n:1:2",))),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_one_thing_wrong_is_found_and_named(name: str) -> None:
    """Each mutation of a healthy dump, by its own kind."""
    kind, wrong = MUTATIONS[name]
    assert kind in {problem.kind for problem in judge(wrong)}


@pytest.mark.parametrize("kind", ["in_hand", "waiting", "claimed", "later"])
def test_work_left_over_is_found_where_nothing_should_be_under_way(kind: str) -> None:
    """Drained means drained."""
    assert any(line.startswith(kind) for line in breaches([BUSY]))


def test_many_problems_of_one_kind_are_counted_not_listed() -> None:
    """A million keys without an age must not be a million lines."""
    found = judge(replace(HEALTHY, ageless=tuple(f"n:1:{n}" for n in range(100))))
    assert len(found) == MOST + 1 and found[-1].say.startswith("80 more")


TEXT = {"1x1": "A flood closed the road.", "1x2": "The council met."}


def truth() -> Truth:
    """Two articles, the second revised once; all of it shown by a feed."""
    articles = {name: {"text": text, "revisions": [], "robots_allowed": True} for name, text in TEXT.items()}
    articles["1x2"]["revisions"] = [{"at_ts": 1, "text": "The council did not meet."}]
    return Truth(articles, {("1x1", 0), ("1x2", 0), ("1x2", 1)})


def published(seq: int, article: str, text: str) -> tuple[str, dict[str, str]]:
    """A stream entry as a daemon writes it."""
    block = {"kind": "body", "start": 0, "end": len(text)}
    data = {"url": f"http://a.example/{article}.html", "text": text, "blocks": [block]}
    fields = {"id": f"e{seq}", "seq": str(seq), "type": "dateline.article.published", "data": json.dumps(data)}
    return sid(seq), fields


EXACT = [
    published(1, "1x1", TEXT["1x1"]),
    published(2, "1x2", TEXT["1x2"]),
    published(3, "1x2", "The council did not meet."),
]


@pytest.mark.parametrize(
    ("kind", "stream"),
    [
        ("lost", EXACT[1:]),
        ("lost", EXACT[:2]),
        ("twice", [*EXACT, published(4, "1x1", TEXT["1x1"])]),
        ("twice", [*EXACT, EXACT[2]]),
        ("invented", [*EXACT, published(4, "7x7", "Nobody wrote this.")]),
        ("altered", [published(1, "1x1", "Something else altogether stands here."), *EXACT[1:]]),
        ("holes", [*EXACT[:2], published(9, "1x2", "The council did not meet.")]),
    ],
)  # fmt: skip
def test_a_stream_that_differs_from_the_truth_is_found_out(kind: str, stream: list[tuple[str, dict[str, str]]]) -> None:
    """Lost, twice, invented, altered, holes: each alone."""
    assert breaches([HEALTHY], report=compare(truth(), EXACT, [])) == []
    found = breaches([HEALTHY], report=compare(truth(), stream, []))
    assert any(line.startswith(kind) for line in found)


def test_what_lies_in_the_dead_letters_is_not_lost_and_a_bad_guest_is_named() -> None:
    """Set aside is a state; robots.txt is not a matter of taste."""
    dead = [{"url": "http://a.example/1x1.html"}]
    assert breaches([HEALTHY], report=compare(truth(), EXACT[1:], dead)) == []
    assert breaches([HEALTHY], served={"robots_violations": 2, "page_200": 5}) == ["impolite: robots_violations 2"]


async def verified(config: Path) -> tuple[int | None, str]:
    """Exit code and output of ``dateline verify``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", "verify", "--config", str(config), cwd=rig.ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode, out.decode()


async def test_the_verb_reads_a_real_redis_and_finds_what_somebody_deleted(
    redis: RedisServer, prefix: str, tmp_path: Path
) -> None:
    """As an operator asks: all well, exit 0; one entry deleted from the stream, exit 1 with what and what to do."""
    config = tmp_path / "dateline.toml"
    config.write_text(f'[redis]\nurl = "{redis.url}"\nprefix = "{prefix}"\n')
    connection = Connection(RedisSettings(url=redis.url, prefix=prefix))
    await Feeds(connection, 30).add([NewFeed("feed", "http://paper.example/rss")])
    await Entries(connection, "me", 20).set_up()
    ledger = Ledger(connection)
    for n in range(3):
        article = f"{n:016}"
        envelope = (("id", f"e{n}"), ("type", "dateline.article.published"), ("subject", article), ("data", "{}"))
        record = ArticleRecord(revision=1, fingerprint=b"%d" % n)
        await ledger.publish(article, "m", record, [envelope], expected_revision=0, recheck_seconds=None)
    code, out = await verified(config)
    assert (code, "all guarantees hold" in out) == (0, True), out
    (one,) = await held(redis.url, prefix)
    await connection.call("XDEL", connection.keys[0].events, one.stream[1].stream_id)
    code, out = await verified(config)
    assert code == 1 and "seq_hole" in out and "missing" in out
    await connection.close()
