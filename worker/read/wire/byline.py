"""Who signed: bylines as papers and agencies print them, and the credits under a story ("Reporting by ...; Editing by ...")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...contract.article import Agency, Author
from ...text.agencies import byline_agency
from ...text.bylines import byline_words, end_of_opening, is_role, split_bars, split_people
from .words import agency_named, agency_of

_IN = re.compile(r"\s+(?:in|at|IN|from|reporting from)\s+(?=[A-ZÀ-Þ(])")
_OF = re.compile(r"\s+(?:of|for|OF)\s+(?=[A-ZÀ-Þ])")
_NAME_WORD = re.compile(r"(?:[A-ZÀ-ÞĀ-Ž]|[OD]['’])[^\W\d_]*(?:['’.\-][^\W\d_]*)*\.?$")
_CREDIT = re.compile(
    r"(?P<role>additional reporting|further reporting|reporting and writing|reporting|writing|"
    r"compiled|written|report)(?: and \w+)? by:?\s+(?P<who>[^;()]{3,400}?)(?=;|\)|$|\.\s|\.$)",
    re.IGNORECASE,
)
_PARTICLES = byline_words("particles")
_MAX_LINE_CHARS = 300
_KEEP_UPPER = frozenset(["II", "III", "IV", "JR", "SR", "MD", "PHD"])


@dataclass(frozen=True, slots=True)
class Signed:
    """What a byline says: the people, an agency that signs in their stead, and the bits after the bars (a date, a role)."""

    authors: tuple[Author, ...]
    agency: Agency | None = None
    extras: tuple[str, ...] = ()


def read_byline(line: str) -> Signed | None:
    """The byline that the whole line is ("By ANNA ROE and BO LEE", "By Li Wei in Beijing | dpa"), or None."""
    start = end_of_opening(line)
    return None if start is None or len(line) > _MAX_LINE_CHARS else read_names(line[start:])


def read_names(rest: str) -> Signed | None:
    """What stands after "By": names with affiliations and roles, or an agency; None where any part is something else."""
    names, *extras = split_bars(rest.strip()) or [""]
    if not names or names[-1] in "!?:" or (names.endswith(".") and not re.search(r"\b(?:Jr|Sr|[A-Z])\.$", names)):
        return None
    if any(len(extra) > 80 for extra in extras):
        return None
    authors: list[Author] = []
    agency: Agency | None = None
    for part in split_people(names):
        if not part:
            continue
        if (signer := byline_agency(part)) and not authors:
            agency = agency_of(signer)
        elif (author := _author(part)) is not None:
            authors.append(author)
        elif is_role(part) or (authors and _is_affiliation(part)):
            authors = [_with_affiliation(author, part) for author in authors]
        elif not authors or not _place_words(part):
            return None
    if not authors and agency is None and not is_role(names):
        return None
    agency = agency or next((agency_of(found) for extra in extras if (found := byline_agency(extra))), None)
    return Signed(tuple(authors), agency, tuple(extra for extra in extras if extra))


def read_credits(line: str) -> tuple[Author, ...]:
    """People under "Reporting by" and "Writing by" of a credit line; editors and additional reporting do not sign."""
    found: list[Author] = []
    for match in _CREDIT.finditer(line[:1500]):
        role = match["role"].lower()
        if role.startswith(("additional", "further")):
            continue
        for part in split_people(match["who"]):
            author = _author(part)
            if author and all(author.name != other.name for other in found):
                found.append(Author(name=author.name, role="reporting" if role.startswith("report") else "writing"))
    return tuple(found)


def affiliation_line(line: str) -> str | None:
    """The line under a byline that says what its people are ("BBC News, Nairobi", "Staff Writer"), or None."""
    if len(line) > 70 or line.endswith((".", "!", "?", ":")) or any(c.isdigit() for c in line):
        return None
    return line if _is_affiliation(line) or is_role(line) or agency_named(line) else None


def affiliate(authors: tuple[Author, ...], line: str) -> tuple[Author, ...]:
    """The authors, with ``line`` as affiliation or role where they have none."""
    return tuple(_with_affiliation(author, line) for author in authors)


def _author(part: str) -> Author | None:
    part = re.sub(r"\s*\([^)\d]*\)?", "", part).strip(" .,:")
    name = _IN.split(part, maxsplit=1)[0].strip()
    name, *employer = _OF.split(name, maxsplit=1)
    if not _is_name(name):
        return None
    return Author(name=_proper_case(name), affiliation=employer[0] if employer else None)


def _is_name(name: str) -> bool:
    words = name.split()
    if not 2 <= len(words) <= 6 or len(name) > 60:
        return False
    if not all(_NAME_WORD.match(word) or word.lower() in _PARTICLES for word in words):
        return False
    lowered = {word.lower().strip(".") for word in words}
    return (
        not (is_role(name) or lowered & byline_words("desks"))
        and sum(bool(_NAME_WORD.match(word)) for word in words) >= 2
    )


def _is_affiliation(part: str) -> bool:
    if agency_named(part) or agency_named(_IN.split(part, maxsplit=1)[0]):
        return True
    words = re.split(r"[\s-]+", part)
    return (
        part[:1].isupper()
        and len(words) <= 7
        and bool({word.lower().strip(".,") for word in words} & byline_words("desks"))
    )


def _place_words(part: str) -> bool:
    return len(part) <= 40 and all(word[:1].isupper() or word.lower() in _PARTICLES for word in part.split())


def _with_affiliation(author: Author, part: str) -> Author:
    part = part.strip(" ,.")
    if is_role(part) and not _is_affiliation(part):
        return Author(name=author.name, affiliation=author.affiliation, role=author.role or part)
    return Author(name=author.name, affiliation=author.affiliation or part, role=author.role)


def _proper_case(name: str) -> str:
    """A name printed in capitals ("DANA MCKAY-ROSS", "Dana MCKAY") as it is written; any other name unchanged."""
    shouted = name.isupper()
    words = name.split()
    return " ".join(
        _proper_word(word, particle=shouted and 0 < number < len(words) - 1)
        if word.isupper() and len(word.strip(".")) > 1
        else word
        for number, word in enumerate(words)
    )


def _proper_word(word: str, *, particle: bool) -> str:
    if word.strip(".") in _KEEP_UPPER:
        return word if word.startswith("I") else word.capitalize()
    if particle and word.lower() in _PARTICLES:
        return word.lower()
    if re.fullmatch(r"(?:[A-Z]\.){1,3}[A-Z]?\.?", word) or (len(word) == 2 and not re.search("[AEIOUY]", word)):
        return word  # initials: J.K., DJ
    return "".join(_proper_piece(piece) for piece in re.split(r"([-’'])", word))


def _proper_piece(piece: str) -> str:
    if piece.startswith("MC") and len(piece) > 3:
        return "Mc" + piece[2:].capitalize()
    return piece.capitalize()
