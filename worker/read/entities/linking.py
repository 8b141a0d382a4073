"""Phrases into mentions: which entity each means, and the country and sector that the phrase itself leaves open.

Order of belief for a country: the phrase, the body or owner it goes by, what the world knows of a person, the place the
sentence plays in or the country it speaks of, the article's topic, the dateline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..document import Mention
from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens
from . import gazetteer
from .common_nouns import borrowed_country, owner_country, resolve_common
from .coreference import DiscourseModel, Known
from .lexicon import NameWords
from .matcher import EVERYWHERE
from .phrase import Phrase
from .setting import Setting, find_setting, is_credit, names_topic, says_aside
from .sides import two_sides
from .whose import country_of_official

_KINDS = {"NGO": "NGO", "IGO": "IGO"}  #: sector -> code of an organisation of no country that has no code of its own
_SITES = listed("names", "sites")


def resolve(
    phrases: list[Phrase], tokens: Tokens, discourse: DiscourseModel, words: NameWords, text: str, *, is_story: bool
) -> Iterable[Mention]:
    """Yield the mentions of one sentence. ``is_story``: no byline or dateline, which say little of what it is about."""
    here = find_setting(phrases, tokens)
    first = True
    previous: tuple[Phrase, Known] | None = None
    spoken: list[tuple[Phrase, Known]] = []
    for phrase in sorted(phrases, key=lambda d: (d.start, d.end)):  # a possessor before what is his
        told = is_story and not is_credit(phrase, tokens)
        weight = (2.0 if first and not phrase.inside else 1.0) if told else 0.0
        short = _abbreviated(phrase, previous, tokens)
        found = [(short, "name")] if short else _entities_of(phrase, discourse, here, tokens, words, spoken)
        if short:
            discourse.by_word[phrase.canonical] = short
        for known, by in found:
            is_stated = by != "memory" or phrase.kind not in ("group", "role")
            is_stated = is_stated and not known.guessed and not (phrase.country and says_aside(phrase, tokens))
            part = 0.25 if names_topic(phrase, tokens) else 0.5 if phrase.inside else 1.0
            discourse.enter(known, part * weight, is_stated=is_stated)
            previous = (phrase, known)
            if not phrase.inside:
                spoken.append(previous)
            yield _mention(phrase, known, by, tokens, text)
            first = first and not told
    if _MEDIATION.intersection(tokens.low):
        discourse.outside.update(known.country for _, known in spoken[:2] if known.type == "COUNTRY" and known.country)
    if here.place and is_story:
        discourse.place = (here.place, discourse.sentence)


def _abbreviated(phrase: Phrase, previous: tuple[Phrase, Known] | None, tokens: Tokens) -> Known | None:
    """The entity that "(ABC)" right after its name abbreviates."""
    if previous is None or phrase.end - phrase.start != 1 or not phrase.start or tokens.text[phrase.start - 1] != "(":
        return None
    before, known = previous
    named = before.end == phrase.start - 1 and known.type in ("ORG", "IGO", "LAW", "EVENT", "PERSON")
    return (
        known if named and tokens.text[phrase.start].isupper() and phrase.kind in ("organisation", "unknown") else None
    )


#: Words of those who bring two sides together and are neither.
_MEDIATION = frozenset({"mediate", "mediates", "mediated", "mediating", "mediation", "mediator", "mediators", "broker",
                        "brokers", "brokered", "brokering"})  # fmt: skip


#: Words before a verb without a subject of its own: it has the sentence's ("stopped a car and shot them").
_SHARING = frozenset({"and", ",", "then", "after", "before", "without", "by", "for", "to", "or", "of"})


def _them(
    phrase: Phrase, discourse: DiscourseModel, tokens: Tokens, spoken: list[tuple[Phrase, Known]]
) -> list[tuple[Known, str]]:
    """Whom "them" means: never the subject of its own verb; of those who are left in its sentence, the first.

    ``spoken``: what the sentence has named so far.
    """
    doer: Known | None = None
    shared = False
    for i in range(phrase.start - 2, max(-1, phrase.start - 6), -1):
        doer = next((known for before, known in reversed(spoken) if before.end == i + 1), None)
        shared = doer is None and tokens.low[i] in _SHARING
        if doer is not None or shared:
            break
    if shared and spoken:
        doer = spoken[0][1]
        others = [k for _, k in spoken if k is not doer and k.plural and k.type != "COUNTRY"]
        if others:
            return [(others[0], "pronoun")]
    found = discourse.pronoun("plural", other=True, but=doer)
    return [(found, "pronoun")] if found else []


def _reporting(
    phrase: Phrase, discourse: DiscourseModel, tokens: Tokens, spoken: list[tuple[Phrase, Known]]
) -> Known | None:
    """Who tells what "him" or "she" stands in: "Morales wrote that an officer had threatened him", "a journalist complained
    that she"; None where the sentence opens otherwise. ``spoken``: what the sentence has named so far."""
    gender = {"he": "he", "him": "he", "she": "she", "her": "she"}.get(phrase.canonical)
    if gender is None or not spoken or "that" not in tokens.low[spoken[0][0].end : phrase.start]:
        return None
    first, teller = spoken[0]
    someone = teller.type == "PERSON" or (teller.type == "ROLE" and not teller.plural and first.kind == "role")
    if not someone or teller.gender not in (None, gender) or any(k.type == "PERSON" for _, k in spoken[1:]):
        return None
    told = tokens.low.index("that", first.end)
    inside = [before for before, _ in spoken[1:] if before.start > told]
    if phrase.canonical == "him" and not inside:  # "said that he": nobody but the teller is near
        return None
    if phrase.canonical != "him" and inside:
        return None
    teller.gender = gender
    return teller


