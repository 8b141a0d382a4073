"""The wire front end: a story's text to typed blocks, byline, dateline, agency, captions and notes, with exact offsets.

It reads lines from the top: the head (slug, headline, dates, byline, bullets), the dateline, then the body with captions and
links between its paragraphs, and the tail. A line is body unless something says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ...contract.article import Agency, Dateline
from ...model.failures import Failures
from ..document import Document
from . import header_lines, trailer
from .byline import read_byline, read_credits, read_names
from .dateline import Opening
from .header import read_head, split_run_in
from .lines import Line, split_lines
from .state import BULLET, ENDS_SENTENCE, Reading, take_caption, take_stamp
from .words import agency_named

_OPENS_WITHIN = 3  #: The dateline opens one of the first lines of the body.
_LONG_CHARS, _STORY_GOES_ON = 120, 3  #: So many lines of that length are no tail.
#: So many lines at the end, and so many long ones among them, may close a story: agency copy, and any other page.
_PLAIN_LONG_LINES = 12
_CLOSING_AGENCY, _CLOSING_OTHER = (12, 3), (6, 1)
_STAMPED_WITHIN = 6  #: A date on a line of its own may stand under a deck that was taken for the body.
_COPYRIGHT = re.compile(
    r"(?:copyright|©|\(c\))\W*(?:\d{4})?\W*(?P<who>[A-Z][\w -]{1,40}?)(?=[.,]|\s+All\b|$)", re.IGNORECASE
)
_TAIL_AGENCY = re.compile(
    r"(?P<site>[A-Z]\w+ [A-Z]\w+) website\b|This (?:report|story|article) by (?P<by>.{3,40}) was first|"
    r"[-–—/ ]{0,3}(?P<alone>[A-Z][\w -]{1,30})\.?$"
)


def read_wire(document: Document, failures: Failures | None = None) -> Document:
    """The document with blocks, byline, dateline, agency, captions, slug, notes and marks; the text is unchanged."""
    return read_lines(document, split_lines(document.text), failures)


def read_lines(document: Document, lines: list[Line], failures: Failures | None = None) -> Document:
    """As `read_wire`, over lines that were split already and may carry the page's hints. ``failures`` takes captions that
    cannot be read."""
    day = document.published.date() if document.published else None
    reading = Reading(document, day, title=document.title, failures=failures or Failures())
    lines = [part for line in lines[:6] for part in split_run_in(line)] + lines[6:]
    reading.is_page = any(line.hint for line in lines)
    reading.is_signed_off = any(_is_signed_off(line.text) for line in lines[-_CLOSING_AGENCY[0] :])
    body_from = read_head(reading, lines)
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


def _read_body(reading: Reading, lines: list[Line]) -> None:
    opened = False
    last_long = max((number for number, line in enumerate(lines) if len(line.text) >= 60), default=-1)
    to_come = sum(len(line.text) >= _LONG_CHARS for line in lines)
    for number, line in enumerate(lines):
        closes = _may_close(reading, lines_left=len(lines) - number, long_left=to_come)
        to_come -= len(line.text) >= _LONG_CHARS
        line = _without_end(reading, line, goes_on=to_come >= _STORY_GOES_ON, last=number >= last_long)
        if not line.text:
            continue
        opening = None
        if (
            number < _STAMPED_WITHIN
            and line.hint != "heading"
            and len(line.text) <= 60
            and take_stamp(reading, line, None)
        ):
            continue
        if not opened and number < _OPENS_WITHIN and line.hint in (None, "paragraph", "quote"):
            opening = reading.opening(line)
        if opening is not None:
            opened = True
            _read_opening(reading, line, opening)
        else:
            _read_line(reading, line, lines, number, closes=closes)


def _is_signed_off(text: str) -> bool:
    """Whether a line ends with a mark of agency copy, or with an agency's name."""
    return trailer.find_end_mark(text) is not None or trailer.sign_off(text, None)[1] is not None


def _may_close(reading: Reading, *, lines_left: int, long_left: int) -> bool:
    """Whether a line stands so near the end that what looks like a story's closing lines is one.

    A plain text is agency copy, with notes and contacts of any length behind its story. On a page a line that only looks like
    a tail ("Copyright law ...", a comment in a listing of code) is body.
    """
    if not reading.is_page:
        return long_left <= _PLAIN_LONG_LINES
    most_lines, most_long = _CLOSING_AGENCY if reading.is_agency_copy else _CLOSING_OTHER
    return lines_left <= most_lines and long_left <= most_long


