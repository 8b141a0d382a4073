"""What the wire front end has read so far, and the lines that head and body share: captions, notes, signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

import msgspec

from ...contract.article import Agency, Author, Block, BlockKind, Caption, Dateline
from ...model.failures import Failures
from ..document import Document
from . import header_lines, trailer
from .byline import Signed
from .captions import Parts, caption_record, lender, read_caption, read_credit_line, read_label, read_source_line
from .dateline import Opening, find_dateline
from .lines import Line
from .words import agency_named

BULLET = re.compile(r"(?:[*•▪■●◦·]|[-–—](?=\s+[A-Z]))\s+")
_UNMARKED_CAPTION_CHARS = 250
ENDS_SENTENCE = re.compile(r"[.…;:。！？][\"'”’»)\]」]*$|[!?][\"”]$")


@dataclass(slots=True)
class Reading:
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
    picture_credit: str | None = None  #: Read, and waiting for its caption
    caption_next: bool = False  #: A caption's label stood on the line before
    after_byline: bool = False
    failures: Failures = field(default_factory=Failures)
    has_body: bool = False
    tail: bool = False
    is_page: bool = False  #: The lines are a page's paragraphs, with hints
    is_signed_off: bool = False  #: One of the last lines has an end mark or an agency's name

    @property
    def is_agency_copy(self) -> bool:
        """Whether agency rules apply: to plain text, and to a page with a dateline, an agency or an end mark."""
        return not self.is_page or self.is_signed_off or self.dateline is not None or self.agency is not None

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

    def opening(self, line: Line) -> Opening | None:
        """The dateline that opens the line, if any."""
        return find_dateline(line.text, self.published)

    def sign(self, signed: Signed) -> None:
        """Take the people and the agency of a byline."""
        known = {author.name for author in self.authors}
        self.authors += tuple(author for author in signed.authors if author.name not in known)
        self.agency = self.agency or signed.agency
        for extra in signed.extras:
            if self.header_date is None and (stamp := header_lines.find_stamp(extra)):
                self.header_date = stamp.value

    def note_correction(self, line: Line) -> None:
        """Take a note that corrects the story."""
        self.correction = self.correction or trailer.without_brackets(line.text)
        self.add("correction", line)


def take_caption(reading: Reading, line: Line, following: Line | None) -> bool:
    """Read the line as a caption, a caption's label or a picture's credit; False where it is none of them."""
    awaited, reading.caption_next = reading.caption_next, False
    if (credit := read_credit_line(line.text)) and (reading.captions or line.hint is None or line.hint == "caption"):
        return _credit_caption(reading, credit)
    if credit := read_source_line(line.text):
        reading.picture_credit = credit
        return True
    if read_label(line.text):
        # A page that marks its captions says by itself that the paragraph behind "Image 1 of 4" is none.
        reading.caption_next = line.hint != "caption" or (following is not None and following.hint != "paragraph")
        return True
    if lender(line.text) and following is not None and may_be_caption(following):
        reading.picture_credit, reading.caption_next = line.text, True
        return True
    is_caption = line.hint == "caption" or awaited
    if not is_caption and reading.is_agency_copy and (credit := _credit_below(reading, line, following)):
        reading.picture_credit, is_caption = credit, True
    if not is_caption and not reading.has_body and reading.opening(line) is not None:
        return False
    parts = read_caption(line.text, is_caption=is_caption)
    if parts is None or (not is_caption and not _is_surely_caption(reading, line, parts)):
        return False
    credit = line.credit or parts.credit or reading.picture_credit
    reading.picture_credit = None
    bare = Caption(text=line.text[parts.start : parts.end], start=line.start + parts.start, end=line.start + parts.end)
    record = reading.failures.attempt(
        "captions", lambda: caption_record(line, parts, credit, reading.published), bare, text=line.text
    )
    reading.captions.append(record)
    reading.add("caption", line, parts.start, parts.end)
    return True


def _is_surely_caption(reading: Reading, line: Line, parts: Parts) -> bool:
    """Whether a line that its page does not mark as a caption is one: agency copy prints them so; elsewhere a short line with a
    credit is."""
    return reading.is_agency_copy or (parts.credit is not None and len(line.text) <= _UNMARKED_CAPTION_CHARS)


def _credit_caption(reading: Reading, credit: str) -> bool:
    """Give a credit on a line of its own to the caption above it, or keep it for the one below."""
    last = reading.captions[-1] if reading.captions else None
    if last is not None and last.credit is None and reading.blocks[-1].kind == "caption":
        reading.captions[-1] = msgspec.structs.replace(last, credit=credit)
    elif last is None or last.credit != credit:
        reading.picture_credit = credit
    return True


def _credit_below(reading: Reading, line: Line, following: Line | None) -> str | None:
    """The credit that stands alone under this line, where the line reads like a caption."""
    if following is None or line.hint not in (None, "paragraph") or not reading.blocks or len(line.text) > 320:
        return None
    credit = read_credit_line(following.text)
    if credit is None or (following.after_blank and not reading.has_body):
        return None
    return credit if not ENDS_SENTENCE.search(line.text) or not following.after_blank else None


def may_be_caption(line: Line) -> bool:
    """Whether a line under a lender's name reads like a caption: short, and no sentence's end."""
    return (
        3 <= len(line.text.split()) <= 40
        and (not ENDS_SENTENCE.search(line.text) or line.hint == "caption")
        and not line.text.startswith("By ")
    )


def take_stamp(reading: Reading, line: Line, signed: Signed | None) -> bool:
    """Read the line as a source, an editor or a date, with the people who may stand beside it."""
    text = line.text
    if (source := header_lines.source_named(text)) or header_lines.is_credit_line(text):
        reading.agency = reading.agency or agency_named((source or "").split("|")[0].strip())
        stamp = header_lines.find_stamp(text)
        reading.header_date = reading.header_date or (stamp.value if stamp else None)
        reading.add("byline", line)
        return True
    stamp = header_lines.find_stamp(text) if len(text) <= 200 else None
    if stamp is None or (signed is None and not header_lines.is_stamp_line(text, stamp)):
        return False
    reading.header_date = reading.header_date or stamp.value
    if signed:
        reading.sign(signed)
    reading.add("byline", line)
    return True
