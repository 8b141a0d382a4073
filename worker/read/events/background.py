"""Background: what a sentence tells of long ago, asks, or says there is no ground for, is no news of today."""

from __future__ import annotations

import re
from datetime import date

from msgspec.structs import replace

from ...contract.article import Timex
from ..document import Document
from ..lexicon import listed
from ..syntax.chunks import Clauses
from ..syntax.subjects import subject
from ..temporal.tagger import interval
from .candidate import Draft
from .factuality import HISTORICAL_DAYS

#: "Ingrid Solberg, who has died aged 91": what follows is a life. Explainers and chronologies tell what was.
_OBITUARY = re.compile(
    r"\b(?:who|has|have) (?:has )?died,? (?:\w+ ){0,3}?(?:aged|at the age of)\b|^obituary\b", re.IGNORECASE
)
_LOOKING_BACK = re.compile(
    r"^(?:explainer|timeline|chronology|profile|fact ?box|backgrounder|q&a|flashback|key (?:dates|facts)|on this day"
    r"|(?:who|what) (?:is|are|was|were)|why|how)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"^(?:opinion|comment|commentary|editorial|op-ed|column|letters?|viewpoint|leader)\b\s*[:|–—-]", re.IGNORECASE
)
_FIRST_PERSON = re.compile(r"(?<!War )\b(?:I|[Ww]e|[Mm]y|[Oo]ur|us|me)\b(?!\.)")
#: First persons outside quotations from which an article speaks for its author: that many, and per hundred words.
OWN_VOICE, OWN_VOICE_RATE = 3, 0.9
#: "No evidence that", "little sign of": what follows did not happen, as far as anybody knows.
_LACKING = frozenset({"no", "little", "without", "any", "scant", "false", "baseless", "unfounded", "untrue", "bogus"})
_GROUNDS = listed("grounds")
_DOUBTS = listed("doubts")
#: "Five years after", "decades since": what follows is older than a month.
_SPANS = frozenset({"year", "years", "decade", "decades", "century", "centuries", "months"})
_SINCE = frozenset({"since", "after", "before"})
_BYGONE = listed("bygone")
_MARKING = frozenset({"mark", "commemorate", "remember", "honour", "honor", "celebrate"})
#: Verbs of a life's story.
_LIVED = frozenset({"born", "aged", "grew", "biography", "memoir", "memoirs", "obituary"})


#: Words of pages about films, novels and games, whose plots are told in the present tense; this many different ones near the
#: top of a page make it one. Our own list.
_OF_FICTION = re.compile(
    r"\b(films?|movies?|novels?|novelist|thrillers?|sequels?|prequel|starring|directed by|director's|screenplay|screenwriter"
    r"|protagonists?|gameplay|video games?|box office|filmmakers?|bestseller|playwright|miniseries|sitcom|biopic|cinematography"
    r"|storyline|debut feature|second feature|episodes?|actors?|actress|cinemas?|remake|trilogy|cannes|sundance|netflix)\b",
    re.IGNORECASE,
)
_FICTION_WORDS, _OPENING_PAGE = 3, 1500


def _in_the_present(draft: Draft) -> bool:
    """Whether the event is told in the simple present: "rebels storm a village and kidnap his daughter"."""
    verb = draft.clauses.chunks[draft.match.verb] if draft.match.verb >= 0 else None
    return verb is not None and verb.finite and verb.form in "bs" and verb.aux < 0 and not verb.modal


