"""From a document's bytes to its text: byte order mark, HTTP, XML declaration, meta, and the truth when they disagree. Pure.

The order, and why: a byte order mark is never wrong by accident. Bytes that are valid UTF-8 with letters outside ASCII are
UTF-8 whatever is declared (servers add ``charset=iso-8859-1`` by default; text in another set is valid UTF-8 by chance once
in millions). What is not UTF-8 is read as declared, the declaration in the document before the header where the header only
has a server's default; then as UTF-8 with stray windows-1252 bytes; then as charset-normalizer detects.

Labels are WHATWG's (`webencodings`) and those of `_MORE_LABELS`: Python's registry also has ``idna``, ``zlib`` and others.
"""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import NamedTuple

import webencodings

#: What may be odd about a document's characters: words for ``ParsedFeed.notes``.
CHARSET_WRONG = "charset_wrong"  #: The declared character set is not the one the bytes are in
CHARSET_GUESSED = "charset_guessed"  #: None was declared (or none that exists), and it is not UTF-8
CHARSET_MIXED = "charset_mixed"  #: UTF-8 with stray single bytes, read as windows-1252 each
CHARSET_TWICE = "charset_twice"  #: UTF-8 that was read as Latin-1 and encoded once more, put right

#: Labels in use that WHATWG does not list.
_MORE_LABELS = {
    "utf": "utf-8", "utf_8": "utf-8", "utf-8-sig": "utf-8", "utf16": "utf-16", "utf-32": "utf-32",
    "utf-32le": "utf-32-le", "utf-32be": "utf-32-be", "cp-1251": "cp1251", "win-1251": "cp1251", "win1251": "cp1251",
    "windows1251": "cp1251", "latin-1": "cp1252", "iso88591": "cp1252", "ansi": "cp1252", "latin-9": "iso8859-15",
    "cp936": "gb18030", "big-5": "big5hkscs", "cp950": "big5hkscs", "cp932": "cp932", "cp949": "cp949",
    "hz-gb-2312": "hz", "iso-2022-kr": "iso2022-kr", "cp037": "cp037", "ebcdic-cp-us": "cp037",
}  # fmt: skip
_SEVEN_BIT = frozenset({"iso2022_jp", "iso2022-kr", "hz"})
_MULTI_BYTE = frozenset({"gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"})
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
#: The first characters of a document, "<?", "<r" or '{"', in sets that are no superset of ASCII (XML 1.0, appendix F).
_WIDE_STARTS = (
    (re.compile(rb"\x00\x00\x00[<{\s]\x00\x00\x00"), "utf-32-be"),
    (re.compile(rb"[<{\s]\x00\x00\x00[^\x00]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00[<{\s]\x00[^\x00]"), "utf-16-be"), (re.compile(rb"[<{\s]\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)  # fmt: skip
_HEADER = re.compile(r";\s*charset\s*=\s*[\"']?\s*([^\s\"';]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\b[^<>]{0,400}?\bencoding\s*=\s*['\"]\s*([^'\"<>]{1,40}?)\s*['\"]", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^<>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<(?:dc:)?language>\s*([a-zA-Z]{2})|\blang\s*=\s*[\"']?([a-zA-Z]{2})\b")
_HEAD_BYTES = 16_384
_SAMPLE_BYTES = 262_144  #: Enough to tell UTF-8 with a few stray bytes from another set
_DETECTED_BYTES = 16_384  #: Looked at by the detector: 15 ms at most
#: What the detector chooses from, and the languages written in it; a declared language decides between near sets.
_LEGACY = {
    "cp1252": "en fr de es it pt nl sv da no fi is ca", "cp1251": "ru uk bg be sr mk kk", "koi8_r": "ru uk", "cp1253": "el",
    "cp1254": "tr az", "cp1255": "he iw yi", "cp1256": "ar fa ur", "cp874": "th", "cp1257": "lt lv et", "cp1258": "vi",
    "cp1250": "pl cs sk hu sl hr ro bs sq", "gb18030": "zh", "big5hkscs": "zh", "cp949": "ko", "cp932": "ja", "euc_jp": "ja",
}  # fmt: skip
_LATIN = frozenset({"cp1250", "cp1252", "cp1254", "cp1257", "cp1258"})
#: Fewer bytes outside ASCII say nothing about a set: an accent, a dash, a damaged letter.
_FEW = 8
_ONLY_ASCII = re.compile(rb"<[^<>]*>|(?<=[\x00-\x7f])[\x00-\x7f]{200,}")  # its first may end a letter

#: A letter encoded twice: its bytes in UTF-8, each taken for a character of Latin-1. With a control character (U+0080 to
#: U+009F) among them it can be nothing else.
_TWICE = re.compile(
    rb"\xc3[\x82-\x9f]\xc2[\x80-\xbf]|\xc3[\xa0-\xaf](?:\xc2[\x80-\xbf]){2}|\xc3[\xb0-\xb4](?:\xc2[\x80-\xbf]){3}"
)
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
#: So many of them are no quotation of a damaged text.
_LEAST_TWICE = 3


class Decoded(NamedTuple):
    """A document's text, the codec that gave it, and what was odd (the ``CHARSET_`` words)."""

    text: str
    codec: str
    notes: tuple[str, ...]


def decode(body: bytes, content_type: str | None = None, language: str = "") -> Decoded:
    """Return the text of a feed or page, whatever it is declared to be. Never raises: undecodable bytes become U+FFFD.

    Args:
        body: The document, inflated.
        content_type: The HTTP header, if any.
        language: What the server says it is written in ("de-DE"), for documents that do not say so themselves.
    """
    for bom, codec in _BOMS:
        if body.startswith(bom):
            return Decoded(body[len(bom) :].decode(codec, "replace").lstrip("\ufeff"), codec, ())
    for start, codec in _WIDE_STARTS:
        if start.match(body):
            return Decoded(body.decode(codec, "replace"), codec, ())
    header = _find_codec(_HEADER.search(f";{content_type}" if content_type else ""))
    found = _XML.search(body, 0, _HEAD_BYTES) or _META.search(body, 0, _HEAD_BYTES)
    inside = _find_codec(found)
    # RFC 7303: the header's, unless it is what servers send without looking and the document has its own.
    declared = inside if header is None or (header == "cp1252" and inside is not None) else header
    if declared in _SEVEN_BIT and (b"\x1b" in body or b"~{" in body):
        return Decoded(body.decode(declared, "replace"), declared, ())
    if body.isascii():
        if b"\x1b$B" in body or b"\x1b$@" in body:
            return Decoded(body.decode("iso2022_jp", "replace"), "iso2022_jp", (CHARSET_GUESSED,))
        return Decoded(body.decode("ascii"), "utf-8", ())
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(body, declared, (inside, header), language)
    if declared in _MULTI_BYTE and len(body) - len(text) < 8:
        # So few bytes can be valid UTF-8 by chance: believe the declaration.
        try:
            return Decoded(body.decode(declared), declared, ())
        except UnicodeDecodeError:
            pass
    if (once := _decode_once(body)) is not None:
        return Decoded(once, "utf-8", (CHARSET_TWICE,))
    is_wrong = declared not in (None, "utf-8") or (found is not None and inside is None)
    return Decoded(text, "utf-8", (CHARSET_WRONG,) if is_wrong else ())


def _decode_once(body: bytes) -> str | None:
    """The text of a document in UTF-8 whose letters were encoded twice; None where fewer than `_LEAST_TWICE` surely were."""
    found = (match for match in _TWICE.finditer(body) if _CONTROL.search(match[0]))
    if next(islice(found, _LEAST_TWICE - 1, None), None) is None:
        return None
    return _TWICE.sub(_encoded_once, body).decode("utf-8", "replace")


def _encoded_once(match: re.Match[bytes]) -> bytes:
    """One letter's bytes, or the match as it is where they are no letter's."""
    raw = match[0].decode("utf-8").encode("latin-1")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
    return raw


def _decode_legacy(body: bytes, declared: str | None, others: tuple[str | None, ...], language: str) -> Decoded:
    sample = body[:_SAMPLE_BYTES]
    mostly = sample.decode("utf-8", _MARKED)
    strays, letters = mostly.count("\ue000"), len(sample) - len(mostly)
    if letters < 50 * strays:  # else one damaged letter of a page in UTF-8 would spoil all others
        for codec in (declared, *others):
            text = _decode_strictly(body, codec) if codec and not codec.startswith("utf") else None
            if codec is not None and text is not None:
                return Decoded(text, codec, (CHARSET_WRONG,) if codec != declared else ())
    # Of a text in another set, next to nothing is valid UTF-8. Cutting summaries after so many bytes leaves half letters.
    if letters >= (1 if "utf-8" in (declared, *others) else 4) * strays:
        return Decoded(body.decode("utf-8", _AS_1252), "utf-8", (CHARSET_MIXED,))
    codec = _detect(body, language)
    is_declared = declared is not None or "utf-8" in others
    return Decoded(body.decode(codec, "replace"), codec, (CHARSET_WRONG if is_declared else CHARSET_GUESSED,))


def _decode_strictly(body: bytes, codec: str) -> str | None:
    """Return ``body`` in ``codec``, or None if it has bytes that the set has not.

    Five undefined bytes of windows-1252 are let through as the controls they are in Latin-1; a multi-byte set may have one
    bad sequence in a thousand bytes.
    """
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        if codec == "cp1252":
            return body.decode("cp1252", _AS_LATIN1)
        text = body.decode(codec, "replace") if codec in _MULTI_BYTE else ""
        return text if text and text.count("\ufffd") * 1000 <= len(body) else None


def _detect(body: bytes, language: str) -> str:
    """Return the likeliest legacy codec of bytes that declare none that fits; windows-1252 where nothing speaks for another."""
    from charset_normalizer import from_bytes  # 30 ms to import, and one document in 700 comes here

    found = _LANGUAGE.search(body, 0, _HEAD_BYTES)
    hint = (found[1] or found[2]).decode("ascii").lower() if found else language[:2].lower()
    codecs_of_language = [codec for codec, languages in _LEGACY.items() if hint and hint in languages.split()]
    sample = _ONLY_ASCII.sub(b" ", body[:_SAMPLE_BYTES])[:_DETECTED_BYTES]
    outside = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    if not outside or (outside < _FEW and not codecs_of_language):
        return "cp1252"
    for candidates in (codecs_of_language, list(_LEGACY)):
        matches = list(from_bytes(sample, cp_isolation=candidates, threshold=1.0)) if candidates else []
        latin = [match for match in matches if match.encoding in _LATIN]
        if latin and matches[0].encoding in _LATIN:  # which differ in a few letters: whose words these are decides
            matches = [max(latin, key=lambda match: (match.coherence, match.encoding == "cp1252"))]
        if matches:
            return str(matches[0].encoding)
    return "cp1252"


def _find_codec(found: re.Match[str] | re.Match[bytes] | None) -> str | None:
    """Return the Python codec of a matched label, or None where there is no such character set."""
    if found is None:
        return None
    label = found[1] if isinstance(found[1], str) else found[1].decode("latin-1")
    label = label.strip().lower()
    if label in _MORE_LABELS:
        return _MORE_LABELS[label]
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name in ("x-user-defined", "replacement"):
        return None
    name = str(encoding.codec_info.name)
    return "gb18030" if name == "gbk" else name  # a superset, which the same software writes


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\ue000" * (error.end - error.start), error.end


def _read_as(codec: str, error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode(codec, "replace"), error.end


_MARKED, _AS_1252, _AS_LATIN1 = "dateline-mark-stray", "dateline-as-1252", "dateline-as-latin1"
codecs.register_error(_MARKED, _mark)
codecs.register_error(_AS_1252, lambda error: _read_as("cp1252", error))
codecs.register_error(_AS_LATIN1, lambda error: _read_as("latin-1", error))
