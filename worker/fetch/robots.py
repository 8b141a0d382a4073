"""What a site's robots.txt allows us (RFC 9309): the only file that knows Protego."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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

    def allowed(self, url: str, agent: str = PRODUCT) -> bool:
        """Return whether the crawler that calls itself ``agent`` may fetch ``url``, an address of this origin."""
        if self._rules is None:
            return self.status == "none"
        return bool(self._rules.can_fetch(url, agent))

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
    lines = (line for line in decoded.splitlines() if len(line) <= _MAX_LINE_CHARS)
    return Robots("ok", KEEP_SECONDS, Protego.parse("\n".join(lines)))
