"""Folds text for the word index: what people type meets what papers print, without accents, vowel marks or word spaces.

SQLite's tokenizer folds case and takes a run of letters, digits and marks as one word. The rest is done here, the same way
for texts and for queries: accents and vowel marks of Latin, Greek, Cyrillic, Hebrew and Arabic go, letters that one word is
written with now and then become one, and each character of a script without spaces between words stands alone, so that a
run of them is found as a phrase.
"""

from __future__ import annotations

import re
import unicodedata

#: Marks that writers leave out: combining accents, Hebrew points, Arabic vowels and tatweel, joiners. Marks of Indic scripts
#: are letters in all but name and stay.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe20-\ufe2f]+"
)
#: Yeh, kaf and heh as Arabic, Persian and Urdu have them; Latin letters that do not decompose.
_SAME = str.maketrans(
    {"ى": "ي", "ی": "ي", "ے": "ي", "ک": "ك", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه"}
    | {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ħ": "h", "Ħ": "H"}
)
#: Thai, Lao, Tibetan, Burmese, Khmer; Chinese, Japanese, Korean.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\U00020000-\U0003ffff]"
)


def fold(text: str) -> str:
    """Return ``text`` as the word index has it, but for case. Its length may differ; a second time changes nothing."""
    if text.isascii():
        return text
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_SAME)
    return _UNSPACED.sub(r" \g<0> ", unicodedata.normalize("NFC", bare))


def tokens(text: str) -> list[str]:
    """Return the words of a query, folded, as SQLite's tokenizer takes them apart."""
    return "".join(letter if _is_of_word(letter) else " " for letter in fold(text)).split()


def is_unspaced(letter: str) -> bool:
    """Return whether a character is of a script that is written without spaces between words."""
    return bool(_UNSPACED.match(letter))


def _is_of_word(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LN" or category in ("Co", "Mn", "Mc")
