# SPDX-License-Identifier: Apache-2.0
"""NumPy, pandas and Polars results as plain values. Imports none of them: who returns one has it loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from serpentry.errors import EncodingError

Plain = Callable[[Any], object]


def converter(kind: type) -> Plain | None:
    """How a value of this type becomes lists, dicts and scalars; None for types of other libraries."""
    for base in kind.__mro__:
        library = (base.__module__ or "").partition(".")[0]
        if library in ("numpy", "pandas", "polars") and library in sys.modules:
            found = _CONVERTERS.get((library, base.__name__))
            if found is not None:
                return found
    return None


def _numpy_item(value: Any) -> object:
    item = value.item()
    if type(item) is type(value):  # longdouble has no Python equal
        return float(item)
    if isinstance(item, int) and value.dtype.kind in "mM":  # nanoseconds would silently become a number
        unit = "datetime64[us]" if value.dtype.kind == "M" else "timedelta64[us]"
        return _missing_time(value.astype(unit).item())
    return _missing_time(item) if value.dtype.kind in "mM" else item


def _missing_time(item: object) -> object:
    return item  # NaT's item() is None


def _numpy_array(value: Any) -> object:
    if value.dtype.kind in "mM":
        unit = "datetime64[us]" if value.dtype.kind == "M" else "timedelta64[us]"
        return value.astype(unit).tolist()
    if value.dtype.kind == "V" and value.dtype.names:
        names = value.dtype.names
        return [dict(zip(names, row, strict=True)) for row in value.tolist()]
    return value.tolist()


def _pandas_frame(value: Any) -> object:
    if not value.columns.is_unique:
        raise EncodingError("a DataFrame with repeated column names has no rows as objects", "DataFrame", "$")
    columns = [_pandas_series(value[name]) for name in value.columns]
    names = list(value.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _pandas_series(value: Any) -> list[object]:
    # In a float column NaN is pandas' mark for a missing value: it becomes null, as in to_json.
    if not value.isna().any():
        return list(value.tolist())
    return [
        None if missing else item for item, missing in zip(value.tolist(), value.isna().tolist(), strict=True)
    ]


def _pandas_index(value: Any) -> object:
    return value.tolist()


def _null(_: Any) -> object:
    return None


_CONVERTERS: dict[tuple[str, str], Plain] = {
    ("numpy", "generic"): _numpy_item,
    ("numpy", "ndarray"): _numpy_array,
    ("pandas", "DataFrame"): _pandas_frame,
    ("pandas", "Series"): _pandas_series,
    ("pandas", "Index"): _pandas_index,
    ("pandas", "NAType"): _null,
    ("pandas", "NaTType"): _null,
    ("polars", "DataFrame"): lambda frame: frame.to_dicts(),
    ("polars", "Series"): lambda series: series.to_list(),
}
