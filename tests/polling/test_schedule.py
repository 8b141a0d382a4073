"""When a feed is due again: rules as properties, and the past of whole feeds played through."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.polling.backoff import weight
from dateline.polling.history import FeedHistory, Hints, Poll, dump, load
from dateline.polling.outage import OfflineWatch
from dateline.polling.schedule import LEARNING_CEILING_SECONDS, decide, rewind
from dateline.settings import PollSettings, Settings

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
SETTINGS = Settings()
STEADY = Settings(poll=PollSettings(jitter=0.0))
URL = "https://news.example/feed"

seconds = st.floats(0, 1e13, allow_nan=False)
maybe_seconds = st.none() | seconds
all_hints = st.builds(
    Hints,
    max_age_seconds=maybe_seconds,
    ttl_seconds=maybe_seconds,
    update_period_seconds=maybe_seconds,
    skip_hours=st.lists(st.integers(-3, 30), max_size=24).map(tuple),
    skip_days=st.lists(st.integers(-3, 9), max_size=7).map(tuple),
)
plain_hints = st.builds(Hints, max_age_seconds=maybe_seconds, ttl_seconds=maybe_seconds)


@st.composite
def answers(draw: st.DrawFn, given_hints: st.SearchStrategy[Hints] = all_hints) -> Poll:
    """Polls that gave an answer."""
    entries = draw(st.integers(0, 100))
    new = draw(st.integers(0, entries))
    return Poll(
        draw(st.sampled_from(["changed", "unchanged"])),
        url=URL,
        entries=entries,
        new=new,
        new_times=tuple(draw(st.lists(st.floats(-1e12, 1e12), max_size=new))),
        had_body=True,
        hints=draw(given_hints),
        pushed=draw(st.booleans()),
    )


errors = st.builds(
    Poll,
    outcome=st.just("error"),
    url=st.just(URL),
    code=st.sampled_from(["timeout", "dns", "http_status", "throttled", "gone", "not_a_feed", "tls", "blocked", "odd"]),
    status=st.none() | st.sampled_from([404, 410, 403, 429, 500, 503]),
    retry_after_seconds=maybe_seconds,
    temporary=st.booleans(),
    offline=st.booleans(),
)
pasts = st.lists(st.tuples(st.one_of(answers(), errors), st.floats(1, 1e6)), max_size=12)


def played(past: list[tuple[Poll, float]]) -> tuple[FeedHistory, datetime]:
    """The history after some polls, each so many seconds after the one before, and the time then."""
    history, now = FeedHistory(), NOON
    for poll, passed in past:
        history = decide(history, poll, now, SETTINGS).history
        now += timedelta(seconds=passed)
    return history, now


@given(pasts, answers(plain_hints), st.floats(0, 1))
def test_an_answer_is_followed_by_a_poll_between_floor_and_ceiling(
    past: list[tuple[Poll, float]], poll: Poll, chance: float
) -> None:
    """Whatever a feed did before, and however absurd its hints are: within 2 minutes and 24 hours."""
    history, now = played(past)
    decision = decide(history, poll, now, SETTINGS, chance=chance)
    low = SETTINGS.poll.busy_floor_seconds * (1 - SETTINGS.poll.jitter)
    if not history.skip_hours and not history.skip_days:
        assert low <= decision.delay_seconds <= SETTINGS.poll.quiet_ceiling_seconds
    assert decision.reason


@given(pasts, answers(), st.floats(0, 1))
def test_no_poll_comes_before_max_age(past: list[tuple[Poll, float]], poll: Poll, chance: float) -> None:
    """Up to the longest hint that is believed, a day."""
    history, now = played(past)
    decision = decide(history, poll, now, SETTINGS, chance=chance)
    asked = min(poll.hints.max_age_seconds or 0, SETTINGS.poll.quiet_ceiling_seconds)
    assert decision.delay_seconds >= asked * 0.999999


@given(pasts, answers(), st.floats(0, 1))
def test_no_poll_comes_in_hours_or_days_to_be_skipped(
    past: list[tuple[Poll, float]], poll: Poll, chance: float
) -> None:
    """Unless the feed skips all of them, which it cannot mean."""
    history, now = played(past)
    decision = decide(history, poll, now, SETTINGS, chance=chance)
    if not decision.believed or poll.outcome != "changed":
        return
    hours = {hour for hour in poll.hints.skip_hours if 0 <= hour <= 23}
    days = {day for day in poll.hints.skip_days if 0 <= day <= 6}
    if len(hours) == 24 or len(days) == 7:
        return
    due = now + timedelta(seconds=decision.delay_seconds)
    assert due.hour not in hours
    assert due.weekday() not in days


@given(pasts, errors, st.floats(0, 1))
def test_an_error_slows_down_and_never_ends_polling(past: list[tuple[Poll, float]], poll: Poll, chance: float) -> None:
    """At least a minute, at most a day and its jitter; there is no "dead"."""
    history, now = played(past)
    decision = decide(history, poll, now, SETTINGS, chance=chance)
    assert 60 <= decision.delay_seconds <= 86_400 * (1 + SETTINGS.poll.jitter)
    if poll.code == "throttled" and not poll.offline:
        asked = poll.retry_after_seconds
        assert decision.delay_seconds >= min(asked if asked is not None else 0, 86_400)
        assert asked is not None or decision.delay_seconds <= 21_600 * (1 + SETTINGS.poll.jitter)


@given(errors.filter(lambda poll: poll.retry_after_seconds is None and not poll.offline), st.integers(2, 30))
def test_the_same_error_again_never_waits_shorter(poll: Poll, times: int) -> None:
    """Backoff only grows."""
    history, now, last = FeedHistory(polls=9, last_at=1, span=6e5, seen=200.0), NOON, 0.0
    for _ in range(times):
        decision = decide(history, poll, now, STEADY)
        assert decision.delay_seconds >= last - 1e-6
        history, last = decision.history, decision.delay_seconds


@given(pasts)
def test_a_history_survives_being_stored_and_stays_small(past: list[tuple[Poll, float]]) -> None:
    """It is kept for every feed in Redis: at most 300 bytes, and whatever cannot be read starts afresh."""
    history, _ = played(past)
    assert load(dump(history)) == history
    assert len(dump(history)) <= 300
    assert load(b"\xc1 not a history") == FeedHistory()


def test_the_first_poll_of_an_unknown_feed_is_followed_by_the_default_interval() -> None:
    """15 minutes, plus or minus the jitter."""
    poll = Poll("changed", url=URL, entries=1, new=1, had_body=True)
    assert decide(FeedHistory(), poll, NOON, STEADY).delay_seconds == 900
    delays = [decide(FeedHistory(), poll, NOON, SETTINGS, chance=part / 10).delay_seconds for part in range(11)]
    assert (min(delays), max(delays)) == pytest.approx((810, 990))


def test_few_known_entries_speed_polling_up_and_all_known_ones_slow_it_down() -> None:
    """Overlap is the share of entries that we knew."""
    base = FeedHistory(polls=50, last_at=int(NOON.timestamp()) - 3600, entries=20, seen=24.0, span=86_400.0)

    def interval(new: int) -> float:
        return decide(base, Poll("changed", url=URL, entries=20, new=new), NOON, STEADY).delay_seconds

    assert interval(20) < interval(15) < interval(4)
    slower = decide(base, Poll("unchanged", url=URL), NOON, STEADY)
    later = decide(slower.history, Poll("unchanged", url=URL), NOON + timedelta(hours=6), STEADY)
    assert later.delay_seconds > slower.delay_seconds > interval(20)


def test_no_overlap_at_all_on_a_feed_that_had_entries_says_how_long_the_gap_may_be() -> None:
    """The notice carries the time since the last look."""
    first = decide(FeedHistory(), Poll("changed", url=URL, entries=10, new=10, had_body=True), NOON, SETTINGS)
    assert first.gap_seconds is None
    later = NOON + timedelta(hours=2)
    second = decide(first.history, Poll("changed", url=URL, entries=10, new=10, had_body=True), later, SETTINGS)
    assert second.gap_seconds == pytest.approx(7200, abs=1)
    third = decide(first.history, Poll("changed", url=URL, entries=10, new=9, had_body=True), later, SETTINGS)
    assert third.gap_seconds is None


def test_the_rhythm_is_learned_from_the_dates_of_the_first_body() -> None:
    """A feed of a busy desk is polled sooner than one of a weekly column, from the first poll on."""
    busy = tuple(NOON.timestamp() - minute * 60 for minute in range(20))
    weekly = tuple(NOON.timestamp() - week * 7 * 86_400 for week in range(8))
    soon = decide(FeedHistory(), Poll("changed", url=URL, entries=20, new=20, new_times=busy), NOON, STEADY)
    late = decide(FeedHistory(), Poll("changed", url=URL, entries=8, new=8, new_times=weekly), NOON, STEADY)
    assert SETTINGS.poll.busy_floor_seconds <= soon.delay_seconds < SETTINGS.poll.floor_seconds
    assert late.delay_seconds == LEARNING_CEILING_SECONDS
    assert "new feed" in late.reason


def test_a_feed_that_prints_by_day_is_left_alone_at_night() -> None:
    """A week of a desk that works from 8 to 20: fewer polls by night, entries seen early by day."""
    chance = random.Random(7)
    start = NOON.replace(hour=0)
    printed = [
        start.timestamp() + day * 86_400 + hour * 3600 + chance.random() * 3600
        for day in range(14) for hour in range(8, 20) for _ in range(2)
    ]  # fmt: skip
    history, now, known, by_hour, waits = FeedHistory(), start, 0, [0] * 24, []
    while now < start + timedelta(days=14):
        shown = sum(time <= now.timestamp() for time in printed)
        new = printed[known:shown] if known else printed[:shown]
        outcome = "changed" if new else "unchanged"
        poll = Poll(outcome, url=URL, entries=min(shown, 20), new=len(new), new_times=tuple(new), had_body=bool(new))
        decision = decide(history, poll, now, SETTINGS, chance=chance.random())
        if now > start + timedelta(days=7):
            by_hour[now.hour] += 1
            waits += [now.timestamp() - time for time in new]
        history, known = decision.history, shown
        now += timedelta(seconds=decision.delay_seconds)
    day, night = sum(by_hour[9:19]), sum(by_hour[:5])
    assert day / 10 > 2 * night / 5
    assert sorted(waits)[len(waits) // 2] < 1200


@pytest.mark.parametrize(
    ("given_hints", "least"),
    [
        (Hints(max_age_seconds=5400), 5400),
        (Hints(ttl_seconds=3600), 3600),
        (Hints(update_period_seconds=86_400), 3600),
    ],
)
def test_hints_put_the_next_poll_off(given_hints: Hints, least: float) -> None:
    """On a feed whose rhythm would have it sooner, and whose window is long enough."""
    history = FeedHistory(polls=50, last_at=int(NOON.timestamp()) - 900, entries=100, seen=100.0, span=250_000.0)
    poll = Poll("changed", url=URL, entries=100, new=1, hints=given_hints)
    decision = decide(history, poll, NOON, STEADY)
    assert decision.delay_seconds == pytest.approx(least)
    assert decide(history, Poll("changed", url=URL, entries=100, new=1), NOON, STEADY).delay_seconds < least


def test_days_of_our_own_absence_do_not_make_a_busy_feed_look_quiet() -> None:
    """After a week's holiday all 20 entries are new, but they are of the last hours: their dates tell the rhythm."""
    history = FeedHistory(polls=50, last_at=int(NOON.timestamp()) - 7 * 86_400, entries=20, seen=100.0, span=400_000.0)
    times = tuple(NOON.timestamp() - 600 * number for number in range(20))
    decision = decide(history, Poll("changed", url=URL, entries=20, new=20, new_times=times), NOON, STEADY)
    assert decision.delay_seconds < 900


