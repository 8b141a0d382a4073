"""Where an event happened: from its clause, else its sentence, else the dateline or the actor, and then marked as inferred."""

from __future__ import annotations

from msgspec.structs import replace

from ...contract.event import Location
from ..document import Document, Mention
from ..entities.gazetteer import Place, lookup_place
from ..lexicon import listed
from .candidate import Draft
from .roles import PLACES

#: Prepositions of place.
LOCATIVE = listed("locative") - {"central", "northern", "southern", "eastern", "western", "downtown"}
#: Prepositions of direction: the place of a visit, a deployment or a withdrawal.
_DIRECTIVE = frozenset({"to", "into", "from", "toward", "towards", "for"})
#: Reading back over these from a place's name to its preposition.
_MODIFIERS = listed("modifiers")
#: Nouns that a name of a place explains: anything may describe them ("the restive border town of").
_KINDS = frozenset({"city", "town", "village", "capital", "province", "region", "district", "port", "state", "island", "suburb",
                    "enclave", "resort", "county", "area", "neighbourhood", "neighborhood"})  # fmt: skip
_FINE = {"CITY": 0, "FACILITY": 1, "REGION": 2, "LOC": 3, "COUNTRY": 4}


def places_by_sentence(document: Document) -> dict[int, list[Mention]]:
    """Place mentions by the index of their sentence, in order."""
    found: dict[int, list[Mention]] = {}
    sentences = document.sentences
    k = 0
    for mention in sorted((m for m in document.mentions if m.type in PLACES), key=lambda m: m.start):
        while k + 1 < len(sentences) and mention.start >= sentences[k].end:
            k += 1
        if sentences and sentences[k].start <= mention.start < sentences[k].end:
            found.setdefault(k, []).append(mention)
    return found


def locate(draft: Draft, document: Document, places: dict[int, list[Mention]]) -> None:
    """Fill in ``location``; None where neither clause, sentence, dateline nor actor tells."""
    mentions = places.get(draft.sentence, [])
    goal = draft.mode in ("visit", "withdraw") or draft.match.frame.trigger in _MOVING
    best = _named_place(draft, document.text, mentions, goal=goal)
    if best is not None:
        within = _country_behind(document.text, best, places, draft.sentence)
        draft.location = _location(best, inferred=False, within=within)
        return
    found = _place_of_recipient(draft, document.text, mentions, goal=goal)
    if found is None and draft.mode != "phone":  # at both ends of the line
        found = _inferred_place(draft, document)
    if found is not None:
        draft.location = found


def _named_place(draft: Draft, text: str, mentions: list[Mention], *, goal: bool) -> Mention | None:
    """Return the place that clause or sentence names for the event. ``goal``: its verb leads to a place."""
    start, end = draft.span
    words = LOCATIVE | _DIRECTIVE if goal else LOCATIVE
    parties = {(p.start, p.end) for p in draft.actors}
    if not goal:
        parties |= {(p.start, p.end) for p in draft.recipients if draft.type not in _PHYSICAL}
    here = [
        m
        for m in mentions
        if (m.start, m.end) not in parties
        and says_place(text, m.start, words)
        and not _elsewhere(text, draft.trigger, m)
        and not _is_outlet(text, m)
        and not _is_attribute(text, m)
        and not (draft.type != "ASSAULT" and _is_target(text, m))
        and not (draft.type in _SAID_OF and draft.mode != "visit" and _is_others(text, draft.trigger, m))
        and not _is_topic(draft, m)
        and _hangs_on(draft, m)
    ]
    inside = [m for m in here if start <= m.start and m.end <= end]
    candidates = inside or (here if not draft.match.light or not goal else [])
    if not candidates:
        return None
    best = min(candidates, key=lambda m: _rank(text, draft, m))
    if _FINE.get(best.type, 5) > 1 and best.country:
        # "police in Belarus used tear gas to disperse protesters in Minsk": the finer one, where both are one country's
        finer = [m for m in here if _FINE.get(m.type, 5) < _FINE.get(best.type, 5) and m.country == best.country]
        finer = [m for m in finer if not _cut_off(text, draft.trigger, m)]
        best = min(finer or [best], key=lambda m: _rank(text, draft, m))
    return best


