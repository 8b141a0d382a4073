"""The lean form of records: nothing empty, nothing repeated, and nothing lost by it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.contract.article import Article, Block, Entity, Timex
from dateline.contract.envelope import article_envelope, event_envelope
from dateline.contract.lean import drop_texts, list_fields, restore_texts
from dateline.read import front_text, read_article

STORY = (
    "BRUSSELS (Reuters) - The European Union imposed sanctions on two Ruritanian officials on Monday 🌊, diplomats said.\n\n"
    '"We will not be silent," the bloc\'s foreign policy chief Ada Lind told reporters in Brussels.'
)
NOW = datetime(2025, 6, 12, 9, tzinfo=UTC)


def read() -> tuple[Article, list[Any]]:
    article = front_text(STORY, article_id="a" * 16, fetched=NOW, published=NOW)
    article, events = read_article(article)
    return article, list(events)


def empty_values(value: object, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in empty_values(inner, f"{path}.{name}")]
    if isinstance(value, list):
        return [path] if not value else [found for inner in value for found in empty_values(inner, f"{path}[]")]
    return [path] if value is None or value is False else []


def test_the_stream_repeats_no_text_and_writes_nothing_empty() -> None:
    """Not a null, a false or an empty list; no block, entity or time expression with the text that its span gives."""
    article, events = read()
    assert article.blocks and article.entities and article.timex and events
    data = json.loads(article_envelope(article, "published", NOW).data)
    assert not empty_values(data)
    for name in ("blocks", "entities", "timex"):
        assert not [part for part in data[name] if "text" in part], name
    assert all("text" in quote for quote in data["quotes"])
    for event in events:
        written = json.loads(event_envelope(event, article, NOW).data)
        assert not empty_values(written)
        assert written["evidence"]["text"], "every event carries its proof"


def test_who_reads_through_the_envelope_gets_every_text_back() -> None:
    """`Envelope.record` gives what was published, field by field, also behind characters outside the BMP."""
    article, events = read()
    assert article_envelope(article, "published", NOW).record() == article
    assert [event_envelope(event, article, NOW).record() for event in events] == events


@pytest.mark.parametrize("field", ["revision", "extracted_from"])
def test_a_default_that_says_something_is_written(field: str) -> None:
    """A reader in another language need not know our defaults."""
    article, _ = read()
    assert field in json.loads(article_envelope(article, "published", NOW).data)


def test_every_field_is_there_for_who_wants_them_all() -> None:
    """`list_fields` names the absent ones too."""
    article, _ = read()
    assert set(list_fields(article)) == set(Article.__struct_fields__)
    assert list_fields(article)["slug"] is None


@given(st.text(min_size=1, max_size=60), st.data())
def test_texts_come_back_whatever_the_spans(text: str, data: st.DataObject) -> None:
    """Dropped and restored is the same, also where a part's own text is another than its span's."""
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    parts = data.draw(st.lists(st.tuples(spans, st.booleans()), max_size=5))
    blocks, entities, timex = [], [], []
    for (start, end), own in parts:
        if start == end:
            continue
        words = "another text" if own else text[start:end]
        blocks.append(Block(kind="body", text=words, start=start, end=end))
        entities.append(Entity(text=words, type="ORG", canonical="x", start=start, end=end))
        timex.append(Timex(text=words, start=start, end=end, value=None, granularity="day", anchor="none"))
    article = Article(id="a", text=text, text_sha256="", blocks=blocks, entities=entities, timex=timex)
    lean = msgspec.json.decode(msgspec.json.encode(drop_texts(article)), type=Article)
    assert restore_texts(lean) == article
    assert restore_texts(restore_texts(lean)) == article
