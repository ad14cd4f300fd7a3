# SPDX-License-Identifier: Apache-2.0
"""Functions for the tests of binary arguments and results."""

from __future__ import annotations

import array
import os
import resource
import time
from typing import Any

import serpentry
from serpentry import expose, segments
from serpentry.attachments import Announced

kept: list[Any] = []


@expose
def echo(x: Any) -> Any:
    """Returns what came."""
    return x


@expose
def describe(x: Any) -> dict[str, Any]:
    """What an argument is, as a view."""
    view = memoryview(x)
    return {
        "type": type(x).__name__,
        "format": view.format,
        "shape": list(view.shape or ()),
        "readonly": view.readonly,
        "bytes": view.nbytes,
        "sum": sum(view.cast("B")[:1000]) if view.nbytes else 0,
        "pid": os.getpid(),
    }


@expose
def as_bytes(x: bytes) -> bytes:
    """A hint of bytes."""
    return bytes(reversed(x))


@expose
def as_view(x: memoryview) -> memoryview:
    """A hint of memoryview."""
    return x


@expose
def as_list(x: list[float]) -> float:
    """A hint of a list of numbers, as JSON would bring it."""
    return sum(x)


@expose
def both(x: memoryview, factor: int, y: memoryview) -> list[Any]:
    """Two attachments and a plain argument."""
    return [x.nbytes, factor, y.nbytes]


@expose
def doubles(count: int) -> array.array[float]:
    """An array that was never an argument."""
    return array.array("d", range(count))


@expose
def make(size: int) -> bytes:
    """So many bytes."""
    return b"\x07" * size


@expose
def keep(x: memoryview) -> int:
    """Keeps a view of its argument beyond the call."""
    kept.append(x[1:3])
    return len(kept)


@expose
def look() -> list[int]:
    """What the kept views show now."""
    return [view[0] for view in kept]


@expose
def forget() -> None:
    """Lets go of them."""
    kept.clear()


@expose
def hold(x: memoryview, seconds: float = 60.0) -> int:
    """Waits with an argument in hand."""
    serpentry.context().progress("holding")
    time.sleep(seconds)
    return x.nbytes


@expose
def fail(x: memoryview) -> None:
    """Raises with an argument in hand."""
    raise ValueError(f"{x.nbytes} bytes")


@expose
def die(x: memoryview) -> None:
    """Ends the process with an argument in hand."""
    os._exit(9)


@expose
async def later(x: memoryview) -> memoryview:
    """Returns what came, from a coroutine."""
    return x


@expose
def mappings() -> int:
    """How many mappings of shared memory this process has."""
    with open("/proc/self/maps", encoding="ascii") as f:
        return sum("serpentry-" in line for line in f)


@expose
def announce_too_much(once: bool = True) -> None:
    """Tells the host of larger segments than there are: of the next one, or of all from now on."""
    original = segments.Memory.announce

    def announce(self: segments.Memory, segment: int) -> list[Announced]:
        if once:
            segments.Memory.announce = original  # type: ignore[method-assign]
        return [Announced(a.number, 2 * a.size, a.name) for a in original(self, segment)]

    segments.Memory.announce = announce  # type: ignore[method-assign]


@expose
def fill_disk(size: int) -> None:
    """From now on files of this process cannot grow beyond so many bytes, as on a full file system."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@expose
def halves(x: memoryview) -> list[int]:
    """The sums of both halves."""
    middle = x.nbytes // 2
    return [sum(x[:middle]), sum(x[middle:])]
