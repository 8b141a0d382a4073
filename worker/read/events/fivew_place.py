"""Where an article as a whole takes place, in its own words: "the northern city of Kunduz", "a hospital in Oran, Algeria"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...contract.article import Article
from ...contract.event import Event
from .fivew_opening import Opening
from .location import LOCATIVE, says_place
from .words import listed

_NO_PLACE = ("demonym", "pronoun", "memory")
#: How exactly each type answers "where".
_EXACT = {"FACILITY": 0.5, "CITY": 0.5, "REGION": 0.3, "LOC": 0.2, "COUNTRY": 0.0}
_LOCATIVE = "|".join(sorted(LOCATIVE))
_FACILITY = "|".join(sorted(listed("facilities")))
_PLAIN = "|".join(sorted(listed("modifiers") | {"of", "the"}))
#: "outside the German consulate", "at Heathrow airport": a building with a name of its own, or of whose it is.
_NAMED_FACILITY = re.compile(
    rf"\b(?:{_LOCATIVE}) (?P<place>(?:the |a |an |its |their )?(?:[\w’'-]+ )?(?:[A-Z][\w’'.-]+ ){{1,4}}(?i:{_FACILITY})\b)"
)
#: "on Mount Kenya", "off Cape Verde": nature's names that begin with their kind.
_NAMED_NATURE = re.compile(
    rf"\b(?:{_LOCATIVE}) (?P<place>(?:the )?(?:Mount|Mt\.?|Mont|Lake|Cape|Gulf of|Bay of|Straits? of|Isle of)"
    r"(?: [A-Z][\w’'-]+){1,2})"
)
_STEP = rf"(?!(?:{_LOCATIVE}|and|or|of|to|from|for|with|by|said|told|[\w-]+ed)\b)[\w-]+ "
#: Before a name: what kind of place it is ("the northern Afghan city of"), or what stands there ("a hospital in").
_KIND_BEFORE = re.compile(
    rf"\b(?:(?:the|a|an) )?(?:{_STEP}){{0,3}}(?:city|town|village|province|region|district|suburb|island|port|resort|state|"
    r"capital|county|neighbou?rhood|enclave)(?: of|,)? $"
)
_SITE_BEFORE = re.compile(
    rf"\b(?:(?:[Tt]he|[Aa]n?|its|their) (?:{_STEP}){{0,3}}|(?:[A-Z][\w’'.-]+ ){{1,4}})?(?i:{_FACILITY})"
    rf" (?:in|near|on|outside|at) (?:(?:{_PLAIN}|[A-Z]\w+) ){{0,5}}$"
)
#: After a name: the quarter of a larger place that it lies in.
_QUARTER = re.compile(r", (?:(?:[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est|[Cc]entral)(?:ern)?[ -]?){1,2} [A-Z]\w+\b")


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    exact: float
    country: str | None
    name: str
    place: bool  #: a word of place stands before it


def where(article: Article, opening: Opening, main: Event | None) -> str | None:
    """The place that headline, opening, dateline and main event agree on best; None where none is told.

    A finer place wins over the country that it lies in. A name alone, with no word of place before it, only counts in the
    headline: the country that acts is not where it happens.
    """
    candidates = _candidates(opening)
    counts: dict[str, int] = {}
    for candidate in candidates:
        counts[candidate.name] = counts.get(candidate.name, 0) + 1
    dateline = article.dateline
    told = main.location if main is not None else None
    best: tuple[float, str] | None = None
    for candidate in candidates:
        if not candidate.place and candidate.start >= opening.begin:
            continue
        points = opening.weight(candidate.start) + candidate.exact + 0.15 * min(3, counts[candidate.name] - 1)
        points += 0.7 if candidate.place else -0.3
        if told is not None and not told.inferred and told.name == candidate.name:
            points += 0.6
        if dateline is not None and candidate.name == dateline.place:
            points += 0.6
        points += _inside(candidate, candidates, opening)
        points -= 0.5 * _is_elsewhere(opening, candidate.start)
        if best is None or points > best[0]:
            best = (points, _phrase(opening, candidate, candidates))
    if told is not None and told.name and not told.inferred and (best is None or best[0] < 2.2):
        return told.name
    if dateline is not None and (best is None or best[0] < 2.2):
        return dateline.place
    return best[1] if best and best[0] >= _LEAST else None


def _is_elsewhere(opening: Opening, at: int) -> bool:
    """Whether "after", "before" or the like stands between the sentence's first words and the place: another happening's."""
    start = max((begin for begin, _ in opening.body if begin <= at), default=at)
    return not _OTHERS.isdisjoint(opening.document.text[start:at].lower().split()[3:])


#: A place in passing, deep in the text, is no answer: what the first sentence's plainest place gets.
_LEAST = 1.0
_OTHERS = frozenset({"after", "before", "since", "following"})


def _candidates(opening: Opening) -> list[_Candidate]:
    text = opening.document.text
    people = {m.canonical.split()[-1] for m in opening.document.mentions if m.type == "PERSON" and m.canonical}
    found: list[_Candidate] = []
    for m in opening.document.mentions:
        unknown = m.type == "ORG" and m.resolved_by == "text" and m.end <= opening.begin  # "wins at Interlagos"
        if (m.type not in _EXACT and not unknown) or m.resolved_by in _NO_PLACE:
            continue
        placed = says_place(text, m.start)
        if unknown and not placed:
            continue
        if m.canonical in people:
            continue  # "in Clinton emails" is the person
        if placed or (m.type != "COUNTRY" and m.resolved_by != "capital"):  # a country, or a capital for it, acts
            found.append(_Candidate(m.start, m.end, _EXACT.get(m.type, 0.0), m.country, m.canonical, placed))
    for pattern in (_NAMED_FACILITY, _NAMED_NATURE):
        for match in pattern.finditer(text):
            start, end = match.span("place")
            found = [c for c in found if not (start <= c.start and c.end <= end)]
            found.append(_Candidate(start, end, _EXACT["FACILITY"], None, match["place"], True))
    return sorted(found, key=lambda c: c.start)


def _inside(candidate: _Candidate, candidates: list[_Candidate], opening: Opening) -> float:
    """What speaks for a place inside the country or region that the headline names."""
    if candidate.exact < 0.5 or candidate.country is None or candidate.start < opening.begin:
        return 0.0
    return 0.8 * any(
        other.start < opening.begin and other.exact < candidate.exact and other.country == candidate.country
        for other in candidates
    )


def _phrase(opening: Opening, candidate: _Candidate, candidates: list[_Candidate]) -> str:
    """The name with what says which kind of place it is, what stands there, and the larger place after the comma."""
    text = opening.document.text
    start, end = candidate.start, candidate.end
    before = text[max(0, start - 70) : start]
    before = re.split(r"[.;:,\n(]", before)[-1]
    for pattern in (_SITE_BEFORE, _KIND_BEFORE):
        if match := pattern.search(before):
            words = match.group().split()
            skip = next((n for n, w in enumerate(words) if w.lower() not in _LEADING), 0)
            start -= len(match.group()) - len(" ".join(words[:skip])) - (1 if skip else 0)
            break
    if match := _QUARTER.match(text, end):
        return text[start : match.end()].strip()
    for other in candidates:
        between = text[end : other.start] if 0 < other.start - end <= 9 else ""
        if between in (", ", ", in ", " in ", " in the ") and other.exact <= candidate.exact:
            end = other.end
            break
    return text[start:end].strip()


#: Words that no phrase for a place begins with.
_LEADING = LOCATIVE | {"in", "at", "and", "to", "from", "of", "for", "with"}
