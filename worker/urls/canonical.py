"""The one address of an article, and the key that its other spellings share.

What is taken off is data (``tracking.toml``, and by site ``tracking_sites.toml``); the order of work is: read as a browser
does, unwrap share links, AMP caches and old Google News links, drop what does not choose the article, write every escape one
way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from urllib.parse import unquote

import tomli

from ..errors import PermanentError
from . import google_news
from .owner import owner
from .parts import MAX_URL_CHARS, Url, bad_url, parse

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: Two slashes are one, but for the ones in an address inside the path (web.archive.org/web/2013/https://...).
_SLASHES = re.compile(r"(?<!:)/{2,}")
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*", re.IGNORECASE)
_HOST_LIKE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}\Z", re.IGNORECASE)
_INDEX_PAGE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)\Z", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?:/amp(?:\.html?)?|\.amp)\Z|\.amp(?=\.html?\Z)", re.IGNORECASE)
#: A second question mark, where a campaign was appended without looking.
_APPENDED = re.compile(r"\?(?=(?:utm_[a-z]+|fbclid|gclid|xtor|mc_cid|at_medium|wt_mc)=)", re.IGNORECASE)
_VARIANT_HOST = re.compile(r"(?:www\d?|m|mobile|amp)\.")
#: A value that looks like the number of an article: a name that tracks on most sites chooses the article on this one.
_ID = re.compile(r"\d{1,8}\Z")
_ENTITY = re.compile(r"&(?:amp;|#38;|#x26;)+", re.IGNORECASE)
#: An address in which nothing is left to change: a plain name as host, a plain path, no query. Two of three feeds and most
#: articles have one; to read it takes a microsecond instead of sixty (100,000 feeds: 0.2 s instead of 7).
_PLAIN = re.compile(
    r"https?://((?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})(?=/)"
    r"(?:/[A-Za-z0-9_~,:+=@!$()*-][A-Za-z0-9_~.,:+=@!$()*-]*)*/?"
)


@dataclass(frozen=True, slots=True)
class _Unwrap:
    host: str
    path: str
    parameter: str


@dataclass(frozen=True, slots=True)
class _Mirror:
    host: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tracking:
    prefixes: tuple[str, ...]
    names: frozenset[str]
    everywhere: frozenset[str]
    sites: dict[str, frozenset[str]]
    values: dict[str, frozenset[str]]
    keep: dict[str, frozenset[str]]
    unwraps: tuple[_Unwrap, ...]
    mirrors: tuple[_Mirror, ...]
    wrapping_hosts: tuple[str, ...]  #: a path below these may hold another address


@cache
def _tracking() -> _Tracking:
    data = tomli.loads(files(__package__).joinpath("tracking.toml").read_text("utf-8"))
    by_site = tomli.loads(files(__package__).joinpath("tracking_sites.toml").read_text("utf-8"))
    mirrors = tuple(_Mirror(entry["host"], tuple(entry["prefixes"])) for entry in data["mirror"])
    return _Tracking(
        prefixes=tuple(data["prefixes"]),
        names=frozenset(data["names"]),
        everywhere=frozenset(by_site["everywhere"]) | frozenset(data["everywhere"]),
        sites={host: frozenset(names) for host, names in by_site["sites"].items()},
        values={name: frozenset(values) for name, values in data["values"].items()},
        keep={name: frozenset(values) for name, values in data["keep"].items()},
        unwraps=tuple(_Unwrap(**entry) for entry in data["unwrap"]),
        mirrors=mirrors,
        wrapping_hosts=(google_news.HOST, *(mirror.host for mirror in mirrors)),
    )


def resolve(reference: str, base: str | None = None) -> str:
    """Return the absolute address that a link on the page ``base`` leads to, nothing taken off, as a browser would show it.

    Raises:
        Blocked: ``bad_scheme``; not http or https.
        PermanentError: ``bad_url``; not an address, or relative without a base.
    """
    return str(parse(reference, None if base is None else parse(base)))


def canonical(url: str, *, base: str | None = None) -> str:
    """Return the one address of the article that ``url`` leads to; ``canonical(canonical(u)) == canonical(u)``.

    Host in ASCII and lower case without a closing dot, no userinfo, no default port, dot segments and doubled slashes
    resolved, escapes normalised, tracking parameters gone and the others sorted by name, no fragment (but ``#!``, and ``#/``
    behind no path, which choose the page). Share links and AMP caches give the article's own address. An address without a
    scheme (``//host/path``) is read as http where no ``base`` says otherwise.

    Raises:
        Blocked: ``bad_scheme``; not http or https.
        PermanentError: ``bad_url``; not an address, or relative without a base.
    """
    url = url.rstrip('<>"')  # left over from the markup that the link was cut out of
    above = parse(base) if base is not None else None
    plain = _PLAIN.fullmatch(url)
    if plain and len(url) <= MAX_URL_CHARS and not plain[1].endswith(_tracking().wrapping_hosts):
        return url
    if above is None and url.lstrip()[:2] in ("//", "\\\\"):
        url = "http:" + url.lstrip()
    found = str(_bare(parse(url, above)))
    if len(found) > MAX_URL_CHARS:
        raise bad_url(found, f"longer than {MAX_URL_CHARS} characters")
    return found


def same_key(url: str, *, base: str | None = None) -> str:
    """What all spellings of one article's address share: its canonical form without scheme, ``www.``, ``m.`` and the like,
    AMP marks, index page and closing slash. For comparing and hashing, not for fetching. Raises as `canonical` does."""
    parsed = parse(canonical(url, base=base))
    name = parsed.host
    variant = _VARIANT_HOST.match(name)
    # "m.example" of the owner m.example is a name, not a variant of the host "example".
    if variant is not None and owner(str(parsed)) != name:
        name = name[variant.end() :]
    path = _AMP_PATH.sub("", _INDEX_PAGE.sub("", parsed.path.rstrip("/"))).rstrip("/")
    port = (
        "" if parsed.port in (None, 80, 443) else f":{parsed.port}"
    )  # the scheme is not in the key, nor are its ports
    query = "" if parsed.query is None else f"?{parsed.query}"
    fragment = "" if parsed.fragment is None else f"#{parsed.fragment}"
    return f"{name}{port}{path}{query}{fragment}"


def _bare(url: Url) -> Url:
    """``url`` cleaned and out of all its wrappings, of which each holds a shorter one; cleaning may bring one to light."""
    while True:
        inner = _unwrapped(url)
        if inner is None:
            cleaned = _clean(url)
            if "/." in cleaned.path and cleaned.path != url.path:
                cleaned = _clean(parse(str(cleaned)))  # "/a/..;sid=1" has become two dots
            inner = _unwrapped(cleaned)
            if inner is None:
                return cleaned
        url = inner


def _below(name: str, suffix: str) -> bool:
    return name == suffix or name.endswith("." + suffix)


def _unwrapped(url: Url) -> Url | None:
    """Return the address inside a share link or a cache's mirror, or None if ``url`` is neither."""
    tracking = _tracking()
    for mirror in tracking.mirrors:
        if _below(url.host, mirror.host):
            for prefix in mirror.prefixes:
                rest = url.path.removeprefix(prefix)
                if rest != url.path and _HOST_LIKE.match(rest.partition("/")[0]):
                    scheme = "https" if prefix.endswith("/s/") else "http"
                    return _parsed_or_none(f"{scheme}://{rest}" + ("" if url.query is None else f"?{url.query}"))
    if url.host == google_news.HOST and (inner := google_news.decode_address(url.path)):
        return _parsed_or_none(inner)
    if url.query is None:
        return None
    for unwrap in tracking.unwraps:
        if _below(url.host, unwrap.host) and url.path == unwrap.path:
            for pair in url.query.split("&"):
                name, _, value = pair.partition("=")
                if name == unwrap.parameter and value[:4].lower() == "http":
                    return _parsed_or_none(unquote(value))
    return None


def _parsed_or_none(text: str) -> Url | None:
    try:
        return parse(text)
    except PermanentError:
        return None


def _clean(url: Url) -> Url:
    path = url.path
    if ";" in path:
        path = _SESSION_IN_PATH.sub("", path)
    if "//" in path:
        path = _SLASHES.sub("/", path)
    if "&" in path:
        path = _without_campaign(path, url.host)
    fragment = url.fragment if url.fragment is not None and _chooses_page(url.fragment, path) else None
    return replace(
        url,
        host=_host(url),
        path=_escapes(path).replace("'", "%27"),
        query=None if url.query is None else _query(url.query, url.host),
        fragment=None if fragment is None else _escapes(fragment),
        user="",
        password="",
    )


def _chooses_page(fragment: str, path: str) -> bool:
    """Return whether a fragment names the page: "#!..." always, "#/story/7" where there is no path before it."""
    if fragment.startswith("/"):
        return len(fragment) > 1 and (path.endswith("/") or _INDEX_PAGE.search(path) is not None)
    return fragment.startswith("!")


def _without_campaign(path: str, name: str) -> str:
    """``path`` without the parameters of a campaign that were appended as if a query stood there: "/story&utm_source=rss"."""
    kept, *pairs = path.split("&")
    appended = all("=" in pair and "/" not in pair and _is_tracking(pair, name) for pair in pairs)
    return kept if appended and kept != "/" else path


def _host(url: Url) -> str:
    """Return the host without the closing dot that stands for the root of the domain names."""
    name = url.host.removesuffix(".")
    if not all(name.split(".")):
        raise bad_url(str(url), "a host with an empty label")
    return name


def _query(query: str, name: str) -> str | None:
    if "&" in query and ";" in query:
        query = _ENTITY.sub("&", query)
    if "?" in query:
        query = _APPENDED.sub("&", query)
    pairs = [_escapes(pair.replace("+", "%20")) for pair in query.split("&") if pair and not _is_tracking(pair, name)]
    if not pairs:
        return None
    if len(pairs) > 1:
        pairs.sort(key=_name)
    return "&".join(pairs)


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _is_tracking(pair: str, host: str) -> bool:
    tracking = _tracking()
    name, _, value = pair.partition("=")
    name = unquote(name).lower()
    if any(name in kept and _below(host, suffix) for suffix, kept in tracking.keep.items()):
        return False
    if name in tracking.everywhere or _tracks_on(name, host):
        return True
    if name in tracking.names or name.startswith(tracking.prefixes):
        return not _ID.match(value)
    values = tracking.values.get(name)
    if values is None:
        return False
    value = unquote(value).lower()
    if value in values or (value.startswith("rss") and "rss" in values):
        return True
    return "@host" in values and bool(_HOST_LIKE.match(value))


def _tracks_on(name: str, host: str) -> bool:
    """Return True for a parameter that is known to track on this site."""
    sites = _tracking().sites
    labels = host.split(".")
    return any(name in sites.get(".".join(labels[at:]), ()) for at in range(len(labels) - 1))


def _escapes(text: str) -> str:
    """Escapes of characters that need none are undone, the others in upper case, a bare percent sign escaped."""
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return "%25"
    character = chr(int(digits, 16))
    return character if character in _UNRESERVED else f"%{digits.upper()}"
