"""Pages that come without a date: the day that their dateline prints, long times, states of things, pages of history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dateline.contract.event import Event
from dateline.read import front_text, read_article
from support.events_reading import FETCHED, article_of, is_published

#: The opening of a text without a date, and the day of its dateline; the fetch is of 2024-03-15.
DATELINES = [
    ("CAIRO – 26 July 2022: The Egyptian minister met the envoy of Chad in the capital.", "2022-07-26"),
    ("LONDON — 25 July 2022 — The court freed the reporter on bail.", "2022-07-25"),
    ("New York (November 25, 2021): Indian police have detained a lawyer in Kashmir.", "2021-11-25"),
    ("SINGAPORE (Feb. 25, 2021) — The parliament passed the law on Thursday.", "2021-02-25"),
    ("KUWAIT CITY, March 12: The ministry has tested five thousand soldiers.", "2024-03-12"),
    ("TOKYO, Dec. 28 -- The government said it would act in the spring.", "2023-12-28"),
    ("CAIRO – The 26 ministers of the bloc met the envoy of Chad.", None),
    ("OSLO (June Holm): The king opened the session of parliament.", None),
]


@pytest.mark.parametrize(("text", "day"), DATELINES, ids=[row[0][:30] for row in DATELINES])
def test_a_dateline_tells_the_day_of_a_text_without_a_date(text: str, day: str | None) -> None:
    """A printed year is the text's own; without one it is the last such day before the fetch."""
    dateline = article_of(text).dateline
    assert (dateline.date if dateline is not None else None) == day


def test_a_day_without_a_year_does_not_date_the_article() -> None:
    """The guessed year serves to tell old from new; only a printed one stands in for the publication."""
    assert article_of("KUWAIT CITY, March 12: The ministry has tested soldiers.").published is None
    assert article_of("CAIRO – 26 July 2022: The ministry has tested soldiers.").published == "2022-07-26"


_FILLER = " The town is quiet. Shops were open. Rain fell. The river rose. The fields are green."


def _events(text: str, published: datetime | None = None) -> list[Event]:
    article = front_text(text, article_id="a", fetched=FETCHED, published=published)
    return list(read_article(article)[1])


def test_what_a_text_with_a_dated_dateline_tells_of_months_ago_is_history() -> None:
    """ "In September" of a text of late November."""
    text = "New York (November 25, 2021): Indian police detained a lawyer in Kashmir on Monday."
    found = _events(text + _FILLER + "\n\nIn September, Indian police raided the homes of four reporters in Kashmir.")
    assert [(e.plover.type, is_published(e)) for e in found] == [("COERCE", True), ("COERCE", False)]


def test_a_month_is_no_day_of_the_news() -> None:
    """An event of "in March" is less sure than one of "on Tuesday"; a plan for a month is as sure."""
    (day,) = _events("Kenyan police arrested two senators on Tuesday.", FETCHED)
    (month,) = _events("Kenyan police arrested two senators in March.", FETCHED)
    assert any(r.startswith("dated in its clause") for r in day.reasons)
    assert any(r.startswith("dated by a month or more") for r in month.reasons)
    (plan,) = _events("Kenya's president will visit Uganda in April.", FETCHED)
    assert any(r.startswith("dated in its clause") for r in plan.reasons)


def test_a_page_of_years_long_gone_tells_history() -> None:
    """Most years that it names are more than fifteen years before it: what has no date of its own is old."""
    page = (
        "The emperor met the envoy in 1903. The treaty of 1906 followed. A war began in 1935. It ended in 1941. "
        "Ethiopian soldiers arrested a Danish reporter."
    )
    for published in (None, datetime(2022, 5, 1, tzinfo=UTC)):
        assert not [e for e in _events(page, published) if is_published(e)]
    today = page.replace("1903", "2021").replace("1906", "2022").replace("1935", "2023").replace("1941", "2023")
    assert any(e.plover.type == "COERCE" and is_published(e) for e in _events(today, datetime(2024, 3, 1, tzinfo=UTC)))


def test_a_day_of_long_ago_is_history_on_a_page_without_a_date() -> None:
    """Though no later day is stated."""
    found = _events("An American mission arrived in Ethiopia on December 18, 1903." + _FILLER)
    assert not [e for e in found if is_published(e)]
