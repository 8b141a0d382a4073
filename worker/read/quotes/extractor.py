"""Stage: who is quoted with what, in `Document.quotes`: direct and indirect speech, scare quotes, names in quotation marks.

A direct quote's span is the text between the marks. Indirect speech is the clause that a verb of saying governs. Quotes are
sorted by start, the longer first; a quoted phrase may lie inside the clause it is part of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as struct_replace

from ...contract.article import Quote, Speaker
from ..document import SPOKEN, Document, Sentence
from ..syntax.sentences import split_sentences
from .attribution import sayings
from .lexicon import Cues, cues
from .marks import Quoted, quoted_spans
from .passages import Passage, Saying, split_passages
from .preceding import Preceding, give_to_main_speaker, meant_by, preceding
from .span_end import is_finite
from .speaker import Speakers
from .tags import of_headline

_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]")  # kana, Han, Thai
_MOSTLY = 0.55  #: share of a clause that is quoted, above which the clause tells no more than the words
_DEEPEST = 4  #: clauses around one another
_WINDOW = 400  #: characters around a quote in which "on condition of anonymity" is looked for


@dataclass(frozen=True, slots=True)
class _Source:
    """Speaker, cue and anonymity, as one quote hands them to the next."""

    speaker: Speaker | None
    cue: str | None
    anonymous: bool


def find_quotes(document: Document) -> Document:
    """``document`` with its quotes."""
    words = cues()
    speakers = Speakers(document.mentions, words)
    quotes: list[Quote] = []
    speaking_on: _Source | None = None  # who speaks on, where the last paragraph left its quotation open
    unnamed: list[int] = []  # quotations of paragraphs that were left open, whose speaker may come with a later one
    lone: list[int] = []  # quotations with nothing beside them and nobody before them
    before: Preceding | None = None  # who the last sentence of body text speaks of
    if not document.sentences:
        document = split_sentences(document)
    by_block: dict[int, list[Sentence]] = {}
    for sentence in document.sentences:
        by_block.setdefault(sentence.block, []).append(sentence)
    blocks = [(b.start, b.end, b.kind) for b in document.blocks] or [(0, len(document.text), "body")]
    for number, (start, end, kind) in enumerate(blocks):
        if kind not in SPOKEN or number not in by_block:
            continue
        spans = quoted_spans(document.text, start, end)
        passages = split_passages(document.text, by_block[number], spans)
        starts_quoted = bool(spans) and spans[0].outer_start <= start + 1
        source = speaking_on if starts_quoted else None
        unnamed, first = unnamed if starts_quoted else [], len(quotes)
        for passage in passages:
            if kind == "caption" and not any(passage.quoted):
                continue  # "This photo shows": a caption describes, nobody speaks
            headline = kind == "headline"
            passage = speakers.lowered(passage) if headline else passage
            body = kind == "body"
            alone = body and _is_lone(document.text, passage)
            if alone and source is None and before is not None and not any(q.open for q in passage.quoted if q):
                source = _Source(before.speaker, None, False)
            here = len(quotes)
            source, spoke = _read_passage(
                document.text, passage, words, speakers, source, quotes, before if body else None, headline=headline
            )
            if alone:
                lone.extend(range(here, len(quotes)))
            elif body:
                before = preceding(passage, speakers, document.text, *spoke, before)
        _name_before(quotes, unnamed, first)
        unnamed += [i for i in range(first, len(quotes)) if quotes[i].kind == "direct" and quotes[i].speaker is None]
        unnamed = unnamed if spans and spans[-1].open else []
        speaking_on = source if spans and (spans[-1].open or starts_quoted) else None
    give_to_main_speaker(quotes, lone)
    return replace(document, quotes=tuple(_named_later(document.text, _distinct(quotes), words)))


def _name_before(quotes: list[Quote], unnamed: list[int], first: int) -> None:
    """Give quotations that earlier paragraphs left open the speaker of the quotation that goes on with ``first``."""
    named = next((q for q in quotes[first:] if q.kind == "direct"), None)
    if named is None or named.speaker is None:
        return
    for i in unnamed:
        quotes[i] = struct_replace(quotes[i], speaker=named.speaker, cue=named.cue, anonymous=named.anonymous)
    unnamed.clear()


def select_quotes(quotes: Sequence[Quote]) -> list[Quote]:
    """The quotes as a record shows them: where quoted words make up most of a clause, they stand for it alone."""
    inner: dict[int, int] = {}  # characters quoted inside the clause with this index
    around: list[int] = []
    for k, quote in enumerate(quotes):
        while around and quotes[around[-1]].end <= quote.start:
            around.pop()
        if quote.kind == "indirect":
            around.append(k)
            inner[k] = 0
        elif quote.kind != "name":
            for outer in around[-_DEEPEST:]:
                inner[outer] += (quote.end - quote.start) * (quote.end <= quotes[outer].end)
    return [q for k, q in enumerate(quotes) if inner.get(k, 0) <= _MOSTLY * (q.end - q.start)]


def attribution_of(document: Document, start: int, end: int) -> Quote | None:
    """The innermost quote with a speaker that covers ``start:end``, or None where the article itself speaks."""
    covering = [
        q for q in document.quotes if q.start <= start and end <= q.end and q.speaker is not None and _claims(q)
    ]
    return min(covering, key=lambda q: q.end - q.start, default=None)


def _claims(quote: Quote) -> bool:
    """Whether what stands in the quote is claimed by its speaker; "blamed X for the raid" takes the raid for granted.

    So does what is named only by a noun: "rejected the offer", "called for an end to the raids".
    """
    if quote.kind != "indirect" or quote.cue is None:
        return True
    words, cue = cues(), quote.cue.lower().split()
    if cue[-1] in words.stance:
        return False
    named = (cue[0] in words.object or cue[0] in words.about) and cue[0] not in words.claimed
    return not named or any(is_finite(word) for word in quote.text.split())


def _read_passage(
    text: str,
    passage: Passage,
    words: Cues,
    speakers: Speakers,
    speaking_on: _Source | None,
    quotes: list[Quote],
    before: Preceding | None,
    *,
    headline: bool = False,
) -> tuple[_Source | None, tuple[Speaker | None, tuple[int, int] | None]]:
    """Add the passage's quotes; gives the source that a quotation after it would continue, and the last speaker of its own
    with his tokens. ``before``: whom the sentence before it speaks of."""
    headed = of_headline(passage, words, speakers) if headline else None
    found = [*sayings(passage, words, speakers), *([headed] if headed else [])]
    assigned: dict[int, tuple[_Source, Saying]] = {}
    source = speaking_on
    spoke: tuple[Speaker | None, tuple[int, int] | None] = (None, None)
    for saying in found:
        speaker, anonymous = speakers.speaker(text, passage, saying.speaker) if saying.speaker else (None, False)
        if speaker is not None and saying.speaker is not None:
            speaker = _as_before(speaker, passage, saying.speaker, speakers, before)
            spoke = speaker, saying.speaker
        cue = text[passage.start[saying.cue[0]] : passage.end[saying.cue[1] - 1]]
        here = _Source(speaker, cue, anonymous)
        inside = [i for a, b in saying.parts for i in range(a, b) if passage.quoted[i] is not None]
        for i in inside:
            given = assigned.get(i)
            if given is None or _is_nearer(saying, given[1], i):
                assigned[i] = (here, saying)
        if inside or source is None or source.speaker is None:
            source = here
        plain = [
            (a, b)
            for a, b in saying.parts
            if not all(passage.quoted[i] or passage.text[i] in ",." for i in range(a, b))
        ]
        if plain:
            start, end = passage.start[plain[0][0]], passage.end[plain[-1][1] - 1]
            first, final = passage.quoted[plain[0][0]], passage.quoted[plain[-1][1] - 1]
            start, end = (first.outer_start if first else start), (final.outer_end if final else end)
            quotes.append(_quote(text, start, end, here, "indirect"))
    for i, quoted in enumerate(passage.quoted):
        if quoted is not None:
            quotes.append(_quoted(text, passage, i, quoted, assigned.get(i), source))
    return source, spoke


def _as_before(
    speaker: Speaker, passage: Passage, span: tuple[int, int], speakers: Speakers, before: Preceding | None
) -> Speaker:
    """The speaker, where "he" or "she" behind a quotation means whom the sentence before speaks of."""
    if span[1] - span[0] > 1 or not any(passage.quoted[: span[0]]):
        return speaker
    if any(passage.quoted[i] is None and passage.start[i] in speakers.by_start for i in range(span[0])):
        return speaker  # somebody is named before the pronoun
    meant = meant_by(passage.low[span[0]], speakers.mention_of(passage, span), before)
    return struct_replace(speaker, entity=meant) if meant else speaker


def _is_lone(text: str, passage: Passage) -> bool:
    """Whether the passage is nothing but a quotation that is no title."""
    if not all(q is not None or passage.text[k] in ".,!?" for k, q in enumerate(passage.quoted)):
        return False
    first = next((q for q in passage.quoted if q is not None), None)
    if first is None:
        return False
    words = text[first.start : first.end].split()
    return len(words) > 2 and not (_is_title(words) and not first.closed)


def _is_nearer(saying: Saying, other: Saying, i: int) -> bool:
    """Whether the first of two attributions speaks the quotation at ``i``: the one right behind it, else the innermost."""
    behind = [i + 1 in (s.cue[0], s.speaker[0] if s.speaker else -1) for s in (saying, other)]
    return behind[0] if behind[0] != behind[1] else _size(saying) <= _size(other)


def _size(saying: Saying) -> int:
    return sum(b - a for a, b in saying.parts)


def _quoted(
    text: str,
    passage: Passage,
    i: int,
    quoted: Quoted,
    given: tuple[_Source, Saying] | None,
    speaking_on: _Source | None,
) -> Quote:
    words = _words(text[quoted.start : quoted.end])
    closed = quoted.closed or (quoted.end < len(text) and text[quoted.outer_end : quoted.outer_end + 1] in ",،")
    alone = all(q is not None or passage.text[k] in ".,!?" for k, q in enumerate(passage.quoted))
    before = passage.text[i - 1] if i else ":"
    led = before in ":：" or (closed and before in ",，،")
    opens = led and len(words) > 1 and (i > 0 or closed)  # "It is over", and who says so in words we do not know
    pure = given is not None and any(b - a == 1 and a <= i < b for a, b in given[1].parts)
    titled = not closed and not pure and _is_title(words)
    if given is not None and not titled:
        kind = "direct" if len(words) > 1 or (pure and closed) else "scare"
        return _quote(text, quoted.start, quoted.end, given[0], kind)
    if alone and (len(words) > 2 or (len(words) > 1 and closed)):
        return _quote(text, quoted.start, quoted.end, speaking_on or _Source(None, None, False), "direct")
    if _is_title(words):
        return _quote(text, quoted.start, quoted.end, _Source(None, None, False), "name")
    if len(words) > 4 and speaking_on is not None:
        return _quote(text, quoted.start, quoted.end, speaking_on, "direct")
    kind = "direct" if len(words) > 4 or opens else "scare"
    return _quote(text, quoted.start, quoted.end, _Source(None, None, False), kind)


def _words(text: str) -> list[str]:
    """The words of a quotation; of a script that sets no spaces, pairs of letters."""
    words = text.split()
    if len(words) == 1 and len(text) > 3 and _UNSPACED.search(text):
        return [text[i : i + 2] for i in range(0, len(text), 2)]
    return words


def _is_title(words: list[str]) -> bool:
    """Written as names and titles are: every word but the small ones with a capital."""
    small = ("of", "the", "and", "in", "for", "a", "to", "on")
    return len(words) <= 6 and all(w[:1].isupper() or w[:1].isdigit() or w in small for w in words)


def _quote(text: str, start: int, end: int, source: _Source, kind: str) -> Quote:
    return Quote(
        text=text[start:end],
        speaker=source.speaker,
        kind=kind,  # type: ignore[arg-type]
        cue=source.cue,
        anonymous=source.anonymous,
        start=start,
        end=end,
    )


def _distinct(quotes: list[Quote]) -> list[Quote]:
    """Each span once per kind, in order; of two readings of one span the first stays."""
    seen: dict[tuple[int, int], Quote] = {}
    for quote in quotes:
        seen.setdefault((quote.start, quote.end), quote)
    return sorted(seen.values(), key=lambda q: (q.start, -q.end))


def _named_later(text: str, quotes: list[Quote], words: Cues) -> list[Quote]:
    """ "They spoke on condition of anonymity" makes the speaker of the quote beside it anonymous."""
    low = text.lower()
    marks = [at for phrase in words.anonymity for at in _all(low, phrase)]
    if not marks:
        return quotes
    unnamed: set[int] = set()
    for at in marks:  # "They spoke on condition of anonymity" is about the quote just before
        before = [
            k for k, q in enumerate(quotes) if q.start < at < q.end + _WINDOW and q.kind in ("direct", "indirect")
        ]
        if before:
            last = max(before, key=lambda k: (quotes[k].end, quotes[k].start))
            unnamed.update(k for k in before if quotes[k].speaker == quotes[last].speaker)
    return [_anonymous(q) if k in unnamed and not _is_person(q) else q for k, q in enumerate(quotes)]


def _is_person(quote: Quote) -> bool:
    """A speaker named by a name: two capitals in the words used for him."""
    words = quote.speaker.text.split() if quote.speaker else []
    return sum(word[:1].isupper() for word in words[1:]) >= 2


def _anonymous(quote: Quote) -> Quote:
    return Quote(
        text=quote.text,
        speaker=quote.speaker,
        kind=quote.kind,
        cue=quote.cue,
        anonymous=True,
        start=quote.start,
        end=quote.end,
    )


def _all(text: str, phrase: str) -> list[int]:
    found: list[int] = []
    at = text.find(phrase)
    while at >= 0 and len(found) < 20:
        found.append(at)
        at = text.find(phrase, at + 1)
    return found
