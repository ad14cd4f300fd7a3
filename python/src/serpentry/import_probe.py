# SPDX-License-Identifier: Apache-2.0
"""Imports one module in a process of its own and tells what that did to the process. Run by `doctor`."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback

from serpentry import masking
from serpentry.installer import redact

# The driver itself: a runtime library such as libcudart is loaded by merely importing, and may be forked.
_CUDA_DRIVER = ("libcuda.so", "/dev/nvidia")
_SHOWN = 4000


def main(arguments: list[str]) -> int:
    """`<result descriptor> <module> [root]…`; writes one JSON object to the descriptor."""
    descriptor, name, *roots = arguments
    sys.path[:0] = roots
    masking.add_environment(os.environ)
    probe = os.getpid()
    before = _caught()
    threads_before = _native_threads()
    started = time.perf_counter()
    told: dict[str, object] = {"module": name, "error": None, "missing": None}
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as problem:
        told.update(error=_brief(problem), missing=problem.name)
    except BaseException as problem:  # what the module raises is the finding, SystemExit included
        told["error"] = _brief(problem)
    if os.getpid() != probe:
        os._exit(0)  # a child that the module has forked and that came out of the import
    told["seconds"] = round(time.perf_counter() - started, 3)
    told["threads"] = sorted(
        thread.name for thread in threading.enumerate() if thread is not threading.main_thread()
    )
    told["nativeThreads"] = max(0, _native_threads() - threads_before)
    told["cuda"] = _uses_cuda()
    told["signals"] = sorted(_caught() - before)
    with os.fdopen(int(descriptor), "w", encoding="utf-8") as result:
        json.dump(told, result)
    return 0


def _brief(problem: BaseException) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    text = redact(masking.mask_named(str(problem)))
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}… [cut: {len(text)} characters]"
    return f"{type(problem).__name__}: {text}{place}"


def _native_threads() -> int:
    with contextlib.suppress(OSError):
        return len(os.listdir("/proc/self/task"))
    return threading.active_count()


def _caught() -> set[str]:
    """The signals that have a handler, set by Python or by C code."""
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("SigCgt:"):
                mask = int(line.split()[1], 16)
                return {number.name for number in signal.Signals if mask >> (number - 1) & 1}
    free = (signal.SIG_DFL, signal.SIG_IGN, None)
    return {number.name for number in signal.Signals if signal.getsignal(number) not in free}


def _uses_cuda() -> bool:
    with contextlib.suppress(OSError), open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        return any(library in line for line in maps for library in _CUDA_DRIVER)
    return False
