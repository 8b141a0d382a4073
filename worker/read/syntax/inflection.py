"""English inflection by rule: every form of a verb or noun lemma, so that the lexicons list lemmas only."""

from __future__ import annotations

import re

_VOWELS = "aeiou"
_SIBILANT = re.compile(r"(?:s|x|z|ch|sh|[^aeiou]o)$")
#: One stressed closed syllable doubles its last letter (ban, banned); two-syllable verbs that do are in clauses.toml.
_DOUBLING = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")
_L_DOUBLING = frozenset(
    {"travel", "cancel", "label", "signal", "model", "fuel", "level", "channel", "counsel", "quarrel"}
)


def s_form(lemma: str) -> str:
    """The plural of a noun, or the third person of a verb: attack, attacks; rally, rallies; clash, clashes."""
    if lemma.endswith("y") and len(lemma) > 1 and lemma[-2] not in _VOWELS:
        return lemma[:-1] + "ies"
    return lemma + ("es" if _SIBILANT.search(lemma) else "s")


def ing_form(lemma: str, past: str | None = None) -> str:
    """The -ing form; ``past`` tells whether the last letter doubles (stopped, stopping)."""
    if lemma.endswith("ie"):
        return lemma[:-2] + "ying"
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")) and lemma != "be":
        return lemma[:-1] + "ing"
    doubled = lemma + lemma[-1]
    if (past and past.startswith(doubled)) or (_DOUBLING.match(lemma) and lemma[-1] not in "wxy"):
        return doubled + "ing"
    return lemma + "ing"


def past_form(lemma: str) -> str:
    """The regular -ed form."""
    if lemma.endswith("e"):
        return lemma + "d"
    if lemma.endswith("y") and len(lemma) > 1 and lemma[-2] not in _VOWELS:
        return lemma[:-1] + "ied"
    if lemma.endswith("c"):
        return lemma + "ked"
    if _DOUBLING.match(lemma):
        return lemma + lemma[-1] + "ed"
    return lemma + "ed"


def verb_forms(lemma: str, irregular: dict[str, list[str]]) -> dict[str, str]:
    """Form to kind: ``b`` base, ``s`` third person, ``d`` past, ``n`` participle, ``x`` past or participle, ``g`` -ing."""
    past, participle = irregular.get(lemma) or (past_form(lemma),) * 2
    forms = {ing_form(lemma, past): "g", s_form(lemma): "s"}
    if lemma in _L_DOUBLING:  # American spelling beside the British one
        forms[lemma + "ed"], forms[lemma + "ing"] = "x", "g"
    if past == participle:
        forms[past] = "x"
    else:
        forms[past], forms[participle] = "d", "n"
    # "cut", "put", "hit", "set": the base is the past as well, and the past is what news mostly means.
    forms.setdefault(lemma, "b")
    return forms


def british(lemma: str) -> str | None:
    """The other spelling of a lemma (criticize, criticise; mobilize, mobilise; favor, favour), or None."""
    if lemma.endswith("ize"):
        return lemma[:-3] + "ise"
    if lemma.endswith("lyze"):
        return lemma[:-4] + "lyse"
    if lemma.endswith(("avor", "abor")):
        return lemma[:-2] + "our"
    if lemma.endswith("ization"):
        return lemma[:-7] + "isation"
    return None
