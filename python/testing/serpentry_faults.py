# SPDX-License-Identifier: Apache-2.0
"""Faults of worker processes, for tests: functions that misbehave, and strikes at chosen moments.

Preloaded by a pool of ``org.serpentry.testing``. A strike is ordered by a file in the directory ``orders``
beside this module's own; the first process that comes to the order's moment takes the file away and is
struck. A function can also order a strike for its own reply: :func:`answer`.

The moments, in the order in which a worker meets them: ``import`` (of this module: the template's, or a
spawned worker's), ``before_hello``, ``mid_hello``, ``after_handshake``, ``reading_call``, ``before_reply``,
``mid_reply``, ``after_reply``.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import random
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any, Final

import serpentry
import serpentry.worker as runtime
from serpentry import expose, multiplexing
from serpentry.loop import Loop

ORDERS: Final = Path(__file__).resolve().parent.parent / "orders"
_PREFIX: Final = struct.Struct(">IBBHQ")
_leaked: list[bytearray] = []
# The directory's time when it was seen empty. A file system's clock ticks slowly: what comes within the same
# tick would not show, so a directory is taken for quiet only when its last change is longer ago.
_TICK: Final = 50_000_000
_quiet = 0


# --- strikes --------------------------------------------------------------------------------------------


def _order(moment: str) -> dict[str, Any] | None:
    """Takes the oldest order for a moment away; None when there is none."""
    global _quiet
    try:
        stamp = os.stat(ORDERS).st_mtime_ns
        if stamp == _quiet:
            return None
        found = os.listdir(ORDERS)
    except FileNotFoundError:
        return None  # the pool's files are being deleted
    if not found and time.time_ns() - stamp > _TICK:
        _quiet = stamp
    names = sorted(name for name in found if name.startswith(moment + "-"))
    for name in names:
        path = ORDERS / name
        try:
            order: dict[str, Any] = json.loads(path.read_bytes())
            path.unlink()
        except FileNotFoundError:
            continue  # another process was faster
        return order
    return None


def _strike(order: dict[str, Any] | None) -> None:
    """Does to this process what the order says, for as long as it lives."""
    match (order or {}).get("fault"):
        case "exit":
            os._exit(int((order or {})["status"]))
        case "kill":
            os.kill(os.getpid(), int((order or {})["signal"]))
        case "hang":
            while True:
                time.sleep(3600)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "delay":
            time.sleep(float((order or {})["seconds"]))
        case "leak":
            leak(int((order or {})["size"]))
        case "flood":
            flood(int((order or {})["size"]))
        case "fail":
            raise ImportError(str((order or {})["message"]))


class _Calls(socket.socket):
    """A connection that the reading of calls can be struck on."""

    def __init__(self, original: socket.socket) -> None:
        timeout = original.gettimeout()
        super().__init__(fileno=original.detach())
        self.settimeout(timeout)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        size = super().recv_into(buffer, nbytes, flags)
        if size:
            _strike(_order("reading_call"))
        return size


class _Socket(_Calls):
    """A worker's first connection, whose frames can be struck."""

    def __init__(self, original: socket.socket) -> None:
        super().__init__(original)
        self.own: tuple[str, dict[str, Any]] | None = None
        self._greeted = False
        self._rest = 0

    def _ordered(self, moment: str) -> dict[str, Any] | None:
        if self.own is not None and self.own[0] == moment:
            order, self.own = self.own[1], None
            return order
        return _order(moment)

    def sendall(self, data: Any, flags: int = 0) -> None:
        if self._rest:  # the second part of a large reply
            super().sendall(data, flags)
            self._sent(len(data))
            return
        before, middle = ("before_reply", "mid_reply") if self._greeted else ("before_hello", "mid_hello")
        order = self._ordered(before)
        match (order or {}).get("fault"):
            case "garbage":
                data = _noise(int((order or {})["size"]))
            case "foreign":
                fields = list(_PREFIX.unpack_from(data))
                fields[4] += 1_000_000
                data = _PREFIX.pack(*fields) + bytes(data[_PREFIX.size :])
            case "twice":
                length, _, _, header_length, _ = _PREFIX.unpack_from(data)
                # The first part of a reply, sent twice, would be noise among its attached bytes.
                if not header_length or len(data) >= 4 + length:
                    super().sendall(data, flags)
            case _:
                _strike(order)
        order = self._ordered(middle)
        if order is not None:
            half = len(data) // 2
            if order["fault"] == "garbage":
                half = min(half, _before_attached(data))
            super().sendall(data[:half], flags)
            if order["fault"] == "garbage":
                data = data[:half] + _noise(int(order["size"]))
            else:
                _strike(order)
            super().sendall(data[half:], flags)
        else:
            super().sendall(data, flags)
        self._rest = 4 + int.from_bytes(data[:4], "big") if self._greeted else 0
        self._greeted = True
        self._sent(len(data))

    def _sent(self, size: int) -> None:
        self._rest = max(0, self._rest - size)
        if self._rest == 0:
            _strike(self._ordered("after_reply"))


