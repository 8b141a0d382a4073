"""Permanent redirects: when a feed's new address is adopted."""

from __future__ import annotations

from datetime import UTC, datetime

from dateline.polling.history import FeedHistory, Poll
from dateline.polling.redirects import permanent_url
from dateline.polling.schedule import decide
from dateline.settings import PollSettings, Settings

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
SETTINGS = Settings()
STEADY = Settings(poll=PollSettings(jitter=0.0))
URL = "https://news.example/feed"


def test_a_permanent_redirect_is_adopted_after_three_polls_that_agree() -> None:
    """Two are a misconfigured night; a poll without the redirect starts the count again."""
    new = "https://other.example/feed"
    history, adopted = FeedHistory(), []
    for target in (new, new, None, new, new, new):
        poll = Poll("unchanged", url=URL, permanent_url=target)
        decision = decide(history, poll, NOON, SETTINGS)
        history = decision.history
        adopted.append(decision.moved_to)
    assert adopted == [None, None, None, None, None, new]


def test_an_upgrade_to_https_on_the_same_host_is_adopted_at_once() -> None:
    """Nothing is lost by it, and each poll in the clear is one too many."""
    poll = Poll("unchanged", url="http://news.example/feed", permanent_url=URL)
    assert decide(FeedHistory(), poll, NOON, SETTINGS).moved_to == URL
    away = Poll("unchanged", url="http://news.example/feed", permanent_url="https://news.example/")
    assert decide(FeedHistory(), away, NOON, SETTINGS).moved_to is None


def test_an_error_behind_a_permanent_redirect_adopts_nothing() -> None:
    """Never onto something that does not parse as a feed."""
    poll = Poll("error", url=URL, code="not_a_feed", permanent_url="https://parked.example/")
    history = FeedHistory(moved_to="https://parked.example/", moved_polls=2)
    decision = decide(history, poll, NOON, SETTINGS)
    assert decision.moved_to is None


def test_only_the_permanent_beginning_of_a_chain_counts() -> None:
    """301 to A, then 302 to a mirror of the day: the feed lives at A."""
    hops = [(301, "https://a.example/feed"), (302, "https://mirror7.example/feed")]
    assert permanent_url(URL, hops) == "https://a.example/feed"
    assert permanent_url(URL, hops[1:]) is None
    assert permanent_url(URL, []) is None
