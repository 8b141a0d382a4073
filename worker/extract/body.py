"""Which blocks of a page are the article, in what kind, and what stands beside it: standfirst and captions.

The model (block_model.py) says how likely each block is; what rules know better is done here: the headline is not body,
long repeats are one paragraph, a standfirst is the summary, a heading with nothing under it goes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..model.failures import Failures
from ..model.page import Paragraph, ParagraphKind
from .block_model import BlockModel, load_model
from .blocks import Block, Layout
from .features import About, Vector, candidates, read_marks, vectors
from .lines import furniture_kind, is_legal
from .metadata.images import caption_of, credit_of
from .regions import CHROME, HEADINGS, SUBHEADINGS, Region
from .second_copies import without_comments, without_other_articles, without_repeats
from .text import SENTENCE_ENDS, squash, word_count
from .trafilatura_reading import Reading

#: A line that opens like furniture needs this much certainty to stay; one that asks or is on rights more, most with a link. On
#: 1,126 open pages the model is right in two of three "Read more" lines that it is .8 sure of, in one of three of the others.
_FURNITURE_THRESHOLD = 0.8
_ASKING_THRESHOLD = 0.9
_LINKED_ASKING_THRESHOLD = 0.97
#: A whole sentence that opens so ("Copyright law was changed ...") needs less.
_SENTENCE_CHARS, _SENTENCE_THRESHOLD = 80, 0.6
#: A subheading with text that is taken on both sides needs only this: on 1,126 open pages it is the article's 90 times in 108.
_HEADING_THRESHOLD = 0.25
_CAPTION_REACH_BLOCKS = 8
#: Buttons and numbers that may stand between two pictures of a gallery.
_GALLERY_GAP_BLOCKS = 4
_STANDFIRST_CHARS = 30
_STANDFIRST_HEADING_CHARS = 50
#: A choice smaller than this share of trafilatura's reading is taken as a failure of the model.
_CUT_SHORT = 0.5
#: Where nothing is likely, what is least unlikely: a two-line notice is still the page's text.
_LAST_RESORT = 0.15
_PICTURE = Region.CAPTION | Region.FIGURE
_NOT_A_PICTURE = Region.RELATED | Region.COMMENTS | Region.FOOTER
#: What a figure says outside its caption element is a caption from this length on; shorter, a credit or a button.
_FIGURE_TEXT_CHARS = 30
_LIST_LINKS = 4
#: A choice of fewer words is a scrap: trafilatura's own text stands in where it has this many times as many.
_SCRAP_WORDS = 25
_SCRAP_FACTOR = 3
#: So is less than this share of the page's prose: the lowest that is right on 1,126 open pages is .08.
_SCRAP_SHARE = 0.04
#: A line of so few words above the first paragraph, marked as page data, names the section.
_KICKER_WORDS = 3
_NEVER = Region.COMMENTS | Region.CONSENT | Region.CAPTION | Region.NAV
#: What a page marks as its article.
_MARKED = Region.ARTICLE | Region.BODY


@dataclass(frozen=True, slots=True)
class Body:
    """The article's paragraphs in page order, the standfirst apart, their words, and whose choice they are. ``set_aside``
    counts the words that trafilatura reads too and a rule took out: second copies, comments, other articles, cards, consent."""

    paragraphs: tuple[Paragraph, ...]
    standfirst: str | None = None
    words: int = 0
    source: Literal["page", "trafilatura"] = "page"
    set_aside: int = 0


def compose(
    layout: Layout, reading: Reading, about: About, *, model: BlockModel | None = None, failures: Failures | None = None
) -> Body:
    """Choose the article's blocks and say what kind each is. Empty where no block is likely enough. ``failures`` takes what
    goes wrong with the captions."""
    model = model or load_model()
    blocks = layout.blocks
    marks = read_marks(blocks, reading)
    chosen = _likely(layout, marks, about, model)
    by_model = _chars(blocks, chosen)
    if not about.is_news or by_model < _CUT_SHORT * reading.chars:
        # The page does not say that it is an article, or the model recognises little of what trafilatura read: a page of
        # a kind that the model does not know.
        chosen |= {
            i: 1.0
            for i, marked in enumerate(marks)
            if marked
            and not blocks[i].region & _NEVER
            and not _is_list_of_links(blocks[i])
            and not _is_scrap_in_cell(blocks[i])
        }
    source: Literal["page", "trafilatura"] = (
        "page" if by_model >= _CUT_SHORT * _chars(blocks, chosen) else "trafilatura"
    )
    chosen = _without_consent(blocks, chosen)
    if not chosen:
        chosen, source = _likely(layout, marks, about, replace(model, threshold=_LAST_RESORT)), "page"
        chosen = _without_consent(blocks, chosen)
    kept = without_repeats(blocks, sorted(chosen), about.title)
    kept = without_other_articles(layout, without_comments(blocks, kept), about.title)
    left_out = (chosen.keys() - set(kept)) | {i for i, block in enumerate(blocks) if _is_dialog(block)}
    set_aside = sum(word_count(blocks[i].text) for i in left_out if marks[i])
    standfirst, kept = _set_standfirst_apart(blocks, kept)
    kept = _without_kicker(blocks, _without_bare_headings(blocks, kept))
    paragraphs = [(i, Paragraph(text=blocks[i].text, kind=kind_of(blocks[i]))) for i in kept]
    failures = failures or Failures()
    paragraphs = failures.attempt("captions", lambda: _with_captions(blocks, paragraphs), paragraphs)
    words = sum(word_count(p.text) for _, p in paragraphs if p.kind != "caption")
    return Body(tuple(p for _, p in paragraphs), standfirst, words, source, set_aside)


def is_scrap(body: Body, prose_chars: int) -> bool:
    """Whether a text is so short, in itself or beside the ``prose_chars`` of the whole page, that another reading is asked."""
    if body.words < _SCRAP_WORDS:
        return True
    return sum(len(p.text) for p in body.paragraphs if p.kind != "caption") < _SCRAP_SHARE * prose_chars


def whole_reading(reading: Reading, *, instead_of: Body) -> Body | None:
    """Trafilatura's own text as the article, where it says far more than what was chosen, or where that is its choice anyway
    and it holds all of that and more (a page of a few words); else None."""
    words = sum(word_count(text) for text in reading.paragraphs)
    chosen = [squash(p.text) for p in instead_of.paragraphs]
    says_more = words > instead_of.words and all(text in reading.squashed for text in chosen)
    is_its_choice = bool(chosen) and instead_of.source == "trafilatura"
    if words < max(_SCRAP_WORDS, _SCRAP_FACTOR * instead_of.words) and not (is_its_choice and says_more):
        return None
    return Body(tuple(Paragraph(text=text) for text in reading.paragraphs), None, words, "trafilatura")


def _likely(layout: Layout, marks: list[bool], about: About, model: BlockModel) -> dict[int, float]:
    """The blocks that the model takes for the article's, with their probability."""
    blocks = layout.blocks
    chosen: dict[int, float] = {}
    headings: dict[int, float] = {}
    rows = candidates(blocks, marks)
    for i, vector in zip(rows, vectors(layout, marks, rows, about), strict=True):
        probability = model.probability(vector)
        if (
            probability <= min(model.threshold, _HEADING_THRESHOLD)
            or _is_furniture(blocks[i], vector, model)
            or _is_for_machines(blocks[i].text)
            or _is_list_of_links(blocks[i])
        ):
            continue
        if probability > model.threshold:
            chosen[i] = probability
        elif blocks[i].tag in SUBHEADINGS:
            headings[i] = probability
    between = {i: probability for i, probability in headings.items() if i - 1 in chosen and i + 1 in chosen}
    return chosen | between


