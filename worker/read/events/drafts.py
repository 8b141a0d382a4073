"""Draft an event from a match: its parties, whether they are what the frame needs, and the text that proves it."""

from __future__ import annotations

from msgspec.structs import replace as struct_replace

from ...contract.article import Quote
from ...contract.event import QUADS, Party
from ..document import Document, Sentence
from ..syntax.chunks import Clauses
from ..syntax.subjects import subject
from .candidate import Draft
from .match_context import Match
from .participants import PartyFinder
from .recipients import in_scare_quotes, is_advice, is_dead, is_debate, is_purchase, settle_type, true_recipients
from .said import asked_parties, is_by_paper

_RECIPROCAL = frozenset({"CONSULT", "AGREE"})
#: Types of what somebody does by saying it.
_BY_SAYING = frozenset({"ACCUSE", "REQUEST", "REJECT", "SUPPORT"})
#: Sectors whose people speak for a state, court, body or armed group.
_OFFICIAL = frozenset({"GOV", "MIL", "COP", "LEG", "JUD", "IGO", "REB", "PTY"})


def draft_event(
    document: Document, clauses: Clauses, match: Match, finder: PartyFinder, number: int, sentence: Sentence, kind: str
) -> Draft | None:
    """Return a draft of what a match reports, or None where it reports no deed of anybody.

    Args:
        number: The sentence's place in the document.
        kind: Of its block: body, headline, bullet, caption.
    """
    voice = _voice(document, clauses, match, finder)
    draft = _draft(match, clauses, finder, number, sentence, kind, voice)
    if draft is None or (voice is None and _only_quoted(document, draft)):
        return None
    if voice is not None and draft.type != "ACCUSE" and not any(p.code for p in draft.recipients):
        return None  # "we support free movement": a principle
    return draft


#: Longest way from "was jailed" to the court where, in chunks.
_TO_THE_COURT = 6


def _court_behind(match: Match, clauses: Clauses) -> list[int]:
    """The chunk of the court at which somebody "was jailed", as a list; empty where none is named."""
    chunks = clauses.chunks
    for k in range(match.verb + 1, min(match.verb + _TO_THE_COURT, len(chunks) - 1)):
        if chunks[k].kind in (";", "VG"):
            break
        if chunks[k].word in ("at", "in") and chunks[k + 1].word in ("court", "tribunal"):
            return [k + 1]
    return []


def _draft(
    match: Match, clauses: Clauses, finder: PartyFinder, number: int, sentence: Sentence, kind: str, voice: Party | None
) -> Draft | None:
    """A draft from a match, or None when its parties are not the kind the frame needs. ``voice``: who says "we" there."""
    if match.frame.needs == "never":
        return None
    actors = [voice] if voice is not None else finder.group(clauses, match.actors, as_actor=True)
    passive = match.verb >= 0 and clauses.chunks[match.verb].passive
    if not actors and match.transparent >= 0 and not match.actors and not passive:
        actors = finder.group(clauses, subject(clauses, match.transparent), as_actor=True)
    if not actors and passive and match.mode == "convict":
        actors = finder.group(clauses, _court_behind(match, clauses), as_actor=True)
    recipients = _first_party(match, clauses, finder, actors)
    recipients = true_recipients(match, clauses, finder, actors, recipients)
    if match.type in _RECIPROCAL and not recipients and "between" in match.frame.actor and len(actors) > 1:
        actors, recipients = actors[:1], actors[1:]
    if _is_no_deed(match, clauses, actors, recipients, finder):
        return None
    settle_type(match, clauses, actors, recipients, finder)
    actors = _of_office(match, clauses, actors, finder)
    if match.type == "MOBILIZE" and match.frame.kind == "noun" and len({p.country for p in actors if p.country}) > 1:
        match.type, match.mode = "COOPERATE", None  # a joint exercise
    if (asked := asked_parties(match, clauses, finder, recipients)) is None:
        return None
    recipients = asked
    needs = match.frame.needs
    if match.frame.kind == "noun" and not match.light and needs == "either" and not match.frame.alone:
        needs = "both"
    both = bool(actors) and (bool(recipients) or (match.frame.reciprocal and len(actors) > 1))
    met = {"both": both, "coded": both, "either": bool(actors or recipients), "actor": bool(actors),
           "recipient": bool(recipients)}.get(needs, True)  # fmt: skip
    if (match.planned and is_by_paper(match, clauses)) or _by_a_thing(match, clauses, actors, finder):
        return None
    if not met or (
        needs != "none" and not (_placed(match, actors, recipients) or _harms_person(match, recipients, finder))
    ):
        return None
    first, last = match.trigger
    trigger = (clauses.tokens.start[first], clauses.tokens.end[last])
    return Draft(
        match=match,
        clauses=clauses,
        sentence=number,
        block=sentence.block,
        kind=kind,
        type=match.type,
        mode=match.mode or None,
        actors=actors,
        recipients=recipients,
        trigger=trigger,
        span=_span(match, clauses, actors, recipients, trigger),
        sentence_span=(sentence.start, sentence.end),
        voice=voice,
    )


