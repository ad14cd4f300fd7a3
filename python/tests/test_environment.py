# SPDX-License-Identifier: Apache-2.0
"""The environment builder, run as the server runs it; wheels come from a local wheelhouse."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from serpentry import environment
from serpentry.environment_files import explain_os, remove
from serpentry.installer import BuildError, explain, redact
from wheels import make_wheel

SOURCES = Path(environment.__file__).parent.parent
START = (
    "import sys;sys.path.insert(0,sys.argv.pop(1));"
    "from serpentry.environment import main;raise SystemExit(main())"
)
LIMIT = 120.0


class Shop:
    """A cache directory, a wheelhouse with one wheel, and the file that locks it."""

    def __init__(self, root: Path) -> None:
        self.cache = root / "cache"
        self.wheelhouse = root / "wheelhouse"
        self.lock = root / "requirements.lock"
        self.lock.write_text(make_wheel(self.wheelhouse))

    def start(self, *more: str, **variables: str) -> subprocess.Popen[str]:
        """Starts a build whose standard input stays open."""
        command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", START, str(SOURCES), "build"]
        command += ["--requirements", str(self.lock), "--cache", str(self.cache), *more]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **variables},
        )

    def start_here(self) -> subprocess.Popen[str]:
        """Starts a build from the wheelhouse."""
        return self.start("--wheelhouse", str(self.wheelhouse))

    def left_over(self) -> list[str]:
        """What an unfinished build would leave."""
        return [path.name for path in self.cache.iterdir() if not path.name.endswith(".lock")]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    if made.cache.is_dir():
        remove(made.cache)


def finish(build: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]]]:
    """Waits for the end, keeping standard input open; the events that were written."""
    assert build.stdout is not None
    assert build.stdin is not None
    with build.stdout:
        events = [json.loads(line) for line in build.stdout]
    status = build.wait(LIMIT)
    build.stdin.close()
    return status, events


def run(build: subprocess.Popen[str]) -> dict[str, Any]:
    status, events = finish(build)
    assert status == 0, events
    return events[-1]


def failure(build: subprocess.Popen[str]) -> dict[str, Any]:
    status, events = finish(build)
    assert status == 1
    assert events[-1]["event"] == "failed"
    return events[-1]


def test_builds_a_read_only_environment_that_runs_its_packages(shop: Shop) -> None:
    status, events = finish(shop.start_here())
    assert status == 0, events
    ready = events[-1]
    assert ready["event"] == "ready"
    assert ready["built"] is True
    assert {event["phase"] for event in events[:-1]} >= {"venv", "collect", "install", "compile", "seal"}
    percents = [event["percent"] for event in events[:-1]]
    assert percents == sorted(percents)
    python = Path(ready["python"])
    said = subprocess.run(
        [python, "-c", "import tinything; tinything.hello()"], capture_output=True, text=True
    )
    assert said.stdout == "hello from tinything 1.0\n"
    script = subprocess.run([python.parent / "tinything"], capture_output=True, text=True)
    assert script.stdout == "hello from tinything 1.0\n", script.stderr
    root = python.parent.parent
    writable = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    everything = [root, *root.rglob("*")]
    assert [path for path in everything if not path.is_symlink() and path.stat().st_mode & writable] == []
    assert list(root.rglob("tinything/__pycache__/*.pyc"))
    assert not list(root.rglob("pip"))
    assert shop.left_over() == [ready["key"]]


def test_reuses_what_is_built_and_rebuilds_for_other_requirements(shop: Shop) -> None:
    first = run(shop.start_here())
    again = run(shop.start_here())
    assert (again["python"], again["built"]) == (first["python"], False)
    shop.lock.write_text(shop.lock.read_text() + make_wheel(shop.wheelhouse, "otherthing"))
    other = run(shop.start_here())
    assert other["built"] is True
    assert other["key"] != first["key"]


def test_two_builders_at_once_build_once(shop: Shop) -> None:
    builds = [shop.start_here(), shop.start_here()]
    ready = [run(build) for build in builds]
    assert sorted(event["built"] for event in ready) == [False, True]
    assert ready[0]["python"] == ready[1]["python"]


def test_a_damaged_environment_is_built_anew(shop: Shop) -> None:
    first = run(shop.start_here())
    python = Path(first["python"])
    python.parent.chmod(0o700)
    python.unlink()
    again = run(shop.start_here())
    assert again["built"] is True
    assert subprocess.run([python, "-c", "import tinything"]).returncode == 0
    assert shop.left_over() == [first["key"]]


def test_a_user_setting_that_would_misplace_the_packages_has_no_effect(shop: Shop, tmp_path: Path) -> None:
    settings = {"PIP_TARGET": str(tmp_path / "elsewhere"), "PIP_USER": "1", "PYTHONPATH": "/nonexistent"}
    ready = run(shop.start("--wheelhouse", str(shop.wheelhouse), **settings))
    assert subprocess.run([ready["python"], "-c", "import tinything"]).returncode == 0
    assert not (tmp_path / "elsewhere").exists()


@contextmanager
def silent_index() -> Iterator[tuple[str, socket.socket]]:
    """An index that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple", server


def close_input(build: subprocess.Popen[str]) -> None:
    assert build.stdin is not None
    build.stdin.close()


@pytest.mark.parametrize("end", [close_input, subprocess.Popen.terminate], ids=["end-of-input", "sigterm"])
def test_an_ended_build_leaves_neither_files_nor_processes(
    shop: Shop, end: Callable[[subprocess.Popen[str]], None]
) -> None:
    with silent_index() as (url, server):
        build = shop.start(PIP_INDEX_URL=url, PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="")
        connection, _ = server.accept()  # pip is at work
        with connection:
            connection.settimeout(LIMIT)
            end(build)
            told = failure(build)
            # The peer's end of the connection closes when the last process that holds it is gone.
            while connection.recv(4096):
                pass
    assert told["code"] == "cancelled"
    assert shop.left_over() == []


