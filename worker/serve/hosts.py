"""Which names a request may ask us under: no page elsewhere may point its own name at us and read ours (DNS rebinding)."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit


def is_known_host(host: str, allowed: Collection[str], *, short_names: bool = False) -> bool:
    """Return whether a Host is an IP address, which no name server can rebind, localhost, or a name that was allowed.

    Args:
        short_names: Names without a dot are known too: those of services in a network of our own.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False  # invalid address in brackets
    if (
        name == "localhost"
        or name.endswith(".localhost")
        or name in allowed
        or (short_names and name and "." not in name)
    ):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
