"""Pages that stand where an article should be: consent and login walls, errors, "not found" with status 200; and teasers.

A page is a wall when it has little text and says so; a long article about cookies is not. Wordings are data (walls.toml).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import tomli

from .blocks import Block
from .metadata.head import Head
from .metadata.titles import same_words
from .regions import Region

#: A wall says what it wants in fewer words than this; an article of more words is one, whatever it mentions.
MAX_WALL_WORDS = 120
#: A headline that says "page not found" is believed up to this length of text.
MAX_NAMED_WALL_WORDS = 250
#: Articles behind a wall show a few paragraphs.
MAX_TEASER_WORDS = 320
_FIRST_CHARS = 700
#: A headline that says less beside such wording ("Access denied | Courier") is a wall's, given to a feed.
_LEAST_HEADLINE_CHARS = 10
_KINDS = ("soft_404", "error", "consent", "login")
#: In class or id names.
_PAYWALL_NAMES = ("paywall", "regwall", "piano-", "subscriber-only", "premium-content", "is-paid")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    table = tomli.loads(files(__package__).joinpath("walls.toml").read_text("utf-8"))
    return {kind: re.compile("|".join(table[kind]), re.IGNORECASE) for kind in table}


def find_wall(
    head: Head, blocks: list[Block], title: str | None, body: str, words: int, headlines: Sequence[str] = ()
) -> str | None:
    """soft_404, error, consent or login when the page is a wall, else None.

    Args:
        body: The text chosen as the article's, empty where none was found.
        words: Its words.
        headlines: What the article is called elsewhere: by the feed, by what machines are told. What the page has of them
            names no wall: "Envoys told access denied at border".
    """
    patterns = _patterns()
    named = [n for n in (title, head.title, *(t for t, _ in head.headings[:2])) if n]
    own = [n for n in named if not any(_is_headline(n, headline) for headline in headlines)]
    names = " \n ".join(own)[:_FIRST_CHARS]
    if words <= MAX_NAMED_WALL_WORDS and patterns["soft_404"].search(names):
        return "soft_404"
    if words <= MAX_WALL_WORDS and patterns["error"].search(names):
        return "error"
    for kind in ("consent", "login"):
        if words <= MAX_NAMED_WALL_WORDS and patterns[kind].match(names):
            return kind
    if words > MAX_WALL_WORDS:
        return None
    if words >= MAX_WALL_WORDS // 3:
        # There is some text: it must be the wall's own, not an article beside which one may log in.
        if _says_mostly(patterns["consent"], body, 0.5):
            return "consent"
        if len(own) == len(named) and _says_mostly(patterns["error"], body, 0.4):
            return "error"
        return "login" if len(patterns["login"].findall(body)) >= 2 else None
    # A dialog for consent that stands beside a few words is none of the page's own text.
    prose = [
        b.text
        for b in blocks
        if len(b.text) >= 20 and not b.region & (Region.NAV | Region.FOOTER) and not (words and b.is_dialog)
    ]
    text = names + " \n " + " \n ".join(prose)[:_FIRST_CHARS]
    return next((k for k in ("error", "login", "consent") if patterns[k].search(text)), None)


def _is_headline(name: str, headline: str) -> bool:
    """Whether a page's title or heading is the article's headline, with or without the site's name."""
    rest = headline
    for kind in _KINDS:
        rest = _patterns()[kind].sub("", rest)
    return len(same_words(rest)) >= _LEAST_HEADLINE_CHARS and same_words(headline) in same_words(name)


def _says_mostly(pattern: re.Pattern[str], body: str, least: float) -> bool:
    """Whether a text has the wording twice, and its paragraphs with it are much of it: news of it quotes some too."""
    paragraphs = body.split("\n")
    said = [paragraph for paragraph in paragraphs if pattern.search(paragraph)]
    return len(pattern.findall(body)) > 1 and sum(map(len, said)) >= least * sum(map(len, paragraphs))


def is_teaser(marked: bool, blocks: list[Block], words: int, *, declared: bool) -> bool:
    """Whether the text shown is only the beginning of an article that goes on behind a wall.

    Args:
        marked: Whether the markup names a paywall (`has_paywall_mark`).
        declared: Whether the page declares the article as not free.
    """
    if words > MAX_TEASER_WORDS:
        return False
    said = any(_patterns()["teaser"].search(b.text) for b in blocks if len(b.text) < 400)
    return said and (declared or marked or words < MAX_TEASER_WORDS // 2)


def has_paywall_mark(names: list[str]) -> bool:
    """Whether class or id names of the page speak of a paywall."""
    joined = "\n".join(names)
    return any(mark in joined for mark in _PAYWALL_NAMES)


def is_withdrawn(title: str | None, first_paragraphs: list[str], words: int) -> bool:
    """Whether the publisher says on the page that the article was taken back."""
    pattern = _patterns()["withdrawn"]
    if words > 2 * MAX_WALL_WORDS:
        return False
    return any(pattern.search(t) for t in (title or "", *first_paragraphs[:3]))


def count_wall_cues(text: str) -> int:
    """Return how many kinds of phrases of logins, consent and errors a text has. News has them too: they count only for a text
    that one site shows under many links."""
    return len({found.lower().split()[0][:6] for found in _patterns()["cues"].findall(text[:4000])})
