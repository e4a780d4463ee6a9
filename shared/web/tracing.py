"""A span for each request, where the deployment exports traces: method, route, status and authority, and nothing else.

FastAPI's own spans stay off, because they carry the address with its query. Of what the caller sends, the trace that it
belongs to is taken over, and not the `tracestate` or `baggage` beside it: those hold whatever their sender likes.
"""

from contextlib import AbstractContextManager, nullcontext

from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_tracer: trace.Tracer | None = None
_propagator = TraceContextTextMapPropagator()


def export_to(endpoint: str, service: str) -> None:
    """Send the spans of this process to an OTLP endpoint over HTTP, in the background.

    Raises:
        ValueError: what is needed for that is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ValueError("REDRESS_OTLP_ENDPOINT needs what requirements/telemetry.txt holds") from None
    global _tracer
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
    _tracer = provider.get_tracer("redress")


def span(traceparent: bytes | None) -> AbstractContextManager[Span]:
    """The span of the request that is handled meanwhile; an empty one where none is exported."""
    if _tracer is None:
        return _NO_SPAN
    context = _propagator.extract({"traceparent": traceparent.decode("latin-1")}) if traceparent else None
    return _tracer.start_as_current_span(
        "request", context, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
    )


_NO_SPAN = nullcontext(INVALID_SPAN)


def tell(found: Span, method: str, route: str, status: int, authority: str) -> None:
    """Say what the request was, once that is known."""
    if not found.is_recording():
        return
    found.update_name(f"{method} {route}")
    found.set_attribute("http.request.method", method)
    found.set_attribute("http.route", route)
    found.set_attribute("http.response.status_code", status)
    if authority:
        found.set_attribute("redress.authority", authority)
