"""What a capitalised name, the words around it and the rest of its article say of its kind: the features of the kind model.

A feature is a string; ``docs/name_kinds.md`` lists what they look at. `name_kinds` weighs them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

from ..document import Document, Mention
from ..lexicon import FOLDER
from ..syntax.grammar import listed
from ..syntax.tokenizer import Tokens
from . import gazetteer
from .lexicon import load_name_words

#: Mentions of one name that are looked at.
_MENTIONS = 3
_LINKS = frozenset({"of", "for", "and", "&", "the", "on", "in", "de", "al", "von", "van", "bin"})
_READER = frozenset({"you", "your", "you're", "you’re", "yourself"})
_SAID = frozenset({"said", "says", "told", "added", "announced", "reported", "according"})
_ENDS = frozenset('.!?:;"“”‘’()[]—–-|/•') | {"--", "..."}
#: Longest text of a name that is looked up among the words written small, in words.
LETTERS = 6


class Names:
    """The article as the features need it: sentences by their place, words written small, the names and their mentions."""

    def __init__(self, document: Document, extra: Sequence[Path] = ()) -> None:
        """``extra``: the user's gazetteer files, whose names are not doubted."""
        self.document = document
        self.table, self._ours = gazetteer.load(extra), gazetteer.load()
        self._starts = [s.start for s in document.sentences]
        self.small: set[str] = set()
        spoken = read = 0
        for sentence in document.sentences:
            low = sentence.tokens.low
            self.small.update(filter(str.islower, sentence.tokens.text))
            if not _SAID.isdisjoint(low):
                spoken += sum(word in _SAID for word in low)
            if not _READER.isdisjoint(low):
                read += sum(word in _READER for word in low)
        #: Whether the page speaks to its reader (a guide, an offer, a manual) more than it quotes others.
        self.is_guide = read > spoken + 2
        self.quotes = spoken > 1  #: whether the page quotes somebody, as news does
        self.spelled = dict(_acronyms(document))
        self.initials: set[str] = set()  #: of the names of several words
        self.mentions: dict[int, list[Mention]] = {}
        self._longer: dict[str, set[str]] = {}
        for m in document.mentions:
            if m.resolved_by == "pronoun":
                continue
            of_entity = self.mentions.setdefault(m.entity, [])
            if len(of_entity) < 99:
                of_entity.append(m)
            if len(of_entity) > 1 and of_entity[0].canonical == m.canonical:
                continue
            words = m.canonical.split()
            if 2 < len(words) < 9 and m.type in ("ORG", "IGO", "PERSON"):
                self.initials.add("".join(word[0] for word in words if word[0].isupper()))
            if 1 < len(words) < 7 and m.type in ("PERSON", "ORG", "IGO", "FACILITY", "PRODUCT", "EVENT", "LAW"):
                for word in words:
                    if word[0].isupper():
                        self._longer.setdefault(word, set()).add(m.type)

    def tokens_at(self, start: int) -> tuple[Tokens, int, int]:
        """The tokens of the sentence that holds the character, the index of the token that begins there, and the sentence's
        number."""
        number = max(bisect_right(self._starts, start) - 1, 0)
        tokens = self.document.sentences[number].tokens
        return tokens, max(bisect_right(tokens.start, start) - 1, 0), number

    def listed(self, words: Sequence[str], *, own: bool = False) -> str:
        """The kind of name that the gazetteer has under exactly these words, or nothing. ``own``: in the user's files."""
        if own and self.table is self._ours:
            return ""
        rows = self.table.names.get(words[0], ())
        row = next((name for spelled, name in rows if spelled == tuple(words)), None)
        if row is None or (own and any(name == row for _, name in self._ours.names.get(words[0], ()))):
            return ""
        return row.kind

    def is_small(self, word: str) -> bool:
        """Whether the article writes the word without a capital, in the singular or the plural."""
        low = word.lower()
        return low in self.small or low + "s" in self.small or low.removesuffix("s") in self.small

    def longer(self, word: str) -> Iterable[str]:
        """The types of longer names that the word is a part of."""
        return self._longer.get(word, ())


