"""Phrases into mentions: which entity each means, and the country and sector that the phrase itself leaves open.

Order of belief for a country: the phrase, the body or owner it goes by, what the world knows of a person, the place the
sentence plays in or the country it speaks of, the article's topic, the dateline.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..document import Mention
from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens
from . import gazetteer
from .candidates import Draft
from .coreference import Known, Memory
from .lexicon import Lexicon

#: Sectors that belong to the place where things happen when the text names no country for them.
#: Sectors whose people, where no country is told, belong to the scene; an actress may be from anywhere.
_OFFICIAL = frozenset({"GOV", "LEG", "JUD", "MIL", "COP", "OPP", "REB", "PTY", "LAB"})
#: Offices of a town or region: their bearer belongs to the place that is spoken of.
_LOCAL_OFFICES = listed("names", "local_offices")
_KINDS = {"NGO": "NGO", "IGO": "IGO"}  #: sector -> code of an organisation of no country that has no code of its own
_PEOPLE = frozenset(
    {"leaders", "presidents", "ministers", "men", "heads", "premiers", "officials", "diplomats", "generals"}
)
_LANDS = frozenset({"countries", "nations", "states", "governments", "neighbors", "neighbours", "allies", "powers"})
_LOCAL = frozenset({"COP", "JUD", "LEG", "CVL", "OPP", "LAB", "GOV", "REB", "PTY", "MED", "MIL"})
_SITES = listed("names", "sites")
_INSIDE = listed("names", "inside")
_TOWARD = listed("names", "toward")
#: Words in a title that stand for a body named before.
_BODIES = listed("names", "bodies")


def resolve(
    drafts: list[Draft], tokens: Tokens, memory: Memory, words: Lexicon, text: str, *, told: bool
) -> Iterable[Mention]:
    """Mentions of one sentence. ``told``: part of the story; a byline or dateline says little of what it is about."""
    here = _scene(drafts, tokens)
    first = True
    previous: tuple[Draft, Known] | None = None
    for draft in sorted(drafts, key=lambda d: (d.start, d.end)):  # a possessor before what is his
        weight = (2.0 if first and not draft.inside else 1.0) if told else 0.0
        short = _abbreviated(draft, previous, tokens)
        found = [(short, "name")] if short else _entities_of(draft, memory, here, tokens, words)
        if short:
            memory.by_word[draft.canonical] = short
        for known, by in found:
            told_country = by != "memory" or draft.kind not in ("group", "role")
            memory.enter(known, weight if not draft.inside else 0.5 * weight, told=told_country)
            previous = (draft, known)
            yield _mention(draft, known, by, tokens, text)
            first = False
    if here.place and told:
        memory.place = (here.place, memory.sentence)


def _abbreviated(draft: Draft, previous: tuple[Draft, Known] | None, tokens: Tokens) -> Known | None:
    """The entity that "(ABC)" right after its name abbreviates."""
    if previous is None or draft.end - draft.start != 1 or not draft.start or tokens.text[draft.start - 1] != "(":
        return None
    before, known = previous
    named = before.end == draft.start - 1 and known.type in ("ORG", "IGO", "LAW", "EVENT", "PERSON")
    return known if named and tokens.text[draft.start].isupper() and draft.kind in ("organisation", "unknown") else None


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a sentence tells about phrases that name no country: where it plays, and the countries it speaks of, with the token
    at which each is named; ``aimed`` are those that something is only done to."""

    place: str | None
    countries: tuple[tuple[int, str], ...]
    aimed: tuple[str, ...]
    left: bool = False  #: whether somebody leaves a country in it

    def country(self, before: int, topic: str | None) -> str | None:
        """The country spoken of before that token, else the article's topic, else one named later."""
        earlier = next((code for at, code in self.countries if at < before), None)
        return earlier or topic or next((code for _, code in self.countries), None) or next(iter(self.aimed), None)


#: Prepositions of place that make a scene where the country owns the site: "at Tunisia's best museum".
_AT = frozenset({"at", "near", "outside", "around"})


def _leaves(tokens: Tokens, start: int) -> bool:
    """ "Crossed from Adré in eastern Chad": whoever leaves a place is no longer there."""
    return "from" in tokens.low[max(0, start - 4) : start]