def _place_of_recipient(draft: Draft, text: str, mentions: list[Mention], *, goal: bool) -> Location | None:
    """Return the country that is visited, or the place that is attacked: "bombed Beirut"."""
    if goal:
        named = {m.canonical for m in mentions if not _is_attribute(text, m)}
        for party in draft.recipients:
            if party.country and party.sector is None and party.canonical in named:
                return Location(name=party.canonical or party.text, country=party.country, inferred=False,
                                span=(party.start, party.end))  # fmt: skip
    if draft.type == "ASSAULT":
        for m in mentions:
            hit = any(p.start <= m.start and m.end <= p.end and p.text.endswith(m.text) for p in draft.recipients)
            if hit and m.type in ("CITY", "REGION", "LOC", "FACILITY"):
                return _location(m, inferred=False)
    return None


def _inferred_place(draft: Draft, document: Document) -> Location | None:
    """Return the dateline's place for an event of the lead, or the one country of the parties where they are at home."""
    countries = {p.country for p in (*draft.actors, *draft.recipients) if p.country}
    abroad = draft.type in _AT_HOME and countries and document.dateline and document.dateline.country not in countries
    if draft.lead and document.dateline is not None and draft.type in _PHYSICAL and not abroad:
        place = lookup_place(document.dateline.place, document.dateline.country)
        return Location(
            name=_dateline_name(document.dateline.place, place), country=document.dateline.country,
            admin1=place.admin1 if place else None,
            lat=place.lat if place else None, lon=place.lon if place else None, inferred=True,
        )  # fmt: skip
    home = document.dateline.country if document.dateline is not None else None
    at_home = home in countries or (
        home is None and draft.type in _AT_HOME and any(p.sector in _DOMESTIC for p in draft.actors)
    )
    if len(countries) == 1 and draft.type in _PHYSICAL and draft.actors and at_home:  # else it may be anywhere
        return Location(country=next(iter(countries)), inferred=True)
    return None


def _dateline_name(printed: str, place: Place | None) -> str:
    """Return the name of a dateline's place as a text would have it: agencies print it in capitals ("ABUJA")."""
    if not printed.isupper() or "." in printed:
        return printed
    return place.name if place else printed.title()


def carry_places(drafts: list[Draft]) -> None:
    """Give events of one day and one company the place that the text told a little earlier, marked as inferred.

    "X met Y in Oslo on Monday. ... X also met Z the same day": in Oslo, as far as the article says.
    """
    for n, draft in enumerate(drafts):
        if draft.type not in _PHYSICAL or draft.date is None or (draft.location is not None and draft.location.name):
            continue
        own = draft.codes[0] | draft.codes[1]
        for other in reversed(drafts[max(0, n - 4) : n]):
            place = other.location
            if place is None or not place.name or other.date is None or other.date.start != draft.date.start:
                continue
            sectors = {p.sector for p in draft.actors}, {p.sector for p in other.actors}
            if own & (other.codes[0] | other.codes[1]) and other.type == draft.type and sectors[0] & sectors[1]:
                draft.location = replace(place, inferred=True)
                break


#: Types whose events happen at a place rather than being said.
_PHYSICAL = frozenset({"ASSAULT", "COERCE", "PROTEST", "MOBILIZE", "AID", "RETREAT", "CONSULT"})


#: Types done at home by sectors whose bearers act there.
_AT_HOME = frozenset({"ASSAULT", "COERCE", "PROTEST"})
_DOMESTIC = frozenset({"GOV", "COP", "JUD", "LEG", "OPP", "LAB", "CVL", "PTY"})


_BORDERS = frozenset({"after", "before", "since", "following", "when", "while", "as", "who", "which", "that"})
_MOVING = frozenset(
    {"send", "deploy", "visit", "arrive", "travel", "dispatch", "fly", "withdraw", "evacuate", "deliver"}
)


def says_place(text: str, start: int, words: frozenset[str] = LOCATIVE) -> bool:
    """True when a preposition of place stands before the name at ``start``, not "Tehran said".

    Over "in the restive northern Afghan city of" and "in Sudan's"; ``words`` are the prepositions that count.
    """
    kind = owner = False
    others = 0
    for word in reversed(text[max(0, start - 70) : start].replace(",", " ").split()[-8:]):
        low = word.lower()
        if low in words:
            return True
        if low in _KINDS:
            kind = True
        elif low.endswith(("'s", "’s", "s'", "s’")) and not owner:
            owner = True
        elif low not in _MODIFIERS:
            others += 1
            if not kind or others > 2 or not low.replace("-", "").isalpha():
                return False
    return False


