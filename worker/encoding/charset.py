"""From a document's bytes to its text: byte order mark, HTTP, XML declaration, meta, and the truth when they disagree. Pure.

The order, and why: a byte order mark is never wrong by accident. Bytes that are valid UTF-8 with letters outside ASCII are
UTF-8 whatever is declared (servers add ``charset=iso-8859-1`` by default; text in another set is valid UTF-8 by chance once
in millions). What is not UTF-8 is read as declared, the declaration in the document before the header where the header only
has a server's default; then as UTF-8 with stray windows-1252 bytes; then as the likeliest legacy set.

Only names in `_CODECS` reach Python's codecs: its registry also has ``idna``, ``zlib`` and ``unicode_escape``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import NamedTuple

from . import charset_guess

#: Label (as WHATWG's Encoding Standard folds it: lower case, no spaces) to Python codec; a superset where one is usual.
#: What may be odd about a document's characters: words for ``ParsedFeed.notes``.
CHARSET_WRONG = "charset_wrong"  #: The declared character set is not the one the bytes are in
CHARSET_GUESSED = "charset_guessed"  #: None was declared (or none that exists), and it is not UTF-8
CHARSET_MIXED = "charset_mixed"  #: UTF-8 with stray single bytes, read as windows-1252 each

_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-8-sig": "utf-8", "utf_8": "utf-8", "utf": "utf-8",
    "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252",
    "iso88591": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "l1": "cp1252", "windows-1252": "cp1252",
    "cp1252": "cp1252", "x-cp1252": "cp1252", "ansi": "cp1252", "iso-8859-15": "iso8859-15", "latin-9": "iso8859-15",
    "iso-8859-2": "iso8859-2", "latin2": "iso8859-2", "iso8859-2": "iso8859-2", "windows-1250": "cp1250",
    "cp1250": "cp1250", "iso-8859-3": "iso8859-3", "iso-8859-4": "iso8859-4", "iso-8859-5": "iso8859-5",
    "iso-8859-6": "iso8859-6", "iso-8859-7": "iso8859-7", "iso-8859-8": "iso8859-8", "iso-8859-8-i": "iso8859-8",
    "iso-8859-9": "cp1254", "iso-8859-10": "iso8859-10", "iso-8859-11": "cp874", "iso-8859-13": "iso8859-13",
    "iso-8859-14": "iso8859-14", "iso-8859-16": "iso8859-16", "windows-1251": "cp1251", "cp1251": "cp1251",
    "cp-1251": "cp1251", "win-1251": "cp1251", "win1251": "cp1251", "windows-1253": "cp1253", "windows-1254": "cp1254",
    "windows-1255": "cp1255", "windows-1256": "cp1256", "windows-1257": "cp1257", "windows-1258": "cp1258",
    "windows-874": "cp874", "tis-620": "cp874", "koi8-r": "koi8-r", "koi8": "koi8-r", "koi8-u": "koi8-u",
    "ibm866": "cp866", "cp866": "cp866", "macintosh": "mac-roman", "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic", "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "cp936": "gb18030",
    "x-gbk": "gb18030", "gb18030": "gb18030", "hz-gb-2312": "hz", "big5": "big5hkscs", "big5-hkscs": "big5hkscs",
    "big-5": "big5hkscs", "cp950": "cp950", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "x-sjis": "cp932", "windows-31j": "cp932", "cp932": "cp932", "ms_kanji": "cp932", "euc-jp": "euc-jp", "x-euc-jp": "euc-jp",
    "iso-2022-jp": "iso2022-jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "cp949": "cp949",
    "korean": "cp949", "windows-949": "cp949", "iso-2022-kr": "iso2022-kr",
    "utf-16": "utf-16", "utf16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "ucs-2": "utf-16",
    "utf-32": "utf-32", "utf-32le": "utf-32-le", "utf-32be": "utf-32-be", "cp037": "cp037", "ebcdic-cp-us": "cp037",
}  # fmt: skip
_SEVEN_BIT = frozenset({"iso2022-jp", "iso2022-kr", "hz"})
_MULTI_BYTE = frozenset({"gb18030", "big5hkscs", "cp950", "cp932", "euc-jp", "cp949"})
#: What servers send without looking at the file.
_HEADER_DEFAULTS = frozenset({"cp1252"})
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
#: The first characters of a document, "<?", "<r" or '{"', in sets that are no superset of ASCII (XML 1.0, appendix F).
_WIDE_STARTS = (
    (re.compile(rb"\x00\x00\x00[<{]\x00\x00\x00"), "utf-32-be"),
    (re.compile(rb"[<{]\x00\x00\x00[^\x00]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00[<{]\x00[^\x00]"), "utf-16-be"), (re.compile(rb"[<{]\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)  # fmt: skip
_XML_DECLARATION = re.compile(
    r"\s*<\?xml\b[^<>]{0,400}?\bencoding\s*=\s*['\"]\s*([^'\"<>]{1,40}?)\s*['\"]", re.IGNORECASE
)
_META = re.compile(r"<meta\b[^<>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_LANGUAGE = re.compile(r"<(?:dc:)?language>\s*([a-zA-Z]{2,3})|xml:lang\s*=\s*[\"']([a-zA-Z]{2,3})")
_HEAD_BYTES = 2048
#: Enough to tell UTF-8 with a few stray bytes from another set.
_SAMPLE_BYTES = 262_144


class Decoded(NamedTuple):
    """A document's text, the codec that gave it, and what was odd (the ``CHARSET_`` words)."""

    text: str
    codec: str
    notes: tuple[str, ...]


