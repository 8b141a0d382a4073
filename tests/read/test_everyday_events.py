"""What a story's first sentence says most often, in everyday words: each tells its event, and its neighbours tell none."""

from __future__ import annotations

import pytest

from dateline.contract.event import Event
from support.events_reading import events_of


def coded(text: str) -> list[Event]:
    """The events that would be published: sure enough, neither denied, supposed nor long past."""
    found = [e for e in events_of(text) if e.confidence >= 0.4]
    return [e for e in found if not (e.factuality.historical or e.factuality.negated or e.factuality.conditional)]


TOLD = [
    ("SUPPORT", "Mongolia sealed a free trade agreement with Japan."),
    ("SUPPORT", "North Macedonia formally joined NATO on Friday."),
    ("SUPPORT", "The Senate confirmed the nomination of the new attorney general."),
    ("SUPPORT", "Vietnam expressed regret for the sinking of a Chinese trawler."),
    ("CONSULT", "The Omani sultan met with visiting Indian Prime Minister Narendra Modi."),
    ("CONSULT", "The Basque group has reopened negotiations with Spain's interior minister."),
    ("CONSULT", "The German chancellor and the French president exchanged views with Polish leaders."),
    ("AID", "Berlin approved the sale of submarines to Norway."),
    ("RETREAT", "Kenyan troops left the town of Kismayo on Monday."),
    ("RETREAT", "France scaled back its troops in Niger."),
    ("REJECT", "Rwandan troops in Mozambique will not scale back their presence, the minister said."),
    ("THREATEN", "The African Union issued a 24-hour deadline to the junta in Niger to step down."),
    ("THREATEN", "Canada is considering sanctions against Haitian politicians."),
    ("REQUEST", "The sailor's family issued a plea to the Somali pirates for his release."),
    ("REQUEST", "The Red Cross sought access to prisoners held by Azerbaijan."),
    ("ACCUSE", "Rights groups labelled Eritrea the worst jailer of journalists."),
    ("ACCUSE", "Belgian police named a Tunisian as the suspect in the shooting."),
    ("ACCUSE", "The Peruvian president stood accused of taking bribes."),
    ("REJECT", "A judge blocked the president's order on asylum."),
    ("REJECT", "The Tuareg rebels walked out of peace talks with the government of Mali."),
    ("ASSAULT", "A car bomb exploded outside the parliament in Mogadishu, the police said."),
    ("ASSAULT", "Bomb blasts rocked northern Nigeria on Sunday."),
    ("ASSAULT", "The Yemeni vice president escaped a roadside bombing on Monday."),
    ("ASSAULT", "Indian army units thrust into the heart of the rebel-held town."),
    ("ASSAULT", "Two Malian soldiers died in an attack by Islamist rebels."),
    ("MOBILIZE", "Turkish troops arrived in northern Iraq on Tuesday."),
    ("COERCE", "Police closed the offices of a rights group in Baku."),
    ("COERCE", "The Romanian driver was held by Dutch police on suspicion of smuggling."),
    ("ACCUSE", "The Algerian president said the French raid was illegal."),
    ("ACCUSE", "Qatar said the Israeli strike was a flagrant violation of its sovereignty."),
    ("ACCUSE", "The Turkish raid was a crime, the Iraqi prime minister said."),
    ("REQUEST", "The Ghanaian inspector should end his work, an opposition senator said."),
    ("REQUEST", "The Portuguese president said the troops must be withdrawn."),
    ("REQUEST", "A court in Tunis ordered the opposition leader to repay 2 million dinars."),
    ("ACCUSE", "Aid groups, including Oxfam, accuse Polish guards of beating migrants."),
    ("THREATEN", "The president of Chad vowed to hunt down the attackers."),
    ("THREATEN", "The Nigerian teachers' union gave strike notice to the government."),
    ("ASSAULT", "The Israeli army said it had struck a Hamas command post."),
    ("MOBILIZE", "The Chinese coast guard sent vessels to waters near the reef."),
    ("PROTEST", "Riots broke out in Martinique on Friday."),
    ("ACCUSE", "Norway said Russian jets had violated its airspace."),
    ("ACCUSE", "A UN inquiry found that the army of Myanmar had committed crimes against humanity, Gambia said."),
    ("ASSAULT", "Sudanese forces have killed at least nine Chadians near the border since dawn on Monday."),
    ("ASSAULT", "Four Kenyan policemen were hurt in a bomb attack on a bus."),
    ("ASSAULT", "Israeli tanks surged into the heart of the Lebanese town."),
    ("REQUEST", "The Belgian court ruled that the government must house asylum seekers."),
    ("SANCTION", "A Spanish court handed the former minister a two-year prison sentence."),
    ("SANCTION", "The European Union agreed new sanctions against Belarus."),
    ("COERCE", "Polish lawmakers passed a law banning Belarusian channels."),
    ("COERCE", "The Malian army seized power in Bamako."),
    ("CONSULT", "Lebanon's government is engaged in talks with Syrian officials."),
    ("REJECT", "The Italian court struck down the government's decree."),
    ("SANCTION", "Guinea was suspended from the African Union."),
]


@pytest.mark.parametrize(("kind", "text"), TOLD, ids=[text[:45] for _, text in TOLD])
def test_an_everyday_sentence_tells_its_event(kind: str, text: str) -> None:
    """The event is published with that type."""
    assert kind in {e.plover.type for e in coded(text)}


NOTHING = [
    "The Greek minister died in hospital after a heart attack.",
    "The singer survived a bombing of bad reviews.",
    "A gas cylinder exploded in a kitchen in Lima, injuring two cooks.",
    "The senator exploded in anger at the reporters.",
    "The firm sealed a bag of crisps for the Spanish market.",
    "Maria Lopez joined the union of bakers in 1995.",
    "The German striker joined Chelsea on Friday.",
    "The Irish family left the village for a holiday in Spain.",
    "The hotel in Malta closed its office for the winter.",
    "The minister said the weather was outrageous.",
    "The French president said the raid was not illegal.",
    "The Kenyan minister said the road should be repaired soon.",
    "The Danish minister said the report must be read with care.",
    "Israel said it had breached the wall.",
    "Sudanese forces have killed 90 Chadians near the border since March.",
    "A Danish firm seized power over the market.",
    "Visiting Iceland in winter is a joy.",
]


@pytest.mark.parametrize("text", NOTHING, ids=[text[:45] for text in NOTHING])
def test_a_like_sentence_without_a_deed_tells_none(text: str) -> None:
    """The same verbs and nouns in another sense."""
    assert not [(e.plover.type, e.reasons[:1], e.confidence) for e in coded(text)]
