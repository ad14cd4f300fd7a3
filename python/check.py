# SPDX-License-Identifier: Apache-2.0
"""Checks the Python side: ruff, mypy, then pytest under every supported interpreter found here.

Needs only the standard library. Each interpreter gets an environment with what ``requirements-dev.lock``
says, which the runtime's own builder makes or finds in the user's lasting cache; ``target/python-check``
links to it. Interpreters are looked for on PATH, among pyenv's, and in the environment variable
SERPENTRY_PYTHONS (paths, separated as in PATH). The tests marked ``processes``, which take minutes, run
under the oldest and the newest interpreter only, and those marked ``slow`` under the oldest, unless
``--full`` is given. Two checks more run at once than there are processors, since they mostly wait.

``--examples`` adds the tests of the example modules, with the packages of ``examples/requirements.lock``.

``--begin`` starts the checks beside whatever the calling process, which is Maven, does next, and returns;
``--collect`` waits for them and prints all that they have said.

Exits with status 1 when anything fails, and when not one supported interpreter is found.

Usage: python check.py [--begin | --collect] [--full] [--examples] [--only 3.11] [pytest arguments …]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import beside

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements-dev.lock"
HOME = HERE.parent / "target" / "python-check"
BESIDE = HOME / "beside"
CACHE = Path.home() / ".cache" / "serpentry"
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
CLOSING_LINES = 3
# The status of a pytest that was given no test to run.
NO_TESTS = 5
# Most of the tests' time is spent waiting, for processes to start and to end.
WAITING = 2
# An interpreter without ensurepip (as on a bare Debian) cannot make environments.
QUESTION = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2], sys.executable)"
BUILD = (
    "import sys;sys.path.insert(0,sys.argv.pop(1));"
    "from serpentry.environment import main;raise SystemExit(main())"
)
# The examples' own packages come first; only what they lack, pytest, comes from the other environment.
EXAMPLES = "import sys;sys.path.append(sys.argv.pop(1));import pytest;raise SystemExit(pytest.main())"
DSPY_TESTS = ("tests/test_examples.py", "tests/test_programs.py")

Check = Callable[[], bool]

_printing = threading.Lock()
_making = {version: threading.Lock() for version in SUPPORTED}


def candidates() -> list[str]:
    """Interpreters that may be here, in order of preference."""
    found = [entry for entry in os.environ.get("SERPENTRY_PYTHONS", "").split(os.pathsep) if entry]
    found.append(sys.executable)
    # Every one on PATH, not the first: it may be a shim that stands for a version which is not switched on.
    directories = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    for name in [*(f"python{version}" for version in SUPPORTED), "python3"]:
        found += [str(place / name) for place in directories if os.access(place / name, os.X_OK)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in SUPPORTED:
        found += sorted((str(path) for path in pyenv.glob(f"{version}.*/bin/python{version}")), reverse=True)
    return found


def interpreters() -> dict[str, str]:
    """Supported version to interpreter, the first of each that runs, oldest first."""
    found: dict[str, str] = {}
    for candidate in dict.fromkeys(candidates()):
        try:
            answer = subprocess.run(
                [candidate, "-c", QUESTION], capture_output=True, text=True, timeout=60, check=True
            )
        except (OSError, subprocess.SubprocessError):
            continue  # a command that stands for a version that is not there
        version, _, executable = answer.stdout.strip().partition(" ")
        if version in SUPPORTED:
            found.setdefault(version, executable or candidate)
    return {version: found[version] for version in SUPPORTED if version in found}


def environment(version: str, interpreter: str) -> str:
    """The Python of an environment that holds exactly what the lock says. Raises RuntimeError."""
    with _making[version]:
        python = Path(built(version, interpreter, LOCK))
        place = HOME / version
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        HOME.mkdir(parents=True, exist_ok=True)
        place.symlink_to(python.parent.parent)
    return str(python)


def built(version: str, interpreter: str, lock: Path) -> str:
    """The Python of an environment for a lock, built unless it is in the cache. Raises RuntimeError."""
    start = [interpreter, "-I", "-B", "-X", "utf8", "-c", BUILD, str(HERE / "src"), "build"]
    start += ["--requirements", str(lock), "--cache", str(CACHE)]
    last: dict[str, str] = {"message": "the builder said nothing", "action": ""}
    # The builder ends when its standard input does: held open, it ends with this process.
    with subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as builder:
        assert builder.stdout is not None
        for line in builder.stdout:
            last = json.loads(line)
            if last["event"] == "progress" and last["phase"] in ("venv", "wait"):
                say([f"== {lock.parent.name}/{lock.name} for Python {version}: {last['text']}"])
    if last.get("event") == "ready":
        return last["python"]
    raise RuntimeError(f"its environment cannot be built: {last['message']} {last['action']}")


def say(lines: list[str]) -> None:
    """Prints lines together, whatever else prints meanwhile."""
    with _printing:
        print("\n".join(lines), flush=True)


def run(title: str, command: list[str], *, fine: tuple[int, ...] = (0,), **variables: str) -> bool:
    """Runs a check, which passes with a fine status, and prints its last lines, or all when it fails."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=HERE,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    lines = done.stdout.rstrip().splitlines()
    passed = done.returncode in fine
    how = "passed" if passed else f"FAILED with status {done.returncode}"
    shown = lines[-CLOSING_LINES:] if passed else lines
    say([f"== {title}: {how} ({time.monotonic() - began:.0f} s)", *(f"   {line}" for line in shown)])
    return passed


