"""Boxes that ask the reader for something, told by what they say, or by the element that a consent tool makes.

They ask for consent to cookies and tracking, or offer a newsletter, an app, a subscription. A page that marks its article has
them beside it (`dateline.extract.body`). Many pages mark nothing, and a dialog in whole sentences, as long as the article, is
then as good an article as it. Wordings and names are data (consent.toml).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Final

import tomli
from lxml import etree

from .blocks import Block, Layout
from .regions import Region

#: How far around a text that asks its dialog reaches, and how many texts that ask are looked at.
_MAX_BLOCKS: Final = 400
_MAX_ASKING: Final = 60
#: A longer text is an article's, whatever it says.
_ASKING_CHARS: Final = 1_500
#: Of a dialog's longer texts so many ask, by their characters.
_ASKING_SHARE: Final = 0.5
#: ... and so many of all its texts.
_LEAST_SHARE: Final = 0.25
_TEXT_CHARS: Final = 40
_ROOTS: Final = frozenset(("body", "html", "main", "article"))
#: One text with none of these about it is a sentence of something else.
_CONTAINERS: Final = frozenset(("div", "section", "aside", "dialog", "form", "footer", "header"))
_CONTROLS: Final = {Region.CONSENT: ("button", "input", "a"), Region.NEWSLETTER: ("button", "input", "form")}
#: An element, and the range of its blocks.
Box = tuple[etree._Element, int, int]


@cache
def _words() -> dict[str, tuple[str, ...]]:
    table = tomli.loads(files(__package__).joinpath("consent.toml").read_text("utf-8"))
    words = {kind: tuple(dict.fromkeys(words)) for kind, words in table.items()}
    words["things"] = (*words["cookies"], *words["things"])
    return words | {"cookies_ascii": tuple(word for word in words["cookies"] if word.isascii())}


def with_dialogs(layout: Layout) -> Layout:
    """``layout`` with the texts of consent dialogs and of offers marked, and their elements out of what trafilatura reads.

    Such a box holds no headline but its own. Where a dialog for consent is all that the page says, the page is a wall.
    """
    blocks = layout.blocks
    whole = "\n".join([block.text for block in blocks]).lower()
    boxes = _mark(blocks, _by_tool(layout), Region.CONSENT)
    words = _words()
    if any(word in whole for word in words["cookies_ascii" if whole.isascii() else "cookies"]):
        asking = _asking(blocks, whole, words["things"], words["asking"])
        boxes += _mark(blocks, _by_words(blocks, asking, Region.CONSENT), Region.CONSENT)
    asking = _asking(blocks, whole, words["offers"], words["offering"])
    boxes += _mark(blocks, _by_words(blocks, asking, Region.NEWSLETTER), Region.NEWSLETTER)
    if not boxes:
        return layout
    prose = sum(block.size for block in blocks if block.is_prose and not block.is_dialog)
    return replace(layout, prose_chars=prose, chrome=[*boxes, *layout.chrome])


def _mark(blocks: list[Block], boxes: list[Box], region: int) -> list[etree._Element]:
    """Say of the blocks of ``boxes`` what they stand in; gives the boxes' elements."""
    for _, first, last in boxes:
        for block in blocks[first:last]:
            block.is_dialog = True
            block.region |= region
    return [element for element, _, _ in boxes]


def _by_tool(layout: Layout) -> list[Box]:
    """The elements that a consent tool makes, each with the range of its blocks."""
    names = "\n".join(layout.names).lower()
    tools = tuple(tool for tool in _words()["tools"] if tool in names)
    if not tools:
        return []
    found: list[Box] = []
    at, known = 0, dict[etree._Element, bool]()
    while at < len(layout.blocks):
        top = None
        for element in _upwards(layout.blocks[at].element):
            if element not in known:
                known[element] = element.tag not in _ROOTS and _is_of_tool(element, tools)
            if known[element]:
                top = element
        if top is None:
            at += 1
            continue
        first, at = at, at + 1
        while at < len(layout.blocks) and _is_within(layout.blocks[at].element, top):
            at += 1
        if not any(_is_headline(block) for block in layout.blocks[first:at]):
            found.append((top, first, at))
    return found


