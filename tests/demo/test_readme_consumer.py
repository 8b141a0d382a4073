"""The README's consumer beside `make run`: as printed, on the bundled newsroom, with a retraction."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dateline.demo import newsroom
from support import rig

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
pytestmark = pytest.mark.one_redis


@contextlib.asynccontextmanager
async def program(folder: Path, environment: dict[str, str], *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python program in a folder, ended with the block; standard error goes to the file ``log`` there."""
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=log
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 60)


async def printed(process: asyncio.subprocess.Process, what: str) -> str:
    """The first line with ``what``."""
    assert process.stdout is not None
    async with asyncio.timeout(120):
        async for line in process.stdout:
            if what in line.decode():
                return line.decode()
    raise AssertionError(f"it ended without {what!r}")


async def noted(folder: Path, what: str) -> None:
    """Wait until the file ``log`` has a text."""
    async with asyncio.timeout(120):
        while what not in (folder / "log").read_text():
            await asyncio.sleep(0.05)


async def test_the_readmes_consumer_beside_make_run(tmp_path: Path) -> None:
    """Program, command and URL are the README's, the daemon that of `make run`. At a wrong URL the log names the right one."""
    here, away, checkout = tmp_path / "here", tmp_path / "away", tmp_path / "c"
    for folder in (here, away, checkout):
        folder.mkdir()
    (example,) = re.findall(r"^```python\n(import asyncio.*?)^```", README, re.MULTILINE | re.DOTALL)
    (here / "consumer.py").write_text(example)
    (command,) = re.findall(r"`\.venv/bin/python (consumer\.py unix://\$PWD/\S+)`", README)
    (url,) = re.findall(r"`make run` \| `(unix://\S+)` \|", README)
    assert url == command.split()[1].replace("$PWD", "/PATH/TO/CHECKOUT")
    url = url.replace("/PATH/TO/CHECKOUT", str(checkout))
    (run,) = re.findall(r"^run:.*\n\t@\$\(PY\) -m worker (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    environment["XDG_RUNTIME_DIR"] = str(tmp_path)
    async with newsroom.serve() as room:
        feeds = [feed.url for feed in room.feeds[:2]]  # of the first is the retraction, of the second an ASSAULT
        ports = [int(feeds[0].split("/")[2].split(":")[1])]
        rig.write_settings(checkout / "config", "", ports, feeds)
        async with program(checkout, environment, "-m", "dateline", *run.split()):
            await noted(checkout, "daemon.started")
            wrong = f"redis://127.0.0.1:{rig.free_port()}/0"
            async with program(away, environment, str(here / "consumer.py"), wrong):
                await noted(away, "does not answer")
            said = (away / "log").read_text()
            assert f"Redis at {wrong} does not answer" in said and f"has its Redis at {url}; again in" in said
            async with program(here, environment, "consumer.py", url) as consumer:
                assert re.match(r"20\d\d-\d\d-\d\d [A-Z]{3} \S+ \S+", await printed(consumer, " "))
                room.advance()
                async with program(away, environment, "-m", "dateline", "feeds", "now", feeds[0]) as verb:
                    await verb.wait()
                assert re.match(r"retracted [0-9a-f]{20}\n", await printed(consumer, "retracted"))
