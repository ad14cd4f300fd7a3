# SPDX-License-Identifier: Apache-2.0
"""What a worker may use, and as whom it runs."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fakehost import SOURCE, Host, alive
from serpentry import users
from serpentry.plans import PlanError

METHODS = ("forkserver", "spawn")
OTHER = "nobody"
SYSTEM_PYTHON = "/usr/bin/python3"


def module(tmp_path: Path, text: str) -> str:
    (tmp_path / "burning.py").write_text("import time\nimport serpentry\n" + text)
    return str(tmp_path)


BURN = """
@serpentry.expose
def burn(seconds: float) -> float:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return seconds

@serpentry.expose
async def burn_in_loop(seconds: float) -> float:
    return burn(seconds)

@serpentry.expose
def burn_in_c() -> int:
    return sum(range(10 ** 12))

@serpentry.expose
def burn_stubbornly() -> None:
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_each_call_has_its_own_cpu_limit(host: Host, tmp_path: Path, method: str) -> None:
    roots = (module(tmp_path, BURN),)
    host.template(preload=("burning",), roots=roots, method=method, limits={"cpu": 1})
    worker = host.worker()
    # Together more than one call may use.
    for _ in range(3):
        assert worker.call("burning:burn", {"seconds": 0.5}) == 0.5
    for function in ("burn", "burn_in_loop"):
        error = worker.error(f"burning:{function}", {"seconds": 60})
        assert error["code"] == "PYTHON"
        assert error["type"] == "serpentry.errors.CpuLimitExceeded"
        assert "max-cpu=1s" in error["message"]
        assert "burn" in error["traceback"]
    assert worker.call("burning:burn", {"seconds": 0.1}) == 0.1


@pytest.mark.slow
@pytest.mark.parametrize("function", ["burn_in_c", "burn_stubbornly"])
def test_what_does_not_end_at_the_cpu_limit_is_killed(host: Host, tmp_path: Path, function: str) -> None:
    roots = (module(tmp_path, BURN),)
    host.template(preload=("burning",), roots=roots, limits={"cpu": 1})
    worker = host.worker()
    worker.write(f"burning:{function}")
    exited = host.exited(worker)
    assert exited["signal"] == signal.SIGKILL
    assert function in exited["dump"]


@pytest.mark.slow
def test_a_spared_worker_may_be_idle_for_good(host: Host, tmp_path: Path) -> None:
    text = """
import threading

@serpentry.expose
def burn_on(seconds: float) -> None:
    def burn() -> None:
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass
        print("burnt", flush=True)
    threading.Thread(target=burn).start()
"""
    host.template(preload=("burning",), roots=(module(tmp_path, text),), limits={"cpu": 1})
    worker = host.worker()
    worker.call("burning:burn_on", {"seconds": 4})
    host.event("output", lines=["burnt"])
    assert worker.call("serpentry:ping")["status"] == "ok"


def test_without_a_limit_nothing_is_armed(host: Host) -> None:
    host.template()
    facts = host.worker().call("faulty:limits")
    assert facts["cpu"] == -1
    assert facts["handler"] == "SIG_DFL"


def test_no_core_is_dumped(host: Host) -> None:
    host.template()
    assert host.worker().call("faulty:facts")["core"] in (0, 1)


@pytest.fixture
def foreign_host(start_host: Callable[..., Host]) -> Host:
    if os.geteuid() != 0:
        pytest.skip("only root may start processes as another user")
    try:
        command = [SYSTEM_PYTHON, "-I", "-c", f"import os; os.listdir({str(SOURCE)!r})"]
        fit = subprocess.run(command, user=OTHER, cwd="/", capture_output=True, check=False).returncode == 0
    except (OSError, ValueError):
        fit = False
    if not fit:
        pytest.skip(f"user '{OTHER}' can use no Python here, or not read these sources")
    return start_host(python=SYSTEM_PYTHON)


@pytest.mark.parametrize("method", METHODS)
def test_workers_run_as_another_user(foreign_host: Host, tmp_path: Path, method: str) -> None:
    host = foreign_host
    host.template(method=method, user=OTHER)
    worker = host.worker()
    entry = pwd.getpwnam(OTHER)
    facts = worker.call("faulty:identity")
    assert facts["uids"] == [entry.pw_uid] * 3
    assert facts["gids"] == [entry.pw_gid] * 3
    assert 0 not in facts["groups"]
    assert facts["home"] == entry.pw_dir
    assert worker.call("faulty:echo", {"value": 1}) == 1
    assert host.word(worker) != 0
    host.say("signal", worker=1, action="kill")
    assert host.exited(worker)["signal"] == signal.SIGKILL
    second = host.worker()
    pid = second.hello["pid"]
    host.launcher.kill()
    host.launcher.wait()
    host.wait(lambda: not alive(pid), "the worker's end with its launcher")


def test_a_user_that_does_not_exist_is_named(host: Host) -> None:
    host.template(user="no_such_user", ready=False)
    reason = host.event("template-failed")["reason"]
    assert "no user 'no_such_user'" in reason
    assert "user" in reason


def test_code_that_the_user_may_not_read_is_named(foreign_host: Host, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    foreign_host.template(preload=(), roots=(str(closed),), user=OTHER, ready=False)
    reason = foreign_host.event("template-failed")["reason"]
    assert f"'{OTHER}' may not read {closed}" in reason
    assert "environment-cache" in reason


def test_an_account_without_the_right_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr("serpentry.process.capabilities", lambda: 1 << 6)
    with pytest.raises(PlanError) as failure:
        users.check("root")
    assert "CAP_KILL, CAP_SETUID" in str(failure.value)
    assert "uid 4711" in str(failure.value)
