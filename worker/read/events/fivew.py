"""Who, what, when, where of an article as a whole, for readers who want one line rather than coded events.

Taken from the headline's clause and the opening sentences, so that it also speaks where nothing is coded (sport, accidents).
"""

from __future__ import annotations

from collections.abc import Sequence

from ...contract.article import Article
from ...contract.event import Event
from ..document import Document
from ..syntax.chunker import Clauses, chunk_sentence
from ..syntax.objects import end_of_chain
from ..syntax.subjects import subject
from ..syntax.tagger import Tokens, tag_sentence
from .fivew_opening import Opening, read_opening
from .fivew_place import where
from .frames import load_lexicon
from .words import listed

#: Words without a verb of their own that tell what happened to the people before them ("Seven dead after").
_STATES = listed("states")
#: What follows these is another happening than the predicate before them.
_ASIDES = frozenset({"as", "after", "before", "while", "amid", "following", "despite"})
_AMOUNTS = frozenset({"dozens", "scores", "hundreds", "thousands", "millions"})
_BACKWARD = ("after", "before", "since", "until", "following", "ahead")


def five_w(article: Article, events: Sequence[Event] = ()) -> dict[str, str | None]:
    """``who``, ``what``, ``when`` and ``where`` as words of the article; None where it does not say."""
    opening = read_opening(article)
    main = next((e for e in events if e.main), None)
    who, what = _headline(opening)
    if opening.title:
        kicker = opening.title.partition(": ")[0]
        named = any(m.start == 0 and m.end >= len(kicker) for m in opening.document.mentions)
        what = opening.title if what is None or (kicker != opening.title and " " in kicker and not named) else what
        who = who or (main.actors[0].text if main is not None and main.actors else None) or _first_phrase(opening)
    elif main is not None and main.actors:
        who, what = main.actors[0].text, main.evidence.text
    if who is None or what is None:
        spoken, said = _clause(opening.document, opening.body[:4])
        who, what = who or spoken, what or said
    return {"who": who, "what": what, "when": _when(article, opening, main), "where": where(article, opening, main)}


def _headline(opening: Opening) -> tuple[str | None, str | None]:
    """Subject and predicate of the headline, also where it leaves out the verb "to be" or runs noun into verb."""
    text = opening.document.text
    for start, end in opening.headline:
        clauses = _clauses(opening.document, start, end)
        stops = [-1, *(k for k, chunk in enumerate(clauses.chunks) if chunk.kind == ";")]
        for stop in stops:
            found = _bare_predicate(text, clauses, stop + 1)
            if found[0] is None:
                found = _clause(opening.document, ((start, end),), stop + 1)
            if found[0] is not None:
                return found
    return None, None


def _bare_predicate(text: str, clauses: Clauses, begin: int) -> tuple[str | None, str | None]:
    """ "Nurses to strike in May", "Two killed as bus overturns", "Gunmen storm hotel": what only headlines say so."""
    tokens, chunks = clauses.tokens, clauses.chunks
    if begin >= len(chunks) or chunks[begin].kind != "NP":
        return None, None
    last = begin
    while last + 1 < len(chunks) and chunks[last + 1].kind in ("NP", "P", "C") and chunks[last + 1].word not in _ASIDES:
        last += 1
    after = chunks[last + 1] if last + 1 < len(chunks) else None
    first = tokens.start[chunks[begin].first]
    if after is not None and after.kind == "VG" and after.infinitive and chunks[last].kind == "NP":
        end = _predicate_end(clauses, last + 1)
        return text[first : tokens.end[chunks[last].last]], text[tokens.start[after.first] : tokens.end[end]]
    if after is not None and after.kind == "VG" and (after.finite or after.passive):
        return None, None  # an ordinary clause
    for k in range(begin, last + 1):
        told = _told_in(text, clauses, k, begin) if chunks[k].kind == "NP" else -1
        if told >= 0:
            end = _predicate_end(clauses, k, told)
            return text[first : tokens.end[told - 1]], text[tokens.start[told] : tokens.end[end]]
    return None, None


def _told_in(text: str, clauses: Clauses, k: int, begin: int) -> int:
    """The token inside the noun phrase ``k`` that is the headline's verb after all, or -1."""
    tokens, chunk = clauses.tokens, clauses.chunks[k]
    verbs = load_lexicon().words.verbs
    for i in range(max(chunk.first, clauses.chunks[begin].first + 1), chunk.last + 1):
        low = tokens.low[i]
        kind = verbs[low][1] if low in verbs and tokens.tag[i] != "E" else ""
        if i == chunk.last and (low in _STATES or kind == "n" or (kind == "x" and low.endswith("ed"))):
            return i
        if text[tokens.start[i]].islower() and _agrees(tokens, i - 1, kind, last=i == chunk.last):
            return i
    return -1


