"""What every output keeps, whatever the input: encodable, schema-true, offsets exact, the same again."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import jsonschema
import msgspec

from dateline.contract.article import Article
from dateline.contract.event import Event
from dateline.contract.schemas import schemas
from dateline.model.failures import Failure


def strings(value: object) -> Iterator[str]:
    """Every string anywhere in plain values."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            todo += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            todo += one
        elif isinstance(one, msgspec.Struct):
            todo.append(msgspec.structs.asdict(one))
        elif isinstance(one, float):
            assert math.isfinite(one), "a number that JSON cannot hold"


def no_step_failed(failures: Iterable[Failure]) -> None:
    """None raised; that a text is much shorter than trafilatura's is kept beside them, and is no failure."""
    failed = [f"{one.step}: {one.error}" for one in failures if one.step != "length"]
    assert not failed, f"a step failed: {failed}"


def total(value: object) -> None:
    """Valid UTF-8 throughout, numbers finite."""
    for text in strings(value):
        assert text.isascii() or text.encode("utf-8"), text


def one_form(texts: Iterable[str | None]) -> None:
    """NFC, and without controls."""
    texts = list(texts)
    for text in texts:
        assert not text or unicodedata.is_normalized("NFC", text), f"not NFC: {text[:80]!r}"
    no_controls(texts)


def no_controls(texts: Iterable[str | None]) -> None:
    """Without the controls that terminals and pages obey. Pages' texts keep their own letters, so that quotes are theirs."""
    for text in texts:
        assert not text or not any(c < " " or "\x7f" <= c <= "\x9f" for c in text), (
            f"a control character: {text[:80]!r}"
        )


@cache
def _validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(schemas()[name])


def fits(name: str, value: object) -> None:
    """The value is what the published schema says."""
    wrong = [
        f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in _validator(name).iter_errors(value)
    ]
    assert not wrong, wrong


def exact(article: Article, events: Iterable[Event]) -> None:
    """``text[start:end]`` is the text that it belongs to, of all that has offsets."""
    text = article.text
    parts: list[Any] = [*article.blocks, *article.quotes, *article.entities, *article.timex]
    for part in parts:
        _same(text, part.start, part.end, part.text)
    if article.dateline:
        _same(text, article.dateline.start, article.dateline.end, article.dateline.raw)
    for caption in article.captions:
        assert 0 <= caption.start <= caption.end <= len(text), caption
    for event in events:
        evidence = event.evidence
        for part in (evidence, evidence.trigger, *event.actors, *event.recipients):
            _same(text, part.start, part.end, part.text)
        if event.date and event.date.span and event.date.expression:
            _same(text, *event.date.span, event.date.expression)
        for span in (event.location and event.location.span, event.attribution.span):
            assert span is None or 0 <= span[0] < span[1] <= len(text), span


def _same(text: str, start: int, end: int, wanted: str) -> None:
    assert 0 <= start <= end <= len(text) and text[start:end] == wanted, f"{text[start:end]!r} is not {wanted!r}"


def record(name: str, value: msgspec.Struct) -> None:
    """A record of the contract: total, and as its schema says."""
    total(value)
    fits(name, json.loads(msgspec.json.encode(value)))
