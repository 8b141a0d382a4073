"""Makes XML safe and repairs common damage before it is parsed. Pure functions, linear in their input.

`open_document` removes declarations, document types and leading junk: no feed needs them, and attacks use them. `repair` is the
second attempt: stray ampersands, undefined entities and prefixes, forbidden characters, junk after the end, a missing end.
"""

from __future__ import annotations

import html.entities
import re
from functools import lru_cache
from typing import NamedTuple

from . import limits
from .xml_names import namespace_of

#: Where a feed, a sitemap or a page may start; the first one in the document counts.
_ROOT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>])")
_FEED_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:rss|feed|rdf|channel|urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_DOCTYPE_PART = re.compile(r"<!--|\"|'|\[|\]|>")
_ENTITY = re.compile(r"<!ENTITY\s+([A-Za-z_][\w.-]{0,40})\s+(?:\"([^\"&%<]{0,200})\"|'([^'&%<]{0,200})')\s*>")
_MAX_ENTITIES = 300
_MAX_DOCTYPE_CHARS = 1_000_000
#: Comments, instructions and stray "<" before the root; more are a flood.
_MAX_PROLOG = 200
#: How far into a document junk is looked through for its start.
_JUNK_CHARS = 65_536
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_AMPERSAND = re.compile(r"&(?:#(?:([0-9]{1,7})|[xX]([0-9a-fA-F]{1,6}));|([A-Za-z][A-Za-z0-9._-]{0,40});)?")
_STRAY_LESS = re.compile(r"<(?![A-Za-z_/!?])")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=")
_DECLARED = re.compile(r"\bxmlns:([A-Za-z_][\w.-]*)\s*=")
_XML_NAMES = frozenset({"lt", "gt", "amp", "quot", "apos"})
_LAST_ENTRY = re.compile(r"</(?:[A-Za-z_][\w.-]*:)?(?:item|entry)\s*>", re.IGNORECASE)
_LAST_PAGE = re.compile(r"</(?:[A-Za-z_][\w.-]*:)?(?:url|sitemap)\s*>", re.IGNORECASE)
FIRST_ENTRY = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_MARKED = re.compile(r"<!--|<!\[CDATA\[|<\?")
_ANY_CDATA = re.compile(r"<!\[cdata\[", re.IGNORECASE)
_CLOSERS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
#: More prefixes than this are an attack.
_MAX_PREFIXES = 60


class Opened(NamedTuple):
    """A document from its root element on: ``root`` is that element's name as written, ``entities`` what a document
    type defined in plain text."""

    text: str
    root: str
    entities: dict[str, str]
    notes: tuple[str, ...]


def open_document(text: str) -> Opened:
    """Return ``text`` from its root element on; ``root`` is empty where there is none."""
    said: list[str] = []
    entities: dict[str, str] = {}
    position, first, junk = 0, None, False
    for _ in range(_MAX_PROLOG):
        opening = text.find("<", position)
        if first is not None or opening < 0 or (junk and opening > _JUNK_CHARS):
            break
        junk = junk or bool(text[position:opening].strip())
        if text.startswith("<!--", opening):
            position = _after(text, "-->", opening + 4)
        elif text.startswith("<?", opening):
            position = _after(text, "?>", opening + 2)
        elif _DOCTYPE.match(text, opening):
            position, entities = _after_doctype(text, opening)
            said.append(limits.DOCTYPE)
        else:
            first = _ROOT.match(text, opening)
            junk = junk or first is None
            position = opening + 1
    if first is None:
        return Opened("", "", {}, tuple(dict.fromkeys(said)))
    if not _FEED_ROOT.match(text, first.start()):
        # PHP warnings and the like come before the feed; an HTML page with a feed inside is no feed.
        later = _FEED_ROOT.search(text, first.start(), first.start() + _JUNK_CHARS)
        if later and first[2].lower() not in ("html", "head", "body"):
            first, junk = _ROOT.match(text, later.start()) or first, True
    if junk:
        said.append(limits.JUNK_AROUND)
    return Opened(text[first.start() :], (first[1] or "") + first[2], entities, tuple(dict.fromkeys(said)))


def _after(text: str, closer: str, position: int) -> int:
    """Where what ``closer`` ends is over; where it does not end, ``position``, so that only its opening is passed over."""
    found = text.find(closer, position)
    return found + len(closer) if found >= 0 else position


def _after_doctype(text: str, start: int) -> tuple[int, dict[str, str]]:
    """Where the document type declaration at ``start`` ends, and the entities it defines as short plain text. Entities
    that use others, and external ones, are left undefined: that is how bombs and file readers are built."""
    position, depth, end = start, 0, len(text)
    while part := _DOCTYPE_PART.search(text, position, start + _MAX_DOCTYPE_CHARS):
        position = part.end()
        token = part.group()
        if token == "<!--" or token in "\"'":
            closing = text.find("-->" if token == "<!--" else token, position)
            if closing < 0:
                break
            position = closing + 1
        elif token == "[":
            depth += 1
        elif token == "]":
            depth -= 1
        elif depth <= 0:
            end = position
            break
    subset = text[start : min(end, start + _JUNK_CHARS)]
    entities: dict[str, str] = {}
    for count, found in enumerate(_ENTITY.finditer(subset)):
        if count >= _MAX_ENTITIES:
            break
        entities[found[1]] = found[2] if found[2] is not None else found[3]
    return (end if end < len(text) else start + len("<!DOCTYPE")), entities


