"""The words the wire front end knows: agencies, dateline cities, marks. From ``lexicon/``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ...contract.article import Agency
from ..lexicon import table


@dataclass(frozen=True, slots=True)
class AgencyWord:
    """One way an agency signs. ``loose`` words are common words too and count only between the marks of a dateline;
    ``signs_off`` says that it prints its name under its stories."""

    agency: Agency
    loose: bool
    broadcaster: bool
    signs_off: bool = False


@cache
def agencies() -> dict[str, AgencyWord]:
    """Every agency signature in lower case, with the agency it stands for."""
    found: dict[str, AgencyWord] = {}
    for row in table("wire_agencies")["agency"]:
        agency = Agency(id=row["id"], name=row["names"][0])
        word = AgencyWord(agency, bool(row.get("loose")), bool(row.get("broadcaster")), bool(row.get("signs_off")))
        for name in row["names"]:
            found.setdefault(name.lower(), word)
    return found


@cache
def dateline_agencies() -> dict[str, AgencyWord]:
    """Signatures that may stand between the marks of a dateline, in lower case."""
    known = agencies()
    found: dict[str, AgencyWord] = {}
    for row in table("wire_agencies")["agency"]:
        for name in row.get("in_dateline", row["names"]):
            found.setdefault(name.lower(), known[row["names"][0].lower()])
    return found


def agency_named(text: str | None) -> Agency | None:
    """The agency that ``text`` signs for ("The Associated Press", "AFP"), or None; a broadcaster is a publisher, no agency."""
    if not text:
        return None
    word = agencies().get(" ".join(text.lower().split()))
    return word.agency if word and not word.loose and not word.broadcaster else None
