"""Unicode normalisation in linear time, for outside text.

`unicodedata.normalize` sorts each run of combining marks by insertion: 128 KB of them take 12 seconds. No writing has more
than a handful on one letter; the Stream-Safe Text Format (UAX #15, 13) allows 30, and what is beyond is dropped here.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

MOST_MARKS = 30
#: Marks are neither word characters nor space to `re`, and none is ASCII; punctuation and symbols come along, and stay.
_LONG_RUN = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST_MARKS + 1},}}")


def normal(text: str, form: Form = "NFC") -> str:
    """``text`` in a normalisation form, runs of combining marks cut after `MOST_MARKS`."""
    if text.isascii():
        return text
    if len(text) > MOST_MARKS:
        text = _LONG_RUN.sub(_cut, text)
    return text if unicodedata.is_normalized(form, text) else unicodedata.normalize(form, text)


def _cut(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in run.group():
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
