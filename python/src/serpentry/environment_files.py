# SPDX-License-Identifier: Apache-2.0
"""What an environment build does to the cache directory: locking, sealing, moving and deleting."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from serpentry.installer import BuildError, disk_full

MARKER = "serpentry-environment.json"
_LOCK_PAUSE_SECONDS = 0.1
_NOT_WRITABLE = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
    errno.ELOOP,
)


@contextlib.contextmanager
def locked(path: Path, waiting: Callable[[], None], check: Callable[[], None]) -> Iterator[None]:
    """Holds the advisory lock on a file; the system frees it when the process ends, however it ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        told = False
        while True:
            check()
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    waiting()
                    told = True
                time.sleep(_LOCK_PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)


def explain_os(problem: OSError, cache: Path) -> BuildError:
    """The error that says what the system refused below the cache directory."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(str(problem))
    if problem.errno in _NOT_WRITABLE:
        return BuildError(
            "cache-not-writable",
            f"The cache directory {cache} cannot be written: {problem}.",
            f"Give the server's account (user id {os.getuid()}) the right to write there, or name another "
            "directory.",
        )
    return BuildError("build-failed", str(problem), "Check the cache directory and its disk.")


def usable(target: Path) -> bool:
    """Whether a finished environment is there and its interpreter, which may be gone, can run."""
    return (target / MARKER).is_file() and os.access(target / "bin" / "python", os.X_OK)


def relocate(made: Path, target: Path) -> None:
    """Writes the final place into the scripts, which name their interpreter by its full path."""
    old, new = os.fsencode(made), os.fsencode(target)
    for path in [*(made / "bin").iterdir(), made / "pyvenv.cfg"]:
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if old in content and b"\0" not in content[:1024]:
            path.write_bytes(content.replace(old, new))


def seal(root: Path, check: Callable[[], None]) -> None:
    """Takes every right to write below `root`; the root itself keeps it until it has been renamed."""
    for directory, _, files in os.walk(root):
        check()
        for name in files:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                executable = os.stat(path).st_mode & stat.S_IXUSR
                os.chmod(path, 0o555 if executable else 0o444)
        if directory != str(root):
            os.chmod(directory, 0o555)  # noqa: S103 - nobody may write, all may read


def remove(root: Path) -> None:
    """Deletes a tree, read-only parts included."""
    for directory, _, _ in os.walk(root):
        os.chmod(directory, 0o700)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(root)
