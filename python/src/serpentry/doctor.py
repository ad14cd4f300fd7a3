# SPDX-License-Identifier: Apache-2.0
"""Explains whether this Python, these modules and this machine suit a pool.

    python -m serpentry doctor [--preload a,b] [--roots DIR]… [--start-method spawn] [--json]

Standard library only. Every finding says what was seen and, unless all is well, what to do. The exit status
is 1 when some finding is an error, that is, when the pool would not start or its calls would hang.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from serpentry import doctor_machine
from serpentry.environment import check_version
from serpentry.installer import BuildError
from serpentry.plans import THREAD_VARIABLES

Level = Literal["ok", "note", "warning", "error"]
_IMPORT_SECONDS = 300.0
# What the server lets through to Python: the same as in org.serpentry.ee.LaunchEnvironment.
_ALWAYS = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
_PROXY = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = "SSL_CERT_"
_SPAWN = "Set start-method=spawn for this pool, or move what {} into a function that the first call runs."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `action` is empty when there is nothing to do."""

    check: str
    level: Level
    text: str
    action: str = ""


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="serpentry doctor", description="Explains whether this Python suits a pool."
    )
    add = parser.add_argument
    add("--preload", default="", help="the pool's preload modules, separated by commas")
    add(
        "--roots",
        action="append",
        default=[],
        metavar="DIR",
        help="a directory of Python modules; repeatable",
    )
    add("--environment-pass", default="", help="variables that the workers get as well, separated by commas")
    add("--start-method", choices=("forkserver", "spawn"), default="forkserver")
    add("--cancel-signal", default="SIGUSR1")
    add("--dump-signal", default="SIGUSR2")
    add("--json", action="store_true", help="print one JSON object instead of text")
    options = parser.parse_args(arguments)
    findings = examine(options)
    failed = any(finding.level == "error" for finding in findings)
    if options.json:
        shown = {"ok": not failed, "findings": [dataclasses.asdict(finding) for finding in findings]}
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print(render(findings))
    return 1 if failed else 0


def examine(options: argparse.Namespace) -> list[Finding]:
    """All findings, the interpreter's first."""
    passed = {name for name in os.environ if reaches_workers(name)} | set(_names(options.environment_pass))
    findings = [_version(), _build(), _codec(), _place()]
    for module in _names(options.preload):
        findings += _module(probe(module, options.roots, passed), options)
    findings += [Finding(*found) for found in doctor_machine.examine()]
    findings.append(_withheld(passed))
    return findings


def reaches_workers(variable: str) -> bool:
    """Whether a variable of the server's environment reaches its workers without ``environment-pass``."""
    return variable in _ALWAYS or variable.upper() in _PROXY or variable.startswith(_CERTIFICATES)


def render(findings: list[Finding]) -> str:
    """The findings as text for a person."""
    signs = {"ok": "ok      ", "note": "note    ", "warning": "WARNING ", "error": "ERROR   "}
    lines = []
    for finding in findings:
        lines.append(f"{signs[finding.level]} {finding.check}: {finding.text}")
        if finding.action:
            lines.append(f"          -> {finding.action}")
    errors = sum(finding.level == "error" for finding in findings)
    warnings = sum(finding.level == "warning" for finding in findings)
    lines.append(f"{errors} error(s), {warnings} warning(s)")
    return "\n".join(lines)


def probe(module: str, roots: list[str], passed: set[str]) -> dict[str, Any]:
    """Imports a module as a worker would: in a process of its own and with the workers' environment."""
    variables = {name: value for name, value in os.environ.items() if name in passed}
    variables.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    source = str(Path(__file__).resolve().parent.parent)
    start = (
        "import sys;sys.path.insert(0,sys.argv.pop(1));"
        "from serpentry.import_probe import main;raise SystemExit(main(sys.argv[1:]))"
    )
    # A file, not a pipe: what the module leaves running would hold that open.
    with tempfile.TemporaryFile() as result:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and probe
            [sys.executable, "-I", "-B", "-X", "utf8", "-c", start, source, str(result.fileno()), module]
            + [os.path.abspath(root) for root in roots],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[result.fileno()],
            process_group=0,
        )
        try:
            died = f"the process ended with status {child.wait(_IMPORT_SECONDS)} during the import"
        except subprocess.TimeoutExpired:
            died = f"the import did not end within {_IMPORT_SECONDS:g} s"
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing left, or not ours
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        result.seek(0)
        text = result.read()
    try:
        told: dict[str, Any] = json.loads(text)
    except ValueError:  # nothing, or what was written when it was killed
        told = {"module": module, "error": died, "missing": None}
    return told


