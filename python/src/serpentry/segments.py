# SPDX-License-Identifier: Apache-2.0
"""Memory that a worker shares with its host, in segments: files without a name that both have mapped.

The host makes the segments of arguments, the worker those of results. Whoever is told of one maps it and
takes its name away. A segment of the host's that a view still looks at after its call is *kept*: the host
never writes to it again, and hears when the last view has gone. Such views are found by counting the
references to the map, since every buffer over it, however derived, holds one.
"""

from __future__ import annotations

import gc
import logging
import mmap
import os
import secrets
import sys
import threading
from contextlib import suppress
from typing import Any, Final

from serpentry.attachments import Announced
from serpentry.errors import MalformedCallError

_FOR_GOOD: Final = 1 << 31
_GRAIN: Final = 64 * 1024

_logger = logging.getLogger("serpentry")


class _Segment:
    """One of them; ``busy`` and ``announced`` are of use for the worker's own only."""

    __slots__ = ("announced", "busy", "map", "name", "size")

    def __init__(self, name: str, size: int, mapped: mmap.mmap) -> None:
        self.name = name
        self.size = size
        self.map = mapped
        self.busy = True
        self.announced = False

    def references(self) -> int:
        """How many there are to the map, this object's own among them."""
        return sys.getrefcount(self.map)

    def looked_at(self) -> bool:
        """Whether any view of it is left."""
        return self.references() > _IDLE

    def close(self) -> None:
        """Unmaps it, at once or with its last view."""
        with suppress(BufferError):
            self.map.close()


_probe: Final = _Segment("", 1, mmap.mmap(-1, 1))
_IDLE: Final = _probe.references()


