"""Element names across namespaces: ``{http://purl.org/dc/elements/1.1/}creator`` is ``dc:creator``, whatever its prefix. Pure.

Elements of the formats themselves go by their bare name in lower case. A namespace nobody knows counts by its prefix where
that is a known one (feeds mistype addresses), else the name starts with ``?``.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from lxml import etree

_known: dict[str, str] = {}
#: Attackers can invent names without end; then the cache starts again.
_MOST_KNOWN = 4_096
#: Prefixes that mean the same everywhere, so that a mistyped address does not matter.
_PREFIXES = frozenset(
    {
        "dc", "dcterms", "content", "sy", "media", "itunes", "podcast", "feedburner", "googleplay", "slash", "wfw", "thr",
        "news", "image", "video", "rdf",
    }
)  # fmt: skip


def name(element: etree._Element) -> str:
    """Return the element's name, as in ``title``, ``dc:creator`` or ``?thing``; an empty string for what is no element."""
    tag: object = element.tag
    if not isinstance(tag, str):
        return ""
    known = _known.get(tag)
    return known if known is not None else _resolve_name(element, tag)


def local(tag: str) -> str:
    """Return the part of ``{namespace}name`` or ``prefix:name`` that is the name, in lower case."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def namespace_of(short: str) -> str:
    """One address of a known prefix, or of ``core`` where it is unknown; for documents that forgot to declare it."""
    return next((address for address, word in _namespaces().items() if word == short), f"urn:undeclared:{short}")


def _resolve_name(element: etree._Element, tag: str) -> str:
    if len(tag) > 200:
        return "?long"
    if len(_known) > _MOST_KNOWN:
        _known.clear()
    if not tag.startswith("{"):
        prefix, _, bare = tag.rpartition(":")
        found = f"{prefix.lower()}:{bare.lower()}" if prefix else bare.lower()
        _known[tag] = found
        return found
    address, _, bare = tag[1:].rpartition("}")
    short = _namespaces().get(address.lower().rstrip("/#"))
    if short is None and (prefix := element.prefix):
        with_prefix = f"{prefix}|{tag}"  # the same address may come with another prefix
        known = _known.get(with_prefix)
        if known is None and prefix.lower() in _PREFIXES:
            known = _known[with_prefix] = f"{prefix.lower()}:{bare.lower()}"
        if known is not None:
            return known
    found = bare.lower() if short == "core" else f"{short}:{bare.lower()}" if short else f"?{bare.lower()}"
    _known[tag] = found
    return found


@cache
def _namespaces() -> dict[str, str]:
    """Folded namespace addresses to short names."""
    text = resources.files(__package__).joinpath("data", "namespaces.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {address: short for short, addresses in lines for address in addresses.split(" ")}
