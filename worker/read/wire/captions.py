"""Captions: the words under a picture, with credit, rights and origin apart, and the day the picture shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from ...contract.article import Caption
from ...text.agencies import dateline_signatures
from ..lexicon import table
from ..temporal.calendar import day_or_none, nearest_year
from ..temporal.words import MONTHS, either
from .lines import Line
from .words import agency_named


def _any(key: str) -> str:
    return "|".join(table("wire_marks")[key])


_LABEL = re.compile(rf"(?:{_any('caption_labels')})\s*[:,]?\s*", re.IGNORECASE)
_OPENING = re.compile(rf"(?:{_any('caption_openings')})", re.IGNORECASE)
_RIGHTS = re.compile(_any("caption_rights"), re.IGNORECASE)
_SOURCE_LINE = re.compile(
    r"(?:image|photo|video|picture) (?:source|credit|copyright)\s*[:,]?\s*(?P<credit>\S.{0,120})"
    r"$|(?:photo(?:graph)?|picture|image|pic)(?:s)? by:?\s+(?P<by>[A-Z].{2,80})$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\s*[(\[]([^()\[\]]{1,300})[)\]]\s*\.?\s*$")
_PHOTO_WORD = re.compile(
    r"\bphotos?\b|\bphotograph|\bpictures?\b|\bpool\b|\bhandout\b|\bcourtesy\b|\bvia\b|getty images|"
    r"shutterstock|\bhandout\b|\bfile\b|\bcredit\b|screengrab|\bpic\b|\bimages?\b|\bfoto\b",
    re.IGNORECASE,
)
_SLASHED = re.compile(
    r"(?:^|(?<=[.!?\s”\"’|–—-]))((?:[A-Z][\w.&'’-]*|via)(?: [A-Z(][\w.&'’-]*){0,3}\s?/\s?[\w.&'’-]+(?: [\w.&'’-]+)"
    r"{0,4}(?:\s?/\s?[\w.&'’-]+(?: [\w.&'’-]+){0,3}){0,3})\s*\.?$"
)
_TRAILING = re.compile(
    r"(?<=[.!?”\"’)\s])\s*+[|•©]?\s*+("
    r"(?:(?:photo(?:graph)?s?|picture|image|pic|foto|handout|courtesy)\s*(?:(?:by|of|from|courtesy of|courtesy)\b\s*:?|:|/)"
    r"|(?:photo )?credits?\s*(?:by\b|:|/)|©|\(c\))\s*(?-i:[A-Z0-9@])[^.!?]{1,100})\.?$",
    re.IGNORECASE,
)
_BAR = re.compile(r"[.!?”\"’)]\s*[|•©–—-]\s*(?P<credit>[^|.]{2,60})$")
_BARE = re.compile(
    r"(?<=[.!?”\"’)])\s+(?P<credit>(?:[A-Z][\w'’.-]+\s){0,3}?(?:REUTERS|Reuters|AFP|AP|EPA(?:-EFE)"
    r"?|Xinhua|XINHUA|Yonhap|Getty Images|Bloomberg|AP Photo|AFP photo|PTI Photo|ANI Photo)"
    r")\.?$"
)
_ORIGIN = re.compile(
    r"\b(?:carried|released|provided|distributed|published|issued|supplied|posted|shared|broadcast|"
    r"circulated)\s+(?:\w+\s+){0,2}?by\s+(?P<who>[^,.;()]{3,120})"
)
_CAPITAL_RUN = re.compile(r"[A-Z][\w&.’'-]*(?: (?:(?:of|the|and|for|de|la) )*[A-Z][\w&.’'-]*)*")
#: What is done with a picture: "This picture of a divided country ..." is a caption only with such a word.
_SHOWN = re.compile(
    r"\b(?:shows?|showing|shown|released|provided|taken|made available|posted|dated|carried|captured|obtained|"
    r"distributed|supplied|\d{4})\b",
    re.IGNORECASE,
)
_FILE = re.compile(r"\bfile (?:photo|picture|image|footage|pic)\b|^file\b|[,/\s]file\b\s*(?:photo)?\s*$", re.IGNORECASE)
_PRINTED_DAY = re.compile(
    rf"\b(?:(?P<m1>{either(MONTHS)})\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?|(?P<d2>\d{{1,2}})"
    rf"(?:st|nd|rd|th)?\s+(?P<m2>{either(MONTHS)})\.?)(?:,?\s+(?P<y>\d{{4}}))?(?!\d)",
    re.IGNORECASE,
)
_DAY_BEFORE = re.compile(r"\b(?:the (?:previous day|day before)|a day (?:earlier|before))\b", re.IGNORECASE)
_GIVEN_OUT = re.compile(
    r"\b(?:carried|released|provided|distributed|published|issued|supplied|posted|shared)\b[^.;]{0,120}\bon\s*$",
    re.IGNORECASE,
)


_LENDERS = frozenset(table("wire_marks")["lenders"])
_CREDIT_LINE = re.compile(
    r"(?:©|\(c\)|photos?\s*[:/]|photograph\s*:|image\s*:|picture\s*:|foto\s*:|credit\s*:)\s*(?P<credit>[A-Z].{2,80})$"
    r"|[(\[]?(?P<bare>"
    r"(?:AP Photo|AFP Photo|Xinhua|EPA|EPA-EFE|TASS|Kyodo|Yonhap|dpa|Anadolu|Getty Images|ANI|PTI)/"
    r"[A-Z][\w.’' -]{2,60}(?:/[\w ]{2,40})?)[)\]]?$"
    r"|(?P<reuters>REUTERS/[A-Z].{2,60})$",
    re.IGNORECASE,
)
_PERSON_OF = re.compile(
    r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3}\s?[/|]\s?(?:The )?[A-Z][\w.&'’-]*(?: [A-Z&][\w.&'’-]*){0,4}"
)
_LATE_RIGHTS = re.compile(r"[\s/.,|–—-]*((?:" + _any("late_rights") + r").*)$", re.DOTALL)
_LICENSING = re.compile(r"(?:purchase|acquire) licensing rights.*$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parts:
    """A caption taken apart: ``line[start:end]`` is its text; ``sure`` is False where only the page's markup says so."""

    start: int
    end: int
    credit: str | None
    rights: str | None
    origin: str | None
    file_photo: bool


