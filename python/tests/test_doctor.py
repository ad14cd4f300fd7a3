# SPDX-License-Identifier: Apache-2.0
"""The doctor, run as a user runs it, against modules made for each finding."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from fakehost import PATIENCE
from serpentry import doctor

SOURCES = Path(doctor.__file__).parent.parent
MODULES = {
    "calm": "ANSWER = 42\n",
    "threaded": (
        "import threading\n"
        "threading.Thread(target=threading.Event().wait, name='poller', daemon=True).start()\n"
    ),
    "claiming": "import signal\nsignal.signal(signal.SIGUSR1, print)\nsignal.signal(signal.SIGTERM, print)\n",
    "raising": "raise ValueError('no model file')\n",
    "leaving": "import os\nos._exit(7)\n",
    "needing": "import not_installed_anywhere\n",
    "wanting": "import os\nos.environ['MODEL_KEY']\n",
    "lengthy": "raise ValueError('x' * 1_000_000)\n",
    "telling": (
        "import os\nraise ValueError('https://me:s3cr3t-url@host, token=s3cr3t-named, '"
        " + os.environ['MODEL_KEY'])\n"
    ),
    "daemonic": (
        "import os, sys, subprocess\n"
        "left = subprocess.Popen(['sleep', '3600'])\n"
        "open(os.path.join(os.path.dirname(__file__), 'left'), 'w').write(str(left.pid))\n"
        "if os.fork() == 0:\n    os.execvp('sleep', ['sleep', '3600'])\n"
    ),
    "forked": ("import os, time\nif os.fork() == 0:\n    time.sleep(3600)\n    os._exit(0)\n"),
    "chatty": "import os\nprint('{}')\nos.write(1, b'{}')\n",
}


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCES), **variables}
    command = [sys.executable, "-B", "-m", "serpentry", "doctor", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def examine(roots: Path, modules: str, *more: str, **variables: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit status and the findings about the modules."""
    done = call("--json", "--preload", modules, "--roots", str(roots), *more, **variables)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] is (done.returncode == 0)
    return done.returncode, [one for one in told["findings"] if one["check"].startswith("module ")]


def test_a_sound_environment_is_told_in_words_a_person_understands(roots: Path) -> None:
    done = call("--preload", "calm", "--roots", str(roots))
    assert done.returncode == 0, done.stdout
    assert f"Python {sys.version.split()[0]}" in done.stdout
    for check in ("build", "codec", "environment", "module calm", "shared memory", "limits", "processes"):
        assert f" {check}: " in done.stdout
    assert "0 error(s)" in done.stdout


def test_a_module_that_starts_a_thread_needs_spawn(roots: Path) -> None:
    status, findings = examine(roots, "threaded")
    assert status == 1
    assert "poller" in findings[-1]["text"]
    assert "start-method=spawn" in findings[-1]["action"]
    status, findings = examine(roots, "threaded", "--start-method", "spawn")
    assert (status, findings[-1]["level"]) == (0, "note")


def test_a_module_that_claims_our_signals_is_told_which_key_to_set(roots: Path) -> None:
    status, findings = examine(roots, "claiming")
    assert status == 1
    assert [one["level"] for one in findings] == ["ok", "error", "warning"]
    assert "SIGUSR1 (our cancel-signal)" in findings[1]["text"]
    assert "SIGTERM" in findings[2]["text"]
    assert examine(roots, "claiming", "--cancel-signal", "SIGURG")[0] == 0


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("raising", "ValueError: no model file"),
        ("leaving", "status 7"),
        ("needing", "not_installed_anywhere is missing"),
        ("nowhere", "the module nowhere is missing"),
    ],
)
def test_a_module_that_cannot_be_imported_is_an_error_with_its_reason(
    roots: Path, module: str, text: str
) -> None:
    status, findings = examine(roots, f"calm,{module}")
    assert status == 1
    assert [one["level"] for one in findings] == ["ok", "error"]
    assert text in findings[1]["text"]
    assert findings[1]["action"]


