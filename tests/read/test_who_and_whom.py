"""Who did it and to whom: whose clause a verb goes on from, who is only described again, what a paper is about, whom "him"
means, and which offices a country has."""

from __future__ import annotations

from dateline.contract.event import Event, Party
from support.events_reading import events_of


def parties(text: str) -> dict[str, Party]:
    return {p.text: p for e in events_of(text) for p in (*e.actors, *e.recipients)}


def of_type(text: str, kind: str) -> list[Event]:
    return [e for e in events_of(text) if e.plover.type == kind]


def actors(text: str, kind: str) -> list[list[str]]:
    return [[p.text for p in e.actors] for e in of_type(text, kind)]


def recipients(text: str, kind: str) -> list[list[str]]:
    return [[p.text for p in e.recipients] for e in of_type(text, kind)]


# ---- the clause that "and" goes on from


def test_a_fire_that_killed_and_injured_leaves_the_police_out() -> None:
    text = (
        "Police in Ghana are questioning six managers after a fire killed at least 30 workers, including four students, "
        "and wounded some 90 others on Monday."
    )
    assert ["Police"] not in actors(text, "ASSAULT")


def test_who_recalls_an_envoy_after_a_ship_sank_demands() -> None:
    text = "Chile recalled its envoy on Monday after a ship sank off Peru, and demanded an apology from Peru."
    assert actors(text, "REQUEST") == [["Chile"]]


def test_who_ran_out_of_a_shop_is_no_shop() -> None:
    text = "A man in a mask entered a shop on Sunday in Leeds, grabbed a large knife, ran outside and began to stab people."
    assert all("shop" not in name for names in actors(text, "ASSAULT") for name in names)


def test_the_police_who_tell_of_a_stabbing_have_stabbed_nobody() -> None:
    text = (
        "On Sunday in Leeds, according to witnesses and police, a man wearing a mask entered a shop, grabbed a knife, ran "
        "outside with it and began to stab people."
    )
    assert all("police" not in name for names in actors(text, "ASSAULT") for name in names)


def test_fighters_named_among_the_dead_have_killed_nobody() -> None:
    text = (
        "Others killed on Friday included two boys in Beit Hanoun and three Hamas fighters killed in an air strike in "
        "Khan Yunis."
    )
    assert all("fighters" not in name for names in actors(text, "ASSAULT") for name in names)


def test_fighters_killed_a_reporter_stays_their_deed() -> None:
    assert ["Hamas fighters"] in actors("Hamas fighters killed a Dutch reporter in Gaza on Friday.", "ASSAULT")


def test_people_believed_to_be_somewhere_are_the_arrested() -> None:
    text = "Border guards on Monday arrested some 70 people believed to be working in Kenya without a permit."
    assert all("Kenya" not in names for names in recipients(text, "COERCE"))
    assert any("70 people" in name for names in recipients(text, "COERCE") for name in names)


# ---- said again


def test_what_somebody_is_makes_nobody_else() -> None:
    text = (
        "President Evo Morales spoke on Friday. On Sunday protesters accused Morales, a union leader and former farmer, of "
        "cheating in Bolivia."
    )
    assert recipients(text, "ACCUSE") == [["Morales"]]


def test_offices_in_a_row_are_one_man() -> None:
    text = (
        "Sheikh Hamad bin Rashid, Vice-President and Prime Minister of the UAE and Ruler of Dubai, on Monday urged Iran to "
        "free the sailors."
    )
    assert all(len(names) == 1 for names in actors(text, "REQUEST"))


def test_a_lawyer_and_judges_behind_a_name_are_others() -> None:
    text = "Ann Bell, a French lawyer and two Italian judges accused the government of Chad of lying on Monday."
    assert "two Italian judges" in actors(text, "ACCUSE")[0]


