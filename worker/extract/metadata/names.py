"""People and agencies in author fields and bylines: "By Ann Bell and Bo Chen, Reuters" is two people and an agency."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ...model.page import PageAuthor
from ...text.agencies import byline_agency

_MAX_NAME_CHARS = 60
_MAX_NAMES = 15
_URL = re.compile(r"https?://|www\.|@|\.(?:com|html?|php)\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{1,2}[.:/]\d{1,2}\b|\b(?:19|20)\d\d\b")
_SPLIT = re.compile(r"\s*[;|•·⋅]\s*|\s+/\s+|\s*、\s*|(?<=\w{3})\s*/\s*(?=\w)")
_LEAD_IN_TAIL = re.compile(r"\s*\(\s*([^()]{2,40})\s*\)\s*$")
_ROLE = re.compile(
    r"\b(?:correspondent|reporter|editor|writer|columnist|journalist|staff|redakt\w*|korrespondent\w*|chief|producer|"
    r"analyst|contributor|newsroom|bureau|desk|redacci[oó]n|redazione|rédaction|corresponsal|periodista|journaliste|"
    r"head of|director|professor|reporterin|autorin|volontär\w*|редактор|корреспондент|журналист|muhabir\w*|editör\w*)\b",
    re.IGNORECASE,
)


#: What somebody is, at the end of a piece that no name is in: "Senior Autos Reporter", "Co-Founder", "CEO of Acme".
_POSITION = re.compile(
    r"^(?:ceo|cto|cfo|coo|cmo|head|vp|vice president|president|director|founder|chair|owner)\b|"
    r"\b(?:(?:co-?)?founder|ceo|manager|coordinator|specialist|expert|consultant|strategist|reporter|editor|writer|analyst|"
    r"winemaker|reviewer|dietitian|nutritionist|horticulturalist|educator|representative|marketer|researcher)s?$",
    re.IGNORECASE,
)
#: Degrees and certificates behind a name, which are no second name.
_DEGREE = re.compile(
    r"^(?:Ph\.?\s?D|M\.?D|D\.?O|D\.?D\.?S|J\.?D|M\.?B\.?A|M\.?S\.?c?|M\.?A|B\.?A|B\.?S\.?c?|R\.?N|R\.?D\.?N?|Esq|Jr|Sr|CF[APE]|"
    r"CPA|CSCS|CPT|CISSP|PMP|PSP|EA|LCSW|LPC|FACLM|FACP|DVM|PharmD|PsyD|EdD|DPT|MPH|MEd)\.?(?:\s|$)",
)
#: Accounts that nobody writes under: robots, templates, whoever set the site up.
_ROBOT = re.compile(
    r"\badmin(?:n|istrator)?\b|\bweb ?master\b|\bsuper ?user\b|^(?:user|editor|root|test|wordpress|anonymous|unknown|none|null|"
    r"undefined|default|guest|author|site)\d*$|\{\{|^\w+(?:\.\w+){2,}$",
    re.IGNORECASE,
)
_THEN = frozenset({"in", "on", "at", "for", "from", "im", "am", "en", "dans", "le", "il"})
#: A user's name run together: "annabell", "AnnB", "ann_bell".
_HANDLE = re.compile(r"^(?:[a-z][a-z0-9_.-]{3,}|[A-Z][a-z]+[A-Z]\w*|\w*[\d_]\w*)$")


@dataclass(frozen=True, slots=True)
class Names:
    """People in the order given, and the agency named beside or instead of them."""

    authors: tuple[PageAuthor, ...] = ()
    agency: str | None = None


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str], frozenset[str]]:
    table = tomllib.loads(files(__package__).joinpath("names.toml").read_text("utf-8"))
    lead = "|".join(sorted((re.escape(w.rstrip(":")) for w in table["by"]), key=len, reverse=True))
    joins = "|".join(sorted((re.escape(w) for w in table["and"]), key=len, reverse=True))
    return (
        re.compile(rf"^\W*(?:{lead})(?:\s*:\s*|\s+)(?=\S)", re.IGNORECASE),
        re.compile(rf"\s*,?\s+(?:{joins})\s+|\s+&\s+", re.IGNORECASE),
        frozenset(table["not_names"]),
        frozenset(table["and"]),
    )


def agency_of(name: str | None) -> str | None:
    """Return the id of the agency that ``name`` is, else None."""
    agency = byline_agency(name)
    return agency.id if agency else None


def is_position(text: str) -> bool:
    """Whether a part of a byline says what somebody is, by office or degree, and names nobody."""
    return _POSITION.search(text) is not None or _DEGREE.match(text) is not None


def is_robot(name: str) -> bool:
    """Whether a name is an account that nobody writes under ("NOC Admin", "page.head.author")."""
    return _ROBOT.search(name) is not None


def is_handle(name: str) -> bool:
    """Whether a name is a user's name run together, which the name that the page prints outranks."""
    return _HANDLE.match(name) is not None


