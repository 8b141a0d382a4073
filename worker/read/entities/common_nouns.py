"""Roles and groups without a name ("the minister", "his troops"): who they are, and of which country."""

from __future__ import annotations

from dataclasses import replace

from ..syntax.grammar import listed
from . import gazetteer
from .coreference import DiscourseModel, Known
from .lexicon import NameWords
from .phrase import Phrase
from .setting import Setting
from .whose import has_office, local_country

_LOCAL = frozenset({"COP", "JUD", "LEG", "CVL", "OPP", "LAB", "GOV", "REB", "PTY", "MED", "MIL"})
#: Words in a title that stand for a body named before.
_BODIES = listed("names", "bodies")
_NEIGHBOURS = frozenset({"neighbor", "neighbour"})
#: Who stands between the parties, or comes from abroad.
_OF_NEITHER = frozenset(
    {
        "mediator",
        "broker",
        "intermediary",
        "peacekeeper",
        "observer",
        "monitor",
        "mercenary",
        "envoy",
        "emissary",
        "ambassador",
    }
)
#: Roles on ships and aircraft: of whatever flag, so of no country that discourse could give.
_OF_VESSELS = frozenset({"captain", "skipper", "pilot", "co-pilot"})
_AT_HOME_TOO = frozenset({"rival", "opponent"})


#: Offices that a country has one of: several bearers are of several countries.
_ONE_EACH = frozenset({"president", "prime minister", "foreign minister", "premier", "chancellor", "king", "emir"})
#: Posts of one state in another: of neither the place nor the text's topic.
_POSTS = frozenset({"embassy", "consulate", "consulate general", "consulate-general", "high commission"})


def resolve_common(
    phrase: Phrase, discourse: DiscourseModel, here: Setting, words: NameWords, *, is_own: bool
) -> tuple[Known, str]:
    """A role or group without a name: somebody from before, or a new one with the country that the context gives. ``is_own``:
    a name inside it ("the Ostrava settlement bloc") says that it is nobody from before."""
    noun = phrase.noun or phrase.canonical
    is_own = is_own or phrase.of_body
    known = None if is_own and noun not in words.country_nouns else _from_before(phrase, discourse, words, noun)
    if known is not None:
        return known, "memory"
    if phrase.country is None and phrase.code is None and phrase.source:
        phrase.country = phrase.code = borrowed_country(phrase, discourse)
    if phrase.owner and noun in words.country_nouns:
        owner = _owner(phrase, discourse)
        home = discourse.by_key.get(("country", owner.country or "")) if owner else None
        if home is not None:
            return home, "pronoun"
    if phrase.of_body and phrase.kind == "role" and phrase.country is None and phrase.code is None and not phrase.owner:
        return _of_body(phrase, discourse, noun)
    by = _give_country(phrase, discourse, here, words, noun)
    if noun in _OF_VESSELS and not phrase.owner and phrase.country is None:
        phrase.sector = None
        return discourse.find_or_add(("common", noun, "", "", phrase.canonical), phrase, phrase.canonical), by
    beside = (phrase.type == "ROLE" and phrase.resolved_by == "text") or noun in _OF_NEITHER
    any_states = noun == "government" and phrase.plural and phrase.start == phrase.head  # "urged governments to"
    several = phrase.plural and phrase.definite and noun in _ONE_EACH  # "the presidents rejected": no country has two
    nowhere = any_states or several or noun in _POSTS
    local = (phrase.sector in _LOCAL or noun in words.fighters) and not nowhere
    if phrase.country is None and phrase.code is None and local and not beside and not phrase.foreign:
        phrase.country = phrase.code = phrase.hint or local_country(phrase, here, discourse)
        by = "memory"
    if by == "memory" and phrase.country and not has_office(phrase.country, noun):
        phrase.country = phrase.code = None
    canonical = "" if phrase.type == "GROUP" else phrase.canonical
    key = ("common", noun, phrase.country or "", phrase.sector or "", canonical)
    if beside and noun not in _OF_NEITHER:
        return discourse.person(replace(phrase, kind="person", type="PERSON", title=noun)), "text"
    if phrase.country and phrase.type not in ("ORG", "REGION"):
        phrase.canonical = f"{gazetteer.country_name(phrase.country)} {noun}"
    return discourse.find_or_add(key, phrase, phrase.canonical), by


