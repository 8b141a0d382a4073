"""Stage: who did what to whom, where, when, says who, in `Document.events`.

Sentence by sentence: tokens, chunks, frames (`events_match`), parties, then date, factuality, source, place and counts; over
the article: merging, the main event, ids and confidence. English only: other languages give no event.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from msgspec.structs import replace as struct_replace

from ...contract.event import QUADS, Cameo, Event, Evidence, Party, Plover, Quad, Span
from ..document import Document, Mention, Sentence
from ..quotes.extractor import attribution_of
from ..syntax.chunker import Clauses, chunk_sentence
from ..syntax.dependency import follow
from ..syntax.subjects import subject
from ..syntax.tagger import Name, tag_tokens
from .background import Background
from .candidate import Draft
from .clause_position import find_position
from .confidence import score
from .contexts import contexts
from .coreference import choose_main, cluster_id, event_id, independent, merge
from .counts import count_people
from .dates import clip, date_draft, times_by_sentence
from .factuality import attribute, judge
from .filters import Restraint
from .frames import Lexicon, load_lexicon
from .location import locate, places_by_sentence
from .match_context import Match
from .matcher import matches
from .participants import PartyFinder
from .party_country import unsettle
from .public_affairs import Gate
from .recipients import in_scare_quotes, is_advice, is_dead, is_debate, is_purchase, settle_type, true_recipients
from .said import asked_parties, is_by_paper

_READ = frozenset({"body", "headline", "bullet", "caption"})
_RECIPROCAL = frozenset({"CONSULT", "AGREE"})
#: Longest sentence that is coded, in characters: beyond it is a table or a broken page.
_LONGEST = 3000
_QUAD_CLASS: dict[Quad, int] = {"verbal cooperation": 1, "material cooperation": 2, "verbal conflict": 3,
                                "material conflict": 4}  # fmt: skip
_INTENSITY = {"ACCUSE": -3.0, "AGREE": 3.0, "REJECT": -4.0, "THREATEN": -5.0, "REQUEST": -1.0}
_PLANNED_CAMEO = {
    "ACCUSE": "111",
    "AGREE": "030",
    "THREATEN": "130",
    "REJECT": "120",
    "REQUEST": "100",
    "COOPERATE": "062",
}


def code_events(document: Document, *, article_id: str, revision: int, extra: tuple[Path, ...] = ()) -> Document:
    """``document`` with its events; ``extra`` are the user's lexicon files. Raises LexiconError for a bad one."""
    if document.language is not None and not document.language.lower().startswith("en"):
        return document
    drafts = _drafts(document, load_lexicon(extra))
    drafts = merge(drafts)
    for draft in drafts:
        score(draft)
    choose_main(drafts, document.title)
    return replace(document, events=_events(drafts, document, article_id, revision))


def _drafts(document: Document, lexicon: Lexicon) -> list[Draft]:
    """The drafts of all readable sentences, in order."""
    names, doubles = _names_by_start(document)
    times = {t.start: t.end for t in document.timex if t.type in ("DATE", "TIME")}
    dated, placed = times_by_sentence(document), places_by_sentence(document)
    finder = PartyFinder(document, doubles, lexicon.deeds, lexicon.classes["disaster"])
    restraint, background, gate = Restraint(document), Background(document, dated), Gate(document)
    drafts: list[Draft] = []
    lead = -1
    for number, sentence in enumerate(document.sentences):
        kind = document.blocks[sentence.block].kind if document.blocks else "body"
        if kind not in _READ or sentence.end - sentence.start > _LONGEST:
            continue
        if kind == "body" and lead < 0:
            lead = sentence.block
        tokens = tag_tokens(sentence.tokens, names, times, lexicon.words)
        clauses = chunk_sentence(tokens, lexicon.words)
        follow(clauses, document.parsed)
        found = matches(lexicon, clauses)
        deeds = frozenset(tokens.low[m.trigger[0]] for m in found if not m.frame.comp)
        for match in found:
            voice = _voice(document, clauses, match, finder)
            draft = _draft(match, clauses, finder, number, sentence, kind, voice)
            if draft is None or (voice is None and _only_quoted(document, draft)):
                continue
            if voice is not None and draft.type != "ACCUSE" and not any(p.code for p in draft.recipients):
                continue  # "we support free movement": a principle
            draft.lead = sentence.block == lead
            draft.position = find_position(clauses, match)
            draft.page_score, draft.sentence_score = gate.page(), gate.sentence(number)
            date_draft(draft, document, dated)
            judge(draft, document)
            if not draft.known or background.groundless(draft) or not restraint.allows(draft):
                continue
            clip(draft, document.published.date() if document.published else None)
            draft.counts = count_people(document.text[sentence.start : sentence.end], draft.type)
            background.age(draft)
            attribute(draft, document, attribution_of(document, *draft.trigger), deeds)
            if voice is not None:
                draft.attribution = struct_replace(draft.attribution, source=voice.text, certainty="reported")
            locate(draft, document, placed)
            unsettle(draft, document)
            drafts += _each_visit(draft)
    return drafts


def _each_visit(draft: Draft) -> list[Draft]:
    """One draft for each country whose people visit: "a Russian and a Chinese delegation arrived" are two visits."""
    guests = {p.country for p in draft.actors}
    if draft.mode != "visit" or len(guests) < 2 or len(guests) < len(draft.actors) or None in guests:
        return [draft]
    return [replace(draft, actors=[guest], sources=set(draft.sources)) for guest in draft.actors]


