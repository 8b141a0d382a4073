"""Settings of fetching: defaults and their reasons."""

from __future__ import annotations

from dataclasses import dataclass

from .. import __version__

#: The word robots.txt files know us by.
PRODUCT = "Dateline"


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How pages and feeds are fetched. Sizes count bytes as they come over the wire; the limit after inflating is the
    same number, enforced where inflating happens."""

    contact: str | None = (
        None  #: Address or page shown in the User-Agent, for webmasters who want to reach the operator
    )
    user_agent: str | None = None  #: Replaces the whole User-Agent
    connect_seconds: float = 5.0  #: TCP and TLS together
    first_byte_seconds: float = 10.0  #: From the connection to the end of the headers; also the longest silence later
    total_seconds: float = 30.0  #: All hops together, waits for a budget between them left out
    max_redirects: int = 5
    max_feed_bytes: int = 15 * 1024 * 1024
    max_page_bytes: int = 8 * 1024 * 1024
    max_robots_bytes: int = 512 * 1024  #: RFC 9309 asks for at least 500 KiB; what is beyond is not read
    keepalive_seconds: float = 15.0  #: A feed's pages follow it within seconds; longer would only hold descriptors
    dns_seconds: float = 5.0  #: Longest look-up of a name
    dns_cache_seconds: int = 60  #: getaddrinfo tells no lifetime; a minute spares a page its feed's look-up
    dns_threads: int = 16  #: Look-ups at a time: a silent name server holds a thread for seconds
    keep_raw_headers: bool = False  #: All headers of an answer in `Body.raw_headers`, for an archive
    ca_file: str | None = None  #: Certificate authorities in PEM instead of the system's
    allow: tuple[
        str, ...
    ] = ()  #: Non-public addresses that may be reached, each with its port: 127.0.0.1:8080, 10.0.0.0/8:80

    def agent(self) -> str:
        """The User-Agent header."""
        if self.user_agent:
            return self.user_agent
        contact = f"; +{self.contact}" if self.contact else ""
        return f"{PRODUCT}/{__version__} (news feed reader{contact})"
