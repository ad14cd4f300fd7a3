# SPDX-License-Identifier: Apache-2.0
"""What a worker keeps of sessions, and what it tells the host of them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakehost import Host
from serpentry import protocol, sessions
from serpentry.codec import make_codec
from serpentry.context import CallContext, begin, context, end
from serpentry.errors import EncodingError, MalformedCallError
from serpentry.protocol import SessionField
from serpentry.sessions import SessionCall

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "protocol" / "vectors" / "sessions.json").read_text("utf-8")
)
CODEC = make_codec("json")
UNCHANGED = (b"", b"")


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    end()
    sessions.forget(range(100))
    assert sessions.count() == 0


def call(serial: int, version: int, state: bytes | None = None, payload: bytes = b"{}") -> SessionCall:
    field = SessionField(serial, version, None if state is None else len(state))
    found, rest = sessions.begin("s", field, payload + (state or b""), CODEC)
    assert rest == payload
    return found


def answer(of: SessionCall) -> tuple[bytes, bytes]:
    return of.answer(CODEC.dumps)


def returned(header: bytes) -> tuple[int, int, int]:
    tag, length = protocol.FIELD.unpack_from(header)
    assert (tag, length) == (4, len(header) - 3)
    version, flags, size = struct.unpack(">QBI", header[3:])
    return version, flags, size


# --- the wire


@pytest.mark.parametrize("vector", [v for v in VECTORS if "call" in v], ids=name)
def test_the_field_of_a_call_is_read_and_written(vector: dict[str, Any]) -> None:
    told = vector["call"]
    header = bytes.fromhex(vector["headerHex"])
    state = SessionField(int(told["state"]["serial"]), told["state"]["version"], told["state"]["length"])
    found = protocol.parse_call_header(header)
    assert (found.session, found.state) == (told["session"], state)
    assert protocol.pack_call_header(found.target, found.remaining_ms, found.session, None, state) == header


@pytest.mark.parametrize("trace", [None, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
@pytest.mark.parametrize("length", [None, 0, 77])
def test_the_short_way_reads_what_the_general_one_reads(trace: str | None, length: int | None) -> None:
    state = SessionField(1 << 40, 3, length)
    header = memoryview(protocol.pack_call_header(b"m:f", 7, "a café", trace, state))

    assert protocol.parse_session_call(header, 9, len(header)) == ("a café", trace, state)
    general = protocol.parse_call_header(header)
    assert (general.session, general.traceparent, general.state) == ("a café", trace, state)


@pytest.mark.parametrize(
    "fields",
    [
        b"",
        b"\x01\x00",
        b"\x01\x00\x01s",
        b"\x01\x00\x01s\x02\x00\x01t",
        b"\x01\x00\x01\xff\x04\x00\x10" + bytes(16),  # no UTF-8
        b"\x01\x00\x01s\x04\x00\x11" + bytes(17),  # of no known length
        b"\x01\x00\x01s\x04\x00\x10" + bytes(15),  # ends within
        b"\x01\x00\x01s\x04\x00\x10" + bytes(16) + b"\x0d\x00\x00",  # another field behind
        b"\x01\xff\xffs\x04\x00\x10" + bytes(16),  # a length beyond the end
        b"\x04\x00\x10" + bytes(16) + b"\x01\x00\x01s",  # in another order
        b"\x63\x00\x00\x01\x00\x01s\x04\x00\x10" + bytes(16),  # an unknown field before
    ],
)
def test_the_short_way_leaves_everything_else_to_the_general_one(fields: bytes) -> None:
    source = memoryview(b"m:f" + fields + bytes(22))  # the room that a buffer has behind it

    assert protocol.parse_session_call(source, 3, 3 + len(fields)) is None


@pytest.mark.parametrize("vector", [v for v in VECTORS if "callError" in v], ids=name)
def test_a_field_of_another_length_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(protocol.ProtocolError, match="16 or 20 bytes"):
        protocol.parse_call_header(bytes.fromhex(vector["headerHex"]))


def test_an_answer_is_written_as_the_vector_says() -> None:
    vector = next(v for v in VECTORS if v["name"] == "result of a call that changed the state")
    one = call(7, 2, b'{"count":2}')
    one.open()["count"] += 1
    header, state = answer(one)
    assert (header.hex(), (b'"ok"' + state).hex()) == (vector["headerHex"], vector["payloadHex"])


# --- the copies


def test_a_change_travels_and_the_next_version_is_here() -> None:
    first = call(1, 0)
    first.open()["count"] = 1

    header, state = answer(first)

    assert (returned(header), state) == ((1, 1, 11), b'{"count":1}')
    assert call(1, 1).open() == {"count": 1}


def test_what_was_not_changed_does_not_travel() -> None:
    assert answer(call(1, 5, b'{"a":1}')) == UNCHANGED
    looked = call(1, 5)
    assert looked.open() == {"a": 1}
    assert answer(looked) == UNCHANGED


def test_a_call_that_failed_leaves_the_copy_as_it_was() -> None:
    failed = call(1, 5, b'{"a":[1]}')
    failed.open()["a"].append(2)

    assert call(1, 5).open() == {"a": [1]}


def test_version_0_is_empty_whatever_was_here() -> None:
    call(1, 5, b'{"a":1}')

    assert call(1, 0).open() == {}


@pytest.mark.parametrize("version", [4, 6])
def test_another_version_than_the_copy_must_come_along(version: int) -> None:
    call(1, 5, b'{"a":1}')

    with pytest.raises(MalformedCallError, match="version 5"):
        call(1, version)
    with pytest.raises(MalformedCallError, match="no other"):
        call(2, version)
    assert call(1, version, b"{}").open() == {}


def test_a_call_that_was_given_up_does_not_replace_what_came_after_it() -> None:
    late = call(1, 1, b'{"a":1}')
    late.open()["a"] = "late"
    later = call(1, 1, b'{"a":1}')
    later.open()["a"] = "later"

    answer(later)
    answer(late)

    assert call(1, 2).open() == {"a": "later"}


def test_a_given_up_first_call_does_not_either() -> None:
    late = call(1, 0)
    late.open()["a"] = "late"
    later = call(1, 0)

    answer(late)
    assert answer(later)[1] == b""

    assert call(1, 0).open() == {}


def test_local_things_stay_and_the_host_hears_of_them_once() -> None:
    first = call(1, 0)
    first.open().local["lock"] = object()
    assert returned(answer(first)[0]) == (0, 2, 0)

    second = call(1, 1, b"{}")
    assert list(second.open().local) == ["lock"]
    assert returned(answer(second)[0]) == (1, 2, 0), "again, since the state came along"
    assert answer(call(1, 1)) == UNCHANGED

    third = call(1, 1)
    third.open().local.clear()
    assert returned(answer(third)[0]) == (1, 0, 0)


def test_a_state_that_is_no_json_is_named() -> None:
    one = call(1, 0)
    one.open()["x"] = object()

    with pytest.raises(EncodingError, match=r"the session's state.*local") as raised:
        answer(one)

    assert raised.value.details == {"type": "object", "path": "$session.x"}


@pytest.mark.parametrize("state", [b"[1]", b"null", b"7"])
def test_a_state_that_is_no_object_is_refused(state: bytes) -> None:
    with pytest.raises(MalformedCallError, match="no JSON object"):
        call(1, 1, state).open()


def test_a_length_beyond_the_payload_is_refused() -> None:
    with pytest.raises(MalformedCallError, match="does not fit a payload of 2"):
        sessions.begin("s", SessionField(1, 1, 3), b"{}", CODEC)


def test_forgetting_says_of_how_many() -> None:
    call(1, 0)
    call(2, 0)

    assert sessions.forget([1, 2, 3]) == 2


# --- what user code sees


def test_the_context_gives_the_state_with_its_id() -> None:
    begin(1, 0, call(1, 1, b'{"a":1}'), None)

    found = context().session

    assert (found, found.id, context().session_id) == ({"a": 1}, "s", "s")
    assert found is context().session


def test_a_call_without_state_has_one_of_its_own() -> None:
    for session in (None, "tracked"):
        one = CallContext(1, None, session, None)
        one.session["a"] = 1
        assert (one.session, one.session.id) == ({"a": 1}, session)
        assert CallContext(2, None, session, None).session == {}


def test_an_untouched_session_without_a_state_is_told_of_once() -> None:
    first = call(3, 0, b"")
    assert answer(first) == (b"", b"")
    second = call(3, 0)
    second.open().local["model"] = "loaded"
    header, state = answer(second)
    assert (returned(header), state) == ((0, 2, 0), b"")
    assert answer(call(3, 0)) == (b"", b"")
    assert call(3, 0).open().local == {"model": "loaded"}


def test_after_a_call_that_was_given_up_the_empty_state_comes_anew() -> None:
    given_up = call(3, 0, b"")
    given_up.open()["late"] = True
    current = call(3, 0, b"")  # the host sends it, since it counts on nothing

    assert returned(answer(given_up)[0])[1] == 1

    assert call(3, 0).open() == {}
    assert current.open() == {}


# --- a real worker, with one call at a time and with several


@pytest.mark.parametrize("calls", [1, 4])
def test_a_worker_takes_and_returns_states(host: Host, calls: int) -> None:
    host.template(preload=("conversing",), callsPerWorker=calls)
    worker = host.worker()
    payload = b'{"amount":2}'
    state = b'{"count":5}'
    header = protocol.pack_call_header(b"conversing:add", 0, "s", None, SessionField(1, 3, len(state)))
    worker.sock.sendall(protocol.pack(protocol.CALL, 1, payload + state, header))

    reply = worker.read()

    assert (reply.kind, reply.payload, returned(reply.header)) == (5, b'7{"count":7}', (4, 1, 11))
    header = protocol.pack_call_header(b"conversing:add_later", 0, "s", None, SessionField(1, 4))
    worker.sock.sendall(protocol.pack(protocol.CALL, 2, payload, header))
    reply = worker.read()
    assert (reply.payload, returned(reply.header)) == (b'9{"count":9}', (5, 1, 11))
    header = protocol.pack_call_header(b"conversing:add", 0, "s", None, SessionField(1, 9))
    worker.sock.sendall(protocol.pack(protocol.CALL, 3, payload, header))
    reply = worker.read()
    assert (reply.kind, reply.header, json.loads(reply.payload)["code"]) == (6, b"", "PROTOCOL")
    worker.request = 3
    assert worker.call("serpentry:forget_sessions", [[1, 2]]) == 1
