"""Frames: a sentence (or several, where a quotation spans them) as tokens, each quotation one token."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from ..syntax.tokenizer import scan
from .marks import Quoted

#: `"Where is it?" Brenner asked.`: a sentence that only says who spoke the one before.
_TAG = re.compile(
    r"(?:[^\W_][\w.’'-]*\s+){1,5}(?:says?|said|asked|wondered|added|told|replied|wrote|shouted|explained)\b"
    r"(?=[.,]|\s+(?:in|on|at|to|of|during|after|before|when|as|while|with|from|late|last)\b|\s*$)"
)
LIMIT = 300  #: tokens; what comes after in a longer frame is not read


@dataclass(frozen=True, slots=True)
class Frame:
    """Parallel lists; ``quoted[i]`` is the quotation that token ``i`` stands for, whose text is then a bare quote mark."""

    texts: list[str]
    lows: list[str]
    starts: list[int]
    ends: list[int]
    quoted: list[Quoted | None]

    def __len__(self) -> int:
        return len(self.texts)

    def last(self) -> int:
        """Index after the last token that is no closing punctuation."""
        end = len(self)
        while end and self.quoted[end - 1] is None and self.texts[end - 1] in ".!?;:,—–-…)_*":
            end -= 1
        return end


@dataclass(frozen=True, slots=True)
class Saying:
    """One attribution in a frame: token spans of speaker and content (``parts``), and of the cue."""

    speaker: tuple[int, int] | None
    cue: tuple[int, int]
    parts: tuple[tuple[int, int], ...]
    naming: bool = False


def frames_of(text: str, sentences: list[tuple[int, int]], quotes: list[Quoted]) -> list[Frame]:
    """Frames of one block: its sentences, joined where a quotation runs over their border."""
    joined: list[tuple[int, int]] = []
    at = 0
    for start, end in sentences:
        while at < len(quotes) and quotes[at].outer_end <= start:
            at += 1
        crosses = at < len(quotes) and quotes[at].outer_start < start
        closed = at > 0 and bool(joined) and quotes[at - 1].outer_end == joined[-1][1] and quotes[at - 1].closed
        if joined and (crosses or (closed and _TAG.match(text, start, end))):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    starts = [quote.outer_start for quote in quotes]
    return [_frame(text, start, end, quotes, bisect_left(starts, start)) for start, end in joined]


def _frame(text: str, start: int, end: int, quotes: list[Quoted], at: int) -> Frame:
    frame = Frame([], [], [], [], [])
    position = start
    while position < end and len(frame) < LIMIT:
        quote = quotes[at] if at < len(quotes) and quotes[at].outer_start < end else None
        tokens = scan(text, position, min(quote.outer_start if quote else end, position + 4000))
        room = LIMIT - len(frame)
        frame.texts.extend(tokens.texts[:room])
        frame.lows.extend(tokens.lows[:room])
        frame.starts.extend(tokens.starts[:room])
        frame.ends.extend(tokens.ends[:room])
        frame.quoted.extend([None] * min(room, len(tokens)))
        if quote is None or len(frame) >= LIMIT:
            break
        for values, value in ((frame.texts, '"'), (frame.lows, '"')):
            values.append(value)
        frame.starts.append(quote.start)
        frame.ends.append(quote.end)
        frame.quoted.append(quote)
        position, at = quote.outer_end, at + 1
    return frame
