# SPDX-License-Identifier: Apache-2.0
"""What the benchmark of tables calls: rows as a pandas frame in, and out, without work on the values."""

from __future__ import annotations

import pandas as pd

from serpentry import expose

_made: dict[int, pd.DataFrame] = {}


@expose
def take(rows: pd.DataFrame) -> int:
    """How many rows came."""
    return len(rows)


@expose
def give(count: int) -> pd.DataFrame:
    """A frame of so many rows, the same each time."""
    found = _made.get(count)
    if found is None:
        _made.clear()
        found = _made[count] = pd.DataFrame(
            {
                "id": range(count),
                "item": [f"item {i % 100}" for i in range(count)],
                "price": [i / 4 for i in range(count)],
                "open": [i % 3 == 0 for i in range(count)],
            }
        )
    return found
