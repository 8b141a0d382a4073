"""One happening, one event: within an article, over its revisions, and across articles that report the same thing."""

from __future__ import annotations

import pytest

from dateline.contract.event import Event
from dateline.read import read_article
from support.events_reading import FETCHED, article_of, events_of

RAID = """BAMAKO, March 14 (AFP) - Gunmen killed six soldiers in an attack on a post in central Mali on Wednesday, it said.

The gunmen attacked the post near Mopti at dawn, killing the six soldiers and wounding four, a statement said.

"We will hunt down those who did this," said Colonel Amadou Keita.

In February, militants killed 20 villagers near Bandiagara. Mali's army has fought insurgents since 2012.
"""


def main_of(text: str, article_id: str = "a") -> Event:
    """The main event of a text published on Friday 2024-03-15."""
    _, events = read_article(article_of(text, published=FETCHED, article_id=article_id))
    return next(event for event in events if event.main)


def test_a_raid_told_twice_is_one_event_with_the_finer_place_and_all_numbers() -> None:
    """The second paragraph tells the deed in other words; earlier raids and the long war stay apart."""
    events = [event for event in events_of(RAID) if event.date is not None and event.date.start == "2024-03-13"]
    assert len(events) == 1
    assert events[0].location is not None
    assert (events[0].location.name, events[0].location.inferred) == ("Mopti", False)
    assert events[0].counts.killed == (6, 6)
    assert events[0].counts.injured == (4, 4)


def test_captions_and_headlines_confirm_but_never_make_a_second_event() -> None:
    """Whatever words they use."""
    caption = "(Photo: The Dutch ambassador, expelled by Turkey, leaves Ankara. Reuters)"
    text = f"Turkey expelled the Dutch ambassador on Thursday.\n\n{caption}"
    assert len(events_of(text, title="Turkey throws out Dutch envoy")) == 1


@pytest.mark.parametrize("paragraph", RAID.strip().split("\n\n"))
def test_a_paragraph_printed_twice_adds_no_event(paragraph: str) -> None:
    """A page that repeats itself tells no more."""
    once, twice = events_of(RAID), events_of(f"{RAID}\n{paragraph}\n")
    assert len(twice) == len(once)


def test_a_typo_mended_keeps_the_ids() -> None:
    """Another spelling, another comma."""
    mended = RAID.replace("Gunmen killed six soldiers", "Gunmen killed 6 soldiers").replace("Keita", "Kéita")
    assert {event.id for event in events_of(mended)} == {event.id for event in events_of(RAID)}


@pytest.mark.parametrize(
    "added",
    [
        "Wednesday's raid was the third this month. The gunmen attacked the post again at noon, the army said.",
        "The United Nations condemned the attack on Thursday.",
        "France withdrew its troops from Mali in 2022.",
    ],
)
def test_an_added_paragraph_keeps_the_ids_of_what_was_told_before(added: str) -> None:
    """It may add events, or days and victims to those told before."""
    assert {event.id for event in events_of(RAID)} <= {event.id for event in events_of(f"{RAID}\n{added}\n")}


SAME = [
    (
        "PARIS - France and Kenya signed an agreement on nuclear power on Tuesday.",
        "Kenya and France signed a deal on Tuesday to build a nuclear plant, the two governments said in Nairobi.",
    ),
    (
        "MINSK (AP) — Police in Belarus detained at least 40 protesters at a rally in Minsk on Sunday.",
        "Belarusian police arrested more than 40 demonstrators in the capital Minsk on Sunday, a rights group said.",
    ),
    (
        "BEIRUT (Reuters) - Israeli jets bombed southern suburbs of Beirut late on Wednesday, killing four people.",
        "Israel bombed Beirut on Wednesday night, leaving at least four people dead, Lebanese officials said.",
    ),
    (
        "NAIROBI - Kenyan nurses went on strike on Monday to demand better pay.",
        "Nurses across Kenya began a strike on Monday over pay.",
    ),
    (
        "BEIJING - Brazilian President Luiz Inacio Lula da Silva met Chinese President Xi Jinping in Beijing on Thursday.",
        "China's President Xi Jinping held talks with Brazil's President Luiz Inacio Lula da Silva on Thursday.",
    ),
    (
        "WASHINGTON - The United States deployed two air defence batteries to Poland on Monday, the Pentagon said.",
        "Washington deployed air defence units to Poland on Monday, Polish officials said.",
    ),
]
OTHER = [
    (
        "Turkey on Thursday expelled the Dutch ambassador after a row over a rally.",
        "Turkey on Thursday expelled the Swedish ambassador after a row over a book.",
    ),
    (
        "Police in Delhi arrested two men on Friday over a bomb plot.",
        "Police in Mumbai arrested a former minister on Friday over bribes.",
    ),
    ("Bus drivers went on strike in Lyon on Monday.", "Bus drivers went on strike in Lille on Monday."),
    (
        "Russian forces shelled Kharkiv in Ukraine on Tuesday, killing three people.",
        "Russian forces shelled Kherson in Ukraine on Tuesday, killing one person.",
    ),
    (
        "Iran and Iraq signed a security agreement on Sunday.",
        "Iran and Iraq signed a security agreement on March 3.",
    ),
    ("Germany sent 10 tanks to Ukraine on Tuesday.", "Germany accused Ukraine on Tuesday of delaying reforms."),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_two_reports_of_one_happening_share_the_cluster(first: str, second: str) -> None:
    """Other words, other datelines, other details; the ids stay each article's own."""
    ours, theirs = main_of(first, "a"), main_of(second, "b")
    assert ours.cluster_id == theirs.cluster_id
    assert ours.id != theirs.id


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_like_happenings_elsewhere_or_on_other_days_are_other_clusters(first: str, second: str) -> None:
    """Other parties, another city, another day, another kind of deed."""
    assert main_of(first, "a").cluster_id != main_of(second, "b").cluster_id


def test_an_event_of_the_same_day_and_company_takes_the_place_told_before_as_inferred() -> None:
    """ "Also met ... the same day": in the same city, as far as the article says."""
    text = "Kim Jong Un met Chinese envoy Li Hongzhong in Pyongyang on Wednesday. "
    text += "Kim also met Russia's Sergei Shoigu the same day."
    events = events_of(text)
    assert [event.location.name if event.location else None for event in events] == ["Pyongyang", "Pyongyang"]
    assert [event.location.inferred if event.location else None for event in events] == [False, True]


def test_the_place_of_what_went_before_is_not_the_place_of_the_event() -> None:
    """ "After a rally in Rotterdam" says where the rally was."""
    event = main_of("Turkey expelled the Dutch ambassador on Thursday after a rally in Rotterdam.")
    assert event.location is None or event.location.inferred


def test_between_two_countries_no_place_is_guessed() -> None:
    """Of two governments that meet, neither's country is more likely."""
    event = main_of("Danish and Polish ministers met on Thursday.")
    assert event.location is None
