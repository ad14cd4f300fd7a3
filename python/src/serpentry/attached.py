# SPDX-License-Identifier: Apache-2.0
"""Calls with binary arguments or with leave for a binary result: what the loops do differently for them.

A loop makes an :class:`AttachedCall` when a call's header has such fields, and asks it in place of target and
codec. Calls without them never come here.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any, Final

from serpentry import protocol
from serpentry.arrays import Attached, Outgoing, Tables, bind, check, outgoing
from serpentry.attachments import (
    ASK_FRAMES,
    FORM_TABLE,
    FORM_VALUE,
    IN_FRAME,
    TABLE,
    Entry,
    Room,
    aligned,
    pack_entries,
    pack_field,
    pack_frames,
    pack_kept,
    pack_numbers,
    pack_segments,
    parse_entries,
    parse_numbers,
    parse_room,
    parse_segments,
)
from serpentry.binding import Binder
from serpentry.codec import Codec
from serpentry.errors import BindingError, MalformedCallError, ResultTooLargeError
from serpentry.frame_results import packed
from serpentry.frames import parameters
from serpentry.hints import Converter
from serpentry.records import resolved_hints
from serpentry.registry import Target
from serpentry.segments import Memory

_NOTHING: Final = Room(0, 0)
_RESULT_FIELD: Final = protocol.FIELD.size + 4


class AttachedBinder(Binder):
    """A binder for arguments of which some are :class:`~serpentry.arrays.Attached`."""

    def __init__(self, function: Callable[..., Any], name: str, codec: Codec) -> None:
        super().__init__(function, name, codec.nan)
        self._hints = resolved_hints(inspect.unwrap(function))
        self._tables = Tables(codec.loads, codec.loads_exact, self.exact, codec.nan)
        self.frames = pack_frames(parameters(function, self._hints))
        """The reply's field that says which parameters take tables."""

    def call(self, arguments: object, mixed: bool) -> Any:
        """Binds and calls. Raises BindingError naming argument, expected and actual."""
        positional, named = self.bind(arguments, mixed)
        return self._function(*positional, **named)

    def _convert(self, name: str, convert: Converter | None, value: Any) -> Any:
        if type(value) is not Attached:
            return super()._convert(name, convert, value)
        parameter = name.partition("[")[0]
        if parameter not in self._converters and self._others is not None:
            parameter = self._others
        hint = self._hints.get(parameter, Any)
        return super()._convert(name, lambda attached: bind(attached, hint, convert, self._tables), value)


class AttachedCalls:
    """What all such calls of a worker share. Thread-safe."""

    def __init__(self, codec: Codec, limit: int, memory: dict[str, Any]) -> None:
        self.codec = codec
        self.limit = limit
        self.memory = Memory(memory)
        self._binders: dict[Target, AttachedBinder] = {}
        self._lock = threading.Lock()

    def call(self, binary: dict[int, bytes], payload_at: int) -> AttachedCall:
        """Reads the fields of a call; ``payload_at`` is where its payload begins in its frame.

        Raises ProtocolError naming the fault.
        """
        json_length = 0
        entries: list[Entry] = []
        if protocol.FIELD_ATTACHMENTS in binary:
            json_length, entries = parse_entries(binary[protocol.FIELD_ATTACHMENTS])
        room = _NOTHING
        if protocol.FIELD_RESULT_ROOM in binary:
            room = parse_room(binary[protocol.FIELD_RESULT_ROOM])
            self.memory.released(room.released)
        if protocol.FIELD_DROPPED in binary:
            self.memory.forget(parse_numbers(binary[protocol.FIELD_DROPPED]))
        if protocol.FIELD_SEGMENTS in binary:
            self.memory.meet(parse_segments(binary[protocol.FIELD_SEGMENTS]))
        return AttachedCall(self, payload_at, json_length, entries, room)

    def binder(self, target: Target) -> AttachedBinder:
        """The binder of a function, made for its first call with attachments."""
        found = self._binders.get(target)
        if found is None:
            made = AttachedBinder(target.function, target.name, self.codec)
            with self._lock:
                found = self._binders.setdefault(target, made)
        return found


