"""Confidence: what raises it, what lowers it, and that the sum is spelled out."""

from __future__ import annotations

import math

import pytest

from dateline.contract.event import Event
from dateline.jobs.article import worth_publishing
from dateline.read.events.confidence import BASE
from support.events_reading import events_of

ALL = ("asserted", "reported", "anticipated", "alleged")


def one(text: str, kind: str) -> Event:
    """The first event of that type in a text."""
    return next(e for e in events_of(text) if e.plover.type == kind)


def reasons(text: str, kind: str) -> str:
    """The reasons of that event, as one line."""
    return "; ".join(one(text, kind).reasons)


def test_confidence_is_the_sum_that_the_reasons_spell_out() -> None:
    """Log-odds: every part of the sum is a reason with its weight."""
    text = (
        "WARSAW - Poland expelled three Belarusian diplomats on Monday. Belarus condemned the decision, officials said."
    )
    events = events_of(text)
    assert events
    for event in events:
        total = BASE + sum(float(r.rsplit(" ", 1)[1]) for r in event.reasons if r.rsplit(" ", 1)[-1][:1] in "+-")
        assert event.confidence == pytest.approx(1 / (1 + math.exp(-total)), abs=0.011)


@pytest.mark.parametrize(
    ("plain", "describing", "kind"),
    [
        ("Rebels killed six soldiers in Mali on Monday.", "Rebels who killed six soldiers in Mali fled.", "ASSAULT"),
        ("Norway banned three Russian trawlers.", "Norway, which banned three Russian trawlers, is rich.", "COERCE"),
        ("Kenya accused Somalia of piracy.", "Kenya feared for its trade after accusing Somalia of piracy.", "ACCUSE"),
    ],
)  # fmt: skip
def test_what_a_describing_clause_tells_is_trusted_less(plain: str, describing: str, kind: str) -> None:
    """A relative or reduced clause says what somebody is like; the main clause says what happened."""
    told, described = one(plain, kind), [e for e in events_of(describing) if e.plover.type == kind]
    assert any(reason.startswith("main clause +") for reason in told.reasons)
    assert all(e.confidence < told.confidence for e in described)


def test_a_meeting_during_which_is_no_description() -> None:
    """ "During which" tells what happened then."""
    text = "The two ministers met in Oslo on Monday, during which Denmark accused Norway of delays."
    assert "describing clause" not in reasons(text, "ACCUSE")


def test_present_tense_habits_are_trusted_less_than_deeds() -> None:
    """A bare present tells a custom more often than a deed."""
    deed, habit = "Iran detained two Swedish tourists.", "Iran detains Swedish tourists."
    assert one(habit, "COERCE").confidence < one(deed, "COERCE").confidence


def test_private_people_do_not_help_cooperate_or_agree_as_states_do() -> None:
    """Types of everyday life need somebody of public office."""
    state = one("Norway donated food to Moldova on Monday.", "AID")
    private = [e for e in events_of("A baker donated food to his neighbours on Monday.") if e.plover.type == "AID"]
    assert all(e.confidence < 0.4 < state.confidence for e in private)


COOKING = """Rinse the lentils and chop two onions. Your pan should be hot before you add the oil. Use any stock you like.

If you need a thicker soup, mash some of the beans with a fork. Add the garlic, the carrots and a pinch of salt.

Our readers love this recipe because it is cheap. Norway's chef Ola Berg praised it on his blog. Serve it with bread and butter.

Store what is left in the fridge. You can freeze it for up to three months. Try it with lemon if you like it fresh."""


def test_a_page_of_recipes_publishes_nothing() -> None:
    """What is praised in a cook's page lies below the border of publication, with its reason."""
    for event in events_of(COOKING):
        assert any(reason.startswith("page of other things -") for reason in event.reasons)
        assert not worth_publishing(event, ALL, 0.4)


def test_a_page_about_public_affairs_is_not_held_back() -> None:
    """The same praise in a story about a war."""
    story = """KYIV - Ukrainian troops retook two villages near the border on Monday, the army said.

    Norway's prime minister praised Ukraine. Russia said its forces had left. The government in Kyiv called for more weapons.

    Police arrested four men on suspicion of spying. The parliament will vote on the budget this week, a minister said."""
    praise = one(story, "SUPPORT")
    assert "page of other things" not in "; ".join(praise.reasons)
    assert worth_publishing(praise, ALL, 0.4)


