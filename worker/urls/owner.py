"""Finds the owner of a URL, its registrable domain: budgets and counts of sources are per owner.

The only module that imports publicsuffixlist. Shared platforms are split, domains of one publisher are joined
(``platforms.toml`` and settings).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli

from .parts import address, parse

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


class Owners:
    """Finds the owner of an address.

    Args:
        joined: Further domains of a publisher: registrable domain to its main domain.
    """

    def __init__(self, joined: Mapping[str, str] | None = None) -> None:
        data = _data()
        self._platforms: frozenset[str] = frozenset(data["platforms"])
        self._publisher_domain: dict[str, str] = {
            domain: main for main, domains in data["joined"].items() for domain in domains
        }
        self._publisher_domain |= {domain.lower(): main.lower() for domain, main in (joined or {}).items()}
        _suffixes()  # read at start, not in the middle of the first poll
        self._of_host = lru_cache(maxsize=16_384)(self._find)

    def owner(self, url: str) -> str:
        """Return the registrable domain of ``url`` (``news.bbc.co.uk`` gives ``bbc.co.uk``), the name below a shared platform
        (``a.substack.com``), or the address itself; on loopback with its port, where each port is another server.
        Raises as `dateline.urls.parse` does."""
        parsed = parse(url)
        ip = address(parsed.host)
        if ip is not None:
            return f"{parsed.host}:{parsed.effective_port}" if ip.is_loopback else parsed.host
        return self._of_host(parsed.host.rstrip(".") or parsed.host)

    def _find(self, name: str) -> str:
        labels = name.split(".")
        for index in range(1, len(labels)):
            if ".".join(labels[index:]) in self._platforms:
                own = labels[index - 1 :]
                # "www" of a platform is the platform's own site.
                return ".".join(own[1:] if own[0] == "www" else own)
        domain: str = _suffixes().privatesuffix(name) or name
        return self._publisher_domain.get(domain, domain)


def owner(url: str) -> str:
    """`Owners.owner` without joined domains of the settings."""
    return _default().owner(url)


def is_feed_host(url: str) -> bool:
    """Return True for an address on a host that serves other publishers' feeds (feedburner.com, rsshub.app). Raises as
    `dateline.urls.parse` does."""
    labels = parse(url).host.rstrip(".").split(".")
    hosts = _feed_hosts()
    return any(".".join(labels[at:]) in hosts for at in range(len(labels)))


@cache
def _feed_hosts() -> frozenset[str]:
    return frozenset(_data()["feed_hosts"])


@cache
def _default() -> Owners:
    return Owners()


@cache
def _suffixes() -> PublicSuffixList:
    """The suffixes in both spellings, in a third of the time that the library takes: it has the whole list encoded, with checks
    that names outside the list need."""
    from publicsuffixlist import PSLFILE, PublicSuffixList

    lines = Path(PSLFILE).read_text("utf-8").splitlines()
    rules = [line.lower().split()[0] for line in lines if line.strip() and not line.startswith("//")]
    foreign = [".".join(map(_encoded, rule.split("."))) for rule in rules if not rule.isascii()]
    return PublicSuffixList(rules + foreign, accept_encoded_idn=False)


def _encoded(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


@cache
def _data() -> dict[str, Any]:
    return tomli.loads(files(__package__).joinpath("platforms.toml").read_text("utf-8"))
