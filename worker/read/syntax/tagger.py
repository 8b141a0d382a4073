"""Tokens of a sentence with a part of speech each, by closed classes, generated verb forms and their neighbours.

No tagger model: news prose is regular enough that a word list and the word before decide most cases. Tags, one letter:
``D`` determiner, ``N`` noun or adjective, ``E`` a name (inside a `Mention`), ``R`` pronoun, ``#`` number, ``G`` possessive
mark, ``P`` preposition, ``K`` preposition or subordinator (after, before, as), ``S`` subordinator, ``Q`` relative, ``C``
conjunction, ``T`` infinitive to, ``M`` modal, ``B`` be, ``H`` have, ``O`` do, ``V`` verb, ``!`` negation, ``Y`` adverb,
``Z`` time expression, ``,`` comma or dash, ``;`` stronger stop, ``"`` quotation mark, ``(`` and ``)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..events.words import listed
from .inflection import british
from .quantities import AMOUNT, NUMBERS, is_amount
from .vocabulary import Words

TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"
    r"|\d+(?:[.,:]\d+)*(?:st|nd|rd|th)?"
    r"|[^\W\d_]+?(?=n[’']t\b)|n[’']t\b"
    r"|[’'](?:s|re|ve|ll|d|m)\b"
    r"|[^\W\d_]+(?:[-‐‑][^\W_]+)*(?:’(?=[^\W\d_]{3}))?"
    r"|--+|[^\w\s]"
)
_PUNCTUATION = {
    ",": ",", "–": ",", "—": ",", "--": ",", "---": ",", ";": ";", ":": ";", ".": ";", "?": ";", "!": ";", "…": ";", "•": ";",
    '"': '"', "“": '"', "”": '"', "«": '"', "»": '"', "``": '"', "(": "(", ")": ")", "[": "(", "]": ")", "&": "C",
}  # fmt: skip
_LY_NOUNS = {
    "family",
    "ally",
    "assembly",
    "supply",
    "reply",
    "anomaly",
    "monopoly",
    "bully",
    "july",
    "belly",
    "fly",
    "early",
}
_NOUNY = "DG#P"  #: after these, a word that could be either is a noun
_OPENERS = "DER#T"
_BARE_AFTER = {"help", "let", "make", "see", "watch", "have"}


#: A mention for the tagger: where it ends, its index, whether it is a pronoun, its type.
Name = tuple[int, int, bool, str]


@dataclass(slots=True)
class Tokens:
    """One sentence, taken apart; the lists run in parallel. Offsets count code points in the document's text."""

    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    low: list[str] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    mention: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)  #: the mention's type, or an empty string


def _peek(low: str, mention: int, words_: Words) -> str:
    """The class of the next word, without its context: ``v`` stands for any verb form."""
    if mention >= 0:
        return "E"
    if low == "to":
        return "T"
    tag = words_.closed.get(low) or _PUNCTUATION.get(low)
    if tag:
        return tag
    if low[0].isdigit() or low in NUMBERS:
        return "#"
    return "v" if low in words_.verbs else "N"


#: Adjectives after which a word that may be a verb is a noun.
_BEFORE_NOUNS = listed("before_nouns")


def _verb_or_noun(low: str, kind: str, lemma: str, before: str, tokens: Tokens, follows: str, words_: Words) -> str:
    """``V`` or ``N`` for a word that can be a verb; ``before`` is the last tag that is no adverb or negation."""
    previous = tokens.low[-1] if tokens.low else ""
    noun = low in words_.nouns
    if low == "thanks" and follows == "T":
        return "N"
    if before in "BH" and kind in "xng":
        return "N" if noun and kind == "g" and follows in "P" and before == "H" else "V"
    if before in "MTO" and low == lemma:
        return "V"
    if kind in "sb" and before not in "MTO" and _inside_object(tokens, words_, listed=noun):
        return "N"
    if kind in "sb" and previous in _BEFORE_NOUNS:
        return "N"  # "during previous visits"
    if kind == "g":
        if before in "DG#":
            return "N"
        if noun and follows not in "DER#":
            return "N"
        return "V"
    if kind == "b":
        return _base_form(low, before, previous, noun, follows, tokens, words_)
    if before in _NOUNY:
        return "N"
    if (
        kind in "xn"
        and before == "N"
        and follows == "N"
        and not low.endswith("ing")
        and _inside_object(tokens, words_, listed=False)
    ):
        return "N"  # "imposed new targeted sanctions"
    if before == "V" and kind in "xn" and words_.verbs.get(previous, ("", "q"))[1] in "bsdxg":
        return "N"  # "reject proposed changes"
    if kind == "s":
        if not noun:
            return "V" if before not in "D" else "N"
        if before in "RQ":
            return "V"
        if before == "E":
            return "V" if follows in "DER#TSN" else "N"
        return "V" if before in "NZC)," and follows in "DERTS" and not (before == "," and follows != "T") else "N"
    return "V"


