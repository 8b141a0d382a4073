"""What tests share: real Redis servers, one per session and version, a key prefix per test.

`redis` is the server (and runs the test once per version found); a test that kills or fills a server takes `own_redis`,
which is its alone.

Hypothesis draws the same examples in every run, so that the same code gives the same verdict; HYPOTHESIS_PROFILE=default draws
new ones (`make fuzz` looks for what nobody thought of).
"""

from __future__ import annotations

import itertools
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
from redis import asyncio as redis_client

from support import coverage

_COVERAGE = coverage.measure()  # before the first import of the package

from dateline.settings import RedisSettings  # noqa: E402
from dateline.store.private.binary import RedisBinary  # noqa: E402
from dateline.store.redis import Connection  # noqa: E402
from support.redis_server import RedisServer, servers  # noqa: E402

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

_SERVERS = servers()

#: Files and folders that wait more than they compute, from the longest on (`pytest --durations`); the rest computes, in the
#: order into which pytest-randomly shuffles it.
_WAITING = {
    name: place for place, name in enumerate(("test_exactness.py", "test_faults.py", "daemon", "cli", "topology"))
}
#: So many files that compute come after each one that waits: of three processes on two cores one waits, two compute.
_COMPUTING = 2


#: Daemons, servers and tests share two cores, and now and then one of 6,000 tests waits too long: `make test` tries a failed
#: test once more and prints both tries. More than these in one run are no accident.
_MOST_RERUN = 3


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where more tests than a busy machine explains had to be tried again."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and len(reporter.stats.get("rerun", ())) > _MOST_RERUN and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _name(binary: RedisBinary) -> str:
    return ".".join(map(str, binary.version[:2]))


@pytest.fixture(scope="session", params=_SERVERS, ids=_name)
def redis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A running server with its ``url``; shared, so keep to your `prefix`."""
    server = RedisServer(request.param, tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=_SERVERS, ids=_name)
def own_redis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A running server for this test alone: kill, pause and restart it as you like."""
    server = RedisServer(request.param, tmp_path_factory.mktemp("own"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def prefix() -> str:
    """A key prefix that no other test has."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest_asyncio.fixture
async def connection(redis: RedisServer, prefix: str) -> AsyncIterator[Connection]:
    """A connection to the shared server, one partition with keys of its own."""
    opened = Connection(RedisSettings(url=redis.url, prefix=prefix))
    yield opened
    await opened.close()


@pytest.fixture(scope="session", autouse=True)
def own_runtime_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Daemons of the tests leave their notes here, so that no verb finds one that somebody else runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        yield


@pytest_asyncio.fixture
async def redis_client_raw(redis: RedisServer) -> AsyncIterator[redis_client.Redis]:
    """A plain client of the shared server, bytes in and out."""
    async with redis_client.Redis.from_url(redis.url, protocol=2) as client:
        yield client


def pytest_configure(config: pytest.Config) -> None:
    """Measure coverage where that is asked for."""
    if _COVERAGE is not None:
        config.pluginmanager.register(_COVERAGE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked ``one_redis`` run on the newest server that is here; files that wait stand among those that compute."""
    items[:] = _mixed(items)
    older = [item for item in items if item.get_closest_marker("one_redis") and _binary(item) in _SERVERS[:-1]]
    if older:
        items[:] = [item for item in items if item not in set(older)]
        config.hook.pytest_deselected(items=older)


def _mixed(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the items by file: one that waits, two that compute, and so on; what waits begins with the longest."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    place = {file: _WAITING.get(file.name, _WAITING.get(file.parent.name)) for file in files}
    waiting = sorted((file for file in files if place[file] is not None), key=lambda file: place[file] or 0)
    computing = iter([file for file in files if place[file] is None])
    order: list[Path] = []
    for file in waiting:
        order += [file, *itertools.islice(computing, _COMPUTING)]
    return [item for file in [*order, *computing] for item in files[file]]


def _binary(item: pytest.Item) -> RedisBinary | None:
    params: dict[str, RedisBinary] = getattr(getattr(item, "callspec", None), "params", {})
    return params.get("redis") or params.get("own_redis")
