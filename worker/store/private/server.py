"""A private Redis for one daemon: a child process on a unix socket in a data folder, append-only file on.

The folder belongs to one server at a time. What keeps it so is a lock on ``redis.lock`` that the daemon *and* the server
hold open: it is free when both have ended, whatever ended them, so there are no stale locks, and a second start cannot come
in while the first server still writes its last second to disk.

The server is out of reach of what stops the daemon (Ctrl-C goes to a terminal's group, a service manager's SIGTERM to every
process of the unit), because the daemon needs it until it has drained: it has a session of its own and SIGTERM blocked. To
end it by hand, use SIGINT or SHUTDOWN. When the daemon is killed, the kernel sends it SIGINT, and it saves and ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from redis import asyncio as redis_client
from redis import exceptions as foreign

from ...cancellation import heeding_cancel
from ...errors import SettingsError, explain_os_error
from ...telemetry import get_logger
from .binary import RedisBinary, find_redis_binary, refuse_older_server, write_version
from .folder_lock import FolderLock, process_runs

#: Longest socket path: Linux allows 107 bytes, other systems 103.
MAX_SOCKET_PATH_BYTES = 100
#: How long the last daemon's server may take to finish its writing before we say that the folder is in use.
TAKEOVER_SECONDS = 10.0
#: How long the server may read its append-only file; a gigabyte takes some ten seconds.
LOAD_SECONDS = 300.0
#: How long the server may take to end, for SHUTDOWN and again for SIGINT, before it is killed.
STOP_SECONDS = 10.0
#: The server's log is moved to ``redis.log.1`` beyond this; looked at once a minute.
MAX_LOG_BYTES = 1024 * 1024
LOG_CHECK_SECONDS = 60.0
#: Hashes with values up to here are kept compact: a feed's state takes 0.7 to 1.1 kB instead of 1.8 to 2.4.
COMPACT_BYTES = 2048

Fsync = Literal["everysec", "always"]

log = get_logger("embedded_redis")
_libc = ctypes.CDLL(None)


@asynccontextmanager
async def embedded(
    data_folder: Path, *, redis_server: str | None = None, appendfsync: Fsync = "everysec"
) -> AsyncIterator[EmbeddedRedis]:
    """A private Redis with its data in ``data_folder``, running inside the block.

    Args:
        data_folder: Made if missing. Also holds ``redis.log`` and, where its path is short enough, the socket.
        redis_server: Program to run; without it, see `find_redis_binary`.
        appendfsync: ``everysec`` can lose the last second if the machine (not the process) stops; ``always`` cannot, and
            costs a disk flush per write.
    Raises:
        SettingsError: No server program, the folder is in use or not writable, its data is of a newer server or damaged.
    """
    binary = await asyncio.to_thread(find_redis_binary, redis_server)
    try:
        await asyncio.to_thread(data_folder.mkdir, parents=True, exist_ok=True)
        lock = await _take_lock(data_folder)
    except OSError as error:
        raise SettingsError(f"{data_folder}: cannot be used as a data folder: {explain_os_error(error)}") from error
    with lock:
        lock.write({"pid": os.getpid(), "url": None})
        before = refuse_older_server(data_folder, binary)
        server = EmbeddedRedis(data_folder, binary, appendfsync, lock)
        try:
            await server.start()
            write_version(data_folder, binary)
            log.info("embedded_redis.started", server=binary.name, program=str(binary.path), folder=str(data_folder))
            if before and before != binary.name:
                log.warning(
                    "embedded_redis.changed", before=before, now=binary.name, folder=str(data_folder),
                    note="the older server cannot read what this one writes: there is no way back",
                )  # fmt: skip
            yield server
        finally:
            await server.stop()


def running(data_folder: Path) -> str | None:
    """The URL of the embedded Redis that another process runs on ``data_folder`` now, None if there is none."""
    holder = FolderLock.holder(data_folder)
    return holder.get("url") if holder else None


class EmbeddedRedis:
    """One server process. If it dies it is started again; ``restarts`` counts that."""

    def __init__(self, folder: Path, binary: RedisBinary, appendfsync: Fsync, lock: FolderLock) -> None:
        self.folder = folder.resolve()
        self.binary = binary
        self.restarts = 0
        self._appendfsync = appendfsync
        self._lock = lock
        self._socket, self._short_folder = _socket_path(self.folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """Process id of the server."""
        return self._process.pid if self._process else None

    @property
    def log_file(self) -> Path:
        """The server's own log."""
        return self.folder / "redis.log"

    async def start(self) -> None:
        """Start the server and wait until its data is loaded. Raises SettingsError with the end of its log."""
        await self._start()
        self._lock.write({"pid": os.getpid(), "server_pid": self.pid, "url": self.url})
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the server in order: SHUTDOWN, then SIGINT, then SIGKILL. Repeatable."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._process is not None and self._process.poll() is None:
            await self._shut_down()
            for ending in (None, signal.SIGINT, signal.SIGKILL):
                if ending is not None and self._process.poll() is None:
                    self._process.send_signal(ending)
                if await self._ended(STOP_SECONDS):
                    break
        if self._short_folder is not None:
            shutil.rmtree(self._short_folder, ignore_errors=True)

    async def _start(self) -> None:
        self._rotate_log()
        self._socket.unlink(missing_ok=True)  # of a server that was killed; ours alone, by the lock
        parent = os.getpid()
        self._process = subprocess.Popen(  # noqa: ASYNC220 (a fork and an exec; we wait for neither)
            [self.binary.path, *self._options()],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[self._lock.fd],
            preexec_fn=lambda: _end_with(parent),
        )
        client = self._client()
        try:
            async with asyncio.timeout(LOAD_SECONDS):
                while not await _answers(client):
                    if self._process.poll() is not None:
                        raise SettingsError(self._tell_failure())
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise SettingsError(f"{self.folder}: Redis did not load its data within {LOAD_SECONDS:g} s") from None
        finally:
            await heeding_cancel(client.aclose())

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "daemonize": "no",
            "logfile": str(self.log_file),
            "loglevel": "notice",
            "databases": "1",
            "save": "",
            "appendonly": "yes",
            "appendfsync": self._appendfsync,
            "aof-load-truncated": "yes",
            "maxmemory-policy": "noeviction",
            "hash-max-ziplist-value": str(COMPACT_BYTES),  # Redis 7's listpack answers to the old name too
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    async def _keep(self) -> None:
        """Look after the server: start it again when it has died, and keep its log short."""
        wait = 0.1
        while True:
            if await self._ended(LOG_CHECK_SECONDS):
                status = self._process.returncode if self._process else None
                log.error("embedded_redis.died", status=status, folder=str(self.folder), next="starting it again")
                self.restarts += 1
                await asyncio.sleep(wait)
                wait = min(wait * 2, 10.0)
                try:
                    await self._start()
                except SettingsError as error:
                    log.error("embedded_redis.not_started", error=error)
            else:
                wait = 0.1
                self._rotate_log()

    async def _ended(self, seconds: float) -> bool:
        """Whether the server ended, waiting so long for it."""
        assert self._process is not None
        if self._process.poll() is not None:
            return True
        loop = asyncio.get_running_loop()
        end: asyncio.Future[None] = loop.create_future()
        watch = os.pidfd_open(self._process.pid)

        def settle() -> None:
            if not end.done():
                end.set_result(None)

        loop.add_reader(watch, settle)
        try:
            async with asyncio.timeout(seconds):
                await end
            return self._process.wait() is not None
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(watch)
            os.close(watch)

    async def _shut_down(self) -> None:
        client = self._client()
        with contextlib.suppress(foreign.RedisError, OSError):
            await client.shutdown()
        with contextlib.suppress(foreign.RedisError, OSError):
            await client.aclose()

    def _client(self) -> redis_client.Redis:
        return redis_client.Redis.from_url(self.url, socket_timeout=STOP_SECONDS, protocol=2)

    def _rotate_log(self) -> None:
        # Redis opens its log anew for every line, so that it may be moved away under it.
        with contextlib.suppress(FileNotFoundError):
            if self.log_file.stat().st_size > MAX_LOG_BYTES:
                self.log_file.replace(self.log_file.with_suffix(".log.1"))

    def _tell_failure(self) -> str:
        try:
            lines = self.log_file.read_text(errors="replace").splitlines()[-6:]
        except OSError:
            lines = ["(it wrote no log)"]
        return (
            f"{self.folder}: {self.binary.name} ended at its start; the end of {self.log_file} says:\n  "
            + "\n  ".join(lines)
            + "\nIf the data is damaged, mend a copy of it with redis-check-aof --fix; if it is of a newer server, use that one"
        )


