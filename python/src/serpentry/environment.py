# SPDX-License-Identifier: Apache-2.0
"""Makes a virtual environment from a locked, hashed requirements file, once for all who want it.

Run by the server with the base interpreter; standard library only::

    environment build --requirements LOCK --cache DIR [--wheelhouse DIR]

The environment lies in the cache directory under a key of interpreter and requirements. It is built aside,
made read-only and renamed, so that whoever sees the name sees a whole environment. One advisory lock per key,
held by the process that builds, lets a second server or a second application wait for the first one's result.
What an ended build left is swept by the next one that holds the lock.

Progress goes to standard output as JSON lines::

    {"event": "progress", "phase": …, "text": …, "percent": …, "done": …, "total": …}

and the last line is one of::

    {"event": "ready", "python": …, "key": …, "built": …, "seconds": …}
    {"event": "failed", "code": …, "message": …, "action": …}

The exit status is 0 or 1. End of file on standard input (which a dead server causes), SIGTERM and SIGINT end
the build with all its children.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import re
import secrets
import shlex
import signal
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from pathlib import Path

from serpentry.environment_files import MARKER, explain_os, locked, relocate, remove, seal, usable
from serpentry.installer import BuildError, Children, PipProgress, explain, pip_environment

OLDEST = (3, 11)
NEWEST = (3, 14)
_LAYOUT = 1  # part of the key: raise it when what an environment holds changes
# Where each phase begins and ends on the way from 0 to 100 percent.
_PHASES = {
    "wait": (0, 0),
    "venv": (0, 8),
    "collect": (8, 50),
    "install": (50, 75),
    "compile": (75, 96),
    "seal": (96, 99),
}


class Report:
    """Writes the JSON lines; used by the building thread alone."""

    def event(self, **members: object) -> None:
        """Writes one event. A reader that has gone away is noticed by the end of standard input, not here."""
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.write(json.dumps(members, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def progress(self, phase: str, text: str, done: int = 0, total: int = 1) -> None:
        """Writes one step of a phase, `done` out of `total`."""
        low, high = _PHASES[phase]
        percent = low + (high - low) * min(done, total) // max(total, 1)
        self.event(event="progress", phase=phase, text=text, percent=percent, done=done, total=total)


def check_version(version: tuple[int, ...]) -> None:
    """Raises `BuildError` when this Python is outside the supported range."""
    if OLDEST <= version[:2] <= NEWEST:
        return
    word = "old" if version[:2] < OLDEST else "new"
    supported = f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
    raise BuildError(
        f"interpreter-too-{word}",
        f"{sys.executable} is Python {'.'.join(map(str, version[:3]))}, which is too {word}; "
        f"supported are {supported}.",
        f"Install a Python from {supported} and name it as the interpreter.",
    )


def check_modules(find: Callable[[str], object] = importlib.util.find_spec) -> None:
    """Raises `BuildError` when this Python cannot make virtual environments (as on a bare Debian)."""
    missing = [name for name in ("venv", "ensurepip") if find(name) is None]
    if missing:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise BuildError(
            "venv-missing",
            f"{sys.executable} cannot make virtual environments: it lacks {' and '.join(missing)}.",
            f"Install it (on Debian and Ubuntu: apt-get install {package}), name another interpreter, or "
            "name the interpreter of an environment that you have made yourself.",
        )


def environment_key(requirements: bytes) -> str:
    """The name of the environment for this interpreter and these requirements."""
    identity = {
        "layout": _LAYOUT,
        "implementation": platform.python_implementation(),
        "version": sys.version,
        "abi": sysconfig.get_config_var("SOABI") or sys.implementation.cache_tag,
        "platform": sysconfig.get_platform(),
        "interpreter": base_interpreter(),
        "requirements": hashlib.sha256(requirements).hexdigest(),
    }
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    return f"{sys.implementation.cache_tag}-{digest[:20]}"


def base_interpreter() -> str:
    """The real path of the interpreter that the environment will be based on."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable)