def _names_by_start(document: Document) -> tuple[dict[int, Name], dict[tuple[int, int], list[int]]]:
    """The longest mention at each start, and all mentions of spans that name several ("the two sides")."""
    names: dict[int, Name] = {}
    doubles: dict[tuple[int, int], list[int]] = {}
    for index, mention in enumerate(document.mentions):
        doubles.setdefault((mention.start, mention.end), []).append(index)
        known = names.get(mention.start)
        end = mention.end
        if (cut := document.text.find(" with ", mention.head_end, end)) >= 0:
            end = cut  # "joint patrols with Russian troops" is no one name
        if known is None or end > known[0]:
            names[mention.start] = (end, index, _is_pronoun(mention), mention.type)
    return names, {span: found for span, found in doubles.items() if len(found) > 1}


def _is_pronoun(mention: Mention) -> bool:
    return mention.resolved_by == "pronoun" and " " not in mention.text


def _draft(
    match: Match,
    clauses: Clauses,
    finder: PartyFinder,
    number: int,
    sentence: Sentence,
    kind: str,
    voice: Party | None,
) -> Draft | None:
    """A draft from a match, or None when its parties are not the kind the frame needs. ``voice``: who says "we" there."""
    if match.frame.needs == "never":
        return None
    actors = [voice] if voice is not None else finder.group(clauses, match.actors, as_actor=True)
    passive = match.verb >= 0 and clauses.chunks[match.verb].passive
    if not actors and match.transparent >= 0 and not match.actors and not passive:
        actors = finder.group(clauses, subject(clauses, match.transparent), as_actor=True)
    recipients = _first_party(match, clauses, finder, actors)
    recipients = true_recipients(match, clauses, finder, actors, recipients)
    if match.type in _RECIPROCAL and not recipients and "between" in match.frame.actor and len(actors) > 1:
        actors, recipients = actors[:1], actors[1:]
    if _is_no_deed(match, clauses, actors, recipients, finder):
        return None
    settle_type(match, actors, recipients, finder)
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
    tokens = clauses.tokens
    first, last = match.trigger
    trigger = (tokens.start[first], tokens.end[last])
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
    )


def _is_no_deed(
    match: Match, clauses: Clauses, actors: list[Party], recipients: list[Party], finder: PartyFinder
) -> bool:
    """Whether it is advice, a debate, a purchase, said in scare quotes or done by the dead, or a candidate's rally."""
    if is_advice(match, actors, recipients) or in_scare_quotes(match, clauses) or is_dead(actors):
        return True
    if is_debate(match, actors, recipients, finder) or is_purchase(match, clauses, actors, recipients, finder):
        return True
    rally = match.type == "PROTEST" and match.frame.trigger == "rally" and len(actors) == 1
    return rally and finder.is_person(actors[0])


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


#: Types of what somebody does by saying it.
_BY_SAYING = frozenset({"ACCUSE", "REQUEST", "REJECT", "SUPPORT"})


def _voice(document: Document, clauses: Clauses, match: Match, finder: PartyFinder) -> Party | None:
    """The official who says "we condemn", "I call on" in a direct quotation, or None: other quoted words are no deeds."""
    verb = clauses.chunks[match.verb] if match.verb >= 0 else None
    if (
        verb is None
        or match.type not in _BY_SAYING
        or verb.form != "b"
        or verb.modal
        or verb.negated
        or verb.infinitive
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


#: Sectors whose people speak for a state, court, body or armed group.
_OFFICIAL = frozenset({"GOV", "MIL", "COP", "LEG", "JUD", "IGO", "REB", "PTY"})


def _only_quoted(document: Document, draft: Draft) -> bool:
    """A trigger inside direct speech is somebody's words, not a deed; a quoted word or two is not speech."""
    start, end = draft.trigger
    return any(
        q.kind == "direct" and q.start <= start and end <= q.end and q.end - q.start > 40 for q in document.quotes
    )


def _events(drafts: list[Draft], document: Document, article_id: str, revision: int) -> tuple[Event, ...]:
    """The published records."""
    published = document.published.date().isoformat() if document.published else ""
    seen: Counter[str] = Counter()
    events: list[Event] = []
    for draft in drafts:
        bare = event_id(article_id, draft, 0)
        number = seen[bare]
        seen[bare] += 1
        events.append(
            _event(
                draft,
                document,
                article_id,
                revision,
                event_id(article_id, draft, number) if number else bare,
                published,
            )
        )
    return tuple(events)


def _event(draft: Draft, document: Document, article_id: str, revision: int, identity: str, published: str) -> Event:
    frame = draft.match.frame
    changed = draft.type != frame.type
    code = _PLANNED_CAMEO.get(draft.type, frame.cameo) if changed else frame.cameo
    quad = QUADS[draft.type]
    start, end = draft.span
    first, last = draft.trigger
    return Event(
        id=identity,
        cluster_id=cluster_id(draft, draft.date.start if draft.date else published),
        article=article_id,
        revision=revision,
        plover=Plover(
            type=draft.type,  # type: ignore[arg-type]
            mode=draft.mode,
            contexts=contexts(draft.clauses.tokens.low, frame.contexts),
            quad=quad,
            intensity=_INTENSITY.get(draft.type, frame.intensity) if changed else frame.intensity,
        ),
        cameo=Cameo(root=code[:2], code=code, quad_class=_QUAD_CLASS[quad]),
        actors=draft.actors,
        recipients=draft.recipients,
        date=draft.date,
        location=draft.location,
        attribution=independent(draft),
        factuality=draft.factuality,
        counts=draft.counts,
        evidence=Evidence(
            text=document.text[start:end], start=start, end=end,
            trigger=Span(text=document.text[first:last], start=first, end=last), block=draft.block, sentence=draft.sentence,
        ),
        confidence=draft.confidence,
        reasons=draft.reasons,
        main=draft.main,
    )  # fmt: skip
