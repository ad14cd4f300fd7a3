# SPDX-License-Identifier: Apache-2.0
"""Binary arguments as the values that a function's hints ask for, and results as bytes to send.

NumPy is used when it is installed and a hint or the argument's type asks for it; nothing here requires it.
"""

from __future__ import annotations

import array
import math
import sys
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from serpentry.attachments import ARRAY, BYTES, DTYPES, FORMATS, ORDER, OTHER_ORDER, SIZES, TABLE, Entry
from serpentry.errors import MalformedCallError
from serpentry.frames import from_table, library_within, rows_of_table
from serpentry.hints import Converter, Mismatch, hint_name, plain_hint
from serpentry.protocol import ProtocolError

_CODES: Final = {name: code for code, name in enumerate(DTYPES) if code}
_FORMAT_CODES: Final = {fmt: code for code, fmt in enumerate(FORMATS) if code} | {
    "c": 3, "l": 8 if array.array("l").itemsize == 8 else 6, "L": 9 if array.array("L").itemsize == 8 else 7,
}  # fmt: skip


class Writable:
    """Asks for an array that may be written to: ``Annotated[numpy.ndarray, serpentry.Writable]``.

    What is written is seen by nobody else, and the memory is only the call's: see ``docs/arrays.md``.
    """


@dataclass(frozen=True, slots=True)
class Tables:
    """How a function's tables are read: the codec's readers, and what its hints and the pool say."""

    loads: Callable[[bytes], Any]
    loads_exact: Callable[[bytes], Any]
    exact: bool
    nan: bool


class Attached:
    """One binary argument, before it is bound to a parameter."""

    __slots__ = ("entry", "view")

    def __init__(self, entry: Entry, view: memoryview) -> None:
        self.entry = entry
        self.view = view
        """Its bytes, writable where its memory is."""

    def name(self) -> str:
        """How messages name it: by type and shape."""
        entry = self.entry
        if entry.kind == BYTES:
            return "bytes"
        if entry.kind == TABLE:
            return "records"
        shape = ", ".join(map(str, entry.shape)) + ("," if len(entry.shape) == 1 else "")
        order = f" {OTHER_ORDER}" if entry.foreign_order else ""
        return f"{DTYPES[entry.type]}{order} of shape ({shape})"


def check(entry: Entry) -> None:
    """Raises ValueError when type, shape and length do not agree."""
    if entry.kind != ARRAY:
        return
    if not 1 <= entry.type < len(DTYPES):
        raise ValueError(f"element type {entry.type} is unknown")
    expected = math.prod(entry.shape) * SIZES[entry.type]
    if expected != entry.length:
        raise ValueError(
            f"shape {entry.shape} of {DTYPES[entry.type]} takes {expected} bytes, got {entry.length}"
        )


def bind(value: Attached, hint: Any, otherwise: Converter | None, tables: Tables) -> Any:
    """``value`` as ``hint`` asks for it; ``otherwise`` converts the plain value for all other hints.

    Raises Mismatch.
    """
    if value.entry.kind == TABLE:
        return _table(value, hint, otherwise, tables)
    if value.entry.foreign_order:
        raise Mismatch(f"an array in {ORDER} byte order", value.name())
    writable = Writable in getattr(hint, "__metadata__", ())
    wanted = plain_hint(hint, {})
    origin = typing.get_origin(wanted) or wanted
    if origin in (typing.Union, types.UnionType):
        return _first_of(value, typing.get_args(wanted), otherwise, tables)
    if isinstance(origin, type) and origin.__module__ == "numpy" and origin.__name__ == "ndarray":
        return _numpy(value, typing.get_args(wanted), writable)
    if origin is memoryview:
        return _view(value, writable)
    if origin is bytes or origin is bytearray:
        if value.entry.kind != BYTES and SIZES[value.entry.type] != 1:
            raise Mismatch(hint_name(wanted), value.name())
        return origin(value.view)
    if wanted in (Any, object):
        return _untyped(value, writable)
    if value.entry.kind == BYTES:
        raise Mismatch(hint_name(wanted), value.name())
    plain = _view(value, False).tolist()
    return plain if otherwise is None else otherwise(plain)


def _table(value: Attached, hint: Any, otherwise: Converter | None, tables: Tables) -> Any:
    name = library_within(hint)
    try:
        if name is not None:
            return from_table(name, value.view.toreadonly(), tables.loads, tables.nan)
        rows = rows_of_table(value.view, tables.loads_exact if tables.exact else tables.loads, tables.exact)
    except ProtocolError as e:
        raise MalformedCallError(str(e)) from None
    return rows if otherwise is None else otherwise(rows)


def _first_of(value: Attached, hints: tuple[Any, ...], otherwise: Converter | None, tables: Tables) -> Any:
    first: Mismatch | None = None
    for hint in hints:
        if hint is type(None):
            continue
        try:
            return bind(value, hint, None if hint in (Any, object) else otherwise, tables)
        except Mismatch as mismatch:
            first = first or mismatch
    raise first or Mismatch("None", value.name())


