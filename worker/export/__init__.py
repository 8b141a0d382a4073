"""Exports the stream in other formats: ``FORMATS[name]()`` gives an `Exporter`. docs/export.md lists the columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from .final import FinalStates
from .flat import Csv, Jsonl
from .gdelt import Gdelt
from .plover import PloverLines

__all__ = ["FORMATS", "Exporter", "FinalStates"]


class Exporter(Protocol):
    """Turns stream entries, in the stream's order, into lines of text without their line ends."""

    def head(self) -> Iterable[str]:
        """Return the lines before the first entry."""
        ...

    def lines(self, fields: dict[str, str]) -> Iterable[str]:
        """Return the lines of one entry; none where the format has no record for its type."""
        ...


FORMATS: dict[str, Callable[[], Exporter]] = {"gdelt": Gdelt, "plover": PloverLines, "csv": Csv, "jsonl": Jsonl}
