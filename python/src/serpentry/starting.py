# SPDX-License-Identifier: Apache-2.0
"""Starts templates and workers and keeps the launcher's conversation with each template.

Fork requests are pipelined: each carries the worker's four descriptors, and the answers come in any order.
A template that leaves one unanswered for five seconds is killed; whatever it owed is reported as failed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from serpentry import process, users
from serpentry.children import Template, Worker
from serpentry.control import encode
from serpentry.plans import RUNTIME_DIRECTORY, Become, Generation, PlanError, WorkerPlan
from serpentry.reaping import outcome

if TYPE_CHECKING:
    from serpentry.supervisor import Supervisor

FORK_SECONDS: Final = 5.0
# From the abort that makes a hanging import print its stack to the kill.
_ABORT_SECONDS: Final = 0.3
_MESSAGE: Final = 128 * 1024
_WORKER_CODE: Final = (
    "import sys;sys.path.insert(0,sys.argv[1]);from serpentry.worker import main;raise SystemExit(main())"
)


class Starter:
    """Also knows the templates that are dying and no longer in the supervisor's table: ``replaced``."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self.replaced: dict[int, Template] = {}

    # --- templates -----------------------------------------------------------------------------------

    def start_template(self, generation: Generation) -> None:
        """Forks a template, or just confirms the generation when its workers are spawned."""
        supervisor = self._supervisor
        earlier = supervisor.templates.get(generation.number)
        if earlier is not None:
            # The number is taken over at once; the earlier process is remembered until it is reaped.
            self.drop_template(earlier)
            if earlier.pid is not None:
                self.replaced[earlier.pid] = earlier
        user = generation.settings.user
        if user is not None:
            try:
                users.check(user)
                users.admit(user, (supervisor.boot.socket, supervisor.boot.words))
            except PlanError as e:
                self.report_template_failure(generation.number, str(e))
                return
        if not generation.forks:
            self._report_ready(generation.number, None, 0, [])
            return
        try:
            template = Template(generation)
        except OSError as e:
            self.report_template_failure(generation.number, f"cannot make its pipes: {e}")
            return
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as e:
            template.close()
            self.report_template_failure(generation.number, f"cannot fork: {e}")
            return
        if pid == 0:
            stdout, stderr, channel = template.writers
            template.channel.close()
            supervisor.leave()
            from serpentry.template import run_template

            raise Become(partial(run_template, supervisor.boot, generation, channel, stdout, stderr))
        _own_group(pid)
        template.pid, template.alive = pid, True
        template.close_writers()
        supervisor.templates[generation.number] = template
        supervisor.outlets.watch(template)
        supervisor.selector.register(template.channel, 1, partial(self._on_channel, template))

    def drop_template(self, template: Template) -> None:
        """Ends a template. One that is still importing is made to print where, and fails with that."""
        if not template.alive or template.pid is None or template.dropped:
            return
        template.dropped = True
        if template.ready:
            self._supervisor.reaper.kill(template.pid)
            return
        template.reason = "dropped before it was ready"
        template.kill_at = time.monotonic() + _ABORT_SECONDS
        os.kill(template.pid, signal.SIGABRT)

    def forget(self, template: Template) -> None:
        """Ends the conversation with a dead template; its unanswered requests have failed."""
        self.replaced.pop(template.pid or 0, None)
        if self._supervisor.templates.get(template.number) is template:
            del self._supervisor.templates[template.number]
        self._stop_listening(template)
        reason = template.reason or "its template died"
        for worker in [*template.forking.values(), *template.queue]:
            self._fail(worker, f"the template of generation {template.number} is gone: {reason}")
        template.forking.clear()
        template.queue.clear()

    def report_template_end(self, template: Template, status: int) -> None:
        """Tells the host of a template's death, unless it was asked for."""
        if template.dropped and template.ready:
            return
        how = outcome(status)
        if template.reason is None:
            template.reason = "the import of the preload list failed" if template.error else _death(how)
        self._supervisor.control.send(
            {
                "op": "template-failed",
                "generation": template.number,
                "reason": template.reason,
                **how,
                "error": template.error,
                "tail": template.tail.lines(),
            }
        )

    def report_template_failure(self, number: int, reason: str) -> None:
        """Tells of a template that never became a process."""
        self._supervisor.control.send(
            {
                "op": "template-failed",
                "generation": number,
                "reason": reason,
                "exitCode": None,
                "signal": None,
                "error": None,
                "tail": [],
            }
        )

    def _report_ready(self, number: int, pid: int | None, millis: int, warnings: list[str]) -> None:
        self._supervisor.control.send(
            {
                "op": "template-ready",
                "generation": number,
                "pid": pid,
                "importMillis": millis,
                "warnings": warnings,
            }
        )

    # --- workers -------------------------------------------------------------------------------------

    def spawn(self, message: dict[str, Any], generation: Generation) -> None:
        """Starts a worker by the method that the message names."""
        supervisor = self._supervisor
        number = int(message["worker"])
        template = supervisor.templates.get(generation.number)
        forks = message.get("method", "forkserver") == "forkserver"
        if forks and (template is None or template.dropped or template.reason is not None):
            self.report_spawn_failure(number, f"generation {generation.number} has no living template")
            return
        try:
            worker = Worker(
                number,
                int(message.get("slot", 0)),
                int(message["word"]),
                {str(k): str(v) for k, v in (message.get("environment") or {}).items()},
                generation,
            )
        except OSError as e:
            self.report_spawn_failure(number, f"cannot make its pipes: {e}")
            return
        supervisor.workers[number] = worker
        supervisor.outlets.watch(worker)
        if forks and template is not None:
            template.queue.append(worker)
            self._pump(template)
        else:
            self._start_interpreter(worker)

    def report_spawn_failure(self, number: int, reason: str) -> None:
        """Tells of a worker that does not exist."""
        self._supervisor.control.send({"op": "spawn-failed", "worker": number, "reason": reason})

    def _fail(self, worker: Worker, reason: str) -> None:
        del self._supervisor.workers[worker.number]
        self._supervisor.outlets.drain(worker)
        self.report_spawn_failure(worker.number, reason)

    def _started(self, worker: Worker, pid: int) -> None:
        worker.pid, worker.alive = pid, True
        self._supervisor.control.send({"op": "started", "worker": worker.number, "pid": pid})
        for action in worker.owed:
            self._supervisor.signal(worker, action)
        worker.owed.clear()

    def _start_interpreter(self, worker: Worker) -> None:
        boot = self._supervisor.boot
        stdout, stderr, dump, events = worker.writers
        plan = WorkerPlan(
            boot, worker.generation, worker.number, worker.slot, worker.word, worker.environment, events, dump
        )
        try:
            stdin = process.fill_pipe(json.dumps(plan.to_json()).encode())
            try:
                pid = os.fork()
                if pid == 0:
                    _execute_worker(plan, stdin, stdout, stderr)
            finally:
                os.close(stdin)
        except OSError as e:
            self._fail(worker, f"cannot start an interpreter: {e}")
            return
        _own_group(pid)
        worker.close_writers()
        self._started(worker, pid)

    # --- conversation --------------------------------------------------------------------------------

    def due(self) -> float | None:
        """When ``tick`` has something to do."""
        times = [t.answered_at + FORK_SECONDS for t in self._templates() if t.forking and t.reason is None]
        times += [t.kill_at for t in self._templates() if t.kill_at is not None]
        return min(times, default=None)

    def tick(self, now: float) -> None:
        """Kills templates that have used up their time."""
        for template in list(self._templates()):
            if template.pid is None or not template.alive:
                continue
            if template.forking and now >= template.answered_at + FORK_SECONDS and template.reason is None:
                template.reason = f"it did not answer a fork request for {FORK_SECONDS:g} s"
                template.kill_at = now
            if template.kill_at is not None and now >= template.kill_at:
                template.kill_at = now + FORK_SECONDS
                self._supervisor.reaper.kill(template.pid)

    def read_announcements(self) -> None:
        """Takes in every pid that a template has announced so far."""
        for template in list(self._templates()):
            self._read_channel(template)

    def _templates(self) -> list[Template]:
        return [*self._supervisor.templates.values(), *self.replaced.values()]

    def _on_channel(self, template: Template, _mask: int) -> None:
        self._read_channel(template)
        self._pump(template)

    def _read_channel(self, template: Template) -> None:
        while template.channel.fileno() >= 0:
            try:
                data = template.channel.recv(_MESSAGE)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            if not data:
                self._stop_listening(template)  # the reaper will tell what became of it
                return
            self._hear(template, json.loads(data))

    def _stop_listening(self, template: Template) -> None:
        if template.channel.fileno() >= 0:
            self._supervisor.selector.unregister(template.channel)
            template.channel.close()

    def _hear(self, template: Template, answer: dict[str, Any]) -> None:
        template.answered_at = time.monotonic()
        if answer["op"] == "ready":
            template.ready = True
            self._report_ready(template.number, template.pid, answer["importMillis"], answer["warnings"])
            self._pump(template)
        elif answer["op"] == "failed":
            template.error = answer["error"]
            template.reason = answer["reason"]
        elif answer["op"] == "forked":
            self._started(template.forking.pop(answer["worker"]), answer["pid"])
        elif answer["op"] == "fork-failed":
            worker = template.forking.pop(answer["worker"], None)
            if worker is not None:
                self._fail(worker, answer["reason"])

    def _pump(self, template: Template) -> None:
        """Sends the template what it can take."""
        if template.channel.fileno() < 0:
            return
        while template.ready and template.queue:
            worker = template.queue[0]
            request = {
                "worker": worker.number,
                "slot": worker.slot,
                "word": worker.word,
                "environment": worker.environment,
            }
            try:
                socket.send_fds(template.channel, [encode(request)], worker.writers)
            except BlockingIOError:
                break
            except ConnectionError:
                break  # dead; its queue fails when it is reaped
            except OSError as e:
                self._fail(template.queue.popleft(), f"cannot ask the template for it: {e}")
                continue
            if not template.forking:
                template.answered_at = time.monotonic()
            template.forking[worker.number] = template.queue.popleft()
            worker.close_writers()
        events = 3 if template.ready and template.queue else 1
        if self._supervisor.selector.get_key(template.channel).events != events:
            self._supervisor.selector.modify(template.channel, events, partial(self._on_channel, template))


