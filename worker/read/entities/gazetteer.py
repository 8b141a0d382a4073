"""Places and names the pipeline knows: countries, demonyms, capitals, regions, cities, organisations.

Data: ``lexicon/places_*.tsv`` and ``lexicon/names_organisations.tsv``; sources and credits in docs/gazetteer.md. Cities stay
one block of bytes, sorted, searched by halving: nothing to parse at start, 2 MB in memory. The rest is read once (about 30 ms).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ...encoding.unicode import normal
from ...errors import SettingsError
from ..lexicon import FOLDER
from ..syntax.tokenizer import split_name

#: Divisions whose bare name is as good as a country's; elsewhere a division needs a word like "province" or "in" beside it.
_WELL_KNOWN_DIVISIONS = frozenset({"USA", "CAN", "AUS", "IND", "DEU"})
_NAMED_DIVISIONS = frozenset({"USA", "CAN", "AUS"})
#: Names kept with their rows: the news of a day names the same places over and over; about 1 MB.
_SEEN_MOST = 4000
TYPES = frozenset(
    {
        "PERSON",
        "COUNTRY",
        "CITY",
        "REGION",
        "LOC",
        "FACILITY",
        "ORG",
        "IGO",
        "NORP",
        "WEAPON",
        "EVENT",
        "PRODUCT",
        "LAW",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A point or area. ``lat`` and ``lon`` are degrees, None for a country; ``admin1`` the first-level division's name."""

    name: str
    country: str | None
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None
    kind: str = "city"  #: city, region or country
    population: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """What a known name stands for. ``kind``: country, demonym, capital (or seat of government), region, organisation."""

    canonical: str
    kind: str
    type: str
    country: str | None = None
    sector: str | None = None
    code: str | None = None


@dataclass(slots=True)
class Gazetteer:
    """All tables. ``names`` maps a name's first token to its (tokens, meaning), longest first."""

    names: dict[str, list[tuple[tuple[str, ...], Name]]] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)  #: alpha-3 -> short name
    places: dict[str, Place] = field(default_factory=dict)  #: folded name -> country or region
    divisions: dict[str, list[Place]] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)  #: full name, or a last name that is enough -> country
    cities: bytes = b""
    seen: dict[str, tuple[Place, ...]] = field(default_factory=dict)  #: rows of the names looked up lately

    def add(self, name: str, meaning: Name) -> None:
        """Make ``name`` known; the last to say so wins."""
        tokens = split_name(name.removeprefix("the "))
        if tokens:
            row = [item for item in self.names.get(tokens[0], ()) if item[0] != tokens]
            row.append((tokens, meaning))
            row.sort(key=lambda item: -len(item[0]))
            self.names[tokens[0]] = row

    def city(self, name: str, near_country: str | None = None) -> Place | None:
        """The city of that name: in ``near_country`` if there is one, else the largest. None where unknown."""
        key = folded(name)
        rows = self.seen.get(key)
        if rows is None:
            if len(self.seen) >= _SEEN_MOST:
                self.seen.clear()
            rows = self.seen[key] = tuple(self._rows(key))
        if not rows:
            return None
        return next((row for row in rows if row.country == near_country), rows[0])

    def division(self, name: str, near_country: str | None = None, *, well_known: bool = False) -> Place | None:
        """The first-level division of that name; with ``well_known`` only of countries whose divisions the news names bare."""
        rows = self.divisions.get(folded(name), [])
        if well_known:
            rows = [row for row in rows if row.country in _WELL_KNOWN_DIVISIONS or row.country == near_country]
        at_home = [row for row in rows if row.country == near_country]
        found = at_home or rows
        return found[0] if found else None

    def place(self, name: str, near_country: str | None = None) -> Place | None:
        """Country, region, city or division of that name, in this order; a city in ``near_country`` before a far region."""
        key = folded(name.removeprefix("the "))
        known = self.places.get(key)
        if known is not None and (known.kind == "country" or near_country in (None, known.country)):
            return known
        return self.city(name, near_country) or known or self.division(name, near_country)

    def _rows(self, key: str) -> Iterator[Place]:
        """Rows of the city table with exactly this key, most populous first."""
        needle, blob = key.encode() + b"\t", self.cities
        low, high = 0, len(blob)
        while low < high:  # the first line not below the needle
            middle = (low + high) // 2
            start = blob.rfind(b"\n", 0, middle) + 1
            stop = blob.find(b"\n", middle)
            stop = len(blob) if stop < 0 else stop
            if blob[start : start + len(needle)] < needle and not blob.startswith(needle, start):
                low = stop + 1
            else:
                high = start
        while blob.startswith(needle, low):
            stop = blob.find(b"\n", low)
            _, name, country, division, lat, lon, people = blob[low:stop].decode().split("\t")
            yield Place(name, country, division or None, float(lat), float(lon), "city", int(people))
            low = stop + 1


def folded(name: str) -> str:
    """The look-up key of a name: no accents, lower case, plain apostrophes."""
    if name.isascii():
        return name.lower().strip("' ")
    plain = normal(name.replace("’", "'").replace("ʼ", "'").replace("‘", "'"), "NFKD")
    return "".join(ch for ch in plain if not unicodedata.combining(ch)).casefold().strip("' ")


def rows_of(path: Path, fields: int) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of a tab-separated file; comments and empty lines left out, short rows filled up."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); check the gazetteer's path") from error
    except ValueError as error:  # not UTF-8, or no path at all
        raise SettingsError(f"{path}: cannot be read ({error}); save it as UTF-8") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("\t")]
            yield number, cells + [""] * (fields - len(cells))


