"""Attributes of an HTML start tag, read without a tree: for heads of pages that are not parsed. Pure."""

from __future__ import annotations

import re
from html import unescape

_ATTRIBUTE = re.compile(r"(?<![\w:-])([a-zA-Z][\w:-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
_MAX_CHARS = 4_000


def attributes(text: str) -> dict[str, str]:
    """Return the attributes in ``text``, a start tag without its name, by their lower-case names; entities undone.

    The first of a name counts. At most 4,000 characters are read.
    """
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text[:_MAX_CHARS]):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), unescape(value).strip())
    return found