class Background:
    """What one article tells as background or opinion."""

    def __init__(self, document: Document, times: dict[int, list[Timex]]) -> None:
        """``times``: dated time expressions by sentence."""
        self._document, self._times = document, times
        title = document.title or ""
        opening = next(
            (document.text[b.start : b.end] for b in document.blocks if b.kind == "body"), document.text[:300]
        )
        looks_back = _OBITUARY.search(title) or _LOOKING_BACK.search(title) or _OBITUARY.search(opening[:300])
        self._looks_back = bool(looks_back) or _is_of_bygone_years(document)
        self._opinion = bool(_OPINION.search(title)) or self._speaks_for_itself()
        told = {
            word.lower().removesuffix("s") for word in _OF_FICTION.findall(f"{title} {document.text[:_OPENING_PAGE]}")
        }
        self._retells = len(told) >= _FICTION_WORDS or (
            bool(told) and title.lower().startswith(("review", "film review"))
        )
        self._old_until: dict[int, int] = {}
        sure = document.anchor_is_sure
        self._latest = None if sure else _latest_stated(document, [t for found in times.values() for t in found])

    def _speaks_for_itself(self) -> bool:
        """Whether the author says "I" and "we" outside quotations, as agencies never do."""
        text = self._document.text[:8000]
        spans = sorted((q.start, q.end) for q in self._document.quotes if q.kind == "direct")
        count = at = 0
        for found in _FIRST_PERSON.finditer(text):
            while at < len(spans) and spans[at][1] <= found.start():
                at += 1
            count += not (at < len(spans) and spans[at][0] <= found.start())
        return count >= OWN_VOICE and count >= OWN_VOICE_RATE * text.count(" ") / 100

    def groundless(self, draft: Draft) -> bool:
        """True where the sentence asks, doubts or prefers something else ("Why does X keep arming", "no evidence that"),
        and for what an opinion piece says without a date.
        """
        if self._opinion and draft.date is None:
            return True
        if self._retells and draft.date is None and _in_the_present(draft):
            return True  # the plot of a film, novel or game
        start, end = draft.sentence_span
        if self._document.text[start:end].rstrip("\"'”’) \n").endswith("?"):
            return True
        clauses, match = draft.clauses, draft.match
        low = clauses.tokens.low
        first = match.trigger[0]
        for i in range(max(0, first - 14), first):
            if (
                low[i] in _GROUNDS
                and _LACKING & set(low[max(0, i - 4) : i])
                and {"that", "of"} & set(low[i + 1 : i + 3])
            ):
                return True
            if low[i] in _DOUBTS and low[i + 1] in ("that", "if", "whether"):
                return True
            if low[i] in ("likely", "clear", "certain", "true") and low[i - 1] in ("not", "n't", "n’t"):
                return True  # "it is not likely that workers would be fired"
        verb = match.verb if match.verb >= 0 else match.chunk
        return _preferred_not(clauses, verb) or _state(draft, verb)

    def age(self, draft: Draft) -> None:
        """Flag as historical what is told beside "N years since", in a commemoration, in a life's story, after a historical
        event of its sentence, or of a state that is no more.

        Of a text that may itself be as old as the state, the state's name tells nothing.
        """
        facts = draft.factuality
        if facts.historical:
            self._old_until[draft.sentence] = draft.trigger[0]
            return
        dated = draft.date is not None and self._looks_back
        if facts.tense == "future" or (dated and self._document.anchor_is_sure):
            return
        low = draft.clauses.tokens.low
        first = draft.match.trigger[0]
        follows = draft.date is None and self._old_until.get(draft.sentence, draft.trigger[0]) < draft.trigger[0]
        bygone = self._document.anchor_is_sure and any(
            _BYGONE & set(p.text.lower().replace("-", " ").split()) for p in draft.actors + draft.recipients
        )
        marked = _marked(draft) and draft.type != "CONSULT"
        told_of_the_past = (
            _years_ago(low, first)
            or (draft.date is None and _over_years(low, first))
            or _is_earlier(draft)
            or _is_toll(draft)
            or self._opens_long_ago(draft)
            or self._goes_on_long_ago(draft)
            or self._of_an_earlier_year(draft)
            or _in_a_war_of(draft, self._document)
            or _is_standing(draft)
        )
        if bygone or follows or marked or (self._looks_back and not dated) or told_of_the_past or _LIVED & set(low[:3]):
            draft.factuality = replace(facts, historical=True, tense="historical")

    def _opens_long_ago(self, draft: Draft) -> bool:
        """ "In 1991, when Denmark opposed the talks": a sentence that opens in an earlier year, of an event without a date."""
        published = self._document.published
        if published is None or not self._document.anchor_is_sure or draft.date is not None:
            return False
        for timex in self._times.get(draft.sentence, ()):
            days = interval(timex)
            opening = timex.start - draft.sentence_span[0] < _OPENING and timex.end <= draft.trigger[0]
            if opening and days is not None and (published.date() - days[1]).days > HISTORICAL_DAYS:
                return True
        return False

    def _goes_on_long_ago(self, draft: Draft) -> bool:
        """ "Two weeks later", "after the war", opening a sentence of its own behind one of an earlier year."""
        start, end = draft.sentence_span
        if (
            draft.date is not None
            or not self._document.anchor_is_sure
            or not _THEREAFTER.match(self._document.text[start:end])
        ):
            return False
        return self._is_past(draft.sentence)

    def _of_an_earlier_year(self, draft: Draft) -> bool:
        """Whether a page without a date of its own tells the event of a year, or of a month of one, that is not the page's:
        "in 2013", "last year", "in August 2019" beside "on May 2, 2021". News names the year of what is not of this year.
        """
        document, when = self._document, draft.date
        if document.anchor_is_sure or when is None or not when.expression or document.published is None:
            return False
        if len(document.sentences) < _PAGE:
            return False  # a note tells nothing of its own day
        if int(when.end[:4]) <= document.published.year - _LONG_AGO and _YEAR.search(when.expression):
            return True
        if _YEARS_BACK.search(when.expression):
            return True
        if not _YEAR.search(when.expression) or when.end >= document.published.date().isoformat():
            return False
        if when.granularity == "year":
            return self._latest is None or when.end[:4] < self._latest.isoformat()[:4]
        return self._latest is not None and (self._latest - date.fromisoformat(when.end)).days > HISTORICAL_DAYS

    def _is_past(self, number: int) -> bool:
        """Whether the last sentence with a time of its own, near before sentence ``number``, tells of an earlier month."""
        published = self._document.published
        for earlier in range(number - 1, max(-1, number - 4), -1):
            ends = [days[1] for timex in self._times.get(earlier, ()) if (days := interval(timex)) is not None]
            if ends:
                return published is not None and (published.date() - max(ends)).days > HISTORICAL_DAYS
        return False


