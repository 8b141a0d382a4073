"""Every kind of forwarder has its whole ``[[forward]]`` table in the settings file and in the docs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from dateline import plugins as kinds
from dateline.forward.options import CommonOptions, configure
from dateline.settings.schema import Component

FAMILY = "dateline.forward"
ROOT = Path(__file__).resolve().parents[2]


def test_the_kinds_of_forwarders_are_the_modules_that_can_be_built() -> None:
    assert kinds.names(FAMILY) == [
        "chat", "jsonl", "kafka", "nats", "opensearch", "postgresql", "rabbitmq", "sqlite", "webhook",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", kinds.names(FAMILY))
def test_the_settings_file_and_the_docs_have_a_whole_table_for_every_kind(kind: str) -> None:
    """Every option, and none that is not there; the docs show the same table."""
    tables = tomllib.loads((ROOT / "worker/settings/forward.toml").read_text())["forward"]
    (table,) = [one for one in tables if one["kind"] == kind]
    module = kinds.find(FAMILY, kind, "test")
    own = {name: value for name, value in table.items() if name not in {"kind", *CommonOptions.__struct_fields__}}
    assert set(own) == set(kinds.option_names(module))
    (configured,) = configure([Component(kind, {name: value for name, value in table.items() if name != "kind"})])
    assert configured.group.startswith(f"forward-{kind}-")
    shown = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs/forwarders.md").read_text(), re.MULTILINE | re.DOTALL)
    examples = [one["forward"][0] for one in map(tomllib.loads, shown) if one["forward"][0]["kind"] == kind]
    assert any(set(own) <= set(example) for example in examples)
    configure([Component(kind, {name: value for name, value in one.items() if name != "kind"}) for one in examples[:1]])
