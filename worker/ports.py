"""Protocols at the seams, and `Resources`: what a component's ``build`` may use.

A stage, a forwarder or a source is one module; its ``build(settings, resources)`` gets nothing but what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from .contract.article import Article
from .model.records import Body
from .telemetry import Logger, get_logger


@dataclass(frozen=True, slots=True)
class Dropped:
    """A stage gives it in place of an article that it drops; ``why`` is what `dateline explain` says."""

    why: str


#: A reading stage: gives the article back, changed or not, or drops it (`Dropped`, or None to say no reason). Runs in a child
#: process.
Stage = Callable[[Article], Article | Dropped | None]


class HttpPost(Protocol):
    """Sends bytes to an address the operator configured; gives the status. Raises TransientError."""

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int: ...


class HttpExchange(Protocol):
    """As `HttpPost`, with the answer's body, which is cut at some megabytes."""

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]: ...


class Forwarder(Protocol):
    """Carries stream entries elsewhere, at least once: returns only when ``entries`` are safe on the other side.

    An entry is its flat fields; ``stream_id`` is its id in the stream, with several partitions ``<partition>/<id>``. The
    entries of a call are of one partition, in its order. Calls to one instance never overlap; a module with
    ``PER_PARTITION = True`` gets further instances where several partitions have entries at once. Raises TransientError where
    none was taken and all should come again, PartlyForwarded where some were taken or refused, PermanentError to have the
    first of them set aside.
    """

    async def forward(self, entries: list[dict[str, str]]) -> None: ...

    async def close(self) -> None: ...


class Pages(Protocol):
    """Fetches the pages of entries (`fetch.polite_client`)."""

    async def page(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Body: ...


class Jobs(Protocol):
    """Runs jobs in child processes (`pool.Pool`)."""

    async def run(self, job: str, payload: bytes, *, wall_seconds: float | None = None) -> bytes: ...


class RequestSlot(Protocol):
    """The right to send one request to an owner now."""

    @property
    def owner(self) -> str: ...

    async def hop(self, host: str, *, gap_seconds: float, max_wait_seconds: float) -> None:
        """Wait for the slot of a redirect's next request to the same owner. Raises Postponed."""

    async def refused(self, remember: Callable[[bytes, float], tuple[bytes, float]]) -> None:
        """Record for all workers that the owner refused us, as ``remember`` makes it of what was recorded before."""


class RateLimiter(Protocol):
    """Spaces the requests to each owner over all workers, and keeps the robots.txt records that they share."""

    def place(
        self,
        owner: str,
        host: str = "",
        *,
        gap_seconds: float,
        max_wait_seconds: float,
        max_queue_seconds: float = 0.0,
        burst: int = 0,
    ) -> AbstractAsyncContextManager[RequestSlot]:
        """Hold a slot while one request runs. Raises Postponed where the wait is longer than ``max_wait_seconds``, or what
        waits for the owner's pages needs more than ``max_queue_seconds`` (0: not asked). ``burst``: so many requests go
        without spacing to an owner that was not asked for an hour; negative: only the first of them may be this one."""

    async def robots(self, origin: str) -> bytes | None:
        """Return the stored robots.txt record of an origin (scheme, host, port), or None."""

    async def store_robots(self, origin: str, record: bytes, seconds: float) -> None:
        """Store an origin's robots.txt record for some seconds."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What a ``build`` may use."""

    log: Logger = field(default_factory=lambda: get_logger("component"))
    http_post: HttpPost | None = None
    http_exchange: HttpExchange | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
