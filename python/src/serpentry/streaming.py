# SPDX-License-Identifier: Apache-2.0
"""Streams: what a generator yields leaves item by item, each in an ITEM frame, before the call's RESULT.

The host gives credit, in items and in bytes; a worker without it waits, so that a slow reader fills no
memory and holds up nobody. Credit comes with the call and then in CREDIT frames. An item may go as long as
any credit is left, so that one larger than the window passes, and the debt is paid before the next.

However a stream ends, its generator is closed: what stands in its ``finally`` has run before the reply
leaves.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from serpentry import protocol
from serpentry.context import mark_cancelled
from serpentry.errors import CallCancelled, ResultTooLargeError, StreamExpectedError, type_name

if TYPE_CHECKING:
    from serpentry.cancelling import Canceller
    from serpentry.replies import Outbox
    from serpentry.striking import Call

Emit = Callable[[Any], None]


def drain(value: Any, emit: Emit) -> None:
    """Hands on what an iterator gives, and closes it whatever happens. Raises StreamExpectedError."""
    iterator = _iterator(value)
    try:
        for item in iterator:
            emit(item)
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()


async def drain_async(value: Any, emit: Callable[[Any], Any]) -> None:
    """The same on an event loop, for either kind of iterator; ``emit`` is awaited."""
    if not isinstance(value, AsyncIterable):
        iterator = _iterator(value)
        try:
            for item in iterator:
                await emit(item)
        finally:
            if hasattr(iterator, "close"):
                iterator.close()
        return
    items: AsyncIterator[Any] = value.__aiter__()
    try:
        async for item in items:
            await emit(item)
    finally:
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()


def _iterator(value: Any) -> Iterator[Any]:
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray, memoryview, Mapping)):
        return iter(value)
    raise StreamExpectedError(
        f"a stream was asked for, but the function returned a value of type {type_name(type(value))}:"
        " let it yield, or call it without stream()"
    )


class _Credit:
    """What may be sent yet."""

    __slots__ = ("items", "size")

    def __init__(self, credit: tuple[int, int]) -> None:
        self.items, self.size = credit

    def exhausted(self) -> bool:
        return self.items <= 0 or self.size <= 0

    def spend(self, size: int) -> None:
        self.items -= 1
        self.size -= size

    def add(self, credit: tuple[int, int]) -> None:
        self.items += credit[0]
        self.size += credit[1]


class Items:
    """Makes frames of the items of one worker. Immutable."""

    def __init__(self, dumps: Callable[[Any], bytes], limit: int) -> None:
        self._dumps = dumps
        self._limit = limit

    def frame(self, request: int, item: Any) -> tuple[int, bytes]:
        """The size of an item and its frame. Raises EncodingError or ResultTooLargeError."""
        data = self._dumps(item)
        if len(data) + protocol.FIXED_BYTES > self._limit:
            raise ResultTooLargeError(len(data), self._limit)
        return len(data), protocol.pack(protocol.ITEM, request, data)


class ExclusiveStream:
    """The stream of a worker with one call, whose thread itself reads the credit that it waits for.

    Nothing can be raised in it while it writes or reads, so that frames are sent and taken whole: the signal
    of a cancellation that comes then is looked for afterwards, and its frame is found where credit is waited
    for.
    """

    def __init__(
        self,
        request: int,
        credit: tuple[int, int],
        items: Items,
        canceller: Canceller,
        send: Callable[[bytes], None],
        receive: Callable[[int], bytes],
    ) -> None:
        self._request = request
        self._credit = _Credit(credit)
        self._items = items
        self._canceller = canceller
        self._send = send
        self._receive = receive

    def run(self, value: Any) -> None:
        """Sends all that the function's result yields; returns at its end."""
        if isinstance(value, AsyncIterable):
            self._canceller.run_coroutine(drain_async(value, self._emit_async))
        else:
            drain(value, self._emit)

    async def _emit_async(self, item: Any) -> None:
        self._emit(item)

    def _emit(self, item: Any) -> None:
        size, frame = self._items.frame(self._request, item)
        canceller = self._canceller
        running, canceller.running = canceller.running, 0
        if running == 0:
            raise self._cancelled()  # it has been told so, and went on
        while self._credit.exhausted():
            self._hear()
        self._send(frame)
        self._credit.spend(size)
        canceller.running = running
        if canceller.missed:
            canceller.look()

    def _hear(self) -> None:
        """Takes in one frame. Raises CallCancelled when it says so, or when there is none any more."""
        head = self._receive(protocol.FRAME_BYTES)
        if not head:
            raise CallCancelled("the host has closed the connection")
        length, kind, flags, header_length, request = protocol.FRAME.unpack(head)
        protocol.check_frame(length, kind, flags, header_length, protocol.CREDIT_LIMIT)
        body = self._receive(length - protocol.FIXED_BYTES)
        if kind == protocol.CREDIT:
            if request == self._request:
                self._credit.add(protocol.parse_credit(body[header_length:]))
        elif kind != protocol.CANCEL:
            raise protocol.ProtocolError(f"frame kind {kind} does not belong on the call channel")
        elif request == self._request:
            raise self._cancelled()

    def _cancelled(self) -> CallCancelled:
        mark_cancelled(self._request)
        return CallCancelled(f"call {self._request} was cancelled by the host")


