"""Which header goes with a request for a private feed: to where it belongs, and nowhere a redirect leads. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..settings import Credential
from ..urls import Url, parse


class Credentials:
    """The operator's ``[[credentials]]``. Of several that cover a feed, the one with the longest address counts."""

    def __init__(self, rows: Sequence[Credential] = ()) -> None:
        self._rows = sorted(((parse(row.url), row) for row in rows), key=lambda pair: -len(pair[0].path))

    def header(self, wanted: Url, here: Url) -> tuple[str, str] | None:
        """Return name and value of the header for a request to ``here``, made for the feed ``wanted``; None for no header.

        Both must lie below the credential's address, by scheme, host, port and path: a feed that only redirects there is
        somebody else's, and what a private feed redirects to elsewhere is not to see the secret.
        """
        for prefix, row in self._rows:
            if _covers(prefix, wanted):
                return (row.name, row.value) if _covers(prefix, here) else None
        return None


def _covers(prefix: Url, url: Url) -> bool:
    if (prefix.scheme, prefix.host, prefix.effective_port) != (url.scheme, url.host, url.effective_port):
        return False
    return url.path == prefix.path or url.path.startswith(prefix.path.rstrip("/") + "/")