def _is_no_deed(
    match: Match, clauses: Clauses, actors: list[Party], recipients: list[Party], finder: PartyFinder
) -> bool:
    """Whether it is advice, a debate, a purchase, an interview, an acquittal, scare quotes, done by the dead, or a rally."""
    if is_advice(match, actors, recipients) or in_scare_quotes(match, clauses) or is_dead(actors):
        return True
    if is_debate(match, actors, recipients, finder) or is_purchase(match, clauses, actors, recipients, finder):
        return True
    if match.type == "CONSULT" and recipients and all(p.sector == "MED" for p in recipients):
        return True  # an interview
    if match.frame.trigger == "find" and match.mode == "convict" and "not" in _up_to_guilty(match, clauses):
        return True
    rally = match.type == "PROTEST" and match.frame.trigger == "rally" and len(actors) == 1
    return rally and finder.is_person(actors[0])


def _up_to_guilty(match: Match, clauses: Clauses) -> list[str]:
    """The words from "found" to "guilty"."""
    behind = clauses.tokens.low[match.trigger[0] :]
    return behind[: behind.index("guilty")] if "guilty" in behind else []


def _of_office(match: Match, clauses: Clauses, actors: list[Party], finder: PartyFinder) -> list[Party]:
    """The actors with the sector of the office that they leave: "Ama Okoro resigned as minister"."""
    if match.mode != "resign" or len(actors) != 1 or actors[0].sector is not None or not finder.is_person(actors[0]):
        return actors
    chunks = clauses.chunks
    for k in range(match.chunk + 1, min(match.chunk + _TO_THE_OFFICE, len(chunks) - 1)):
        if chunks[k].kind in (";", "VG"):
            break
        if chunks[k].word in ("as", "from") and chunks[k + 1].kind == "NP":
            office = finder.group(clauses, [k + 1], as_actor=True)
            return [struct_replace(actors[0], sector=office[0].sector)] if office else actors
    return actors


#: Longest way from "resigned" to the office, in chunks.
_TO_THE_OFFICE = 5


def _by_a_thing(match: Match, clauses: Clauses, actors: list[Party], finder: PartyFinder) -> bool:
    """ "Locusts invaded", "mud destroyed", "the storm cut off": the subject is neither anybody nor a weapon or deed."""
    violent = match.type == "ASSAULT" or match.frame.trigger == "threaten" or match.mode == "seize"
    if match.frame.kind != "verb" or actors or match.verb < 0:
        return False
    if any(clauses.chunks[k].word.removesuffix("s") in finder.disasters for k in match.actors):
        return not clauses.chunks[match.verb].passive
    if not violent:
        return False
    if clauses.chunks[match.verb].passive or not clauses.chunks[match.verb].finite:
        return False
    heads = [clauses.chunks[k] for k in match.actors]
    return bool(heads) and not any(finder.harms(c.word) or clauses.tokens.tag[c.head] == "R" for c in heads)


def _coded(party: Party) -> bool:
    return bool(party.code) or party.sector not in (None, "CVL")


def _placed(match: Match, actors: list[Party], recipients: list[Party]) -> bool:
    """Whether a reader could place anybody: a country, a code or a sector; for words, two names are enough."""
    if match.duty and not recipients:
        return any(map(_coded, actors))
    if match.frame.needs == "coded" or match.duty:
        return any(map(_coded, actors)) and any(p.code or p.sector for p in recipients)
    if any(p.code or p.sector for p in actors + recipients):
        return True
    verbal = QUADS[match.frame.type].startswith("verbal")
    return verbal and any(p.canonical for p in actors) and any(p.canonical for p in recipients)


