"""Numbers of people killed, injured, arrested or gathered, each as a closed range."""

from __future__ import annotations

import re

from worker.contract.event import Counts

_WORDS = {w: n for n, w in enumerate(
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty""".split()
)} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "a": 1, "an": 1}  # fmt: skip
_VAGUE = {"dozens": (24, 99), "scores": (40, 199), "hundreds": (200, 999), "thousands": (2000, 9999),
          "tens of thousands": (20000, 99999), "hundreds of thousands": (200000, 999999), "a dozen": (12, 12),
          "several": (3, 9), "a dozen or so": (10, 15), "millions": (2000000, 9999999)}  # fmt: skip
_NUMBER = (r"(?P<q{0}>at least |more than |over |nearly |almost |about |around |some |up to |as many as |an estimated |"
           r"fewer than |less than )?(?P<n{0}>\d[\d,]*|tens of thousands|hundreds of thousands|dozens|scores|hundreds|thousands|"
           r"millions|a dozen|several|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w{{3,5}}|" + "|".join(_WORDS)
           + r")(?P<m{0}> (?:hundred|thousand|million))?\b")  # fmt: skip
_GAP = r"(?:(?! (?:and|but|after|in|on|when|while|who|which|that|said)\b)[^.;:,\d]){0,45}?"
_VERBS = {"killed": r"kill(?:ed|ing|s)?", "injured": r"(?:injur(?:ed|ing|es?)|wound(?:ed|ing|s)?|hurt)",
          "arrested": r"(?:arrest(?:ed|ing|s)?|detain(?:ed|ing|s)?|jailed|held)"}  # fmt: skip
_OBJECT = {k: re.compile(rf"\b{v} {_NUMBER.format(1)}", re.I) for k, v in _VERBS.items()}
_SUBJECT = {k: re.compile(rf"\b{_NUMBER.format(1)}{_GAP} (?:were|was|have been|had been|are|been|people)? ?(?:also )?{v}\b", re.I)
            for k, v in _VERBS.items()}  # fmt: skip
_DEAD = re.compile(rf"\b{_NUMBER.format(1)}(?: people| others)? (?:dead\b|died\b)", re.I)
_CROWD = re.compile(rf"\b{_NUMBER.format(1)}(?: of)?{_GAP} ?(?:people|protesters|demonstrators|students|workers|farmers|marchers|"
                    r"supporters|teachers|nurses|activists|women|residents|strikers|employees|drivers|villagers|monks)\b", re.I)  # fmt: skip


def _range(match: re.Match[str]) -> tuple[int, int] | None:
    """The closed range that a number with its qualifier means, or None for an odd one."""
    word, qualifier, many = match.group("n1").lower(), (match.group("q1") or "").strip().lower(), match.group("m1")
    if word in _VAGUE:
        return _VAGUE[word]
    if word[0].isdigit():
        digits = word.replace(",", "")
        if len(digits) > 9 or (len(digits) == 4 and digits.startswith(("19", "20")) and "," not in word):
            return None
        value = int(digits)
    elif "-" in word:
        tens, _, unit = word.partition("-")
        value = _WORDS.get(tens, 0) + _WORDS.get(unit, 0)
    else:
        value = _WORDS[word]
    if many:
        value *= {"hundred": 100, "thousand": 1000, "million": 1000000}[many.strip().lower()]
    if qualifier in ("at least",):
        return value, max(value, round(value * 1.5))
    if qualifier in ("more than", "over"):
        return value + 1, max(value + 1, round(value * 1.5))
    if qualifier in ("up to", "as many as", "fewer than", "less than", "nearly", "almost"):
        return round(value * 0.8), value
    if qualifier in ("about", "around", "some", "an estimated"):
        return round(value * 0.9), round(value * 1.1)
    return value, value


def count_people(sentence: str, kind: str) -> Counts:
    """The counts that a sentence gives, for an event of type ``kind``; a crowd's size only for protests."""
    if kind not in ("ASSAULT", "COERCE", "PROTEST", "SANCTION"):
        return Counts()
    found: dict[str, tuple[int, int] | None] = {}
    for name in _VERBS:
        match = _OBJECT[name].search(sentence) or _SUBJECT[name].search(sentence)
        found[name] = _range(match) if match else None
    if found["killed"] is None and (match := _DEAD.search(sentence)):
        found["killed"] = _range(match)
    if kind == "PROTEST" and (match := _CROWD.search(sentence)):
        found["size"] = _range(match)
    return Counts(**found)
