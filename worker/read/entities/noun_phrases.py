"""Noun phrases that name actors and places: titles and roles, possessors, "of" phrases, apposition.

"Russian Defense Minister Sergei Shoigu" is one phrase: the demonym gives the country, the role the sector, the run the name.
"North Korea's official Korean Central News Agency" is one with another inside. The grammar reads left to right and never goes
back more than one phrase, so its cost grows with the number of tokens.
"""

from __future__ import annotations

from ..syntax.grammar import listed
from .fields import end_of_fields
from .gazetteer import Name
from .lexicon import Noun
from .matcher import takes_name
from .offices import is_outside, role_sector
from .phrase import Phrase, ends_aside
from .phrase_openers import Openers

_STRONG = frozenset({"REB", "OPP", "LAB", "CRM", "COP", "MIL", "LEG", "PTY", "MED", "JUD"})
_POSSESSIVE = frozenset({"'s", "’s", "'S", "’S", "‘s"})
_FOREIGN = listed("names", "foreign")
_OF_EACH_STATE = frozenset({"LEG", "JUD", "GOV"})  #: bodies that one state's name stands for and others have too
_OFFICES = frozenset({"LAB", "BUS", "PTY", "NGO", "MED", "IGO", "JUD"})
_HEADS_OF = listed("names", "heads_of")
_DELEGATES = listed("names", "delegates")
_AREAS = listed("names", "areas")
_TOPICS = listed("names", "topics")
_RANKS = frozenset({"senior", "chief", "deputy", "former", "top", "acting", "press", "high-ranking"})
#: Whom a body sends: "a delegation from the central bank".
_SENDING = frozenset({"GOV", "MIL", "LEG", "BUS"})
_DELEGATES_OF = frozenset({"delegation", "team", "mission", "official", "envoy", "representative"})
_AREA_KINDS = frozenset({"run", "region", "city"})
_KINDS = {"country": "country", "capital": "place", "demonym": "demonym", "region": "place", "city": "place"}
_RUN_KINDS = {"PERSON": "person", "ORG": "organisation", "UNKNOWN": "unknown"}
#: Adjectives of ours that are verbs as well: "accused spies", "accused Spain".
_PAST_TENSES = listed("names", "past_tenses")
#: Letters of bodies of states before an office of many words: "EU Enlargement Commissioner X" is of no country.
_UNION = {"EU": "IGOEUREEC", "UN": "IGOUNO", "U.N.": "IGOUNO", "NATO": "IGOWSTNAT"}
_HONORIFICS = frozenset({"Sheikh", "Sheik", "Haji", "Mullah"})  #: that are given names as well
_DEPTH = 4  #: possessors and "of" phrases inside one another
#: Names and nouns of a phrase, each with its tokens: start, end, meaning.
Items = list[tuple[int, int, Name]]
Heads = list[tuple[int, int, Noun]]


def _is_armed(phrase: Phrase, name: Name) -> bool:
    """Whether gunmen or a movement are an armed group's: "ISIS gunmen", "the Houthi movement"."""
    return phrase.sector in ("CRM", "PTY") and name.sector == "REB"


def _is_visitor(phrase: Phrase) -> bool:
    """Whether people are of another country than the one they are in: "23 foreign residents in Jeddah"."""
    return phrase.foreign and phrase.sector == "CVL"


