"""Exports: columns in order, pairs expanded, nothing invented, one line per record whatever the text holds."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.contract import Article, Cameo, Counts, Event, EventDate, Evidence, Family, Location, Party, Plover, Span
from dateline.contract.envelope import article_envelope, event_envelope, fields, retraction_envelope
from dateline.contract.event import Factuality
from dateline.export import FORMATS, FinalStates
from dateline.export.flat import COLUMNS as CSV_COLUMNS
from dateline.export.gdelt import COLUMNS, fips_code, pairs

NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)
ARTICLE = Article(
    id="a1", title="Ministers meet", url="https://paper.example/met?x=1", canonical_url="https://paper.example/met",
    publisher="Paper", language="en", published="2026-03-04T09:00:00Z", text="", text_sha256="",
    family=Family(id="a1", role="original", size=3, owners=["paper.example", "other.example"]),
)  # fmt: skip


def party(name: str, country: str | None = None, sector: str | None = None, code: str | None = None) -> Party:
    return Party(text=name, country=country, sector=sector, code=code or country, start=0, end=len(name))


def event(**changes: Any) -> Event:
    made = Event(
        id="e1", cluster_id="c1", article="a1", revision=1,
        plover=Plover(type="CONSULT", mode="visit", contexts=["military"], quad="verbal cooperation", intensity=2.8),
        cameo=Cameo(root="04", code="042", quad_class=1),
        actors=[party("French ministers", "FRA", "GOV"), party("U.N.", None, "IGO", "IGOUNO")],
        recipients=[party("Chile", "CHL"), party("Peru", "PER"), party("Workers' Party", "PER", "PTY")],
        date=EventDate(start="2026-03-03", end="2026-03-04", granularity="day"),
        location=Location(name="Arica", country="CHL", admin1="Arica y Parinacota", lat=-18.47, lon=-70.3),
        counts=Counts(killed=(2, 2), size=(100, 300)),
        evidence=Evidence(text="French ministers met", start=0, end=20, trigger=Span(text="met", start=17, end=20),
                          block=0, sentence=0),
        confidence=0.8, main=True,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def stream(*envelopes: Any) -> list[dict[str, str]]:
    return [fields(envelope) | {"seq": str(n)} for n, envelope in enumerate(envelopes, 1)]


def export(form: str, entries: list[dict[str, str]]) -> list[str]:
    exporter = FORMATS[form]()
    return [*exporter.head(), *(line for entry in entries for line in exporter.lines(entry))]


def gdelt(made: Event, article: Article = ARTICLE) -> list[dict[str, str]]:
    lines = export("gdelt", stream(article_envelope(article, "published", NOON), event_envelope(made, article, NOON)))
    return [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines]


def test_a_gdelt_row_has_the_61_columns_of_the_codebook_in_its_order() -> None:
    """Readers take columns by number: these are the places that most of them use."""
    assert len(COLUMNS) == 61
    places = {1: "SQLDATE", 5: "Actor1Code", 15: "Actor2Code", 25: "IsRootEvent", 26: "EventCode", 29: "QuadClass",
              30: "GoldsteinScale", 35: "Actor1Geo_Type", 51: "ActionGeo_Type", 53: "ActionGeo_CountryCode",
              56: "ActionGeo_Lat", 59: "DATEADDED", 60: "SOURCEURL"}  # fmt: skip
    assert {at: COLUMNS[at] for at in places} == places


def test_every_actor_stands_with_every_recipient_in_rows_of_their_own() -> None:
    """GDELT has no compound parties: two by three are six rows with six ids, the same at the next export."""
    rows = gdelt(event())
    assert [(row["Actor1Code"], row["Actor2Code"]) for row in rows] == [
        ("FRAGOV", "CHL"), ("FRAGOV", "PER"), ("FRAGOV", "PER"), ("IGOUNO", "CHL"), ("IGOUNO", "PER"), ("IGOUNO", "PER"),
    ]  # fmt: skip
    ids = [row["GLOBALEVENTID"] for row in rows]
    assert len(set(ids)) == 6 and all(0 < int(name) < 2**63 for name in ids)
    assert [row["GLOBALEVENTID"] for row in gdelt(event())] == ids


def test_a_gdelt_row_says_who_where_when_and_from_which_page() -> None:
    row = gdelt(event())[0]
    assert (row["SQLDATE"], row["MonthYear"], row["Year"]) == ("20260303", "202603", "2026")
    assert row["FractionDate"] == "2026.2548"  # (3 * 30 + 3) / 365
    assert (row["Actor1Name"], row["Actor1CountryCode"], row["Actor1Type1Code"]) == ("FRENCH MINISTERS", "FRA", "GOV")
    assert (row["EventCode"], row["EventBaseCode"], row["EventRootCode"]) == ("042", "042", "04")
    assert (row["QuadClass"], row["GoldsteinScale"], row["IsRootEvent"]) == ("1", "2.8", "1")
    assert (row["NumMentions"], row["NumSources"], row["NumArticles"]) == ("3", "2", "3")
    assert (row["ActionGeo_Type"], row["ActionGeo_CountryCode"]) == ("4", "CI")
    assert row["ActionGeo_FullName"] == "Arica, Arica y Parinacota, Chile"
    assert (row["DATEADDED"], row["SOURCEURL"]) == ("20260304120005", "https://paper.example/met")


def test_what_is_not_known_stays_empty() -> None:
    bare = event(recipients=[], location=None, date=None, actors=[party("Rebels")])
    (row,) = gdelt(bare, msgspec.structs.replace(ARTICLE, published=None, family=None))
    filled = {name for name, cell in row.items() if cell not in ("", "0")}
    assert filled == {
        "GLOBALEVENTID", "Actor1Name", "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass",
        "GoldsteinScale", "NumMentions", "NumSources", "NumArticles", "DATEADDED", "SOURCEURL",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "kind", "name"),
    [
        (Location(country="CHL", inferred=True), "1", "Chile"),
        (Location(name="Chile", country="CHL"), "1", "Chile"),
        (Location(name="Texas", country="USA", admin1="Texas"), "2", "Texas, United States"),
        (Location(name="Austin", country="USA", admin1="Texas"), "3", "Austin, Texas, United States"),
        (Location(name="Bavaria", country="DEU", admin1="Bavaria"), "5", "Bavaria, Germany"),
    ],
)
def test_the_kind_of_place_is_told(place: Location, kind: str, name: str) -> None:
    row = gdelt(event(location=place))[0]
    assert (row["ActionGeo_Type"], row["ActionGeo_FullName"]) == (kind, name)


def test_countries_of_geography_are_fips_codes() -> None:
    """Traps on purpose: in FIPS, CH is China, SZ Switzerland, AU Austria, AS Australia."""
    codes = {iso: fips_code(iso) for iso in ("CHN", "CHE", "AUT", "AUS", "DEU", "SRB", "SSD", "ZZZ")}
    assert codes == {
        "CHN": "CH",
        "CHE": "SZ",
        "AUT": "AU",
        "AUS": "AS",
        "DEU": "GM",
        "SRB": "RI",
        "SSD": "OD",
        "ZZZ": "",
    }
    assert (fips_code("PSE", 34.4), fips_code("PSE", 35.2), fips_code("PSE")) == ("GZ", "WE", "")


def test_a_plover_record_keeps_compound_parties_and_puts_factuality_into_context() -> None:
    doubted = event(factuality=Factuality(tense="future", conditional=True))
    entries = stream(article_envelope(ARTICLE, "published", NOON), event_envelope(doubted, ARTICLE, NOON))
    (line,) = export("plover", entries)
    record = json.loads(line)
    assert (record["event"], record["mode"], record["context"]) == (
        "CONSULT",
        ["visit"],
        ["military", "future", "hypothetical"],
    )
    assert [actor["name"] for actor in record["actor"]] == ["French ministers", "U.N."]
    assert len(record["recipient"]) == 3
    assert (record["date"], record["dead"], record["size"]) == ("2026-03-03", 2, [100, 300])
    assert (record["publication_date"], record["url"]) == ("2026-03-04", "https://paper.example/met")
    assert "injured" not in record


def test_csv_has_one_row_per_event_and_retraction_under_its_header() -> None:
    entries = stream(
        article_envelope(ARTICLE, "published", NOON),
        event_envelope(event(), ARTICLE, NOON),
        retraction_envelope("e1", msgspec.structs.replace(ARTICLE, revision=2), NOON),
    )
    head, told, gone = csv.reader(io.StringIO("\n".join(export("csv", entries))))
    assert tuple(head) == CSV_COLUMNS
    row = dict(zip(head, told, strict=True))
    assert (row["type"], row["actors"], row["recipient_countries"]) == (
        "reported",
        "French ministers; U.N.",
        "CHL; PER; PER",
    )
    assert (row["killed_low"], row["size_high"], row["lat"], row["title"]) == ("2", "300", "-18.47", "Ministers meet")
    row = dict(zip(head, gone, strict=True))
    assert (row["type"], row["id"], row["revision"], row["plover_type"]) == ("retracted", "e1", "2", "")


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-2", "@x", "\tx"])
def test_no_cell_is_a_formula(title: str) -> None:
    """A headline comes from anybody; a spreadsheet must not run it."""
    article = msgspec.structs.replace(ARTICLE, title=title)
    entries = stream(article_envelope(article, "published", NOON), event_envelope(event(), article, NOON))
    head, row = csv.reader(io.StringIO("\n".join(export("csv", entries))))
    assert row[head.index("title")].startswith("'")


def test_jsonl_gives_every_entry_back_as_it_stood() -> None:
    entries = stream(article_envelope(ARTICLE, "published", NOON), event_envelope(event(), ARTICLE, NOON))
    assert [json.loads(line) for line in export("jsonl", entries)] == [
        {**entry, "data": json.loads(entry["data"])} for entry in entries
    ]


def test_the_last_word_leaves_out_what_was_replaced_and_what_was_taken_back() -> None:
    """An event that the revision still reports is printed once, one that it retracts not at all."""
    second = msgspec.structs.replace(ARTICLE, revision=2)
    entries = stream(
        article_envelope(ARTICLE, "published", NOON),
        event_envelope(event(id="kept"), ARTICLE, NOON),
        event_envelope(event(id="lost"), ARTICLE, NOON),
        article_envelope(second, "revised", NOON),
        event_envelope(event(id="kept", revision=2), second, NOON),
        retraction_envelope("lost", second, NOON),
    )
    last = FinalStates()
    for number, entry in enumerate(entries):
        last.note(f"{number}-0", entry)
    kept = [number for number, entry in enumerate(entries) if last.keeps(f"{number}-0", entry)]
    assert kept == [3, 4]
    assert not last.keeps("9-0", event_envelope_later())  # appended between the passes: not part of this export


def event_envelope_later() -> dict[str, str]:
    return fields(event_envelope(event(id="later"), ARTICLE, NOON))


@given(
    name=st.text(st.characters(codec="utf-8"), max_size=60), title=st.text(st.characters(codec="utf-8"), max_size=60)
)
def test_any_text_gives_whole_lines(name: str, title: str) -> None:
    """Whatever a page holds: a GDELT row keeps its columns, a JSON line its line, a CSV row comes back."""
    article = msgspec.structs.replace(ARTICLE, title=title)
    made = event(actors=[party(name or "x")], recipients=[])
    entries = stream(article_envelope(article, "published", NOON), event_envelope(made, article, NOON))
    (line,) = export("gdelt", entries)
    assert len(line.split("\t")) == 61 and not re.search(r"[\r\n]", line)
    for form in ("plover", "jsonl"):
        for text in export(form, entries):
            json.loads(text)
            assert "\n" not in text
    assert len(list(csv.reader(io.StringIO("\n".join(export("csv", entries)), newline="")))) == 2


@given(actors=st.integers(0, 4), recipients=st.integers(0, 4))
def test_pairs_leave_nobody_out(actors: int, recipients: int) -> None:
    made = event(actors=[party(f"a{n}") for n in range(actors)], recipients=[party(f"r{n}") for n in range(recipients)])
    found = list(pairs(made))
    assert len(found) == max(1, actors) * max(1, recipients)
    assert {p.text for pair in found for p in pair if p} == {p.text for p in (*made.actors, *made.recipients)}
