"""Dates by the conventions of news. All stories here are invented; unless a case says otherwise they are published on
Thursday 12 June 2025, 15:00 UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.contract.article import Timex
from dateline.read import front_text
from dateline.read.record import document_of
from dateline.read.syntax.sentences import split_sentences
from dateline.read.temporal.tagger import interval, resolve_dates

PUBLISHED = datetime(2025, 6, 12, 15, tzinfo=UTC)


def timexes(text: str, published: datetime | None = PUBLISHED) -> tuple[Timex, ...]:
    article = front_text(text, article_id="a", published=published, fetched=datetime(2026, 1, 1, tzinfo=UTC))
    return resolve_dates(split_sentences(document_of(article))).timex


def values(text: str, published: datetime | None = PUBLISHED) -> list[tuple[str, str | None]]:
    return [(timex.text, timex.value) for timex in timexes(text, published)]


@pytest.mark.parametrize(
    ("month", "value"),
    [("January", "2025-01"), ("February", "2025-02"), ("October", "2024-10"), ("September", "2024-09")],
)
def test_a_sentence_may_open_with_a_bare_month(month: str, value: str) -> None:
    """No verb stands before the month to say whether it is past: the nearest one not after publication is meant."""
    assert values(f"{month} saw three attacks on the port.") == [(month, value)]
    assert values(f"The port was quiet. {month} saw three attacks.") == [(month, value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("July saw three attacks.", "2024-07"),
        ("“July brought no relief,” he said.", "2024-07"),
        ("March saw three attacks.", "2025-03"),
        ("April brought a second wave.", "2025-04"),
        ("May was the warmest on record.", "2025-05"),
        ("June saw 12 arrests.", "2025-06"),
        ("August alone saw more than 40 deaths.", "2024-08"),
        ("July will see three more votes.", "2025-07"),
    ],
)
def test_a_month_that_is_the_subject_of_what_is_over_lies_behind(text: str, value: str) -> None:
    """The verb to its right says so, and says of May and March that they are months."""
    assert [found for _, found in values(text)] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "May was elected in London.",
        "April saw her doctor.",
        "Theresa May resigned. May brought a third deal to parliament.",
        "June was pleased with her speech.",
        "March was over.",
    ],
)
def test_a_name_or_word_that_is_also_a_month_gives_no_date(text: str) -> None:
    """Verbs of people, and a text in which the word is somebody's surname."""
    assert values(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Police arrested two men on Thursday.", [("Thursday", "2025-06-12")]),
        ("Police arrested two men on Friday.", [("Friday", "2025-06-06")]),
        ("The council will meet on Friday.", [("Friday", "2025-06-13")]),
        ("The council will meet on Thursday.", [("Thursday", "2025-06-12")]),
        ("Officials said Monday they will meet.", [("Monday", "2025-06-09")]),
        ("They will meet Monday, officials said.", [("Monday", "2025-06-16")]),
        ("On Monday, the council will vote.", [("Monday", "2025-06-16")]),
        ("On Monday, the council voted.", [("Monday", "2025-06-09")]),
        ("Talks are scheduled for Monday.", [("Monday", "2025-06-16")]),
        ("The sides agreed to meet on Tuesday.", [("Tuesday", "2025-06-17")]),
        ("The sides agreed on Tuesday to meet.", [("Tuesday", "2025-06-10")]),
        ("The ministers are to sign the pact on Saturday.", [("Saturday", "2025-06-14")]),
        ("The vote will be held on Sunday.", [("Sunday", "2025-06-15")]),
        ("Leaders gathered ahead of Saturday's vote.", [("Saturday", "2025-06-14")]),
        ("The spokesman could not be reached on Wednesday.", [("Wednesday", "2025-06-11")]),
        ("He gave them until Monday to leave.", [("Monday", "2025-06-16")]),
        ("The summit, which opens on Monday, will last two days.", [("Monday", "2025-06-16"), ("two days", "P2D")]),
        ("The two leaders meet on Saturday.", [("Saturday", "2025-06-14")]),
        ("The curfew runs until Sunday.", [("Sunday", "2025-06-15")]),
        ("By late Tuesday, rescuers had found two bodies.", [("late Tuesday", "2025-06-10")]),
        ("It rained last Friday.", [("last Friday", "2025-06-06")]),
        ("It will rain next Friday.", [("next Friday", "2025-06-20")]),
        ("Two men died on Monday night.", [("Monday night", "2025-06-09TNI")]),
        ("They met on Tuesday of last week.", [("Tuesday of last week", "2025-06-03")]),
        ("They met on Wednesday, June 4, 2025.", [("Wednesday, June 4, 2025", "2025-06-04")]),
        ("Markets are closed on Sundays.", [("Sundays", "XXXX-WXX-7")]),
        ("The strike begins on Monday week.", [("Monday week", "2025-06-23")]),
        ("The strike starts a week on Monday.", [("a week on Monday", "2025-06-23")]),
        ("The fair runs from Thursday to Saturday.", [("Thursday", "2025-06-12"), ("Saturday", "2025-06-14")]),
        ("The fair will run from Saturday to Monday.", [("Saturday", "2025-06-14"), ("Monday", "2025-06-16")]),
        ("Clashes raged from Sunday to Tuesday.", [("Sunday", "2025-06-08"), ("Tuesday", "2025-06-10")]),
        ("The meeting starts on Monday.", [("Monday", "2025-06-16")]),
        ("The polls close on Sunday.", [("Sunday", "2025-06-15")]),
        ("The storm is forecast to hit on Sunday.", [("Sunday", "2025-06-15")]),
        ("The vote to be held Sunday is close.", [("Sunday", "2025-06-15")]),
        ("Days before Sunday's vote, the party split.", [("Sunday", "2025-06-15")]),
        ("The clinic will reopen a month after Monday's fire.", [("Monday", "2025-06-09")]),
        ("The Black Friday sale was weak.", []),
        ("The union said Monday's strike would go ahead.", [("Monday", "2025-06-16")]),
        ("The union said Monday's strike had been a success.", [("Monday", "2025-06-09")]),
    ],
)
def test_a_weekday_is_the_nearest_that_its_clause_allows(text: str, expected: list[tuple[str, str]]) -> None:
    """Not after publication, the day itself included; not before it where the clause looks ahead."""
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It happened today.", [("today", "2025-06-12")]),
        ("It happened yesterday.", [("yesterday", "2025-06-11")]),
        ("It happened yesterday afternoon.", [("yesterday afternoon", "2025-06-11TAF")]),
        ("They speak tonight.", [("tonight", "2025-06-12TNI")]),
        ("Shells fell overnight.", [("overnight", "2025-06-12TNI")]),
        ("He spoke this morning.", [("this morning", "2025-06-12TMO")]),
        ("He spoke last night.", [("last night", "2025-06-11TNI")]),
        ("They met the day before yesterday.", [("the day before yesterday", "2025-06-10")]),
        ("They met three days ago.", [("three days ago", "2025-06-09")]),
        ("They met two weeks ago.", [("two weeks ago", "2025-W22")]),
        ("They met 41 years ago.", [("41 years ago", "1984")]),
        ("They met earlier this month.", [("earlier this month", "2025-06")]),
        ("They met last month.", [("last month", "2025-05")]),
        ("They meet next year.", [("next year", "2026")]),
        ("They met this week.", [("this week", "2025-W24")]),
        ("They met early last week.", [("early last week", "2025-W23")]),
        ("They met over the weekend.", [("the weekend", "2025-W23-WE")]),
        ("It fell in the past three months.", [("the past three months", "P3M")]),
        ("They met last summer.", [("last summer", "2024-SU")]),
        ("The harvest was good last year.", [("last year", "2024")]),
    ],
)
def test_relative_words_count_from_the_publication(text: str, expected: list[tuple[str, str]]) -> None:
    """ "Today" is the publication's own day."""
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They met on June 9.", [("June 9", "2025-06-09")]),
        ("They met on 9 June.", [("9 June", "2025-06-09")]),
        ("They met on Dec. 5.", [("Dec. 5", "2024-12-05")]),
        ("They will meet on Sept. 5.", [("Sept. 5", "2025-09-05")]),
        ("They met on Feb. 9, 2023, in Lund.", [("Feb. 9, 2023", "2023-02-09")]),
        ("They met on 9 February 2023.", [("9 February 2023", "2023-02-09")]),
        ("They met on the 3rd of May 2024.", [("the 3rd of May 2024", "2024-05-03")]),
        ("They met on May 3-5, 2024.", [("May 3-5, 2024", "2024-05-03/2024-05-05")]),
        ("It ran from May 28 to June 3.", [("May 28", "2025-05-28"), ("June 3", "2025-06-03")]),
        ("The file is dated 2024-02-29.", [("2024-02-29", "2024-02-29")]),
        ("The deadline was extended to June 20.", [("June 20", "2025-06-20")]),
        ("It began in February 1947.", [("February 1947", "1947-02")]),
        ("It began in February.", [("February", "2025-02")]),
        ("It began in September.", [("September", "2024-09")]),
        ("The government fell in late May.", [("late May", "2025-05")]),
        ("It will begin in September.", [("September", "2025-09")]),
        ("He died in late 2011.", [("late 2011", "2011")]),
        ("The 1950-53 war ended in an armistice.", [("1950-53", "1950/1953")]),
        ("It was built in the 1990s.", [("the 1990s", "199X")]),
        ("It closed in the third quarter of 2024.", [("the third quarter of 2024", "2024-Q3")]),
        ("The deal is expected to close in the third quarter.", [("the third quarter", "2025-Q3")]),
        ("The Sept. 11 attacks changed that.", [("Sept. 11", "2001-09-11")]),
        ("They met on Easter Monday.", [("Easter Monday", "2025-04-21")]),
        ("They dined last Thanksgiving.", [("last Thanksgiving", "2024-11-28")]),
        ("Sales rose in the summer of 1998.", [("the summer of 1998", "1998-SU")]),
        ("A hearing is set for the week of July 7.", [("the week of July 7", "2025-W28")]),
        ("He was sacked on Jan. 6 last year.", [("Jan. 6 last year", "2024-01-06")]),
        ("It ran between 12 and 28 August 2016.", [("12 and 28 August 2016", "2016-08-12/2016-08-28")]),
        ("They met on 12 and 13 March.", [("12 and 13 March", "2025-03-12/2025-03-13")]),
        ("They met on June 3 and 9.", [("June 3", "2025-06-03")]),
        ("Exports fell in the January-March period.", [("January-March", "2025-01/2025-03")]),
        ("Exports fell in Oct.-Dec. 2022.", [("Oct.-Dec. 2022", "2022-10/2022-12")]),
        ("The plant closed in the autumn.", [("the autumn", "2024-FA")]),
        ("Music of the late eighties is back.", [("the late eighties", "198X")]),
        ("The tower was built in the 1800s.", [("the 1800s", "1800/1899")]),
        ("At 14.30 on Monday the train stopped.", [("14.30", "2025-06-09T14:30"), ("Monday", "2025-06-09")]),
        ("The ministry published figures on June 20.", [("June 20", "2024-06-20")]),
        ("No reason was given for the June 20 deadline.", [("June 20", "2025-06-20")]),
        ("It was built between 1890 and 1894.", [("1890", "1890"), ("1894", "1894")]),
        ("He vanished a fortnight ago.", [("a fortnight ago", "2025-W22")]),
        ("The case resumes in three weeks' time.", [("three weeks' time", "2025-W27")]),
        ("They announced elections in July.", [("July", "2025-07")]),
        ("They closed the road in July.", [("July", "2024-07")]),
    ],
)
def test_dates_that_name_themselves(text: str, expected: list[tuple[str, str]]) -> None:
    """Without a year, the nearest that the clause allows."""
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "About 2,000 people came.",
        "More than 2000 protesters came.",
        "It cost $1990.",
        "He may march in protest.",
        "June Roe and April Lie spoke.",
        "Version 3.2011 failed.",
        "The 6-year-old boy slept.",
        "The team won 3-2.",
        "Sun and wind damaged the roof; the cat sat.",
        "They attacked in the first half.",
    ],
)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    """Counts, prices, names, scores and ages."""
    assert values(text) == []


