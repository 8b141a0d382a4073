"""Attacks that are words, bodies or animals are no ASSAULT; real ones stay."""

from __future__ import annotations

import pytest

from support.events_reading import events_of

WORDS = (
    "The German opposition attacked the proclamation of the king on Friday.",
    "The Kenyan opposition launched an attack on the costs of the railway.",
    "The Indian minister was bombarded with questions about the dam in Delhi.",
    "A heart attack killed the Ghanaian minister on Monday.",
    "The Labour leader attacked the British government's record on housing.",
    "The British premier attacked the French president over the pandemic on Friday.",
    "The senator launched an attack on the bill on Tuesday.",
    "The German chancellor fired back at the Polish premier on Friday.",
    "The Nigerian police came under fire for the handling of the protest.",
    "The Norwegian president took a shot at the Swedish parliament on Friday.",
    "The premier attacked Germany as a traitor in an interview with Der Spiegel.",
    "The Indian actor died of a heart attack in Mumbai on Friday.",
    "The former Chadian president was killed by a heart attack on Sunday.",
    "A shark attacked a French surfer off Reunion on Tuesday.",
    "A Chilean tourist was attacked by a bear in Alaska on Monday.",
    "Two Indian children were killed in a dog attack on Friday.",
    "A Swedish hiker was injured in a wolf attack on Monday.",
    "The Polish prime minister suffered an anxiety attack on Monday.",
    "The Italian deputy was attacked by critics for his remarks on migrants.",
    "The Hungarian ruling was an attack on the rule of law, the Polish minister said on Friday.",
    "The Greek union launched an assault on the pension reform on Friday.",
    "The Russian president attacked the West for ignoring Russian interests.",
    "The Spanish president attacked Catalan leaders over the budget in parliament.",
    "Voters bombarded the Dutch parliament with emails on Thursday.",
    "The Kenyan minister came under attack from lawmakers over the costs of the dam.",
    "The Ukrainian officer came under fire from critics over his remarks.",
    "The Pakistani newspaper attacked the treaty in an editorial.",
    "The Austrian party attacked the judges' verdict.",
    "The Russian envoy attacked the Czech Republic's expulsion of diplomats.",
    "The American senator attacked the president's tweets on Monday.",
    "A swarm of bees attacked a Kenyan farmer on Monday.",
    "The Irish premier fired back at his critics on Thursday.",
    "The American minister has attacked the union's stance on voting.",
)
REAL = (
    "Rebels attacked the village in Mali on Monday.",
    "Russia attacked Kyiv overnight.",
    "Protesters attacked the government building in Nairobi on Friday.",
    "Gunmen attacked the Haitian president's convoy on Monday.",
    "Militants launched an attack on the market in Maiduguri on Monday.",
    "Gunmen attacked a law school in Kabul on Friday.",
    "Israel attacked Iran over the weekend.",
    "Russian forces attacked Odesa with drones on Sunday.",
    "Soldiers fired back at the gunmen near the Kenyan border on Friday.",
    "Kenyan troops came under fire from militants in Somalia on Monday.",
    "Police came under fire in Lagos on Friday.",
    "The army bombarded the city of Homs with rockets on Monday.",
    "Syrian forces bombarded rebel positions in Aleppo on Monday.",
    "Militants attacked a military post in Niger on Monday.",
    "Boko Haram launched an attack in the heart of Maiduguri on Monday.",
    "A mob attacked a Pakistani teacher over a Facebook post on Friday.",
    "Hindu villagers attacked a Muslim man over beef in India on Friday.",
    "Gunmen attacked the budget ministry in Baghdad on Sunday.",
    "A man attacked the German minister with a knife on Monday.",
    "The Malian president was attacked by rebels on Friday.",
    "Two Kenyan soldiers were killed in an attack on a base on Monday.",
    "Two Kenyan soldiers died in an attack by Somali militants on Monday.",
    "Rebels launched an assault on the Congolese town of Goma on Friday.",
    "A Belgian tourist was attacked by gunmen in Marrakesh on Monday.",
    "Militants attacked a newspaper office in Karachi on Monday.",
    "Armed men attacked the Iraqi parliament on Friday.",
    "Gunmen attacked the Somali parliament during a debate on Friday.",
    "Rebels attacked the Chadian post in Tibesti over the border on Monday.",
    "Gunmen attacked the Press Club in Peshawar on Monday.",
    "Police attacked protesters in Minsk for chanting slogans on Sunday.",
    "Gunmen attacked a Colombian senator in Bogota on Saturday.",
    "Nigerian fighter jets attacked a rebel camp on Thursday.",
    "Thieves attacked a Congolese priest for his money on Friday.",
    "An attack on the market in Kabul killed 12 people on Monday.",
    "Six Sri Lankan soldiers were killed by Tamil Tiger rebels on Monday.",
    "Two policemen died in an attack in the heart of Baghdad on Friday.",
    "Turkey launched the attack based on a security agreement with Iraq on Monday.",
    "Nine Indian soldiers died in a rebel attack on the Elephant Pass base on Monday.",
    "Israeli strikes killed three people in the heart of Gaza City on Monday.",
)


@pytest.mark.parametrize("text", WORDS)
def test_an_attack_in_words_or_of_a_body_or_an_animal_is_no_assault(text: str) -> None:
    """At most it is an accusation."""
    assert {event.plover.type for event in events_of(text)} <= {"ACCUSE"}


@pytest.mark.parametrize("text", REAL)
def test_an_attack_with_force_stays_an_assault(text: str) -> None:
    """Words of speech, bodies and animals in its surroundings do not make it another."""
    assert "ASSAULT" in {event.plover.type for event in events_of(text)}