def test_a_build_that_waits_for_another_one_can_be_ended(shop: Shop) -> None:
    shop.cache.mkdir()
    key = environment.environment_key(shop.lock.read_bytes())
    with open(shop.cache / f".{key}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build = shop.start_here()
        assert build.stdout is not None
        assert json.loads(build.stdout.readline())["phase"] == "wait"
        close_input(build)
        assert failure(build)["code"] == "cancelled"


def test_what_a_killed_build_left_is_swept_by_the_next(shop: Shop) -> None:
    with silent_index() as (url, server):
        build = shop.start(PIP_INDEX_URL=url, PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="")
        connection, _ = server.accept()
        with connection:
            build.send_signal(signal.SIGKILL)
            finish(build)
    assert len(shop.left_over()) == 1
    ready = run(shop.start_here())
    assert shop.left_over() == [ready["key"]]


def test_a_wheel_with_another_hash_is_refused(shop: Shop) -> None:
    shop.lock.write_text("tinything==1.0 --hash=sha256:" + "0" * 64 + "\n")
    told = failure(shop.start_here())
    assert told["code"] == "hash-mismatch"
    assert "tinything" in told["message"]
    assert shop.left_over() == []


def test_a_missing_wheel_is_named(shop: Shop) -> None:
    shop.lock.write_text(shop.lock.read_text().replace("1.0", "2.0"))
    told = failure(shop.start_here())
    assert told["code"] == "no-matching-wheel"
    assert "tinything==2.0" in told["message"]
    assert str(shop.wheelhouse) in told["message"]


def test_a_requirement_without_a_hash_is_refused(shop: Shop) -> None:
    shop.lock.write_text("tinything==1.0\n")
    told = failure(shop.start_here())
    assert told["code"] == "requirements-not-locked"
    assert "--generate-hashes" in told["action"]


def test_a_requirements_file_that_refers_to_another_is_refused(shop: Shop) -> None:
    shop.lock.write_text("-r other.txt\n")
    told = failure(shop.start_here())
    assert told["code"] == "requirements-not-locked"
    assert "-r other.txt" in told["message"]


def test_a_forbidden_build_says_how_to_make_the_environment(shop: Shop) -> None:
    told = failure(shop.start("--wheelhouse", str(shop.wheelhouse), "--existing-only"))
    assert told["code"] == "environment-missing"
    assert not shop.cache.exists()
    shell = told["action"].removeprefix("Build it beforehand: ")
    assert (
        subprocess.run(["/bin/sh", "-c", shell], stdin=subprocess.PIPE).returncode == 1
    )  # its input has ended
    with subprocess.Popen(["/bin/sh", "-c", shell], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as build:
        assert build.stdout is not None
        assert b'"ready"' in build.stdout.read()
    assert run(shop.start("--wheelhouse", str(shop.wheelhouse), "--existing-only"))["built"] is False


def test_a_missing_requirements_file_is_named(shop: Shop) -> None:
    shop.lock.unlink()
    told = failure(shop.start_here())
    assert told["code"] == "requirements-missing"
    assert str(shop.lock) in told["message"]


def test_a_missing_wheelhouse_is_named(shop: Shop, tmp_path: Path) -> None:
    assert failure(shop.start("--wheelhouse", str(tmp_path / "none")))["code"] == "wheelhouse-missing"


def test_an_index_that_cannot_be_reached_points_to_the_wheelhouse(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "NO_PROXY": "127.0.0.1",
        "PIP_RETRIES": "1",
    }
    told = failure(shop.start(PIP_INDEX_URL=f"http://user:secret@127.0.0.1:{port}/simple", **settings))
    assert told["code"] == "index-unreachable"
    assert "wheelhouse" in told["action"]
    assert "secret" not in json.dumps(told)


def test_a_cache_that_cannot_be_written_is_named(shop: Shop) -> None:
    shop.cache.write_text("a file, not a directory")
    told = failure(shop.start_here())
    assert told["code"] == "cache-not-writable"
    assert str(shop.cache) in told["message"]
    shop.cache.unlink()


def test_a_full_disk_says_so(tmp_path: Path) -> None:
    lines = ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"]
    assert explain(lines, "Python", None).code == "disk-full"
    assert explain_os(OSError(errno.ENOSPC, "No space left"), tmp_path).code == "disk-full"


@pytest.mark.parametrize(("version", "word"), [((3, 10, 9), "old"), ((3, 15, 0), "new")])
def test_an_interpreter_outside_the_range_is_refused(version: tuple[int, ...], word: str) -> None:
    with pytest.raises(BuildError, match=r"supported are 3\.11 to 3\.14") as caught:
        environment.check_version(version)
    assert caught.value.code == f"interpreter-too-{word}"


def test_an_interpreter_without_the_venv_module_says_what_to_install() -> None:
    with pytest.raises(BuildError, match="ensurepip") as caught:
        environment.check_modules(lambda name: None if name == "ensurepip" else object())
    assert f"python3.{sys.version_info.minor}-venv" in caught.value.action


def test_passwords_in_addresses_are_not_repeated() -> None:
    assert redact("Looking in https://me:secret@host/simple") == "Looking in https://****@host/simple"
    assert (
        redact("https://me:se@cret@host/simple/p@1 and https://b@c")
        == "https://****@host/simple/p@1 and https://****@c"
    )