def _is_of_tool(element: etree._Element, tools: tuple[str, ...]) -> bool:
    named = f"{element.get('id') or ''} {element.get('class') or ''}".lower().split()
    return any(name.startswith(tools) for name in named)


def _by_words(blocks: list[Block], asking: list[int], region: int) -> list[Box]:
    """The elements whose texts are mostly among those that ask, each with the range of its blocks."""
    found: list[Box] = []
    end = 0
    for i in asking:
        if i < end:
            continue
        dialog = _dialog_around(blocks, i, frozenset(asking), _CONTROLS[region])
        if dialog is not None:
            found.append(dialog)
            end = dialog[2]
    return found


def _asking(blocks: list[Block], whole: str, things: tuple[str, ...], askers: tuple[str, ...]) -> list[int]:
    """The texts that name one of the ``things`` in the words of one who asks; ``whole`` is all texts in small letters."""
    things = tuple(word for word in things if word in whole)
    if not things:
        return []
    lowered = {
        i: text
        for i, block in enumerate(blocks)
        if _TEXT_CHARS // 2 <= len(block.text) <= _ASKING_CHARS
        and not block.is_dialog
        and any(word in (text := block.text.lower()) for word in things)
    }
    near = "\n".join(lowered.values())
    askers = tuple(word for word in askers if word in near)
    return [i for i, text in lowered.items() if any(word in text for word in askers)][:_MAX_ASKING]


def _dialog_around(blocks: list[Block], i: int, asking: frozenset[int], controls: tuple[str, ...]) -> Box | None:
    """The largest element around a text that asks of whose texts most ask, and which holds no headline; None where that is no
    element that could be a dialog."""
    best: Box | None = None
    first, last = i, i + 1
    for element in _upwards(blocks[i].element):
        if element.tag in _ROOTS:
            break
        while first > 0 and i - first < _MAX_BLOCKS and _is_within(blocks[first - 1].element, element):
            first -= 1
        while last < len(blocks) and last - i < _MAX_BLOCKS and _is_within(blocks[last].element, element):
            last += 1
        texts = [n for n in range(first, last) if blocks[n].size >= _TEXT_CHARS]
        asked = sum(blocks[n].size for n in texts if n in asking)
        if asked < _ASKING_SHARE * sum(blocks[n].size for n in texts):
            break
        if asked < _LEAST_SHARE * sum(blocks[n].size for n in range(first, last)):
            break
        if any(_is_headline(blocks[n]) for n in range(first, last)):
            break
        if element.tag in _CONTAINERS and (len(texts) > 1 or _is_box(element, controls)):
            best = element, first, last
    return best


def _is_box(element: etree._Element, controls: tuple[str, ...]) -> bool:
    """Whether an element with one text is a box for it: by a button, or by a link where it is no paragraph among its like."""
    found = next(element.iter(*controls), None)
    if found is None or next(element.iter("button", "input"), None) is not None:
        return found is not None
    names = element.tag, element.get("class"), element.get("id")
    beside = (element.getprevious(), element.getnext())
    return all(one is None or (one.tag, one.get("class"), one.get("id")) != names for one in beside)


def _is_headline(block: Block) -> bool:
    """Whether a block is a headline that is not the dialog's own."""
    return block.tag == "h1" and not any(
        word in block.text.lower() for word in ("cookie", "privacy", "privat", "consent")
    )


def _upwards(element: etree._Element) -> list[etree._Element]:
    return [element, *element.iterancestors()]


def _is_within(element: etree._Element, outer: etree._Element) -> bool:
    return element is outer or any(above is outer for above in element.iterancestors(outer.tag))
