"""The job ``extract``: a page's bytes and its entry in, the article without quotes and events out. Runs in a child process."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from .. import failpoints, urls
from ..contract.article import Article
from ..dedup import fingerprint as prints
from ..dedup import identity
from ..encoding.decompress import inflate
from ..errors import NoArticle
from ..extract import extract_entry, extract_page
from ..extract.walls import count_wall_cues
from ..model.failures import Failure, Failures, with_page
from ..model.page import SHORTER, Extracted
from ..model.records import Body, Entry, pack
from ..read import front_page
from .feed import url_key
from .records import EXTRACTOR, PageJob, PageReading

_MARK_BYTES = 6  #: of title, text and correction of one revision, compared with those of the same article only


def extract(job: PageJob) -> PageReading:
    """Return the article on a page, or in the feed's own words where the page has none. Raises NoArticle, TooLarge."""
    queued, body = job.queued, job.body
    if not job.instead:
        failpoints.hit("in_extract", queued.entry.link or "")
    extracted = _from_page_or_feed(job)
    failures = Failures(queued.entry.link or "")
    url = body.url if body else queued.entry.link
    article = _without_reading(job, extracted, url, failures)
    paragraphs = [block.text for block in article.blocks if block.kind in ("body", "bullet")]
    spoken = prints.words(text for text in paragraphs if not prints.is_counter(text))
    spoken = spoken or prints.words([article.text])
    fingerprint = prints.fingerprint(spoken, article.title)
    title_key = " ".join(prints.words([article.title or ""]))
    correction = " ".join(prints.words([article.correction or ""]))
    landed = _landed(queued.entry.link, body)
    names: list[str] = failures.attempt("aliases", lambda: _page_names(article, body), [])
    sketch = failures.attempt("sketch", lambda: prints.sketch(spoken), prints.Sketch())
    notes = [*([job.instead] if job.instead else ()), *failures.notes()]
    article = msgspec.structs.replace(article, extractor=EXTRACTOR, notes=notes)
    return PageReading(
        article=pack(article),
        fingerprint=fingerprint,
        mark=identity.digest(fingerprint.hex() + title_key + correction, _MARK_BYTES),
        sketch=sketch,
        aliases=tuple(identity.digest(name) for name in names),
        owner=urls.owner(url) if url else urls.owner(queued.feed_url),
        words=len(spoken),
        title=article.title,
        title_key=title_key,
        published=_timestamp(article.published),
        text_sha256=article.text_sha256,
        extracted_from=article.extracted_from,
        withdrawn=extracted.withdrawn,
        partial=extracted.truncated or extracted.metadata.paywalled,
        notes=extracted.notes,
        lacks=_lacks(extracted, article),
        failures=_with_page(failures, body),
        landed=identity.digest(landed) if landed else b"",
        landed_url=body.url if body and landed else "",
        agreement=None if article.extracted_from in ("feed", "summary") else _agreement(queued.entry, article, spoken),
        wall_cues=count_wall_cues(article.text),
    )


def _without_reading(job: PageJob, extracted: Extracted, url: str | None, failures: Failures) -> Article:
    """Return the article with all but its quotes and events."""
    queued = job.queued
    return front_page(
        extracted,
        article_id=job.article,
        url=url,
        feed=queued.feed_url,
        guid=queued.entry.guid,
        entry=queued.entry,
        feed_title=queued.feed_title,
        feed_language=queued.feed_language,
        published_fallback=queued.entry.published or queued.entry.updated,
        fetched=datetime.fromtimestamp(job.fetched, UTC),
        failures=failures,
    )


def _lacks(extracted: Extracted, article: Article) -> tuple[str, ...]:
    """Return what the page should have given and did not, for the publisher's rates."""
    given = extracted.metadata
    found = (
        ("title", given.title),
        ("byline", given.authors or article.byline or article.agency),
        ("date", given.published),
        ("text", all(failure.note != SHORTER for failure in extracted.failures)),
    )
    return tuple(name for name, value in found if not value)


def _with_page(failures: Failures, body: Body | None) -> tuple[Failure, ...]:
    if body is None:
        return tuple(failures.found)
    kind = body.headers.get("content-type")
    return tuple(with_page(failure, body.body, body.encoding, kind) for failure in failures.found)


def _from_page_or_feed(job: PageJob) -> Extracted:
    queued, body = job.queued, job.body
    if body is None:
        own = extract_entry(queued.entry, url=queued.entry.link)
        if own is None:
            raise NoArticle(
                f"{queued.entry.link or queued.entry.guid}: the feed gives neither content nor summary to read"
            )
        return own
    try:
        html = inflate(body.body, body.encoding, max_bytes=job.max_bytes, sniff=True)
        found = extract_page(html, url=body.url, content_type=body.headers.get("content-type"), entry=queued.entry)
        if not found.wall:
            return found
        raise NoArticle(f"{body.url} shows a {found.wall} page instead of an article", code="wall")
    except NoArticle:
        own = extract_entry(queued.entry, url=queued.entry.link) if job.feed_fallback else None
        if own is None:
            raise
        return own


def _page_names(article: Article, body: Body | None) -> list[str]:
    """Return where the page's redirects led and the address that it calls canonical, never a front page.

    They are evidence (``c:``), no names: no entry is taken for this article by them before title and text were compared.
    """
    found = []
    for url in (body.url if body else None, article.canonical_url):
        key = url_key(url) if url else None
        if key and key.partition("/")[2].strip("/"):
            found.append(f"c:{key}")
    return list(dict.fromkeys(found))


def _landed(link: str | None, body: Body | None) -> str | None:
    """Return the key of the address that a link led to, None where that is the link's own."""
    if body is None or not link:
        return None
    key = url_key(body.url)
    return key if key != url_key(link) else None


def _agreement(entry: Entry, article: Article, spoken: list[str]) -> float | None:
    """Return the share of the words of the entry's title that the page has, in headline or text; None where the title has too
    few words to say."""
    wanted = {word for word in prints.words([entry.title or ""]) if len(word) > 3 or not word.isascii()}
    if len(wanted) < 2:
        return None
    shown = {*spoken, *prints.words([article.title or ""])}
    return len(wanted & shown) / len(wanted)


def _timestamp(iso: str | None) -> float | None:
    try:
        at = datetime.fromisoformat(iso) if iso else None
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() if at else None
