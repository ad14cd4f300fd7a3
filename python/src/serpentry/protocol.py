# SPDX-License-Identifier: Apache-2.0
"""Frames of the wire protocol, version 1: constants, packing, parsing and their limits.

``protocol/README.md`` is the text, ``protocol/vectors/frames.json`` the vectors that this module and the
Java side both assert. Everything here is pure and may be used from any thread.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import mmap

from serpentry.tracing import Trace

VERSION: Final = 1

HELLO: Final = 1
WELCOME: Final = 2
REFUSED: Final = 3
CALL: Final = 4
RESULT: Final = 5
ERROR: Final = 6
CANCEL: Final = 7
CONTROL: Final = 8
ITEM: Final = 9
CREDIT: Final = 10

MIXED: Final = 0x01

FIELD_SESSION: Final = 1
FIELD_TRACEPARENT: Final = 2
FIELD_ATTACHMENTS: Final = 3
FIELD_SESSION_STATE: Final = 4
FIELD_TRACESTATE: Final = 5
FIELD_BAGGAGE: Final = 6
FIELD_RESULT_ROOM: Final = 8
FIELD_SEGMENTS: Final = 9
FIELD_KEPT: Final = 10
FIELD_DROPPED: Final = 11
FIELD_FRAMES: Final = 12
FIELD_STREAM: Final = 13

_TEXTS: Final = frozenset({FIELD_SESSION, FIELD_TRACEPARENT, FIELD_TRACESTATE, FIELD_BAGGAGE})
_BINARY: Final = frozenset({FIELD_ATTACHMENTS, FIELD_RESULT_ROOM, FIELD_SEGMENTS, FIELD_DROPPED})

# length, kind, flags, header length, request id
FRAME: Final = struct.Struct(">IBBHQ")
# remaining milliseconds, target length
CALL_HEADER: Final = struct.Struct(">IH")
FIELD: Final = struct.Struct(">BH")
_SESSION_STATE: Final = struct.Struct(">QQ")
_SESSION_STATE_SENT: Final = struct.Struct(">QQI")
_CREDIT: Final = struct.Struct(">IQ")

LENGTH_BYTES: Final = 4
FRAME_BYTES: Final = FRAME.size
FIXED_BYTES: Final = FRAME_BYTES - LENGTH_BYTES

DEFAULT_FRAME_LIMIT: Final = 64 * 1024 * 1024
HELLO_LIMIT: Final = 64 * 1024
CONTROL_LIMIT: Final = 1024 * 1024
CREDIT_LIMIT: Final = 1024
TARGET_LIMIT: Final = 512
HELLO_SECONDS: Final = 10.0

EXIT_REFUSED: Final = 78
BEGUN_DONE: Final = 1 << 63

Buffer = bytes | bytearray | memoryview


class ProtocolError(Exception):
    """The bytes received are no frame of this protocol; the connection they came from must be closed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame. ``header`` and ``payload`` are copies and outlive the buffer they came from."""

    kind: int
    flags: int
    request: int
    header: bytes
    payload: bytes


class SessionField(NamedTuple):
    """Which state of its session a call is for; version 0 is the empty one of a new session.

    ``length`` bytes at the payload's end are that state; None: the worker has it.
    """

    serial: int
    version: int
    length: int | None = None


class CallHeader(NamedTuple):
    """The decoded header of a CALL; ``remaining_ms`` is 0 when the call has no deadline."""

    remaining_ms: int
    target: bytes
    session: str | None = None
    traceparent: str | None = None
    binary: dict[int, bytes] | None = None
    """The fields about attachments by their tags, as :mod:`serpentry.attachments` reads them."""
    state: SessionField | None = None
    credit: tuple[int, int] | None = None
    """Of a call whose function's items are wanted one by one: how many, and how many bytes of them."""
    tracestate: str | None = None
    baggage: str | None = None

    @property
    def trace(self) -> Trace | None:
        """The trace context with what belongs to it; None without a ``traceparent``."""
        if self.traceparent is None:
            return None
        return Trace(self.traceparent, self.tracestate, self.baggage)


