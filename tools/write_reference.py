"""Write the reference pages of docs/ from the code: run it after a change of what they list.

    .venv/bin/python tools/write_reference.py

A test compares the pages with what this writes (tests/project/test_reference.py).
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prometheus_client.metrics import MetricWrapperBase

from dateline.cli.parser import ENVIRONMENT, build
from dateline.contract.event import QUADS
from dateline.contract.schemas import schemas
from dateline.settings.check import wanted
from dateline.settings.schema import SECTIONS
from dateline.settings.section import options
from dateline.settings.toml import as_toml
from dateline.telemetry import Metrics

LEXICON = Path(__file__).resolve().parents[1] / "worker/read/lexicon/events"

DOCS = Path(__file__).resolve().parents[1] / "docs"


def metrics_page() -> str:
    """Return docs/metrics.md: every metric with type, labels and meaning."""
    rows = "\n".join(
        f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {text} |"
        for name, kind, labels, text in sorted(metrics())
    )
    return f"""# Metrics

`/metrics` on the daemon's port answers in Prometheus' format. Where `serve.token` is set, send it as
`Authorization: Bearer TOKEN`. Labels come from closed sets; `publisher` shows at most 50 names and
`group` at most 50, the worst first. What all workers share (feeds, groups, stream, Redis) is read
from Redis at each request, at most once in 5 s, and is the same from each worker: take `max`, not
`sum`.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
{rows}

A histogram has `_bucket`, `_sum` and `_count`. This page is written by `tools/write_reference.py`.
"""


def metrics() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Yield every metric of the daemon: name as exposed, type, labels, meaning."""
    for value in vars(Metrics()).values():
        if isinstance(value, MetricWrapperBase):
            (shown,) = value.describe()
            name = f"{shown.name}_total" if shown.type == "counter" else shown.name
            yield name, shown.type, value._labelnames, shown.documentation


def settings_page() -> str:
    """Return every setting: section, option, value at default, what it takes, why."""
    parts = [
        "# Settings\n\nFor `config/dateline.toml`. `DATELINE_<SECTION>_<OPTION>` in the environment goes over the file.\n"
    ]
    for name, kind in SECTIONS.items():
        parts.append(f"## [{name}]\n\n{_cell((kind.__doc__ or '').splitlines()[0])}\n")
        parts.append("| option | default | takes | what it does |\n| --- | --- | --- | --- |")
        for option in options(kind):
            default = "off" if option.default is None else f"`{as_toml(option.default)}`"
            parts.append(f"| `{option.name}` | {default} | {_cell(wanted(option.type))} | {_cell(option.reason)} |")
        parts.append("")
    return "\n".join(parts)


def verbs_page() -> str:
    """Return the help of every verb, and of every verb below one."""
    parts = [f"# Verbs\n\n`dateline VERB --help` prints the same.\n\n```text\n{ENVIRONMENT}\n```\n"]
    for verb in build().verbs:
        for parser in (verb, *_below(verb)):
            text = parser.format_help().partition("\nenvironment:")[0].rstrip()
            parts.append(f"{'##' if parser is verb else '###'} {parser.prog}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def _below(verb: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    verb.format_help()  # loads its options
    found = [action for action in verb._actions if isinstance(action, argparse._SubParsersAction)]
    return [parser for action in found for parser in dict.fromkeys(action.choices.values())]


def records_page() -> str:
    """Return the published records field by field, from their schemas."""
    parts = ["# Records\n\nFrom the JSON Schemas (`dateline schema NAME`). A field that is empty or false is absent.\n"]
    for name, schema in schemas().items():
        parts.append(f"## {name}\n\n{_cell(schema.get('description', ''))}\n")
        parts += _fields(schema)
        for part, inner in schema.get("$defs", {}).items():
            parts.append(f"### {part} ({name})\n\n{_cell(inner.get('description', ''))}\n")
            parts += _fields(inner)
    return "\n".join(parts)


def _fields(schema: dict[str, Any]) -> list[str]:
    required = set(schema.get("required", ()))
    rows = [
        f"| `{name}` | {_cell(_type(said))} | {'yes' if name in required else ''} | {_cell(said.get('description', ''))} |"
        for name, said in schema.get("properties", {}).items()
    ]
    return ["| field | type | always there | meaning |", "| --- | --- | --- | --- |", *rows, ""]


def _type(said: Any) -> str:
    """Return a schema's type in words."""
    if not isinstance(said, dict):
        return "any"
    if "$ref" in said:
        return str(said["$ref"]).rpartition("/")[2]
    if "anyOf" in said:
        return " or ".join(_type(one) for one in said["anyOf"] if one != {"type": "null"})
    if "enum" in said:
        return "one of " + ", ".join(f"`{value}`" for value in said["enum"])
    if said.get("type") == "array":
        return f"list of {_type(said.get('items') or {})}"
    return str(said.get("type", "any"))


def event_types_page() -> str:
    """Return PLOVER's types with their modes, CAMEO codes and an example of each, from the frames."""
    parts = [
        "# Event types\n\nPLOVER 2.0's sixteen types, each with an example of every mode. `[actor]`, `{recipient}`.\n"
    ]
    found: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in QUADS}
    for path in sorted(LEXICON.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for frame in table.get("frame", ()):
            given = table | frame
            example = given.get("example")
            example = example[0] if isinstance(example, list) and example else example
            if example and given["type"] in found:
                mode = str(given.get("mode") or "")
                found[given["type"]].setdefault(mode, (str(given.get("cameo", "")), str(example)))
    for name, modes in found.items():
        parts.append(f"## {name}\n\n{QUADS[name]}\n\n| mode | CAMEO | example |\n| --- | --- | --- |")
        parts += [
            f"| {mode or '(none)'} | {code} | {_cell(example)} |" for mode, (code, example) in sorted(modes.items())
        ]
        parts.append("")
    return "\n".join(parts)


def _cell(text: str) -> str:
    """Return a text as one cell of a table: one line, no mark-up of its own but code."""
    return re.sub(r"``", "`", " ".join(text.split())).replace("|", "\\|").replace("<", "&lt;")


#: Committed page to the function that writes it.
PAGES = {"metrics.md": metrics_page}
#: Pages that only the site has: written when it is built (tools/mkdocs_hooks.py), so that no change of code waits for them.
BUILT = {
    "reference/settings.md": settings_page,
    "reference/verbs.md": verbs_page,
    "reference/records.md": records_page,
    "reference/event_types.md": event_types_page,
}


if __name__ == "__main__":
    for page, write in PAGES.items():
        (DOCS / page).write_text(write(), encoding="utf-8")