def clean_name(text: str) -> str | None:
    """One name without lead-in words and trailing punctuation; None where it cannot be a name."""
    lead = _words()[0]
    text = lead.sub("", text).strip(' \t,;:.|-–—•·*/«»"“”').strip()
    if not text or len(text) > _MAX_NAME_CHARS or _URL.search(text) or _DATE.search(text):
        return None
    if not any(c.isalpha() for c in text) or text.casefold() in _words()[2] or is_robot(text):
        return None
    if text.casefold().endswith((" by", " behalf")):
        return None  # "Reviewed by", "On behalf"
    return text


def like_a_name(text: str, *, marked: bool = False) -> bool:
    """Whether a text can be a person's name (or a pen name, where markup says that it is the author's).

    Args:
        marked: The element is marked as the author's name, so one word or a handle will do.
    """
    words = text.split()
    if not words or len(words) > 5 or len(text) > 45 or (any(c.isdigit() for c in text) and not marked):
        return False
    bad = _words()[2]
    if any(w.strip(".,:").casefold() in bad for w in words):
        return False
    if len(words) == 1:
        return marked or (not text.isascii() and not text[0].islower() and not text[0].isupper())
    return marked or all(w[0].isupper() or not w[0].isalpha() or len(w) <= 3 or not w[0].islower() for w in words)


def read_byline(text: str, *, split_commas: bool = True) -> Names:
    """Names in a printed byline or a plain author string.

    Args:
        text: As printed: "By Ann Bell, Bo Chen and Cy Diaz in Rome | Reuters".
        split_commas: Whether a comma separates names; else what follows it is an affiliation.
    """
    lead, joins, _, joining = _words()
    text = lead.sub("", text.strip())
    authors: list[PageAuthor] = []
    agency: str | None = None
    for part in _SPLIT.split(text)[:_MAX_NAMES]:
        if authors and part.strip().casefold() in _THEN:
            break  # "Ann Bell | in | Hardware": what follows is where and when
        for piece in joins.split(part):
            for name, affiliation in _name_and_affiliation(piece, split_commas):
                if (found := agency_of(name)) is not None:
                    agency = agency or found
                    if not authors:
                        continue
                    last = authors[-1]
                    if last.affiliation is None:
                        authors[-1] = PageAuthor(name=last.name, affiliation=name)
                    continue
                cleaned = clean_name(name)
                if cleaned and cleaned.casefold() in joining:
                    continue
                if cleaned and authors and (not _ROLE.sub("", cleaned).strip(" ,-") or is_position(cleaned)):
                    authors[-1] = PageAuthor(name=authors[-1].name, affiliation=authors[-1].affiliation or cleaned)
                    continue
                if cleaned and all(cleaned.casefold() != a.name.casefold() for a in authors):
                    agency = agency or agency_of(affiliation)
                    authors.append(PageAuthor(name=cleaned, affiliation=affiliation))
    return Names(tuple(authors[:_MAX_NAMES]), agency)


def _name_and_affiliation(piece: str, split_commas: bool) -> list[tuple[str, str | None]]:
    """A piece of a byline between conjunctions as (name, affiliation) pairs."""
    bracket = _LEAD_IN_TAIL.search(piece)
    affiliation = None
    if bracket:
        affiliation, piece = bracket.group(1), piece[: bracket.start()]
    parts = [p.strip() for p in piece.split(",") if p.strip()]
    if not parts:
        return []
    pairs: list[tuple[str, str | None]] = [(parts[0], affiliation)]
    for part in parts[1:]:
        if agency_of(part):
            pairs.append((part, None))
        elif _ROLE.search(part) or is_position(part) or not split_commas:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] or part)
        else:
            pairs.append((part, None))
    return pairs