def _harms_person(match: Match, recipients: list[Party], finder: PartyFinder) -> bool:
    """Whether somebody with a name was hurt, arrested or sentenced, whoever he is: "Ilse Brandt was stabbed to death"."""
    hard = match.type == "ASSAULT" or match.mode in ("arrest", "convict")
    return hard and match.frame.kind == "verb" and any(finder.is_person(p) for p in recipients)


def _reflexive(party: Party, actors: list[Party]) -> bool:
    """A bare pronoun that resolved to the actor itself ("a court refused to ban it")."""
    if party.resolved_by != "pronoun" or " " in party.text or party.text.lower().endswith("self"):
        return False
    return party.sector is not None and any((a.code, a.sector) == (party.code, party.sector) for a in actors)


def _owned(party: Party) -> Party:
    """ "Its territory" is resolved as a pronoun is."""
    return struct_replace(party, resolved_by="pronoun") if party.resolved_by == "possessive" else party


def _first_party(match: Match, clauses: Clauses, finder: PartyFinder, actors: list[Party]) -> list[Party]:
    """Parties of the first recipient slot that names any."""
    taken = {(p.start, p.end) for p in actors}
    own = {p.code for p in actors}
    group: list[int] = []
    for k in [*match.recipients, -1]:
        if k >= 0:
            group.append(k)
            continue
        found = [p for p in finder.group(clauses, group, as_actor=False) if (p.start, p.end) not in taken]
        found = [p for p in found if not _reflexive(p, actors)]
        found = [_owned(p) for p in found if p.resolved_by != "possessive" or p.code not in own]
        if found:
            return found
        group = []
    return []


def _span(
    match: Match, clauses: Clauses, actors: list[Party], recipients: list[Party], trigger: tuple[int, int]
) -> tuple[int, int]:
    """The stretch of the sentence that proves the event: from its first slot to the end of its clause."""
    tokens, chunks = clauses.tokens, clauses.chunks
    begin, end = tokens.start[0], tokens.end[-1]
    starts = [p.start for p in actors + recipients if begin <= p.start < end] + [trigger[0]]
    ends = [p.end for p in actors + recipients if begin <= p.start < end] + [trigger[1]]
    last = max(match.extent, match.chunk)
    if 0 <= last < len(chunks):
        token = chunks[last].last
        while token + 1 < len(tokens.tag) and tokens.tag[token + 1] in "Z":
            token += 1
        if (
            token + 1 < len(tokens.tag)
            and tokens.low[token + 1] == "on"
            and token + 2 < len(tokens.tag)
            and tokens.tag[token + 2] == "Z"
        ):
            token += 2
        ends.append(tokens.end[token])
    return min(starts), max(ends)


def _voice(document: Document, clauses: Clauses, match: Match, finder: PartyFinder) -> Party | None:
    """The official who says "we condemn", "I call on" in a direct quotation, or None: other quoted words are no deeds."""
    verb = clauses.chunks[match.verb] if match.verb >= 0 else None
    if (
        verb is None
        or match.type not in _BY_SAYING
        or verb.form != "b"
        or verb.modal
        or verb.negated
        or (verb.infinitive and not _goes_on(clauses, match.verb))
    ):
        return None
    if not match.actors or clauses.tokens.low[clauses.chunks[match.actors[0]].first] not in ("we", "i"):
        return None
    at = clauses.tokens.start[match.trigger[0]]
    quote = next((q for q in document.quotes if q.kind == "direct" and q.start <= at < q.end), None)
    if quote is None or quote.speaker is None or quote.anonymous:
        return None
    party = finder.speaker(quote.speaker.text, quote.start, quote.end)
    return party if party is not None and party.sector in _OFFICIAL else None


def _goes_on(clauses: Clauses, k: int) -> bool:
    """Whether the infinitive ``k`` goes on: "we continue to urge", "we have continued to call on"."""
    over = clauses.chunks[k - 1] if k else None
    return over is not None and over.kind == "VG" and over.word == "continue" and not (over.modal or over.negated)


def _only_quoted(document: Document, draft: Draft) -> bool:
    """A trigger inside direct speech is somebody's words, not a deed; a quoted word or two is not speech."""
    start, end = draft.trigger
    return any(
        q.kind == "direct" and q.start <= start and end <= q.end and q.end - q.start > 40 and not _is_all(document, q)
        for q in document.quotes
    )


def _is_all(document: Document, quote: Quote) -> bool:
    """Whether nothing but the quotation is there: marks around a whole text say of nobody that he speaks."""
    text = document.text
    return not any(map(str.isalnum, text[: quote.start])) and not any(map(str.isalnum, text[quote.end :]))
