"""Who acts and on whom: from a noun phrase to a `Party`, by its names, its head word and the names around it."""

from __future__ import annotations

from msgspec.structs import replace

from ...contract.event import Party
from ..document import Document, Mention
from ..lexicon import listed
from ..syntax.chunks import Clauses
from ..syntax.objects import coordinated_right, countries_joined
from ..syntax.quantities import CURRENCIES
from .candidate import NamedParties, Phrase
from .roles import ACTORS, PERSON_ENDINGS, PLACES, deed_word, is_abstract, name_begins, roles

_STATES = frozenset({"dead", "hostage", "captive", "guilty", "responsible", "accountable"})
_UNCOUNTED = frozenset({"dozens", "scores", "hundreds", "thousands", "tens", "millions"})
_TOPICS = frozenset({"war", "election", "elections", "vote", "referendum", "crisis", "conflict"})
_ACCORDS = frozenset({"accord", "accords", "agreement", "protocol", "convention", "treaty", "pact"})
_ELSEWHEN = frozenset({"after", "before", "since", "during", "following", "amid", "until", "as"})
_DOERS = frozenset({"by", "from", "between"})
_NEARBY = _DOERS | listed("nearby")
_MEANS = listed("means")
_REALMS = listed("realms")
#: What is fired or flown at somebody: whoever or wherever it comes from did it.
_MISSILES = listed("missiles")
_ARMED = frozenset({"MIL", "COP", "GOV", "REB"})
_BODIES = frozenset({"LEG", "JUD"})  #: whose bills and rulings are rejected as theirs
#: Where people are: who attacks a refugee camp or a journalist's home harms them; "civilian infrastructure" is nobody.
_HELD, _DOINGS = listed("held"), listed("doings")