def _own_group(pid: int) -> None:
    """Both sides do this, so that neither can use the group before it exists."""
    # It has executed or ended already, hence done it itself.
    with suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)


def _execute_worker(plan: WorkerPlan, stdin: int, stdout: int, stderr: int) -> None:
    """Becomes a new interpreter, in a child just forked; never returns."""
    try:
        os.setpgid(0, 0)
        process.die_with_parent()
        settings = plan.generation.settings
        process.default_signals({settings.cancel_signal, settings.dump_signal})
        for descriptor, number in ((stdin, 0), (stdout, 1), (stderr, 2)):
            process.place(descriptor, number)
        for descriptor in (plan.events, plan.dump):
            os.set_inheritable(descriptor, True)
        if settings.user is not None:
            users.become(settings.user)
        environment = {**os.environ, **settings.thread_environment(), **plan.environment}
        environment["SERPENTRY_WORKER"] = str(plan.worker)
        arguments = [sys.executable, "-I", "-B", "-X", "utf8", "-c", _WORKER_CODE, RUNTIME_DIRECTORY]
        if os.getppid() == plan.boot.launcher:
            os.execve(sys.executable, arguments, environment)
    except BaseException as e:
        os.write(2, f"serpentry: cannot execute {sys.executable}: {e}\n".encode())
    finally:
        os._exit(127)


def _death(how: dict[str, int | None]) -> str:
    if how["signal"] is not None:
        return f"it was ended by signal {how['signal']}"
    return f"it exited with status {how['exitCode']}"
