"""What a target is: a door, the errors it may answer with, and inputs to begin with."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from hypothesis.strategies import SearchStrategy

from .repeated import repetitions, words

HERE = Path(__file__).parent
#: The longest that one input may take, in seconds of this process's CPU: what the pool gives a child for a feed.
LIMIT_SECONDS = 5.0
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,40}:")


class TooSlow(BaseException):
    """An input took longer than it may; no `Exception`, so that no ``except Exception`` under test swallows it."""


@dataclass(frozen=True)
class Target:
    """One door.

    Attributes:
        check: Takes an input; raises what breaks a promise. Errors that the door documents are caught inside.
        shaped: Nearly valid inputs.
    """

    name: str
    check: Callable[[bytes], object]
    shaped: SearchStrategy[bytes]

    @property
    def repeated(self) -> Mapping[str, Callable[[int], bytes]]:
        """Hostile repetitions: a name, and the input with n of it. Twice n may take about twice as long."""
        return repetitions(self.name)

    @property
    def words(self) -> tuple[str, ...]:
        """Tokens that a mutation should know."""
        return words(self.name)

    def kept(self, folder: str) -> list[Path]:
        """The files under ``seeds`` or ``findings`` for this target."""
        return sorted(path for path in (HERE / folder / self.name).glob("*") if path.is_file())


@contextmanager
def at_most(seconds: float = LIMIT_SECONDS) -> Iterator[None]:
    """Ends what runs inside with `TooSlow` once it has used so much CPU; a busy machine is not held against it."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds:g} s of CPU")

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def message(data: bytes) -> tuple[dict[str, str], bytes]:
    """An input read as an HTTP answer: header lines, an empty line, the body. Without header lines all of it is the body."""
    headers: dict[str, str] = {}
    rest = data
    while _HEADER.match(rest):
        line, end, after = rest.partition(b"\n")
        if not end:
            break
        name, _, value = line.partition(b":")
        headers.setdefault(name.decode("ascii").lower(), value.strip().decode("utf-8", "surrogateescape"))
        rest = after
        if rest[:1] == b"\n":
            return headers, rest[1:]
    return {}, data


def text_of(data: bytes) -> str:
    """An input as text; what is no UTF-8 becomes lone surrogates, which outside text may hold as well."""
    return data.decode("utf-8", "surrogateescape")
