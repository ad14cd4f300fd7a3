# SPDX-License-Identifier: Apache-2.0
"""Lists of records as pandas and Polars frames, the same whether they come as JSON or as a table.

Imports neither library: a function that has one in its hints has loaded it. The rules stand in
``docs/arrays.md``, "Frames".
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from serpentry.attachments import DTYPES, FORMATS
from serpentry.hints import Mismatch, actual_name, floats, plain_hint
from serpentry.protocol import ProtocolError
from serpentry.tables import BOOL, FLOAT64, INT64, JSON, Column, parse_table

_NONE: Final = type(None)
_INTEGERS: Final = range(-(1 << 63), 1 << 63)
_EXACT: Final = range(-(1 << 53), (1 << 53) + 1)
_NOT_FINITE: Final = frozenset({"NaN", "Infinity", "-Infinity"})
_FLAT: Final = frozenset({bool, int, float, str, _NONE})


def library(hint: Any) -> str | None:
    """``pandas`` or ``polars`` when ``hint`` is that library's DataFrame."""
    if not isinstance(hint, type) or hint.__name__ != "DataFrame":
        return None
    root = hint.__module__.partition(".")[0]
    return root if root in ("pandas", "polars") else None


def library_within(hint: Any) -> str | None:
    """The same for a hint that may be a union or have metadata."""
    wanted = plain_hint(hint, {})
    if typing.get_origin(wanted) in (typing.Union, types.UnionType):
        return next(filter(None, map(library_within, typing.get_args(wanted))), None)
    return library(wanted)


def parameters(function: Callable[..., Any], hints: dict[str, Any]) -> list[tuple[int | None, str]]:
    """Position, where it has one, and name of each parameter of ``function`` that takes a frame."""
    found: list[tuple[int | None, str]] = []
    position: int | None = 0
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            position = None
            continue
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            position = None
        if library_within(hints.get(parameter.name, Any)) is not None:
            found.append((position, parameter.name))
        position = None if position is None else position + 1
    return found


def converter(name: str, exact: bool, nan: bool) -> Callable[[Any], Any]:
    """From rows as JSON brings them to a frame of the library ``name``; Mismatch names column and row."""

    def convert(value: Any) -> Any:
        if type(value) is not list:
            raise Mismatch("DataFrame (a list of objects)", actual_name(value))
        columns = _columns(floats(value) if exact else value)
        build = _Builder(name, len(value), nan)
        return build.frame({key: build.of_values(key, values) for key, values in columns.items()})

    return convert


def from_table(name: str, data: memoryview, loads: Callable[[bytes], Any], nan: bool) -> Any:
    """A table as a frame of the library ``name``. Raises Mismatch, or ProtocolError when it is malformed."""
    rows, columns = parse_table(data)
    build = _Builder(name, rows, nan)
    made: dict[str, Any] = {}
    for column in columns:
        if column.type == JSON:
            made[column.name] = build.of_values(column.name, _items(column, rows, loads))
        elif column.type in (BOOL, INT64, FLOAT64) and build.numpy is not None:
            made[column.name] = build.of_array(column)
        else:
            made[column.name] = build.of_values(column.name, _values(column))
    return build.frame(made)


def rows_of_table(data: memoryview, loads: Callable[[bytes], Any], exact: bool) -> list[dict[str, Any]]:
    """A table as the rows that JSON would have brought; ``exact`` as in the binder.

    Raises ProtocolError when it is malformed.
    """
    rows, columns = parse_table(data)
    values = [_items(c, rows, loads) if c.type == JSON else _values(c) for c in columns]
    if exact:
        values = [[Decimal(repr(v)) if type(v) is float else v for v in column] for column in values]
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _items(column: Column, rows: int, loads: Callable[[bytes], Any]) -> list[Any]:
    items = loads(bytes(column.data))
    if type(items) is not list or len(items) != rows:
        raise ProtocolError(f"column {column.name!r} of a table is no JSON array of {rows} values")
    return items


def _values(column: Column) -> list[Any]:
    # The formats are no literals, which is all that memoryview's own types know.
    view: Any = memoryview(column.data)
    values: list[Any] = view.cast(FORMATS[column.type]).tolist()
    if column.missing is None:
        return values
    return [None if gone else value for value, gone in zip(values, column.missing, strict=True)]


def _columns(rows: list[Any]) -> dict[str, list[Any]]:
    if not rows:
        return {}
    first = rows[0]
    if type(first) is not dict:
        raise _at(Mismatch("an object", actual_name(first)), 0, None)
    names = list(first)
    columns = {name: [] for name in names}  # type: dict[str, list[Any]]
    appends = [(name, columns[name].append) for name in names]
    for number, row in enumerate(rows):
        try:
            if len(row) != len(names):
                raise _ragged(row, number, first)
            for name, append in appends:
                append(row[name])
        except (KeyError, TypeError):
            raise _ragged(row, number, first) from None
    return columns


