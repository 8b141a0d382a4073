"""The order of work: bytes to one tree, its parts, the choice among the text blocks, and the record."""

from __future__ import annotations

from dataclasses import replace as replace_body

from msgspec.structs import replace

from ..errors import NoArticle
from ..model.failures import Failure, Failures
from ..model.page import SHORTER, Extracted, PageMetadata, Paragraph
from ..model.records import Entry
from ..text.language import choose_language
from .block_model import BlockModel
from .body import Body, compose, is_scrap, whole_reading
from .declared_text import breaks_off, count_words, is_clearly_longer, is_live_blog, longer_text, whole_text
from .feed_text import extract_entry
from .parts import PageParts, read_parts
from .regions import Region
from .text import plain, squash, word_count
from .trafilatura_reading import Reading, read_whole, without_texts
from .tree import parse_page
from .walls import find_wall, has_paywall_mark, is_teaser, is_withdrawn

#: A declared article that shows so many words beside an offer to log in is a teaser, not a wall.
_TEASER_WORDS = 15
#: JSON-LD is asked only where the page shows less than this: some sites put updates or other parts into it as well.
_SHORT_WORDS = 250
#: Sources of a text that the page shows.
_SHOWN = frozenset(("page", "trafilatura"))
#: A text is noted as short below this share of trafilatura's words, and where so many are missing.
_MUCH_SHORTER = 0.6
_MUCH_SHORTER_WORDS = 80


def extract_page(
    html: bytes,
    *,
    url: str | None,
    content_type: str | None = None,
    entry: Entry | None = None,
    model: BlockModel | None = None,
) -> Extracted:
    """The article in a page, or in the feed's own text where the page has none.

    Args:
        html: The page's bytes, already inflated.
        url: Where the last redirect led; relative addresses and the canonical one are read against it.
        content_type: The Content-Type header, if there was one.
        entry: The feed's entry that led here: its title, date and content stand in for what the page lacks.
        model: Another block model than the one that ships, for measuring out of fold.
    Raises:
        NoArticle: Not HTML (``unsupported_type``), a wall (``wall``), without any words (``empty``) or with words that are
            no article (``extract_failed``); all but the first only where the entry has no text of its own either.
        TooLarge: Over a limit of bytes, elements, attributes or depth.
    """
    failures = Failures(url or "")
    tree = failures.require("parse", lambda: parse_page(html, content_type=content_type))
    page = read_parts(tree.root, url, entry, failures)
    body = failures.require(
        "body", lambda: compose(page.layout, page.second, page.about(), model=model, failures=failures)
    )
    wall = _wall(page, body, failures)
    if wall is None and is_scrap(body, page.layout.prose_chars) and not whole_text(page.data):
        dialog = {squash(block.text) for block in page.layout.blocks if block.is_dialog}
        body = _by_trafilatura(html, content_type, page.second, body, dialog, failures)
    if wall is None and body.paragraphs:
        marked = has_paywall_mark(page.layout.names)
        found = _record_of(page, body, body.source, marked=marked, failures=failures)
    elif wall not in ("soft_404", "error") and (whole := whole_text(page.data)):
        # The page's script brings the text, or a layer hides it; machines get it all the same.
        body = replace_body(body, paragraphs=whole, words=count_words(whole))
        found = _record_of(page, body, "json-ld", marked=False, failures=failures)
    else:
        found = _record_without_text(page, wall)
    return replace(found, failures=tuple(failures.found)) if failures.found else found


def _wall(page: PageParts, body: Body, failures: Failures) -> str | None:
    """Return what kind of wall the page is; None for an article, also for its beginning beside an offer to log in."""
    blocks, title = page.layout.blocks, page.metadata.title
    shown = "\n".join(p.text for p in body.paragraphs if p.kind != "caption")
    declared = plain((page.data.article or {}).get("headline"))
    headlines = [name for name in (page.entry and page.entry.title, declared) if name]
    wall = failures.attempt(
        "walls", lambda: find_wall(page.head, blocks, title, shown, body.words, headlines), None, text=shown
    )
    if (
        wall is None
        and not body.paragraphs
        and any(block.is_dialog and block.region & Region.CONSENT for block in blocks)
    ):
        return "consent"
    is_teaser_of_article = page.data.article is not None and body.words >= _TEASER_WORDS
    return None if wall == "login" and is_teaser_of_article else wall


