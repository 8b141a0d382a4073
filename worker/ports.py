"""Protocols at the seams, and `Resources`: what a component's ``build`` may use.

A stage, a forwarder or a source is one module; its ``build(settings, resources)`` gets nothing but what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .contract.article import Article
from .telemetry import Logger, get_logger

#: A reading stage: gives the article back, changed or not, or None to drop it. Runs in a child process.
Stage = Callable[[Article], Article | None]


class HttpPost(Protocol):
    """Sends bytes to an address the operator configured; gives the status. Raises TransientError."""

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int: ...


class Forwarder(Protocol):
    """Carries stream entries elsewhere, at least once: returns only when ``entries`` are safe on the other side.

    An entry is its flat fields, the stream's own id under ``stream_id``. Raises TransientError to be called again with the
    same entries, PermanentError to have the first of them set aside.
    """

    async def forward(self, entries: list[dict[str, str]]) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Resources:
    """What a ``build`` may use."""

    log: Logger = field(default_factory=lambda: get_logger("component"))
    http_post: HttpPost | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
