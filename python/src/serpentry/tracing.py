# SPDX-License-Identifier: Apache-2.0
"""The caller's trace, continued in Python.

A call brings the W3C trace context of the host's span. Where ``opentelemetry`` is installed, the call runs
within a span that is a child of that one, so that spans which the user's code and its libraries begin join
the caller's trace. Which of them are exported, and where to, is the business of the tracer provider that the
user's code sets up; without one nothing is recorded and the trace is only handed on.

Without ``opentelemetry`` the function has the ids all the same: ``serpentry.context().traceparent``.
"""

from __future__ import annotations

import importlib
import logging
import os
from dataclasses import dataclass
from typing import Any, Final

_PLACE: Final = (("serpentry.pool", "SERPENTRY_POOL"), ("serpentry.slot", "SERPENTRY_SLOT"))

_logger = logging.getLogger("serpentry.tracing")


@dataclass(frozen=True, slots=True)
class Trace:
    """The W3C trace context and baggage of a call's caller, as they travel. All None: it was in no trace."""

    traceparent: str | None = None
    tracestate: str | None = None
    baggage: str | None = None


class CallSpan:
    """The span of one call, current in the thread or task that began it. For that one alone."""

    __slots__ = ("_api", "_span", "_token")

    def __init__(self, api: OpenTelemetry, span: Any, token: Any) -> None:
        self._api = api
        self._span = span
        self._token = token

    def failed(self, error: BaseException) -> None:
        """The call ends with this error."""
        try:
            self._api.fail(self._span, error)
        except Exception:
            _logger.exception("a span could not take the error of its call")

    def end(self) -> None:
        """Ends the span, which may export it, and takes it out of the current context."""
        try:
            self._api.context.detach(self._token)
            self._span.end()
        except Exception:
            _logger.exception("a span could not be ended")


class OpenTelemetry:
    """What of the OpenTelemetry API is needed here. Raises ImportError where it is not installed."""

    def __init__(self) -> None:
        load = importlib.import_module
        self.context: Any = load("opentelemetry.context")
        self._trace: Any = load("opentelemetry.trace")
        traces: Any = load("opentelemetry.trace.propagation.tracecontext")
        self._parent: Any = traces.TraceContextTextMapPropagator()
        self._baggage: Any = load("opentelemetry.baggage.propagation").W3CBaggagePropagator()
        # Stands for the user's provider as soon as there is one.
        self._tracer: Any = self._trace.get_tracer("serpentry")

    def begin(self, name: str, request: int, trace: Trace | str, session: str | None) -> CallSpan | None:
        """Begins the span of a call and makes it current; None when the trace context is none."""
        if not isinstance(trace, Trace):
            trace = Trace(trace)
        carrier = {
            key: value
            for key, value in (
                ("traceparent", trace.traceparent),
                ("tracestate", trace.tracestate),
                ("baggage", trace.baggage),
            )
            if value is not None
        }
        parent = self._baggage.extract(carrier, self._parent.extract(carrier, self.context.Context()))
        if not self._trace.get_current_span(parent).get_span_context().is_valid:
            return None
        attributes: dict[str, str | int] = {"rpc.system": "serpentry", "serpentry.request": request}
        for name_of, variable in _PLACE:
            value = os.environ.get(variable)
            if value is not None:
                attributes[name_of] = value
        if session is not None:
            attributes["serpentry.session"] = session
        span = self._tracer.start_span(
            name, context=parent, kind=self._trace.SpanKind.SERVER, attributes=attributes
        )
        return CallSpan(self, span, self.context.attach(self._trace.set_span_in_context(span, parent)))

    def fail(self, span: Any, error: BaseException) -> None:
        """Notes the error with which a span's call ends."""
        if span.is_recording():
            span.record_exception(error)
            status = self._trace.Status(self._trace.StatusCode.ERROR, f"{type(error).__name__}: {error}")
            span.set_status(status)


_api: OpenTelemetry | None = None
_looked = False


def prepare() -> None:
    """Imports OpenTelemetry where it is installed; a template does so before its workers are born."""
    global _api, _looked
    if _looked:
        return
    _looked = True
    try:
        _api = OpenTelemetry()
    except ModuleNotFoundError:
        _api = None  # the usual case
    except Exception:
        _logger.exception("opentelemetry is installed but cannot be used; calls are not traced in Python")


def begin(name: str, request: int, trace: Trace | str, session: str | None = None) -> CallSpan | None:
    """Begins the span of a call; None where there is to be none. Never raises an Exception."""
    if not _looked:
        prepare()
    if _api is None:
        return None
    try:
        return _api.begin(name, request, trace, session)
    except Exception:
        _logger.exception("no span could be begun for %s", name)
        return None
