"""Named places in the flow where a test can have the process die, hang or stop; nothing at all where none is armed.

Armed by the environment, before the start: ``DATELINE_FAIL="before_publish:3:kill"`` kills the process at the third arrival
at that place. Several rules are parted by commas; ``@text`` behind the action counts only arrivals whose detail (an address,
a job's name) has that text, and ``*`` instead of a number means every arrival: ``in_parse:*:segfault@/poison.xml``.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .errors import SettingsError

VARIABLE = "DATELINE_FAIL"

#: Place to where it lies, in the order in which an entry passes them.
PLACES: dict[str, str] = {
    "before_poll": "a due feed is claimed, nothing was sent yet",
    "after_headers": "status and headers of an answer are there, no body yet (detail: the address)",
    "mid_body": "the first part of a body is there (detail: the address)",
    "in_parse": "in the child, before a feed body is parsed (detail: the address)",
    "after_parse": "a poll knows what is new, nothing of it is stored yet (detail: the address)",
    "after_enqueue": "a poll is committed: entries, validators and due time in one step (detail: the feed's id)",
    "mid_page": "an entry's page is there, nothing is read yet (detail: the address)",
    "in_extract": "in the child, before a page is read (detail: the address)",
    "in_step": "in the child, before a step of extraction or reading (detail: the step, the address, the text)",
    "in_read": "in the child, before quotes and events are read (detail: the address)",
    "mid_read": "a child has just been handed a job (detail: the job's name: poll, extract, read)",
    "before_publish": "the next step appends to the events stream (detail: the article's id)",
    "after_publish": "Redis has appended, the answer is not looked at yet (detail: the article's id)",
    "before_settle": "the entry is about to leave the entries stream (detail: done, later or dead)",
    "during_shutdown": "SIGTERM came, the loops are about to drain",
}


def _segfault() -> None:
    ctypes.string_at(0)


def _hang() -> None:
    while True:
        time.sleep(3600)


def _spin() -> None:
    while True:
        pass


def _eat() -> None:
    kept = []
    while True:
        kept.append(bytearray(16 << 20))


def _raise() -> None:
    raise RuntimeError("fail point")


def _fork() -> None:
    if os.fork() == 0:
        _hang()


ACTIONS: dict[str, Callable[[], None]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),  # goes on where somebody sends SIGCONT
    "exit": lambda: os._exit(70),
    "hang": _hang,
    "segfault": _segfault,
    "spin": _spin,
    "eat": _eat,
    "fork": _fork,
    "raise": _raise,
}


@dataclass(slots=True)
class Rule:
    """One armed place. ``nth`` counts from 1; None: every arrival."""

    place: str
    nth: int | None
    action: str
    detail: str = ""
    seen: int = 0

    def meets(self, place: str, detail: str) -> bool:
        """Count an arrival; whether this one is it."""
        if place != self.place or self.detail not in detail:
            return False
        self.seen += 1
        return self.nth is None or self.seen == self.nth


def read(text: str) -> list[Rule]:
    """The rules of a ``DATELINE_FAIL`` value. Raises SettingsError naming places and actions."""
    rules = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        head, _, detail = part.partition("@")
        place, nth, action = [*head.split(":"), "", ""][:3]
        counted = nth == "*" or (nth.isdecimal() and int(nth) > 0)
        if head.count(":") != 2 or place not in PLACES or not counted or action not in ACTIONS:
            raise SettingsError(
                f"environment: {VARIABLE}: {part!r} is no PLACE:N:ACTION[@TEXT]. Places: {', '.join(PLACES)}; N: a number "
                f"from 1, or *; actions: {', '.join(ACTIONS)}"
            )
        rules.append(Rule(place, None if nth == "*" else int(nth), action, detail))
    return rules


def _nothing(place: str, detail: str = "") -> None:
    return


def armed(environment: Mapping[str, str]) -> Callable[..., None]:
    """What `hit` is under this environment: nothing, or a watch for its rules."""
    text = environment.get(VARIABLE)
    if not text:
        return _nothing
    rules = read(text)

    def watch(place: str, detail: str = "") -> None:
        for rule in rules:
            if rule.meets(place, detail):
                sys.stderr.write(f"failpoint {place} {detail}: {rule.action}\n")
                sys.stderr.flush()
                ACTIONS[rule.action]()

    return watch


#: ``hit(place, detail)``: called in the flow; a no-op unless armed.
hit: Callable[..., None] = _nothing


def arm(environment: Mapping[str, str] = os.environ) -> None:
    """Read the environment, once per process. Raises SettingsError."""
    global hit
    hit = armed(environment)
