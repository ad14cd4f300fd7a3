# SPDX-License-Identifier: Apache-2.0
"""Functions that look at the trace in which they run; for the tests of both sides.

What needs OpenTelemetry imports it when it is called, so that the others run without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import serpentry
from serpentry import expose

_exporter: Any = None


@expose
def seen() -> dict[str, str | None]:
    """What the caller has sent of its trace."""
    call = serpentry.context()
    return {"traceparent": call.traceparent, "tracestate": call.tracestate, "baggage": call.baggage}


@expose
def seen_items() -> Iterator[str | None]:
    """The traceparent, as the one item of a stream."""
    yield serpentry.context().traceparent


@expose
def record() -> None:
    """Keeps the spans of this worker in memory from now on, as a user's set-up would export them."""
    global _exporter
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    _exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(_exporter))
    trace.set_tracer_provider(provider)


@expose
def break_exporter() -> None:
    """Has every span fail when it ends."""

    def refuse(span: Any) -> None:
        raise RuntimeError("the exporter is broken")

    _exporter.export = refuse


def _ids() -> dict[str, Any]:
    from opentelemetry import baggage, trace

    with trace.get_tracer("user").start_as_current_span("inner"):
        pass
    span = trace.get_current_span().get_span_context()
    return {
        "trace": f"{span.trace_id:032x}",
        "span": f"{span.span_id:016x}",
        "state": span.trace_state.to_header(),
        "baggage": dict(baggage.get_all()),
    }


@expose
def work() -> dict[str, Any]:
    """Begins and ends a span of its own; the span that was current before, and the baggage."""
    return _ids()


@expose
async def work_async() -> dict[str, Any]:
    """The same on the event loop, after it has let others run."""
    await asyncio.sleep(0)
    return _ids()


@expose
def work_items() -> Iterator[dict[str, Any]]:
    """The same in the midst of a stream."""
    yield {}
    yield _ids()


@expose
def fail() -> None:
    """Raises within the call's span."""
    raise ValueError("no such luck")


@expose
def ended() -> list[dict[str, Any]]:
    """The spans of this worker that have ended so far."""
    return [
        {
            "name": span.name,
            "trace": f"{span.context.trace_id:032x}",
            "span": f"{span.context.span_id:016x}",
            "parent": f"{span.parent.span_id:016x}" if span.parent else None,
            "kind": span.kind.name,
            "status": span.status.status_code.name,
            "description": span.status.description,
            "events": [event.name for event in span.events],
            "attributes": dict(span.attributes),
        }
        for span in _exporter.get_finished_spans()
    ]
