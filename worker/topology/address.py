"""Reads ``redis.url``: which servers, how they are found, and what to print of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

FORMS = (
    "redis://HOST:PORT/DB, rediss:// for TLS, unix:///PATH, redis+cluster://HOST:PORT,HOST:PORT, "
    "redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB"
)
_SCHEMES: dict[str, tuple[Literal["single", "cluster", "sentinel"], str]] = {
    "redis": ("single", "redis"),
    "rediss": ("single", "rediss"),
    "unix": ("single", "unix"),
    "redis+cluster": ("cluster", "redis"),
    "rediss+cluster": ("cluster", "rediss"),
    "redis+sentinel": ("sentinel", "redis"),
    "rediss+sentinel": ("sentinel", "rediss"),
}
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@/?#\s,]+)?(?::(\d{1,5}))?")
_PORTS = {"single": 6379, "cluster": 6379, "sentinel": 26379}


@dataclass(frozen=True, slots=True)
class Address:
    """One ``redis.url``, taken apart. Use `Address.parse`.

    Attributes:
        kind: ``single``, ``cluster`` or ``sentinel``.
        hosts: Host and port of every server named; of a set with Sentinel, of the sentinels. Empty for a unix socket.
        service: The name under which Sentinel knows the set.
        where: The address without user, password and options, for messages.
    """

    kind: Literal["single", "cluster", "sentinel"]
    scheme: str
    hosts: tuple[tuple[str, int], ...]
    where: str
    user_info: str = ""
    path: str = ""
    query: str = ""
    service: str = ""

    @classmethod
    def parse(cls, url: str) -> Address:
        """Take a URL apart. Raises ValueError, whose text shows neither user nor password."""
        scheme, separator, rest = url.strip().partition("://")
        if not separator:
            raise ValueError(f"it has no scheme; forms: {FORMS}")
        if scheme not in _SCHEMES:
            raise ValueError(f"the scheme {scheme[:20]!r} is none of ours; forms: {FORMS}")
        kind, plain = _SCHEMES[scheme]
        if plain == "unix":
            path, _, query = rest.rpartition("@")[2].partition("?")
            if not path.startswith("/"):
                raise ValueError("a socket's path begins with a slash: unix:///run/redis.sock")
            return cls(kind, plain, (), f"unix://{path}", rest.rpartition("@")[0], path, query)
        user_info, at, rest = rest.rpartition("@")
        if any(mark in user_info for mark in "/?#@[] "):
            raise ValueError(
                "user or password holds a character that has a meaning in a URL: write / as %2F, ? as %3F, # as %23, "
                "@ as %40, [ as %5B, ] as %5D and a space as %20"
            )
        netloc, tail = _split_netloc(rest)
        parts = urlsplit("//h" + tail)
        if parts.fragment or "#" in tail:
            raise ValueError("# begins nothing in this URL; in a password write it as %23")
        hosts = tuple(_host(part, _PORTS[kind]) for part in netloc.split(","))
        if kind == "single" and len(hosts) > 1:
            raise ValueError(f"several hosts need redis+cluster:// or redis+sentinel://; forms: {FORMS}")
        service, path = "", parts.path
        if kind == "sentinel":
            service, _, database = path.strip("/").partition("/")
            path = f"/{database}" if database else ""
            if not service:
                raise ValueError("the service's name is missing: redis+sentinel://HOST:26379/mymaster")
        if kind == "cluster" and path not in ("", "/", "/0"):
            raise ValueError("a cluster has one database only, number 0: leave the path out")
        if path.strip("/") and not path.strip("/").isdigit():
            raise ValueError(f"the database is a number: {scheme}://.../0")
        where = f"{scheme}://{netloc}{'/' + service if service else ''}{path if path != '/' else ''}"
        return cls(kind, plain, hosts, where, user_info + at, path, parts.query, service)

    def url_of(self, host: str, port: int) -> str:
        """Return the URL of one Redis server, with this one's user, password, database and options."""
        query = urlencode([pair for pair in parse_qsl(self.query) if not pair[0].startswith("sentinel_")])
        shown = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{self.user_info}{shown}:{port}{self.path}{'?' + query if query else ''}"

    @property
    def only_url(self) -> str:
        """The URL of the one server, as redis-py reads it."""
        if self.scheme == "unix":
            user = f"{self.user_info}@" if self.user_info else ""
            return f"unix://{user}{self.path}{'?' + self.query if self.query else ''}"
        return self.url_of(*self.hosts[0])

    def sentinel_url_of(self, host: str, port: int) -> str:
        """Return the URL of one sentinel: its own user and password (``sentinel_username``, ``sentinel_password``), our TLS."""
        pairs = parse_qsl(self.query)
        own = {name: value for name, value in pairs if name.startswith("sentinel_")}
        name, password = own.get("sentinel_username", ""), own.get("sentinel_password", "")
        user = f"{quote(name, safe='')}:{quote(password, safe='')}@" if password else ""
        rest = urlencode([pair for pair in pairs if pair[0] not in own])
        shown = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{user}{shown}:{port}{'?' + rest if rest else ''}"


def _split_netloc(rest: str) -> tuple[str, str]:
    end = min((at for mark in "/?#" if (at := rest.find(mark)) >= 0), default=len(rest))
    return rest[:end], rest[end:]


def _host(text: str, default_port: int) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    if found is None or (found[2] and not 0 < int(found[2]) < 65536):
        raise ValueError(f"no host and port: {text[:80]!r}; forms: {FORMS}")
    return (found[1] or "localhost").strip("[]"), int(found[2] or default_port)
