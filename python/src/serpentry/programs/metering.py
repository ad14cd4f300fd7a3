# SPDX-License-Identifier: Apache-2.0
"""What the language model's answers to one execution cost."""

from __future__ import annotations

import threading
from typing import Any


class Meter:
    """Counts the answers of one execution; DSPy may tell it from several threads.

    DSPy calls ``add_usage`` for an answer that is billed, hence not for one from its cache, and then, in the
    same thread, ``add_answer`` (by way of the model's history) for every one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._billed = threading.local()
        self.calls = 0
        self.cache_hits = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.total_tokens = 0
        self.cost: float | None = None

    def add_usage(self, model: str, usage: dict[str, Any]) -> None:
        """DSPy's own hook: the usage of a billed answer, or of an attempt that failed after it was billed."""
        self._billed.one = True
        with self._lock:
            prompt = _count(usage, "prompt_tokens")
            completion = _count(usage, "completion_tokens")
            self.prompt_tokens += prompt
            self.completion_tokens += completion
            self.total_tokens += _count(usage, "total_tokens") or prompt + completion

    def add_answer(self, entry: dict[str, Any]) -> None:
        """One answer, with its cost where DSPy knows the price."""
        billed = getattr(self._billed, "one", False)
        self._billed.one = False
        cost = entry.get("cost")
        with self._lock:
            self.calls += 1
            if not billed:
                self.cache_hits += 1
            elif isinstance(cost, (int, float)):
                self.cost = (self.cost or 0.0) + cost

    def record(self) -> dict[str, Any]:
        """The result's ``usage``; ``cost`` is in US dollars, and null where the price is not known."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens,
            "lm_calls": self.calls,
            "cache_hits": self.cache_hits,
            "cost": self.cost,
        }


def _count(usage: dict[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) else 0
