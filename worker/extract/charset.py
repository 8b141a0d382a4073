"""Bytes to text: which character set a page is really in, whatever it declares.

Order of trust: byte order mark; UTF-8 when the bytes are valid UTF-8 with letters beyond ASCII (that does not happen by
chance); what HTTP says; what the page's own meta says; and, where neither decodes cleanly, detection by content.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

#: Labels that mean a wider set in practice (WHATWG Encoding Standard, section 4.2).
_WIDER = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "windows-1252": "cp1252", "iso8859-1": "cp1252", "iso-8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "gb_2312-80": "gb18030", "x-gbk": "gb18030", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "shift_jis": "cp932",
    "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "big5": "big5hkscs",
    "tis-620": "cp874", "windows-874": "cp874", "iso-8859-11": "cp874", "x-mac-cyrillic": "mac-cyrillic",
    "utf8": "utf-8", "unicode": "utf-16", "windows1251": "cp1251", "win-1251": "cp1251", "iso-8859-8-i": "iso-8859-8",
}  # fmt: skip
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})", re.IGNORECASE)
#: Sets that decode to other sets' scripts or run code paths nobody needs on the web.
_REFUSED = frozenset(
    {"utf-7", "utf7", "idna", "punycode", "raw_unicode_escape", "unicode_escape", "undefined", "rot13"}
)
_SAMPLE_BYTES = 16_384
#: Share of undecodable characters up to which a declared set still counts as right (a few broken bytes in a comment).
_BROKEN_SHARE = 0.005


def decode_page(html: bytes, content_type: str | None = None) -> tuple[str, str]:
    """The page's text and the name of the character set it was read in. Never raises; broken bytes become U+FFFD."""
    for mark, name in _BOMS:
        if html.startswith(mark):
            return html[len(mark) :].decode(name, "replace"), name
    if b"\x00" in html[:200] and (wide := _utf16_without_mark(html[:200])):
        return html.decode(wide, "replace"), wide
    try:
        return html.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    declared = _declared(html, content_type)
    best: tuple[float, str, str] | None = None
    for name in declared:
        text = html.decode(name, "replace")
        broken = text.count("\ufffd") / max(1, _beyond_ascii(html, name))
        if broken <= _BROKEN_SHARE and not _implausible(text, name):
            return text, name
        if best is None or broken < best[0]:
            best = (broken, text, name)
    # Mostly UTF-8 with a cut or a foreign snippet in it: every other reading would spoil the rest.
    text = html.decode("utf-8", "replace")
    if text.count("\ufffd") <= 0.05 * sum(1 for c in text if c > "\x7f"):
        return text, "utf-8"
    guessed = from_bytes(_non_ascii_sample(html)).best()
    if guessed is not None and guessed.encoding not in ("ascii", "utf_8"):
        return html.decode(guessed.encoding, "replace"), guessed.encoding
    return (best[1], best[2]) if best is not None else (html.decode("cp1252", "replace"), "cp1252")


def _declared(html: bytes, content_type: str | None) -> list[str]:
    """Character sets that HTTP, the XML declaration and meta name, as Python codecs, in that order, each once."""
    found = [m.group(1) for m in (_HTTP.search(content_type or ""),) if m]
    head = html[:_SAMPLE_BYTES]
    found += [m.group(1).decode("ascii", "replace") for m in (_XML.search(head), _META.search(head)) if m]
    names: list[str] = []
    for label in found:
        name = _WIDER.get(label.strip().lower(), label.strip().lower())
        if name in _REFUSED or name in names:
            continue
        try:
            if codecs.lookup(name)._is_text_encoding:
                names.append(name)
        except LookupError:
            continue
    return names


def _utf16_without_mark(start: bytes) -> str | None:
    """UTF-16 shows as ASCII with a NUL in every second place."""
    if start[1::2].count(0) > 0.8 * len(start[1::2]) and start[0::2].count(0) == 0:
        return "utf-16-le"
    if start[0::2].count(0) > 0.8 * len(start[0::2]) and start[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _beyond_ascii(html: bytes, name: str) -> int:
    """About how many characters beyond ASCII the bytes hold in a set; two bytes each in the East Asian ones."""
    high = len(html) - len(html.translate(None, bytes(range(128, 256))))
    return high // 2 if name in ("gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "euc-jp", "utf-8") else high


def _implausible(text: str, name: str) -> bool:
    """A single-byte reading that turns letters into control characters is the wrong one."""
    return name not in ("utf-8", "utf-16") and sum(1 for c in text[:50_000] if "\x80" <= c <= "\x9f") > 20


def _non_ascii_sample(html: bytes) -> bytes:
    """The stretches of the page that decide: lines with bytes beyond ASCII, up to a few KB, for the slow detector."""
    lines: list[bytes] = []
    size = 0
    for line in html.splitlines():
        if not line.isascii():
            lines.append(line[:2000])
            size += len(lines[-1])
            if size > 8_000:
                break
    return b"\n".join(lines)
