"""Request and response data of a fetch, and the way it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Literal

import msgspec
from yarl import URL

from .. import clock
from ..encoding.decompress import inflate_start
from ..errors import Blocked, DatelineError, PermanentError, Throttled, TooLarge, TransientError
from ..settings import FetchSettings
from ..urls import Url, parse
from ..urls.kept import MAX_KEPT_CHARS
from .cookies import Cookies
from .guard import MAX_KEPT_URLS, Guard
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
_CONDITIONS = ("If-None-Match", "If-Modified-Since")
_MAX_EMPTY_BYTES = 64
_NOT_A_PAGE = ("video/", "audio/", "image/", "font/", "application/pdf", "application/zip")


class Request(msgspec.Struct, frozen=True):
    """What stays the same over all hops. ``wanted`` is the address as it was asked for, for messages."""

    wanted: str
    kind: Kind
    headers: dict[str, str]
    max_bytes: int
    conditional: bool
    keep_raw_headers: bool = False
    follows_refresh: bool = True
    #: The validators of the answer are not its own address's, or the server misreads them: they must not be sent back.
    keeps_no_validators: bool = False

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

    def unconditional(self, *, follows_refresh: bool = True) -> Request:
        """Return the same request without validators, whose answer's validators are not kept either."""
        headers = {name: value for name, value in self.headers.items() if name not in _CONDITIONS}
        return msgspec.structs.replace(
            self, headers=headers, conditional=False, follows_refresh=follows_refresh, keeps_no_validators=True
        )

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


class Answer(msgspec.Struct, frozen=True):
    """One hop's answer. ``location`` is set for a redirect, and then there is no body; ``refresh`` where a page leads on."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    encoding: str | None = None
    location: str | None = None
    raw_headers: tuple[tuple[str, str], ...] = ()
    refresh: str | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether this is a success without a body: white space, or nothing in a compressed wrapping."""
        if self.status == 304 or len(self.body) > _MAX_EMPTY_BYTES:
            return False
        return not inflate_start(self.body, self.encoding, max_bytes=_MAX_EMPTY_BYTES).strip()


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
    """The hops of one fetch and the cookies they set: each hop is resolved, checked by the guard, and must lead somewhere new.

    An address counts as new again once other cookies go with it: a consent page sends its reader back where he came from.
    """

    def __init__(self, wanted: str, guard: Guard, max_redirects: int, cookies: Cookies) -> None:
        self.first = self.current = guard.check_url(wanted)
        self.hops: list[tuple[int, str]] = []
        self.cookies = cookies
        self._wanted = wanted
        self._guard = guard
        self._max_redirects = max_redirects
        self._seen: set[tuple[str, str]] = set()

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
            resolved = replace(parse(location, None if bare else self.current), fragment=None)
        except Blocked:
            raise
        except PermanentError as error:
            raise Blocked(f"{self._wanted} redirects to {location[:200]!r}, which is no address") from error
        target = self._guard.check_url(str(resolved))
        if not self._arrive(status, target):
            raise PermanentError(f"{self._wanted} redirects in a circle, through {resolved}", code="redirect_limit")
        return target

    def follow_refresh(self, status: int, target: str) -> bool:
        """Go where a page's refresh leads. False where that is no new place: then the page itself is what there is.

        Raises Blocked where it leads where we do not go.
        """
        if len(self.hops) >= self._max_redirects:
            return False
        return self._arrive(status, self._guard.check_url(str(replace(parse(target), fragment=None))))

    def _arrive(self, status: int, target: Url) -> bool:
        place = (str(target), self.cookies.header(to_yarl(target)))
        if place in self._seen or place == (str(self.first), ""):
            return False
        self._seen.add(place)
        self.hops.append((status, str(target)))
        self.current = target
        return True


def to_yarl(url: Url) -> URL:
    """Return our reading of the address, not to be read a second time: no fragment, nothing re-encoded."""
    is_long = len(url.path) + len(url.query or "") + len(url.fragment or "") > MAX_KEPT_CHARS
    return _to_yarl.__wrapped__(url) if is_long else _to_yarl(url)


@lru_cache(MAX_KEPT_URLS)
def _to_yarl(url: Url) -> URL:
    text = str(url)
    return URL(text if url.fragment is None else text.partition("#")[0], encoded=True)
