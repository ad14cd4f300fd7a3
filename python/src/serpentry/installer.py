# SPDX-License-Identifier: Apache-2.0
"""Runs the child processes of an environment build and explains how they failed.

Standard library only. `Children` belongs to the thread that builds; `Children.stop()` may be called from
any thread and from a signal handler. What pip prints is turned into progress by `PipProgress` and, when pip
fails, into one `BuildError` by `explain`, which knows the failures that a person can do something about.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

# A setting of the user that would put the packages somewhere else than into the new environment.
_MISPLACING = frozenset(
    {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN", "PIP_REQUIREMENT", "PIP_CONSTRAINT"}
    | {"PIP_EDITABLE", "PIP_LOG", "PIP_REPORT", "PIP_QUIET", "PIP_VERBOSE", "PIP_REQUIRE_VIRTUALENV"}
    | {"PIP_NO_BINARY", "PIP_ISOLATED", "PIP_NO_DEPS", "PIP_IGNORE_INSTALLED", "VIRTUAL_ENV"}
)
_KEPT_LINES = 60
_WATCH_SECONDS = 0.5


class BuildError(Exception):
    """An environment that cannot be built: what is wrong, and what the reader should do about it."""

    def __init__(self, code: str, message: str, action: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = redact(message)
        self.action = action


def redact(text: str) -> str:
    """Removes user names and passwords from every address in the text."""
    return re.sub(r"(\w://)[^/\s]+@", r"\1****@", text)


def pip_environment(temporary: Path) -> dict[str, str]:
    """The server's environment, so that its index, proxy and certificates hold, without what misleads.

    pip unpacks below `temporary`: what an ended pip leaves is then swept with the build.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _MISPLACING and not name.startswith("PYTHON") and name != "__PYVENV_LAUNCHER__"
    }
    kept.update(TMPDIR=str(temporary), PIP_USER="0", PIP_NO_INPUT="1", NO_COLOR="1")
    kept.update(PYTHONUTF8="1", PYTHONUNBUFFERED="1", PYTHONNOUSERSITE="1", PYTHONSAFEPATH="1")
    return kept


