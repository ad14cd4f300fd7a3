# SPDX-License-Identifier: Apache-2.0
"""The CPU time that one call may use: RLIMIT_CPU, which counts a process's lifetime, set anew for each call.

At the limit the kernel sends SIGXCPU, and again after each further second; its handler raises in the running
call. What does not end by that, because it runs in C or swallows the exception, is killed by a timer of the
kernel's own on the same clock: the hard limit would do, but it can only ever be lowered.
"""

from __future__ import annotations

import ctypes
import faulthandler
import math
import resource
import signal
import time
from types import FrameType
from typing import Final

from serpentry.cancelling import Canceller
from serpentry.errors import CpuLimitExceeded

KILL_SECONDS: Final = 2
"""CPU time from the exception to the kill."""

_CPU_CLOCK: Final = 2  # CLOCK_PROCESS_CPUTIME_ID, all threads


class _Event(ctypes.Structure):
    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signo", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("padding", ctypes.c_char * 48),
    )


class _KillTimer:
    """Kills this process when it has used more CPU time; a child that it forks does not inherit it."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(self._libc, "timer_create"):  # glibc before 2.34
            self._libc = ctypes.CDLL("librt.so.1", use_errno=True)
        self._timer = ctypes.c_void_p()
        event = _Event(signo=signal.SIGKILL, notify=0)
        if self._libc.timer_create(_CPU_CLOCK, ctypes.byref(event), ctypes.byref(self._timer)) != 0:
            raise OSError(ctypes.get_errno(), "max-cpu: the system gives no timer of CPU time")
        self._times = (ctypes.c_long * 4)()

    def arm(self, seconds: float) -> None:
        """Kills after so much more CPU time; 0 never."""
        whole = int(seconds)
        self._times[2] = whole
        self._times[3] = int((seconds - whole) * 1e9)
        self._libc.timer_settime(self._timer, 0, self._times, None)


class CpuLimit:
    """Limits each call of this worker. ``dump`` is the descriptor that takes the stacks at the limit."""

    def __init__(self, seconds: int, canceller: Canceller, dump: int) -> None:
        self._seconds = seconds
        self._canceller = canceller
        self._timer = _KillTimer()
        self._limit = 0
        self._hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        signal.signal(signal.SIGXCPU, self._on_signal)
        # In C, hence also where the handler above does not come to run: it tells what the kill ended.
        faulthandler.register(signal.SIGXCPU, dump, all_threads=True, chain=True)

    def begin(self) -> None:
        """Gives the call that begins a limit of its own."""
        used = time.process_time()
        limit = math.ceil(used + self._seconds)
        if self._hard != resource.RLIM_INFINITY:
            limit = min(limit, self._hard)
        self._limit = limit
        resource.setrlimit(resource.RLIMIT_CPU, (limit, self._hard))
        self._timer.arm(limit - used + KILL_SECONDS)

    def end(self) -> None:
        """Takes the limit away."""
        self._timer.arm(0)

    def _on_signal(self, _number: int, frame: FrameType | None) -> None:
        # A signal may come late, in the next call, whose limit is another. No module is left half imported,
        # no task half scheduled: the signal comes again after another second.
        if time.process_time() >= self._limit and not self._canceller.holds_back(frame):
            self._canceller.strike(
                CpuLimitExceeded(
                    f"the call used more CPU time than max-cpu={self._seconds}s allows"
                    " (serpentry.pool.<name>.max-cpu)"
                )
            )
