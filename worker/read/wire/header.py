"""The head of a story: the lines above its body, in whatever order a page or a wire prints them."""

from __future__ import annotations

import re
from dataclasses import replace

from . import header_lines, trailer
from .byline import Signed, affiliate, affiliation_line, read_byline, read_names
from .captions import lender
from .lines import Line
from .state import BULLET, ENDS_SENTENCE, Reading, may_be_caption, take_caption, take_stamp
from .words import agency_named

_BY = re.compile(r"\b(?:By|BY|by) (?=\S)")
#: Where a dateline may begin after a byline: a word in capitals, and an agency's mark before the dash.
_RUN_IN = re.compile(
    r"\s(?=([A-Z][A-Z.'-]+(?:[ /][A-Z.'-]+){0,4}(?:, [\w. ]{2,30}){0,3} [(/][A-Za-z][\w ]{1,30}[)/]\s?(?:--|-|—|–|\.)))"
)
_HEAD_LINES = 24  #: The head of a story is within its first lines.
_LOOK_AHEAD = 14  #: How many lines ahead the story's first long line may be.
_LONGEST_HEADLINE_WORDS = 32


def read_head(reading: Reading, lines: list[Line]) -> int:
    """Read the lines above the body; gives the number of the first line of the body."""
    for number, line in enumerate(lines[:_HEAD_LINES]):
        if not _read_line(reading, line, lines, number):
            return number
    return min(len(lines), _HEAD_LINES)


def split_run_in(line: Line) -> list[Line]:
    """A byline with the dateline behind it on one line ("By Ann Roe OSTBORG, June 12 (AP) -- ...") as two; else the line.

    Of the places where the dateline may begin, the first that leaves the most people in the byline.
    """
    opening = _BY.search(line.text[:60])
    if opening is None:
        return [line]
    best, most = 0, 0
    for match in _RUN_IN.finditer(line.text[:260], opening.end()):
        signed = read_byline(line.text[opening.start() : match.start(1)].rstrip())
        if signed is not None and len(signed.authors) > most:
            best, most = match.start(1), len(signed.authors)
    if not best:
        return [line]
    first = line.text[:best].rstrip()
    rest = replace(line, text=line.text[best:], start=line.start + best, after_blank=False)
    return [replace(line, text=first, end=line.start + len(first)), rest]


def _read_line(reading: Reading, line: Line, lines: list[Line], number: int) -> bool:
    """Type one line of the head; False where the body begins with it."""
    text = line.text
    following = lines[number + 1] if number + 1 < len(lines) else None
    after_byline, reading.after_byline = reading.after_byline, False
    slug, _ = trailer.take_slug(text)
    kicker = number == 0 and slug is None and _is_kicker(reading, line, following)
    if trailer.is_furniture(text) or trailer.is_rule(text) or kicker:
        reading.after_byline = after_byline
        return True
    if line.hint != "heading" and take_stamp(reading, line, _beside_stamp(text)):
        return True
    if _take_signature(reading, line, following, after_byline=after_byline):
        return True
    if take_caption(reading, line, following):
        return True
    if slug is None and trailer.is_correction(text) and following is not None:
        reading.note_correction(line)
        return True
    if bullet := BULLET.match(text):
        reading.add("bullet", line, bullet.end())
        return True
    if line.hint == "bullet" or trailer.is_instruction(text):
        reading.add("bullet", line)
        return True
    if reading.opening(line) is not None:
        return False
    return _take_headline(reading, line, lines, number)


def _beside_stamp(text: str) -> Signed | None:
    """The people named beside a date: after "By", or before a bar ("Elif Demir | 12.06.2025")."""
    stamp = header_lines.find_stamp(text) if len(text) <= 200 else None
    if stamp is None:
        return None
    before, after = text[: stamp.start].strip(" |•·,-–—"), text[stamp.end :].strip(" |•·,-–—")
    signed = read_byline(after) or read_byline(before)
    if signed is None and before and re.search(r"[|•·]", text):
        signed = read_names(re.split(r"\s*[|•·]\s*", before)[0])
    return signed


