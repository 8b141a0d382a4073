"""A query of the index: what a page's address asks for, checked, and the SQL conditions that follow from it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ..contract.event import QUADS
from .fold import tokens

#: Quad classes by their number in the index.
QUAD_NAMES = ("verbal cooperation", "material cooperation", "verbal conflict", "material conflict")
#: Their short names in addresses.
QUAD_KEYS = ("vc", "mc", "vx", "mx")
MAX_WORDS = 12
_MOST = 200  #: code points of one value

_LABEL = "(SELECT key FROM label WHERE text = ?)"

_SPAN = re.compile(r"(\d{1,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


class BadQuery(ValueError):
    """The query cannot be answered; the message says which value and what would be right."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What to find. Empty: everything. Times in milliseconds since 1970, the end not included."""

    words: str = ""
    country: tuple[str, ...] = ()
    actor: str = ""
    pair: tuple[str, str] | None = None
    types: tuple[str, ...] = ()
    quads: tuple[int, ...] = ()
    publisher: str = ""
    lang: str = ""
    confidence: float = 0.0
    since: int | None = None
    until: int | None = None
    with_events: bool = False

    @property
    def asks_events(self) -> bool:
        """Whether an event must match, and not only an article."""
        asked = (self.country, self.actor, self.pair, self.types, self.quads, self.confidence > 0, self.with_events)
        return any(asked)

    @property
    def terms(self) -> list[str]:
        """The words and phrases that must be there, for marking them in a text."""
        return [phrase or word for minus, phrase, word in _TERM.findall(self.words) if not minus]


def parse_filters(query: Mapping[str, str], now: datetime) -> Filters:
    """Return the filters of an address's query. Raises BadQuery."""
    given = {name: value.strip()[:_MOST] for name, value in query.items() if value.strip()}
    since, until = (_time(name, given.get(name, ""), now) for name in ("since", "until"))
    if since is not None and until is not None and since >= until:
        raise BadQuery("since is not before until")
    return Filters(
        words=given.get("q", ""),
        country=_codes(given.get("country", "")),
        actor=given.get("actor", ""),
        pair=_pair(given.get("pair", "")),
        types=_choices("type", given.get("type", "").upper(), tuple(QUADS)),
        quads=tuple(QUAD_KEYS.index(key) for key in _choices("quad", given.get("quad", "").lower(), QUAD_KEYS)),
        publisher=given.get("publisher", ""),
        lang=given.get("lang", "").lower(),
        confidence=_share(given.get("confidence", "0")),
        since=since,
        until=until,
        with_events=given.get("events", "") == "1",
    )