def features(names: Names, first: Mention) -> set[str]:
    """The features of a name.

    Args:
        first: Its first mention; the others of the same entity are looked at too, four in all.
    """
    mentions = names.mentions.get(first.entity, [])
    text = names.document.text[first.head_start : first.head_end]
    found = set(_of_words(names, first, text))
    found.add(f"count={min(len(mentions), 3)}")
    looked = 0
    for m in [first, *mentions]:
        if m is first and looked:
            continue
        found.update(_around(names, m))
        looked += 1
        if looked == _MENTIONS:
            break
    return found


def _acronyms(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the letters that stand in brackets behind the words they are made of, with how these are written: "large" for
    "Order of the Sun (OS)", "small" for "average order value (AOV)"."""
    for sentence in document.sentences:
        tokens = sentence.tokens
        if "(" not in tokens.text:
            continue
        for i, text in enumerate(tokens.text):
            if text != "(" or i < 2 or i + 2 >= len(tokens) or tokens.text[i + 2] not in ");,":
                continue
            letters = tokens.text[i + 1]
            if 1 < len(letters) <= LETTERS and letters.isupper():
                words = [k for k in range(max(0, i - len(letters) - 2), i) if tokens.low[k] not in _LINKS]
                words = words[-len(letters) :]
                if words and tokens.low[words[0]][0] == letters[0].lower():
                    large = sum(tokens.capital[k] for k in words)
                    yield letters, "large" if large > len(words) / 2 else "small"


def _of_words(names: Names, m: Mention, text: str) -> Iterator[str]:
    """Yield what the name's own words say."""
    words = text.split()
    yield "bias"
    yield f"guess={m.type}"
    yield f"by={m.resolved_by}"
    if m.country:
        yield "country"
    if m.sector:
        yield f"sector={m.sector}"
    if m.title:
        yield "titled"
    if m.canonical != text:
        yield "renamed"
    yield f"words={min(len(words), 5)}"
    lows = [word.lower() for word in words]
    lexicon = load_name_words()
    yield f"first={lows[0]}"
    yield f"last={lows[-1]}"
    yield f"end={lows[-1][-3:]}"
    yield f"begin={lows[0][:3]}"
    head = next((k - 1 for k in range(1, len(words)) if lows[k] in ("of", "for")), len(words) - 1)
    yield f"head={lows[head]}"
    known = lexicon.last.get(words[head]) or lexicon.first.get(words[0])
    if known:
        yield f"suffix={known[0]}{known[1] or ''}"
    for word in lows[1:-1]:
        yield f"inner={word}" if word in _LINKS else f"word={word}"
    if words[0] in lexicon.genders:
        yield "given"
    plain = sum(low in common_words() for low in lows if low not in _LINKS)
    yield f"common={len(words) > 1:d}{min(plain, 2)}{'all' if plain == sum(low not in _LINKS for low in lows) else ''}"
    if names.table.place(text) is not None:
        yield "town"
    yield f"listed={names.listed(words)}"
    long = names.spelled.get(text)
    if long:
        yield f"spelled={long}"
    for word in (words[0], words[-1]) if len(words) > 1 else (words[0],):
        yield f"shape={len(words) > 1:d}{_shape(word)}"
    if len(words) == 1:
        if text.isupper():
            yield f"letters {names.quotes:d}{names.is_guide:d}{text in names.initials:d}"
        if names.is_small(text):
            yield "small"
        for kind in names.longer(text):
            yield f"part={kind}"
    else:
        small = sum(names.is_small(word) for word in words if word.lower() not in _LINKS)
        yield f"smalls={min(small, 2)}{'all' if small >= len(words) - 1 else ''}"


def _shape(word: str) -> str:
    """Letters, capitals, digits and marks of a word, in short."""
    if word.isupper() and word.isalpha():
        return f"A{min(len(word), LETTERS)}"
    if any(letter.isdigit() for letter in word):
        return "9A" if word.isupper() else "9a"
    if "-" in word:
        return "A-a" if word[0].isupper() else "a-"
    if "." in word:
        return "A."
    if not word.isalpha():
        return "?"
    inner = any(letter.isupper() for letter in word[1:])
    return ("AaA" if inner else "Aa") if word[0].isupper() else ("aA" if inner else "a")


def _word(tokens: Tokens, i: int) -> str:
    """A word beside the name, as a feature has it: capitals and numbers by their kind alone."""
    if i < 0 or i >= len(tokens.text):
        return "|"
    low = tokens.low[i]
    if low[0].isdigit():
        return "9"
    return "A" + low[-2:] if i and tokens.capital[i] else low


def _around(names: Names, m: Mention) -> Iterator[str]:
    """Yield what stands around one mention."""
    tokens, i, number = names.tokens_at(m.head_start)
    texts, lows, capital, starts, count = tokens.text, tokens.low, tokens.capital, tokens.start, len(tokens.text)
    j, stop = i, m.head_end
    while j < count and starts[j] < stop:
        j += 1
    before, after = _word(tokens, i - 1), _word(tokens, j)
    yield "-1=" + before
    yield f"-2={_word(tokens, i - 2)}|{before}"
    yield "+1=" + after
    yield f"+2={after}|{_word(tokens, j + 1)}"
    for k in range(max(0, i - 5), i - 1):
        if not capital[k] and lows[k].isalpha():
            yield "<" + lows[k]
    for k in range(j + 1, min(j + 5, count)):
        if not capital[k] and lows[k].isalpha():
            yield ">" + lows[k]
    if i and capital[i - 1] and texts[i - 1] not in _ENDS:
        yield "after capital"
    if j < count and capital[j]:
        yield "before capital"
    if texts and texts[-1] not in '.!?…"”’':
        yield "unended"
    yield f"block={names.document.kind_of(names.document.sentences[number])}"
    if i == 0:
        yield "opens"
    yield from _described(tokens, i, j)


def _described(tokens: Tokens, i: int, j: int) -> Iterator[str]:
    """Yield what nouns beside the name ``i:j`` say of it: "the oil firm X", "an analyst at X", "X, a chain of hotels,"."""
    low, before = tokens.low, i - 1
    while before >= 0 and (tokens.text[before] in _OPENING or low[before] in _NAMING):
        before -= 1
    if before >= 0:
        known = _noun_kind(low[before])
        if known:
            yield f"noun={known}{before == i - 1:d}"
        elif low[before] in _AT and before == i - 1:
            staff = {_noun_kind(word) for word in low[max(0, before - 3) : before]}
            if "person" in staff:
                yield f"staff={low[before]}"
    if j + 2 < len(tokens) and tokens.text[j] in ",(–—" and low[j + 1] in _DESCRIBING:
        for k in range(j + 2, min(j + 10, len(tokens))):
            known = _noun_kind(low[k])
            if known:
                yield f"apposed={known}"
                break
            if tokens.text[k] in ",.;:()–—" or low[k] in _BREAKS:
                break


_OPENING = frozenset(",\"“‘'")
_NAMING = frozenset({"called", "named", "the", "dubbed", "including", "as", "like", "such"})
_AT = frozenset({"of", "at", "for", "with", "from", "by"})
_DESCRIBING = frozenset({"a", "an", "the", "one", "its", "another", "which"})
_BREAKS = frozenset({"that", "who", "whose", "where", "to"})


@lru_cache(maxsize=8192)
def _noun_kind(word: str) -> str:
    """What a common noun says of the name beside it: body, person, or nothing."""
    if word in _BODY_NOUNS:
        return "body"
    rows = load_name_words().nouns.get(word, ())
    kind = next((noun.kind for words, noun in rows if len(words) == 1), "")
    return "person" if kind == "role" else ""


_BODY_NOUNS = listed("names", "body_nouns")


@cache
def common_words() -> frozenset[str]:
    """Words that English text writes small: what a name is made of only where it is a body, a title or a term."""
    lines = (FOLDER / "names_common.tsv").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
