"""When a permanent redirect is taken at its word. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..errors import PermanentError
from ..urls import parse
from .history import FeedHistory

_PERMANENT = {301, 308}
#: Polls that must agree. A misconfigured night sends every feed of a site to its front page; it rarely lasts three polls.
AGREEING_POLLS = 3


def permanent_url(requested: str, hops: Sequence[tuple[int, str]]) -> str | None:
    """Where the permanent redirects at the beginning of ``hops`` lead, or None if the first is none.

    What a temporary redirect behind them leads to is not the feed's address.
    """
    if hops and hops[-1][1] == requested:  # a detour to set a cookie
        return None
    target: str | None = None
    for status, url in hops:
        if status not in _PERMANENT:
            break
        target = url
    return target if target != requested else None


def moved(history: FeedHistory, requested: str, target: str | None) -> tuple[FeedHistory, str | None]:
    """Return the history after a poll that parsed as a feed, and the address to adopt now, if any.

    From http to https on the same host is believed at once; everything else after three polls in a row that agree.
    """
    if target is None:
        if history.moved_polls:
            history = msgspec.structs.replace(history, moved_to="", moved_polls=0)
        return history, None
    polls = history.moved_polls + 1 if history.moved_to == target else 1
    if polls >= AGREEING_POLLS or _is_upgrade(requested, target):
        return msgspec.structs.replace(history, moved_to="", moved_polls=0), target
    return msgspec.structs.replace(history, moved_to=target, moved_polls=polls), None


def _is_upgrade(requested: str, target: str) -> bool:
    try:
        old, new = parse(requested), parse(target)
    except PermanentError:
        return False
    return (old.scheme, new.scheme) == ("http", "https") and (old.host, old.path, old.query) == (
        new.host,
        new.path,
        new.query,
    )
