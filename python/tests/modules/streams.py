# SPDX-License-Identifier: Apache-2.0
"""Functions that yield, for the tests of streams in both languages."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import serpentry
from serpentry import expose

_ended: list[str] = []
_produced: dict[str, int] = {}
_gates: dict[str, threading.Event] = {}


def _gate(name: str) -> threading.Event:
    return _gates.setdefault(name, threading.Event())


@expose
def count(to: int) -> Iterator[int]:
    """Yields the numbers from 0 on."""
    yield from range(to)


@expose
async def count_async(to: int) -> AsyncIterator[int]:
    """As ``count``, on the event loop."""
    for number in range(to):
        yield number


@expose
async def made_async(to: int) -> list[int]:
    """Returns what can be iterated, from the event loop."""
    await asyncio.sleep(0)
    return list(range(to))


@expose
def endless(name: str, size: int = 1) -> Iterator[str]:
    """Yields for ever, counts what it has yielded and notes its end."""
    try:
        while True:
            _produced[name] = _produced.get(name, 0) + 1
            yield "x" * size
    finally:
        _ended.append(name)
        serpentry.context().progress(f"ended {name}")


@expose
async def endless_async(name: str, size: int = 1) -> AsyncIterator[str]:
    """As ``endless``, on the event loop; its end takes an ``await``."""
    try:
        while True:
            _produced[name] = _produced.get(name, 0) + 1
            yield "x" * size
    finally:
        await asyncio.sleep(0)
        _ended.append(name)
        serpentry.context().progress(f"ended {name}")


@expose
def produced(name: str) -> int:
    """How many items ``endless`` has made under a name."""
    return _produced.get(name, 0)


@expose
def ended() -> list[str]:
    """The names of those that have come to their ``finally``."""
    return list(_ended)


@expose
def then_raise(items: int) -> Iterator[int]:
    """Yields so many items, then raises."""
    yield from range(items)
    raise LookupError("no more tokens")


@expose
async def then_raise_async(items: int) -> AsyncIterator[int]:
    """As ``then_raise``, on the event loop."""
    for number in range(items):
        yield number
    raise LookupError("no more tokens")


@expose
def then_spin(name: str, items: int) -> Iterator[int]:
    """Yields so many items, then keeps the processor busy until it is cancelled."""
    try:
        yield from range(items)
        while True:
            pass
    finally:
        _ended.append(name)
        serpentry.context().progress(f"ended {name}")


@expose
async def then_wait_async(name: str, items: int) -> AsyncIterator[int]:
    """Yields so many items, then waits for what does not come."""
    try:
        for number in range(items):
            yield number
        await asyncio.Event().wait()
    finally:
        _ended.append(name)
        serpentry.context().progress(f"ended {name}")


@expose
def stubborn(name: str) -> Iterator[int]:
    """Swallows its cancellation and goes on."""
    number = 0
    try:
        while True:
            try:
                while number:
                    time.sleep(0.001)
            except BaseException as e:
                if isinstance(e, GeneratorExit):
                    raise
            number += 1
            yield number
    finally:
        _ended.append(name)
        serpentry.context().progress(f"ended {name}")


@expose
def then_die(items: int) -> Iterator[int]:
    """Yields so many items, then its process is gone."""
    yield from range(items)
    os.kill(os.getpid(), signal.SIGKILL)


@expose
def mixed() -> Iterator[Any]:
    """Yields values of several kinds."""
    yield from ({"text": "ä", "n": 1}, None, [1, 2], b"ab", 1.5)


@expose
def unwritable() -> Iterator[Any]:
    """Yields one item that JSON cannot carry, after one that it can."""
    yield 1
    yield object()


@expose
def of_sizes(sizes: list[int]) -> Iterator[str]:
    """Yields texts of these lengths."""
    for size in sizes:
        yield "y" * size


@expose
def not_a_stream() -> int:
    """Returns what cannot be iterated."""
    return 7


@expose
def gated(name: str, items: int) -> Iterator[int]:
    """Yields each item once ``open_gate`` has been called for it."""
    for number in range(items):
        while not _gate(f"{name}{number}").wait(0.002):
            pass
        yield number


@expose
def open_gate(name: str) -> None:
    """Lets ``gated`` go on."""
    _gate(name).set()


@expose
def remember(items: int) -> Iterator[int]:
    """Counts in the session what it has yielded."""
    session = serpentry.context().session
    for number in range(items):
        session["yielded"] = session.get("yielded", 0) + 1
        yield number


@expose
def remembered() -> int:
    """What ``remember`` has counted."""
    return int(serpentry.context().session.get("yielded", 0))


@expose
def lengths(data: bytes) -> Iterator[int]:
    """Yields the length of its argument and its first element."""
    yield len(data)
    yield data[0]
