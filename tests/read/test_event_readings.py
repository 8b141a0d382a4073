"""Kinds of error that unseen articles showed, in sentences of our own: who acts, on whom, and what is told."""

from __future__ import annotations

import pytest

from dateline.contract.event import Event
from support.events_reading import events_of

Row = tuple[str, str, set[str | None], set[str | None]]


def coded(text: str, kind: str | None = None) -> list[Event]:
    """The events that would be published: sure enough, neither denied, supposed nor long past."""
    found = [e for e in events_of(text) if e.confidence >= 0.4]
    found = [e for e in found if not (e.factuality.historical or e.factuality.negated or e.factuality.conditional)]
    return [e for e in found if kind in (None, e.plover.type)]


#: Type, text, countries or codes of the actors and of the recipients. An empty set: nobody is claimed.
PARTIES: list[Row] = [
    # Only somebody who can act is asked or accused.
    ("REQUEST", "Finnish police demanded access to the ship's logs on Tuesday.", {"FIN"}, set()),
    ("ACCUSE", "The Danish navy accused a tanker of cutting the cable.", {"DNK"}, set()),
    ("ACCUSE", "The union filed a lawsuit against Kenya, alleging excessive force.", {"KEN"}, {"KEN"}),
    # A means is no army.
    ("REJECT", "Ghana's police chief defended the raid but rejected the use of lethal force.", {"GHA"}, set()),
    # In the passive the subject suffers, not who stands beside it.
    ("ASSAULT", "A Greek tourist was wounded in a gunfight with Turkish police on Friday.", set(), {"GRC"}),
    # ", X said," is no subject of what follows.
    ("ASSAULT", "Two Yemeni missiles hit a port in Eilat, the Greek embassy said, injuring nine sailors.", {"YEM"}, {"ISR"}),
    # The body of a memory yields to what stands behind the noun.
    ("SUPPORT", "Israel closed the office. Representatives for Norway defended Denmark's decision to stay.", {"NOR"}, {"DNK"}),
    # A bloc with a name of its own is not the union of which the text speaks.
    ("CONSULT", "The European Union met. Netanyahu visited the Gush Arad settlement bloc on Tuesday.", {"ISR"}, {None}),
    # A city takes the country of the region behind it.
    ("ASSAULT", "Police in Birmingham, Alabama, attacked marchers with dogs on Friday.", {"USA"}, {"USA"}),
    # At the seat of a union, farmers are of the union's countries.
    ("PROTEST", "STRASBOURG, France (AP) - Farmers have been protesting throughout the bloc for weeks.", {None}, set()),
    # Who is foreign is not of the place where he is.
    ("CONSULT", "Bolivia's mining minister met three foreign buyers in La Paz on Friday.", {"BOL"}, {None}),
    # Where somebody speaks is no scene, nor what is left.
    ("AGREE", "Trucks came from Chad after local commanders agreed to a truce, he told the press in Bern.", {None}, set()),
    # What was done to somebody in a relative clause is not what the sentence's subject did next.
    ("ASSAULT", "Nigerian troops freed 34 pupils who had been kidnapped, killing five of the gang.", {"NGA"}, {None}),
    # Whoever an authority addresses is at home.
    ("REQUEST", "NEW DELHI (AP) - Pakistan's army chief Asim Butt urged the public to stay calm on Friday.", {"PAK"}, {"PAK"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "actors", "recipients"), PARTIES, ids=[text[:50] for _, text, _, _ in PARTIES]
)
def test_parties_are_who_acts_and_who_is_acted_on(
    kind: str, text: str, actors: set[str | None], recipients: set[str | None]
) -> None:
    """A party that the text does not name is left out, never guessed."""
    found = coded(text, kind)
    assert len(found) == 1
    assert {p.country or p.code for p in found[0].actors} == actors
    assert {p.country or p.code for p in found[0].recipients} == recipients


NOTHING = [
    ("ASSAULT", "Norway's minister launched a PR attack on the Swedish government."),
    ("ASSAULT", "The general's attacks on social media alarmed editors in Lahore."),
    ("ASSAULT", "The Ethiopian army's offensive has killed more than 50,000 people and wounded 100,000 others."),
    ("ASSAULT", "Two American soldiers have been killed in a helicopter crash in Niger, the army said."),
    ("ASSAULT", "Ecuador seized control of the valley, held by farmers, in the 1941 Border War."),
    ("ASSAULT", "The rocket landed on a ship after its launch from Florida."),
    ("THREATEN", "A Ghanaian man pleaded guilty to threatening to kill a judge."),
    ("THREATEN", "It is not likely that ministry workers would be fired over the leak."),
    ("SANCTION", "Denmark, Norway and Iceland have long designated the Yemeni group a terrorist organisation."),
    ("SANCTION", "Scotland will add Madeira to the list of destinations that are exempt."),
    ("SUPPORT", "Kenyan officials have previously defended Uganda's role."),
    ("COERCE", "The Danish army said it was withholding the names of the dead."),
    ("AID", "Dutch officers trained water cannon on the marchers in Utrecht."),
    ("AGREE", "The vote offered an opportunity to express anger over the Peruvian president."),
    ("REJECT", "The Chilean ministry ignored a request for comment."),
    ("PROTEST", "Senator Ruth Falk of Ohio held a noisy rally in Dayton on Friday."),
    ("CONSULT", "The couple from Lyon met in a cafe."),
    ("THREATEN", "Brussels acted on Friday. Their assets in the bloc will be frozen."),
    ("REQUEST", "A Colombian judge ordered two councillors to be held until trial."),
]


@pytest.mark.parametrize(("kind", "text"), NOTHING, ids=[text[:50] for _, text in NOTHING])
def test_no_event_of_that_type_is_told(kind: str, text: str) -> None:
    """Metaphors, tolls, accidents, history, states and routine are no deeds of today."""
    assert not [(e.reasons, e.confidence) for e in coded(text, kind)]


TOLD = [
    ("ACCUSE", "Norway's minister launched a scathing attack on the Swedish government."),
    ("ACCUSE", "Khan has repeatedly accused the Pakistani army for driving him from office in April 2022."),
    ("ACCUSE", "The US Justice Department has charged Ilse Brandt with espionage."),
    ("ACCUSE", "Sheriff Kyle Moore of Ohio released a statement condemning the actions of the marchers."),
    ("ACCUSE", "Ghana's premier called the envoy a loser on Friday."),
    ("ACCUSE", "The Kenyan speaker berated the Ugandan ambassador."),
    ("ASSAULT", "Ilse Brandt was stabbed to death in Vienna on Friday."),
    ("ASSAULT", "At least 106 protesters have been killed in Iran, Amnesty said."),
    ("ASSAULT", "The Afghan Taliban claimed responsibility for shooting down the helicopter."),
    ("ASSAULT", "Two rockets landed near the American embassy in Baghdad on Sunday."),
    ("ASSAULT", "Shells fell on the Ukrainian town of Sumy on Monday."),
    ("ASSAULT", "Russian drones crashed into a block of flats in Odesa."),
    ("ASSAULT", "Iranian police snipers shot into a crowd from the roof."),
    ("ASSAULT", "Rebels entered parts of Goma in Congo on Monday."),
    ("COERCE", "A Colombian judge ordered two councillors to be held until trial."),
    ("AID", "Nigerian troops freed 34 schoolchildren on Friday."),
    ("COERCE", "The couple was arrested in Nairobi and sent to jail."),
    ("CONCEDE", "Sweden has dropped its investigation into a 2010 fraud case against Carl Lind."),
    ("SANCTION", "A court in Lyon found Carl Lind guilty of spying for Belarus."),
    ("SANCTION", "A Berlin court convicted a former Syrian officer of murder."),
    ("SANCTION", "Estonia's prime minister was put on a wanted list by Russia."),
    ("PROTEST", "Protests continued across Georgia on Saturday."),
    ("PROTEST", "Protesters converged on the parliament in Tbilisi."),
    ("PROTEST", "Dutch climate activists disrupted a session of parliament."),
    ("MOBILIZE", "China held huge drills around Taiwan on Friday."),
    ("REQUEST", "The Palestinian Authority - which has its own courts - called for an urgent meeting on Tuesday."),
    ("SUPPORT", "Norway and Iceland: they both expressed unflinching support for Ukraine."),
]


@pytest.mark.parametrize(("kind", "text"), TOLD, ids=[text[:50] for _, text in TOLD])
def test_an_event_of_that_type_is_told(kind: str, text: str) -> None:
    """Everyday words for deeds, in the sense in which they are deeds."""
    assert [e.plover.type for e in coded(text, kind)] == [kind]


def test_a_verb_of_saying_is_no_part_of_a_name() -> None:
    """Nor does the dead's own army kill them."""
    assert not [e for e in coded("The US military says two service members died while marching.") if e.actors]


def test_tractors_and_doors_are_nobody() -> None:
    """Whatever their ending."""
    found = coded("French farmers blocked roads near Lyon with tractors on Monday.", "PROTEST")
    assert [e.recipients for e in found] == [[]]


def test_who_threatened_did_not_say_what_others_did_after_his_change_of_mind() -> None:
    """What follows "but" is the article's word."""
    text = (
        "Hungary had threatened to veto the package but gave in on Friday after Norway promised to exempt a pipeline."
    )
    assert [(e.attribution.source, e.attribution.certainty) for e in coded(text, "AGREE")] == [(None, "asserted")]


def test_two_promises_of_a_sentence_share_no_date() -> None:
    """The boats come in spring; cooperation has no day."""
    text = (
        "Japan would continue to cooperate with Manila and would deliver two patrol boats to the coast guard in 2027."
    )
    assert coded(f"The minister said {text}", "AGREE")[0].date is None


def test_an_arrest_counts_the_arrested_only() -> None:
    """Who was killed belongs to another event of the sentence."""
    found = coded("Police in Ghana arrested 14 people on Friday after gunmen killed three guards.", "COERCE")
    assert [(e.counts.arrested, e.counts.killed) for e in found] == [((14, 14), None)]
