# SPDX-License-Identifier: Apache-2.0
"""Functions over NumPy arrays, for the tests of arrays with real workers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt

import serpentry
from serpentry import expose

kept: list[np.ndarray[Any, Any]] = []


@expose
def seen(x: np.ndarray) -> dict[str, Any]:
    """What an array is."""
    base: Any = x
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    return {
        "dtype": x.dtype.str,
        "shape": list(x.shape),
        "writable": x.flags.writeable,
        "aligned": x.flags.aligned and x.flags.c_contiguous,
        "owner": type(base).__name__,
        "sum": float(x.sum(dtype="float64")),
    }


@expose
def untyped(x: Any) -> str:
    """The type of an argument without a hint."""
    return type(x).__name__


@expose
def image(x: np.ndarray[tuple[int, int, Literal[3]], np.dtype[np.float32]]) -> list[int]:
    """A hint of rank, length and type."""
    return list(x.shape)


@expose
def reals(x: npt.NDArray[np.floating[Any]]) -> float:
    """A hint of any floating-point type."""
    return float(x.sum())


@expose
def doubled(x: Annotated[np.ndarray, serpentry.Writable]) -> np.ndarray:
    """Writes to its argument, and returns it."""
    x *= 2
    return x


@expose
def overwrite(x: np.ndarray) -> None:
    """Tries to write to an argument that is read-only."""
    x[0] = 1


@expose
def transposed(x: np.ndarray) -> np.ndarray:
    """A result that is not in rows."""
    return x.T


@expose
def strided(x: np.ndarray, step: int) -> np.ndarray:
    """A view of a part of the argument."""
    return x[::step]


@expose
def foreign(x: np.ndarray) -> np.ndarray:
    """A result in the other byte order."""
    return x.astype(x.dtype.newbyteorder())


@expose
def typed(name: str, count: int) -> np.ndarray:
    """The numbers from 0 on in a type."""
    return np.arange(count).astype(name)


@expose
def keep(x: np.ndarray) -> int:
    """Keeps a view of its argument beyond the call."""
    kept.append(x[1:])
    return len(kept)


@expose
def kept_sums() -> list[float]:
    """The sums of what was kept, which is let go."""
    sums = [float(x.sum(dtype="float64")) for x in kept]
    kept.clear()
    return sums
