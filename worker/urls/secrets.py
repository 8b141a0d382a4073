"""What of an address may be shown: private feeds have their key in it. Pure."""

from __future__ import annotations

import re

#: Names of parameters that hold a key, whatever their value looks like.
_KEYS = re.compile(r"(?i)auth|key|pass|pwd|secret|session|sig|token|user|uid|hash|code|credential")
#: A value that tells nobody anything: a number, a short word. Longer ones may be a key.
_HARMLESS = re.compile(r"\d{1,9}|[A-Za-z_-]{1,6}|[a-z]{7,9}")
_ADDRESS = re.compile(r"(?i)\b(https?://)([^\s/?#\"'<>]*@)?([^\s?#\"'<>]*)(\?[^\s#\"'<>]*)?(#[^\s\"'<>]*)?")


def public(url: str) -> str:
    """Return an address without user, password, query and fragment: what is published of a feed's."""
    return _ADDRESS.sub(lambda found: found[1] + found[3], url)


def masked(text: str) -> str:
    """Return a text whose addresses show no user or password, and ``***`` for the values in their queries that may be keys."""
    return _ADDRESS.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    query = "?" + "&".join(_pair(pair) for pair in found[4][1:].split("&")) if found[4] else ""
    return found[1] + ("***@" if found[2] else "") + found[3] + query + (found[5] or "")


def _pair(pair: str) -> str:
    name, sign, value = pair.partition("=")
    if not sign:
        return name if _HARMLESS.fullmatch(name) else "***"
    return pair if _HARMLESS.fullmatch(value) and not _KEYS.search(name) else f"{name}=***"