async def _take_lock(folder: Path) -> FolderLock:
    holder: dict[str, Any] | None = None
    try:
        async with asyncio.timeout(TAKEOVER_SECONDS):
            while (lock := FolderLock.take(folder)) is None:
                holder = FolderLock.holder(folder)
                if holder and process_runs(holder.get("pid")):
                    raise SettingsError(
                        f"{folder} is in use by process {holder.get('pid')} (embedded Redis at {holder.get('url')}); "
                        "stop that one, or give this one another data folder, or set redis.url to share one Redis"
                    )
                # Free again just now, or not told yet by whom, or the last daemon has died and its server still writes.
                await asyncio.sleep(0.05)
            return lock
    except TimeoutError:
        server_pid = holder.get("server_pid") if holder else None
        raise SettingsError(
            f"{folder} is still in use by an embedded Redis whose daemon has gone (process {server_pid}); end it with SIGINT"
        ) from None


def _socket_path(folder: Path) -> tuple[Path, Path | None]:
    """Where the socket goes, and the folder to remove afterwards if it had to go elsewhere."""
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES:
        return path, None
    short = Path(tempfile.mkdtemp(prefix="dateline-"))
    return short / "redis.sock", short


def _end_with(parent: int) -> None:
    """Between fork and exec: SIGINT when the daemon ends, SIGTERM blocked. Calls nothing that could need a lock."""
    if sys.platform == "linux":
        _libc.prctl(1, int(signal.SIGINT), 0, 0, 0)  # PR_SET_PDEATHSIG
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    if os.getppid() != parent:
        os._exit(0)


async def _answers(client: redis_client.Redis) -> bool:
    try:
        return bool(await heeding_cancel(client.ping()))
    except (foreign.ConnectionError, foreign.TimeoutError, foreign.BusyLoadingError, OSError):
        return False
