"""The article's text as the page's JSON-LD declares it, and what that says of the text that the page shows."""

from __future__ import annotations

from ..model.page import Paragraph
from .feed_text import paragraphs_of
from .metadata.json_ld import JsonLd, types
from .text import squash, word_count

MAX_CHARS = 300_000  #: A longer articleBody is not read.
#: An articleBody of so many words is an article's where the page shows none.
_LEAST_WORDS = 60
#: JSON-LD's articleBody must hold this share of what the page shows, else it is another text.
_HELD_SHARE = 0.7
#: Another source of the text wins only when clearly longer: by this factor and by these words.
_LONGER_FACTOR = 1.3
_LONGER_WORDS = 40
#: A text short of this share of the declared word count is no whole one.
_DECLARED_SHARE = 0.4
_LEAST_DECLARED_WORDS = 200
_ELLIPSES = ("…", "[...]", "[…]", "(...)", " ...")


def count_words(paragraphs: tuple[Paragraph, ...]) -> int:
    """Return the number of words in all paragraphs, captions too."""
    return sum(word_count(p.text) for p in paragraphs)


def is_clearly_longer(paragraphs: tuple[Paragraph, ...], words: int) -> bool:
    """Return whether ``paragraphs`` say clearly more than ``words`` words."""
    return count_words(paragraphs) > _LONGER_FACTOR * words + _LONGER_WORDS


def whole_text(data: JsonLd) -> tuple[Paragraph, ...]:
    """Return the paragraphs of articleBody where that is an article's worth of text; else nothing."""
    raw = _article_body(data)
    return paragraphs_of(raw) if raw and word_count(raw) >= _LEAST_WORDS else ()


def longer_text(data: JsonLd, shown: tuple[Paragraph, ...], words: int) -> tuple[Paragraph, ...]:
    """Return the paragraphs of articleBody where it is clearly longer than what the page shows, and holds that; else nothing.

    The page's captions follow them. ``words``: those of the text that the page shows.
    """
    raw = _article_body(data)
    if not raw or word_count(raw) <= _LONGER_FACTOR * words + _LONGER_WORDS:
        return ()
    paragraphs = paragraphs_of(raw)
    whole = squash("".join(p.text for p in paragraphs))
    texts = [p.text for p in shown if p.kind != "caption"]
    held = sum(len(t) for t in texts if squash(t) in whole)
    if held < _HELD_SHARE * sum(map(len, texts)) or not is_clearly_longer(paragraphs, words):
        return ()
    return (*paragraphs, *(p for p in shown if p.kind == "caption"))


def breaks_off(paragraphs: tuple[Paragraph, ...], data: JsonLd, *, paywalled: bool) -> bool:
    """Return whether the text ends in the middle: with an ellipsis, or (not free) far short of the declared word count."""
    texts = [p.text for p in paragraphs if p.kind != "caption"]
    if not texts or texts[-1].endswith(_ELLIPSES):
        return True
    declared = str((data.article or {}).get("wordCount"))
    count = int(declared) if declared.isdigit() and len(declared) < 7 else 0
    if not paywalled or count <= _LEAST_DECLARED_WORDS:
        return False
    return sum(word_count(t) for t in texts) < _DECLARED_SHARE * count


def is_live_blog(data: JsonLd) -> bool:
    """Return whether the page declares a live blog."""
    return data.article is not None and "LiveBlogPosting" in types(data.article)


def _article_body(data: JsonLd) -> str:
    raw = (data.article or {}).get("articleBody")
    return raw if isinstance(raw, str) and len(raw) <= MAX_CHARS else ""
