"""OpenTelemetry traces, if they are asked for: spans with ids, names and counts, never with text.

The packages are those of the extra `otel`; without an endpoint nothing of them is imported, and
a span does nothing.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.settings import InvalidSettingsError

if TYPE_CHECKING:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

# Null values are left out.
Attributes = Mapping[str, str | int | float | bool | None]

SERVICE_NAME = "dreamsuite"
LAST_SECONDS = 2.0

_tracer: "trace.Tracer | None" = None


class Span:
    """An operation that is being timed; without tracing it does nothing."""

    def __init__(self, span: "trace.Span | None" = None) -> None:
        """Wrap OpenTelemetry's own span."""
        self._span = span

    def set(self, attributes: Attributes) -> None:
        """Add what is known about it by now."""
        if self._span:
            for name, value in attributes.items():
                if value is not None:
                    self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        """Take another name."""
        if self._span:
            self._span.update_name(name)

    def fail(self, kind: str) -> None:
        """Mark the operation as failed; `kind` is a code or the name of a class, not its words."""
        if self._span:
            from opentelemetry.trace import StatusCode  # noqa: PLC0415

            self._span.set_attribute("error.type", kind)
            self._span.set_status(StatusCode.ERROR)

    @contextmanager
    def as_parent(self) -> Iterator[None]:
        """Put the spans that are begun in this block, and by its tasks, below this one."""
        if self._span is None:
            yield
            return
        from opentelemetry.trace import use_span  # noqa: PLC0415

        with use_span(self._span, record_exception=False, set_status_on_exception=False):
            yield

    def end(self) -> None:
        """Stop the clock."""
        if self._span:
            self._span.end()


def begin_span(name: str, attributes: Attributes) -> Span:
    """Begin an operation below the current one."""
    span = Span(_tracer.start_span(name) if _tracer else None)
    span.set(attributes)
    return span


@contextmanager
def span(name: str, attributes: Attributes) -> Iterator[Span]:
    """Time the block as an operation, which fails with the exception that leaves it."""
    begun = begin_span(name, attributes)
    try:
        with begun.as_parent():
            yield begun
    except Exception as error:
        begun.fail(type(error).__name__)
        raise
    finally:
        begun.end()


@contextmanager
def tracing(endpoint: str | None) -> Iterator[None]:
    """Send the spans of the block to an OTLP/HTTP collector; with no endpoint, have none.

    OpenTelemetry's own variables for headers, sampling and the service's name hold as well.
    Raises `InvalidSettingsError` when the extra is not installed.
    """
    global _tracer  # noqa: PLW0603  # one per process, like logging
    if endpoint is None:
        yield
        return
    provider = _build_provider(endpoint)
    _tracer = provider.get_tracer(SERVICE_NAME)
    try:
        yield
    finally:
        _tracer = None
        # Sends what is left; a collector that is away must not hold up the end of the process.
        last = threading.Thread(target=provider.shutdown, daemon=True)
        last.start()
        last.join(LAST_SECONDS)


def _build_provider(endpoint: str) -> "TracerProvider":
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise InvalidSettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, which needs packages that are not installed: "
            "pip install '.[otel]'"
        ) from error
    resource = Resource({"service.name": SERVICE_NAME}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
