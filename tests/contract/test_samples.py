"""Entries that earlier versions have put on the stream, as Redis had them: each is read, and stays as it is.

A file of samples/ is what the daemon of that day wrote of the bundled newsroom; docs/contract.md has the rule.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dateline.contract import Article, Event
from dateline.contract.envelope import TYPES, MalformedEnvelope, NewerContract, Retraction, parse

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.jsonl"), key=lambda path: path.name)
ENTRIES = [(path.stem, json.loads(line)) for path in SAMPLES for line in path.read_text().splitlines()]
KINDS = {"article": Article, "event": Event, "retraction": Retraction}


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_what_an_earlier_version_wrote_is_read(name: str) -> None:
    """Every attribute and record; the texts of an article are those that its spans give, whichever form it was written in."""
    kinds = set()
    for flat in [flat for day, flat in ENTRIES if day == name]:
        envelope = parse(flat)
        record = envelope.record()
        assert type(record) is KINDS[envelope.dataschema.split(":")[2]] and envelope.type in TYPES
        assert envelope.seq and envelope.source and envelope.subject and envelope.time
        kinds.add(envelope.type)
        if isinstance(record, Article):
            assert record.text and all(record.text[one.start : one.end] == one.text for one in record.blocks)
            assert all(record.text[one.start : one.end] == one.text for one in record.entities)
        elif isinstance(record, Event):
            assert record.evidence.text and record.plover.type == envelope.plover
            assert f"{record.confidence:.2f}" == f"{envelope.confidence:.2f}"
    assert {"dateline.article.published", "dateline.article.revised", "dateline.event.reported"} <= kinds


@pytest.mark.parametrize("number", range(len(ENTRIES)))
def test_a_newer_minor_version_is_read_without_what_it_added(number: int) -> None:
    """An attribute and members that this version does not know change nothing."""
    flat = ENTRIES[number][1]
    data: dict[str, Any] = json.loads(flat["data"])
    newer = flat | {"sentiment": "calm", "data": json.dumps(data | {"sentiment": {"value": 0.5}})}
    assert parse(newer) == msgspec.structs.replace(parse(flat), data=newer["data"])
    assert parse(newer).record() == parse(flat).record()


def test_another_major_version_is_refused_with_both_versions_and_the_remedy() -> None:
    flat = next(flat for _, flat in ENTRIES if flat["dataschema"] == "urn:dateline:event:1")
    envelope = parse(flat | {"dataschema": "urn:dateline:event:2"})
    with pytest.raises(NewerContract, match=r"event is version 2, and this client reads version 1: install a newer"):
        envelope.record()
    for schema in ("urn:dateline:event:0", "urn:dateline:event:x", "urn:dateline:weather:1", "", "urn:other:event:2"):
        with pytest.raises(MalformedEnvelope, match="is not one of") as raised:
            parse(flat | {"dataschema": schema}).record()
        assert not isinstance(raised.value, NewerContract)


def test_samples_are_never_changed() -> None:
    """Git has one commit for each: a contract that needs another sample gets another file."""
    for path in SAMPLES:
        command = ["git", "log", "--format=%h", "--diff-filter=M", "--", str(path)]
        done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=120)
        if done.returncode:
            pytest.skip("no git checkout")
        assert done.stdout == "", f"{path.name} was changed: put it back, and add another file"
