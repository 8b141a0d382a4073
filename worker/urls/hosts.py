"""Hosts as browsers read them: names to ASCII, every spelling of an IPv4 address to its four numbers, IPv6 in brackets.

The rules are those of the WHATWG URL standard ("host parsing"): what a browser, and so a publisher's own tests, takes an
address for. Reading ``0x7f.1`` or ``①⓪.0.0.1`` any other way than the connection does is how address filters are fooled.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import unquote_to_bytes

from ..errors import PermanentError

#: WHATWG "forbidden domain code points": they would end the host, or be read differently by the next program.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|]")
_NUMBER = re.compile(r"(?:[0-9]+|0[xX][0-9A-Fa-f]*)\Z")
_DOTTED = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?=[0-9])|\Z)){4}\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")


def bad_url(text: str, why: str) -> PermanentError:
    """The error for an address that cannot be read; the message shows at most 200 characters of it."""
    return PermanentError(f"not a usable web address: {text[:200]!r} ({why})", code="bad_url")


def host(text: str) -> str:
    """The host part of a URL in its one form: lower-case ASCII name, dotted IPv4, or IPv6 in brackets.

    Args:
        text: What stands between ``//`` (after any userinfo) and the port, as written; may be percent-encoded or Unicode.
    Raises:
        PermanentError: ``bad_url``; no browser would connect to it.
    """
    if _DOTTED.match(text):
        return text
    if text.startswith("["):
        if not text.endswith("]"):
            raise bad_url(text, "bracket not closed")
        return f"[{_ipv6(text[1:-1])}]"
    name = text
    if "%" in name:
        name = unquote_to_bytes(name).decode("utf-8", "replace")
    if not _PLAIN_NAME.match(name) or "xn--" in name.lower():
        name = _to_ascii(name)
    name = name.lower()
    if not name or _FORBIDDEN.search(name):
        raise bad_url(text, "the host is empty or has characters no host can have")
    if _ends_in_number(name):
        return _ipv4(name, text)
    return name


def address(host_text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host from `host` stands for, or None if it is a name."""
    try:
        return ipaddress.ip_address(host_text.strip("[]"))
    except ValueError:
        return None


def _to_ascii(name: str) -> str:
    """UTS 46, non-transitional, without the length and hyphen checks, as browsers have it."""
    # idna's mapping table takes 20 ms to import; almost all hosts are plain ASCII and never come here.
    import idna

    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
    except idna.IDNAError as error:
        raise bad_url(name, "characters that no domain name can have") from error
    return ".".join(_label(label, name) for label in mapped.split("."))


def _label(label: str, name: str) -> str:
    """One label of a mapped name in ASCII; an ``xn--`` label must decode to what UTS 46 would leave as it is."""
    import idna

    try:
        if not label.isascii():
            return "xn--" + label.encode("punycode").decode("ascii")
        if label.startswith("xn--"):
            decoded = label[4:].encode("ascii").decode("punycode")
            if decoded.isascii() or idna.uts46_remap(decoded, std3_rules=False, transitional=False) != decoded:
                raise bad_url(name, "an xn-- label that stands for no valid name")
    except (UnicodeError, OverflowError) as error:
        raise bad_url(name, "an xn-- label that is no punycode") from error
    return label


def _ends_in_number(name: str) -> bool:
    parts = name.split(".")
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()
    return bool(_NUMBER.match(parts[-1]))


def _ipv4(name: str, text: str) -> str:
    """Dotted decimal, from 1 to 4 parts in decimal, octal (0...) or hexadecimal (0x...)."""
    parts = name.split(".")
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()
    if len(parts) > 4:
        raise bad_url(text, "a numeric host of more than four parts")
    numbers = [_number(part, text) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise bad_url(text, "a numeric host out of range")
    value = numbers[-1]
    for index, number in enumerate(numbers[:-1]):
        value += number << (8 * (3 - index))
    return str(ipaddress.IPv4Address(value))


def _number(part: str, text: str) -> int:
    # int() reads signs and underscores, and is quadratic; no address needs 64 digits.
    if not _NUMBER.match(part) or len(part) > 64:
        raise bad_url(text, "a numeric host with a part that is no number")
    try:
        if part[:2] in ("0x", "0X"):
            return int(part[2:] or "0", 16)
        return int(part, 8) if len(part) > 1 and part[0] == "0" else int(part, 10)
    except ValueError as error:
        raise bad_url(text, "a numeric host with an octal part that is none") from error


def _ipv6(text: str) -> str:
    """Shortest lower-case form; the embedded dotted form is written in hexadecimal. Zone ids are refused."""
    if "%" in text or "/" in text:
        raise bad_url(text, "an IPv6 address with a zone or a mask")
    try:
        parsed = ipaddress.IPv6Address(text)
    except ValueError as error:
        raise bad_url(text, "not an IPv6 address") from error
    if parsed.ipv4_mapped is not None:
        value = int(parsed.ipv4_mapped)
        return f"::ffff:{value >> 16:x}:{value & 0xFFFF:x}"
    return str(parsed)
