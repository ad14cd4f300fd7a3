# SPDX-License-Identifier: Apache-2.0
"""What `doctor` looks at outside Python: shared memory, limits, and what the kernel allows."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Literal

Found = tuple[str, Literal["ok", "note", "warning", "error"], str, str]
_SHARED = "/dev/shm"  # noqa: S108 - looked at, not written
_SMALL_SHARED_MEMORY = 256 * 1024 * 1024
_FEW_FILES = 1024
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIMITS = {
    "files": (resource.RLIMIT_NOFILE, ""),
    "address space": (
        resource.RLIMIT_AS,
        "Lift it (ulimit -v unlimited): NumPy fails under it. Limit data instead.",
    ),
    "data": (resource.RLIMIT_DATA, ""),
    "processor seconds": (
        resource.RLIMIT_CPU,
        "Lift it (ulimit -t unlimited): it counts a worker's whole life.",
    ),
    "processes": (resource.RLIMIT_NPROC, ""),
}


def examine() -> list[Found]:
    """Check, level, text and action of each finding."""
    return [_shared_memory(), *_limits(), _adoption(), _tracing()]


def _shared_memory() -> Found:
    try:
        state = os.statvfs(_SHARED)
    except OSError as problem:
        return (
            "shared memory",
            "note",
            f"{_SHARED}: {problem.strerror}",
            "Large binary arguments will be copied.",
        )
    size = state.f_frsize * state.f_blocks
    text = f"{_SHARED} has {size // 2**20} MiB, {state.f_frsize * state.f_bavail // 2**20} MiB free"
    if size < _SMALL_SHARED_MEMORY:
        return "shared memory", "warning", text, "Enlarge it (containers: --shm-size=1g)."
    return "shared memory", "ok", text, ""


def _limits() -> list[Found]:
    found: list[Found] = []
    shown = []
    for name, (number, action) in _LIMITS.items():
        soft, hard = resource.getrlimit(number)
        if soft == resource.RLIM_INFINITY:
            continue
        shown.append(f"{name} {soft}")
        if action:
            found.append(("limits", "warning", f"the limit on {name} is {soft}", action))
        elif name == "files" and soft < _FEW_FILES:
            text = f"only {soft} open files are allowed (at most {hard})"
            found.append(("limits", "warning", text, "Raise it (ulimit -n, LimitNOFILE=)."))
    return [("limits", "ok", ", ".join(shown) or "none", ""), *found]


def _adoption() -> Found:
    # In a child, since both settings last for the life of a process.
    script = (
        "import ctypes,sys;c=ctypes.CDLL(None,use_errno=True);"
        f"sys.exit(c.prctl({_PR_SET_CHILD_SUBREAPER},1,0,0,0)!=0 or c.prctl({_PR_SET_PDEATHSIG},9,0,0,0)!=0)"
    )
    if not sys.platform.startswith("linux"):
        text = "this system cannot hand a dead worker's children to the launcher"
        return "processes", "warning", text, "Run production on Linux; elsewhere strays may outlive a crash."
    child = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, check=False)  # noqa: S603
    if child.returncode:
        text = "the kernel refuses child subreapers or parent-death signals"
        return "processes", "warning", text, "Allow prctl in the container's seccomp profile."
    return "processes", "ok", "workers die with their launcher, which adopts and ends what they leave", ""


def _tracing() -> Found:
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    value = scope.read_text(encoding="ascii").strip() if scope.exists() else "0"
    meaning = {
        "0": "every process of the same user",
        "1": "a process's own children",
        "2": "administrators only",
    }
    text = f"debuggers may attach to {meaning.get(value, 'nothing')}"
    if value == "0":
        return "tracing", "ok", text, ""
    return "tracing", "note", text, "Stack dumps work regardless; py-spy and gdb need ptrace_scope=0 or root."
