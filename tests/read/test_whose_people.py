"""Whose people a party is: of the page's country, of the force before its head, of nobody's where only a seat is told."""

from __future__ import annotations

from dateline.contract.event import Party
from support.events_reading import events_of


def parties(text: str) -> dict[str, Party]:
    return {p.text: p for e in events_of(text) for p in (*e.actors, *e.recipients)}


ABOUT_AN_INQUIRY = (
    "The FBI questioned two aides of Trump on Monday. Trump denied it. The CIA and the FBI said that Russian agents had "
    "written to the aides of Trump. Trump flew home and said that Russia was not at fault. "
)


def test_a_page_is_of_the_country_of_its_forces_and_leaders() -> None:
    """Though the inquiry is about Russia, the party that many countries have is the American one."""
    found = parties(ABOUT_AN_INQUIRY + "Some Democrats on Tuesday called on prosecutor Ann Bell to publish the report.")
    assert found["Some Democrats"].country == "USA"


def test_a_page_that_names_its_own_country_keeps_it() -> None:
    text = (
        "Kenya will vote in May, officials in Nairobi said. Kenyan police are ready, and Kenya has asked Trump for help. "
        "Kenyans are tired of promises. In Mombasa, Kenya, the police on Monday arrested two teachers."
    )
    assert parties(text)["the police"].country == "KEN"


def test_an_adverb_behind_an_office_leaves_it_an_office() -> None:
    found = parties(
        "A teenager was fatally shot on Monday by a white police officer almost two hours after a protest in Kenya."
    )
    assert found["a white police officer"].sector == "COP"


def test_the_force_of_a_police_chief_is_the_police() -> None:
    found = parties("A senior police official in Ghana said on Monday her force had arrested two traders.")
    assert found["her force"].sector == "COP"


def test_a_seat_says_nothing_about_others() -> None:
    text = "On Monday the Vienna-based agency was invited by the region's new parliament to send observers."
    assert all(p.country != "AUT" for p in parties(text).values() if "parliament" in p.text)


def test_a_press_that_is_told_gives_nobody_its_city() -> None:
    text = "Two opposition leaders told the Brussels press on Monday that they condemned the government of Chad."
    assert all(p.country != "BEL" for p in parties(text).values())


def test_the_police_of_a_city_act_there() -> None:
    found = parties("The Nairobi police on Monday arrested three protesters.")
    assert found["three protesters"].country == "KEN"


def test_a_soviet_republic_is_not_russia() -> None:
    text = "The German chancellor on Monday criticised the former Soviet republic's decision."
    assert all(p.country != "RUS" for p in parties(text).values())


def test_what_was_soviet_is_russia_s() -> None:
    found = parties("Polish historians said that Soviet troops attacked Warsaw on Monday.")
    assert any(p.country == "RUS" for p in found.values())


def test_a_capital_is_no_paper_that_has_its_name() -> None:
    text = (
        "The Moscow Times wrote of the war on Sunday. Ukraine on Monday accused official Moscow of arming the rebels."
    )
    moscow = next(p for text, p in parties(text).items() if "Moscow" in text)
    assert (moscow.canonical, moscow.sector) == ("Moscow", None)


def test_envoys_have_no_country_by_memory() -> None:
    found = parties(
        "The Polish premier spoke in Warsaw. The envoys held talks with President Okoro of Ghana on Monday."
    )
    assert found["The envoys"].country is None


def test_envoys_whose_land_is_told_have_it() -> None:
    found = parties("Polish envoys held talks with President Okoro of Ghana on Monday.")
    assert found["Polish envoys"].country == "POL"


def test_the_leadership_of_a_party_is_the_party_s() -> None:
    found = parties("The White House on Monday accused the House Republican leadership of being vague.")
    assert [p.sector for text, p in found.items() if "leadership" in text] == ["PTY"]


def test_a_director_of_intelligence_is_one_person() -> None:
    found = parties("President Trump on Monday asked Director of National Intelligence Ann Bell to resign.")
    assert found["Director of National Intelligence Ann Bell"].canonical == "Ann Bell"


def test_no_paper_or_court_is_a_place() -> None:
    for text in (
        "In its Conclusions on Chad, the European Union on Monday condemned the arrest of three protesters.",
        "Three judges in the District of Columbia Court of Appeals on Monday asked Congress for new offices.",
    ):
        assert all(
            e.location is None or not str(e.location.name).endswith(("Conclusions", "Appeals")) for e in events_of(text)
        )


def test_somebody_is_not_the_body_that_acts_after_the_comma() -> None:
    text = "In a blow to President Ann Okoro, the Senate voted on Monday. Okoro vetoed the bill on Tuesday."
    assert [p.sector for p in parties(text).values() if "Okoro" in p.text] == ["GOV"]


def test_an_office_in_apposition_still_tells_who_somebody_is() -> None:
    found = parties("Ann Okoro, the mayor of Accra, on Monday accused the police of Togo of theft.")
    assert found["Ann Okoro"].sector == "GOV"


def test_the_parties_to_a_war_are_no_political_parties() -> None:
    for words in ("the parties in conflict", "the warring parties", "the parties to the conflict"):
        found = parties(f"The Red Cross on Wednesday called on {words} in Chad to respect the law.")
        assert all(p.sector != "PTY" for p in found.values()), words


def test_the_parties_of_a_coalition_are() -> None:
    found = parties("The president of Chad on Wednesday called on the opposition parties to join the talks.")
    assert any(p.sector in ("PTY", "OPP") for p in found.values())


def test_two_superlatives_make_one_party() -> None:
    found = parties("One of the nation's largest and oldest unions on Tuesday called on Ghana's government to resign.")
    assert "One of the nation's largest and oldest unions" in found


def test_the_office_that_somebody_leaves_is_asked_nothing() -> None:
    found = parties("Every Republican on Thursday demanded that Ann Bell resign as chairman over the claims.")
    assert "chairman" not in found


def test_the_founder_of_a_party_is_the_party_s() -> None:
    found = parties("Tea Party founder Phil Dennis on Monday accused the government of Chad of lies.")
    assert [p.sector for text, p in found.items() if "Dennis" in text] == ["PTY"]