def _owns_site(draft: Draft, tokens: Tokens) -> bool:
    """Whether the name is a possessive: what is at a site of that country happens there."""
    return draft.end < len(tokens) and tokens.low[draft.end] in ("'s", "’s")


def _scene(drafts: list[Draft], tokens: Tokens) -> _Scene:
    place = None
    countries: list[tuple[int, str]] = []
    aimed: list[str] = []
    left = False
    for draft in drafts:
        before = tokens.low[draft.start - 1] if draft.start else ""
        if draft.country is None or draft.kind == "person":
            continue
        if before == "in" and draft.start > 1 and tokens.low[draft.start - 2] in ("said", "told", "reporters"):
            continue  # where somebody speaks is not where it happens
        site = draft.kind == "place" and draft.type in ("CITY", "REGION")
        inside = before in _INSIDE or (before in _AT and _owns_site(draft, tokens))
        if place is None and (site or (draft.kind == "country" and inside)) and not _leaves(tokens, draft.start):
            place = draft.country
        if _leaves(tokens, draft.start):
            left = True
            continue
        if before in _TOWARD:
            aimed.append(draft.country)
        else:
            countries.append((draft.start, draft.country))
    return _Scene(place, tuple(countries), tuple(aimed), left)


def _entities_of(draft: Draft, memory: Memory, here: _Scene, tokens: Tokens, words: Lexicon) -> list[tuple[Known, str]]:
    if draft.kind == "pronoun":
        found = memory.pronoun(
            draft.noun or "person",
            other=draft.canonical in ("him", "them"),
            gender={"he": "he", "him": "he", "she": "she"}.get(draft.canonical),
        )
        return [(found, "pronoun")] if found else []
    if draft.kind == "back":
        said = draft.canonical.split()
        people, lands = (any(word in kind for word in said) for kind in (_PEOPLE, _LANDS))
        sides = memory.sides(people=people, lands=lands)
        return [(_land(side, draft, memory) if lands else side, "memory") for side in sides]
    if draft.kind in ("country", "demonym") and draft.country:
        draft.type, draft.canonical = "COUNTRY", gazetteer.country_name(draft.country) or draft.canonical
        return [(memory.find_or_add(("country", draft.country), draft), draft.resolved_by)]
    if draft.kind == "unknown":
        return _unknown(draft, memory, here, tokens, words)
    word = tokens.text[draft.head]
    if draft.type == "CITY" and draft.head_end == draft.head + 1 and draft.resolved_by == "name":
        known = memory.recall(word)
        bearer = (known is not None and known.type == "PERSON") or memory.country_of_name(word) is not None
        if bearer and (tokens.low[draft.start - 1] if draft.start else "") not in _SITES:
            draft.kind, draft.type, draft.canonical, draft.country, draft.code = "person", "PERSON", word, None, None
    if draft.kind == "person":
        return [_person(draft, memory, here, words)]
    if draft.kind in ("role", "group"):
        return [_common(draft, memory, here, words)]
    if draft.sector == "PTY" and draft.canonical in _EVERYWHERE and memory.home not in (None, draft.country):
        draft.country = draft.code = memory.home  # a party that many countries have, in a story from another one
    known = memory.organisation(draft)
    before = tokens.low[draft.start - 1] if draft.start else ""
    known.acts = draft.resolved_by == "capital" and before not in _SITES and before not in ("to", "at", "from", "on")
    return [(known, draft.resolved_by)]


#: Names of parties that several countries have.
_EVERYWHERE = frozenset({"Labour", "Tories", "Liberal Democrats", "Democratic Party", "Republican Party"})


def _land(side: Known, draft: Draft, memory: Memory) -> Known:
    """The country that a side is of: "both nations" are no ministers."""
    code = side.country
    if side.type == "COUNTRY" or code is None:
        return side
    name = gazetteer.country_name(code) or side.canonical
    whole = replace(draft, kind="country", type="COUNTRY", canonical=name, country=code, code=code, plural=False)
    return memory.find_or_add(("country", code), whole)


