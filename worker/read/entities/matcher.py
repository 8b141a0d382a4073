"""Which known names and nouns stand at which token of a sentence, and whether a noun there names an actor."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace

from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens
from .casing import is_derived
from .gazetteer import Gazetteer, Name
from .lexicon import NameWords, Noun
from .proper_nouns import NO_GIVEN, Runs, is_of_continent

_VERB_MARKS = listed("names", "verb_marks")
_ORIGIN = listed("names", "origin")
#: What a country does for others' people and things.
_HELPED = frozenset({"backed", "funded", "supported", "trained", "armed", "made", "built", "brokered", "mediated", "installed",
                     "appointed", "financed", "supplied", "aligned", "allied", "speaking", "style"})  # fmt: skip
_MONEY = listed("names", "money")
#: What follows "Labour" where it is an office or a subject, not the British party.
_OFFICES = listed("names", "labour_offices")
#: Last words of nouns that a name may follow: "rebel group X", "the movement X".
_NAMEABLE = (
    "group",
    "organization",
    "organisation",
    "network",
    "agency",
    "movement",
    "party",
    "coalition",
    "alliance",
    "faction",
    "club",
    "militia",
)


#: Names of parties that several countries have.
_PARTIES = frozenset({"Democratic Party", "Republican Party"})
EVERYWHERE = frozenset({"Labour", "Tories", "Liberal Democrats", "Democratic Party", "Republican Party"})
#: What was Soviet and is another country's now.
_OF_UNION = frozenset({"republic", "republics", "state", "states", "country", "countries", "bloc", "satellite", "satellites",
                       "nation", "nations"})  # fmt: skip
#: Nouns for people that are adjectives before a noun as well.
_ALSO_ADJECTIVES = frozenset({"public", "criminal"})
#: Nouns in a row that describe one another; news has at most four ("army press office spokesman").
_MOST_MODIFIERS = 8


class Matches:
    """Look-ups over one sentence: ``name_at[i]`` and ``noun_at[i]`` are (number of tokens, meaning) or None."""

    def __init__(
        self,
        tokens: Tokens,
        names: Gazetteer,
        lexicon: NameWords,
        inner: Container[str],
        near: str | None,
        *,
        korea: bool = False,
        swaps: Mapping[str, Name] | None = None,
        sport: bool = False,
        kind: str = "body",
        bearers: Container[str] = (),
        spoken: Container[str] | None = None,
    ) -> None:
        """``near``: country that ambiguous city names are looked for first. ``korea``: "the North" is North Korea here.
        ``swaps``: words that this article means otherwise than the gazetteer. ``sport``: it is about sport.
        ``bearers``: the last names of persons named so far. ``spoken``: which of the countries whose parties have namesakes
        it speaks of; None: all."""
        self.t, self.names, self.lex, self.near = tokens, names, lexicon, near
        self.runs = Runs(tokens, names, lexicon, inner, kind=kind)
        self.runs.sport = sport
        self.swaps = swaps or {}
        self.bearers, self.spoken = bearers, spoken
        listed_names, listed_nouns, endings = names.names, lexicon.nouns, lexicon.people_endings
        self.name_at: list[tuple[int, Name] | None] = [
            self._known(i) if capital or text in listed_names else None
            for i, (text, capital) in enumerate(zip(tokens.text, tokens.capital, strict=True))
        ]
        if korea:
            self._koreas()
        self.noun_at: list[tuple[int, Noun] | None] = [
            self._noun(i) if low in listed_nouns or low.endswith(endings) else None for i, low in enumerate(tokens.low)
        ]

    def _known(self, i: int) -> tuple[int, Name] | None:
        found = self._listed(i) or self._origin(i)
        after = i + found[0] if found else 0
        if found and after < len(self.t) and self.t.low[after] in _MONEY:
            return found[0], Name(found[1].canonical, "money", "LOC")  # "U.S. dollars"
        if found and found[0] > 1 and found[1].canonical in _PARTIES and self._is_namesake(found[1]):
            return found[0], replace(found[1], country=None, code=None)
        if found and found[0] == 1 and found[1].kind == "organisation" and self._is_bearer(i):
            return None  # "Cortes", who was named before, is no parliament
        if found and found[0] == 1 and is_of_continent(self.t, i):
            return 1, Name(self.t.text[i], "demonym", "NORP")
        if found and after < len(self.t) and self._is_office(i, self.t.low[after]):
            return None  # "Labour Minister", "Niger state"
        return found

    def _is_namesake(self, party: Name) -> bool:
        """Whether the text comes from nowhere we know and never speaks of the country that we have the party for."""
        return self.near is None and self.spoken is not None and party.country not in self.spoken

    def _is_bearer(self, i: int) -> bool:
        """Whether the word is the last name of somebody named before, with no article before it."""
        if not self.t.capital[i] or self.t.text[i] not in self.bearers:
            return False
        return i == 0 or self.t.low[i - 1] not in self.lex.determiners

    def _is_office(self, i: int, follow: str) -> bool:
        """Whether the word is a name elsewhere, but with ``follow`` another: labour is an office, Niger a Nigerian state."""
        text = self.t.text[i]
        return (text == "Labour" and follow in _OFFICES) or (text == "Niger" and follow in ("state", "delta"))

    def _origin(self, i: int) -> tuple[int, Name] | None:
        """ "Lagos-based", "Saudi-led": the country of the first part."""
        first, _, second = self.t.text[i].rpartition("-")
        if not first or not self.t.capital[i]:
            return None
        if self._single(first) and self._single(second):
            return 1, Name(self.t.text[i], "demonym", "NORP")  # "Egyptian-Qatari"
        if second not in _ORIGIN and not (second.endswith("ed") and second.islower()):
            return None
        if second in _HELPED:
            return 1, Name(self.t.text[i], "demonym", "NORP")  # "US-backed": whose they are, others tell
        known = self._single(first)
        country = known.country if known else None
        if country is None:
            city = self.names.city(first, self.near)
            country = city.country if city else None
        if country is None:
            return None
        return 1, Name(self.names.countries.get(country, country), "demonym", "NORP", country, None, country)

    def _single(self, word: str) -> Name | None:
        return next((name for words, name in self.names.names.get(word, ()) if len(words) == 1), None)

    def _listed(self, i: int) -> tuple[int, Name] | None:
        text = self.t.text[i]
        if text in self.swaps:
            return 1, self.swaps[text]
        if text == "Congress" and self.t.low[i + 1 : i + 2] == ["of"]:
            return None  # "the Congress of South African Trade Unions"
        if text == "West" and (i == 0 or self.t.low[i - 1] != "the"):
            return self._of_several(i)  # "Kanye West" is no Western power
        if text == "Soviet" and self.t.low[i + 1 : i + 2] and self.t.low[i + 1] in _OF_UNION:
            return 1, Name(text, "demonym", "NORP")  # "a former Soviet republic": of any of fifteen countries
        if text == "Pole" and i and self.t.text[i - 1] in ("North", "South"):
            return None  # of the earth, not of Poland
        rows = self.names.names.get(text)
        shouted = False
        if rows is None and text.isupper() and len(text) > 3:
            rows, shouted = self.names.names.get(text.title()), True
        if rows is None:
            return None
        for tokens, name in rows:
            size = len(tokens)
            found = tuple(self.t.text[i : i + size])
            if found == tokens or (shouted and tuple(w.title() for w in found) == tokens):
                return size, name
            if size > 1 and found and found[-1:] and tuple(w.replace("’", "'") for w in found) == tokens:
                return size, name
        return None

    def _of_several(self, i: int) -> tuple[int, Name] | None:
        """The listed name of several words that begins at ``i``: "West Bank"."""
        for tokens, name in self.names.names.get(self.t.text[i], ()):
            if len(tokens) > 1 and tuple(self.t.text[i : i + len(tokens)]) == tokens:
                return len(tokens), name
        return None

    def _koreas(self) -> None:
        """ "the North" and "the South" where Korea is the topic."""
        for i, text in enumerate(self.t.text):
            if text in ("North", "South") and self.name_at[i] is None and i and self.t.low[i - 1] in ("the", "both"):
                follow = self.t.text[i + 1] if i + 1 < len(self.t) else ""
                if follow == "Korean" or (not follow[:1].isupper() and follow != "of"):
                    name, code = ("North Korea", "PRK") if text == "North" else ("South Korea", "KOR")
                    self.name_at[i] = (1, Name(name, "country", "COUNTRY", code, None, code))

    def _noun(self, i: int) -> tuple[int, Noun] | None:
        rows = self.lex.nouns.get(self.t.low[i])
        if rows is None:
            return self._by_ending(i)
        lows = self.t.low
        if self._is_bearer(i):
            return None  # "Ngo", who was named before, is no organisation
        verbal = i > 0 and lows[i - 1] in _VERB_MARKS
        for tokens, noun in rows:
            if i and len(tokens) == 1 and lows[i - 1] in ("who", "which"):
                continue  # "who chairs the council"
            if verbal and len(tokens) == 1 and not noun.plural and noun.kind == "role" and not self.t.capital[i]:
                continue  # "would guard", "to head", but "a blow to President X"
            if len(tokens) == 1 or tuple(lows[i : i + len(tokens)]) == tokens:
                return len(tokens), noun
        return None

    def _by_ending(self, i: int) -> tuple[int, Noun] | None:
        """A noun for people that no list has, by its ending: "farmworkers", "ecologist"."""
        low = self.t.low[i]
        if len(low) < 8 or self.t.capital[i] or not low.endswith(self.lex.people_endings) or low in self.lex.not_people:
            return None
        plural = low.endswith(("s", "men"))
        return 1, Noun(low, "group" if plural else "role", "CVL", plural)

    def noun_next(self, i: int) -> bool:
        """A noun that names an actor follows a known name: "Danish Foreign Ministry" is Denmark's, no unknown name."""
        noun = self.noun_at[i] if i < len(self.t) else None
        return noun is not None and self.t.text[i + noun[0] - 1] not in ("Union", "Bank", "Club", "House", "League")

    def is_whole(self, i: int, known: tuple[int, Name], run_end: int) -> bool:
        """Whether a listed name ends where it ends, though the next word has a capital too: a noun, another listed name of
        several words ("U.N. World Food Program"), or, after a demonym, a person ("Serb Novak Djokovic")."""
        after = i + known[0]
        if run_end <= after or self.noun_next(after):
            return True
        other = self.name_at[after]
        if other is not None:
            return other[0] > 1 and after + other[0] >= run_end
        return known[1].kind == "demonym" and self._is_person(after, run_end)

    def _is_person(self, i: int, j: int) -> bool:
        texts = self.t.text
        if texts[i] in self.lex.given or texts[i] in self.lex.genders or " ".join(texts[i:j]) in self.names.people:
            return True
        listed_words = texts[i] in self.lex.first or texts[j - 1] in self.lex.last or texts[i] in NO_GIVEN
        return j - i == 2 and not listed_words and all(text.isalpha() and not text.isupper() for text in texts[i:j])

    def first_capital(self, start: int, head: int) -> int:
        """Where the capitals before a body's noun begin: "European" of "the European Space Agency"."""
        while head > start and self.t.capital[head - 1] and self.t.low[head - 1] not in self.lex.determiners:
            if is_derived(self.t.text[head - 1]) or self.t.end[head - 1] + 1 != self.t.start[head]:
                break
            head -= 1
        return head

    def is_body(self, person: tuple[int, int]) -> bool:
        """Whether the name after a role is no person's: letters, as in "broadcaster ZDF"."""
        text = self.t.text[person[0]]
        return person[1] - person[0] == 1 and text.isupper() and 1 < len(text) < 7 and not self.runs.shouted

    def is_modifier(
        self, i: int, after: int, noun: Noun, items: list[tuple[int, int, Name]], *, most: int = _MOST_MODIFIERS
    ) -> bool:
        """Whether the noun only describes the next word: "military parade", "official newspaper", "major new weapons".

        ``most``: nouns that may still follow as modifiers; a longer row is a list, and no row costs its square.
        """
        if after >= len(self.t) or not most:
            return False
        low = self.t.low[after]
        if low in self.lex.things and low not in self.lex.verbs:
            return True
        if noun.word == "major" and not self.t.capital[i] and low.isalpha() and low not in self.lex.not_modifiers:
            return low not in self.lex.verbs  # "several major donors", "a major Trump property"
        if noun.plural:
            return False
        following = self.noun_at[after]
        if following is not None:  # "a daily press briefing": the next noun is itself only a modifier
            return (
                following[0] == 1
                and not following[1].plural
                and self.is_modifier(after, after + 1, following[1], items, most=most - 1)
            )
        if self.t.capital[after]:
            return noun.word == "official" and not (items and items[-1][1] == i)
        if not low.isalpha() or low in self.lex.not_modifiers or low in self.lex.verbs or low in self.lex.determiners:
            return False
        if low in self.lex.adjectives:
            return noun.word in ("major", "general", "private", "chief", "official", "principal", "radical")
        if low.endswith(("ed", "ly")) or low in self.lex.possessives or low in self.lex.connectors:
            return False
        if low.endswith("s") and not low.endswith(("ss", "us", "is")):
            if noun.word in _ALSO_ADJECTIVES and self.t.low[i - 1] not in self.lex.determiners:
                return True  # "held public hearings", "on criminal charges", but "the public likes"
            return noun.word in self.lex.machines or noun.word in ("military", "major", "general", "private")
        return True

    def joins(self, i: int) -> bool:
        """An adjective only counts where a name or noun can still follow it."""
        follow = self.t.low[i + 1 : i + 2]
        return (
            bool(follow)
            and follow[0] not in self.lex.not_modifiers
            and (follow[0][0].isalnum() or follow[0] in "-,\"“'‘")
        )

    def adjective_like(self, i: int) -> bool:
        """Whether a word that no list has may describe a noun: no verb by its ending, no function word."""
        if i >= len(self.t) or self.t.capital[i]:
            return False
        low = self.t.low[i]
        if (
            low in self.lex.not_modifiers
            or not low[0].isalpha()
            or low in self.lex.determiners
            or low in self.lex.pronouns
        ):
            return False
        if "-" in low and low[-1].isalpha():
            return True  # "peace-keeping", "oil-rich"
        if low.endswith(("ed", "ing", "ly")):
            return low.endswith("ly")
        return not low.endswith("s") or low.endswith(("ous", "ss", "us"))

    def area_name(self, begin: int, end: int, name: Name) -> Name:
        """ "Unity state", "Anbar province": the name before the word is a region's."""
        text = " ".join(self.t.text[begin:end])
        place = self.names.division(text, self.near) or self.names.place(text, self.near)
        country = name.country or (place.country if place else None)
        return Name(text, "region", "REGION", country, None, country)

    def abbreviates(self, i: int) -> bool:
        """Whether the dot at ``i`` belongs to a short title before a name ("Gen. X")."""
        return len(self.t.text[i - 1]) <= 4 and self.t.capital[i - 1] and i + 1 < len(self.t) and self.t.capital[i + 1]

    def name_goes_on(self, i: int, noun: tuple[int, Noun], run_end: int, known: bool) -> bool:
        """A capitalised noun that is only the beginning of a longer name ("Trade Unions", "Federal Election Commission")."""
        after = i + noun[0]
        if not self.t.capital[i] or run_end <= after or noun[1].kind == "role":
            return known
        return self.t.text[run_end - 1] in self.lex.last or "of" in self.t.low[i:run_end]


def takes_name(noun: Noun) -> bool:
    """Whether a name right after the noun is the bearer's: a person's after a role, an organisation's after "carmaker"."""
    if noun.plural:
        return False
    return noun.kind == "role" or noun.sector in ("BUS", "MED", "CRM") or noun.word.endswith(_NAMEABLE)
