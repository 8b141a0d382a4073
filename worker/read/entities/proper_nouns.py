"""Capitalised runs: where a name that no list knows begins and ends, and what kind of thing it names."""

from __future__ import annotations

import re
from collections.abc import Container

from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens
from .casing import SMALL, is_derived, written_as_title, written_large
from .gazetteer import Gazetteer, Name, Place
from .lexicon import NameWords, Noun, committee_sector

_MODEL = re.compile(r"(?:[A-Z][a-z]+|[A-Z]{1,4})-?\d{1,4}[A-Z]?$|[A-Z][a-z]+-\d{1,4}\w?$")
#: Words after which a bare name is a place: a city of any size counts there, elsewhere only one that the world knows.
_LOCATIVE = listed("names", "locative")
_PLACE_WORDS = listed("names", "place_words")
_TOWN = 50_000
_WORLD_CITY = 700_000
_DIRECTIONS = listed("names", "directions")
_QUOTES = frozenset("\"“”'‘’«»")
_HONORIFICS = listed("names", "honorifics")
#: What a person's name with "the" before it may describe.
_OF_PERSONS = listed("names", "of_persons")
_HAPPENINGS = listed("names", "happenings")
#: Members of parties and faiths, peoples: last words of a run that names no single person.
_MEMBERS = listed("names", "members")
_PERSON_LIMIT = 6  #: tokens, initials and connectors included
_MONTHS = frozenset({"Jan", "May", "April", "June", "August", "Easter"})  #: that are also given names
NO_GIVEN = listed("names", "no_given")
_OWNERS = frozenset(
    {"People", "Peoples", "Workers", "Women", "Children", "Farmers", "Teachers", "Lord", "Doctors", "Miners"}
)
_PLACE_OPENERS = listed("names", "place_openers")
_RUN_LIMIT = 12  #: tokens; longer runs are shouting, not names
_OF = listed("names", "of") | frozenset("&")
#: Sectors of names that are common words as well: they tell no country of what they are part of.
_OF_PARTIES = frozenset({"PTY", "LEG"})
_OF_DEPUTIES = frozenset(
    {"Deputies", "Representatives", "Counselors", "Councillors", "Advisors", "Nationalities", "Peers"}
)
_COURTS = {"Court": "JUD", "Commission": "GOV", "Council": "GOV", "Department": "GOV"}
_CONTINENTAL = frozenset({"Central", "Latin", "South", "North", "Pan", "Inter", "Meso", "Ibero", "Hispanic"})
_ENDERS = frozenset("!?:;\"“”'‘’`([—–") | {"--"}