#: What stands after the name of a platform, paper or company, and so makes no place of it.
_PUBLICATIONS = frozenset({"post", "posts", "channel", "channels", "statement", "account", "page", "video", "message", "app",
                           "newspaper", "magazine", "news", "daily", "thread", "update", "interview"})  # fmt: skip
_PLATFORMS = listed("platforms")


def _is_outlet(text: str, mention: Mention) -> bool:
    """Whether the name is a platform, paper or company: "in a Telegram post", "told the Metro newspaper"."""
    after = text[mention.end : mention.end + 24].lower().split()
    return mention.text.lower() in _PLATFORMS or bool(after and after[0].strip(".,") in _PUBLICATIONS)


_MATTERS = frozenset({"deal", "agreement", "accord", "accords", "pact", "treaty", "ties", "relations", "issue", "policy",
                      "question", "sanctions"})  # fmt: skip


def _is_attribute(text: str, mention: Mention) -> bool:
    """Whether the name only says which matter is meant: "withdrew from the Iran nuclear deal", "Ankara-Baghdad ties"."""
    after = text[mention.end : mention.end + 30].lower().split()[:2]
    return text[mention.start - 1 : mention.start] == "-" or (
        text[mention.end : mention.end + 1] == " " and any(word.strip(".,;:") in _MATTERS for word in after)
    )


_BLOWS = frozenset({"war", "attack", "attacks", "assault", "offensive", "strike", "strikes", "raid", "raids", "sanctions",
                    "tariffs", "pressure", "crackdown", "siege"})  # fmt: skip


def _is_target(text: str, mention: Mention) -> bool:
    """Whether the name is what a blow falls on: whoever protests "Israel's war on Gaza" protests elsewhere."""
    before = text[max(0, mention.start - 30) : mention.start].lower().split()
    return len(before) > 1 and before[-1] == "on" and before[-2] in _BLOWS


def _is_topic(draft: Draft, mention: Mention) -> bool:
    """Whether the place stands inside what is talked of: "discussed fishing on the Mekong"."""
    if draft.match.frame.trigger != "discuss" or mention.start < draft.trigger[1] or mention.type == "CITY":
        return False
    chunks, starts, ends = draft.clauses.chunks, draft.clauses.tokens.start, draft.clauses.tokens.end
    k = next((k for k, c in enumerate(chunks) if ends[c.last] > mention.start), -1)
    if k < 2 or chunks[k - 1].kind != "P" or chunks[k - 2].kind != "NP":
        return False
    return k - 2 == draft.match.verb + 1 and starts[chunks[k - 2].first] >= draft.trigger[1]


#: Types whose object may be a happening somewhere else: "protested the executions in Nigeria".
_SAID_OF = frozenset({"REQUEST", "ACCUSE", "REJECT", "THREATEN", "AGREE", "SUPPORT", "PROTEST", "CONSULT", "COOPERATE"})
_HAPPENINGS = listed("happenings")
_TOPICS = frozenset(
    {"discussed", "discuss", "discussing", "about", "on", "over", "of", "for", "stop", "halt", "end", "ban"}
)
_MEETINGS = frozenset({"meeting", "hearing", "gathering", "briefing", "building", "training", "ceasefire", "sitting"})


def _is_others(text: str, trigger: tuple[int, int], mention: Mention) -> bool:
    """Whether another happening or activity is named right before the place: "the war in Ukraine", "fishing on the Mekong"."""
    words = text[max(0, mention.start - 80) : mention.start].lower().replace(",", " , ").split()
    at = next((k for k in range(len(words) - 1, max(0, len(words) - 4), -1) if words[k] in LOCATIVE), 0)
    noun = words[at - 1] if at else ""
    if not noun or noun in text[trigger[0] : trigger[1]].lower().split():
        return False
    activity = noun.endswith("ing") and noun not in _MEETINGS and at > 1 and words[at - 2] in _TOPICS
    return noun in _HAPPENINGS or activity


#: Types that are said rather than done at a place: what they are about may be anywhere.
_SAID = frozenset({"REQUEST", "ACCUSE", "REJECT", "THREATEN", "AGREE"})


