"""Take a reading step; where it fails, run it without the sentences that make it fail, and find the smallest such text.

The sentence costs itself, not the step. What is kept for replay is that sentence, else a block, else the whole article.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import TypeVar

import msgspec

from .. import failpoints
from ..contract.article import Article, Block
from ..errors import DatelineError
from ..model.failures import MAX_PIECE_BYTES, MAX_TEXT_CHARS, Failure, Failures, plain
from ..model.records import pack
from .document import Document, Sentence
from .record import document_of
from .syntax.sentences import sentence_spans
from .syntax.tokenizer import NO_TOKENS

T = TypeVar("T")
Step = tuple[str, Callable[[Document], Document]]
#: Steps that read sentence by sentence: one that fails on a sentence goes on without it.
_BY_SENTENCE = frozenset({"dates", "other dates", "names", "quotes", "events"})
#: Texts tried, and CPU seconds spent on them, for one failure.
MAX_TRIES, MAX_SECONDS = 400, 0.5
#: Sentences that a step is run without; where more make it fail, its output is lost.
MAX_LEFT_OUT = 8
#: CPU seconds after which the search for such sentences gives up.
MAX_SEARCH_SECONDS = 1.0


def take_step(step: Step, done: list[Step], document: Document, article: Article, failures: Failures) -> Document:
    """Return the document after one step.

    Where the step raises, it is run again without the sentences that make it raise; where that does not help, the document
    stays as it was. ``done``: the steps that gave something; grows by this one.
    """
    name, act = step
    before = len(failures.found)
    after = failures.attempt(name, lambda: act(document), document, text=document.text)
    if len(failures.found) == before:
        done.append(step)
        return after

    def read_rest(rest: Document) -> Document:
        text = " ".join(rest.text[sentence.start : sentence.end] for sentence in rest.sentences)
        failpoints.hit("in_step", f"{name} {failures.about} {text}")
        return act(rest)

    partial, suspects = leave_out_failing(read_rest, document) if name in _BY_SENTENCE else (None, ())

    def again(piece: Article) -> None:
        failpoints.hit("in_step", f"{name} {piece.text}")
        small = document_of(piece)
        for _, earlier in done:
            small = earlier(small)
        act(small)

    failures.found[-1] = blamed(failures.found[-1], article, fails_on(again), suspects)
    if partial is None:
        return document
    done.append(step)
    return partial


def leave_out_failing(
    act: Callable[[Document], Document], document: Document
) -> tuple[Document | None, tuple[Sentence, ...]]:
    """Run a step that failed again, without the sentences that make it fail.

    A step reads sentences in order, so it fails on every row of first sentences that holds the one to blame, which halving
    finds. Only exceptions that are failures of a step count, see `fails_on`.

    Returns:
        The document after the step, with all its sentences, and those that the step did not read. None instead of the document
        where the step fails without any sentence, on more than `MAX_LEFT_OUT`, or the search takes over `MAX_SEARCH_SECONDS`.
    """
    end = time.process_time() + MAX_SEARCH_SECONDS
    sentences, left_out = document.sentences, list[int]()
    if not sentences or _attempt(act, document, 0, left_out) is None:
        return None, ()
    reads = 0  # first sentences on which the step does not fail
    for _ in range(MAX_LEFT_OUT):
        fails = len(sentences)
        while fails - reads > 1:
            if time.process_time() > end:
                return None, ()
            middle = (reads + fails) // 2
            if _attempt(act, document, middle, left_out) is None:
                fails = middle
            else:
                reads = middle
        left_out.append(fails - 1)
        reads = fails
        after = _attempt(act, document, len(sentences), left_out)
        if after is not None:
            return replace(after, sentences=sentences), tuple(sentences[k] for k in left_out)
    return None, ()


def _attempt(
    act: Callable[[Document], Document], document: Document, first: int, left_out: Sequence[int]
) -> Document | None:
    """The document after a step that read the ``first`` sentences but for those ``left_out``; None where it failed."""
    read = tuple(
        sentence if k < first and k not in left_out else replace(sentence, end=sentence.start, tokens=NO_TOKENS)
        for k, sentence in enumerate(document.sentences)
    )
    return _tried(lambda: act(replace(document, sentences=read)))


def _tried(act: Callable[[], T]) -> T | None:
    """What ``act`` gives; None where it fails as a step does (`dateline.model.failures.Failures.attempt`)."""
    try:
        return act()
    except (DatelineError, MemoryError):
        raise
    except Exception:  # the failure that is searched for
        return None


def blamed(
    failure: Failure, article: Article, fails: Callable[[Article], bool], suspects: Sequence[Sentence] = ()
) -> Failure:
    """``failure`` with the first sentence of ``article`` with which the step ``fails`` alone, else block, else the article.

    Args:
        fails: Whether the step fails on an article; `fails_on` makes it.
        suspects: Sentences to try first.
    """
    end = time.process_time() + MAX_SECONDS
    kinds = {number: block.kind for number, block in enumerate(article.blocks)}
    first = ((s.start, s.end, kinds.get(s.block, "body")) for s in suspects)
    for start, stop, kind in islice(chain(first, _pieces(article)), MAX_TRIES):
        if time.process_time() > end:
            break
        piece = alone(article, article.text[start:stop], kind)
        if fails(piece):
            return kept(failure, piece)
    return kept(failure, article)


def fails_on(step: Callable[[Article], object]) -> Callable[[Article], bool]:
    """Whether ``step`` raises what is a failure of it."""

    def fails(article: Article) -> bool:
        try:
            return _tried(lambda: (step(article),)) is None
        except (DatelineError, MemoryError):
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
        spans = _tried(partial(sentence_spans, article.text, block.start, block.end))  # it may be this step that failed
        yield from ((start, stop, block.kind) for start, stop in spans or ())
    yield from ((block.start, block.end, block.kind) for block in article.blocks)
