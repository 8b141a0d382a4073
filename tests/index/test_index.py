"""The index: what was on the stream is found again, once, as it stands now; nothing that is gone is shown as standing."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dateline.errors import SettingsError
from dateline.index import article as one_article
from dateline.index import cards, overview
from dateline.index.changes import changed_paragraphs
from dateline.index.database import Database, index_bytes, open_database, scalar
from dateline.index.excerpt import excerpt
from dateline.index.filters import BadQuery, Filters, match_words, parse_filters
from dateline.index.retention import trim_index
from dateline.index.views import Row
from dateline.index.write import cursors, write_batch
from support.desk import NASTY, NOW, StreamWriter, event, index, story

DAY_MS = 86_400_000
AT = int(NOW.timestamp() * 1000)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await open_database(tmp_path / "desk.sqlite")
    yield opened
    await opened.close()


async def search(database: Database, **query: str) -> Row:
    filters = parse_filters(query, NOW)
    return await database.read(lambda connection: cards.search(connection, filters, limit=50))


async def wire(database: Database, **query: str) -> Row:
    filters = parse_filters(query, NOW)
    return await database.read(lambda connection: cards.wire(connection, filters, limit=50))


async def found(database: Database, **query: str) -> set[str]:
    return {row["article"] for row in (await search(database, **query))["results"]}


async def test_every_filter_finds_what_it_names_and_nothing_else(database: Database) -> None:
    """Words, country, actor, pair, type, quad, publisher, language, confidence and time; several must all hold."""
    border = event(
        "e1",
        "border",
        type="ASSAULT",
        actor=("Gunmen", "BFA"),
        recipient=("Mali", "MLI"),
        country="BFA",
        confidence=0.9,
    )
    await index(
        database,
        story("border", text="Gunmen attacked a market.", events=[border]),
        story("pact", title="Kenya signs a pact", publisher="Le Fanal", language="fr", text="Un accord, dit-on.",
              events=[event("e2", "pact", type="AGREE", actor=("Kenya", "KEN"), confidence=0.5)]),
        story("old", text="Gunmen fled.", published=(NOW - timedelta(days=9)).isoformat()),
    )  # fmt: skip
    assert await found(database) == {"border", "pact", "old"}
    assert await found(database, q="gunmen") == {"border", "old"}
    assert await found(database, q="gunmen -fled") == {"border"}
    assert await found(database, q='"signs a pact"') == {"pact"}
    assert await found(database, q="attack*") == {"border"}
    assert await found(database, country="MLI") == {"border"}
    assert await found(database, country="KEN,MLI") == {"border", "pact"}
    assert await found(database, actor="gunm") == await found(database, actor="BFA") == {"border"}
    assert await found(database, pair="BFA>MLI") == {"border"}
    assert await found(database, type="agree") == await found(database, quad="vc") == {"pact"}
    assert await found(database, publisher="le fanal") == await found(database, lang="fr") == {"pact"}
    assert await found(database, confidence="0.7") == {"border"}
    assert await found(database, since="7d") == {"border", "pact"}
    assert await found(database, until="2026-03-01") == {"old"}
    assert await found(database, events="1") == {"border", "pact"}
    assert await found(database, q="gunmen", country="KEN") == set()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"country": "Kenya"}, "three letters"),
        ({"type": "WAR"}, "ASSAULT"),
        ({"confidence": "high"}, "from 0 to 1"),
        ({"since": "yesterday"}, "24h or 7d"),
        ({"pair": "RUS"}, "actor>recipient"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_with_what_would_be_right(query: dict[str, str], says: str) -> None:
    with pytest.raises(BadQuery, match=says):
        parse_filters(query, NOW)


def test_no_typed_word_is_read_as_the_search_engines_own_syntax() -> None:
    """Operators, columns, brackets and stars of FTS5 are words like others."""
    assert (
        match_words('title:x OR (a NEAR b) "c d"* ^e')
        == '"title x" AND "OR" AND "a" AND "NEAR" AND "b" AND "c d" AND "e"'
    )
    assert match_words("sanct* -oil") == '"sanct"* NOT "oil"'
    assert match_words("-only") is match_words('" " *') is None


async def test_random_words_never_break_the_search(database: Database) -> None:
    await index(database, story("a"))
    pick = random.Random(5)
    for _ in range(200):
        text = "".join(pick.choice('ab "*-()^:+{}[]\x00é\U0001f600') for _ in range(12))
        assert (await search(database, q=text))["total"] >= 0


async def test_a_happening_gathers_the_articles_of_its_main_event_and_their_copies(database: Database) -> None:
    """Two papers report it in other words, a third prints the first one's text: three papers, two independent texts."""
    await index(
        database,
        story("one", owner="a", events=[event("e1", "one", cluster="same", confidence=0.7)]),
        story(
            "two",
            owner="b",
            events=[event("e2", "two", cluster="same", confidence=0.9), event("e3", "two", main=False)],
        ),
        story("copy", owner="c", kind="copied", original="one"),
        story("other", owner="d", events=[event("e4", "other")]),
    )
    cards_of = {card["lead"]["article"]: card for card in (await wire(database))["cards"]}
    card = cards_of["two"]  # the surest report leads
    assert (card["papers"], card["independent"], len(card["printings"])) == (3, 2, 3)
    assert [(one["article"], one["role"]) for one in card["printings"]] == [
        ("one", "original"),
        ("two", "original"),
        ("copy", "copy"),
    ]
    assert len(card["events"]) == 2  # the main event once, though two articles report it
    assert set(cards_of) == {"two", "other"}