def test_modules_see_the_variables_that_workers_get_and_no_others(roots: Path) -> None:
    assert examine(roots, "wanting", MODEL_KEY="hidden-value")[0] == 1
    assert examine(roots, "wanting", "--environment-pass", "MODEL_KEY", MODEL_KEY="hidden-value")[0] == 0


def test_withheld_variables_are_named_and_never_shown(roots: Path) -> None:
    done = call(MODEL_KEY="hidden-value")
    assert "MODEL_KEY" in done.stdout
    assert "hidden-value" not in done.stdout + done.stderr
    assert "MODEL_KEY" not in call("--environment-pass", "MODEL_KEY", MODEL_KEY="hidden-value").stdout


def test_the_doctor_and_the_server_agree_on_the_variables_that_reach_workers() -> None:
    java = (SOURCES.parent.parent / "src/main/java/org/serpentry/ee/LaunchEnvironment.java").read_text()

    def constant(name: str) -> tuple[str, ...]:
        found = re.search(rf"\b{name} =\s*([^;]+);", java)
        assert found is not None, f"{name} is no longer a constant of LaunchEnvironment"
        return tuple(re.findall(r'"([^"]*)"', found[1]))

    assert constant("ALWAYS") == doctor._ALWAYS
    assert constant("PROXY") == doctor._PROXY
    assert constant("CERTIFICATES") == (doctor._CERTIFICATES,)


@pytest.mark.parametrize("name", ["PATH", "https_proxy", "NO_PROXY", "SSL_CERT_FILE"])
def test_what_every_program_needs_reaches_the_workers(name: str) -> None:
    assert doctor.reaches_workers(name)


@pytest.mark.parametrize("name", ["path", "AWS_SECRET_ACCESS_KEY", "FTP_PROXY", "MY_SSL_CERT_FILE"])
def test_what_may_hold_a_secret_does_not_reach_the_workers(name: str) -> None:
    assert not doctor.reaches_workers(name)


def test_what_a_module_prints_does_not_disturb_the_report(roots: Path) -> None:
    assert examine(roots, "chatty")[0] == 0


def test_an_opened_cuda_driver_needs_spawn() -> None:
    told: dict[str, Any] = {"module": "torch", "error": None, "missing": None, "seconds": 1.0, "signals": []}
    told |= {"threads": [], "nativeThreads": 0, "cuda": True}
    for method, level in (("forkserver", "error"), ("spawn", "note")):
        options = Namespace(start_method=method, cancel_signal="SIGUSR1", dump_signal="SIGUSR2")
        finding = doctor._module(told, options)[-1]
        assert (finding.level, "CUDA" in finding.text) == (level, True)


def test_another_command_is_answered_with_the_usage() -> None:
    command = [sys.executable, "-B", "-m", "serpentry", "nurse"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "doctor" in done.stderr


def ended(pid: int) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], PATIENCE)[0])
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("module", ["daemonic", "forked"])
def test_a_module_that_leaves_processes_behind_is_not_waited_for(
    roots: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setattr(doctor, "_IMPORT_SECONDS", PATIENCE)
    told = doctor.probe(module, [str(roots)], {"PATH"})
    assert told["error"] is None
    if module == "daemonic":
        assert ended(int((roots / "left").read_text()))


def test_an_error_of_any_length_is_told_in_short(roots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_IMPORT_SECONDS", PATIENCE)
    told = doctor.probe("lengthy", [str(roots)], {"PATH"})
    assert told["error"].startswith("ValueError: xxx")
    assert told["error"].endswith("lengthy.py:1)")
    assert len(told["error"]) < 10_000


def test_an_error_tells_no_secret(roots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "s3cr3t-value")
    told = doctor.probe("telling", [str(roots)], {"PATH", "MODEL_KEY"})
    assert told["error"].startswith("ValueError: https://****@host, token=***, *** (")
