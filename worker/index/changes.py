"""What a revision changed: paragraphs that went, came or were edited, the edited ones word by word. Pure functions."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any

Row = dict[str, Any]

#: Paragraphs compared of each text, and words of an edited one; what is longer is shown as gone and new.
_MOST_PARAGRAPHS, _MOST_WORDS = 400, 600
#: Share of words in common above which two paragraphs are one that was edited.
_EDITED = 0.35
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


def changed_paragraphs(old: str, new: str) -> list[Row]:
    """Return the paragraphs of both texts in reading order, each ``{kind, parts}``.

    ``kind`` is same, gone, new or edited; ``parts`` are ``{kind, text}`` with kind same, gone or new.
    """
    before, after = (text.split("\n\n")[:_MOST_PARAGRAPHS] for text in (old, new))
    found: list[Row] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [_whole("same", text) for text in after[c:d]]
        elif tag == "replace":
            found += _replaced(before[a:b], after[c:d])
        else:
            found += [_whole("gone", text) for text in before[a:b]] + [_whole("new", text) for text in after[c:d]]
    return found


def _replaced(before: list[str], after: list[str]) -> list[Row]:
    """Pair the paragraphs that have words in common, in order; the others went or came."""
    found: list[Row] = []
    rest = list(before)
    for text in after:
        match = next((at for at, other in enumerate(rest[:8]) if _share(other, text) >= _EDITED), None)
        if match is None:
            found.append(_whole("new", text))
            continue
        found += [_whole("gone", other) for other in rest[:match]]
        found.append({"kind": "edited", "parts": _edited(rest[match], text)})
        rest = rest[match + 1 :]
    return found + [_whole("gone", text) for text in rest]


def _whole(kind: str, text: str) -> Row:
    return {"kind": kind, "parts": [{"kind": kind, "text": text}]}


def _share(old: str, new: str) -> float:
    a, b = set(old.lower().split()), set(new.lower().split())
    return len(a & b) / max(1, min(len(a), len(b)))


def _edited(old: str, new: str) -> list[Row]:
    a, b = _WORD.findall(old), _WORD.findall(new)
    if max(len(a), len(b)) > _MOST_WORDS * 2:
        return [{"kind": "gone", "text": old}, {"kind": "new", "text": new}]
    went: list[str] = []
    came: list[str] = []
    parts: list[Row] = []

    def flush() -> None:
        for kind, words in (("gone", went), ("new", came)):
            if words:
                parts.append({"kind": kind, "text": "".join(words)})
            words.clear()

    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        same = "".join(a[i:j]) if tag == "equal" else ""
        if same and not same.isspace():
            flush()
            parts.append({"kind": "same", "text": same})
        else:  # a space between two changed words belongs to the change
            went += a[i:j]
            came += b[k:m]
    flush()
    return parts
