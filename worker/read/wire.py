"""The wire front end: a story's text to typed blocks, byline, dateline, agency, captions and notes, with exact offsets.

It reads lines from the top: the head (slug, headline, dates, byline, bullets), the dateline, then the body with captions and
links between its paragraphs, and the tail. A line is body unless something says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from worker.contract.article import Agency, Author, Block, BlockKind, Caption, Dateline
from worker.read import wire_head, wire_tail
from worker.read.document import Document
from worker.read.wire_byline import Signed, affiliate, affiliation_line, read_byline, read_credits
from worker.read.wire_captions import Parts, read_caption, read_source_line
from worker.read.wire_dateline import Opening, find_dateline
from worker.read.wire_lines import Line, split_lines
from worker.read.wire_picture import caption_record
from worker.read.wire_words import agency_named

_BULLET = re.compile(r"(?:[*•▪■●◦·]|[-–—](?=\s+[A-Z]))\s+")
_ENDS_SENTENCE = re.compile(r"[.…;:]['\"”’»)\]]*$|[!?][\"”]$")
_HEAD_LINES = 24  #: The head of a story is within its first lines.
_NEVER_HEADLINE_WORDS = 32


@dataclass(slots=True)
class _Reading:
    """What has been read so far; becomes the Document's fields at the end."""

    document: Document
    published: date | None
    blocks: list[Block] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)
    authors: tuple[Author, ...] = ()
    credited: tuple[Author, ...] = ()
    agency: Agency | None = None
    dateline: Dateline | None = None
    title: str | None = None
    slug: str | None = None
    correction: str | None = None
    end_mark: str | None = None
    usage_rights: str | None = None
    header_date: str | None = None
    picture_credit: str | None = None
    after_byline: bool = False
    tail: bool = False
    has_body: bool = False

    def add(self, kind: BlockKind, line: Line, start: int = 0, end: int | None = None) -> None:
        """One block: ``line.text[start:end]`` without white space around it; nothing where nothing is left."""
        stop = len(line.text) if end is None else end
        text = line.text[start:stop]
        start += len(text) - len(text.lstrip())
        text = text.strip()
        if text:
            first = line.start + start
            self.has_body = self.has_body or kind == "body"
            self.blocks.append(Block(kind=kind, text=text, start=first, end=first + len(text)))


def read_wire(document: Document) -> Document:
    """The document with blocks, byline, dateline, agency, captions, slug, notes and marks; the text is unchanged."""
    return read_lines(document, split_lines(document.text))


def read_lines(document: Document, lines: list[Line]) -> Document:
    """As `read_wire`, over lines that were split already and may carry the page's hints."""
    reading = _Reading(document, document.published.date() if document.published else None, title=document.title)
    body_from = _read_head(reading, lines)
    _read_body(reading, lines[body_from:])
    return replace(
        document,
        title=reading.title,
        blocks=tuple(reading.blocks),
        agency=document.agency or reading.agency or _credited_agency(reading),
        byline=document.byline or reading.authors or reading.credited,
        dateline=reading.dateline,
        captions=tuple(reading.captions),
        slug=reading.slug,
        correction=reading.correction,
        end_mark=reading.end_mark,
        usage_rights=document.usage_rights or reading.usage_rights,
        header_date=reading.header_date,
    )


def _read_head(reading: _Reading, lines: list[Line]) -> int:
    """Read the lines above the body; gives the number of the first line of the body."""
    for number, line in enumerate(lines[:_HEAD_LINES]):
        if not _read_head_line(reading, line, lines, number):
            return number
    return min(len(lines), _HEAD_LINES)


def _read_head_line(reading: _Reading, line: Line, lines: list[Line], number: int) -> bool:
    """Type one line of the head; False where the body begins with it."""
    text = line.text
    after_byline, reading.after_byline = reading.after_byline, False
    if wire_tail.is_furniture(text) or wire_tail.is_rule(text):
        return True
    if _read_stamp(reading, line) or _read_signature(reading, line, after_byline=after_byline):
        return True
    if _read_caption(reading, line):
        return True
    if wire_tail.is_correction(text) and number < len(lines) - 1:
        _note_correction(reading, line)
        return True
    if bullet := _BULLET.match(text):
        reading.add("bullet", line, bullet.end())
        return True
    if line.hint == "bullet" or wire_tail.is_instruction(text):
        reading.add("bullet", line)
        return True
    if line.hint in (None, "heading", "paragraph") and _opening(text, reading.published) is not None:
        return False
    return _read_headline(reading, line, lines, number)