def _of_body(phrase: Phrase, discourse: DiscourseModel, noun: str) -> tuple[Known, str]:
    """ "The president of the Control Commission": of the country that the text is about, if any; no head of the state."""
    assert phrase.source is not None
    topic = discourse.topic()
    phrase.country = phrase.code = topic if topic and has_office(topic, noun) else None
    phrase.canonical = f"{noun} of {phrase.source.canonical}"
    return discourse.find_or_add(("common", noun, phrase.canonical), phrase, phrase.canonical), "memory"


def _from_before(phrase: Phrase, discourse: DiscourseModel, words: NameWords, noun: str) -> Known | None:
    """Whom a bare "the ministry" or "the rebels" means; a ministry whose minister was named last gets his country only."""
    if not phrase.definite or phrase.country is not None or phrase.code is not None:
        return None
    if phrase.plural:
        return discourse.fighters() if noun in words.fighters else None
    about = discourse.country() if noun in words.country_nouns else None
    if about is not None:
        return about
    role = phrase.kind == "role"
    known = discourse.role(noun.split()[-1].removeprefix("ex-"), None) if role else discourse.body(noun)
    minister = discourse.role("minister", None) if noun == "ministry" else None
    if minister is not None and (known is None or discourse.now(minister) > discourse.now(known)):
        phrase.country = phrase.code = minister.country
        return None
    return known


def _give_country(phrase: Phrase, discourse: DiscourseModel, here: Setting, words: NameWords, noun: str) -> str:
    """Fill in the country of whom "his" or "its" means, or of the country spoken of; return how it was found."""
    if phrase.country is not None:
        return phrase.resolved_by
    if phrase.owner:
        owner = _owner(phrase, discourse)
        if owner is not None:
            phrase.country = owner_country(phrase, discourse, here, words)
            phrase.code = phrase.country or owner.code
            if noun in _NEIGHBOURS and owner.type == "COUNTRY":
                phrase.sector = None  # a country's neighbour is no person
            phrase.sector = phrase.sector or owner.sector
            if noun == "force" and owner.sector == "COP":
                phrase.sector = "COP"  # "a police chief said her force"
        return "pronoun"
    about = phrase.sector == "GOV" and noun not in _OF_NEITHER | _POSTS
    if phrase.kind == "role" and phrase.definite and (about or noun == "leader"):
        spoken = discourse.country()
        phrase.country = phrase.code = spoken.country if spoken else None
        return "memory"
    return phrase.resolved_by


def _owner(phrase: Phrase, discourse: DiscourseModel) -> Known | None:
    """Whom "his", "its" or "their" at the head of the phrase means."""
    kind = {"his": "person", "her": "person", "its": "thing", "their": "plural"}.get(phrase.owner or "", "")
    gender = {"his": "he", "her": "she"}.get(phrase.owner or "")
    return discourse.pronoun(kind, gender=gender) if kind else None


def owner_country(phrase: Phrase, discourse: DiscourseModel, here: Setting, words: NameWords) -> str | None:
    """The owner's country; for "his counterpart" the other country that the sentence speaks of."""
    found = _owner(phrase, discourse)
    if found is None or phrase.noun not in words.others:
        return found.country if found else None
    if phrase.noun in _AT_HOME_TOO and found.type == "PERSON":
        return found.country  # "his rival, Senator X"
    return next((code for _, code in here.countries if code != found.country), None)


def borrowed_country(phrase: Phrase, discourse: DiscourseModel) -> str | None:
    """The country of the body that the phrase goes by: "the agency's head", "department spokesman X", "Chief Executive X"."""
    source = phrase.source
    if source is not None and source.country is None and source.kind in ("group", "role"):
        known = discourse.body(source.noun or "") if source.kind == "group" else discourse.role(source.noun or "", None)
        return known.country if known else None
    if source is not None:
        return source.country or discourse.home_of(source.canonical)
    title = (phrase.title or "").lower().split()
    for word in title[:-1]:
        if word in _BODIES:
            known = discourse.body(word)
            if known is not None:
                return known.country
    if phrase.sector == "BUS":
        known = discourse.body("company")
        return known.country if known else None
    return None
