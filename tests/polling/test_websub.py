"""WebSub without I/O: who is believed, for how long, and whether a hub is worth it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.polling import websub_rules as websub
from dateline.polling.websub_rules import HubScore, Mode, Push

NOW = datetime(2025, 6, 3, 12, tzinfo=UTC)
PUBLIC = "https://reader.example/"


def asked() -> websub.Subscription:
    return websub.subscription(feed="f1", topic="https://h.example/feed", hub="https://hub.example/", now=NOW)


def confirmed(lease: str = "864000") -> websub.Subscription:
    wanted = asked()
    query = {"hub.mode": "subscribe", "hub.topic": wanted.topic, "hub.challenge": "c", "hub.lease_seconds": lease}
    answer = websub.verify(wanted, query, now=NOW)
    assert answer.subscription is not None
    return answer.subscription


def test_a_request_names_callback_topic_lease_and_secret() -> None:
    wanted = asked()
    fields = websub.request(wanted, public_url=PUBLIC)
    assert fields["hub.callback"] == f"https://reader.example/websub/{wanted.token}"
    assert (fields["hub.mode"], fields["hub.topic"]) == ("subscribe", wanted.topic)
    assert len(fields["hub.secret"]) < 200
    assert "hub.secret" not in websub.request(wanted, public_url=PUBLIC, mode=Mode.UNSUBSCRIBE)


def test_two_subscriptions_never_share_a_token_or_secret() -> None:
    first, second = asked(), asked()
    assert first.token != second.token
    assert first.secret != second.secret
    assert len(first.token) >= 32


@pytest.mark.parametrize(
    ("hubs", "wanted"),
    [
        (["http://a.example/hub", "https://b.example/"], "https://b.example/"),
        (["http://a.example:80/hub?x=1"], "https://a.example/hub?x=1"),
        (["http://a.example:8080/"], None),
        ([], None),
    ],
)
def test_hubs_are_only_asked_by_https(hubs: list[str], wanted: str | None) -> None:
    assert websub.hub_to_ask(hubs, PUBLIC) == wanted


def test_without_a_public_address_no_hub_is_asked() -> None:
    assert websub.hub_to_ask(["https://hub.example/"], None) is None


def test_the_challenge_is_given_back_for_what_was_asked_and_the_lease_runs() -> None:
    wanted = asked()
    query = {
        "hub.mode": "subscribe",
        "hub.topic": wanted.topic,
        "hub.challenge": "x" * 40,
        "hub.lease_seconds": "864000",
    }
    answer = websub.verify(wanted, query, now=NOW)
    assert (answer.status, answer.body) == (200, "x" * 40)
    assert answer.subscription is not None
    assert answer.subscription.is_active(NOW + timedelta(days=9))
    assert not answer.subscription.is_active(NOW + timedelta(days=11))
    assert answer.subscription.due_at() == NOW + timedelta(days=8)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hub.topic", "https://evil.example/"),
        ("hub.topic", ""),
        ("hub.mode", "unsubscribe"),
        ("hub.mode", "publish"),
        ("hub.challenge", ""),
    ],
)
def test_a_verification_that_we_did_not_ask_for_is_refused(key: str, value: str) -> None:
    wanted = asked()
    query = {"hub.mode": "subscribe", "hub.topic": wanted.topic, "hub.challenge": "c"} | {key: value}
    answer = websub.verify(wanted, query, now=NOW)
    assert (answer.status, answer.body, answer.subscription) == (404, "", wanted)


def test_a_denial_ends_the_subscription_with_its_reason() -> None:
    active = confirmed()
    answer = websub.verify(active, {"hub.mode": "denied", "hub.topic": active.topic, "hub.reason": "closed"}, now=NOW)
    assert answer.reason == "closed"
    assert answer.subscription is not None
    assert not answer.subscription.is_active(NOW)


def test_an_unsubscription_that_we_asked_for_ends_it() -> None:
    leaving = websub.asked(confirmed(), now=NOW, mode=Mode.UNSUBSCRIBE)
    query = {"hub.mode": "unsubscribe", "hub.topic": leaving.topic, "hub.challenge": "c"}
    answer = websub.verify(leaving, query, now=NOW)
    assert (answer.status, answer.body, answer.subscription) == (200, "c", None)


@given(st.one_of(st.none(), st.text(max_size=20), st.integers().map(str)))
def test_a_lease_is_always_between_an_hour_and_thirty_days(given_lease: str | None) -> None:
    lease = websub.clamped_lease(given_lease)
    assert websub.LEASE_SHORTEST_SECONDS <= lease <= websub.LEASE_LONGEST_SECONDS


def test_an_unanswered_request_is_repeated_ever_more_rarely() -> None:
    waiting, waits = asked(), []
    for _ in range(7):
        waits.append((waiting.due_at() - waiting.asked_at).total_seconds())
        waiting = websub.asked(waiting, now=NOW)
    assert waits == sorted(waits)
    assert waits[0] == 300
    assert waits[-1] == 86_400


@given(st.binary(max_size=200), st.sampled_from(websub.METHODS))
def test_a_right_signature_is_genuine_in_every_method(body: bytes, method: str) -> None:
    digest = hmac.new(b"s3", body, getattr(hashlib, method)).hexdigest()
    assert websub.check_signature("s3", body, f"{method}={digest}") is Push.GENUINE
    assert websub.check_signature("s3", body, f"{method.upper()}={digest.upper()}") is Push.GENUINE
    assert websub.check_signature("other", body, f"{method}={digest}") is Push.FORGED
    assert websub.check_signature("s3", body + b"x", f"{method}={digest}") is Push.FORGED


@pytest.mark.parametrize("header", ["sha1", "sha1=", "md5=00", "sha256=zz", "sha256=é", "=", "x" * 5000])
def test_a_broken_signature_is_forged_and_none_is_unsigned(header: str) -> None:
    assert websub.check_signature("s", b"body", header) is Push.FORGED
    assert websub.check_signature("s", b"body", None) is Push.UNSIGNED


def test_a_proven_hub_makes_polls_rare_and_a_silent_one_brings_them_back() -> None:
    active = confirmed()
    score = websub.scored(HubScore(), hits=10, now=NOW)
    assert websub.poll_interval_seconds(900, active, score, now=NOW)[0] == websub.BACKUP_POLL_SECONDS
    score = websub.scored(score, misses=8, now=NOW)
    assert websub.poll_interval_seconds(900, active, score, now=NOW) == (900, "the hub missed entries")
    later = NOW + timedelta(days=2)
    score = websub.scored(score, hits=60, now=later)
    assert websub.poll_interval_seconds(900, confirmed("2592000"), score, now=later)[0] == websub.BACKUP_POLL_SECONDS


def test_without_an_active_subscription_or_a_first_push_the_feed_is_polled_as_ever() -> None:
    proven = websub.scored(HubScore(), hits=10, now=NOW)
    assert websub.poll_interval_seconds(900, None, proven, now=NOW)[0] == 900
    assert websub.poll_interval_seconds(900, asked(), proven, now=NOW)[0] == 900
    assert websub.poll_interval_seconds(900, confirmed(), HubScore(), now=NOW)[0] == 900


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=20))
def test_a_score_is_always_a_share(steps: list[tuple[int, int]]) -> None:
    score = HubScore()
    for hits, misses in steps:
        score = websub.scored(score, hits=hits, misses=misses, now=NOW)
    assert 0 < score.share < 1
