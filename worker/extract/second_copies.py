"""What rules take out of the model's choice: the same text a second time, readers' comments, other articles and teasers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from .blocks import Block, Layout
from .metadata.dates import read_moment
from .metadata.titles import has_same_words, same_words
from .regions import HEADINGS, SUBHEADINGS, Region
from .text import SENTENCE_ENDS, squash

#: Repeats shorter than this may be meant (a refrain, "No." twice); longer ones are a second copy of the page's text.
REPEAT_CHARS = 60
#: A block this long may be the whole text once more without its paragraphs, as hidden copies for machines are.
_WHOLE_CHARS = 500
#: So many cards, each in an element of its own, make a list of teasers; so far above its texts that element may be.
_LEAST_CARDS = 3
_CARD_DEPTH = 4
_TITLE_TAGS = frozenset(("h1", "h2", "div", "p", "span", "td"))
#: So many long texts, with so many characters, in the order in which they came before, are a copy of that part of the page,
#: even the second copy; new texts between them (read in one copy only) at most so many in a row.
_LEAST_COPIED, _LEAST_COPIED_CHARS = 4, 600
_MOST_NEW_BETWEEN = 2
_WHOLE_SHARE = 0.5
_MAX_WHOLES = 8
#: A rule must leave this much of the choice, in share and in characters; else it has misunderstood the page.
_LEAST_LEFT = 0.15
_LEAST_LEFT_CHARS = 300
#: The headline's own article needs this share. On two of 1,126 open pages it has less than .6: .23, its text, and .16, not so.
_OWN_SHARE = 0.2
#: Where the page marks neither article nor main, it must leave more: a list of cards may be the article.
_MOST = 0.5


def without_repeats(blocks: list[Block], kept: list[int], title: str) -> list[int]:
    """Each long text once, and not the headline again; a text that is printed three times is meant, unless the page prints a
    whole part of itself again and again.

    Args:
        title: The headline as `same_words` writes it.
    """
    times = Counter(blocks[i].text for i in kept)
    seen: set[str] = set()
    out: list[int] = []
    copied = _copied_parts(blocks, kept)
    longest_title = 2 * len(title) + 40  # with its blanks and marks, or a date
    for i in kept:
        text = blocks[i].text
        if 0 < len(title) <= len(text) <= longest_title and blocks[i].tag in _TITLE_TAGS and _is_title(text, title):
            continue
        if i in copied:
            continue
        if len(text) >= REPEAT_CHARS:
            if text in seen and times[text] == 2:
                continue
            seen.add(text)
        out.append(i)
    return _without_wholes(blocks, out)


def _copied_parts(blocks: list[Block], kept: list[int]) -> set[int]:
    """The blocks of parts that repeat what came before, in its order, with the short texts inside them."""
    first: dict[str, int] = {}
    copied: set[int] = set()
    run: list[int] = []
    last_source = new = 0

    def close() -> None:
        long = [i for i in run if len(blocks[i].text) >= REPEAT_CHARS]
        if len(long) >= _LEAST_COPIED and _chars(blocks, long) >= _LEAST_COPIED_CHARS:
            copied.update(run)
        run.clear()

    for place, i in enumerate(kept):
        source = first.setdefault(blocks[i].text, place)
        if source == place:
            new += 1
            if new > _MOST_NEW_BETWEEN:
                close()
            continue
        if source <= last_source:
            close()
        run.append(i)
        last_source, new = source, 0
    close()
    return copied


def _is_title(text: str, title: str) -> bool:
    """Whether a block is the headline, alone or with a date (and byline) behind it, as single line breaks leave them."""
    words = same_words(text)
    return words == title or (len(title) > 12 and words.startswith(title) and read_moment(text[-40:]) is not None)


def _without_wholes(blocks: list[Block], kept: list[int]) -> list[int]:
    """Without blocks that are mostly made of the other blocks kept."""
    wholes = sorted((i for i in kept if len(blocks[i].text) >= _WHOLE_CHARS), key=lambda i: -len(blocks[i].text))
    dropped: set[int] = set()
    squashed = {i: squash(blocks[i].text) for i in kept if len(blocks[i].text) >= REPEAT_CHARS} if wholes else {}
    for whole in wholes[:_MAX_WHOLES]:
        text = squashed[whole]
        parts = {part for i, part in squashed.items() if i != whole}
        if sum(len(p) for p in parts if len(p) < len(text) and p in text) > _WHOLE_SHARE * len(text):
            dropped.add(whole)
    return [i for i in kept if i not in dropped]


def without_comments(blocks: list[Block], kept: list[int]) -> list[int]:
    """Without what stands among the readers' comments, and without hidden scraps that are no sentences."""
    rest = [i for i in kept if not blocks[i].region & Region.COMMENTS and not _is_hidden_scrap(blocks[i])]
    return _if_enough(blocks, rest, kept)


def _is_hidden_scrap(block: Block) -> bool:
    return bool(block.region & Region.HIDDEN) and not block.is_prose and not block.text.endswith(SENTENCE_ENDS)


