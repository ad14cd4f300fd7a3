# SPDX-License-Identifier: Apache-2.0
"""Functions for the tests of the Java pool: they tell by ``progress`` how far they have come."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from decimal import Decimal
from typing import Any

import serpentry
from serpentry import expose


@expose
def token(value: str, seconds: float = 0.0) -> dict[str, Any]:
    """Returns its argument and the worker's process id, after a while."""
    if seconds:
        time.sleep(seconds)
    return {"token": value, "pid": os.getpid()}


@expose
def hold(seconds: float = 60.0) -> str:
    """Waits; tells that it has begun, and whether it was cancelled."""
    try:
        serpentry.context().progress("holding")  # In here: the cancellation may follow at once.
        time.sleep(seconds)
    except BaseException:
        serpentry.context().progress("cancelled")
        raise
    return "held"


@expose
def hold_stubborn() -> None:
    """Never returns and catches every exception; tells that it has begun."""
    serpentry.context().progress("holding")
    while True:
        try:
            while True:
                time.sleep(0.01)
        except BaseException:
            pass


@expose
def hold_stopped() -> str:
    """Stops its own process, as an operator's or a debugger's SIGSTOP does."""
    os.kill(os.getpid(), signal.SIGSTOP)
    return "continued"


@expose
def last_words(value: Any) -> Any:
    """Returns its argument; the process ends as soon as the reply has been written."""
    main = threading.main_thread().ident
    assert main is not None

    def end() -> None:
        while True:
            loop = sys._current_frames()[main]
            if loop.f_code.co_name == "_serve" and loop.f_locals["word"][0] >> 63:
                os._exit(9)
            time.sleep(0)

    threading.Thread(target=end, daemon=True).start()
    return value


@expose
def last_words_then_freeze(value: Any) -> Any:
    """Returns its argument; the process stops as soon as the reply has been written."""
    main = threading.main_thread().ident
    assert main is not None

    def end() -> None:
        while True:
            loop = sys._current_frames()[main]
            if loop.f_code.co_name == "_serve" and loop.f_locals["word"][0] >> 63:
                os.kill(os.getpid(), signal.SIGSTOP)
                return
            time.sleep(0)

    threading.Thread(target=end, daemon=True).start()
    return value


@expose
def promise_too_much(value: Any) -> Any:
    """Begins a reply of 2 GiB by itself, of which only the length comes before it returns."""
    loop = sys._getframe()
    while loop.f_code.co_name != "_serve":
        assert loop.f_back is not None
        loop = loop.f_back
    loop.f_locals["send"]((2**31 - 1).to_bytes(4, "big"))
    return value


_LEAKED: list[bytes] = []


@expose
def leak(size: int, seconds: float = 0.0) -> int:
    """Keeps so many bytes for good, tells so, and returns after a while what it has kept in all."""
    _LEAKED.append(b"x" * size)
    serpentry.context().progress("leaked")
    if seconds:
        time.sleep(seconds)
    return sum(map(len, _LEAKED))


@expose
def typed(count: int, name: str) -> str:
    """Takes arguments with type hints."""
    return name * count


def hidden() -> str:
    """Is not published."""
    return "never seen"


@expose
def nested(levels: int) -> Any:
    """Returns a list in a list in a list."""
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@expose
def depth(value: Any) -> int:
    """Returns how deep the lists go."""
    levels = 0
    while isinstance(value, list):
        levels += 1
        value = value[0] if value else None
    return levels


@expose
def power(base: int, exponent: int) -> int:
    """Returns an integer of any size."""
    return base**exponent


@expose
def is_power(value: int, base: int, exponent: int) -> bool:
    """Whether an integer of any size arrived whole."""
    return type(value) is int and value == base**exponent


@expose
def exact(value: Decimal) -> Decimal:
    """Returns a decimal that arrived as one."""
    assert type(value) is Decimal
    return value


@expose
def real(text: str) -> float:
    """Returns ``nan``, ``inf`` or any other float."""
    return float(text)


@expose
def spoilt(key: str) -> dict[str, Any]:
    """Returns what JSON cannot carry, under a key."""
    return {"fine": 1, key: [1, threading.Lock()]}


@expose
def variable(name: str) -> str | None:
    """Returns one of the environment's variables."""
    return os.environ.get(name)