def test_two_ministers_with_names_stay_two() -> None:
    text = (
        "Foreign Minister Ann Bell and Interior Minister Paul Smith accused the government of Chad of lying on Monday."
    )
    assert len(actors(text, "ACCUSE")[0]) == 2


# ---- what is asked for, and of whom


def test_whoever_speaks_on_a_tape_is_asked_for_nothing() -> None:
    text = "The court in Nairobi on Monday demanded a transcript of a call between Ann Bell and President Paul Smith."
    assert all("Smith" not in name for names in recipients(text, "REQUEST") for name in names)


def test_papers_about_a_government_are_not_asked_of_it() -> None:
    text = "Germany on Tuesday demanded documents relating to the French government's aid to Ukraine."
    assert all("Ukraine" not in names for names in recipients(text, "REQUEST"))


def test_papers_from_a_government_are_asked_of_it() -> None:
    text = "Germany on Tuesday demanded documents from the French government."
    assert ["the French government"] in recipients(text, "REQUEST")


def test_talks_between_two_are_asked_of_both() -> None:
    assert ["Israel", "Hamas"] in recipients("Germany on Monday called for talks between Israel and Hamas.", "REQUEST")


def test_the_last_of_those_executed_is_not_condemned() -> None:
    text = "The European Union on Monday condemned the executions of three poets and an ex-member of parliament in Myanmar."
    assert all(not names for names in recipients(text, "ACCUSE"))


# ---- him and her


def test_him_is_who_tells_of_it() -> None:
    text = (
        "President Evo Morales spoke on Friday in Bolivia. Carlos Mesa, his rival, announced the end of tyranny on Saturday. "
        "On Sunday Morales wrote that a police officer had threatened him."
    )
    assert [p.canonical for e in of_type(text, "THREATEN") for p in e.recipients] == ["Evo Morales"]


def test_her_own_complaint_is_not_that_of_an_earlier_man() -> None:
    text = (
        "Rafael Caro spoke to President Ann Bell of Peru on Friday. A journalist complained on Monday that she had been "
        "refused access and accused the president of lying."
    )
    assert all(p.canonical != "Rafael Caro" for e in of_type(text, "ACCUSE") for p in e.actors)


# ---- offices


def test_a_king_is_of_no_republic() -> None:
    text = "King Abdullah on Sunday praised the United States and the U.S. Congress and condemned Iran."
    assert parties(text)["King Abdullah"].country != "USA"


def test_a_minister_is_not_american() -> None:
    text = (
        "The United States sent an envoy on Friday. The United States is a friend, the envoy said. Interior Minister Anupong "
        "Paojinda on Monday accused the opposition of lying."
    )
    assert parties(text)["Interior Minister Anupong Paojinda"].country != "USA"


def test_a_king_in_his_country_has_it() -> None:
    text = "US House Speaker Ann Bell held talks on Monday in Jordan with King Abdullah II."
    assert parties(text)["King Abdullah II"].country == "JOR"


def test_a_secretary_stays_american() -> None:
    text = "WASHINGTON (AP) - Defense Secretary Ann Bell on Monday accused Iran of lying."
    assert parties(text)["Defense Secretary Ann Bell"].country == "USA"


def test_the_parliament_of_another_state_is_its_own() -> None:
    text = "The Libyan House of Representatives on Monday rejected the plan of Turkey."
    assert parties(text)["The Libyan House of Representatives"].country == "LBY"


def test_the_american_parliament_stays_american() -> None:
    text = "The United States House of Representatives on Monday rejected the plan of Turkey."
    assert parties(text)["The United States House of Representatives"].country == "USA"


def test_the_president_of_a_commission_is_no_head_of_state() -> None:
    text = (
        "President Joe Biden of the United States spoke on Friday. Ecuador was silent. The lawmaker Ronny Aleaga on Monday "
        "accused the president of the Control Commission of lying."
    )
    found = parties(text)["the president of the Control Commission"]
    assert found.canonical == "president of Control Commission"


