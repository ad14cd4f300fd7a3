# SPDX-License-Identifier: Apache-2.0
"""Streams, driven through the real launcher, in workers with one call and with several."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakehost import Call, Host
from serpentry import protocol
from serpentry.protocol import CREDIT, ERROR, ITEM, RESULT

PLENTY = (1 << 30, 1 << 40)
ROOM = 1 << 40
PLACES = [1, 4]
KINDS = ["", "_async"]


@pytest.fixture(params=PLACES, ids=["one call", "several calls"])
def worker(request: pytest.FixtureRequest, host: Host, method: str) -> Call:
    host.template(preload=("streams", "faulty"), method=method, callsPerWorker=request.param)
    return host.worker()


def item(worker: Call) -> Any:
    """The next item of the last call."""
    frame = worker.read()
    assert (frame.kind, frame.request) == (ITEM, worker.request), frame
    return json.loads(frame.payload)


def items(worker: Call) -> tuple[list[Any], int, Any]:
    """All items of the last call, and kind and value of its reply."""
    found = []
    while True:
        frame = worker.read()
        assert frame.request == worker.request
        value = json.loads(frame.payload)
        if frame.kind != ITEM:
            return found, frame.kind, value
        found.append(value)


def more(worker: Call, count: int, size: int = ROOM) -> None:
    worker.sock.sendall(protocol.pack(CREDIT, worker.request, protocol.pack_credit((count, size))))


def ended(host: Host, name: str) -> None:
    host.event("progress", value=f"ended {name}")


@pytest.mark.parametrize("function", ["count", "count_async", "made_async"])
def test_items_come_in_their_order_before_the_result(worker: Call, function: str) -> None:
    worker.write(f"streams:{function}", [1000], credit=PLENTY)

    assert items(worker) == (list(range(1000)), RESULT, None)


def test_an_empty_stream_is_a_result(worker: Call) -> None:
    worker.write("streams:count", [0], credit=PLENTY)

    assert items(worker) == ([], RESULT, None)


def test_items_are_written_by_the_rules_for_results(worker: Call) -> None:
    worker.write("streams:mixed", credit=PLENTY)

    assert items(worker) == ([{"text": "ä", "n": 1}, None, [1, 2], "YWI=", 1.5], RESULT, None)


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_raises_follows_the_items_before(worker: Call, kind: str) -> None:
    worker.write(f"streams:then_raise{kind}", [3], credit=PLENTY)

    found, reply, error = items(worker)

    assert (found, reply) == ([0, 1, 2], ERROR)
    assert (error["code"], error["type"], error["message"]) == (
        "PYTHON",
        "builtins.LookupError",
        "no more tokens",
    )


def test_an_item_that_json_cannot_carry_ends_the_stream(worker: Call) -> None:
    worker.write("streams:unwritable", credit=PLENTY)

    found, reply, error = items(worker)

    assert (found, reply, error["code"]) == ([1], ERROR, "ENCODING")


def test_what_is_no_stream_is_told_so(worker: Call) -> None:
    worker.write("streams:not_a_stream", credit=PLENTY)

    found, reply, error = items(worker)

    assert (found, reply, error["code"]) == ([], ERROR, "NOT_A_STREAM")
    assert "type int" in error["message"]


@pytest.mark.parametrize("function", ["count", "count_async"])
def test_a_generator_called_without_stream_is_told_so(worker: Call, function: str) -> None:
    error = worker.error(f"streams:{function}", [1])

    assert error["code"] == "ENCODING"
    assert "stream()" in error["message"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_more_items_come_than_there_is_credit_for(host: Host, worker: Call, kind: str) -> None:
    worker.write(f"streams:endless{kind}", ["a"], credit=(2, ROOM))
    assert [item(worker), item(worker)] == ["x", "x"]

    more(worker, 3)
    assert [item(worker) for _ in range(3)] == ["x"] * 3

    cancel(host, worker)
    found, reply, _ = items(worker)
    assert (found, reply) == ([], ERROR)
    # At most one more than it could send: it waits with it in its hand.
    assert worker.call("streams:produced", ["a"]) <= 6


def cancel(host: Host, worker: Call) -> None:
    worker.cancel()
    host.signal(worker, "cancel")


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_are_credit_as_well_and_one_item_may_overdraw_it(host: Host, worker: Call, kind: str) -> None:
    worker.write(f"streams:endless{kind}", ["a", 100], credit=(1000, 150))
    assert len(item(worker)) == 100
    assert len(item(worker)) == 100  # 150 - 102 were left

    more(worker, 0, 54)  # pays the debt
    more(worker, 0, 1)
    assert len(item(worker)) == 100

    cancel(host, worker)
    found, reply, _ = items(worker)
    assert (found, reply) == ([], ERROR)
    assert worker.call("streams:produced", ["a"]) <= 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_cancelled_while_it_waits_for_credit_runs_its_finally(
    host: Host, worker: Call, kind: str
) -> None:
    worker.write(f"streams:endless{kind}", ["a"], credit=(1, ROOM))
    item(worker)

    cancel(host, worker)

    found, reply, error = items(worker)
    assert (found, reply, error["code"]) == ([], ERROR, "CANCELLED")
    assert worker.call("streams:ended") == ["a"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_cancelled_while_it_sends_runs_its_finally(host: Host, worker: Call, kind: str) -> None:
    for round_ in range(30):
        name = f"{kind}{round_}"
        worker.write(f"streams:endless{kind}", [name], credit=PLENTY)
        item(worker)

        cancel(host, worker)

        _, reply, error = items(worker)
        assert (reply, error["code"]) == (ERROR, "CANCELLED")
        assert worker.call("streams:ended")[-1] == name


@pytest.mark.parametrize("function", ["then_spin", "then_wait_async"])
def test_a_stream_cancelled_while_it_works_runs_its_finally(host: Host, worker: Call, function: str) -> None:
    worker.write(f"streams:{function}", ["a", 2], credit=(5, ROOM))
    assert [item(worker), item(worker)] == [0, 1]

    cancel(host, worker)

    found, reply, error = items(worker)
    assert (found, reply, error["code"]) == ([], ERROR, "CANCELLED")
    assert worker.call("streams:ended") == ["a"]


def test_a_cancellation_behind_credit_is_found(host: Host, worker: Call) -> None:
    worker.write("streams:then_spin", ["a", 2], credit=(5, ROOM))
    assert [item(worker), item(worker)] == [0, 1]

    more(worker, 1)
    more(worker, 1)
    cancel(host, worker)

    assert items(worker)[1] == ERROR
    assert worker.call("streams:ended") == ["a"]


def test_a_generator_that_swallows_its_cancellation_ends_at_its_next_item(host: Host, worker: Call) -> None:
    worker.write("streams:stubborn", ["a"], credit=PLENTY)
    assert item(worker) == 1

    cancel(host, worker)

    _, reply, error = items(worker)
    assert (reply, error["code"]) == (ERROR, "CANCELLED")
    assert worker.call("streams:ended") == ["a"]


def test_credit_that_comes_after_the_end_is_dropped(worker: Call) -> None:
    worker.write("streams:count", [3], credit=PLENTY)
    assert items(worker) == ([0, 1, 2], RESULT, None)

    more(worker, 5)
    more(worker, 5)

    assert worker.call("faulty:add", [1, 2]) == 3


def test_a_stream_of_a_session_changes_its_state(worker: Call) -> None:
    state = protocol.SessionField(serial=5, version=0)
    worker.write("streams:remember", [4], credit=PLENTY, session="s", state=state)
    for number in range(4):
        assert item(worker) == number

    frame = worker.read()

    assert frame.kind == RESULT
    assert frame.payload == b'null{"yielded":4}'


def test_the_host_leaving_ends_a_stream_that_waits_for_credit(host: Host, worker: Call) -> None:
    worker.write("streams:endless", ["a"], credit=(1, ROOM))
    item(worker)

    worker.sock.close()

    exit_ = host.exited(worker)
    assert exit_["exitCode"] == 0, exit_


def test_neighbours_go_on_while_a_stream_waits_for_credit(host: Host) -> None:
    host.template(preload=("streams", "faulty"), callsPerWorker=4)
    worker = host.worker()
    streams = [worker.write(f"streams:endless{kind}", ["a"], credit=(1, ROOM)) for kind in KINDS]
    assert {worker.read().request for _ in streams} == set(streams)

    for number in range(100):
        assert worker.call("faulty:add", [number, 1]) == number + 1

    for stream in streams:
        worker.cancel(stream)
    assert {(worker.read().kind, worker.read().kind)} == {(ERROR, ERROR)}