def _agrees(tokens: Tokens, at: int, kind: str, *, last: bool) -> bool:
    """Whether a word that may be a verb form of ``kind`` fits the noun at ``at`` before it: "gunmen storm", "fire guts".

    At the end of its phrase only after somebody's name ("Lady Gaga protests outside"): "Kabul attacks" are a noun.
    """
    before = tokens.low[at]
    if not kind or (tokens.tag[at] not in "NE#" and before not in _AMOUNTS):
        return False
    plural = tokens.tag[at] == "#" or (before.endswith(("s", "men", "people")) and not before.endswith("ss"))
    if last:
        named = tokens.kind[at] in ("PERSON", "ORG", "GROUP", "IGO")
        return (kind == "s" and named) or (kind == "b" and plural)
    if tokens.tag[at] == "E":
        return kind in "bsd"
    return kind == "d" or (kind == "b" if plural else kind == "s")


def _first_phrase(opening: Opening) -> str | None:
    """The first noun phrase of a headline without a verb ("Explosion and gunfire outside ...")."""
    for start, end in opening.headline:
        clauses = _clauses(opening.document, start, end)
        tokens, chunks = clauses.tokens, clauses.chunks
        if chunks and chunks[0].kind == "NP":
            last = 0
            while last + 2 < len(chunks) and chunks[last + 1].kind == "C" and chunks[last + 2].kind == "NP":
                last += 2
            last = end_of_chain(clauses, last)
            return opening.document.text[tokens.start[chunks[0].first] : tokens.end[chunks[last].last]]
    return None


def _clause(document: Document, sentences: Sequence[tuple[int, int]], begin: int = 0) -> tuple[str | None, str | None]:
    """Subject and predicate of the first sentence that has both, from its chunk ``begin`` on."""
    for start, end in sentences:
        clauses = _clauses(document, start, end)
        tokens, chunks = clauses.tokens, clauses.chunks
        for k, chunk in enumerate(chunks):
            if k < begin or chunk.kind != "VG" or not (chunk.finite or chunk.passive):
                continue
            subjects = [s for s in subject(clauses, k) if begin <= s < k and tokens.tag[chunks[s].first] != "R"]
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


def _predicate_end(clauses: Clauses, k: int, told: int = -1) -> int:
    """Token index where the predicate that begins in chunk ``k`` ends: the sentence's end or the next clause.

    One of a single word goes on over the next clause: "missing after a landslide". ``told`` is its token where that is not
    the chunk's first.
    """
    chunks = clauses.chunks
    last = k
    for j in range(k + 1, min(len(chunks), k + 17)):
        chunk = chunks[j]
        if chunk.kind in (";", "S") or (chunk.kind == "VG" and chunk.finite):
            break
        last = j
    if last + 1 < len(chunks) and chunks[last + 1].kind == "VG" and chunks[last + 1].finite:
        own = [s for s in subject(clauses, last + 1) if k < s <= last]
        if own and chunks[last].kind != "Q":  # "as snow shuts the airport": that clause begins before its subject
            last = min(own) - 1
    while last > k and chunks[last].kind in ("P", "C", ",", "Q", '"'):
        last -= 1
    first = told if told >= 0 else chunks[k].first
    for j in range(k + 1, last):
        if chunks[j].word in _ASIDES and chunks[j - 1].last > first:
            return chunks[j - 1].last
    if chunks[last].last > first or last + 1 >= len(chunks):
        return chunks[last].last
    stop = next((j for j in range(last + 1, len(chunks)) if chunks[j].kind == ";"), len(chunks))
    return max(chunks[last].last, chunks[stop - 1].last)


def _when(article: Article, opening: Opening, main: Event | None) -> str | None:
    """The day or hour that the sentence nearest the headline names; earliness and the main event's own date weigh too."""
    chosen = main.date.span if main is not None and main.date is not None else None
    best: tuple[float, int] | None = None
    days = [t for t in article.timex if t.type in ("DATE", "TIME") and t.granularity in _GRAINS and t.value]
    for n, timex in enumerate(days):
        at = timex.start - opening.shift
        if not opening.begin <= at < opening.end:
            continue
        points = _GRAINS[timex.granularity] + opening.weight(at)
        points += 0.6 * (chosen == (timex.start, timex.end))
        before = opening.document.text[max(0, at - 24) : at].lower().split()
        points -= 0.8 * bool(set(before[-2:]) & set(_BACKWARD))
        points -= 0.8 * timex.text.lower().endswith(("earlier", "later", "before", "after"))
        if best is None or points > best[0]:
            best = (points, n)
    if best is None:
        return None
    first = days[best[1]]
    if best[1] + 1 < len(days) and 0 < (gap := days[best[1] + 1].start - first.end) <= 5:
        between = article.text[first.end : first.end + gap]
        if between.strip(" ,") in ("", "on") and days[best[1] + 1].granularity in _GRAINS:
            return article.text[first.start : days[best[1] + 1].end]  # "6.13am" and "today"
    return first.text


#: How exactly each granularity answers "when".
_GRAINS = {"minute": 1.0, "hour": 1.0, "part_of_day": 1.0, "day": 1.0, "weekend": 0.7, "week": 0.4, "month": 0.2}
