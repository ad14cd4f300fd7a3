# SPDX-License-Identifier: Apache-2.0
"""Lines out of pipes: splitting what processes print, remembering the last of it, collecting dumps."""

from __future__ import annotations

from collections import deque
from typing import Final

LINE_LIMIT: Final = 8 * 1024
TAIL_LINES: Final = 20
DUMP_LIMIT: Final = 128 * 1024
# faulthandler writes a dump in many small pieces and marks no end: this long without another one is it.
DUMP_QUIET_SECONDS: Final = 0.05


class Lines:
    """Splits one stream into lines; a line above 8 KiB is handed on in pieces of that size."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Returns the lines that ``data`` completes, without their line ends."""
        whole = (self._rest + data).split(b"\n")
        rest = whole.pop()
        lines: list[str] = []
        for line in whole:
            lines.append(_text(_cut(line, lines)))
        self._rest = _cut(rest, lines)
        return lines

    def finish(self) -> list[str]:
        """Returns what is left when the stream has ended."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _cut(line: bytes, lines: list[str]) -> bytes:
    """Moves pieces of 8 KiB to ``lines`` until what is left, which is returned, is no longer than one."""
    start = 0
    while len(line) - start > LINE_LIMIT:
        at = start + LINE_LIMIT
        # Not within a character: its following bytes are 10xxxxxx, at most three.
        while at > start + LINE_LIMIT - 4 and line[at] & 0xC0 == 0x80:
            at -= 1
        lines.append(_text(line[start:at]))
        start = at
    return line[start:]


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "backslashreplace")


class Tail:
    """The last lines of a process, whichever stream they came on."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=TAIL_LINES)

    def add(self, lines: list[str]) -> None:
        """Remembers the last of these."""
        self._lines.extend(lines[-TAIL_LINES:])

    def lines(self) -> list[str]:
        """At most 20, oldest first."""
        return list(self._lines)


class Dump:
    """Collects the pieces of a stack dump; ``due`` is the time at which it counts as whole."""

    __slots__ = ("_pieces", "_size", "due", "last")

    def __init__(self) -> None:
        self.due: float | None = None
        self.last = ""
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes, now: float) -> None:
        """Adds a piece; what exceeds 128 KiB is cut off."""
        if self._size < DUMP_LIMIT:
            self._pieces.append(data[: DUMP_LIMIT - self._size])
            self._size += len(self._pieces[-1])
        self.due = now + DUMP_QUIET_SECONDS

    def take(self) -> str:
        """Returns the text so far, or an empty one, and starts anew."""
        if self._pieces:
            self.last = b"".join(self._pieces).decode("utf-8", "backslashreplace")
        text = self.last if self._pieces else ""
        self._pieces.clear()
        self._size = 0
        self.due = None
        return text