def without_other_articles(layout: Layout, kept: list[int], title: str) -> list[int]:
    """Without the text of other ``article`` elements, and without teasers outside, where the headline stands in an ``article``
    element that has text of its own; without teasers outside its ``main`` element, where it stands in no ``article``; where
    it stands in neither, without teasers outside the element that holds it and most of the other text.

    Pages that go on for ever append whole articles in elements of their own. Which block stands in which ``article`` the walk
    has noted: trafilatura has taken figures and chrome out of the tree by now.
    """
    blocks, kept = layout.blocks, _without_next_articles(layout.blocks, kept, title)
    headlines = [b for b in blocks if len(b.text) < 400 and title and has_same_words(b.text, title)]
    headline = next((b for b in headlines if b.article), None)
    if headline is None:
        teasers = _teasers(blocks, kept)
        if not teasers or not headlines:
            return kept
        rest = [i for i in kept if i not in teasers]
        main = next((found for b in headlines if (found := _main_of(b.element)) is not None), None)
        share = _LEAST_LEFT
        if main is None:
            main, share = _holder_of(headlines[0].element, blocks, rest), _MOST
        inside = [i for i in kept if i not in teasers or _is_within(blocks[i].element, main)]
        return _if_enough(blocks, inside, kept, share)
    own, last = headline.article, layout.last_articles[headline.article]
    rest = [i for i in kept if not blocks[i].article or own <= blocks[i].article <= last]
    kept = _if_enough(blocks, rest, kept, _OWN_SHARE)
    teasers = {i for i in _teasers(blocks, kept) if not blocks[i].article}
    return _if_enough(blocks, [i for i in kept if i not in teasers], kept)


def _without_next_articles(blocks: list[Block], kept: list[int], title: str) -> list[int]:
    """Without what follows another ``h1`` of the headline's own classes (or some of them), which no smaller heading has: the
    next article, on pages that go on for ever in one element. On open pages all prose behind such a heading is another's."""
    headline = next(
        (i for i, b in enumerate(blocks) if b.tag == "h1" and title and has_same_words(b.text, title)), None
    )
    names = _names_of(blocks[headline]) if headline is not None else set()
    if headline is None or not names:
        return kept
    alike = [i for i, b in enumerate(blocks) if b.tag in HEADINGS and (of := _names_of(b)) and of <= names]
    others = [i for i in alike if i > headline and not has_same_words(blocks[i].text, title)]
    if not others or any(blocks[i].tag != "h1" for i in alike):
        return kept
    return _if_enough(blocks, [i for i in kept if i < others[0]], kept)


def _names_of(block: Block) -> set[str]:
    return set((block.element.get("class") or "").split())


def _teasers(blocks: list[Block], kept: list[int]) -> set[int]:
    """What stands in cards that lead to other articles, where the page has several: a heading that is nothing but a link and
    one text, alone in an element of their own. A round-up has its linked headings and its paragraphs in one element."""
    if all(_card_of(blocks, i) is None for i in kept):
        return set()
    cards = {card for i in range(len(blocks)) if (card := _card_of(blocks, i)) is not None}
    if len(cards) < _LEAST_CARDS:
        return set()
    return {i for i in kept if any(e in cards for e in islice(_upwards(blocks[i].element), _CARD_DEPTH + 1))}


def _card_of(blocks: list[Block], i: int) -> etree._Element | None:
    """The element that holds the block and the linked heading before it and no other text of the block's make, if any."""
    above = blocks[i - 1] if i else None
    if above is None or above.tag not in SUBHEADINGS or above.link_chars < len(above.text):
        return None
    around = list(islice(above.element.iterancestors(), _CARD_DEPTH))
    child = blocks[i].element
    for parent in islice(child.iterancestors(), _CARD_DEPTH):
        if sum(1 for beside in parent if beside.tag == child.tag and beside is not above.element) != 1:
            return None
        if any(parent is element for element in around):
            return parent
        child = parent
    return None


def _upwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _holder_of(headline: etree._Element, blocks: list[Block], kept: list[int]) -> etree._Element | None:
    """The innermost element around the headline with more than half of the characters of ``kept``."""
    above = list(headline.iterancestors())
    places = {element: place for place, element in enumerate(above)}
    held = [0] * len(above)
    for i in kept:
        place = next((places[e] for e in blocks[i].element.iterancestors() if e in places), None)
        if place is not None:
            held[place] += len(blocks[i].text)
    total = 0
    for element, chars in zip(above, held, strict=True):
        total += chars
        if total > _MOST * _chars(blocks, kept):
            return element
    return None


def _if_enough(blocks: list[Block], rest: list[int], kept: list[int], share: float = _LEAST_LEFT) -> list[int]:
    """``rest`` where it is still an article's worth of text and this share of ``kept``, else ``kept``."""
    left = _chars(blocks, rest)
    return rest if left >= _LEAST_LEFT_CHARS and left >= share * _chars(blocks, kept) else kept


def _main_of(element: etree._Element) -> etree._Element | None:
    return next((above for above in element.iterancestors("main", "div") if _is_main(above)), None)


def _is_main(element: etree._Element) -> bool:
    return element.tag == "main" or element.get("role") == "main" or "Article" in (element.get("itemtype") or "")


def _is_within(element: etree._Element, outer: etree._Element | None) -> bool:
    return outer is None or element is outer or any(above is outer for above in element.iterancestors(outer.tag))


def _chars(blocks: list[Block], kept: list[int]) -> int:
    return sum(len(blocks[i].text) for i in kept)
