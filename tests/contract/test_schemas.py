"""The schemas: shipped as the code makes them, every field told, what we publish fits and what is wrong does not."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import msgspec
import pytest

from dateline.contract import (
    Article,
    Block,
    Cameo,
    Dateline,
    Event,
    EventDate,
    Evidence,
    Family,
    Location,
    Party,
    Plover,
    Quote,
    Span,
    Speaker,
)
from dateline.contract import schemas as module
from dateline.contract.compression import ENCODING
from dateline.contract.envelope import (
    Envelope,
    Retraction,
    article_envelope,
    event_envelope,
    fields,
    retraction_envelope,
)
from dateline.contract.schemas import as_text, file_name, schemas

FOLDER = Path(module.__file__).with_name("json")
TEXT = "PORT ALMA, March 3 - Two ministers met."
ARTICLE = Article(
    id="a1",
    revision=2,
    text=TEXT,
    text_sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
    dateline=Dateline(place="PORT ALMA", country="NLD", date="2026-03-03", raw=TEXT[:22], start=0, end=22),
    blocks=[Block(kind="body", text=TEXT, start=0, end=len(TEXT))],
    quotes=[Quote(text="met", speaker=Speaker(text="he"), kind="direct", start=35, end=38)],
    family=Family(id="a0", role="copy", size=2, owners=["a.example", "b.example"]),
)
EVENT = Event(
    id="e1",
    cluster_id="c1",
    article="a1",
    plover=Plover(type="CONSULT", mode="meet", quad="verbal cooperation", intensity=2.8),
    cameo=Cameo(root="04", code="043", quad_class=1),
    actors=[Party(text="ministers", country="NLD", sector="GOV", start=26, end=35)],
    date=EventDate(start="2026-03-03", end="2026-03-03", granularity="day", span=(11, 18)),
    location=Location(name="Port Alma", country="NLD", lat=52.1, lon=4.3, inferred=True),
    evidence=Evidence(text="met", start=35, end=38, trigger=Span(text="met", start=35, end=38), block=0, sentence=0),
    confidence=0.8,
)
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def plain(record: msgspec.Struct) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(record))  # type: ignore[no-any-return]


def errors(name: str, value: object) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schemas()[name]).iter_errors(value)]


def test_the_shipped_files_are_what_the_code_makes() -> None:
    """If this fails: python -m dateline.contract.schemas, and think of the contract's version."""
    made = {file_name(name): as_text(schema) for name, schema in schemas().items()}
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == made


@pytest.mark.parametrize("name", schemas())
def test_every_schema_is_one_and_has_an_id_of_its_own(name: str) -> None:
    schema = schemas()[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "urn:" + name.replace("dateline.", "dateline:").replace("/", ":")


def test_every_field_of_every_record_is_told_and_nothing_else_is() -> None:
    """A field that is added needs its line in fields.toml; one that goes takes its line along."""
    records: set[type[msgspec.Struct]] = {Envelope}
    todo: list[object] = [Article, Event, Retraction]
    while todo:
        kind = todo.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in records:
                records.add(kind)
                todo += [field.type for field in msgspec.structs.fields(kind)]
        else:
            todo += getattr(kind, "__args__", ())
    in_code = {kind.__name__: set(kind.__struct_fields__) for kind in records}
    in_code["Envelope"].add(ENCODING)  # of the stored form only: `parse` takes it away
    told = {record: set(given) for record, given in module._told().items()}
    assert told == in_code


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("dateline.article/1", ARTICLE),
        ("dateline.article/1", Article(id="a", text="", text_sha256="")),
        ("dateline.event/1", EVENT),
        ("dateline.retraction/1", Retraction(id="e1", article="a1", revision=2)),
    ],
)
def test_records_fit_their_schema(name: str, record: msgspec.Struct) -> None:
    assert errors(name, plain(record)) == []


@pytest.mark.parametrize(
    "envelope",
    [
        article_envelope(ARTICLE, "revised", NOON, source="https://a.example/rss"),
        event_envelope(EVENT, ARTICLE, NOON),
        retraction_envelope("e1", ARTICLE, NOON),
    ],
    ids=lambda envelope: envelope.type,
)
def test_the_flat_fields_fit_theirs(envelope: Envelope) -> None:
    assert errors("dateline.envelope/1", {**fields(envelope), "seq": "1"}) == []


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("dateline.article/1", {"text_sha256": "abc"}, "does not match"),
        ("dateline.article/1", {"revision": 0}, "less than the minimum"),
        ("dateline.article/1", {"blocks": [{"kind": "advert", "text": "", "start": 0, "end": 0}]}, "is not one of"),
        ("dateline.event/1", {"confidence": 1.2}, "greater than the maximum"),
        ("dateline.event/1", {"location": {"country": "Netherlands"}}, "is not valid"),
        ("dateline.event/1", {"plover": None}, "is not of type"),
    ],
)
def test_what_breaks_the_contract_is_found(name: str, change: dict[str, object], words: str) -> None:
    record = ARTICLE if "article" in name else EVENT
    assert any(words in message for message in errors(name, {**plain(record), **change}))


def test_fields_that_a_newer_worker_adds_are_no_error() -> None:
    assert errors("dateline.event/1", {**plain(EVENT), "newer": True}) == []
