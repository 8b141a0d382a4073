"""A web address taken apart and put together as browsers do it (WHATWG URL standard, http and https only).

The parser is `ada_url`, which Node.js and others use: reading ``0x7f.1`` or ``①⓪.0.0.1`` any other way than the connection
does is how address filters are fooled. Here is what it leaves open: the schemes, the length, and names that are no punycode.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import ada_url

from ..errors import Blocked, PermanentError
from .kept import keep_short

DEFAULT_PORTS = {"http": 80, "https": 443}

#: Longest address taken, in characters. Browsers stop at 2 MB, servers at 8 KB; a feed with a 1 MB link exists.
MAX_URL_CHARS = 16_384

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_C0_AND_SPACE = "".join(map(chr, range(33)))
_NEWLINES = str.maketrans("", "", "\t\n\r")
#: A lone surrogate has no UTF-8 form; browsers put U+FFFD in its place.
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute http or https address in parts; ``str()`` puts it together again.

    ``port`` is None where it is the scheme's own. ``query`` and ``fragment`` are None where absent, which is not the
    same as empty. Everything is ASCII and percent-encoded.
    """

    scheme: str
    host: str
    port: int | None = None
    path: str = "/"
    query: str | None = None
    fragment: str | None = None
    user: str = ""
    password: str = ""

    @property
    def effective_port(self) -> int:
        """The port a connection goes to."""
        return DEFAULT_PORTS[self.scheme] if self.port is None else self.port

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt covers."""
        return f"{self.scheme}://{self.host}" + ("" if self.port is None else f":{self.port}")

    def __str__(self) -> str:
        userinfo = ""
        if self.user or self.password:
            userinfo = self.user + (f":{self.password}" if self.password else "") + "@"
        port = "" if self.port is None else f":{self.port}"
        query = "" if self.query is None else f"?{self.query}"
        fragment = "" if self.fragment is None else f"#{self.fragment}"
        return f"{self.scheme}://{userinfo}{self.host}{port}{self.path}{query}{fragment}"


def bad_url(text: str, why: str) -> PermanentError:
    """Return the error for an address that cannot be read; the message shows at most 200 characters of it."""
    return PermanentError(f"not a usable web address: {text[:200]!r} ({why})", code="bad_url")


def address(host_text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that the host of a `Url` stands for, or None if it is a name."""
    try:
        return ipaddress.ip_address(host_text.strip("[]"))
    except ValueError:
        return None


#: One request reads its address three times over (owner, host, guard), one page's links lead to the same few places.
@keep_short(2048)
def parse(text: str, base: Url | None = None) -> Url:
    """Return the address that ``text`` means, absolute or relative to ``base``.

    Raises:
        Blocked: ``bad_scheme``; it is an address, but not http or https.
        PermanentError: ``bad_url``; nothing a browser would open, or longer than ``MAX_URL_CHARS``.
    """
    if len(text) > MAX_URL_CHARS:
        raise bad_url(text, f"longer than {MAX_URL_CHARS} characters")
    text = text.strip(_C0_AND_SPACE).translate(_NEWLINES)  # as the parser does: the scheme may have them inside
    scheme = _SCHEME.match(text)
    if scheme is not None and scheme[1].lower() not in DEFAULT_PORTS:
        raise Blocked(
            f"only http and https are fetched, not {scheme[1].lower()}: {text[:200]!r} (web addresses begin with https://)",
            code="bad_scheme",
        )
    if scheme is None and base is None:
        raise bad_url(text, "it has no scheme: write https://HOST/PATH")
    try:
        read = ada_url.URL(SURROGATE.sub("\ufffd", text), None if base is None else str(base))
    except ValueError as error:
        raise bad_url(text, "no browser would open it") from error
    if len(read.href) > MAX_URL_CHARS:  # an escape takes up to twelve characters for one
        raise bad_url(text, f"longer than {MAX_URL_CHARS} characters")
    if "xn--" in read.hostname:
        _check_punycode(read.hostname)
    rest, hash_sign, fragment = read.href.partition("#")
    _, question_mark, query = rest.partition("?")
    return Url(
        scheme=read.protocol.rstrip(":"),
        host=read.hostname,
        port=int(read.port) if read.port else None,
        path=read.pathname,
        query=query if question_mark else None,
        fragment=fragment if hash_sign else None,
        user=read.username,
        password=read.password,
    )


def _check_punycode(name: str) -> None:
    """Raise ``bad_url`` where an ``xn--`` label does not decode to what UTS 46 would leave as it is."""
    # idna's mapping table takes 20 ms to import; few hosts come here.
    import idna

    for label in name.split("."):
        if not label.startswith("xn--"):
            continue
        try:
            decoded = label[4:].encode("ascii").decode("punycode")
            mapped = idna.uts46_remap(decoded, std3_rules=False, transitional=False)
        except (UnicodeError, OverflowError, idna.IDNAError) as error:
            raise bad_url(name, "an xn-- label that is no punycode") from error
        if decoded.isascii() or mapped != decoded:
            raise bad_url(name, "an xn-- label that stands for no valid name")
