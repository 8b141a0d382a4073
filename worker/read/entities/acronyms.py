"""Acronyms that this article means otherwise than the gazetteer: by its own definition, or because it never speaks of
the country whose party or armed group bears the letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..syntax.tokenizer import Tokens
from .gazetteer import Gazetteer, Name

#: Longest acronym, in letters, and how many words before its bracket may spell it.
_LETTERS, _WORDS = 6, 10
#: Sectors whose letters many countries use: "FSA" is a Syrian army, and a regulator in Britain, Japan and Korea.
_SHARED = frozenset({"REB", "PTY", "OPP", "LAB"})


def acronyms(sentences: Sequence[Tokens], table: Gazetteer, home: str | None) -> Mapping[str, Name]:
    """The acronyms of the text whose listed meaning does not hold in it, with the meaning that does.

    Args:
        home: The dateline's country, or None.
    """
    seen = {text for tokens in sentences for text in tokens.text if 1 < len(text) <= _LETTERS and text.isupper()}
    listed = {text: name for text in seen if (name := _only(table, text)) is not None}
    if not listed:
        return {}
    found: dict[str, Name] = {}
    for tokens in sentences:
        for i, text in enumerate(tokens.text):
            if text == "(" and i + 2 < len(tokens) and tokens.text[i + 2] == ")" and tokens.text[i + 1] in listed:
                _define(tokens, i, listed[tokens.text[i + 1]], table, found)
    for text, name in listed.items():
        doubtful = name.sector in _SHARED and name.country not in (None, home)
        if text not in found and doubtful and not _speaks_of(name.country or "", text, sentences, table):
            found[text] = Name(text, "organisation", "ORG")
    return found


def _only(table: Gazetteer, text: str) -> Name | None:
    """What the gazetteer says that the letters alone stand for."""
    return next((name for words, name in table.names.get(text, ()) if words == (text,)), None)


def _define(tokens: Tokens, bracket: int, known: Name, table: Gazetteer, found: dict[str, Name]) -> None:
    """Enter what "Financial Services Agency (FSA)" says, where it is another body than the gazetteer's."""
    letters = tokens.text[bracket + 1]
    start = _spelled(tokens, bracket, letters)
    if start < 0:
        return
    words = tuple(tokens.text[start:bracket])
    full = " ".join(words)
    named = next((name for row, name in table.names.get(words[0], ()) if row == words), None)
    if named is None and full.casefold() != known.canonical.casefold():
        named = Name(full, "organisation", "ORG")
    if named is not None:
        found[letters] = named


def _spelled(tokens: Tokens, bracket: int, letters: str) -> int:
    """The first token of the words before the bracket whose capitals spell the letters, or -1."""
    left = len(letters) - 1
    for i in range(bracket - 1, max(-1, bracket - 1 - _WORDS), -1):
        text = tokens.text[i]
        if text[0] == letters[left]:
            left -= 1
            if left < 0:
                return i
        elif tokens.capital[i] or not text.isalpha() or len(text) > 3:
            return -1
    return -1


def _speaks_of(country: str, letters: str, sentences: Sequence[Tokens], table: Gazetteer) -> bool:
    """Whether the text names the country, its people, places or bodies by anything but the letters."""
    for tokens in sentences:
        for i, text in enumerate(tokens.text):
            if not tokens.capital[i] or text == letters:
                continue
            for words, name in table.names.get(text, ()):
                if name.country == country and tuple(tokens.text[i : i + len(words)]) == words:
                    return True
    return False
