"""Lines of the batch verbs, and what stands on the stream for those who read it."""

from __future__ import annotations

import json
import sqlite3
from functools import cache

import msgspec

from dateline.client.message import Message
from dateline.contract.article import Article
from dateline.contract.envelope import MalformedEnvelope, fields, parse
from dateline.contract.event import Event
from dateline.errors import DatelineError
from dateline.export import FORMATS
from dateline.index.database import make_tables
from dateline.index.views import article_view, event_view
from dateline.index.write import StreamEntry, write_batch
from dateline.jobs.batch import run
from dateline.model.records import unwrap
from dateline.pool.frames import pack_error, unpack_error

from . import promises
from .target import text_of


def extract_line(data: bytes) -> None:
    """A line of ``extract --batch``: an answer, whatever stands in it."""
    _answered("extract", data)


def parse_line(data: bytes) -> None:
    """A line of ``parse --batch``: an answer, whatever stands in it."""
    _answered("parse", data)


def _answered(job: str, data: bytes) -> None:
    if b'"path"' in data:
        return  # files are not this target's; other keys are
    answer = run(job, data)
    assert b"\n" not in answer
    row = json.loads(answer)
    promises.total(row)
    assert "id" in row and "error" in row
    if job == "extract" and row["error"] is None:
        promises.fits("dateline.article/1", row["article"])
        for event in row["events"]:
            promises.fits("dateline.event/1", event)
        article = msgspec.convert(row["article"], Article)
        promises.exact(article, [msgspec.convert(event, Event) for event in row["events"]])


def stream_entry(data: bytes) -> None:
    """An entry of the events stream as anybody may have written it: JSON of its fields. A record, or MalformedEnvelope."""
    try:
        given = json.loads(data)
    except (ValueError, RecursionError):
        given = {"data": text_of(data), "type": "dateline.event.reported"}
    if not isinstance(given, dict):
        return
    flat = {
        name.encode("utf-8", "surrogatepass"): str(value).encode("utf-8", "surrogatepass")
        for name, value in given.items()
    }
    try:
        envelope = parse(flat)
    except MalformedEnvelope as error:
        promises.total(str(error).encode("utf-8", "replace").decode())
        return
    promises.total(fields(envelope))
    connection = _index()
    connection.execute("BEGIN")
    write_batch(connection, [StreamEntry("s", "1-0", flat)])
    connection.execute("ROLLBACK")
    message = Message("1-0", envelope)
    try:
        record = message.record()
    except MalformedEnvelope:
        return
    if isinstance(record, Article):
        article_view(record)
    elif isinstance(record, Event):
        event_view(record)
        for make in FORMATS.values():
            make().lines(fields(envelope) | {"type": "dateline.event.reported", "stream_id": "1-0"})


@cache
def _index() -> sqlite3.Connection:
    """An index in memory, empty before and after each use."""
    return make_tables(sqlite3.connect(":memory:", isolation_level=None))


def queue_entry(data: bytes) -> None:
    """A payload of the entries stream: an entry of ours, or ValueError."""
    try:
        unwrap(data)
    except ValueError:
        return


def child_error(data: bytes) -> None:
    """An error that crosses from a child: whatever its words, it arrives as an error of ours."""
    text = text_of(data)
    error = DatelineError(text, code="fuzz")
    vars(error)["where"] = text
    came = unpack_error(pack_error(error))
    promises.total(str(came))
