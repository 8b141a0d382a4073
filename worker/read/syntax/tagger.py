"""Tokens of a sentence with a part of speech each, by closed classes, generated verb forms and their neighbours.

No tagger model: news prose is regular enough that a word list and the word before decide most cases. Tags, one letter:
``D`` determiner, ``N`` noun or adjective, ``E`` a name (inside a `Mention`), ``R`` pronoun, ``#`` number, ``G`` possessive
mark, ``P`` preposition, ``K`` preposition or subordinator (after, before, as), ``S`` subordinator, ``Q`` relative, ``C``
conjunction, ``T`` infinitive to, ``M`` modal, ``B`` be, ``H`` have, ``O`` do, ``V`` verb, ``!`` negation, ``Y`` adverb,
``Z`` time expression, ``,`` comma or dash, ``;`` stronger stop, ``"`` quotation mark, ``(`` and ``)``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..lexicon import listed
from .quantities import AMOUNT, NUMBERS, is_amount, is_roughly
from .tokenizer import Tokens, is_dash
from .vocabulary import Words
from .word_classes import is_base, is_plural_verb, that_tag

_PUNCTUATION = {
    ",": ",", "–": ",", "—": ",", "--": ",", "---": ",", ";": ";", ":": ";", ".": ";", "?": ";", "!": ";", "…": ";", "•": ";",
    '"': '"', "“": '"', "”": '"', "«": '"', "»": '"', "_": "Y", "(": "(", ")": ")", "[": "(", "]": ")", "&": "C",
}  # fmt: skip
_LY_NOUNS = frozenset(
    {"family", "ally", "assembly", "supply", "reply", "anomaly", "monopoly", "bully", "july", "belly", "fly", "early"}
)
_NOUNY = "DG#P"  #: after these, a word that could be either is a noun
_BARE_AFTER = frozenset({"help", "let", "make", "see", "watch", "have"})
#: Verbs after which a whole clause may follow without "that".
CLAUSE_TAKERS = listed("clause_takers")
#: Adjectives after which a word that may be a verb is a noun.
_BEFORE_NOUNS = listed("before_nouns")
#: Nouns that with "to" are as often the verb.
_PROMISES = frozenset({"plan", "vow", "pledge", "promise", "offer", "threat", "move", "need", "try", "attempt", "face"})
#: Participles that take another one: "believed linked to", "thought killed in".
REPUTED = frozenset({"believed", "thought", "suspected", "feared", "presumed", "reported", "reportedly", "allegedly"})
#: Crowds by their number, which stand before people ("dozens of", "hundreds more") or for them ("thousands marched").
_ROUND_NUMBERS = frozenset({"dozens", "scores", "hundreds", "thousands", "millions"})
_POSSESSIVE = frozenset({"'s", "’s"})
#: Words whose tag their neighbours decide, whatever class the word list gives them.
_OPEN_WORDS = frozenset({"no", "longer", "that", "about", "to", "both", "all", "each", *_ROUND_NUMBERS, *AMOUNT})


#: A mention for the tagger: where it ends, its index, whether it is a pronoun, its type.
Name = tuple[int, int, bool, str]


def tag_tokens(tokens: Tokens, mentions: Mapping[int, Name], times: Mapping[int, int], words_: Words) -> Tokens:
    """Return the tokens of a sentence with their tags, and with the mention that each is part of.

    Args:
        mentions: Start offset of a mention to its `Name`.
        times: Start offset of a time expression to its end.
    """
    count, lows = len(tokens), tokens.low
    inside, kinds, pronouns = _place_names(tokens, mentions, words_)
    timed = _place_times(tokens, times)
    tagger = _Tagger(lows, inside, words_)
    tags = tagger.tags
    for i, low in enumerate(lows):
        if timed and low in _POSSESSIVE and i and timed[i - 1] and not timed[i]:
            tag = "D"  # "Friday's raid", "last month's attack"
        elif timed and timed[i]:
            in_phrase = tagger.before in ("D", "#") or (i + 1 < count and lows[i + 1] in _POSSESSIVE)
            tag = "D" if in_phrase else "Z"
        elif inside[i] >= 0:
            tag = "R" if i in pronouns else ("G" if low in _POSSESSIVE else "E")
        else:
            tag = "," if low == "-" and is_dash(tokens, i) else tagger.word_tag(i)
        tags.append(tag)
        tagger.before = tagger.before if tag in "Y!" else tag
    return Tokens(tokens.text, lows, tokens.start, tokens.end, tokens.capital, tag=tags, mention=inside, kind=kinds)


def _place_names(
    tokens: Tokens, mentions: Mapping[int, Name], words_: Words
) -> tuple[list[int], list[str], frozenset[int] | set[int]]:
    """Return for each token its mention (or -1) and that mention's type, and the tokens that are pronouns.

    Of mentions inside one another the outer counts, but for what stands before the place where its phrase really begins.
    """
    count = len(tokens)
    inside, kinds, pronouns = [-1] * count, [""] * count, set()
    current = inner = (0, -1, False, "")
    name_from = name_until = inner_until = 0
    for i, start in enumerate(tokens.start):
        if start in mentions:
            if start >= name_until:
                current = inner = mentions[start]
                name_until, inner_until = current[0], start
                name_from = _name_begins(tokens, i, name_until, words_)
            elif i < name_from:
                inner = mentions[start]  # "The | Philippines | accused | Chinese vessels"
                inner_until = inner[0]
        elif start >= name_until and start >= inner_until:
            continue
        found = None
        if start < name_until and i >= name_from:
            found = current
        elif start < inner_until and i < name_from - 1:
            found = inner
        if found is not None:
            inside[i], kinds[i] = found[1], found[3]
            if found[2]:
                pronouns.add(i)
    return inside, kinds, pronouns


def _place_times(tokens: Tokens, times: Mapping[int, int]) -> list[bool]:
    """Return for each token whether it is part of a time expression; an empty list where the sentence has none."""
    timed: list[bool] = []
    until = -1
    for i, start in enumerate(tokens.start):
        if start in times:
            until = max(until, times[start])
            timed = timed or [False] * len(tokens)
        if start < until:
            timed[i] = True
    return timed


def _name_begins(tokens: Tokens, i: int, end: int, words_: Words) -> int:
    """Return the token where the phrase of a name that ends at ``end`` really begins: after a verb that it took in.

    "Rwanda | armed Congolese rebels", "will | host Norway's king"; but "the newly elected president" is whole.
    """
    lows, count = tokens.low, len(tokens)
    before = words_.closed.get(lows[i - 1], "N") if i else "^"
    verb = words_.verbs.get(lows[i])
    if verb is not None and tokens.end[i] < end:
        if before in "MTO" and (verb[1] == "b" or verb[0] == lows[i]):
            return i + 1
        if before in "BH" and i and verb[1] in "xng":
            return i + 1
        if verb[1] in "xd" and i and before in "NYR" and lows[i - 1].isalpha():
            return i + 1
    object_follows = i + 1 < count and (words_.closed.get(lows[i + 1]) == "D" or lows[i + 1][0].isdigit())
    if verb is not None and verb[1] in "xd" and i and before == "N" and lows[i - 1].isalpha() and object_follows:
        return i + 1
    for j in range(i + 1, min(i + 7, count)):
        if tokens.end[j] >= end:
            break
        verb = words_.verbs.get(lows[j])
        if verb is None or verb[1] not in "xd" or tokens.text[j][0].isupper():
            continue
        previous = lows[j - 1]
        named = tokens.text[j - 1][0].isupper() and previous not in words_.closed
        after = lows[j + 1] if j + 1 < count else "."
        opens = (
            after[0].isdigit() or words_.closed.get(after) == "D" or after in NUMBERS or tokens.text[j + 1][0].isupper()
        )
        plural = previous.endswith("s") and previous not in words_.closed and previous.isalpha()
        if previous in words_.people or ((named or plural) and opens):
            return j + 1
    return i


class _Tagger:
    """The words of one sentence outside names and times, tagged from left to right.

    ``tags`` holds the tags so far; ``before`` is the last of them that is no adverb or negation, "^" at the start.
    """

    __slots__ = ("before", "closed", "inside", "lows", "tags", "verbs", "words")

    def __init__(self, lows: list[str], inside: list[int], words_: Words) -> None:
        self.lows, self.inside, self.words = lows, inside, words_
        self.closed, self.verbs = words_.closed, words_.verbs
        self.tags: list[str] = []
        self.before = "^"

    def word_tag(self, i: int) -> str:
        """Return the tag of the word at ``i``, the next after ``tags``."""
        low = self.lows[i]
        mark = _PUNCTUATION.get(low)
        if mark:
            return mark
        if low in _OPEN_WORDS and (tag := self._open_word_tag(i, low)):
            return tag
        before = self.before
        if not low[0].isalpha():
            if low in _POSSESSIVE:
                return "B" if before == "R" else "G"
            if low in ("'", "’") and before in ("N", "E") and self.lows[i - 1].endswith(("s", "x", ".")):
                return "G"
        closed = self.closed.get(low)
        if closed:
            return "N" if closed == "Y" and before == "D" else closed
        if low.endswith("ed") and i and self.lows[i - 1] in REPUTED and self._peek(i + 1) in "PT":
            return "V"  # "a woman believed linked to"
        verb = self.verbs.get(low)
        if verb:
            return self._verb_or_noun(i, low, verb[1], verb[0])
        return self._unlisted_tag(i, low)

    def _open_word_tag(self, i: int, low: str) -> str | None:
        """The tag of a word of `_OPEN_WORDS`; None where its class decides."""
        if low in AMOUNT and is_amount(low, i, self.lows):
            return "Y"
        after = self.lows[i + 1] if i + 1 < len(self.lows) else ""
        if low == "no":
            return "!" if after == "longer" else None
        if low == "longer":
            return "Y" if i and self.lows[i - 1] == "no" else None
        if low == "that":
            follows = self._peek(i + 1)
            unlisted = follows == "N" and after.endswith("ed") and len(after) > 4  # "a strike that paralyzed"
            return that_tag(self.before, "v" if unlisted else follows)
        if low == "about":
            if self.before == "V":
                return "Y" if is_roughly(self.verbs.get(self.lows[i - 1], ("",))[0], after) else None
            return "Y" if self.before == "B" and self._peek(i + 1) == "T" else None  # "is about to restore"
        if low in ("both", "all", "each"):
            return "Y" if self.before == "R" and after in self.verbs else None  # "they both expressed"
        if low in _ROUND_NUMBERS:
            return "N" if after and is_plural_verb(after, self.words) else None  # "thousands marched"
        return self._to(i) if low == "to" else None

    def _to(self, i: int) -> str:
        """``T`` before an infinitive, else ``P``."""
        lows, closed, count = self.lows, self.closed, len(self.lows)
        j = i + 1
        while j < count and (closed.get(lows[j]) in ("Y", "!") or lows[j].endswith("ly")) and j < i + 3:
            j += 1
        if j >= count or self.inside[j] >= 0:
            return "P"
        low = lows[j]
        if low in ("be", "have", "do") or is_base(low, self.words):
            return "T"
        if j + 1 >= count or not low.isalpha() or low in closed or low in self.words.nouns:
            return "P"
        object_opens = closed.get(lows[j + 1]) == "D" or lows[j + 1][0].isdigit()  # "to repay 2 million"
        return "T" if object_opens and not low.endswith(("ing", "s", "ly")) else "P"

    def _unlisted_tag(self, i: int, low: str) -> str:
        """The tag of a word that no list has, by its ending and its neighbours."""
        before, tags = self.before, self.tags
        if low[0].isdigit() or low in NUMBERS:
            return "Z" if ":" in low else "#"  # "17:15 Police have closed the road"
        if low.endswith("ly") and low not in _LY_NOUNS and len(low) > 4:
            return "Y"
        unlisted = before in "EN" and low.islower() and low not in self.words.nouns
        if unlisted and self._peek(i + 1) in "PDT" and self._bare_that():
            return "V"  # "demanded that Serbia align with"
        past = low.endswith("ed") and len(low) > 4
        if before == "Q" and past:
            return "V"
        if before in "MT":
            return "V"  # a verb we do not list
        if past and "-" not in low:
            joined = before in "C," and "V" in tags[-9:] and self._peek(i + 1) in ("DPER#" if before == "C" else "DR")
            if joined or before in "NERQHB":
                return "V"
        return '"' if low in "'’‘`" else "N"

    def _peek(self, i: int) -> str:
        """The class of the word at ``i`` without its context: ``v`` stands for any verb form, ``;`` for the end."""
        if i >= len(self.lows):
            return ";"
        if self.inside[i] >= 0:
            return "E"
        low = self.lows[i]
        if low == "to":
            return "T"
        tag = self.closed.get(low) or _PUNCTUATION.get(low)
        if tag:
            return tag
        if low[0].isdigit() or low in NUMBERS:
            return "#"
        return "v" if low in self.verbs else "N"

    def _verb_or_noun(self, i: int, low: str, kind: str, lemma: str) -> str:
        """``V`` or ``N`` for a word that can be a verb; ``kind`` and ``lemma``: of the form, see `Words.verbs`."""
        before, follows = self.before, self._peek(i + 1)
        previous = self.lows[i - 1] if i else ""
        if previous == "_" and i > 1:  # the dash of old wire copy
            previous = self.lows[i - 2]
        noun = low in self.words.nouns
        if (low == "thanks" and follows == "T") or lemma == "say":
            return "N" if low == "thanks" or before == "D" else "V"
        if before in "BH" and kind in "xng":
            return "N" if noun and kind == "g" and follows in "P" and before == "H" else "V"
        if before in "MTO" and low == lemma:
            return "V"
        if kind in "sb" and before not in "MTO" and self._inside_object(listed=noun):
            return "N"
        if kind in "sb" and previous in _BEFORE_NOUNS and (noun or kind == "b"):
            return "N"  # "during previous visits", but "the military says"
        if kind == "g":
            guest = low == "visiting" and follows == "E" and previous in ("with", "met", "meets")  # "met visiting Ali"
            return "N" if guest or before in "DG#" or (noun and follows not in "DER#") else "V"
        if kind == "b":
            return self._base_form(low, previous, noun, follows)
        if before in _NOUNY:
            return "N"
        between_nouns = kind in "xn" and before == "N" and follows == "N" and not low.endswith("ing")
        if between_nouns and self._inside_object(listed=False):
            return "N"  # "imposed new targeted sanctions"
        unlisted = "x" if previous.endswith("ed") else "q"  # "pulverized suspected hideouts"
        if before == "V" and kind in "xn" and self.verbs.get(previous, ("", unlisted))[1] in "bsdxg":
            return "V" if previous == "stood" else "N"  # "stood accused of", "reject proposed changes"
        return self._third_person(noun, follows) if kind == "s" else "V"

    def _third_person(self, noun: bool, follows: str) -> str:
        """``V`` or ``N`` for a form in -s that no rule before this one decided."""
        before = self.before
        if not noun:
            return "V" if before not in "D" else "N"
        if before in "RQ":
            return "V"
        if before == "E":
            return "V" if follows in "DER#TSN" else "N"
        return "V" if before in "NZC)," and follows in "DERTS" and not (before == "," and follows != "T") else "N"

    def _inside_object(self, *, listed: bool) -> bool:
        """Whether the noun phrase just read is the object of the clause's verb, so that no finite verb can follow it;
        ``listed`` lets it be a list ("rejected EU and US demands").
        """
        tags = self.tags
        for j in range(len(tags) - 1, max(-1, len(tags) - 9), -1):
            tag = tags[j]
            if tag == "V":
                return self.verbs.get(self.lows[j], ("", ""))[0] not in CLAUSE_TAKERS
            if tag == "B" and listed and "G" in tags[j:]:
                return True  # "is Taipei's main arms supplier"
            if tag not in "DNE#GY" and not (listed and tag == "C"):
                return False
        return False

    def _bare_that(self) -> bool:
        """Whether "that" and one noun phrase are all that stands before: the verb is still to come."""
        for tag in reversed(self.tags[-6:]):
            if tag == "S":
                return True
            if tag not in "DEN#G":
                return False
        return False

    def _base_form(self, low: str, previous: str, noun: bool, follows: str) -> str:
        """``V`` or ``N``: a base form alone is a verb after a plural subject, a pronoun or a verb that takes it bare."""
        before, tags = self.before, self.tags
        if before in _NOUNY or before in ";,^":
            aside = before == "," and not noun and follows in "DER#" and "V" not in tags and tags.count(",") == 2
            return "V" if aside and tags[0] in "NE" else "N"  # "groups, including Amnesty, accuse Poland"
        if before in "RQ":
            return "V" if previous not in ("whose", "him", "them", "us") else "N"
        if before in "NE)":
            recent = tags[-9:]
            if not noun and "S" in recent and "V" not in recent[recent.index("S") :]:
                return "V"  # "demanded that Germany pay"
            if noun and follows in "DENv" and self._bare_that():
                return "V"  # "demanded that Israel ease restrictions"
            if follows == "T" and low in _PROMISES and "V" not in tags and self._plural_head():
                return "V"  # "Women's groups in Poland plan to"
            listed_names = before == "E" and "C" in tags[-5:]  # "Norway and Sweden fund"
            plural = (
                listed_names
                or (previous.endswith("s") and not previous.endswith("ss"))
                or previous in ("police", "people", "men", "women")
            )
            return "V" if plural and (not noun or follows in "DERT") else "N"
        if before == "V":
            verb = self.verbs.get(previous, ("", ""))[0]
            return "V" if verb in _BARE_AFTER and (not noun or follows in "DER") else "N"
        if before == "C":
            led = "T" in tags[-12:] or "M" in tags[-12:]
            if tags[-2:-1] in (["N"], ["E"]) and follows in "N" and not led:
                return "N"  # "trade and travel restrictions"
            return "V" if led else ("N" if noun else "V")
        return "N" if noun else "V"

    def _plural_head(self) -> bool:
        """Whether the noun phrase chain just read ("groups in Poland") has a plural head."""
        tags = self.tags
        for j in range(len(tags) - 2, 0, -1):
            if tags[j] not in "NED#PG":
                return False
            if tags[j] == "P" and tags[j - 1] in "NE":
                head = self.lows[j - 1]
                return head.endswith("s") and not head.endswith("ss")
        return False
