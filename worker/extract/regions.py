"""What encloses a text block, told from element names and from the words of class and id (regions.toml)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import tomli
from lxml import etree


class Region:
    """Bits that say what encloses a block. Plain integers: enum flags cost more here than the whole walk."""

    NAV = 1 << 0
    RELATED = 1 << 1
    COMMENTS = 1 << 2
    SHARE = 1 << 3
    ADVERT = 1 << 4
    NEWSLETTER = 1 << 5
    AUTHOR = 1 << 6
    META = 1 << 7
    CONSENT = 1 << 8
    HIDDEN = 1 << 9
    FOOTER = 1 << 10
    SIDEBAR = 1 << 11
    CAPTION = 1 << 12
    CREDIT = 1 << 13
    GALLERY = 1 << 14
    EMBED = 1 << 15
    STANDFIRST = 1 << 16
    BODY = 1 << 17
    HEADER = 1 << 18
    FIGURE = 1 << 19
    LIST = 1 << 20
    QUOTE = 1 << 21
    TABLE = 1 << 22
    FORM = 1 << 23
    ARTICLE = 1 << 24
    HOVER = 1 << 25


#: Every region by name, in the order of the class; Python adds numbers of its own to a class (``__firstlineno__``, 3.13).
REGIONS: Final[dict[str, int]] = {
    name: bit for name, bit in vars(Region).items() if isinstance(bit, int) and not name.startswith("_")
}


_TAG_REGION: Final = {
    "aside": Region.SIDEBAR, "footer": Region.FOOTER, "header": Region.HEADER, "figure": Region.FIGURE,
    "figcaption": Region.CAPTION, "caption": Region.CAPTION, "ul": Region.LIST, "ol": Region.LIST, "dl": Region.LIST,
    "blockquote": Region.QUOTE, "table": Region.TABLE, "form": Region.FORM, "article": Region.ARTICLE,
    "address": Region.AUTHOR, "dialog": Region.CONSENT,
}  # fmt: skip
#: Regions that are never part of an article, and the share of the page's prose up to which their name is believed.
CHROME: Final = (
    Region.NAV | Region.RELATED | Region.COMMENTS | Region.SHARE | Region.ADVERT | Region.NEWSLETTER | Region.CONSENT
    | Region.FOOTER
)  # fmt: skip
_ATTRIBUTES: Final = frozenset(("class", "id", "style", "hidden", "aria-hidden", "itemprop", "rel", "role"))
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
#: Generated parts of names ("0fd8ad5a"), whose letters say nothing: they change between letters and digits twice or more.
_GENERATED = re.compile(
    r"(?<![a-zA-Z0-9])(?:[a-zA-Z]*\d+[a-zA-Z]+\d|\d+[a-zA-Z]+)[a-zA-Z0-9]*|[a-zA-Z]+\d+[a-zA-Z]+\d[a-zA-Z0-9]*"
)
_DIGIT = re.compile(r"\d")
#: An id of more words is made from the text of a heading; it says what the text is about, not what the element is.
_MAX_ID_WORDS: Final = 4
SUBHEADINGS: Final = frozenset(("h2", "h3", "h4", "h5", "h6"))
HEADINGS: Final = SUBHEADINGS | {"h1"}


@cache
def _vocabulary() -> dict[str, int]:
    """Word of a class or id to what it says; from regions.toml."""
    table = tomli.loads(files(__package__).joinpath("regions.toml").read_text("utf-8"))
    words: dict[str, int] = {}
    for name, entry in table.items():
        if name == "utility":
            continue
        for word in entry["words"]:
            words[word] = words.get(word, 0) | int(getattr(Region, name.upper()))
    return words


@cache
def _utility() -> frozenset[str]:
    """Words of classes that only place what they stand on; from regions.toml."""
    table = tomli.loads(files(__package__).joinpath("regions.toml").read_text("utf-8"))
    return frozenset(table["utility"]["words"])


@lru_cache(maxsize=8_192)
def _region_of_token(token: str) -> int:
    """What one class or id says; sites of one content system share most of theirs."""
    vocabulary = _vocabulary()
    words = _WORDS.findall(_GENERATED.sub("", token) if _DIGIT.search(token) else token)
    region = vocabulary.get(token.lower(), 0)
    for word in words:
        region |= vocabulary.get(word.lower(), 0)
    if len(words) > 1:
        region |= vocabulary.get("".join(words).lower(), 0)
        if region and not _utility().isdisjoint(word.lower() for word in words):
            return 0
    return region


def _names_element(value: str, tag: str) -> bool:
    """Whether an id names its element, and not the text of a heading."""
    return tag not in HEADINGS and value.count("-") + value.count("_") < _MAX_ID_WORDS


class RegionReader:
    """Regions of one page's elements; remembers the class and id strings it has read."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def region_of(self, element: etree._Element, tag: str) -> int:
        """What the element's name and attributes say."""
        region = _TAG_REGION.get(tag, 0)
        items: list[tuple[str, str]] = element.items()  # type: ignore[assignment]  # the stubs allow bytes; a page has none
        if not items:
            return region
        name = ""
        for key, value in items:
            if key not in _ATTRIBUTES:
                continue
            if key == "class" or (key == "id" and _names_element(value, tag)):
                name = f"{name} {value}" if name else value
            elif key == "style":
                if "display:none" in value or "display: none" in value:
                    region |= Region.HIDDEN
            elif key == "hidden" or (key == "aria-hidden" and value == "true"):
                region |= Region.HIDDEN
            elif key == "itemprop":
                if value == "articleBody":
                    region |= Region.BODY
                elif "author" in value or "creator" in value:
                    region |= Region.AUTHOR
            elif key == "rel" and value == "author":
                region |= Region.AUTHOR
            elif key == "role" and value in ("navigation", "menu", "menubar", "search"):
                region |= Region.NAV
            elif key == "role" and value in ("dialog", "alertdialog"):
                region |= Region.CONSENT
        if not name or tag in ("html", "body", "main"):
            return region & ~Region.HIDDEN if tag in ("html", "body", "main") else region
        known = self._seen.get(name)
        if known is None:
            known = 0
            for token in name.split()[:40]:
                known |= _region_of_token(token[:80])
            self._seen[name] = known
        return region | known

    @property
    def names(self) -> list[str]:
        """The distinct class and id strings seen."""
        return list(self._seen)