def plural_people(word: str) -> str:
    """ "Iraqi" -> "Iraqis"; forms that have no plural of their own ("Chinese", "Swiss", "Spanish") stay."""
    return word if word.endswith(("ese", "s", "sh", "ch", "men")) else word + "s"


def _add_countries(table: Gazetteer) -> None:
    for _, (code, name, others, people, seats, *_) in rows_of(FOLDER / "places_countries.tsv", 5):
        table.countries[code] = name
        for index, word in enumerate([*seats.split(";")]):
            if word:
                kind = "CITY" if index == 0 or table.city(word, code) else "ORG"
                sector = None if kind == "CITY" else "GOV"
                table.add(word, Name(word, "capital", kind, code, sector, code))
        for word in filter(None, people.split(";")):
            demonym = Name(name, "demonym", "NORP", code, None, code)
            table.add(word, demonym)
            table.add(plural_people(word), demonym)
        country = Name(name, "country", "COUNTRY", code, None, code)
        for word in [name, *filter(None, others.split(";"))]:
            table.add(word, country)
            table.places[folded(word.removeprefix("the "))] = Place(name, code, kind="country")


def _add_regions(table: Gazetteer) -> None:
    for _, (name, country, lat, lon, *_) in rows_of(FOLDER / "places_divisions.tsv", 4):
        place = Place(name, country, name, float(lat), float(lon), "region")
        table.divisions.setdefault(folded(name), []).append(place)
        if country in _NAMED_DIVISIONS:
            table.add(name, Name(name, "region", "REGION", country, None, country))
    for _, (name, others, country, lat, lon, *_) in rows_of(FOLDER / "places_regions.tsv", 5):
        kind = "REGION" if country else "LOC"
        meaning = Name(name, "region", kind, country or None, None, country or None)
        for word in [name, *filter(None, others.split(";"))]:
            table.add(word, meaning)
            table.places[folded(word.removeprefix("the "))] = Place(
                name, country or None, None, float(lat), float(lon), "region"
            )


def _add_organisations(table: Gazetteer) -> None:
    for _, (name, others, type_, country, sector, code, *_) in rows_of(FOLDER / "names_organisations.tsv", 6):
        meaning = Name(name, "organisation", type_, country or None, sector or None, code or country or None)
        for word in [name, *filter(None, others.split(";"))]:
            table.add(word, meaning)


def _add_people(table: Gazetteer) -> None:
    for _, (country, names, *_) in rows_of(FOLDER / "names_people.tsv", 2):
        for name in names.split(";"):
            full = name.rstrip("*")
            table.people[full] = country
            if name.endswith("*"):
                table.people.setdefault(full if full[0].islower() or " " not in full else full.split()[-1], country)


def _add_extra(table: Gazetteer, path: Path) -> None:
    """A user's file: name, other names, type, country, sector, code, lat, lon (tab-separated; the last three optional)."""
    for number, (name, others, type_, country, sector, code, lat, lon, *_) in rows_of(path, 8):
        where = f"{path}:{number}"
        if not name or type_ not in TYPES:
            raise SettingsError(
                f"{where}: type {type_!r} of {name!r} is unknown; use one of {', '.join(sorted(TYPES))}"
            )
        if country and (len(country) != 3 or not country.isalpha() or not country.isupper()):
            raise SettingsError(
                f"{where}: country {country!r} is not an ISO 3166 alpha-3 code such as FRA; leave it empty or mend it"
            )
        try:
            point = (float(lat) if lat else None, float(lon) if lon else None)
            if not (abs(point[0] or 0.0) <= 90 and abs(point[1] or 0.0) <= 180):
                raise ValueError("not on the globe")
        except ValueError as error:
            raise SettingsError(
                f"{where}: lat {lat!r} and lon {lon!r} are not both degrees; mend them or leave both empty"
            ) from error
        kinds = {"COUNTRY": "country", "CITY": "region", "REGION": "region", "LOC": "region", "NORP": "demonym"}
        meaning = Name(
            name, kinds.get(type_, "organisation"), type_, country or None, sector or None, code or country or None
        )
        for word in [name, *filter(None, (other.strip() for other in others.split(";")))]:
            table.add(word, meaning)
            if type_ in ("COUNTRY", "CITY", "REGION", "LOC"):
                kind = {"COUNTRY": "country", "CITY": "city"}.get(type_, "region")
                table.places[folded(word)] = Place(name, country or None, None, point[0], point[1], kind)


@lru_cache(maxsize=4)
def _load(extra: tuple[Path, ...]) -> Gazetteer:
    table = Gazetteer(cities=(FOLDER / "places_cities.tsv").read_bytes())
    _add_regions(table)
    _add_countries(table)
    _add_organisations(table)
    _add_people(table)
    for path in extra:
        _add_extra(table, path)
    return table


def load(extra: Sequence[Path] = ()) -> Gazetteer:
    """The gazetteer, read once per process and per set of ``extra`` files, which extend or override ours.

    Raises:
        SettingsError: An extra file cannot be read or has a wrong row; the message names file, line and remedy.
    """
    return _load(tuple(extra))


def lookup_place(name: str, near_country: str | None = None) -> Place | None:
    """The place of that name, or None: countries and regions first, then cities (in ``near_country`` if it has one, else
    the most populous), then first-level divisions. Case and accents do not matter."""
    return load().place(name, near_country)


def country_name(code: str | None) -> str | None:
    """Short English name of an alpha-3 code."""
    return load().countries.get(code or "")