def read_source_line(line: str) -> str | None:
    """The credit of a line that only names a picture's source ("Image source, Getty Images"), or None."""
    match = _SOURCE_LINE.match(line) if len(line) <= 140 else None
    return (match["credit"] or match["by"]).strip() if match else None


def read_credit_line(line: str) -> str | None:
    """The credit of a line that is nothing else ("© Olga Ilina/TASS", "AP Photo/Ann Roe"), or None."""
    if len(line) > 90 or len(line.split()) > 10:
        return None
    match = _CREDIT_LINE.match(line)
    credit = (match["credit"] or match["bare"] or match["reuters"]) if match else None
    if credit is None or (
        line.startswith(("©", "(c)", "(C)")) and (_names_no_person(credit) or re.search(r"\d{4}", line))
    ):
        return None
    return _clean_credit(credit)


def _names_no_person(credit: str) -> bool:
    """Whether a credit after © is an owner's name alone: that is the text's copyright, not a picture's."""
    return "/" not in credit and len(credit.split()) < 2


def read_label(line: str) -> bool:
    """Whether the line is only a caption's label ("Image caption,")."""
    return len(line) <= 40 and bool(_LABEL.fullmatch(line))


def lender(line: str) -> bool:
    """Whether the line is only the name of somebody who lends pictures."""
    return len(line) <= 60 and (line.lower() in _LENDERS or line.lower().partition("/")[0].strip() in _LENDERS)


