# SPDX-License-Identifier: Apache-2.0
"""A worker process: what it does between its birth and its loop, and at its end.

A forked worker gets here from the template with the user's modules in memory (``run_worker``), a spawned
one as a new interpreter whose plan waits on its standard input (``main``).
"""

from __future__ import annotations

import faulthandler
import io
import json
import mmap
import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from serpentry import commands, masking, process, protocol
from serpentry.attached import AttachedCalls
from serpentry.cancelling import Canceller
from serpentry.codec import Codec, make_codec
from serpentry.distributions import requirements_hash
from serpentry.errors import ImportFailedError, record
from serpentry.handshake import Refused, connect, handshake, member
from serpentry.logs import Events, connect_handler, install_handler
from serpentry.loop import Loop
from serpentry.plans import WorkerPlan
from serpentry.registry import Registry


@dataclass(frozen=True, slots=True)
class Code:
    """The user's code, ready to be called."""

    registry: Registry
    codec: Codec


def main() -> int:
    """Runs a spawned worker and returns its exit status."""
    with open(0, "rb", closefd=False) as stdin:
        plan = WorkerPlan.from_json(json.loads(stdin.read()))
    process.die_with_parent()
    if os.getppid() != plan.boot.launcher:
        return 0
    take_stdio(1, 2)
    renew_streams()
    process.close_descriptors({plan.events, plan.dump})
    for descriptor in (plan.events, plan.dump):
        os.set_inheritable(descriptor, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return run_worker(plan, None)


def take_stdio(stdout: int, stderr: int) -> None:
    """Puts the pipes at descriptors 1 and 2 and nothing at 0."""
    process.stdin_from_nothing()
    process.place(stdout, 1)
    process.place(stderr, 2)


def renew_streams() -> None:
    """Opens ``sys.stdout`` and ``sys.stderr`` anew, flushed by the line.

    The old ones cannot be used on: one that was a file when it was opened seeks, which a pipe cannot.
    """
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        raw = io.FileIO(descriptor, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def run_worker(plan: WorkerPlan, code: Code | None, join: Callable[[], None] | None = None) -> int:
    """Serves calls until the host closes the call channel; returns the exit status.

    ``join`` is called before this process makes itself known to the host, and ends it when it must not live.
    """
    commands.begin(plan.worker)
    settings = plan.generation.settings
    try:
        _settle(plan)
        faulthandler.enable(2)
        faulthandler.register(settings.dump_signal, plan.dump, all_threads=True)
        install_handler(settings.debug)
        connect_handler(Events(plan.events))
        masking.add(plan.boot.token, lasting=True)
        masking.add_environment(os.environ)
        several = settings.calls > 1
        words = _map_words(plan.boot.words, plan.word, 2 * settings.calls if several else 1)
        canceller = Canceller(settings.cancel_signal, settings.dump_signal)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {settings.cancel_signal, settings.dump_signal})
        if code is None:
            try:
                code = _import_code(plan)
            except ImportFailedError as e:
                # The last lines are what callers see: they must be the user's, not the runtime's own.
                process.complain(f"serpentry worker: {e}\n{record(e)['traceback']}")
                return 1
            clash = canceller.clash()
            if clash is not None:
                process.complain(f"serpentry worker: a preload module claims {clash}")
                return os.EX_CONFIG
        if join is not None:
            join()
        replies = calls = connect(plan.boot.socket)
        welcome = handshake(
            replies,
            {
                "role": "worker",
                "token": plan.boot.token,
                "worker": plan.worker,
                "codeHash": plan.generation.code_hash,
                "requirementsHash": requirements_hash(),
                "codec": code.codec.name,
                "capabilities": ["attachments", "tables", "callsSocket"],
            },
        )
        if welcome.get("callsSocket") is True:
            calls = connect(plan.boot.socket)
            handshake(calls, {"role": "calls", "token": plan.boot.token, "worker": plan.worker})
    except Refused as e:
        process.complain(f"serpentry worker: {e}")
        return protocol.EXIT_REFUSED
    except (OSError, ValueError, protocol.ProtocolError) as e:
        process.complain(f"serpentry worker: cannot start: {type(e).__name__}: {e}")
        return os.EX_UNAVAILABLE
    commands.attach(calls, code.registry)
    limit = min(int(member(welcome, "limits").get("frame", settings.frame_limit)), settings.frame_limit)
    attached = AttachedCalls(code.codec, limit, member(welcome, "sharedMemory"))
    if several:
        from serpentry.multiplexing import Multiplexer

        return Multiplexer(
            calls, replies, code.registry, code.codec, words, limit, settings.calls, canceller, attached
        ).run()
    cpu = None
    if settings.limits.get("cpu"):
        from serpentry.cpu import CpuLimit

        cpu = CpuLimit(settings.limits["cpu"], canceller, plan.dump)
    return Loop(calls, replies, code.registry, code.codec, words, limit, canceller, attached, cpu).run()


def _settle(plan: WorkerPlan) -> None:
    """Makes this process what the settings ask for. Raises OSError or ValueError naming the setting."""
    settings = plan.generation.settings
    if os.getpgid(0) != os.getpid():
        os.setpgid(0, 0)
    process.mark_worker(plan.worker)
    os.environ["SERPENTRY_SLOT"] = str(plan.slot)
    os.environ["SERPENTRY_POOL"] = plan.boot.pool
    os.environ.update(plan.environment)
    process.apply_limits(settings.limits, plan.boot.files)
    if settings.umask is not None:
        os.umask(settings.umask)
    if settings.nice:
        os.nice(settings.nice)
    if settings.working_directory is not None:
        os.chdir(settings.working_directory)
    # Forked twins must not draw the same numbers; NumPy, unlike random, does not see to it itself.
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()


def _import_code(plan: WorkerPlan) -> Code:
    """Imports the preload list in a spawned worker. Raises ImportFailedError."""
    settings = plan.generation.settings
    codec = make_codec(settings.codec, settings.nan, settings.nesting_limit)
    registry = Registry(plan.generation.roots, plan.generation.preload, codec, settings.debug)
    registry.add_builtins(commands.COMMANDS)
    registry.preload_modules()
    return Code(registry, codec)


def _map_words(path: str, offset: int, count: int) -> memoryview:
    """The begun-call words from a byte offset of the words file on, as a view of unsigned 64-bit integers."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        if offset < 0 or offset % 8 or offset + 8 * count > size:
            raise ValueError(
                f"word offset {offset} is no place for {count} in the words file of {size} bytes"
            )
        mapped = mmap.mmap(descriptor, size, mmap.MAP_SHARED)
    finally:
        os.close(descriptor)
    return memoryview(mapped)[offset : offset + 8 * count].cast("Q")
