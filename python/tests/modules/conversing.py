# SPDX-License-Identifier: Apache-2.0
"""Functions that use the state of their session."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from typing import Any

import serpentry


@serpentry.expose
def add(amount: int = 1) -> int:
    """Adds to the session's count by reading, yielding and writing, as a race would need it."""
    state = serpentry.context().session
    count = state.get("count", 0)
    time.sleep(0)
    state["count"] = count + amount
    return int(state["count"])


@serpentry.expose
async def add_later(amount: int = 1) -> int:
    """The same on the event loop."""
    state = serpentry.context().session
    count = state.get("count", 0)
    await asyncio.sleep(0)
    state["count"] = count + amount
    return int(state["count"])


@serpentry.expose
def look() -> dict[str, Any]:
    """The state, the session's id and the process."""
    session = serpentry.context().session
    return {
        "id": session.id,
        "state": dict(session),
        "local": sorted(session.local),
        "pid": os.getpid(),
    }


@serpentry.expose
def put(name: str, value: Any) -> int:
    """Puts something into the state; returns the process."""
    serpentry.context().session[name] = value
    return os.getpid()


@serpentry.expose
def put_size(size: int) -> int:
    """Puts so many characters into the state; returns the process."""
    serpentry.context().session["text"] = "x" * size
    return os.getpid()


@serpentry.expose
def keep(name: str) -> int:
    """Keeps something on the worker that no JSON can carry; returns the process."""
    serpentry.context().session.local[name] = threading.Lock()
    return os.getpid()


@serpentry.expose
def put_lock() -> None:
    """Puts into the state what no JSON can carry."""
    serpentry.context().session["lock"] = threading.Lock()


@serpentry.expose
def put_and_fail(name: str) -> None:
    """Changes the state, then raises."""
    serpentry.context().session[name] = "changed"
    raise ValueError("after the change")


@serpentry.expose
def put_and_die(name: str) -> None:
    """Changes the state, then ends the process."""
    serpentry.context().session[name] = "changed"
    os._exit(9)


@serpentry.expose
def put_and_wait(name: str, path: str) -> int:
    """Changes the state, then waits until a file is gone; returns the process."""
    serpentry.context().session[name] = "changed"
    while os.path.exists(path):
        time.sleep(0.002)
    return os.getpid()


@serpentry.expose
def wait(path: str) -> int:
    """Waits until a file is gone; returns the process."""
    while os.path.exists(path):
        time.sleep(0.002)
    return os.getpid()


@serpentry.expose
def copies() -> int:
    """Of how many sessions this worker has something."""
    from serpentry import sessions

    return sessions.count()


@serpentry.expose
def reverse(blob: bytes) -> bytes:
    """Counts a call and returns bytes the other way round."""
    add()
    return bytes(blob)[::-1]
