"""OpenTelemetry traces: one from a feed's poll to the published entry, over worker processes and their children.

Off until `trace_to` names a collector, and then the only part that imports OpenTelemetry (the extra ``otel``): before that
`span` gives one shared object that does nothing. The context goes on in text, as W3C ``traceparent``: in the job to a child, in
the queued entry to whichever worker takes it. A child has no network: it gives its spans back with its
answer (`dateline.model.steps`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol

from .. import __version__
from ..errors import Postponed, SettingsError
from ..model.steps import ChildSpan
from .logs import get_logger, inert

#: Spans that wait to be sent; more are dropped, and the exporter says so.
MAX_WAITING_SPANS = 4096
EXPORT_SECONDS = 2.0  #: between two requests to the collector
TIMEOUT_SECONDS = 5.0  #: of one request
MAX_TEXT_CHARS = 500  #: of an attribute
SAY_SECONDS = 60.0  #: between two warnings that spans could not be sent

Attribute = str | int | float | bool


class Span(Protocol):
    """One step of a trace; a context manager. An exception that leaves it is its error, with the exception's ``code``."""

    def set(self, **attributes: Attribute | None) -> None:
        """Add attributes; None is left out."""

    def __enter__(self) -> Span: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _NoSpan:
    """The span while traces are off."""

    __slots__ = ()

    def set(self, **attributes: Attribute | None) -> None:
        return None

    def __enter__(self) -> _NoSpan:
        return self

    def __exit__(self, *_: object) -> None:
        return None


_NO_SPAN = _NoSpan()
_tracer: Tracer | None = None


def span(name: str, parent: str = "", **attributes: Attribute | None) -> Span:
    """Return a span: a child of ``parent`` (a ``traceparent``), else of the one that is open in this task."""
    return _NO_SPAN if _tracer is None else _tracer.start(name, parent, attributes)


def traceparent() -> str:
    """Return the open span of this task as W3C ``traceparent``; empty while traces are off."""
    return "" if _tracer is None else _tracer.context()


def add_child_spans(spans: Iterable[ChildSpan]) -> None:
    """Take over what a child process did."""
    if _tracer is not None:
        for one in spans:
            _tracer.add(one)


@contextmanager
def trace_to(endpoint: str | None, *, share: float, instance: str) -> Iterator[None]:
    """Record traces while the block runs, and send them to an OTLP/HTTP collector.

    Args:
        endpoint: Its URL (``http://127.0.0.1:4318``); None: nothing is recorded.
        share: Of the polls, how many are traced, 0 to 1.
        instance: Name of this process.
    Raises:
        SettingsError: The extra ``otel`` is not installed, or the endpoint is no http or https URL.
    """
    global _tracer
    if endpoint is None:
        yield
        return
    if not endpoint.startswith(("http://", "https://")):
        raise SettingsError(
            f"trace.endpoint: {inert(endpoint, 100)} is no URL; give the collector's, as http://127.0.0.1:4318"
        )
    try:
        tracer = Tracer(endpoint, share, instance)
    except ImportError as error:
        raise SettingsError("trace.endpoint needs the extra `otel`: pip install 'dateline[otel]'") from error
    _tracer = tracer
    try:
        yield
    finally:
        _tracer = None
        tracer.close()


class _Warnings(logging.Handler):
    """What the exporter complains of, as our warning, once a minute; its own lines would come with every request."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._said_at = float("-inf")

    def emit(self, record: logging.LogRecord) -> None:
        """Log one complaint."""
        if time.monotonic() - self._said_at >= SAY_SECONDS:
            self._said_at = time.monotonic()
            get_logger("traces").warning(
                "traces.not_sent",
                reason=inert(record.getMessage(), 300),
                remedy="does the collector of trace.endpoint run?",
            )


class Tracer:
    """OpenTelemetry's tracer behind the functions of this module."""

    def __init__(self, endpoint: str, share: float, instance: str) -> None:
        from opentelemetry import context, trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        library = logging.getLogger("opentelemetry")
        library.handlers, library.propagate = [_Warnings()], False
        names = {"service.name": "dateline", "service.version": __version__, "service.instance.id": instance}
        self._provider = TracerProvider(
            resource=Resource.create(names), sampler=ParentBased(TraceIdRatioBased(share)), shutdown_on_exit=False
        )
        target = endpoint if endpoint.rstrip("/").endswith("/v1/traces") else f"{endpoint.rstrip('/')}/v1/traces"
        self._provider.add_span_processor(
            BatchSpanProcessor(
                OTLPSpanExporter(endpoint=target, timeout=TIMEOUT_SECONDS),
                max_queue_size=MAX_WAITING_SPANS,
                schedule_delay_millis=EXPORT_SECONDS * 1000,
            )
        )
        self._tracer = self._provider.get_tracer("dateline", __version__)
        self._text = TraceContextTextMapPropagator()
        self._context, self._trace = context, trace

    def start(self, name: str, parent: str, attributes: dict[str, Attribute | None]) -> Span:
        """Return an open span; see `span`."""
        return _OpenSpan(self, name, self._parent(parent), attributes)

    def context(self) -> str:
        """Return the open span as ``traceparent``."""
        carrier: dict[str, str] = {}
        self._text.inject(carrier)
        return carrier.get("traceparent", "")

    def add(self, one: ChildSpan) -> None:
        """Record a span that has ended in a child, with those of its steps."""
        self._add(one, self._parent(one.parent), one.pid)

    def _add(self, one: ChildSpan, context: Any, pid: int) -> None:
        attributes: dict[str, str | int] = {"process.pid": pid, "dateline.process": "child"}
        made: Any = self._tracer.start_span(one.name, context=context, start_time=one.began, attributes=attributes)
        below = self._trace.set_span_in_context(made)
        for step in one.steps:
            self._add(step, below, pid)
        made.end(one.ended)

    def close(self) -> None:
        """Send what waits, for at most some seconds."""
        self._provider.shutdown()

    def _parent(self, text: str) -> Any:
        return self._text.extract({"traceparent": text}) if text else None


class _OpenSpan:
    """A span of OpenTelemetry that is current while its block runs."""

    __slots__ = ("_made", "_token", "_tracer")

    def __init__(self, tracer: Tracer, name: str, parent: Any, attributes: dict[str, Attribute | None]) -> None:
        self._tracer = tracer
        self._made: Any = tracer._tracer.start_span(name, context=parent)
        self.set(**attributes)

    def set(self, **attributes: Attribute | None) -> None:
        for name, value in attributes.items():
            if value is not None:
                self._made.set_attribute(
                    f"dateline.{name}", value[:MAX_TEXT_CHARS] if isinstance(value, str) else value
                )

    def __enter__(self) -> _OpenSpan:
        self._token = self._tracer._context.attach(self._tracer._trace.set_span_in_context(self._made))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tracer._context.detach(self._token)
        if isinstance(error, Postponed):
            self.set(outcome="postponed")
        elif error is not None:
            code = str(getattr(error, "code", None) or type(error).__name__)
            self.set(error=code)
            self._made.set_status(self._tracer._trace.StatusCode.ERROR, code)
        self._made.end()
