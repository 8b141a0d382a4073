"""Cookies kept for the length of one fetch: a site that sets one and redirects to itself expects it back."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
from yarl import URL

from ..errors import DatelineError
from ..urls import owner

MAX_COOKIES = 60  #: of one answer that are read; more are left out
MAX_COOKIE_CHARS = 4096


class Cookies:
    """What the answers of one fetch set. A cookie goes back to the registrable domain that set it, by the rules of RFC 6265.

    Nothing is kept beyond the fetch, so no site can follow us from one poll to the next.
    """

    def __init__(self) -> None:
        self._jars: dict[str, aiohttp.CookieJar] = {}

    def keep(self, url: URL, lines: Sequence[str]) -> None:
        """Keep what the Set-Cookie ``lines`` of an answer from ``url`` set."""
        lines = [line for line in lines[:MAX_COOKIES] if len(line) <= MAX_COOKIE_CHARS]
        if not lines:
            return
        of = _owner(url)
        if of not in self._jars:  # unsafe: hosts that are addresses may have cookies, too
            self._jars[of] = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        self._jars[of].update_cookies_from_headers(lines, url)

    def header(self, url: URL) -> str:
        """Return the value of Cookie for a request to ``url``, empty where there is none for it."""
        if not self._jars or (jar := self._jars.get(_owner(url))) is None:
            return ""
        return "; ".join(f"{morsel.key}={morsel.value}" for morsel in jar.filter_cookies(url).values())


def _owner(url: URL) -> str:
    """Return whose cookies ``url`` sees: a cookie for a public suffix (``com``) stays within the domain that set it."""
    try:
        return owner(str(url))
    except DatelineError:
        return url.raw_host or ""
