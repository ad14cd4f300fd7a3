# SPDX-License-Identifier: Apache-2.0
"""Workers with several calls at once, driven through the real launcher."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from fakehost import Call, Host
from serpentry import protocol

STRESS_CALLS = 6000
KINDS = ["", "_async"]


def several(host: Host, places: int = 8, method: str = "forkserver") -> Call:
    host.template(preload=("several", "faulty"), method=method, callsPerWorker=places)
    return host.worker()


def replies(worker: Call, count: int) -> dict[int, tuple[int, Any]]:
    """The next replies, by request, in the order of their arrival."""
    found = {}
    for _ in range(count):
        frame = worker.read()
        assert frame.request not in found
        found[frame.request] = (frame.kind, json.loads(frame.payload))
    return found


def waiting(host: Host, request: int) -> None:
    host.event("progress", request=request, value="waiting")


def result_of(worker: Call, target: str, arguments: Any = None) -> Any:
    """Calls while others run and returns the result, which must be the next reply."""
    return worker.call(target, arguments)


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_calls_are_in_one_worker_at_once(host: Host, method: str, kind: str) -> None:
    worker = several(host, 50, method)
    sent = {worker.write(f"several:meet{kind}", ["all", 50, f"token {i}"]): f"token {i}" for i in range(50)}
    found = replies(worker, 50)
    assert {request: value for request, (_, value) in found.items()} == sent


def test_replies_come_in_the_order_of_their_ends(host: Host) -> None:
    worker = several(host)
    first = worker.write("several:wait_for", ["a", "first"])
    second = worker.write("several:wait_for_async", ["b", "second"])
    waiting(host, first)
    waiting(host, second)
    assert result_of(worker, "faulty:echo", ["third"]) == "third"
    worker.write("several:let_go", ["b"])
    assert replies(worker, 2)[second] == (protocol.RESULT, "second")
    worker.write("several:let_go", ["a"])
    assert replies(worker, 2)[first] == (protocol.RESULT, "first")


@pytest.mark.parametrize("kind", KINDS)
def test_cancelling_one_call_leaves_its_neighbours_alone(host: Host, kind: str) -> None:
    worker = several(host)
    sent = [worker.write(f"several:wait_for{kind}", ["a", i]) for i in range(8)]
    for request in sent:
        waiting(host, request)
    worker.cancel(sent[3])
    frame = worker.read()
    assert frame.request == sent[3]
    assert json.loads(frame.payload)["code"] == "CANCELLED"
    assert "cancelled by the host" in json.loads(frame.payload)["message"]
    worker.write("several:let_go", ["a"])
    found = replies(worker, 8)
    assert [found[request] for request in sent if request != sent[3]] == [
        (protocol.RESULT, i) for i in range(8) if i != 3
    ]


def test_a_call_not_begun_yet_is_answered_as_cancelled(host: Host) -> None:
    worker = several(host, 2)
    held = [worker.write("several:wait_for", ["a", i]) for i in range(2)]
    for request in held:
        waiting(host, request)
    queued = worker.write("several:wait_for", ["a", "never runs"])
    worker.cancel(queued)
    assert queued not in host.all_words(worker)
    worker.cancel(held[0])
    found = replies(worker, 2)
    assert found[queued][1]["code"] == "CANCELLED"
    assert host.heard("progress", request=queued) == []
    assert result_of(worker, "faulty:echo", [1]) == 1


def test_a_cancel_for_a_call_that_has_ended_does_nothing(host: Host) -> None:
    worker = several(host, 2)
    assert worker.call("faulty:echo", [1]) == 1
    sent = worker.write("several:wait_for", ["a", "mine"])
    waiting(host, sent)
    worker.cancel(1)
    worker.cancel(999)
    worker.write("several:let_go", ["a"])
    assert replies(worker, 2)[sent] == (protocol.RESULT, "mine")


def test_the_signal_of_workers_with_one_call_does_nothing(host: Host) -> None:
    worker = several(host)
    sent = worker.write("several:wait_for", ["a", "mine"])
    waiting(host, sent)
    host.signal(worker, "cancel")
    host.signal(worker, "dump")
    assert "wait_for" in host.event("dump")["text"]
    worker.write("several:let_go", ["a"])
    assert replies(worker, 2)[sent] == (protocol.RESULT, "mine")


def test_a_cancel_swallowed_by_a_destructor_strikes_again(host: Host) -> None:
    worker = several(host, 2)
    sent = worker.write("faulty:spin_in_destructors")
    host.wait(lambda: sent in host.all_words(worker), "begun word")
    worker.cancel(sent)
    assert replies(worker, 1)[sent][1]["code"] == "CANCELLED"
    assert worker.call("faulty:echo", [1]) == 1


def test_a_module_that_a_cancelled_call_imports_is_whole_for_the_next_call(
    host: Host, tmp_path: Path
) -> None:
    # Struck in its own code, not in the import system's, it would leave what it had imported so far behind.
    (tmp_path / "half.py").write_text(
        f"import serpentry\nopen({str(tmp_path / 'begun')!r}, 'x').close()\n"
        "while not serpentry.context().cancelled(): pass\ndone = True\n"
    )
    (tmp_path / "importing.py").write_text(
        "import sys\nimport serpentry\n"
        "@serpentry.expose\ndef spin():\n    import half\n    while True: pass\n"
        "@serpentry.expose\ndef whole(): return 'half' in sys.modules and sys.modules['half'].done\n"
    )
    host.template(roots=(str(tmp_path),), callsPerWorker=2)
    worker = host.worker()
    assert worker.call("importing:whole") is False
    sent = worker.write("importing:spin")
    host.wait((tmp_path / "begun").exists, "the import")
    worker.cancel(sent)
    assert replies(worker, 1)[sent][1]["code"] == "CANCELLED"
    assert worker.call("importing:whole") is True


def test_a_call_that_swallows_its_cancellation_knows_of_it(host: Host) -> None:
    worker = several(host)
    sent = worker.write("several:cancelled_here", ["a"])
    waiting(host, sent)
    worker.cancel(sent)
    assert replies(worker, 1)[sent] == (protocol.RESULT, True)


@pytest.mark.parametrize("kind", KINDS)
def test_each_call_has_a_context_of_its_own(host: Host, kind: str) -> None:
    worker = several(host)
    for round_ in range(2):
        sent = {
            worker.write(f"several:facts{kind}", [f"round {round_}", 8], session=f"s{i}"): f"s{i}"
            for i in range(8)
        }
        found = replies(worker, 8)
        for request, session in sent.items():
            value = found[request][1]
            assert value["before"] == [request, session, ""]
            assert value["after"] == [request, session, f"variable of {request}", request]
            assert value["thread"].startswith("serpentry-")
            assert value["daemon"] is True
        if not kind:
            assert len({found[request][1]["thread"] for request in sent}) == 8


def test_async_and_plain_functions_share_a_worker(host: Host) -> None:
    worker = several(host, 16)
    plain = [worker.write("several:meet", ["plain", 8, i]) for i in range(8)]
    tasks = [worker.write("several:meet_async", ["tasks", 8, -i]) for i in range(8)]
    found = replies(worker, 16)
    assert [found[request][1] for request in plain] == list(range(8))
    assert [found[request][1] for request in tasks] == [-i for i in range(8)]


def test_a_word_tells_each_call_that_has_begun(host: Host) -> None:
    worker = several(host, 4)
    sent = [worker.write(f"several:wait_for{kind}", ["a"]) for kind in ("", "_async", "")]
    for request in sent:
        waiting(host, request)
    assert set(sent) <= set(host.all_words(worker))
    worker.write("several:let_go", ["a"])
    replies(worker, 4)
    done = {request | protocol.BEGUN_DONE for request in sent}
    host.wait(lambda: done <= set(host.all_words(worker)), "done words")


def test_a_death_leaves_the_words_of_what_had_begun(host: Host) -> None:
    worker = several(host, 4)
    sent = [worker.write("several:die", ["end", 4]) for _ in range(4)]
    assert host.exited(worker)["exitCode"] == 7
    assert set(sent) <= set(host.all_words(worker))


def test_a_task_that_ends_the_event_loop_leaves_its_neighbours_alone(host: Host) -> None:
    worker = several(host)
    held = worker.write("several:wait_for_async", ["a", "held"])
    waiting(host, held)
    worker.call("several:leave_loop")
    worker.write("several:let_go", ["a"])
    assert replies(worker, 2)[held] == (protocol.RESULT, "held")


def test_a_forked_child_that_returns_cannot_answer(host: Host) -> None:
    worker = several(host)
    held = worker.write("several:wait_for", ["a", "held"])
    waiting(host, held)
    assert result_of(worker, "faulty:fork_and_return") == "parent"
    host.wait(
        lambda: any("forked returned" in line for e in host.heard("output") for line in e["lines"]),
        "its complaint",
    )
    worker.write("several:let_go", ["a"])
    assert replies(worker, 2)[held] == (protocol.RESULT, "held")


def test_large_values_travel_among_small_ones(host: Host) -> None:
    worker = several(host, 4)
    for size in (1000, 65_000, 131_072, 3_000_000):
        text = "x" * size
        sent = [
            worker.write("faulty:echo", [text]),
            worker.write("faulty:length", [text]),
            worker.write("faulty:big", [size]),
            worker.write("faulty:echo", ["small"]),
        ]
        found = replies(worker, 4)
        assert [found[request][1] for request in sent] == [text, size, text, "small"]


def test_errors_of_every_kind_are_answered(host: Host) -> None:
    worker = several(host, 4)
    assert worker.error("faulty:fail", ["ValueError", "mine"])["message"] == "mine"
    assert worker.error("faulty:sys_exit")["type"] == "builtins.SystemExit"
    assert worker.error("faulty:unencodable")["code"] == "ENCODING"
    assert worker.error("faulty:missing")["code"] == "NOT_EXPOSED"
    assert worker.error("faulty:async_sleep", ["text", 2])["code"] == "BINDING"
    header = b"\0\0\0\0\xff\xff"
    worker.request += 1
    worker.sock.sendall(protocol.pack(protocol.CALL, worker.request, b"{}", header))
    assert worker.reply()[1]["code"] == "PROTOCOL"
    assert worker.call("faulty:echo", [1]) == 1


@pytest.mark.parametrize("data", [b"\0\0\0\x0b" + bytes(12), b"\xff" * 16, protocol.pack(protocol.RESULT, 1)])
def test_a_broken_frame_ends_the_worker_with_a_reason(host: Host, data: bytes) -> None:
    worker = several(host)
    worker.sock.sendall(data)
    exited = host.exited(worker)
    assert exited["exitCode"] == os.EX_PROTOCOL
    assert "call channel broke" in exited["tail"][-1]


def test_end_of_file_is_an_orderly_end(host: Host, method: str) -> None:
    worker = several(host, 4, method)
    assert worker.call("faulty:async_echo", [1]) == 1
    assert worker.call("faulty:echo", [1]) == 1
    worker.sock.shutdown(1)
    assert host.exited(worker)["exitCode"] == 0


@pytest.mark.parametrize(
    "target", ["faulty:raise_and_return", "faulty:echo", "faulty:async_echo", "faulty:encode_slowly"]
)
def test_thousands_of_cancels_at_any_moment_never_strike_another_call(host: Host, target: str) -> None:
    places = 4
    worker = several(host, places)
    moments = random.Random(len(target))
    running: set[int] = set()
    wanted: set[int] = set()
    done = cancelled = unasked = sent = 0
    while sent < STRESS_CALLS or running:
        while sent < STRESS_CALLS and len(running) < places:
            request = worker.write(target, [worker.request + 1])
            running.add(request)
            sent += 1
        if moments.random() < 0.6:
            for _ in range(moments.randrange(0, 400)):
                pass
            victim = moments.choice(sorted(running))
            wanted.add(victim)
            worker.cancel(victim)
        frame = worker.read()
        running.remove(frame.request)
        value = json.loads(frame.payload)
        if frame.kind == protocol.RESULT:
            assert value == frame.request
            done += 1
        else:
            assert value["code"] == "CANCELLED", value
            assert str(frame.request) in value["message"]
            cancelled += 1
            unasked += frame.request not in wanted
    assert unasked == 0
    assert done > 0
    assert cancelled > 0
    assert worker.call("faulty:echo", ["alive"]) == "alive"
    assert host.heard("exited") == []
    assert [e for e in host.heard("output") if "Traceback" in str(e["lines"])] == []
