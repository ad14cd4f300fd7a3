# SPDX-License-Identifier: Apache-2.0
"""The worker's loop: reads a call, runs it, writes its reply. One thread, one buffer.

A call that fits the buffer costs one ``recv`` and one ``send``, on two sockets where the host has it so: the
kernel wakes whoever sleeps in ``recv`` when the other end reads what was sent on the same one. What the
buffer holds beyond the current frame can only be CANCEL frames, since the host sends a call only after the
reply to the previous one.

The cancel handler may raise at any bytecode while ``canceller.running`` is set, and at most once per call
(see :mod:`serpentry.cancelling`). So everything from there on stands within two nested ``try``: the inner
one catches what the call raises, the outer one the cancellation that strikes while that is being caught.
Replies are written with ``running`` cleared, hence whole.
"""

from __future__ import annotations

import logging
import mmap
import os
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from serpentry import process, protocol
from serpentry.cancelling import Canceller
from serpentry.codec import Codec
from serpentry.context import running as running_call
from serpentry.errors import CallCancelled, MalformedCallError, ResultTooLargeError
from serpentry.protocol import (
    BEGUN_DONE,
    CALL,
    CANCEL,
    CREDIT,
    ERROR,
    FIXED_BYTES,
    FRAME_BYTES,
    LENGTH_BYTES,
    MIXED,
    RESULT,
    TARGET_LIMIT,
)
from serpentry.registry import Registry, Target
from serpentry.sessions import begin as begin_session
from serpentry.streaming import ExclusiveStream, Items
from serpentry.tracing import begin as begin_span

if TYPE_CHECKING:
    from serpentry.attached import AttachedCalls
    from serpentry.cpu import CpuLimit
    from serpentry.tracing import Trace
from serpentry.replies import error_payload

_BUFFER: Final = 128 * 1024
# Up to here joining header and payload is cheaper than a second buffer for the kernel.
_JOIN: Final = 64 * 1024
# A frame's fixed part and a call header's, which every CALL begins with
_HEAD: Final = struct.Struct(">IBBHQIH")
# The byte of a begun-call word that holds BEGUN_DONE; storing it makes no integer of 64 bits.
_DONE_AT: Final = 7 if sys.byteorder == "little" else 0
_DONE: Final = BEGUN_DONE >> 56
_CALL_AT: Final = FRAME_BYTES + protocol.CALL_HEADER.size

_logger = logging.getLogger("serpentry")


