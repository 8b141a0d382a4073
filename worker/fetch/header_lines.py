"""Mends the head of an answer as browsers and curl do, where one odd line would cost the whole answer. Pure.

Lines that are no fields are dropped; a length that is said twice, or beside a Transfer-Encoding, counts once or not at all
(RFC 9112, 6.3); what comes beyond the announced length is no part of the answer.
"""

from __future__ import annotations

import re

#: A field's name (RFC 9110, 5.1) up to its colon; blanks before the colon are a mistake that browsers overlook.
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?=:)")
#: After a line end: what is no field, no continuation and no blank line.
_BAD_LINE = re.compile(rb"\n(?![!#$%&'*+\-.^_`|~0-9A-Za-z]+:|[ \t]|\r?\n)")
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/\d\.\d 1(?!01)\d\d\b")
_FRAMING = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_FRAMING_NAMES = (b"content-length", b"transfer-encoding")
_START = b"HTTP/"
#: An unfinished line longer than this is passed on for the parser to refuse.
_MAX_LINE_BYTES = 128 * 1024


class HeaderLines:
    """Filters the bytes of one connection: heads of answers line by line, bodies up to their announced length.

    `begin` before each answer, `read` for each piece that comes. ``is_over``: more came than was announced, so that the
    connection is of no further use.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Expect the status line of an answer."""
        self._part = "status"
        self._rest = b""
        self._is_interim = False
        self._is_dropping = False
        self._framing: list[tuple[bytes, bytes]] = []
        self._left: int | None = None  #: bytes of the body still to come, where its length is announced
        self.is_over = False

    def read(self, data: bytes) -> bytes:
        """Return what of ``data`` the parser is to see; an unfinished line is held back until its end comes."""
        if self._part == "body":
            return self._body(data)
        if self._part == "status" and not self._rest and (end := self._end_of_clean_head(data)):
            self._part = "body"
            return data[:end] + self._body(data[end:]) if self._left is not None else data
        held, self._rest = self._rest + data, b""
        kept, at = [], 0
        while self._part != "body" and (end := held.find(b"\n", at) + 1):
            kept.append(self._line(held[at:end]))
            at = end
        rest = held[at:]
        if self._part == "status" and rest[:5] != _START[: len(rest)]:
            self._part = "body"  # no HTTP: the parser says so, at once
        if self._part == "body":
            kept.append(self._body(rest))
        elif len(rest) > _MAX_LINE_BYTES:
            kept.append(rest)
        else:
            self._rest = rest
        return b"".join(kept)

    def _end_of_clean_head(self, data: bytes) -> int:
        """Return where a whole head with nothing to mend ends, which is nearly every answer's; else 0."""
        end = _HEAD_END.search(data)
        if end is None or not data.startswith(_START) or _INTERIM.match(data):
            return 0
        if _BAD_LINE.search(data, 0, end.end()) is not None:
            return 0
        framing = [] if data[9:12] == b"304" else _FRAMING.findall(data, 0, end.end())  # a 304 has no body
        if framing:
            name, value = framing[0]
            if len(framing) > 1 or not (value.isdigit() or (len(name) != 14 and value.strip().lower() == b"chunked")):
                return 0
            self._left = _length(value) if len(name) == 14 else None
        return end.end()

    def _body(self, data: bytes) -> bytes:
        if self._left is None:
            return data
        if len(data) > self._left:
            self.is_over, data = True, data[: self._left]
        self._left -= len(data)
        return data

    def _framed(self) -> bytes:
        """Return the fields that say how long the body is, each once; and expect so much of it."""
        codings = [value for name, value in self._framing if name == b"transfer-encoding" and value != b"identity"]
        if codings:
            return b"".join(b"Transfer-Encoding: %s\r\n" % coding for coding in codings)
        said = [
            part.strip() for name, value in self._framing if name == b"content-length" for part in value.split(b",")
        ]
        lengths = list(dict.fromkeys(said))
        if len(lengths) == 1:
            self._left = _length(lengths[0])
        return b"".join(b"Content-Length: %s\r\n" % length for length in lengths)

    def _line(self, line: bytes) -> bytes:
        if self._part == "status":
            if line.startswith(_START):
                self._part, self._is_interim = "fields", _INTERIM.match(line) is not None
            elif line.strip():
                self._part = "body"
            return line
        if line in (b"\r\n", b"\n"):
            framed = b"" if self._is_interim else self._framed()
            self._part = "status" if self._is_interim else "body"
            self._framing.clear()
            return framed + line
        if line[:1] in (b" ", b"\t"):
            return b"" if self._is_dropping else line
        field = _FIELD.match(line)
        self._is_dropping = field is None
        if field is None:
            return b""
        if (name := field[1].lower()) in _FRAMING_NAMES:
            self._framing.append((name, line[field.end() + 1 :].strip().lower()))
            self._is_dropping = True
            return b""
        return field[1] + line[field.end() :]


def _length(value: bytes) -> int | None:
    """Return a Content-Length, or None where it is no number: the parser refuses it."""
    return int(value) if value.isdigit() and len(value) <= 18 else None
