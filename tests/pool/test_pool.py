"""The pool with real children that crash, hang, grow, fork and lie: each costs its own job, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dateline.errors import Poison, SettingsError, Throttled, TooLarge
from dateline.pool import Pool
from support.conditions import alive, eventually
from support.pool_settings import MIB, settings


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(settings(), jobs="support.pool_jobs") as opened:
        yield opened


async def test_bytes_go_in_and_come_out_unchanged(pool: Pool) -> None:
    """Empty, small, and larger than any socket buffer."""
    for payload in (b"", b"\x00" * 7, os.urandom(3 * MIB)):
        assert await pool.run("echo", payload) == payload


async def test_the_jobs_module_is_warmed_once_for_all_children(pool: Pool) -> None:
    """Different processes, the same warm start from before the fork."""
    answers = await asyncio.gather(*(pool.run("sleep", b"0.2") for _ in range(2)), pool.run("limits", b""))
    pid, _, warmed = answers[2].partition(b" ")
    assert int(pid) != os.getpid()
    assert warmed == b"warm"


async def test_what_the_settings_say_is_warmed_too_and_a_mistake_in_it_is_reported_without_a_trace() -> None:
    """So that children share what the operator's own files bring."""
    async with Pool(settings(children=1), jobs="support.pool_jobs", warm_with="own words") as opened:
        assert (await opened.run("limits", b"")).endswith(b" own words")
    with pytest.raises(SettingsError, match=r"^names\.tsv, line 3: no such country$"):
        async with Pool(settings(children=1), jobs="support.pool_jobs", warm_with="refuse"):
            pass


@pytest.mark.parametrize(
    ("job", "payload", "code", "story"),
    [
        ("segfault", b"", "crashed", "SIGSEGV at .*string_at"),
        ("exit", b"3", "crashed", "exit status 3"),
        ("close_all", b"", "crashed", "closed its connection"),
        ("grow", b"", "memory", "memory_mib"),
        ("big", b"%d" % (65 * MIB), "memory", "max_reply_bytes"),
    ],
)
async def test_a_job_that_costs_two_children_is_poison_and_says_what_happened(
    pool: Pool, job: str, payload: bytes, code: str, story: str
) -> None:
    with pytest.raises(Poison, match=story) as caught:
        await pool.run(job, payload)
    assert caught.value.code == code
    assert await pool.run("echo", b"next") == b"next"
    assert pool.stats().poisoned == 1


@pytest.mark.parametrize(
    ("job", "story"),
    [("spin", "wall time at .*spin"), ("spin_in_c", "wall time at .*spin_in_c"), ("stop_self", "took no signal")],
)
async def test_a_job_that_hangs_is_ended_and_says_where_it_hung(pool: Pool, job: str, story: str) -> None:
    """In Python, inside one long C call that holds the interpreter, and stopped altogether."""
    began = time.monotonic()
    with pytest.raises(Poison, match=story) as caught:
        await pool.run(job, b"", wall_seconds=0.5)
    assert caught.value.code == "timeout"
    assert time.monotonic() - began < 40
    assert pool.stats().timed_out == 2


async def test_cpu_is_limited_apart_from_the_wall_clock_and_anew_for_each_job() -> None:
    """Four jobs of half a second each pass under a limit of one second; one that spins does not."""
    async with Pool(settings(children=1, cpu_seconds=1.0, wall_seconds=30.0), jobs="support.pool_jobs") as pool:
        pids = {await pool.run("burn", b"0.5") for _ in range(4)}
        assert len(pids) == 1
        with pytest.raises(Poison, match="CPU time") as caught:
            await pool.run("spin", b"")
        assert caught.value.code == "timeout"


async def test_others_in_flight_do_not_notice_a_crash(pool: Pool) -> None:
    good = [asyncio.ensure_future(pool.run("sleep", b"0.05")) for _ in range(6)]
    bad = [asyncio.ensure_future(pool.run("segfault", b"")) for _ in range(3)]
    assert await asyncio.gather(*good) == [b"slept"] * 6
    assert {type(error) for error in await asyncio.gather(*bad, return_exceptions=True)} == {Poison}


async def test_a_job_that_lost_its_child_by_chance_is_done_on_the_second_try(tmp_path: Path) -> None:
    """With the sandbox off: in it, the job could not leave a file to know its second try by."""
    async with Pool(settings(sandbox=False), jobs="support.pool_jobs") as pool:
        assert await pool.run("crash_once", str(tmp_path / "crashed").encode()) == b"second time"
        assert (pool.stats().crashed, pool.stats().poisoned, pool.stats().retried) == (1, 0, 1)


