"""Numbers of people killed, injured, arrested or gathered, each as a closed range."""

from __future__ import annotations

import re
from functools import cache

from ...contract.event import Counts

_UNITS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
          "eighteen nineteen twenty")  # fmt: skip
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS = {w: n for n, w in enumerate(_UNITS.split(" "))} | _TENS | {"a": 1, "an": 1}
#: What vague amounts stand for: from the least that the plural allows to just under the next word.
_VAGUE = {
    "dozens": (24, 99), "scores": (40, 199), "hundreds": (200, 999), "thousands": (2000, 9999), "several": (3, 9),
    "tens of thousands": (20000, 99999), "hundreds of thousands": (200000, 999999), "a dozen": (12, 12),
    "millions": (2000000, 9999999),
}  # fmt: skip
_MANY = {"hundred": 100, "thousand": 1000, "million": 1000000}
_PLAIN = (
    r"\d[\d,]*|tens of thousands|hundreds of thousands|dozens|scores|hundreds|thousands|millions|a dozen|several|"
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w{3,5}|" + "|".join(_WORDS)
)


def _number(tail: str = "") -> str:
    """The pattern of a number with its qualifier, multiplier and upper end; ``tail`` tells the groups of a second one apart."""
    return (
        rf"(?<!no )(?<!not )(?P<q{tail}>at least |more than |over |nearly |almost |about |around |some |up to |as many as |"
        rf"an estimated |fewer than |less than |between )?(?P<n{tail}>{_PLAIN})(?P<m{tail}> (?:hundred|thousand|million))?\b"
        rf"(?:(?: to | and |-|–)(?P<top{tail}>\d[\d,]*)\b)?(?: of (?:the|its|their|his|her|those) (?:{_PLAIN})\b)?"
    )


_NUMBER = _number()
#: A few words between number and verb, never across another clause or number.
_GAP = r"(?:(?! (?:and|but|after|in|on|when|while|who|which|that|said|they|he|she|it)\b)[^.;:,\d]){0,45}?"
#: The same, up to the second group of one fate: a first group with a fate of its own is no part of it.
_NOUNS = (
    r" [a-z](?:(?! (?:and|but|after|in|on|when|who|which|that|said|were|was|dead|died|killed|injured|wounded|hurt|arrested|"
    r"detained)\b)[^.;:,\d]){0,30}?"
)
#: "and a civilian", "and her two sons": a second group of the same fate, unless a fate of its own follows.
_OWN_FATE = r"(?![^.;]{0,30}\b(?:were|was|dead|injured|wounded|hurt|arrested|detained)\b)"
_MORE = rf"(?:{_GAP} and (?:his |her |their )?{_number('2')}{_OWN_FATE})?"
_NO_OBJECT = "".join(
    f"(?<!{verb} )" for verb in ("killed", "killing", "wounded", "injured", "arrested", "detained", "dead")
)
_MORE_BEFORE = rf"(?:{_NO_OBJECT}{_number('2')}{_NOUNS} and )?"
_ASIDE = r"(?:, (?:including|among them|mostly|most of them|[a-z]+ of them|some of them)(?: [^.;,]{1,50})?,)?"
_VERBS = {
    "killed": r"(?:kill(?:ed|ing|s)?|shot dead|massacred|beheaded|slain)",
    "injured": r"(?:injur(?:ed|ing|es?)|wound(?:ed|ing|s)?|hurt)",
    "arrested": r"(?:arrest(?:ed|ing|s)?|detain(?:ed|ing|s)?|jailed|(?<=were )held|(?<=was )held|(?<=been )held)",
}
#: What a sentence must hold to give a count.
_STEMS = {
    "killed": ("kill", "shot dead", "massacred", "beheaded", "slain"),
    "injured": ("injur", "wound", "hurt"),
    "arrested": ("arrest", "detain", "jailed", "held"),
}
_WERE = r"(?:were|was|have been|had been|are|been|people)? ?(?:also )?"
#: Who "held 26 men" arrested them, who "held a rally" nobody.
_ACTIVE = {**_VERBS, "arrested": _VERBS["arrested"].removesuffix(")") + "|held(?! an? ))"}
_PEOPLE = (
    "people|protesters|demonstrators|students|workers|farmers|marchers|supporters|teachers|nurses|activists|women|residents|"
    "strikers|employees|drivers|villagers|monks"
)
#: What finds a count, the first that does. All of them take 0.05 s to compile: each is at its first use.
_PATTERNS = {
    **{
        name: (rf"\b{_ACTIVE[name]} {_NUMBER}{_MORE}", rf"\b{_MORE_BEFORE}{_NUMBER}{_GAP}{_ASIDE} {_WERE}{verb}\b")
        for name, verb in _VERBS.items()
    },
    "dead": (
        rf"\bdeath toll\b[^.;,\d]{{0,40}}? (?:to|at|of|reached|is|was) {_NUMBER}",
        rf"\b{_NUMBER}(?: [a-z]+){{0,2}}? (?:dead\b|died\b)",
    ),
    "crowd": (
        rf"\b{_NO_OBJECT}(?<!least )(?<!than ){_NUMBER}(?:(?: of)?{_GAP} ?(?:{_PEOPLE})\b"
        r"| (?:marched|rallied|gathered|protested|demonstrated|took to))",
        rf"\b(?:crowds?|group) of {_NUMBER}",
    ),
}


