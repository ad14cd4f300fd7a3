# SPDX-License-Identifier: Apache-2.0
"""The debug log of calls: what ran, how it ended and how long it took. Neither arguments nor results."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

_logger = logging.getLogger("serpentry.calls")


def told(name: str, invoke: Callable[[object, bool], Any]) -> Callable[[object, bool], Any]:
    """``invoke`` of the target ``name``, telling each call at level DEBUG."""

    def telling(arguments: object, mixed: bool) -> Any:
        _logger.debug("%s begins", name)
        started = time.perf_counter()
        try:
            value = invoke(arguments, mixed)
        except BaseException as e:
            _logger.debug("%s raised %s after %.3f ms", name, type(e).__name__, _millis(started))
            raise
        _logger.debug("%s returned %s after %.3f ms", name, type(value).__name__, _millis(started))
        return value

    return telling


def _millis(started: float) -> float:
    return (time.perf_counter() - started) * 1000