class Loop:
    """``run`` serves one call channel to its end and returns the process's exit status."""

    def __init__(
        self,
        calls: socket.socket,
        replies: socket.socket,
        registry: Registry,
        codec: Codec,
        word: memoryview,
        limit: int,
        canceller: Canceller,
        attached: AttachedCalls,
        cpu: CpuLimit | None = None,
    ) -> None:
        self._sock = calls
        self._replies = replies
        self._registry = registry
        self._codec = codec
        self._word = word
        self._limit = limit
        self._canceller = canceller
        self._cpu = cpu
        self._attached = attached
        # The room behind it lets a whole head be unpacked at any place that a frame can start. It is mapped,
        # so that a worker whose calls are small never touches, hence never has, most of it.
        self._buffer = mmap.mmap(-1, _BUFFER + _HEAD.size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0
        self._targets: dict[bytes, Target] = {}
        self._forked = False
        self._clash: str | None = None
        canceller.attach(calls, self._rest)
        os.register_at_fork(after_in_child=self._after_fork)

    def run(self) -> int:
        """Serves until the host closes the channel or breaks the protocol."""
        try:
            self._serve()
        except ConnectionError:
            return 0  # the host is gone: as at its orderly end
        except protocol.ProtocolError as e:
            process.complain(f"serpentry worker: the call channel broke: {e}")
            return os.EX_PROTOCOL
        except OSError:
            if not self._forked:
                raise
            process.complain("serpentry: a child that user code forked returned from its function")
            os._exit(1)
        return 0

    def _serve(self) -> None:
        # Locals and one long body: a function call per step would be a tenth of a small call's time.
        canceller, targets, word, limit = self._canceller, self._targets, self._word, self._limit
        done = word.cast("B")
        buffer, unpack_head, pack = self._buffer, _HEAD.unpack_from, protocol.FRAME.pack
        receive, send, dumps = self._sock.recv_into, self._replies.sendall, self._codec.dumps
        running, now, cpu = running_call, time.monotonic, self._cpu
        session_call = protocol.parse_session_call
        # A slice of the map is bytes at once; of a view it is another view first.
        source: Any = buffer
        session: Any
        trace: Trace | str | None
        start = end = 0
        while True:
            if start == end:
                start = 0
                end = receive(buffer, _BUFFER)
                if end == 0:
                    return
            have = end - start
            total, kind, flags, header_length, request, remaining, target_length = unpack_head(buffer, start)
            total += LENGTH_BYTES
            if have < FRAME_BYTES or have < total:
                source, start, end = self._read_on(start, end)
                total, kind, flags, header_length, request, remaining, target_length = unpack_head(
                    source, start
                )
                total += LENGTH_BYTES
            if (
                kind != CALL
                or flags > MIXED
                or total - LENGTH_BYTES > limit
                or header_length + FRAME_BYTES > total
            ):
                protocol.check_frame(total - LENGTH_BYTES, kind, flags, header_length, limit)
                if kind not in (CANCEL, CREDIT):  # of calls that have ended
                    raise protocol.ProtocolError(f"frame kind {kind} does not belong on the call channel")
                start += total
                continue

            at = start + FRAME_BYTES + header_length
            session = trace = fault = attached = state = stream = span = None
            if header_length == target_length + 6 and target_length <= TARGET_LIMIT:
                name = source[start + _CALL_AT : at]
                if source is not buffer:
                    name = bytes(name)
            elif (
                target_length <= TARGET_LIMIT
                and (told_of := session_call(source, start + _CALL_AT + target_length, at)) is not None
            ):
                name = bytes(source[start + _CALL_AT : start + _CALL_AT + target_length])
                session, trace, state = told_of
                field = told = b""
            else:
                field = told = b""
                try:
                    header = protocol.parse_call_header(memoryview(source)[start + FRAME_BYTES : at])
                    name, session, trace, state = (
                        header.target, header.session, header.trace, header.state
                    )  # fmt: skip
                    if header.credit is not None:
                        stream = self._stream(request, header.credit)
                    if header.binary is not None:
                        attached = self._attached.call(header.binary, FRAME_BYTES + header_length)
                except protocol.ProtocolError as e:
                    name, fault = b"", str(e)
            start += total
            payload: Any = source[at:start]
            if state is not None:
                try:
                    session, payload = begin_session(session, state, payload, self._codec)
                except MalformedCallError as e:
                    fault = str(e)
            if attached is not None:
                attached.payload(payload)
            if source is not buffer:
                payload = bytes(payload) if attached is None else None
                source, start, end = buffer, 0, 0
            self._start, self._end = start, end

            if trace is not None and fault is None:
                # Before the call may be cancelled: what begins a span is not the user's function.
                of_session = getattr(session, "session_id", session)
                span = begin_span(name.decode("utf-8", "replace"), request, trace, of_session)
            word[0] = request
            value: Any = None
            try:
                try:
                    canceller.running = request
                    if canceller.missed:
                        canceller.look()
                    if fault is not None:
                        raise MalformedCallError(fault)
                    if cpu is not None:
                        cpu.begin()
                    running[0] = (request, remaining, now(), session, trace)
                    target = targets.get(name) or self._resolve(name)
                    if attached is None:
                        value = target.invoke(target.loads(payload), flags == MIXED)
                    else:
                        value = attached.invoke(target, flags == MIXED)
                    if target.is_async:
                        value = canceller.run_coroutine(value)
                    if stream is not None:
                        stream.run(value)
                        value = None
                    besides = 0
                    if state is not None:
                        field, told = session.answer(dumps)
                        besides = len(field) + len(told)
                    value = dumps(value) if attached is None else attached.dumps(value, besides)
                    canceller.running = 0
                    if len(value) + besides + FIXED_BYTES > limit:
                        raise ResultTooLargeError(len(value), limit)
                    kind = RESULT
                except BaseException as e:
                    canceller.running = 0
                    kind = ERROR
                    value = self._error(e)
                    if span is not None:
                        span.failed(e)
            except CallCancelled as e:
                kind = ERROR
                value = self._error(e)
                if span is not None:
                    span.failed(e)
            if cpu is not None:
                cpu.end()
            running[0] = None
            if stream is not None:
                canceller.streaming = False
                stream = None
                start, end = self._start, self._end

            if attached is not None:
                for piece in attached.reply(kind, request, value, field, told):
                    send(piece)
                attached = value = session = None
                done[_DONE_AT] = _DONE
                if span is not None:
                    span.end()
                continue
            if state is not None and kind == RESULT and field:
                value += told
                head = pack(FIXED_BYTES + len(field) + len(value), kind, 0, len(field), request) + field
            else:
                head = pack(FIXED_BYTES + len(value), kind, 0, 0, request)
            if len(value) <= _JOIN:
                send(head + value)
            else:
                send(head)
                send(value)
            done[_DONE_AT] = _DONE
            if span is not None:
                span.end()  # Now, since it may take its time to export it.
            # A large value must not live on until the next call.
            value = payload = session = None

    def _read_on(self, start: int, end: int) -> tuple[mmap.mmap | memoryview, int, int]:
        """Reads the rest of an incomplete frame: into the buffer, or into one of its own when it is larger.

        Returns what holds it, where it starts and where what has been read ends.
        """
        have = end - start
        self._buffer[:have] = self._buffer[start:end]
        while have < FRAME_BYTES:
            have += self._more(self._view[have:_BUFFER])
        length, kind, flags, header_length, _ = protocol.FRAME.unpack_from(self._buffer)
        protocol.check_frame(length, kind, flags, header_length, self._limit)
        total = length + LENGTH_BYTES
        if total <= _BUFFER:
            while have < total:
                have += self._more(self._view[have:_BUFFER])
            return self._buffer, 0, have
        own = memoryview(bytearray(total + _HEAD.size))
        own[:have] = self._view[:have]
        while have < total:
            have += self._more(own[have:total])
        return own, 0, total

    def _stream(self, request: int, credit: tuple[int, int]) -> ExclusiveStream:
        self._canceller.streaming = True
        items = Items(self._codec.dumps, self._limit)
        return ExclusiveStream(request, credit, items, self._canceller, self._replies.sendall, self._receive)

    def _receive(self, size: int) -> bytes:
        """Takes in so many bytes for the call that runs; none at the end of the connection."""
        taken = bytes(self._view[self._start : min(self._end, self._start + size)])
        self._start += len(taken)
        while len(taken) < size:
            more = self._sock.recv(size - len(taken))
            if not more:
                if not taken:
                    break
                raise ConnectionError("the host left within a frame")
            taken += more
        return taken

    def _more(self, room: memoryview) -> int:
        size = self._sock.recv_into(room)
        if size == 0:
            raise protocol.ProtocolError("it ended within a frame")
        return size

    def _resolve(self, name: bytes) -> Target:
        target = self._registry.resolve(name)
        clash = self._canceller.clash()
        if clash is not None and clash != self._clash:
            self._clash = clash
            _logger.error("the module of %s claims %s; until then calls cannot be cancelled or dumped",
                          target.name, clash)  # fmt: skip
        self._targets[name] = target
        return target

    def _error(self, error: BaseException) -> bytes:
        """The ERROR payload, which must come about whatever the exception does when it is described."""
        return error_payload(error, self._limit)

    def _rest(self) -> bytes:
        return bytes(self._view[self._start : min(self._end, self._start + FRAME_BYTES)])

    def _after_fork(self) -> None:
        """In a child that user code forks: it must neither read calls nor answer them."""
        self._forked = True
        self._canceller.running = 0
        self._sock.close()
        self._replies.close()