class Runs:
    """Finds and names capitalised runs in one sentence."""

    def __init__(
        self,
        tokens: Tokens,
        names: Gazetteer,
        lexicon: NameWords,
        inner_capitals: Container[str],
        *,
        kind: str = "body",
    ) -> None:
        """``inner_capitals``: words that the article writes with a capital inside sentences. ``kind``: of the block."""
        self.tokens, self.names, self.lexicon, self.inner = tokens, names, lexicon, inner_capitals
        self.shouted = self.titled = False
        if kind != "byline" and tokens.capital.count(True) > 2:
            self.shouted = written_large(tokens)
            self.titled = self.shouted or written_as_title(tokens, headline=kind == "headline")
        self.sport = False  #: the article is about sport

    def opens_sentence(self, i: int) -> bool:
        """Whether the token stands where any word would have a capital."""
        return i == 0 or self.tokens.text[i - 1] in _ENDERS

    def is_name_word(self, i: int) -> bool:
        """Whether token ``i`` may be part of a name: capital, no weekday, no ordinary word at a sentence's start."""
        text, low = self.tokens.text[i], self.tokens.low[i]
        if not self.tokens.capital[i]:
            return False
        if low in _DIRECTIONS or text in _MONTHS:  # "Eastern Front", "Jan Maes", but "the east", "Jan. 5"
            return self._next_is_name(i + 1) and not (self.titled and not self._written_elsewhere(text))
        if text in self.lexicon.not_names or low in self.lexicon.pronouns or low in self.lexicon.possessives:
            return False
        if is_derived(text):
            return False
        if self.titled:  # every word has a capital: only those count that the article elsewhere treats as names
            return self._written_elsewhere(text)
        opens = self.opens_sentence(i)
        if low in _COMMON_OPENERS and low not in _PLACE_OPENERS and (opens or not self._next_is_name(i + 1)):
            return False
        if opens and low in self.lexicon.numbers:
            return False
        if self._in_marks(i):
            return True
        if low in SMALL or (opens and (low in self.lexicon.not_modifiers or low in self.lexicon.determiners)):
            return False
        if opens and text not in self.inner and text not in self.names.people and not self._name_follows(i):
            return text.isupper() and 1 < len(text) < 7
        return True

    def _written_elsewhere(self, text: str) -> bool:
        forms = (text, text.title()) if self.shouted else (text,)
        return any(form in self.inner or form in self.names.people for form in forms)

    def _in_marks(self, i: int) -> bool:
        """A single word in quotation marks that a weapon's noun follows is the weapon's name."""
        texts = self.tokens.text
        if not (0 < i < len(texts) - 1 and texts[i - 1] in _QUOTES and texts[i + 1] in _QUOTES):
            return False
        return any(low in self.lexicon.weapons for low in self.tokens.low[i + 2 : i + 8])

    def _name_follows(self, i: int) -> bool:
        tokens = self.tokens
        follow = self._particles(i + 1) or i + 1
        return (
            follow < len(tokens)
            and tokens.capital[follow]
            and tokens.text[follow] not in self.lexicon.not_names
            and (tokens.low[i] not in self.lexicon.adjectives or tokens.low[i] in _PLACE_OPENERS)
            and (tokens.low[i] not in _COMMON_OPENERS or tokens.low[i] in _PLACE_OPENERS)
        )

    def end(self, i: int, nouns: list[tuple[int, Noun] | None]) -> int:
        """Index after the run that begins at ``i``; ``i`` itself where none does."""
        tokens, j, stop = self.tokens, i, min(len(self.tokens), i + _RUN_LIMIT)
        organisation = False
        while j < stop:
            text = tokens.text[j]
            if self._is_title(j, nouns):
                break
            if j > i and tokens.capital[j] and self._continues(j):
                organisation = organisation or text in self.lexicon.last
                j += 1
            elif j == i and self.is_name_word(j):
                organisation = text in self.lexicon.last or text in self.lexicon.first
                j += 1
            elif (
                j > i
                and text == "."
                and len(tokens.text[j - 1]) <= 2
                and tokens.capital[j - 1]
                and self._next_is_name(j + 1)
            ):
                j += 1  # an initial: "George W. Bush"
            elif j > i and (joined := self._particles(j)):
                j = joined
            elif j > i and organisation and tokens.low[j] in _OF and self._of_name(j):
                j = self._of_name(j)
            elif (
                j > i and text in ("'s", "’s", "'", "’") and tokens.text[j - 1] in _OWNERS and self._next_is_name(j + 1)
            ):
                j += 1  # "Chinese People's Political Consultative Conference"
            elif j > i and text in (",", "and") and self._list_name(j):
                j = self._list_name(j)
            elif (
                j > i
                and text.isdigit()
                and len(text) <= 4
                and tokens.text[j - 1] in ("Resolution", "Article", "Boeing", "Airbus", "Flight")
            ):
                j += 1
            else:
                break
        return j

    def _particles(self, j: int) -> int:
        """Index after up to three particles inside a name ("von der", "de la", "bin"), or 0 where no name goes on."""
        k, low = j, self.tokens.low
        while k < min(j + 3, len(low)) and low[k] in self.lexicon.connectors and (k == j or not self.tokens.capital[k]):
            k += 1
        return k if k > j and self._next_is_name(k) else 0

    def _continues(self, j: int) -> bool:
        """Whether a capitalised word after the first belongs to the run."""
        text, low = self.tokens.text[j], self.tokens.low[j]
        if low in _DIRECTIONS:
            return self._next_is_name(j + 1)
        if text in self.lexicon.not_names or (self.titled and not self._written_elsewhere(text)) or is_derived(text):
            return False
        return low not in SMALL and low not in self.lexicon.pronouns and low not in ("this", "these", "those")

    def _list_name(self, j: int) -> int:
        """Index after ", Y and Z Agency" or "and Y Service" that ends one name ("the X, Y and Z Agency"), or 0."""
        tokens, k, joined = self.tokens, j + 1, self.tokens.low[j] == "and"
        if joined and not any(low in ("the", "'s", "’s") for low in tokens.low[max(0, j - 3) : j]):
            return 0
        while k < len(tokens) and k - j < 9:
            if tokens.low[k] == "and":
                joined = True
            elif tokens.text[k] != "," and not tokens.capital[k]:
                break
            k += 1
            last = self.lexicon.last.get(tokens.text[k - 1])
            if joined and last is not None and last[1] in ("GOV", "NGO", "COP") and k - j > 2:
                return k
        return 0

    def _is_title(self, j: int, nouns: list[tuple[int, Noun] | None]) -> bool:
        """A capitalised role noun with a name after it ends the run before it: "Warsaw Mayor Rafal ..." """
        noun = nouns[j]
        if noun is None or noun[1].kind != "role" or not self.tokens.capital[j]:
            return False
        after = j + noun[0]
        if after < len(self.tokens) and self.tokens.text[after] == ".":
            after += 1
        return noun[0] > 1 or self._next_is_name(after)

    def _next_is_name(self, j: int) -> bool:
        return j < len(self.tokens) and self.tokens.capital[j] and self.tokens.text[j] not in self.lexicon.not_names

    def _of_name(self, j: int) -> int:
        """Index after "of (the) Name" that continues an organisation's name, or 0."""
        k = j + 1
        if k < len(self.tokens) and self.tokens.low[k] in ("the", "of"):
            k += 1
        if self.tokens.low[j] in ("and", "the", "on", "to") and self.tokens.low[j] != "and":
            return 0
        if not self._next_is_name(k):
            return 0
        if self.tokens.low[j] == "and":  # inside "Ministry of Trade and Industry": what follows ends the same name
            tail = k
            while tail < len(self.tokens) and self.tokens.capital[tail]:
                tail += 1
            ending = self.lexicon.last.get(self.tokens.text[tail - 1])
            known = "of" in self.tokens.low[max(0, j - 4) : j] or (ending is not None and ending[0] == "ORG")
            if k > j + 1 or not known:
                return 0
        return k + 1

    def meaning(self, i: int, j: int, near_country: str | None) -> tuple[Name, Place | None]:
        """What the run ``i:j`` names, by list, by last word, by shape. Type UNKNOWN where nothing tells."""
        tokens = self.tokens
        texts = tokens.text[i:j]
        name = " ".join(texts).replace(" . ", ". ").replace(" .", ".").replace(" 's", "'s").replace(" ’s", "’s")
        large = name.isupper() and name.replace(" ", "").isalpha()
        if large and (self.shouted or (" " in name and len(name) > 5)):
            name = name.title()
        if len(texts) > 1:
            return self._meaning_of_several(name, i, j, near_country)
        if _MODEL.match(name) and not name.startswith(("G", "Covid")):
            beside = any(low in self.lexicon.weapons for low in tokens.low[max(0, i - 3) : j + 7])
            type_ = "-" in name and name.index("-") < 4  # "Su-25"; "Luna-25" may be anything
            return Name(name, "run", "WEAPON" if beside or type_ else "PRODUCT"), None
        place = self._place(name, i, j, near_country, 1)
        if place is not None:
            return _place_name(place, name), place
        if self._after_place_word(i):
            return Name(name, "region", "LOC"), None
        if self._in_marks(i):
            return Name(name, "run", "WEAPON"), None
        if name.isupper() and 1 < len(name) < 7 and not self.shouted:
            return Name(name, "run", "ORG"), None
        return Name(name, "run", "UNKNOWN"), None

    def _meaning_of_several(self, name: str, i: int, j: int, near_country: str | None) -> tuple[Name, Place | None]:
        """What a run of several words names: by its first and last words and by list, else by what stands around it."""
        texts = self.tokens.text[i:j]
        last, first = self.lexicon.last.get(texts[-1]), self.lexicon.first.get(texts[0])
        home = self._country_in(i, j)
        if self.sport and (texts[-1] in self.lexicon.clubs or texts[0] in self.lexicon.clubs):
            return Name(name, "run", "ORG"), None
        watches = last is not None and last[1] == "NGO" and texts[-1] == "Watch"
        if (texts[0] in ("UN", "U.N.") or texts[:2] == ["United", "Nations"]) and not watches:
            return Name(name, "run", "IGO", None, "IGO", "IGOUNO"), None  # "UN Support Mission"
        if first and "of" in self.tokens.low[i:j]:
            return Name(name, "run", first[0], home, first[1], home), None
        place = self._place(name, i, j, near_country, len(texts))
        if place is not None:
            return _place_name(place, name), place
        head = self._before_of(i, j)
        suffix = self.lexicon.last.get(texts[head]) or last
        if texts[head] == "Chamber" and head + 2 < len(texts) and texts[head + 2] not in _OF_DEPUTIES:
            suffix = "ORG", "BUS"  # "Chamber of Construction"
        if last is not None and last[1] == "LAB":
            suffix = last  # "Alliance of Trade Unions"
        if suffix and suffix[0] == "REGION" and (body := next((w for w in texts[1:] if w in _COURTS), None)):
            suffix = "ORG", _COURTS[body]  # "District of Columbia Court of Appeals"
        if suffix and suffix[0] == "REGION" and home is None:
            area = self.names.place(" ".join(texts[:-1]), near_country)
            home = area.country if area else None
        if suffix:
            sector = committee_sector(texts) or suffix[1]
            of = home if suffix[0] in ("ORG", "REGION") else None
            code = None if suffix[0] == "LOC" else home  # "the owners of Mandalay Bay"
            return Name(name, "run", suffix[0], of, sector, code), None
        return self._by_surroundings(name, i, j, home), None

    def _by_surroundings(self, name: str, i: int, j: int, home: str | None) -> Name:
        """What a run of several words names whose words are in no list: a person where nothing speaks against it."""
        tokens, texts = self.tokens, self.tokens.text[i:j]
        if _MODEL.match(texts[-1]):
            return Name(name, "run", "WEAPON")
        initials = texts[0].isupper() and 1 < len(texts[0]) < 5 and not texts[1].isupper() and "." not in texts[0]
        if j - i > _PERSON_LIMIT or initials:
            return Name(name, "run", "ORG", home, None, home)
        before = tokens.low[i - 1] if i and tokens.low[j : j + 1] != ["'s"] else ""  # not "in Ann Bell's trial"
        if before in ("in", "near", "outside", "inside", "around", "at") and j - i <= 3:
            return Name(name, "run", "ORG" if before == "at" and self._works_at(i) else "LOC", home, None, home)
        if i and tokens.low[i - 1] in self.lexicon.weapons:
            return Name(name, "run", "WEAPON")
        in_marks = i and j < len(tokens) and tokens.text[i - 1] in _QUOTES and tokens.text[j] in _QUOTES
        if in_marks and not self.lexicon.first.get(texts[0]):
            return Name(name, "run", "PRODUCT")  # a film, a book, the name of a drill
        if texts[-1] in _MEMBERS:
            return Name(name, "run", "NORP", home)  # "Massachusetts Democrat", "Orthodox Christians"
        if texts[0] in _HAPPENINGS:
            return Name(name, "run", "EVENT")
        if texts[0].lower() in _DIRECTIONS:
            return Name(name, "run", "LOC", home, None, home)  # "Eastern Ghouta"
        if (
            texts[0] in NO_GIVEN
            or (before == "the" and not self._is_bearer(name, i, j))
            or (self.sport and texts[-1].endswith("s") and self._is_city(" ".join(texts[:-1])))
        ):
            return Name(name, "run", "ORG", home, None, home)
        return Name(name, "run", "PERSON")

    def _is_bearer(self, name: str, i: int, j: int) -> bool:
        """A person after "the": known, with a title, or one whose government, family or trial it is."""
        first, after = self.tokens.text[i], self.tokens.low[j] if j < len(self.tokens) else ""
        known = first in self.lexicon.given or first.lower() in self.lexicon.genders or name in self.names.people
        return known or first in _HONORIFICS or after in _OF_PERSONS

    def _is_city(self, name: str) -> bool:
        place = self.names.city(name)
        return place is not None and place.population > _TOWN

    def _works_at(self, i: int) -> bool:
        """ "an analyst at X": X employs, it is no place."""
        return any(noun.kind == "role" for words, noun in self.lexicon.nouns.get(self.tokens.low[i - 2], ()) if i > 1)

    def _after_place_word(self, i: int) -> bool:
        """ "the town (of) X" """
        lows = self.tokens.low
        return i > 0 and (
            lows[i - 1] in _PLACE_WORDS or (i > 1 and lows[i - 1] == "of" and lows[i - 2] in _PLACE_WORDS)
        )

    def _country_in(self, i: int, j: int) -> str | None:
        """The country that a word inside the name tells: "Bank of Japan", "Chinese Academy of Sciences"."""
        k = i
        while k < j:
            for words, name in self.names.names.get(self.tokens.text[k], ()):
                if name.country is None or name.sector in _OF_PARTIES or (k > i and is_of_continent(self.tokens, k)):
                    continue  # "the Ministry of Labour" is not the British party's
                if k + len(words) <= j and tuple(self.tokens.text[k : k + len(words)]) == words:
                    return name.country
            for part in self.tokens.text[k].split("-")[1:]:
                for words, name in self.names.names.get(part, ()):
                    if name.country and len(words) == 1:
                        return name.country
            k += 1
        place = self.names.city(self.tokens.text[i]) if i < j else None
        return place.country if place and place.population >= _WORLD_CITY else None

    def _before_of(self, i: int, j: int) -> int:
        lows = self.tokens.low
        for k in range(i + 1, j):
            if lows[k] in ("of", "for"):
                return k - 1 - i
        return j - i - 1

    def _place(self, name: str, i: int, j: int, near_country: str | None, size: int) -> Place | None:
        place = self.names.city(name, near_country)
        lows, texts = self.tokens.low, self.tokens.text
        before = lows[i - 1] if i else ""
        located = before in _LOCATIVE or (before in ("of", "and", ",") and size > 1) or self._after_place_word(i)
        shown = j + 1 < len(texts) and texts[j] == "," and texts[j + 1] in self.names.names
        if shown and (follow := next((n.country for t, n in self.names.names[texts[j + 1]] if len(t) == 1), None)):
            place = self.names.city(name, follow)  # "Birmingham, Alabama"
        if place is not None and not shown and texts[j : j + 1] == [","] and j + 1 < len(texts):
            wider = self.names.division(texts[j + 1], near_country)
            if wider is not None and wider.country not in (None, place.country) and texts[j + 1][0].isupper():
                place = self.names.city(name, wider.country)  # "San Francisco, Veraguas"
                place = place if place is not None and place.country == wider.country else None
        written = size == 1 and name.isupper() and not self.shouted and not (i == 0 and texts[j : j + 1] == ["("])
        if written and not (shown or before in _LOCATIVE):
            return None  # "WOLA" abbreviates and is no town; "LIMA (Reuters) -" is one
        known = _WORLD_CITY if size == 1 else _TOWN  # two words are seldom a person's and a city's name
        if place and (place.population >= known or located or shown or place.country == near_country):
            return place
        division = self.names.division(name, near_country, well_known=not (located or shown))
        return (
            division if division is not None and (located or shown or size > 1 or division.country == "USA") else None
        )


#: Words that often open a sentence before a name and are no part of it.
_COMMON_OPENERS = listed("names", "common_openers")


def _place_name(place: Place, text: str) -> Name:
    """The place under the name that the text uses: "Basra" and "Cologne", not GeoNames' "Basrah" and "Köln"."""
    kind = "CITY" if place.kind == "city" else "REGION"
    return Name(text, "city" if kind == "CITY" else "region", kind, place.country, None, place.country)


def is_of_continent(tokens: Tokens, i: int) -> bool:
    """Whether "American" there is of a continent or of more than one country: "Central American", "Latin American"."""
    return i > 0 and tokens.text[i].startswith("America") and tokens.text[i - 1] in _CONTINENTAL
