"""GDELT 2.0 event rows: 61 columns, tabs between, no header, compound parties expanded to pairs. Mapping: docs/export.md."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from ..contract.event import Event, Location, Party
from .articles import ArticleHead, EventLines

_ACTOR = ("Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code", "Type1Code",
          "Type2Code", "Type3Code")  # fmt: skip
_GEO = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")
COLUMNS: tuple[str, ...] = (
    "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate",
    *(f"Actor1{name}" for name in _ACTOR), *(f"Actor2{name}" for name in _ACTOR),
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale", "NumMentions",
    "NumSources", "NumArticles", "AvgTone",
    *(f"Actor1Geo_{name}" for name in _GEO), *(f"Actor2Geo_{name}" for name in _GEO), *(f"ActionGeo_{name}" for name in _GEO),
    "DATEADDED", "SOURCEURL",
)  # fmt: skip
#: Our sectors that CAMEO's role codes have under the same name. PTY has none there.
_ROLES = frozenset({"GOV", "MIL", "COP", "LEG", "JUD", "OPP", "REB", "LAB", "BUS", "CVL", "REF", "MED", "IGO", "NGO", "CRM",
                    "EDU"})  # fmt: skip
_BREAKS = re.compile(r"[\t\r\n]+")


class Gdelt(EventLines):
    """One row per actor, recipient and event. A retraction has no form in GDELT: see ``--final``."""

    def event_lines(self, event: Event, article: ArticleHead, time: str) -> Iterable[str]:
        """Return the rows of one event."""
        added = re.sub(r"\D", "", time)[:14]
        for number, (actor, recipient) in enumerate(pairs(event)):
            cells = row(event, article, actor, recipient, number, added)
            yield "\t".join(_BREAKS.sub(" ", cells.get(name, "")) for name in COLUMNS)


def pairs(event: Event) -> Iterator[tuple[Party | None, Party | None]]:
    """Yield every actor with every recipient, in order; where one side is empty, each of the other alone."""
    actors: list[Party | None] = [*event.actors] or [None]
    recipients: list[Party | None] = [*event.recipients] or [None]
    for actor in actors:
        for recipient in recipients:
            yield actor, recipient


def row(
    event: Event, article: ArticleHead, actor: Party | None, recipient: Party | None, number: int, added: str
) -> dict[str, str]:
    """Return the filled columns of one pair; what we do not know is absent. ``number`` counts the event's pairs from 0."""
    family = article.family
    articles = str(family.size if family else 1)
    return {
        "GLOBALEVENTID": str(row_id(event.id, number)),
        **_dates(event.date.start if event.date else (article.published or "")[:10]),
        **_actor("Actor1", actor),
        **_actor("Actor2", recipient),
        "IsRootEvent": "1" if event.main else "0",
        "EventCode": event.cameo.code,
        "EventBaseCode": event.cameo.code[:3],
        "EventRootCode": event.cameo.root,
        "QuadClass": str(event.cameo.quad_class),
        "GoldsteinScale": f"{event.plover.intensity:g}",
        "NumMentions": articles,
        "NumSources": str(max(1, len(family.owners)) if family else 1),
        "NumArticles": articles,
        "Actor1Geo_Type": "0",
        "Actor2Geo_Type": "0",
        **_geo(event.location),
        "DATEADDED": added,
        "SOURCEURL": article.address,
    }


def row_id(event_id: str, number: int) -> int:
    """GLOBALEVENTID: the same for the same event and pair in every export; 60 bits, so that any reader's 64 hold it."""
    digest = hashlib.blake2b(f"{event_id}\0{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 4


def _dates(day: str) -> dict[str, str]:
    """SQLDATE, MonthYear, Year and FractionDate of an ISO 8601 day; nothing where it is none."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", day)
    if not found:
        return {}
    year, month, date = found.groups()
    # The codebook's own formula: months of 30 days, and December ends past 1.
    share = min(0.9999, (int(month) * 30 + int(date)) / 365)
    return {
        "SQLDATE": year + month + date,
        "MonthYear": year + month,
        "Year": year,
        "FractionDate": f"{int(year) + share:.4f}",
    }


def _actor(side: str, party: Party | None) -> dict[str, str]:
    if party is None:
        return {}
    country, sector = party.country or "", party.sector or ""
    role = sector if sector in _ROLES else ""
    group = party.code if party.code and party.code != country else ""
    cells = {
        "Code": group or country + role,
        "Name": (party.canonical or party.text).upper(),
        "CountryCode": country,
        "KnownGroupCode": group,
        "Type1Code": role,
    }
    return {f"{side}{name}": value for name, value in cells.items() if value}


def _geo(place: Location | None) -> dict[str, str]:
    """The place of the deed: 1 country, 3 and 4 city in the USA and elsewhere, 2 and 5 first-level division; 0 unknown."""
    if place is None or not (place.name or place.country):
        return {"ActionGeo_Type": "0"}
    from ..read.entities.gazetteer import country_name  # here: all of reading comes with it, and most formats need none

    country = country_name(place.country) or ""
    fips = fips_code(place.country, place.lon)
    american = place.country == "USA"
    if not place.name or place.name == country:
        kind, parts = "1", [country or place.name or ""]
    elif place.name == place.admin1:
        kind, parts = "2" if american else "5", [place.name, country]
    else:
        kind, parts = "3" if american else "4", [place.name, place.admin1 or "", country]
    cells = {
        "Type": kind,
        "FullName": ", ".join(part for part in parts if part),
        "CountryCode": fips,
        "ADM1Code": fips if kind == "1" else "",
        "Lat": "" if place.lat is None else f"{place.lat:g}",
        "Long": "" if place.lon is None else f"{place.lon:g}",
        "FeatureID": fips if kind == "1" else "",
    }
    return {f"ActionGeo_{name}": value for name, value in cells.items() if value}


def fips_code(country: str | None, lon: float | None = None) -> str:
    """FIPS 10-4 of an ISO 3166 alpha-3 code, as GDELT's geography has it; empty where it has none."""
    if country == "PSE" and lon is not None:  # one code in ISO, two in FIPS; nothing lies between 34.6 and 34.8 degrees
        return "GZ" if lon < 34.7 else "WE"
    return _fips().get(country or "", "")


@cache
def _fips() -> dict[str, str]:
    text = (resources.files(__package__) / "fips.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
