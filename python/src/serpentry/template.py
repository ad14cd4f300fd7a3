# SPDX-License-Identifier: Apache-2.0
"""The template process: imports the preload list once, then forks workers from it.

Each worker is forked twice. The process in the middle tells the launcher the worker's pid and ends at once,
so that the worker becomes a child of the launcher, its subreaper, and outlives the template. The template
stays single-threaded; it only ever waits for such a middle process, never for a worker.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
import warnings
from functools import partial
from typing import Any, Final

from serpentry import process, tracing, users
from serpentry.codec import make_codec
from serpentry.commands import COMMANDS
from serpentry.control import encode
from serpentry.distributions import requirements_hash
from serpentry.errors import record
from serpentry.logs import install_handler
from serpentry.plans import RUNTIME_DIRECTORY, Become, Bootstrap, Generation, PlanError, WorkerPlan
from serpentry.registry import Registry
from serpentry.worker import Code, renew_streams, run_worker, take_stdio

_REQUEST: Final = 256 * 1024
_DESCRIPTORS: Final = 4


def run_template(boot: Bootstrap, generation: Generation, channel: int, stdout: int, stderr: int) -> int:
    """Runs this process, just forked from the launcher, as the template of a generation."""
    os.setpgid(0, 0)
    process.die_with_parent()
    if os.getppid() != boot.launcher:
        return 0
    settings = generation.settings
    process.mark_template()
    # Workers inherit the block, so that a signal cannot kill one before its handler stands.
    process.default_signals({settings.cancel_signal, settings.dump_signal})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    take_stdio(stdout, stderr)
    renew_streams()
    process.close_descriptors({channel})
    faulthandler.enable(2)
    sock = socket.socket(fileno=channel)
    started = time.monotonic()
    try:
        process.apply_limits({}, boot.files)
        if settings.user is not None:
            users.become(settings.user)
            users.require_readable(
                settings.user, (os.path.dirname(os.__file__), RUNTIME_DIRECTORY, *generation.roots)
            )
        os.environ.update(settings.thread_environment())
        if settings.umask is not None:
            os.umask(settings.umask)
        if settings.working_directory is not None:
            os.chdir(settings.working_directory)
        install_handler(settings.debug)
        codec = make_codec(settings.codec, settings.nan, settings.nesting_limit)
        registry = Registry(generation.roots, generation.preload, codec, settings.debug)
        caught = process.caught_signals()
        registry.preload_modules()
        registry.add_builtins(COMMANDS)
        registry.prepare()
        tracing.prepare()
        if settings.calls > 1:
            importlib.import_module("serpentry.multiplexing")  # shared by the workers, as what it imports
        clash = signal_clash(generation, caught)
        requirements_hash()
    except PlanError as e:
        _say(sock, {"op": "failed", "reason": str(e), "error": None})
        return 1
    except BaseException as e:
        reason = "the import of the preload list failed"
        if isinstance(e, (OSError, ValueError)) and not generation.preload:
            reason = f"the settings cannot be applied: {e}"
        _say(sock, {"op": "failed", "reason": reason, "error": record(e)})
        return 1
    if clash is not None:
        _say(sock, {"op": "failed", "reason": clash, "error": None})
        return 1
    millis = round((time.monotonic() - started) * 1000)
    warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
    gc.collect()
    gc.freeze()
    _say(sock, {"op": "ready", "importMillis": millis, "warnings": _thread_warnings()})
    return _serve(sock, boot, generation, Code(registry, codec))


def signal_clash(generation: Generation, before: int | None) -> str | None:
    """Names the signals that user code has claimed since ``before`` was read, or None."""
    after = process.caught_signals()
    if before is None or after is None:
        return None
    settings = generation.settings
    keys = (("cancel-signal", settings.cancel_signal), ("dump-signal", settings.dump_signal))
    claimed = [(k, n) for k, n in keys if after & ~before & 1 << (n - 1)]
    if not claimed:
        return None
    texts = [f"{signal.Signals(n).name} (configuration key {k})" for k, n in claimed]
    return (
        f"a preload module installs a handler for {' and '.join(texts)}, which the runtime needs; "
        "set that key to another signal, for example SIGRTMIN, or remove the handler"
    )


def _thread_warnings() -> list[str]:
    threads = process.thread_count()
    if threads == 1:
        return []
    text = (
        f"the preload modules started {threads - 1} thread(s), which do not survive a fork: "
        "if workers hang or misbehave, set start-method=spawn"
    )
    return [text]


def _say(sock: socket.socket, message: dict[str, Any]) -> None:
    try:
        sock.sendall(encode(message))
    except ConnectionError:
        os._exit(0)  # the launcher has ended this template


def _serve(sock: socket.socket, boot: Bootstrap, generation: Generation, code: Code) -> int:
    while True:
        data, descriptors, _, _ = socket.recv_fds(sock, _REQUEST, _DESCRIPTORS)
        if not data:
            return 0
        request = json.loads(data)
        stdout, stderr, dump, events = descriptors
        plan = WorkerPlan(boot=boot, generation=generation, events=events, dump=dump, **request)
        _fork(sock, plan, code, stdout, stderr)
        for descriptor in descriptors:
            os.close(descriptor)


def _fork(sock: socket.socket, plan: WorkerPlan, code: Code, stdout: int, stderr: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    try:
        middle = os.fork()
    except OSError as e:
        _say(sock, {"op": "fork-failed", "worker": plan.worker, "reason": f"cannot fork: {e}"})
        return
    if middle == 0:
        _middle(sock, plan, code, stdout, stderr)
    status = os.waitpid(middle, 0)[1]
    if status != 0:
        reason = f"the forking process ended with wait status {status}"
        _say(sock, {"op": "fork-failed", "worker": plan.worker, "reason": reason})


def _middle(sock: socket.socket, plan: WorkerPlan, code: Code, stdout: int, stderr: int) -> None:
    """Never returns: ends in the middle process, goes on as the worker in its child."""
    middle = os.getpid()
    try:
        child = os.fork()
    except OSError as e:
        _say(sock, {"op": "fork-failed", "worker": plan.worker, "reason": f"cannot fork: {e}"})
        os._exit(0)
    if child == 0:
        sock.close()
        raise Become(partial(_grow_up, plan, code, middle, stdout, stderr))
    status = 1
    try:
        # Its own group before it is announced: the template's group may be killed at any time.
        os.setpgid(child, child)
        sock.sendall(encode({"op": "forked", "worker": plan.worker, "pid": child}))
        status = 0
    finally:
        if status != 0:
            os.kill(child, signal.SIGKILL)
        os._exit(status)


def _grow_up(plan: WorkerPlan, code: Code, middle: int, stdout: int, stderr: int) -> int:
    """In the worker."""
    take_stdio(stdout, stderr)
    process.close_descriptors({plan.events, plan.dump})
    return run_worker(plan, code, partial(_join_launcher, plan.boot.launcher, middle))


def _join_launcher(launcher: int, middle: int) -> None:
    """Waits until this worker belongs to the launcher, without which it must not live.

    Called late, since the process in the middle takes about as long to end as the worker to settle.
    """
    while os.getppid() == middle:
        time.sleep(0.0001)
    process.die_with_parent()
    if os.getppid() != launcher:
        os._exit(0)
