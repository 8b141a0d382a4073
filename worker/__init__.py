"""Dateline: an async worker that turns news feeds into a stream of structured events.

The public API is ``__all__``: what a consumer of the stream imports. It is loaded at first use, so that ``import dateline``
costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from ._version import version as __version__  # written at installation, from the git tag
except ImportError:  # a checkout that was never installed
    __version__ = "0+unknown"

if TYPE_CHECKING:
    from .client import (
        Article,
        CannotConnect,
        Consumer,
        DeadLetter,
        Envelope,
        Event,
        Gap,
        Handled,
        MalformedEnvelope,
        Message,
        NewerContract,
        Retraction,
        Selection,
        SyncConsumer,
        follow,
        replay,
    )

__all__ = [
    "Article",
    "CannotConnect",
    "Consumer",
    "DeadLetter",
    "Envelope",
    "Event",
    "Gap",
    "Handled",
    "MalformedEnvelope",
    "Message",
    "NewerContract",
    "Retraction",
    "Selection",
    "SyncConsumer",
    "__version__",
    "follow",
    "replay",
]


def __getattr__(name: str) -> Any:
    """Load the client at the first use of one of its names."""
    if name in __all__:
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