async def test_a_revision_takes_the_place_of_the_text_and_its_events(database: Database) -> None:
    """The old words find nothing more; the event that was taken back is shown as retracted and counts no more."""
    first = story("a", text="Troops left the bridge.", events=[event("old", "a"), event("kept", "a", main=False)])
    text = "Police freed hostages today."
    kept = event("kept", "a", text=text, trigger="freed", revision=2, main=False)
    second = story("a", text=text, revision=2, kind="revised", gone=["old"], changed=["text"], events=[kept])
    writer = StreamWriter()
    await index(database, first, writer=writer)
    await index(database, second, writer=writer)
    assert (await search(database, q="bridge"))["total"] == 0
    assert (await search(database, q="hostages"))["total"] == 1
    shown = await database.read(lambda connection: one_article.read(connection, "a"))
    assert shown is not None
    assert [one["event"] for one in shown["events"]] == ["kept"]
    assert [one["event"] for one in shown["retracted"]] == ["old"]
    assert [(one["revision"], one["changed"]) for one in shown["revisions"]] == [(1, []), (2, ["text"])]
    assert {part["kind"] for row in shown["changes"] for part in row["parts"]} >= {"gone", "new"}
    before = await database.read(lambda connection: one_article.read(connection, "a", 1))
    assert (
        before is not None
        and before["text"].startswith("Troops")
        and [one["event"] for one in before["events"]] == ["old"]
    )


async def test_a_copy_shows_the_events_of_its_original(database: Database) -> None:
    """Where the text is the same, their offsets hold in the copy."""
    await index(
        database, story("one", events=[event("e", "one")]), story("two", kind="copied", original="one"),
        story("three", kind="copied", original="one", text="Troops left the bridge, they say."),
    )  # fmt: skip
    for name, same in (("two", True), ("three", False)):
        shown = await database.read(lambda connection, name=name: one_article.read(connection, name))  # type: ignore[misc]
        assert shown is not None and shown["events"] == []
        assert (shown["original"]["same_text"], [one["event"] for one in shown["original"]["events"]]) == (same, ["e"])
        assert {one["article"] for one in shown["printings"]} == {"one", "two", "three"} - {name}


async def test_a_search_lists_copies_below_their_original_and_counts_time_from_the_oldest_match(
    database: Database,
) -> None:
    """Newest first, but a copy never above what it copies; a copy without events shows those of its original."""
    published = {name: (NOW - timedelta(hours=h)).isoformat() for name, h in (("one", 50), ("two", 3), ("three", 2))}
    await index(
        database, story("one", events=[event("e", "one")], published=published["one"]),
        story("two", published=published["two"]),
        story("three", kind="copied", original="one", published=published["three"]), story("four", text="Else."),
    )  # fmt: skip
    results = (await search(database, q="bridge"))["results"]
    assert [one["article"] for one in results] == ["one", "three", "two"]
    copied = results[1]["copy_of"]
    assert (copied["article"], [one["event"] for one in copied["events"]]) == ("one", ["e"])
    assert results[0]["copy_of"] is None
    for words, hours in (("bridge", 50), ("else", 24), ("nothing", 24)):
        given = await database.read(lambda c, words=words: cards.time_range(c, Filters(words=words), AT))  # type: ignore[misc]
        assert given == (AT + 1 - hours * 3_600_000 - (hours == 50), AT + 1)


async def test_reading_the_stream_again_changes_nothing(database: Database) -> None:
    """The place in the stream is lost, or Redis went back: the same entries come again."""
    entries = StreamWriter().entries(story("a", events=[event("e", "a")]), story("b", revision=1))
    for _ in range(2):
        await database.write(lambda connection: write_batch(connection, entries))
    counts = await database.read(
        lambda connection: [
            scalar(connection, f"SELECT count(*) FROM {table}") for table in ("article", "revision", "event", "words")
        ]
    )
    assert counts == [2, 2, 1, 2]
    assert (await database.read(cursors))["dateline:events"] == entries[-1].stream_id


