# SPDX-License-Identifier: Apache-2.0
"""What the benchmark of arrays calls: float32 in, and float32 out, without looking at the elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from serpentry import expose

_made: dict[int, Any] = {}


@expose
def take(x: np.ndarray) -> int:
    """How many elements came."""
    return x.size


@expose
def give(count: int) -> Any:
    """An array of so many elements, the same each time."""
    found = _made.get(count)
    if found is None:
        _made.clear()
        found = _made[count] = np.ones(count, np.float32)
    return found
