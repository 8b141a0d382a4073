"""The likeliest legacy character set of bytes that declare none that fits. Pure; looks at 64 KiB at most.

Each candidate that can decode the bytes is scored by how much of what it gives is everyday writing of its script: kana for
Japanese, the 3,000 commonest Hanzi rows for Chinese, syllables for Korean, lower-case letters in words for alphabets. The
language that the feed declares decides between near candidates.
"""

from __future__ import annotations

import re

_SAMPLE_BYTES = 65_536
#: Codec to (languages that it writes, score function's name).
_MULTI = ("gb18030", "big5hkscs", "cp949", "cp932", "euc-jp")
_SINGLE = ("cp1251", "koi8-r", "cp1252", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp874")
_LANGUAGES = {
    "gb18030": ("zh",), "big5hkscs": ("zh",), "cp949": ("ko",), "cp932": ("ja",), "euc-jp": ("ja",),
    "cp1251": ("ru", "uk", "bg", "be", "sr", "mk"), "koi8-r": ("ru", "uk"), "cp1253": ("el",), "cp1254": ("tr", "az"),
    "cp1255": ("he", "iw", "yi"), "cp1256": ("ar", "fa", "ur"), "cp874": ("th",),
    "cp1250": ("pl", "cs", "sk", "hu", "sl", "hr", "ro", "bs", "sq"),
}  # fmt: skip
#: Fewer bytes outside ASCII say nothing: an accent, a dash, a damaged letter.
_FEW = 8
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")
_MARKUP = re.compile(rb"<[^<>]*>")
#: Lower-case Cyrillic letters that end or fill words; in the wrong Cyrillic set lower case turns upper.
_CYRILLIC_LOWER = re.compile("[а-яёіїєґў]")
#: A capital inside a word; and letters that stand where Hebrew's set has none.
_CYRILLIC_MISFIT = re.compile("(?<=[а-я])[А-Я]")
_CYRILLIC_ONLY = re.compile("[ыьэюяА-Я]")
_GREEK_ACCENT = re.compile("[άέήίόύώΐΰ]")
_ENOUGH_LETTERS = 30
#: Thai writes without spaces: some run of letters is longer than this many.
_THAI_RUN = 20
_HANGUL = re.compile("[가-힣]")
_KANA = re.compile("[ぁ-ゖァ-ヺー]")
_HALF_KANA = re.compile("[｡-ﾟ]")
_HAN = re.compile("[\u4e00-\u9fff]")
_BY_CODEC = {
    "cp1251": _CYRILLIC_LOWER, "koi8-r": _CYRILLIC_LOWER, "cp1253": re.compile("[α-ώ]"), "cp1255": re.compile("[א-ת]"),
    "cp1256": re.compile("[ا-يپچژگک]"), "cp874": re.compile("[ก-ฮะ-ูเ-์]"), "cp1254": re.compile("[şğıİŞĞçöüÇÖÜ]"),
    "cp1250": re.compile("[ąćęłńóśźżáčďéěíňřšťúůýžőűäöüôľĺŕăâîșț]"),
    "cp1252": re.compile("[àâäáãåæçèéêëìíîïñòóôõöøùúûüßœ’“”–—£€©®°«»¡¿…]"),
}  # fmt: skip


def guess(body: bytes, language: str) -> str:
    """A Python codec for ``body``, which is not UTF-8: the likeliest, windows-1252 where nothing speaks for another.

    Args:
        body: The document.
        language: Two letters the document or its server declares, or an empty string.
    """
    sample = _MARKUP.sub(b" ", body[:_SAMPLE_BYTES])
    high = len(_HIGH.findall(sample))
    if not high or (high < _FEW and not language):
        return "cp1252"
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(sample))
    best, best_score = "cp1252", 0.0
    for codec in (*_MULTI, *_SINGLE):
        score = _score(sample, codec, high, in_runs / high)
        if score and language:
            score += 0.25 if language in _LANGUAGES.get(codec, ()) else -0.1 if codec in _LANGUAGES else 0.0
        if score > best_score:
            best, best_score = codec, score
    return best


def _score(sample: bytes, codec: str, high: int, share_in_runs: float) -> float:
    """0 to about 1: how much of the bytes outside ASCII is everyday writing in ``codec``; 0 where it cannot be."""
    text = sample.decode(codec, "replace")
    bad = text.count("\ufffd")
    if bad * 50 > high:
        return 0.0
    wide = "".join(c for c in text if c >= "\x80" and c != "\ufffd")
    if not wide:
        return 0.0
    if codec in _MULTI:
        return _score_multi(wide, codec, sample) - bad / high
    score = len(_BY_CODEC[codec].findall(wide)) / len(wide)
    if codec in ("cp1251", "koi8-r"):
        score -= 2 * len(_CYRILLIC_MISFIT.findall(text)) / len(wide)
        if len(wide) >= _ENOUGH_LETTERS and not _CYRILLIC_ONLY.search(wide):
            score *= 0.5  # Hebrew has no letters at these places
    elif codec == "cp1253" and len(wide) >= _ENOUGH_LETTERS and not _GREEK_ACCENT.search(wide):
        score *= 0.5  # Greek writes an accent in almost every word
    elif codec == "cp874" and max(map(len, _HIGH_RUN.findall(sample)), default=0) < _THAI_RUN:
        score *= 0.5
    # Alphabets other than Latin fill whole words with high bytes; Latin ones sprinkle them between ASCII letters.
    latin = codec in ("cp1252", "cp1250", "cp1254")
    fit = 1.0 - share_in_runs if latin else share_in_runs
    return score * (0.4 + 0.6 * fit) - bad / high


def _score_multi(wide: str, codec: str, sample: bytes) -> float:
    total = len(wide)
    kana, han, half = (len(kind.findall(wide)) for kind in (_KANA, _HAN, _HALF_KANA))
    if codec in ("cp932", "euc-jp"):
        return (kana + 0.6 * han - half) / total if kana else 0.3 * han / total - half / total
    common = _common_rows(sample, codec)
    if codec == "cp949":
        return common * len(_HANGUL.findall(wide)) / total
    return 0.95 * common * (han + kana) / total


#: Lead bytes between which a set keeps its common characters, and whether their second bytes are always high: rows B0-D7
#: of GB 2312 by design, B0-C8 of KS X 1001; Big5 has A4-C6, and second bytes below 7F for two characters in five.
_ROWS = {"gb18030": (0xB0, 0xD7, True), "cp949": (0xB0, 0xC8, True), "big5hkscs": (0xA4, 0xC6, False)}


def _common_rows(sample: bytes, codec: str) -> float:
    """The share of two-byte characters that lie in the rows of common ones."""
    low, high, high_trails = _ROWS[codec]
    pairs = common = low_trails = i = 0
    while i < len(sample) - 1:
        lead, trail = sample[i], sample[i + 1]
        if lead < 0x81:
            i += 1
            continue
        if lead not in (0xA1, 0xA2, 0xA3):  # punctuation and full-width forms say nothing
            pairs += 1
            low_trails += trail < 0x7F
            common += low <= lead <= high and (trail >= 0xA1 or not high_trails)
        i += 2
    if not pairs:
        return 0.0
    if not high_trails and pairs >= 8 and not low_trails:
        return 0.3 * common / pairs  # every second byte is high: EUC, not Big5
    return common / pairs
