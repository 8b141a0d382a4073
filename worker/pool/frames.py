"""Messages between the pool and a child: length-prefixed byte frames, and errors packed and unpacked.

Nothing is pickled: a child compromised by the page it parsed can send bytes, but no code.
"""

from __future__ import annotations

import struct
import traceback
from enum import IntEnum

import msgspec

from ..errors import DatelineError, PermanentError, Poison

#: To the child: payload length, length of the job's name, wall limit in seconds; then name and payload.
REQUEST = struct.Struct("!IHd")
#: From the child: body length, status, resident memory in KiB, CPU seconds the job took; then the body.
REPLY = struct.Struct("!IBId")

#: Longest error message sent, in code points; a page can put a megabyte into one.
MAX_MESSAGE_LENGTH = 2_000
#: Share of that for the message of an unexpected exception; the rest is for its stack.
MAX_HEAD_LENGTH = 600
#: Stack frames kept of an unexpected exception, innermost last.
TRACE_FRAMES = 6


class Status(IntEnum):
    """The first byte of every reply."""

    HELLO = 0  #: the child is warm and waits for its first job
    DONE = 1  #: body: what ``run`` returned
    FAILED = 2  #: body: a DatelineError, see `pack_error`
    RAISED = 3  #: body: any other exception as text
    MEMORY = 4  #: the job exceeded its memory limit; the child is retired


class _PackedError(msgspec.Struct):
    """A DatelineError as plain values. ``kinds`` are its class and its base classes, nearest first."""

    kinds: list[str]
    code: str
    message: str
    attributes: dict[str, str | int | float | bool | list[str] | None]


def pack_request(job: str, payload: bytes, wall_seconds: float) -> bytes:
    """Return the header of a request; the payload follows it."""
    name = job.encode()
    return REQUEST.pack(len(payload), len(name), wall_seconds) + name


def pack_error(error: DatelineError) -> bytes:
    """Return ``error`` as bytes. Attributes that are not plain values are sent as their ``repr``."""
    plain = {
        name: value if value is None or isinstance(value, (str, int, float, bool)) else repr(value)
        for name, value in vars(error).items()
        if name != "code"
    }
    kinds = [kind.__name__ for kind in type(error).__mro__ if issubclass(kind, DatelineError)]
    packed = _PackedError(kinds, error.code, clean(str(error)), {name: _short(value) for name, value in plain.items()})
    return msgspec.msgpack.encode(packed)


def unpack_error(body: bytes) -> DatelineError:
    """Return the error that `pack_error` packed: same class (or the nearest base class known here), code, message and
    attributes."""
    packed = msgspec.msgpack.decode(body, type=_PackedError)
    known = _error_classes()
    kind = next((known[name] for name in packed.kinds if name in known), PermanentError)
    error = kind.__new__(kind, packed.message)  # not __init__: a subclass may ask for more than a message
    vars(error).update(packed.attributes)
    error.code = packed.code
    return error


def describe_exception(error: BaseException) -> bytes:
    """Return type, message and innermost frames of an unexpected exception as readable text."""
    head = "".join(traceback.format_exception_only(error)).strip()[:MAX_HEAD_LENGTH]
    frames = traceback.extract_tb(error.__traceback__)[-TRACE_FRAMES:]
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return clean(f"{head} at {where}").encode()


def poison_from_exception(job: str, body: bytes) -> Poison:
    """Return the error for a job that raised an unexpected exception: a bug of ours, triggered by this page."""
    return Poison(f"job {job!r} raised {body.decode(errors='replace')}", code="raised")


def clean(text: str) -> str:
    """Return ``text`` cut to `MAX_MESSAGE_LENGTH`, lone surrogates replaced so that it encodes as UTF-8."""
    return text[:MAX_MESSAGE_LENGTH].encode("utf-8", "replace").decode()


def _short(value: str | int | float | bool | None) -> str | int | float | bool | None:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)[:MAX_MESSAGE_LENGTH]  # MessagePack ends at 64 bits
    return value


def _error_classes() -> dict[str, type[DatelineError]]:
    found: dict[str, type[DatelineError]] = {}
    todo: list[type[DatelineError]] = [DatelineError]
    while todo:
        kind = todo.pop()
        found.setdefault(kind.__name__, kind)
        todo += kind.__subclasses__()
    return found