def _unknown(draft: Draft, memory: Memory, here: _Scene, tokens: Tokens, words: Lexicon) -> list[tuple[Known, str]]:
    """A single capitalised word: somebody already named, or a new name whose kind the context tells."""
    known = memory.recall(draft.canonical)
    if known is not None:
        return [(known, "memory")]
    if len(draft.canonical) == 1:
        return []
    follow = tokens.low[draft.end] if draft.end < len(tokens) else ""
    before = tokens.low[draft.start - 1] if draft.start else ""
    if memory.country_of_name(draft.canonical) or follow in (
        "said",
        "says",
        "told",
        "added",
        "who",
        "asked",
        "tweeted",
        "wrote",
    ):
        draft.kind, draft.type = "person", "PERSON"
        return [_person(draft, memory, here, words)]
    draft.kind, draft.type = "other", "LOC" if before in ("in", "near") else "ORG"
    return [(memory.organisation(draft), "text")]


def _person(draft: Draft, memory: Memory, here: _Scene, words: Lexicon) -> tuple[Known, str]:
    """A named person. Whose title tells no country: from the owner, the body he serves, what the world knows, the scene."""
    named = memory.by_key.get(("name", draft.canonical)) if draft.title is None else None
    if named is not None:  # what a list or a noun said before: "carmaker X"
        return named, "memory"
    if draft.country is None:
        draft.country = draft.beside.country if draft.beside else None
        draft.sector = draft.sector or (draft.beside.sector if draft.beside else None)
    if draft.country is None:
        draft.country = _borrowed(draft, memory) or (
            _owner_country(draft, memory, here, words) if draft.owner else None
        )
    known = memory.person(draft)
    if known.country is None:
        found = memory.country_of_name(known.canonical) or words.offices.get((draft.title or "").lower())
        if (
            found is None
            and draft.code is None
            and draft.title
            and (draft.sector in _OFFICIAL or "leader" in draft.title.lower())
        ):
            local = any(word in _LOCAL_OFFICES for word in draft.title.lower().split())
            found = (here.place or memory.scene()) if local else None
            found = found or here.country(draft.start, memory.home or memory.topic())
        known.country = known.code = found
    memory.tell_gender(known)
    return known, draft.resolved_by


def _borrowed(draft: Draft, memory: Memory) -> str | None:
    """The country of the body that the phrase goes by: "the agency's head", "department spokesman X", "Chief Executive X"."""
    source = draft.source
    if source is not None and source.country is None and source.kind in ("group", "role"):
        known = memory.body(source.noun or "") if source.kind == "group" else memory.role(source.noun or "", None)
        return known.country if known else None
    if source is not None:
        return source.country
    title = (draft.title or "").lower().split()
    for word in title[:-1]:
        if word in _BODIES:
            known = memory.body(word)
            if known is not None:
                return known.country
    if draft.sector == "BUS":
        known = memory.body("company")
        return known.country if known else None
    return None