async def test_a_hole_in_the_stream_is_counted_and_what_is_not_ours_is_passed_over(database: Database) -> None:
    entries = StreamWriter().entries(story("a"), story("b"), story("c"))
    strange = type(entries[0])(entries[0].stream, entries[0].stream_id, {b"hello": b"world"})
    done = await database.write(lambda connection: write_batch(connection, [strange, entries[0], entries[2]]))
    assert (done.indexed, done.unreadable, done.missing) == (2, 1, 1)
    for start in range(
        2
    ):  # numbers that leap as far as they can, in two streams: the count stays one that SQLite holds
        leap = StreamWriter().entries(story(f"d{start}"), story(f"e{start}"))
        last = {**leap[1].fields, b"seq": b"9223372036854775807"}
        far = [type(leap[0])(f"other{start}", *rest) for rest in ((leap[0].stream_id, leap[0].fields), ("9-0", last))]
        done = await database.write(lambda connection, far=far: write_batch(connection, far))
        assert done.indexed == 2


async def test_a_damaged_file_and_one_of_another_version_are_made_again(tmp_path: Path) -> None:
    """The stream fills it again; nobody has to delete anything."""
    path = tmp_path / "desk.sqlite"
    for damage in (b"not a database" * 500, None):
        database = await open_database(path)
        await index(database, story("a"))
        if damage is None:
            await database.write(lambda connection: connection.execute("INSERT INTO meta VALUES ('x', 1)"))
        await database.close()
        if damage:
            path.write_bytes(damage)
        else:
            other = sqlite3.connect(path)
            other.execute("PRAGMA user_version = 1")
            other.close()
        again = await open_database(path)
        assert (await search(again))["total"] == 0 and await again.read(cursors) == {}
        await again.close()


@pytest.mark.parametrize("is_database", [False, True])
def test_a_file_that_was_never_an_index_is_refused_and_left_as_it_is(is_database: bool, tmp_path: Path) -> None:
    """A wrong path in desk.index_file once cost the file it named, another program's database as well."""
    path = tmp_path / "mine"
    if is_database:
        with contextlib.closing(sqlite3.connect(path)) as theirs:
            theirs.execute("CREATE TABLE mine (x)")
    else:
        path.write_text("notes")
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(SettingsError, match="mine holds something else: name another file, or delete this one"):
            asyncio.run(open_database(path))
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["mine"]


async def test_a_second_desk_on_the_same_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    database = await open_database(tmp_path / "desk.sqlite")
    with pytest.raises(SettingsError, match=r"in use by another desk: name another file, or set desk\.enabled"):
        await open_database(tmp_path / "desk.sqlite")
    await database.close()
    with pytest.raises(SettingsError, match="cannot be written"):
        await open_database(Path("/proc/nothing/desk.sqlite"))