def test_the_same_day_counts_from_the_last_day_mentioned() -> None:
    """Over sentences and paragraphs, until another day is mentioned."""
    text = "The envoy arrived on Tuesday.\n\nTalks began. He met the king the same day.\n\nHe left the next day."
    assert [value for _, value in values(text)] == ["2025-06-10", "2025-06-10", "2025-06-11"]
    assert [timex.anchor for timex in timexes(text)] == ["publication", "mention", "mention"]


def test_a_caption_keeps_its_days_to_itself() -> None:
    """A file photo's date is no anchor for the paragraphs around it."""
    text = (
        "OSTBORG, June 12 (Yonhap) -- The parade was held on Wednesday, a source said, without giving any details.\n\n"
        "This file photo, carried by state media on Feb. 9, 2023, shows a parade the previous day. (Yonhap)\n\n"
        "The guests left the same day, the source said, after a dinner at the palace in the centre of the city."
    )
    found = {timex.text: timex.value for timex in timexes(text)}
    assert found["the previous day"] == "2023-02-08"
    assert found["the same day"] == "2025-06-11"


def test_a_time_takes_the_day_beside_it_and_else_the_last_one() -> None:
    """ "at 6:42 a.m. ... (2342 GMT Monday)" holds two days."""
    text = "It struck on Tuesday morning. It came at 6:42 a.m. local time (2342 GMT Monday)."
    assert values(text) == [
        ("Tuesday morning", "2025-06-10TMO"),
        ("6:42 a.m. local time", "2025-06-10T06:42"),
        ("2342 GMT", "2025-06-09T23:42Z"),
        ("Monday", "2025-06-09"),
    ]


