# SPDX-License-Identifier: Apache-2.0
"""What a worker with several calls sends back: whole frames, each reply once, in the order of their ends."""

from __future__ import annotations

import _thread
import os
import socket
from collections import deque
from typing import Any, Final

from serpentry import process, protocol
from serpentry.control import encode
from serpentry.errors import record

_NO_WORD: Final = -1
# Up to here joining replies is cheaper than a system call for each.
_JOIN: Final = 64 * 1024


def error_payload(error: BaseException, limit: int) -> bytes:
    """The ERROR payload, which must come about whatever the exception does when it is described."""
    try:
        data = encode(record(error))
        if len(data) + protocol.FIXED_BYTES <= limit:
            return data
        reason = f"its description of {len(data)} bytes exceeds the frame limit"
    except BaseException as e:
        reason = f"describing it raised {type(e).__name__}"
    return encode(
        {
            "code": "PYTHON",
            "type": type(error).__qualname__[:200],
            "message": f"({reason})",
            "traceback": "",
            "frames": [],
            "details": {},
        }
    )


class Outbox:
    """Replies that wait to be written, and the begun-call words of the calls that they answer.

    Any thread puts and any thread flushes; whoever finds nobody writing writes for all. A word is given back
    only when its call's reply has left, so that a call whose id is in no word has certainly not begun. The
    host has at most as many calls without a reply as there are places, so twice as many words never run out.
    """

    def __init__(self, calls: socket.socket, replies: socket.socket, words: memoryview) -> None:
        self.waiting: deque[tuple[int, int, int, bytes | list[Any]]] = deque()
        """Request, index of its word, kind and payload of each reply not yet written; or its whole frame.
        An item of a stream is a whole frame without a word."""
        self.forked = False
        self._calls = calls
        self._sock = replies
        self._words = words
        self._free = deque(range(len(words)))
        self._writing = _thread.allocate_lock()
        os.register_at_fork(after_in_child=self._after_fork)

    def begin(self, request: int) -> int:
        """Notes that a call begins; returns the index of its word."""
        index = self._free.popleft()
        self._words[index] = request
        return index

    def put(self, frame: bytes) -> None:
        """Adds a frame of a call that goes on; ``flush`` must follow."""
        self.waiting.append((0, _NO_WORD, protocol.ITEM, [frame]))

    def flush(self) -> None:
        """Writes what waits. Never called while a cancellation may strike the thread."""
        while self.waiting and self._writing.acquire(False):
            try:
                self._write()
            except OSError:
                self.leave_fork()
                # The host is gone: the reading thread learns it too and ends the process.
                self.waiting.clear()
            finally:
                self._writing.release()

    def _write(self) -> None:
        waiting, pack = self.waiting, protocol.FRAME.pack
        while waiting:
            pieces: list[Any] = []
            done: list[tuple[int, int]] = []
            size = 0
            while waiting and size < _JOIN:
                request, index, kind, value = waiting.popleft()
                if type(value) is list:
                    pieces += value
                    size += sum(map(len, value))
                else:
                    pieces += (pack(protocol.FIXED_BYTES + len(value), kind, 0, 0, request), value)
                    size += len(value)
                if index >= 0:
                    done.append((index, request))
            if size <= _JOIN:
                self._sock.sendall(b"".join(pieces))
            else:
                # A large value comes last: what is small goes with its head.
                self._sock.sendall(b"".join(pieces[:-1]))
                self._sock.sendall(pieces[-1])
            for index, request in done:
                self._words[index] = request | protocol.BEGUN_DONE
                self._free.append(index)

    def leave_fork(self) -> None:
        """Ends a child that user code forked and that came back into the runtime: it must not answer."""
        if self.forked:
            process.complain("serpentry: a child that user code forked returned from its function")
            os._exit(1)

    def _after_fork(self) -> None:
        self.forked = True
        self._calls.close()
        self._sock.close()
