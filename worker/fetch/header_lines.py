"""Drops header lines that are no fields, as browsers and curl do: one such line would cost the whole answer. Pure."""

from __future__ import annotations

import re

#: A field's name (RFC 9110, 5.1) up to its colon; blanks before the colon are a mistake that browsers overlook.
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?=:)")
#: After a line end: what is no field, no continuation and no blank line.
_BAD_LINE = re.compile(rb"\n(?![!#$%&'*+\-.^_`|~0-9A-Za-z]+:|[ \t]|\r?\n)")
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/\d\.\d 1(?!01)\d\d\b")
_START = b"HTTP/"
#: An unfinished line longer than this is passed on for the parser to refuse.
_MAX_LINE_BYTES = 128 * 1024


class HeaderLines:
    """Filters the bytes of one connection: heads of answers line by line, bodies untouched.

    `begin` before each answer, `read` for each piece that comes.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Expect the status line of an answer."""
        self._part = "status"
        self._rest = b""
        self._is_interim = False
        self._is_dropping = False

    def read(self, data: bytes) -> bytes:
        """Return what of ``data`` the parser is to see; an unfinished line is held back until its end comes."""
        if self._part == "body":
            return data
        if self._part == "status" and not self._rest and self._is_whole_and_clean(data):
            self._part = "body"
            return data
        held, self._rest = self._rest + data, b""
        kept, at = [], 0
        while self._part != "body" and (end := held.find(b"\n", at) + 1):
            kept.append(self._line(held[at:end]))
            at = end
        rest = held[at:]
        if self._part == "status" and rest[:5] != _START[: len(rest)]:
            self._part = "body"  # no HTTP: the parser says so, at once
        if self._part == "body" or len(rest) > _MAX_LINE_BYTES:
            kept.append(rest)
        else:
            self._rest = rest
        return b"".join(kept)

    @staticmethod
    def _is_whole_and_clean(data: bytes) -> bool:
        """Return True for a whole head with fields only, which is nearly every answer."""
        end = _HEAD_END.search(data)
        if end is None or not data.startswith(_START) or _INTERIM.match(data):
            return False
        return _BAD_LINE.search(data, 0, end.end()) is None

    def _line(self, line: bytes) -> bytes:
        if self._part == "status":
            if line.startswith(_START):
                self._part, self._is_interim = "fields", _INTERIM.match(line) is not None
            elif line.strip():
                self._part = "body"
            return line
        if line in (b"\r\n", b"\n"):
            self._part = "status" if self._is_interim else "body"
            return line
        if line[:1] in (b" ", b"\t"):
            return b"" if self._is_dropping else line
        field = _FIELD.match(line)
        self._is_dropping = field is None
        return b"" if field is None else field[1] + line[field.end() :]