def test_the_publication_s_own_zone_makes_the_day() -> None:
    """Half past midnight in Seoul is the day before in London; "today" is Seoul's."""
    seoul = datetime(2025, 6, 12, 0, 30, tzinfo=timezone(timedelta(hours=9)))
    assert values("It happened today.", seoul) == [("today", "2025-06-12")]


def test_the_dateline_s_day_is_the_anchor_where_the_copy_is_later() -> None:
    """A paper that prints Monday's wire story on Tuesday does not move its "today"."""
    found = timexes("OSTBORG, June 10 (AP) -- The strike began today, unions said, and will last a week.")
    today = next(timex for timex in found if timex.text == "today")
    assert (today.value, today.anchor) == ("2025-06-10", "dateline")


def test_without_any_anchor_only_absolute_dates_have_values() -> None:
    """Unknown is left out, never guessed."""
    article = front_text("They met on Monday and on Feb. 9, 2023.", article_id="a", fetched=PUBLISHED)
    document = document_of(article)
    bare = type(document)(text=document.text, blocks=document.blocks)
    assert [timex.value for timex in resolve_dates(split_sentences(bare)).timex] == ["2023-02-09"]


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2025-W24", date(2025, 6, 9), date(2025, 6, 15)),
        ("2025-W24-WE", date(2025, 6, 14), date(2025, 6, 15)),
        ("2024-Q3", date(2024, 7, 1), date(2024, 9, 30)),
        ("2024-WI", date(2024, 12, 1), date(2025, 2, 28)),
        ("199X", date(1990, 1, 1), date(1999, 12, 31)),
        ("2024-05-03/2024-05-05", date(2024, 5, 3), date(2024, 5, 5)),
        ("2025-06-10T06:42", date(2025, 6, 10), date(2025, 6, 10)),
    ],
)
def test_an_interval_holds_both_of_its_ends(value: str, first: date, last: date) -> None:
    """Every granularity has a first and a last day."""
    timex = Timex(text="x", start=0, end=1, value=value, granularity="day", anchor="none")
    assert interval(timex) == (first, last)


