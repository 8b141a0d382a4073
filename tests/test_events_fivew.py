"""Who, what, when, where of an article in its own words."""

from __future__ import annotations

from events_reading import FETCHED, article_of

from worker.read import read_article
from worker.read.events_fivew import five_w

CRASH = """A freight train left the rails near Dijon on Tuesday morning and blocked the line to Lyon for hours.

Nobody was hurt, the railway said. Passengers were taken on by bus.
"""


def test_an_article_without_coded_events_still_says_who_what_when_where() -> None:
    """An accident is no interaction, but readers want the line."""
    article, events = read_article(article_of(CRASH, published=FETCHED, title="Freight train derails near Dijon"))
    found = five_w(article, events)
    assert found["what"] is not None
    assert "derails" in found["what"]
    assert found["when"] is not None
    assert "Tuesday" in found["when"]
    assert found["where"] == "Dijon"


def test_without_a_title_the_main_event_answers() -> None:
    """Its actor, its words, its date and place."""
    text = "Police in Oslo arrested two Danish activists on Monday after a sit-in at the oil ministry."
    article, events = read_article(article_of(text, published=FETCHED))
    found = five_w(article, events)
    assert found["who"] is not None
    assert "Police" in found["who"]
    assert found["when"] == "Monday"
    assert found["where"] == "Oslo"


def test_an_empty_text_says_nothing() -> None:
    """None, not a guess."""
    article, events = read_article(article_of(" "))
    assert set(five_w(article, events).values()) == {None}
