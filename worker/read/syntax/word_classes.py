"""The class of a word by its form alone, or by the words right beside it: "that", verbs of a plural subject, base forms."""

from __future__ import annotations

from .inflection import british
from .vocabulary import Words


def that_tag(before: str, follows: str) -> str:
    """``that``: relative after a noun before a verb, subordinator after a verb or a time, else a determiner."""
    if before in "VB":
        return "S"
    if before in "NE)":
        return "Q" if follows in "vBHMO" else "S"
    return "S" if before in "Z," else ("D" if follows in "Nv" else "S")


def is_plural_verb(low: str, words_: Words) -> bool:
    """Whether a word is a form that a plural subject's verb has: past or auxiliary."""
    verb = words_.verbs.get(low)
    return words_.closed.get(low, "") in ("B", "H", "M") or (verb is not None and verb[1] in "xd")


def is_base(low: str, words_: Words) -> bool:
    """Whether a word is the base form of a verb, in American or British spelling."""
    verb = words_.verbs.get(low)
    return verb is not None and (verb[1] == "b" or verb[0] == low or british(verb[0]) == low)