def test_a_ttl_that_would_lose_entries_is_shortened_to_half_the_window() -> None:
    """Most publishing software writes ttl 60 unasked."""
    history = FeedHistory(polls=50, last_at=int(NOON.timestamp()) - 300, entries=10, seen=400.0, span=48_000.0)
    poll = Poll("changed", url=URL, entries=10, new=2, hints=Hints(ttl_seconds=3600))
    assert decide(history, poll, NOON, STEADY).delay_seconds < 900


def test_a_304_keeps_the_hints_of_the_body_it_stands_for() -> None:
    """It seldom repeats them, and never those inside the document."""
    poll = Poll("changed", url=URL, entries=5, new=1, hints=Hints(max_age_seconds=4000, skip_hours=(13, 14)))
    first = decide(FeedHistory(), poll, NOON.replace(hour=11, minute=50), STEADY)
    second = decide(first.history, Poll("unchanged", url=URL), NOON, STEADY)
    assert (NOON + timedelta(seconds=second.delay_seconds)).hour == 15
    assert second.delay_seconds >= 4000


def test_a_feed_delivered_by_websub_is_polled_as_a_safety_net_only() -> None:
    """Every six hours."""
    an_hour_ago = int(NOON.timestamp()) - 3600
    history = FeedHistory(polls=50, last_at=an_hour_ago, last_new_at=an_hour_ago, seen=200.0, span=86_400.0, entries=50)
    assert decide(history, Poll("unchanged", url=URL, pushed=True), NOON, STEADY).delay_seconds == 21_600


