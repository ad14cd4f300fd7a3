# SPDX-License-Identifier: Apache-2.0
"""The loop of a worker with several calls at once: the main thread reads, others run and answer.

The main thread takes in calls and cancellations all the time and runs no user code. ``def`` functions run on
threads (:mod:`serpentry.threads`), ``async def`` ones on an event loop (:mod:`serpentry.tasks`), and replies
leave in the order in which they come about (:mod:`serpentry.replies`).
"""

from __future__ import annotations

import logging
import mmap
import os
import socket
import threading
import time
from typing import Any, Final

from serpentry import process, protocol
from serpentry.attached import AttachedCalls
from serpentry.cancelling import Canceller
from serpentry.codec import Codec
from serpentry.context import CallContext
from serpentry.errors import MalformedCallError
from serpentry.protocol import (
    CALL,
    CALL_HEADER,
    CANCEL,
    CREDIT,
    FRAME_BYTES,
    LENGTH_BYTES,
    MIXED,
    TARGET_LIMIT,
)
from serpentry.registry import Registry, Target
from serpentry.replies import Outbox
from serpentry.sessions import SessionCall
from serpentry.sessions import begin as begin_session
from serpentry.streaming import Items, ThreadStream
from serpentry.striking import Call, Striker
from serpentry.tasks import Tasks
from serpentry.threads import Threads
from serpentry.tracing import Trace

_BUFFER: Final = 128 * 1024

_logger = logging.getLogger("serpentry")


class Targets:
    """The functions called so far. Any thread asks; the registry itself is asked by one at a time."""

    def __init__(self, registry: Registry, canceller: Canceller) -> None:
        self.known: dict[bytes, Target] = {}
        self._registry = registry
        self._canceller = canceller
        self._clash: str | None = None
        self._lock = threading.Lock()

    def get(self, name: bytes) -> Target:
        """The target of a call; imports its module when it is the first. Raises as the registry does."""
        target = self.known.get(name)
        if target is not None:
            return target
        with self._lock:
            target = self._registry.resolve(name)
        clash = self._canceller.clash()
        if clash is not None and clash != self._clash:
            self._clash = clash
            _logger.error("the module of %s claims %s; until then workers cannot be dumped",
                          target.name, clash)  # fmt: skip
        self.known[name] = target
        return target


