"""Our end of a connection: counts what it really takes (chunk extensions, trailers and interim answers are bytes that no body
limit sees), and mends heads with odd lines."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from .header_lines import HeaderLines

#: For the bytes around a body: status line, headers, sizes of chunks.
_FRAMING_BYTES = 1 << 20


class TooMuchTaken(aiohttp.ClientPayloadError):
    """An answer that is far longer on the wire than its body may be."""


class MeteredHandler(ResponseHandler):
    """aiohttp's end of a connection, which hangs up on an answer that does not end.

    Args:
        most_body_bytes: The longest body of any kind. A body may take up to twice that in chunks.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, most_body_bytes: int) -> None:
        super().__init__(loop)
        self._most_bytes = 2 * most_body_bytes + _FRAMING_BYTES
        self._taken_bytes = 0
        self._lines = HeaderLines()

    def set_response_params(self, **options: Any) -> None:
        """A new answer begins."""
        self._taken_bytes = 0
        self._lines.begin()
        super().set_response_params(**options)

    def data_received(self, data: bytes) -> None:
        """More of the answer. Past the limit whoever waits for it gets `TooMuchTaken`."""
        self._taken_bytes += len(data)
        if self._taken_bytes <= self._most_bytes:
            # What comes before a request is kept by the library, and comes here again with the request.
            if self._parser is None:
                super().data_received(data)
                return
            data = self._lines.read(data)
            if self._lines.is_over:
                self.force_close()  # what comes next on it would be taken for the next answer
            super().data_received(data)
            return
        error = TooMuchTaken(f"more than {self._most_bytes} bytes came, most of them no part of a body")
        payload, transport = self._payload, self.transport
        self.set_exception(error)
        if payload is not None:
            payload.set_exception(error)
        if transport is not None:
            transport.abort()
