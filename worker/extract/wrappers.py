"""Elements named as furniture that hold the page itself.

libxml2 closes an unclosed ``nav``, ``header`` or ``button`` only at the end of what encloses it: the whole article then stands
inside an element that no reader of pages looks into. On 8 of 791 pages of WCXB nothing was found for that reason alone.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

#: Elements that we or trafilatura leave out with all they hold.
_FURNITURE: Final = (
    "nav", "header", "footer", "aside", "button", "menu", "figure", "picture", "map", "object", "label", "fieldset", "dialog",
    "noscript", "video", "audio", "svg", "select", "iframe", "form", "ins", "time", "legend", "canvas",
)  # fmt: skip
#: Fewer long texts than this are a note or a caption, whatever share of the page they make.
_LEAST_TEXTS: Final = 3
_SHARE: Final = 0.5
_LONG_TEXTS = etree.XPath(
    "count(.//text()[string-length() > 80][string-length(normalize-space()) > 80][not(parent::script or parent::style)])"
)


def free_wrapped_text(root: etree._Element) -> int:
    """Rename to ``div`` each element of furniture that holds more than half of the page's long texts; gives their number.

    Args:
        root: The page's tree. The elements keep their attributes, so that what class and id say still counts.
    """
    body = root.find("body")
    if body is None:
        return 0
    freed = 0
    total = -1.0
    for element in list(body.iter(*_FURNITURE)):
        held = _count(element)
        if held < _LEAST_TEXTS:
            continue
        if total < 0:
            total = _count(body)
        if held > _SHARE * total:
            if element.tag == "dialog":
                element.set("role", "dialog")  # still one, unless the page's article is in it
            element.tag = "div"
            freed += 1
    return freed


def _count(element: etree._Element) -> float:
    found = _LONG_TEXTS(element)
    return found if isinstance(found, float) else 0.0
