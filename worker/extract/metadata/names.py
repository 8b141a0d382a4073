"""People and agencies in author fields and bylines: "By Ann Bell and Bo Chen, Reuters" is two people and an agency."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...model.page import PageAuthor
from ...text.agencies import byline_agency
from ...text.bylines import (
    MAX_PARTS,
    byline_words,
    is_join,
    is_only_role,
    is_position,
    is_role,
    split_bars,
    split_people,
    strip_lead_in,
)  # fmt: skip

_MAX_NAME_CHARS = 60
_URL = re.compile(r"https?://|www\.|@|\.(?:com|html?|php)\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{1,2}[.:/]\d{1,2}\b|\b(?:19|20)\d\d\b")
_SLASH = re.compile(r"(?<!\s)\s++/\s++|(?<=\w{3})/(?=\w)")
_BRACKET = re.compile(r"\s*\(\s*([^()]{2,40})\s*\)\s*$")
#: Accounts that nobody writes under: robots, templates, whoever set the site up.
_ROBOT = re.compile(
    r"\badmin(?:n|istrator)?\b|\bweb ?master\b|\bsuper ?user\b|^(?:user|editor|root|test|wordpress|anonymous|unknown|none|null|"
    r"undefined|default|guest|author|site)\d*$|\{\{|^\w+(?:\.\w+){2,}$",
    re.IGNORECASE,
)
_THEN = frozenset({"in", "on", "at", "for", "from", "im", "am", "en", "dans", "le", "il"})
#: Who looked a text over, or for whom it was written: what follows is no author.
_NOT_WRITTEN = re.compile(
    r"\b(?:(?:(?:medically|clinically|legally|expert|fact)[\s-]+)?(?:reviewed|checked|edited|verified|approved)\s+by|"
    r"on\s+behalf\s+of)\b",
    re.IGNORECASE,
)
#: Where somebody wrote, behind the name: "Ann Bell in Cairo"; no name has such a word in small letters before a capital.
_PLACE = re.compile(r"(?<=\w)\s+(?:in|aus|à|en|em|desde|reporting from|from)\s+(?=[^\W\d_a-z])[^,|]{3,40}$")
#: Who made the pictures is named in a sentence behind the writers.
_PICTURES_BY = re.compile(
    r"[.;|]?\s+(?:(?:additional )?(?:photo(?:graph)?s?|photography|pictures|images|illustrations?|graphics?|video)) by\b.*$",
    re.IGNORECASE,
)
_ARTICLES = frozenset({"al-", "el-", "ad-", "as-", "bin", "ibn"})
_MONTH_NAMES = frozenset({"jan", "april", "june", "august", "avril", "juni"})
#: Small words inside family names.
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le", "el", "al", "bin", "ibn",
     "ben", "ter", "ten", "zu", "zur", "af", "av", "y", "e", "san", "st", "vom", "bint", "abu", "het", "'t"}
)  # fmt: skip
#: A user's name run together: "annabell", "AnnB", "ann_bell".
_HANDLE = re.compile(r"^(?:[a-z][a-z0-9_.-]{3,}|[A-Z][a-z]+[A-Z]\w*|\w*[\d_]\w*)$")


@dataclass(frozen=True, slots=True)
class Names:
    """People in the order given, and the agency named beside or instead of them."""

    authors: tuple[PageAuthor, ...] = ()
    agency: str | None = None


def agency_of(name: str | None) -> str | None:
    """Return the id of the agency that ``name`` is, else None."""
    agency = byline_agency(name)
    return agency.id if agency else None


def is_robot(name: str) -> bool:
    """Whether a name is an account that nobody writes under ("NOC Admin", "page.head.author")."""
    return _ROBOT.search(name) is not None


def is_handle(name: str) -> bool:
    """Whether a name is a user's name run together, which the name that the page prints outranks."""
    return _HANDLE.match(name) is not None


def clean_name(text: str) -> str | None:
    """One name without lead-in words and trailing punctuation; None where it cannot be a name."""
    text = strip_lead_in(text).strip(' \t,;:.|-–—•·*/«»"“”').strip()
    if not text or len(text) > _MAX_NAME_CHARS or _URL.search(text) or _DATE.search(text):
        return None
    if not any(c.isalpha() for c in text) or text.casefold() in byline_words("not_names") or is_robot(text):
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
    bad = byline_words("not_names")
    given = words[0].casefold() in _MONTH_NAMES and len(words) > 1  # Jan Novak, April Bell: a date has figures
    words = [words[0], *(w for w in words[1:] if w.casefold() not in _PARTICLES)]
    if any(w.strip(".,:").casefold() in bad for w in words[given:]):
        return False
    if len(words) == 1:
        return marked or (not text.isascii() and not text[0].islower() and not text[0].isupper())
    return marked or all(
        w[0].isupper() or not w[0].isalpha() or len(w) <= 3 or w[:3] in _ARTICLES or not w[0].islower() for w in words
    )


#: The time at which a page was published, behind its names: "10:00 GMT", "9.30pm".
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?!\d)")


def read_byline(text: str) -> Names:
    """Names in a printed byline or a plain author string.

    Args:
        text: As printed: "By Ann Bell, Bo Chen and Cy Diaz in Rome | Reuters".
    """
    authors: list[PageAuthor] = []
    agency: str | None = None
    text = strip_lead_in(text.strip())
    if (other := _NOT_WRITTEN.search(text)) and other.start():
        text = text[: other.start()]
    text = _PICTURES_BY.sub("", text)
    bars = [part for piece in split_bars(text) for part in _SLASH.split(piece)]
    for part in bars[:MAX_PARTS]:
        if authors and part.strip().casefold() in _THEN:
            break  # "Ann Bell | in | Hardware": what follows is where and when
        if authors and _is_role_alone(part.strip(" ,").partition(",")[0].strip()):
            # "Ann Bell | Privacy and Security Expert", "Ann Bell | Writer, Hardware": a position, whatever it joins.
            _affiliate_last(authors, part.strip(" ,"))
            continue
        for n, piece in enumerate(split_people(part)):
            name, affiliation = _name_and_affiliation(piece)
            if is_join(name) or not any(map(str.isalpha, name)) or _CLOCK.match(name):
                continue
            if (found := agency_of(name)) is not None:
                agency = agency or found
                _affiliate_last(authors, name)
            elif authors and (
                is_position(name.rstrip("*")) or is_only_role(name) or (n > 0 and is_role(name)) or name[0].isdigit()
            ):
                # "Ann Bell, Reporter", "Ann Bell - 10+ Years in Shipping"
                _affiliate_last(authors, name)
            elif (cleaned := clean_name(_PLACE.sub("", name))) and all(
                cleaned.casefold() != a.name.casefold() for a in authors
            ):
                agency = agency or agency_of(affiliation)
                authors.append(PageAuthor(name=cleaned, affiliation=affiliation))
    return Names(tuple(authors[:MAX_PARTS]), agency)


def _is_role_alone(text: str) -> bool:
    """Whether a part of a byline is nothing but a role, an office or a degree."""
    return bool(text) and (is_only_role(text) or is_position(text))


def _affiliate_last(authors: list[PageAuthor], affiliation: str) -> None:
    """Give the last author an affiliation, where there is one without."""
    if authors and authors[-1].affiliation is None:
        authors[-1] = PageAuthor(name=authors[-1].name, affiliation=affiliation)


def _name_and_affiliation(piece: str) -> tuple[str, str | None]:
    """Part "Ann Bell (Reuters)"."""
    bracket = _BRACKET.search(piece)
    return (piece[: bracket.start()].strip(), bracket.group(1)) if bracket else (piece.strip(), None)