def repair(document: Opened) -> Opened:
    """``document`` with the usual damage undone; the result may still not be well-formed."""
    text, said = document.text, list(document.notes)
    clean = _FORBIDDEN.sub("", text)
    if "<![C" in clean or "<![c" in clean:
        clean = _ANY_CDATA.sub("<![CDATA[", clean)
    if len(clean) != len(text):
        said.append(limits.CONTROL_CHARACTERS)
    text, end_notes = _complete(clean, document.root)
    said += end_notes
    pieces, position = [], 0
    while position < len(text):
        opening = text.find("<![CDATA[", position)
        closing = text.find("]]>", opening) if opening >= 0 else -1
        if closing < 0:
            pieces.append(_escape(text[position:], document.entities))
            break
        pieces += (_escape(text[position:opening], document.entities), text[opening : closing + 3])
        position = closing + 3
    fixed = _with_prefixes("".join(pieces), document.root)
    if fixed != text:
        said.append(limits.NOT_WELL_FORMED)
    return Opened(fixed, document.root, {}, tuple(dict.fromkeys(said)))


def _complete(text: str, root: str) -> tuple[str, list[str]]:
    """``text`` up to the end of its root element; where that is missing, up to its last whole entry, then closed."""
    ends = [match.start() for match in re.finditer(rf"</{re.escape(root)}(?=[\s>]|\Z)", text, re.IGNORECASE)]
    if ends:
        end = ends[-1]
        closing = text.find(">", end)
        if closing < 0:
            return text[:end] + f"</{root}>", [limits.TRUNCATED]
        return text[: closing + 1], [limits.JUNK_AROUND] if text[closing + 1 :].strip() else []
    last = _LAST_PAGE if root.lower().endswith(("urlset", "sitemapindex")) else _LAST_ENTRY
    ends = [match.end() for match in last.finditer(text)]
    if not ends:
        first = FIRST_ENTRY.search(text)
        kept = text[: first.start()] if first else text.rstrip()
        kept = kept if kept.rstrip().endswith(">") else kept[: kept.rfind("<")]
    else:
        kept = text[: ends[-1]]
    inside = kept.rfind("<channel") > kept.rfind("</channel") >= -1 and "<channel" in kept
    return kept + ("</channel>" if inside else "") + f"</{root}>", [limits.TRUNCATED]


def _escape(text: str, entities: dict[str, str]) -> str:
    """Markup outside CDATA with every ampersand and angle bracket that stands for itself escaped."""

    def reference(match: re.Match[str]) -> str:
        decimal, hexadecimal, word = match.groups()
        if word:
            if word in _XML_NAMES:
                return match.group()
            if word in entities:
                return html.escape(entities[word], quote=True)
            return _to_numeric(word)
        if decimal or hexadecimal:
            code = int(decimal) if decimal else int(hexadecimal, 16)
            legal = (
                code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
            )
            return f"&#{code};" if legal else ""
        return "&amp;" + match.group()[1:]

    if "&" in text:
        text = _AMPERSAND.sub(reference, text)
    return _STRAY_LESS.sub("&lt;", text)


@lru_cache(maxsize=2_048)
def _to_numeric(word: str) -> str:
    """Return the HTML entity ``word`` by its numbers, which XML knows; escaped where HTML does not know it either."""
    known = html.entities.html5.get(word + ";")
    return "".join(f"&#{ord(c)};" for c in known) if known else f"&amp;{word};"


def _with_prefixes(text: str, root: str) -> str:
    """Return ``text`` with every prefix that it uses and nowhere declares declared at its root."""
    used = {first or second for first, second in _PREFIX.findall(text)}
    missing = sorted(used - set(_DECLARED.findall(text)) - {"xml", "xmlns"})[:_MAX_PREFIXES]
    if not missing:
        return text
    declared = "".join(f' xmlns:{prefix}="{namespace_of(prefix.lower())}"' for prefix in missing)
    return text[: len(root) + 1] + declared + text[len(root) + 1 :]


def remove_comments(text: str) -> str:
    """``text`` without comments and processing instructions, except inside CDATA. What is opened and never closed is no
    comment: only its opening is taken out."""
    pieces: list[str] = []
    position = 0
    unclosed: set[str] = (
        set()
    )  # closers that do not come any more: else a flood of openings is searched to the end each time
    while opening := _MARKED.search(text, position):
        token = opening.group()
        closer = _CLOSERS[token]
        closing = -1 if closer in unclosed else text.find(closer, opening.end())
        if closing < 0:
            unclosed.add(closer)
        if token == "<![CDATA[":
            end = closing + 3 if closing >= 0 else opening.end()
            pieces.append(text[position:end])
        else:
            end = closing + len(closer) if closing >= 0 else opening.end()
            pieces.append(text[position : opening.start()])
        position = end
    pieces.append(text[position:])
    return "".join(pieces)
