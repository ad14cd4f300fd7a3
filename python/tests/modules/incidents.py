# SPDX-License-Identifier: Apache-2.0
"""What goes wrong at night, for the test of docs/operations.md."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Any

import serpentry
from serpentry import expose

_bad = False
_leaked: list[bytes] = []


@expose
def echo(value: Any = None) -> Any:
    """Returns its argument."""
    return value


@expose
def hold() -> None:
    """Waits for what never comes; a cancellation ends it."""
    event = threading.Event()
    while True:
        event.wait(0.01)


@expose
def swallow() -> None:
    """Never returns, and no cancellation ends it."""
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


@expose
def leak(mebibytes: int) -> int:
    """Keeps so much for good."""
    _leaked.append(os.urandom(1) * (mebibytes << 20))
    return len(_leaked)


@expose
def chatter(records: int) -> None:
    """Logs at INFO and prints, so many times."""
    for number in range(records):
        logging.getLogger("incidents").info("record %d", number)
        print("line", number)


@expose
def complain(text: str) -> None:
    """Logs an error."""
    logging.getLogger("incidents").error("%s", text)


@expose
def log_level() -> int:
    """The level of the root logger."""
    return logging.getLogger().level


@expose
def turn_bad() -> int:
    """From now on this worker fails its health checks; returns its process id."""
    global _bad
    _bad = True
    return os.getpid()


@expose
def check() -> None:
    """The health check."""
    if _bad:
        raise RuntimeError("this worker is not well")


@expose
def poison(text: str) -> str:
    """One input kills the worker, every other is returned."""
    if text == "poison":
        os.kill(os.getpid(), signal.SIGSEGV)
    return text


@expose
def fail(text: str) -> None:
    """Raises."""
    raise RuntimeError(text)


@expose
def count() -> int:
    """Counts the calls of its session."""
    state = serpentry.context().session
    state["count"] = state.get("count", 0) + 1
    number: int = state["count"]
    return number


@expose
def freeze() -> None:
    """Stops its own process, as a debugger would."""
    os.kill(os.getpid(), signal.SIGSTOP)


@expose
def size_of(x: memoryview) -> int:
    """How many bytes came."""
    return x.nbytes


@expose
def mappings() -> int:
    """How many mappings of shared memory this process has."""
    with open("/proc/self/maps", encoding="ascii") as f:
        return sum("serpentry-" in line for line in f)
