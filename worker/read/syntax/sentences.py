"""Sentences of each block, with wire abbreviations, initials, decimals and closing quotes; exact offsets, linear time."""

from __future__ import annotations

import re
from dataclasses import replace

from ..document import Document, Sentence
from ..lexicon import table
from .tokenizer import tokenize

_WORDS = table("wire_abbreviations")
_TITLES = frozenset(_WORDS["titles"])
_BEFORE_FIGURES = frozenset(_WORDS["before_figures"])
_ENDINGS = frozenset(_WORDS["endings"])
_ORDINAL_MONTHS = frozenset(_WORDS["ordinal_months"])
_OPENERS = frozenset(_WORDS["openers"])

#: A possible end: marks, then closing quotes and brackets, then white space; or an ideographic full stop. A run of marks is
#: looked at once and never given back: rows of dots and apostrophes are cheap to write. In Japanese and Chinese what is quoted
#: ends inside its marks, and the sentence goes on behind them.
_END = re.compile(
    r"(?<![.!?…।॥؟۔])(?P<mark>[.!?…।॥؟۔]++)(?P<close>(?:[\"'”’»«“)\]]|[ \u00a0\u202f]»(?=\s))*+)(?P<gap>\s++)"
    r"|(?<![。！？])(?P<wide>[。！？]++(?:(?![」』”’）])|[」』”’）]++(?=[\s「『“（]|$)))\s*+"
)
#: The word before a dot, with inner dots ("Lt. Gen" is two words, "u.s" one).
_BEFORE = re.compile(r"[^\W_](?:[\w’'&/-]|\.(?=\w))*$")
_AFTER = re.compile(r"[\"'“‘«`(\[—–-]*(?P<word>[^\W_][\w’']*)?")
_LOOK_BACK = 24


def split_sentences(document: Document) -> Document:
    """Return the document with its sentences, each cut into tokens.

    Each block is covered, no sentence crosses a block, none is blank. Byline and dateline are one sentence each. A document
    without blocks is read as one body.
    """
    text = document.text
    blocks = [(block.start, block.end, block.kind) for block in document.blocks] or [(0, len(text), "body")]
    found: list[Sentence] = []
    for number, (begin, end, kind) in enumerate(blocks):
        spans = [(begin, end)] if kind in ("byline", "dateline") else sentence_spans(text, begin, end)
        found.extend(Sentence(start, stop, number, tokenize(text, start, stop)) for start, stop in spans)
    return replace(document, sentences=tuple(found))


def blocks_as_sentences(document: Document) -> Document:
    """Return the document with each of its blocks as one sentence: what is left where `split_sentences` fails."""
    whole = (
        Sentence(block.start, block.end, number, tokenize(document.text, block.start, block.end))
        for number, block in enumerate(document.blocks)
        if block.text
    )
    return replace(document, sentences=tuple(whole))


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the sentences of ``text[start:end]`` begin and end, white space between them left out."""
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _END.finditer(text, start, end):
        if match.end() >= end:
            break
        if match["wide"] is None and not _closes(text, begin, match, end):
            continue
        stop = match.start("gap") if match["wide"] is None else match.end("wide")
        if stop > begin:
            spans.append((begin, stop))
        begin = match.end()
    while begin < end and text[begin].isspace():
        begin += 1
    stop = end
    while stop > begin and text[stop - 1].isspace():
        stop -= 1
    if stop > begin:
        spans.append((begin, stop))
    return spans


def _closes(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether the marks at ``match`` end a sentence."""
    after = _AFTER.match(text, match.end(), min(end, match.end() + 40))
    word = (after["word"] or "") if after else ""
    if text[match.end()] in ".…":
        return False  # an ellipsis set apart
    opens_quote = bool(after) and after is not None and text[match.end()] in '"“‘«`'
    if word and word[0].islower() and not _camel(word):
        return False
    if match["mark"] != ".":
        return match["mark"][-1] in "!?…।॥؟۔" or match["mark"].startswith("..")
    if match["close"]:
        return (
            not (match["close"] in (")", "]") and _abbreviates(text, begin, match.start(), word) is True) or opens_quote
        )
    if "\n" in match["gap"] and match["gap"].count("\n") > 1:
        return True
    abbreviates = _abbreviates(text, begin, match.start(), word)
    return not abbreviates


def _camel(word: str) -> bool:
    """A name such as iPhone or eBay, which may open a sentence."""
    return len(word) > 2 and word[1].isupper()


def _abbreviates(text: str, begin: int, dot: int, word: str) -> bool:
    """Whether the dot belongs to an abbreviation or initial and the sentence goes on with ``word``."""
    before = _BEFORE.search(text, max(begin, dot - _LOOK_BACK), dot)
    if before is None:
        return False
    token = before[0].lower()
    opener = word.lower() in _OPENERS
    if token.isdigit() and len(token) < 3 and word.lower() in _ORDINAL_MONTHS:
        return True  # "am 3. März"
    if len(token) == 1 and before[0].islower() and len(word) == 1:
        return True  # "z. B."
    if token in _TITLES:
        return not (opener and token in ("st", "ft", "pt", "v", "fig"))
    if token in _BEFORE_FIGURES and len(token) < 6:
        if word[:1].isdigit():
            return True
        return (
            token not in ("no", "p", "art")
            and not opener
            and len(token) > 1
            and before[0][0].isupper()
            and token not in ("mar", "par")
        )
    if len(token) == 1 and before[0].isupper():
        return _is_initial(text, before.start(), opener)
    if token in _ENDINGS:
        return not opener and bool(word) and not (token in _COMPANY and not word[0].isupper())
    if "." in token and len(token) <= 8 and all(len(part) <= 2 for part in token.split(".")):
        return not opener and bool(word)
    return False


_COMPANY = frozenset({"inc", "co", "corp", "ltd", "llc", "plc"})


def _is_initial(text: str, at: int, opener: bool) -> bool:
    """Whether a single capital before a dot is somebody's initial ("J. Smith"), not the end ("Plan B. The ...")."""
    if not opener:
        return True
    previous = text[max(0, at - 16) : at].split()
    return bool(previous) and previous[-1][-1:] == "." and len(previous[-1]) <= 3