def test_the_operators_own_interval_is_kept_but_for_max_age() -> None:
    """Per-feed override."""
    poll = Poll("changed", url=URL, entries=5, new=0)
    assert decide(FeedHistory(), poll, NOON, STEADY, fixed_seconds=60.0).delay_seconds == 60
    fresh = Poll("unchanged", hints=Hints(max_age_seconds=90))
    assert decide(FeedHistory(), fresh, NOON, STEADY, fixed_seconds=60.0).delay_seconds == 90


def test_one_empty_answer_is_not_believed_and_the_second_is() -> None:
    """A feed does not lose all its entries overnight; if it did, it says so twice."""
    history = FeedHistory(polls=9, last_at=int(NOON.timestamp()) - 900, entries=40)
    empty = Poll("changed", url=URL, entries=0, new=0, had_body=True)
    first = decide(history, empty, NOON, STEADY)
    assert not first.believed
    assert first.unconditional
    assert first.history.entries == 40
    second = decide(first.history, empty, NOON + timedelta(minutes=5), STEADY)
    assert second.believed
    assert second.history.entries == 0


def test_after_two_days_of_304_the_next_poll_asks_for_the_whole() -> None:
    """Some servers say "not modified" for ever."""
    full = decide(FeedHistory(), Poll("changed", url=URL, entries=5, new=5, had_body=True), NOON, SETTINGS)
    unchanged = Poll("unchanged", url=URL)
    assert not decide(full.history, unchanged, NOON + timedelta(days=1), SETTINGS).unconditional
    assert decide(full.history, unchanged, NOON + timedelta(days=3), SETTINGS).unconditional