#: Verbs after which a whole clause may follow without "that".
CLAUSE_TAKERS = listed("clause_takers")


def _inside_object(tokens: Tokens, words_: Words, *, listed: bool) -> bool:
    """True when the noun phrase just read is the object of the clause's verb, so that no finite verb can follow it;
    ``listed`` lets it be a list ("rejected EU and US demands").
    """
    for j in range(len(tokens.tag) - 1, max(-1, len(tokens.tag) - 9), -1):
        tag = tokens.tag[j]
        if tag == "V":
            return words_.verbs.get(tokens.low[j], ("", ""))[0] not in CLAUSE_TAKERS
        if tag == "B" and listed and "G" in tokens.tag[j:]:
            return True  # "is Taipei's main arms supplier"
        if tag not in "DNE#GY" and not (listed and tag == "C"):
            return False
    return False


def _bare_that(tokens: Tokens) -> bool:
    """True when "that" and one noun phrase are all that stands before: the verb is still to come."""
    for tag in reversed(tokens.tag[-6:]):
        if tag == "S":
            return True
        if tag not in "DEN#G":
            return False
    return False


def _base_form(low: str, before: str, previous: str, noun: bool, follows: str, tokens: Tokens, words_: Words) -> str:
    """A base form alone is a verb after a plural subject, a pronoun or a verb that takes it bare."""
    if before in _NOUNY or before in ";,^":
        return "N"
    if before in "RQ":
        return "V" if previous not in ("whose", "him", "them", "us") else "N"
    if before in "NE)":
        if not noun and "S" in tokens.tag[-9:] and "V" not in tokens.tag[-9:][tokens.tag[-9:].index("S") :]:
            return "V"  # "demanded that Germany pay"
        if noun and follows in "DENv" and _bare_that(tokens):
            return "V"  # "demanded that Israel ease restrictions"
        listed_names = before == "E" and "C" in tokens.tag[-5:]  # "Norway and Sweden fund"
        if follows == "T" and low in _PROMISES and "V" not in tokens.tag and _plural_head(tokens):
            return "V"  # "Women's groups in Poland plan to"
        plural = (
            listed_names
            or (previous.endswith("s") and not previous.endswith("ss"))
            or previous
            in (
                "police",
                "people",
                "men",
                "women",
            )
        )
        return "V" if plural and (not noun or follows in "DERT") else "N"
    if before == "V":
        verb = words_.verbs.get(previous, ("", ""))[0]
        return "V" if verb in _BARE_AFTER and (not noun or follows in "DER") else "N"
    if before == "C":
        if tokens.tag[-2:-1] in (["N"], ["E"]) and follows in "N" and not {"T", "M"} & set(tokens.tag[-12:]):
            return "N"  # "trade and travel restrictions"
        return "V" if "T" in tokens.tag[-12:] or "M" in tokens.tag[-12:] else ("N" if noun else "V")
    return "N" if noun else "V"


#: Nouns that with "to" are as often the verb.
_PROMISES = frozenset({"plan", "vow", "pledge", "promise", "offer", "threat", "move", "need", "try", "attempt", "face"})


def _plural_head(tokens: Tokens) -> bool:
    """True when the noun phrase chain just read ("groups in Poland") has a plural head."""
    for j in range(len(tokens.tag) - 2, 0, -1):
        if tokens.tag[j] not in "NED#PG":
            return False
        if tokens.tag[j] == "P" and tokens.tag[j - 1] in "NE":
            head = tokens.low[j - 1]
            return head.endswith("s") and not head.endswith("ss")
    return False


