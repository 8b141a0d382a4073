"""Plain text from what pages carry: entities, stray tags, white space and control characters."""

from __future__ import annotations

import html
import re

from lxml import etree

from ..encoding.unicode import normal

#: C0 and C1 controls but tab and newlines, non-characters and lone surrogates: none may reach a log, JSON or Redis.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
#: Invisible characters that only help a line to break (soft hyphen, zero-width space, word joiner, byte order mark), and
#: direction overrides, embeddings and isolates, which can make a text read as what it is not.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_EAST_ASIAN = re.compile(
    "[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_TEXTS = etree.XPath("descendant::text()[not(parent::style or parent::script)]")
#: What sentences end with, in the scripts of the news.
SENTENCE_ENDS = (
    ".", "!", "?", "…", '."', ".”", ".“", "»", "。", "！", "？", "」", "।", "”", '"', "۔", "؟", ".)",
)  # fmt: skip
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """White space folded to single blanks, control and invisible characters gone, letters and marks in NFC."""
    text = normal(" ".join(text.split()))
    if text.isprintable():
        return text  # nearly all text; the searches below cost more than everything above
    if not text.isascii():
        text = normal(_INVISIBLE.sub("", text))
    return " ".join(_CONTROL.sub("", text).split())


def plain(value: object, *, limit: int = 20_000) -> str | None:
    """``value`` as plain folded text when it is a string with something in it, else None.

    Entities are read up to twice, since pages escape what is already escaped; tags are dropped.
    """
    if not isinstance(value, str):
        return None
    text = value[:limit]
    if "&" in text:
        text = html.unescape(text)
        if "&" in text and ";" in text:
            text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" " if "<p" in text or "<br" in text or "<li" in text else "", text)
    return fold(text) or None


def text_of(element: etree._Element) -> str:
    """All text below an element, folded, elements set apart by blanks; scripts and styles are not text."""
    texts = _TEXTS(element)
    return fold(" ".join(str(t) for t in texts)) if isinstance(texts, list) else ""


def squash(text: str) -> str:
    """``text`` without any white space, for comparing what different readings made of one page."""
    return "".join(text.split())


def size_of(text: str) -> int:
    """Length in Latin characters: one of a script without spaces says as much as two and a half of them."""
    return len(text) if text.isascii() else len(text) + len(_EAST_ASIAN.findall(text)) * 3 // 2


def word_count(text: str) -> int:
    """Words, where each character of a script without spaces (Chinese, Japanese, Thai, Burmese, Khmer) counts half."""
    if text.isascii():
        return len(text.split())
    unspaced = len(_EAST_ASIAN.findall(text))
    if not unspaced:
        return len(text.split())
    return unspaced // 2 + len(_WORD.findall(_EAST_ASIAN.sub(" ", text)))