def _entities_of(
    phrase: Phrase,
    discourse: DiscourseModel,
    here: Setting,
    tokens: Tokens,
    words: NameWords,
    spoken: list[tuple[Phrase, Known]],
) -> list[tuple[Known, str]]:
    if phrase.kind == "pronoun":
        if phrase.canonical == "they" and phrase.start and tokens.low[phrase.start - 1] in words.nouns:
            near = discourse.last_group(
                tokens.low[phrase.start - 1]
            )  # "police freed nine of the sailors they had held"
            return [(near, "pronoun")] if near else []
        if phrase.canonical == "them":
            return _them(phrase, discourse, tokens, spoken)
        found = _reporting(phrase, discourse, tokens, spoken) or discourse.pronoun(
            phrase.noun or "person",
            other=phrase.canonical in ("him", "them"),
            gender={"he": "he", "him": "he", "she": "she"}.get(phrase.canonical),
        )
        return [(found, "pronoun")] if found else []
    if phrase.kind == "back":
        if _MEDIATION.intersection(tokens.low) and spoken:
            discourse.outside.update(known.country for _, known in spoken if known.country)
        return [(side, "memory") for side in two_sides(phrase, discourse)]
    if phrase.kind in ("country", "demonym") and phrase.country:
        phrase.type, phrase.canonical = ("COUNTRY", gazetteer.country_name(phrase.country) or phrase.canonical)
        return [(discourse.find_or_add(("country", phrase.country), phrase), phrase.resolved_by)]
    if phrase.kind == "unknown":
        return _unknown(phrase, discourse, here, tokens, words)
    word = tokens.text[phrase.head]
    if phrase.type == "CITY" and phrase.head_end == phrase.head + 1 and phrase.resolved_by == "name":
        known = discourse.recall(word)
        bearer = (known is not None and known.type == "PERSON") or discourse.country_of_name(word) is not None
        if bearer and (tokens.low[phrase.start - 1] if phrase.start else "") not in _SITES:
            phrase.kind, phrase.type, phrase.canonical, phrase.country, phrase.code = (
                "person",
                "PERSON",
                word,
                None,
                None,
            )
    if phrase.kind == "person":
        return [_person(phrase, discourse, here, words, tokens)]
    if phrase.kind == "role" and phrase.bearer is not None and phrase.country is None and phrase.code is None:
        named = _bearer(phrase, phrase.bearer, discourse)
        if named is not None:
            return [(named, "text")]
    if phrase.kind in ("role", "group"):
        named_inside = any(tokens.capital[i] for i in range(phrase.start + 1, phrase.head))
        return [resolve_common(phrase, discourse, here, words, is_own=named_inside)]
    common = phrase.sector == "PTY" and phrase.canonical in EVERYWHERE and phrase.resolved_by != "demonym"
    if common and discourse.home not in (None, phrase.country):  # a party that many countries have
        phrase.country = phrase.code = discourse.home
    known = discourse.organisation(phrase)
    before = tokens.low[phrase.start - 1] if phrase.start else ""
    known.acts = phrase.resolved_by == "capital" and before not in _SITES and before not in ("to", "at", "from", "on")
    return [(known, phrase.resolved_by)]