def test_durations_and_sets_have_no_interval() -> None:
    """They lie nowhere."""
    assert all(interval(timex) is None for timex in timexes("It lasted three days and comes every Friday."))


WORDS = re.findall(
    r"\S+",
    "on in the last next this early late Monday Friday June July Sept. May March 5 12 2011 1990s three days ago weeks earlier "
    "later year month quarter first of will said morning 8:00 p.m. GMT noon today same day previous until by - , . '90s",
)


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.dates(date(1, 1, 2), date(9999, 12, 30)))
@settings(max_examples=120, deadline=None)
def test_any_heap_of_date_words_is_resolved_with_exact_spans(words: list[str], day: date) -> None:
    """In order, without overlap, in any year, with values that `interval` can read or None."""
    text = " ".join(words)
    at = 0
    for timex in timexes(text, datetime(day.year, day.month, day.day, tzinfo=UTC)):
        assert text[timex.start : timex.end] == timex.text
        assert timex.start >= at
        at = timex.end
        days = interval(timex)
        assert days is None or days[0] <= days[1]


TOLD = [
    *(f"{how}{day}{part}" for day in ("Monday", "Wednesday", "Friday", "Sunday") for how in ("on ", "late ", "since ", "last ")
      for part in ("", " morning")),
    "on Tuesday of last week", "yesterday", "last week", "last month", "over the weekend", "three days ago", "two weeks ago",
    "a fortnight ago", "in February", "in October", "last autumn", "last year", "from Monday to Thursday", "earlier this month",
]  # fmt: skip


@given(st.sampled_from(TOLD), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
@settings(max_examples=200, deadline=None)
def test_what_has_happened_never_begins_after_the_publication(told: str, day: date) -> None:
    """Whatever the day of the week or year."""
    for timex in timexes(f"Soldiers closed the road {told}.", datetime(day.year, day.month, day.day, 9, tzinfo=UTC)):
        days = interval(timex)
        assert days is None or days[0] <= day, timex


@given(
    st.sampled_from(["Monday", "Thursday", "Saturday night", "Sunday"]), st.dates(date(1900, 1, 1), date(2100, 1, 1))
)
@settings(max_examples=100, deadline=None)
def test_what_will_happen_on_a_weekday_is_at_most_a_week_off_and_never_past(weekday: str, day: date) -> None:
    """The day of publication itself counts."""
    found = timexes(
        f"Soldiers will close the road on {weekday}.", datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    )
    days = interval(found[0])
    assert days is not None
    assert 0 <= (days[0] - day).days < 7


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_text_at_all_gives_spans_that_fit(text: str) -> None:
    """Total on any input."""
    assert all(text[timex.start : timex.end] == timex.text for timex in timexes(text))
