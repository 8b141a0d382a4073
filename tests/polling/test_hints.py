"""What servers and feeds say about when to come back: freshness, Retry-After, hours and days to skip."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.fetch.headers import retry_after_seconds
from dateline.polling import schedule
from dateline.polling.freshness import after_skipped, fresh_seconds
from dateline.polling.history import Hints

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
URL = "https://news.example/feed"


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", 120), ("0", 0), ("2.5", 2.5), ("Wed, 18 Nov 2026 12:10:00 GMT", 600), ("-5", None), ("nan", None),
        ("inf", None), ("soon", None), ("", None), (None, None), ("Tue, 17 Nov 2026 12:00:00 GMT", None),
        ("9" * 90, 366 * 86_400), ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86_400), ("1e400", 366 * 86_400),
        ("120s", 120), ("120, 120", 120), ("120; busy", 120), ("2026-11-18T12:10:00Z", 600), ("2026-11-18T13:10+01:00", 600),
        ("2026-11-18T12:10", 600), ("2026-99-18", None), ("12 bottles", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_all_its_forms(value: str | None, wait: float | None) -> None:
    """Seconds, decimals, dates; nonsense says nothing, overflow says long."""
    assert retry_after_seconds(value, NOON) == wait


@given(st.text(max_size=120))
def test_any_retry_after_gives_a_bounded_wait_or_none(value: str) -> None:
    """No header can make us sleep for ever or crash."""
    wait = retry_after_seconds(value, NOON)
    assert wait is None or 0 <= wait <= 366 * 86_400


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "max-age=600", "age": "200"}, 400),
        ({"cache-control": "max-age=600", "age": "900"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"expires": "Wed, 18 Nov 2026 12:20:00 GMT", "date": "Wed, 18 Nov 2026 12:05:00 GMT"}, 900),
        ({"expires": "Wed, 18 Nov 2026 12:20:00 GMT"}, 1200),
        ({"expires": "0"}, None),
        ({"cache-control": "max-age=60", "expires": "Wed, 18 Nov 2026 13:00:00 GMT"}, 60),
        ({}, None),
    ],
)
def test_freshness_is_read_from_cache_control_before_expires(headers: dict[str, str], fresh: float | None) -> None:
    """RFC 9111, 4.2, from the side of a private cache."""
    assert fresh_seconds(headers, NOON) == fresh


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "date", "age"]), st.text(max_size=60)))
def test_any_headers_give_a_freshness_or_none(headers: dict[str, str]) -> None:
    """What a server writes there never raises."""
    fresh = fresh_seconds(headers, NOON)
    assert fresh is None or fresh > 0


def test_a_weekend_is_skipped_as_a_whole() -> None:
    """From Saturday morning to Monday midnight, in GMT."""
    saturday = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    assert after_skipped(saturday, Hints(skip_days=(5, 6))) == datetime(2026, 11, 23, tzinfo=UTC)
    assert after_skipped(saturday, Hints(skip_days=(5, 6), skip_hours=(0, 1))).hour == 2
    assert after_skipped(saturday, Hints(skip_hours=tuple(range(24)))) == saturday


def test_lengths_of_time_are_written_for_people() -> None:
    """In the reasons that operators read."""
    assert [schedule.span(value) for value in (45, 900, 3600, 43_200, 259_200)] == [
        "45 s",
        "15 min",
        "1 h",
        "12 h",
        "3 d",
    ]