def _common(draft: Draft, memory: Memory, here: _Scene, words: Lexicon) -> tuple[Known, str]:
    """A role or group without a name: somebody from before, or a new one with the country that the context gives."""
    noun = draft.noun or draft.canonical
    bare = draft.definite and draft.country is None and draft.code is None
    if bare and not draft.plural and noun in words.country_nouns:
        about = memory.country()
        if about is not None:
            return about, "memory"
    if bare and draft.plural and noun in words.fighters:
        known = memory.fighters()
        if known is not None:
            return known, "memory"
    if bare and not draft.plural:
        if draft.kind == "role":
            known = memory.role(noun.split()[-1].removeprefix("ex-"), None)
        else:
            known = memory.body(noun)
        minister = memory.role("minister", None) if noun == "ministry" else None
        if minister is not None and (known is None or memory.now(minister) > memory.now(known)):
            draft.country = draft.code = minister.country  # the ministry of the minister just named
        elif known is not None:
            return known, "memory"
    by = draft.resolved_by
    if draft.country is None and draft.code is None and (draft.source or draft.sector == "BUS"):
        draft.country = draft.code = _borrowed(draft, memory) if draft.source else None
    if draft.owner and noun in words.country_nouns:
        owner = _owner(draft, memory)
        home = memory.by_key.get(("country", owner.country or "")) if owner else None
        if home is not None:
            return home, "pronoun"
    if draft.country is None and draft.owner:
        owner = _owner(draft, memory)
        if owner is not None:
            draft.country = _owner_country(draft, memory, here, words)
            draft.code = draft.country or owner.code
            draft.sector = draft.sector or owner.sector
        by = "pronoun"
    elif (
        draft.country is None
        and draft.kind == "role"
        and draft.definite
        and (draft.sector == "GOV" or noun == "leader")
    ):
        about = memory.country()
        draft.country = draft.code = about.country if about else None
        by = "memory"
    if noun in _OF_VESSELS and not draft.owner and draft.country is None:
        draft.sector = None
        return memory.find_or_add(("common", noun, "", "", draft.canonical), draft, draft.canonical), by
    beside = draft.type == "ROLE" and draft.resolved_by == "text"
    if draft.country is None and draft.code is None and draft.sector in _LOCAL and not beside and not draft.foreign:
        draft.country = draft.code = draft.hint or _local(draft, here, memory)
        by = "memory"
    key = ("common", noun, draft.country or "", draft.sector or "", "" if draft.type == "GROUP" else draft.canonical)
    if beside:
        return memory.person(replace(draft, kind="person", type="PERSON", title=noun)), "text"
    if draft.country and draft.type not in ("ORG", "REGION"):
        draft.canonical = f"{gazetteer.country_name(draft.country)} {noun}"
    return memory.find_or_add(key, draft, draft.canonical, named=draft.type in ("ORG", "REGION")), by


#: Roles on ships and aircraft: of whatever flag, so of no country that memory could give.
_OF_VESSELS = frozenset({"captain", "skipper", "pilot", "co-pilot"})


def _local(draft: Draft, here: _Scene, memory: Memory) -> str | None:
    """Police, courts and crowds belong to the place; armies and governments to the country that is spoken of."""
    if draft.sector in ("REB", "CRM", "REF"):  # not of the country whose army speaks of them
        return here.place or memory.scene() or memory.topic() or here.country(draft.start, None)
    if here.left and not here.countries:
        return here.place  # the country that is left is the text's topic for now
    if draft.sector in ("MIL", "GOV"):
        return here.country(draft.start, memory.topic())
    if draft.sector == "CVL" and not here.countries:  # people are of the place, else of nowhere we know
        return here.place or memory.scene() or memory.home
    return here.place or here.country(draft.start, memory.home or memory.scene() or memory.topic())


def _owner(draft: Draft, memory: Memory) -> Known | None:
    """Whom "his", "its" or "their" at the head of the phrase means."""
    kind = {"his": "person", "her": "person", "its": "thing", "their": "plural"}.get(draft.owner or "", "")
    gender = {"his": "he", "her": "she"}.get(draft.owner or "")
    return memory.pronoun(kind, gender=gender) if kind else None


def _owner_country(draft: Draft, memory: Memory, here: _Scene, words: Lexicon) -> str | None:
    """The owner's country; for "his counterpart" the other country that the sentence speaks of."""
    found = _owner(draft, memory)
    if found is None or draft.noun not in words.others:
        return found.country if found else None
    return next((code for _, code in here.countries if code != found.country), None)


def _mention(draft: Draft, known: Known, by: str, tokens: Tokens, text: str) -> Mention:
    start, end = tokens.start[draft.start], tokens.end[draft.end - 1]
    shared = by in ("memory", "pronoun")
    return Mention(
        start=start,
        end=end,
        text=text[start:end],
        type=known.type if shared or draft.type in ("PRONOUN", "UNKNOWN") else draft.type,
        canonical=known.canonical if draft.type != "GROUP" or shared else draft.canonical,
        entity=known.number,
        head_start=tokens.start[draft.head],
        head_end=tokens.end[draft.head_end - 1],
        country=draft.country or known.country,
        sector=draft.sector or known.sector,
        code=draft.country
        or draft.code
        or known.country
        or known.code
        or _KINDS.get(draft.sector or known.sector or ""),
        title=draft.title or (known.title if draft.kind == "person" else None),
        resolved_by=by,
    )
