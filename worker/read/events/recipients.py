"""Who of the parties found behind a trigger really receives the act: not a place, a beneficiary, the actors themselves."""

from __future__ import annotations

from msgspec.structs import replace

from ...contract.event import QUADS, Party
from ..lexicon import listed
from ..syntax.chunks import Clauses
from .match_context import Match
from .participants import PartyFinder
from .party_country import at_home
from .roles import PLACES, is_machine, is_made

_STATED = frozenset({"name", "demonym", "capital"})
_GUESSED = frozenset({"memory", "pronoun"})
_ADVISERS = frozenset({"GOV", "COP", "LEG", "JUD", "CVL", "NGO", "IGO", None})
_WARNING = frozenset({"warn", "warning", "caution"})
#: Crowds and camps that a warning threatens, whoever else they are.
_THREATENED = ("protesters", "demonstrators", "strikers", "opponents", "critics", "activists", "rioters", "militants")


def true_recipients(
    match: Match, clauses: Clauses, finder: PartyFinder, actors: list[Party], found: list[Party]
) -> list[Party]:
    """The parties of ``found`` that can receive what the match tells, with the country that the actors give them."""
    sides = {p.code for p in found if p.text.lower().endswith("sides")}
    if sides and (sides <= {p.code for p in actors} or (match.type == "REQUEST" and sides & {p.code for p in actors})):
        found = []  # "Egypt urged both sides": not itself
    if len({p.code for p in actors}) > 1:  # "the two leaders agreed on a line between their ministries"
        found = [p for p in found if not (p.text.lower().startswith("their ") and p.resolved_by in _GUESSED)]
    if QUADS[match.type].startswith("verbal"):  # "demanded access to the ship's logs"
        found = [p for p in found if p.resolved_by in ("name", "demonym") or not is_machine(p.text)]
    if match.type == "REQUEST":
        found = [p for p in found if not _benefits(p, match, clauses) and not _is_about(p, match, clauses)]
        found = [p for p in found if not _in_paper(p, match, clauses)]
    if (
        match.type == "ASSAULT" and match.frame.trigger not in _MUTUAL and "with" not in match.frame.recipient
    ):  # "retook the dam with American help"
        found = [p for p in found if _preposition(p, clauses) != "with"]
    if match.type == "ASSAULT":  # "bombs struck a cathedral in Mindanao"
        found = [p for p in found if not _is_scene(p, actors, clauses, finder)]
    if match.type != "PROTEST":  # "left the coalition in protest at a deal with Azerbaijan"
        found = [p for p in found if not _is_protested(p, match, clauses)]
    if match.type == "CONSULT":  # "the U.S. and China ended talks with Beijing agreeing to"
        states = {p.country for p in actors if p.sector is None and p.country}
        found = [p for p in found if p.sector is not None or p.country not in states or p.resolved_by != "capital"]
    if match.mode == "investigate":  # "an investigation into the reporter's death"
        found = [p for p in found if not _is_victim(p, clauses)]
    if match.type == "ACCUSE":  # "free meals to all pupils were branded shameful"
        chosen = {clauses.tokens.start[clauses.chunks[k].first] for k in match.recipients if k >= 0}
        found = [p for p in found if p.start in chosen or _preposition(p, clauses) not in ("to", "for")]
        found = [p for p in found if not (_preposition(p, clauses) == "in" and _names_town(p, finder))]
    if match.type in ("ACCUSE", "REJECT"):  # "opposed the detention of children"
        found = [p for p in found if not _suffered(p, clauses)]
    if match.type == "COERCE":  # "banned protests in Gabon"
        found = [p for p in found if not (_is_place(p, finder) and _gathers_in(p, clauses))]
    if match.type == "PROTEST":  # "held a rally in the Indian capital"
        found = [p for p in found if _preposition(p, clauses) != "in" or not p.text.lower().endswith(" capital")]
    if match.type == "MOBILIZE":  # "reinforced its border with 500 police"
        found = [p for p in found if p.resolved_by in _STATED or _preposition(p, clauses) != "with"]
    found = [p for p in found if _preposition(p, clauses) != "as"]  # "must step down as chairman"
    found = [p for p in found if not is_made(clauses, _chunk_of(p, clauses)) and not _is_source(p, match, clauses)]
    found = [
        _abroad(at_home(p, actors, match.type if match.mode != "execute" else ""), actors, match)
        for p in found
        if not _own_place(p, actors, match, finder)
    ]
    return [_fellow(p, actors) for p in found]


