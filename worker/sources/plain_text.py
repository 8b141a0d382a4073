"""Converts titles, names and categories of feeds to plain text. Pure functions.

Titles come as text, as escaped HTML and as HTML escaped twice, whatever the format says. The rule: known HTML tags go,
entities are undone once, white space is folded; a word in angle brackets that is no HTML element stays.
"""

from __future__ import annotations

import html
import re

from ..encoding.unicode import normal

#: Elements whose tags are taken out of titles. Anything else in angle brackets is text ("vector<int>", "<name>").
_HTML_TAG = re.compile(
    r"</?(?:a|abbr|acronym|address|area|article|aside|audio|b|big|blink|blockquote|body|br|button|center|cite|code|dd|del"
    r"|details|dfn|dir|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6]|header|hr"
    r"|html|i|iframe|img|input|ins|kbd|label|li|link|main|map|mark|marquee|meta|nav|nobr|noscript|object|ol|option|p"
    r"|param|picture|pre|q|rp|rt|ruby|s|samp|section|select|small|source|span|strike|strong|sub|summary|sup|svg|table"
    r"|tbody|td|textarea|tfoot|th|thead|time|tr|tt|u|ul|var|video|wbr)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p"
    r"|pre|section|table|td|th|tr|ul)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_VOID = frozenset(
    {"area", "br", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr", "p", "li", "dd", "dt"}
)
_HIDDEN = re.compile(r"<(script|style|template)\b[^<>]*>(?:(?!</\1).)*(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--(?:(?!-->).)*(?:-->|$)", re.DOTALL)
#: C0 and C1 controls, zero-width fillers that carry no meaning, bidirectional overrides and isolates, and the byte
#: order mark. Left-to-right and right-to-left marks (U+200E, U+200F) and the joiners belong to normal text and stay.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CDATA = re.compile(r"\s*<!\[CDATA\[", re.IGNORECASE)
_MARKUP = re.compile(r"[<&]")
_CP1252 = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_C1 = re.compile("[\x80-\x9f]")
_TWICE_ENCODED = re.compile("[\xc2-\xf4][\x80-\xbf]")  # "Ã©": the two bytes of "é", each read as Latin-1


def without_cdata(text: str) -> str:
    """``text`` without the marks of a CDATA section around it: software that escapes what is a section already, or writes
    one inside another."""
    while "<![" in text[:40] and (opening := _CDATA.match(text)):
        text = text[opening.end() :].rstrip().removesuffix("]]>")
    return text


def repair_mojibake(text: str) -> str:
    """``text`` with two common encoding accidents undone: UTF-8 taken for Latin-1, and windows-1252 code points."""
    if text.isascii():
        return text
    if _TWICE_ENCODED.search(text):
        try:
            return text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            pass  # a real "Ã" or "É»", or only part of the text is damaged
    return text.translate(_CP1252) if _C1.search(text) else text


def cleaned(text: str) -> str:
    """Return one line of ``text``: NFC, white space folded, controls and bidirectional overrides gone."""
    text = " ".join(repair_mojibake(text).split())
    if not text.isprintable():
        text = " ".join(_UNWANTED.sub("", text).split())
    return normal(text)


def plain(markup: str, *, max_chars: int | None = None) -> str | None:
    """Return what a reader sees of ``markup``, on one line, or None where nothing is left.

    Args:
        markup: Text, HTML, or HTML escaped once more, as feeds have it; not longer than the caller's own limit.
        max_chars: Cut at a character after this many.
    """
    text = markup.strip()
    if "<" in text:
        text = _COMMENT.sub("", _HIDDEN.sub("", text)) if "<!--" in text or _HIDDEN.search(text) else text
        text = _HTML_TAG.sub(_gap, text)
    if "&" in text:
        text = unescape(text)
        if "&" in text and _escaped_twice(text):
            text = unescape(text)
    text = cleaned(text)
    if max_chars is not None and len(text) > max_chars:
        text = text[:max_chars].rstrip()
    return text or None


_ENTITY = re.compile(r"&(?:#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,5}|[a-zA-Z]{2,8}[0-9]{0,2});")
_CLOSED_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_BARE_ENTITIES = frozenset({"&lt;", "&gt;", "&LT;", "&GT;"})


def unescape(text: str) -> str:
    """``text`` with HTML's entities undone once, only where they end in a semicolon: "?a=1&copy=2" and "B&notes" stay."""
    return _CLOSED_ENTITY.sub(_unescape_one, text)


def _unescape_one(entity: re.Match[str]) -> str:
    return html.unescape(entity.group())


def _escaped_twice(text: str) -> bool:
    """Return whether entities are left that can only come from escaping once too often; angle brackets stay as they are."""
    found = _ENTITY.findall(text)
    return bool(found) and not _BARE_ENTITIES.intersection(found)


def _gap(tag: re.Match[str]) -> str:
    """Return a space for a tag that ends a line on screen, else nothing: "H<sub>2</sub>O" stays one word."""
    return " " if _BLOCK_TAG.match(tag.group()) else ""


def remove_controls(text: str) -> str:
    """``text`` without the control characters that XML forbids, which base64 and JSON can bring in; line ends stay."""
    return text if text.isprintable() else _FORBIDDEN.sub("", text)


def looks_like_html(text: str) -> bool:
    """Return whether ``text`` has an HTML tag or a well-formed entity, so that it can be taken for HTML."""
    return bool(_MARKUP.search(text)) and bool(_HTML_TAG.search(text) or _ENTITY.search(text))


def closes_its_tags(text: str) -> bool:
    """Return whether every HTML element that is opened in ``text`` is closed, as a writer of markup does; "<blink>" alone is
    a word in angle brackets."""
    opened: set[str] = set()
    closed: set[str] = set()
    for tag in _HTML_TAG.finditer(text):
        name = _NAME.match(tag.group())
        if name is not None and not tag.group().endswith("/>"):
            (closed if name[1] else opened).add(name[2].lower())
    return opened - closed <= _VOID


def as_html(text: str) -> str:
    """Return ``text`` that is declared plain, as HTML: escaped, unless it is HTML in spite of what was declared."""
    if not _MARKUP.search(text) or looks_like_html(text):
        return text
    return html.escape(text, quote=False)