def test_what_is_not_sure_enough_is_not_published() -> None:
    """The border is the operator's."""
    (event,) = events_of("Poland expelled three Belarusian diplomats on Monday.")
    assert worth_publishing(event, ALL, event.confidence)
    assert not worth_publishing(event, ALL, event.confidence + 0.01)


ABROAD = (
    "A ferry left Bergen in the morning. It was late. The sea was calm. Many people were on board. Nobody was hurt."
)


def page(*paragraphs: str) -> str:
    """A page whose lead tells nothing, with these paragraphs behind a plain one."""
    return "\n\n".join([ABROAD, "The weather was fine.", *paragraphs])


def part_of(text: str, kind: str, part: str, title: str | None = None) -> bool:
    """Whether ``part`` is in the sum of the last event of that type."""
    found = [e for e in events_of(text, title=title) if e.plover.type == kind]
    assert found, text
    return any(reason.rsplit(" ", 1)[0] == part for reason in found[-1].reasons)


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("Kenya has banned three Ugandan papers.", "COERCE", True),
        ("Kenya banned three Ugandan papers.", "COERCE", False),
        ("Kenya has condemned Uganda.", "ACCUSE", False),
        ("Kenya's army said it had shelled a camp of rebels in Somalia.", "ASSAULT", False),
        ("Kenya had shelled a camp of rebels in Somalia.", "ASSAULT", True),
    ],
)  # fmt: skip
def test_what_the_perfect_tells_behind_the_lead_is_how_things_stand(text: str, kind: str, told: bool) -> None:
    """But for verbs that hardly mean anything else, and for "had" in what somebody said."""
    assert part_of(page(text), kind, "perfect without a date") is told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Kenya previously accused Uganda of smuggling.", True),
        ("Kenya initially accused Uganda of smuggling.", True),
        ("Kenya accused Uganda of smuggling.", False),
        ("Kenya repeatedly accused Uganda of smuggling on Monday.", False),
    ],
)  # fmt: skip
def test_words_of_before_count_against_what_has_no_date(text: str, told: bool) -> None:
    """ "Previously", "initially": it was done before the day of the news, unless a date says when."""
    assert part_of(page(text), "ACCUSE", "earlier than the news") is told


def test_what_stands_beside_the_past_is_less_sure() -> None:
    """The sentence before names an earlier year; or none."""
    past, now = "The two quarrelled in 2011.", "The two quarrelled."
    deed = " Kenya accused Uganda of smuggling."
    assert part_of(page(past + deed), "ACCUSE", "beside the past")
    assert not part_of(page(now + deed), "ACCUSE", "beside the past")
    assert not part_of(page(past + " On Monday, Kenya accused Uganda of smuggling."), "ACCUSE", "beside the past")


def test_the_headline_and_the_second_paragraph_count_for_an_event() -> None:
    """A word of the headline in any form; the place in the page."""
    deed = "Kenya accused Uganda of smuggling."
    assert (
        part_of(page(deed), "ACCUSE", "word of the headline", title="Uganda rejects accusations of smuggling") is False
    )
    assert part_of(page(deed), "ACCUSE", "word of the headline", title="Nairobi accuses its neighbour")
    assert part_of(ABROAD + "\n\n" + deed, "ACCUSE", "second paragraph")
    assert not part_of(page(deed), "ACCUSE", "second paragraph")


def test_an_office_counts_for_an_event_and_a_late_verb_against_it() -> None:
    """Who is named with an office does what makes news; what comes third in a sentence is mostly an aside."""
    assert part_of(page("President William Ruto accused Uganda of smuggling."), "ACCUSE", "actor with an office")
    assert not part_of(page("Kenya accused Uganda of smuggling."), "ACCUSE", "actor with an office")
    late = "The ferry left at noon and came back at night, and people waited until Kenya accused Uganda of smuggling."
    assert part_of(page(late), "ACCUSE", "deep in its sentence")
    assert not part_of(page("Kenya accused Uganda of smuggling."), "ACCUSE", "deep in its sentence")


def test_arrests_are_no_less_sure_than_other_deeds() -> None:
    """Coercion counts against an event, but for arrests."""
    assert not part_of(page("Kenyan police arrested two senators."), "COERCE", "coercion")
    assert part_of(page("Kenya banned three Ugandan papers."), "COERCE", "coercion")
