# SPDX-License-Identifier: Apache-2.0
"""The built-in commands, reached as ``serpentry:<name>`` through the same dispatch as user functions.

They are plain functions over module globals, so that a template can bind them before it knows any worker.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from serpentry import sessions
from serpentry.programs import commands as programs

if TYPE_CHECKING:
    from serpentry.registry import Registry

_worker = 0
_born = 0.0
_channel: socket.socket | None = None
_collected: tuple[int, ...] = ()


def begin(worker: int) -> None:
    """Tells which worker this process is from now on."""
    global _worker, _born, _collected
    _worker = worker
    _born = time.monotonic()
    _collected = _collections()
    programs.begin()


def _collections() -> tuple[int, ...]:
    return tuple(generation["collections"] for generation in gc.get_stats())


def attach(channel: socket.socket, registry: Registry) -> None:
    """Tells the call channel, which ``shutdown`` ends, and the published functions, which may be tools."""
    global _channel
    _channel = channel
    programs.use_tools(lambda name: registry.resolve(name.encode()).function)


def ping(*values: Any, **named: Any) -> dict[str, Any]:
    """Proves the path that calls take, and echoes its arguments."""
    answer: dict[str, Any] = {
        "status": "ok",
        "pid": os.getpid(),
        "worker": _worker,
        "uptimeSeconds": round(time.monotonic() - _born, 3),
        # Since this process was born: the counters are its template's at first.
        "collections": [now - then for now, then in zip(_collections(), _collected, strict=True)],
    }
    if values and named:
        answer["echo"] = [list(values), named]
    elif values or named:
        answer["echo"] = list(values) or named
    return answer


def forget_sessions(serials: list[int]) -> int:
    """Drops what this worker has of sessions that ended or live elsewhere; returns of how many."""
    return sessions.forget(serials)


def log_level(level: int) -> int:
    """Sets the level of the root logger, of which the host's handler hangs; returns the one before."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(level)
    return before


def shutdown() -> dict[str, Any]:
    """Ends this worker in its orderly way once the reply is out; its pool replaces it."""
    cleaned = programs.sessions_held()
    if _channel is not None:
        # The loop reads what has arrived, writes its reply, and finds the end that the host would make.
        _channel.shutdown(socket.SHUT_RD)
    return {
        "status": "shutting_down",
        "worker_id": _worker,
        "mode": "pool-worker",
        "sessions_cleaned": cleaned,
    }


COMMANDS: Final[Mapping[str, Callable[..., Any]]] = {
    "ping": ping,
    "forget_sessions": forget_sessions,
    "log_level": log_level,
    "shutdown": shutdown,
    **programs.COMMANDS,
}
