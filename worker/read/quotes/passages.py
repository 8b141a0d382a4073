"""Passages: a sentence (or several, where a quotation spans them) as tokens, each quotation one token."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from ..document import Sentence
from ..syntax.tokenizer import Tokens
from .marks import Quoted

#: `"Where is it?" Brenner asked.`: a sentence that only says who spoke the one before.
_TAG = re.compile(
    r"(?:[^\W_][\w.’'-]*\s+){1,5}(?:says?|said|asked|wondered|added|told|replied|wrote|shouted|explained)\b"
    r"(?=[.,]|\s+(?:in|on|at|to|of|during|after|before|when|as|while|with|from|late|last)\b|\s*$)"
)
LIMIT = 300  #: tokens; what comes after in a longer passage is not read


@dataclass(frozen=True, slots=True)
class Passage:
    """Parallel lists; ``quoted[i]`` is the quotation that token ``i`` stands for, whose text is then a bare quote mark."""

    text: list[str]
    low: list[str]
    start: list[int]
    end: list[int]
    quoted: list[Quoted | None]

    def __len__(self) -> int:
        return len(self.text)

    def last(self) -> int:
        """Index after the last token that is no closing punctuation."""
        end = len(self)
        while end and self.quoted[end - 1] is None and self.text[end - 1] in ".!?;:,—–-…)_*":
            end -= 1
        return end


@dataclass(frozen=True, slots=True)
class Saying:
    """One attribution in a passage: token spans of speaker and content (``parts``), and of the cue."""

    speaker: tuple[int, int] | None
    cue: tuple[int, int]
    parts: tuple[tuple[int, int], ...]
    naming: bool = False


def split_passages(text: str, sentences: Sequence[Sentence], quotes: list[Quoted]) -> list[Passage]:
    """Return the passages of one block: its sentences, joined where a quotation runs over their border.

    Args:
        sentences: Of the block, in order.
        quotes: The quotations of the block, in order.
    """
    joined: list[list[Sentence]] = []
    at = 0
    for sentence in sentences:
        start, end = sentence.start, sentence.end
        while at < len(quotes) and quotes[at].outer_end <= start:
            at += 1
        crosses = at < len(quotes) and quotes[at].outer_start < start
        closed = at > 0 and bool(joined) and quotes[at - 1].outer_end == joined[-1][-1].end and quotes[at - 1].closed
        if joined and (crosses or (closed and _TAG.match(text, start, end))):
            joined[-1].append(sentence)
        else:
            joined.append([sentence])
    starts = [quote.outer_start for quote in quotes]
    return [_build_passage([s.tokens for s in group], quotes, bisect_left(starts, group[0].start)) for group in joined]


def _build_passage(sentences: list[Tokens], quotes: list[Quoted], at: int) -> Passage:
    """The passage of one or more sentences; ``at``: index of the first quotation that may lie in them."""
    first, end = sentences[0], sentences[-1].end[-1] if sentences[-1].end else 0
    if len(sentences) == 1 and (at >= len(quotes) or quotes[at].outer_start >= end):
        most = first.between(0, LIMIT) if len(first) > LIMIT else first
        return Passage(_dashed(most.text), _dashed(most.low), most.start, most.end, [None] * len(most))
    passage, reach = Passage([], [], [], [], []), 0
    for tokens in sentences:
        i, count, texts = bisect_left(tokens.start, reach), len(tokens), _dashed(tokens.text)
        lows = _dashed(tokens.low)
        while len(passage) < LIMIT:
            quote = quotes[at] if at < len(quotes) else None
            stop = bisect_left(tokens.start, quote.outer_start, i) if quote else count
            stop = min(stop, i + LIMIT - len(passage))
            passage.text.extend(texts[i:stop])
            passage.low.extend(lows[i:stop])
            passage.start.extend(tokens.start[i:stop])
            passage.end.extend(tokens.end[i:stop])
            passage.quoted.extend([None] * (stop - i))
            if quote is None or stop >= count or len(passage) >= LIMIT:
                break
            passage.text.append('"')
            passage.low.append('"')
            passage.start.append(quote.start)
            passage.end.append(quote.end)
            passage.quoted.append(quote)
            reach, at = quote.outer_end, at + 1
            i = bisect_left(tokens.start, reach, stop)
    return passage


def _dashed(texts: list[str]) -> list[str]:
    """The tokens with a typewriter's double hyphen as the dash that it stands for."""
    return ["—" if text == "--" else text for text in texts] if "--" in texts else texts
