"""Who is who, and what is equal: properties of names, memory, judgement, fingerprint and sketch."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.dedup.fingerprint import (
    ELEMENT_WORDS,
    MIN_SKETCH_WORDS,
    NUMBERS_KEPT,
    QUERY_SIZE,
    SHINGLE_WORDS,
    SHINGLES_COMPARED,
    SHINGLES_KEPT,
    Sketch,
    fingerprint,
    is_counter,
    overlap,
    sketch,
    stored_sketch,
    words,
)
from dateline.dedup.identity import (
    MEMORY_NAMES,
    NAME_BYTES,
    VERSION_BYTES,
    Memory,
    Mode,
    article_id,
    digest,
    judge,
    local_names,
    names,
    version,
)
from dateline.model.records import Entry
from dateline.urls import same_key

ORDER = list(Mode)
WORD = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöß0123456789", min_size=1, max_size=9)
TEXT = st.lists(WORD, min_size=1, max_size=60)
ENTRIES = st.builds(
    Entry,
    title=st.none() | st.sampled_from(["One", "Two", "Three", ""]),
    link=st.none() | st.sampled_from([f"https://paper.example/{n}" for n in range(4)]),
    guid=st.none() | st.sampled_from(["1", "2", "tag:paper.example,2026:3", "https://paper.example/?p=4", ""]),
    published_raw=st.none() | st.sampled_from(["Mon", "Tue"]),
    summary=st.none() | st.text(max_size=30),
)
KEYS = st.binary(min_size=NAME_BYTES, max_size=NAME_BYTES)
MARKS = st.binary(min_size=VERSION_BYTES, max_size=VERSION_BYTES)
SHOWN = st.lists(st.tuples(st.lists(KEYS, min_size=1, max_size=3), MARKS), max_size=40)


def url_key(url: str) -> str | None:
    """As the flow gives it."""
    return same_key(url) if url.startswith("http") else None


@given(ENTRIES, st.sampled_from(ORDER))
def test_every_entry_has_names_in_every_mode_and_none_twice(entry: Entry, mode: Mode) -> None:
    """An entry without a name could neither be published nor set aside."""
    found = names(entry, mode, "paper.example", url_key)
    assert found and len(found) == len(set(found))
    kept = local_names(entry, url_key)
    assert kept and all(len(key) == NAME_BYTES for key in kept)
    assert re.fullmatch(r"[a-z2-7]{16}", article_id(found[0]))


@given(st.lists(ENTRIES, max_size=12), st.sampled_from(ORDER), SHOWN)
def test_a_feeds_mode_only_ever_degrades_and_says_why(entries: list[Entry], mode: Mode, shown: list) -> None:  # type: ignore[type-arg]
    """A feed that lied once is not believed again; judging twice changes nothing more for the same reason."""
    verdict, why = judge(entries, mode, Memory(Memory().updated(shown)), url_key)
    assert ORDER.index(verdict) >= ORDER.index(mode)
    assert (why is None) == (verdict is mode)


@given(SHOWN, SHOWN)
def test_a_memory_packed_and_read_again_is_the_same(first: list, second: list) -> None:  # type: ignore[type-arg]
    """Whatever is shown now is recalled with the version shown; what was shown before is kept while there is room."""
    memory = Memory(Memory().updated(first))
    after = Memory(memory.updated(second))
    last = {key: mark for keys, mark in second for key in keys}
    before = {key: mark for keys, mark in first for key in keys}
    for key, mark in (before | last).items():
        assert after.recall([key]) == mark
    assert after.recall([b"never shown"]) is None


def test_a_memory_is_bounded_but_never_forgets_what_is_shown_now() -> None:
    """A feed that shows more than the memory holds would else bring its tail anew with every poll."""
    many = [([n.to_bytes(NAME_BYTES, "big")], b"\0" * VERSION_BYTES) for n in range(MEMORY_NAMES + 500)]
    full = Memory(Memory().updated(many))
    assert len(full) == MEMORY_NAMES + 500
    moved = Memory(full.updated([([b"newest"], b"mark")]))
    assert len(moved) == MEMORY_NAMES and moved.recall([b"newest"]) == b"mark"


def test_guids_that_are_the_same_for_all_or_new_with_every_poll_are_no_names() -> None:
    """Both happen: a guid that is the front page, and one that is made anew for every answer."""
    links = [f"https://paper.example/{n}" for n in range(6)]
    same = [Entry(title=link, link=link, guid="https://paper.example/") for link in links]
    assert judge(same, Mode.GUID, Memory(), url_key)[0] is Mode.LINK
    before = [Entry(title=link, link=link, guid=f"first {link}") for link in links]
    memory = Memory(Memory().updated([(local_names(entry, url_key), version(entry)) for entry in before]))
    after = [Entry(title=link, link=link, guid=f"second {link}") for link in links]
    assert judge(after, Mode.GUID, memory, url_key)[0] is Mode.LINK
    assert judge(before, Mode.GUID, memory, url_key) == (Mode.GUID, None)


@given(TEXT, st.lists(st.sampled_from([" ", "\n", "\t", "  ", ", ", " - ", "\u00a0", ". "]), min_size=60, max_size=60))
def test_a_fingerprint_ignores_white_space_case_and_punctuation(text: list[str], gaps: list[str]) -> None:
    """Equal words give equal marks, however they are set."""
    plain = " ".join(text)
    spread = "".join(word + gap for word, gap in zip(text, gaps, strict=False)).upper()
    if "ß" not in plain:  # in capitals it is SS, as it should be
        assert fingerprint(words([plain])) == fingerprint(words([spread]))
        assert sketch(words([plain])) == sketch(words([spread]))
    assert fingerprint(words([plain])) == fingerprint(words(text))


@given(TEXT, TEXT)
def test_a_fingerprint_tells_other_words_and_another_order_apart(one: list[str], two: list[str]) -> None:
    """It is the words, all of them, in their order."""
    assert (fingerprint(one) == fingerprint(two)) == (one == two)


@given(TEXT, st.integers(0, 59), WORD)
def test_a_sketch_is_small_sorted_and_hardly_moved_by_one_word(text: list[str], at: int, word: str) -> None:
    """Bottom-k: an edit of one word touches as many runs as it is in."""
    long = text * (MIN_SKETCH_WORDS // len(text) + 1)
    found = sketch(long)
    assert list(found.elements) == sorted(set(found.elements)) and len(found.elements) <= QUERY_SIZE
    assert list(found.shingles) == sorted(set(found.shingles)) and len(found.shingles) <= SHINGLES_COMPARED
    assert sketch(text[: MIN_SKETCH_WORDS - 1]) == Sketch()
    edited = sketch([*long[: at % len(long)], word, *long[at % len(long) + 1 :]])
    for before, after, size in (
        (found.elements, edited.elements, ELEMENT_WORDS),
        (found.shingles, edited.shingles, SHINGLE_WORDS),
    ):
        assert len([one for one in after if one < before[-1] and one not in before]) <= size  # type: ignore[operator]


@given(TEXT, TEXT, st.integers(0, 59))
def test_what_a_record_keeps_of_a_sketch_is_all_in_the_text_itself_and_in_a_longer_one(
    text: list[str], more: list[str], at: int
) -> None:
    """A text, and one that has it: all that is comparable is in both; the numbers too."""
    long = [f"{word}{n}" for n, word in enumerate(text * (MIN_SKETCH_WORDS // len(text) + 1))]
    stored = stored_sketch(sketch(long))
    assert len(stored) % 2 == 1 and len(stored) <= 5 + 2 * SHINGLES_KEPT + 2 * NUMBERS_KEPT
    for other in (long, [*more, *long], [*long, *more]):
        common = overlap(stored, sketch(other))
        assert common.both == common.least and not common.other_numbers


def test_two_short_notices_with_different_titles_are_not_one_copy() -> None:
    """ "Details to follow." is not wire copy."""
    body = words(["Details to follow."])
    assert fingerprint(body, "Quake in Chile") != fingerprint(body, "Strike in Lyon")
    assert fingerprint(words(["word"] * 30), "Quake in Chile") == fingerprint(words(["word"] * 30), "Strike in Lyon")
    assert fingerprint([]) == b""


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("1,234 views", True),
        ("Updated 5 minutes ago", True),
        ("Last updated: 26 Nov 2026 10:01 GMT", True),
        ("12 comments", True),
        ("Shared 45 times", True),
        ("vor 3 Stunden aktualisiert", True),
        ("ADVERTISEMENT: Buy the new sedan today and save 500 dollars at your dealer.", True),
        ("At least 5 people died.", False),
        ("Advertisers left the site on Monday after 3 years.", False),
        ("The minister resigned.", False),
    ],
)
def test_lines_that_only_count_or_advertise_make_no_revision(line: str, counts: bool) -> None:
    """They change with every look, and nobody is told anything by them."""
    assert is_counter(line) is counts


def test_a_version_is_blind_to_what_churns_by_itself_and_sees_what_is_said() -> None:
    """Comment counts, markup, spacing: no news. Words and the update's time are."""
    base = Entry(title="Talks held", summary="<p>They met. 12 comments</p>")
    assert version(base) == version(Entry(title="Talks  held", summary="<div>They met. 99 comments</div>"))
    assert version(base) != version(Entry(title="Talks failed", summary="<p>They met. 12 comments</p>"))
    assert version(base) != version(Entry(title="Talks held", summary="They met.", updated_raw="Tue"))
    takes = [version(Entry(title=f"UPDATE {n}-Talks held", summary="They met.")) for n in (1, 2, 12)]
    assert len(set(takes)) == 3, "an agency's takes differ in their number alone"
    assert digest("a") != digest("b")
