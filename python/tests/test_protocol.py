# SPDX-License-Identifier: Apache-2.0
"""The golden vectors of ``protocol/vectors/frames.json``, as Java asserts them too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serpentry import protocol

VECTORS = Path(__file__).resolve().parents[2] / "protocol" / "vectors" / "frames.json"
ALL: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))
GOOD = [v for v in ALL if "kind" in v]
REFUSED = [v for v in ALL if "error" in v]
INCOMPLETE = [v for v in ALL if v.get("incomplete")]
TEXTS = {"length": "frame length", "header-length": "header length", "kind": "frame kind", "flags": "flags"}


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def test_every_vector_is_of_one_of_the_three_sorts() -> None:
    assert len(GOOD) + len(REFUSED) + len(INCOMPLETE) == len(ALL) > 40


@pytest.mark.parametrize("vector", GOOD, ids=name)
def test_a_good_frame_is_packed_and_unpacked(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["frameHex"])
    header, payload = bytes.fromhex(vector["headerHex"]), bytes.fromhex(vector["payloadHex"])
    request = int(vector["requestId"])
    assert protocol.pack(vector["kind"], request, payload, header, vector["flags"]) == data
    frame, size = protocol.unpack(data + b"next")
    assert size == len(data)
    assert frame == protocol.Frame(vector["kind"], vector["flags"], request, header, payload)


@pytest.mark.parametrize("vector", [v for v in GOOD if "call" in v], ids=name)
def test_a_call_header_is_decoded(vector: dict[str, Any]) -> None:
    call = vector["call"]
    found = protocol.parse_call_header(bytes.fromhex(vector["headerHex"]))
    credit = vector.get("credit")
    assert found == protocol.CallHeader(
        call["remainingMillis"],
        call["target"].encode(),
        call["session"],
        call["traceparent"],
        credit=credit and (credit["items"], credit["bytes"]),
        tracestate=call.get("tracestate"),
        baggage=call.get("baggage"),
    )


@pytest.mark.parametrize("vector", [v for v in GOOD if v["kind"] == protocol.CREDIT], ids=name)
def test_credit_is_packed_and_parsed(vector: dict[str, Any]) -> None:
    credit = (vector["credit"]["items"], vector["credit"]["bytes"])
    payload = bytes.fromhex(vector["payloadHex"])
    assert protocol.parse_credit(payload) == credit
    assert protocol.pack_credit(credit) == payload
    with pytest.raises(protocol.ProtocolError, match="12 bytes"):
        protocol.parse_credit(payload[1:])


@pytest.mark.parametrize("vector", [v for v in GOOD if "callError" in v], ids=name)
def test_a_bad_call_header_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(protocol.ProtocolError):
        protocol.parse_call_header(bytes.fromhex(vector["headerHex"]))


@pytest.mark.parametrize("vector", REFUSED, ids=name)
def test_a_malformed_frame_is_refused_with_its_reason(vector: dict[str, Any]) -> None:
    limit = vector.get("limit", protocol.DEFAULT_FRAME_LIMIT)
    with pytest.raises(protocol.ProtocolError, match=TEXTS[vector["error"]]):
        protocol.unpack(bytes.fromhex(vector["frameHex"]), limit)


@pytest.mark.parametrize("vector", INCOMPLETE, ids=name)
def test_an_incomplete_frame_is_waited_for(vector: dict[str, Any]) -> None:
    assert protocol.unpack(bytes.fromhex(vector["frameHex"])) == (None, 0)


def test_packing_a_call_header_is_the_reverse_of_parsing_it() -> None:
    header = protocol.CallHeader(7, b"m:f", "s", "t", credit=(3, 4), tracestate="u=v", baggage="w=x")
    packed = protocol.pack_call_header(
        header.target, 7, header.session, credit=header.credit, trace=header.trace
    )
    assert protocol.parse_call_header(packed) == header
