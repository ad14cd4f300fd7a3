# SPDX-License-Identifier: Apache-2.0
"""Checks the Python side: ruff, mypy, then pytest under every supported interpreter found here.

Needs only the standard library. Each interpreter gets an environment of its own beneath
``target/python-check``, made from ``requirements-dev.lock`` and kept until that file changes. Interpreters
are looked for on PATH, among pyenv's, and in the environment variable SERPENTRY_PYTHONS (paths, separated as
in PATH). The tests marked ``processes``, which take minutes, run under the oldest interpreter only unless
``--full`` is given. Exits with status 1 when anything fails, and when not one supported interpreter is found.

Usage: python check.py [--full] [--only 3.11] [pytest arguments …]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements-dev.lock"
HOME = HERE.parent / "target" / "python-check"
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
CLOSING_LINES = 3
QUESTION = "import sys, venv; print('%d.%d' % sys.version_info[:2], sys.executable)"


def candidates() -> list[str]:
    """Interpreters that may be here, in order of preference."""
    found = [entry for entry in os.environ.get("SERPENTRY_PYTHONS", "").split(os.pathsep) if entry]
    found.append(sys.executable)
    for version in SUPPORTED:
        on_path = shutil.which(f"python{version}")
        if on_path is not None:
            found.append(on_path)
    plain = shutil.which("python3")
    if plain is not None:
        found.append(plain)
    # pyenv's commands on PATH answer only for versions switched on, so look where it keeps them as well
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in SUPPORTED:
        found += sorted((str(path) for path in pyenv.glob(f"{version}.*/bin/python{version}")), reverse=True)
    return found


def interpreters() -> dict[str, str]:
    """Supported version to interpreter, the first of each that runs."""
    found: dict[str, str] = {}
    for candidate in candidates():
        try:
            answer = subprocess.run(
                [candidate, "-c", QUESTION], capture_output=True, text=True, timeout=60, check=True
            )
        except (OSError, subprocess.SubprocessError):
            continue  # a command that stands for a version that is not there
        version, _, executable = answer.stdout.strip().partition(" ")
        if version in SUPPORTED:
            found.setdefault(version, executable or candidate)
    return found


def environment(version: str, interpreter: str) -> Path:
    """The Python of an environment that holds exactly what the lock says."""
    key = hashlib.sha256(LOCK.read_bytes() + interpreter.encode()).hexdigest()
    place = HOME / version
    python = place / "bin" / "python"
    stamp = place / "lock.sha256"
    if python.exists() and stamp.exists() and stamp.read_text() == key:
        return python
    print(f"== making the environment for Python {version} ({interpreter})", flush=True)
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([interpreter, "-m", "venv", str(place)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*install, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)], check=True, cwd=HERE
    )
    stamp.write_text(key)
    return python


def run(title: str, command: list[str]) -> bool:
    """Runs a check and prints its last lines, or all of them when it fails."""
    done = subprocess.run(
        command,
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    lines = done.stdout.rstrip().splitlines()
    passed = done.returncode == 0
    print(f"== {title}: {'passed' if passed else f'FAILED with status {done.returncode}'}")
    for line in lines[-CLOSING_LINES:] if passed else lines:
        print(f"   {line}")
    sys.stdout.flush()
    return passed


def main() -> int:
    """Runs the checks; the exit status."""
    options = argparse.ArgumentParser(description="Checks the Python side.")
    options.add_argument("--only", help="one version, for example 3.11")
    options.add_argument("--full", action="store_true", help="all tests under every interpreter")
    chosen, pytest_arguments = options.parse_known_args()
    found = interpreters()
    if chosen.only:
        found = {version: path for version, path in found.items() if version == chosen.only}
    if not found:
        print(f"no supported Python ({', '.join(SUPPORTED)}) with venv was found", file=sys.stderr)
        return 1
    first = next(version for version in SUPPORTED if version in found)
    failed: list[str] = []
    python = str(environment(first, found[first]))
    checks = {
        "ruff check": [python, "-m", "ruff", "check", "--no-cache", "."],
        "ruff format": [python, "-m", "ruff", "format", "--no-cache", "--check", "."],
        "mypy --strict": [python, "-m", "mypy", "--cache-dir", str(HOME / "mypy")],
    }
    for title, command in checks.items():
        if not run(title, command):
            failed.append(title)
    for version in SUPPORTED:
        if version not in found:
            if not chosen.only:
                print(f"== pytest on Python {version}: SKIPPED, no such interpreter here")
            continue
        python = str(environment(version, found[version]))
        title = f"pytest on Python {version}"
        part = [] if chosen.full or version == first else ["-m", "not processes"]
        if not run(title, [python, "-m", "pytest", *part, *pytest_arguments]):
            failed.append(title)
    print("== failed: " + ", ".join(failed) if failed else "== all Python checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