def pack(kind: int, request: int = 0, payload: Buffer = b"", header: Buffer = b"", flags: int = 0) -> bytes:
    """Returns the bytes of one frame; the caller holds the frame against its limit."""
    length = FIXED_BYTES + len(header) + len(payload)
    return b"".join((FRAME.pack(length, kind, flags, len(header), request), header, payload))


def check_frame(length: int, kind: int, flags: int, header_length: int, limit: int) -> None:
    """Raises ProtocolError unless the fixed part of a frame is acceptable under ``limit`` bytes."""
    if length < FIXED_BYTES:
        raise ProtocolError(f"frame length {length} is below {FIXED_BYTES}")
    if length > limit:
        raise ProtocolError(f"frame length {length} is above the limit of {limit} bytes")
    if header_length > length - FIXED_BYTES:
        raise ProtocolError(f"header length {header_length} does not fit a frame of length {length}")
    if not HELLO <= kind <= CREDIT:
        raise ProtocolError(f"unknown frame kind {kind}")
    if flags & ~MIXED or (flags and kind != CALL):
        raise ProtocolError(f"flags 0x{flags:02x} are not allowed on frame kind {kind}")


def unpack(data: Buffer, limit: int = DEFAULT_FRAME_LIMIT) -> tuple[Frame | None, int]:
    """Takes one frame from the start of ``data``.

    Returns the frame and the bytes it took, or ``(None, 0)`` while it is incomplete. Raises ProtocolError
    as soon as the fixed part shows that no acceptable frame can follow.
    """
    if len(data) < LENGTH_BYTES:
        return None, 0
    length = int.from_bytes(data[:LENGTH_BYTES], "big")
    if length < FIXED_BYTES or length > limit:
        check_frame(length, HELLO, 0, 0, limit)
    if len(data) < FRAME_BYTES:
        return None, 0
    length, kind, flags, header_length, request = FRAME.unpack_from(data)
    check_frame(length, kind, flags, header_length, limit)
    end = LENGTH_BYTES + length
    if len(data) < end:
        return None, 0
    split = FRAME_BYTES + header_length
    return Frame(kind, flags, request, bytes(data[FRAME_BYTES:split]), bytes(data[split:end])), end


def pack_call_header(
    target: bytes,
    remaining_ms: int = 0,
    session: str | None = None,
    traceparent: str | None = None,
    state: SessionField | None = None,
    credit: tuple[int, int] | None = None,
    trace: Trace | None = None,
) -> bytes:
    """Returns the header of a CALL; ``trace`` stands for a ``traceparent`` with what belongs to it."""
    parts = [CALL_HEADER.pack(remaining_ms, len(target)), target]
    if trace is None and traceparent is not None:
        trace = Trace(traceparent)
    texts: list[tuple[int, str | None]] = [(FIELD_SESSION, session)]
    if trace is not None:
        texts += (
            (FIELD_TRACEPARENT, trace.traceparent),
            (FIELD_TRACESTATE, trace.tracestate),
            (FIELD_BAGGAGE, trace.baggage),
        )
    for tag, text in texts:
        if text is not None:
            value = text.encode("utf-8")
            parts += (FIELD.pack(tag, len(value)), value)
    if state is not None:
        if state.length is None:
            value = _SESSION_STATE.pack(state.serial, state.version)
        else:
            value = _SESSION_STATE_SENT.pack(state.serial, state.version, state.length)
        parts += (FIELD.pack(FIELD_SESSION_STATE, len(value)), value)
    if credit is not None:
        value = pack_credit(credit)
        parts += (FIELD.pack(FIELD_STREAM, len(value)), value)
    return b"".join(parts)


def pack_credit(credit: tuple[int, int]) -> bytes:
    """Items and bytes that a worker may send, as a CREDIT frame's payload and a call's field have them."""
    return _CREDIT.pack(*credit)


def parse_credit(value: Buffer) -> tuple[int, int]:
    """What :func:`pack_credit` made. Raises ProtocolError."""
    if len(value) != _CREDIT.size:
        raise ProtocolError(f"credit has {_CREDIT.size} bytes, not {len(value)}")
    items, size = _CREDIT.unpack(value)
    return items, size


