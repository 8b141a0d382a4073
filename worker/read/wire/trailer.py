"""What stands around a story: slugs before it, notes that correct it, and the lines that close it."""

from __future__ import annotations

import re

from ...contract.article import Agency
from ...text.agencies import dateline_signatures
from ..lexicon import table
from .words import agency_of


def _union(key: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{form})" for form in table("wire_marks")[key]), flags)


_SLUG = _union("slugs", re.NOFLAG)
_FURNITURE = _union("furniture")
_TAIL = _union("tail_lines")
_HEADING = _union("tail_headings")
_CORRECTION = _union("corrections")
_INSTRUCTION = _union("instructions")
_END = re.compile(r"(?:^|(?<=[\s.!?”\"’)\]]))(?P<mark>" + "|".join(table("wire_marks")["end_marks"]) + r")\s*\.?$")
_RULE = re.compile(r"[_*=~—–-]{2,}$|(?:\* ){2,}\*$|_ _ _$")
_RIGHTS = re.compile(
    r"(?:^|\()\s*(?:©|\(c\)|copyright)|\ball rights reserved\b|\bmay not be (?:published|broadcast|"
    r"reproduced|rewritten)",
    re.IGNORECASE,
)
_SIGNED_OFF = re.compile(
    r"\s(?:(?:also|who|was|were|is|are)\s)*(reported|reporting|contributed|wrote|assisted|helped)\b"
)
_ABOUT_WORK = re.compile(
    r"(?:reported|reporting|wrote)\s+from\s+[A-Z][\w'’ ,.-]{1,120}\.?$|(?:contributed|assisted|"
    r"helped)\b.{0,60}?(?:report|story|article|reporting|\.$)|contributed\b.{0,60}$"
)
_STAFF = frozenset(table("wire_signatures")["staff"])
_CLOSING = _union("closings")
_SIGN_OFF = re.compile(
    r"\s*(?:[-–—(\[/]{1,2}\s?)?(?P<name>[A-Za-z-]{2,12}(?: [A-Z][a-z]+)?)(?:[)\]/]|(?:[ \n/][A-Z]{2,4}){0,6})\s*\.?$"
)
_LONGEST = 420  #: A tail line is short; longer ones are only looked at for rights.


def take_slug(line: str) -> tuple[str | None, int]:
    """The slug at the start of a line and where the headline after it begins ("UPDATE 1-" and 9), else None and 0."""
    end = 0
    for _ in range(3):
        match = _SLUG.match(line, end)
        if match is None or match.end() == end:
            break
        end = match.end()
    return (line[:end].strip(), end) if end else (None, 0)


def is_furniture(line: str) -> bool:
    """Whether the line is a button, a share bar or the like."""
    return len(line) <= 60 and bool(_FURNITURE.fullmatch(line))


def is_rule(line: str) -> bool:
    """Whether the line is only a rule: "___", "---", "* * *"."""
    return len(line) <= 60 and bool(_RULE.match(line))


def is_instruction(line: str) -> bool:
    """Whether the line tells editors what is new ("(Adds quote, background)")."""
    return len(line) <= 300 and bool(_INSTRUCTION.match(line))


def is_correction(line: str) -> bool:
    """Whether the paragraph is a note that corrects the story."""
    return bool(_CORRECTION.match(line)) and len(line) <= 1200


def is_tail(line: str) -> bool:
    """Whether the line closes a story: credits, rates, copyright, links, contacts."""
    if len(line) > _LONGEST:
        return bool(_RIGHTS.match(line)) and len(line) < 1500
    if _TAIL.match(line):
        return True
    return _signs_off(line)


def _signs_off(line: str) -> bool:
    """ "Okoro reported from Lagos. AP writer Ann Roe in Abuja contributed." and its kin: names, then what they did."""
    match = _SIGNED_OFF.search(line)
    if match is None or match.start() > 240 or not _ABOUT_WORK.match(line, match.start(1)):
        return False
    words = re.split(r"[\s,]+", line[: match.start()].strip(" ,"))
    return all(word[:1].isupper() or word.lower().strip(".") in _STAFF for word in words if word)


def is_tail_heading(line: str) -> bool:
    """Whether the line heads a list of links ("More on this story")."""
    return len(line) <= 60 and bool(_HEADING.fullmatch(line.rstrip(": ")))


def find_end_mark(line: str) -> tuple[str, int] | None:
    """The mark that closes a story, and where it begins in the line; None where there is none."""
    window = max(0, len(line) - 24)
    match = _END.search(line[window:])
    return (match["mark"], window + match.start("mark")) if match else None


def sign_off(line: str, agency: Agency | None) -> tuple[int, Agency | None]:
    """Where the agency's name begins that closes the line ("... said. (ANI)") and whose it is; else the line's length.

    Only agencies that do so count, and in brackets only the one whose story it is: else it credits a picture.
    """
    window = max(0, len(line) - 40)
    for cut in re.finditer(r"(?<=[.!?”\"’)])\s+", line[window:]):
        match = _SIGN_OFF.fullmatch(line, window + cut.start())
        word = dateline_signatures().get(match["name"].lower()) if match else None
        dashed = line[window + cut.end() : window + cut.end() + 2].strip(" ") in ("-", "–", "—", "--")
        if (
            word
            and not word.is_broadcaster
            and (dashed or (word.signs_off and (agency is None or word.id == agency.id)))
        ):
            return window + cut.start(), agency_of(word)
    return len(line), None


def closes(line: str) -> bool:
    """Whether nothing of the story follows a tail line such as this."""
    return bool(_CLOSING.match(line))


def states_rights(line: str) -> bool:
    """Whether the line says what may be done with the text ("Copyright ... may not be published ...")."""
    return len(line) < 1500 and bool(_RIGHTS.search(line))


def without_brackets(line: str) -> str:
    """A note without the brackets around all of it."""
    if line.startswith("(") and line.endswith(")") and line.count("(") == line.count(")"):
        return line[1:-1].strip()
    return line
