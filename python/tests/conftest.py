# SPDX-License-Identifier: Apache-2.0
"""Fixtures shared by the tests: ``host``, a fake host with a real launcher beneath it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fakehost import Host


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A directory whose name leaves room for a Unix socket's path."""
    directory = Path(tempfile.mkdtemp(prefix="spy"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def start_host(short_path: Path) -> Iterator[Callable[..., Host]]:
    """Starts a host with options of its own."""
    hosts: list[Host] = []

    def start(**options: Any) -> Host:
        hosts.append(Host(short_path, **options))
        return hosts[-1]

    yield start
    for host in hosts:
        host.close()


@pytest.fixture
def host(start_host: Callable[..., Host]) -> Host:
    """A host whose launcher runs and has no template yet."""
    return start_host()


@pytest.fixture(params=["forkserver", "spawn"])
def method(request: pytest.FixtureRequest) -> str:
    """Each start method."""
    return str(request.param)
