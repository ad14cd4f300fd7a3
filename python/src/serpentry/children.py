# SPDX-License-Identifier: Apache-2.0
"""The launcher's picture of its children: their pipes and what came out of them."""

from __future__ import annotations

import os
import socket
from collections import deque
from typing import Final

from serpentry.output import Dump, Lines, Tail
from serpentry.plans import Generation

STREAMS: Final = ("stdout", "stderr")


class Child:
    """A process that the launcher started, or had a template start, with its two output pipes.

    ``pid`` is None until the process is known and stays after its end; ``alive`` says whether a signal may
    be sent, since a pid that has been reaped may belong to anybody.
    """

    def __init__(self, number: int, generation: Generation) -> None:
        self.number = number
        self.generation = generation
        self.pid: int | None = None
        self.alive = False
        self.readers: dict[str, int] = {}
        self.writers: list[int] = []
        self.lines = {stream: Lines() for stream in STREAMS}
        self.tail = Tail()
        self.dropped_lines = 0
        self.dropped_bytes = 0
        for stream in STREAMS:
            self.open_pipe(stream)

    @property
    def label(self) -> dict[str, int]:
        """The members that name this process in a frame to the host."""
        return {"worker": self.number}

    def open_pipe(self, name: str) -> None:
        """Adds a pipe: its read end to ``readers``, its write end to ``writers``."""
        try:
            reader, writer = os.pipe2(os.O_CLOEXEC)
        except OSError:
            self.close()
            raise
        os.set_blocking(reader, False)
        self.readers[name] = reader
        self.writers.append(writer)

    def close_writers(self) -> None:
        """Closes the process's own ends, which it holds by now, or never will."""
        while self.writers:
            os.close(self.writers.pop())

    def close(self) -> None:
        """Closes what is open of all its pipes; repeatable."""
        self.close_writers()
        while self.readers:
            os.close(self.readers.popitem()[1])


class Worker(Child):
    """A worker: also the socket of its events (log records, progress) and the pipe of its stack dumps."""

    def __init__(
        self, number: int, slot: int, word: int, environment: dict[str, str], generation: Generation
    ):
        super().__init__(number, generation)
        self.slot = slot
        self.word = word
        self.environment = environment
        self.dump = Dump()
        self.owed: list[str] = []
        self.open_pipe("dump")
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError:
            self.close()
            raise
        ours.setblocking(False)
        self.readers["events"] = ours.detach()
        self.writers.append(theirs.detach())


class Template(Child):
    """A template: also the channel on which it is asked for workers."""

    def __init__(self, generation: Generation) -> None:
        super().__init__(generation.number, generation)
        self.channel: socket.socket
        try:
            self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError:
            self.close()
            raise
        self.channel.setblocking(False)
        self.writers.append(theirs.detach())
        self.ready = False
        self.dropped = False
        self.import_millis = 0
        self.error: object = None
        self.reason: str | None = None
        self.queue: deque[Worker] = deque()
        self.forking: dict[int, Worker] = {}
        self.answered_at = 0.0
        self.kill_at: float | None = None

    @property
    def label(self) -> dict[str, int]:
        """As for a worker, which number 0 never is."""
        return {"worker": 0, "generation": self.number}

    def close(self) -> None:
        """Closes its channel too; repeatable."""
        super().close()
        if hasattr(self, "channel"):
            self.channel.close()
