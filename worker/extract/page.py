"""The order of work: bytes to one tree, metadata, text blocks, trafilatura's reading, and the choice among the blocks."""

from __future__ import annotations

from dataclasses import replace as replace_body

from msgspec.structs import replace

from ..errors import NoArticle
from ..model.failures import Failure, Failures
from ..model.page import SHORTER, Extracted, PageMetadata, Paragraph
from ..model.records import Entry
from ..text.language import choose_language
from .block_model import BlockModel
from .blocks import Layout, walk
from .body import Body, compose, is_scrap, whole_reading
from .features import About
from .feed_text import extract_entry, paragraphs_of
from .metadata.collect import read_metadata
from .metadata.head import Head, read_head
from .metadata.json_ld import JsonLd, read_json_ld, types
from .text import plain, squash, word_count
from .trafilatura_reading import Reading, read_article, read_whole
from .tree import parse_page
from .walls import find_wall, has_paywall_mark, is_teaser, is_withdrawn
from .wrappers import free_wrapped_text

_MAX_BODY_CHARS = 300_000
#: Another source of the text wins only when clearly longer: by this factor and by these words.
_LONGER_FACTOR = 1.3
_LONGER_WORDS = 40
#: JSON-LD is asked only where the page shows less than this: some sites put updates or other parts into it as well.
_SHORT_WORDS = 250
#: An articleBody of so many words is an article's where the page shows none.
_LEAST_WORDS = 60
#: A declared article that shows so many words beside an offer to log in is a teaser, not a wall.
_TEASER_WORDS = 15
#: JSON-LD's articleBody must hold this share of what the page shows, else it is another text.
_HELD_SHARE = 0.7
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
    page = failures.require("parse", lambda: parse_page(html, content_type=content_type))
    head = read_head(page.root)
    data = failures.attempt("json-ld", lambda: read_json_ld(page.root, url), JsonLd([], url))
    free_wrapped_text(page.root)
    layout = failures.require("blocks", lambda: walk(page.root))
    metadata = failures.require(
        "metadata", lambda: read_metadata(page.root, head, data, layout, url=url, entry=entry, failures=failures)
    )
    marked = has_paywall_mark(layout.names)
    raw_body = (data.article or {}).get("articleBody")
    about = About.of(
        metadata.title,
        metadata.summary,
        plain(raw_body, limit=_MAX_BODY_CHARS),
        is_news=data.article is not None or metadata.published is not None or _is_declared_article(head),
    )
    second = failures.attempt("trafilatura", lambda: read_article(page.root, layout.chrome), Reading((), ""))
    body = failures.require("body", lambda: compose(layout, second, about, model=model, failures=failures))
    shown = "\n".join(p.text for p in body.paragraphs if p.kind != "caption")
    wall = failures.attempt(
        "walls", lambda: find_wall(head, layout.blocks, metadata.title, shown, body.words), None, text=shown
    )
    if wall == "login" and data.article is not None and body.words >= _TEASER_WORDS:
        wall = None  # the beginning of an article and an offer to read on
    if wall is None and is_scrap(body, layout.prose_chars) and not _whole_json_ld_text(data):
        body = _by_trafilatura(html, content_type, second, body, failures)
    if wall is not None or not body.paragraphs:
        if wall not in ("soft_404", "error") and (whole := _whole_json_ld_text(data)):
            # The page's script brings the text, or a layer hides it; machines are told it all the same.
            body = replace_body(body, paragraphs=whole, words=sum(word_count(p.text) for p in whole))
            found = _finished(
                body,
                second,
                layout,
                head,
                data,
                metadata,
                marked=False,
                entry=entry,
                url=url,
                source="json-ld",
                failures=failures,
            )
        else:
            found = _instead(entry, metadata, wall, url, empty=not layout.blocks)
    else:
        found = _finished(
            body,
            second,
            layout,
            head,
            data,
            metadata,
            marked=marked,
            entry=entry,
            url=url,
            source=body.source,
            failures=failures,
        )
    return replace(found, failures=tuple(failures.found)) if failures.found else found


def _by_trafilatura(html: bytes, content_type: str | None, second: Reading, body: Body, failures: Failures) -> Body:
    """Trafilatura's own text where ours is nothing or a scrap: of the tree without chrome, else of the page as it came, which
    is parsed again (few pages need it). ``body`` where that says no more."""
    if found := whole_reading(second, instead_of=body.words):
        return found
    again = failures.attempt(
        "trafilatura", lambda: read_whole(parse_page(html, content_type=content_type).root), Reading((), "")
    )
    return whole_reading(again, instead_of=body.words) or body


