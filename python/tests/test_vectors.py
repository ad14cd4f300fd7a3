# SPDX-License-Identifier: Apache-2.0
"""The value table's golden vectors, under each codec; Java asserts the same file."""

from __future__ import annotations

import datetime
import decimal
import importlib
import json
import typing
import uuid
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import values

from serpentry.binding import Binder
from serpentry.codec import Codec
from serpentry.errors import BindingError, CallError, EncodingError, MalformedCallError, record

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "protocol" / "vectors" / "values.json").read_text("utf-8"))
VALUES = VECTORS["values"]
NAN_VALUES = VECTORS["valuesWithNanAllowed"]
REFUSED = VECTORS["refused"]
SHORT = {"np": "numpy", "pd": "pandas", "pl": "polars"}


def named(vectors: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in vectors]


def evaluate(text: str, needs: str | None = None) -> Any:
    """The value of an expression of the vectors, over the names that they may use."""
    names: dict[str, Any] = {**vars(typing), **vars(values), **vars(datetime)}
    names |= {"Decimal": decimal.Decimal, "UUID": uuid.UUID, "ZoneInfo": zoneinfo.ZoneInfo}
    if needs is not None:
        pytest.importorskip(needs)
        names |= {short: importlib.import_module(full) for short, full in SHORT.items() if full == needs}
        if needs == "pandas":
            names["np"] = importlib.import_module("numpy")
    return eval(text, names)


def bind(codec: Codec, text: str, hint: str | None) -> Any:
    def function(value: Any) -> Any:
        return value

    function.__annotations__ = {"value": evaluate(hint)} if hint else {}
    binder = Binder(function, "m:f", codec.nan)
    payload = b'{"value":' + text.encode("utf-8") + b"}"
    return binder.invoke((codec.loads_exact if binder.exact else codec.loads)(payload), False)


def exact(text: str | bytes) -> Any:
    return json.loads(text, parse_float=decimal.Decimal)


def same(left: Any, right: Any) -> bool:
    """Equal in value and type all the way down, NaN being the same as NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, memoryview):
        return bool(left == right)
    return repr(left) == repr(right)


@pytest.mark.parametrize("vector", named([v for v in VALUES if v["direction"] != "toJava"]))
def test_an_argument_arrives_as_its_hint_says(vector: dict[str, Any], codec: Codec) -> None:
    bound = bind(codec, vector["json"], vector.get("hint"))

    assert same(bound, evaluate(vector["python"]))


@pytest.mark.parametrize(
    "vector", named([v for v in VALUES if v["direction"] != "toJava" and "javaJson" in v])
)
def test_an_argument_in_javas_own_spelling_arrives_the_same(vector: dict[str, Any], codec: Codec) -> None:
    assert bind(codec, vector["javaJson"], vector.get("hint")) == evaluate(vector["python"])


@pytest.mark.parametrize("vector", named([v for v in VALUES if v["direction"] != "toPython"]))
def test_a_result_is_written_as_the_table_says(vector: dict[str, Any], codec: Codec) -> None:
    written = codec.dumps(evaluate(vector["python"], vector.get("needs")))

    assert exact(written) == exact(vector["json"])
    if vector["name"].startswith("decimal-"):
        assert [str(n) for n in _decimals(exact(written))] == [
            str(n) for n in _decimals(exact(vector["json"]))
        ]


@pytest.mark.parametrize("vector", named(NAN_VALUES))
def test_not_finite_numbers_pass_as_texts_where_the_pool_allows_them(
    vector: dict[str, Any], codec_of: Callable[..., Codec]
) -> None:
    codec = codec_of(nan=True)
    value = evaluate(vector["python"])

    if vector["direction"] == "both":
        assert exact(codec.dumps(value)) == exact(vector["json"])
    assert same(bind(codec, vector["json"], vector.get("hint")), value)


@pytest.mark.parametrize("vector", named([v for v in REFUSED if v.get("code") == "ENCODING"]))
def test_a_result_that_json_cannot_carry_is_refused_with_type_and_path(
    vector: dict[str, Any], codec: Codec
) -> None:
    value = evaluate(vector["python"], vector.get("needs"))

    with pytest.raises(EncodingError) as refused:
        codec.dumps(value)

    assert refused.value.details == {"type": vector["type"], "path": vector["path"]}
    assert vector["path"] in str(refused.value)
    assert exact(codec.dumps(record(refused.value)))["code"] == "ENCODING"


@pytest.mark.parametrize("vector", named([v for v in REFUSED if v.get("code") == "BINDING"]))
def test_an_argument_that_does_not_fit_is_refused_by_name(vector: dict[str, Any], codec: Codec) -> None:
    with pytest.raises(BindingError) as refused:
        bind(codec, vector["json"], vector["hint"])

    assert refused.value.details == {key: vector[key] for key in ("argument", "expected", "actual")}
    for part in ("argument", "expected", "actual"):
        assert vector[part] in str(refused.value)


@pytest.mark.parametrize("vector", named([v for v in REFUSED if v.get("code") == "PROTOCOL"]))
def test_what_is_not_json_is_refused_by_every_codec(vector: dict[str, Any], codec: Codec) -> None:
    for read in (codec.loads, codec.loads_exact):
        if read == codec.loads_exact and vector["name"] == "json-double-beyond-range":
            continue  # exactly that number, in exact mode
        with pytest.raises(MalformedCallError) as refused:
            read(vector["json"].encode("utf-8"))
        assert isinstance(refused.value, CallError)


def _decimals(value: Any) -> list[decimal.Decimal]:
    if isinstance(value, list):
        return [number for item in value for number in _decimals(item)]
    return [value] if isinstance(value, decimal.Decimal) else []
