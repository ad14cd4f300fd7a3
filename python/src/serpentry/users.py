# SPDX-License-Identifier: Apache-2.0
"""Running templates and workers as another user of the operating system than the server's.

The launcher keeps the server's own user: it must be able to signal what it has started.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable

from serpentry import process
from serpentry.plans import PlanError

_KEY = "serpentry.pool.<name>.user"
_CAPABILITIES = (("CAP_KILL", 5), ("CAP_SETGID", 6), ("CAP_SETUID", 7))


def check(name: str) -> None:
    """Raises PlanError, saying what to do, when this process cannot start others as that user."""
    entry = _entry(name)
    if entry.pw_uid == os.geteuid():
        return
    effective = process.capabilities()
    missing = [text for text, bit in _CAPABILITIES if not effective & 1 << bit]
    if missing:
        raise PlanError(
            f"the server's account (uid {os.geteuid()}) may not start processes as user '{name}': run the "
            f"server as root, give it {', '.join(missing)}, or remove {_KEY}"
        )


def _entry(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise PlanError(f"this machine has no user '{name}': create it or correct {_KEY}") from None


def admit(name: str, files: Iterable[str]) -> None:
    """Lets the user connect to the run's socket and map its words; nobody may list their directory.

    Raises PlanError.
    """
    uid = _entry(name).pw_uid
    try:
        for path in files:
            os.chown(path, uid, -1)
            os.chmod(path, stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP)
            os.chmod(os.path.dirname(path), 0o711)  # noqa: S103 - enter, not list; the files keep others out
    except PermissionError as e:
        raise PlanError(
            f"user '{name}' cannot be let into the run directory ({e}): run the server as root, give it "
            f"CAP_CHOWN, or remove {_KEY}"
        ) from e


def become(name: str) -> None:
    """Makes this process the user's, for good. Raises PlanError, after ``check`` for rare reasons only."""
    entry = _entry(name)
    if entry.pw_uid != os.geteuid():
        try:
            os.setgroups(os.getgrouplist(name, entry.pw_gid))
            os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
            os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
        except PermissionError as e:
            raise PlanError(f"cannot become user '{name}': {e}") from e
        # The kernel forgets both when the user changes.
        process.allow_inspection()
        process.die_with_parent()
    os.environ.update(HOME=entry.pw_dir, USER=name, LOGNAME=name)


def require_readable(name: str, directories: Iterable[str]) -> None:
    """Raises PlanError when this process, now the user's, cannot import from one of the directories."""
    for directory in directories:
        if not os.access(directory, os.R_OK | os.X_OK):
            raise PlanError(
                f"user '{name}' may not read {directory}: let it enter that directory and all above it, or "
                "name another by serpentry.pool.<name>.environment-cache"
            )
