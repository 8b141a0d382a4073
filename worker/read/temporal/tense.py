"""Whether the clause around a date looks ahead or back: the nearest verb decides, not the nearest keyword.

"officials said Friday they will meet" looks back at Friday, "they will meet Friday, officials said" looks ahead.
"""

from __future__ import annotations

import re
from itertools import pairwise

from .words import BASE, GOVERNORS, LASTING, MODALS, PAST, PLANNED, PRESENT, STARTING, UNTIL, near

_WORD = re.compile(r"[^\W\d_]+|[;:—()]")
_REACH_CHARACTERS = 170  #: How far a verb may stand from its date; longer clauses are rare in wire copy.
_NO_VERB = near("no_verb")
_PERIOD_PAST = re.compile(
    r"\s+(?:also\s+|alone\s+|itself\s+)?(?:(?:saw|brought|witnessed|marked|produced|recorded)\s+(?=(?:an?|the|another|no|some|more|"
    r"fewer|less|several|many|at|only|just|two|three|four|five|six|seven|eight|nine|ten|\d[\d,.]*|record|heavy|new)\b)|"
    r"was\s+(?=(?:[\w-]+\s+){1,4}?(?:month|\w{3,}est|worst|best|since|record)\b))"
)
_SMALL = near("small")
_SCHEDULED = near("scheduled")
_NOUNS = near("nouns")
_ANNOUNCING = near("announcing")


def looks_ahead(text: str, begin: int, start: int, end: int, stop: int, *, present: bool = True) -> bool | None:
    """True where the clause of ``text[start:end]`` looks ahead, False where it looks back, None where nothing says.

    ``begin`` and ``stop`` are the sentence's bounds. ``present``: the present tense tells of what is to come ("opens on
    Monday"); in captions it tells of what the picture shows.
    """
    left = [match[0] for match in _WORD.finditer(text, max(begin, start - _REACH_CHARACTERS), start)]
    right = [match[0] for match in _WORD.finditer(text, end, min(stop, end + _REACH_CHARACTERS))]
    near = left[-1].lower() if left else ""
    possessive = text[end : end + 2] in ("'s", "’s")
    noun = right[1].lower() if possessive and len(right) > 1 else ""  # right[0] is the "s"
    if near == "before" and noun in _SCHEDULED:
        return True  # "days before Sunday's vote"
    if near == "after" and noun and noun not in _SCHEDULED:
        return False  # "two days after Monday's fire"
    if possessive and (near in _ANNOUNCING or near == "that") and (verdict := _of_report(right)) is not None:
        return verdict
    if (
        near == "on"
        and len(left) > 2
        and left[-2].lower() in ("midnight", "noon", "dawn")
        and left[-3].lower() in UNTIL
    ):
        return _bounded(left[:-3], right)
    if near == "of" and len(left) > 1 and left[-2].lower() == "ahead":
        return True
    if near == "for" and not possessive and (verdict := _arranged(left[:-1])) is not None:
        return verdict
    if near in UNTIL:
        return _bounded(left[:-1], right)
    if near in STARTING and near != "from":
        return _from_left(left) is not False or None
    verdict = _from_left(left, present=present)
    return verdict if verdict is not None else _from_right(right, possessive=possessive)


def happened(text: str, begin: int, start: int) -> bool:
    """Whether the verb close before a date says that it has happened ("closed the road in February").

    Stricter than `looks_ahead`: what was said, agreed or announced may lie ahead ("announced elections in June").
    """
    words = [match[0] for match in _WORD.finditer(text, max(begin, start - 60), start)][-6:]
    for before, word in reversed([*pairwise(["", *words])]):
        lower = word.lower()
        if word in ";—" or lower in MODALS or lower in PLANNED or lower == "to":
            return False
        if _is_past(word):
            return lower not in _ANNOUNCING and before.lower() not in ("be", "to", "being", "is", "are")
    return False


