# SPDX-License-Identifier: Apache-2.0
"""A health check that does as it was told before, and calls to watch; for the tests of the Java pool."""

from __future__ import annotations

import itertools
import os
import time

import serpentry
from serpentry import expose

_orders: list[str] = []


@expose
def prescribe(orders: list[str]) -> int:
    """Sets what the next health checks of this worker do, each one order; returns the worker's pid.

    ``fail`` raises, ``hang`` never returns, ``exit`` ends the process; anything else is the path of
    a named pipe, whose end the check waits for.
    """
    _orders[:] = orders
    return os.getpid()


@expose
def check() -> None:
    """Does what was prescribed, and nothing when nothing is left."""
    if not _orders:
        return
    order = _orders.pop(0)
    if order == "fail":
        raise ValueError("not well today")
    if order == "hang":
        time.sleep(3600)
    elif order == "exit":
        os._exit(7)
    else:
        serpentry.context().progress("checking")
        with open(order) as pipe:
            pipe.read()


@expose
def hold_lock(count: int) -> int:
    """Counts in one call to C, which keeps every other Python thread of the process from running."""
    return sum(itertools.repeat(1, count))
