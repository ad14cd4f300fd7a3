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


def test_the_result_s_room_is_parsed() -> None:
    value = bytes.fromhex("0300000000000010000000000280000005")
    assert attachments.parse_room(value) == Room(3, 4096, (2, 5 | 1 << 31))
    with pytest.raises(ProtocolError):
        attachments.parse_room(value[:-1])


def test_segments_are_packed_and_parsed() -> None:
    segments = [Announced(1, 65536, "serpentry-a"), Announced(2, 1 << 32, "")]
    data = attachments.pack_segments(segments)
    assert attachments.parse_segments(data) == segments
    with pytest.raises(ProtocolError):
        attachments.parse_segments(data[:-3])
    with pytest.raises(ProtocolError):
        attachments.parse_segments(data[:20])


def test_kept_segments_are_packed() -> None:
    assert attachments.pack_kept([1], [2, 3]).hex() == "0001000000010000000200000003"
