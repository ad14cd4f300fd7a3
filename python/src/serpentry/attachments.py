# SPDX-License-Identifier: Apache-2.0
"""Binary attachments on the wire: the entries of the header field and the fields of a reply's header.

The layout stands in ``protocol/README.md``, "Attachments". Everything here is pure.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from typing import Final

from serpentry.protocol import FIELD, ProtocolError

BYTES: Final = 0
ARRAY: Final = 1
TABLE: Final = 2

FORM_VALUE: Final = 1
FORM_TABLE: Final = 2
ASK_FRAMES: Final = 4

ALIGNMENT: Final = 8
IN_FRAME: Final = -1
FOREIGN_ORDER: Final = 0x80
MAX_RANK: Final = 64
NO_POSITION: Final = 0xFFFF

# kind, type, rank, where, position, name length, segment, offset, length
_ENTRY: Final = struct.Struct(">BBBBHHIQQ")
_ROOM: Final = struct.Struct(">BQ")
_SEGMENT: Final = struct.Struct(">IQH")
_PARAMETER: Final = struct.Struct(">HH")
_U32: Final = struct.Struct(">I")
_U64: Final = struct.Struct(">Q")
_U16: Final = struct.Struct(">H")

DTYPES: Final = (
    "", "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16",
    "float32", "float64",
)  # fmt: skip
"""Names of element types by their codes, as NumPy names them."""
FORMATS: Final = ("", "?", "b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d")
"""The same for ``struct`` and ``memoryview``."""
SIZES: Final = (0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8)
ORDER: Final = "little-endian" if sys.byteorder == "little" else "big-endian"
OTHER_ORDER: Final = "big-endian" if sys.byteorder == "little" else "little-endian"

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Entry:
    """What one attachment is and where it lies."""

    kind: int
    type: int = 0
    foreign_order: bool = False
    shape: tuple[int, ...] = ()
    position: int = 0
    name: str = ""
    segment: int = IN_FRAME
    offset: int = 0
    length: int = 0

    def pack(self) -> bytes:
        """Its bytes in the field."""
        name = self.name.encode("utf-8")
        head = _ENTRY.pack(
            self.kind,
            self.type | (FOREIGN_ORDER if self.foreign_order else 0),
            len(self.shape),
            0 if self.segment == IN_FRAME else 1,
            self.position,
            len(name),
            0 if self.segment == IN_FRAME else self.segment,
            self.offset,
            self.length,
        )
        return b"".join((head, *map(_U64.pack, self.shape), name))


@dataclass(frozen=True, slots=True)
class Room:
    """What a call allows for its result."""

    forms: int
    grant: int
    released: tuple[int, ...] = ()
    """Segments of the worker's that the host has done with; with the top bit set for good."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A segment that the sender has made."""

    number: int
    size: int
    name: str


def aligned(offset: int) -> int:
    """The next boundary at or behind ``offset``."""
    return (offset + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


def pack_entries(json_length: int, entries: list[Entry]) -> bytes:
    """The value of the field ``FIELD_ATTACHMENTS``."""
    return b"".join((_U32.pack(json_length), *(entry.pack() for entry in entries)))


def pack_field(tag: int, value: bytes) -> bytes:
    """One field of a header. Raises ProtocolError when its value is too long."""
    if len(value) > 0xFFFF:
        raise ProtocolError(f"field {tag} of {len(value)} bytes exceeds 65535")
    return FIELD.pack(tag, len(value)) + value


def parse_entries(value: Buffer) -> tuple[int, list[Entry]]:
    """The JSON's length and the entries. Raises ProtocolError naming the fault."""
    try:
        (json_length,) = _U32.unpack_from(value)
        at = _U32.size
        entries: list[Entry] = []
        while at < len(value):
            kind, code, rank, where, position, name_length, segment, offset, length = _ENTRY.unpack_from(
                value, at
            )
            at += _ENTRY.size
            if kind > TABLE or rank > MAX_RANK or where > 1:
                raise ProtocolError(f"attachment of kind {kind}, rank {rank}, place {where}")
            shape = tuple(_U64.unpack_from(value, at + 8 * axis)[0] for axis in range(rank))
            at += 8 * rank
            if at + name_length > len(value):
                raise ProtocolError("the field of attachments is cut short")
            name = str(value[at : at + name_length], "utf-8")
            at += name_length
            entries.append(
                Entry(
                    kind,
                    code & ~FOREIGN_ORDER,
                    bool(code & FOREIGN_ORDER),
                    shape,
                    position,
                    name,
                    segment if where else IN_FRAME,
                    offset,
                    length,
                )
            )
    except (struct.error, UnicodeDecodeError) as e:
        raise ProtocolError(f"the field of attachments is malformed: {e}") from None
    return json_length, entries


def parse_room(value: Buffer) -> Room:
    """The value of ``FIELD_RESULT_ROOM``."""
    try:
        forms, grant = _ROOM.unpack_from(value)
        rest = value[_ROOM.size :]
        released = tuple(number for (number,) in struct.iter_unpack(">I", rest))
    except struct.error as e:
        raise ProtocolError(f"the field of the result's room is malformed: {e}") from None
    return Room(forms, grant, released)


def pack_segments(segments: list[Announced]) -> bytes:
    """The value of ``FIELD_SEGMENTS``."""
    parts: list[bytes] = []
    for segment in segments:
        name = segment.name.encode("utf-8")
        parts += (_SEGMENT.pack(segment.number, segment.size, len(name)), name)
    return b"".join(parts)


def parse_segments(value: Buffer) -> list[Announced]:
    """The value of ``FIELD_SEGMENTS``. Raises ProtocolError naming the fault."""
    found: list[Announced] = []
    at = 0
    try:
        while at < len(value):
            number, size, length = _SEGMENT.unpack_from(value, at)
            at += _SEGMENT.size
            if at + length > len(value):
                raise ProtocolError("the field of segments is cut short")
            found.append(Announced(number, size, str(value[at : at + length], "utf-8")))
            at += length
    except (struct.error, UnicodeDecodeError) as e:
        raise ProtocolError(f"the field of segments is malformed: {e}") from None
    return found


def pack_kept(kept: list[int], gone: list[int]) -> bytes:
    """The value of ``FIELD_KEPT``: segments that Python still looks at, and such that it does no more."""
    return b"".join((_U16.pack(len(kept)), *map(_U32.pack, kept), *map(_U32.pack, gone)))


def pack_frames(parameters: list[tuple[int | None, str]]) -> bytes:
    """Which parameters take tables, by position, where they have one, and name."""
    parts: list[bytes] = []
    for position, name in parameters:
        text = name.encode("utf-8")
        parts += (_PARAMETER.pack(NO_POSITION if position is None else position, len(text)), text)
    return b"".join(parts)


def pack_numbers(numbers: list[int]) -> bytes:
    """Numbers of segments."""
    return b"".join(map(_U32.pack, numbers))


def parse_numbers(value: Buffer) -> tuple[int, ...]:
    """Numbers of segments. Raises ProtocolError."""
    try:
        return tuple(number for (number,) in _U32.iter_unpack(value))
    except struct.error as e:
        raise ProtocolError(f"a field of numbers is malformed: {e}") from None