def read_caption(line: str, *, is_caption: bool = False) -> Parts | None:
    """The caption that the line is, or None for ordinary text.

    It is one when a label, an opening or a credit says so, or when ``is_caption`` (the page's markup) does.
    """
    label = _LABEL.match(line)
    start = label.end() if label else 0
    end, credit, rights, strong = _peel(line, start)
    body = line[start:end]
    opening = _OPENING.match(body)
    long = end - start > 700
    shown = bool(opening) and (credit is not None or bool(_SHOWN.search(body[:160])))
    sure = bool(label) or strong or (shown and len(body.split()) <= 80)
    if not (sure or is_caption) or (long and not is_caption) or not body.strip():
        return None
    if credit is None and not label and not opening and not is_caption:
        return None
    file_photo = bool(_FILE.search(credit or "") or _FILE.search(body[:160]))
    if body.startswith("(") and body.endswith(")"):
        start, end = start + 1, end - 1
    if opening and (file := re.match(r"file(?: photo| picture| image)?\s*[-–—:]\s*", body, re.IGNORECASE)):
        start += file.end()
    return Parts(start, end, _clean_credit(credit), rights, _origin(line[start:end]), file_photo)


def _peel(line: str, start: int) -> tuple[int, str | None, str | None, bool]:
    """Take credit and rights off the end. Gives the end of what is left, credit, rights, and whether they prove a picture."""
    end, strong = len(_LICENSING.sub("", line).rstrip()), False
    credit: list[str] = []
    rights: list[str] = []
    if (late := _LATE_RIGHTS.search(line, max(start, end - 500), end)) and _stands_free(line, start, late.start()):
        rights.append(late[1].strip())
        end, strong = late.start(), True
    for _ in range(4):
        match = _BRACKETED.search(line, max(start, end - 320), end)
        if match is None or match.start() <= start:
            break
        kind = _bracket_kind(match[1])
        if kind is None or (kind == "agency" and not _signs_picture(line, start, match)):
            break
        strong = strong or kind in ("photo", "rights") or (kind == "agency" and end - start <= 500)
        (rights if kind == "rights" else credit).insert(0, match[1].strip())
        end = match.start()
    if not credit:
        found = _unbracketed(line, start, end)
        if found:
            end, words = found
            strong = True
            named, stated = _split_rights(words)
            credit, rights = [named], rights + ([stated] if stated else [])
    end = start + len(line[start:end].rstrip(" \t\n\r\u00a0|•"))
    return end, " ".join(credit) or None, " ".join(rights) or None, strong


def _stands_free(line: str, start: int, at: int) -> bool:
    """Whether a place in the caption is past its first word and inside no bracket."""
    return at > start and line.count("(", start, at) <= line.count(")", start, at)


def _bracket_kind(inside: str) -> str | None:
    if _RIGHTS.search(inside):
        return "rights"
    key = " ".join(inside.lower().split())
    if key in dateline_signatures() or agency_named(inside):
        return "agency"
    if len(inside) <= 140 and (_PHOTO_WORD.search(inside) and _has_credit_form(inside)):
        return "photo"
    if _PERSON_OF.fullmatch(inside):
        return "agency"  # "(Ann Roe/The Gazette)": counts behind a finished sentence only
    if "/" in inside and any(
        agency_named(part.strip()) or part.strip().lower() in dateline_signatures() for part in inside.split("/")
    ):
        return "photo"
    return None


def _signs_picture(line: str, start: int, match: re.Match[str]) -> bool:
    """Whether a bare "(Agency)" stands behind a finished caption; behind a word it abbreviates that ("... Accord (GNA)")."""
    before = line[start : match.start()].rstrip()
    if before[-1:] in '.!?”"’)]':
        return True
    word = dateline_signatures().get(match[1].strip().lower())
    return (
        bool(word and not word.is_loose and not word.signs_off)
        and len(before.split()) <= 30
        and match[0].rstrip().endswith((")", "]"))
    )


def _has_credit_form(inside: str) -> bool:
    """Whether a bracket with a photo word is a credit, not an aside: it names somebody, and is no sentence."""
    words = inside.split()
    return len(words) <= 18 and any(word[:1].isupper() for word in words) and not inside.endswith(("?", "!"))


