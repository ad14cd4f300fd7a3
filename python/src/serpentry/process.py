# SPDX-License-Identifier: Apache-2.0
"""What the launcher and its children ask of Linux: prctl, /proc, descriptors, pipes, limits.

Where the kernel lacks a call (another operating system, a sandbox) the function says so by its result
rather than raising, because each caller can go on with less protection.
"""

from __future__ import annotations

import ctypes
import fcntl
import functools
import os
import resource
import signal
import sys
from collections.abc import Collection, Iterable

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36
_PIPE_BUFFER = 64 * 1024
_MARK = "serpent-"
_TEMPLATE = "serpentemplate"
_WORKER_VARIABLE = b"SERPENTRY_WORKER="


def _prctl(option: int, argument: object) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return bool(_libc().prctl(option, argument, 0, 0, 0) == 0)


@functools.cache
def _libc() -> ctypes.CDLL:
    """Opened once, by the launcher: each opening makes types anew, which every worker would pay for."""
    return ctypes.CDLL(None, use_errno=True)


def complain(text: str) -> None:
    """Writes a line to standard error, past whatever user code has made of ``sys.stderr``."""
    os.write(2, f"{text}\n".encode("utf-8", "backslashreplace"))


def become_subreaper() -> bool:
    """Makes orphaned descendants children of this process. False where the system cannot."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1))


def die_with_parent() -> bool:
    """Asks for SIGKILL at the death of the parent's forking thread; check getppid() afterwards."""
    return _prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))


def allow_inspection() -> None:
    """Lets this process read its own /proc entries again after a change of its user."""
    _prctl(_PR_SET_DUMPABLE, ctypes.c_ulong(1))


def capabilities() -> int:
    """The mask of this process's effective capabilities."""
    try:
        with open("/proc/self/status", "rb") as f:
            for line in f:
                if line.startswith(b"CapEff:"):
                    return int(line.split()[1], 16)
    except OSError:
        pass  # not Linux: the user tells
    return -1 if os.geteuid() == 0 else 0


def set_name(name: str) -> None:
    """Names this process in ``ps`` and ``top``; forked children inherit it (15 bytes at most)."""
    _prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode("ascii")[:15]))


def mark_worker(worker: int) -> None:
    """Marks this process and what it will fork or execute as belonging to a worker; see ``owner``."""
    set_name(f"{_MARK}{worker}")
    os.environ["SERPENTRY_WORKER"] = str(worker)


def owner(pid: int) -> int | None:
    """The worker that a process descends from, by its mark, or None when it carries none."""
    try:
        with open(f"/proc/{pid}/comm", "rb") as f:
            name = f.read().strip().decode("ascii", "replace")
        if name.startswith(_MARK) and name[len(_MARK) :].isdigit():
            return int(name[len(_MARK) :])
        with open(f"/proc/{pid}/environ", "rb") as f:
            for entry in f.read().split(b"\0"):
                if entry.startswith(_WORKER_VARIABLE):
                    return int(entry[len(_WORKER_VARIABLE) :])
    except (OSError, ValueError):
        return None  # it has just ended, or is not ours to read: nobody's
    return None


def mark_template() -> None:
    """Marks this process as a template; the middle of a double fork carries the mark too."""
    set_name(_TEMPLATE)


def is_half_forked(pid: int) -> bool:
    """Whether an orphan is what a dead template left in the middle of a fork: marked, and in our session."""
    try:
        with open(f"/proc/{pid}/comm", "rb") as f:
            return f.read().strip() == _TEMPLATE.encode() and os.getsid(pid) == os.getsid(0)
    except OSError:
        return False


def is_zombie(pid: int) -> bool:
    """Whether a process has ended and waits to be collected."""
    return _stat(pid)[:1] in (["Z"], ["X"])


def children() -> list[int]:
    """The pids of this process's children, zombies included. Only its main thread may have any."""
    pid = os.getpid()
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as f:
            return [int(word) for word in f.read().split()]
    except FileNotFoundError:
        return [child for child in _all_pids() if _parent(child) == pid]


def _all_pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except FileNotFoundError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if len(fields) > 1 else -1


def _stat(pid: int) -> list[str]:
    """The fields behind the name in /proc/<pid>/stat: state, parent, …; empty when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as f:
            return f.read().rpartition(b")")[2].decode("ascii").split()
    except OSError:
        return []


def thread_count() -> int:
    """The operating-system threads of this process, those of C libraries included."""
    try:
        return len(os.listdir("/proc/self/task"))
    except FileNotFoundError:
        return 1


def caught_signals() -> int | None:
    """The mask of signals for which any handler, Python's or a C library's, is installed."""
    try:
        with open("/proc/self/status", "rb") as f:
            for line in f:
                if line.startswith(b"SigCgt:"):
                    return int(line.split()[1], 16)
    except OSError:
        return None
    return None


def close_descriptors(keep: Collection[int]) -> None:
    """Closes every descriptor above 2 that is not in ``keep``."""
    try:
        held = [int(name) for name in os.listdir("/proc/self/fd")]
    except FileNotFoundError:
        held = list(range(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
    for descriptor in held:
        if descriptor > 2 and descriptor not in keep:
            try:
                os.close(descriptor)
            except OSError:
                continue  # listdir's own descriptor, closed by now


def place(descriptor: int, number: int) -> None:
    """Makes ``number`` (0, 1 or 2) a copy of ``descriptor``, which survives an exec."""
    if descriptor == number:
        os.set_inheritable(number, True)
    else:
        os.dup2(descriptor, number)


def stdin_from_nothing() -> None:
    """Reads of standard input find its end."""
    descriptor = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    place(descriptor, 0)
    if descriptor != 0:
        os.close(descriptor)


def fill_pipe(data: bytes) -> int:
    """Returns the read end of a pipe that holds ``data`` (at most 1 MiB); never blocks."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    try:
        if len(data) > _PIPE_BUFFER:
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, len(data))
        os.set_blocking(writer, False)
        if os.write(writer, data) != len(data):
            raise OSError(f"{len(data)} bytes do not fit a pipe")
    except BaseException:
        os.close(reader)
        raise
    finally:
        os.close(writer)
    return reader


def default_signals(blocked: Iterable[int]) -> None:
    """Gives a forked child its signals back: no handler of its parent's, only ``blocked`` held back."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set(blocked))


def raise_file_limit() -> int:
    """Raises the soft limit of open files to the hard one and returns what it was."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return soft


def apply_limits(limits: dict[str, int], default_files: int) -> None:
    """Sets DATA, NOFILE and CORE of this process. AS is never limited: it breaks NumPy.

    Raises ValueError or OSError when a limit is above the hard one.
    """
    # Not 0: the kernel hands a core to a program such as systemd-coredump all the same, but not at 1, which
    # is too small for a file as well.
    hard_core = resource.getrlimit(resource.RLIMIT_CORE)[1]
    _limit(resource.RLIMIT_CORE, "core", limits.get("core", 0) or (1 if hard_core else 0))
    _limit(resource.RLIMIT_NOFILE, "files", limits.get("files", default_files))
    if "data" in limits:
        _limit(resource.RLIMIT_DATA, "data", limits["data"])


def _limit(kind: int, name: str, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY and value > hard:
        raise ValueError(f"limit {name}={value} is above the system's hard limit {hard}")
    resource.setrlimit(kind, (value, hard))