def opens_as_subject(text: str, begin: int, start: int, end: int, stop: int) -> bool:
    """Whether a month opens its sentence as the subject of what is over: "March saw three attacks", "May was the warmest on
    record". Such months are also names and words, so the verb must be one that periods have, before what they bring."""
    if text[begin:start].strip("\"'“‘(—– \n"):
        return False
    return _PERIOD_PAST.match(text, end, stop) is not None


def _of_report(right: list[str]) -> bool | None:
    """ "said Monday's strike would go ahead": the reported clause's own verb decides."""
    for word in right[1:9]:
        if word.lower() in MODALS:
            return True
        if _is_past(word):
            return False
    return None


def _arranged(left: list[str]) -> bool | None:
    """ "a vote set for Friday": what is arranged for a day lies ahead; "blamed for Friday" does not get here without a verb."""
    for word in reversed(left[-5:]):
        lower = word.lower()
        if lower in PLANNED or lower in (
            "set",
            "called",
            "convened",
            "arranged",
            "announced",
            "summoned",
            "planning",
            "plans",
        ):
            return True
    return None


def _bounded(left: list[str], right: list[str]) -> bool | None:
    """ "until Friday", "by Friday": ahead, unless what lasted until then is over."""
    verdict = _from_left(left)
    if verdict is False:
        verbs = {word.lower() for word in left[-8:]}
        return None if verbs & LASTING or {"had", "was", "were"} & verbs else True
    if verdict is None:
        return _from_right(right, possessive=False) is not False or None
    return verdict


def _from_left(left: list[str], *, present: bool = False) -> bool | None:
    """What the nearest verb before the date says."""
    for number in range(len(left) - 1, max(-1, len(left) - 22), -1):
        word = left[number]
        lower = word.lower()
        if word in ";—":
            return None
        if lower in MODALS and not (lower in ("may", "will") and word[0].isupper() and number):
            return not (lower == "could" and "be" in left[number + 1 : number + 3])  # "could not be reached Friday"
        before = left[number - 1].lower() if number else ""
        if lower in PLANNED or (present and _on_calendar(word, left[number - 1] if number else "")):
            return True
        if (
            lower == "to"
            and number + 1 < len(left)
            and left[number + 1].islower()
            and left[number + 1].lower() not in _SMALL
        ):
            if left[number + 1] == "be" or any(
                other.lower() in GOVERNORS for other in left[max(0, number - 5) : number]
            ):
                return True  # "to be held on Friday" needs no governor
            continue
        if lower.endswith("ing") and before in ("is", "are", "s", "re", "am"):
            return True
        if _is_past(word):
            if before in ("be", "to") or (before == "being" and lower not in PAST):
                continue
            return False
    return None


def _from_right(right: list[str], *, possessive: bool) -> bool | None:
    """What the first verb after a date says that no verb precedes ("On Friday, the council will vote")."""
    for number, word in enumerate(right[:18]):
        lower = word.lower()
        if word in ";—":
            return None
        if lower in MODALS and not (lower in ("may", "will") and word[0].isupper()):
            return True if not possessive or lower == "will" else None
        if (
            lower in ("is", "are")
            and number + 1 < len(right)
            and (right[number + 1].lower() in PLANNED or right[number + 1] == "to")
        ):
            return True
        if _is_past(word):
            return None if possessive else False
    return None


def _on_calendar(word: str, before: str) -> bool:
    """Whether the word is a verb of the calendar in the present tense ("which opens", "leaders meet"), not a noun."""
    if word in PRESENT:
        return bool(before) and (
            before[0].isupper() or before.lower() in ("which", "that", "who", "it", "he", "she") or _is_noun(before)
        )
    return word in BASE and before.endswith("s") and len(before) > 3


def _is_noun(word: str) -> bool:
    return (
        word.islower()
        and len(word) > 3
        and (word in _NOUNS or not word.endswith(("ed", "ing", "ly", "al", "ic", "ous", "ive")))
        and word not in _SMALL
    )


def _is_past(word: str) -> bool:
    lower = word.lower()
    if lower in PAST:
        return True
    return word[0].islower() and len(word) > 4 and lower.endswith("ed") and lower not in _NO_VERB
