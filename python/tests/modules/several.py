# SPDX-License-Identifier: Apache-2.0
"""Functions for the tests of workers with several calls: they know how many of them run."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
import time
from typing import Any

import serpentry
from serpentry import expose

_barriers: dict[str, threading.Barrier] = {}
_lock = threading.Lock()
_events: dict[str, threading.Event] = {}
_tasks: dict[str, asyncio.Event] = {}
_arrived: dict[str, int] = {}
_variable: contextvars.ContextVar[str] = contextvars.ContextVar("several", default="")


def _event(name: str) -> threading.Event:
    with _lock:
        return _events.setdefault(name, threading.Event())


@expose
def meet(name: str, parties: int, token: Any = None) -> Any:
    """Returns its token once as many calls as said are in here at the same time."""
    with _lock:
        barrier = _barriers.setdefault(name, threading.Barrier(parties))
    barrier.wait(60)
    return token


@expose
async def meet_async(name: str, parties: int, token: Any = None) -> Any:
    """As ``meet``, on the event loop."""
    event = _tasks.setdefault(name, asyncio.Event())
    _arrived[name] = _arrived.get(name, 0) + 1
    if _arrived[name] == parties:
        event.set()
    await event.wait()
    return token


@expose
def wait_for(name: str, token: Any = None) -> Any:
    """Returns its token once ``let_go`` has been called; a cancellation reaches it meanwhile."""
    serpentry.context().progress("waiting")
    event = _event(name)
    while not event.wait(0.002):
        pass
    return token


@expose
async def wait_for_async(name: str, token: Any = None) -> Any:
    """As ``wait_for``, on the event loop."""
    serpentry.context().progress("waiting")
    while not _event(name).is_set():  # noqa: ASYNC110 (set by a thread)
        await asyncio.sleep(0.002)
    return token


@expose
def wait_deaf(name: str, token: Any = None) -> Any:
    """As ``wait_for``, but catches whatever is raised in it and goes on waiting."""
    event = _event(name)
    while True:
        try:
            serpentry.context().progress("waiting")
            while not event.wait(0.002):
                pass
            return token
        except BaseException:
            serpentry.context().progress("deaf")


@expose
def let_go(name: str) -> None:
    """Lets those go on that wait for this name."""
    _event(name).set()


@expose
def facts(name: str, parties: int) -> dict[str, Any]:
    """What this call sees of itself, at its begin and again when all the others have begun."""
    own = serpentry.context()
    before = [own.request_id, own.session_id, _variable.get()]
    own.session["mine"] = own.request_id
    _variable.set(f"variable of {own.request_id}")
    meet(name, parties)
    after = serpentry.context()
    return {
        "before": before,
        "after": [after.request_id, after.session_id, _variable.get(), after.session["mine"]],
        "thread": threading.current_thread().name,
        "daemon": threading.current_thread().daemon,
    }


@expose
async def facts_async(name: str, parties: int) -> dict[str, Any]:
    """As ``facts``, on the event loop."""
    own = serpentry.context()
    before = [own.request_id, own.session_id, _variable.get()]
    own.session["mine"] = own.request_id
    _variable.set(f"variable of {own.request_id}")
    await meet_async(name, parties)
    after = serpentry.context()
    return {
        "before": before,
        "after": [after.request_id, after.session_id, _variable.get(), after.session["mine"]],
        "thread": threading.current_thread().name,
        "daemon": threading.current_thread().daemon,
    }


@expose
def cancelled_here(name: str) -> bool:
    """Returns whether its context says that it was cancelled, having swallowed the cancellation."""
    event = _event(name)
    while True:
        try:
            serpentry.context().progress("waiting")
            while not event.wait(0.002):
                pass
        except BaseException:
            return serpentry.context().cancelled()


@expose
async def leave_loop() -> None:
    """Starts a task that ends the event loop, as ``SystemExit`` does."""

    async def leave() -> None:
        raise SystemExit(5)

    task = asyncio.ensure_future(leave())
    await asyncio.sleep(0)
    del task


@expose
def die(name: str, parties: int) -> None:
    """Ends the process once all are in."""
    meet(name, parties)
    os._exit(7)


@expose
def wait_for_file(path: str, token: Any = None) -> Any:
    """As ``wait_for``, but for a file, which whoever cannot call this worker any more can make."""
    serpentry.context().progress("waiting")
    while not os.path.exists(path):
        time.sleep(0.002)
    return {"token": token, "pid": str(os.getpid())}


@expose
def echo(value: Any = None) -> Any:
    """Returns its argument."""
    return value


@expose
async def echo_async(value: Any = None) -> Any:
    """Returns its argument after one turn of the event loop."""
    await asyncio.sleep(0)
    return value
