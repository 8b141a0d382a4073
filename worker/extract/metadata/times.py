"""When an article was published and updated: declared first, then printed, then in the address, then searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from lxml import etree

from ...model.records import Entry
from ..blocks import Block
from ..regions import Region
from ..text import SENTENCE_ENDS, text_of
from .date_search import search_date
from .dates import Moment, moment_in_url, month_first, read_moment
from .head import Head
from .json_ld import JsonLd, Node
from .titles import has_same_words, same_words

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "datecreated",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date", "pubdate",
    "publishdate", "publish-date", "publication_date", "publish_date", "article.published", "published_at",
    "cxenseparse:recs:publishtime", "og:published_time", "rnews:datepublished", "date", "displaydate", "created",
    "dcsext.articlefirstpublished", "article:post_date", "ptime", "shareaholic:article_published_time", "bt:pubdate",
    "citation_publication_date", "citation_date", "date_published", "article_date_original", "og:pubdate", "time",
    "originalpublicationdate", "publication-date", "doc_date", "published",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "og:updated_time", "datemodified", "article:modified", "dcterms.modified", "lastmod",
    "last-modified", "revised", "updated_time", "dc.date.modified", "bt:moddate", "lastmodifieddate",
)  # fmt: skip
_MAX_ZONE = timedelta(hours=14)
#: How far from UTC midnight a day may turn: the western Pacific is 12 hours ahead, the American one 10 behind.
_MAX_SHIFT = timedelta(hours=10)
#: Where a page has no long paragraph, a date stands within so many blocks of the headline.
_NEAR_BLOCKS = 12
#: A line of more words is a sentence that mentions a date.
_DATE_LINE_WORDS = 16
#: So many are a date whatever they end with.
_DATE_LABEL_WORDS = 6
_HEADLINE_CHARS = 400
#: A line that opens with a date, after no more than "Published on" and a weekday, and says little else. No "Updated".
_DATE_FIRST = re.compile(
    r"(?!.*(?:updat|modif|review|aktual|edit))"
    r"(?:(?:first )?(?:published|posted|date|publié|veröffentlicht|publicado|pubblicato)\W*(?:on|am|le|el|il)?\W*)?"
    r"(?:[^\W\d_]{3,10}\.?,?\s+)?(?:\d|[^\W\d_]{3,10}\.? \d)",
    re.IGNORECASE,
)
_DATE_ALONE_WORDS = 9
#: A longer item of a list is no line of byline and dates.
_BYLINE_WORDS = 30
#: A line that says when the text was changed, not when it was published.
_UPDATE_LINE = re.compile(
    r"(?!\D*(?:publi|post))\D*(?:updat|modifi|aktualis|actuali|aggiorn|edited|review)", re.IGNORECASE
)
#: A line that says when the text was made.
_LABELLED = re.compile(
    r"\W*(?:first |originally )?(?:publi(?:shed|é)|posted|created|written|veröffentlicht|erstellt|publicado|pubblicato)\b",
    re.IGNORECASE,
)
_HEADLINE_TAGS = frozenset(("h1", "h2", "h3", "h4"))


@dataclass(frozen=True, slots=True)
class Times:
    """``raw`` is the publication time as the page wrote it, kept even where it was absurd."""

    published: Moment | None
    updated: Moment | None
    raw: str | None


def find_times(
    root: etree._Element,
    head: Head,
    data: JsonLd,
    blocks: list[Block],
    *,
    title: str | None,
    url: str | None,
    entry: Entry | None,
) -> Times:
    """Publication and update time. A search costs more than all the rest and comes last. ``title`` is the headline, near
    which a date may be printed."""
    nodes: list[Node] = [n for n in (data.article, data.page) if n]
    raws: list[object] = [n.get(k) for n in nodes for k in ("datePublished", "dateCreated", "uploadDate")]
    raws += head.all(*_PUBLISHED)
    is_declared = any(r and read_moment(r) for r in raws)
    elements = [element for element in head.times if _is_publication(element)]
    printed = [_time_of(element) for element in _headlines_own_first(elements, head)]
    raws += printed
    raw = next((r for r in raws if isinstance(r, str) and r.strip()), None)
    moments = [m for r in raws if r and (m := read_moment(r))]
    published = _fuller(moments[0], moments, printed) if moments else None
    if published is not None and not is_declared:
        published = _confirmed_line(published, blocks, title, url, entry) or published
    if published is not None:
        published = _on_the_newsrooms_day(published, head.times, url)
    else:
        video = data.of_type("VideoObject") or {}
        lines = _date_lines(blocks, title)
        published = next((read_moment(line) for line in lines if not _UPDATE_LINE.match(line)), None)
        if published is None and entry is not None and entry.published is not None:
            published = Moment(entry.published.isoformat(), entry.published_raw or "")
        published = published or moment_in_url(url) or read_moment(video.get("uploadDate"))
        first = read_moment(lines[0]) if lines else None
        if published is None or (first and not published.has_time and first.iso[:10] == published.iso):
            published = first
    if published is None:
        published = _labelled(blocks) or search_date(root, url)
    updates: list[object] = [n.get("dateModified") for n in nodes]
    updates += head.all(*_UPDATED)
    updated = next((m for r in updates if r and (m := read_moment(r))), None)
    if published is not None and (other := month_first(published)):
        printed_days = [read_moment(line) for line in _date_lines(blocks, title)]
        told = [*moments, *printed_days, moment_in_url(url), read_moment(entry.published_raw) if entry else None]
        if _is_month_first(published, other, told, head):
            published, updated = other, (month_first(updated) or updated) if updated else None
    if (
        moments
        and published
        and updated
        and _days_between(published, updated) <= 1
        and not _is_as_fed(published, entry)
    ):
        published = _marked_earlier(published, elements) or _printed_earlier(published, blocks, title) or published
    return Times(published, updated, raw or (published.raw if published else None))


def _fuller(first: Moment, moments: list[Moment], printed: list[str | None]) -> Moment:
    """``first`` with what other fields know beside it: the hour of its day, or the newsroom's own zone.

    A UTC time whose minute the page also prints in local time, a whole zone away, is the same instant: its zone is the
    difference, so that the day is the newsroom's day.
    """
    if not first.has_time:
        return next((m for m in moments if m.has_time and m.iso[:10] == first.iso), first)
    instant = datetime.fromisoformat(first.iso)
    if instant.utcoffset() != timedelta(0):
        return first
    for text in printed:
        local = read_moment(text)
        if local is None or not local.has_time:
            continue
        moment = datetime.fromisoformat(local.iso)
        if moment.tzinfo is None:
            difference = moment.replace(tzinfo=UTC) - instant.replace(second=moment.second)
            if difference and abs(difference) <= _MAX_ZONE and difference % timedelta(minutes=30) == timedelta(0):
                return Moment(instant.astimezone(timezone(difference)).isoformat(), first.raw)
        elif moment == instant:
            return local
    return first


def _is_month_first(day_first: Moment, other: Moment, told: list[Moment | None], head: Head) -> bool:
    """Whether a date in numbers only has its month first: where another date that the page, its address or the feed writes
    without doubt is that day, and, but for dots, on American pages where none is the other."""
    days = {moment.iso[:10] for moment in told if moment and month_first(moment) is None}
    if day_first.iso[:10] in days:
        return False
    said = (head.language, head.first("og:locale"))
    is_american = any((where or "").replace("_", "-").lower() == "en-us" for where in said)
    return other.iso[:10] in days or (is_american and "." not in day_first.raw)


def _headlines_own_first(times: list[etree._Element], head: Head) -> list[etree._Element]:
    """``times`` with those in the headline's ``article`` element first: menus above it have times of other articles."""
    articles = {above for _, heading in head.headings for above in heading.iterancestors("article")}
    return sorted(times, key=lambda element: articles.isdisjoint(element.iterancestors("article")))


