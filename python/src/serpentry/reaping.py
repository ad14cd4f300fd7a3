# SPDX-License-Identifier: Apache-2.0
"""Reaping: each death is looked at before it is collected, while the pid still cannot belong to another.

A zombie keeps its pid and its process group's number. So ``waitid`` with WNOWAIT first tells who died, then
orphans are looked for and the group is killed, and only then the status is collected.

No new worker is ever mistaken for a stray: it becomes the launcher's child when the middle process of the
double fork ends, and that one announces it before it ends. Hence: list the children first, read the
announcements second, and whoever is in the list and still unknown is none.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from serpentry import process
from serpentry.children import Child, Template, Worker

if TYPE_CHECKING:
    from serpentry.supervisor import Supervisor

_END_SECONDS: Final = 5.0
_TURN_SECONDS: Final = 0.002


class Reaper:
    """Collects what has died and kills what it left behind."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._killed: set[int] = set()
        self._foreign: set[int] = set()
        """Children that the system does not let us signal, told of once and left alone."""

    def reap(self) -> None:
        """Collects every child that has ended."""
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            self._collect(found.si_pid)

    def kill(self, pid: int) -> None:
        """SIGKILLs a child that has not been reaped, and its process group if it leads one.

        One that has become another user's (by sudo, for instance) may not be ours to signal: that is told on
        standard error, and whoever may can end it.
        """
        # No group yet, or all of it under another user: the next line is for the child itself.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # /proc told of it a moment ago
        except PermissionError:
            if pid not in self._foreign:
                self._foreign.add(pid)
                process.complain(
                    f"serpentry launcher: process {pid} cannot be killed: it runs as another user; end it as"
                    " that user or as root"
                )

    def end_everything(self) -> None:
        """Kills every child and every orphan that comes to us, and collects them all, but for those that we
        may not signal.
        """
        supervisor = self._supervisor
        end = time.monotonic() + _END_SECONDS
        while time.monotonic() < end:
            supervisor.starter.read_announcements()
            left = self._ours()
            if not left:
                break
            for pid in left:
                self._kill_stray(pid)
            # There is nobody left to report to; what counts is that all of them end.
            with suppress(ConnectionError):
                self.reap()
            if self._ours():
                time.sleep(_TURN_SECONDS)
        for child in [*supervisor.workers.values(), *supervisor.templates.values()]:
            child.close()

    def _ours(self) -> list[int]:
        return [pid for pid in process.children() if pid not in self._foreign]

    def _collect(self, pid: int) -> None:
        self._foreign.discard(pid)
        child = self._child(pid)
        if child is None:
            # Unknown, but perhaps just not read of yet.
            self._supervisor.starter.read_announcements()
            child = self._child(pid)
        if child is None:
            os.waitpid(pid, 0)
            self._killed.discard(pid)
            self._sweep()  # its own children are orphans of ours now
            return
        child.alive = False
        if isinstance(child, Template):
            self._bury_template(child, pid)
        elif isinstance(child, Worker):
            self._bury_worker(child, pid)

    def _child(self, pid: int) -> Child | None:
        for worker in self._supervisor.workers.values():
            if worker.pid == pid:
                return worker
        for template in self._supervisor.templates.values():
            if template.pid == pid:
                return template
        return self._supervisor.starter.replaced.get(pid)

    def _bury_worker(self, worker: Worker, pid: int) -> None:
        supervisor = self._supervisor
        del supervisor.workers[worker.number]
        strays = self._sweep()
        self._kill_group(pid)
        status = os.waitpid(pid, 0)[1]
        supervisor.outlets.drain(worker)
        supervisor.control.send(
            {
                "op": "exited",
                "worker": worker.number,
                "pid": pid,
                **outcome(status),
                "tail": worker.tail.lines(),
                "dump": worker.dump.last,
                "strays": strays,
            }
        )

    def _bury_template(self, template: Template, pid: int) -> None:
        starter = self._supervisor.starter
        starter.read_announcements()
        starter.forget(template)
        self._kill_group(pid)
        self._sweep()
        status = os.waitpid(pid, 0)[1]
        self._supervisor.outlets.drain(template)
        starter.report_template_end(template, status)

    def _kill_group(self, pid: int) -> None:
        # The zombie itself is all that is left of the group.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)

    def _sweep(self) -> int:
        """Kills the orphans of workers that are gone and returns their number."""
        supervisor = self._supervisor
        found = process.children()
        supervisor.starter.read_announcements()
        known = {w.pid for w in supervisor.workers.values()}
        known.update(t.pid for t in supervisor.templates.values())
        known.update(supervisor.starter.replaced)
        count = 0
        for pid in found:
            if pid in known or pid in self._killed:
                continue
            owner = process.owner(pid)
            gone = owner is not None and owner not in supervisor.workers
            if gone or (owner is None and process.is_half_forked(pid)):
                count += gone and not process.is_zombie(pid)
                self._kill_stray(pid)
        return count

    def _kill_stray(self, pid: int) -> None:
        self._killed.add(pid)
        self.kill(pid)


def outcome(status: int) -> dict[str, int | None]:
    """The members ``exitCode`` and ``signal`` for a wait status."""
    if os.WIFSIGNALED(status):
        return {"exitCode": None, "signal": os.WTERMSIG(status)}
    return {"exitCode": os.waitstatus_to_exitcode(status), "signal": None}