@pytest.mark.parametrize(
    ("poll", "heavy"),
    [
        (Poll("error", code="not_a_feed"), 1.0),
        (Poll("error", code="http_status", status=404), 1.0),
        (Poll("error", code="http_status", status=503), 0.5),
        (Poll("error", code="timeout"), 0.5),
        (Poll("error", code="bad_encoding"), 0.5),
        (Poll("error", code="dns", temporary=True), 0.25),
        (Poll("error", code="throttled", status=429), 0.0),
        (Poll("error", code="timeout", offline=True), 0.0),
    ],
)
def test_an_error_weighs_what_it_says_about_the_feed(poll: Poll, heavy: float) -> None:
    """Hard 1, soft a half, the name server's trouble a quarter, "slow down" and our own outage nothing."""
    assert weight(poll) == heavy


def test_a_gone_feed_is_slow_and_probed_again() -> None:
    """404 at least an hour, 410 at least twelve, both at most a day."""
    missing = decide(FeedHistory(), Poll("error", code="http_status", status=404), NOON, STEADY)
    gone = decide(FeedHistory(), Poll("error", code="gone", status=410), NOON, STEADY)
    assert missing.delay_seconds >= 3600
    assert gone.delay_seconds >= 43_200


def test_failing_and_recovered_are_told_once() -> None:
    """The notice when the weights reach 3, and when the feed answers again."""
    history, told = FeedHistory(), []
    for minute in range(6):
        decision = decide(history, Poll("error", code="not_a_feed"), NOON + timedelta(minutes=minute), STEADY)
        history = decision.history
        told.append(decision.failing)
    assert told == [False, False, True, False, False, False]
    back = decide(history, Poll("changed", url=URL, entries=3, new=0), NOON + timedelta(hours=1), STEADY)
    assert back.recovered
    assert back.history.errors == 0
    assert not decide(back.history, Poll("unchanged", url=URL), NOON + timedelta(hours=2), STEADY).recovered