def _ragged(row: Any, number: int, first: dict[str, Any]) -> Mismatch:
    if type(row) is not dict:
        return _at(Mismatch("an object", actual_name(row)), number, None)
    for name in first:
        if name not in row:
            return _at(Mismatch("a value, as in the first row", "nothing"), number, name)
    unknown = next(name for name in row if name not in first)
    return _at(Mismatch("no such column, as in the first row", actual_name(row[unknown])), number, unknown)


def _at(mismatch: Mismatch, row: int, column: str | None) -> Mismatch:
    if column is not None:
        mismatch.way.append(f".{column}")
    mismatch.way.append(f"[{row}]")
    return mismatch


class _Builder:
    """Makes the columns of one frame."""

    def __init__(self, name: str, rows: int, nan: bool) -> None:
        self.library: Any = sys.modules[name]
        self.numpy: Any = sys.modules.get("numpy")
        self._pandas = name == "pandas"
        self._rows = rows
        self._nan = nan

    def frame(self, columns: dict[str, Any]) -> Any:
        if self._pandas:
            index = self.library.RangeIndex(self._rows)
            return self.library.DataFrame(columns, index=index, copy=True)
        return self.library.DataFrame(list(columns.values()))

    def of_array(self, column: Column) -> Any:
        """A column of numbers or booleans; the frame gets a copy of its own."""
        np = self.numpy
        values = np.frombuffer(column.data, dtype=DTYPES[column.type])
        missing = None if column.missing is None else np.frombuffer(column.missing, dtype="bool")
        if self._pandas:
            return self._pandas_column(column.type, values, missing)
        if missing is None:
            return self.library.Series(column.name, values)
        return self.library.Series(column.name, values).set(self.library.Series(missing), None)

    def of_values(self, name: str, values: list[Any]) -> Any:
        """A column of whatever JSON has."""
        kinds = set(map(type, values))
        if not kinds <= _FLAT:
            row = next(i for i, value in enumerate(values) if type(value) not in _FLAT)
            raise _at(Mismatch("a number, a text, a boolean or null", actual_name(values[row])), row, name)
        kinds.discard(_NONE)
        if self._nan and str in kinds and kinds & {float, int} and kinds <= {float, int, str}:
            texts = {value for value in values if type(value) is str}
            if texts <= _NOT_FINITE:
                values = [float(value) if type(value) is str else value for value in values]
                kinds = (kinds - {str}) | {float}
        if kinds == {int}:
            self._check(name, values, _INTEGERS, "an integer of 64 bits")
            return self._typed(name, values, INT64, 0)
        if kinds == {float, int}:
            self._check(
                name, values, _EXACT, "an integer that float64 holds exactly, as it is among fractions"
            )
            return self._typed(name, values, FLOAT64, 0.0)
        if kinds == {float}:
            return self._typed(name, values, FLOAT64, 0.0)
        if kinds == {bool}:
            return self._typed(name, values, BOOL, False)
        return self._other(name, values, kinds)

    @staticmethod
    def _check(name: str, values: list[Any], allowed: range, expected: str) -> None:
        for row, value in enumerate(values):
            if type(value) is int and value not in allowed:
                raise _at(Mismatch(expected, "a larger one"), row, name)

    def _typed(self, name: str, values: list[Any], code: int, filler: Any) -> Any:
        if not self._pandas:
            kind = {INT64: "Int64", FLOAT64: "Float64", BOOL: "Boolean"}[code]
            plain = [float(v) if type(v) is int else v for v in values] if code == FLOAT64 else values
            return self.library.Series(name, plain, dtype=getattr(self.library, kind))
        np = self.numpy
        missing = None
        if None in values:
            missing = np.fromiter((value is None for value in values), dtype="bool", count=len(values))
            values = [filler if value is None else value for value in values]
        return self._pandas_column(code, np.array(values, dtype=DTYPES[code]), missing)

    def _pandas_column(self, code: int, values: Any, missing: Any) -> Any:
        pd = self.library
        if missing is None:
            return values
        if code == INT64:  # not float64, which does not hold every one
            return pd.arrays.IntegerArray(values, missing)
        if code == BOOL:
            return pd.arrays.BooleanArray(values, missing)
        # NaN is pandas' mark for a missing value, null again on the way back.
        return self.numpy.where(missing, float("nan"), values)

    def _other(self, name: str, values: list[Any], kinds: set[type]) -> Any:
        if self._pandas:
            return self.library.Series(values, dtype=None if kinds == {str} else "object")
        if not kinds:
            return self.library.Series(name, values, dtype=self.library.Null)
        if kinds == {str}:
            return self.library.Series(name, values, dtype=self.library.String)
        one = next(type(value) for value in values if value is not None)
        row, other = next((i, v) for i, v in enumerate(values) if v is not None and type(v) is not one)
        raise _at(Mismatch(f"{one.__name__}, as in the rows before", actual_name(other)), row, name)


__all__ = ["converter", "from_table", "library", "library_within", "parameters", "rows_of_table"]
