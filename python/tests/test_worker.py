# SPDX-License-Identifier: Apache-2.0
"""Workers: birth, calls, misbehaviour, output, death; by both start methods where they could differ."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from fakehost import TOKEN, Host, alive, lines
from serpentry import protocol

PAYLOAD = 20_000_000


def test_it_introduces_itself_and_answers(host: Host, method: str) -> None:
    host.template(method=method)
    worker = host.worker()
    hello = worker.hello
    assert hello["pid"] == host.event("started")["pid"]
    assert (hello["role"], hello["worker"], hello["codeHash"], hello["codec"]) == ("worker", 1, "abc", "json")
    assert worker.call("faulty:add", {"a": 1, "b": 2}) == 3
    assert worker.call("faulty:add", [1, 2]) == 3
    assert worker.call("faulty:add", [[1], {"b": 2}], mixed=True) == 3


def test_it_is_placed_as_the_settings_say(host: Host, method: str, tmp_path: Path) -> None:
    host.template(
        method=method,
        umask=0o027,
        nice=3,
        workingDirectory=str(tmp_path),
        limits={"data": 1 << 33, "files": 300},
    )
    facts = host.worker().call("faulty:facts")
    assert facts["ppid"] == host.launcher.pid
    assert facts["pgid"] == facts["pid"]
    assert facts["umask"] == 0o027
    assert facts["nice"] == 3
    assert facts["directory"] == str(tmp_path)
    assert (facts["data"], facts["files"], facts["core"]) == (1 << 33, 300, 1)
    assert facts["stdin"] == os.devnull
    # Three standard ones, events, dump, the words' map, the two sockets, and the listing's own.
    assert len(facts["descriptors"]) == 9


def test_the_token_is_neither_in_arguments_nor_environment(host: Host, method: str) -> None:
    host.template(method=method)
    pid = host.worker(COLOUR="blue").call("faulty:pid")
    for name in ("cmdline", "environ"):
        for process in (pid, host.launcher.pid):
            assert TOKEN.encode() not in Path(f"/proc/{process}/{name}").read_bytes()


def test_it_has_the_environment_of_its_slot(host: Host, method: str) -> None:
    host.template(method=method)
    worker = host.worker(CUDA_VISIBLE_DEVICES="3")
    assert worker.call("faulty:environment", ["CUDA_VISIBLE_DEVICES"]) == "3"
    assert worker.call("faulty:environment", ["SERPENTRY_POOL"]) == "test"
    assert host.worker().call("faulty:environment", ["CUDA_VISIBLE_DEVICES"]) is None


def test_calls_and_replies_share_a_connection_where_the_host_knows_no_other(host: Host, method: str) -> None:
    host.calls_apart = False
    host.template(method=method)
    worker = host.worker()
    assert worker.sock is worker.replies
    assert worker.call("faulty:add", [1, 2]) == 3
    worker.sock.shutdown(1)
    assert host.exited(worker)["exitCode"] == 0


def test_replies_come_on_the_first_connection_and_calls_go_on_the_second(host: Host, method: str) -> None:
    host.template(method=method)
    worker = host.worker()
    assert worker.sock is not worker.replies
    worker.call("faulty:add", [1, 2])
    worker.sock.settimeout(0)
    with pytest.raises(BlockingIOError):
        worker.sock.recv(1)
    worker.replies.close()
    worker.write("faulty:add", [1, 2])
    assert host.exited(worker)["exitCode"] == 0


def test_a_refused_worker_says_why_and_exits(host: Host, method: str) -> None:
    host.template(method=method)
    host.refusal = "not wanted today"
    number = host.spawn()
    exited = host.event("exited", worker=number)
    assert exited["exitCode"] == protocol.EXIT_REFUSED
    assert "not wanted today" in exited["tail"][-1]


def test_a_word_outside_the_file_is_an_error_that_says_so(host: Host) -> None:
    host.template()
    host.say("spawn", worker=9, slot=0, generation=1, method="forkserver", word=1 << 20, environment={})
    exited = host.event("exited", worker=9)
    assert exited["exitCode"] == os.EX_UNAVAILABLE
    assert "words file" in exited["tail"][-1]


def test_a_spawned_worker_whose_import_fails_quotes_it(host: Host, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1/0\n")
    host.template(method="spawn", preload=("broken",), roots=(str(tmp_path),))
    number = host.spawn()
    exited = host.event("exited", worker=number)
    assert exited["exitCode"] == 1
    assert any("ZeroDivisionError" in line for line in exited["tail"])
    assert any("broken.py" in line for line in exited["tail"])
    assert not any("registry.py" in line for line in exited["tail"]), "the runtime's own frames"


def test_sixty_four_workers_are_forked_at_once(host: Host) -> None:
    host.template()
    numbers = [host.spawn() for _ in range(64)]
    workers = [host.connected(number) for number in numbers]
    assert len({w.call("faulty:pid") for w in workers}) == 64
    assert len({w.call("faulty:draw") for w in workers}) == 64


@pytest.mark.parametrize(
    ("target", "arguments", "kind", "code"),
    [
        ("faulty:sys_exit", [], "builtins.SystemExit", "PYTHON"),
        ("faulty:fail", ["KeyboardInterrupt"], "builtins.KeyboardInterrupt", "PYTHON"),
        ("faulty:fail", ["GeneratorExit"], "builtins.GeneratorExit", "PYTHON"),
        ("faulty:fail", ["ConnectionResetError"], "builtins.ConnectionResetError", "PYTHON"),
        ("faulty:recurse", [], "builtins.RecursionError", "PYTHON"),
        ("faulty:exhaust_memory", [], "builtins.MemoryError", "PYTHON"),
        ("faulty:unencodable", [], None, "ENCODING"),
        ("faulty:echo", [1, 2, 3], None, "BINDING"),
        ("faulty:missing", [], None, "NOT_EXPOSED"),
        ("serpentry:missing", [], None, "NOT_EXPOSED"),
        ("nowhere:echo", [], None, "MODULE_NOT_FOUND"),
    ],
)
def test_a_failing_call_is_answered_and_the_worker_serves_on(
    host: Host, target: str, arguments: list[Any], kind: str | None, code: str
) -> None:
    host.template()
    worker = host.worker()
    error = worker.error(target, arguments)
    assert error["code"] == code
    if kind is not None:
        assert error["type"] == kind
    assert worker.call("faulty:echo", ["alive"]) == "alive"


def test_a_bad_header_or_payload_is_answered_with_protocol(host: Host) -> None:
    host.template()
    worker = host.worker()
    for header, payload in ((b"\0\0", b"{}"), (protocol.pack_call_header(b"faulty:echo"), b"{")):
        worker.request += 1
        worker.sock.sendall(protocol.pack(protocol.CALL, worker.request, payload, header))
        kind, error = worker.reply()
        assert (kind, error["code"]) == (protocol.ERROR, "PROTOCOL")
    assert worker.call("faulty:echo", ["alive"]) == "alive"


@pytest.mark.parametrize("data", [b"\0\0\0\x0b" + bytes(12), b"\xff" * 16, protocol.pack(protocol.RESULT, 1)])
def test_a_broken_frame_ends_the_worker_with_a_reason(host: Host, data: bytes) -> None:
    host.template()
    worker = host.worker()
    worker.sock.sendall(data)
    exited = host.exited(worker)
    assert exited["exitCode"] == os.EX_PROTOCOL
    assert "call channel broke" in exited["tail"][-1]


def test_the_session_and_trace_of_the_call_header_reach_the_call(host: Host, tmp_path: Path) -> None:
    (tmp_path / "asks.py").write_text(
        "import serpentry\n@serpentry.expose\ndef ask():\n    c = serpentry.context()\n"
        "    return [c.session_id, c.traceparent, c.remaining() > 0, c.request_id]\n"
    )
    host.template(preload=(), roots=(str(tmp_path),))
    answer = host.worker().call("asks:ask", session="s1", traceparent="00-aa-bb-01", remaining_ms=60_000)
    assert answer == ["s1", "00-aa-bb-01", True, 1]


def test_large_values_travel_both_ways(host: Host) -> None:
    host.template()
    worker = host.worker()
    text = "x" * PAYLOAD
    assert worker.call("faulty:length", [text]) == PAYLOAD
    assert worker.call("faulty:big", [PAYLOAD]) == text
    for size in (65_000, 131_000, 131_072, 131_100):
        assert worker.call("faulty:length", ["x" * size]) == size


def test_a_result_above_the_limit_is_answered_with_its_size(host: Host) -> None:
    host.limits = {"frame": 100_000, "nesting": 128}
    host.template()
    worker = host.worker()
    error = worker.error("faulty:big", [200_000])
    assert error["code"] == "RESULT_TOO_LARGE"
    assert error["details"] == {"size": 200_002, "limit": 100_000}
    assert len(worker.call("faulty:big", [99_000])) == 99_000
    assert worker.error("faulty:fail", ["ValueError", "x" * 99_900])["code"] == "PYTHON"


def test_the_word_tells_begun_from_done(host: Host) -> None:
    host.template()
    worker = host.worker()
    assert host.word(worker) == 0
    worker.call("faulty:echo")
    host.wait(lambda: host.word(worker) == 1 | protocol.BEGUN_DONE, "done word")
    worker.write("faulty:os_exit")
    host.exited(worker)
    assert host.word(worker) == 2


def test_pings_echo_their_arguments(host: Host) -> None:
    host.template()
    worker = host.worker()
    plain = worker.call("serpentry:ping")
    assert (plain["status"], plain["pid"], plain["worker"]) == ("ok", worker.hello["pid"], 1)
    assert plain["uptimeSeconds"] >= 0
    assert "echo" not in plain
    assert worker.call("serpentry:ping", {"a": 1})["echo"] == {"a": 1}
    assert worker.call("serpentry:ping", [1, 2])["echo"] == [1, 2]


def test_pings_count_the_collections_since_the_birth_of_the_worker(host: Host) -> None:
    host.template()
    worker = host.worker()
    before = worker.call("serpentry:ping")["collections"]
    worker.call("faulty:collect")
    after = worker.call("serpentry:ping")["collections"]
    assert after[2] == before[2] + 1
    assert before[2] == 0


# --- death -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "status", "number"),
    [("faulty:os_exit", 3, None), ("faulty:segfault", None, signal.SIGSEGV)],
)
def test_a_deadly_call_is_reported_with_status_and_tail(
    host: Host, method: str, target: str, status: int | None, number: int | None
) -> None:
    host.template(method=method)
    worker = host.worker()
    worker.call("faulty:print_lines", [[str(i) for i in range(30)]])
    worker.write(target)
    exited = host.exited(worker)
    assert (exited["exitCode"], exited["signal"]) == (status, number)
    assert len(exited["tail"]) == 20
    if number is None:
        assert exited["tail"][-1] == "29"
    else:
        assert any("in segfault" in line for line in exited["tail"])
    with pytest.raises((EOFError, ConnectionError)):
        worker.read()


def test_end_of_file_is_an_orderly_end(host: Host, method: str, tmp_path: Path) -> None:
    (tmp_path / "leaves.py").write_text(
        "import atexit, serpentry\n@serpentry.expose\ndef f():\n    atexit.register(print, 'bye')\n"
    )
    host.template(method=method, roots=(str(tmp_path),))
    worker = host.worker()
    worker.call("leaves:f")
    worker.sock.shutdown(1)
    exited = host.exited(worker)
    assert exited["exitCode"] == 0
    assert exited["tail"] == ["bye"]


def test_a_stopped_worker_is_killed_with_its_group(host: Host) -> None:
    host.template()
    worker = host.worker()
    child = worker.call("faulty:grandchild", {"new_session": False})
    host.signal(worker, "stop")
    host.signal(worker, "kill")
    assert host.exited(worker)["signal"] == signal.SIGKILL
    host.wait(lambda: not alive(child), "end of its child")


def test_strays_of_a_dead_worker_are_killed_and_those_of_a_living_one_are_not(
    host: Host, method: str
) -> None:
    host.template(method=method)
    dying, living = host.worker(), host.worker()
    theirs = [
        dying.call("faulty:grandchild"),
        dying.call("faulty:daemon"),
        dying.call("faulty:daemon", [True]),
    ]
    kept = living.call("faulty:daemon")
    os.kill(dying.hello["pid"], signal.SIGKILL)
    assert host.exited(dying)["strays"] == 3
    host.wait(lambda: not any(alive(p) for p in theirs), "end of the strays")
    assert alive(kept)
    assert living.call("faulty:echo", [1]) == 1
    host.signal(living, "kill")
    host.exited(living)
    host.wait(lambda: not alive(kept), "end of the last stray")


def test_new_workers_are_never_taken_for_strays(host: Host) -> None:
    host.template()
    for _ in range(6):
        victims = [host.worker() for _ in range(4)]
        numbers = []
        for victim in victims:
            os.kill(victim.hello["pid"], signal.SIGKILL)
            numbers += [host.spawn() for _ in range(3)]
        for number in numbers:
            worker = host.connected(number)
            assert worker.call("faulty:echo", [number]) == number
            worker.sock.shutdown(1)
        for number in numbers:
            assert host.event("exited", worker=number)["exitCode"] == 0


def test_a_worker_killed_before_it_is_announced_is_still_reported(host: Host, tmp_path: Path) -> None:
    host.template()
    host.say("spawn", worker=50, slot=0, generation=1, method="forkserver", word=8, environment={})
    host.say("signal", worker=50, action="kill")
    exited = host.event("exited", worker=50)
    assert exited["signal"] == signal.SIGKILL
    assert host.events.index(host.event("started", worker=50)) < host.events.index(exited)


def test_a_worker_signalled_before_it_is_announced_hears_of_it(host: Host) -> None:
    host.template()
    host.say("spawn", worker=50, slot=0, generation=1, method="forkserver", word=8, environment={})
    host.say("signal", worker=50, action="cancel")
    host.say("signal", worker=50, action="dump")
    assert "serpentry" in host.event("dump", worker=50)["text"]
    assert host.connected(50).call("faulty:echo", [1]) == 1


def test_a_forked_child_that_returns_cannot_answer(host: Host) -> None:
    host.template()
    worker = host.worker()
    assert worker.call("faulty:fork_and_return") == "parent"
    assert worker.call("faulty:echo", ["alive"]) == "alive"
    host.wait(lambda: any("forked returned" in line for line in lines(host, "stderr")), "its complaint")


def test_output_precedes_the_exit(host: Host) -> None:
    host.template()
    worker = host.worker()
    worker.write("faulty:print_storm", [60_000])
    worker.reply()
    worker.write("faulty:os_exit", [0])
    host.exited(worker)
    kinds = [e["op"] for e in host.events if e.get("worker") == 1]
    assert kinds[-1] == "exited"
    assert len(lines(host, "stdout")) == 600


def test_frames_are_json_whatever_is_printed(host: Host) -> None:
    host.template()
    worker = host.worker()
    worker.call("faulty:write_bytes", [1, b"\xff\x00\x1b".hex() + "0a"])
    found = host.event("output", worker=1, stream="stdout")["lines"]
    assert json.dumps(found) == json.dumps(["\\xff\x00\x1b"])