class ThreadStream:
    """The stream of a call on one thread of several; the reading thread brings its credit.

    Its thread has the call's gate while it waits and writes: a strike that comes then is not made, but seen
    afterwards.
    """

    def __init__(self, call: Call, credit: tuple[int, int], items: Items, outbox: Outbox) -> None:
        self._call = call
        self._credit = _Credit(credit)
        self._items = items
        self._outbox = outbox
        self._changed = threading.Condition()

    def run(self, value: Any) -> None:
        """Sends all that the function's result yields; returns at its end."""
        drain(value, self._emit)

    def grant(self, credit: tuple[int, int]) -> None:
        """Adds credit. Called by the reading thread."""
        with self._changed:
            self._credit.add(credit)
            self._changed.notify()

    def wake(self) -> None:
        """Has the call see that it is cancelled. Called by the reading thread."""
        with self._changed:
            self._changed.notify()

    def _emit(self, item: Any) -> None:
        call = self._call
        size, frame = self._items.frame(call.request, item)
        call.gate.acquire()
        if call.is_cancelled():  # and its strike may be on its way, which must not come below
            call.end()
            raise call.cancellation()
        with self._changed:
            while self._credit.exhausted() and not call.is_cancelled():
                self._changed.wait()
            if not call.is_cancelled():
                self._credit.spend(size)
        if not call.is_cancelled():
            self._outbox.put(frame)
            self._outbox.flush()
            call.gate.release()
        if call.is_cancelled():
            call.end()
            raise call.cancellation()


class TaskStream:
    """The stream of a task on the event loop. Everything happens on the loop but :meth:`grant`."""

    def __init__(
        self,
        call: Call,
        credit: tuple[int, int],
        items: Items,
        outbox: Outbox,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._call = call
        self._credit = _Credit(credit)
        self._items = items
        self._outbox = outbox
        self._loop = loop
        self._more = asyncio.Event()

    async def run(self, value: Any) -> None:
        """Sends all that the function's result yields; returns at its end."""
        await drain_async(value, self._emit)

    def grant(self, credit: tuple[int, int]) -> None:
        """Adds credit. Any thread calls."""
        self._loop.call_soon_threadsafe(self._granted, credit)

    def _granted(self, credit: tuple[int, int]) -> None:
        self._credit.add(credit)
        self._more.set()

    async def _emit(self, item: Any) -> None:
        size, frame = self._items.frame(self._call.request, item)
        while self._credit.exhausted():
            self._more.clear()
            await self._more.wait()
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError  # it has been told so, and went on
        self._credit.spend(size)
        self._outbox.put(frame)
        self._outbox.flush()
        await asyncio.sleep(0)  # its neighbours' turn: a generator may have nothing to wait for