async def test_an_error_of_the_tree_comes_back_as_it_was_raised(pool: Pool) -> None:
    """Class, code, message and attributes; text that is no valid UTF-8 does not break the crossing."""
    with pytest.raises(Throttled, match="slow down \ufffd") as caught:
        await pool.run("fail", b"12.5")
    error = caught.value
    assert (error.code, error.status, error.retry_after_seconds) == ("throttled", 429, 12.5)


async def test_an_error_class_that_only_the_child_knows_comes_back_as_the_class_above(pool: Pool) -> None:
    with pytest.raises(TooLarge, match="over the limit of this test") as caught:
        await pool.run("fail_unknown", b"")
    assert caught.value.status == 200


@pytest.mark.parametrize(
    ("job", "story"),
    [
        ("raise", r"ValueError: broken.* at .*raise_value_error"),
        ("sys_exit", "SystemExit: 3"),
        ("not_bytes", "str, not bytes"),
    ],
)
async def test_any_other_exception_is_poison_with_its_type_and_place_and_is_not_tried_again(
    job: str, story: str
) -> None:
    """The child goes on: with one child in the pool, the next job has the same process."""
    async with Pool(settings(children=1), jobs="support.pool_jobs") as pool:
        pid = await pool.run("pid", b"")
        with pytest.raises(Poison, match=story) as caught:
            await pool.run(job, b"broken ")
        assert caught.value.code == "raised"
        assert len(str(caught.value)) < 3_000
        assert await pool.run("pid", b"") == pid
        assert pool.stats().retried == 0


async def test_a_job_can_neither_start_processes_nor_open_sockets_nor_signal_others_but_may_use_threads(
    pool: Pool,
) -> None:
    assert await pool.run("fork_refused", b"") == b"refused refused refused refused"
    assert await pool.run("start_thread", b"") == b"ran"


async def test_a_process_that_a_job_left_behind_dies_when_its_child_does(tmp_path: Path) -> None:
    """Though it hid in a session of its own, with the sandbox off."""
    note = tmp_path / "hidden"
    async with Pool(settings(sandbox=False), jobs="support.pool_jobs") as pool:
        with pytest.raises(Poison):
            await pool.run("fork_and_crash", str(note).encode())
        await eventually(lambda: len(note.read_text().split()) == 2)
        await eventually(lambda: not any(alive(int(pid)) for pid in note.read_text().split()))


async def test_a_process_that_a_job_left_behind_dies_when_the_pool_is_closed(tmp_path: Path) -> None:
    async with Pool(settings(sandbox=False), jobs="support.pool_jobs") as pool:
        hidden = int(await pool.run("fork_and_leave", str(tmp_path / "hidden").encode()))
        assert alive(hidden)
    assert not alive(hidden)


async def test_what_a_job_prints_reaches_standard_error_and_never_the_answer_or_standard_output(tmp_path: Path) -> None:
    program = (
        "import asyncio\n"
        "from dateline.pool import Pool\n"
        "from dateline.settings import PoolSettings\n"
        "async def main():\n"
        "    async with Pool(PoolSettings(children=1), jobs='support.pool_jobs') as pool:\n"
        "        print(await pool.run('say', b''))\n"
        "asyncio.run(main())\n"
    )
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True, env={**os.environ, **path}, timeout=120
    )
    assert done.stdout == b"b'said'\n"
    assert b"a stray print" in done.stderr


async def test_jobs_are_begun_in_the_order_they_came() -> None:
    order: list[int] = []
    async with Pool(settings(children=1), jobs="support.pool_jobs") as pool:

        async def run(number: int) -> None:
            await pool.run("echo", b"")
            order.append(number)

        await asyncio.gather(*(run(number) for number in range(40)))
    assert order == sorted(order)


async def test_one_job_more_than_the_queue_takes_is_throttled(tmp_path: Path) -> None:
    sign = tmp_path / "go on"
    async with Pool(settings(children=1, queue_limit=2, sandbox=False), jobs="support.pool_jobs") as pool:
        await pool.run("echo", b"")
        waiting = [asyncio.ensure_future(pool.run("wait_for_file", bytes(sign))) for _ in range(3)]
        await eventually(lambda: pool.stats().waiting == 2)
        with pytest.raises(Throttled, match="queue_limit"):
            await pool.run("echo", b"")
        sign.touch()
        assert await asyncio.gather(*waiting) == [b"there"] * 3


