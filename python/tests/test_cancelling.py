# SPDX-License-Identifier: Apache-2.0
"""Cancelling, through the launcher and by direct signals at random moments."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import threading
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from fakehost import PATIENCE, Call, Host
from serpentry import cancelling, protocol
from serpentry.context import begin, end
from serpentry.errors import CallCancelled

STRESS_CALLS = 1500


def test_a_cancelled_loop_answers_cancelled_and_the_worker_serves_on(host: Host, method: str) -> None:
    host.template(method=method)
    worker = host.worker()
    worker.write("faulty:spin")
    begun = host.wait(lambda: host.word(worker) == 1, "begun word")
    assert begun
    worker.cancel()
    host.signal(worker, "cancel")
    kind, error = worker.reply()
    assert (kind, error["code"]) == (protocol.ERROR, "CANCELLED")
    assert worker.call("faulty:echo", [5]) == 5


def test_a_cancel_that_arrives_with_its_call_is_not_lost(host: Host) -> None:
    host.template()
    worker = host.worker()
    os.kill(worker.hello["pid"], signal.SIGSTOP)
    worker.write("faulty:spin")
    worker.cancel()
    os.kill(worker.hello["pid"], signal.SIGUSR1)
    os.kill(worker.hello["pid"], signal.SIGCONT)
    kind, error = worker.reply()
    assert (kind, error["code"]) == (protocol.ERROR, "CANCELLED")


def test_a_cancel_for_another_call_does_nothing(host: Host) -> None:
    host.template()
    worker = host.worker()
    assert worker.call("faulty:echo", [1]) == 1
    worker.write("faulty:sleep", [0.2])
    worker.cancel(request=1)
    os.kill(worker.hello["pid"], signal.SIGUSR1)
    assert worker.reply() == (protocol.RESULT, "slept")
    assert worker.call("faulty:echo", [2]) == 2


def test_a_signal_without_a_cancel_frame_does_nothing(host: Host) -> None:
    host.template()
    worker = host.worker()
    os.kill(worker.hello["pid"], signal.SIGUSR1)
    assert worker.call("faulty:echo", [1]) == 1
    worker.write("faulty:sleep", [0.2])
    os.kill(worker.hello["pid"], signal.SIGUSR1)
    assert worker.reply() == (protocol.RESULT, "slept")


def test_a_wait_in_a_system_call_is_cancelled(host: Host) -> None:
    host.template()
    worker = host.worker()
    worker.write("faulty:sleep", [600])
    host.wait(lambda: host.word(worker) == 1, "begun word")
    worker.cancel()
    host.signal(worker, "cancel")
    assert worker.reply()[1]["code"] == "CANCELLED"


@pytest.mark.parametrize("function", ["async_sleep", "async_spin"])
def test_an_async_function_is_cancelled_and_the_next_one_runs(host: Host, function: str) -> None:
    host.template()
    worker = host.worker()
    assert worker.call("faulty:async_echo", ["warm"]) == "warm"
    worker.write(f"faulty:{function}", [600] if function == "async_sleep" else [])
    host.wait(lambda: host.word(worker) == 2, "begun word")
    worker.cancel()
    host.signal(worker, "cancel")
    assert worker.reply()[1]["code"] == "CANCELLED"
    assert worker.call("faulty:async_echo", ["next"]) == "next"


def test_a_cancel_swallowed_by_a_destructor_strikes_again(host: Host) -> None:
    host.template()
    worker = host.worker()
    worker.write("faulty:spin_in_destructors")
    host.wait(lambda: host.word(worker) == 1, "begun word")
    worker.cancel()
    host.signal(worker, "cancel")
    assert worker.reply()[1]["code"] == "CANCELLED"


def test_an_import_that_a_cancel_meets_is_finished_before_the_call_ends(host: Host, tmp_path: Path) -> None:
    # Struck in the middle it would leave what it had imported so far to every later call.
    (tmp_path / "half.py").write_text(
        f"import serpentry\nopen({str(tmp_path / 'begun')!r}, 'x').close()\n"
        "while not serpentry.context().cancelled(): pass\ndone = True\n"
    )
    (tmp_path / "importing.py").write_text(
        "import sys\nimport serpentry\n"
        "@serpentry.expose\ndef spin():\n    import half\n    while True: pass\n"
        "@serpentry.expose\ndef whole(): return 'half' in sys.modules and sys.modules['half'].done\n"
    )
    host.template(roots=(str(tmp_path),))
    worker = host.worker()
    assert worker.call("importing:whole") is False
    worker.write("importing:spin")
    host.wait((tmp_path / "begun").exists, "the import")
    worker.cancel()
    host.signal(worker, "cancel")
    assert worker.reply()[1]["code"] == "CANCELLED"
    assert worker.call("importing:whole") is True


def test_a_cancel_strikes_again_even_when_its_thread_gets_ahead_of_the_hook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As on a busy machine: the thread has looked twice before the hook that starts it goes on.
    looks, looked, struck = [0], threading.Event(), threading.Event()

    def sleep(_seconds: float) -> None:
        looks[0] += 1
        if looks[0] > 2:
            looked.set()

    class Thread(threading.Thread):
        def start(self) -> None:
            super().start()
            looked.wait(PATIENCE)

    monkeypatch.setattr(cancelling.time, "sleep", sleep)
    monkeypatch.setattr(cancelling.threading, "Thread", Thread)
    monkeypatch.setattr(cancelling.signal, "pthread_kill", lambda _thread, _number: struck.set())
    handlers = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    hook = sys.unraisablehook
    canceller = cancelling.Canceller(*handlers)
    begin(7, 0, None, None)
    try:
        canceller._struck = 7
        canceller._on_unraisable(SimpleNamespace(exc_value=CallCancelled()))
        assert struck.wait(PATIENCE)
        assert canceller.running == 7
    finally:
        end()
        sys.unraisablehook = hook
        for number, handler in handlers.items():
            signal.signal(number, handler)


def test_a_cancel_that_meets_asyncio_scheduling_the_next_step_still_ends_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    hook = sys.unraisablehook
    canceller = cancelling.Canceller(*handlers)
    monkeypatch.setattr(canceller, "_is_waiting", lambda _request: True)
    met: list[str] = []

    def at_call_soon(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_name == "call_soon":
            sys.setprofile(None)
            met.append(frame.f_globals["__name__"])
            canceller._on_signal(signal.SIGUSR1, frame)

    async def function() -> None:
        # A task that is lost would wait for ever: then this ends the loop.
        asyncio.get_running_loop().call_later(PATIENCE, asyncio.get_running_loop().stop)
        sys.setprofile(at_call_soon)
        await asyncio.sleep(0)
        await asyncio.sleep(2 * PATIENCE)

    begin(7, 0, None, None)
    try:
        canceller.running = 7
        with pytest.raises(CallCancelled):
            canceller.run_coroutine(function())
        assert met == ["asyncio.base_events"]
    finally:
        sys.setprofile(None)
        end()
        sys.unraisablehook = hook
        for number, handler in handlers.items():
            signal.signal(number, handler)
        assert canceller.loop is not None
        canceller.loop.close()
        asyncio.set_event_loop(None)


def test_a_strike_that_comes_while_the_next_one_is_prepared_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    hook = sys.unraisablehook
    canceller = cancelling.Canceller(*handlers)
    monkeypatch.setattr(canceller, "_is_waiting", lambda _request: True)
    started: list[str] = []

    class EagerThread:
        """Strikes before its start has returned, as a thread on a busy machine may."""

        def __init__(self, **_arguments: Any) -> None:
            pass

        def start(self) -> None:
            canceller._on_signal(signal.SIGUSR1, sys._getframe())
            started.append("returned")

    monkeypatch.setattr(cancelling.threading, "Thread", EagerThread)
    begin(7, 0, None, None)
    try:
        canceller.running = 7
        canceller._strike_later(7)
        assert started == ["returned"]
        with pytest.raises(CallCancelled):
            canceller._on_signal(signal.SIGUSR1, sys._getframe())
    finally:
        end()
        sys.unraisablehook = hook
        for number, handler in handlers.items():
            signal.signal(number, handler)


def test_code_that_swallows_every_exception_is_left_to_the_next_rung(host: Host) -> None:
    host.template()
    worker = host.worker()
    worker.write("faulty:swallow")
    host.event("progress", value="swallowing")
    worker.cancel()
    host.signal(worker, "cancel")
    host.signal(worker, "dump")
    assert "swallow" in host.event("dump")["text"]
    host.signal(worker, "term")
    assert host.exited(worker)["signal"] == signal.SIGTERM


def _stress(host: Host, worker: Call, target: str, arguments: list[Any], seed: int) -> tuple[int, int]:
    """Cancels half of the calls, some before, some while, some after they run; returns (done, cancelled)."""
    moments = random.Random(seed)
    pid = worker.hello["pid"]
    done = cancelled = 0
    for _ in range(STRESS_CALLS):
        request = worker.write(target, [*arguments, worker.request + 1])
        if moments.random() < 0.6:
            for _ in range(moments.randrange(0, 400)):
                pass
            worker.cancel()
            os.kill(pid, signal.SIGUSR1)
        frame = worker.read()
        assert frame.request == request
        value = json.loads(frame.payload)
        if frame.kind == protocol.RESULT:
            assert value == request
            done += 1
        else:
            assert value["code"] == "CANCELLED", value
            cancelled += 1
    return done, cancelled


@pytest.mark.parametrize(
    "target", ["faulty:raise_and_return", "faulty:echo", "faulty:async_echo", "faulty:encode_slowly"]
)
def test_thousands_of_cancels_at_any_moment_never_strike_another_call(host: Host, target: str) -> None:
    host.template()
    worker = host.worker()
    done, cancelled = _stress(host, worker, target, [], seed=len(target))
    assert done + cancelled == STRESS_CALLS
    assert done > 0
    assert cancelled > 0
    assert worker.call("faulty:echo", ["alive"]) == "alive"
    assert host.heard("exited") == []
