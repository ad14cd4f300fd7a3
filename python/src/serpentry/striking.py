# SPDX-License-Identifier: Apache-2.0
"""Cancels one call of several: raises CallCancelled in the thread that runs it, and in no other call.

A pending exception of a thread strikes at its next bytecode, whatever runs there by then. So each call has a
*gate*. A strike happens only with the gate in hand, and the thread that ends a call takes the gate for good
before it goes on, then takes back what is pending. Once it has the gate no strike can come any more; until
then it is within the two nested ``try`` of :mod:`serpentry.threads`. At most one strike is under way at any
time: another follows only when the last one got lost in a destructor.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from _thread import get_ident
from typing import TYPE_CHECKING, Any, Final

from serpentry.cancelling import importing
from serpentry.context import CallContext
from serpentry.errors import CallCancelled
from serpentry.tracing import begin as begin_span

if TYPE_CHECKING:
    from serpentry.attached import AttachedCall
    from serpentry.streaming import TaskStream, ThreadStream
    from serpentry.tracing import CallSpan, Trace

# A strike that was lost, or would have hit an import, comes again after this long.
_AGAIN_SECONDS: Final = 0.002

_strike = ctypes.pythonapi["PyThreadState_SetAsyncExc"]
_strike.argtypes = (ctypes.c_ulong, ctypes.py_object)
_take_back = ctypes.pythonapi["PyThreadState_SetAsyncExc"]
_take_back.argtypes = (ctypes.c_ulong, ctypes.c_void_p)


class Call:
    """One call of a worker with several. Made by the reading thread, run by another."""

    __slots__ = (
        "attached", "cancelled", "context", "credit", "fault", "gate", "ident", "index", "lost", "mixed",
        "name", "on_loop", "payload", "request", "stream", "striker", "task", "trace",
    )  # fmt: skip

    def __init__(
        self, request: int, name: bytes, payload: bytes, mixed: bool, context: CallContext, fault: str | None
    ) -> None:
        self.request = request
        self.name = name
        self.payload = payload
        self.mixed = mixed
        self.context = context
        self.attached: AttachedCall | None = None
        self.trace: Trace | str | None = None
        """The trace that its caller is in, or None."""
        self.fault = fault
        """What is wrong with its frame, or None."""
        self.gate = threading.RLock()  # reentrant: who ends the call need not know whether it has it already
        self.cancelled = False
        """Set before anything is done about it, and looked at after ``ident`` and ``task`` are set."""
        self.ident = 0
        """The thread that runs it, from the moment that it may be struck; otherwise 0."""
        self.on_loop = False
        self.task: Any = None
        """Its task on the event loop, once it has begun."""
        self.index = -1
        """Of its begun-call word."""
        self.credit: tuple[int, int] | None = None
        """What a stream begins with; None for any other call."""
        self.stream: ThreadStream | TaskStream | None = None
        self.lost = False
        self.striker: threading.Thread | None = None

    def is_cancelled(self) -> bool:
        """Whether it has been, by any thread, at this very moment."""
        return self.cancelled

    def cancellation(self) -> CallCancelled:
        """What is raised in it, or told of it, when it is cancelled."""
        return CallCancelled(f"call {self.request} was cancelled by the host")

    def begin_span(self) -> CallSpan | None:
        """Begins its span, where its caller is in a trace; in the thread or task that runs it."""
        if self.trace is None:
            return None
        return begin_span(
            self.name.decode("utf-8", "replace"), self.request, self.trace, self.context.session_id
        )

    def end(self) -> None:
        """Lets no strike in any more. Called by the thread that runs it; a strike may come meanwhile."""
        self.gate.acquire()
        if self.cancelled:
            _take_back(self.ident, None)


class Striker:
    """Strikes, and knows which call each thread runs. One per process; any thread may call ``strike``."""

    def __init__(self) -> None:
        self.running: dict[int, Call] = {}
        """Thread to call, kept by the threads themselves."""
        self._unraisable = sys.unraisablehook
        sys.unraisablehook = self._on_unraisable

    def strike(self, call: Call) -> None:
        """Raises CallCancelled in a call, unless it has ended. Called once per call."""
        if not self._try(call):
            call.lost = True
            self._watch(call)

    def _try(self, call: Call) -> bool:
        """False when it must not be struck at this moment."""
        if importing(sys._current_frames().get(call.ident)):  # noqa: SLF001
            # A module that it had begun would stay behind half made, and the import system's locks, which are
            # taken in Python, locked for everybody.
            return False
        # Not to be had: the call has ended.
        if call.gate.acquire(False):
            try:
                _strike(call.ident, CallCancelled)
            finally:
                call.gate.release()
        return True

    def _watch(self, call: Call) -> None:
        if call.striker is None:
            call.striker = threading.Thread(target=self._again, args=(call,), daemon=True)
            call.striker.start()

    def _again(self, call: Call) -> None:
        while self.running.get(call.ident) is call:
            time.sleep(_AGAIN_SECONDS)
            if call.lost:
                call.lost = False
                call.lost = not self._try(call)

    def _on_unraisable(self, lost: Any) -> None:
        call = self.running.get(get_ident())
        if call is None or not call.cancelled or not isinstance(lost.exc_value, CallCancelled):
            self._unraisable(lost)
            return
        # It struck in a destructor or a callback that cannot raise: once more, when that has returned.
        call.lost = True
        self._watch(call)
