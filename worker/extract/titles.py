"""The headline: the name that h1, JSON-LD, OpenGraph and the title element agree on, without the site's name."""

from __future__ import annotations

import re
import unicodedata

_MARK = re.compile(r"\s+[|·•»«›–—\-~:/⋅∣]+\s+|\s*[|»«∣｜]\s*|\s+::\s+|(?<=[^\d\s])\s*\|\s*|\s*＿\s*|\s*_(?=[^_\s])")
_NOT_WORD = re.compile(r"\W+")
_MAX_TITLE_CHARS = 400


def same_words(text: str) -> str:
    """``text`` for comparison: letters and digits only, one case."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()


def without_site(title: str, site_names: list[str]) -> str:
    """``title`` without the site's name and section at its end or start, where a separator sets them apart.

    A part is taken off when it is one of ``site_names``, or (at the end) when a pipe or guillemet sets off a short rest.
    """
    names = [n for n in (same_words(s) for s in site_names) if n]
    while True:
        marks = list(_MARK.finditer(title))
        if not marks:
            return title
        last, first = marks[-1], marks[0]
        tail, start = title[last.end() :], title[: first.start()]
        if _is_site(tail, names) and len(title[: last.start()].strip()) > 3:
            title = title[: last.start()].strip()
        elif _is_site(start, names) and len(title[first.end() :].strip()) > 3:
            title = title[first.end() :].strip()
        elif (
            set(last.group().strip()) <= set("|»«∣｜")
            and len(tail.split()) <= 4
            and len(title[: last.start()]) > 2 * len(tail)
        ):
            title = title[: last.start()].strip()
        else:
            return title


def _is_site(part: str, names: list[str]) -> bool:
    words = same_words(part)
    return bool(words) and any(
        words == n or (len(words) > 4 and (words in n or n in words) and len(part) < 40) for n in names
    )


def choose_title(
    *,
    headings: list[str],
    json_ld: str | None,
    open_graph: str | None,
    twitter: str | None,
    document: str | None,
    feed: str | None,
    site_names: list[str],
) -> str | None:
    """The headline as the page prints it.

    An h1 that agrees with what the page declares (equal, or one contains the other) is the printed headline; without
    one, JSON-LD's headline, OpenGraph, Twitter and the title element, in that order.
    """
    declared = [without_site(t, site_names) for t in (json_ld, open_graph, twitter, document) if t]
    declared = [t for t in declared if t][:4]
    keys = [same_words(t) for t in declared]
    site_keys = {same_words(s) for s in site_names}
    best: tuple[float, str] | None = None
    for rank, heading in enumerate(headings):
        text = without_site(heading, site_names)
        key = same_words(text)
        if not key or key in site_keys or len(text) > _MAX_TITLE_CHARS:
            continue
        score = 0.0
        for k in keys:
            if k == key:
                score += 2
            elif len(key) > 12 and (key in k or k in key):
                score += 1
            elif _overlap(text, declared) > 0.6:
                score += 0.5
        if score and (best is None or score - rank * 0.1 > best[0]):
            best = (score - rank * 0.1, text)
    if best is not None:
        return best[1]
    if declared:
        return declared[0]
    usable = [h for h in headings if same_words(h) not in site_keys and len(h) <= _MAX_TITLE_CHARS]
    return usable[0] if usable else feed


def _overlap(text: str, others: list[str]) -> float:
    words = set(text.casefold().split())
    return max(
        (len(words & set(o.casefold().split())) / max(1, min(len(words), len(o.split()))) for o in others), default=0.0
    )