class Phrases(Openers):
    """Reads one sentence into phrases."""

    def read(self) -> list[Phrase]:
        """All phrases of the sentence, in order of their start, outer before inner."""
        self.phrases = []
        i, n = 0, len(self.t.text)
        while i < n:
            known = self.name_at[i]
            if known is not None and known[1].kind == "money":
                i += known[0]
            elif self._opens(i):
                _, after = self.phrase(i, 0)
                i = max(after, i + 1)
            else:
                i += 1
        self.phrases.sort(key=lambda d: (d.start, -d.end))
        return self.phrases

    def _opens(self, i: int) -> bool:
        low = self.t.low[i]
        if self.name_at[i] is not None or self.noun_at[i] is not None or self.t.capital[i]:
            return low != "force" or i == 0 or self.t.low[i - 1] != "to"  # "sued to force Bell to testify"
        opens = low in self.lex.openers and not (low in _PAST_TENSES and ends_aside(self.t.low, i, self.phrases))
        return opens or (low[0].isdigit() and ":" not in low)  # "17:15 Police have closed the road"

    # ---- the grammar

    def phrase(self, i: int, depth: int, owner: Phrase | None = None) -> tuple[Phrase | None, int]:
        """Read one phrase at ``i``; its phrase (appended to ``phrases`` too) and the index after it."""
        start = i
        if owner is None and self.t.low[i] in self.lex.pronouns:
            return self._pronoun(i)
        back = self._sides(i) if owner is None else None
        if back is not None:
            return back
        i, opener = self._determiner(i)
        items: Items = []
        heads: Heads = []
        i, person = self._modifiers(i, opener is not None or owner is not None, items, heads)
        if heads:
            phrase = self._headed(start, items, heads, person, opener)
            self._parts(items, opener)
        elif items:
            phrase = self._named(start, items, opener)
        else:
            return None, i
        if owner is not None:
            self._owned(phrase, owner)
        self.phrases.append(phrase)
        return self._extend(phrase, depth)

    def _modifiers(self, i: int, loose: bool, items: Items, heads: Heads) -> tuple[int, tuple[int, int] | None]:
        """Collect names and nouns from ``i`` on. Gives the index after the last, and the name that a role is followed by."""
        n, last, free = len(self.t.text), i, 0
        while i < n:
            low, known, noun = self.t.low[i], self.name_at[i], self.noun_at[i]
            run_end = self.runs.end(i, self.noun_at) if self.t.capital[i] else i
            if known and known[1].kind == "money":
                break
            if known and self._is_known(known, i, run_end, heads):
                if heads and not self._replaces(known[1], i, heads):
                    break
                items.append((i, i + known[0], known[1]))
                i = last = i + known[0]
            elif low in _AREAS and not heads and items and items[-1][1] == i and items[-1][2].kind in _AREA_KINDS:
                begin, _, area = items.pop()
                items.append((begin, i + 1, self.area_name(begin, i, area)))
                i = last = i + 1
            elif noun and self.is_modifier(i, i + noun[0], noun[1], items):
                i += noun[0]
            elif noun and not self.name_goes_on(i, noun, run_end, known is not None):
                if heads and heads[-1][2].plural and noun[1].kind == "group":
                    break  # "the rebels police caught": two phrases
                heads.append((i, i + noun[0], noun[1]))
                i = last = i + noun[0]
                if i < n and self.t.text[i] == "." and self.abbreviates(i):
                    i = last = i + 1
            elif run_end > i:
                if heads and heads[-1][1] in (i, i - 1) and takes_name(heads[-1][2]):
                    whole = self._to_the_last(run_end)
                    return whole, (i, whole)
                if heads:
                    break
                items.append((i, run_end, self.runs.meaning(i, run_end, self.near)[0]))
                i = last = run_end
            elif self._describes(i, loose, free, items, heads):
                free += low not in self.lex.adjectives
                i += 1
            else:
                break
        return last, None

    def _to_the_last(self, end: int) -> int:
        """Where a person's name ends that has an honorific inside: "Hassan Sheikh Mohamud"."""
        inside = end + 1 < len(self.t.text) and self.t.text[end] in _HONORIFICS and self.t.capital[end + 1]
        return self.runs.end(end + 1, self.noun_at) if inside else end

    def _is_known(self, known: tuple[int, Name], i: int, run_end: int, heads: Heads) -> bool:
        """A listed name here, not the beginning of a longer one, and not the bearer of the role just read."""
        return self.is_whole(i, known, run_end) and not (
            heads and heads[-1][2].kind == "role" and known[1].kind != "demonym"
        )

    def _replaces(self, known: Name, i: int, heads: Heads) -> bool:
        """ "The opposition Kuomintang": the name is what is meant, the noun before it only describes."""
        if known.kind == "organisation" and heads[-1][1] == i and not heads[-1][2].plural:
            heads.clear()
            return True
        return False

    def _describes(self, i: int, loose: bool, free: int, items: Items, heads: Heads) -> bool:
        """Whether the word may stand between determiner or country and the noun."""
        low = self.t.low[i]
        if low == "said" and i and self.t.low[i - 1] != "the":
            return False  # "some said government troops killed"
        if heads:  # "Defense Ministry senior official", but not "guerrillas wounded two soldiers"
            return low in _RANKS and self.joins(i)
        if low in self.lex.adjectives:
            return self.joins(i)
        if not (loose or (items and items[-1][2].kind == "demonym")):
            return False
        if self.t.text[i] == "," and not items:
            return self.adjective_like(i + 1)
        return free < 2 and low not in self.lex.numbers and self.adjective_like(i)

    def _headed(
        self, start: int, items: Items, heads: Heads, person: tuple[int, int] | None, opener: str | None
    ) -> Phrase:
        first, last = heads[0], heads[-1]
        noun = last[2]
        phrase = Phrase(
            start,
            last[1],
            last[0],
            last[1],
            noun.kind,
            "GROUP" if noun.kind == "group" else "ROLE",
            self.text(first[0], last[1]).lower(),
        )
        phrase.noun, phrase.plural, phrase.definite = (
            noun.word,
            noun.plural,
            opener in ("the", "this", "that", "these", "those"),
        )
        phrase.owner = opener if opener in self.lex.possessives else None
        phrase.sector = role_sector(self.t, start, heads)
        phrase.resolved_by = "lexicon"
        for _, _, earlier in heads[:-1]:
            if is_outside(noun, earlier.sector) or (noun.sector and not phrase.sector):
                continue  # "a military analyst", "a press officer"
            if earlier.sector and (phrase.sector is None or earlier.sector in _STRONG) and earlier.word != "staff":
                phrase.sector = earlier.sector
        self._belongs(phrase, items, noun)
        phrase.code = phrase.country or phrase.code
        phrase.foreign = any(name.type == "NORP" and name.country is None for _, _, name in items) or any(
            low in _FOREIGN for low in self.t.low[start : first[0]]
        )
        if person is not None and (noun.kind == "group" or self.is_body(person)):
            phrase.kind, phrase.type, phrase.canonical = "organisation", "ORG", self.text(*person)
            phrase.end, phrase.head, phrase.head_end = person[1], *person
        elif person is not None:
            phrase.kind, phrase.type, phrase.canonical = "person", "PERSON", self.text(*person)
            if phrase.country is None and phrase.code is None and self.t.text[start] in _UNION:
                phrase.code, phrase.sector = _UNION[self.t.text[start]], "IGO"
            phrase.title, phrase.end, phrase.head, phrase.head_end = (self.text(first[0], last[1]), person[1], *person)
            phrase.resolved_by = "title"
        elif (
            noun.kind == "group"
            and self.t.capital[last[0]]
            and (last[0] > start or noun.word not in ("police", "people"))
            and not self.runs.opens_sentence(last[0])
            and not self.runs.titled
        ):
            phrase.type = "REGION" if noun.word in _AREAS else "ORG"
            phrase.head = self.first_capital(start, first[0])
            if phrase.head == start + 1 and start == 0 and self._opens_name(start):
                phrase.head = start  # "Tourism Authority of Thailand"
            phrase.canonical = self.text(items[0][0] if items else phrase.head, last[1])
        return phrase

    def _opens_name(self, i: int) -> bool:
        """Whether the sentence's first word is part of the body's name behind it, by its ending and the lists."""
        low = self.t.low[i]
        known = low in self.lex.determiners or low in self.lex.adjectives or low in self.lex.openers
        return not known and self.name_at[i] is None and low.isalpha() and not low.endswith(("ly", "ed", "ing"))

    def _belongs(self, phrase: Phrase, items: Items, noun: Noun) -> None:
        """Country, sector and code that the names before a noun give it."""
        for _, _, name in items:
            phrase.country = name.country or phrase.country
            if name.kind == "run" and name.type in ("UNKNOWN", "PERSON") and phrase.country is None:
                phrase.country = self.names.people.get(name.canonical)  # "the Putin government"
            phrase.sector = name.sector if _is_armed(phrase, name) else phrase.sector or name.sector
            if name.kind != "run" and (name.country or name.code):
                phrase.resolved_by = {"capital": "capital", "demonym": "demonym"}.get(name.kind, "name")
            if noun.word in (_HEADS_OF if name.sector in _OFFICES else _DELEGATES if name.sector == "REB" else ()):
                phrase.sector = name.sector  # the president of a union is no head of state
            if name.type in ("IGO", "ORG") and name.country is None:
                phrase.code = name.code
                if name.kind == "organisation" and name.canonical not in phrase.canonical:
                    phrase.canonical = f"{name.canonical} {phrase.canonical}"  # "NATO members" are not "members"
                if name.type == "IGO" and noun.sector in (None, "GOV"):
                    phrase.sector = name.sector

    def _parts(self, items: Items, opener: str | None) -> None:
        """Names inside a phrase are mentions too: "Chicago police", "United Auto Workers President X"."""
        for begin, end, name in items:
            if name.type in ("ORG", "IGO", "CITY", "REGION", "COUNTRY", "LOC") and name.kind != "demonym":
                part = self._from_name(begin, begin, end, name, opener)
                part.inside = True
                self.phrases.append(part)

    def _named(self, start: int, items: Items, opener: str | None) -> Phrase:
        for begin, end, name in items[:-1]:
            self.phrases.append(self._from_name(begin if begin != items[0][0] else start, begin, end, name, opener))
        begin, end, name = items[-1]
        phrase = self._from_name(start if len(items) == 1 else begin, begin, end, name, opener)
        previous = items[-2][2] if len(items) > 1 else None
        if (
            previous is not None
            and previous.kind in ("demonym", "country", "capital")
            and (items[-2][1] == begin or previous.kind == "demonym")
        ):
            theirs = phrase.sector == "PTY" or (previous.kind == "demonym" and phrase.sector in _OF_EACH_STATE)
            ours = (
                None if theirs else phrase.country
            )  # "the Israeli Labour party", "the Libyan House of Representatives"
            phrase.country, phrase.code = ours or previous.country, (ours and phrase.code) or previous.country
            phrase.resolved_by = "demonym"
            if previous.kind == "demonym":
                phrase.start = items[-2][0] if len(items) > 2 else start
                self.phrases.pop()
        return phrase

    def _from_name(self, start: int, begin: int, end: int, name: Name, opener: str | None) -> Phrase:
        kind = _RUN_KINDS.get(name.type, "other") if name.kind == "run" else _KINDS.get(name.kind, "organisation")
        if name.kind == "capital" and name.type != "CITY":
            kind = "organisation"
        phrase = Phrase(start, end, begin, end, kind, name.type, name.canonical, name.country, name.sector, name.code)
        phrase.resolved_by = name.kind if name.kind in ("demonym", "capital") else "name"
        phrase.definite = opener == "the"
        phrase.plural = name.kind == "demonym"
        return phrase

    def _owned(self, phrase: Phrase, owner: Phrase) -> None:
        phrase.start, owner.inside = owner.start, True
        phrase.definite = False
        if (
            phrase.country is None
            and phrase.code is None
            and owner.kind in ("country", "demonym", "place", "organisation", "group", "person", "role", "unknown")
        ):
            phrase.country, phrase.code = owner.country, owner.country or owner.code
            phrase.sector = phrase.sector or owner.sector
            phrase.resolved_by = (
                owner.resolved_by if owner.resolved_by in ("capital", "demonym") else phrase.resolved_by
            )
            phrase.source = owner if owner.country is None else None
        if phrase.sector == "PTY" and owner.kind in ("country", "demonym") and owner.country:
            phrase.country, phrase.code, phrase.resolved_by = owner.country, owner.country, "demonym"
        if phrase.sector == "LEG" and phrase.noun == "representative" and owner.sector in ("IGO", "NGO"):
            phrase.sector = owner.sector
        if phrase.sector == "NGO" and owner.sector == "GOV":
            phrase.sector = "GOV"  # "the Cabinet's Information Center"
        if phrase.sector == "GOV" and owner.sector in ("REB", "OPP", "LAB", "IGO", "PTY") and phrase.noun in _DELEGATES:
            phrase.sector = owner.sector
        if phrase.kind in ("person", "unknown") and phrase.sector is None and phrase.title is None:
            phrase.sector = owner.sector if owner.kind == "organisation" else None

    def _with_fields(self, phrase: Phrase) -> None:
        """Take what an office or body is of into its phrase, and who bears the office: "Minister of Labour and Welfare X"."""
        end = end_of_fields(self.t, phrase.end)
        if self.t.low[end : end + 3] == ["of", "the", "republic"] and end + 3 < len(self.t) and self.t.capital[end + 3]:
            end += 3  # "the President of the Republic Ann Bell"
        if end == phrase.end:
            return
        phrase.end = end
        if phrase.kind == "role" and not phrase.plural and phrase.noun is not None:
            run = self.runs.end(end, self.noun_at) if end < len(self.t) and self.t.capital[end] else end
            if run > end + 1:
                phrase.kind, phrase.type, phrase.canonical = "person", "PERSON", self.text(end, run)
                phrase.title, phrase.resolved_by = self.text(phrase.head, end), "title"
                phrase.end, phrase.head, phrase.head_end = run, end, run

    def _extend(self, phrase: Phrase, depth: int) -> tuple[Phrase, int]:
        """What may follow: a possessive mark and what is owned, an "of" phrase, "from" or "in" a place."""
        if phrase.kind in ("role", "group", "organisation"):
            self._with_fields(phrase)
        i, n = phrase.end, len(self.t)
        if depth >= _DEPTH or i >= n:
            return phrase, i
        text = self.t.text[i]
        possessive = text in _POSSESSIVE or (text in "'’" and self.t.low[i - 1].endswith(("s", "s.")))
        if possessive and i + 1 < n:
            owned, after = self.phrase(i + 1, depth + 1, phrase)
            return (owned or phrase), max(after, i + 1)
        low = self.t.low[i]
        if phrase.kind == "person" and phrase.title is not None and low == "of" and i + 1 < n:
            self._of_country(phrase, i + 1)
        if phrase.kind in ("role", "group") and low in ("of", "for", "at", "with", "from", "in") and i + 1 < n:
            return self._prepositional(phrase, low, depth)
        return phrase, i

    def _of_country(self, phrase: Phrase, i: int) -> None:
        """ "King Hassan of Morocco": whose king he is, whatever the text speaks of."""
        known = self.name_at[i]
        if known is not None and known[1].kind == "country":
            phrase.country = phrase.code = known[1].country

    def _prepositional(self, phrase: Phrase, low: str, depth: int) -> tuple[Phrase, int]:
        i, mark = phrase.end, len(self.phrases)
        inner, after = self.phrase(i + 1, depth + 1) if self._opens(i + 1) else (None, i)
        if inner is None:
            return phrase, max(after, i)
        placed = inner.kind in ("country", "demonym", "place")
        if low in ("in", "from"):
            theirs = low == "from" or phrase.sector not in ("MIL", "REF", None) or phrase.noun == "leader"
            sent = (
                low == "from"
                and inner.kind in ("organisation", "unknown", "other", "person")
                and phrase.sector in _SENDING
            )
            if phrase.country is None and inner.country and (placed or sent) and theirs and not _is_visitor(phrase):
                phrase.country = phrase.code = inner.country
                phrase.resolved_by = "name"
            elif sent and inner.country is None and phrase.noun in _DELEGATES_OF:
                phrase.foreign = True  # "a delegation from Haldia": whoever that is, memory does not know
            return inner, after
        if low in ("at", "with", "for") and (
            placed or inner.kind not in ("organisation", "group", "unknown") or (low == "for" and phrase.kind != "role")
        ):
            return inner, after
        if self.t.low[inner.end : inner.end + 1] and self.t.low[inner.end] in _TOPICS:
            return inner, after  # "critics of the Iraq war"
        phrase.end = inner.end
        for other in self.phrases[mark:]:
            other.inside = True
        if phrase.country is None and phrase.code is None:
            phrase.country, phrase.code = inner.country, inner.country or inner.code
            phrase.source = inner if inner.country is None else None
            phrase.of_body = low == "of" and inner.country is None and inner.type in ("ORG", "UNKNOWN")
        if phrase.sector is None or (inner.sector in _STRONG and phrase.sector in ("GOV", "BUS")):
            phrase.sector = inner.sector or phrase.sector
        return phrase, after
