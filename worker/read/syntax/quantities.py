"""Amounts before a number: "at least 12", "more than $400 million" are neither prepositions nor nouns."""

from __future__ import annotations

from ..lexicon import listed

NUMBERS = listed("numbers")
CURRENCIES = frozenset({"$", "€", "£", "¥"})
#: Words of "at least 12", "more than 50", "up to 30", "as many as 9": no preposition, no noun.
AMOUNT = {"at": "least most", "least": "", "most": "", "more": "than", "fewer": "than", "less": "than", "than": "", "up": "to",
           "to": "", "as": "many much", "many": "as", "much": "as", "over": "", "around": "", "some": ""}  # fmt: skip


def is_amount(low: str, i: int, lows: list[str]) -> bool:
    """True inside a quantity's qualifier, which ends at a number not far ahead."""
    j = i
    while j < len(lows) and j < i + 4 and lows[j] in AMOUNT:
        follows = AMOUNT[lows[j]]
        j += 1
        if follows and (j >= len(lows) or lows[j] not in follows.split()):
            return False
    if j < len(lows) and lows[j] in CURRENCIES:
        j += 1  # "more than $400 million"
    started = low not in ("least", "most", "than", "to", "many", "much") or (i > 0 and lows[i - 1] in AMOUNT)
    return (
        started
        and j < len(lows)
        and (lows[j][0].isdigit() or lows[j] in NUMBERS)
        and not (len(lows[j]) == 4 and lows[j].startswith(("19", "20")))
    )


#: What is done about somebody: "spoke about two attacks", not "arrested about 70 people".
_ABOUT = frozenset({"speak", "talk", "tell", "say", "ask", "warn", "complain", "worry", "know", "think", "hear", "care",
                    "write", "read", "learn", "joke", "lie", "argue", "testify", "inquire", "enquire", "go", "come",
                    "bring", "do", "move", "inform", "brief", "remind", "question", "be", "forget", "see"})  # fmt: skip


def is_roughly(verb: str, after: str) -> bool:
    """Whether "about" behind the verb opens a number: "arrested about 70 people"."""
    return verb not in _ABOUT and (after[:1].isdigit() or after in NUMBERS)
