# SPDX-License-Identifier: Apache-2.0
"""Fixtures shared by the tests.

``host`` is a fake host with a real launcher beneath it; ``codec`` every JSON codec in turn.
"""

from __future__ import annotations

import compileall
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fakehost import MODULES, SOURCE, Host
from serpentry.codec import Codec, make_codec

CODECS = ("json", "orjson", "msgspec")


PROCESS_MODULES = ("test_environment", "test_examples")
SLOW_MODULES = ("test_environment",)


def pytest_configure() -> None:
    """Compiles what hundreds of launchers and workers import: they write no bytecode themselves."""
    for directory in (SOURCE, MODULES):
        compileall.compile_dir(directory, quiet=2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what takes processes and therefore time: check.py runs it under some interpreters only."""
    for item in items:
        if "start_host" in getattr(item, "fixturenames", ()) or item.path.stem in PROCESS_MODULES:
            item.add_marker(pytest.mark.processes)
        if item.path.stem in SLOW_MODULES:
            item.add_marker(pytest.mark.slow)


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


@pytest.fixture(params=CODECS)
def codec_name(request: pytest.FixtureRequest) -> str:
    """Every codec in turn; one whose package is missing here is skipped, json never."""
    name = str(request.param)
    if name != "json":
        pytest.importorskip(name)
    return name


@pytest.fixture
def codec(codec_name: str) -> Codec:
    return make_codec(codec_name)


@pytest.fixture
def codec_of(codec_name: str) -> Callable[..., Codec]:
    return lambda **options: make_codec(codec_name, **options)
