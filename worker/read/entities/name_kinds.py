"""Tell what kind of thing a capitalised name is: organisation, person, place or none of them, by a small linear model.

The weights are in ``lexicon/name_kinds.tsv``, made by ``tools/train_name_kinds.py``; ``docs/name_kinds.md`` is the model's
card. The name finder decides where a name begins and ends, and guesses its type by lists, last words and shape; the model
looks at the name's words and shape, at the words around it, and at what else the article writes, and says how far to
believe the guess.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from ..document import Document, Mention
from ..lexicon import FOLDER, table
from ..syntax.tokenizer import Tokens
from . import gazetteer
from .lexicon import load_name_words

#: The kinds, in the order of the columns of the file; the last has no column: its score is 0.
KINDS = ("ORG", "PERSON", "LOC", "NONE")
#: Mentions of one name that are looked at.
_MENTIONS = 4
_LINKS = frozenset({"of", "for", "and", "&", "the", "on", "in", "de", "al", "von", "van", "bin"})
_READER = frozenset({"you", "your", "you're", "you’re", "yourself"})
_SAID = frozenset({"said", "says", "told", "added", "announced", "reported", "according"})
_ENDS = frozenset('.!?:;"“”‘’()[]—–-|/•') | {"--", "..."}
#: Longest text of a name that is looked up among the words written small, in words.
_LETTERS = 6


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
        self.spelled = dict(_acronyms(document))
        self.mentions: dict[int, list[Mention]] = {}
        self._longer: dict[str, set[str]] = {}
        for m in document.mentions:
            if m.resolved_by == "pronoun":
                continue
            of_entity = self.mentions.setdefault(m.entity, [])
            if len(of_entity) < 99:
                of_entity.append(m)
            words = m.canonical.split()
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
            if 1 < len(letters) <= _LETTERS and letters.isupper():
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
        return f"A{min(len(word), _LETTERS)}"
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
    if i < 0 or i >= len(tokens):
        return "|"
    text = tokens.text[i]
    if text[0].isdigit():
        return "9"
    return f"A{tokens.low[i][-2:]}" if tokens.capital[i] and i else tokens.low[i]


def _around(names: Names, m: Mention) -> Iterator[str]:
    """Yield what stands around one mention."""
    tokens, i, number = names.tokens_at(m.head_start)
    j = i
    while j < len(tokens) and tokens.start[j] < m.head_end:
        j += 1
    sentence = names.document.sentences[number]
    yield f"-1={_word(tokens, i - 1)}"
    yield f"-2={_word(tokens, i - 2)}|{_word(tokens, i - 1)}"
    yield f"+1={_word(tokens, j)}"
    yield f"+2={_word(tokens, j)}|{_word(tokens, j + 1)}"
    for k in range(max(0, i - 5), i - 1):
        if not tokens.capital[k] and tokens.text[k].isalpha():
            yield f"<{tokens.low[k]}"
    for k in range(j + 1, min(j + 5, len(tokens))):
        if not tokens.capital[k] and tokens.text[k].isalpha():
            yield f">{tokens.low[k]}"
    if i and tokens.capital[i - 1] and tokens.text[i - 1] not in _ENDS:
        yield "after capital"
    if j < len(tokens) and tokens.capital[j]:
        yield "before capital"
    if tokens.text and tokens.text[-1] not in '.!?…"”’':
        yield "unended"
    yield f"block={names.document.kind_of(sentence)}"
    if i == 0:
        yield "opens"


@cache
def common_words() -> frozenset[str]:
    """Words that English text writes small: what a name is made of only where it is a body, a title or a term."""
    lines = (FOLDER / "names_common.tsv").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def _known() -> frozenset[str]:
    """Bodies known by a bare name."""
    return frozenset(name for names in table("names_known").values() for name in names)


@cache
def _weights() -> dict[str, tuple[float, float, float]]:
    rows = (line.split("\t") for line in (FOLDER / "name_kinds.tsv").read_text(encoding="utf-8").splitlines())
    return {row[0]: (float(row[1]), float(row[2]), float(row[3])) for row in rows if not row[0].startswith("#")}


def likely(found: Iterable[str], weights: dict[str, tuple[float, float, float]]) -> Sequence[float]:
    """How likely each of ``KINDS`` is, given the features; the sum is 1."""
    org = person = place = 0.0
    for name in found:
        row = weights.get(name)
        if row is not None:
            org += row[0]
            person += row[1]
            place += row[2]
    top = max(org, person, place, 0.0)
    powers = [math.exp(org - top), math.exp(person - top), math.exp(place - top), math.exp(-top)]
    total = sum(powers)
    return [power / total for power in powers]


#: Sectors and words whose names say by their head that they are bodies: half of the border is enough.
_OFFICIAL = frozenset({"GOV", "COP", "LEG", "JUD", "PTY", "LAB"})
_HEADS = frozenset({"Institute", "University", "College", "School", "Association", "Society", "Foundation", "Federation",
                    "Times", "Inc", "Ltd", "LLC", "Corporation", "Bank", "Caucus", "Academy"})  # fmt: skip
_STAFF = frozenset({"boss", "ceo", "executive", "chairman", "chairwoman", "chair", "founder", "co-founder", "owner", "director",
                    "analyst", "economist", "spokesman", "spokeswoman", "spokesperson", "strategist", "employee", "employees",
                    "researcher", "researchers", "shares", "subsidiary"})  # fmt: skip
_TOWN = 50_000  #: least people of a city that has a team of its name
#: Guesses that the model judges; countries, cities, lists and names with a suffix of places speak for themselves.
JUDGED = frozenset({"ORG", "PERSON", "LOC"})
#: How likely a kind must be: for a name that the finder took for the same kind, and for one that it took for another.
_BORDERS = {"ORG": (0.5, 0.7), "PERSON": (0.3, 0.6), "LOC": (0.2, 0.6)}
#: The same on a guide, whose terms, products and headings have capitals.
_GUIDE_BORDERS = {"ORG": (0.7, 0.8), "PERSON": (0.6, 0.7), "LOC": (0.5, 0.7)}


def is_judged(names: Names, first: Mention) -> bool:
    """Whether the model has a say: not where the gazetteer lists exactly this name, nor on a person with a title."""
    if first.type not in JUDGED or (first.type == "PERSON" and first.title is not None):
        return False  # "Spanish judge X" is a person
    text = names.document.text[first.head_start : first.head_end]
    words = text.split()
    if names.is_guide and text.isupper() and len(text) < _LETTERS - 1 and not names.listed(words, own=True):
        return True  # "a CIA certificate" on a page about accountants
    return not names.listed(words)


def believed(names: Names, first: Mention) -> str | None:
    """The type to publish a name with: the finder's, the model's where it is surer, or None where neither is sure.

    Args:
        first: The first mention of the name in the article.
    """
    text = names.document.text[first.head_start : first.head_end]
    if text.isupper() and text.lower() in common_words() and _is_shouted(names, first):
        return None  # "THIS IS ALSO": no group of that name
    if not is_judged(names, first):
        return first.type
    if text in _known() or (first.type != "PERSON" and not names.is_guide and _is_team(names, text)):
        return "ORG"
    if first.type == "ORG" and " " not in text and not text.isupper() and names.is_small(text):
        return None  # "Policy", where the article has "policy" too
    shares = likely(features(names, first), _weights())
    borders = _GUIDE_BORDERS if names.is_guide else _BORDERS
    if first.type == "ORG":
        is_name = shares[2] < 0.5 and text.lower() not in common_words()
        if is_name and _is_employer(names, first):
            return "ORG"
        if shares[0] >= borders["ORG"][0] / 2 and _has_head(text.split()):
            return "ORG"
    for kind, share in zip(KINDS, shares, strict=True):
        if kind != "NONE" and share >= borders[kind][kind != first.type]:
            return kind
    return None


def _has_head(words: Sequence[str]) -> bool:
    """Whether the name's head is a word for bodies: "Institute for Astrophysics", "Ozark Police Department"."""
    head = next((k - 1 for k in range(1, len(words)) if words[k] in ("of", "for")), len(words) - 1)
    known = load_name_words().last.get(words[head])
    # "Greenbelt, Maryland, and American University" is no name
    several = len(words) > 1 and not any(word.endswith(",") for word in words)
    return several and (words[head] in _HEADS or (known is not None and known[1] in _OFFICIAL))


def _is_employer(names: Names, m: Mention) -> bool:
    """Whether the name is what somebody works for: "the boss of Brightwell", "an analyst at Kestrel"."""
    tokens, i, _ = names.tokens_at(m.head_start)
    return i > 1 and tokens.low[i - 1] in ("of", "at", "for", "with") and tokens.low[i - 2] in _STAFF


def _is_team(names: Names, text: str) -> bool:
    """Whether the name is a city and a plural that the article does not write small: "Los Angeles Chargers"."""
    city, _, team = text.rpartition(" ")
    plural = team[:1].isupper() and team.endswith("s") and not team.endswith("ss") and not names.is_small(team)
    place = names.table.place(city) if city and plural and team.lower() not in common_words() else None
    return place is not None and place.kind == "city" and place.population > _TOWN


def _is_shouted(names: Names, m: Mention) -> bool:
    """Whether a word beside the name is a common word in capital letters as well."""
    tokens, i, _ = names.tokens_at(m.head_start)
    beside = [k for k in (i - 1, i + 1) if 0 <= k < len(tokens)]
    return any(tokens.text[k].isupper() and tokens.low[k] in common_words() for k in beside)
