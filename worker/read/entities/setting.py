"""The setting of a sentence: where it plays and which countries it speaks of, for phrases that name none."""

from __future__ import annotations

from dataclasses import dataclass

from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens
from .phrase import Phrase

_INSIDE = listed("names", "inside")
_TOPICS = listed("names", "topics")
_TOWARD = listed("names", "toward")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a sentence tells about phrases that name no country: where it plays, and the countries it speaks of, with the token
    at which each is named; ``aimed`` are those that something is only done to."""

    place: str | None
    countries: tuple[tuple[int, str], ...]
    aimed: tuple[str, ...]
    left: bool = False  #: whether somebody leaves a country in it
    armed: frozenset[str] = frozenset()  #: countries whose forces it names
    marked: tuple[tuple[int, str], ...] = ()  #: token and country of officials whose title or adjective tells it

    def is_guest(self, start: int, country: str) -> bool:
        """Whether an official named later is marked as of that country: whoever stands before is then of another.

        "In Seoul the foreign minister met the South Korean president": a writer at home does not mark his own.
        """
        return any(at > start and code == country for at, code in self.marked)

    def earlier(self, before: int) -> str | None:
        """The country spoken of before that token."""
        return next((code for at, code in self.countries if at < before), None)

    def only(self) -> str | None:
        """The country spoken of, where the sentence speaks of one."""
        named = {code for _, code in self.countries} | set(self.aimed)
        return next(iter(named)) if len(named) == 1 else None

    def country(self, before: int, topic: str | None, *, aimed: bool = True) -> str | None:
        """The country spoken of before that token, else the article's topic, else one named later.

        With ``aimed``, else one that something is only done to ("aid to Cuba").
        """
        earlier = self.earlier(before)
        later = earlier or topic or next((code for _, code in self.countries), None)
        return later or (next(iter(self.aimed), None) if aimed else None)


#: Prepositions of place that make a scene where the country owns the site: "at Tunisia's best museum".
_AT = frozenset({"at", "near", "outside", "around"})


def _leaves(tokens: Tokens, start: int) -> bool:
    """ "Crossed from Adré in eastern Chad": whoever leaves a place is no longer there."""
    return "from" in tokens.low[max(0, start - 4) : start]


def _owns_site(phrase: Phrase, tokens: Tokens) -> bool:
    """Whether the name is a possessive: what is at a site of that country happens there."""
    return phrase.end < len(tokens) and tokens.low[phrase.end] in ("'s", "’s")


def says_aside(phrase: Phrase, tokens: Tokens) -> bool:
    """Whether a country only tells where a body has its seat or whose press is told something, not what the text is about."""
    if any(tokens.low[i].endswith(_SEATED) for i in range(phrase.start, phrase.head_end)):
        return True
    listening = phrase.inside and phrase.end < len(tokens) and tokens.low[phrase.end] in _LISTENING
    return listening or (phrase.kind == "group" and tokens.low[phrase.head_end - 1] in _LISTENING)


_LISTENING = frozenset({"press", "media", "reporters", "journalists"})


def _serves(part: Phrase, phrases: list[Phrase]) -> bool:
    """Whether the place is part of the name of those who act there: "the Kabul police", not "told the Brussels press"."""
    return any(
        p.start <= part.start and part.end <= p.end and p is not part and p.sector in _ACTING_THERE for p in phrases
    )


#: Towns where bodies of states meet, which are mostly no matter of the country around.
_SEATS = frozenset({"brussels", "strasbourg", "geneva"})
_ACTING_THERE = frozenset({"MIL", "COP", "JUD", "GOV", "LEG"})
_SPOKEN_TO = frozenset({"said", "told", "reporters", "journalists", "conference", "briefing", "press"})


#: Adjectives of where something has its seat, which is not what the sentence is about: "the Vienna-based agency".
_SEATED = ("-based", "-born", "-educated", "-registered")


def find_setting(phrases: list[Phrase], tokens: Tokens) -> Setting:
    place = None
    countries: list[tuple[int, str]] = []
    aimed: list[str] = []
    left = False
    for phrase in phrases:
        if phrase.country is None or phrase.kind == "person":
            continue
        before = tokens.low[phrase.start - 1] if phrase.start else ""
        if before == "in" and phrase.start > 1 and tokens.low[phrase.start - 2] in _SPOKEN_TO:
            continue  # where somebody speaks is not where it happens
        if names_topic(phrase, tokens) or says_aside(phrase, tokens):
            continue
        placed = phrase.kind == "place" and phrase.type in ("CITY", "REGION")
        part = phrase.inside and before not in _INSIDE and before not in _AT and not _serves(phrase, phrases)
        inside = before in _INSIDE or (before in _AT and _owns_site(phrase, tokens))
        site = (placed and not part) or (phrase.kind == "country" and inside)
        if place is None and site and tokens.low[phrase.head] not in _SEATS and not _leaves(tokens, phrase.start):
            place = phrase.country
        if _leaves(tokens, phrase.start):
            left = True
            continue
        if before in _TOWARD:
            aimed.append(phrase.country)
        else:
            countries.append((phrase.start, phrase.country))
    armed = frozenset(p.country for p in phrases if p.country and p.sector == "MIL" and p.resolved_by != "memory")
    marked = tuple((p.start, p.country) for p in phrases if p.country and _is_marked(p))
    return Setting(place, tuple(countries), tuple(aimed), left, armed, marked)


def _is_marked(phrase: Phrase) -> bool:
    """Whether the phrase is an official's, with the country in its own words."""
    return phrase.sector == "GOV" and (
        (phrase.kind == "person" and phrase.title is not None)
        or (phrase.kind == "role" and phrase.resolved_by == "demonym")
    )


def names_topic(phrase: Phrase, tokens: Tokens) -> bool:
    """Whether a country's name only says what something is about: "the Iraq war" may be debated anywhere."""
    after = tokens.low[phrase.end] if phrase.end < len(tokens) else ""
    return phrase.kind in ("country", "place") and phrase.resolved_by == "name" and after in _TOPICS


def is_credit(phrase: Phrase, tokens: Tokens) -> bool:
    """Whether a bracketed paper or agency only says whose report it is: "(CNN) Kenya said it has", "LIMA (Reuters) -"."""
    bracketed = (
        phrase.start > 0 and tokens.text[phrase.start - 1] == "(" and tokens.text[phrase.end : phrase.end + 1] == [")"]
    )
    return bracketed and phrase.sector == "MED"
