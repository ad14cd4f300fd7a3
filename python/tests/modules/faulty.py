# SPDX-License-Identifier: Apache-2.0
"""Functions that misbehave, for the tests of both languages; none needs a third-party package."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import serpentry
from serpentry import expose


@expose
def echo(value: Any = None) -> Any:
    """Returns its argument."""
    return value


@expose
def collect() -> None:
    """Runs the garbage collector."""
    gc.collect()


@expose
def add(a: int, b: int) -> int:
    """Returns the sum."""
    return a + b


@expose
def pid() -> int:
    """Returns the worker's process id."""
    return os.getpid()


@expose
def spin() -> None:
    """Never returns and keeps one core busy."""
    while True:
        pass


@expose
def swallow() -> None:
    """Never returns; catches every exception, CallCancelled included, once it has told that it does."""
    told = False
    while True:
        try:
            if not told:
                told = True
                serpentry.context().progress("swallowing")
            while True:
                pass
        except BaseException:
            pass


@expose
def sleep(seconds: float) -> str:
    """Waits in one system call."""
    time.sleep(seconds)
    return "slept"


@expose
def print_storm(size: int, line: int = 100) -> int:
    """Prints ``size`` bytes in lines of ``line`` bytes, returns the number of lines."""
    text = "x" * (line - 1)
    count = size // line
    for _ in range(count):
        print(text)
    return count


@expose
def print_lines(lines: list[str], stream: str = "stdout") -> None:
    """Prints each line on ``stdout`` or ``stderr``."""
    for text in lines:
        print(text, file=getattr(sys, stream))


@expose
def write_descriptor(descriptor: int, text: str) -> None:
    """Writes to a file descriptor, past Python's streams."""
    os.write(descriptor, text.encode())


@expose
def write_bytes(descriptor: int, data: str) -> None:
    """Writes bytes, given in hex, to a file descriptor."""
    os.write(descriptor, bytes.fromhex(data))


@expose
def subprocess_writes(descriptor: int, text: str) -> int:
    """Has a subprocess write to the descriptor (1 or 2) that it inherits; returns its exit status."""
    command = f"import os; os.write({descriptor}, {text.encode()!r})"
    return subprocess.run([sys.executable, "-c", command], check=False).returncode


@expose
def os_exit(status: int = 3) -> None:
    """Ends the process without any clean-up."""
    os._exit(status)


@expose
def sys_exit(status: Any = 4) -> None:
    """Raises SystemExit, which must not end the worker."""
    sys.exit(status)


@expose
def segfault() -> None:
    """Ends the process by SIGSEGV."""
    ctypes.string_at(0)


@expose
def fail(kind: str = "ValueError", message: str = "as asked") -> None:
    """Raises a built-in exception by name: ``KeyboardInterrupt``, ``GeneratorExit``, ``MemoryError``, …"""
    import builtins

    raise getattr(builtins, kind)(message)


@expose
def recurse() -> int:
    """Ends in RecursionError."""
    return recurse() + 1


@expose
def exhaust_memory() -> int:
    """Ends in MemoryError."""
    return len(bytearray(1 << 60))


@expose
def unencodable() -> object:
    """Returns what JSON cannot carry."""
    return {"items": [1, 2, object()]}