def _session_field(value: Buffer) -> SessionField:
    if len(value) == _SESSION_STATE.size:
        return SessionField(*_SESSION_STATE.unpack(value))
    if len(value) == _SESSION_STATE_SENT.size:
        return SessionField(*_SESSION_STATE_SENT.unpack(value))
    raise ProtocolError(f"a session state field of a call has 16 or 20 bytes, not {len(value)}")


def parse_session_call(
    source: mmap.mmap | memoryview, at: int, end: int
) -> tuple[str, str | None, SessionField] | None:
    """Decodes what most calls of sessions carry behind their target, in half of the general time.

    Args:
        source: what holds the call's header.
        at: where its fields begin.
        end: where they end, and the header.

    Returns:
        The session, its caller's trace context and its state; None when there are other fields, or in
        another order, or any fault, which are :func:`parse_call_header`'s.
    """
    trace = None
    if end - at < FIELD.size:
        return None
    tag, length = FIELD.unpack_from(source, at)
    value, at = at + FIELD.size, at + FIELD.size + length
    if tag != FIELD_SESSION or end - at < FIELD.size:
        return None
    try:
        session = str(source[value:at], "utf-8")
        tag, length = FIELD.unpack_from(source, at)
        if tag == FIELD_TRACEPARENT:
            value, at = at + FIELD.size, at + FIELD.size + length
            if end - at < FIELD.size:
                return None
            trace = str(source[value:at], "utf-8")
            tag, length = FIELD.unpack_from(source, at)
    except UnicodeDecodeError:
        return None
    at += FIELD.size
    if tag != FIELD_SESSION_STATE or at + length != end:
        return None
    if length == _SESSION_STATE.size:
        serial, version = _SESSION_STATE.unpack_from(source, at)
        return session, trace, SessionField(serial, version)
    if length == _SESSION_STATE_SENT.size:
        return session, trace, SessionField(*_SESSION_STATE_SENT.unpack_from(source, at))
    return None


def parse_call_header(header: Buffer) -> CallHeader:
    """Decodes the header of a CALL.

    Raises ProtocolError naming the fault; its frame was well-formed, so the connection may go on.
    """
    size = len(header)
    if size < CALL_HEADER.size:
        raise ProtocolError(f"call header of {size} bytes is shorter than {CALL_HEADER.size}")
    remaining_ms, target_length = CALL_HEADER.unpack_from(header)
    at = CALL_HEADER.size + target_length
    if target_length > TARGET_LIMIT:
        raise ProtocolError(f"target of {target_length} bytes is longer than {TARGET_LIMIT}")
    if at > size:
        raise ProtocolError(f"target of {target_length} bytes does not fit a call header of {size} bytes")
    target = bytes(header[CALL_HEADER.size : at])
    fields: dict[int, str] = {}
    binary: dict[int, bytes] = {}
    state = credit = None
    while at < size:
        if size - at < FIELD.size:
            raise ProtocolError(f"call header ends within a field at byte {at}")
        tag, length = FIELD.unpack_from(header, at)
        at += FIELD.size
        if at + length > size:
            raise ProtocolError(f"field {tag} of {length} bytes does not fit a call header of {size} bytes")
        if tag in _BINARY:
            binary[tag] = bytes(header[at : at + length])
        elif tag in _TEXTS:
            try:
                fields[tag] = str(header[at : at + length], "utf-8")
            except UnicodeDecodeError as e:
                raise ProtocolError(f"field {tag} of the call header is not UTF-8: {e}") from None
        elif tag == FIELD_SESSION_STATE:
            state = _session_field(header[at : at + length])
        elif tag == FIELD_STREAM:
            credit = parse_credit(header[at : at + length])
        at += length
    return CallHeader(
        remaining_ms,
        target,
        fields.get(FIELD_SESSION),
        fields.get(FIELD_TRACEPARENT),
        binary or None,
        state,
        credit,
        fields.get(FIELD_TRACESTATE),
        fields.get(FIELD_BAGGAGE),
    )