def _view(value: Attached, writable: bool) -> Any:
    # The formats are no literals, which is all that memoryview's own types know.
    view: Any = value.view if writable else value.view.toreadonly()
    entry = value.entry
    if entry.kind != ARRAY:
        return view
    if not entry.length or len(entry.shape) == 0:
        return view.cast(FORMATS[entry.type])  # memoryview has no shape with a zero in it
    return view.cast(FORMATS[entry.type], entry.shape)


def _untyped(value: Attached, writable: bool) -> Any:
    if value.entry.kind == BYTES:
        return _view(value, writable)
    try:
        import numpy  # noqa: F401, ICN001
    except ImportError:
        return _view(value, writable)
    return _numpy(value, (), writable)


def _numpy(value: Attached, arguments: tuple[Any, ...], writable: bool) -> Any:
    import numpy as np

    entry = value.entry
    dtype = "uint8" if entry.kind == BYTES else DTYPES[entry.type]
    shape = (entry.length,) if entry.kind == BYTES else entry.shape
    if arguments:
        _check_hint(value, arguments, np.dtype(dtype), shape)
    found = np.frombuffer(value.view if writable else value.view.toreadonly(), dtype=dtype)
    return found.reshape(shape)


def _check_hint(value: Attached, arguments: tuple[Any, ...], dtype: Any, shape: tuple[int, ...]) -> None:
    import numpy as np

    wanted_shape, wanted_type = (*arguments, Any)[:2]
    scalars = [scalar for part in typing.get_args(wanted_type) for scalar in _scalars(part)]
    if scalars and not any(np.issubdtype(dtype, scalar) for scalar in scalars):
        raise Mismatch(f"ndarray of {' | '.join(scalar.__name__ for scalar in scalars)}", value.name())
    if typing.get_origin(wanted_shape) is not tuple:
        return
    lengths = typing.get_args(wanted_shape)
    if Ellipsis in lengths:
        return
    exact = [typing.get_args(length) if typing.get_origin(length) is typing.Literal else ()
             for length in lengths]  # fmt: skip
    if len(lengths) != len(shape):
        raise Mismatch(f"ndarray of {len(lengths)} dimensions", value.name())
    for axis, allowed in enumerate(exact):
        if allowed and shape[axis] not in allowed:
            raise Mismatch(f"ndarray of length {allowed[0]} along axis {axis}", value.name())


def _scalars(hint: Any) -> list[type]:
    """The NumPy types that a dtype's hint allows; none stands for any."""
    hint = plain_hint(hint, {})
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return [scalar for part in typing.get_args(hint) for scalar in _scalars(part)]
    scalar = typing.get_origin(hint) or hint  # numpy.floating[Any] has an origin
    return [scalar] if isinstance(scalar, type) and scalar not in (Any, object) else []


class Outgoing:
    """A result that leaves outside the JSON: what it is, and its bytes."""

    __slots__ = ("_length", "data", "kind", "shape", "type")

    def __init__(self, kind: int, data: memoryview, code: int = 0, shape: tuple[int, ...] = ()) -> None:
        self.kind = kind
        self.data = data
        """Contiguous, one byte an item."""
        self._length = len(data)
        self.type = code
        self.shape = shape

    def entry(self, segment: int, offset: int) -> Entry:
        """Its entry in the header."""
        return Entry(self.kind, self.type, False, self.shape, 0, "", segment, offset, self._length)


def outgoing(value: Any) -> Outgoing | None:
    """``value`` when it can leave outside the JSON, else None."""
    kind = type(value)
    if kind is bytes or kind is bytearray:
        return Outgoing(BYTES, memoryview(value))
    if kind is memoryview or kind is array.array:
        return _from_view(memoryview(value))
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind in (numpy.ndarray, numpy.memmap):
        return _from_numpy(numpy, value)
    return None


def _from_view(view: memoryview) -> Outgoing | None:
    if view.format == "B" and view.ndim == 1:
        return Outgoing(BYTES, view if view.contiguous else memoryview(bytes(view)))
    code = _FORMAT_CODES.get(view.format)
    if code is None or view.ndim == 0:
        return None
    shape = view.shape or ()
    flat = memoryview(view.tobytes()) if not view.c_contiguous or 0 in shape else view.cast("B")
    return Outgoing(ARRAY, flat, code, tuple(shape))


def _from_numpy(numpy: Any, value: Any) -> Outgoing | None:
    code = _CODES.get(value.dtype.name)
    if code is None or value.ndim == 0:
        return None
    # One copy at most: of what is not in rows, or in the other byte order.
    plain = numpy.ascontiguousarray(value, dtype=value.dtype.newbyteorder("="))
    return Outgoing(ARRAY, memoryview(plain.reshape(-1).view(numpy.uint8)), code, tuple(value.shape))


__all__ = ["Attached", "Outgoing", "Tables", "Writable", "bind", "check", "outgoing"]
