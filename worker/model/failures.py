"""A step of extraction or reading that raises costs its own output; what failed is noted, counted and kept for replay.

Runs in the child processes: a job makes one `Failures`, hands it to the steps, and returns what it holds with its result.
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Callable
from typing import TypeVar

import msgspec

from .. import failpoints
from ..errors import DatelineError
from .steps import note_step

#: Most failures that one job reports, characters of an error and of a trace, bytes of what is kept for replay.
MAX_FAILURES, MAX_ERROR_CHARS, MAX_TRACE_CHARS, MAX_PIECE_BYTES = 32, 600, 6000, 64 << 10
#: Characters of a text that lists show.
MAX_TEXT_CHARS = 2000
#: A job's end by `dateline.errors.Poison.code`, as notes say it.
ENDINGS = {"timeout": "timed out", "memory": "ran out of memory", "crashed": "crashed", "raised": "failed"}
_NUMBERS = re.compile(r"\d+")

T = TypeVar("T")


class Failure(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One step that failed on one article.

    ``step``: a name from a closed set (dates, names, stage, reading, ...). ``where``: file, line and function of the
    innermost frame. ``note``: what the record's notes say, where that is not "<step> failed".
    ``text``: the sentence that does it, or the beginning of the smallest text found that does.
    ``article``: an `Article` of that text alone, MessagePack, for replay; ``page``: the page's body as it came, with its
    Content-Encoding and Content-Type, where extraction failed. Both empty where they are over `MAX_PIECE_BYTES`.
    """

    step: str
    error: str
    note: str = ""
    where: str = ""
    trace: str = ""
    text: str = ""
    article: bytes = b""
    page: bytes = b""
    encoding: str | None = None
    content_type: str | None = None

    @property
    def signature(self) -> str:
        """A short hash that all failures of one kind share: same step, same place, same error apart from its numbers."""
        place = self.where or _NUMBERS.sub("0", self.error)
        error = self.error.partition(":")[0]
        return hashlib.sha256(f"{self.step}|{place}|{error}".encode("utf-8", "replace")).hexdigest()[:8]


class Failures:
    """The failures of one job. ``about``: the article's address, for fail points."""

    def __init__(self, about: str = "") -> None:
        self.about = about
        self.found: list[Failure] = []

    def attempt(self, step: str, act: Callable[[], T], otherwise: T, *, text: str = "") -> T:
        """What ``act`` gives; ``otherwise`` where it raises, which is then noted as a failure of ``step``.

        Our own errors (a page without an article, wrong settings) and MemoryError are no failures of a step: they pass.
        """
        try:
            failpoints.hit("in_step", f"{step} {self.about} {text}")
            return note_step(step, act)
        except (DatelineError, MemoryError):
            raise
        except Exception as error:  # a bug of one step costs its output, not the article
            self.add(msgspec.structs.replace(describe(step, error), text=plain(text, MAX_TEXT_CHARS)))
            return otherwise

    def require(self, step: str, act: Callable[[], T]) -> T:
        """Return what ``act`` gives. What it raises passes: nothing is left without this step."""
        return note_step(step, act)

    def add(self, failure: Failure) -> None:
        """Note a failure; beyond `MAX_FAILURES` only those already held are reported."""
        if len(self.found) < MAX_FAILURES:
            self.found.append(failure)

    def notes(self) -> list[str]:
        """Return the record's notes: "dates failed", each once, in the order of the steps."""
        return list(dict.fromkeys(failure.note or f"{failure.step} failed" for failure in self.found))


def with_page(failure: Failure, page: bytes, encoding: str | None, content_type: str | None) -> Failure:
    """``failure`` with the page that it is about, if that is small enough and it has nothing smaller."""
    if failure.article or failure.page or len(page) > MAX_PIECE_BYTES:
        return failure
    return msgspec.structs.replace(failure, page=page, encoding=encoding, content_type=content_type)


def describe(step: str, error: Exception) -> Failure:
    """Return the failure of a step by an exception, with its trace cut to `MAX_TRACE_CHARS` from the innermost end."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    said = "".join(traceback.format_exception_only(error)).strip()
    return Failure(
        step=step,
        error=plain(said, MAX_ERROR_CHARS),
        where=f"{'/'.join(last.filename.split('/')[-3:])}:{last.lineno} {last.name}" if last else "",
        trace=plain("".join(traceback.format_tb(error.__traceback__))[-MAX_TRACE_CHARS:] + said, MAX_TRACE_CHARS * 2),
    )


def plain(text: str, limit: int) -> str:
    """``text`` cut to ``limit`` characters and without lone surrogates, which neither MessagePack nor Redis takes."""
    return text[:limit].encode("utf-8", "replace").decode()
