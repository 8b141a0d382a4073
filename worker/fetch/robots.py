"""What a site's robots.txt allows us (RFC 9309): the only file that knows Protego."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from protego import Protego

from .user_agent import PRODUCT

#: How the request for robots.txt ended: its text came; there is none (4xx); the server or the way to it failed (5xx).
Status = Literal["ok", "none", "unreachable"]

#: RFC 9309, 2.4: not longer than a day.
KEEP_SECONDS = 86_400.0
#: Until then everything counts as forbidden (RFC 9309, 2.3.1.4); short, since nothing of the site is read meanwhile.
KEEP_UNREACHABLE_SECONDS = 600.0
#: Longest Crawl-delay kept. Some sites write a day, which would mean one page a day; five minutes is still modest.
MAX_CRAWL_DELAY_SECONDS = 300.0
MAX_TEXT_BYTES = 512 * 1024
_MAX_LINE_CHARS = 2_048
#: Parsed rules take so many bytes for each of their text (measured: 15.8). Longer texts are kept deflated, and of them is
#: parsed what may be about the address that is asked for.
MEMORY_PER_TEXT_BYTE, MAX_WHOLE_BYTES = 16, 32 * 1024
_RULE = re.compile(r"\s*(?:dis)?allow\s*:\s*(.*)", re.IGNORECASE)
_AGENT = re.compile(r"^(\s*user-?agent\s*:\s*[\w-]+)/[\w.].*", re.IGNORECASE)
_LITERAL = re.compile(r"[!\"&-)+-~]*")  # no blank, no # $ % *, nothing beyond ASCII


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin.

    Attributes:
        status: How its request ended. ``unreachable`` forbids for the time being: try again, do not give up.
        keep_seconds: How long these rules may be used.
    """

    status: Status
    keep_seconds: float
    _rules: Protego | None = None
    _text_bytes: int = 0
    _text: bytes = b""  #: deflated, of a long text: parsed whole it would take 16 times its size

    @property
    def is_long(self) -> bool:
        """Whether `allowed` takes some 10 ms: call it off the loop."""
        return bool(self._text)

    @property
    def size_bytes(self) -> int:
        """Return about how much memory these rules take."""
        return 1000 + len(self._text) + (0 if self._text else MEMORY_PER_TEXT_BYTE * self._text_bytes)

    def allowed(self, url: str, agent: str = PRODUCT) -> bool:
        """Return whether the crawler that calls itself ``agent`` may fetch ``url``, an address of this origin."""
        if self._rules is None:
            return self.status == "none"
        rules = self._rules
        if self._text:
            rules = Protego.parse("\n".join(_matching(zlib.decompress(self._text).decode().split("\n"), url)))
        return bool(rules.can_fetch(url, agent))

    def crawl_delay_seconds(self, agent: str = PRODUCT) -> float | None:
        """Seconds between two requests that the site asks for (Crawl-delay, else Request-rate), 0 to
        `MAX_CRAWL_DELAY_SECONDS`; None where it asks for none."""
        if self._rules is None:
            return None
        delay = self._rules.crawl_delay(agent)
        if delay is None:
            rate = self._rules.request_rate(agent)
            if rate is None:
                return None
            delay = rate.seconds / rate.requests
        return min(float(delay), MAX_CRAWL_DELAY_SECONDS)


def from_answer(status: Status | str, text: bytes = b"") -> Robots:
    """Return the rules that an answer to ``/robots.txt`` stands for.

    Args:
        status: ``ok``, ``none`` or ``unreachable``; any other word counts as unreachable.
        text: The body of an ``ok``, inflated. Beyond `MAX_TEXT_BYTES` it is not read. Parsing takes
            about 3 ms per 10 KB: off the loop where it is large.
    """
    if status == "none":
        return Robots("none", KEEP_SECONDS)
    if status != "ok":
        return Robots("unreachable", KEEP_UNREACHABLE_SECONDS)
    decoded = text[:MAX_TEXT_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if decoded.lstrip()[:1] == "<":
        # A page instead of rules (a catch-all router, a parked domain): the site has none.
        return Robots("none", KEEP_SECONDS)
    lines = [_named(line) for line in decoded.replace("\0", "").splitlines() if len(line) <= _MAX_LINE_CHARS]
    if len(text) <= MAX_WHOLE_BYTES:
        return Robots("ok", KEEP_SECONDS, Protego.parse("\n".join(lines)), len(text))
    kept = zlib.compress("\n".join(lines).encode(), 6)
    return Robots("ok", KEEP_SECONDS, Protego.parse("\n".join(_matching(lines, None))), len(text), kept)


def _named(line: str) -> str:
    """The line, the product of a User-agent without its version: "Dateline/2.0" means us (RFC 9309, 2.2.1)."""
    return _AGENT.sub(r"\1", line)


def _matching(lines: list[str], url: str | None) -> Iterator[str]:
    """The lines without the rules that cannot be about ``url`` (None: without any): what is compared is what stands before the
    first escape or wildcard."""
    path = ""
    if url is not None:
        parts = urlsplit(url)
        path = _LITERAL.match((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))[0]  # type: ignore[index]
    for line in lines:
        rule = _RULE.match(line)
        if rule is not None:
            literal = _LITERAL.match(rule[1])[0]  # type: ignore[index]
            length = min(len(literal), len(path))
            if url is None or (literal and literal[:length] != path[:length]):
                continue
        yield line
