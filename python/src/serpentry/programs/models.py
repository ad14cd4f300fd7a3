# SPDX-License-Identifier: Apache-2.0
"""Language models: what is asked of ``configure_lm``, and the models this worker has."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from serpentry import masking
from serpentry.programs.problems import LmNotLoadedError, LmSettingsError

if TYPE_CHECKING:
    from serpentry.programs.answering import Model

KEPT: Final = 32
"""Models of numbered configurations that one worker keeps; the longest unused goes first."""

TEMPERATURE: Final = 0.7
_GEMINI: Final = "gemini-1.5-flash"


@dataclass(frozen=True, slots=True)
class LmSettings:
    """One language model. The key is not in its ``repr``."""

    model: str
    """As DSPy names it: ``provider/model``."""
    provider: str
    temperature: float | None
    api_key: str | None = field(repr=False)
    options: Mapping[str, Any]
    """``api_base``, ``max_tokens``, ``timeout``, ``num_retries``, ``cache``."""

    def answer(self) -> dict[str, Any]:
        """What ``configure_lm`` tells."""
        return {
            "status": "configured",
            "model": self.model.partition("/")[2],
            "provider": self.provider,
            "temperature": TEMPERATURE if self.temperature is None else self.temperature,
        }


def settings(
    model: str | None,
    api_key: str | None,
    temperature: float | None,
    provider: str | None,
    options: Mapping[str, Any],
) -> LmSettings:
    """Checks what ``configure_lm`` was given. Raises LmSettingsError."""
    if not model or not model.strip():
        raise LmSettingsError("Model name is required")
    prefix, slash, rest = model.partition("/")
    if slash and not provider:
        name, provider = model, prefix
        found = bool(rest)
    else:
        provider = provider or "google"
        gemini = provider == "google"
        name = f"{'gemini' if gemini else provider}/{model}"
        found = model.startswith("gemini") if gemini else True
    if not found:
        raise LmSettingsError(f"Unsupported provider/model combination: {provider}/{model}")
    chosen = {key: value for key, value in options.items() if value is not None}
    if not api_key and "api_base" not in chosen and not _key_in_environment(name):
        raise LmSettingsError("API key is required")
    if api_key:
        masking.add(api_key)
    return LmSettings(name, provider, temperature, api_key, chosen)


def _key_in_environment(name: str) -> bool:
    provider = name.partition("/")[0].upper()
    return f"{provider}_API_KEY" in os.environ


class Models:
    """The models of this worker. Any thread.

    One that came with a version serves only calls that name that version, so a call is never answered by an
    older one, whatever came to this worker in which order. One that came without serves the other calls.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbered: OrderedDict[int, tuple[str, Model]] = OrderedDict()
        self._own: dict[str | None, Model] = {}

    def put(self, found: LmSettings, session: str | None) -> Model:
        """Keeps a model for the calls that name no version: of a session, or of all (None)."""
        from serpentry.programs.answering import Model

        model = Model(found)
        with self._lock:
            self._own[session] = model
        return model

    def put_numbered(self, found: LmSettings, version: int, scope: str) -> Model:
        """Keeps a model of the host's in place of the older ones of its scope, whose keys may be revoked."""
        from serpentry.programs.answering import Model

        model = Model(found)
        with self._lock:
            mates = [number for number, (other, _) in self._numbered.items() if other == scope]
            # A call that set out before the last change may arrive after it.
            if not any(number > version for number in mates):
                for number in mates:
                    del self._numbered[number]
                self._numbered[version] = (scope, model)
            while len(self._numbered) > KEPT:
                self._numbered.popitem(last=False)
        return model

    def numbered(self, version: int) -> Model | None:
        """The model of a version, or None when this worker lacks it."""
        with self._lock:
            found = self._numbered.get(version)
            if found is None:
                return None
            self._numbered.move_to_end(version)
            return found[1]

    def own(self, session: str | None) -> Model:
        """The model that was configured in this worker. Raises LmNotLoadedError."""
        with self._lock:
            model = self._own.get(session) or self._own.get(None)
        if model is not None:
            return model
        key = os.environ.get("GEMINI_API_KEY")
        if not key:
            raise LmNotLoadedError
        return self.put(settings(_GEMINI, key, None, None, {}), None)

    def forget_session(self, session: str) -> None:
        """Drops a session's model."""
        with self._lock:
            self._own.pop(session, None)

    def clear(self) -> None:
        """Drops all."""
        with self._lock:
            self._numbered.clear()
            self._own.clear()
