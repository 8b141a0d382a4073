"""One row per event for spreadsheets (csv), and every stream entry as it is (jsonl)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable

import msgspec

from ..contract.envelope import data_with_texts
from ..contract.event import Event, Party
from .articles import Articles

COLUMNS = (
    "type", "id", "cluster_id", "article", "revision", "published_at", "plover_type", "plover_mode", "contexts", "quad",
    "intensity", "cameo_code", "quad_class", "actors", "actor_countries", "actor_sectors", "recipients",
    "recipient_countries", "recipient_sectors", "date_start", "date_end", "date_granularity", "place", "place_country",
    "place_admin1", "lat", "lon", "place_inferred", "source", "certainty", "tense", "negated", "conditional", "historical",
    "killed_low", "killed_high", "injured_low", "injured_high", "arrested_low", "arrested_high", "size_low", "size_high",
    "confidence", "main", "evidence", "evidence_start", "evidence_end", "title", "publisher", "language", "url",
)  # fmt: skip
#: Spreadsheets read cells that start like this as formulas, and headlines are untrusted: they get an apostrophe in front.
#: Likewise after a semicolon or tab, which separate cells in locales with a decimal comma.
_FORMULA = re.compile(r"(\A\s*|[;\t]\s*)([=+\-@\uff1d\uff0b\uff0d\uff20])")


class Csv:
    """RFC 4180: events and retractions, lists joined by ``; ``. Retractions fill the first five columns and the last four."""

    def __init__(self) -> None:
        self._articles = Articles()

    def head(self) -> Iterable[str]:
        """Return the column names."""
        return [_row(COLUMNS)]

    def lines(self, fields: dict[str, str]) -> Iterable[str]:
        """One row for an event or a retraction; none for an article: its title and URL are repeated on its events."""
        self._articles.note(fields)
        kind = fields.get("type", "")
        if kind == "dateline.event.reported":
            event = msgspec.json.decode(fields["data"], type=Event)
            return [
                self._line({"type": "reported", "published_at": fields.get("time", ""), **_cells(event)}, event.article)
            ]
        if kind == "dateline.event.retracted":
            row = json.loads(fields["data"])
            cells = {name: str(row[name]) for name in ("id", "article", "revision")}
            return [self._line({"type": "retracted", "published_at": fields.get("time", ""), **cells}, row["article"])]
        return []

    def _line(self, cells: dict[str, str], article: str) -> str:
        head_of_article = self._articles.of(article)
        cells |= {
            "title": head_of_article.title or "",
            "publisher": head_of_article.publisher or "",
            "language": head_of_article.language or "",
            "url": head_of_article.address,
        }
        return _row([_escape_formula(name, cells.get(name, "")) for name in COLUMNS])


def _cells(event: Event) -> dict[str, str]:
    place, date, facts = event.location, event.date, event.factuality
    cells = {
        "id": event.id, "cluster_id": event.cluster_id, "article": event.article, "revision": str(event.revision),
        "plover_type": event.plover.type, "plover_mode": event.plover.mode or "", "contexts": "; ".join(event.plover.contexts),
        "quad": event.plover.quad, "intensity": f"{event.plover.intensity:g}", "cameo_code": event.cameo.code,
        "quad_class": str(event.cameo.quad_class), "source": event.attribution.source or "",
        "certainty": event.attribution.certainty, "tense": facts.tense, "negated": _flag(facts.negated),
        "conditional": _flag(facts.conditional), "historical": _flag(facts.historical),
        "confidence": f"{event.confidence:.2f}", "main": _flag(event.main), "evidence": event.evidence.text,
        "evidence_start": str(event.evidence.start), "evidence_end": str(event.evidence.end),
        **_parties("actor", event.actors), **_parties("recipient", event.recipients),
    }  # fmt: skip
    if date is not None:
        cells |= {"date_start": date.start, "date_end": date.end, "date_granularity": date.granularity}
    if place is not None:
        cells |= {
            "place": place.name or "", "place_country": place.country or "", "place_admin1": place.admin1 or "",
            "lat": "" if place.lat is None else f"{place.lat:g}", "lon": "" if place.lon is None else f"{place.lon:g}",
            "place_inferred": _flag(place.inferred),
        }  # fmt: skip
    for name in ("killed", "injured", "arrested", "size"):
        span: tuple[int, int] | None = getattr(event.counts, name)
        if span:
            cells |= {f"{name}_low": str(span[0]), f"{name}_high": str(span[1])}
    return cells


def _parties(role: str, parties: list[Party]) -> dict[str, str]:
    return {
        f"{role}s": "; ".join(party.canonical or party.text for party in parties),
        f"{role}_countries": "; ".join(party.country or "" for party in parties),
        f"{role}_sectors": "; ".join(party.sector or "" for party in parties),
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"


_NUMBERS = {"intensity", "lat", "lon"}
_BREAKS = re.compile(r"[\r\n]+")


def _escape_formula(name: str, cell: str) -> str:
    """No formula, and no line end inside: one row is one line."""
    cell = _BREAKS.sub(" ", cell)
    if name in _NUMBERS:
        return cell
    return ("'" if cell.startswith("\t") else "") + _FORMULA.sub(r"\1'\2", cell)


def _row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


class Jsonl:
    """Every stream entry as one JSON object, its ``data`` as the record it is."""

    def head(self) -> Iterable[str]:
        """Return nothing: the format has no head."""
        return []

    def lines(self, fields: dict[str, str]) -> Iterable[str]:
        """Return the entry."""
        row = {**fields, "data": json.loads(data_with_texts(fields))}
        return [json.dumps(row, ensure_ascii=False)]
