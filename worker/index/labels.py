"""Numbers of what events are counted by: countries, sets of countries, parties and places, each text once.

An overview of a month counts 100,000 events by them; numbers are counted several times as fast as texts, and take less room.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from ..contract.event import Event, Location, Party
from .database import scalar

#: Kinds of `day_count`.
COUNTRY, PAIR, PLACE = range(3)
#: Longest name of a party or place that is indexed, in code points.
MOST_NAME = 120


def label_of(connection: sqlite3.Connection, text: str, table: str = "label") -> int:
    """Return the number of a text in ``label`` or ``country_set``, a new one where it has none."""
    found = scalar(connection, f"SELECT key FROM {table} WHERE text = ?", text)
    if found is None:
        found = connection.execute(f"INSERT INTO {table} (text) VALUES (?)", (text,)).lastrowid
    return int(found)


def label_texts(connection: sqlite3.Connection, labels: Collection[int], table: str = "label") -> dict[int, str]:
    """Return the texts of numbers."""
    sql = f"SELECT key, text FROM {table} WHERE key IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(sql, (json.dumps(list(labels)),)).fetchall())


def drop_labels(connection: sqlite3.Connection) -> None:
    """Delete the labels and names that no event has; sets of countries are few and stay."""
    columns = ("actor", "recipient", "spot")
    used = " UNION ".join(f"SELECT {name} FROM event WHERE {name} IS NOT NULL" for name in columns)
    connection.execute(f"DELETE FROM label WHERE key NOT IN ({used})")
    connection.execute("DELETE FROM name WHERE key NOT IN (SELECT name FROM party)")


def countries_of(event: Event) -> list[str]:
    """Return the countries of parties and place, sorted."""
    parties = {party.country for party in (*event.actors, *event.recipients)}
    return sorted(filter(None, parties | {event.location.country if event.location else None}))


def spot_of(place: Location | None) -> str | None:
    """Return where an event is counted; only a country where no position is known, None without either."""
    if place is None:
        return None
    if place.lat is None or place.lon is None:
        return f"{place.country}\t\t\t" if place.country else None
    return f"{place.country or ''}\t{place.lat:.1f}\t{place.lon:.1f}\t{(place.name or '')[:MOST_NAME]}"


def parties_of(event: Event) -> tuple[str | None, str | None]:
    """Return what the first actor and the first recipient are counted by; the second actor where there is no recipient."""
    first, second = [*map(_label, event.actors)], [*map(_label, event.recipients)]
    if not first:
        return None, None
    return first[0], next(iter(second or first[1:]), None)


def name_of(party: Party) -> str:
    """Return a party's name, as it is searched by."""
    return (party.canonical or party.text)[:MOST_NAME].encode("utf-8", "replace").decode()


def _label(party: Party) -> str:
    return party.country or name_of(party).replace("\t", " ")
