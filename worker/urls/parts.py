"""A web address taken apart and put together as browsers do it (WHATWG URL standard, http and https only)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from ..errors import Blocked
from .hosts import bad_url, host

DEFAULT_PORTS = {"http": 80, "https": 443}

#: Longest address taken, in characters. Browsers stop at 2 MB, servers at 8 KB; a feed with a 1 MB link exists.
MAX_URL_CHARS = 16_384

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_SLASHES = re.compile(r"[/\\]*")
_AUTHORITY = re.compile(r"[^/\\?#]*")
_C0_AND_SPACE = "".join(map(chr, range(33)))
#: A lone surrogate has no UTF-8 form; browsers put U+FFFD in its place.
_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINES = str.maketrans("", "", "\t\n\r")
#: An address that is already in its one form, so that nine of ten links cost one match.
_PLAIN = re.compile(
    r"(https?)://((?:[a-z0-9][a-z0-9-]*\.)+[a-z][a-z0-9]*)(?::([1-9][0-9]{0,3}))?"
    r"(/[A-Za-z0-9\-._~!$&()*+,;=:@%/|']*)(?:\?([A-Za-z0-9\-._~!$&()*+,;=:@%/?|]*))?\Z"
)
_DOTS = re.compile(r"(?:/|\A)(?:\.|%2e){1,2}(?:/|\Z)", re.IGNORECASE)
_NOT_PATH = re.compile(r"[\x00-\x20\"#<>?^`{}\x7f-\U0010ffff]")
_NOT_QUERY = re.compile(r"[\x00-\x20\"#<>'\x7f-\U0010ffff]")
_NOT_FRAGMENT = re.compile(r"[\x00-\x20\"<>`\x7f-\U0010ffff]")
_NOT_USERINFO = re.compile(r"[\x00-\x20\"#<>?^`{}/:;=@\[\\\]|\x7f-\U0010ffff]")
_ONE_DOT = {".", "%2e"}
_TWO_DOTS = {"..", ".%2e", "%2e.", "%2e%2e"}


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


#: One request reads its address three times over (owner, host, guard), one page's links lead to the same few places.
@lru_cache(2048)
def parse(text: str, base: Url | None = None) -> Url:
    """The address that ``text`` means, absolute or relative to ``base``.

    Raises:
        Blocked: ``bad_scheme``; it is an address, but not http or https.
        PermanentError: ``bad_url``; nothing a browser would open, or longer than ``MAX_URL_CHARS``.
    """
    if len(text) > MAX_URL_CHARS:
        raise bad_url(text, f"longer than {MAX_URL_CHARS} characters")
    plain = _PLAIN.match(text)
    if plain is not None:
        scheme, name, digits, path, query = plain.groups()
        if "xn--" not in name and not ("." in path and _DOTS.search(path)) and "%2e" not in path.lower():
            port = int(digits) if digits else None
            return Url(scheme, name, None if port == DEFAULT_PORTS[scheme] else port, path, query)
    found = _read(_SURROGATE.sub("\ufffd", text.strip(_C0_AND_SPACE).translate(_NEWLINES)), base)
    if len(str(found)) > MAX_URL_CHARS:  # an escape takes up to twelve characters for one
        raise bad_url(text, f"longer than {MAX_URL_CHARS} characters")
    return found


def _read(text: str, base: Url | None) -> Url:
    match = _SCHEME.match(text)
    if match is None:
        if base is None:
            raise bad_url(text, "relative, and no base to read it from")
        return _relative(text, base)
    scheme = match[1].lower()
    if scheme not in DEFAULT_PORTS:
        raise Blocked(f"only http and https are fetched, not {scheme}: {text[:200]!r}", code="bad_scheme")
    rest = text[match.end() :]
    if base is not None and base.scheme == scheme and not _starts_authority(rest):
        return _relative(rest, base)
    return _authority(scheme, rest[_end(_SLASHES, rest) :])


def _end(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match else 0


def _starts_authority(rest: str) -> bool:
    return rest[:1] in ("/", "\\") and rest[1:2] in ("/", "\\")


def _relative(rest: str, base: Url) -> Url:
    if _starts_authority(rest):
        return _authority(base.scheme, rest[_end(_SLASHES, rest) :])
    path, query, fragment = _split(rest)
    if rest[:1] in ("/", "\\"):
        return replace(base, path=_path([], path[1:]), query=query, fragment=fragment)
    if path:
        return replace(base, path=_path(base.path.split("/")[1:-1], path), query=query, fragment=fragment)
    return replace(base, query=base.query if query is None else query, fragment=fragment)


def _authority(scheme: str, rest: str) -> Url:
    end = _end(_AUTHORITY, rest)
    userinfo, at, host_port = rest[:end].rpartition("@")
    user, _, password = userinfo.partition(":")
    name, port = _host_and_port(host_port)
    if not name or (at and not host_port):
        raise bad_url(rest, "no host")
    path, query, fragment = _split(rest[end:])
    return Url(
        scheme=scheme,
        host=host(name),
        port=None if port == DEFAULT_PORTS[scheme] else port,
        path=_path([], path[1:]),
        query=query,
        fragment=fragment,
        user=_encode(user, _NOT_USERINFO),
        password=_encode(password, _NOT_USERINFO),
    )


def _host_and_port(text: str) -> tuple[str, int | None]:
    closing = text.rfind("]")
    colon = text.find(":", closing + 1)
    if colon < 0:
        return text, None
    name, digits = text[:colon], text[colon + 1 :]
    if not digits:
        return name, None
    if not (digits.isascii() and digits.isdigit()) or len(digits.lstrip("0")) > 5 or int(digits) > 65_535:
        raise bad_url(text, "not a port number")
    return name, int(digits)


def _split(rest: str) -> tuple[str, str | None, str | None]:
    """Path as written, query and fragment encoded."""
    rest, hash_sign, fragment = rest.partition("#")
    path, question_mark, query = rest.partition("?")
    return (
        path,
        _encode(query, _NOT_QUERY) if question_mark else None,
        _encode(fragment, _NOT_FRAGMENT) if hash_sign else None,
    )


def _path(above: list[str], text: str) -> str:
    segments = list(above)
    written = text.replace("\\", "/").split("/")
    last = len(written) - 1
    for index, segment in enumerate(written):
        lowered = segment.lower() if len(segment) <= 6 else ""
        if lowered in _TWO_DOTS:
            if segments:
                segments.pop()
            if index == last:
                segments.append("")
        elif lowered in _ONE_DOT:
            if index == last:
                segments.append("")
        else:
            segments.append(_encode(segment, _NOT_PATH))
    return "/" + "/".join(segments)


def _encode(text: str, unsafe: re.Pattern[str]) -> str:
    return unsafe.sub(_percent, text) if unsafe.search(text) else text


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())