class Children:
    """Starts one child at a time, in a process group of its own, and ends it when the build is to stop."""

    def __init__(self) -> None:
        # Reentrant: a signal handler may call stop() while its own thread holds the lock.
        self._lock = threading.RLock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def stop(self) -> None:
        """Kills the running child with all that it started; every later step of the build is refused."""
        self._stopped = True
        with self._lock:
            if self._child is not None:
                _kill_group(self._child)

    def check(self) -> None:
        """Raises `BuildError` with the code `cancelled` once the build has been stopped."""
        if self._stopped:
            raise BuildError("cancelled", "The build of the Python environment was ended.", "")

    def run(
        self,
        command: list[str],
        environment: dict[str, str],
        line: Callable[[str], None] | None = None,
        idle: Callable[[], None] | None = None,
    ) -> tuple[int, list[str]]:
        """Runs a command, hands each line of its output to `line`, and returns its status and last lines.

        `idle` is called about twice a second while the command prints nothing.
        """
        self.check()
        child = subprocess.Popen(  # noqa: S603 - made of our own constants and the configured paths
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        assert child.stdout is not None
        with self._lock:
            self._child = child
            if self._stopped:  # stop() came between the check and here
                _kill_group(child)
        tail: deque[str] = deque(maxlen=_KEPT_LINES)
        try:
            for text in _lines(child.stdout.fileno(), idle):
                tail.append(text)
                if line:
                    line(text)
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        finally:
            # Until the leader is reaped its group's number is not used again: the kill hits no stranger.
            with self._lock:
                self._child = None
                _kill_group(child)
                child.wait()
            child.stdout.close()
        self.check()
        return child.returncode, list(tail)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # ended already (macOS says EPERM then)
        os.killpg(child.pid, signal.SIGKILL)


def _lines(descriptor: int, idle: Callable[[], None] | None) -> Iterator[str]:
    rest = b""
    while True:
        if not select.select([descriptor], [], [], _WATCH_SECONDS)[0]:
            if idle:
                idle()
            continue
        block = os.read(descriptor, 65536)
        *whole, rest = (rest + block).split(b"\n")
        if not block and rest:
            whole.append(rest)
        for raw in whole:
            text = raw.decode("utf-8", "replace").strip()
            if text:
                yield redact(text)
        if not block:
            return


class PipProgress:
    """Turns what pip prints, and what appears in `site-packages`, into a progress report per package."""

    def __init__(self, total: int, site_packages: Path, report: Callable[[str, str, int, int], None]) -> None:
        self._total = total
        self._collected = 0
        self._installing = 0
        self._installed = 0
        self._site_packages = site_packages
        self._report = report

    def line(self, text: str) -> None:
        """Takes one line of pip's output."""
        if text.startswith("Ignoring "):  # a requirement for another platform or version
            self._total -= 1
        elif text.startswith(("Downloading ", "Using cached ", "Processing ")):
            self._collected += 1
            self._total = max(self._total, self._collected)
            self._report(
                "collect", f"{text} [{self._collected} of {self._total}]", self._collected, self._total
            )
        elif text.startswith("Installing collected packages:"):
            self._installing = text.count(",") + 1
            self._report("install", f"Unpacking {self._installing} packages", 0, self._installing)
        elif text.startswith(("WARNING: ", "ERROR: ")):
            self._report("collect", text, self._collected, self._total)

    def idle(self) -> None:
        """Reports how many packages have appeared, when there are more than at the last look."""
        if not self._installing:
            return
        found = min(sum(1 for _ in self._site_packages.glob("*.dist-info/RECORD")), self._installing)
        if found > self._installed:
            self._installed = found
            self._report(
                "install", f"Unpacked {found} of {self._installing} packages", found, self._installing
            )


def explain(lines: list[str], interpreter: str, wheelhouse: Path | None) -> BuildError:
    """The one error that says why pip failed, from the last lines that it printed."""
    text = "\n".join(lines)
    if re.search(r"No space left on device|\[Errno 28\]|Disk quota exceeded|\[Errno 122\]", text):
        return disk_full(text.splitlines()[-1])
    if "DO NOT MATCH THE HASHES" in text:
        named = re.search(r"^(\S+)(?: from .*)?:$", text.split("DO NOT MATCH THE HASHES", 1)[1], re.MULTILINE)
        package = named.group(1) if named else "a package"
        return BuildError(
            "hash-mismatch",
            f"The file found for {package} is not the one that the requirements lock: its hash differs.",
            "Do not install it before you know why. If the package was changed on purpose, lock the "
            "requirements again; else compare the index or the wheelhouse with the publisher's.",
        )
    if "hashes are required" in text.lower() or "must have their versions pinned" in text:
        named = re.search(r"^\s*(\S+==\S+|\S+ from \S+) --hash|^\s+(\S+) from ", text, re.MULTILINE)
        which = f" (first: {named.group(1) or named.group(2)})" if named else ""
        return BuildError(
            "requirements-not-locked",
            f"The requirements file lacks a version or a hash for some package{which}.",
            "Lock it with every dependency: uv pip compile --universal --generate-hashes requirements.in "
            "-o requirements.lock",
        )
    missing = re.search(r"No matching distribution found for (\S+)", text) or re.search(
        r"satisfies the requirement (\S+)", text
    )
    unreachable = re.search(
        r"connection broken by .*|HTTPSConnectionPool.*|SSLError.*|ProxyError.*|certificate verify failed.*"
        r"|Could not fetch URL .*|\b(?:401|403|407|50\d) (?:Client|Server) Error.*|HTTP error \d+ while.*",
        text,
    )
    if unreachable and (not missing or "from versions: none" in text):
        return BuildError(
            "index-unreachable",
            f"The package index does not answer: {unreachable.group(0)[:300]}",
            "Check the network and pip's settings (PIP_INDEX_URL, HTTPS_PROXY, PIP_CERT, pip.conf) of the "
            "account that runs the server; or install without a network: fill a directory with `pip download "
            "-r <requirements> -d <directory> --require-hashes --only-binary=:all:` elsewhere and name it as "
            "the wheelhouse.",
        )
    if missing:
        place = f"the wheelhouse {wheelhouse}" if wheelhouse else "the package index"
        action = (
            "Choose a version of the package that has a wheel for this interpreter and platform and lock "
            "again, use another Python, or name a wheelhouse that holds a wheel which you have built."
        )
        if wheelhouse:
            action = "Add that wheel to the wheelhouse."
        elif "from versions: none" in text:  # so it looks, too, when pip may not retry an index that is down
            action += " If every package is missing, check that the index can be reached."
        return BuildError(
            "no-matching-wheel",
            f"There is no wheel of {missing.group(1)} for {interpreter} in {place}.",
            action,
        )
    last = next(
        (line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "no output"
    )
    return BuildError("build-failed", f"pip failed: {last}", "The log above holds what pip printed.")


def disk_full(detail: str) -> BuildError:
    """The error for a full disk or an exhausted quota."""
    return BuildError(
        "disk-full",
        f"No space is left for the Python environment: {detail}",
        "Free some space or name another cache directory; nothing half-built is left behind.",
    )
