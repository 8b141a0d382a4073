"""One Redis server: a bounded number of connections, commands and pipelines. Answers are Redis' own, nothing is reshaped."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import redis.asyncio as aioredis
from redis import exceptions as foreign
from redis.asyncio.connection import UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_HANDLE_CLOSED = "the handler is closed"  #: in the RuntimeError of a uvloop transport that its peer has closed
#: OpenSSL's codes of a certificate that is not valid yet, or not any more.
_BY_TIME = (9, 10)
#: Redis wants another user or password.
REFUSED = (foreign.AuthenticationError, foreign.AuthorizationError)
_BAD_FILES = ("NO_CERTIFICATE_OR_CRL_FOUND", "NO_START_LINE", "PEM", "KEY_VALUES_MISMATCH")


@dataclass(frozen=True, slots=True)
class Limits:
    """How one server is used.

    Attributes:
        timeout_seconds: Longest wait for an answer, and for a free connection.
        connections: Most connections to one server.
        retries: How often a command is sent again after its connection broke; 0 where the caller must know of it.
    """

    timeout_seconds: float = 10.0
    connections: int = 64
    retries: int = 2


class TlsRefused(foreign.ConnectionError):
    """No TLS with this server; the text says where and what to do. ``is_lasting``: waiting does not heal it."""

    def __init__(self, text: str, *, is_lasting: bool = True) -> None:
        super().__init__(text)
        self.is_lasting = is_lasting


class _Refused(Exception):
    """Carries a refusal past redis-py's retries; never leaves `_Retry`."""


class _Retry(Retry):
    """Sends nothing again that Redis has refused for user or password.

    To redis-py a refusal is a ConnectionError like any other; on a unix socket it is the cause of one.
    """

    async def call_with_retry(self, do: Callable[[], Awaitable[Any]], *args: Any, **options: Any) -> Any:
        async def try_once() -> Any:
            try:
                return await do()
            except foreign.ConnectionError as error:
                for one in (error, error.__cause__):
                    if isinstance(one, REFUSED):
                        raise _Refused from one
                raise

        try:
            return await super().call_with_retry(try_once, *args, **options)
        except _Refused as error:
            assert error.__cause__ is not None
            raise error.__cause__ from None


class _UnixConnection(UnixDomainSocketConnection):
    """A connection whose opening of the socket does nothing else.

    redis-py's (8.1) logs in within that step, too: what Redis answers there it calls a ConnectionError, and the PING in there
    connects again where it fails: with a missing password, too many clients or a Redis that loads its data, each try began
    another.
    """

    async def _connect(self) -> None:
        async with asyncio.timeout(self.socket_connect_timeout):
            self._reader, self._writer = await asyncio.open_unix_connection(self.path)


class Node:
    """One server."""

    def __init__(self, url: str, where: str, limits: Limits) -> None:
        """Open nothing yet. Raises ValueError where the URL is none."""
        self.where = where
        self._has_tls = url.startswith("rediss")
        self._limits = limits
        self._free = asyncio.Semaphore(limits.connections)
        self._in_use = 0
        self._is_closed = False
        retry = _Retry(ExponentialBackoff(cap=1.0, base=0.05) if limits.retries else NoBackoff(), limits.retries)
        self._client: Any = aioredis.Redis.from_url(
            url,
            socket_timeout=limits.timeout_seconds,
            socket_connect_timeout=min(5.0, limits.timeout_seconds),
            retry=retry,
            health_check_interval=30,
            protocol=2,
        )
        pool = self._client.connection_pool
        if url.startswith("unix"):
            pool.connection_class = _UnixConnection
        try:
            pool.connection_class(**pool.connection_kwargs)  # opens nothing
        except TypeError as error:
            raise ValueError(_explain_option(error)) from None
        # Raw answers: which commands the library reshapes, and how, changes with its version.
        self._client.response_callbacks.clear()

    async def execute(self, *command: Any) -> Any:
        """One command. Raises what redis-py raises."""
        async with self._connection():
            return await self._client.execute_command(*command)

    async def pipeline(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """Several commands in one round trip; an answer that is an error is given as the exception, not raised."""
        async with self._connection():
            pipe = self._client.pipeline(transaction=False)
            for command in commands:
                pipe.execute_command(*command)
            return cast(list[Any], await pipe.execute(raise_on_error=False))

    async def close(self) -> None:
        """Close every connection for good; what is under way, or comes later, fails with a ConnectionError."""
        self._is_closed = True
        await self._client.aclose()

    async def _close_what_is_left(self) -> None:
        """Close the connections that were being made while this server was closed."""
        if self._is_closed:
            await self._client.aclose()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[None]:
        """Wait for one of our connections to be free: redis-py's own pools raise at once, or lose a connection where a
        waiting task is cancelled twice. Raises ConnectionError where this server is closed, before or meanwhile."""
        if self._is_closed:
            raise foreign.ConnectionError(f"{self.where}: closed")
        if self._free.locked():
            try:
                async with asyncio.timeout(self._limits.timeout_seconds):
                    await self._free.acquire()
            except TimeoutError:
                seconds = self._limits.timeout_seconds
                raise foreign.ConnectionError(f"{self.where}: no connection became free for {seconds:g} s") from None
        else:
            await self._free.acquire()
        self._in_use += 1
        try:
            yield
        except (AttributeError, RuntimeError) as error:
            # The loss of a connection like any other: redis-py, where we close it between two steps of a command ("'NoneType'
            # object has no attribute 'writelines'"); uvloop, where the server closes it between two writes.
            if not self._is_closed and _HANDLE_CLOSED not in str(error):
                raise
            raise foreign.ConnectionError(f"{self.where}: closed while a command was under way") from error
        except foreign.ConnectionError as error:
            if self._has_tls and (refused := _find_tls_fault(error, self.where)):
                raise refused from error
            raise
        finally:
            self._free.release()
            self._in_use -= 1
            if not self._in_use:
                await self._close_what_is_left()


def _explain_option(error: TypeError) -> str:
    """Return what to say of an option after "?" that redis-py does not take; none of its values."""
    name = re.search(r"unexpected keyword argument '([^']{1,40})'", str(error))
    option = f"the option {name[1]!r}" if name else "an option"
    return f"{option} after ? is none of redis-py's: leave it out, or look for its right name there"


def _find_tls_fault(error: BaseException, where: str) -> TlsRefused | None:
    """Return what to say where TLS, or a file that the URL names for it, is why a connection was not made."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            say = f"{where}: the server's certificate is not trusted ({cause.verify_message.rstrip('.')})"
            if cause.verify_code in _BY_TIME:
                return TlsRefused(f"{say}: give the server a valid one; check the clocks", is_lasting=False)
            return TlsRefused(
                f"{say}: name the file of its CA with ?ssl_ca_certs=/path/ca.pem, and the host as the certificate does"
            )
        is_bad_file = isinstance(cause, ssl.SSLError) and any(reason in str(cause) for reason in _BAD_FILES)
        if is_bad_file or isinstance(cause, FileNotFoundError | PermissionError):
            return TlsRefused(
                f"{where}: a file for TLS cannot be read ({cause}): check ssl_ca_certs, ssl_certfile and ssl_keyfile"
            )
        cause = cause.__cause__ or cause.__context__
    return None
