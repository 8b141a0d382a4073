"""The country of a dateline's place: our own list of cities, country names, regions of federal states, then the gazetteer."""

from __future__ import annotations

import re
from functools import cache

from ..entities.gazetteer import lookup_place
from ..lexicon import FOLDER, table

_SPACE = re.compile(r"[\s.]+")


def _key(name: str) -> str:
    return _SPACE.sub(" ", name.replace("’", "'")).strip().casefold()


@cache
def _cities() -> dict[str, str]:
    return {_key(city): country for country, cities in table("wire_places")["cities"].items() for city in cities}


@cache
def _regions() -> dict[str, str]:
    """Countries under every name they go by, and the regions of federal states."""
    found: dict[str, str] = {}
    for line in (FOLDER / "places_countries.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, name, others = [*line.split("\t"), "", ""][:3]
            for alias in (name, *others.split(";")):
                if alias:
                    found.setdefault(_key(alias), country)
    for country, regions in table("wire_places")["regions"].items():
        for region in regions:
            found.setdefault(_key(region), country)
    return found


def country_of(place: str, region: str | None = None) -> str | None:
    """ISO 3166 alpha-3 of a place as a dateline prints it, or None where we do not know.

    ``region`` is what stands after the comma ("Poland", "Calif.") and outranks the city. Of several places
    ("AMSTERDAM/HELSINKI", "Seoul and Tokyo") the first one that we know counts.
    """
    if region:
        for part in (region, *region.split(",")):
            if found := _regions().get(_key(part)):
                return "USA" if found == "GEO" and _cities().get(_key(place)) == "USA" else found  # Georgia, twice
    parts = (place, *re.split(r"\s*/\s*|\s+and\s+|\s*[-–]\s*", place))
    for part in parts:
        key = _key(part)
        if found := _cities().get(key) or _regions().get(key):
            return found
    for part in parts:
        if (known := lookup_place(part)) and known.country:
            return known.country
    return None


def is_city(name: str) -> bool:
    """Whether the name is a city of our list (a country's name alone opens no dateline of a newspaper)."""
    return _key(name) in _cities()
