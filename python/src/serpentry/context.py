# SPDX-License-Identifier: Apache-2.0
"""What a running call can learn about itself: :func:`context`.

A worker with one call at a time keeps that call in a module's list: it costs a few tens of nanoseconds
and is seen by every thread the call starts. A thread that outlives its call sees the next call's context.
The object itself is made when somebody asks for it.
A worker with several calls at once uses :func:`enter` and :func:`leave`, which set a ``ContextVar`` that
asyncio tasks and ``asyncio.to_thread`` inherit.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable

from serpentry.sessions import Session, SessionCall
from serpentry.tracing import Trace

ProgressSink = Callable[[int, object], None]

_logger = logging.getLogger("serpentry.call")


class CallContext:
    """The running call, as user code sees it. Safe to read from any thread."""

    __slots__ = (
        "_cancelled",
        "_session",
        "baggage",
        "deadline",
        "request_id",
        "session_call",
        "session_id",
        "traceparent",
        "tracestate",
    )

    def __init__(
        self,
        request_id: int,
        deadline: float | None,
        session: SessionCall | str | None,
        trace: Trace | str | None,
    ) -> None:
        self.request_id = request_id
        """The call's number, as the server's log and console show it."""
        self.deadline = deadline
        """When the call must be done, on ``time.monotonic()``'s clock in seconds; None without one."""
        self.session_call = session if isinstance(session, SessionCall) else None
        """The runtime's own."""
        self.session_id = session.session_id if isinstance(session, SessionCall) else session
        """The session this call belongs to, or None."""
        if not isinstance(trace, Trace):
            trace = Trace(trace)
        self.traceparent = trace.traceparent
        """The caller's W3C trace context, or None."""
        self.tracestate = trace.tracestate
        """What tracing systems add to it, or None."""
        self.baggage = trace.baggage
        """The W3C baggage that the caller's application has travel with the trace, or None."""
        self._cancelled = request_id == _last_cancelled
        self._session: Session | None = None

    def remaining(self) -> float | None:
        """Seconds left until the deadline, never below zero; None without a deadline."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def cancelled(self) -> bool:
        """True once the host has cancelled this call (also when user code swallowed the exception)."""
        return self._cancelled or self.request_id == _last_cancelled

    def cancel(self) -> None:
        """Lets :meth:`cancelled` answer true. The runtime's own."""
        self._cancelled = True

    @property
    def session(self) -> Session:
        """The session's state: a dict of values that JSON can carry, kept for the session's next call.

        In a call without a session, or with ``session-mode=none``, it ends with the call.
        """
        if self.session_call is not None:
            return self.session_call.open()
        if self._session is None:
            self._session = Session(self.session_id, {}, {})
        return self._session

    @property
    def logger(self) -> logging.Logger:
        """A logger whose records arrive in the server's log with their level and trace id."""
        return _logger

    def progress(self, value: object) -> None:
        """Reports progress to the host (any value JSON can carry). Does nothing outside a worker."""
        if _sink is not None:
            _sink(self.request_id, value)


_Begun = tuple[int, int, float, SessionCall | str | None, Trace | str | None]
"""A call whose context nobody has asked for: request id, milliseconds left, since when, session, trace."""

running: list[CallContext | _Begun | None] = [None]
"""Holds the one call of this worker, or None. The loop stores into it what :func:`begin` would."""

_last_cancelled = -1
_making = threading.RLock()
_concurrent: contextvars.ContextVar[CallContext | None] = contextvars.ContextVar(
    "serpentry_call", default=None
)
_sink: ProgressSink | None = None


def context() -> CallContext:
    """The running call's context.

    Raises:
        RuntimeError: outside a call.
    """
    found = _concurrent.get() or running[0]
    if isinstance(found, tuple):
        found = _made()
    if found is None:
        raise RuntimeError("serpentry.context() is available only while a call from the host runs")
    return found


def _made() -> CallContext | None:
    """The context of the one call, the same for all threads that ask."""
    with _making:
        begun = running[0]
        if isinstance(begun, tuple):
            request_id, remaining_ms, since, session, trace = begun
            deadline = since + remaining_ms / 1000 if remaining_ms else None
            made = CallContext(request_id, deadline, session, trace)
            # The call may have ended meanwhile, where another thread than its own asks.
            if running[0] is begun:
                running[0] = made
            return made
        return begun


def running_request() -> int:
    """The id of the one call that runs, or 0; safe in a signal handler."""
    call = running[0]
    if call is None:
        return 0
    return call[0] if isinstance(call, tuple) else call.request_id


def begin(
    request_id: int,
    remaining_ms: int,
    session: SessionCall | str | None,
    trace: Trace | str | None,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Starts the one call of this worker. ``remaining_ms`` as in the call header; 0 means no deadline."""
    running[0] = (request_id, remaining_ms, now(), session, trace)


def end() -> None:
    """Ends the one call of this worker."""
    running[0] = None


def enter(call: CallContext) -> contextvars.Token[CallContext | None]:
    """Makes ``call`` the context of the running task or thread, in a worker with several calls at once."""
    return _concurrent.set(call)


def leave(token: contextvars.Token[CallContext | None]) -> None:
    """Undoes :func:`enter`."""
    _concurrent.reset(token)


def mark_cancelled(request_id: int) -> None:
    """Lets ``cancelled()`` answer true in the running call; safe in a signal handler.

    By the id, too: the handler may strike while the call's context is being made.
    """
    global _last_cancelled
    if running_request() == request_id:
        _last_cancelled = request_id
        call = running[0]
        if isinstance(call, CallContext):
            call._cancelled = True  # noqa: SLF001


def set_progress_sink(sink: ProgressSink | None) -> None:
    """Where ``progress()`` goes: called with the request id and the value."""
    global _sink
    _sink = sink
