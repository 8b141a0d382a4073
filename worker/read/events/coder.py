"""Stage: who did what to whom, where, when, says who, in `Document.events`.

Sentence by sentence: tokens, chunks, frames (`matcher`), parties (`drafts`), then date, factuality, source, place and counts
(`circumstances`); over the article: merging, the main event, ids and confidence. English only: other languages give no event.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from ...contract.event import QUADS, Cameo, Event, Evidence, Plover, Quad, Span
from ..document import Document, Mention
from ..syntax.chunker import chunk_sentence
from ..syntax.dependency import follow
from ..syntax.tagger import Name, tag_tokens
from .candidate import Draft
from .circumstances import Circumstances, contexts
from .confidence import Scorer
from .coreference import choose_main, cluster_id, event_id, independent, merge
from .drafts import draft_event
from .frames import Lexicon, load_lexicon
from .matcher import matches
from .participants import PartyFinder
from .party_country import those_who_act

_READ = frozenset({"body", "headline", "bullet", "caption"})
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
    scorer = Scorer(document, drafts)
    for draft in drafts:
        scorer.score(draft)
    choose_main(drafts, document.title)
    return replace(document, events=_events(drafts, document, article_id, revision))


def lexicon_version(extra: tuple[Path, ...] = ()) -> str:
    """Return the version of the frames, ours with those of the user's files, as records name it."""
    return load_lexicon(extra).version


def _drafts(document: Document, lexicon: Lexicon) -> list[Draft]:
    """The drafts of all readable sentences, in order."""
    names, doubles = _names_by_start(document)
    times = {t.start: t.end for t in document.timex if t.type in ("DATE", "TIME")}
    finder = PartyFinder(document, doubles, lexicon.deeds, lexicon.classes["disaster"])
    circumstances = Circumstances(document)
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
            draft = draft_event(document, clauses, match, finder, number, sentence, kind)
            if draft is None:
                continue
            draft.lead = sentence.block == lead
            if circumstances.add(draft, deeds):
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
        actors=those_who_act(draft.actors, document),
        recipients=those_who_act(draft.recipients, document),
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
