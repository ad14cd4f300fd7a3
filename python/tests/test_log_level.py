# SPDX-License-Identifier: Apache-2.0
"""The level of the root logger, which the host sets: at a worker's birth, and while it serves."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from serpentry import commands, logs


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    logger = logging.getLogger()
    level, handlers = logger.level, list(logger.handlers)
    yield logger
    logger.setLevel(level)
    logger.handlers[:] = handlers


def test_a_worker_begins_with_the_level_that_its_environment_names(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERPENTRY_LOG_LEVEL", "40")

    logs.install_handler(debug=True)

    assert root.level == logging.ERROR


def test_without_one_it_begins_as_the_settings_say(
    root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERPENTRY_LOG_LEVEL", raising=False)
    logs.install_handler(debug=True)
    assert root.level == logging.DEBUG

    logs.install_handler(debug=False)
    assert root.level == logging.INFO


def test_the_command_sets_the_level_and_tells_the_one_before(root: logging.Logger) -> None:
    root.setLevel(logging.WARNING)

    assert commands.log_level(logging.DEBUG) == logging.WARNING
    assert root.level == logging.DEBUG
