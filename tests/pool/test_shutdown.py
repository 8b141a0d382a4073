"""The end of a pool: jobs in hand finish, children and descriptors go."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dateline.errors import Poison, SettingsError, TransientError
from dateline.pool import Pool, launch
from dateline.pool.child import Limits
from dateline.pool.handle import ZygoteHandle
from support.conditions import alive, eventually, open_files
from support.pool_settings import settings


async def test_signals_to_the_whole_process_group_do_not_reach_children() -> None:
    """Ctrl-C and a service manager's SIGTERM hit every process; the children must live until the daemon has drained."""
    async with Pool(settings(children=1), jobs="support.pool_jobs") as pool:
        pid, zygote = int(await pool.run("pid", b"")), int(await pool.run("parent", b""))
        assert len({os.getpgid(process) for process in (pid, zygote, os.getpid())}) == 3
        for process in (pid, zygote):
            for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                os.kill(process, ending)
        assert int(await pool.run("pid", b"")) == pid


async def test_a_zygote_that_was_launched_ahead_is_used_once_and_ended_where_no_pool_takes_it() -> None:
    """It imports beside the daemon's own imports; a pool of other jobs launches its own."""
    first, second = [(await asyncio.to_thread(launch.launch_ahead, "support.pool_jobs")).process for _ in range(2)]
    async with Pool(settings(children=1), jobs="support.pool_jobs") as pool:
        assert int(await pool.run("parent", b"")) == first.pid
        launch.discard()
        assert second.returncode in (0, -signal.SIGKILL)  # 0: it saw its socket closed first
        os.kill(first.pid, signal.SIGKILL)
        await eventually(lambda: pool.stats().zygotes_lost == 1)
        assert int(await pool.run("parent", b"")) not in (first.pid, second.pid)
    launch.discard()  # nothing is left


async def test_no_process_outlives_a_daemon_that_was_killed(tmp_path: Path) -> None:
    """SIGKILL while one child sleeps in a job, one spins in C and one is idle: all of them and the zygote are gone at once."""
    program = (
        "import asyncio, os\n"
        "from dateline.pool import Pool\n"
        "from dateline.settings import PoolSettings\n"
        "async def main():\n"
        "    pool = Pool(PoolSettings(children=3, wall_seconds=60, cpu_seconds=60), jobs='support.pool_jobs')\n"
        "    await pool.start()\n"
        "    zygote = await pool.run('parent', b'')\n"
        "    pids = set()\n"
        "    while len(pids) < 3:\n"
        "        pids |= set(await asyncio.gather(*(pool.run('pid', b'') for _ in range(9))))\n"
        "    jobs = [asyncio.ensure_future(pool.run(job, b'60')) for job in ('sleep', 'spin_in_c')]\n"
        "    while pool.stats().busy < 2: await asyncio.sleep(0.01)\n"
        "    print(*map(int, [zygote, *pids]), flush=True)\n"
        "    await asyncio.gather(*jobs)\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    daemon = await asyncio.to_thread(
        subprocess.Popen, [sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment
    )
    assert daemon.stdout is not None
    family = [int(pid) for pid in (await asyncio.to_thread(daemon.stdout.readline)).split()]
    assert len(family) == 4
    assert all(map(alive, family))
    with daemon:
        daemon.kill()
    await eventually(lambda: not any(map(alive, family)), seconds=40)  # they would run for sixty


async def test_closing_lets_jobs_in_hand_and_in_line_finish_and_takes_no_new_ones() -> None:
    async with Pool(settings(children=1), jobs="support.pool_jobs") as pool:
        jobs = [asyncio.ensure_future(pool.run("sleep", b"0.1")) for _ in range(3)]
        await eventually(lambda: pool.stats().busy == 1)
        closing = asyncio.ensure_future(pool.close(grace_seconds=60))
        await asyncio.sleep(0)
        with pytest.raises(TransientError, match="closing"):
            await pool.run("echo", b"")
        assert await asyncio.gather(*jobs) == [b"slept"] * 3
        await closing
    assert pool.stats().children == 0


async def test_closing_kills_what_is_not_done_within_the_grace() -> None:
    pool = Pool(settings(children=1, wall_seconds=60), jobs="support.pool_jobs")
    await pool.start()
    jobs = [asyncio.ensure_future(pool.run("sleep", b"60")) for _ in range(2)]
    await eventually(lambda: pool.stats().busy == 1)
    began = time.monotonic()
    await pool.close(grace_seconds=0.1)
    assert time.monotonic() - began < 30  # they would sleep for sixty
    assert {type(error) for error in await asyncio.gather(*jobs, return_exceptions=True)} == {TransientError}
    await pool.close()


async def test_a_jobs_module_that_cannot_be_imported_is_refused_at_the_start_with_its_trace() -> None:
    with pytest.raises(SettingsError, match="No module named 'no_such_jobs'"):
        await Pool(settings(), jobs="no_such_jobs").start()


async def test_the_reason_is_read_also_where_the_zygote_ended_before_it_read_what_it_was_sent() -> None:
    """Its end of the socket then closes with unread bytes, and our first read fails before it gives the message."""
    limits = Limits(cpu_seconds=1, memory_bytes=2**30, nice=0, sandbox=False)
    zygote = ZygoteHandle("no_such_jobs", limits, lambda *_: None, lambda: None)
    starting = asyncio.ensure_future(zygote.start(30))
    await eventually(lambda: zygote.pid is not None)
    assert zygote.pid is not None
    os.waitid(os.P_PID, zygote.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - the loop is to stand still meanwhile
    with pytest.raises(SettingsError, match="No module named 'no_such_jobs'"):
        await starting


async def test_a_pool_that_was_opened_and_closed_leaves_no_descriptor_open() -> None:
    async with Pool(settings(), jobs="support.pool_jobs") as pool:
        await pool.run("echo", b"")
    before = open_files()
    async with Pool(settings(), jobs="support.pool_jobs") as pool:
        for _ in range(3):
            with pytest.raises(Poison):
                await pool.run("exit", b"1")
        inside = int(await pool.run("count_files", b""))
    assert open_files() <= before
    assert inside < 10


async def test_a_job_that_comes_while_the_pool_starts_waits_for_its_first_child() -> None:
    """The port is open by then: a hub's push was answered with 500."""
    pool = Pool(settings(children=1), jobs="support.pool_jobs")
    starting = asyncio.create_task(pool.start())
    await asyncio.sleep(0)
    assert not starting.done() and await pool.run("echo", b"early") == b"early"
    await starting
    await pool.close()


async def test_a_job_that_waits_for_a_pool_which_cannot_start_is_given_back() -> None:
    """Where the jobs' module cannot be imported nobody waits for ever."""
    pool = Pool(settings(children=1), jobs="support.no_such_module")
    starting = asyncio.create_task(pool.start())
    await asyncio.sleep(0)
    with pytest.raises(TransientError, match="closing"):
        await pool.run("echo", b"early")
    with pytest.raises(SettingsError, match="no_such_module"):
        await starting
    await pool.close()
