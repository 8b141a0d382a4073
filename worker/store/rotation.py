"""Partitions in turn: each look begins where the one before ended, so that none waits behind the others for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
#: Most partitions asked in one round trip.
AT_ONCE = 64


class Rotation:
    """Whose turn it is among ``count`` partitions."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._next = 0

    async def collect(
        self, most: int, look: Callable[[Sequence[int], int], Awaitable[Sequence[T | Exception]]]
    ) -> list[T]:
        """Collect up to ``most`` things from all partitions, as many from each as there is room for.

        Args:
            look: Gives what some partitions have, at most so many each; for one that cannot be reached, its error.
        Raises:
            The first error, where nothing was found at all: a server that is away does not hold up what others have.
        """
        found: list[T] = []
        errors: list[Exception] = []
        asked = 0
        while asked < self.count and len(found) < most:
            left = most - len(found)
            size = min(self.count - asked, left, AT_ONCE)
            turn = [(self._next + place) % self.count for place in range(size)]
            self._next = (self._next + size) % self.count
            asked += size
            for one in await look(turn, max(1, left // size)):
                if isinstance(one, Exception):
                    errors.append(one)
                else:
                    found.append(one)
        if errors and not found:
            raise errors[0]
        return found