def _hangs_on(draft: Draft, mention: Mention) -> bool:
    """Whether the place belongs to the trigger's own verb phrase: no other clause's verb stands between them.

    A place before any verb is the whole sentence's. A place of the main clause holds for its participles ("hit a market in
    Aleppo, killing six") and for a verb joined to it, never for what is said there or told in a relative clause.
    """
    clauses, match = draft.clauses, draft.match
    chunks, ends = clauses.chunks, clauses.tokens.end
    place = next((k for k, c in enumerate(chunks) if ends[c.last] > mention.start), -1)
    verb = match.verb if match.verb >= 0 else match.chunk
    owner = next((j for j in range(place - 1, -1, -1) if chunks[j].kind == "VG"), -1)
    if place < 0 or owner < 0:
        return True
    if draft.type in _SAID:
        return owner == verb and chunks[verb + 1].kind == "P" and place <= verb + 3
    if owner in (verb, match.chunk, match.transparent):
        return not any(c.kind in ("Q", ";") for c in chunks[owner:place])
    low, high = (verb, place) if owner > verb else (owner, max(place, verb))
    between = chunks[low + 1 : high]
    if owner > verb or match.verb < 0:
        return not any(c.kind in ("Q", "S", ";") or (c.kind == "VG" and c.finite) for c in between)
    joined = chunks[verb - 1].kind == "C" or draft.position in ("participle", "infinitive")
    crossed = any(c.kind in ("Q", "S", ";") for c in between)
    return joined and not crossed and chunks[owner].word not in _SAY


_SAY = listed("say")


def _cut_off(text: str, trigger: tuple[int, int], mention: Mention) -> bool:
    """True when the place belongs to another clause: "bombed targets in Iraq after an attack in Ankara"."""
    between = text[trigger[1] : mention.start] if mention.start >= trigger[1] else text[mention.end : trigger[0]]
    return bool(_BORDERS & set(between.lower().replace(",", " ").split()))


def _rank(text: str, draft: Draft, mention: Mention) -> tuple[bool, bool, int, int]:
    """How well a place fits, the best first: in the clause, no adjective ("the Algerian city of Oran"), fine, early."""
    far = abs(mention.start - draft.trigger[1]) > 160
    demonym = mention.resolved_by == "demonym"
    return _cut_off(text, draft.trigger, mention), demonym, _FINE.get(mention.type, 5) + far, mention.start


def _elsewhere(text: str, trigger: tuple[int, int], mention: Mention) -> bool:
    """True for the place of something else, told after the trigger: "expelled the envoy after a rally in Rotterdam"."""
    between = text[trigger[1] : mention.start].lower().split() if mention.start >= trigger[1] else []
    return any(word in _OTHERS for word in between)


#: What follows these is another happening, with a place of its own.
_OTHERS = frozenset({"after", "before", "since", "following", "over"})


def is_finer(first: Location, second: Location) -> bool:
    """Whether the first place is a point inside what the second names: a city in a country or division."""
    if first.lat is None or not first.name or first.name == second.name:
        return False
    return second.lat is None or (first.admin1 == second.name and second.name is not None)


def _country_behind(text: str, mention: Mention, places: dict[int, list[Mention]], sentence: int) -> str | None:
    """The country of the place that stands right behind this one: "La Esperanza, Honduras"; None where none does."""
    behind = next((m for m in places.get(sentence, ()) if m.start == mention.end + 2), None)
    shown = behind is not None and text[mention.end : mention.end + 2] == ", " and behind.type in ("COUNTRY", "REGION")
    return behind.country if behind is not None and shown else None


def _location(mention: Mention, *, inferred: bool, within: str | None = None) -> Location:
    """The place of a mention. ``within``: the country that the text itself gives, over the one looked up."""
    country = within or mention.country
    place = lookup_place(mention.canonical, country) if mention.type != "COUNTRY" else None
    if within is not None and place is not None and place.country != within:
        place = None  # another place of the name
    return Location(
        name=mention.canonical, country=country or (place.country if place else None),
        admin1=place.admin1 if place else None, lat=place.lat if place else None, lon=place.lon if place else None,
        inferred=inferred, span=(mention.start, mention.end),
    )  # fmt: skip
