# SPDX-License-Identifier: Apache-2.0
"""What a process of the runtime is told at its start, all of it by the host through the launcher."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

# OpenMP and its kin do not survive a fork with threads started, and one pool runs many processes.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "RAYON_NUM_THREADS",
)

RUNTIME_DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

Role = Callable[[], int]


class Become(BaseException):
    """Leaves the parent's stack in a forked child, which goes on as ``role`` from the very bottom of it."""

    def __init__(self, role: Role) -> None:
        super().__init__(role)
        self.role = role


class PlanError(Exception):
    """The host asked for something that cannot be done; the text says what."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The launcher's standard input line, plus what it found out about itself."""

    socket: str
    token: str = field(repr=False)
    words: str
    pool: str
    launcher: int
    files: int

    @classmethod
    def parse(cls, line: dict[str, Any], files: int) -> Bootstrap:
        """Reads the line; ``files`` is the soft limit of open files that children get back."""
        return cls(
            socket=str(line["socket"]),
            token=str(line["token"]),
            words=str(line["words"]),
            pool=str(line.get("pool", "default")),
            launcher=os.getpid(),
            files=files,
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """The ``settings`` of a generation; the defaults are those of the protocol's text."""

    frame_limit: int = 64 * 1024 * 1024
    nesting_limit: int = 128
    nan: bool = False
    cancel_signal: int = signal.SIGUSR1
    dump_signal: int = signal.SIGUSR2
    limits: dict[str, int] = field(default_factory=dict)
    umask: int | None = None
    nice: int = 0
    working_directory: str | None = None
    debug: bool = False
    codec: str = "auto"
    threads: int = 1
    user: str | None = None
    calls: int = 1

    @classmethod
    def parse(cls, message: dict[str, Any]) -> Settings:
        """Reads the member ``settings``; raises PlanError, TypeError or ValueError."""
        umask = message.get("umask")
        if isinstance(umask, str):
            umask = int(umask, 8)
        settings = cls(
            frame_limit=int(message.get("frameLimit", 64 * 1024 * 1024)),
            nesting_limit=int(message.get("nestingLimit", 128)),
            nan=bool(message.get("nan", False)),
            cancel_signal=_signal(message.get("cancelSignal", "SIGUSR1"), "cancel-signal"),
            dump_signal=_signal(message.get("dumpSignal", "SIGUSR2"), "dump-signal"),
            limits={k: int(v) for k, v in (message.get("limits") or {}).items() if v is not None},
            umask=umask,
            nice=int(message.get("nice") or 0),
            working_directory=message.get("workingDirectory") or None,
            debug=bool(message.get("debug", False)),
            codec=str(message.get("codec", "auto")),
            threads=int(message.get("threads", 1)),
            user=message.get("user") or None,
            calls=int(message.get("callsPerWorker", 1)),
        )
        if settings.cancel_signal == settings.dump_signal:
            raise PlanError("cancel-signal and dump-signal are the same signal; give them different ones")
        return settings

    def thread_environment(self) -> dict[str, str]:
        """The variables to set that the environment does not configure already."""
        if self.threads <= 0:
            return {}
        return {name: str(self.threads) for name in THREAD_VARIABLES if name not in os.environ}


def _signal(name: object, key: str) -> int:
    try:
        return int(signal.Signals[str(name)])
    except KeyError:
        raise PlanError(f"{key}={name} names no signal of this system, for example SIGUSR1") from None


@dataclass(frozen=True, slots=True)
class Generation:
    """One version of the user's code, as the op ``template`` describes it."""

    number: int
    preload: tuple[str, ...]
    roots: tuple[str, ...]
    code_hash: str
    forks: bool
    settings: Settings

    @classmethod
    def parse(cls, message: dict[str, Any]) -> Generation:
        """Reads the op; raises PlanError."""
        try:
            method = message.get("method", "forkserver")
            if method not in ("forkserver", "spawn"):
                raise PlanError(f"start method '{method}' is neither 'forkserver' nor 'spawn'")
            return cls(
                number=int(message["generation"]),
                preload=tuple(message.get("preload") or ()),
                roots=tuple(message.get("roots") or ()),
                code_hash=str(message.get("codeHash") or ""),
                forks=method == "forkserver",
                settings=Settings.parse(message.get("settings") or {}),
            )
        except (KeyError, TypeError, ValueError) as e:
            raise PlanError(f"the settings of the template are not usable: {type(e).__name__}: {e}") from e


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """All that one worker needs; the descriptors are numbers in the worker itself."""

    boot: Bootstrap
    generation: Generation
    worker: int
    slot: int
    word: int
    environment: dict[str, str]
    events: int
    dump: int

    def to_json(self) -> dict[str, Any]:
        """What ``from_json`` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, plan: dict[str, Any]) -> WorkerPlan:
        """The plan that another process wrote with ``to_json``."""
        generation = plan["generation"]
        return cls(
            **{
                **plan,
                "boot": Bootstrap(**plan["boot"]),
                "generation": Generation(**{**generation, "settings": Settings(**generation["settings"])}),
            }
        )