def match_words(words: str) -> str | None:
    """Return the FTS5 expression of typed words; None where they hold none.

    Every word or "phrase" must be there, one with a minus before it must not; ``sanct*`` is a beginning. What FTS5 would
    read as its own syntax is quoted.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in _TERM.findall(words)[:MAX_WORDS]:
        if found := tokens(phrase or word):
            beginning = "*" if word.endswith("*") else ""
            (unwanted if minus else wanted).append(f'"{" ".join(found)}"{beginning}')
    if not wanted:
        return None
    return " AND ".join(wanted) + "".join(f" NOT {term}" for term in unwanted)


Condition = tuple[str, Sequence[Any]]


def article_conditions(filters: Filters, *, with_time: bool = True) -> list[Condition]:
    """Return conditions on ``article a``; None of them where nothing is asked."""
    found: list[Condition] = []
    if filters.words:
        match = match_words(filters.words)
        found.append(("a.key IN (SELECT rowid FROM words WHERE words MATCH ?)", [match]) if match else ("0", []))
    if filters.publisher:
        found.append(("a.publisher = ? COLLATE NOCASE", [filters.publisher]))
    if filters.lang:
        found.append(("(a.lang = ? OR a.lang LIKE ? || '-%')", [filters.lang, filters.lang]))
    return found + (_time_conditions("a.at", filters) if with_time else [])


def event_conditions(filters: Filters, *, of_few: bool = False) -> list[Condition]:
    """Return conditions on ``event e``: it stands, and is as asked.

    Args:
        of_few: The query looks at the events of one article or happening, whatever their time: each is looked up by itself.
            Else all that match are listed first.
    """
    found: list[Condition] = [("e.retracted IS NULL", [])]
    if filters.country:
        marks = ", ".join("?" * len(filters.country))
        listed = f"e.key IN (SELECT event FROM event_country WHERE country IN ({marks}))"
        found.append((_in_country(filters.country) if of_few else listed, filters.country))
    if filters.actor:
        found.append(_actor(filters.actor, of_few))
    if filters.pair:
        found.append((f"e.actor = {_LABEL} AND e.recipient = {_LABEL}", filters.pair))
    if filters.types:
        found.append((f"e.type IN ({', '.join('?' * len(filters.types))})", filters.types))
    if filters.quads:
        found.append((f"e.quad IN ({', '.join(map(str, filters.quads))})", []))
    if filters.confidence > 0:
        found.append(("e.confidence >= ?", [filters.confidence]))
    return found + ([] if of_few else _time_conditions("e.at", filters))


def standing_conditions(filters: Filters) -> list[Condition]:
    """Return the same conditions but for time, on the columns of the index `event_standing`."""
    asked: list[Condition] = [(_in_country(filters.country), filters.country)] if filters.country else []
    return event_conditions(replace(filters, country=(), since=None, until=None)) + asked


def _in_country(countries: Sequence[str]) -> str:
    """Return the condition that an event has one of some countries, by the sets of countries that there are."""
    each = " OR ".join("instr(text, ?)" for _ in countries)
    return f"e.countries IN (SELECT key FROM country_set WHERE {each})"


def country_sets(connection: sqlite3.Connection, countries: Sequence[str]) -> set[int]:
    """Return the numbers of the sets that have one of some countries."""
    each = " OR ".join("instr(text, ?)" for _ in countries)
    return {row[0] for row in connection.execute(f"SELECT key FROM country_set WHERE {each}", countries)}


def where(conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    """Join conditions with AND."""
    text = " AND ".join(condition for condition, _ in conditions)
    return text or "1", [value for _, values in conditions for value in values]


def _actor(actor: str, of_few: bool) -> Condition:
    """Match a party's name by any part of it, and a country's code as a whole."""
    escaped = actor.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    named, code = "n.text LIKE ? ESCAPE '\\'", actor.upper()
    if of_few:
        sql = (
            f"(EXISTS (SELECT 1 FROM party p JOIN name n ON n.key = p.name WHERE p.event = e.key AND {named}) "
            f"OR {_LABEL} IN (e.actor, e.recipient))"
        )
        return sql, [f"%{escaped}%", code]
    if re.fullmatch("[A-Z]{3}", actor):
        listed = "e.key IN (SELECT event FROM event_country WHERE country = ?)"
        return f"{listed} AND {_LABEL} IN (e.actor, e.recipient)", [code, code]
    sql = f"e.key IN (SELECT p.event FROM name n CROSS JOIN party p ON p.name = n.key WHERE {named})"
    return sql, [f"%{escaped}%"]


def _time_conditions(column: str, filters: Filters) -> list[Condition]:
    found: list[Condition] = []
    if filters.since is not None:
        found.append((f"{column} >= ?", [filters.since]))
    if filters.until is not None:
        found.append((f"{column} < ?", [filters.until]))
    return found


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(part.strip().upper() for part in text.split(",") if part.strip())[:16]
    for code in codes:
        if not re.fullmatch(r"[A-Z]{3}", code):
            raise BadQuery(
                f"country {code!r}: give codes of three letters (ISO 3166) such as UKR, several with commas between"
            )
    return codes


def _choices(name: str, text: str, known: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in text.split(",") if part.strip())
    for one in chosen:
        if one not in known:
            raise BadQuery(f"{name} {one!r}: give one of {', '.join(known)}")
    return chosen


def _pair(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    actor, between, recipient = text.partition(">")
    if not between or not actor or not recipient:
        raise BadQuery(f"pair {text!r}: give actor>recipient, for example RUS>UKR")
    return actor, recipient


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise BadQuery(f"confidence {text!r}: give a number from 0 to 1")
    return value


def _time(name: str, text: str, now: datetime) -> int | None:
    """Return milliseconds since 1970 of an age (24h, 7d) or an ISO 8601 time; without a zone it is UTC."""
    if not text:
        return None
    if span := _SPAN.fullmatch(text):
        return _milliseconds(now - timedelta(**{_UNITS[span[2]]: int(span[1])}))
    try:
        given = datetime.fromisoformat(text)
        return _milliseconds(given if given.tzinfo else given.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise BadQuery(f"{name} {text!r}: give an age such as 24h or 7d, or a time such as 2026-03-01T08:00") from None


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
