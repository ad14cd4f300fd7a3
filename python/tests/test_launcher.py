# SPDX-License-Identifier: Apache-2.0
"""The launcher: its start, its end, what it reports, and that nothing is left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fakehost import PATIENCE, Host, alive
from serpentry import protocol


def pids_of(host: Host) -> list[int]:
    found = [e["pid"] for e in host.events if e["op"] in ("started", "template-ready") and e["pid"]]
    return [host.launcher.pid, *found]


def gone(host: Host, pids: list[int]) -> None:
    host.launcher.wait(PATIENCE)
    host.wait(lambda: not [p for p in pids if alive(p)], f"end of {pids}")


def test_it_introduces_itself(host: Host) -> None:
    host.wait(lambda: host.control, "launcher")
    assert host.hello["role"] == "launcher"
    assert host.hello["pid"] == host.launcher.pid
    assert os.getsid(host.launcher.pid) == host.launcher.pid


def test_a_bad_token_ends_it_with_the_reason(start_host: Callable[..., Host]) -> None:
    host = start_host(token="wrong")
    host.wait(lambda: host.launcher.poll() is not None, "end")
    assert host.launcher.returncode == protocol.EXIT_REFUSED
    assert "bad token" in (host.directory / "launcher.err").read_text()


def test_another_protocol_version_is_refused_naming_both(start_host: Callable[..., Host]) -> None:
    host = start_host(version=9)
    host.wait(lambda: host.launcher.poll() is not None, "end")
    assert host.launcher.returncode != 0
    text = (host.directory / "launcher.err").read_text()
    assert "protocol 9" in text
    assert "protocol 1" in text


def test_a_ping_is_answered_with_templates_and_workers(host: Host) -> None:
    host.template(3)
    host.worker(3)
    host.say("ping", nonce="n1")
    pong = host.event("pong", nonce="n1")
    assert pong["workers"] == 1
    assert [t["generation"] for t in pong["templates"]] == [3]


@pytest.mark.parametrize("channel", ["stdin", "control"])
def test_the_hosts_death_ends_everything(host: Host, method: str, channel: str) -> None:
    host.template(method=method)
    worker = host.worker()
    stray = worker.call("faulty:grandchild")
    daemon = worker.call("faulty:daemon")
    worker.write("faulty:swallow")
    host.spawn()  # may be halfway
    pids = [*pids_of(host), stray, daemon]
    assert all(alive(p) for p in pids)
    if channel == "stdin":
        assert host.launcher.stdin is not None
        host.launcher.stdin.close()
    else:
        assert host.control is not None
        host.selector.unregister(host.control)
        host.control.close()
    gone(host, pids)
    assert host.launcher.returncode == 0


def test_the_launchers_kill_ends_workers_and_template(host: Host, method: str) -> None:
    host.template(method=method)
    calls = [host.worker() for _ in range(3)]
    calls[0].write("faulty:swallow")
    pids = pids_of(host)
    host.launcher.kill()
    gone(host, pids)


def test_sigterm_ends_everything(host: Host) -> None:
    host.template()
    host.worker()
    pids = pids_of(host)
    host.launcher.terminate()
    gone(host, pids)
    assert host.launcher.returncode == 0


def test_a_shutdown_gives_workers_their_grace(host: Host) -> None:
    host.template()
    quick, stubborn = host.worker(), host.worker()
    stubborn.call("faulty:ignore_sigterm")
    started = time.monotonic()
    host.say("shutdown", graceMillis=300)
    assert host.exited(quick)["signal"] == signal.SIGTERM
    assert host.exited(stubborn)["signal"] == signal.SIGKILL
    assert time.monotonic() - started >= 0.3
    gone(host, pids_of(host))
    assert host.launcher.returncode == 0


def test_an_unknown_op_ends_it_with_a_reason(host: Host) -> None:
    host.say("dance")
    host.wait(lambda: host.launcher.poll() is not None, "end")
    assert host.launcher.returncode == 76
    assert "dance" in (host.directory / "launcher.err").read_text()


def test_it_never_imports_user_code(host: Host, tmp_path: Path) -> None:
    (tmp_path / "marks.py").write_text("import os\nopen(f'{os.getpid()}.mark', 'w').close()\n")
    host.template(preload=("marks",), roots=(str(tmp_path),))
    template = host.event("template-ready")["pid"]
    assert [p.name for p in host.directory.glob("*.mark")] == [f"{template}.mark"]


def test_a_host_that_does_not_read_loses_output_but_no_exit(host: Host) -> None:
    host.template()
    storm, other = host.worker(), host.worker()
    host.pause()
    assert storm.call("faulty:print_storm", [10_000_000]) == 100_000
    assert other.call("faulty:echo", [1]) == 1
    storm.write("faulty:os_exit", [9])
    with pytest.raises((EOFError, ConnectionError)):
        storm.read()
    host.resume()
    assert host.exited(storm)["exitCode"] == 9
    dropped = host.heard("dropped", worker=storm.hello["worker"])
    lines = sum(len(e["lines"]) for e in host.heard("output", worker=storm.hello["worker"]))
    assert dropped
    assert lines + sum(e["lines"] for e in dropped) == 100_000
    assert sum(e["bytes"] for e in dropped) > 0
