# SPDX-License-Identifier: Apache-2.0
"""Tables on the wire: rows of equal members, column by column. Everything here is pure.

The layout stands in ``protocol/README.md``, "Tables".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from serpentry.attachments import DTYPES, SIZES, aligned
from serpentry.protocol import ProtocolError

JSON: Final = 0
"""The type of a column whose values are the items of a JSON array."""
BOOL: Final = DTYPES.index("bool")
INT64: Final = DTYPES.index("int64")
FLOAT64: Final = DTYPES.index("float64")

_MISSING: Final = 1
_HEAD: Final = struct.Struct(">QII")
# type, flags, name length, offset, length
_COLUMN: Final = struct.Struct(">BBHQQ")

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its values one behind the other, in the machine's own byte order, or as JSON."""

    name: str
    type: int
    data: Buffer
    missing: Buffer | None = None
    """A byte for each row, 1 where the value is missing; None when none is."""


def pack_table(rows: int, columns: list[Column]) -> bytearray:
    """The bytes of a table."""
    names = [column.name.encode("utf-8") for column in columns]
    at = aligned(_HEAD.size + sum(_COLUMN.size + len(name) for name in names))
    places: list[int] = []
    for column in columns:
        places.append(at)
        at = aligned(at + len(column.data))
        if column.missing is not None:
            at = aligned(at + rows)
    out = bytearray(at)
    _HEAD.pack_into(out, 0, rows, len(columns), 0)
    head = _HEAD.size
    for column, name, place in zip(columns, names, places, strict=True):
        flags = 0 if column.missing is None else _MISSING
        _COLUMN.pack_into(out, head, column.type, flags, len(name), place, len(column.data))
        head += _COLUMN.size
        out[head : head + len(name)] = name
        head += len(name)
        end = place + len(column.data)
        out[place:end] = column.data
        if column.missing is not None:
            out[aligned(end) : aligned(end) + rows] = column.missing
    return out


def parse_table(data: memoryview) -> tuple[int, list[Column]]:
    """How many rows there are, and the columns, as views of ``data``. Raises ProtocolError."""
    try:
        rows, count, _ = _HEAD.unpack_from(data)
        at = _HEAD.size
        columns: list[Column] = []
        for _ in range(count):
            code, flags, name_length, offset, length = _COLUMN.unpack_from(data, at)
            at += _COLUMN.size
            if at + name_length > len(data):
                raise ProtocolError("the columns of a table are cut short")
            name = str(data[at : at + name_length], "utf-8")
            at += name_length
            columns.append(_column(data, rows, name, code, flags, offset, length))
    except (struct.error, UnicodeDecodeError) as e:
        raise ProtocolError(f"a table is malformed: {e}") from None
    if len({column.name for column in columns}) < len(columns):
        raise ProtocolError("a table has two columns of one name")
    return rows, columns


def _column(
    data: memoryview, rows: int, name: str, code: int, flags: int, offset: int, length: int
) -> Column:
    if code >= len(DTYPES):
        raise ProtocolError(f"column {name!r} of a table has the unknown type {code}")
    expected = rows * SIZES[code]
    if code != JSON and length != expected:
        raise ProtocolError(
            f"column {name!r} of a table has {length} bytes, {rows} of {DTYPES[code]} take {expected}"
        )
    end = aligned(offset + length)
    last = end + rows if flags & _MISSING else offset + length
    if offset % 8 or last > len(data):
        raise ProtocolError(f"column {name!r} of {length} bytes at {offset} is not in its table")
    return Column(name, code, data[offset : offset + length], data[end:last] if flags & _MISSING else None)
