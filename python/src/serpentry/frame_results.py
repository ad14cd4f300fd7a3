# SPDX-License-Identifier: Apache-2.0
"""Frames as results that leave column by column, as tables.

A frame whose JSON would say anything that a table does not, or be refused, is left to the JSON.
"""

from __future__ import annotations

import datetime as dt
import decimal
import sys
import uuid
from collections.abc import Callable
from typing import Any, Final

from serpentry import tabular
from serpentry.attachments import DTYPES
from serpentry.errors import EncodingError
from serpentry.frames import library
from serpentry.tables import JSON, Column, pack_table

Dumps = Callable[[object], bytes]

# float16 and uint64 are rare, and Java has no equal of them: they go as JSON.
_CODES: Final = {name: code for code, name in enumerate(DTYPES) if name not in ("", "float16", "uint64")}
_FLAT: Final = frozenset({
    type(None), bool, int, float, str, decimal.Decimal, uuid.UUID,
    dt.datetime, dt.date, dt.time, dt.timedelta,
})  # fmt: skip


class _LeftToJson(Exception):
    """A column that a table cannot bring as the JSON would."""


def packed(value: Any, dumps: Dumps) -> memoryview | None:
    """The table of a frame, or None when ``value`` is none or is better left to the JSON."""
    name = library(type(value))
    numpy = sys.modules.get("numpy")
    if name is None or numpy is None or not len(value) or not len(value.columns):
        return None
    names = list(value.columns)
    if not all(type(column) is str for column in names) or len(set(names)) < len(names):
        return None
    make = _pandas if name == "pandas" else _polars
    try:
        columns = [make(numpy, column, value[column], dumps) for column in names]
    except (_LeftToJson, EncodingError, UnicodeEncodeError):
        return None
    return memoryview(pack_table(len(value), columns))


def _pandas(numpy: Any, name: str, series: Any, dumps: Dumps) -> Column:
    kind = series.dtype
    code = _CODES.get(kind.name.lower())
    if kind.name == "boolean":
        code = _CODES["bool"]
    if code is None:
        plain: Any = tabular.converter(type(series))
        return _json(name, plain(series), dumps)
    missing = series.isna().to_numpy(dtype="bool")
    if isinstance(kind, numpy.dtype):
        values = series.to_numpy()
        if values.dtype.kind == "f":
            values = numpy.where(missing, values.dtype.type(0), values)
    else:
        values = series.to_numpy(dtype=DTYPES[code], na_value=0)
    return _typed(numpy, name, code, values, missing)


def _polars(numpy: Any, name: str, series: Any, dumps: Dumps) -> Column:
    kind = str(series.dtype).lower()
    code = _CODES["bool"] if kind == "boolean" else _CODES.get(kind)
    if code is None:
        return _json(name, series.to_list(), dumps)
    missing = series.is_null().to_numpy()
    filled = series.fill_null(False if kind == "boolean" else 0) if missing.any() else series
    return _typed(numpy, name, code, filled.to_numpy(), missing)


def _typed(numpy: Any, name: str, code: int, values: Any, missing: Any) -> Column:
    if values.dtype.kind == "f" and not numpy.isfinite(values).all():
        raise _LeftToJson
    native = numpy.ascontiguousarray(values, dtype=DTYPES[code])
    gone = memoryview(missing.view("uint8")) if missing.any() else None
    return Column(name, code, memoryview(native.view("uint8")), gone)


def _json(name: str, values: list[Any], dumps: Dumps) -> Column:
    if not _FLAT.issuperset(map(type, values)):
        raise _LeftToJson
    return Column(name, JSON, dumps(values))


__all__ = ["packed"]