def read_requirements(path: Path) -> bytes:
    """The requirements file; refuses what would make the key say less than what is installed."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise BuildError(
            "requirements-missing",
            f"The requirements file {path} cannot be read: {problem.strerror}.",
            "Name an existing file, or give the interpreter of a ready environment instead.",
        ) from problem
    nested = re.search(rb"^\s*(-r|-c|-e|--requirement|--constraint|--editable)\b.*$", content, re.MULTILINE)
    if nested:
        raise BuildError(
            "requirements-not-locked",
            f"{path} refers to something outside itself: "
            f"{nested.group(0).decode('utf-8', 'replace').strip()}",
            "Lock everything into one file: uv pip compile --universal --generate-hashes requirements.in "
            "-o requirements.lock",
        )
    return content


class Build:
    """One run of the command; the thread that calls `run` does all the work."""

    def __init__(
        self,
        requirements: Path,
        cache: Path,
        wheelhouse: Path | None,
        existing_only: bool,
        children: Children,
    ) -> None:
        self._requirements = requirements
        self._cache = cache.absolute()
        self._wheelhouse = wheelhouse.absolute() if wheelhouse else None
        self._existing_only = existing_only
        self._children = children
        self._report = Report()

    def run(self) -> dict[str, object]:
        """Finds or builds the environment and returns the members of the `ready` event."""
        started = time.monotonic()
        check_version(sys.version_info[:3])
        content = read_requirements(self._requirements)
        if self._wheelhouse and not self._wheelhouse.is_dir():
            raise BuildError(
                "wheelhouse-missing",
                f"The wheelhouse {self._wheelhouse} is not a directory.",
                "Name a directory that holds the wheels.",
            )
        key = environment_key(content)
        target = self._cache / key
        built = False
        if not usable(target):
            if self._existing_only:
                raise self._missing(target)
            check_modules()
            self._cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            waiting = f"Another process is building the Python environment {key}; waiting for it"
            with locked(
                self._cache / f".{key}.lock",
                lambda: self._report.progress("wait", waiting),
                self._children.check,
            ):
                if not usable(target):
                    self._sweep(key, target)
                    self._build(key, target, content)
                    built = True
        seconds = round(time.monotonic() - started, 3)
        return {"python": str(target / "bin" / "python"), "key": key, "built": built, "seconds": seconds}

    def _missing(self, target: Path) -> BuildError:
        command = [base_interpreter(), "-m", "serpentry.environment", "build"]
        command += ["--requirements", str(self._requirements), "--cache", str(self._cache)]
        if self._wheelhouse:
            command += ["--wheelhouse", str(self._wheelhouse)]
        sources = Path(__file__).resolve().parent.parent
        return BuildError(
            "environment-missing",
            f"The Python environment {target} does not exist, and building it at start is switched off.",
            f"Build it beforehand: PYTHONPATH={sources} {shlex.join(command)}",
        )

    def _sweep(self, key: str, target: Path) -> None:
        # Only the holder of the lock builds, so whatever is here under this key was abandoned.
        for left in self._cache.glob(f".{key}.building-*"):
            remove(left)
        if target.exists() or target.is_symlink():
            self._report.progress(
                "venv", f"The environment {key} is damaged (its interpreter does not run); rebuilding it"
            )
            broken = self._cache / f".{key}.building-broken-{secrets.token_hex(4)}"
            target.rename(broken)
            remove(broken)

    def _build(self, key: str, target: Path, content: bytes) -> None:
        aside = self._cache / f".{key}.building-{os.getpid()}-{secrets.token_hex(4)}"
        started = time.monotonic()
        try:
            aside.mkdir(mode=0o700)
            made = aside / "environment"
            self._fill(aside, made, content)
            marker = {"key": key, "version": platform.python_version(), "interpreter": base_interpreter()}
            marker["requirements"] = hashlib.sha256(content).hexdigest()
            marker["seconds"] = str(round(time.monotonic() - started, 1))
            self._report.progress("seal", "Making the environment read-only")
            relocate(made, target)
            (made / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
            seal(made, self._children.check)
            self._children.check()
            made.rename(target)
            target.chmod(0o555)
        finally:
            remove(aside)

    def _fill(self, aside: Path, made: Path, content: bytes) -> None:
        temporary = aside / "tmp"
        temporary.mkdir()
        # A copy: the file might be edited while pip reads it, and the key is that of what was hashed.
        requirements = aside / "requirements.lock"
        requirements.write_bytes(content)
        settings = pip_environment(temporary)
        self._report.progress("venv", f"Making a virtual environment with Python {platform.python_version()}")
        python = getattr(sys, "_base_executable", sys.executable) or sys.executable
        installer = aside / "installer"
        self._step([python, "-I", "-B", "-m", "venv", "--without-pip", str(made)], settings, "venv")
        self._step([python, "-I", "-B", "-m", "venv", str(installer)], settings, "venv")
        site_packages = next((made / "lib").glob("python*/site-packages"))
        total = len(re.findall(rb"^[A-Za-z0-9]", content, re.MULTILINE))
        progress = PipProgress(total, site_packages, self._report.progress)
        pip = [
            str(installer / "bin" / "python"),
            "-I",
            "-B",
            "-m",
            "pip",
            "--python",
            str(made / "bin" / "python"),
        ]
        pip += ["install", "--require-hashes", "--only-binary=:all:", "--no-compile", "--progress-bar=off"]
        pip += ["--disable-pip-version-check", "--no-warn-script-location", "-r", str(requirements)]
        if self._wheelhouse:
            pip += ["--no-index", "--find-links", str(self._wheelhouse)]
        self._report.progress("collect", f"Installing the packages of {self._requirements.name}", 0, total)
        status, lines = self._children.run(pip, settings, progress.line, progress.idle)
        if status != 0:
            raise explain(
                lines, f"Python {platform.python_version()} on {sysconfig.get_platform()}", self._wheelhouse
            )
        self._report.progress("compile", "Compiling the packages to bytecode")
        final = str(self._cache / environment_key(content))
        compiler = [str(made / "bin" / "python"), "-I", "-m", "compileall", "-q", "-j", "0"]
        # From Python 3.13 on compileall listens on a socket in TMPDIR, whose path must be short.
        short = {name: value for name, value in settings.items() if name != "TMPDIR"}
        status, lines = self._children.run(
            [*compiler, "-s", str(made), "-p", final, str(site_packages)], short
        )
        if status != 0:
            # Some packages ship files that are not valid Python (templates, test data): not an error.
            said = lines[-1] if lines else "no output"
            self._report.progress("compile", f"Not everything compiles to bytecode: {said}")

    def _step(self, command: list[str], settings: dict[str, str], name: str) -> None:
        status, lines = self._children.run(command, settings)
        if status != 0:
            raise BuildError(
                "build-failed",
                f"The step '{name}' failed with status {status}: {' / '.join(lines[-4:])}",
                f"Run it by hand to see more: {' '.join(command)}",
            )


def watch(children: Children) -> None:
    """Ends the build when standard input ends, and upon SIGTERM and SIGINT."""

    def read() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        children.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: children.stop())
    threading.Thread(target=read, name="stdin-watch", daemon=True).start()


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="environment", description="Builds Serpentry's Python environment.")
    command = parser.add_subparsers(dest="command", required=True).add_parser("build")
    command.add_argument(
        "--requirements", type=Path, required=True, help="a requirements file with versions and hashes"
    )
    command.add_argument(
        "--cache", type=Path, required=True, help="the lasting directory that holds the environments"
    )
    command.add_argument(
        "--wheelhouse", type=Path, help="a directory of wheels to install from, without any index"
    )
    command.add_argument("--existing-only", action="store_true", help="fail when it has to be built")
    options = parser.parse_args(arguments)
    children = Children()
    watch(children)
    report = Report()
    try:
        ready = Build(
            options.requirements, options.cache, options.wheelhouse, options.existing_only, children
        ).run()
    except BuildError as problem:
        report.event(event="failed", code=problem.code, message=problem.message, action=problem.action)
        return 1
    except OSError as problem:
        found = explain_os(problem, options.cache)
        report.event(event="failed", code=found.code, message=found.message, action=found.action)
        return 1
    report.event(event="ready", **ready)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