async def test_the_index_keeps_its_days_and_its_bytes_and_leaves_nothing_behind(database: Database) -> None:
    """The oldest go first, with their words, events and parties; what is left is found."""
    writer = StreamWriter(NOW - timedelta(days=40))
    await index(database, *(story(f"old{n}", events=[event(f"e{n}", f"old{n}")]) for n in range(20)), writer=writer)
    later = writer.entries(*(story(f"new{n}", text=f"word{n} " * 3000) for n in range(150)), at=NOW)
    await database.write(lambda connection: write_batch(connection, later))

    async def trimmed(keep_days: float, max_bytes: int) -> None:
        now = NOW.timestamp()
        while await database.write(
            lambda connection: trim_index(connection, now=now, keep_days=keep_days, max_bytes=max_bytes)
        ):
            pass

    await trimmed(30, 1 << 30)
    assert (await search(database))["total"] == 150
    empty = ("event", "event_body", "event_country", "party", "name", "label")
    assert await database.read(lambda c: [scalar(c, f"SELECT count(*) FROM {table}") for table in empty]) == [0] * 6
    size = await database.read(index_bytes)
    await trimmed(30, size // 2)
    left = (await search(database))["total"]
    assert 0 < left < 150 and await database.read(index_bytes) <= size // 2
    assert (await search(database, q="word149"))["total"] == 1 and (await search(database, q="word0"))["total"] == 0


async def test_pages_follow_each_other_without_a_gap_or_a_repeat(database: Database) -> None:
    """Also where many articles have the same time."""
    await index(database, *(story(f"n{number:03}") for number in range(95)))
    seen: list[str] = []
    after, filters = "", Filters()
    while True:
        page = await database.read(lambda c, after=after: cards.search(c, filters, limit=20, after=after))  # type: ignore[misc]
        seen += [row["article"] for row in page["results"]]
        if not (after := page["next"] or ""):
            break
    assert len(seen) == len(set(seen)) == 95
    with pytest.raises(BadQuery):
        await database.read(lambda c: cards.wire(c, filters, limit=5, after="1.x"))


async def test_changes_name_what_matches_now_and_what_no_longer_does(database: Database) -> None:
    """A page that watches one type learns that a card came, and that one went because its event was retracted."""
    writer, filters = StreamWriter(), Filters(types=("RETREAT",))
    first = await index(database, story("a", events=[event("e", "a")]), writer=writer)
    await index(database, story("b", events=[event("f", "b")]),
                story("a", text="Other words.", revision=2, kind="revised", gone=["e"]), writer=writer)  # fmt: skip
    changed = await database.read(lambda connection: cards.changes(connection, filters, first.version))
    assert [card["lead"]["article"] for card in changed["cards"]] == ["b"] and len(changed["gone"]) == 1
    everything = await database.read(lambda connection: cards.changes(connection, filters, 0))
    assert not everything["too_many"]


async def test_the_overview_counts_each_event_once_and_names_where_who_and_what_rises(database: Database) -> None:
    """Two papers on one attack are one event on the map; a country with more than the day before rises."""
    attack = {
        "type": "ASSAULT", "actor": ("Rebels", "SDN"), "recipient": ("Chad", "TCD"),
        "country": "SDN", "lat": 13.6, "lon": 25.3, "place": "El Fasher",
    }  # fmt: skip
    earlier = event("e3", "before", country="KEN", actor=("Kenya", "KEN"))
    await index(
        database,
        story("one", owner="a", events=[event("e1", "one", cluster="x", **attack)]),
        story("two", owner="b", events=[event("e2", "two", cluster="x", **attack)]),
        story("before", published=(NOW - timedelta(hours=30)).isoformat(), events=[earlier]),
    )  # fmt: skip
    shown = await database.read(lambda c: overview.overview(c, Filters(), since=AT - DAY_MS, until=AT + 1))
    assert shown["totals"] == {"events": 1, "articles": 2, "happenings": 1, "papers": 2}
    assert shown["places"] == [
        {"country": "SDN", "place": "El Fasher", "lat": 13.6, "lon": 25.3, "quads": [0, 0, 0, 1], "count": 1}
    ]
    assert sum(map(sum, shown["bars"]["quads"])) == 1 and len(shown["bars"]["starts"]) <= 61
    assert [(card["independent"], card["papers"]) for card in shown["happenings"]] == [(2, 2)]
    assert [(pair["actor"], pair["recipient"], pair["count"]) for pair in shown["pairs"]] == [("SDN", "TCD", 1)]
    assert [(row["country"], row["count"], row["before"]) for row in shown["rising"]] == [("SDN", 1, 0), ("TCD", 1, 0)]
    assert not shown["compared"]


async def test_countries_rise_only_where_the_index_has_the_time_before(database: Database) -> None:
    """A country that was in the news before is compared with that; of parties without a name no pair is made."""
    bare = event("bare", "now", actor=("the army", None), recipient=("two suspected camps", None))
    writer = StreamWriter()
    for number, hours in enumerate((50, 30, 2, 1)):
        at, kenya = NOW - timedelta(hours=hours), event(f"e{number}", f"k{number}", actor=("Kenya", "KEN"))
        one = story(f"k{number}", published=at.isoformat(), events=[kenya] if number else [])
        await index(database, one, writer=writer, at=at)
    await index(database, story("now", events=[bare]), writer=writer)
    shown = await database.read(lambda c: overview.overview(c, Filters(), since=AT - DAY_MS, until=AT + 1))
    assert shown["compared"] and shown["pairs"] == []
    assert [(row["country"], row["count"], row["before"]) for row in shown["rising"]] == [("KEN", 2, 1)]


def test_excerpts_mark_the_words_that_were_found_whatever_their_case_and_accents() -> None:
    text = "Long before. " * 30 + "In Genève the nurses \U0001f600 met."
    cut = excerpt(text, ["geneve", "nurse"])
    assert [cut["text"][start:end] for start, end in cut["marks"]] == ["Genève", "nurse"]
    assert excerpt(NASTY, ["x"])["marks"] == []


def test_a_diff_pairs_edited_paragraphs_and_loses_no_word() -> None:
    """What is not gone is the new text, what is not new is the old one."""
    old, new = (
        "One is here.\n\nTwo men were hurt.\n\nLast.",
        "One is here.\n\nThree men were hurt badly.\n\nAdded.\n\nLast.",
    )
    rows = changed_paragraphs(old, new)
    assert [row["kind"] for row in rows] == ["same", "edited", "new", "same"]
    for kept, text in (("gone", old), ("new", new)):
        parts = ["".join(p["text"] for p in row["parts"] if p["kind"] in ("same", kept)) for row in rows]
        assert "\n\n".join(filter(None, parts)) == text