def _confirmed_line(
    shown: Moment, blocks: list[Block], title: str | None, url: str | None, entry: Entry | None
) -> Moment | None:
    """The date printed by the headline where feed or address have its day, and the first time element another one: that is
    another article's, on a card below."""
    fed = Moment(entry.published.isoformat(), "") if entry is not None and entry.published is not None else None
    told = [moment for moment in (fed, moment_in_url(url)) if moment]
    if not told or any(_days_between(shown, moment) <= 1 for moment in told):
        return None
    lines = (read_moment(line) for line in _date_lines(blocks, title) if not _UPDATE_LINE.match(line))
    return next((line for line in lines if line and any(_days_between(line, moment) <= 1 for moment in told)), None)


def _marked_earlier(declared: Moment, times: list[etree._Element]) -> Moment | None:
    """The day of a time element that is marked as the publication's, where it is days before the ``declared`` one."""
    for element in times:
        if _is_marked(element):
            marked = read_moment(_time_of(element))
            if marked is not None:
                return marked if marked.iso < declared.iso and _days_between(marked, declared) > 1 else None
    return None


def _time_of(element: etree._Element) -> str | None:
    return element.get("datetime") or element.get("content") or text_of(element) or None


def _is_publication(element: etree._Element) -> bool:
    """A time element that stands with the article, not in a list of other articles or under a comment."""
    if element.get("itemprop") == "dateModified" or "updated" in (element.get("class") or "").lower().split():
        return False
    is_marked = _is_marked(element)
    for above in element.iterancestors():
        name = f"{above.get('class') or ''} {above.get('id') or ''}".lower()
        if above.tag in ("body", "html", "main"):
            return True
        if above.tag == "li" and is_marked and not _is_about_an_article(above):
            continue  # a list of byline, "Published" and "Updated"
        if above.tag in ("aside", "footer", "nav", "li") or "comment" in name or "related" in name or "teaser" in name:
            return False
    return True


