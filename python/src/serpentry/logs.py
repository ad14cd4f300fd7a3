# SPDX-License-Identifier: Apache-2.0
"""Sends Python's ``logging`` records and progress to the host, as datagrams to the launcher.

A datagram is sent whole or not at all, so records need no lock against other threads, forked children or a
cancellation that strikes in the middle.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import traceback
from contextlib import suppress
from typing import Any, Final

from serpentry.context import CallContext, context, set_progress_sink
from serpentry.masking import SECRET_LIMIT, mask_named
from serpentry.process import complain

_MESSAGE_LIMIT: Final = 16 * 1024
_TRACEBACK_LIMIT: Final = 32 * 1024
# Secrets are looked for in so much of a text: in one of megabytes that would keep all threads for seconds.
_LOOKED_AT: Final = 256 * 1024
_EVENT_LIMIT: Final = 160 * 1024
# What each text of a record may take of an event, in bytes of JSON, where a letter takes up to twelve.
_MESSAGE_BYTES: Final = 64 * 1024
_TRACEBACK_BYTES: Final = 72 * 1024
_NAME_BYTES: Final = 4 * 1024
# The launcher reads all the time; one that is stopped must cost records, not the worker.
_SEND_SECONDS: Final = 2.0


class Events:
    """The worker's end of the events socket. ``emit`` may be called from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, descriptor)
        self._sock.settimeout(_SEND_SECONDS)

    def emit(self, event: dict[str, Any]) -> None:
        """Sends one event.

        Raises ValueError when it is too large or no JSON, OSError when the launcher does not take it.
        """
        data = json.dumps(event, separators=(",", ":"), default=str, allow_nan=False).encode("ascii")
        if len(data) > _EVENT_LIMIT:
            raise ValueError(f"an event of {len(data)} bytes is above the limit of {_EVENT_LIMIT}")
        self._sock.send(data)

    def progress(self, request: int, value: object) -> None:
        """Sends a progress event; raises as ``emit``."""
        self.emit({"op": "progress", "request": request, "value": value})


class HostHandler(logging.Handler):
    """The root handler. Until a worker has its events socket, records go to stderr."""

    def __init__(self) -> None:
        super().__init__()
        self.events: Events | None = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Emits a record without the lock that logging would take.

        A record needs none, and a cancellation that struck between taking the lock and the ``try`` behind it
        would leave it locked for the worker's other calls.
        """
        passed: object = self.filter(record)
        if isinstance(passed, logging.LogRecord):  # as filters may answer since Python 3.12
            record = passed
        if passed:
            self.emit(record)
        return bool(passed)

    def emit(self, record: logging.LogRecord) -> None:
        """Sends a record; what goes wrong is told on stderr."""
        events = self.events
        try:
            if events is None:
                sys.stderr.write(f"{record.levelname} {record.name}: {_message(record)}\n")
            else:
                events.emit(describe(record))
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Tells on stderr that a record was lost, and where it was made, unless logging is to be silent.

        None of its texts, as logging would: nothing masks what goes there.
        """
        if logging.raiseExceptions:
            problem = type(sys.exc_info()[1]).__name__
            # As in logging: where standard error is closed, there is nobody to tell.
            with suppress(OSError):
                complain(
                    f"serpentry: a log record of {record.name!r} at {record.filename}:{record.lineno}"
                    f" was lost: {problem}"
                )


def describe(record: logging.LogRecord) -> dict[str, Any]:
    """The record as the protocol writes it; ``time`` is in seconds since the epoch."""
    trace = None
    if record.exc_info and record.exc_info[1] is not None:
        trace = "".join(traceback.format_exception(record.exc_info[1]))
        cut = len(trace) > _LOOKED_AT
        # What is cut off may divide a secret.
        trace = mask_named(trace[-_LOOKED_AT:])[SECRET_LIMIT if cut else 0 :][-_TRACEBACK_LIMIT:]
        trace = _begin(trace[::-1], _TRACEBACK_BYTES)[::-1]
    call = _call()
    return {
        "op": "log",
        "logger": _begin(record.name, _NAME_BYTES),
        "level": record.levelno,
        "message": _begin(_message(record), _MESSAGE_BYTES),
        "time": record.created,
        "traceback": trace,
        "session": call.session_id if call is not None else None,
        "trace": call.traceparent if call is not None else None,
        "request": call.request_id if call is not None else 0,
    }


def _message(record: logging.LogRecord) -> str:
    text = record.getMessage()
    shown = mask_named(text[:_LOOKED_AT])
    if len(text) > _LOOKED_AT:
        shown = shown[:-SECRET_LIMIT]  # which may end with the beginning of a secret
    return shown[:_MESSAGE_LIMIT]


def _begin(text: str, limit: int) -> str:
    """As much of the beginning of ``text`` as takes up to ``limit`` bytes of an event."""
    while (size := len(json.dumps(text))) > limit:
        text = text[: len(text) * limit // size]
    return text


def _call() -> CallContext | None:
    try:
        return context()
    except RuntimeError:
        return None  # outside a call


_handler = HostHandler()


def install_handler(debug: bool) -> None:
    """Makes the host the place where log records go, before user code can install another."""
    root = logging.getLogger()
    if _handler not in root.handlers:
        root.addHandler(_handler)
    # The host gives it to workers born after their pool's level was changed.
    level = os.environ.get("SERPENTRY_LOG_LEVEL", "")
    if level.isdecimal():
        root.setLevel(int(level))
    else:
        root.setLevel(logging.DEBUG if debug else logging.INFO)


def connect_handler(events: Events) -> None:
    """From now on records travel over ``events``."""
    _handler.events = events
    set_progress_sink(events.progress)
