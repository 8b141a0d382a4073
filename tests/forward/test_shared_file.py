"""One file for several partitions and several workers: each entry once, each line whole, whoever dies or turns it over."""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from dateline.contract.article import Article
from dateline.contract.envelope import article_envelope, fields
from dateline.forward import jsonl
from dateline.forward.cloud_event import structured
from dateline.ports import Forwarder, Resources

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
Opener = Callable[..., Forwarder]


def entry(partition: int, number: int) -> dict[str, str]:
    """An entry of one of several partitions."""
    article = Article(id=f"{partition}-{number}", title="T", text="Text.", text_sha256="1")
    return {"stream_id": f"{partition}/{number}-0", **fields(article_envelope(article, "published", NOON))}  # type: ignore[arg-type]


def written(folder: Path) -> list[str]:
    """The ids of all lines of all files, the oldest file first."""
    files = sorted(folder.iterdir(), key=lambda file: -int(file.suffix[1:]) if file.suffix[1:].isdigit() else 0)
    return [json.loads(line)["streamid"] for file in files for line in file.read_text().splitlines()]


@pytest_asyncio.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Opener]:
    """Open the forwarder as one more worker does."""
    async with AsyncExitStack() as stack:

        def build(**options: int) -> Forwarder:
            one = jsonl.build(jsonl.Settings(path=str(tmp_path / "events.jsonl"), **options), Resources())
            stack.push_async_callback(one.close)
            return one

        yield build


async def test_after_a_crash_the_entries_of_each_partition_are_recognised_whichever_comes_first(
    worker: Opener, tmp_path: Path
) -> None:
    """Partition 0 has nothing that comes again, partition 1 has."""
    before = worker()
    await before.forward([entry(0, 1)])
    await before.forward([entry(1, 1), entry(1, 2)])
    await before.close()
    after = worker()
    await after.forward([entry(0, 2)])
    await after.forward([entry(1, 1), entry(1, 2), entry(1, 3)])
    await after.forward([entry(0, 2)])
    assert written(tmp_path) == [
        "0/1-0",
        "1/1-0",
        "1/2-0",
        "0/2-0",
        "1/3-0",
        "0/2-0",
    ]  # the last one was asked for again


async def test_a_file_that_was_turned_over_just_before_a_crash_is_looked_at_as_well(
    worker: Opener, tmp_path: Path
) -> None:
    before = worker(max_bytes=100)
    await before.forward([entry(0, 1)])
    await before.forward([entry(1, 1)])
    await before.close()
    await worker(max_bytes=100).forward([entry(0, 1), entry(0, 2)])
    assert written(tmp_path) == ["0/1-0", "1/1-0", "0/2-0"]


async def test_a_worker_that_takes_over_writes_nothing_that_the_dead_one_had_written(
    worker: Opener, tmp_path: Path
) -> None:
    """The dead one had written, but not acknowledged, and left half a line; both were open all the time."""
    first, second = worker(), worker()
    await second.forward([entry(0, 1)])
    await first.forward([entry(1, 1), entry(1, 2)])
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(structured(entry(1, 3))[:50])
    await second.forward([entry(0, 2)])
    await second.forward([entry(1, 1), entry(1, 2), entry(1, 3)])
    assert written(tmp_path) == ["0/1-0", "1/1-0", "1/2-0", "0/2-0", "1/3-0"]


async def test_workers_that_share_a_file_write_to_the_one_that_is_there_now(worker: Opener, tmp_path: Path) -> None:
    """Either turns it over, and somebody moves it away."""
    first, second = worker(max_bytes=1000, keep_files=1000), worker(max_bytes=1000, keep_files=1000)
    for number in range(1, 40):
        await first.forward([entry(0, number)])
        await second.forward([entry(1, number)])
    ids = written(tmp_path)
    assert len(ids) == len(set(ids)) == 78
    assert [one for one in ids if one.startswith("0/")] == [f"0/{number}-0" for number in range(1, 40)]
    (tmp_path / "events.jsonl").rename(tmp_path / "moved.2000")
    await first.forward([entry(0, 40)])
    assert (tmp_path / "events.jsonl").read_text().count("\n") == 1


async def test_a_file_that_another_worker_has_locked_is_opened_at_once_and_read_before_the_first_batch(
    worker: Opener, tmp_path: Path
) -> None:
    """A worker that stands still with the lock must not stop another one's start; nor does it wait for ever later."""
    first = worker()
    await first.forward([entry(0, 1)])
    with (tmp_path / "events.jsonl").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        second = worker()
        waiting = asyncio.create_task(second.forward([entry(0, 1), entry(0, 2)]))
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting
    assert written(tmp_path) == ["0/1-0", "0/2-0"]
