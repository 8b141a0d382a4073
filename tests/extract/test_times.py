"""Which of a page's dates is the publication's."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dateline.clock import now
from dateline.extract import extract_page
from dateline.extract.metadata.dates import read_moment
from dateline.model.records import Entry
from support.extract_pages import page

MOVED = "2026-03-17T10:00:00Z"


def published(before: str, *, updated: str | None = MOVED, entry: Entry | None = None) -> str | None:
    """The publication day of a page declared published at `MOVED`."""
    node = {"@type": "NewsArticle", "datePublished": MOVED, "dateModified": updated}
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    found = extract_page(page(head=head, before=before), url=None, entry=entry)
    return (found.metadata.published or "")[:10] or None


@pytest.mark.parametrize("line", ["3 May 2021", "Published on May 3, 2021", "Monday, 3 May 2021 | 4 min read"])
def test_the_printed_day_stands_where_the_page_declares_the_day_it_was_moved(line: str) -> None:
    """Declared publication and update are one day then, and the printed one is earlier."""
    assert published(f"<div>{line}</div>") == "2021-05-03"


@pytest.mark.parametrize(
    "line", ["Updated 3 May 2021", "3 May 2021, last reviewed", "The pier shut on 3 May 2021", "16 March 2026"]
)
def test_other_printed_days_leave_the_declared_one(line: str) -> None:
    """A day for the update, inside a sentence, or off by a time zone."""
    assert published(f"<div>{line}</div>") == "2026-03-17"


def test_a_page_with_its_own_update_or_with_the_feeds_day_keeps_what_it_declares() -> None:
    line = "<div>3 May 2021</div>"
    assert published(line, updated="2026-04-20T10:00:00Z") == "2026-03-17"
    entry = Entry(guid="g", link="https://courier.example/pier", published=datetime(2026, 3, 17, 9, tzinfo=UTC))
    assert published(line, entry=entry) == "2026-03-17"


def test_a_time_marked_as_the_publications_stands_where_the_page_declares_the_day_it_was_moved() -> None:
    assert published('<div>Published <time pubdate datetime="2021-05-03">May 3</time></div>') == "2021-05-03"
    assert published('<div>Seen <time datetime="2021-05-03">May 3</time></div>') == "2026-03-17"


def test_a_time_in_the_headlines_article_comes_before_those_of_a_menu() -> None:
    menu = '<div class="field"><a href="/exams">Exams</a> <time datetime="2026-01-31T12:00:00Z">01/31</time></div>'
    own = '<article><h1>The pier</h1><time datetime="2021-03-01T12:00:00Z">03/01</time><p>It shut.</p></article>'
    found = extract_page(f"<html><body>{menu}{own}</body></html>".encode(), url=None)
    assert found.metadata.published == "2021-03-01T12:00:00+00:00"


def test_a_printed_update_is_no_publication_where_the_feed_knows_that() -> None:
    """It stands in only where nothing else is known, or for the hour of the same day."""
    line = "<div>Updated 3 May 2021 11:05</div>"
    entry = Entry(guid="g", link="https://courier.example/pier", published=datetime(2021, 2, 1, 9, tzinfo=UTC))
    assert extract_page(page(before=line), url=None, entry=entry).metadata.published == "2021-02-01T09:00:00+00:00"
    assert extract_page(page(before=line), url=None).metadata.published == "2021-05-03T11:05:00"
    dated = "https://courier.example/2021/05/03/pier"
    assert extract_page(page(before=line), url=dated).metadata.published == "2021-05-03T11:05:00"


def test_a_day_is_read_with_hyphens_around_its_month() -> None:
    found = read_moment("By: Lindmouth on 04-ago-2021 5:11:10")
    assert found is not None
    assert found.iso == "2021-08-04T05:11:00"


@pytest.mark.parametrize("said", ["feed", "address", "nobody"])
def test_a_time_on_a_card_yields_to_the_line_by_the_headline_that_feed_or_address_confirm(said: str) -> None:
    """Else an article of today was old news, whose page is not looked at again: a correction in it was missed."""
    cards = "".join(
        f"<div class='card'><time datetime='2026-01-0{n}T06:00:00Z'>{n} hours ago</time><h3><a href='/{n}'>{n}</a></h3></div>"
        for n in range(1, 5)
    )
    entry = (
        Entry(link="https://p.example/a", published=datetime(2026, 3, 17, 10, 5, tzinfo=UTC))
        if said == "feed"
        else None
    )
    url = "https://p.example/2026/03/17/a" if said == "address" else "https://p.example/a"
    html = page(before="<span class='date'>17 March 2026 10:00 GMT</span>").replace(
        b"</body>", cards.encode() + b"</body>"
    )
    found = extract_page(html, url=url, entry=entry).metadata.published or ""
    assert found[:10] == ("2026-01-01" if said == "nobody" else "2026-03-17")


def test_a_marked_time_in_a_list_of_byline_and_dates_is_the_articles() -> None:
    dates = (
        '<ul class="metas"><li>By Ida Moss</li><li><ul><li>Updated <time itemprop="dateModified" '
        'datetime="2021-05-04T09:00:00+02:00">4 May 2021</time></li><li>Published <time itemprop="datePublished" '
        'datetime="2021-05-03T09:00:00+02:00">3 May 2021</time></li></ul></li></ul>'
    )
    found = extract_page(page(before=dates), url=None).metadata
    assert (found.published or "")[:10] == "2021-05-03"


def test_times_of_a_list_of_other_articles_are_not_the_articles() -> None:
    other = (
        '<ul><li><h3><a href="/swans">Swans return</a></h3><time itemprop="datePublished" datetime="2021-05-03">3 May</time>'
        "</li></ul>"
    )
    html = page(before="<div>Published 2 May 2020</div>", after=other)
    assert extract_page(html, url=None).metadata.published == "2020-05-02"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Created: 4th March 2021 | Last modified: 5th March 2021", "2021-03-04"),
        ("Posted on March 4, 2021 in Harbours", "2021-03-04"),
        ("The pier was posted for repair on March 4, 2021", None),
    ],
)
def test_a_line_below_the_text_that_says_when_it_was_made_is_the_last_but_one_resort(
    line: str, day: str | None
) -> None:
    found = extract_page(page(before="", after=f"<p>{line}</p>"), url=None).metadata
    assert found.published == day


@pytest.mark.parametrize(
    ("declared", "lang", "line", "day"),
    [
        ("03-09-2025", "en", "Published March 9, 2025", "2025-03-09"),
        ("03-09-2025", "en", "Published 3 September 2025", "2025-09-03"),
        ("03/09/2025", "en", "", "2025-09-03"),
        ("03/09/2025", "en-US", "", "2025-03-09"),
        ("03.09.2025", "en-US", "", "2025-09-03"),
        ("03/09/2025", "en-US", "Published 3 September 2025", "2025-09-03"),
        ("11/12/2099", "en", "", None),
    ],
)
def test_a_date_in_numbers_only_is_read_in_the_order_that_the_page_shows(
    declared: str, lang: str, line: str, day: str | None
) -> None:
    """Its day first, unless another date of the page, or its country, says otherwise."""
    html = page(head=f'<meta name="date" content="{declared}">', before=f"<div>{line}</div>")
    html = html.replace(b"<html", f'<html lang="{lang}"'.encode(), 1)
    found = extract_page(html, url=None)
    assert (found.metadata.published or "")[:10] == (day or "")


def test_a_day_that_is_absurd_with_its_day_first_has_its_month_first() -> None:
    """1/12 of this year is the first of December, of which January's twelfth is always the earlier: one of them is past."""
    year = now().year
    found = read_moment(f"1/12/{year}")
    assert found is not None and found.iso in (f"{year}-12-01", f"{year}-01-12")