def _is_source(party: Party, match: Match, clauses: Clauses) -> bool:
    """Whether "according to" stands between the trigger and the party: whose report it is."""
    low, starts = clauses.tokens.low, clauses.tokens.start
    behind = [i for i in range(match.trigger[1] + 1, len(low) - 1) if starts[i] < party.start]
    return any(low[i] == "according" and low[i + 1] == "to" for i in behind)


def _abroad(party: Party, actors: list[Party], match: Match) -> Party:
    """A government, army or court that memory gave the state which accuses, asks or threatens it is another's: nobody's that
    we know ("the United States called on the regime")."""
    if (
        match.type not in _AGAINST
        or party.resolved_by != "memory"
        or party.sector not in _OF_STATE
        or party.canonical is None
    ):
        return party
    if party.title is not None or not any(a.sector is None and a.country == party.country for a in actors):
        return party
    return replace(party, country=None, code=None, canonical=None)


_AGAINST = frozenset({"ACCUSE", "REQUEST", "THREATEN"})
_OF_STATE = frozenset({"GOV", "MIL", "JUD"})


def _names_town(party: Party, finder: PartyFinder) -> bool:
    """Whether the party's words are the name of a town alone."""
    return any((m.start, m.end, m.type) == (party.start, party.end, "CITY") for m in finder.names_in(party))


_GATHERINGS = frozenset({"protest", "protests", "rally", "rallies", "demonstration", "demonstrations", "march", "marches",
                         "gathering", "gatherings", "assembly", "assemblies"})  # fmt: skip


def _gathers_in(party: Party, clauses: Clauses) -> bool:
    """Whether "in" stands before the party, and people who gather before that."""
    chunks, k = clauses.chunks, _chunk_of(party, clauses)
    return k > 1 and chunks[k - 1].word == "in" and chunks[k - 2].word in _GATHERINGS


def _is_place(party: Party, finder: PartyFinder) -> bool:
    """Whether the party's words are the name of a country, region or town alone."""
    return any((m.start, m.end) == (party.start, party.end) and m.type in PLACES for m in finder.names_in(party))


def _is_scene(party: Party, actors: list[Party], clauses: Clauses, finder: PartyFinder) -> bool:
    """Whether the party is a town or region that something else was hit in, by nobody from abroad: where, not whom. A
    capital or country stands for the state."""
    if any(a.country not in (None, party.country) for a in actors) or _preposition(party, clauses) not in ("in", "at"):
        return False
    kinds = ("CITY", "REGION", "LOC")
    named = [m for m in finder.names_in(party) if m.end == party.end]
    return party.resolved_by == "name" and any(m.type in kinds for m in named)


def _own_place(party: Party, actors: list[Party], match: Match, finder: PartyFinder) -> bool:
    """Whether the party is a region of the actors' own country that they withdraw in: where, not from whom."""
    if (
        match.type != "RETREAT"
        or party.resolved_by != "name"
        or party.country is None
        or party.country not in {a.country for a in actors}
    ):
        return False
    kinds = ("REGION", "LOC") if match.type == "RETREAT" else ("REGION", "LOC", "CITY")
    return any(m.end == party.end and m.type in kinds for m in finder.names_in(party))


def _benefits(party: Party, match: Match, clauses: Clauses) -> bool:
    """Whether something is asked for the party and not of it: "demanded protection for witnesses"."""
    tokens, chunks = clauses.tokens, clauses.chunks
    k = next((k for k, chunk in enumerate(chunks) if tokens.start[chunk.first] == party.start), -1)
    if k < 2 or chunks[k - 1].word != "for" or chunks[k - 2].kind != "NP" or match.trigger[1] >= chunks[k - 2].first:
        return False
    after = chunks[k + 1] if k + 1 < len(chunks) else None
    return after is None or not (after.kind == "VG" and after.infinitive)


#: Verbs and nouns of violence that two do to each other.
_MUTUAL = frozenset({"fight", "fighting", "clash", "battle", "war", "skirmish", "fire", "shootout", "exchange",
                     "gunfight", "gunbattle", "engage", "confrontation", "combat", "duel", "scuffle", "brawl",
                     "spar", "trade", "wage"})  # fmt: skip
_DEATHS = frozenset({"death", "deaths", "killing", "killings", "murder", "shooting", "disappearance", "poisoning", "abduction",
                     "kidnapping", "assassination", "drowning", "crash"})  # fmt: skip


def _is_protested(party: Party, match: Match, clauses: Clauses) -> bool:
    """Whether "in protest" stands between the trigger and the party."""
    low, starts = clauses.tokens.low, clauses.tokens.start
    behind = [i for i in range(match.trigger[1] + 1, len(low) - 1) if starts[i] < party.start]
    return any(low[i] == "in" and low[i + 1] == "protest" for i in behind)