def decode(body: bytes, headers: Mapping[str, str]) -> Decoded:
    """The text of ``body``, whatever it is declared to be. Never raises: undecodable bytes become U+FFFD.

    Args:
        body: A document, inflated.
        headers: HTTP headers with lower-case names; only ``content-type`` is looked at.
    """
    for bom, codec in _BOMS:
        if body.startswith(bom):
            text = body[len(bom) :].decode(codec, "replace").lstrip("\ufeff")
            return Decoded(text, codec, ())
    for start, codec in _WIDE_STARTS:
        if start.match(body):
            return Decoded(body.decode(codec, "replace"), codec, ())
    header = _codec(_header_label(headers))
    inside_label = _inside_label(body)
    inside = _codec(inside_label)
    declared = _declared(header, inside)
    if declared in _SEVEN_BIT and (b"\x1b" in body or b"~{" in body):
        return Decoded(body.decode(declared, "replace"), declared, ())
    if body.isascii():
        if b"\x1b$B" in body or b"\x1b$@" in body:
            return Decoded(body.decode("iso2022-jp", "replace"), "iso2022-jp", (CHARSET_GUESSED,))
        return Decoded(body.decode("ascii"), "utf-8", ())
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _not_utf8(body, declared, header, inside, headers)
    if declared in _MULTI_BYTE and len(body) - len(text) < 8:
        # So few bytes can be valid UTF-8 by chance: believe the declaration.
        try:
            return Decoded(body.decode(declared), declared, ())
        except UnicodeDecodeError:
            pass
    wrong = declared not in (None, "utf-8") or (inside_label is not None and inside is None)
    return Decoded(text, "utf-8", (CHARSET_WRONG,) if wrong else ())


def _not_utf8(
    body: bytes, declared: str | None, header: str | None, inside: str | None, headers: Mapping[str, str]
) -> Decoded:
    for codec in (declared, inside, header):
        if codec is None or codec.startswith("utf"):
            continue
        text = _strict(body, codec)
        if text is not None:
            return Decoded(text, codec, (CHARSET_WRONG,) if codec != declared else ())
    said_utf8 = "utf-8" in (header, inside)
    sample = body[:_SAMPLE_BYTES]
    mostly = sample.decode("utf-8", _STRAY)
    strays, letters = mostly.count("\ue000"), len(sample) - len(mostly)
    if letters >= 4 * strays:
        # The stray bytes were marked by the handler below; read them as what Western software writes.
        return Decoded(body.decode("utf-8", _AS_1252), "utf-8", (CHARSET_MIXED,))
    found = _LANGUAGE.search(body[: 4 * _HEAD_BYTES].decode("latin-1"))
    language = (found[1] or found[2]).lower() if found else headers.get("content-language", "")[:2].lower()
    codec = charset_guess.guess(body, language)
    said = said_utf8 or declared is not None
    return Decoded(body.decode(codec, "replace"), codec, (CHARSET_WRONG if said else CHARSET_GUESSED,))


def _strict(body: bytes, codec: str) -> str | None:
    """``body`` in ``codec``, or None if it has bytes that the set has not. Five undefined bytes of windows-1252 are let
    through as the controls they are in Latin-1; a multi-byte set may have one bad sequence in a thousand bytes."""
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        if codec == "cp1252":
            return body.decode("cp1252", _AS_LATIN1)
        if codec in _MULTI_BYTE:
            text = body.decode(codec, "replace")
            return text if text.count("\ufffd") * 1000 <= len(body) else None
        return None


def _declared(header: str | None, inside: str | None) -> str | None:
    """The declaration to believe: the header's (RFC 7303), unless it is a server's default and the document has its own."""
    if header is None or (header in _HEADER_DEFAULTS and inside is not None):
        return inside
    return header


def _header_label(headers: Mapping[str, str]) -> str | None:
    for part in headers.get("content-type", "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").strip() or None
    return None


def _inside_label(body: bytes) -> str | None:
    """The character set that the XML declaration names, else a meta element in the first 2 KiB."""
    head = body[:_HEAD_BYTES].decode("latin-1")
    found = _XML_DECLARATION.match(head) or _XML_DECLARATION.search(head) or _META.search(head)
    return found[1] if found else None


def _codec(label: str | None) -> str | None:
    if label is None or len(label) > 40:
        return None
    return _CODECS.get(label.strip().lower())


def _mark_stray(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\ue000" * (error.end - error.start), error.end


def _read_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


def _read_latin1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


_STRAY, _AS_1252, _AS_LATIN1 = "dateline-mark-stray", "dateline-as-1252", "dateline-as-latin1"
codecs.register_error(_STRAY, _mark_stray)
codecs.register_error(_AS_1252, _read_1252)
codecs.register_error(_AS_LATIN1, _read_latin1)