def _finished(
    body: Body,
    second: Reading,
    layout: Layout,
    head: Head,
    data: JsonLd,
    metadata: PageMetadata,
    *,
    marked: bool,
    entry: Entry | None,
    url: str | None,
    source: str = "page",
    failures: Failures,
) -> Extracted:
    """The record of a page that has an article: its text from the best source, and what is known about its being whole."""
    paragraphs = body.paragraphs
    teaser = source in _SHOWN and is_teaser(marked, layout.blocks, body.words, declared=metadata.paywalled)
    short = teaser or body.words < _SHORT_WORDS or _breaks_off(paragraphs, data, paywalled=metadata.paywalled)
    if short and (longer := _json_ld_text(data, paragraphs, body.words)):
        paragraphs, source, teaser = longer, "json-ld", False
    elif (
        entry is not None
        and (fed := failures.attempt("feed text", lambda: extract_entry(entry, url=url), None))
        and _clearly_longer(fed.paragraphs, body.words)
    ):
        paragraphs, source, teaser = fed.paragraphs, "feed", False
        longer_by = f"the page shows {body.words} words, the feed's own text has {_count(fed.paragraphs)}"
        failures.add(Failure(step="length", note="page shorter than feed", error=longer_by))
    if source in _SHOWN:
        _compare_length(paragraphs, second, failures)
    text = "\n".join(p.text for p in paragraphs if p.kind != "caption")
    said = (head.language, head.first("og:locale"), entry.language if entry else None)
    language = failures.attempt("language", lambda: choose_language(text, *said), None, text=text)
    notes = tuple(n for n in ("live_blog" if _is_live_blog(data) else "", "teaser" if teaser else "") if n)
    return Extracted(
        paragraphs=paragraphs,
        metadata=replace(
            metadata,
            language=language,
            summary=body.standfirst or metadata.summary,
            paywalled=metadata.paywalled or teaser,
        ),
        extracted_from=source,
        truncated=teaser or _breaks_off(paragraphs, data, paywalled=metadata.paywalled),
        withdrawn=is_withdrawn(metadata.title, [p.text for p in paragraphs], body.words),
        notes=notes,
    )


def _instead(
    entry: Entry | None, metadata: PageMetadata, wall: str | None, url: str | None, *, empty: bool
) -> Extracted:
    """The feed's own text for a page without an article; raises NoArticle where the feed has none."""
    fed = extract_entry(entry, url=url) if entry is not None else None
    if fed is None:
        if wall is not None:
            raise NoArticle(f"{url or 'the page'} is a wall ({wall}), not an article", code="wall")
        if empty:
            raise NoArticle(f"{url or 'the page'} has no words (its script may bring them)", code="empty")
        raise NoArticle(f"{url or 'the page'} has no text that could be an article")
    kept = fed.metadata
    if wall is None:
        # The page is the article's own, only without text: what it says about itself holds.
        names = [f for f in PageMetadata.__struct_fields__ if getattr(metadata, f)]
        kept = replace(kept, **{name: getattr(metadata, name) for name in names})
    return replace(fed, metadata=kept, wall=wall, notes=(*fed.notes, "page_without_text"))


def _whole_json_ld_text(data: JsonLd) -> tuple[Paragraph, ...]:
    """The paragraphs of JSON-LD's articleBody where that is an article's worth of text; else nothing."""
    raw = (data.article or {}).get("articleBody")
    if not isinstance(raw, str) or not word_count(raw) >= _LEAST_WORDS or len(raw) > _MAX_BODY_CHARS:
        return ()
    return paragraphs_of(raw)


def _json_ld_text(data: JsonLd, shown: tuple[Paragraph, ...], words: int) -> tuple[Paragraph, ...]:
    """The paragraphs of JSON-LD's articleBody where it is clearly longer than the page's and holds it; else nothing."""
    raw = (data.article or {}).get("articleBody")
    if not isinstance(raw, str) or len(raw) > _MAX_BODY_CHARS:
        return ()
    if word_count(raw) <= _LONGER_FACTOR * words + _LONGER_WORDS:
        return ()
    paragraphs = paragraphs_of(raw)
    whole = squash("".join(p.text for p in paragraphs))
    texts = [p.text for p in shown if p.kind != "caption"]
    held = sum(len(t) for t in texts if squash(t) in whole)
    if held < _HELD_SHARE * sum(map(len, texts)) or not _clearly_longer(paragraphs, words):
        return ()
    return (*paragraphs, *(p for p in shown if p.kind == "caption"))


def _clearly_longer(paragraphs: tuple[Paragraph, ...], words: int) -> bool:
    return _count(paragraphs) > _LONGER_FACTOR * words + _LONGER_WORDS


def _count(paragraphs: tuple[Paragraph, ...]) -> int:
    return sum(word_count(p.text) for p in paragraphs)


def _compare_length(paragraphs: tuple[Paragraph, ...], second: Reading, failures: Failures) -> None:
    """Note a text that is much shorter than trafilatura's: it may have lost a part of the article."""
    words, theirs = _count(paragraphs), sum(word_count(text) for text in second.paragraphs)
    if words < _MUCH_SHORTER * theirs and theirs - words >= _MUCH_SHORTER_WORDS:
        said = f"{words} words; trafilatura finds {theirs}: `dateline extract --compare` shows both"
        failures.add(Failure(step="length", note=SHORTER, error=said))


def _is_declared_article(head: Head) -> bool:
    return "article" in (head.first("og:type") or "").lower()


def _is_live_blog(data: JsonLd) -> bool:
    return data.article is not None and "LiveBlogPosting" in types(data.article)


def _breaks_off(paragraphs: tuple[Paragraph, ...], data: JsonLd, *, paywalled: bool) -> bool:
    """Whether the text ends in the middle: with an ellipsis, or (not free) far short of the declared word count."""
    texts = [p.text for p in paragraphs if p.kind != "caption"]
    if not texts:
        return True
    if texts[-1].endswith(("…", "[...]", "[…]", "(...)", " ...")):
        return True
    declared = (data.article or {}).get("wordCount")
    count = (
        int(declared) if isinstance(declared, (int, str)) and str(declared).isdigit() and len(str(declared)) < 7 else 0
    )
    return paywalled and count > 200 and sum(word_count(t) for t in texts) < 0.4 * count
