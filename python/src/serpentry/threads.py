# SPDX-License-Identifier: Apache-2.0
"""The threads on which a worker with several calls runs its ``def`` functions.

Threads are started as calls need them, up to the number of places, and stay. What matters for speed is how
seldom one thread has to hand the interpreter to another. So the reading thread wakes one thread for all the
calls that came together, and that thread wakes another before it runs a call while more wait: the other gets
the interpreter when the first one waits for something, or after the switch interval, and finds nothing to do
when the calls were short. In the same way a reply may wait while another thread is being woken, since that
one first of all writes what waits; without such a thread it is written at once.
"""

from __future__ import annotations

import _thread
import contextvars
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from serpentry import protocol
from serpentry.context import enter
from serpentry.errors import CallCancelled, MalformedCallError, ResultTooLargeError
from serpentry.replies import Outbox, error_payload
from serpentry.streaming import ThreadStream

if TYPE_CHECKING:
    from serpentry.codec import Codec
    from serpentry.multiplexing import Targets
    from serpentry.streaming import Items
    from serpentry.striking import Call, Striker
    from serpentry.tasks import Tasks
    from serpentry.tracing import CallSpan

# Replies that may wait for a thread that is being woken.
_MOST_WAITING: Final = 64

_logger = logging.getLogger("serpentry")


class Threads:
    """The threads and their queue. ``add`` and ``wake`` may be called by any thread."""

    def __init__(
        self,
        places: int,
        limit: int,
        codec: Codec,
        targets: Targets,
        calls: dict[int, Call],
        outbox: Outbox,
        tasks: Tasks,
        striker: Striker,
        items: Items,
    ) -> None:
        self._places = places
        self._outbox = outbox
        self._targets = targets
        self._dumps = codec.dumps
        self._limit = limit
        self._running = striker.running
        self._tasks = tasks
        self._calls = calls
        self._items = items
        self._queue: deque[Call] = deque()
        self._idle: deque[_thread.LockType] = deque()
        self._started = 0
        # Whether a thread has been woken that has not looked around yet.
        self._waking = False
        self._base = contextvars.copy_context()

    def add(self, call: Call) -> None:
        """Queues a call; ``wake`` must follow."""
        self._queue.append(call)

    def wake(self) -> None:
        """Sees to it that a thread looks at the queue."""
        if self._waking:
            return  # It clears the flag before it looks.
        try:
            lock = self._idle.pop()
        except IndexError:
            self._start()
            return
        self._waking = True
        lock.release()

    def _start(self) -> None:
        """Starts one more thread; when all are there, the first that is done looks at the queue."""
        number = self._started
        if number >= self._places:
            return
        self._started += 1
        self._waking = True
        try:
            threading.Thread(target=self._serve, name=f"serpentry-call-{number + 1}", daemon=True).start()
        except RuntimeError:
            self._started -= 1
            self._waking = False
            if number == 0:
                raise
            _logger.warning("cannot start thread %d of %d; calls wait for the others", number + 1,
                            self._places)  # fmt: skip

    def _serve(self) -> None:
        ident = _thread.get_ident()
        queue, idle, outbox, run, fresh = (
            self._queue, self._idle, self._outbox, self._run, self._base.copy
        )  # fmt: skip
        waiting = outbox.waiting
        asleep = _thread.allocate_lock()
        asleep.acquire()
        self._waking = False
        while True:
            try:
                call = queue.popleft()
            except IndexError:
                if waiting:
                    outbox.flush()
                idle.append(asleep)
                if queue and self._still_idle(asleep):
                    continue
                asleep.acquire()
                self._waking = False
                if waiting:
                    outbox.flush()
                continue
            if queue and not self._waking:
                self.wake()
            fresh().run(run, call, ident)
            outbox.leave_fork()
            if waiting and not (queue and self._waking and len(waiting) < _MOST_WAITING):
                outbox.flush()

    def _still_idle(self, asleep: _thread.LockType) -> bool:
        """Takes a thread out of the idle ones; false when somebody has, and is about to wake it."""
        try:
            self._idle.remove(asleep)
        except ValueError:
            return False
        return True

    def _run(self, call: Call, ident: int) -> None:
        """Runs a call and puts its reply. Between ``call.ident`` and the gate a strike may come anywhere."""
        running = self._running
        call.index = self._outbox.begin(call.request)
        enter(call.context)
        kind = protocol.ERROR
        value: Any = None
        field = told = b""
        span: CallSpan | None = None
        failure: BaseException | None = None
        try:
            try:
                if call.fault is not None:
                    raise MalformedCallError(call.fault)
                target = self._targets.get(call.name)
                if target.on_loop:
                    self._tasks.add(call, target)
                    self._tasks.wake()
                    return
                span = call.begin_span()
                running[ident] = call
                call.ident = ident
                if call.cancelled:
                    raise call.cancellation()
                if call.attached is None:
                    value = target.invoke(target.loads(call.payload), call.mixed)
                else:
                    value = call.attached.invoke(target, call.mixed)
                if call.credit is not None:
                    call.stream = ThreadStream(call, call.credit, self._items, self._outbox)
                    call.stream.run(value)
                    value = None
                if call.context.session_call is not None:
                    field, told = call.context.session_call.answer(self._dumps)
                if call.attached is None:
                    value = self._dumps(value)
                else:
                    value = call.attached.dumps(value, len(field) + len(told))
                if len(field) + len(told) + len(value) + protocol.FIXED_BYTES > self._limit:
                    raise ResultTooLargeError(len(value), self._limit)
                kind = protocol.RESULT
            except BaseException as e:
                kind = protocol.ERROR
                value = self._error(call, e)
                failure = e
            call.end()
        except CallCancelled as e:
            call.gate.acquire()  # The strike is spent, and there is no other.
            kind, value = protocol.ERROR, self._error(call, e)
            failure = e
        running.pop(ident, None)
        del self._calls[call.request]
        if call.attached is not None:
            value = call.attached.reply(kind, call.request, value, field, told)
        elif field and kind == protocol.RESULT:
            value = [protocol.pack(kind, call.request, value + told, field)]
        self._outbox.waiting.append((call.request, call.index, kind, value))
        if span is not None:
            if failure is not None:
                span.failed(failure)
            span.end()
        failure = None  # It holds this frame.

    def _error(self, call: Call, error: BaseException) -> bytes:
        if isinstance(error, CallCancelled) and not error.args:
            error.args = call.cancellation().args
        return error_payload(error, self._limit)