def test_the_president_of_the_republic_has_a_name() -> None:
    text = "The President of the Republic Pedro Castillo urged Chile on Monday to end the strike."
    assert parties(text)["The President of the Republic Pedro Castillo"].canonical == "Pedro Castillo"


def test_the_members_of_a_body_keep_its_name() -> None:
    found = parties("European Union trade ministers on Tuesday threatened China with tariffs.")
    assert found["European Union trade ministers"].canonical == "European Union trade ministers"


def test_a_general_who_governs_is_of_the_government() -> None:
    text = (
        "Prime Minister Prayut Chan-o-cha spoke in Bangkok on Friday. Gen Prayut on Monday accused the opposition in "
        "Thailand of lying."
    )
    assert parties(text)["Gen Prayut"].sector == "GOV"


def test_a_general_who_governs_nothing_is_of_the_army() -> None:
    assert parties("Gen Paul Smith on Monday accused the rebels in Peru of lying.")["Gen Paul Smith"].sector == "MIL"


# ---- gunmen


def test_a_gunman_in_a_shop_is_no_rebel() -> None:
    assert parties("A gunman killed six shoppers in El Paso on Monday.")["A gunman"].sector == "CRM"


def test_the_gunmen_of_an_armed_group_are_rebels() -> None:
    assert parties("Islamic State gunmen killed four Kurds in Iraq on Monday.")["Islamic State gunmen"].sector == "REB"


def test_those_who_take_hostages_stay_rebels() -> None:
    assert parties("The United States on Monday rejected the hostage-takers' demands in Iraq.")[
        "the hostage-takers"
    ].sector == "REB"  # fmt: skip


# ---- names beside offices, bodies and places


ABOUT_KYIV = "Russia attacked Ukraine in May. Ukraine is a neighbour of Russia. "


def test_a_minister_before_his_name_is_of_his_country() -> None:
    text = (
        ABOUT_KYIV
        + "Ukraine said on Monday that the foreign minister, Sergei Lavrov, had accused the government in Kyiv."
    )
    assert parties(text)["the foreign minister"].country == "RUS"


def test_a_minister_with_nobodys_name_is_of_the_country_spoken_of() -> None:
    text = ABOUT_KYIV + "Ukraine said on Monday that the foreign minister had accused the government in Kyiv of lying."
    assert parties(text)["the foreign minister"].country == "UKR"


def test_a_commissioner_of_the_union_is_of_no_member() -> None:
    found = parties(
        "EU Enlargement Commissioner Stefan Fule on Tuesday urged Ukraine to sign. Ukraine and Ukraine agreed."
    )
    assert found["EU Enlargement Commissioner Stefan Fule"].country is None


def test_a_committee_of_the_senate_is_not_russian() -> None:
    text = (
        "The Senate intelligence committee on Monday accused Russia of meddling. Russia, Russians and Russia denied it."
    )
    assert parties(text)["The Senate intelligence committee"].country == "USA"


def test_a_senate_at_home_stays_there() -> None:
    text = (
        "Kenya voted in May. Kenya is calm, and Kenyans went home, officials in Nairobi said. The Senate on Monday accused the "
        "governor of lying in Kenya."
    )
    assert parties(text)["The Senate"].country == "KEN"


def test_the_use_of_force_is_no_army() -> None:
    text = "The United Nations on Monday condemned the use of force by police in Kyiv."
    assert all(p.sector != "MIL" for p in parties(text).values())


def test_the_force_that_is_condemned_stays() -> None:
    text = "The United Nations on Monday condemned the African force in Somalia."
    assert any("force" in name for name in parties(text))


def test_governments_of_anywhere_are_of_no_country() -> None:
    text = "Bangladesh is poor. Bangladesh has jails. In Dhaka, UNICEF on Monday urged governments to free children."
    assert parties(text)["governments"].country is None