def _without_end(reading: Reading, line: Line, *, goes_on: bool, last: bool) -> Line:
    """The line without the story's end mark, or the agency's name with which some close their stories.

    A mark without letters ("-30-", "***") behind which the story ``goes_on`` parts its sections and ends nothing.
    """
    text = line.text
    mark = trailer.find_end_mark(text)
    if mark is not None:
        text = text[: mark[1]].rstrip()
        if not goes_on or any(c.isalpha() for c in mark[0]):
            reading.end_mark = reading.end_mark or mark[0]
            reading.tail = reading.tail or not text
    elif last:
        end, agency = trailer.sign_off(text, reading.agency)
        reading.agency = reading.agency or agency
        text = text[:end].rstrip()
    return line if text == line.text else replace(line, text=text, end=line.start + len(text))


def _read_opening(reading: Reading, line: Line, opening: Opening) -> None:
    raw = line.text[: opening.end].rstrip()
    if opening.place or opening.date:
        reading.dateline = Dateline(
            place=opening.place or "",
            country=opening.country,
            date=opening.date,
            raw=raw,
            start=line.start,
            end=line.start + len(raw),
        )
        reading.add("dateline", line, 0, len(raw))
    reading.agency = opening.agency or reading.agency
    reading.add("body", line, opening.end)


def _read_line(reading: Reading, line: Line, lines: list[Line], number: int, *, closes: bool) -> None:
    text = line.text
    following = lines[number + 1] if number + 1 < len(lines) else None
    if trailer.is_furniture(text) or trailer.is_rule(text) or take_caption(reading, line, following):
        return
    if trailer.is_correction(text):
        reading.note_correction(line)
    elif closes and trailer.is_tail_heading(text) and all(len(o.text) < 120 for o in lines[number + 1 : number + 7]):
        reading.tail = True
        reading.add("tail", line)
    elif reading.tail or _is_tail(reading, text, closes=closes) or (following is None and agency_named(text)):
        _read_tail(reading, line, closes=closes)
    elif header_lines.is_credit_line(text) or header_lines.source_named(text):
        take_stamp(reading, line, None)
    elif bullet := BULLET.match(text):
        reading.add("bullet", line, bullet.end())
    elif line.hint == "bullet":
        reading.add("bullet", line)
    elif line.hint == "heading" and reading.has_body:
        reading.add("body", line)  # a page's subheading is part of its text, as all hand-made gold has it
    elif line.hint == "heading" and not reading.is_agency_copy and reading.document.title:
        reading.add("body", line)  # the page's headline is known: this heads a part of the text
    elif line.hint == "heading" or _is_subheading(reading, line, following):
        reading.add("headline", line)
    elif number < len(lines) - 6 or not _take_late_signature(reading, line):
        reading.add("body", line)


def _is_subheading(reading: Reading, line: Line, following: Line | None) -> bool:
    """A heading between paragraphs of a plain text: a few words, no sentence's end, and a paragraph follows."""
    if (
        line.hint is not None
        or following is None
        or not (reading.has_body and line.after_blank and following.after_blank)
    ):
        return False
    text = line.text
    if len(text) > 60 or len(text.split()) > 9 or re.search(r"[.!?:;,…\d][\"”'’)]*$", text):
        return False
    return (
        (text[0].isupper() or text[0] in "'‘\"“")
        and len(following.text) >= 40
        and bool(ENDS_SENTENCE.search(following.text))
    )


def _take_late_signature(reading: Reading, line: Line) -> bool:
    """A byline after the story, as some papers print it."""
    if reading.authors or len(line.text) > 120:
        return False
    signed = read_byline(line.text) or (read_names(line.text) if agency_named(line.text.rpartition(", ")[2]) else None)
    if signed is None:
        return False
    reading.agency = reading.agency or agency_named(line.text.rpartition(", ")[2])
    reading.sign(signed)
    reading.add("byline", line)
    return True


def _is_tail(reading: Reading, text: str, *, closes: bool) -> bool:
    """Whether a line belongs to the tail: near the end, or wherever it stands in agency copy."""
    return (closes or reading.is_agency_copy) and trailer.is_tail(text)


def _read_tail(reading: Reading, line: Line, *, closes: bool) -> None:
    reading.credited = reading.credited or read_credits(line.text)
    if trailer.states_rights(line.text):
        reading.usage_rights = reading.usage_rights or line.text
    reading.tail = reading.tail or (closes and trailer.closes(line.text))
    reading.add("tail", line)


def _credited_agency(reading: Reading) -> Agency | None:
    """The agency that the tail names, where neither dateline nor byline does: in its copyright, or on its own website."""
    match = _COPYRIGHT.search(reading.usage_rights or "")
    if match and (found := agency_named(match["who"])):
        return found
    tails = (block.text for block in reading.blocks[-6:] if block.kind == "tail")
    named = (match["site"] or match["by"] or match["alone"] for text in tails if (match := _TAIL_AGENCY.match(text)))
    return next((found for name in named if (found := agency_named(name))), None)