class Memory:
    """The segments of one worker, the host's and its own. Thread-safe."""

    def __init__(self, settings: dict[str, Any]) -> None:
        directory = settings.get("directory")
        self._directory: str | None = directory if isinstance(directory, str) else None
        self._prefix = str(settings.get("prefix", ""))
        self._threshold = int(settings.get("threshold", 0))
        self._hosts: dict[int, _Segment] = {}
        self._kept: dict[int, _Segment] = {}
        self._faults: dict[int, str] = {}
        self._own: dict[int, _Segment] = {}
        self._dropped: list[int] = []
        self._last = 0
        self._warned = False
        self._lock = threading.Lock()

    # --- the host's segments: arguments ----------------------------------------------------------------

    def meet(self, announced: list[Announced]) -> None:
        """Maps segments that the host has made; a fault is told by :meth:`view`."""
        for segment in announced:
            try:
                mapped = self._open(segment)
            except (OSError, ValueError) as e:
                with self._lock:
                    self._faults[segment.number] = f"segment {segment.number} cannot be mapped: {e}"
                continue
            with self._lock:
                self._hosts[segment.number] = mapped

    def _open(self, segment: Announced) -> _Segment:
        if self._directory is None or "/" in segment.name or not segment.name.startswith(self._prefix):
            raise ValueError(f"{segment.name!r} is no segment of this worker's")
        path = os.path.join(self._directory, segment.name)
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            # Beyond its end every access would be a SIGBUS.
            size = os.fstat(descriptor).st_size
            if size < segment.size:
                raise ValueError(f"it has {size} bytes, {segment.size} were announced")
            found = _Segment(segment.name, segment.size, mmap.mmap(descriptor, segment.size))
        finally:
            os.close(descriptor)
            with suppress(OSError):
                os.unlink(path)
        return found

    def view(self, segment: int, offset: int, length: int) -> memoryview:
        """A part of a segment of the host's. Raises MalformedCallError."""
        with self._lock:
            found = self._hosts.get(segment)
            if found is None:
                raise MalformedCallError(self._faults.get(segment, f"segment {segment} is unknown"))
            if offset + length > found.size:
                raise MalformedCallError(
                    f"{length} bytes at {offset} do not lie in segment {segment} of {found.size} bytes"
                )
            return memoryview(found.map)[offset : offset + length]

    def settle(self, used: list[int]) -> tuple[list[int], list[int]]:
        """Which segments of an ended call are still looked at, and which the host may forget."""
        kept: list[int] = []
        gone: list[int] = []
        with self._lock:
            for number in set(used):
                found = self._hosts.get(number)
                if found is None:
                    self._faults.pop(number, None)
                    gone.append(number)
                elif found.looked_at() and not self._collected(found):
                    self._kept[number] = self._hosts.pop(number)
                    kept.append(number)
            for number in [number for number, segment in self._kept.items() if not segment.looked_at()]:
                self._kept.pop(number).close()
                if number not in kept:
                    gone.append(number)
        return kept, gone

    @staticmethod
    def _collected(segment: _Segment) -> bool:
        """Whether only circles of young objects referred to it, such as an exception's with its frames."""
        gc.collect(1)
        return not segment.looked_at()

    def forget(self, numbers: tuple[int, ...]) -> None:
        """Unmaps segments that the host has dropped."""
        with self._lock:
            for number in numbers:
                found = self._hosts.pop(number, None)
                if found is not None:
                    found.close()

    # --- the worker's segments: results ----------------------------------------------------------------

    def place(self, data: memoryview, grant: int) -> tuple[int, int] | None:
        """Copies a result into a segment; segment and offset, or None when it belongs into the frame."""
        size = len(data)
        if self._directory is None or size < self._threshold or size == 0:
            return None
        with self._lock:
            number = self._free(size)
            if number is None:
                number = self._make(size, grant)
            if number is None:
                return None
            segment = self._own[number]
            segment.busy = True
        segment.map[:size] = data
        return number, 0

    def _free(self, size: int) -> int | None:
        fitting = [
            (segment.size, number)
            for number, segment in self._own.items()
            if not segment.busy and segment.size >= size
        ]
        return min(fitting)[1] if fitting else None

    def _make(self, size: int, grant: int) -> int | None:
        size = (size + _GRAIN - 1) // _GRAIN * _GRAIN
        if size > grant:
            return None
        self._make_room(grant - size)
        if sum(segment.size for segment in self._own.values()) + size > grant:
            return None
        assert self._directory is not None
        name = self._prefix + secrets.token_hex(8)
        path = os.path.join(self._directory, name)
        try:
            descriptor = os.open(
                path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            try:
                # Memory that is only promised would be missed with a SIGBUS.
                os.posix_fallocate(descriptor, 0, size)
                mapped = mmap.mmap(descriptor, size)
            except BaseException:
                os.unlink(path)
                raise
            finally:
                os.close(descriptor)
        except OSError as e:
            if not self._warned:
                self._warned = True
                _logger.warning("no shared memory for a result of %d bytes (%s): by the socket", size, e)
            return None
        self._last += 1
        self._own[self._last] = _Segment(name, size, mapped)
        return self._last

    def _make_room(self, most: int) -> None:
        """Drops free segments until no more than ``most`` bytes are left, or none is free."""
        total = sum(segment.size for segment in self._own.values())
        for number in [number for number, segment in self._own.items() if not segment.busy]:
            if total <= most:
                return
            total -= self._own[number].size
            self._own.pop(number).close()
            self._dropped.append(number)

    def announce(self, segment: int) -> list[Announced]:
        """The segment when the host has not met it yet."""
        with self._lock:
            found = self._own[segment]
            if found.announced:
                return []
            found.announced = True
            return [Announced(segment, found.size, found.name)]

    def dropped(self) -> list[int]:
        """The segments of its own that the worker has unmapped since it was asked last."""
        with self._lock:
            dropped, self._dropped = self._dropped, []
            return dropped

    def released(self, numbers: tuple[int, ...]) -> None:
        """The host has done with the results in these segments; with the top bit set for good."""
        with self._lock:
            for number in numbers:
                segment = self._own.get(number & ~_FOR_GOOD)
                if segment is None:
                    continue
                segment.busy = False
                if number & _FOR_GOOD:
                    self._own.pop(number & ~_FOR_GOOD).close()

    def take_back(self, segment: int) -> None:
        """The result in this segment is not sent."""
        with self._lock:
            if segment in self._own:
                self._own[segment].busy = False