async def test_who_gives_up_waiting_leaves_the_line_and_the_child_to_others(tmp_path: Path) -> None:
    """Given up while in line, and while the job runs: the child finishes, and the next job gets it."""
    sign = tmp_path / "go on"
    async with Pool(settings(children=1, sandbox=False), jobs="support.pool_jobs") as pool:
        pid = await pool.run("pid", b"")
        running = asyncio.ensure_future(pool.run("wait_for_file", bytes(sign)))
        await eventually(lambda: pool.stats().busy == 1)
        in_line = asyncio.ensure_future(pool.run("sleep", b"60"))
        last = asyncio.ensure_future(pool.run("pid", b""))
        await eventually(lambda: pool.stats().waiting == 2)
        running.cancel()
        in_line.cancel()
        sign.touch()
        assert await last == pid
        assert pool.stats().waiting == 0


async def test_a_child_is_replaced_after_so_many_jobs() -> None:
    async with Pool(settings(children=1, recycle_after_jobs=5), jobs="support.pool_jobs") as pool:
        pids = [await pool.run("pid", b"") for _ in range(15)]
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [5, 5, 5]
        await eventually(lambda: pool.stats().children == 1)
        assert pool.stats().recycled == 3


async def test_a_child_that_grew_is_replaced() -> None:
    async with Pool(settings(children=1, recycle_above_mib=64), jobs="support.pool_jobs") as pool:
        small = await pool.run("pid", b"")
        await pool.run("grow_to", b"%d" % (64 * MIB))
        assert await pool.run("pid", b"") != small
        assert pool.stats().recycled == 1


async def test_a_killed_zygote_is_replaced_and_the_jobs_in_hand_are_done_all_the_same(pool: Pool) -> None:
    zygote = int(await pool.run("parent", b""))
    running = asyncio.ensure_future(pool.run("sleep", b"0.3"))
    await eventually(lambda: pool.stats().busy == 1)
    os.kill(zygote, signal.SIGKILL)
    assert await running == b"slept"
    assert int(await pool.run("parent", b"")) != zygote
    assert pool.stats().zygotes_lost == 1


async def test_an_idle_child_that_was_killed_is_replaced_and_costs_no_job(pool: Pool) -> None:
    """Even where the job was handed over before its end was noticed."""
    for _ in range(5):
        pid = int(await pool.run("pid", b""))
        os.kill(pid, signal.SIGKILL)
        assert await pool.run("echo", b"on") == b"on"
    await eventually(lambda: pool.stats().children == 2)
    assert pool.stats().poisoned == 0


@pytest.mark.parametrize("loop_kind", ["asyncio", "uvloop"])
def test_the_pool_runs_on_either_event_loop(loop_kind: str) -> None:
    async def main() -> list[bytes]:
        async with Pool(settings(), jobs="support.pool_jobs") as pool:
            with pytest.raises(Poison, match="SIGSEGV"):
                await pool.run("segfault", b"")
            return [await pool.run("echo", bytes(size)) for size in (0, 10, MIB)]

    factory = pytest.importorskip("uvloop").new_event_loop if loop_kind == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(main()) == [b"", bytes(10), bytes(MIB)]


async def test_in_a_storm_of_deaths_every_job_gets_its_own_answer(pool: Pool) -> None:
    """Jobs that crash, hang and exit among good ones, while children and the zygote are killed from outside."""
    victims = [int(await pool.run("parent", b"")), int(await pool.run("pid", b""))]
    jobs = [
        ("exit", b"9", 60.0)
        if number % 11 == 0
        else ("spin", b"", 0.1)
        if number % 17 == 0
        else ("echo", b"%d" % number, 60.0)
        for number in range(200)
    ]
    running = [asyncio.ensure_future(pool.run(job, payload, wall_seconds=wall)) for job, payload, wall in jobs]
    for victim in victims:
        await eventually(lambda: pool.stats().done > 20)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    answers = await asyncio.gather(*running, return_exceptions=True)
    for (job, payload, _), answer in zip(jobs, answers, strict=True):
        if job == "echo":
            assert answer == payload
        else:
            assert isinstance(answer, Poison)
    stats = pool.stats()
    assert (stats.busy, stats.waiting) == (0, 0)
    await eventually(lambda: pool.stats().children == 2)


async def test_the_histogram_and_the_hook_count_every_answered_job() -> None:
    heard: list[tuple[str, float, float]] = []
    async with Pool(settings(), jobs="support.pool_jobs", on_job=lambda *job: heard.append(job)) as pool:
        await asyncio.gather(pool.run("echo", b""), pool.run("sleep", b"0.3"), pool.run("burn", b"0.02"))
        stats = pool.stats()
    assert stats.done == 3
    by_job = {job: (wall, cpu) for job, wall, cpu in heard}
    assert by_job["sleep"][0] >= 0.3 > by_job["sleep"][1]
    assert by_job["burn"][1] >= 0.02
    assert all(rss > MIB for rss in stats.rss_bytes)
