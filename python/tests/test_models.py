# SPDX-License-Identifier: Apache-2.0
"""The models of a worker with several places, without DSPy."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from serpentry.programs.models import LmSettings, Models


def test_a_reset_meanwhile_leaves_a_call_its_model_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "a-key")
    models = Models()

    def made(settings: LmSettings) -> LmSettings:
        return settings

    monkeypatch.setitem(sys.modules, "serpentry.programs.answering", SimpleNamespace(Model=made))
    put = Models.put

    def put_and_reset(self: Models, found: LmSettings, session: str | None) -> object:
        kept = put(self, found, session)
        self.clear()  # another place's reset_state
        return kept

    monkeypatch.setattr(Models, "put", put_and_reset)

    assert models.own(None).model == "gemini/gemini-1.5-flash"  # type: ignore[attr-defined]
