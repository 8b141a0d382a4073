"""JSON Schemas (2020-12) of all that stands on the stream, made from the types, their docstrings and ``fields.toml``.

They are shipped as files in ``worker/contract/json/`` for those who do not run Python; a test holds files and types
together. Write them anew with ``python -m dateline.contract.schemas``.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import tomli

from .article import Article
from .compression import ENCODING, ZSTD
from .envelope import ARTICLE_SCHEMA, EVENT_SCHEMA, RETRACTION_SCHEMA, TYPES, Envelope, Retraction
from .event import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE_SCHEMA = "urn:dateline:envelope:1"

#: Name on the command line, ``$id``, type. The number is the contract's version: it grows when a reader of the old one
#: could misread the new one; new optional fields do not change it, so readers ignore what they do not know.
_RECORDS: tuple[tuple[str, str, type[msgspec.Struct]], ...] = (
    ("dateline.article/1", ARTICLE_SCHEMA, Article),
    ("dateline.event/1", EVENT_SCHEMA, Event),
    ("dateline.retraction/1", RETRACTION_SCHEMA, Retraction),
)
#: Attributes that every entry has.
_REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data", "seq")

Schema = dict[str, Any]


def schemas() -> dict[str, Schema]:
    """Every schema by name: the records, and the flat envelope around them."""
    told = _told()
    made = {name: _of_record(kind, identity, told) for name, identity, kind in _RECORDS}
    made["dateline.envelope/1"] = _of_envelope(told)
    return made


def file_name(name: str) -> str:
    """``dateline.article/1`` is in ``article-1.json``."""
    return name.removeprefix("dateline.").replace("/", "-") + ".json"


def as_text(schema: Schema) -> str:
    """Return a schema as its file has it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _told() -> dict[str, Schema]:
    """What ``fields.toml`` says, by record, every field as a table."""
    table = tomli.loads((resources.files(__package__) / "fields.toml").read_text(encoding="utf-8"))
    return {
        record: {name: said if isinstance(said, dict) else {"description": said} for name, said in given.items()}
        for record, given in table.items()
    }


def _of_record(kind: type[msgspec.Struct], identity: str, told: dict[str, Schema]) -> Schema:
    _, parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    structs = {struct.__name__: struct for struct in _structs(kind)}
    for name, part in parts.items():
        part["required"] = [*part.get("required", []), *_always_written(structs[name])]
        part["properties"] = {field: _without_default(said) for field, said in part["properties"].items()}
        part["description"] = _plain(part.get("description", ""))
        for field, said in told[name].items():
            part["properties"][field] = _joined(part["properties"][field], said)
    return {"$schema": DIALECT, "$id": identity, **parts.pop(kind.__name__), "$defs": dict(sorted(parts.items()))}


def _structs(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """Yield a record's type and the types of all that is in it."""
    yield kind
    for field in msgspec.structs.fields(kind):
        for part in _types_in(field.type):
            yield from _structs(part)


def _types_in(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for inner in typing.get_args(hint):
        yield from _types_in(inner)


def _always_written(kind: type[msgspec.Struct]) -> list[str]:
    """Return the fields that have a default and are written all the same (`fields.always`)."""
    return [
        field.name for field in msgspec.structs.fields(kind) if field.default_factory not in (msgspec.NODEFAULT, list)
    ]


def _without_default(said: Schema) -> Schema:
    """Drop the default: what it means that a field is absent stands in its description."""
    return {word: value for word, value in said.items() if word != "default"}


def _joined(schema: Schema, said: Schema) -> Schema:
    """Return a field's schema with what is said of it; keywords about the value go to the branch that is not null."""
    about_value = {word: value for word, value in said.items() if word != "description"}
    if about_value and "anyOf" in schema:
        branches = [branch if branch == {"type": "null"} else {**branch, **about_value} for branch in schema["anyOf"]]
        schema, about_value = {**schema, "anyOf": branches}, {}
    return {"description": said["description"], **schema, **about_value}


def _of_envelope(told: dict[str, Schema]) -> Schema:
    given = told["Envelope"]
    properties = {field: {"type": "string", **given[field]} for field in Envelope.__struct_fields__}
    properties["type"]["enum"] = list(TYPES)
    properties["dataschema"]["enum"] = [identity for _, identity, _ in _RECORDS]
    properties[ENCODING] = {"type": "string", "const": ZSTD, **given[ENCODING]}
    return {
        "$schema": DIALECT,
        "$id": ENVELOPE_SCHEMA,
        "title": "Envelope",
        "description": "One entry of the events stream, flat: CloudEvents 1.0 attributes and ours, each a string.",
        "type": "object",
        "properties": properties,
        "required": list(_REQUIRED),
    }


def _plain(docstring: str) -> str:
    return re.sub(r"\s+", " ", docstring.replace("``", "`")).strip()


def main() -> None:
    """Write the files."""
    folder = Path(str(resources.files(__package__) / "json"))
    folder.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (folder / file_name(name)).write_text(as_text(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
