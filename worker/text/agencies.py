"""News agencies by the names that they sign with, from ``agencies.toml``: the one list for pages and for wire text. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import tomli


@dataclass(frozen=True, slots=True)
class Signature:
    """An agency as one of its names stands for it.

    ``is_loose`` names are common words too and count only between the marks of a dateline; ``signs_off`` says that the agency
    prints its name under its stories; a broadcaster is a publisher, whose copy nobody else prints.
    """

    id: str
    name: str
    is_loose: bool = False
    is_broadcaster: bool = False
    signs_off: bool = False


@cache
def signatures() -> dict[str, Signature]:
    """Return every agency's names in lower case, each with the agency it stands for."""
    return _by_name("names")


@cache
def dateline_signatures() -> dict[str, Signature]:
    """Return the names that may stand between the marks of a dateline, in lower case."""
    return _by_name("in_dateline", "names")


@cache
def byline_signatures() -> dict[str, Signature]:
    """Return the names that are an agency where they are a whole part of a byline or author field, in lower case."""
    clear = {name: agency for name, agency in signatures().items() if not agency.is_loose and not agency.is_broadcaster}
    return clear | _by_name("in_byline")


@cache
def by_id() -> dict[str, Signature]:
    """Return the agencies by their ids."""
    return {signature.id: signature for signature in signatures().values()}


def byline_agency(name: str | None) -> Signature | None:
    """Return the agency that a part of a byline or a whole author field names, or None."""
    return byline_signatures().get(" ".join((name or "").lower().strip(" .()").split()))


def _by_name(*keys: str) -> dict[str, Signature]:
    """Return the names under the first of ``keys`` that a row has, in lower case, with their agency."""
    found: dict[str, Signature] = {}
    for row in _rows():
        agency = Signature(
            row["id"], row["names"][0], bool(row.get("loose")), bool(row.get("broadcaster")), bool(row.get("signs_off"))
        )
        for name in next((row[key] for key in keys if key in row), ()):
            found.setdefault(name.lower(), agency)
    return found


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomli.loads(files(__package__).joinpath("agencies.toml").read_text("utf-8"))["agency"]
    return rows
