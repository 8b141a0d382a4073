"""Who, what, when, where of an article as a whole, for readers who want one line rather than coded events.

Taken from the headline's clause and the opening sentences, so that it also speaks where nothing is coded (sport, accidents).
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.contract.article import Article, Timex
from worker.contract.event import Event
from worker.read.clauses import Clauses, chunk_sentence
from worker.read.clauses_objects import end_of_chain
from worker.read.clauses_subjects import subject
from worker.read.document import Document, Mention
from worker.read.events_tokens import tag_sentence
from worker.read.frames import load_lexicon
from worker.read.names import find_names
from worker.read.sentences import split_sentences

_NO_PLACE = ("demonym", "pronoun", "memory")
#: How much of the body counts as its opening, in characters.
OPENING = 1200
_PLACES = {"CITY": 0, "FACILITY": 1, "REGION": 2, "LOC": 3, "COUNTRY": 4}


def five_w(article: Article, events: Sequence[Event] = ()) -> dict[str, str | None]:
    """``who``, ``what``, ``when`` and ``where`` as words of the article; None where it does not say."""
    title = (article.title or "").strip()
    body = next((b for b in article.blocks if b.kind == "body"), None)
    begin = body.start if body else 0
    headline, opening = _read(title, article), _read(article.text[begin : begin + OPENING], article)
    main = next((e for e in events if e.main), None)
    who, what = _clause(headline, 1)
    if title:
        what = title if what is None or len(what.split()) < 3 else what
        who = who or _first_name(headline)
    elif main is not None and main.actors:
        who, what = main.actors[0].text, main.evidence.text
    if who is None or what is None:
        spoken, said = _clause(opening, 4)
        who, what = who or spoken, what or said
    return {
        "who": who,
        "what": what,
        "when": _when(article, begin, main),
        "where": _where(article, headline, opening, main),
    }


def _read(text: str, article: Article) -> Document:
    return find_names(split_sentences(Document(text=text, language=article.language)))


def _first_name(headline: Document) -> str | None:
    """The first actor that a headline without a verb names, else its words up to a colon or preposition."""
    named = [m for m in headline.mentions if m.type in ("PERSON", "ORG", "GROUP", "ROLE", "IGO")]
    return min(named, key=lambda m: m.start).text if named else None


def _clause(document: Document, sentences: int) -> tuple[str | None, str | None]:
    """Subject and predicate of the first sentence that has both."""
    for sentence in document.sentences[:sentences]:
        clauses = _clauses(document, sentence.start, sentence.end)
        tokens, chunks = clauses.tokens, clauses.chunks
        for k, chunk in enumerate(chunks):
            if chunk.kind != "VG" or not (chunk.finite or chunk.passive):
                continue
            subjects = [s for s in subject(clauses, k) if s < k and tokens.tag[chunks[s].first] != "R"]
            if not subjects:
                continue
            first, last = min(subjects), end_of_chain(clauses, max(subjects))
            who = document.text[tokens.start[chunks[first].first] : tokens.end[chunks[last].last]]
            return who, document.text[tokens.start[chunk.first] : tokens.end[_predicate_end(clauses, k)]]
    return None, None


def _clauses(document: Document, start: int, end: int) -> Clauses:
    words = load_lexicon().words
    names = {
        m.start: (m.end, i, m.resolved_by == "pronoun", m.type) for i, m in reversed(list(enumerate(document.mentions)))
    }
    return chunk_sentence(tag_sentence(document.text, start, end, names, {}, words), words)


def _predicate_end(clauses: Clauses, k: int) -> int:
    """Token index where the predicate of verb group ``k`` ends: the sentence's end or the next clause."""
    chunks = clauses.chunks
    last = chunks[k].last
    for chunk in chunks[k + 1 : k + 16]:
        if chunk.kind == ";" or (chunk.kind == "VG" and chunk.finite) or chunk.kind == "S":
            break
        last = chunk.last
    return last


def _when(article: Article, begin: int, main: Event | None) -> str | None:
    """The main event's expression, else the first day or hour that the opening names."""
    if main is not None and main.date is not None and main.date.expression:
        return main.date.expression
    days = [t for t in article.timex if begin <= t.start < begin + 2 * OPENING and _is_day(t)]
    return days[0].text if days else None


def _is_day(timex: Timex) -> bool:
    return timex.type in ("DATE", "TIME") and timex.granularity in (
        "day",
        "part_of_day",
        "hour",
        "minute",
        "week",
        "month",
    )


def _where(article: Article, headline: Document, opening: Document, main: Event | None) -> str | None:
    """The main event's place, else the dateline's, else the finest place that headline and opening name."""
    if main is not None and main.location is not None and main.location.name and not main.location.inferred:
        return main.location.name
    if article.dateline is not None:
        return article.dateline.place
    places: list[Mention] = [
        m for d in (headline, opening) for m in d.mentions if m.type in _PLACES and m.resolved_by not in _NO_PLACE
    ]
    return min(places, key=lambda m: _PLACES[m.type] // 2).text if places else None