def _is_marked(element: etree._Element) -> bool:
    """Whether a time element says that it is the publication's."""
    return "pubdate" in element.attrib or element.get("itemprop") == "datePublished"


def _is_about_an_article(item: etree._Element) -> bool:
    """Whether an item of a list holds a headline or more words than a byline with its dates."""
    return next(item.iter("h1", "h2", "h3", "h4"), None) is not None or len(text_of(item).split()) > _BYLINE_WORDS


def _on_the_newsrooms_day(published: Moment, times: list[etree._Element], url: str | None) -> Moment:
    """``published`` in a zone that has the day which the page prints for it, or has in its address.

    Only for a UTC time near midnight, where that day is the one before or after: same instant, least zone that will do.
    """
    if not published.has_time:
        return published
    instant = datetime.fromisoformat(published.iso)
    if instant.utcoffset() != timedelta(0):
        return published
    same = (t for t in times if (m := read_moment(t.get("datetime"))) and m.has_time and m.iso == published.iso)
    days = [read_moment(text_of(t)) for t in same if _is_publication(t)] or [moment_in_url(url)]
    for day in days:
        if day is None or day.has_time:
            continue
        midnight = datetime.fromisoformat(day.iso).replace(tzinfo=UTC)
        ahead, behind = midnight - instant, instant - midnight - timedelta(days=1)
        if timedelta(0) < ahead <= _MAX_SHIFT:
            hours = -(-ahead // timedelta(hours=1))
        elif timedelta(0) <= behind < _MAX_SHIFT:
            hours = -(behind // timedelta(hours=1) + 1)
        else:
            continue
        return Moment(instant.astimezone(timezone(timedelta(hours=hours))).isoformat(), published.raw)
    return published


def _date_lines(blocks: list[Block], title: str | None) -> list[str]:
    """The short lines with a date around the headline (the page's h1 where the headline is not found), at most between the
    first long paragraph and the second: the first may be the standfirst."""
    start = _headline(blocks, same_words(title or ""))
    prose = [i for i, b in enumerate(blocks) if b.is_prose and i > (start or 0)][:2]
    first = prose[0] if prose else (start or 0) + _NEAR_BLOCKS
    last = max(first + 3, prose[1]) if start is not None and len(prose) > 1 else first + 3
    around = blocks[(start if start is not None else max(0, first - 10)) : last]
    before = blocks[max(0, (start or 0) - 4) : start] if start else []
    lines: list[str] = []
    for block in (*around[:20], *before):
        if len(block.text) > 120 or block.region & (Region.NAV | Region.RELATED | Region.COMMENTS):
            continue
        if _is_date_line(block.text) and read_moment(block.text):
            lines.append(block.text)
    return lines


def _labelled(blocks: list[Block]) -> Moment | None:
    """The day of the line that says "Published" or "Created" and when, wherever it stands; None where lines name several."""
    found: dict[str, Moment] = {}
    for block in blocks:
        if len(block.text) > 120 or block.region & (Region.NAV | Region.RELATED | Region.COMMENTS):
            continue
        if _LABELLED.match(block.text) and (moment := read_moment(block.text)):
            found.setdefault(moment.iso[:10], moment)
    return next(iter(found.values())) if len(found) == 1 else None


def _printed_earlier(declared: Moment, blocks: list[Block], title: str | None) -> Moment | None:
    """The date in the first line of nothing but a date near the headline, where it is days before the ``declared`` one. A site
    that was moved to another system declares the day of the move, for publication and update alike, and prints the article's
    own day. On open pages such a line is right in 5 of 5 cases."""
    start = _headline(blocks, same_words(title or ""))
    if start is None:
        return None
    near = range(start + 1, min(len(blocks), start + _NEAR_BLOCKS))
    prose = [i for i in near if blocks[i].is_prose and not blocks[i].region & Region.HIDDEN][:2]
    last = prose[1] if len(prose) > 1 else start + _NEAR_BLOCKS
    for i, block in enumerate(blocks[max(0, start - 2) : last], max(0, start - 2)):
        if i == start or block.region & (Region.NAV | Region.RELATED | Region.COMMENTS):
            continue
        if len(block.text.split()) <= _DATE_ALONE_WORDS and _DATE_FIRST.match(block.text):
            printed = read_moment(block.text)
            if printed is not None:
                is_earlier = printed.iso < declared.iso and _days_between(printed, declared) > 1
                return printed if is_earlier else None
    return None


def _days_between(one: Moment, other: Moment) -> int:
    return abs((date.fromisoformat(one.iso[:10]) - date.fromisoformat(other.iso[:10])).days)


def _is_as_fed(moment: Moment, entry: Entry | None) -> bool:
    """Whether the feed gives about the same day."""
    if entry is None or entry.published is None:
        return False
    return _days_between(moment, Moment(entry.published.isoformat(), "")) <= 1


def _headline(blocks: list[Block], key: str) -> int | None:
    """Index of the block that prints the headline (``key``, as `same_words` writes it): a heading, else the first h1, else
    any short block with its words."""
    headings = [i for i, b in enumerate(blocks) if b.tag in _HEADLINE_TAGS]
    found = next((i for i in headings if key and has_same_words(blocks[i].text[:_HEADLINE_CHARS], key)), None)
    if found is None:
        found = next((i for i in headings if blocks[i].tag == "h1"), None)
    if found is None and key:
        short = (i for i, b in enumerate(blocks) if len(key) <= len(b.text) <= _HEADLINE_CHARS)
        found = next((i for i in short if has_same_words(blocks[i].text, key)), None)
    return found


def _is_date_line(text: str) -> bool:
    """Whether a short text is a date with a byline or label, and no sentence that mentions one."""
    words = len(text.split())
    return words <= _DATE_LABEL_WORDS or (words <= _DATE_LINE_WORDS and not text.endswith(SENTENCE_ENDS))
