"""The article node in a page's JSON-LD, however the page writes it: single, list, graph, nested or slightly broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

Node = dict[str, Any]

_ARTICLE_TYPES: Final = frozenset(
    (
        "NewsArticle", "Article", "ReportageNewsArticle", "AnalysisNewsArticle", "BackgroundNewsArticle",
        "OpinionNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "AdvertiserContentArticle", "BlogPosting",
        "LiveBlogPosting", "SocialMediaPosting", "Report", "TechArticle", "ScholarlyArticle", "SatiricalArticle",
        "MedicalScholarlyArticle", "DiscussionForumPosting", "Posting", "CreativeWork", "Recipe", "Review",
        "VideoObject",
    )
)  # fmt: skip
_STRONG_TYPES: Final = frozenset(t for t in _ARTICLE_TYPES if t.endswith(("Article", "Posting"))) | {"Report"}
_PARTS: Final = ("liveBlogUpdate", "comment", "comments", "hasPart", "review", "citation", "mentions", "isBasedOn")
_PAGE_TYPES: Final = frozenset(("WebPage", "ItemPage", "CollectionPage"))
#: Enough for every page seen, and a bound for those that nest for ever.
_MAX_NODES: Final = 4_000
_MAX_SCRIPT_CHARS: Final = 1_500_000
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_CONTROL = re.compile(r"[\x00-\x1f]")
_BAD_ESCAPE = re.compile(r"\\(?![\"\\/bfnrtu])")


class JsonLd:
    """What the scripts of one page say: the node of its article, of the page itself, and any node by its id."""

    def __init__(self, nodes: list[Node], url: str | None) -> None:
        self.by_id: dict[str, Node] = {}
        for node in nodes:
            name = node.get("@id")
            # The fullest description of a thing wins over mere references to it.
            if isinstance(name, str) and len(node) > max(1, len(self.by_id.get(name, ()))):
                self.by_id[name] = node
        parts = _parts_of_articles(nodes)
        self.article = _best_article([node for node in nodes if id(node) not in parts], url)
        self.page = next((n for n in nodes if types(n) & _PAGE_TYPES), None)
        self.nodes = nodes

    def follow(self, value: object) -> object:
        """``value`` itself, or the node that it refers to by ``@id``."""
        if isinstance(value, dict) and "@id" in value and len(value) <= 2:
            return self.by_id.get(str(value["@id"]), value)
        return value

    def of_type(self, kind: str) -> Node | None:
        """The first node of a type."""
        return next((n for n in self.nodes if kind in types(n)), None)


def read_json_ld(root: etree._Element, url: str | None) -> JsonLd:
    """Everything that the page's JSON-LD scripts say. Broken scripts are mended where that is simple, else left out."""
    nodes: list[Node] = []
    for script in root.iter("script"):
        kind = script.get("type")
        if kind and "ld+json" in kind.lower() and script.text:
            for value in _load(script.text[:_MAX_SCRIPT_CHARS]):
                nodes.extend(_nodes(value, _MAX_NODES - len(nodes)))
    return JsonLd(nodes, url)


def types(node: Node) -> frozenset[str]:
    """The node's types without their namespace."""
    kind = node.get("@type")
    names = kind if isinstance(kind, list) else [kind]
    return frozenset(n.rpartition("/")[2].rpartition(":")[2] for n in names[:20] if isinstance(n, str))


def _load(text: str) -> Iterator[object]:
    """The JSON values in a script: usually one; several where a template wrote them one after the other."""
    text = text.strip()
    for form in (str, _mended):
        try:
            yield json.loads(form(text), strict=False)
            return
        except (ValueError, RecursionError):
            continue
    decoder = json.JSONDecoder(strict=False)
    at, tries = text.find("{"), 0
    while at >= 0 and tries < 20:
        tries += 1
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value
        at = text.find("{", end)


def _mended(text: str) -> str:
    """The usual faults put right: CDATA or comment wrappers, entities for quotes, trailing commas, stray backslashes."""
    text = text.removeprefix("<!--").removesuffix("-->").replace("//<![CDATA[", "").replace("<![CDATA[", "")
    text = text.replace("//]]>", "").replace("]]>", "").strip().rstrip(";")
    if text.startswith(("{&quot;", "[{&quot;")) or ('"' not in text and "&quot;" in text):
        text = text.replace("&quot;", '"')
    text = _CONTROL.sub(" ", text)
    return _TRAILING_COMMA.sub(r"\1", _BAD_ESCAPE.sub(r"\\\\", text))


def _nodes(value: object, room: int) -> list[Node]:
    """Every object that has a type or an id, in the order of the page; a walk without recursion."""
    found: list[Node] = []
    stack = [value]
    steps = 0
    while stack and len(found) < room and steps < 4 * _MAX_NODES:
        steps += 1
        current = stack.pop()
        if isinstance(current, dict):
            if "@type" in current or "@id" in current:
                found.append(current)
            stack.extend(v for v in reversed(list(current.values())) if isinstance(v, (dict, list)))
        elif isinstance(current, list):
            stack.extend(v for v in reversed(current[:2_000]) if isinstance(v, (dict, list)))
    return found


def _parts_of_articles(nodes: list[Node]) -> set[int]:
    """Return the ids (of Python) of what an article names as its parts: updates of a live blog, comments, what it cites. They
    have headlines, authors and dates of their own, and are none of them the article."""
    found: set[int] = set()
    for node in nodes:
        if types(node) & _STRONG_TYPES:
            for key in _PARTS:
                value = node.get(key)
                found.update(
                    id(part) for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)
                )
    return found


def _best_article(nodes: list[Node], url: str | None) -> Node | None:
    """The node that describes this page's article: by type, by how much it says, and by whether it names this page."""
    best: tuple[float, Node] | None = None
    for rank, node in enumerate(nodes):
        kinds = types(node)
        if not kinds & _ARTICLE_TYPES:
            continue
        score = 4.0 if kinds & _STRONG_TYPES else 0.0
        score += sum(1 for key in ("headline", "datePublished", "author", "articleBody", "publisher") if node.get(key))
        score -= min(rank, 50) * 0.02
        if url and (named := _address(node)):
            score += 2 if _path(named) == _path(url) else -3
        if kinds <= {"CreativeWork", "VideoObject", "Review", "Recipe"} and not node.get("headline"):
            score -= 3
        if best is None or score > best[0]:
            best = (score, node)
    return best[1] if best is not None and best[0] >= 2 else None


def _address(node: Node) -> str | None:
    page = node.get("mainEntityOfPage")
    if isinstance(page, dict):
        page = page.get("@id") or page.get("url")
    for value in (page, node.get("url")):
        if isinstance(value, str) and value.startswith("http"):
            return value
    return None


def _path(address: str) -> str:
    """An address without scheme, www, query and the last slash: two that are equal name the same page."""
    rest = address.partition("://")[2] or address
    return rest.partition("?")[0].partition("#")[0].rstrip("/").removeprefix("www.").lower()