@expose
def grandchild(new_session: bool = True) -> int:
    """Leaves a process behind that sleeps for long, by default in a session of its own; returns its pid."""
    command = "import sys, time; print('up', flush=True); time.sleep(600)"
    child = subprocess.Popen(
        [sys.executable, "-c", command],
        stdout=subprocess.PIPE,
        start_new_session=new_session,
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child.pid


@expose
def daemon(hold_output: bool = False) -> int:
    """Leaves an orphan in a session of its own by a double fork; returns its pid."""
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        os.setsid()
        child = os.fork()
        if child == 0:
            os.close(reader)
            os.close(writer)
            if not hold_output:
                nothing = os.open(os.devnull, os.O_RDWR)
                for number in range(3):
                    os.dup2(nothing, number)
            signal.pause()
        os.write(writer, str(child).encode())
        os._exit(0)
    os.waitpid(middle, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return int(pipe.read())


@expose
def fork_and_return() -> str:
    """Forks and lets both processes return."""
    return "child" if os.fork() == 0 else "parent"


@expose
def big(size: int) -> str:
    """Returns a text of ``size`` characters."""
    return "x" * size


@expose
def length(text: str) -> int:
    """Returns the length of a text."""
    return len(text)


@expose
def ignore_sigterm() -> str:
    """From now on SIGTERM does not end the worker."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return "ignored"


@expose
def claim_signal(name: str) -> None:
    """Installs a handler for a signal, as libraries do."""
    signal.signal(getattr(signal, name), lambda number, frame: None)


@expose
def log(message: str, level: int = logging.WARNING, logger: str = "faulty") -> None:
    """Logs a record."""
    logging.getLogger(logger).log(level, message)


@expose
def log_levels(message: str, levels: list[int]) -> None:
    """Logs a record at each level, in this order."""
    for level in levels:
        logging.getLogger("faulty").log(level, message)


@expose
def log_failure(message: str) -> None:
    """Logs a record with a traceback."""
    try:
        raise ValueError("logged, not raised")
    except ValueError:
        logging.getLogger("faulty").exception(message)


@expose
def progress(values: list[Any]) -> None:
    """Reports each value as progress."""
    for value in values:
        serpentry.context().progress(value)


@expose
async def async_sleep(seconds: float) -> str:
    """Waits in the event loop."""
    await asyncio.sleep(seconds)
    return "slept"


@expose
async def async_spin() -> None:
    """Never returns to the event loop."""
    while True:
        pass


@expose
async def async_echo(value: Any = None) -> Any:
    """Returns its argument after one turn of the event loop."""
    await asyncio.sleep(0)
    return value


class _Slow:
    def __del__(self) -> None:
        for _ in range(20):
            pass


@expose
def spin_in_destructors() -> None:
    """Never returns; nearly all of its time passes where an exception is ignored."""
    while True:
        _Slow()


@expose
def raise_and_return(value: Any) -> Any:
    """Spends its time raising and catching, then returns its argument."""
    for _ in range(40):
        try:
            raise ValueError(value)
        except ValueError:
            pass
    return value


@expose
def encode_slowly(value: int) -> Any:
    """Returns a value whose encoding takes longer than the function."""
    return _Number(value)


class _Number(int):
    pass


@expose
def threads() -> int:
    """Starts a thread that lives on; returns the number of threads."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return threading.active_count()


@expose
def draw() -> float:
    """Returns a random number."""
    return random.random()


@expose
def environment(name: str) -> str | None:
    """Returns an environment variable."""
    return os.environ.get(name)


@expose
def facts() -> dict[str, Any]:
    """What a worker can tell of its own process."""
    import resource

    mask = os.umask(0)
    os.umask(mask)
    return {
        "pid": os.getpid(),
        "ppid": os.getppid(),
        "pgid": os.getpgid(0),
        "sid": os.getsid(0),
        "nice": os.nice(0),
        "umask": mask,
        "directory": os.getcwd(),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "data": resource.getrlimit(resource.RLIMIT_DATA)[0],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "stdin": os.readlink("/proc/self/fd/0"),
        "arguments": sys.argv,
        "threads": os.environ.get("OMP_NUM_THREADS"),
    }


@expose
def limits() -> dict[str, Any]:
    """The CPU limit, and who handles its signal."""
    import resource

    return {
        "cpu": resource.getrlimit(resource.RLIMIT_CPU)[0],
        "handler": getattr(signal.getsignal(signal.SIGXCPU), "name", "?"),
    }


@expose
def identity() -> dict[str, Any]:
    """As whom this process runs."""
    return {
        "uids": list(os.getresuid()),
        "gids": list(os.getresgid()),
        "groups": os.getgroups(),
        "home": os.environ.get("HOME"),
        "descriptors": len(os.listdir("/proc/self/fd")),
    }