class PartyFinder(NamedParties):
    """Resolves noun phrases of a document's sentences to parties."""

    def __init__(
        self,
        document: Document,
        doubles: dict[tuple[int, int], list[int]] | None = None,
        deeds: frozenset[str] = frozenset(),
        disasters: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(document)
        self._doubles = doubles or {}
        self._deeds = deeds
        self.disasters = disasters
        self._roles = roles()

    def harms(self, word: str) -> bool:
        """Whether it names a weapon or a deed of violence."""
        return word in self._deeds or word in _MISSILES or word.removesuffix("s") in _MEANS

    def is_agent(self, clauses: Clauses, k: int) -> bool:
        """Whether the head of noun phrase ``k`` names somebody who can act: a name, a role, a group, a pronoun."""
        phrase = self.phrase(clauses, k)
        if phrase.head_mention >= 0:
            return self.mention(phrase.head_mention).type in ACTORS
        return (
            bool(self._roles.sectors.get(phrase.head)) or phrase.head in self._roles.groups or _is_person_word(phrase)
        )

    def parties(self, clauses: Clauses, k: int, *, as_actor: bool) -> list[Party]:
        """The party that noun phrase ``k`` names, or none: things and abstractions are no parties.

        With ``as_actor`` false, a thing that belongs to somebody stands for its owner ("rejected an Indian proposal").
        """
        phrase = self.phrase(clauses, k)
        words = clauses.tokens.low[phrase.first : phrase.last + 1]
        if CURRENCIES & set(words) or (phrase.head in _STATES and phrase.head_mention < 0):  # "US$141 million"
            return []
        if is_abstract(words, phrase.head):
            return []
        if (deed := deed_word(clauses, phrase.first, phrase.last)) >= 0:
            return self._of_deed(clauses, k, phrase, deed)
        if phrase.head_mention >= 0:
            mention = self.mention(phrase.head_mention)
            if mention.type not in ACTORS:
                return self._from_owner(clauses, k, phrase, as_actor=as_actor)
            if mention.text.lower() in self._roles.agencies and mention.type == "ORG":
                return []
            several = self._doubles.get((mention.start, mention.end))
            if several:
                return [self._from_mention(self.mention(m)) for m in several]
            party = self._named(clauses, k, phrase, mention)
            return self._from_several(clauses, k, party) if mention.type in ("GROUP", "ROLE") else [party]
        sector = self._roles.sectors.get(phrase.head.removeprefix("ex-").removeprefix("then-").removesuffix("-in-law"))
        if sector is None and phrase.head.endswith(("worker", "workers")):
            sector = "LAB"  # "autoworkers"
        if phrase.head in _REALMS and (named := self._realm(clauses, k, phrase)):
            return [named]
        if phrase.head in self._roles.groups:
            nested = self._of_phrase(clauses, k, phrase, as_actor=as_actor)
            if nested:
                return nested
            if phrase.head in _UNCOUNTED and (k + 1 >= len(clauses.chunks) or clauses.chunks[k + 1].word != "of"):
                return [self._by_role(clauses, k, phrase, "CVL")]  # "thousands marched in Rome"
            if phrase.head in _UNCOUNTED and clauses.chunks[k + 2].word in _UNCOUNTED:
                start, end = self._span(clauses, phrase, clauses.chunks[k + 2].last)
                return [Party(text=self._document.text[start:end], sector="CVL", start=start, end=end)]
        if sector is not None or _is_person_word(phrase):
            return [self._by_role(clauses, k, phrase, sector or None)]
        return self._from_owner(clauses, k, phrase, as_actor=as_actor)

    def _of_deed(self, clauses: Clauses, k: int, phrase: Phrase, deed: int) -> list[Party]:
        """Whose a deed or stance is: "her sister's opposition to" is hers, "the movement of troops" the troops'."""
        owner = self.mention(phrase.owner_mention) if phrase.owner_mention >= 0 else None
        if owner is not None:
            return [self._from_mention(owner)] if owner.type in ACTORS else []
        if clauses.tokens.low[deed] != "movement":
            return []
        if deed + 1 > phrase.last:
            return self.parties(clauses, k + 2, as_actor=False) if k + 2 < len(clauses.chunks) else []
        start, end = clauses.tokens.start[deed + 1], clauses.tokens.end[phrase.last]
        return [
            self._from_mention(m)
            for m in self._document.mentions
            if m.start >= start and m.end == end and m.type in ACTORS
        ][:1]

    def _stated_country(self, clauses: Clauses, k: int) -> str | None:
        """The country that "of", "for" or "from" right behind noun phrase ``k`` tells."""
        chunks = clauses.chunks
        if k + 2 >= len(chunks) or chunks[k + 1].word not in ("of", "for", "from") or chunks[k + 2].kind != "NP":
            return None
        index = self.phrase(clauses, k + 2).head_mention
        return self.mention(index).country if index >= 0 and self.mention(index).type == "COUNTRY" else None

    def _named(self, clauses: Clauses, k: int, phrase: Phrase, mention: Mention) -> Party:
        """A party from the mention at the head of the phrase; a modifier's country helps where the name has none."""
        country, code = mention.country, mention.code
        how = mention.resolved_by
        if country is None and code is None:
            for other in phrase.mentions:
                if other != phrase.head_mention and self.mention(other).country:
                    country = self.mention(other).country
                    how = self.mention(other).resolved_by
        if how == "memory" and mention.type in ("GROUP", "ROLE") and (stated := self._stated_country(clauses, k)):
            country = code = stated  # "representatives for the US", whatever the text spoke of before
            how = "name"
        start, end = (
            clauses.tokens.start[name_begins(clauses, phrase.first, phrase.last, mention)],
            clauses.tokens.end[phrase.last],
        )
        return Party(text=self._document.text[start:end], canonical=mention.canonical, country=country,
                     sector=mention.sector, code=code or country, title=mention.title, start=start, end=end,
                     resolved_by=how)  # fmt: skip

    def _from_several(self, clauses: Clauses, k: int, party: Party) -> list[Party]:
        """ "delegations from Beijing and Moscow", "the leaders of France and Italy": one party for each."""
        chunks = clauses.chunks
        inside = (found for (start, end), found in self._doubles.items() if party.start < start and end == party.end)
        if several := next(inside, None):  # "the presidents of both countries"
            return [replace(self._from_mention(self.mention(m)), sector=party.sector) for m in several]
        if k + 2 >= len(chunks) or chunks[k + 1].word not in ("of", "from") or chunks[k + 2].kind != "NP":
            return [party]
        members = coordinated_right(clauses, k + 2)
        if len(members) < 2:  # "warships from Chile and Peru sailed"
            members = countries_joined(clauses, k + 2)
        if len(members) < 2:
            return [party]
        named = [self.phrase(clauses, m).head_mention for m in members]
        found = [self.mention(m) for m in named if m >= 0 and self.mention(m).country]
        if len({m.country for m in found}) < 2:
            return [party]
        return [replace(self._from_mention(m), sector=m.sector or party.sector) for m in found]

    def _span(self, clauses: Clauses, phrase: Phrase, last: int | None = None) -> tuple[int, int]:
        tokens = clauses.tokens
        return tokens.start[phrase.first], tokens.end[phrase.last if last is None else last]

    def _by_role(self, clauses: Clauses, k: int, phrase: Phrase, sector: str | None) -> Party:
        """A party from a role word; its country from a name inside the phrase, or after "of", "in", "from"."""
        country = code = None
        how, last = "text", phrase.last
        for m in phrase.mentions:
            mention = self.mention(m)
            if mention.country or mention.code:
                country, code, how = mention.country, mention.code, mention.resolved_by
                sector = self._better_sector(mention, sector)
        first, final = clauses.chunks[k].leader
        for i in range(first, final + 1):
            index = clauses.tokens.mention[i]
            if country is None and index >= 0 and self.mention(index).country:  # "a delegation led by Iraq's president"
                country, code = self.mention(index).country, self.mention(index).code
        abroad = not _FOREIGN.isdisjoint(clauses.tokens.low[phrase.first : phrase.last])
        if country is None and code is None and not abroad:
            nested = self._attached_name(clauses, k)
            if nested is not None:
                m, chunk = nested
                mention = self.mention(m)
                country, code, how = mention.country, mention.code, mention.resolved_by
                sector = self._better_sector(mention, sector)
                last = clauses.chunks[chunk].last
        start, end = self._span(clauses, phrase, last)
        return Party(text=self._document.text[start:end], country=country, sector=sector, code=code or country,
                     start=start, end=end, resolved_by=how)  # fmt: skip

    @staticmethod
    def _better_sector(mention: Mention, sector: str | None) -> str | None:
        """A member of a named group belongs to that group's sector ("Hamas militants", "Taliban prisoners")."""
        if mention.sector in ("REB", "PTY", "IGO", "NGO", "BUS") and sector in (None, "CVL", "OPP", "GOV"):
            return mention.sector if mention.sector == "REB" or sector is None else sector
        return sector

    def _attached_name(self, clauses: Clauses, k: int) -> tuple[int, int] | None:
        """A name with a country right after the phrase: "residents in Padang", "rebels of the FARC", "led by X"."""
        chunks = clauses.chunks
        j = k + 1
        for _ in range(3):
            if j + 1 >= len(chunks) or chunks[j].kind != "P" or chunks[j + 1].kind != "NP":
                return None
            thing = self._roles.sectors.get(chunks[k].word) == ""
            if chunks[j].word in ("of", "in", "from", "at") or (thing and chunks[j].word == "for"):
                phrase = self.phrase(clauses, j + 1)
                m = phrase.head_mention if phrase.head_mention >= 0 else (phrase.mentions[0] if phrase.mentions else -1)
                if phrase.head_mention < 0 and chunks[j].word == "of" and phrase.head not in _REALMS:
                    return None  # "critics of the Iraq war" are of nowhere we know
                if m >= 0 and (self.mention(m).country or self.mention(m).code):
                    return m, j + 1
            j += 2
        return None

    def _realm(self, clauses: Clauses, k: int, phrase: Phrase) -> Party | None:
        """ "The breakaway region of Somaliland", "the Kingdom of Bahrain": the place named, under the whole phrase's text."""
        chunks = clauses.chunks
        if k + 2 >= len(chunks) or chunks[k + 1].word != "of" or chunks[k + 2].kind != "NP":
            return None
        index = self.phrase(clauses, k + 2).head_mention
        if index < 0 or self.mention(index).type not in PLACES or not self.mention(index).country:
            return None
        start, end = self._span(clauses, phrase, chunks[k + 2].last)
        return replace(
            self._from_mention(self.mention(index)), text=self._document.text[start:end], start=start, end=end
        )

    def _of_phrase(self, clauses: Clauses, k: int, phrase: Phrase, *, as_actor: bool) -> list[Party]:
        """ "thousands of farmers": the farmers, under the whole phrase's text."""
        chunks = clauses.chunks
        if k + 2 >= len(chunks) or chunks[k + 1].word != "of" or chunks[k + 2].kind != "NP":
            return []
        inner = self.parties(clauses, k + 2, as_actor=as_actor)
        if not inner:
            return []
        party = inner[0]
        start, own = clauses.tokens.start[phrase.first], self._roles.sectors.get(phrase.head)
        sector = own if own in ("GOV", "MIL", "COP", "LEG", "JUD", "REB") else party.sector
        if party.country is None and party.code is None:
            for m in phrase.mentions:
                mention = self.mention(m)
                if mention.country:
                    return [Party(text=self._document.text[start : party.end], canonical=party.canonical,
                                  country=mention.country, sector=sector, code=mention.code or mention.country,
                                  start=start, end=party.end, resolved_by=mention.resolved_by)]  # fmt: skip
        return [Party(text=self._document.text[start : party.end], canonical=party.canonical, country=party.country,
                      sector=sector, code=party.code, title=party.title, start=start, end=party.end,
                      resolved_by=party.resolved_by)]  # fmt: skip

    def _from_owner(self, clauses: Clauses, k: int, phrase: Phrase, *, as_actor: bool) -> list[Party]:
        """The owner of a thing: "Israel's offensive", "an Indian proposal", "the bombing of Tripoli by rebels"."""
        named = [] if phrase.head in _TOPICS else phrase.mentions[:2]  # "the U.S. election" stands for nobody
        for m in ([phrase.owner_mention] if phrase.owner_mention >= 0 else []) + named:
            mention = self.mention(m)
            if mention.type in ACTORS:
                party = self._from_mention(mention)
                if mention.type == "CITY" and phrase.head in _ACCORDS and m != phrase.owner_mention:
                    continue  # "the Paris agreement"
                town = phrase.head in self._deeds and mention.type == "CITY" and m != phrase.owner_mention
                if as_actor and (town or (mention.type == "PERSON" and not (party.code or party.sector))):
                    continue  # "Okoro's tour invades Ghana": a thing acts for a state or body, not for just anybody
                if m == phrase.owner_mention:
                    return [party]
                if mention.type == "PERSON" and self._ends_before(clauses, phrase, mention):
                    own = mention.start if mention.title else mention.head_start  # "the full Mueller report": his
                    return [replace(party, text=self._document.text[own : mention.end], start=own)]
                start, end = self._span(clauses, phrase)
                return [replace(party, text=self._document.text[start:end], start=start, end=end)]
        chunk = clauses.chunks[k]
        if chunk.owner >= 0 and (owner := self._roles.sectors.get(clauses.tokens.low[chunk.owner - 1])) is not None:
            start, end = clauses.tokens.start[chunk.first], clauses.tokens.end[chunk.owner - 1]
            return [Party(text=self._document.text[start:end], sector=owner, start=start, end=end)]
        for i in range(chunk.first, chunk.head):
            low = clauses.tokens.low[i]
            sector = None if low in _ADJECTIVES else self._roles.sectors.get(low.partition("-")[0])
            if (
                sector
                and phrase.head not in _DOINGS
                and (sector in _ARMED or (not as_actor and (sector in _BODIES or phrase.head in _HELD)))
            ):
                start, end = self._span(clauses, phrase)
                behind = self._behind(clauses, k)
                near = behind[0] if behind else None
                return [Party(text=self._document.text[start:end], sector=sector, country=near.country if near else None,
                              code=near.country if near else None, start=start, end=end)]  # fmt: skip
        if not as_actor and clauses.tokens.low[chunk.first] == "its" and (owner_party := self._only_owner(clauses, k)):
            return [owner_party]
        if clauses.tokens.low[chunk.first] in _WHOSE:
            return self._behind(clauses, k, placed=False)  # "their assets in the bloc": not the bloc's
        if as_actor and not (clauses.chunks[k].word in self._deeds or phrase.head in _MISSILES):
            return []
        return self._behind(clauses, k)

    @staticmethod
    def _ends_before(clauses: Clauses, phrase: Phrase, person: Mention) -> bool:
        """Whether a word in lower case follows a person's name in the phrase: "demanded Ann Bell [step] down"."""
        after = (i for i in range(phrase.first, phrase.last + 1) if clauses.tokens.start[i] >= person.end)
        i = next(after, -1)
        return i >= 0 and clauses.tokens.text[i].islower()

    def _only_owner(self, clauses: Clauses, k: int) -> Party | None:
        """Whose "its territory" is: the only country or body named before it in the sentence, under the phrase's text."""
        chunk, before = clauses.chunks[k], {}
        for i in range(chunk.first):
            index = clauses.tokens.mention[i]
            if (
                index >= 0
                and self.mention(index).code
                and self.mention(index).type in ("COUNTRY", "IGO", "ORG", "CITY")
            ):
                before[self.mention(index).code] = index
        if len(before) != 1:
            return None
        start, end = self._span(clauses, self.phrase(clauses, k))
        owner = self._from_mention(self.mention(next(iter(before.values()))))
        return replace(owner, text=self._document.text[start:end], start=start, end=end, resolved_by="possessive")

    def _behind(self, clauses: Clauses, k: int, *, placed: bool = True) -> list[Party]:
        """A party in the prepositional phrases behind a thing: "by" first, then the nearest; ``placed``: also where it is.

        Behind a deed of violence only its doer counts: whoever condemns "the attack on a mosque in Mali" condemns neither.
        """
        chunks = clauses.chunks
        j = k + 1
        nearest: list[Party] = []
        thrown = chunks[k].word in _MISSILES
        wanted = _DOERS if chunks[k].word in self._deeds or thrown else _NEARBY
        wanted = wanted if placed else wanted - {"in", "at", "on", "among"}
        if thrown and j < len(chunks) and chunks[j].kind == "VG" and not chunks[j].finite:
            j += 1  # "missiles launched from Yemen"
        for _ in range(4):
            if j + 1 >= len(chunks) or chunks[j].kind != "P" or chunks[j + 1].kind != "NP":
                break
            if chunks[j].word in _ELSEWHEN:
                break
            if chunks[j].word in wanted:
                both = chunks[j].word in ("between", "among")
                members = coordinated_right(clauses, j + 1, whole=True) if both else [j + 1]
                found = self.group(clauses, members, as_actor=True)  # "welcomed the deal between Serbia and Kosovo"
                if j > k + 1:  # "a plea for a contribution to a force": not the force's
                    found = [p for p in found if p.resolved_by not in ("memory", "lexicon", "text")]
                if chunks[j].word == "from" and clauses.tokens.kind[chunks[j + 1].head] in ("CITY", "REGION", "LOC"):
                    found = [p for p in found if p.resolved_by == "capital" or thrown]  # "the move from Miami"
                if found and chunks[j].word in _DOERS:
                    return found
                nearest = nearest or found
            j += 2
        return nearest

    def group(self, clauses: Clauses, members: list[int], *, as_actor: bool) -> list[Party]:
        """The parties of a list of noun phrases, each person or body once."""
        found: list[Party] = []
        restated = False
        for k in members:
            named = self.parties(clauses, k, as_actor=as_actor)
            restated = bool(found) and self._restates(clauses, k, named, found[-1], also=restated)
            if restated:
                continue
            for party in named:
                if all((party.start, party.code) != (p.start, p.code) for p in found):
                    found.append(party)
        return found

    def _restates(self, clauses: Clauses, k: int, named: list[Party], person: Party, *, also: bool) -> bool:
        """Whether the noun phrase ``k`` of a list only says who the person before it is: "Bell, a union leader and former
        farmer,". ``also``: the one before ``k`` did."""
        if len(named) != 1 or not self.is_person(person):
            return False
        party, phrase = named[0], self.phrase(clauses, k)
        if party.canonical is not None and party.canonical == person.canonical and party.resolved_by == "text":
            return True
        role = phrase.head_mention >= 0 and self.mention(phrase.head_mention).type in ("ROLE", "GROUP")
        opening = clauses.tokens.low[phrase.first]
        if not role or phrase.head.endswith("s") or party.resolved_by == "demonym":
            return False
        if opening in ("a", "an"):
            return clauses.chunks[k - 1].kind == ","
        return also and clauses.tokens.tag[phrase.first] not in "D#"


_WHOSE = frozenset({"his", "her", "their", "our", "my"})
_FOREIGN = frozenset({"foreign", "overseas", "international", "visiting", "expatriate"})
_NO_PERSONS = listed("no_persons")
#: Words for people that, before a noun, only say of what kind it is: "a criminal investigation", "native plants".
_ADJECTIVES = listed("kinds_of_things")


def _is_person_word(phrase: Phrase) -> bool:
    return phrase.head.endswith(PERSON_ENDINGS) and phrase.head not in _NO_PERSONS
