# SPDX-License-Identifier: Apache-2.0
"""What comes out of a worker besides its replies: prints, log records, progress, stack dumps."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from fakehost import Host, lines
from serpentry import protocol


def counter(host: Host, stream: str, worker: int = 1) -> Callable[[], tuple[int, int]]:
    """Counts a worker's lines that have come and that were dropped, looking at each report once."""
    seen = come = dropped = 0

    def counted() -> tuple[int, int]:
        nonlocal seen, come, dropped
        for event in host.events[seen:]:
            if (event["op"], event.get("worker"), event.get("stream")) == ("output", worker, stream):
                come += len(event["lines"])
            elif (event["op"], event.get("worker")) == ("dropped", worker):
                dropped += event["lines"]
        seen = len(host.events)
        return come, dropped

    return counted


def test_what_is_printed_reaches_the_host_and_never_the_call_channel(host: Host, method: str) -> None:
    host.template(method=method)
    worker = host.worker()
    worker.call("faulty:print_lines", [["one", "zwei – 二", "drei"]])
    worker.call("faulty:print_lines", [["oops"], "stderr"])
    worker.call("faulty:write_descriptor", [1, "raw\n"])
    assert worker.call("faulty:subprocess_writes", [1, "from a subprocess\n"]) == 0
    assert worker.call("faulty:subprocess_writes", [2, "and its stderr\n"]) == 0
    host.wait(lambda: len(lines(host, "stdout")) == 5 and len(lines(host, "stderr")) == 2, "output")
    assert lines(host, "stdout") == ["one", "zwei – 二", "drei", "raw", "from a subprocess"]
    assert lines(host, "stderr") == ["oops", "and its stderr"]


def test_a_print_storm_neither_blocks_a_neighbour_nor_loses_count_of_a_line(host: Host) -> None:
    host.template()
    storm, other = host.worker(), host.worker()
    told = counter(host, "stdout")
    storm.write("faulty:print_storm", [10_000_000])
    host.wait(lambda: told()[0], "output")
    for i in range(50):
        assert other.call("faulty:echo", [i]) == i
        host.pump()
    reply = host.wait(lambda: host.word(storm) == 1 | protocol.BEGUN_DONE, "end of the storm")
    assert reply
    assert storm.reply() == (protocol.RESULT, 100_000)
    # A host too busy to take them all in is told how many it has missed.
    host.wait(lambda: sum(told()) == 100_000, "all lines or their count")


def test_long_lines_come_in_pieces_and_the_last_one_without_its_end(host: Host) -> None:
    host.template()
    worker = host.worker()
    worker.call("faulty:write_descriptor", [1, "ü" * 10_000 + "\nrest"])
    worker.write("faulty:os_exit", [0])
    exited = host.exited(worker)
    found = lines(host, "stdout")
    assert all(len(piece.encode()) <= 8192 for piece in found)
    assert "".join(found) == "ü" * 10_000 + "rest"
    assert exited["tail"][-1] == "rest"


def test_log_records_carry_level_session_and_trace(host: Host) -> None:
    host.template()
    worker = host.worker()
    worker.call("faulty:log", ["hello", 30], session="s", traceparent="t")
    worker.call("faulty:log_failure", ["it failed"])
    host.wait(lambda: len([r for e in host.heard("log") for r in e["records"]]) == 2, "records")
    first, second = (r for e in host.heard("log", worker=1) for r in e["records"])
    assert (first["logger"], first["level"], first["message"]) == ("faulty", 30, "hello")
    assert (first["session"], first["trace"], first["request"], first["traceback"]) == ("s", "t", 1, None)
    assert first["time"] > 1e9
    assert "logged, not raised" in second["traceback"]
    assert second["level"] == 40


def test_progress_arrives_in_order(host: Host) -> None:
    host.template()
    worker = host.worker()
    worker.call("faulty:progress", [[1, {"done": 0.5}, "x"]])
    host.wait(lambda: len(host.heard("progress")) == 3, "progress")
    assert [e["value"] for e in host.heard("progress", worker=1, request=1)] == [1, {"done": 0.5}, "x"]


def test_a_claimed_signal_is_logged_with_its_key(host: Host, tmp_path: Path) -> None:
    (tmp_path / "claims.py").write_text(
        "import signal, serpentry\nsignal.signal(signal.SIGUSR2, lambda n, f: None)\n"
        "@serpentry.expose\ndef f(): return 1\n"
    )
    host.template(roots=(str(tmp_path),))
    assert host.worker().call("claims:f") == 1
    (record,) = host.event("log")["records"]
    assert record["level"] == 40
    assert "SIGUSR2" in record["message"]
    assert "dump-signal" in record["message"]


def test_an_endless_loop_shows_its_stack(host: Host, method: str) -> None:
    host.template(method=method)
    worker = host.worker()
    worker.write("faulty:spin")
    host.wait(lambda: host.word(worker) == 1, "begun word")
    host.signal(worker, "dump")
    assert " in spin" in host.event("dump", worker=1)["text"]
    host.signal(worker, "kill")
    exited = host.exited(worker)
    assert exited["signal"] == signal.SIGKILL
    assert " in spin" in exited["dump"]
