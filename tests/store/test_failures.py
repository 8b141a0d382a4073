"""What steps failed on, kept in a real Redis: idempotent, and bounded in count, bytes, age and samples of one kind."""

from __future__ import annotations

import pytest

from dateline.model.failures import Failure, Failures, describe, with_page
from dateline.store import failures as module
from dateline.store.failures import KeptFailures
from dateline.store.redis import Connection


def failure(number: int, kind: int = 0, size: int = 0) -> Failure:
    """A failure of one kind on one text."""
    return Failure(
        step=f"step{kind}", error="ValueError: no", where=f"a.py:{kind} f", text=f"text {number}", article=b"x" * size
    )


async def keep(table: KeptFailures, one: Failure) -> str:
    """Keep it for some entry."""
    return await table.keep(one, url="https://paper.example/a", feed="https://paper.example/rss", article="a" * 16)


async def test_the_same_failure_on_the_same_text_is_one_record_that_counts(connection: Connection) -> None:
    """Copies of an article, and a command that is sent again."""
    table = KeptFailures(connection)
    names = {await keep(table, failure(1)) for _ in range(3)}
    (kept,) = await table.all()
    assert {kept.id} == names
    assert (kept.times, kept.record.failure, kept.record.url) == (3, failure(1), "https://paper.example/a")


async def test_one_kind_of_failure_leaves_room_for_others(connection: Connection) -> None:
    """A bug that every article meets does not push the rare one out."""
    table = KeptFailures(connection)
    await keep(table, failure(0, kind=1))
    for number in range(3 * module.MOST_OF_A_KIND):
        await keep(table, failure(number))
    rows = await table.all()
    assert len(rows) == module.MOST_OF_A_KIND + 1
    assert {row.times for row in rows if row.record.failure.step == "step0"} == {3 * module.MOST_OF_A_KIND}


async def test_the_oldest_go_beyond_the_count_and_beyond_the_bytes(connection: Connection) -> None:
    """Both bounds hold after every step."""
    table = KeptFailures(connection, most=20, most_bytes=20_000)
    for kind in range(50):
        await keep(table, failure(kind, kind=kind))
        assert len(await table.all()) <= 20
    kinds = [int(row.record.failure.step.removeprefix("step")) for row in await table.all()]
    assert min(kinds) >= 20, "those kept in one millisecond have no order among them"
    for kind in range(50, 80):
        await keep(table, failure(kind, kind=kind, size=5000))
        held = await connection.call("HVALS", f"{connection.keys[0].failed}:e")
        assert sum(map(len, held)) <= 20_000
    assert 1 <= len(await table.all()) <= 4


async def test_records_end_with_their_age_and_every_key_expires(connection: Connection) -> None:
    """What failed a month ago goes with the next failure, and where none comes, by itself."""
    table = KeptFailures(connection)
    old = await keep(table, failure(1))
    await connection.call("ZADD", connection.keys[0].failed, 1, old)
    new = await keep(table, failure(2, kind=2))
    assert [row.id for row in await table.all()] == [new]
    for name in ("", ":e", ":n"):
        assert int(await connection.call("PTTL", connection.keys[0].failed + name)) > 0


async def test_dropping_forgets_those_and_no_others(connection: Connection) -> None:
    """By id."""
    table = KeptFailures(connection)
    first, second = await keep(table, failure(1)), await keep(table, failure(2))
    assert await table.drop([first, "unknown"]) == 1
    assert [row.id for row in await table.all()] == [second]


def test_our_own_errors_and_a_lack_of_memory_are_no_failures_of_a_step() -> None:
    """A page without an article, wrong settings; and the pool must know of a child that is out of memory."""
    failures = Failures()
    with pytest.raises(MemoryError):
        failures.attempt("dates", lambda: (_ for _ in ()).throw(MemoryError()), None)
    assert failures.attempt("dates", lambda: int("x"), 7, text="\ud800 odd") == 7
    assert failures.notes() == ["dates failed"]
    assert failures.found[0].error.startswith("ValueError: invalid literal")
    assert "test_failures.py" in failures.found[0].trace
    for _ in range(100):
        failures.attempt("names", lambda: int("x"), 0)
    assert len(failures.found) <= 32


def test_what_is_kept_of_one_failure_is_bounded() -> None:
    """However long an exception's words, its trace or the page."""
    try:
        raise ValueError("x" * 10_000_000)
    except ValueError as error:
        found = describe("dates", error)
    assert len(found.error) + len(found.trace) < 20_000
    assert with_page(found, b"x" * 100_000, None, None).page == b""
    assert with_page(found, b"x" * 1000, "gzip", "text/html").page == b"x" * 1000