def check_sources(version: str, interpreter: str) -> bool:
    """Ruff and mypy, which need one interpreter only."""
    python = environment(version, interpreter)
    checks = {
        "ruff check": ["ruff", "check", "--no-cache", "."],
        "ruff format": ["ruff", "format", "--no-cache", "--check", "."],
        "mypy --strict": ["mypy", "--cache-dir", str(HOME / "mypy")],
    }
    passed = [run(title, [python, "-m", *command]) for title, command in checks.items()]
    return all(passed)


def check_tests(version: str, interpreter: str, part: str, arguments: list[str]) -> bool:
    """The tests with these marks under one interpreter."""
    python = environment(version, interpreter)
    # Tests that are asked for by name need not have one in each part; without a name no part is empty.
    fine = (0, NO_TESTS) if arguments else (0,)
    command = [python, "-m", "pytest", "-m", part, *arguments]
    return run(f"pytest on Python {version}, {part}", command, fine=fine)


def check_examples(version: str, interpreter: str) -> bool:
    """The example modules' tests, none of which is skipped for want of a package."""
    title = f"examples on Python {version}"
    own = environment(version, interpreter)
    python = built(version, interpreter, HERE / "examples" / "requirements.lock")
    query = [own, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()
    command = [python, "-B", "-c", EXAMPLES, packages, *DSPY_TESTS]
    return run(title, command, SERPENTRY_REQUIRE_EXAMPLES="1")


def parts(version: str, versions: list[str], full: bool) -> list[str]:
    """The marks of the tests to run under a version; those of one version run beside each other."""
    if full:
        return ["not slow", "slow"]
    return ["not slow" if version == versions[-1] else "not processes"]


def checks(found: dict[str, str], chosen: argparse.Namespace, arguments: list[str]) -> dict[str, Check]:
    """What to run, by name, the longest first."""
    versions = list(found)
    full = versions if chosen.full else [versions[0]]
    tests = sorted(versions, key=lambda version: (version not in full, version != versions[-1]))
    todo: dict[str, Check] = {}
    for version in tests:
        for part in parts(version, versions, version in full):
            todo[f"pytest on Python {version}, {part}"] = partial(
                check_tests, version, found[version], part, arguments
            )
    todo["sources"] = partial(check_sources, versions[0], found[versions[0]])
    if chosen.examples:
        todo["examples"] = partial(check_examples, versions[0], found[versions[0]])
    return todo


def main() -> int:
    """Runs the checks; the exit status."""
    options = argparse.ArgumentParser(description="Checks the Python side.")
    options.add_argument("--only", help="one version, for example 3.11")
    options.add_argument("--full", action="store_true", help="all tests under every interpreter")
    options.add_argument("--examples", action="store_true", help="the examples' tests as well")
    options.add_argument("--begin", action="store_true", help="start them beside the caller")
    options.add_argument("--collect", action="store_true", help="wait for those begun, or run them")
    chosen, arguments = options.parse_known_args()
    if chosen.begin:
        same = [argument for argument in sys.argv[1:] if argument != "--begin"]
        beside.begin(BESIDE, [sys.executable, "-u", __file__, *same], os.getppid())
        return 0
    if chosen.collect:
        status = beside.collect(BESIDE, os.getppid())
        if status is not None:
            return status
    found = interpreters()
    if chosen.only:
        found = {version: path for version, path in found.items() if version == chosen.only}
    if not found:
        wanted = chosen.only or ", ".join(SUPPORTED)
        print(f"no supported Python ({wanted}) with venv and ensurepip was found", file=sys.stderr)
        return 1
    missing = [version for version in SUPPORTED if version not in found and not chosen.only]
    if missing:
        say([f"== SKIPPED, no such interpreter here: Python {', '.join(missing)}"])
    with ThreadPoolExecutor((os.cpu_count() or 1) + WAITING) as runners:
        running = {name: runners.submit(check) for name, check in checks(found, chosen, arguments).items()}
    failed = []
    for name, check in running.items():
        problem = check.exception()
        if problem is not None:
            say([f"== {name}: {problem}"])
        if problem is not None or not check.result():
            failed.append(name)
    say(["== failed: " + ", ".join(failed) if failed else "== all Python checks passed"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
