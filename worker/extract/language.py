"""The language of a text: what its script and commonest words say, weighed against what the page declares."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W\d_]+")
_BEYOND_LATIN = re.compile("[\u0370-\U0010ffff]")
_SAMPLE_CHARS = 2_000
#: Share of words that must be common words of the language before content overrules a declaration.
_SURE = 0.12
_CLEARLY_MORE = 3.0
_SCRIPTS = (
    ("ja", "\u3040", "\u30ff"), ("ko", "\uac00", "\ud7af"), ("th", "\u0e00", "\u0e7f"), ("my", "\u1000", "\u109f"),
    ("km", "\u1780", "\u17ff"), ("lo", "\u0e80", "\u0eff"), ("ka", "\u10a0", "\u10ff"), ("hy", "\u0530", "\u058f"),
    ("he", "\u0590", "\u05ff"), ("el", "\u0370", "\u03ff"), ("am", "\u1200", "\u137f"), ("ta", "\u0b80", "\u0bff"),
    ("te", "\u0c00", "\u0c7f"), ("kn", "\u0c80", "\u0cff"), ("ml", "\u0d00", "\u0d7f"), ("gu", "\u0a80", "\u0aff"),
    ("pa", "\u0a00", "\u0a7f"), ("bn", "\u0980", "\u09ff"), ("si", "\u0d80", "\u0dff"), ("or", "\u0b00", "\u0b7f"),
    ("hi", "\u0900", "\u097f"), ("ar", "\u0600", "\u06ff"), ("ru", "\u0400", "\u04ff"), ("zh", "\u4e00", "\u9fff"),
)  # fmt: skip
#: Languages that share a script with the one named in the table; a declaration of one of them is believed.
_SAME_SCRIPT = {
    "hi": {"mr", "ne", "sa", "bho", "mai"}, "ar": {"fa", "ur", "ps", "ckb", "sd", "ug", "ku", "azb"},
    "ru": {"uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg", "uz", "tt", "ba", "cv", "bs"}, "he": {"yi"},
    "am": {"ti"}, "bn": {"as"},
}  # fmt: skip


@cache
def _common_words() -> dict[str, tuple[str, ...]]:
    """Common word to the languages that have it, from languages.toml."""
    table = tomllib.loads(files(__package__).joinpath("languages.toml").read_text("utf-8"))
    words: dict[str, tuple[str, ...]] = {}
    for language, entry in table.items():
        for word in entry["words"].split():
            words[word] = (*words.get(word, ()), language)
    return words


def declared_language(value: str | None) -> str | None:
    """The two- or three-letter language of a declaration like "en-GB" or "pt_BR"; None where it is none."""
    if not value:
        return None
    code = re.split(r"[-_,;\s]", value.strip().lower(), maxsplit=1)[0]
    return (
        {"iw": "he", "in": "id", "nb": "no", "nn": "no"}.get(code, code)
        if code.isalpha() and len(code) in (2, 3)
        else None
    )


def detect_language(text: str) -> tuple[str | None, float]:
    """The language that content shows, and how surely (share of its words that are common in that language)."""
    sample = text[:_SAMPLE_CHARS]
    if (script := _by_script(sample)) and script not in _SAME_SCRIPT.keys() - {"he", "am", "bn"}:
        return script, 1.0
    words = [w.casefold() for w in _WORD.findall(sample)]
    if len(words) < 8:
        return (script, 0.5) if script else (None, 0.0)
    counts: Counter[str] = Counter()
    table = _common_words()
    for word in words:
        for language in table.get(word, ()):
            counts[language] += 1
    if not counts:
        return (script, 0.3) if script else (None, 0.0)
    (best, hits), *rest = counts.most_common(2)
    share = hits / len(words)
    if rest and rest[0][1] >= 0.93 * hits:
        share *= 0.4
    return best, share


def choose_language(text: str, *declared: str | None) -> str | None:
    """Language of an article: content where it is clear, else the first declaration that is one."""
    codes = [c for c in (declared_language(d) for d in declared) if c]
    found, share = detect_language(text)
    if found is None or not codes:
        return codes[0] if codes else found
    if found in codes:
        return found
    if codes[0] in _SAME_SCRIPT.get(found, ()) and share < 2 * _SURE:
        return codes[0]
    # A declaration whose commonest words hardly occur is a template's default.
    return codes[0] if share < _SURE and share < _CLEARLY_MORE * common_share(text, codes[0]) else found


def common_share(text: str, language: str) -> float:
    """Share of a text's words that are common words of a language; 1 for a language without a list here."""
    table = _common_words()
    if not any(language in languages for languages in table.values()):
        return 1.0
    words = [w.casefold() for w in _WORD.findall(text[:_SAMPLE_CHARS])]
    return sum(language in table.get(w, ()) for w in words) / max(1, len(words))


def _by_script(sample: str) -> str | None:
    beyond = [c for c in _BEYOND_LATIN.findall(sample) if c.isalpha()]
    if not beyond or len(beyond) < 0.3 * sum(map(str.isalpha, sample)):
        return None
    counts: Counter[str] = Counter()
    for char in beyond:
        for language, first, last in _SCRIPTS:
            if first <= char <= last:
                counts[language] += 1
                break
    if not counts:
        return None
    if counts["ja"] > 0.08 * len(beyond):
        return "ja"
    return counts.most_common(1)[0][0]