def _take_signature(reading: Reading, line: Line, following: Line | None, *, after_byline: bool) -> bool:
    """A byline, the line under it that says what its people are, or names alone above a date or a role."""
    if line.hint == "heading":
        return False
    signed = read_byline(line.text) or _bare_names(reading, line, following)
    if signed is not None:
        reading.sign(signed)
        reading.add("byline", line)
        reading.after_byline = True
        return True
    lends = following is not None and lender(line.text) and may_be_caption(following)
    if agency_named(line.text) and not (lends or after_byline) and reading.blocks:
        reading.agency = reading.agency or agency_named(line.text)
        reading.add("byline", line)
        return True
    if after_byline and not lends and (desk := affiliation_line(line.text)):
        reading.authors = affiliate(reading.authors, desk)
        reading.agency = reading.agency or agency_named(desk)
        reading.add("byline", line)
        reading.after_byline = True
        return True
    return False


def _bare_names(reading: Reading, line: Line, following: Line | None) -> Signed | None:
    """Names without "By", where a date or a role follows, or the page's metadata gives them as authors."""
    if following is None or not reading.blocks or len(line.text) > 120:
        return None
    signed = read_names(line.text)
    if signed is None or not signed.authors:
        return None
    stamp = header_lines.find_stamp(following.text) if len(following.text) <= 110 else None
    below = (stamp and header_lines.is_stamp_line(following.text, stamp)) or affiliation_line(following.text)
    return signed if below else None


def _is_kicker(reading: Reading, line: Line, following: Line | None) -> bool:
    """A section's name above the headline ("World", "Press release")."""
    if following is None or len(line.text.split()) > 2 or ENDS_SENTENCE.search(line.text):
        return False
    if reading.document.title and _same(line.text, reading.document.title):
        return False
    words = len(following.text.split())
    return (
        4 <= words <= _LONGEST_HEADLINE_WORDS
        and not ENDS_SENTENCE.search(following.text)
        and not _opens_story(reading, following)
    )


def _take_headline(reading: Reading, line: Line, lines: list[Line], number: int) -> bool:
    """Headline, slug or deck; False for the first line of the body."""
    slug, start = trailer.take_slug(line.text)
    rest = line.text[start:].strip()
    if slug and (not rest or _is_headline(reading, rest, line, lines, number)):
        reading.slug = reading.slug or slug
        if rest:
            reading.title = reading.title or rest
            reading.add("headline", line, start)
        return True
    if not _is_headline(reading, line.text, line, lines, number):
        return False
    reading.title = reading.title or line.text
    reading.add("headline", line)
    return True


def _is_headline(reading: Reading, text: str, line: Line, lines: list[Line], number: int) -> bool:
    """Whether a line of the head is a headline or deck: no sentence's end, not long, and a story follows."""
    if line.hint == "heading" or (reading.document.title and _same(text, reading.document.title)):
        return True
    words = max(len(text.split()), len(text) // 16)  # scripts without spaces have no words to count
    if words > _LONGEST_HEADLINE_WORDS or number + 1 >= len(lines):
        return False
    ahead = lines[number + 1 : number + 1 + _LOOK_AHEAD]
    first = not any(block.kind == "headline" for block in reading.blocks)
    if ENDS_SENTENCE.search(text) or (text.endswith(("?", "!")) and words > 16):
        if first:
            return number == 0 and words <= 20 and any(_opens_story(reading, other) for other in ahead[:3])
        return any(_is_signature(other) for other in ahead[:4])  # a deck that is a sentence
    if line.hint == "paragraph" and (number > 0 or reading.document.title):
        return any(_opens_story(reading, other) for other in ahead[:3])
    story = any(len(other.text) >= 60 for other in ahead)
    return story and (first or any(_opens_story(reading, other) for other in ahead[:8]))


def _opens_story(reading: Reading, line: Line) -> bool:
    """Whether the line is one that stands between headline and body: byline, date, or the dateline itself."""
    return reading.opening(line) is not None or _is_signature(line)


def _is_signature(line: Line) -> bool:
    if read_byline(line.text) is not None:
        return True
    stamp = header_lines.find_stamp(line.text) if len(line.text) <= 110 else None
    return bool(stamp and header_lines.is_stamp_line(line.text, stamp))


def _same(one: str, other: str) -> bool:
    return re.sub(r"\W+", " ", one).strip().casefold() == re.sub(r"\W+", " ", other).strip().casefold()
