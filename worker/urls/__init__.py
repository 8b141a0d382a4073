"""Web addresses: what they mean, their one canonical form, who owns them. Pure; no network.

`parse` and `resolve` read an address as browsers do; `canonical` gives the one address of an article; `same_key` what two
spellings of it have in common; `owner` the domain whose patience a request uses up;
`public` and `masked` what of it may be shown.
"""

from .canonical import canonical, resolve, same_key
from .owner import Owners, is_feed_host, owner
from .parts import Url, address, parse
from .secrets import masked, public

__all__ = [
    "Owners",
    "Url",
    "address",
    "canonical",
    "is_feed_host",
    "masked",
    "owner",
    "parse",
    "public",
    "resolve",
    "same_key",
]