def _opening(text: str, published: date | None) -> Opening | None:
    return find_dateline(text, published)


def _read_stamp(reading: _Reading, line: Line) -> bool:
    """A header line with a date, a source or an editor, and the byline that may stand beside it."""
    text = line.text
    if source := wire_head.source_named(text):
        reading.agency = reading.agency or agency_named(source)
        reading.add("byline", line)
        return True
    if wire_head.is_credit_line(text):
        reading.add("byline", line)
        return True
    stamp = wire_head.find_stamp(text) if len(text) <= 200 else None
    if stamp is None:
        return False
    before, after = text[: stamp.start].strip(" |•·,-–—"), text[stamp.end :].strip(" |•·,-–—")
    signed = read_byline(after) or read_byline(before)
    if signed is None and not wire_head.is_stamp_line(text, stamp):
        return False
    if reading.header_date is None or "update" not in text.lower():
        reading.header_date = reading.header_date or stamp.value
    if signed:
        _sign(reading, signed)
    reading.add("byline", line)
    return True


def _read_signature(reading: _Reading, line: Line, *, after_byline: bool) -> bool:
    signed = read_byline(line.text)
    if signed is not None and line.hint != "heading":
        _sign(reading, signed)
        reading.add("byline", line)
        reading.after_byline = True
        return True
    if after_byline and (desk := affiliation_line(line.text)):
        reading.authors = affiliate(reading.authors, desk)
        reading.agency = reading.agency or agency_named(desk)
        reading.add("byline", line)
        reading.after_byline = True
        return True
    return False


def _sign(reading: _Reading, signed: Signed) -> None:
    known = {author.name for author in reading.authors}
    reading.authors += tuple(author for author in signed.authors if author.name not in known)
    reading.agency = reading.agency or signed.agency
    for extra in signed.extras:
        if reading.header_date is None and (stamp := wire_head.find_stamp(extra)):
            reading.header_date = stamp.value


def _read_headline(reading: _Reading, line: Line, lines: list[Line], number: int) -> bool:
    """Headline, slug or deck; False for the first line of the body."""
    slug, start = wire_tail.take_slug(line.text)
    rest = line.text[start:].strip()
    if slug and (not rest or _is_headline(rest, line, lines, number, reading)):
        reading.slug = reading.slug or slug
        if rest:
            reading.title = reading.title or rest
            reading.add("headline", line, start)
        return True
    if not _is_headline(line.text, line, lines, number, reading):
        return False
    has_headline = any(block.kind == "headline" for block in reading.blocks)
    reading.add("headline", line)
    if reading.title is None and not has_headline:
        reading.title = line.text
    return True


def _is_headline(text: str, line: Line, lines: list[Line], number: int, reading: _Reading) -> bool:
    """Whether a line of the head is a headline or deck: no sentence's end, not long, and a story follows."""
    if reading.document.title and _same(text, reading.document.title):
        return True
    if line.hint == "heading":
        return True
    words = len(text.split())
    if words > _NEVER_HEADLINE_WORDS or number + 1 >= len(lines):
        return False
    ahead = lines[number + 1 : number + 8]
    story = any(len(other.text) >= 60 for other in ahead)
    if _ENDS_SENTENCE.search(text):
        return words <= 20 and any(_opens_story(other, reading) for other in ahead[:3]) and number == 0
    if line.hint == "paragraph" and number > 0:
        return any(_opens_story(other, reading) for other in ahead[:3])
    return story and (number == 0 or any(_opens_story(other, reading) for other in ahead))


def _opens_story(line: Line, reading: _Reading) -> bool:
    return read_byline(line.text) is not None or _opening(line.text, reading.published) is not None


def _same(one: str, other: str) -> bool:
    return re.sub(r"\W+", " ", one).strip().casefold() == re.sub(r"\W+", " ", other).strip().casefold()


