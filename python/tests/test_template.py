# SPDX-License-Identifier: Apache-2.0
"""Templates: good, bad, dying, stopped and dropped ones."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from fakehost import Host, alive


def module(directory: Path, text: str, name: str = "preloaded") -> dict[str, tuple[str, ...]]:
    (directory / f"{name}.py").write_text(text)
    return {"preload": (name,), "roots": (str(directory),)}


def test_a_preload_that_raises_is_reported_with_its_traceback(host: Host, tmp_path: Path) -> None:
    host.template(ready=False, **module(tmp_path, "print('so far')\n1/0\n"))
    failed = host.event("template-failed")
    assert failed["generation"] == 1
    assert "ZeroDivisionError" in str(failed["error"])
    assert failed["exitCode"] == 1
    assert "so far" in failed["tail"]


def test_a_preload_that_segfaults_is_reported_with_its_stack(host: Host, tmp_path: Path) -> None:
    host.template(ready=False, **module(tmp_path, "import ctypes\nctypes.string_at(0)\n"))
    failed = host.event("template-failed")
    assert failed["signal"] == signal.SIGSEGV
    assert any("preloaded.py" in line for line in failed["tail"])


def test_a_preload_without_end_is_dropped_and_tells_where_it_was(host: Host, tmp_path: Path) -> None:
    host.template(ready=False, **module(tmp_path, "print('begun')\nwhile True: pass\n"))
    host.event("output", worker=0, generation=1, lines=["begun"])
    number = host.spawn()
    host.say("drop-template", generation=1)
    failed = host.event("template-failed")
    assert "dropped" in failed["reason"]
    assert any("preloaded.py" in line for line in failed["tail"])
    assert "dropped" in host.event("spawn-failed", worker=number)["reason"]


def test_a_preload_that_claims_a_signal_names_the_keys(host: Host, tmp_path: Path) -> None:
    text = "import signal\nsignal.signal(signal.SIGUSR1, lambda n, f: None)\n"
    host.template(ready=False, **module(tmp_path, text))
    reason = host.event("template-failed")["reason"]
    assert "SIGUSR1" in reason
    assert "cancel-signal" in reason
    host.template(2, cancelSignal="SIGRTMIN", dumpSignal="SIGUSR2", **module(tmp_path, text))
    worker = host.worker(2)
    worker.write("serpentry:ping")
    assert worker.reply()[1]["status"] == "ok"


def test_a_preload_that_starts_threads_is_warned_of(host: Host, tmp_path: Path) -> None:
    text = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    host.template(**module(tmp_path, text))
    warnings = host.event("template-ready")["warnings"]
    assert len(warnings) == 1
    assert "start-method=spawn" in warnings[0]


def test_bad_settings_fail_the_template_not_the_launcher(host: Host) -> None:
    host.template(ready=False, workingDirectory="/does/not/exist")
    assert "/does/not/exist" in str(host.event("template-failed", generation=1))
    host.template(2, ready=False, cancelSignal="SIGNONE")
    assert "cancel-signal=SIGNONE" in host.event("template-failed", generation=2)["reason"]
    host.template(3)
    assert host.worker(3).call("faulty:echo", [1]) == 1


def test_a_killed_template_leaves_its_workers_alive(host: Host) -> None:
    host.template()
    workers = [host.worker() for _ in range(3)]
    os.kill(host.event("template-ready")["pid"], signal.SIGKILL)
    failed = host.event("template-failed")
    assert failed["signal"] == signal.SIGKILL
    assert [w.call("faulty:echo", [1]) for w in workers] == [1, 1, 1]
    number = host.spawn()
    assert "no living template" in host.event("spawn-failed", worker=number)["reason"]
    os.kill(workers[0].hello["pid"], signal.SIGKILL)
    assert host.exited(workers[0])["signal"] == signal.SIGKILL
    host.template(1)
    assert host.worker().call("faulty:echo", [2]) == 2


def test_a_stopped_template_is_killed_and_its_requests_fail(host: Host) -> None:
    host.template()
    worker = host.worker()
    pid = host.event("template-ready")["pid"]
    os.kill(pid, signal.SIGSTOP)
    numbers = [host.spawn() for _ in range(3)]
    for number in numbers:
        assert "did not answer" in host.event("spawn-failed", worker=number)["reason"]
    assert "did not answer" in host.event("template-failed")["reason"]
    assert not alive(pid)
    assert worker.call("faulty:echo", [1]) == 1


def test_a_dropped_template_ends_quietly_and_its_workers_live(host: Host) -> None:
    host.template(1)
    old = host.worker(1)
    host.template(2)
    host.say("drop-template", generation=1)
    first = host.event("template-ready", generation=1)["pid"]
    host.wait(lambda: not alive(first), "end of the old template")
    assert old.call("faulty:echo", [1]) == 1
    assert host.worker(2).call("faulty:echo", [2]) == 2
    assert host.heard("template-failed") == []


def test_killing_a_template_amid_forks_accounts_for_every_worker(host: Host) -> None:
    host.template()
    numbers = [host.spawn() for _ in range(40)]
    host.event("started", worker=numbers[3])
    os.kill(host.event("template-ready")["pid"], signal.SIGKILL)
    host.event("template-failed")

    def settled() -> bool:
        started = {e["worker"] for e in host.heard("started")}
        failed = {e["worker"] for e in host.heard("spawn-failed")}
        assert not started & failed
        return started | failed == set(numbers) and started <= set(host.calls)

    host.wait(settled, "an answer for each worker")
    failed = {e["worker"] for e in host.heard("spawn-failed")}
    children = Path(f"/proc/{host.launcher.pid}/task/{host.launcher.pid}/children")
    started = {e["pid"] for e in host.heard("started")}
    host.wait(lambda: set(map(int, children.read_text().split())) == started, "end of the unannounced")
    assert failed


def test_workers_get_the_variables_that_keep_libraries_to_one_thread(host: Host) -> None:
    host.template(threads=2)
    assert host.worker().call("faulty:environment", ["OPENBLAS_NUM_THREADS"]) == "2"
    assert host.worker(OMP_NUM_THREADS="7").call("faulty:environment", ["OMP_NUM_THREADS"]) == "7"
