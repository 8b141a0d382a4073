"""Prints stream entries for people: an article, below it its events with their evidence."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

from ..client import Message
from ..contract.compression import text_fields
from ..contract.envelope import data_with_texts
from ..contract.envelope import fields as envelope_fields
from ..telemetry import inert

_COLOURS = {"head": "1", "event": "36", "proof": "3", "dim": "2", "warn": "33", "gone": "31"}


def is_of_kind(name: str, wanted: str) -> bool:
    """Return whether a type's name has the words of ``wanted`` in it: "dateline.event.reported" is an "event"."""
    return f".{wanted}." in f".{name}."


class Printer:
    """Writes entries as they arrive; ``wanted`` keeps types of this kind: ``event``, ``event.reported``."""

    def __init__(self, *, as_json: bool = False, wanted: str | None = None, out: TextIO | None = None) -> None:
        self._as_json = as_json
        self._wanted = wanted
        self._out = out or sys.stdout
        # https://no-color.org: set and not empty, whatever it says.
        self._colour = self._out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.shown = 0

    def show(self, stream_id: str, fields: dict[bytes, bytes]) -> None:
        """One stream entry."""
        self.show_text(stream_id, text_fields(fields))

    def show_message(self, message: Message) -> None:
        """One message of the consumers' client."""
        if message.gap and not self._as_json:
            self._write(self._paint("gone", f"... {message.gap.missing} entries are missing here ..."))
        seq = {"seq": str(message.envelope.seq)} if message.envelope.seq is not None else {}
        self.show_text(message.stream_id, envelope_fields(message.envelope) | seq)

    def show_text(self, stream_id: str, text: dict[str, str]) -> None:
        """One stream entry, its fields as text."""
        kind = text.get("type", "")
        if self._wanted and not is_of_kind(kind, self._wanted):
            return
        self.shown += 1
        if self._as_json:
            row: dict[str, Any] = {"stream_id": stream_id, **text, "data": json.loads(data_with_texts(text))}
            self._write(json.dumps(row, ensure_ascii=False))
        elif kind.startswith("dateline.article."):
            self._article(kind.rpartition(".")[2], text, json.loads(text["data"]))
        elif kind == "dateline.event.reported":
            self._event(json.loads(text["data"]))
        elif kind == "dateline.event.retracted":
            self._write(f"    {self._paint('gone', 'retracted')} {json.loads(text['data']).get('id', '')}")
        self._out.flush()

    def _article(self, kind: str, fields: dict[str, str], data: dict[str, Any]) -> None:
        title = inert(data.get("title") or "(no title)", 110)
        label = {
            "published": "",
            "revised": f"[revision {data.get('revision')}] ",
            "copied": "[copy] ",
            "withdrawn": "[withdrawn] ",
        }
        self._write("")
        self._write(self._paint("head", label.get(kind, "") + title))
        where = [
            data.get("publisher"),
            _agency(data),
            _dateline(data),
            ", ".join(a["name"] for a in data.get("byline") or []),
        ]
        said = [inert(part, 60) for part in where if part]
        counts = [f"{len(data.get('text') or '')} characters"]
        counts += [f"{len(data[k])} {k}" for k in ("captions", "quotes") if data.get(k)]
        if (data.get("language") or "en") != "en":
            counts.append(f"language {data['language']}")
        if data.get("paywalled"):
            counts.append("paywalled")
        if data.get("extracted_from") not in ("page", "text", None):
            counts.append(f"from the {data['extracted_from']}")
        if data.get("correction"):
            counts.append("corrects: " + inert(data["correction"], 60))
        self._write("  " + self._paint("dim", " · ".join([*said, *counts])))
        for caption in data.get("captions") or []:
            rights = f" | rights: {caption['rights']}" if caption.get("rights") else ""
            self._write(
                "  "
                + self._paint(
                    "dim", f"picture: {inert(caption['text'], 70)} | credit: {caption.get('credit') or '-'}{rights}"
                )
            )
        family = data.get("family") or {}
        if kind == "copied" or family.get("size", 1) > 1:
            owners = ", ".join(family.get("owners") or [])
            self._write(
                "  " + self._paint("warn", f"family of {family.get('size', 1)} ({family.get('role')}): {owners}")
            )

    def _event(self, event: dict[str, Any]) -> None:
        plover = event["plover"]
        mode = f"/{plover['mode']}" if plover.get("mode") else ""
        who = ", ".join(_party(p) for p in event.get("actors") or []) or "?"
        whom = ", ".join(_party(p) for p in event.get("recipients") or [])
        date, place, says = event.get("date") or {}, event.get("location") or {}, event.get("attribution") or {}
        facts = [
            date.get("start"),
            place.get("name") or place.get("country"),
            says.get("source") and f"says {says['source']}",
        ]
        line = f"  {plover['type']}{mode}  {who}" + (f" → {whom}" if whom else "")
        self._write(
            self._paint("event", line)
            + self._paint(
                "dim", "  " + " · ".join([inert(str(f), 50) for f in facts if f] + [f"{event['confidence']:.2f}"])
            )
        )
        self._write("      " + self._paint("proof", "“" + inert(event["evidence"]["text"], 150) + "”"))

    def _paint(self, kind: str, text: str) -> str:
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if self._colour else text

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")


def _party(party: dict[str, Any]) -> str:
    code = "/".join(p for p in (party.get("code") or party.get("country"), party.get("sector")) if p)
    return inert(party["text"], 50) + (f" [{code}]" if code else "")


def _agency(data: dict[str, Any]) -> str | None:
    return (data.get("agency") or {}).get("name")


def _dateline(data: dict[str, Any]) -> str | None:
    line = data.get("dateline") or {}
    return ", ".join(p for p in (line.get("place"), line.get("date")) if p) or None