def _unbracketed(line: str, start: int, end: int) -> tuple[int, str] | None:
    window = max(start, end - 260)
    tail = line[window:end]
    if match := _TRAILING.search(tail):
        return window + match.start(), match[1]
    if (match := re.search(r"(?:^|(?<=[.!?”\"’)]\s)|(?<=\s))(?:Handout )?(?:via )?REUTERS/.{2,200}$", tail)) or (
        (match := _SLASHED.search(tail)) and _names_agency(match[1])
    ):
        return window + match.start(), match[0].strip()
    if (match := _BAR.search(tail)) and (_names_agency(match["credit"]) or _PHOTO_WORD.search(match["credit"])):
        return window + match.start() + 1, match["credit"].strip()
    if match := _BARE.search(tail):
        return window + match.start("credit"), match["credit"].strip()
    return None


def _names_agency(words: str) -> bool:
    return any(
        part.strip().lower() in dateline_signatures()
        or agency_named(part)
        or re.search(r"getty|photo|reuters|shutterstock", part, re.IGNORECASE)
        for part in re.split(r"\s*/\s*|-", words)
    )


def _split_rights(words: str) -> tuple[str, str | None]:
    match = _RIGHTS.search(words)
    if match is None:
        return words, None
    return words[: match.start()].rstrip(" .,;-–—"), words[match.start() :].strip()


def _clean_credit(credit: str | None) -> str | None:
    if credit is None:
        return None
    credit = re.sub(r"(?:\s*[,/]\s*file(?: photo| pic)?)\s*$", "", credit.strip(" .©|"), flags=re.IGNORECASE)
    credit = re.sub(r"^(?:photo|image|picture)?\s*(?:credits?|source)\s*[:,]\s*", "", credit, flags=re.IGNORECASE)
    return credit or None


def _origin(caption: str) -> str | None:
    """The organisation that gave the picture out, without the words that describe it ("the North's official ...")."""
    match = _ORIGIN.search(caption)
    if match is None:
        return None
    who = re.split(r"\s(?:on|in|at|shows|showing|via|from|during)\s", match["who"], maxsplit=1)[0]
    runs = [
        run[0]
        for run in _CAPITAL_RUN.finditer(re.sub(r"[’']s\s(?:\w+\s)?", "'s ", who))
        if not run[0].endswith(("'s", "’s"))
    ]
    runs = [run.rsplit("'s ", 1)[-1] for run in runs]
    return runs[-1] if runs else None


def caption_record(line: Line, parts: Parts, credit: str | None, published: date | None) -> Caption:
    """The contract's caption for a line taken apart.

    ``date`` is the first day printed. ``depicts_date`` is the day shown: the day before, where the caption says "the previous
    day" of the date on which the picture was given out; else the first day that is not the date of giving out; else that one.
    """
    text = line.text[parts.start : parts.end].strip()
    start = line.start + parts.start
    printed, shown = _days(text, published)
    return Caption(
        text=text,
        credit=credit,
        rights=line.rights or parts.rights,
        origin=parts.origin,
        date=printed.isoformat() if printed else None,
        depicts_date=shown.isoformat() if shown else None,
        file_photo=parts.file_photo,
        start=start,
        end=start + len(text),
    )


def _days(text: str, published: date | None) -> tuple[date | None, date | None]:
    found: list[tuple[date, bool]] = []
    for match in _PRINTED_DAY.finditer(text[:2000]):
        month, day = MONTHS[(match["m1"] or match["m2"]).lower()], int(match["d1"] or match["d2"])
        if match["y"]:
            resolved = day_or_none(int(match["y"]), month, day) if int(match["y"]) else None
        else:
            resolved = nearest_year(month, day, published, ahead=False) if published else None
        if resolved:
            given_out = bool(_GIVEN_OUT.search(text[max(0, match.start() - 160) : match.start()]))
            found.append((resolved, given_out))
    if not found:
        return None, None
    printed, given_out = found[0]
    if _DAY_BEFORE.search(text) and printed > date.min:
        return printed, printed - timedelta(days=1)
    shown = next((day for day, released in found if not released), printed)
    return printed, shown if given_out else printed
