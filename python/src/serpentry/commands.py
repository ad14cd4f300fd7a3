# SPDX-License-Identifier: Apache-2.0
"""The built-in commands, reached as ``serpentry:<name>`` through the same dispatch as user functions.

They are plain functions over module globals, so that a template can bind them before it knows any worker.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

_worker = 0
_born = 0.0


def begin(worker: int) -> None:
    """Tells which worker this process is from now on."""
    global _worker, _born
    _worker = worker
    _born = time.monotonic()


def ping(*values: Any, **named: Any) -> dict[str, Any]:
    """Proves the path that calls take, and echoes its arguments."""
    answer: dict[str, Any] = {
        "status": "ok",
        "pid": os.getpid(),
        "worker": _worker,
        "uptimeSeconds": round(time.monotonic() - _born, 3),
    }
    if values and named:
        answer["echo"] = [list(values), named]
    elif values or named:
        answer["echo"] = list(values) or named
    return answer


COMMANDS: Final[Mapping[str, Callable[..., Any]]] = {"ping": ping}