def _by_trafilatura(
    html: bytes, content_type: str | None, second: Reading, body: Body, dialog: set[str], failures: Failures
) -> Body:
    """Trafilatura's own text where ours is nothing or a scrap: of the tree without chrome, else of the page as it came, which
    is parsed again (few pages need it), without the texts of a ``dialog``. ``body`` where that says no more."""
    if found := whole_reading(second, instead_of=body):
        return found
    again = failures.attempt(
        "trafilatura", lambda: read_whole(parse_page(html, content_type=content_type).root), Reading((), "")
    )
    again = without_texts(again, dialog)
    return whole_reading(again, instead_of=body) or body


def _record_of(page: PageParts, body: Body, source: str, *, marked: bool, failures: Failures) -> Extracted:
    """Return the record of a page that has an article: its text from the best source, and whether that is whole.

    ``marked``: the page's markup names a paywall.
    """
    paragraphs, metadata, data = body.paragraphs, page.metadata, page.data
    teaser = source in _SHOWN and is_teaser(marked, page.layout.blocks, body.words, declared=metadata.paywalled)
    short = teaser or body.words < _SHORT_WORDS or breaks_off(paragraphs, data, paywalled=metadata.paywalled)
    if short and (longer := longer_text(data, paragraphs, body.words)):
        paragraphs, source, teaser = longer, "json-ld", False
    elif fed := _longer_feed_text(page, body.words, failures):
        paragraphs, source, teaser = fed, "feed", False
    if source in _SHOWN:
        _compare_length(paragraphs, page.second, body.set_aside, failures)
    text = "\n".join(p.text for p in paragraphs if p.kind != "caption")
    said = (page.head.language, page.head.first("og:locale"), page.entry.language if page.entry else None)
    language = failures.attempt("language", lambda: choose_language(text, *said), None, text=text)
    notes = tuple(n for n in ("live_blog" if is_live_blog(data) else "", "teaser" if teaser else "") if n)
    return Extracted(
        paragraphs=paragraphs,
        metadata=replace(
            metadata,
            language=language,
            summary=body.standfirst or metadata.summary,
            paywalled=metadata.paywalled or teaser,
        ),
        extracted_from=source,
        truncated=teaser or breaks_off(paragraphs, data, paywalled=metadata.paywalled),
        withdrawn=is_withdrawn(metadata.title, [p.text for p in paragraphs], body.words),
        notes=notes,
    )


def _longer_feed_text(page: PageParts, words: int, failures: Failures) -> tuple[Paragraph, ...]:
    """Return the feed's own text where it is clearly longer than the ``words`` of the page, which is noted; else nothing."""
    entry = page.entry
    if entry is None:
        return ()
    fed = failures.attempt("feed text", lambda: extract_entry(entry, url=page.url), None)
    if not fed or not is_clearly_longer(fed.paragraphs, words):
        return ()
    longer_by = f"the page shows {words} words, the feed's own text has {count_words(fed.paragraphs)}"
    failures.add(Failure(step="length", note="page shorter than feed", error=longer_by))
    return fed.paragraphs


def _record_without_text(page: PageParts, wall: str | None) -> Extracted:
    """Return the feed's own text for a page without an article. Raises NoArticle where the feed has none."""
    fed = extract_entry(page.entry, url=page.url) if page.entry is not None else None
    if fed is None:
        shown = page.url or "the page"
        if wall is not None:
            raise NoArticle(f"{shown} is a wall ({wall}), not an article", code="wall")
        if not page.layout.blocks:
            raise NoArticle(f"{shown} has no words (its script may bring them)", code="empty")
        raise NoArticle(f"{shown} has no text that could be an article")
    kept = fed.metadata
    if wall is None:
        # The page is the article's own, only without text: what it says about itself holds.
        names = [f for f in PageMetadata.__struct_fields__ if getattr(page.metadata, f)]
        kept = replace(kept, **{name: getattr(page.metadata, name) for name in names})
    return replace(fed, metadata=kept, wall=wall, notes=(*fed.notes, "page_without_text"))


def _compare_length(paragraphs: tuple[Paragraph, ...], second: Reading, set_aside: int, failures: Failures) -> None:
    """Note a text much shorter than trafilatura's, of which the ``set_aside`` words that a rule took out do not count: it may
    have lost a part of the article."""
    words = count_words(paragraphs)
    theirs = sum(word_count(text) for text in second.paragraphs) - set_aside
    if words < _MUCH_SHORTER * theirs and theirs - words >= _MUCH_SHORTER_WORDS:
        said = f"{words} words; trafilatura finds {theirs}: `dateline extract --compare` shows both"
        failures.add(Failure(step="length", note=SHORTER, error=said))