def _unknown(
    phrase: Phrase, discourse: DiscourseModel, here: Setting, tokens: Tokens, words: NameWords
) -> list[tuple[Known, str]]:
    """A single capitalised word: somebody already named, or a new name whose kind the context tells."""
    known = discourse.recall(phrase.canonical)
    if known is not None:
        return [(known, "memory")]
    if len(phrase.canonical) == 1:
        return []
    follow = tokens.low[phrase.end] if phrase.end < len(tokens) else ""
    before = tokens.low[phrase.start - 1] if phrase.start else ""
    speaks = (
        follow in ("said", "says", "told", "added", "who", "asked", "tweeted", "wrote")
        and tokens.low[phrase.head - 1] != "the"
    )
    if discourse.country_of_name(phrase.canonical) or speaks:  # "the Mirror said": a paper
        phrase.kind, phrase.type = "person", "PERSON"
        return [_person(phrase, discourse, here, words, tokens)]
    phrase.kind, phrase.type = "other", "LOC" if before in ("in", "near") and _is_bare(phrase, tokens) else "ORG"
    return [(discourse.organisation(phrase), "text")]


def _is_bare(phrase: Phrase, tokens: Tokens) -> bool:
    """Whether no owner or "a" stands before the name, as before no place: "in [its] Conclusions"."""
    return phrase.head == phrase.start or tokens.low[phrase.start] == "the"


#: "D-Texas", "R-Ky.": an American party and state behind a name.
_SEAT = re.compile(r"[DRI]-[A-Z]\w*")


def _sits_for_state(phrase: Phrase, tokens: Tokens) -> bool:
    """Whether party and state stand behind the name: "Ann Smith, D-Texas," or "Ann Smith (R-Ohio)"."""
    return tokens.low[phrase.end : phrase.end + 1] in ([","], ["("]) and any(
        map(_SEAT.fullmatch, tokens.text[phrase.end + 1 : phrase.end + 2])
    )


def _person(
    phrase: Phrase, discourse: DiscourseModel, here: Setting, words: NameWords, tokens: Tokens
) -> tuple[Known, str]:
    """A named person. Whose title tells no country: from the owner, the body he serves, what the world knows, the scene."""
    named = discourse.by_key.get(("name", phrase.canonical)) if phrase.title is None else None
    if named is not None:  # what a list or a noun said before: "carmaker X"
        return named, "memory"
    if phrase.country is None:
        phrase.country = phrase.beside.country if phrase.beside else None
        phrase.sector = phrase.sector or (phrase.beside.sector if phrase.beside else None)
    if phrase.country is None:
        phrase.country = borrowed_country(phrase, discourse) or (
            owner_country(phrase, discourse, here, words) if phrase.owner else None
        )
    if phrase.country is None and _sits_for_state(phrase, tokens):
        phrase.country = phrase.code = "USA"
        phrase.sector = phrase.sector or "LEG"
    known = discourse.person(phrase)
    if phrase.sector == "GOV" and known.sector == "MIL":
        known.sector = "GOV"  # a general who is prime minister
    if known.country is None:
        found = discourse.country_of_name(known.canonical) or words.offices.get((phrase.title or "").lower())
        guess = None if found else country_of_official(phrase, here, discourse, is_new=known.mentions == 0)
        known.country = known.code = found or guess
        known.guessed = guess is not None
    discourse.tell_gender(known)
    return known, phrase.resolved_by


def _bearer(phrase: Phrase, bearer: Phrase, discourse: DiscourseModel) -> Known | None:
    """Who bears the office beside the name, where the text or the world knows of which country he is: "the foreign minister,
    Sergei Lavrov," said in Kyiv is no Ukrainian."""
    country = bearer.country or discourse.home_of(bearer.canonical)
    if country is None or bearer.canonical.count(" ") == 0:
        return None
    bearer.country = bearer.code = country
    return discourse.person(replace(bearer, title=phrase.canonical, sector=phrase.sector))


def _mention(phrase: Phrase, known: Known, by: str, tokens: Tokens, text: str) -> Mention:
    start, end = tokens.start[phrase.start], tokens.end[phrase.end - 1]
    shared = by in ("memory", "pronoun")
    return Mention(
        start=start,
        end=end,
        text=text[start:end],
        type=known.type if shared or phrase.type in ("PRONOUN", "UNKNOWN") else phrase.type,
        canonical=known.canonical if phrase.type != "GROUP" or shared else phrase.canonical,
        entity=known.number,
        head_start=tokens.start[phrase.head],
        head_end=tokens.end[phrase.head_end - 1],
        country=phrase.country or known.country,
        sector=phrase.sector or known.sector,
        code=phrase.country
        or phrase.code
        or known.country
        or known.code
        or _KINDS.get(phrase.sector or known.sector or ""),
        title=phrase.title or (known.title if phrase.kind == "person" else None),
        resolved_by=by,
    )
