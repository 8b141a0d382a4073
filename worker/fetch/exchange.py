"""Request and response data of a fetch, independent of the HTTP library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .. import clock
from ..errors import Blocked, DatelineError, PermanentError, Throttled, TooLarge, TransientError
from ..settings import FetchSettings
from ..urls import Url, parse
from .guard import Guard
from .headers import acceptable_validator, retry_after_seconds

Kind = Literal["feed", "page", "robots"]

_ACCEPT: Mapping[str, str] = {
    "feed": (
        "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
        "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
    ),
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
    "robots": "text/plain, */*;q=0.1",
}
#: Worth another try by themselves: the server gave up waiting, or asks to come later.
_TRANSIENT_STATUS = {408, 425, 429}
#: Media types that are never an article: refused by the header, before the body.
_NOT_A_PAGE = ("video/", "audio/", "image/", "font/", "application/pdf", "application/zip")


@dataclass(frozen=True, slots=True)
class Request:
    """What stays the same over all hops. ``wanted`` is the address as it was asked for, for messages."""

    wanted: str
    kind: Kind
    headers: dict[str, str]
    max_bytes: int
    conditional: bool
    keep_raw_headers: bool = False

    @classmethod
    def make(
        cls,
        url: str,
        settings: FetchSettings,
        *,
        kind: Kind,
        etag: str | None,
        last_modified: str | None,
        accept: str | None,
        max_bytes: int | None,
        keep_raw_headers: bool = False,
    ) -> Request:
        """Return a request for ``url``; validators that could not be sent unchanged are left out."""
        headers = {"Accept": accept or _ACCEPT[kind]}
        if etag is not None and acceptable_validator(etag):
            headers["If-None-Match"] = etag
        if last_modified is not None and acceptable_validator(last_modified):
            headers["If-Modified-Since"] = last_modified
        if max_bytes is None:
            if kind == "feed":
                max_bytes = settings.max_feed_bytes
            else:
                max_bytes = settings.max_page_bytes if kind == "page" else settings.max_robots_bytes
        return cls(url, kind, headers, max_bytes, len(headers) > 1, keep_raw_headers)

    @property
    def cut(self) -> bool:
        """Return whether a body over the limit is cut there instead of refused: robots.txt only (RFC 9309, 2.5)."""
        return self.kind == "robots"

    def too_large(self) -> TooLarge:
        """Return the error for a body over the limit."""
        return TooLarge(
            f"{self.wanted}: more than {self.max_bytes} bytes (fetch.max_{self.kind}_bytes); the rest was not read"
        )

    def refuse_type(self, content_type: str, status: int) -> None:
        """PermanentError ``unsupported_type`` for a page that is a film, a picture or a PDF."""
        if self.kind == "page" and content_type.lower().startswith(_NOT_A_PAGE):
            raise PermanentError(
                f"{self.wanted} is {content_type[:80]}, not a page", code="unsupported_type", status=status
            )


@dataclass(frozen=True, slots=True)
class Answer:
    """One hop's answer. ``location`` is set for a redirect, and then there is no body."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    encoding: str | None = None
    location: str | None = None
    raw_headers: tuple[tuple[str, str], ...] = ()


def status_error(status: int, reason: str, retry_after: str | None, wanted: str) -> DatelineError:
    """Return the error that a status other than 2xx, 304 and the redirects stands for."""
    message = f"{wanted}: the server answered {status} {reason[:80]}".rstrip()
    wait = retry_after_seconds(retry_after, clock.now())
    if status == 429 or (status == 503 and wait is not None):
        return Throttled(message, status=status, retry_after_seconds=wait)
    if status >= 500 or status in _TRANSIENT_STATUS or status < 400:
        return TransientError(message, code="http_status", status=status, retry_after_seconds=wait)
    return PermanentError(message, code="gone" if status == 410 else "http_status", status=status)


class Trail:
    """The redirects of one fetch: each hop is resolved, checked by the guard, and must lead somewhere new."""

    def __init__(self, wanted: str, guard: Guard, max_redirects: int) -> None:
        self.current = guard.check_url(wanted)
        self.hops: list[tuple[int, str]] = []
        self._wanted = wanted
        self._guard = guard
        self._max_redirects = max_redirects
        self._seen = {str(self.current)}

    def follow(self, status: int, location: str) -> Url:
        """Return the address that ``location`` leads to, now `current`.

        Raises:
            PermanentError: ``redirect_limit``; too many, or in a circle.
            Blocked: It leads where we do not go.
        """
        if len(self.hops) >= self._max_redirects:
            raise PermanentError(
                f"{self._wanted}: more than {self._max_redirects} redirects, the last to {location[:200]}",
                code="redirect_limit",
            )
        try:
            # "http:" alone means "this very page" to a browser; as a redirect it is a server's mistake.
            bare = location.strip().rstrip("/\\").lower() in ("http:", "https:")
            resolved = str(replace(parse(location, None if bare else self.current), fragment=None))
        except Blocked:
            raise
        except PermanentError as error:
            raise Blocked(f"{self._wanted} redirects to {location[:200]!r}, which is no address") from error
        target = self._guard.check_url(resolved)
        if resolved in self._seen:
            raise PermanentError(f"{self._wanted} redirects in a circle, through {resolved}", code="redirect_limit")
        self._seen.add(resolved)
        self.hops.append((status, resolved))
        self.current = target
        return target