def _without_kicker(blocks: list[Block], kept: list[int]) -> list[int]:
    """Drop what a page prints above the first sentence to say in which section it stands ("Europe", "Live · World")."""
    for place, i in enumerate(kept):
        block = blocks[i]
        if (
            not block.region & Region.META
            or word_count(block.text) > _KICKER_WORDS
            or block.text.endswith(SENTENCE_ENDS)
        ):
            return kept[place:]
    return kept


def _without_consent(blocks: list[Block], chosen: dict[int, float]) -> dict[int, float]:
    """Drop the texts of consent dialogs that are certain (`dateline.extract.consent`), the others where the page marks its
    article elsewhere: a list of partners may be longer than it.

    A page that names its article's own container "overlay" or "modal" keeps it.
    """
    chosen = {i: probability for i, probability in chosen.items() if not blocks[i].is_dialog}
    dialog = {i for i in chosen if _is_dialog(blocks[i])}
    article = sum(word_count(blocks[i].text) for i in chosen if blocks[i].region & _MARKED)
    if not dialog or article < _SCRAP_WORDS:
        return chosen
    return {i: probability for i, probability in chosen.items() if i not in dialog}


def _is_dialog(block: Block) -> bool:
    return block.is_dialog or (bool(block.region & Region.CONSENT) and not block.region & _MARKED)


