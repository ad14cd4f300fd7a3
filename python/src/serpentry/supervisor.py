# SPDX-License-Identifier: Apache-2.0
"""The launcher's loop: obeys the host, starts, signals and reaps processes, and passes on what they say.

One thread, which never blocks: every descriptor is non-blocking, each is read a bounded amount per turn, so
that a process that prints without end costs its neighbours one turn and the host's slowness costs output
lines, never the report of an exit.

A pid is signalled only between the fork and the ``waitpid`` that reaps it, both of which happen here.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from serpentry import process
from serpentry.children import Template, Worker
from serpentry.control import ControlChannel, Message
from serpentry.outlets import Outlets
from serpentry.plans import Become, Bootstrap, Generation, PlanError
from serpentry.protocol import ProtocolError
from serpentry.reaping import Reaper
from serpentry.starting import Starter

_FLUSH_SECONDS: Final = 1.0
_TURN_SECONDS: Final = 0.05


class Supervisor:
    """Owns every child of the launcher. ``run`` returns the launcher's exit status."""

    def __init__(self, boot: Bootstrap, control: ControlChannel) -> None:
        self.boot = boot
        self.control = control
        self.selector = selectors.DefaultSelector()
        self.workers: dict[int, Worker] = {}
        self.templates: dict[int, Template] = {}
        self.generations: dict[int, Generation] = {}
        self.outlets = Outlets(self.selector, control)
        self.starter = Starter(self)
        self.reaper = Reaper(self)
        self._ending_at: float | None = None
        self._wakeup, self._wakeup_writer = socket.socketpair()
        self._terminated = False
        self._ops: dict[str, Callable[[Message], None]] = {
            "template": self._on_template,
            "drop-template": self._on_drop_template,
            "spawn": self._on_spawn,
            "signal": self._on_signal,
            "ping": self._on_ping,
            "shutdown": self._on_shutdown,
        }

    def run(self) -> int:
        """Serves the host until it asks for the end or is gone; a forked child leaves by Become."""
        self._listen()
        try:
            return self._loop()
        except Become:
            raise
        except (ConnectionError, ProtocolError) as e:
            # The host is gone, or no longer to be understood: nothing may outlive that.
            if isinstance(e, ProtocolError):
                process.complain(f"serpentry launcher: {e}")
            self.reaper.end_everything()
            return 0 if isinstance(e, ConnectionError) else 76
        except BaseException:
            self.reaper.end_everything()
            raise

    def leave(self) -> None:
        """Closes what is the launcher's own, in a child that has just been forked."""
        self.selector.close()
        signal.set_wakeup_fd(-1)
        for sock in (self.control.sock, self._wakeup, self._wakeup_writer):
            sock.close()
        for template in self.templates.values():
            template.channel.close()

    def _listen(self) -> None:
        for end in (self._wakeup, self._wakeup_writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup_writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _wake_only)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_termination)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.set_blocking(0, False)
        self.selector.register(self.control.sock, selectors.EVENT_READ, self._on_control)
        self.selector.register(self._wakeup, selectors.EVENT_READ, self._on_wakeup)
        # A file, in somebody's experiment: it cannot tell of the host's death, the control channel does.
        with suppress(PermissionError):
            self.selector.register(0, selectors.EVENT_READ, self._on_stdin)

    def _loop(self) -> int:
        while True:
            for key, mask in self.selector.select(self._timeout()):
                key.data(mask)
            now = time.monotonic()
            self.reaper.reap()
            self.starter.tick(now)
            self.outlets.tick(now)
            if self._terminated:
                self._shut_down(0)
                self._terminated = False
            if self._ending_at is not None and (not self.workers or now >= self._ending_at):
                self.reaper.end_everything()
                self._flush()
                return 0
            self._want_writes()

    def _timeout(self) -> float | None:
        times = [t for t in (self._ending_at, self.starter.due(), self.outlets.due()) if t is not None]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _want_writes(self) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.control.wants_write else 0)
        if self.selector.get_key(self.control.sock).events != events:
            self.selector.modify(self.control.sock, events, self._on_control)

    def _flush(self) -> None:
        """Gives the host a last moment to take what is queued."""
        end = time.monotonic() + _FLUSH_SECONDS
        try:
            while self.control.wants_write and time.monotonic() < end:
                self._want_writes()
                self.selector.select(_TURN_SECONDS)
                self.control.flush()
        except ConnectionError:
            return  # it does not want it

    def _on_control(self, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self.control.flush()
        if mask & selectors.EVENT_READ:
            messages = self.control.receive()
            if messages is None:
                raise ConnectionError("the host closed the control channel")
            for message in messages:
                self._obey(message)

    def _on_stdin(self, _mask: int) -> None:
        if not os.read(0, 65536):
            raise ConnectionError("the host closed standard input")

    def _on_wakeup(self, _mask: int) -> None:
        self._wakeup.recv(4096)

    def _on_termination(self, _number: int, _frame: object) -> None:
        self._terminated = True

    def _obey(self, message: Message) -> None:
        op = self._ops.get(message["op"])
        if op is None:
            raise ProtocolError(f"unknown op '{message['op']}' on the control channel")
        try:
            op(message)
        except (KeyError, TypeError, ValueError) as e:
            raise ProtocolError(f"op '{message['op']}' is malformed: {type(e).__name__}: {e}") from e

    def _on_template(self, message: Message) -> None:
        number = int(message["generation"])
        try:
            generation = Generation.parse(message)
        except PlanError as e:
            self.starter.report_template_failure(number, str(e))
            return
        self.generations[number] = generation
        self.starter.start_template(generation)

    def _on_drop_template(self, message: Message) -> None:
        number = int(message["generation"])
        self.generations.pop(number, None)
        template = self.templates.get(number)
        if template is not None:
            self.starter.drop_template(template)

    def _on_spawn(self, message: Message) -> None:
        number = int(message["worker"])
        generation = self.generations.get(int(message["generation"]))
        if self._ending_at is not None:
            self.starter.report_spawn_failure(number, "the launcher is shutting down")
        elif generation is None:
            self.starter.report_spawn_failure(number, f"generation {message['generation']} is not known")
        elif number in self.workers:
            raise ValueError(f"worker {number} exists already")
        else:
            self.starter.spawn(message, generation)

    def _on_signal(self, message: Message) -> None:
        worker = self.workers.get(int(message["worker"]))
        if worker is not None:
            self.signal(worker, str(message["action"]))

    def signal(self, worker: Worker, action: str) -> None:
        """Carries out an action on a worker, and on one that is not known by pid yet once it is: it may serve
        already, since it connects to the host by itself.
        """
        if worker.pid is None:
            worker.owed.append(action)
            return
        if not worker.alive:
            return
        settings = worker.generation.settings
        if action == "kill":
            self.reaper.kill(worker.pid)
            return
        numbers: dict[str, int] = {
            "cancel": settings.cancel_signal,
            "dump": settings.dump_signal,
            "term": signal.SIGTERM,
            "stop": signal.SIGSTOP,
            "cont": signal.SIGCONT,
        }
        if action not in numbers:
            raise ValueError(f"unknown action '{action}'")
        try:
            os.kill(worker.pid, numbers[action])
        except PermissionError:
            process.complain(
                f"serpentry launcher: worker {worker.number} (process {worker.pid}) cannot be"
                f" sent '{action}': it runs as another user"
            )

    def _on_ping(self, message: Message) -> None:
        templates: list[dict[str, Any]] = [
            {"generation": t.number, "pid": t.pid} for t in self.templates.values() if t.ready
        ]
        count = sum(1 for w in self.workers.values() if w.alive)
        self.control.send(
            {"op": "pong", "nonce": message.get("nonce"), "templates": templates, "workers": count}
        )

    def _on_shutdown(self, message: Message) -> None:
        self._shut_down(int(message.get("graceMillis") or 0) / 1000)

    def _shut_down(self, grace: float) -> None:
        self._ending_at = time.monotonic() + grace
        for template in list(self.templates.values()):
            self.starter.drop_template(template)
        for worker in list(self.workers.values()):
            self.signal(worker, "term")


def _wake_only(number: int, frame: object) -> None:
    """Exists so that the signal writes to the wakeup descriptor."""
