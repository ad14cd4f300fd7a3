# SPDX-License-Identifier: Apache-2.0
"""The built-in commands, reached as ``serpentry:<name>`` through the same dispatch as user functions."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any


def commands(worker: int, born: float) -> dict[str, Callable[..., Any]]:
    """The table of built-in commands of a worker that began at ``born`` on the monotonic clock."""

    def ping(*values: Any, **named: Any) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "status": "ok",
            "pid": os.getpid(),
            "worker": worker,
            "uptimeSeconds": round(time.monotonic() - born, 3),
        }
        if values and named:
            answer["echo"] = [list(values), named]
        elif values or named:
            answer["echo"] = list(values) or named
        return answer

    return {"ping": ping}