def _chars(blocks: list[Block], chosen: dict[int, float]) -> int:
    return sum(len(blocks[i].text) for i in chosen)


def kind_of(block: Block) -> ParagraphKind:
    """What a block's markup says it is."""
    if block.region & Region.CAPTION:
        return "caption"
    if block.tag in HEADINGS:
        return "heading"
    if block.region & Region.QUOTE:
        return "quote"
    return "bullet" if block.tag in ("li", "dd", "dt") else "paragraph"


def _is_furniture(block: Block, vector: Vector, model: BlockModel) -> bool:
    """Whether a likely block is a line such as "Read more" or "Sign up" all the same."""
    if is_legal(block.text):
        return True
    kind = furniture_kind(block.text)
    if kind is None:
        return False
    if len(block.text) >= _SENTENCE_CHARS and not block.links:
        least = _SENTENCE_THRESHOLD
    elif kind in ("rights", "ask"):
        least = _LINKED_ASKING_THRESHOLD if block.links else _ASKING_THRESHOLD
    else:
        least = _FURNITURE_THRESHOLD
    return model.exact_probability(vector) < least


def _is_for_machines(text: str) -> bool:
    """Whether a text is nothing but a web address, as microdata templates print them, or a widget's settings in JSON."""
    return (text.startswith(("http://", "https://")) and " " not in text) or text.startswith(('{"', '[{"'))


def _is_list_of_links(block: Block) -> bool:
    """Whether a block is several links and hardly anything else: navigation in a cell, tags in a line."""
    return block.links >= _LIST_LINKS and block.link_chars > 0.8 * len(block.text)


def _set_standfirst_apart(blocks: list[Block], kept: list[int]) -> tuple[str | None, list[int]]:
    """The lines between headline and text that sum the article up, and the blocks without them."""
    parts: list[str] = []
    rest = list(kept)
    while rest and len(parts) < 3 and _is_standfirst(blocks, rest):
        parts.append(blocks[rest.pop(0)].text)
    if parts and rest:
        return "\n".join(parts), rest
    return _unchosen_standfirst(blocks, kept), kept


def _unchosen_standfirst(blocks: list[Block], kept: list[int]) -> str | None:
    """The blocks marked as standfirst just before the text that were not taken for text: a line, or key points."""
    first = kept[0] if kept else 0
    found: list[str] = []
    not_it = CHROME | Region.CAPTION | Region.AUTHOR | Region.META | Region.HIDDEN
    for i in range(first - 1, max(-1, first - _CAPTION_REACH_BLOCKS), -1):
        block = blocks[i]
        is_one = block.region & Region.STANDFIRST and not block.region & not_it
        if block.tag == "h1" or (found and not is_one):
            break
        if is_one and len(block.text) >= _STANDFIRST_CHARS:
            if block.link_chars:
                break
            found.append(block.text)
    return "\n".join(reversed(found)) or None