def count_people(sentence: str, kind: str) -> Counts:
    """The counts that a sentence gives, for an event of type ``kind``: a crowd's size only for protests, the dead and
    wounded not for arrests and seizures."""
    if kind not in ("ASSAULT", "COERCE", "PROTEST", "SANCTION"):
        return Counts()
    low = sentence.lower()
    found: dict[str, tuple[int, int] | None] = {}
    for name, stems in _STEMS.items():
        if name != "arrested" and kind in ("COERCE", "SANCTION"):
            continue
        if any(stem in low for stem in stems):  # the patterns are slow where there is nothing to find
            found[name] = _find(name, sentence)
    if (
        kind in ("ASSAULT", "PROTEST")
        and found.get("killed") is None
        and any(word in low for word in ("dead", "died", "death toll"))
    ):
        found["killed"] = _find("dead", sentence)
    if kind == "PROTEST":
        found["size"] = _find("crowd", sentence)
    return Counts(**found)


def _find(what: str, sentence: str) -> tuple[int, int] | None:
    """The range that the first of the patterns gives which is in the sentence."""
    first, second = _compiled(what)
    match = first.search(sentence) or second.search(sentence)
    return _range(match) if match else None


@cache
def _compiled(what: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    first, second = _PATTERNS[what]
    return re.compile(first, re.IGNORECASE), re.compile(second, re.IGNORECASE)


def _range(match: re.Match[str]) -> tuple[int, int] | None:
    """The closed range that a match means: its number, and the second group's with it; None for an odd one."""
    groups = match.groupdict()
    first = _one(groups, "")
    second = _one(groups, "2") if groups.get("n2") else None
    if first is None or second is None:
        return first
    return first[0] + second[0], first[1] + second[1]


def _one(groups: dict[str, str | None], tail: str) -> tuple[int, int] | None:
    """The closed range that a number with its qualifier means, or None for an odd one."""
    word, qualifier = (groups[f"n{tail}"] or "").lower(), (groups[f"q{tail}"] or "").strip().lower()
    if word in _VAGUE:
        return _VAGUE[word]
    value = _value(word)
    if value is None:
        return None
    if top := _value(groups[f"top{tail}"] or "0"):
        return (value, top) if value < top else None  # "20 to 30"
    if times := groups[f"m{tail}"]:
        value *= _MANY[times.strip().lower()]
    if qualifier == "at least":
        return value, max(value, round(value * 1.5))
    if qualifier in ("more than", "over"):
        return value + 1, max(value + 1, round(value * 1.5))
    if qualifier in ("up to", "as many as", "fewer than", "less than", "nearly", "almost"):
        return round(value * 0.8), value
    if qualifier in ("about", "around", "some", "an estimated"):
        return round(value * 0.9), round(value * 1.1)
    return value, value


def _value(word: str) -> int | None:
    """The number a word or figure means; None for a year and for figures beyond any crowd."""
    if word[0].isdigit():
        digits = word.replace(",", "")
        year = len(digits) == 4 and digits.startswith(("19", "20")) and "," not in word
        return None if year or len(digits) > 9 or not digits.isascii() else int(digits)
    if "-" in word:
        tens, _, unit = word.partition("-")
        return {**_TENS, "twenty": 20}.get(tens, 0) + _WORDS.get(unit, 0)
    return _WORDS[word]