def _is_victim(party: Party, clauses: Clauses) -> bool:
    """Whether a death that is looked into is the party's own: "an inquiry into Bell's death", "the killing of Bell"."""
    tokens = clauses.tokens
    behind = [tokens.low[i] for i in range(len(tokens.low)) if party.end <= tokens.start[i] < party.end + 30][:3]
    before = [tokens.low[i] for i in range(len(tokens.low)) if tokens.end[i] <= party.start][-2:]
    return (behind[:1] in (["'s"], ["’s"]) and not _DEATHS.isdisjoint(behind)) or (
        before[-1:] == ["of"] and not _DEATHS.isdisjoint(before)
    )


_SUFFERED = listed("suffered")


def _suffered(party: Party, clauses: Clauses) -> bool:
    """Whether the party suffered what is condemned: "condemned the executions of three activists"."""
    chunks, k = clauses.chunks, _chunk_of(party, clauses)
    while k > 2 and chunks[k - 1].kind in ("C", ",") and chunks[k - 2].kind == "NP":
        k -= 2  # "condemned the executions of three activists and a poet"
    return k > 1 and chunks[k - 1].word == "of" and chunks[k - 2].word in _SUFFERED


def _chunk_of(party: Party, clauses: Clauses) -> int:
    """The chunk that the party's words begin, or -1."""
    return next((k for k, chunk in enumerate(clauses.chunks) if clauses.tokens.start[chunk.first] == party.start), -1)


def _preposition(party: Party, clauses: Clauses) -> str:
    """The preposition right before the party's chunk, or an empty string."""
    k = _chunk_of(party, clauses)
    return clauses.chunks[k - 1].word if k > 0 and clauses.chunks[k - 1].kind == "P" else ""


#: What a request is about, or where: not of whom it is made.
_TOPICAL = frozenset({"into", "in", "at", "over", "about", "under"})


_INQUIRIES = frozenset({"investigation", "inquiry", "enquiry", "probe", "review", "prosecution", "arrest",
                        "conviction", "charge", "charges", "case"})  # fmt: skip


#: What is given to somebody: who asks for it asks another ("pressed for support of the rebels").
_GIVEN = frozenset({"support", "backing", "protection", "defence", "defense", "training", "recognition"})


def _is_about(party: Party, match: Match, clauses: Clauses) -> bool:
    """Whether the party stands inside what is asked for: "called for an inquiry into the force", "for an end to the tax
    passed by Congress", "for the release of Bell's report"."""
    chunks, k = clauses.chunks, _chunk_of(party, clauses)
    if k < 2 or match.trigger[1] >= chunks[k - 2].last:
        return False
    before, earlier = chunks[k - 1], chunks[k - 2]
    if before.word == "by" and earlier.kind == "VG" and not earlier.finite:
        return True
    if before.kind != "P" or earlier.kind != "NP":
        return False
    if (
        before.word in _TOPICAL
        and k >= 3
        and party.resolved_by in _STATED
        and chunks[k - 3].word in ("for", match.frame.trigger)
    ):
        return False  # "called for new elections in Venezuela"
    if before.word == "against" or (before.word == "of" and earlier.word in _INQUIRIES | _GIVEN):
        return True  # "pressed for an investigation of his rival", "a conviction against the hunter"
    owns = chunks[k].owner >= 0 and clauses.tokens.end[chunks[k].last] > party.end
    return before.word in _TOPICAL or (before.word == "of" and owns)


#: What is demanded as a thing to be read or heard: those it is about are asked for nothing.
_PAPERS = frozenset({"transcript", "transcripts", "record", "records", "document", "documents", "copy", "copies", "file",
                     "files", "details", "information", "data", "footage", "recording", "recordings", "list"})  # fmt: skip


def _in_paper(party: Party, match: Match, clauses: Clauses) -> bool:
    """Whether the party stands behind a paper that is asked for: "a transcript of a call between", "records relating to"."""
    tokens = clauses.tokens
    first = next((c for c in clauses.chunks if c.kind == "NP" and c.first > match.trigger[1]), None)
    if (
        first is None
        or _PAPERS.isdisjoint(tokens.low[first.first : first.last + 1])
        or party.start <= tokens.start[first.last]
    ):
        return False
    return _preposition(party, clauses) != "from"


def _fellow(party: Party, actors: list[Party]) -> Party:
    """ "Fellow Labour officials" are of the actor's country."""
    if not party.text.lower().startswith(("fellow ", "his fellow ", "her fellow ", "their fellow ")) or not actors:
        return party
    return replace(party, country=actors[0].country, code=actors[0].country)


