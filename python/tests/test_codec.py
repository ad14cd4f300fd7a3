# SPDX-License-Identifier: Apache-2.0
"""One meaning under every codec, beyond the vectors."""

from __future__ import annotations

import enum
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from typing import Any

import pytest

from serpentry import encoding
from serpentry.codec import Codec, make_codec
from serpentry.errors import EncodingError, MalformedCallError
from serpentry.nesting import too_deep


def test_random_values_mean_the_same_under_every_codec(codec: Codec) -> None:
    chance = random.Random(20261121)
    reference = make_codec("json")

    def value(room: int) -> Any:
        sort = chance.randrange(12 if room else 8)
        leaves: list[Callable[[], Any]] = [
            lambda: None,
            lambda: chance.random() < 0.5,
            lambda: chance.randrange(-(2**80), 2**80),
            lambda: chance.randrange(-1000, 1000),
            lambda: chance.uniform(-1e3, 1e3) * 10.0 ** chance.randrange(-300, 300),
            lambda: "".join(chr(chance.randrange(1, 0xD7FF)) for _ in range(chance.randrange(6))),
            lambda: chance.choice(["null", "NaN", '"', "\\", "[{", "\U0001f600", "\x00"]),
            lambda: b"bytes" if chance.random() < 0.2 else "text",
        ]
        if sort < len(leaves):
            return leaves[sort]()
        if sort < 10:
            return [value(room - 1) for _ in range(chance.randrange(5))]
        return {
            chance.choice(["a", "b", "é", '"', "null", 5]): value(room - 1)
            for _ in range(chance.randrange(5))
        }

    for _ in range(3000):
        sample = value(4)
        written = codec.dumps(sample)
        assert json.loads(written) == json.loads(reference.dumps(sample))
        assert codec.loads(written) == reference.loads(written) == json.loads(written)
        assert repr(codec.loads(written)) == repr(reference.loads(written))


@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
def test_every_kind_of_buffer_is_read(codec: Codec, buffer: Any) -> None:
    assert codec.loads(buffer(b'{"a":[1]}')) == {"a": [1]}
    assert codec.loads_exact(buffer(b'{"a":[1]}')) == {"a": [1]}


def test_invalid_utf8_is_refused(codec: Codec) -> None:
    with pytest.raises(MalformedCallError):
        codec.loads(b'"\xff"')
    with pytest.raises(MalformedCallError):
        codec.loads(b'"\xed\xa0\x80"')


def test_nulls_beside_negative_numbers_are_no_nans(codec: Codec) -> None:
    assert json.loads(codec.dumps([None, -1, -0.5, "ÿ"])) == [None, -1, -0.5, "ÿ"]


def test_the_limit_of_nesting_is_exact_both_ways(codec_of: Callable[..., Codec]) -> None:
    codec = codec_of(nesting=5)
    deepest = b"[[[[[1]]]]]"

    assert codec.dumps(codec.loads(deepest)) == deepest
    with pytest.raises(MalformedCallError, match="max-nesting"):
        codec.loads(b"[" + deepest + b"]")
    with pytest.raises(EncodingError, match="max-nesting"):
        codec.dumps([[[[[[1]]]]]])


def test_twenty_megabytes_of_text_pass(codec: Codec) -> None:
    text = "é" * 10_000_000

    assert codec.loads(codec.dumps(text)) == text


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        (b'{"a":"]]]]","b":"[[[["}', 1),
        (b'["\\"[[[[",[]]', 2),
        (b'["\\\\",[[]],"]"]', 3),
        (b'["","",["","["],"]"]', 2),
        (b'[[1],[2],[[3]],{"a":{"b":[]}}]', 4),
    ],
)
def test_brackets_in_texts_are_no_nesting(text: bytes, depth: int) -> None:
    json.loads(text)
    padding = b" " * 200  # a text shorter than its limit is not looked at

    assert not too_deep(text + padding, depth)
    assert too_deep(text + padding, depth - 1)


def test_an_unknown_codec_is_named() -> None:
    with pytest.raises(ValueError, match="known: auto, json, orjson, msgspec"):
        make_codec("pickle")


@dataclass
class Holder:
    text: str
    value: Any


class Colour(enum.Enum):
    RED = 1


def test_a_dataclass_is_written_the_same_the_second_time(codec: Codec) -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    for value, written in [
        (1.5, "1.5"),
        (None, "null"),
        (Colour.RED, '"RED"'),
        (Holder("b", [2**70]), '{"text":"b","value":[1180591620717411303424]}'),
    ] * 2:
        assert codec.dumps(Holder("a", value)) == f'{{"text":"a","value":{written}}}'.encode()
    for refused, path in [(float("nan"), r"\$\.value"), (deep, r"nesting"), (object(), r"\$\.value")] * 2:
        with pytest.raises(EncodingError, match=path):
            codec.dumps(Holder("a", refused))


@pytest.mark.parametrize("text", ["1" * 250 + "e99", "[-1" + "0" * 250 + ".5e99]", "1e400", "1" * 310 + ".0"])
def test_a_number_beyond_a_double_is_refused_however_it_is_written(codec: Codec, text: str) -> None:
    with pytest.raises(MalformedCallError):
        codec.loads(text.encode())


def test_classes_without_end_are_not_all_kept(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_MOST_FIELDS", 5)
    monkeypatch.setattr(encoding, "_FIELDS", {})
    for number in range(12):
        kind = make_dataclass("Made", [("value", int)])
        assert codec.dumps(kind(number)) == b'{"value":%d}' % number
        assert kind in encoding._FIELDS
        assert len(encoding._FIELDS) <= 5


def test_keys_that_are_the_same_text_are_refused(codec: Codec) -> None:
    with pytest.raises(EncodingError, match=r"two are the same text in JSON at \$\.inner"):
        codec.dumps({"inner": {1: "a", "1": "b"}})
