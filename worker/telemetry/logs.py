"""Logs: standard error, ``noun.verb_past`` with fields, as JSON or as text.

Text from outside is cut and stripped of control and direction characters before it reaches a line, so that no feed can
forge one.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar, TextIO, cast

if TYPE_CHECKING:
    import structlog

    Logger = structlog.stdlib.BoundLogger
else:
    Logger = Any

MAX_FIELD_CHARS = 500  #: Longest field of a log line; a URL of 500 characters still tells its host and path.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")


def inert(text: str, limit: int = MAX_FIELD_CHARS) -> str:
    """Outside text made harmless for one line: control and direction characters gone, cut to ``limit`` characters."""
    text = _UNSAFE.sub(" ", text[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "…"


def _tame(_: object, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in fields.items():
        if isinstance(value, str) and key != "exception":
            fields[key] = inert(value)
        elif isinstance(value, BaseException):
            fields[key] = inert(f"{type(value).__name__}: {value}")
    return fields


class _StandardError:
    """Standard error as it is when a line is written: it may be replaced after the set-up, by a test or a terminal."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def set_up_logs(level: str = "info", form: str = "auto") -> None:
    """Send logs to standard error. ``form``: json, text, or auto (text on a terminal, else JSON)."""
    _Deferred.wanted = level, form
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(name)s %(message)s")


def _configure(level: str, form: str) -> None:
    import structlog

    if form == "auto":
        form = "text" if sys.stderr.isatty() else "json"
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _tame,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, _StandardError())),
        cache_logger_on_first_use=False,
    )


class _Deferred:
    """A logger that loads structlog when it is used: it takes a tenth of a second, and most verbs log nothing."""

    wanted: ClassVar[tuple[str, str] | None] = None  #: what `set_up_logs` was given since structlog was configured

    def __init__(self, name: str) -> None:
        self._name = name
        self._logger: Any = None

    def __getattr__(self, method: str) -> Any:
        if _Deferred.wanted is not None:
            level, form = _Deferred.wanted
            _Deferred.wanted = None
            _configure(level, form)
        if self._logger is None:
            import structlog

            self._logger = structlog.get_logger(component=self._name)
        return getattr(self._logger, method)


def get_logger(name: str) -> Logger:
    """The logger of one component; bind what stays the same, pass the rest as fields."""
    return cast(Logger, _Deferred(name))
