"""What a news story is about, in the turns that papers use for it; and sentences in the same words that tell no deed."""

from __future__ import annotations

import pytest

from support.events_reading import events_of, is_published

#: Type, a word of an actor, a word of a recipient ("" where none is wanted), the text.
TOLD = [
    # Courts, custody, offices.
    ("REJECT", "court", "commission", "The appeals court in Lusaka reversed a ruling by the electoral commission."),
    ("REJECT", "court", "", "The top court quashed the conviction of a former Bolivian minister."),
    ("REJECT", "judge", "ministry", "A judge in Dakar set aside an order of the land ministry."),
    ("REJECT", "court", "", "A French court blocked the extradition of a banker to Rwanda."),
    ("COERCE", "court", "governors", "A court in Abuja remanded two former governors in custody on Monday."),
    ("COERCE", "judge", "premier", "An Algerian judge placed a former premier in custody."),
    ("COERCE", "court", "union", "A Namibian court interdicted the dockers' union from striking."),
    ("SANCTION", "president", "chief", "The Malian president removed the army chief from his post."),
    ("SANCTION", "", "chief", "Ghana's police chief has been removed from office."),
    ("SANCTION", "king", "governor", "The king of Eswatini relieved a governor of his duties."),
    ("COERCE", "Speaker", "MPs", "The Indian Speaker suspended four opposition MPs on Friday."),
    ("RETREAT", "minister", "king", "The king accepted the resignation of the Jordanian prime minister."),
    ("RETREAT", "Okoro", "", "Ama Okoro resigned as minister of transport on Monday."),
    ("RETREAT", "Lin", "", "Lin Mei-hua announced her resignation as governor on Friday."),
    # What a paper that is sent, signed or passed says.
    ("REQUEST", "senators", "president", "Twenty senators signed a letter urging the president of Peru to resign."),
    ("ACCUSE", "parliament", "Russia", "The Latvian parliament adopted a resolution condemning Russia."),
    ("REQUEST", "Union", "junta", "The African Union issued a statement calling on the junta in Guinea to free him."),
    ("SUPPORT", "bishops", "president", "The bishops of Cuba sent a letter of support to the Haitian president."),
    # Words.
    ("ACCUSE", "opposition", "minister", "Kenya's opposition excoriated the finance minister over the levy."),
    ("ACCUSE", "Lawmakers", "minister", "Lawmakers grilled the Ghanaian energy minister over the contract."),
    ("ACCUSE", "chancellor", "government", "The German chancellor had harsh words for the Hungarian government."),
    ("ACCUSE", "deputy", "minister", "A Labour deputy challenged the British health minister over the lists."),
    ("ACCUSE", "party", "minister", "A Namibian opposition party laid charges against the fisheries minister."),
    ("SUPPORT", "government", "strikers", "The Colombian government came out in support of the strikers."),
    ("REQUEST", "minister", "Ethiopia", "Egypt's minister stressed the need for Ethiopia to sign the deal."),
    ("REQUEST", "council", "president", "The judicial council advised the Polish president to suspend a judge."),
    ("REQUEST", "Commission", "", "The Judicial Commission recommended that Judge Dlamini be suspended by Kenya's king."),
    ("REQUEST", "judge", "", "A Korean judge ordered that the trial of two ministers be halted."),
    ("REQUEST", "minister", "Israel", "Israel must leave the village, says the Irish foreign minister."),
    ("REJECT", "ministry", "", "Iran's foreign ministry said reports of a deal with Chile were false."),
    ("REJECT", "minister", "", "The claim that he took money is baseless, says a Malaysian minister."),
    ("THREATEN", "Korea", "United States", "North Korea has threatened the United States, yet again, after the drills."),
    # Visits, troops, crowds.
    ("CONSULT", "president", "minister", "Peru's president held an audience with the Portuguese foreign minister."),
    ("CONSULT", "minister", "Greece", "The Omani foreign minister left Greece on Friday after a two-day visit."),
    ("CONSULT", "premier", "Australia", "The Fijian premier embarked on a visit to Australia."),
    ("RETREAT", "Russia", "", "Russia withdrew from the island on Thursday."),
    ("RETREAT", "militiamen", "", "Iran-backed militiamen withdrew from the embassy compound on Wednesday."),
    ("MOBILIZE", "troops", "Colombia", "Venezuelan troops crossed into Colombia on Sunday."),
    ("MOBILIZE", "warplanes", "Greek", "Turkish warplanes entered Greek airspace on Friday."),
    ("ASSAULT", "army", "insurgents", "The Chadian army neutralised nine insurgents near the lake."),
    ("ASSAULT", "Police", "teachers", "Police in Patna lathi-charged jobless teachers."),
    ("COERCE", "troops", "", "Sri Lankan troops dismantled the protest camp in Colombo."),
    ("PROTEST", "union", "", "The bakers' union of Ghana embarked on a strike on Monday."),
    ("PROTEST", "prisoners", "", "Cuban prisoners resorted to a hunger strike on Friday."),
    ("CONCEDE", "unions", "", "Panama's unions suspended the roadblocks on Friday."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "actor", "recipient", "text"), TOLD, ids=[row[3][:60] for row in TOLD])
