"""The sketch of a text: what is like in like texts."""

from __future__ import annotations

import msgspec


class Sketch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Smallest hashes of a text (`dedup.fingerprint.sketch`). Empty for a text under 40 words."""

    elements: tuple[
        bytes, ...
    ] = ()  #: of runs of five words: up to 64, of 4 bytes, smallest first; the first 12 are stored
    shingles: tuple[int, ...] = ()  #: of runs of three words: up to 192, of 32 bits, smallest first
    numbers: tuple[
        int, ...
    ] = ()  #: of words with a digit, each with the next word: up to 64, of 16 bits, smallest first
