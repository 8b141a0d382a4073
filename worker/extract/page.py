"""The order of work: bytes to one tree, its parts, the choice among the text blocks, and the record."""

from __future__ import annotations

from dataclasses import replace as replace_body

from msgspec.structs import replace

from ..model.failures import Failures
from ..model.page import Extracted
from ..model.records import Entry
from .block_model import BlockModel
from .body import Body, compose, is_scrap, whole_reading
from .declared_text import count_words, whole_text
from .parts import PageParts, read_parts
from .record import record_of, record_without_text
from .trafilatura_reading import Reading, read_whole
from .tree import parse_page
from .walls import find_wall, has_paywall_mark

#: A declared article that shows so many words beside an offer to log in is a teaser, not a wall.
_TEASER_WORDS = 15


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
        body = _by_trafilatura(html, content_type, page.second, body, failures)
    if wall is None and body.paragraphs:
        marked = has_paywall_mark(page.layout.names)
        found = record_of(page, body, body.source, marked=marked, failures=failures)
    elif wall not in ("soft_404", "error") and (whole := whole_text(page.data)):
        # The page's script brings the text, or a layer hides it; machines get it all the same.
        body = replace_body(body, paragraphs=whole, words=count_words(whole))
        found = record_of(page, body, "json-ld", marked=False, failures=failures)
    else:
        found = record_without_text(page, wall)
    return replace(found, failures=tuple(failures.found)) if failures.found else found


def _wall(page: PageParts, body: Body, failures: Failures) -> str | None:
    """Return what kind of wall the page is; None for an article, also for its beginning beside an offer to log in."""
    blocks, title = page.layout.blocks, page.metadata.title
    shown = "\n".join(p.text for p in body.paragraphs if p.kind != "caption")
    wall = failures.attempt("walls", lambda: find_wall(page.head, blocks, title, shown, body.words), None, text=shown)
    is_teaser_of_article = page.data.article is not None and body.words >= _TEASER_WORDS
    return None if wall == "login" and is_teaser_of_article else wall


def _by_trafilatura(html: bytes, content_type: str | None, second: Reading, body: Body, failures: Failures) -> Body:
    """Trafilatura's own text where ours is nothing or a scrap: of the tree without chrome, else of the page as it came, which
    is parsed again (few pages need it). ``body`` where that says no more."""
    if found := whole_reading(second, instead_of=body):
        return found
    again = failures.attempt(
        "trafilatura", lambda: read_whole(parse_page(html, content_type=content_type).root), Reading((), "")
    )
    return whole_reading(again, instead_of=body) or body