def test_what_the_story_is_about_is_an_event(kind: str, actor: str, recipient: str, text: str) -> None:
    """One published event of the type, with who did it and to whom."""
    found = [e for e in events_of(text) if e.plover.type == kind and is_published(e)]
    assert found, [e.plover.type for e in events_of(text)]
    assert not actor or any(actor in p.text for p in found[0].actors)
    assert not recipient or any(recipient in p.text for p in found[0].recipients)


NOTHING = [
    "The judges recommended that the Kenyan minister be arrested by police.",
    "France proposed that the Malian governor be removed from his post.",
    "The cook grilled chicken for the Ghanaian team.",
    "Workers removed the minister's portrait from her office.",
    "The Danish team embarked on a new season in Norway.",
    "The tourists left Greece after a visit to the museum.",
    "The European health agency declared the outbreak an emergency of international concern.",
    "The Chilean poet came out in a new edition.",
    "The trucks crossed into the next lane.",
    "The story is false, but the bread is good in Peru.",
    "Doctors advised patients in Canada to drink water.",
    "Heavy rain threatened Poland on Monday.",
    "Singapore executed a second off-cycle tightening of its policy.",
    "The Kenyan navy executed a difficult manoeuvre near Somalia.",
    "The envoy asked that troops be sent to Haiti.",
]


@pytest.mark.parametrize("text", NOTHING, ids=[text[:60] for text in NOTHING])
def test_the_same_words_without_a_deed_give_no_deed(text: str) -> None:
    """Nothing is published of it, but perhaps the demand itself."""
    assert [e.plover.type for e in events_of(text) if is_published(e) and e.plover.type != "REQUEST"] == []


def test_a_journey_called_off_for_no_reason_told_stays_below_the_sure_ones() -> None:
    """With a quarrel behind it, it is a sanction."""
    plain = events_of("The Philippine president cancelled a trip to Kuwait.")[0]
    quarrel = events_of("The Philippine president cancelled a trip to Kuwait in protest over the killing.")[0]
    assert plain.confidence < 0.7 <= quarrel.confidence
    assert any(reason.startswith("own plan called off") for reason in plain.reasons)


def test_officials_who_go_on_urging_in_a_quotation_urge() -> None:
    """ "We continue to urge" is what "we urge" is; a quoted infinitive of another verb is no deed."""
    said = events_of(
        '"We continue to urge China to free the two reporters," a minister said in Canberra. Australia waits.'
    )
    assert not [e for e in said if e.plover.type == "COERCE"]
    text = '"We have continued to urge China to free the reporters," Australian Foreign Minister Wong said on Monday.'
    assert [e.plover.type for e in events_of(text)] == ["REQUEST"]
