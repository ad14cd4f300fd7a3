# SPDX-License-Identifier: Apache-2.0
"""Reads the pipes of the launcher's children and passes lines, records and dumps on to the host."""

from __future__ import annotations

import json
import os
import selectors
import time
from contextlib import suppress
from functools import partial
from typing import Any, Final

from serpentry.children import STREAMS, Child, Worker
from serpentry.control import ControlChannel

_READ: Final = 64 * 1024
# One event is at most one datagram; a turn's worth of them must fit a control frame.
_EVENT_BYTES: Final = 256 * 1024
# What a dead process can have left in its pipes; a grandchild that still writes must not keep us here.
_DRAIN_TURNS: Final = 32


class Outlets:
    """Registers the read ends with the launcher's selector."""

    def __init__(self, selector: selectors.BaseSelector, control: ControlChannel) -> None:
        self._selector = selector
        self._control = control
        self._dumping: set[Worker] = set()
        self._dropping: set[Child] = set()

    def watch(self, child: Child) -> None:
        """Starts reading a child's pipes."""
        for name, descriptor in child.readers.items():
            self._selector.register(descriptor, selectors.EVENT_READ, partial(self._on_readable, child, name))

    def drain(self, child: Child) -> None:
        """Passes on all that a reaped child has written, then closes its pipes."""
        for name in list(child.readers):
            for _ in range(_DRAIN_TURNS):
                if not self._read(child, name):
                    break
        for stream in STREAMS:
            self._say(child, stream, child.lines[stream].finish(), 0)
        if isinstance(child, Worker):
            self._finish_dump(child)
        self._report_dropped(child)
        for name in list(child.readers):
            self._close(child, name)
        child.close()

    def due(self) -> float | None:
        """When ``tick`` has something to do."""
        return min((w.dump.due for w in self._dumping if w.dump.due is not None), default=None)

    def tick(self, now: float) -> None:
        """Hands on dumps that have become whole and counts of what was dropped."""
        for worker in list(self._dumping):
            if worker.dump.due is None or worker.dump.due <= now:
                self._finish_dump(worker)
        if self._dropping and self._control.has_room:
            for child in list(self._dropping):
                self._report_dropped(child)

    def _on_readable(self, child: Child, name: str, _mask: int) -> None:
        self._read(child, name)

    def _read(self, child: Child, name: str) -> bool:
        """Reads once. False when nothing is left for now."""
        descriptor = child.readers.get(name)
        if descriptor is None:
            return False
        if name == "events" and isinstance(child, Worker):
            return self._read_events(child, descriptor)
        try:
            data = os.read(descriptor, _READ)
        except BlockingIOError:
            return False
        if not data:
            self._close(child, name)
            return False
        if name == "dump" and isinstance(child, Worker):
            child.dump.feed(data, time.monotonic())
            self._dumping.add(child)
        else:
            self._say(child, name, child.lines[name].feed(data), len(data))
        return True

    def _close(self, child: Child, name: str) -> None:
        descriptor = child.readers.pop(name)
        # It had never been watched.
        with suppress(KeyError):
            self._selector.unregister(descriptor)
        os.close(descriptor)

    def _say(self, child: Child, stream: str, lines: list[str], size: int) -> None:
        if not lines:
            return
        child.tail.add(lines)
        if not self._send(child, {"op": "output", **child.label, "stream": stream, "lines": lines}):
            self._drop(child, len(lines), size)

    def _drop(self, child: Child, lines: int, size: int) -> None:
        child.dropped_lines += lines
        child.dropped_bytes += size
        self._dropping.add(child)

    def _report_dropped(self, child: Child) -> None:
        if child in self._dropping:
            self._dropping.discard(child)
            counts = {"lines": child.dropped_lines, "bytes": child.dropped_bytes}
            child.dropped_lines = child.dropped_bytes = 0
            self._control.send({"op": "dropped", **child.label, **counts})

    def _finish_dump(self, worker: Worker) -> None:
        self._dumping.discard(worker)
        text = worker.dump.take()
        if text and not self._send(worker, {"op": "dump", "worker": worker.number, "text": text}):
            self._drop(worker, text.count("\n"), len(text))

    def _read_events(self, worker: Worker, descriptor: int) -> bool:
        records: list[Any] = []
        size = 0
        more = True
        while size < _EVENT_BYTES:
            try:
                data = os.read(descriptor, _EVENT_BYTES)
            except BlockingIOError:
                more = False
                break
            except ConnectionError:
                data = b""
            if not data:
                self._close(worker, "events")
                more = False
                break
            size += len(data)
            self._event(worker, data, records)
        if records and not self._send(worker, {"op": "log", "worker": worker.number, "records": records}):
            self._drop(worker, len(records), size)
        return more

    def _event(self, worker: Worker, data: bytes, records: list[Any]) -> None:
        try:
            event = json.loads(data, parse_constant=_refuse)
            kind = event.pop("op")
        except (ValueError, KeyError, AttributeError, RecursionError):
            self._drop(worker, 1, len(data))  # user code has written to the descriptor
            return
        if kind == "log":
            records.append(event)
        elif kind == "progress":
            message = {
                "op": "progress",
                "worker": worker.number,
                "request": event.get("request"),
                "value": event.get("value"),
            }
            if not self._send(worker, message):
                self._drop(worker, 1, len(data))

    def _send(self, child: Child, message: dict[str, Any]) -> bool:
        # What was lost is told before what comes after it.
        if child in self._dropping and self._control.has_room:
            self._report_dropped(child)
        try:
            return self._control.send(message, droppable=True)
        except RecursionError:
            return False  # user code has written a nest of brackets to its events descriptor


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
