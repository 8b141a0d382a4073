"""Names to addresses: the system's resolver in threads of its own, and a fixed table for loopback worlds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from ..errors import TransientError
from ..settings import FetchSettings

#: What getaddrinfo says when asking again may help: the name server did not answer, or its answer was an error.
_TEMPORARY = {socket.EAI_AGAIN, socket.EAI_SYSTEM, socket.EAI_MEMORY}


class Resolver(Protocol):
    """Finds the addresses of a name, best first.

    Raises:
        TransientError: ``dns``; ``temporary`` tells a name server in trouble from a name that is not there.
    """

    async def resolve(self, host: str) -> list[str]: ...

    def close(self) -> None: ...


class SystemResolver:
    """getaddrinfo, in threads that nothing else waits for.

    Args:
        threads: Look-ups at a time. The loop's own pool is small and would be full while one name server is silent.
        timeout_seconds: Time until the caller gets an error; the thread goes on until the system's own limit.
    """

    def __init__(self, threads: int = 16, timeout_seconds: float = 5.0) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dns")
        self._timeout_seconds = timeout_seconds

    async def resolve(self, host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                found = await loop.run_in_executor(self._threads, _look_up, host)
        except TimeoutError as error:
            raise TransientError(
                f"{host}: no answer from the name server within {self._timeout_seconds:g} s", code="dns", temporary=True
            ) from error
        except socket.gaierror as error:
            raise TransientError(
                f"{host}: the name cannot be resolved ({error.strerror}): is it spelled right, and is this machine online?",
                code="dns",
                temporary=error.errno in _TEMPORARY,
            ) from error
        except OSError as error:
            raise TransientError(f"{host}: cannot be looked up ({error})", code="dns", temporary=True) from error
        except UnicodeError as error:
            raise TransientError(f"{host[:200]}: a label is empty or longer than 63 characters", code="dns") from error
        if not found:
            raise TransientError(f"{host}: the name has no address", code="dns")
        return found

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class FixedNames:
    """Answers from a table, for tests and demonstrations; ``{".localhost": "127.0.0.1"}`` covers every name below it.

    Names that are not in the table are asked of ``other``, or do not exist.
    """

    def __init__(self, table: Mapping[str, str | list[str]], other: Resolver | None = None) -> None:
        self._table = {name: [found] if isinstance(found, str) else list(found) for name, found in table.items()}
        self._other = other

    async def resolve(self, host: str) -> list[str]:
        labels = host.rstrip(".").split(".")
        for name in [".".join(labels), *("." + ".".join(labels[index:]) for index in range(1, len(labels)))]:
            if name in self._table:
                return self._table[name]
        if self._other is not None:
            return await self._other.resolve(host)
        raise TransientError(f"{host}: no such name in the fixed table", code="dns")

    def close(self) -> None:
        if self._other is not None:
            self._other.close()


def _look_up(host: str) -> list[str]:
    rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def resolver_of(settings: FetchSettings) -> Resolver:
    """Return the system's resolver; where the settings have ``local_names``, one that answers 127.0.0.1 for these alone."""
    if settings.local_names:
        return FixedNames(dict.fromkeys(settings.local_names, "127.0.0.1"))
    return SystemResolver(settings.dns_threads, settings.dns_seconds)