def _that(before: str, follows: str) -> str:
    """``that``: relative after a noun before a verb, subordinator after a verb or a time, else a determiner."""
    if before in "VB":
        return "S"
    if before in "NE)":
        return "Q" if follows in "vBHMO" else "S"
    return "S" if before in "Z," else ("D" if follows in "Nv" else "S")


def tag_sentence(text: str, start: int, end: int, mentions: dict[int, Name], times: dict[int, int],
                 words_: Words) -> Tokens:  # fmt: skip
    """Tokens of ``text[start:end]``, tagged.

    Args:
        mentions: Start offset of a mention to its `Name`.
        times: Start offset of a time expression to its end.
    """
    tokens = Tokens()
    raw = [(m.start(), m.end()) for m in TOKEN.finditer(text, start, end)]
    name_until = time_until = -1
    current = inner = (0, -1, False, "")
    name_from = inner_until = 0
    lows = [text[a:b].lower() for a, b in raw]
    inside = [-1] * len(raw)
    pronoun = [False] * len(raw)
    kinds = [""] * len(raw)
    timed = [False] * len(raw)
    for i, (a, _) in enumerate(raw):
        if a in mentions and a >= name_until:
            current = mentions[a]
            name_until = current[0]
            name_from = _name_begins(text, raw, lows, i, name_until, words_)
            inner, inner_until = current, a
        elif a in mentions and i < name_from:
            inner, inner_until = mentions[a], mentions[a][0]  # "The | Philippines | accused | Chinese vessels"
        if a < inner_until and i < name_from - 1:
            inside[i], pronoun[i], kinds[i] = inner[1], inner[2], inner[3]
        if a < name_until and i >= name_from:
            inside[i], pronoun[i], kinds[i] = current[1], current[2], current[3]
        if a in times:
            time_until = max(time_until, times[a])
        timed[i] = a < time_until
    before = "^"
    count = len(raw)
    for i, (a, b) in enumerate(raw):
        low = lows[i]
        follows = _peek(lows[i + 1], inside[i + 1], words_) if i + 1 < count else ";"
        if low in ("'s", "’s") and i and timed[i - 1] and not timed[i]:
            tag = "D"  # "Friday's raid", "last month's attack"
        elif timed[i]:
            after_time = lows[i + 1] if i + 1 < count else ""
            in_phrase = before in ("D", "#") or (after_time in ("'s", "’s") and timed[i])
            tag = "D" if in_phrase else "Z"
        elif inside[i] >= 0:
            tag = "R" if pronoun[i] else ("G" if low in ("'s", "’s") else "E")
        else:
            tag = _word_tag(low, i, lows, inside, before, follows, tokens, words_)
        tokens.start.append(a)
        tokens.end.append(b)
        tokens.low.append(low)
        tokens.tag.append(tag)
        tokens.mention.append(inside[i])
        tokens.kind.append(kinds[i])
        if tag not in "Y!":
            before = tag
    return tokens


def _name_begins(text: str, raw: list[tuple[int, int]], lows: list[str], i: int, end: int, words_: Words) -> int:
    """Index of the token where a name's phrase really begins: after the clause's own verb, where it took that in.

    "Rwanda | armed Congolese rebels", "will | host Norway's king"; but "the newly elected president" is whole.
    """
    before = words_.closed.get(lows[i - 1], "N") if i else "^"
    verb = words_.verbs.get(lows[i])
    if verb is not None and raw[i][1] < end:
        if before in "MTO" and (verb[1] == "b" or verb[0] == lows[i]):
            return i + 1
        if before in "BH" and i and verb[1] in "xng":
            return i + 1
        if verb[1] in "xd" and i and before in "NYR" and lows[i - 1].isalpha():
            return i + 1
    object_follows = i + 1 < len(raw) and (words_.closed.get(lows[i + 1]) == "D" or lows[i + 1][0].isdigit())
    if verb is not None and verb[1] in "xd" and i and before == "N" and lows[i - 1].isalpha() and object_follows:
        return i + 1
    for j in range(i + 1, min(i + 7, len(raw))):
        if raw[j][1] >= end:
            break
        verb = words_.verbs.get(lows[j])
        if verb is None or verb[1] not in "xd" or text[raw[j][0]].isupper():
            continue
        previous = lows[j - 1]
        named = text[raw[j - 1][0]].isupper() and previous not in words_.closed
        after = lows[j + 1] if j + 1 < len(raw) else "."
        opens = (
            after[0].isdigit() or words_.closed.get(after) == "D" or after in NUMBERS or text[raw[j + 1][0]].isupper()
        )
        plural = previous.endswith("s") and previous not in words_.closed and previous.isalpha()
        if previous in words_.people or ((named or plural) and opens):
            return j + 1
    return i