def test_our_own_outage_is_taken_off_the_feeds_account() -> None:
    """Errors from the outage's time go; those before and after it stay."""
    history = FeedHistory()
    for minute in (0, 30, 90):
        history = decide(history, Poll("error", code="timeout"), NOON + timedelta(minutes=minute), STEADY).history
    assert history.errors == 1.5
    since = (NOON + timedelta(minutes=20)).timestamp()
    until = (NOON + timedelta(minutes=40)).timestamp()
    assert rewind(history, since, until).errors == 1.0
    assert rewind(history, since).errors == 0.5
    assert rewind(rewind(history, since), since).errors == 0.5


def test_most_owners_failing_at_once_means_that_we_are_offline() -> None:
    """Eight owners without an answer; one answer ends it and gives the time it lasted."""
    watch = OfflineWatch()
    for number in range(7):
        assert watch.note(f"site{number}.example", True, 100.0 + number) is None
    assert not watch.offline
    watch.note("site7.example", True, 107.0)
    assert watch.offline
    outage = watch.note("site3.example", False, 400.0)
    assert outage is not None
    assert (outage.since, outage.until) == (100.0, 400.0)
    assert not watch.offline


def test_one_dead_platform_is_not_an_outage_of_ours() -> None:
    """A thousand feeds of one owner are one voice."""
    watch = OfflineWatch()
    for number in range(1000):
        watch.note("platform.example", True, 100.0 + number / 100)
    for number in range(5):
        watch.note(f"site{number}.example", False, 111.0)
    assert not watch.offline


def test_a_feed_whose_entries_wait_earns_no_shorter_interval() -> None:
    """A flood of new entries would otherwise be polled every two minutes, and bring more than can be fetched."""
    history = FeedHistory()
    for turn in range(6):
        flood = Poll("changed", url=URL, entries=500, new=500)
        free = decide(history, flood, NOON + timedelta(minutes=15 * turn), STEADY)
        waits = decide(
            history, msgspec.structs.replace(flood, waiting=900), NOON + timedelta(minutes=15 * turn), STEADY
        )
        history = free.history
    assert free.delay_seconds < STEADY.poll.interval_seconds <= waits.delay_seconds
    assert "900 of its entries wait" in waits.reason
