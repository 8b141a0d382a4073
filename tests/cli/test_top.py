"""`dateline top` shows feeds, throughput, lag and alarms of a real store."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from dateline.cli.top import View
from dateline.store.checks import check_schema
from dateline.store.feeds import Feeds, NewFeed
from dateline.store.redis import Connection
from dateline.store.workers import mark_restart, sign_in

pytestmark = pytest.mark.one_redis


async def picture(view: View, height: int = 50) -> str:
    out = io.StringIO()
    Console(file=out, width=140).print(await view.picture(height))
    return out.getvalue()


async def test_everything_at_a_glance(connection: Connection) -> None:
    keys = connection.keys[0]
    await Feeds(connection, 5.0).add(
        [NewFeed(f"f{n}", f"https://p{n}.example/feed", f"[Paper] {n}") for n in range(30)]
    )
    await sign_in(connection, "worker-one")
    await mark_restart(connection, "worker-one", ["fetch"])
    for number in range(1, 6):
        await connection.call("XADD", keys.events, "*", "seq", number)
    await connection.call("XGROUP", "CREATE", keys.events, "alerts", "0")
    await connection.call("HSET", keys.stats, "published", 10)
    view = View(connection)
    first = await picture(view)
    assert "1 worker, 0 entries" in first and "30 feeds: 30 waiting" in first and "[Paper] 0" in first
    assert "changed settings of [fetch]" in first
    (row,) = [line.split() for line in first.splitlines() if line.startswith("alerts")]
    assert row[1:3] == ["5", "0"]
    await connection.call("HINCRBY", keys.stats, "published", 5)
    (row,) = [line.split() for line in (await picture(view)).splitlines() if line.startswith("articles")]
    assert float(row[1]) > 0 and row[2] == "15"
    assert "more" in await picture(view, height=20)


async def test_a_redis_that_no_worker_has_used_is_said_in_the_picture(connection: Connection, prefix: str) -> None:
    """The log's warning is behind the live picture."""
    view = View(connection)
    assert f"with the prefix '{prefix}': there is no data" in await picture(view)
    await check_schema(connection)
    assert "there is no data" not in await picture(view)


def test_help_and_completion_need_no_rich_and_the_verb_says_how_to_get_it(tmp_path: Path) -> None:
    """The wheel installs without it."""
    hidden = "import sys; sys.modules['rich'] = None; sys.modules['rich.console'] = None; "
    for words, code, says in ((["completion", "bash"], 0, ""), (["top", "--once"], 2, "pip install 'dateline[top]'")):
        program = f"{hidden}from dateline.cli.main import main; sys.exit(main({words!r}))"
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, cwd=tmp_path
        )
        assert done.returncode == code and says in done.stderr, done.stderr