class AttachedCall:
    """One such call, from its frame to its reply. Used by one thread at a time."""

    __slots__ = ("_calls", "_entries", "_frames", "_json_length", "_out", "_payload", "_payload_at",
                 "_placed", "_room", "_used")  # fmt: skip

    def __init__(
        self, calls: AttachedCalls, payload_at: int, json_length: int, entries: list[Entry], room: Room
    ) -> None:
        self._calls = calls
        self._payload_at = payload_at
        self._json_length = json_length
        self._entries = entries
        self._room = room
        self._payload: Any = b""
        self._out: Outgoing | None = None
        self._frames: bytes | None = None
        self._placed: tuple[int, int] | None = None
        self._used = [entry.segment for entry in entries if entry.segment != IN_FRAME]

    def payload(self, payload: Any) -> None:
        """Takes the payload: bytes, or a view of a buffer that is this call's own."""
        self._payload = payload

    def invoke(self, target: Target, mixed: bool) -> Any:
        """Binds the arguments and calls the function; a coroutine when it is async."""
        payload, self._payload = self._payload, None
        entries = self._entries
        if self._room.forms & ASK_FRAMES:
            self._frames = self._calls.binder(target).frames
        if not entries:
            return target.invoke(target.loads(bytes(payload)), mixed)
        if self._json_length > len(payload):
            raise MalformedCallError(f"a JSON of {self._json_length} bytes in a payload of {len(payload)}")
        arguments = target.loads(bytes(payload[: self._json_length]))
        for entry in entries:
            self._put(arguments, mixed, Attached(entry, self._view(entry, payload)))
        return self._calls.binder(target).call(arguments, mixed)

    def _view(self, entry: Entry, payload: Any) -> memoryview:
        try:
            check(entry)
        except ValueError as e:
            place = entry.name or f"[{entry.position}]"
            raise BindingError(f"argument {place!r} is no array: {e}", place, "an array", str(e)) from None
        if entry.segment != IN_FRAME:
            return self._calls.memory.view(entry.segment, entry.offset, entry.length)
        start = entry.offset - self._payload_at
        if start < self._json_length or start + entry.length > len(payload):
            raise MalformedCallError(f"an attachment of {entry.length} bytes at {entry.offset} is not there")
        part = memoryview(payload)[start : start + entry.length]
        # A view of bytes that were copied anyway begins anywhere; NumPy wants a boundary.
        return memoryview(bytearray(part)) if type(payload) is bytes else part

    @staticmethod
    def _put(arguments: Any, mixed: bool, value: Attached) -> None:
        entry = value.entry
        try:
            if mixed:
                arguments = arguments[1 if entry.name else 0]
            place: Any = entry.name or entry.position
            if arguments[place] is not None:
                raise MalformedCallError(f"argument {place!r} is both in the JSON and attached")
            arguments[place] = value
        except (KeyError, IndexError, TypeError):
            raise MalformedCallError(
                f"no place for an attachment at {entry.name or entry.position!r}"
            ) from None

    def dumps(self, value: Any, besides: int = 0) -> bytes:
        """The JSON of the result; ``null`` when it leaves outside the JSON. Raises as the codec does.

        ``besides`` bytes of the frame are for the session.
        """
        out = self._outgoing(value)
        if out is None:
            text = self._calls.codec.dumps(value)
            self._check(len(text) + besides)
            return text
        self._placed = self._calls.memory.place(out.data, self._room.grant)
        if self._placed is None:
            self._check(besides + len(b"null") + 256 + 8 * len(out.shape) + len(out.data))
            if self._used:  # it may be the argument itself, whose memory is the host's again.
                out.data = memoryview(bytes(out.data))
        else:
            out.data = memoryview(b"")  # it may be the argument, which must not seem kept
        self._out = out
        return b"null"

    def _outgoing(self, value: Any) -> Outgoing | None:
        out = outgoing(value) if self._room.forms & FORM_VALUE else None
        if out is None and self._room.forms & FORM_TABLE:
            table = packed(value, self._calls.codec.dumps)
            out = None if table is None else Outgoing(TABLE, table)
        return out

    def _check(self, size: int) -> None:
        if size + protocol.FIXED_BYTES > self._calls.limit:
            raise ResultTooLargeError(size, self._calls.limit)

    def reply(
        self, kind: int, request: int, value: bytes, field: bytes = b"", state: bytes = b""
    ) -> list[Any]:
        """The pieces of the reply's frame. Called once, when nothing of the call is referred to any more.

        ``field`` and ``state`` are what a result tells of its session.
        """
        if kind != protocol.RESULT:
            field = state = b""
        fields: list[bytes] = [field] if field else []
        self._payload = None
        if self._used or self._room is not _NOTHING:
            # Present even when it says nothing: it tells the host that the call is over.
            kept, gone = self._calls.memory.settle(self._used)
            fields.append(pack_field(protocol.FIELD_KEPT, pack_kept(kept, gone)))
        if self._frames is not None:
            fields.append(pack_field(protocol.FIELD_FRAMES, self._frames))
        out = self._out if kind == protocol.RESULT else None
        tail: Any = b""
        if out is not None:
            if self._placed is not None:
                segment, offset = self._placed
                dropped = self._calls.memory.dropped()
                if dropped:
                    fields.append(pack_field(protocol.FIELD_DROPPED, pack_numbers(dropped)))
                fresh = self._calls.memory.announce(segment)
                if fresh:
                    fields.append(pack_field(protocol.FIELD_SEGMENTS, pack_segments(fresh)))
                entry = out.entry(segment, offset)
            else:
                before = sum(map(len, fields)) + _RESULT_FIELD + len(out.entry(IN_FRAME, 0).pack())
                end = protocol.FRAME_BYTES + before + len(value)
                entry = out.entry(IN_FRAME, aligned(end))
                tail = out.data
            fields.append(pack_field(protocol.FIELD_ATTACHMENTS, pack_entries(len(value), [entry])))
        elif self._placed is not None:
            self._calls.memory.take_back(self._placed[0])
        header = b"".join(fields)
        pad = bytes(entry.offset - end) if out is not None and self._placed is None else b""
        length = protocol.FIXED_BYTES + len(header) + len(value) + len(pad) + len(tail) + len(state)
        head = protocol.FRAME.pack(length, kind, 0, len(header), request)
        self._out = None
        if len(tail) <= _JOIN:
            return [b"".join((head, header, value, pad, tail, state))]
        return [b"".join((head, header, value, pad)), tail, state]


_JOIN: Final = 64 * 1024