def _read_body(reading: _Reading, lines: list[Line]) -> None:
    found = False
    for number, line in enumerate(lines):
        opening = None
        if not found and number < 3 and line.hint in (None, "paragraph", "quote"):
            opening = _opening(line.text, reading.published)
            found = opening is not None
        if opening is not None:
            _read_opening(reading, line, opening)
        else:
            _read_body_line(reading, line, last=number >= len(lines) - 6, follows=lines[number + 1 : number + 7])


def _read_opening(reading: _Reading, line: Line, opening: Opening) -> None:
    raw = line.text[: opening.end].rstrip()
    if opening.place:
        reading.dateline = Dateline(
            place=opening.place,
            country=opening.country,
            date=opening.date,
            raw=raw,
            start=line.start,
            end=line.start + len(raw),
        )
        reading.add("dateline", line, 0, len(raw))
    if opening.agency:
        reading.agency = opening.agency
    mark = wire_tail.find_end_mark(line.text)
    if mark:
        reading.end_mark = mark[0]
    reading.add("body", line, opening.end, mark[1] if mark else None)


def _read_body_line(reading: _Reading, line: Line, *, last: bool, follows: list[Line]) -> None:
    text = line.text
    if wire_tail.is_furniture(text) or wire_tail.is_rule(text):
        return
    mark = wire_tail.find_end_mark(text)
    if mark is not None:
        reading.end_mark = reading.end_mark or mark[0]
        if not text[: mark[1]].strip():
            return
        line = Line(
            text[: mark[1]].rstrip(),
            line.start,
            line.start + len(text[: mark[1]].rstrip()),
            line.hint,
            line.credit,
            line.rights,
        )
        text = line.text
    if _read_caption(reading, line):
        return
    if wire_tail.is_correction(text):
        _note_correction(reading, line)
    elif wire_tail.is_tail_heading(text) and all(len(other.text) < 120 for other in follows):
        reading.tail = True
        reading.add("tail", line)
    elif reading.tail or wire_tail.is_tail(text):
        _read_tail(reading, line)
    elif wire_head.is_credit_line(text) or wire_head.source_named(text):
        _read_stamp(reading, line)
    elif bullet := _BULLET.match(text):
        reading.add("bullet", line, bullet.end())
    elif line.hint == "bullet":
        reading.add("bullet", line)
    elif line.hint == "heading" or (last and _read_late_signature(reading, line)):
        if line.hint == "heading":
            reading.add("headline", line)
    else:
        reading.add("body", line)


def _read_late_signature(reading: _Reading, line: Line) -> bool:
    """A byline after the story, as some papers print it."""
    signed = read_byline(line.text) if not reading.authors else None
    if signed is None:
        return False
    _sign(reading, signed)
    reading.add("byline", line)
    return True


def _read_tail(reading: _Reading, line: Line) -> None:
    if not reading.credited:
        reading.credited = read_credits(line.text)
    if wire_tail.states_rights(line.text):
        reading.usage_rights = reading.usage_rights or line.text
    reading.add("tail", line)


def _note_correction(reading: _Reading, line: Line) -> None:
    reading.correction = reading.correction or wire_tail.without_brackets(line.text)
    reading.add("correction", line)


def _read_caption(reading: _Reading, line: Line) -> bool:
    """A caption, or the line that only credits one."""
    is_caption = line.hint == "caption"
    if credit := read_source_line(line.text):
        reading.picture_credit = credit
        return True
    if not is_caption and not reading.has_body and _opening(line.text, reading.published) is not None:
        return False
    parts = read_caption(line.text, is_caption=is_caption)
    if parts is None:
        return False
    _add_caption(reading, line, parts)
    return True


def _add_caption(reading: _Reading, line: Line, parts: Parts) -> None:
    credit = line.credit or parts.credit or reading.picture_credit
    reading.picture_credit = None
    caption = caption_record(line, parts, credit, reading.published)
    reading.captions.append(caption)
    reading.add("caption", line, parts.start, parts.end)


def _credited_agency(reading: _Reading) -> Agency | None:
    """The agency that the copyright line names, where neither dateline nor byline does."""
    rights = reading.usage_rights
    if not rights:
        return None
    match = re.search(
        r"(?:copyright|©|\(c\))\W*(?:\d{4})?\W*(?P<who>[A-Z][\w -]{1,40}?)(?=[.,]|\s+All\b|$)", rights, re.IGNORECASE
    )
    return agency_named(match["who"]) if match else None