def is_advice(match: Match, actors: list[Party], recipients: list[Party]) -> bool:
    """Whether an authority warns its own public of something ("warned residents to avoid the river"): no threat."""
    if match.type != "THREATEN" or match.frame.trigger not in _WARNING or not recipients:
        return False
    home = {p.country for p in actors} | {None}
    if any(p.sector not in _ADVISERS for p in actors):
        return False
    return all(
        p.sector in ("CVL", "BUS", None)
        and p.text.rpartition(" ")[2].islower()
        and p.country in home
        and not p.text.lower().endswith(_THREATENED)
        for p in recipients
    )


def settle_type(
    match: Match, clauses: Clauses, actors: list[Party], recipients: list[Party], finder: PartyFinder
) -> None:
    """Give a match the type that its parties tell: a politician with a name attacks by words ("Mr Mbeki attacked the
    imperialists"), and a call for a ban on nobody in particular is a request."""
    trigger = match.frame.trigger
    if match.type == "ASSAULT" and trigger == "attack" and actors and not match.mode:
        person = finder.is_person(actors[0])
        titled = len(actors) == 1 and recipients and person and actors[0].title and actors[0].sector in _POLITICIANS
        bodies = not person and all(p.sector in ("PTY", "LEG") for p in actors)  # "Republicans attacked the plan"
        if titled or (bodies and all(p.sector in _POLITICAL for p in recipients)):
            match.type, match.mode = "ACCUSE", "disapprove"
    elif match.type == "AGREE" and match.governed >= 0 and _is_harsh(match, clauses):
        match.type, match.mode = "THREATEN", None
    elif match.type == "THREATEN" and trigger == "call" and not recipients:
        match.type, match.mode = "REQUEST", "change"


_HARSH, _PUNISHMENT = listed("harsh"), listed("punishment")
_ANSWERING = frozenset({"response", "retaliation", "reply"})


def _is_harsh(match: Match, clauses: Clauses) -> bool:
    """Whether what is promised is punishment: "vowed to hunt down the gang", "ready to teach them a lesson"."""
    low = clauses.tokens.low
    start = match.governed + (low[match.governed] == "to")
    end = next((i for i in range(start, len(low)) if low[i] in (",", ";", "but", "if", "unless")), len(low))
    promised = set(low[start : min(end, start + 14)])
    return (
        low[start] in _HARSH
        or low[start : start + 2] == ["track", "down"]
        or not _PUNISHMENT.isdisjoint(promised)
        or (low[start] == "take" and not _ANSWERING.isdisjoint(promised))
    )


_POLITICIANS = frozenset({"GOV", "LEG", "PTY"})
#: Whom parties and parliaments attack by words.
_POLITICAL = frozenset({"PTY", "LEG", "GOV", "JUD", "MED", None})
_REMAINS = ("the body of ", "the bodies of ", "the remains of ", "the coffin of ", "the ashes of ")


def is_dead(actors: list[Party]) -> bool:
    """Whether the actor is somebody's body: "the body of the late president arrived"."""
    return any(p.text.lower().startswith(_REMAINS) for p in actors)


_BUYING = frozenset({"buy", "acquire", "purchase", "merge", "sell", "invest"})


def is_purchase(
    match: Match, clauses: Clauses, actors: list[Party], recipients: list[Party], finder: PartyFinder
) -> bool:
    """Whether a company or person agrees with no other to buy or sell: business."""
    first = match.trigger[1]
    if match.type != "AGREE" or not actors or _BUYING.isdisjoint(clauses.tokens.low[first : first + 7]):
        return False
    if any(p.sector in ("GOV", "MIL", "IGO", "LEG") for p in actors):
        return False
    if any(m.type not in ("CITY", "REGION", "LOC") for p in recipients for m in finder.names_in(p)):
        return False
    return all(any(m.type in ("ORG", "PERSON") for m in finder.names_in(p)) or p.sector == "BUS" for p in actors)


def is_debate(match: Match, actors: list[Party], recipients: list[Party], finder: PartyFinder) -> bool:
    """Whether somebody with a name "clashes", with nobody armed: they argue."""
    if match.type != "ASSAULT" or match.frame.trigger != "clash" or not actors:
        return False
    single = actors[0].title is not None or finder.is_person(actors[0])
    return single and not any(p.sector in ("MIL", "COP", "REB") for p in actors + recipients)


def in_scare_quotes(match: Match, clauses: Clauses) -> bool:
    """Whether the trigger of a deed alone stands in quotation marks: planes that "bombed" a town with leaflets."""
    first, last = match.trigger
    tags = clauses.tokens.tag
    quoted = first > 0 and tags[first - 1] == '"' and last + 1 < len(tags) and tags[last + 1] == '"'
    return quoted and QUADS[match.type] == "material conflict"