def _word_tag(low: str, i: int, lows: list[str], inside: list[int], before: str, follows: str, tokens: Tokens,
              words_: Words) -> str:  # fmt: skip
    """The tag of one word outside names and times."""
    mark = _PUNCTUATION.get(low)
    if mark:
        return mark
    if low in ("'", "’") and before in ("N", "E") and tokens.low[-1].endswith(("s", "x", ".")):
        return "G"
    if low in ("'s", "’s"):
        return "B" if before == "R" else "G"
    if low in AMOUNT and is_amount(low, i, lows):
        return "Y"
    if low == "no" and i + 1 < len(lows) and lows[i + 1] == "longer":
        return "!"
    if low == "longer" and i and lows[i - 1] == "no":
        return "Y"
    if low == "that":
        unlisted = follows == "N" and lows[i + 1].endswith("ed") and len(lows[i + 1]) > 4  # "a strike that paralyzed"
        return _that(before, "v" if unlisted else follows)
    if low == "about" and before == "B" and follows == "T":
        return "Y"  # "is about to restore"
    if low in _ROUNDNUMBERS and i + 1 < len(lows) and _verb_form(lows[i + 1], words_):
        return "N"  # "thousands marched"
    if low == "to":
        j = i + 1
        while j < len(lows) and (words_.closed.get(lows[j]) in ("Y", "!") or lows[j].endswith("ly")) and j < i + 3:
            j += 1
        if j >= len(lows) or inside[j] >= 0:
            return "P"
        unlisted = (
            j + 1 < len(lows) and lows[j].isalpha() and lows[j] not in words_.closed and lows[j] not in words_.nouns
        )
        before_object = unlisted and words_.closed.get(lows[j + 1]) == "D" and not lows[j].endswith(("ing", "s"))
        return "T" if lows[j] in ("be", "have", "do") or _is_base(lows[j], words_) or before_object else "P"
    closed = words_.closed.get(low)
    if closed:
        return "N" if closed == "Y" and before == "D" else closed
    if low.endswith("ed") and follows in "PT" and tokens.low and tokens.low[-1] in REPUTED:
        return "V"  # "a woman believed linked to"
    verb = words_.verbs.get(low)
    if verb:
        return _verb_or_noun(low, verb[1], verb[0], before, tokens, follows, words_)
    if low[0].isdigit() or low in NUMBERS:
        return "#"
    if low.endswith("ly") and low not in _LY_NOUNS and len(low) > 4:
        return "Y"
    if low.islower() and before in "EN" and follows in "PDT" and low not in words_.nouns and _bare_that(tokens):
        return "V"  # "demanded that Serbia align with"
    if before == "Q" and low.endswith("ed") and len(low) > 4:
        return "V"
    joined = before == "C" and "V" in tokens.tag[-9:] and follows in "DPER#"  # "rammed and boarded"
    if before in "MT" or (low.endswith("ed") and len(low) > 4 and (before in "NERQHB" or joined) and "-" not in low):
        return "V"  # a verb we do not list
    return "N" if low[0].isalpha() else '"' if low in "'’‘`" else "N"


#: Participles that take another one: "believed linked to", "thought killed in".
REPUTED = frozenset({"believed", "thought", "suspected", "feared", "presumed", "reported", "reportedly", "allegedly"})
#: Crowds by their number, which stand before people ("dozens of", "hundreds more") or for them ("thousands marched").
_ROUNDNUMBERS = frozenset({"dozens", "scores", "hundreds", "thousands", "millions"})


def _verb_form(low: str, words_: Words) -> bool:
    """True for a form that a plural subject's verb has: past or auxiliary."""
    verb = words_.verbs.get(low)
    return words_.closed.get(low, "") in ("B", "H", "M") or (verb is not None and verb[1] in "xd")


def _is_base(low: str, words_: Words) -> bool:
    verb = words_.verbs.get(low)
    return verb is not None and (verb[1] == "b" or verb[0] == low or british(verb[0]) == low)