def _is_standfirst(blocks: list[Block], kept: list[int]) -> bool:
    """Whether the first block kept is one: marked so or a long heading. A first paragraph among its like is body,
    whatever its class says: many templates call it lead or intro."""
    block = blocks[kept[0]]
    if len(kept) < 3 or len(block.text) < _STANDFIRST_CHARS:
        return False
    follows = blocks[kept[1]]
    if block.tag in HEADINGS:
        return len(block.text) >= _STANDFIRST_HEADING_CHARS and follows.tag not in HEADINGS
    if block.element.getparent() is follows.element.getparent():
        return False
    return bool(block.region & Region.STANDFIRST) and not follows.region & Region.STANDFIRST


def _without_bare_headings(blocks: list[Block], kept: list[int]) -> list[int]:
    """Headings at the end, with no text under them, belong to what follows the article; so does a scrap in a cell of its
    own at either end, as tables made for layout hold the site's name, weather and dates beside the text."""
    while kept and (blocks[kept[-1]].tag in HEADINGS or (len(kept) > 1 and _is_scrap_in_cell(blocks[kept[-1]]))):
        kept = kept[:-1]
    while len(kept) > 1 and _is_scrap_in_cell(blocks[kept[0]]):
        kept = kept[1:]
    return kept


def _is_scrap_in_cell(block: Block) -> bool:
    return block.tag == "td" and block.size < _STANDFIRST_CHARS and not block.text.endswith(SENTENCE_ENDS)


def _with_captions(blocks: list[Block], kept: list[tuple[int, Paragraph]]) -> list[tuple[int, Paragraph]]:
    """The captions of pictures among the paragraphs (or just before them), each in its place with credit and rights."""
    out: list[tuple[int, Paragraph]] = []
    body = [(i, p) for i, p in kept if p.kind != "caption"]
    if not body:
        return []
    first, last = body[0][0], body[-1][0]
    inside = {i for i, _ in kept}
    texts = {p.text for _, p in body}
    by_place = dict(kept)
    last_picture = -2
    for i in range(max(0, first - _CAPTION_REACH_BLOCKS), _end_of_pictures(blocks, last)):
        if i in inside and by_place[i].kind != "caption":
            out.append((i, by_place[i]))
            continue
        block = blocks[i]
        if not block.region & _PICTURE or (block.region & _NOT_A_PICTURE and i not in inside) or block.text in texts:
            continue
        if (caption := caption_of(block.text)) is None:
            continue
        if out and out[-1][1].kind == "caption" and _is_credit_line(block, adjacent=last_picture == i - 1):
            out[-1] = (out[-1][0], _with_credit(out[-1][1], caption, credit_of(block.text)))
        elif block.region & Region.CAPTION or len(block.text) >= _FIGURE_TEXT_CHARS:
            texts.add(block.text)
            out.append((i, caption))
        else:
            continue
        last_picture = i
    return out


def _end_of_pictures(blocks: list[Block], last: int) -> int:
    """Index behind the pictures that follow the last paragraph: a gallery under the text, or one that opens over it."""
    end = at = min(len(blocks), last + 2)
    while at < len(blocks) and at - end < _GALLERY_GAP_BLOCKS:
        at += 1
        if blocks[at - 1].region & _PICTURE and not blocks[at - 1].region & _NOT_A_PICTURE:
            end = at
    return end


def _is_credit_line(block: Block, *, adjacent: bool) -> bool:
    """Whether a block in a picture is the credit of the caption just before it."""
    if block.region & Region.CREDIT or (adjacent and block.text.startswith("/")):
        return True
    return adjacent and not block.region & Region.CAPTION and len(block.text) < _FIGURE_TEXT_CHARS * 3


def _with_credit(caption: Paragraph, line: Paragraph, credit: str) -> Paragraph:
    """``caption`` with the credit that the page prints as a line of its own."""
    if caption.credit and credit not in caption.credit:
        credit = f"{caption.credit} {credit}" if credit.startswith("/") else f"{caption.credit} / {credit}"
    return Paragraph(
        text=caption.text, kind="caption", credit=credit or caption.credit, rights=caption.rights or line.rights
    )
