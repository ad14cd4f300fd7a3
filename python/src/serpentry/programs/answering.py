# SPDX-License-Identifier: Apache-2.0
"""The language model as DSPy sees it, and what becomes of its failures."""

from __future__ import annotations

from typing import Any, NoReturn

from serpentry.errors import CallError
from serpentry.programs.metering import Meter
from serpentry.programs.models import TEMPERATURE, LmSettings
from serpentry.programs.problems import (
    ExecutionError,
    LmFailedError,
    LmNotLoadedError,
    LmSettingsError,
    MalformedOutputError,
)
from serpentry.programs.runtime import dspy

_SHOWN = 1000


class MeteredLM(dspy.LM):  # type: ignore[misc]
    """DSPy's model with a history that only counts: the real one would keep every prompt in memory."""

    meter: Meter

    def update_history(self, entry: dict[str, Any]) -> None:
        self.meter.add_answer(entry)


class Model:
    """One configured model. Any number of threads."""

    def __init__(self, settings: LmSettings) -> None:
        self.name = settings.model
        arguments: dict[str, Any] = {"cache": False, **settings.options}
        if settings.api_key or "api_base" in settings.options:
            arguments["api_key"] = settings.api_key or "none"
        try:
            self._lm = self._made(settings, arguments)
        except Exception as problem:
            raise LmSettingsError(
                f"the language model {settings.model} is not accepted: {problem}"
            ) from problem

    @staticmethod
    def _made(settings: LmSettings, arguments: dict[str, Any]) -> MeteredLM:
        if settings.temperature is not None:
            return MeteredLM(settings.model, temperature=settings.temperature, **arguments)
        try:
            return MeteredLM(settings.model, temperature=TEMPERATURE, **arguments)
        except Exception:
            # Reasoning models take no temperature but their own.
            return MeteredLM(settings.model, **arguments)

    def metered(self, meter: Meter) -> MeteredLM:
        """A copy that shares the connections and tells ``meter`` of its answers."""
        lm: MeteredLM = self._lm.copy()
        lm.meter = meter
        return lm


def fail(error: Exception) -> NoReturn:
    """Raises what became of an execution: errors of the model and of its answers by kind."""
    if isinstance(error, CallError):
        raise error
    text = f"Program execution failed: {error}"
    malformed = _kind("AdapterParseError")
    if malformed is not None and isinstance(error, malformed):
        raise MalformedOutputError(text[:_SHOWN]) from error
    lm_error = _kind("LMError")
    if lm_error is not None and isinstance(error, lm_error):
        after = getattr(error, "retry_after", None)
        raise LmFailedError(
            text[:_SHOWN],
            reason=str(getattr(error, "code", None) or "lm_error"),
            status=getattr(error, "status", None),
            retryAfterSeconds=None if after is None else str(after),
        ) from error
    if str(error).startswith("No LM is loaded"):
        raise LmNotLoadedError from error
    raise ExecutionError(text) from error


def _kind(name: str) -> type[Exception] | None:
    found = getattr(dspy, name, None)
    return found if isinstance(found, type) and issubclass(found, Exception) else None