#: Sentences from which a text is taken for a page.
_PAGE = 5
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_YEARS_BACK = re.compile(
    r"\b(?:last year|years ago|decades? ago|last (?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December))\b",
    re.IGNORECASE,
)


#: Years before a page from which the years that it names are history, and how many such make a page one of history.
_LONG_AGO, _OLD_YEARS = 15, 4


def _is_of_bygone_years(document: Document) -> bool:
    """Whether most of the years that the page names are long gone: a page of history, an anniversary, a biography."""
    if document.published is None:
        return False
    years = [int(year) for year in _YEAR.findall(document.text)]
    old = sum(year <= document.published.year - _LONG_AGO for year in years)
    return old >= _OLD_YEARS and old * 3 >= len(years) * 2


def _latest_stated(document: Document, times: list[Timex]) -> date | None:
    """The last day before the fetch that a time expression of less than a year states with its year; None without one."""
    today = document.published.date() if document.published is not None else date.max
    ends = [
        days[1]
        for timex in times
        if timex.granularity != "year" and _YEAR.search(timex.text) and (days := interval(timex)) is not None
    ]
    return max((end for end in ends if end <= today), default=None)


#: What opens a sentence that goes on from the one before.
_THEREAFTER = re.compile(
    r"(?:But |And |Just |Only |About )?(?:"
    r"(?:[\w-]+ ){1,3}(?:hours|days|weeks|months|years|decades|day|week|month|year|decade) (?:later|afterwards?|after that)\b"
    r"|(?:after|following) (?:the|that) (?:war|revolution|coup|invasion|uprising|fall)\b"
    r"|(?:then|afterwards?|subsequently|thereafter)\b"
    r"|(?:later )?(?:the|that) (?:same|next|following) (?:year|month|week|day)\b)",
    re.IGNORECASE,
)
#: Longest way from a sentence's first character to the time it opens with ("In early March of 2011").
_OPENING = 12
_EARLIER = frozenset({"previous", "earlier", "past", "former"})
_BEFORE_NOW = frozenset({"previous", "earlier", "past"})
#: People from which a number killed in the perfect tense is the toll of a war, not of a day.
TOLL = 1000
#: Times of today or this week: a count since then is of one day's fighting.
_LATELY = frozenset({"dawn", "midnight", "morning", "daybreak", "sunrise", "sunset", "noon", "midday", "overnight", "yesterday",
                     "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})  # fmt: skip
_SO_FAR = (["so", "far"], ["to", "date"], ["since", "then"], ["in", "total"])


def _is_earlier(draft: Draft) -> bool:
    """ "During previous visits", "in the past": told beside what is of today."""
    low, (first, _) = draft.clauses.tokens.low, draft.match.trigger
    if draft.match.frame.kind == "noun" and _EARLIER & set(low[max(0, first - 3) : first]):
        return True
    if draft.match.frame.kind == "verb" and (k := draft.match.verb) > 0 and draft.clauses.chunks[k].passive:
        subjects = [draft.clauses.chunks[j] for j in subject(draft.clauses, k)]
        if any(_BEFORE_NOW & set(low[c.first : c.head]) for c in subjects):
            return True  # "similar previous plans have been vetoed"
    lasting = first >= 2 and low[first - 1] == "of" and low[first - 2] in _SPANS  # "nine years of talks"
    on_and_off = draft.match.frame.kind == "noun" and any(
        low[i] in _SPANS and low[i + 1] == "of" for i in range(max(0, first - 6), first - 1)
    )
    return lasting or on_and_off or low[:3] == ["in", "the", "past"]


def _is_toll(draft: Draft) -> bool:
    """ "More than 40,000 have been killed", "have killed six since March": a count that goes on, with no day of its own."""
    verb = draft.clauses.chunks[draft.match.verb] if draft.match.verb >= 0 else None
    if draft.type != "ASSAULT" or verb is None or not (verb.perfect or _goes_on_perfect(draft)):
        return False
    killed = draft.counts.killed or draft.counts.injured
    if killed is not None and killed[0] >= TOLL:
        return True
    if not verb.perfect:
        return False
    low = draft.clauses.tokens.low
    counted = killed is not None and "since" in low and not _LATELY & set(low[low.index("since") + 1 :][:3])
    return counted or (killed is not None and any(low[i : i + 2] in _SO_FAR for i in range(len(low))))


def _is_standing(draft: Draft) -> bool:
    """ "Has long designated", "had previously defended": how things have stood for long, or were before."""
    verb = draft.clauses.chunks[draft.match.verb] if draft.match.verb >= 0 else None
    if verb is None or not verb.perfect:
        return False
    inside = draft.clauses.tokens.low[verb.first : verb.last + 1]
    return "previously" in inside or ("long" in inside and draft.type not in ("REJECT", "ACCUSE"))


def _goes_on_perfect(draft: Draft) -> bool:
    """ "Has killed 2,000 people and wounded 9,000": the second verb shares the first one's "has"."""
    chunks, k = draft.clauses.chunks, draft.match.verb
    if k < 1 or chunks[k - 1].kind != "C":
        return False
    return next((c.perfect for c in reversed(chunks[:k]) if c.kind == "VG" and c.finite), False)


#: A war by its year: what happened in it is no news.
_WAR_OF = re.compile(
    r"\b(?:in|during) the (1[5-9]\d\d|20\d\d) (?:[\w-]+ ){0,3}?(?:war|invasion|uprising|revolution|coup)\b", re.I
)


def _in_a_war_of(draft: Draft, document: Document) -> bool:
    """ "Seized the islands in the 1967 Five-Day War": told of a year before the article's."""
    published = document.published
    found = _WAR_OF.search(document.text, draft.trigger[1], draft.sentence_span[1])
    if found is None or published is None or not document.anchor_is_sure:
        return False
    between = document.text[draft.trigger[1] : found.start()]
    return int(found[1]) < published.year and not re.search(r"\b(?:who|which|that)\b", between)


#: Types whose present passive in a relative clause is a state of things: "Sall, who is barred from running".
_STATES = frozenset({"COERCE", "SANCTION", "SUPPORT", "ACCUSE"})


def _state(draft: Draft, k: int) -> bool:
    """ "Who is barred", "a man convicted of fraud": how things stand, not what happened."""
    chunks, low = draft.clauses.chunks, draft.clauses.tokens.low
    chunk = chunks[k]
    described = draft.match.frame.trigger == "back" or (
        (draft.type in ("ACCUSE", "MOBILIZE") or draft.mode == "convict") and not draft.actors
    )
    if draft.match.frame.trigger == "force" and chunk.form == "g" and not chunk.finite and chunks[k - 1].kind == ",":
        return True  # ", forcing airlines to cancel flights": what came of it
    if described and chunk.kind == "VG" and chunk.passive and not chunk.finite:
        return True
    if draft.type not in _STATES or chunk.kind != "VG" or not chunk.passive or k == 0 or chunks[k - 1].kind != "Q":
        return False
    return low[chunk.first] in ("is", "are") and "being" not in low[chunk.first : chunk.last]


def _preferred_not(clauses: Clauses, k: int) -> bool:
    """ "Rather die than surrender", "instead of attacking"."""
    chunks, low = clauses.chunks, clauses.tokens.low
    if k <= 0 or chunks[k].kind != "VG":
        return False
    before = low[max(0, chunks[k].first - 2) : chunks[k].first]
    if before[-1:] == ["than"] or (before[-1:] == ["against"] and chunks[k].form == "g" and not chunks[k].finite):
        return True  # "ruled against forcing"
    return not chunks[k].finite and (before == ["instead", "of"] or before[-1:] == ["without"])


def _years_ago(low: list[str], first: int) -> bool:
    """ "Five years after crowds burned", "30 years since the genocide in which": no comma parts the span from the event."""
    for i in range(max(0, first - 14), first - 1):
        if low[i] not in _SPANS or low[i + 1] not in _SINCE or _TERMS & set(low[max(0, i - 8) : i]):
            continue
        if not {",", ";", "–", "—"} & set(low[i + 2 : first]):
            return True
    return False


def _over_years(low: list[str], first: int) -> bool:
    """ "In recent years", "over the past decade" before the trigger: what went on for long is no news."""
    return any(low[i] in _LONG and low[i - 1] in _RECENT for i in range(max(1, first - 12), first))


_LONG, _RECENT = frozenset({"years", "decade", "decades"}), frozenset({"recent", "past", "last"})


#: Before a span of time that is a sentence: "jailed for seven years after a jury found them guilty".
_TERMS = frozenset({"sentenced", "jailed", "imprisoned", "prison", "jail", "sentence"})


def _marked(draft: Draft) -> bool:
    """The event's clause hangs on a verb of remembrance: "marked the day when", "remembered the sailors killed"."""
    chunks = draft.clauses.chunks
    k = draft.match.verb if draft.match.verb >= 0 else draft.match.chunk
    for j in range(k - 1, max(-1, k - 8), -1):
        if chunks[j].kind == "VG" and chunks[j].word in _MARKING:
            return True
        if chunks[j].kind in (";", ",", "C"):
            return False
    return False
