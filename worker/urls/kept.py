"""Keeps what a function gave for the addresses asked last: bounded in number, and in bytes because long ones are left out."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

#: A longer address is worked out anew each time. 9,000 addresses of 16,000 characters took 385 MiB in the caches of one worker;
#: of this length they take 31, of 100 characters 10.
MAX_KEPT_CHARS = 1_000


def keep_short(most: int) -> Callable[[F], F]:
    """Decorate a function of a text that always gives the same answer: keep those of the ``most`` short texts asked last."""

    def decorate(function: F) -> F:
        kept = lru_cache(most)(function)

        @wraps(function)
        def ask(text: str, *args: Any, **kwargs: Any) -> Any:
            return (kept if len(text) <= MAX_KEPT_CHARS else function)(text, *args, **kwargs)

        return cast(F, ask)

    return decorate
