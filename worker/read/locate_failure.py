"""Finds the smallest text with which a reading step that failed fails again: a sentence, a block, or the whole article."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from ..contract.article import Article, Block
from ..errors import DatelineError
from ..model.failures import MAX_PIECE_BYTES, MAX_TEXT_CHARS, Failure, plain
from ..model.records import pack
from .syntax.sentences import sentence_spans

#: Texts tried, and CPU seconds spent on them, for one failure.
MAX_TRIES, MAX_SECONDS = 400, 0.5


def blamed(failure: Failure, article: Article, fails: Callable[[Article], bool]) -> Failure:
    """``failure`` with the first sentence of ``article`` with which the step ``fails`` alone, else block, else the article.

    Args:
        fails: Whether the step fails on an article; `fails_on` makes it.
    """
    end = time.process_time() + MAX_SECONDS
    for start, stop, kind in islice(_pieces(article), MAX_TRIES):
        if time.process_time() > end:
            break
        piece = alone(article, article.text[start:stop], kind)
        if fails(piece):
            return kept(failure, piece)
    return kept(failure, article)


def fails_on(step: Callable[[Article], object]) -> Callable[[Article], bool]:
    """Whether ``step`` raises what is a failure of it (`dateline.model.failures.Failures.attempt`)."""

    def fails(article: Article) -> bool:
        try:
            step(article)
        except (DatelineError, MemoryError):
            return False
        except Exception:
            return True
        return False

    return fails


def alone(article: Article, text: str, kind: str) -> Article:
    """An article of this text only, with the time, language and title of the one that it stands in."""
    block = Block(kind=kind, text=text, start=0, end=len(text))  # type: ignore[arg-type]
    return Article(
        id=article.id, text=text, text_sha256="", blocks=[block], url=article.url, title=article.title,
        language=article.language, publisher=article.publisher, published=article.published, fetched=article.fetched,
    )  # fmt: skip


def kept(failure: Failure, article: Article) -> Failure:
    """``failure`` with what of ``article`` is kept for replay; the beginning of its text only where it is too large."""
    try:
        packed = pack(article)
    except (UnicodeError, ValueError):  # a lone surrogate
        packed = b""
    text = plain(article.text, MAX_TEXT_CHARS)
    return msgspec.structs.replace(failure, text=text, article=packed if len(packed) <= MAX_PIECE_BYTES else b"")


def _pieces(article: Article) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of every sentence, then of every block."""
    for block in article.blocks:
        try:
            spans = sentence_spans(article.text, block.start, block.end)
        except Exception:  # it may be this step that failed
            spans = []
        yield from ((start, stop, block.kind) for start, stop in spans)
    yield from ((block.start, block.end, block.kind) for block in article.blocks)
