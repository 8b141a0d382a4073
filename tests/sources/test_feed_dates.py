"""Dates as feeds write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.sources import feed_dates
from dateline.text import calendar

GOLD = Path(__file__).resolve().parents[2].parent / "shared" / "gold" / "feeds" / "dates.jsonl"
NOW = datetime(2025, 6, 10, 12, tzinfo=UTC)

_instants = st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2025, 6, 10), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
_offsets = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(_instants, _offsets)
def test_rfc_822_and_iso_forms_give_back_the_instant_whatever_its_zone(at: datetime, zone: timezone) -> None:
    local = at.astimezone(zone)
    for text in (format_datetime(local), local.isoformat(), local.isoformat(" "), f"{local:%A, %B %d, %Y %H:%M:%S %z}"):
        assert feed_dates.parse(text, now=NOW) == at


@given(st.text(max_size=140))
def test_any_text_gives_a_date_or_none(text: str) -> None:
    found = feed_dates.parse(text, now=NOW)
    assert found is None or calendar.EARLIEST <= found <= NOW + calendar.MOST_AHEAD


@given(
    st.lists(
        st.sampled_from(
            [
                "0",
                "1",
                "9",
                "12",
                "2024",
                "mar",
                "lun",
                "@",
                ":",
                "+",
                "-",
                "/",
                ".",
                "T",
                "Z",
                "GMT",
                "pm",
                "오후",
                "年",
                "월",
                "(",
                ")",
                "Jan",
                "+99:99",
                "24:00",
            ]
        ),
        max_size=10,
    )
)
def test_any_rubble_of_dates_gives_a_date_or_none(parts: list[str]) -> None:
    for glue in ("", " "):
        feed_dates.read(glue.join(parts))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Tue, 3 Jun 25 09:39 EST", "2025-06-03T14:39"),
        ("Tue, 3 Jun 25 09:39:05 -0500 -0500", "2025-06-03T14:39:05"),
        ("2025-06-03T09:39:05+02:00+02:00", "2025-06-03T07:39:05"),
        ("Mon, 02 June 2025 10:00:00 Etc/GMT", "2025-06-02T10:00"),
        ("Mon, 02 Jun 2025 10:00:00 GMT+02:00", "2025-06-02T08:00"),
        ("Mon Jun  2 10:00:00 PDT 2025", "2025-06-02T17:00"),
        ("June 2nd, 2025 at 3:05 PM", "2025-06-02T15:05"),
        ("12:30 AM, 2 June 2025", "2025-06-02T00:30"),
        ("lun., 02 juin 2025 10:00:00 +0200", "2025-06-02T08:00"),
        ("mar, 3 nov 2020 10:00:00 GMT", "2020-11-03T10:00"),
        ("3 mar 2025 10:00", "2025-03-03T10:00"),
        ("2. März 2025, 10.15 Uhr", "2025-03-02T10:15"),
        ("2 de junio de 2025", "2025-06-02T00:00"),
        ("2 czerwca 2025 10:00", "2025-06-02T10:00"),
        ("2 червня 2025 р. 10:00", "2025-06-02T10:00"),
        ("２０２５年６月２日 午後3時05分", "2025-06-02T15:05"),
        ("2025년 6월 2일 오전 9:00:00", "2025-06-02T00:00"),
        ("٢ يونيو ٢٠٢٥ 10:00", "2025-06-02T10:00"),
        ("2025-06-02 10:00:00.25 -0330", "2025-06-02T13:30:00.250000"),
        ("2025-06-02T24:00:00Z", "2025-06-03T00:00"),
        ("2025-06-02T23:59:60Z", "2025-06-02T23:59:59"),
        ("20250602T100000Z", "2025-06-02T10:00"),
        ("2025-W23-1", "2025-06-02T00:00"),
        ("2025-153", "2025-06-02T00:00"),
        ("1748858400", "2025-06-02T10:00"),
        ("1748858400000", "2025-06-02T10:00"),
        ("6/2/2025 10:00", "2025-06-02T10:00"),
        ("25/12/2024", "2024-12-25T00:00"),
        ("02.06.2025", "2025-06-02T00:00"),
        ("Jun 2 104", "2004-06-02T00:00"),
        ("Mon, 32 Jun 2025 10:00:00 GMT", None),
        ("2025-06-02T10:00:00+99:99", None),
        ("2025-02-30", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        ("2025-06-13", None),
        ("1748858400123456", "2025-06-02T10:00"),
        ("/Date(1748858400000+0200)/", "2025-06-02T10:00"),
        ("202506021005", "2025-06-02T10:05"),
        ("20250602100507", "2025-06-02T10:05:07"),
        ("D:20250602120507+02'00'", "2025-06-02T10:05:07"),
        ("Thứ Hai, ngày 2 tháng 6 năm 2025, 10:05", "2025-06-02T10:05"),
        ("2 มิถุนายน 2568 10:05", "2025-06-02T10:05"),
        ("2568-06-02T10:05:00Z", "2025-06-02T10:05"),
        ("令和7年6月2日 10時05分", "2025-06-02T10:05"),
        ("平成元年11月2日", None),
        ("平成31年4月2日", "2019-04-02T00:00"),
        ("民國114年6月2日", "2025-06-02T00:00"),
        ("yesterday", None),
        ("99999999999999999999", None),
    ],
)  # fmt: skip
def test_odd_forms_are_read_and_absurd_ones_are_not(text: str, wanted: str | None) -> None:
    found = feed_dates.parse(text, now=NOW)
    assert found == (datetime.fromisoformat(wanted).replace(tzinfo=UTC) if wanted else None)


def test_a_day_ahead_is_a_wrong_zone_and_three_are_absurd() -> None:
    assert feed_dates.parse((NOW + timedelta(days=1)).isoformat(), now=NOW) is not None
    assert feed_dates.parse((NOW + timedelta(days=3)).isoformat(), now=NOW) is None


def test_the_forms_that_others_collected_are_all_understood() -> None:
    if not GOLD.is_file():
        pytest.skip("the gold dates are not beside this repository")
    for line in GOLD.read_text("utf-8").splitlines():
        case = json.loads(line)
        found = feed_dates.read(case["input"])
        if "utc9" in case:
            assert found is not None, case
            assert list(found.utctimetuple()[:6]) == case["utc9"][:6], case
        else:
            assert (found is not None) == bool(case.get("valid")), case
