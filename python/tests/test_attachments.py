# SPDX-License-Identifier: Apache-2.0
"""The golden vectors of ``protocol/vectors/attachments.json``, and the fields that only one side writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serpentry import attachments
from serpentry.attachments import Announced, Entry, Room
from serpentry.protocol import ProtocolError

VECTORS = Path(__file__).resolve().parents[2] / "protocol" / "vectors" / "attachments.json"
ALL: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("vector", [v for v in ALL if "entries" in v], ids=name)
def test_a_field_is_packed_and_parsed(vector: dict[str, Any]) -> None:
    entries = [
        Entry(
            e["kind"],
            e["type"],
            e["foreignOrder"],
            tuple(e["shape"]),
            e["position"],
            e["name"],
            e["segment"],
            e["offset"],
            e["length"],
        )
        for e in vector["entries"]
    ]
    data = bytes.fromhex(vector["fieldHex"])
    assert attachments.pack_entries(vector["jsonLength"], entries) == data
    assert attachments.parse_entries(data) == (vector["jsonLength"], entries)


@pytest.mark.parametrize("vector", [v for v in ALL if "error" in v], ids=name)
def test_a_malformed_field_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        attachments.parse_entries(bytes.fromhex(vector["fieldHex"]))


FIELDS = VECTORS.with_name("fields.json")
TOLD: list[dict[str, Any]] = json.loads(FIELDS.read_text(encoding="utf-8"))
GOOD = [v for v in TOLD if "error" not in v]


def by_tag(vectors: list[dict[str, Any]], tag: int) -> list[Any]:
    return [pytest.param(v, id=name(v)) for v in vectors if v["tag"] == tag]


@pytest.mark.parametrize("vector", by_tag(GOOD, 8))
def test_the_result_s_room_is_parsed(vector: dict[str, Any]) -> None:
    value = bytes.fromhex(vector["hex"])
    released = tuple(number & 0xFFFFFFFF for number in vector["released"])
    assert attachments.parse_room(value) == Room(vector["forms"], vector["grant"], released)
    with pytest.raises(ProtocolError):
        attachments.parse_room(value[:-1])


@pytest.mark.parametrize("vector", by_tag(GOOD, 9))
def test_segments_are_packed_and_parsed(vector: dict[str, Any]) -> None:
    segments = [Announced(s["number"], s["size"], s["name"]) for s in vector["segments"]]
    assert attachments.pack_segments(segments).hex() == vector["hex"]
    assert attachments.parse_segments(bytes.fromhex(vector["hex"])) == segments


@pytest.mark.parametrize("vector", by_tag(GOOD, 10))
def test_kept_segments_are_packed(vector: dict[str, Any]) -> None:
    assert attachments.pack_kept(vector["kept"], vector["gone"]).hex() == vector["hex"]


@pytest.mark.parametrize("vector", by_tag(GOOD, 11))
def test_dropped_segments_are_packed_and_parsed(vector: dict[str, Any]) -> None:
    assert attachments.pack_numbers(vector["numbers"]).hex() == vector["hex"]
    assert attachments.parse_numbers(bytes.fromhex(vector["hex"])) == tuple(vector["numbers"])


@pytest.mark.parametrize("vector", by_tag(GOOD, 12))
def test_parameters_that_take_frames_are_packed(vector: dict[str, Any]) -> None:
    parameters = [(p["position"] if p["position"] >= 0 else None, p["name"]) for p in vector["parameters"]]
    assert attachments.pack_frames(parameters).hex() == vector["hex"]


@pytest.mark.parametrize("vector", [v for v in TOLD if "error" in v and v["tag"] in (9, 11)], ids=name)
def test_malformed_segments_are_refused(vector: dict[str, Any]) -> None:
    parse = attachments.parse_segments if vector["tag"] == 9 else attachments.parse_numbers
    with pytest.raises(ProtocolError):
        parse(bytes.fromhex(vector["hex"]))