def _before_attached(data: Any) -> int:
    """A place within the first header: noise among attached bytes is no fault that a host could see."""
    at = 0
    while at + _PREFIX.size <= len(data):
        length, _, _, header_length, _ = _PREFIX.unpack_from(data, at)
        if header_length:
            return at + _PREFIX.size + int(header_length) // 2
        at += 4 + int(length)
    return len(data)


def _noise(size: int) -> bytes:
    # The first byte makes a length that no frame limit allows.
    return b"\xff" + random.randbytes(max(0, size - 1))


class _Loop(Loop):
    def run(self) -> int:
        _strike(_order("after_handshake"))
        return super().run()


class _Multiplexer(multiplexing.Multiplexer):
    def run(self) -> int:
        _strike(_order("after_handshake"))
        return super().run()


_channel: _Socket | None = None
# Looked up like any attribute: they are names of that module's, not exported by it.
_runtime: Any = runtime
_connect = _runtime.connect


def _connect_struck(path: str) -> socket.socket:
    global _channel
    if _channel is not None:
        return _Calls(_connect(path))
    _channel = _Socket(_connect(path))
    return _channel


def _install() -> None:
    # The names that run_worker looks up; a module imported twice in one process must not stack them.
    if _runtime.Loop is Loop:
        _runtime.connect = _connect_struck
        _runtime.Loop = _Loop
        _several: Any = multiplexing
        _several.Multiplexer = _Multiplexer


# --- functions that misbehave ---------------------------------------------------------------------------


@expose
def answer(value: Any = None, moment: str = "", order: dict[str, Any] | None = None) -> Any:
    """Returns its first argument; its reply is struck before, in the middle or after it."""
    if moment:
        assert _channel is not None
        _channel.own = (moment, order or {})
    return value


@expose
def token(value: Any, seconds: float = 0.0, begun: bool = False) -> dict[str, Any]:
    """Returns its argument and the process id, after a while; tells as progress that it has begun."""
    if begun:
        serpentry.context().progress("begun")
    if seconds:
        time.sleep(seconds)
    return {"token": value, "pid": os.getpid()}


@expose
async def token_async(value: Any, seconds: float = 0.0) -> dict[str, Any]:
    """As ``token``, on the event loop."""
    await asyncio.sleep(seconds)
    return {"token": value, "pid": os.getpid()}


def _pattern(text: str, size: int) -> bytes:
    unit = text.encode() + b"|"
    return (unit * (size // len(unit) + 1))[:size]


@expose
def content(x: memoryview, value: str, size: int, seconds: float = 0.0) -> bytes:
    """Takes bytes that repeat ``value``, and returns as many as asked that repeat it backwards.

    Raises ValueError when others came.
    """
    if x != _pattern(value, len(x)):
        raise ValueError(f"foreign content for {value}: {bytes(x[:60])!r}")
    if seconds:
        time.sleep(seconds)
    if x != _pattern(value, len(x)):
        raise ValueError(f"foreign content for {value}, after a while: {bytes(x[:60])!r}")
    return _pattern(value[::-1], size)


@expose
def count(keep: bool = False) -> int:
    """Counts in the session's state, and keeps something on this worker when told to; returns the count."""
    session = serpentry.context().session
    session["count"] = session.get("count", 0) + 1
    if keep:
        session.local["kept"] = object()
    return int(session["count"])


@expose
def pid() -> int:
    """Returns the worker's process id."""
    return os.getpid()


@expose
def hang(cancellable: bool = False, terminable: bool = True) -> None:
    """Never returns; ignores its cancel unless told otherwise, and SIGTERM when told."""
    serpentry.context().progress("hanging")
    if not terminable:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            while True:
                time.sleep(0.01)
        except BaseException:
            if cancellable:
                raise


@expose
def spin(seconds: float = 3600.0) -> None:
    """Keeps one core busy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


@expose
def die(status: int = 3) -> None:
    """Ends the process without any clean-up."""
    os._exit(status)


@expose
def segfault() -> None:
    """Ends the process by SIGSEGV."""
    ctypes.string_at(0)


@expose
def freeze() -> str:
    """Stops its own process, as an operator's SIGSTOP does."""
    os.kill(os.getpid(), signal.SIGSTOP)
    return "continued"


@expose
def leak(size: int) -> int:
    """Keeps this many bytes more, touched, for ever; returns how many it keeps in all."""
    block = bytearray(size)
    block[::4096] = b"x" * len(block[::4096])
    _leaked.append(block)
    return sum(len(one) for one in _leaked)


@expose
def bomb(size: int, step: int = 1 << 20) -> int:
    """Allocates until ``size`` bytes or MemoryError, which it raises; gives all back."""
    held = []
    for _ in range(size // step):
        held.append(b"x" * step)
    return len(held) * step


@expose
def flood(size: int, line: int = 200, stream: str = "stdout") -> int:
    """Prints ``size`` bytes in lines of ``line`` bytes; returns how many lines."""
    text = "x" * (line - 1) + "\n"
    out = getattr(sys, stream)
    for _ in range(size // line):
        out.write(text)
    out.flush()
    return size // line


_install()
_strike(_order("import"))
