"""The stream in others' forms: ``FORMATS[name]()`` gives an `Exporter`. What goes where is told in docs/export.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from .final import LastWord
from .flat import Csv, Jsonl
from .gdelt import Gdelt
from .plover import PloverLines

__all__ = ["FORMATS", "Exporter", "LastWord"]


class Exporter(Protocol):
    """Turns stream entries, in the stream's order, into lines of text without their line ends."""

    def head(self) -> Iterable[str]:
        """What stands before the first entry."""
        ...

    def lines(self, fields: dict[str, str]) -> Iterable[str]:
        """The lines of one entry; none where the form has no place for its type."""
        ...


FORMATS: dict[str, Callable[[], Exporter]] = {"gdelt": Gdelt, "plover": PloverLines, "csv": Csv, "jsonl": Jsonl}