def _module(told: dict[str, Any], options: argparse.Namespace) -> list[Finding]:
    name = f"module {told['module']}"
    if told["missing"]:
        own = told["missing"] == told["module"]
        where = "it is neither in the code directories nor installed" if own else "which it imports"
        return [
            Finding(
                name,
                "error",
                f"the module {told['missing']} is missing: {where}"
                if own
                else f"{told['missing']} is missing, {where}",
                f"Add its package to the requirements and lock them again, install it for {sys.executable}, "
                "or name the directory that holds it (code-directories).",
            )
        ]
    if told["error"]:
        return [
            Finding(name, "error", told["error"], "Correct the module; no worker can start while it fails.")
        ]
    findings = [Finding(name, "ok", f"imports in {told['seconds']} s")]
    forked = options.start_method == "forkserver"
    if told["cuda"]:
        text = "opens the CUDA driver while it is imported, which does not work after a fork"
        findings.append(
            Finding(name, "error" if forked else "note", text, _SPAWN.format("opens it") if forked else "")
        )
    if told["threads"]:
        text = (
            f"starts threads while it is imported ({', '.join(told['threads'])}), which a fork leaves behind"
        )
        action = _SPAWN.format("starts them") if forked else ""
        findings.append(Finding(name, "error" if forked else "note", text, action))
    elif told["nativeThreads"]:
        text = (
            f"starts {told['nativeThreads']} native thread(s) while it is imported; a fork leaves them behind"
        )
        action = f"If calls hang: {_SPAWN.format('starts them')}" if forked else ""
        findings.append(Finding(name, "warning" if forked else "note", text, action))
    ours = [(options.cancel_signal, "cancel-signal"), (options.dump_signal, "dump-signal")]
    claimed = [f"{number} (our {key})" for number, key in ours if number in told["signals"]]
    others = sorted(set(told["signals"]) - {number for number, _ in ours})
    if claimed:
        text = f"handles {', '.join(claimed)} itself"
        findings.append(
            Finding(name, "error", text, "Set that key to a signal which the module leaves free.")
        )
    if others:
        text = f"handles {', '.join(others)}; termination and child handling may differ"
        findings.append(Finding(name, "warning", text, "Install such handlers in a function, not at import."))
    return findings


def _version() -> Finding:
    try:
        check_version(sys.version_info[:3])
    except BuildError as problem:
        return Finding("version", "error", problem.message, problem.action)
    return Finding("version", "ok", f"Python {platform.python_version()} at {sys.executable}")


def _build() -> Finding:
    implementation = platform.python_implementation()
    bits = 64 if sys.maxsize > 2**32 else 32
    text = f"{implementation}, {platform.machine()}, {bits} bits, {platform.system()}"
    if implementation != "CPython" or bits != 64:
        return Finding("build", "warning", f"{text} is not tested", "Use a 64-bit CPython.")
    return Finding("build", "ok", text)


def _codec() -> Finding:
    for name in ("orjson", "msgspec"):
        try:
            found = importlib.import_module(name)
        except ImportError:
            continue
        return Finding("codec", "ok", f"{name} {getattr(found, '__version__', '')}")
    return Finding(
        "codec", "note", "Python's own json", "Install orjson for faster calls; results stay the same."
    )


def _place() -> Finding:
    if sys.prefix == sys.base_prefix:
        return Finding(
            "environment",
            "note",
            f"not a virtual environment: packages come from {sys.prefix}",
            "In production use an environment of the application's own (requirements, or a prebuilt one).",
        )
    return Finding("environment", "ok", f"virtual environment at {sys.prefix}")


def _withheld(passed: set[str]) -> Finding:
    withheld = sorted(name for name in os.environ if name not in passed)
    if not withheld:
        return Finding("variables", "ok", "every variable of the server's environment reaches the workers")
    return Finding(
        "variables",
        "note",
        f"withheld from the workers: {', '.join(withheld)}",
        "If a module needs one of them, name it in environment-pass.",
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
