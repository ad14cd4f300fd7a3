# SPDX-License-Identifier: Apache-2.0
"""The event loop on which a worker with several calls runs its ``async def`` functions.

One loop in a thread of its own, uvloop's when that is installed; each call is one task with a context of its
own. A call is cancelled as asyncio does it, by ``CancelledError`` at the task's next ``await``. A function
that keeps the loop busy holds up its neighbours, as everywhere in asyncio; nothing can be raised in it
without endangering them, so the host abandons the worker instead.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serpentry import protocol
from serpentry.context import enter
from serpentry.errors import ResultTooLargeError
from serpentry.replies import Outbox, error_payload
from serpentry.streaming import TaskStream

if TYPE_CHECKING:
    from serpentry.codec import Codec
    from serpentry.registry import Target
    from serpentry.streaming import Items
    from serpentry.striking import Call

_logger = logging.getLogger("serpentry")


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


# Looked for once, by the template, so that all workers share what comes of it.
_new_event_loop = _loop_factory()


class Tasks:
    """The loop, started by its first call. ``add``, ``wake`` and ``cancel`` may be called by any thread."""

    def __init__(
        self, outbox: Outbox, codec: Codec, limit: int, calls: dict[int, Call], items: Items
    ) -> None:
        self._outbox = outbox
        self._dumps = codec.dumps
        self._limit = limit
        self._calls = calls
        self._items = items
        self._base = contextvars.copy_context()
        self._arrived: deque[tuple[Call, Target]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()
        self._taking = False
        self._flushing = False
        self._held: set[asyncio.Task[None]] = set()  # the loop itself keeps tasks only weakly

    def add(self, call: Call, target: Target) -> None:
        """Queues a call; ``wake`` must follow."""
        call.on_loop = True
        self._arrived.append((call, target))

    def wake(self) -> None:
        """Sees to it that the loop takes what has been added."""
        loop = self._loop or self._start()
        if not self._taking:
            self._taking = True
            loop.call_soon_threadsafe(self._take)

    def cancel(self, call: Call) -> None:
        """Cancels a call's task; one that has not begun sees ``cancelled`` when it does."""
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._cancel, call)

    def _start(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                loop = _new_event_loop()
                threading.Thread(target=self._serve, args=(loop,), name="serpentry-loop", daemon=True).start()
                self._loop = loop
            return self._loop

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        while True:
            try:
                loop.run_forever()
            except BaseException:
                # SystemExit and KeyboardInterrupt of a task that user code started leave the loop.
                _logger.exception("a task ended the event loop; it goes on")

    def _take(self) -> None:
        self._taking = False
        loop = self._loop
        while self._arrived and loop is not None:
            call, target = self._arrived.popleft()
            task = loop.create_task(self._run(call, target), context=self._base.copy())
            self._held.add(task)
            task.add_done_callback(self._held.discard)

    def _cancel(self, call: Call) -> None:
        # A task that is cancelled before its first step never takes it, and would not answer.
        if call.task is not None:
            call.task.cancel()

    async def _run(self, call: Call, target: Target) -> None:
        if call.index < 0:
            call.index = self._outbox.begin(call.request)
        enter(call.context)
        span = call.begin_span()
        kind = protocol.ERROR
        value: Any = None
        field = told = b""
        try:
            call.task = asyncio.current_task()
            if call.cancelled:
                raise call.cancellation()
            if call.attached is None:
                value = target.invoke(target.loads(call.payload), call.mixed)
            else:
                value = call.attached.invoke(target, call.mixed)
            if target.is_async:
                value = await value
            if call.credit is not None:
                stream = TaskStream(call, call.credit, self._items, self._outbox, asyncio.get_running_loop())
                call.stream = stream
                await stream.run(value)
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
        except asyncio.CancelledError as e:
            value = error_payload(call.cancellation() if call.cancelled else e, self._limit)
            if span is not None:
                span.failed(e)
        except BaseException as e:
            value = error_payload(e, self._limit)
            if span is not None:
                span.failed(e)
        call.task = None
        self._outbox.leave_fork()
        del self._calls[call.request]
        if call.attached is not None:
            value = call.attached.reply(kind, call.request, value, field, told)
        elif field and kind == protocol.RESULT:
            value = [protocol.pack(kind, call.request, value + told, field)]
        self._outbox.waiting.append((call.request, call.index, kind, value))
        if span is not None:
            span.end()
        if not self._flushing and self._loop is not None:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        self._outbox.flush()
