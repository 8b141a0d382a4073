"""Reads one answer of a server: what its status means, its headers, its body within the limit, and whether it leads on."""

from __future__ import annotations

import aiohttp

from .. import clock, failpoints
from ..encoding.decompress import true_encoding
from ..errors import TransientError
from .exchange import Answer, Request, status_error
from .headers import content_encoding, is_whole_part, kept_headers, location_text, raw_headers
from .refresh import refresh_target

_REDIRECTS = {301, 302, 303, 307, 308}
_CHOICES = 300  #: followed, as curl does, where it names one
#: The rest of an answer we do not need is read up to here, so that the connection can be used again.
_DRAIN_BYTES = 16 * 1024


async def read_answer(response: aiohttp.ClientResponse, request: Request) -> Answer:
    """Return an answer whose headers have come: a redirect without its body, a 304, or a body. Raises as `Client.get` does."""
    status = response.status
    if status in _REDIRECTS or (status == _CHOICES and response.headers.get("Location")):
        location = response.headers.get("Location")
        if not location:
            raise TransientError(f"{request.wanted}: a redirect ({status}) that does not say where to", code="protocol")
        await drain(response)
        return Answer(status, {}, location=location_text(location))
    if status == 304:
        if not request.conditional:
            raise TransientError(
                f"{request.wanted}: 304 Not Modified, although nothing was asked about", code="http_status", status=304
            )
        return Answer(status, kept_headers(response.headers, clock.now()))
    if not 200 <= status < 300 or (status == 206 and not is_whole_part(response.headers)):
        await drain(response)
        raise status_error(status, response.reason or "", response.headers.get("Retry-After"), request.wanted)
    failpoints.hit("after_headers", request.wanted)
    headers = kept_headers(response.headers, clock.now())
    request.refuse_type(headers.get("content-type", ""), status)
    said = content_encoding(response.headers)
    raw = raw_headers(response.headers) if request.keep_raw_headers else ()
    body = await _read(response, request)
    encoding = true_encoding(body, said)
    return Answer(
        status,
        headers,
        body,
        encoding,
        raw_headers=raw,
        refresh=refresh_target(
            body,
            encoding,
            kind=request.kind,
            content_type=headers.get("content-type", ""),
            url=str(response.url),
            header=response.headers.get("Refresh"),
        ),
    )


async def _read(response: aiohttp.ClientResponse, request: Request) -> bytes:
    """Return the whole body. aiohttp raises where it ends before its announced length or its last chunk."""
    announced = response.content_length
    if announced is not None and announced > request.max_bytes and not request.cut:
        raise request.too_large()
    parts: list[bytes] = []
    length = 0
    async for part in response.content.iter_any():
        parts.append(part)
        length += len(part)
        failpoints.hit("mid_body", request.wanted)
        if length > request.max_bytes:
            if not request.cut:
                raise request.too_large()
            response.close()
            return b"".join(parts)[: request.max_bytes]
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def drain(response: aiohttp.ClientResponse) -> None:
    """Read a short rest, so that the connection can be used again; a long one is cut off with the connection."""
    if (response.content_length or 0) <= _DRAIN_BYTES and not response.content.at_eof():
        try:
            left = _DRAIN_BYTES
            async for part in response.content.iter_any():
                left -= len(part)
                if left < 0:
                    break
        except (aiohttp.ClientError, OSError):
            pass  # the status stands; only the connection is lost
    if not response.content.at_eof():
        response.close()
