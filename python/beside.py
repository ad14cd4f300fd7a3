# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside the process that asks for it, for example beside Maven, and collects its outcome.

Needs only the standard library, and a system with ``flock``. One run at a time has a directory: its output,
its status, and a lock that it holds while it lives. It ends with the process for which it was begun, so that
a build that fails or is interrupted leaves none behind.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

_LOOK_SECONDS = 0.5
_RUNNER = "import sys;sys.path.insert(0,sys.argv.pop(1));from beside import main;raise SystemExit(main())"


def begin(place: Path, command: list[str], owner: int) -> None:
    """Starts the command and returns; one that an earlier owner left here is ended first."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("a") as lock:
        _end_former(place, lock)
        (place / "status").unlink(missing_ok=True)
        with (place / "output.txt").open("wb") as output:
            runner = [sys.executable, "-c", _RUNNER, str(Path(__file__).resolve().parent)]
            # It inherits the lock already held: nobody can collect before it has begun.
            running = subprocess.Popen(
                [*runner, str(place), str(owner), str(lock.fileno()), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )
        begun = {"owner": owner, "group": running.pid, "begun": time.time()}
        (place / "run.json").write_text(json.dumps(begun), encoding="utf-8")
        running.returncode = 0  # It is not waited for here.


def _end_former(place: Path, lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.killpg(json.loads((place / "run.json").read_text(encoding="utf-8"))["group"], signal.SIGKILL)
        fcntl.flock(lock, fcntl.LOCK_EX)


def collect(place: Path, owner: int) -> int | None:
    """Waits for the end of the run that was begun for this owner and prints its whole output.

    Returns its exit status, or None when none was begun for this owner or it has been collected.
    """
    record = place / "run.json"
    if not record.exists():
        return None
    run = json.loads(record.read_text(encoding="utf-8"))
    if run["owner"] != owner:
        return None
    with (place / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    record.unlink()
    print((place / "output.txt").read_text(encoding="utf-8", errors="replace"), end="", flush=True)
    status = place / "status"
    if not status.exists():
        print(f"it ended before its end {time.time() - run['begun']:.0f} s after its begin", file=sys.stderr)
        return 1
    return int(status.read_text(encoding="utf-8"))


def main() -> int:
    """The process beside the owner: runs the command and keeps the lock until its end."""
    place, owner, _lock, *command = sys.argv[1:]
    threading.Thread(target=_end_with, args=(int(owner),), daemon=True).start()
    done = subprocess.run(command, check=False)
    (Path(place) / "status").write_text(str(done.returncode), encoding="utf-8")
    return done.returncode


def _end_with(owner: int) -> None:
    """Ends the whole group once the owner has gone."""
    try:
        if hasattr(os, "pidfd_open"):
            import select

            watch = os.pidfd_open(owner)
            select.select([watch], [], [])
        else:
            while True:
                os.kill(owner, 0)
                time.sleep(_LOOK_SECONDS)
    except ProcessLookupError:
        pass
    os.killpg(os.getpgid(0), signal.SIGKILL)
