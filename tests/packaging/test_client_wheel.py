"""dateline-client: built from the same sources, installed beside redis and msgspec only, reads a stream."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

import dateline.client
from support.consuming import Stream
from support.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
#: Of redis and msgspec, what a machine without compilers has.
NEEDED = ("redis", "msgspec")
PROGRAM = """
import sys
from dateline_client import SyncConsumer
with SyncConsumer(sys.argv[1], group="g", name="one", stream=sys.argv[2]) as consumer:
    for message in consumer:
        print(message.record().id)
        break
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"dateline", "lxml", "aiohttp", "trafilatura"}))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An environment with the wheel and what it asks for, nothing else."""
    specification = importlib.util.spec_from_file_location("client_wheel", ROOT / "tools/client_wheel.py")
    assert specification is not None and specification.loader is not None
    tool = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tool)
    folder = tmp_path_factory.mktemp("client")
    wheel = tool.build(folder)
    assert wheel.stat().st_size < 150_000
    venv.create(folder / "venv", with_pip=False)
    interpreter = folder / "venv" / "bin" / "python"
    command = [sys.executable, "-m", "pip", "-q", "--python", str(interpreter), "install", "--no-deps", "--no-index"]
    subprocess.run([*command, str(wheel)], check=True, timeout=120)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    for name in NEEDED:  # linked, so that the test needs no network
        source = Path(str(importlib.metadata.distribution(name).locate_file(name)))
        (site / name).symlink_to(source)
    yield interpreter


def test_the_light_wheel_reads_a_stream_and_brings_nothing_of_the_worker(
    python: Path, redis: RedisServer, prefix: str, tmp_path: Path
) -> None:
    stream = Stream(redis, prefix)

    async def fill() -> None:
        await stream.append(7)
        await stream.redis.aclose()

    asyncio.run(fill())
    done = subprocess.run(
        [python, "-c", PROGRAM, redis.url, stream.name], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.stdout == "e7\n\n", done.stderr[-2000:]


def test_the_light_wheel_has_the_names_of_the_client(python: Path, tmp_path: Path) -> None:
    program = "import dateline_client; print(*dateline_client.__all__)"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.stdout.split() == sorted(dateline.client.__all__), done.stderr[-2000:]
