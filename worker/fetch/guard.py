"""Which addresses may be reached: rules on the URL first, then the check that decides, on the address really connected to.

Design promise 6: no connection to a non-public address unless the operator allowed that address and port. `Guard.check_url`
spares the look-up where the URL alone gives it away; `Guard.check_address` is asked by the connector for every socket,
so that neither DNS, nor a redirect, nor an odd spelling gets past it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import tomli

from ..errors import Blocked, PermanentError, SettingsError
from ..urls import Url, address, parse
from ..urls.kept import keep_short

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_GLOBAL_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  #: how an IPv6-only machine reaches every IPv4 site
#: IPv6 forms that carry an IPv4 address in their last 32 bits, where the connection may end up. The first (compatible) and
#: the third (SIIT) are out of use; 6to4 and Teredo are in nonpublic.tsv whatever they carry.
_EMBEDDED_4 = (ipaddress.IPv6Network("::/96"), _MAPPED, ipaddress.IPv6Network("::ffff:0:0:0/96"), _NAT64)
#: Names that never lead to the public internet (RFC 6761, 6762, 8375, 7686, ICANN's ".internal"), and common private ones.
_PRIVATE_SUFFIXES = (
    "localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa", "localdomain", "onion",
    "test", "invalid", "cluster.local",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allowed:
    """An address or network and one port on it that may be reached although it is not public."""

    network: Network
    port: int

    @classmethod
    def parse(cls, text: str) -> Allowed:
        """``127.0.0.1:8080``, ``10.0.0.0/8:80`` or ``[fd00::/8]:443``. Raises SettingsError that shows these forms."""
        host_text, _, port_text = text.strip().rpartition(":")
        try:
            port = int(port_text)
            if not 0 < port < 65_536:
                raise ValueError(port_text)
            return cls(ipaddress.ip_network(host_text.strip("[]"), strict=False), port)
        except ValueError as error:
            raise SettingsError(
                f"fetch.allow: {text!r} is not an address or network with a port; write it as "
                "127.0.0.1:8080, 10.0.0.0/8:80 or [fd00::/8]:443"
            ) from error

    def holds(self, ip: Address, port: int) -> bool:
        """Return whether this entry allows ``ip`` on ``port``."""
        return port == self.port and ip.version == self.network.version and ip in self.network


MAX_KEPT_URLS = 8192  #: addresses whose check, and whose form for the HTTP library, are kept


class Guard:
    """Decides what may be reached.

    Args:
        allow: What may be reached although it is not public; entries of `Allowed` or their text form.
    """

    def __init__(self, allow: Iterable[Allowed | str] = ()) -> None:
        self._allow = tuple(Allowed.parse(entry) if isinstance(entry, str) else entry for entry in allow)
        _tables(), _ports()  # read now: a worker that is out of descriptors must still be able to refuse
        #: Refusals are not kept; what passes is asked for again with every poll.
        self._checked = keep_short(MAX_KEPT_URLS)(self._check_url)

    def check_url(self, url: str) -> Url:
        """``url`` taken apart, if nothing in it forbids fetching it. The same address is checked once.

        Raises:
            Blocked: ``bad_scheme``, or ``blocked`` with what is wrong: not an address, userinfo, a name that is only
                private, an address that is not public, a port of another service.
        """
        return self._checked(url)

    def _check_url(self, url: str) -> Url:
        try:
            parsed = parse(url)
        except Blocked:
            raise
        except PermanentError as error:
            raise Blocked(str(error), code="blocked") from error
        if parsed.user or parsed.password:
            raise Blocked(
                f"user name or password in an address is not sent: host {parsed.host}; for a private feed write "
                "[[credentials]] (docs/polling.md)"
            )
        port = parsed.effective_port
        ip = address(parsed.host)
        if ip is not None:
            self.check_address(ip, port)
            return parsed
        if any(entry.port == port for entry in self._allow):
            # The operator opened this port somewhere; whether it is here, the address will tell.
            _check_name(parsed.host, private=True)
            return parsed
        _check_name(parsed.host, private=False)
        _check_port(parsed.host, port)
        return parsed

    def check_address(self, ip: Address | str, port: int) -> None:
        """Nothing, if a connection to ``ip`` on ``port`` may be opened; else Blocked, with the network and its kind."""
        if isinstance(ip, str):
            ip = ipaddress.ip_address(ip.partition("%")[0])
        if any(entry.holds(ip, port) for entry in self._allow):
            return
        reason = nonpublic(ip)
        if reason is not None:
            raise Blocked(
                f"{ip} is not a public address ({reason}); if it is meant, add it with its port to fetch.allow"
            )
        _check_port(str(ip), port)


def check_url(url: str, allow: Iterable[Allowed | str] = ()) -> Url:
    """`Guard.check_url` for one question."""
    return Guard(allow).check_url(url)


def nonpublic(ip: Address) -> str | None:
    """Why ``ip`` is not a public address, or None if it is one."""
    if isinstance(ip, ipaddress.IPv4Address):
        value = int(ip)
        return next((kind for low, high, kind in _tables()[0] if low <= value <= high), None)
    if ip.scope_id is not None:
        return "address with a zone"
    for network in _EMBEDDED_4:
        if ip in network:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
            reason = nonpublic(inner)
            if reason is not None:
                return f"{inner} inside: {reason}"
            return None if network in (_NAT64, _MAPPED) else "IPv4 in a form that is no longer used"
    if ip not in _GLOBAL_UNICAST_6:
        return "not global unicast (2000::/3)"
    value = int(ip)
    return next((kind for low, high, kind in _tables()[1] if low <= value <= high), None)


def _check_name(name: str, *, private: bool) -> None:
    labels = name.removesuffix(".").split(".")
    if not all(labels):
        raise Blocked(f"not a host name: {name[:200]!r}")
    if private:
        return
    if len(labels) == 1 or any(name.removesuffix(".").endswith("." + suffix) for suffix in _PRIVATE_SUFFIXES):
        raise Blocked(
            f"{name[:200]} is a name of a private network; if it is meant, add its address and port to fetch.allow"
        )


def _check_port(host: str, port: int) -> None:
    web, services = _ports()
    if port in web or (port >= 1024 and port not in services):
        return
    raise Blocked(
        f"port {port} of {host[:200]} is not a web server's; if it is meant, add address and port to fetch.allow"
    )


@cache
def _tables() -> tuple[tuple[tuple[int, int, str], ...], tuple[tuple[int, int, str], ...]]:
    four: list[tuple[int, int, str]] = []
    six: list[tuple[int, int, str]] = []
    for line in files(__package__).joinpath("nonpublic.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            text, _, kind = line.partition("\t")
            network = ipaddress.ip_network(text)
            row = (int(network.network_address), int(network.broadcast_address), kind)
            (four if network.version == 4 else six).append(row)
    return tuple(four), tuple(six)


@cache
def _ports() -> tuple[frozenset[int], frozenset[int]]:
    data = tomli.loads(files(__package__).joinpath("ports.toml").read_text("utf-8"))
    return frozenset(data["web"]), frozenset(data["services"])
