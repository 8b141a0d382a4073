"""Manners towards one owner: spacing, and how far a refusal reaches."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dateline.fetch.politeness import (
    MAX_BLOCKS,
    WINDOW_SECONDS,
    PolitenessSettings,
    Refusals,
    blocked_until,
    earliest_start,
    refused,
    spacing_seconds,
)

RULES = PolitenessSettings()
A1, A2 = "https://www.news.example/feed/1", "https://www.news.example/feed/2"
B1 = "https://static.news.example/page"
NOW = 1_000_000.0
ROUNDING = 1e-6  # seconds: what a sum of floats near 1e6 may lose


def test_the_first_refusal_stops_its_host_only() -> None:
    """The owner's other hosts are other machines."""
    memory, block = refused(Refusals(), A1, NOW, 300.0, RULES)
    assert block.until == NOW + 300
    assert blocked_until(memory, A1, NOW + 1) == blocked_until(memory, A2, NOW + 1) == NOW + 300
    assert blocked_until(memory, B1, NOW + 1) is None
    assert blocked_until(memory, A1, NOW + 301) is None


def test_a_second_refusal_within_the_hour_stops_the_owner() -> None:
    """It was not enough to leave the host alone for so long."""
    memory, _ = refused(Refusals(), A1, NOW, 300.0, RULES)
    memory, _ = refused(memory, A2, NOW + 400, 300.0, RULES)
    assert blocked_until(memory, B1, NOW + 401) == NOW + 700


def test_refusals_of_two_hosts_stop_the_owner() -> None:
    """Hosts behind one CDN share a limit."""
    memory, _ = refused(Refusals(), A1, NOW, 300.0, RULES)
    memory, _ = refused(memory, B1, NOW + 10, 300.0, RULES)
    assert blocked_until(memory, "https://third.news.example/", NOW + 11) == NOW + 310


def test_a_refusal_of_what_was_on_its_way_lengthens_the_block_and_widens_nothing() -> None:
    """Two requests run at a time: both are refused, and it is one refusal."""
    memory, _ = refused(Refusals(), A1, NOW, 300.0, RULES)
    memory, _ = refused(memory, A2, NOW + 1, 600.0, RULES)
    assert blocked_until(memory, A1, NOW + 2) == NOW + 601
    assert blocked_until(memory, B1, NOW + 2) is None
    assert len(memory.blocks) == 1


def test_after_a_quiet_hour_a_refusal_is_a_first_one_again() -> None:
    """Old refusals do not widen new ones."""
    memory, _ = refused(Refusals(), A1, NOW, 60.0, RULES)
    later = NOW + WINDOW_SECONDS + 100
    memory, _ = refused(memory, A2, later, 60.0, RULES)
    assert blocked_until(memory, B1, later + 1) is None


def test_without_a_time_of_its_own_the_wait_doubles() -> None:
    """From the floor on."""
    memory, waits, now = Refusals(), [], NOW
    for _ in range(4):
        memory, block = refused(memory, A1, now, None, RULES)
        waits.append(block.until - now)
        now = block.until + 1
    assert waits == [60, 120, 240, 480]


@given(
    st.lists(st.tuples(st.sampled_from([A1, A2, B1]), st.floats(0, 1e5), st.none() | st.floats(0, 1e12)), max_size=40)
)
def test_every_block_is_between_a_minute_and_a_day_and_the_memory_stays_small(
    refusals: list[tuple[str, float, float | None]],
) -> None:
    """Whatever is asked for; and the refused address itself is always blocked."""
    memory, now = Refusals(), NOW
    for url, passed, asked in refusals:
        now += passed
        memory, block = refused(memory, url, now, asked, RULES)
        assert 60 - ROUNDING <= block.until - now <= 86_400 + ROUNDING
        until = blocked_until(memory, url, now)
        assert until is not None
        assert until >= block.until
        assert len(memory.blocks) <= MAX_BLOCKS
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(memory), type=Refusals) == memory


@given(st.floats(0, 1e9), st.integers(0, 5), st.floats(0, 1e9), st.floats(0, 300))
def test_a_request_starts_after_its_gap_and_never_beyond_the_number_at_once(
    last: float, running: int, now: float, gap: float
) -> None:
    """Two at a time, two seconds apart."""
    start = earliest_start(last, running, now, gap, RULES.at_once)
    if running >= RULES.at_once:
        assert start is None
    else:
        assert start is not None
        assert start >= now
        assert start >= last + gap


def test_a_longer_crawl_delay_replaces_our_spacing() -> None:
    """A shorter one does not make us hastier."""
    assert spacing_seconds(RULES, None) == 2
    assert spacing_seconds(RULES, 0.5) == 2
    assert spacing_seconds(RULES, 10) == 10