class Multiplexer:
    """``run`` serves one call channel to its end and returns the process's exit status."""

    def __init__(
        self,
        calls: socket.socket,
        replies: socket.socket,
        registry: Registry,
        codec: Codec,
        words: memoryview,
        limit: int,
        places: int,
        canceller: Canceller,
        attached: AttachedCalls,
    ) -> None:
        self._sock = calls
        self._attached = attached
        self._limit = limit
        self._calls: dict[int, Call] = {}
        self._striker = Striker()
        targets = Targets(registry, canceller)
        self._known = targets.known
        outbox = Outbox(calls, replies, words)
        items = Items(codec.dumps, limit)
        self._tasks = Tasks(outbox, codec, limit, self._calls, items)
        self._threads = Threads(
            places, limit, codec, targets, self._calls, outbox, self._tasks, self._striker, items
        )
        self._threads_have_calls = self._loop_has_calls = False

    def run(self) -> int:
        """Serves until the host closes the channel or breaks the protocol."""
        try:
            self._serve()
        except ConnectionError:
            return 0  # the host is gone: as at its orderly end
        except protocol.ProtocolError as e:
            process.complain(f"serpentry worker: the call channel broke: {e}")
            return os.EX_PROTOCOL
        return 0

    def _serve(self) -> None:
        receive, unpack = self._sock.recv_into, protocol.FRAME.unpack_from
        # Mapped, so that a worker whose calls are small never touches, hence never has, most of it.
        buffer = mmap.mmap(-1, _BUFFER, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        view = memoryview(buffer)
        end = 0
        while True:
            size = receive(view[end:])
            if size == 0:
                if end:
                    raise protocol.ProtocolError("it ended within a frame")
                return
            end += size
            start = 0
            while end - start >= FRAME_BYTES:
                length, kind, flags, header_length, request = unpack(view, start)
                protocol.check_frame(length, kind, flags, header_length, self._limit)
                total = length + LENGTH_BYTES
                if total > _BUFFER:
                    self._wake()  # What came before it need not wait for it.
                    whole = self._read_on(view[start:end], total)
                    self._take(whole, 0, total, kind, flags, header_length, request)
                    start = end
                    break
                if end - start < total:
                    break
                self._take(view, start, total, kind, flags, header_length, request)
                start += total
            self._wake()
            if start == end:
                end = 0
            elif start:
                view[: end - start] = bytes(view[start:end])
                end -= start

    def _read_on(self, first: memoryview, total: int) -> memoryview:
        """Gathers a frame larger than the buffer in one of its own."""
        own = memoryview(bytearray(total))
        have = len(first)
        own[:have] = first
        while have < total:
            size = self._sock.recv_into(own[have:])
            if size == 0:
                raise protocol.ProtocolError("it ended within a frame")
            have += size
        return own

    def _take(
        self,
        source: memoryview,
        start: int,
        total: int,
        kind: int,
        flags: int,
        header_length: int,
        request: int,
    ) -> None:
        if kind == CANCEL:
            self._cancel(request)
            return
        if kind == CREDIT:
            call = self._calls.get(request)
            more = protocol.parse_credit(source[start + FRAME_BYTES + header_length : start + total])
            if call is not None and call.stream is not None:
                call.stream.grant(more)
            return
        if kind != CALL:
            raise protocol.ProtocolError(f"frame kind {kind} does not belong on the call channel")
        at = start + FRAME_BYTES + header_length
        name, remaining = b"", 0
        session: str | None = None
        trace: Trace | str | None = None
        fault = attached = state = credit = None
        if header_length >= CALL_HEADER.size:
            remaining, length = CALL_HEADER.unpack_from(source, start + FRAME_BYTES)
            fields = start + FRAME_BYTES + CALL_HEADER.size + length
            if length > TARGET_LIMIT:
                pass
            elif fields == at:
                name = bytes(source[fields - length : fields])
            elif (told := protocol.parse_session_call(source, fields, at)) is not None:
                name = bytes(source[fields - length : fields])
                session, trace, state = told
        if not name:
            try:
                header = protocol.parse_call_header(source[start + FRAME_BYTES : at])
                name, session, trace, state = header.target, header.session, header.trace, header.state
                credit = header.credit
                if header.binary is not None:
                    attached = self._attached.call(header.binary, FRAME_BYTES + header_length)
            except protocol.ProtocolError as e:
                fault = str(e)
        payload: Any = source[at : start + total]
        running: SessionCall | str | None = session
        if state is not None:
            try:
                running, payload = begin_session(session, state, payload, self._attached.codec)
            except MalformedCallError as e:
                fault = str(e)
        deadline = time.monotonic() + remaining / 1000 if remaining else None
        context = CallContext(request, deadline, running, trace)
        if attached is None or total <= _BUFFER:
            payload = bytes(payload)
        call = Call(request, name, payload, flags == MIXED, context, fault)
        if attached is not None:
            call.attached = attached
            call.payload = b""
            attached.payload(payload)
        call.credit = credit
        call.trace = trace
        self._calls[request] = call
        target = self._known.get(name)
        if target is not None and target.on_loop:
            self._tasks.add(call, target)
            self._loop_has_calls = True
        else:
            self._threads.add(call)
            self._threads_have_calls = True

    def _wake(self) -> None:
        if self._threads_have_calls:
            self._threads_have_calls = False
            self._threads.wake()
        if self._loop_has_calls:
            self._loop_has_calls = False
            self._tasks.wake()

    def _cancel(self, request: int) -> None:
        call = self._calls.get(request)
        if call is None or call.cancelled:
            return  # It has been answered, or is being cancelled.
        call.cancelled = True
        call.context.cancel()
        if call.on_loop:
            self._tasks.cancel(call)
        elif call.ident:
            if isinstance(call.stream, ThreadStream):
                call.stream.wake()
            self._striker.strike(call)
