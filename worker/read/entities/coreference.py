"""DiscourseModel through the article: which earlier entity a short name, a role, "the country" or a pronoun points to.

Each entity carries a salience: a mention adds to it (twice as much for the first one of a sentence, which is mostly the
subject), each new sentence lets all fade. The most salient entity that fits is meant. Nothing that fits: nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from .name_features import common_words
from .phrase import Phrase

_PAST_OFFICES = frozenset({"former", "ex", "late", "then", "deputy", "vice", "acting", "future", "incoming"})
_FADE = 0.6
_FADED = 1e-4  #: salience below which a body is no longer "the ministry"
_UNIONS = frozenset({"alliance", "bloc", "body", "organization", "organisation", "commission", "secretariat", "agency"})
_GROUPS = frozenset({"REB", "NGO"})  #: what "the group" can be, beside what calls itself one
#: Sector of the organisations that a bare noun can stand for.
_SECTORS = {"company": "BUS", "firm": "BUS", "bank": "BUS", "party": "PTY", "union": "LAB", "agency": "GOV", "court": "JUD",
            "newspaper": "MED", "daily": "MED"}  # fmt: skip
_OFFICES = frozenset({"GOV", "MIL", "COP", "JUD", "REB", "LEG"})
_PARTIES = frozenset({None, "GOV", "MIL", "REB", "OPP", "PTY", "LEG", "BUS"})  #: who can be a side
_WELL_KNOWN = 4  #: mentions after which a surname stays a person's, whoever of the name comes up
#: How much a text must be about a country, and how much more than about any other, for its people to be of there. Counted on
#: 184 parties that memory placed, of 323 articles: 6 of 50 were wrong, 5 of them with a rival nearer than this.
_LEAST_ABOUT, _CLEARLY = 0.05, 1.6
_RECENT_LIMIT = 60  #: entities that pronouns, roles and short names are looked for among: bounds the cost per mention
#: Where the family name comes first: a bare first token ("Kim") is that person too.
_FAMILY_FIRST = frozenset({"CHN", "PRK", "KOR", "TWN", "VNM", "HKG", "SGP", "HUN", "KHM"})


def _bears(known: Known, word: str) -> bool:
    """Whether the word is the family name of a person whose country puts it first."""
    first = known.canonical.partition(" ")[0]
    return known.type == "PERSON" and known.country in _FAMILY_FIRST and first == word != known.canonical


@dataclass(slots=True)
class Known:
    """An entity of the article so far."""

    number: int
    type: str
    canonical: str
    country: str | None = None
    sector: str | None = None
    code: str | None = None
    title: str | None = None
    noun: str | None = None
    plural: bool = False
    salience: float = 0.0
    sentence: int = -1
    gender: str | None = None  #: he or she, where title, given name or an earlier pronoun tells
    mentions: int = 0
    guessed: bool = False  #: its country is inferred, and must not feed the next inference
    acts: bool = False  #: a capital that stood for its government when last mentioned
    words: set[str] = field(default_factory=set)


class DiscourseModel:
    """Entities of one article. Feed it sentence by sentence, phrases in order of their start."""

    def __init__(
        self,
        home: str | None,
        machines: Set[str] = frozenset(),
        people: Mapping[str, str] | None = None,
        genders: Mapping[str, str] | None = None,
    ) -> None:
        """``home``: country of the dateline, the last resort for police, protesters and courts without one. ``machines``:
        nouns that no pronoun points to. ``people``: names whose country the world knows. ``genders``: words
        of titles and given names that tell he or she."""
        self.home, self.machines = home, machines
        self.genders = genders or {}
        self.people = people or {}
        self.known: list[Known] = []
        self.recent: dict[int, Known] = {}  #: the last entities mentioned, oldest first: whom a short word can mean
        self.by_key: dict[tuple[str, ...], Known] = {}
        self.by_word: dict[str, Known] = {}
        self.sentence = -1
        self.subject: Known | None = None  #: the first one named in the sentence that was begun last
        self.before: Known | None = None  #: the first one named in the sentence before that
        self.place: tuple[str, int] | None = (
            None  #: country of the last place where something happened, and its sentence
        )
        self.outside: set[str] = set()  #: countries that mediate: neither of "the two sides"
        self.total: dict[str, int] = {}  #: country -> mentions so far
        self.about: dict[str, float] = {}  #: country -> how much the text is about it here

    def begin_sentence(self) -> None:
        """Let everything fade a little (each entity by the number of sentences since its last mention)."""
        self.sentence += 1
        self.before = self.subject
        self.subject = None
        for code in self.about:
            self.about[code] *= _FADE

    def now(self, known: Known) -> float:
        """Salience at this sentence: what it was when last mentioned, faded once for each sentence since."""
        return known.salience * _FADE ** (self.sentence - known.sentence)

    def enter(self, known: Known, weight: float, *, is_stated: bool = True) -> Known:
        """Count a mention. ``is_stated``: the text states its country; an inferred one must not feed the next inference."""
        known.salience = self.now(known) + weight
        known.sentence = self.sentence
        known.mentions += 1
        if weight:
            self.subject = self.subject or known
        self.recent.pop(known.number, None)
        self.recent[known.number] = known
        if len(self.recent) > _RECENT_LIMIT:
            del self.recent[next(iter(self.recent))]
        if known.country and weight and is_stated:
            share = weight if known.type == "COUNTRY" else 0.6 * weight
            self.about[known.country] = self.about.get(known.country, 0.0) + share
            self.total[known.country] = self.total.get(known.country, 0) + 1
        return known

    def find_or_add(self, key: tuple[str, ...], phrase: Phrase, canonical: str | None = None) -> Known:
        """The entity of that key; a new one where the article has not named it yet."""
        known = self.by_key.get(key)
        if known is None:
            canonical = canonical or phrase.canonical
            known = Known(len(self.known), phrase.type, canonical, phrase.country, phrase.sector, phrase.code)
            known.title, known.noun, known.plural = phrase.title, phrase.noun, phrase.plural
            self.known.append(known)
            self.by_key[key] = known
        if known.country is None and phrase.country is not None:
            known.country, known.code = phrase.country, phrase.code or known.code
        known.sector = known.sector or phrase.sector
        known.title = known.title or phrase.title
        return known

    def tell_gender(self, known: Known) -> None:
        """What title or given name tell, once."""
        if known.gender is None:
            marks = [*(known.title or "").lower().split(), known.canonical.partition(" ")[0]]
            known.gender = next((self.genders[mark] for mark in marks if mark in self.genders), None)

    def person(self, phrase: Phrase) -> Known:
        """A named person; a bare or titled surname is the person who bears it."""
        parts = [w for w in phrase.canonical.replace("'s", "").split() if len(w) > 1]
        earlier = self.by_word.get(parts[-1]) if parts else None
        if earlier is not None and len(parts) == 2 and parts[0].endswith("ing") and parts[0].lower() in common_words():
            return earlier  # "Hosting Cook at the fair is a dream"
        if (
            earlier is not None
            and earlier.type == "PERSON"
            and (len(parts) == 1 or earlier.words >= set(parts) or set(parts) > earlier.words)
        ):
            if len(parts) > len(earlier.words):
                earlier.canonical, earlier.words = phrase.canonical, set(parts)
            known = (
                self.find_or_add(("person", earlier.canonical), phrase)
                if ("person", earlier.canonical) in self.by_key
                else earlier
            )
            known.country = known.country or phrase.country
            known.code = known.code or phrase.country
            known.sector = known.sector or phrase.sector
            known.title = known.title or phrase.title
        else:
            known = self.find_or_add(("person", phrase.canonical), phrase)
            known.words = set(parts)
        for word in parts[-1:]:
            before = self.by_word.get(word)
            is_other = before is not None and before is not known and before.type == "PERSON" and known.mentions == 0
            if is_other and before is not None and before.mentions >= _WELL_KNOWN:
                continue  # a father named once does not take the name of whom the article is about
            if len(parts) == 1 or before is None or not _bears(before, word) or known.country == before.country:
                self.by_word[word] = known  # "Kim" stays Kim Jong Un, though an envoy is called Sung Kim
        if len(parts) > 1 and parts[0][0].isupper():
            if known.country in _FAMILY_FIRST:
                self.by_word[parts[0]] = known
            else:  # a given name: whichever bearer was there before stays
                self.by_word.setdefault(parts[0], known)
        return known

    def country_of_name(self, name: str) -> str | None:
        """The country the world knows for a person's full name, or for a last name that is enough.

        Of two who share a last name the first letters agree, or the text speaks of the country: else it is a namesake.
        """
        given, _, last = name.rpartition(" ")
        if (known := self.people.get(name)) is not None or not given or last not in self.people:
            return known
        country = self.people[last]
        if country == self.home or self.total.get(country):
            return country
        bearers = [full for full in self.people if full.endswith(f" {last}")]
        return country if not bearers or any(full[0] == given[0] for full in bearers) else None

    def home_of(self, name: str) -> str | None:
        """The country of a name that the text or the world places: for what is his ("Bolsonaro's government")."""
        known = self.by_word.get(name.rsplit(" ", 1)[-1])
        return known.country if known is not None and known.country else self.country_of_name(name)

    def organisation(self, phrase: Phrase) -> Known:
        """A named organisation or other named thing; "Aalto" is "Aalto Photonics" once that was named."""
        parts = phrase.canonical.split()
        earlier = self.by_word.get(parts[0]) if len(parts) == 1 else None
        is_place = phrase.kind == "place" or phrase.resolved_by == "capital"  # "Moscow" is not "The Moscow Times"
        if (
            earlier is not None
            and earlier.type not in ("PERSON", "UNKNOWN")
            and not (is_place and " " in earlier.canonical)
        ):
            return earlier
        known = self.find_or_add(("name", phrase.canonical), phrase)
        if phrase.type in ("ORG", "WEAPON", "PRODUCT") and len(parts) > 1 and parts[0][0].isupper():
            self.by_word.setdefault(parts[0], known)
        return known

    def recall(self, word: str) -> Known | None:
        """The entity that a single capitalised word was part of."""
        return self.by_word.get(word)

    def best(self, fits: Iterable[Known]) -> Known | None:
        """The most salient; the later of equals."""
        return max(fits, key=lambda k: (self.now(k), k.number), default=None)

    def country(self, but: str | None = None) -> Known | None:
        """The country the text is about here."""
        fits = (k for k in self.recent.values() if k.type == "COUNTRY" and k.country != but)
        return max(fits, key=lambda k: (self.now(k) + self._standing(k.country or ""), k.number), default=None)

    def topic(self) -> str | None:
        """Country code for what has none of its own: the country the text is about here, else the dateline's."""
        code = max(self.about, key=self._aboutness, default=None)
        if code is None or self._aboutness(code) <= _LEAST_ABOUT:
            return self.home
        others = max((self._aboutness(other) for other in self.about if other != code), default=0.0)
        return code if code == self.home or self._aboutness(code) >= _CLEARLY * others else self.home

    def seat(self) -> str | None:
        """Country of officials without one: the dateline's, but where the text names only others, as a report on Iran from
        Dubai does, the country that it is about."""
        if self.home is not None and not self.total.get(self.home):
            likely = max(self.about, key=self._aboutness, default=None)
            if likely is not None and self.total[likely] > 2:
                return likely
        return self.home or self.topic()

    def recent_place_country(self) -> str | None:
        """Country of the place named in this sentence or the one before."""
        return self.place[0] if self.place is not None and self.sentence - self.place[1] <= 1 else None

    def fighters(self) -> Known | None:
        """The armed group just spoken of."""
        return self.best(
            k for k in self.recent.values() if k.sector == "REB" and k.type != "PERSON" and self.now(k) > 0.3
        )

    def _aboutness(self, code: str) -> float:
        """How much the text is about a country: here and now, and on the whole (so that an aside changes little)."""
        return self.about[code] + self._standing(code)

    def _standing(self, code: str) -> float:
        """A country's part in the article as a whole: how often it is named, and whether the story comes from there."""
        return 0.1 * min(self.total.get(code, 0), 10) + (0.5 if code == self.home else 0.0)

    def role(self, noun: str, country: str | None) -> Known | None:
        """ "the president": the last person with that word in the title (and that country, where one is given)."""

        def fits(known: Known) -> bool:
            if known.type == "PERSON" and known.title:
                return noun in known.title.lower() and (country is None or known.country in (None, country))
            return known.type == "ROLE" and not known.plural and (known.noun or "").rpartition(" ")[2] == noun

        return self.best(k for k in self.recent.values() if fits(k))

    def has_bearer(self, title: str, country: str, name: str) -> bool:
        """Whether another person than ``name`` bears that title in the country: two presidents are not of one."""
        last = name.rpartition(" ")[2]
        return any(
            k.type == "PERSON" and k.country == country and k.title and k.title.lower().endswith(title)
            and last not in k.words and _PAST_OFFICES.isdisjoint(k.title.lower().split())
            for k in self.recent.values()
        )  # fmt: skip

    def body(self, noun: str) -> Known | None:
        """ "the ministry", "the company": the last organisation that this noun can stand for."""

        def fits(known: Known) -> bool:
            if known.type == "IGO" and noun in _UNIONS:
                return True
            if known.type not in ("ORG", "IGO", "GROUP") or known.plural or self.now(known) < _FADED:
                return False
            if noun in known.canonical.lower().split() or f" {known.noun}".endswith(f" {noun}"):
                return True
            if known.type == "GROUP":
                return False
            return (
                known.sector in _GROUPS
                if noun == "group"
                else known.sector is not None and known.sector == _SECTORS.get(noun)
            )

        return self.best(k for k in self.recent.values() if fits(k))

    def pronoun(
        self, kind: str, *, other: bool = False, gender: str | None = None, but: Known | None = None
    ) -> Known | None:
        """Whom "he", "it" or "they" can mean. ``other``: not the subject of this sentence ("him", "them"). ``gender``: he or
        she; whoever is known to be the other is not meant, and who is meant is known from then on. ``but``: who is not."""
        if gender is not None and kind == "person":
            fitting = [k for k in self.recent.values() if k.type == "PERSON" and k.gender in (None, gender)]
            if other:
                fitting = [k for k in fitting if k.sentence < self.sentence] or fitting
            found = self.best(fitting)
            if found is not None:
                found.gender = gender
                return found
        if other:
            before = [k for k in self.recent.values() if k.sentence < self.sentence]
            if kind == "person":
                return self.best(k for k in before if k.type == "PERSON") or self.pronoun(kind)
        if kind == "person":
            return self.best(
                k for k in self.recent.values() if k.type == "PERSON" or (k.type == "ROLE" and not k.plural)
            )
        people = [k for k in self.recent.values() if k.noun not in self.machines and k is not but]
        if kind == "plural":
            return self.best(k for k in people if (k.plural and k.type != "COUNTRY") or k.noun == "police")
        things = [
            k
            for k in people
            if k.type in ("COUNTRY", "ORG", "IGO")
            or k.acts
            or (k.type == "GROUP" and not k.plural and k.noun != "police")
        ]
        opens = self.subject is None  # "Its ministry said ...": whose, the subject of the sentence before tells
        return self.before if opens and self.before in things else self.best(things)

    def last_group(self, described: str) -> Known | None:
        """The last people or body of office that this sentence names: whoever did what a bare relative clause tells.
        ``described``: the noun before the clause, which is none."""
        here = (k for k in reversed(self.recent.values()) if k.sentence == self.sentence and f"{k.noun}s" != described)
        return next((k for k in here if k.type in ("GROUP", "ORG", "IGO") and k.sector in _OFFICES), None)

    def sides(self, *, people: bool = False, lands: bool = False) -> list[Known]:
        """The two parties that "the two sides" can mean: the two most salient, of different countries where that is near.
        ``people``: persons only ("the two presidents"). ``lands``: countries ("both nations"), never two of one country."""
        weight = {"PERSON": 1.5, "COUNTRY": 1.2, "GROUP": 1.0, "ORG": 0.8, "ROLE": 1.0}
        near = [
            k
            for k in self.recent.values()
            if k.country and k.type in weight and k.sector in _PARTIES and k.noun not in self.machines
        ]
        if lands or len({k.country for k in near} - self.outside) > 1:
            near = [k for k in near if k.country not in self.outside]
        if people:
            near = [k for k in near if k.type == "PERSON"]
        here = [k for k in near if k.sentence == self.sentence]
        if len(here) == 1 and len(near) > 2 and len({k.country for k in near if k is not here[0]}) > 1:
            near.remove(here[0])  # "X offered to mediate between the two sides": X is neither
        last = [k for k in near if k.sentence >= self.sentence - 1]
        if len({k.country for k in last if not people or k.type == "PERSON"}) > 1:
            near = [k for k in last if k in near]
        fighters = [k for k in near if k.sector in ("MIL", "REB", "OPP") and k.type in ("PERSON", "ORG", "GROUP")]
        if len(fighters) > 1 and not any(k.type == "COUNTRY" for k in last):
            near = fighters
        ranked = sorted(near, key=lambda k: -self.now(k) * weight[k.type])
        if lands:  # an aside on a third country makes it no side
            ranked.sort(key=lambda k: -min(self.total.get(k.country or "", 0), 4))
        if not ranked:
            return []
        first = ranked[0]
        if lands:
            other = next((k for k in ranked if k.country != first.country), None)
            return [self.by_key.get(("country", k.country or ""), k) for k in (first, other)] if other else []
        least = 0.25 * self.now(first)
        abroad = next((k for k in ranked if k.country != first.country and (self.now(k) > least or k in last)), None)
        second = abroad or next((k for k in ranked[1:] if k.type in ("PERSON", "GROUP", "ORG")), None)
        return [first, second] if second else []
