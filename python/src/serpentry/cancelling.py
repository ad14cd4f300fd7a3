# SPDX-License-Identifier: Apache-2.0
"""The cancel signal's handler: raises CallCancelled in the call that a waiting CANCEL frame names.

Python runs signal handlers in the main thread, between any two of its bytecodes, hence also in the runtime's
own. Two rules keep that safe. The handler acts only while ``running`` holds a call's id, and it clears
``running`` before it raises, so that it strikes at most once per call and never outside one. And a signal
that finds no call running is remembered (``missed``): the call that begins next looks for itself, since its
CANCEL may have come together with it.

An import is not struck: a module that it had begun would stay behind half made, for every later call. Nor is
asyncio's own code while it takes a step of the call's task: struck while it schedules the next step, the task
would never go on, nor end. The strike comes again when that is over; what does not end meets the rest of the
ladder.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING, Any

from serpentry import protocol
from serpentry.context import mark_cancelled, running_request
from serpentry.errors import CallCancelled

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

_PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT
# A cancellation lost in a destructor, or held back by an import, is sent again after this long.
_AGAIN_SECONDS = 0.002
# More than the CREDIT frames of a stream that can be on their way.
_CREDITS = 4096
_CREDIT = bytes([protocol.CREDIT])
_IMPORT_SYSTEM = "<frozen importlib"


class Canceller:
    """Installs the handler. The loop sets ``running`` and clears it; both are plain stores."""

    def __init__(self, cancel_signal: int, dump_signal: int) -> None:
        self.running = 0
        self.missed = False
        self.streaming = False
        """Whether CREDIT frames of the running call may lie before its CANCEL."""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.task: asyncio.Task[Any] | None = None
        self._reason: CallCancelled | None = None
        self._sock: socket.socket | None = None
        self._rest: Callable[[], bytes] = bytes
        self._signal = cancel_signal
        self._dump_signal = dump_signal
        self._handler = self._on_signal
        signal.signal(cancel_signal, self._handler)
        self._dump_handler = signal.getsignal(dump_signal)
        self._struck = 0
        self._striking = 0
        self._hooked = False
        self._unraisable = sys.unraisablehook
        sys.unraisablehook = self._on_unraisable

    def attach(self, sock: socket.socket, rest: Callable[[], bytes]) -> None:
        """Tells where CANCEL frames come from: ``rest()`` gives what the loop has read ahead of itself."""
        self._rest = rest
        self._sock = sock

    def clash(self) -> str | None:
        """Names the signals whose handlers are no longer the runtime's, or None."""
        claimed = []
        if signal.getsignal(self._signal) is not self._handler:
            claimed.append((self._signal, "cancel-signal"))
        if signal.getsignal(self._dump_signal) is not self._dump_handler:
            claimed.append((self._dump_signal, "dump-signal"))
        if not claimed:
            return None
        names = " and ".join(f"{signal.Signals(n).name} (configuration key {key})" for n, key in claimed)
        return f"{names}, which the runtime needs; set that key to another signal, for example SIGRTMIN"

    def look(self) -> None:
        """Raises CallCancelled when the running call's CANCEL is waiting already."""
        self.missed = False
        self._on_signal(self._signal, None)

    def _on_signal(self, _number: int, frame: FrameType | None) -> None:
        request = self.running
        if self._hooked:
            return
        if request == 0:
            self.missed = True
            return
        if not self._is_waiting(request):
            return
        mark_cancelled(request)
        if self.holds_back(frame):
            self._strike_later(request)
            return
        self.strike(CallCancelled(f"call {request} was cancelled by the host"))

    def holds_back(self, frame: FrameType | None) -> bool:
        """Whether nothing may be raised at the place where a signal found the main thread."""
        return importing(frame) or (
            self._in_step()
            and frame is not None
            and frame.f_globals.get("__name__", "").startswith("asyncio.")
        )

    def _in_step(self) -> bool:
        """Whether the call's own task is running, as against waiting or leaving the loop to another one."""
        task = self.task
        return task is not None and sys.modules["asyncio"].current_task(self.loop) is task

    def strike(self, error: CallCancelled) -> None:
        """Raises ``error`` in the running call, if there is one; called by signal handlers."""
        request = self.running
        if request == 0 or self._hooked:
            return
        mark_cancelled(request)
        loop, task = self.loop, self.task
        if loop is not None and task is not None and not self._in_step():
            # The call waits, or another task of its runs: it is cancelled the way asyncio does it.
            self.running = 0
            self._reason = error
            loop.call_soon_threadsafe(task.cancel)
            return
        self._struck = request
        self.running = 0
        try:
            raise error
        finally:
            del error  # its traceback refers to this frame: a circle would keep the call's arguments

    def _is_waiting(self, request: int) -> bool:
        """Whether the first frame not yet taken in is CANCEL for this call; but for a stream's credit,
        nothing else can be.
        """
        if self._sock is None:
            return False
        head = self._rest()
        missing = (_CREDITS if self.streaming else protocol.FRAME_BYTES) - len(head)
        if missing > 0:
            try:
                head += self._sock.recv(missing, _PEEK)
            except (BlockingIOError, ConnectionError):
                return False
        while self.streaming and head[4:5] == _CREDIT and len(head) >= protocol.FRAME_BYTES:
            head = head[protocol.LENGTH_BYTES + int.from_bytes(head[: protocol.LENGTH_BYTES], "big") :]
        head = head[: protocol.FRAME_BYTES]
        return head == protocol.FRAME.pack(protocol.FIXED_BYTES, protocol.CANCEL, 0, 0, request)

    def _on_unraisable(self, lost: Any) -> None:
        request = self._struck
        if not isinstance(lost.exc_value, CallCancelled) or request == 0 or request != running_request():
            self._unraisable(lost)
            return
        # It struck in a destructor or a callback that cannot raise: once more, when that has returned. Not
        # within this hook, which cannot raise either.
        self._hooked = True
        try:
            self._strike_later(request)
            self.running = request
        finally:
            self._hooked = False

    def _strike_later(self, request: int) -> None:
        if self._striking != request:
            # One thread per call, however often it strikes in vain: many would keep the call itself from
            # running, and the call must run to be struck anywhere else.
            self._striking = request
            # On a busy machine the thread strikes before start() has returned: that would raise below what
            # is not to be struck.
            hooked, self._hooked = self._hooked, True
            try:
                threading.Thread(target=self._strike_again, args=(request,), daemon=True).start()
            finally:
                self._hooked = hooked

    def _strike_again(self, request: int) -> None:
        main = threading.main_thread().ident
        while main is not None:
            time.sleep(_AGAIN_SECONDS)
            if running_request() != request:
                return
            # Not between a strike and the hook that tells of its loss; the handler itself sorts out the rest.
            if self.running == request:
                signal.pthread_kill(main, self._signal)

    def run_coroutine(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Runs an ``async def`` function's coroutine on this worker's one event loop.

        Raises CallCancelled when the call was cancelled, whatever way that reached the coroutine.
        """
        import asyncio  # 20 ms and 3 MB that a worker without async functions does not need

        request = self.running
        # Without a cancellation until the task is known: one that struck before would leave it to be run by
        # the next call's loop.
        self.running = 0
        loop = self.loop
        if loop is None or loop.is_closed():
            loop = self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
        self.task = task = loop.create_task(coroutine)
        try:
            self.running = request
            if self.missed:
                self.look()
            return loop.run_until_complete(task)
        except asyncio.CancelledError:
            if request and self.running == 0:
                reason = self._reason
                raise reason or CallCancelled(f"call {request} was cancelled by the host") from None
            raise
        finally:
            self.task = self._reason = None


def importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported at this place, of any thread."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORT_SYSTEM):
            return True
        frame = frame.f_back
    return False
