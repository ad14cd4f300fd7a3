# SPDX-License-Identifier: Apache-2.0
"""Functions over frames, for the tests of tables. What a frame is, they tell as text and plain values."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import polars as pl

from serpentry import expose


@expose
def pandas_seen(rows: pd.DataFrame) -> dict[str, Any]:
    """Types and values of a pandas frame, which the function may write to."""
    for name in rows.columns:
        rows.loc[0, name] = rows.loc[0, name]
    return {
        "types": {name: str(kind) for name, kind in rows.dtypes.items()},
        "index": str(rows.index),
        "values": [[_plain(v) for v in rows[name].tolist()] for name in rows.columns],
    }


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return [type(value).__name__, repr(value)]


@expose
def polars_seen(rows: pl.DataFrame) -> dict[str, Any]:
    """Types and values of a Polars frame."""
    return {
        "types": {name: str(kind) for name, kind in rows.schema.items()},
        "values": [[_plain(v) for v in rows[name].to_list()] for name in rows.columns],
    }


@expose
def pandas_echo(rows: pd.DataFrame) -> pd.DataFrame:
    """The frame that came."""
    return rows


@expose
def polars_echo(rows: pl.DataFrame | None) -> pl.DataFrame | None:
    """The frame that came."""
    return rows


@expose
def second(factor: int, *, rows: pd.DataFrame) -> int:
    """A frame that is given by name."""
    return factor * len(rows)


@expose
def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """No frame at all."""
    return rows


@expose
def made(kind: str, count: int) -> Any:
    """A frame of so many rows, of types that Java has no columns for, or of such that it has."""
    numbers = list(range(count))
    columns: dict[str, Any] = {
        "small": pd.Series(numbers, dtype="int16"),
        "floating": pd.Series([n / 4 for n in numbers], dtype="float32"),
        "sometimes": pd.Series([None if n % 3 == 0 else n for n in numbers], dtype="Int64"),
        "gone": pd.Series([None if n % 5 == 0 else n / 3 for n in numbers], dtype="float64"),
        "text": [f'größe "{n}", [{n}]' if n % 7 else None for n in numbers],
        "truth": [n % 2 == 0 for n in numbers],
    }
    if kind == "polars":
        return pl.DataFrame(
            {
                "small": pl.Series(numbers, dtype=pl.Int16),
                "floating": pl.Series([n / 4 for n in numbers], dtype=pl.Float32),
                "sometimes": [None if n % 3 == 0 else n for n in numbers],
                "gone": [None if n % 5 == 0 else n / 3 for n in numbers],
                "text": columns["text"],
                "truth": columns["truth"],
            }
        )
    return pd.DataFrame(columns)