def test_the_government_stays_that_of_the_country() -> None:
    text = "Bangladesh is poor. Bangladesh has jails. In Dhaka, UNICEF on Monday urged the government to free children."
    assert parties(text)["the government"].country == "BGD"


def test_a_verb_of_telling_is_no_part_of_a_name() -> None:
    found = parties("Some said government troops on Monday killed nine villagers in Ghana.")
    assert "Some said government troops" not in found


def test_where_bombs_hit_a_church_is_not_whom() -> None:
    text = "Bombs struck the Jolo Cathedral in Mindanao on Sunday, killing twenty people."
    assert all("Mindanao" not in names for names in recipients(text, "ASSAULT"))


def test_a_foreign_army_hits_the_country() -> None:
    text = "Israeli tanks fired four shells at targets in Jericho on Sunday."
    assert recipients(text, "ASSAULT") == [["Jericho"]]


def test_a_number_behind_about_is_of_people() -> None:
    found = recipients("Police arrested about 70 people in Kenya on Monday.", "COERCE")
    assert any("70 people" in name for names in found for name in names)


def test_the_group_is_no_company() -> None:
    text = (
        "Facebook showed a video in Darwin on Friday. The video was seen on Facebook. The raucous group attacked a shop in "
        "Darwin on Monday."
    )
    assert all(p.sector != "BUS" for e in of_type(text, "ASSAULT") for p in e.actors)


# ---- whole names and offices


def test_the_presidents_are_of_no_one_country() -> None:
    text = "Syria is at war. Syria and Syrians suffer. In Syria, the presidents on Monday condemned Israel."
    assert parties(text)["the presidents"].country is None


def test_an_embassy_is_not_of_the_country_around_it() -> None:
    text = (
        "The Philippines had an earthquake. The Philippines and Manila were hit on Wednesday. The embassy on Monday urged "
        "citizens in Manila to leave."
    )
    assert parties(text)["The embassy"].country is None


def test_an_embassy_with_its_country_keeps_it() -> None:
    assert (
        parties("The Saudi embassy on Monday urged citizens in Manila to leave.")["The Saudi embassy"].country == "SAU"
    )


def test_foreign_residents_are_not_of_the_place() -> None:
    text = "Police on Monday arrested 23 foreign residents in Jeddah."
    assert all(p.country is None for name, p in parties(text).items() if "residents" in name)


def test_residents_are_of_the_place() -> None:
    text = "Police on Monday arrested 23 residents in Jeddah."
    assert all(p.country == "SAU" for name, p in parties(text).items() if "residents" in name)


def test_a_minister_of_affairs_has_a_name() -> None:
    found = parties("Minister of Economic Affairs Wang Mei-hua on Monday urged China to stop.")
    assert {p.canonical for p in found.values()} >= {"Wang Mei-hua"}


def test_a_minister_of_two_fields_is_one_man() -> None:
    text = "Natural Resources and Environment Minister Varawut Silpa on Monday urged China to stop."
    assert all(len(names) == 1 for names in actors(text, "REQUEST"))


def test_an_honorific_inside_a_name_does_not_cut_it() -> None:
    found = parties("Somalia's President Hassan Sheikh Mohamud on Monday accused Kenya of lying.")
    assert [p.canonical for p in found.values() if p.country == "SOM"] == ["Hassan Sheikh Mohamud"]


def test_attorneys_general_are_no_generals() -> None:
    assert parties("Attorneys general from two states on Monday sued Google.")["Attorneys general"].sector != "MIL"


def test_a_passenger_jet_is_of_no_army() -> None:
    text = "Iran shot down a Ukrainian passenger jet near Tehran on Monday."
    assert all(p.sector != "MIL" for p in parties(text).values())


def test_a_movement_of_rebels_is_no_party() -> None:
    text = "The Yemen-based Houthi movement attacked Saudi Arabia on Monday."
    assert {p.sector for p in parties(text).values()} <= {"REB", None}
