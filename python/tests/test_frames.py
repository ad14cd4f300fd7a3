# SPDX-License-Identifier: Apache-2.0
"""Frames from rows as JSON and from tables: the same outcome, and refusals that name column and row."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serpentry.arrays import Attached
from serpentry.attached import AttachedBinder
from serpentry.attachments import TABLE, Entry, pack_frames
from serpentry.codec import Codec
from serpentry.errors import BindingError, EncodingError, MalformedCallError
from serpentry.frame_results import packed
from serpentry.frames import parameters, rows_of_table
from serpentry.protocol import ProtocolError
from serpentry.records import resolved_hints
from serpentry.tables import BOOL, FLOAT64, INT64, JSON, Column, pack_table, parse_table

VECTORS = json.loads((Path(__file__).parents[2] / "protocol" / "vectors" / "tables.json").read_text("utf-8"))
FORMAT = {BOOL: "?", INT64: "q", FLOAT64: "d"}
KINDS = {bool: BOOL, int: INT64, float: FLOAT64}

Rows = list[dict[str, Any]]


@pytest.fixture(params=["pandas", "polars"])
def library(request: pytest.FixtureRequest) -> Any:
    pytest.importorskip("numpy")
    return pytest.importorskip(request.param)


def array_of(kind: int, values: list[Any]) -> bytes:
    import struct

    return struct.pack(f"={len(values)}{FORMAT[kind]}", *values)


def table_of(rows: Rows, codec: Codec) -> bytes:
    """As Java makes it: columns of one kind as arrays, all others as JSON."""
    columns = []
    for name in rows[0]:
        values = [row[name] for row in rows]
        kinds = {type(value) for value in values if value is not None}
        kind = KINDS.get(next(iter(kinds)), JSON) if len(kinds) == 1 else JSON
        if kind == JSON or (
            kind == INT64 and any(v is not None and not -(2**63) <= v < 2**63 for v in values)
        ):
            columns.append(Column(name, JSON, codec.dumps(values)))
            continue
        missing = bytes(value is None for value in values)
        data = array_of(kind, [0 if value is None else value for value in values])
        columns.append(Column(name, kind, data, missing if any(missing) else None))
    return bytes(pack_table(len(rows), columns))


def binder(hint: Any, codec: Codec) -> AttachedBinder:
    def function(rows: Any) -> Any:
        return rows

    function.__annotations__ = {"rows": hint}
    return AttachedBinder(function, "m:f", codec)


def by_table(hint: Any, table: bytes, codec: Codec) -> Any:
    value = Attached(Entry(TABLE, length=len(table)), memoryview(table))
    return binder(hint, codec).call({"rows": value}, False)


def by_json(hint: Any, rows: Any, codec: Codec) -> Any:
    return binder(hint, codec).call({"rows": codec.loads(json.dumps(rows).encode())}, False)


def same(library: Any, left: Any, right: Any) -> None:
    testing = __import__(f"{library.__name__}.testing", fromlist=["x"])
    if library.__name__ == "pandas":
        testing.assert_frame_equal(left, right, check_exact=True)
    else:
        testing.assert_frame_equal(left, right, check_exact=True)


def random_rows(seed: int) -> Rows:
    """Rows of columns of every sort, with and without missing values."""
    pick = random.Random(seed)
    makers: list[Callable[[], Any]] = [
        lambda: pick.randrange(-(2**63), 2**63),
        lambda: pick.randrange(100),
        lambda: pick.uniform(-1e300, 1e300),
        lambda: pick.choice([0.0, -0.0, 1.0, 5e-324, 0.1]),
        lambda: pick.random() < 0.5,
        lambda: pick.choice(["", "a", "größe", '"[,]{}', "\u2028\\"]),
        lambda: None,
        lambda: pick.choice([1, 2.5]),
    ]
    chosen = [pick.choice(makers) for _ in range(pick.randrange(1, 7))]
    gaps = [pick.choice([0.0, 0.3]) for _ in chosen]
    return [
        {
            f"c{number}": None if pick.random() < gap else make()
            for number, (make, gap) in enumerate(zip(chosen, gaps, strict=True))
        }
        for _ in range(pick.randrange(1, 60))
    ]


@pytest.mark.parametrize("seed", range(60))
def test_a_frame_is_the_same_by_either_way(seed: int, library: Any, codec: Codec) -> None:
    rows = random_rows(seed)

    frame = by_json(library.DataFrame, rows, codec)

    same(library, by_table(library.DataFrame, table_of(rows, codec), codec), frame)
    assert list(frame.columns) == list(rows[0])
    assert len(frame) == len(rows)


@pytest.mark.parametrize("seed", range(60))
def test_a_frame_goes_back_as_the_rows_that_it_was_made_of(seed: int, library: Any, codec: Codec) -> None:
    rows = random_rows(seed)
    frame = by_json(library.DataFrame, rows, codec)

    table = packed(frame, codec.dumps)

    assert table is not None
    written = json.loads(codec.dumps(frame))
    assert repr(rows_of_table(table, codec.loads, False)) == repr(written)
    assert written == rows


def test_numbers_and_truths_have_the_types_of_their_columns(codec: Codec) -> None:
    pd = pytest.importorskip("pandas")
    rows = [{"i": 1, "f": 1.5, "b": True, "in": 1, "fn": 0.5, "bn": False, "s": "x", "m": 1}]
    rows += [{"i": 2, "f": 2.0, "b": False, "in": None, "fn": None, "bn": None, "s": "y", "m": "text"}]

    types = by_json(pd.DataFrame, rows, codec).dtypes.astype(str).to_dict()

    del types["s"]  # pandas 3 has a type of its own for texts
    assert types == {
        "i": "int64", "f": "float64", "b": "bool", "in": "Int64", "fn": "float64", "bn": "boolean",
        "m": "object",
    }  # fmt: skip


def test_integers_beyond_a_double_stay_exact_beside_missing_ones(library: Any, codec: Codec) -> None:
    rows = [{"n": 2**53 + 1}, {"n": None}]

    frame = by_json(library.DataFrame, rows, codec)

    assert int(frame["n"][0]) == 2**53 + 1


@pytest.mark.parametrize("table", [False, True])
def test_a_frame_is_the_functions_own(table: bool, codec: Codec) -> None:
    pd = pytest.importorskip("pandas")
    rows = [{"a": 1, "b": 1.5}, {"a": 2, "b": 2.5}]
    packed_rows = table_of(rows, codec)

    frame = by_table(pd.DataFrame, packed_rows, codec) if table else by_json(pd.DataFrame, rows, codec)
    frame.loc[0, "a"] = 7

    assert frame["a"].tolist() == [7, 2]
    assert packed_rows == table_of(rows, codec)


@pytest.mark.parametrize(
    ("rows", "place", "actual"),
    [
        ([{"a": 1}, {"a": 2, "b": 3}], "rows[1].b", "int"),
        ([{"a": 1, "b": 2}, {"a": 1}], "rows[1].b", "nothing"),
        ([{"a": 1}, {"b": 1}], "rows[1].a", "nothing"),
        ([{"a": 1}, 5], "rows[1]", "int"),
        ([5], "rows[0]", "int"),
        ([{"a": 1}, None], "rows[1]", "None"),
        ([{"a": 1}, {"a": {"b": 1}}], "rows[1].a", "dict"),
        ([{"a": [1]}], "rows[0].a", "list"),
        ([{"a": 1}, {"a": 2**63}], "rows[1].a", "a larger one"),
        ([{"a": 0.5}, {"a": 2**53 + 1}], "rows[1].a", "a larger one"),
        ("text", "rows", "str"),
        ({"a": [1]}, "rows", "dict"),
    ],
)
def test_wrong_shapes_are_refused_by_row_and_column(
    rows: Any, place: str, actual: str, library: Any, codec: Codec
) -> None:
    with pytest.raises(BindingError) as refused:
        by_json(library.DataFrame, rows, codec)

    assert refused.value.details["argument"] == place
    assert refused.value.details["actual"] == actual


def test_a_polars_column_has_one_type(codec: Codec) -> None:
    pl = pytest.importorskip("polars")

    for rows in ([{"a": 1}, {"a": None}, {"a": "x"}], [{"a": True}, {"a": 1}]):
        with pytest.raises(BindingError, match=r"rows\[\d\].a"):
            by_json(pl.DataFrame, rows, codec)


def test_no_rows_are_an_empty_frame(library: Any, codec: Codec) -> None:
    assert len(by_json(library.DataFrame, [], codec)) == 0


def test_not_finite_numbers_come_as_such_where_the_pool_allows_them(codec_of: Callable[..., Codec]) -> None:
    pd = pytest.importorskip("pandas")
    codec = codec_of(nan=True)

    frame = by_json(pd.DataFrame, [{"a": 1.5}, {"a": "Infinity"}], codec)

    assert frame["a"].tolist() == [1.5, float("inf")]


def test_a_table_for_another_hint_is_the_rows_that_json_would_have_brought(codec: Codec) -> None:
    import decimal

    rows = [{"a": 1, "b": 0.1, "c": "x", "d": None}, {"a": None, "b": 2.0, "c": "y", "d": True}]
    table = table_of(rows, codec)

    assert by_table(list[dict[str, Any]], table, codec) == rows
    assert by_table(Any, table, codec) == rows
    exact = by_table(list[dict[str, decimal.Decimal | str | bool | None]], table, codec)
    assert exact[0]["b"] == decimal.Decimal("0.1")
    with pytest.raises(BindingError):
        by_table(list[int], table, codec)


@pytest.mark.parametrize("case", ["number", "twice", "nested", "infinite", "no rows", "no columns"])
def test_frames_that_only_json_can_tell_are_left_to_it(case: str, codec: Codec) -> None:
    pd = pytest.importorskip("pandas")
    frame = {
        "number": lambda: pd.DataFrame({1: [2]}),
        "twice": lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
        "nested": lambda: pd.DataFrame({"a": [{"b": 1}]}),
        "infinite": lambda: pd.DataFrame({"a": [float("inf")]}),
        "no rows": lambda: pd.DataFrame({"a": []}),
        "no columns": pd.DataFrame,
    }[case]()

    assert packed(frame, codec.dumps) is None
    assert packed([{"a": 1}], codec.dumps) is None


def test_a_polars_nan_is_refused_as_in_json(codec: Codec) -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"a": [float("nan")]})

    assert packed(frame, codec.dumps) is None
    with pytest.raises(EncodingError):
        codec.dumps(frame)


def test_the_parameters_that_take_frames_are_told(library: Any) -> None:
    def function(a: int, b: Any, c: Any = None, *rest: Any, d: Any) -> None:
        """With frames as second, third and named one."""

    frame = library.DataFrame
    function.__annotations__ = {"a": int, "b": frame, "c": frame | None, "rest": frame, "d": frame}

    found = parameters(function, resolved_hints(function))

    assert found == [(1, "b"), (2, "c"), (None, "d")]
    assert pack_frames(found).hex() == "00010001620002000163ffff000164"


def good() -> list[Any]:
    return [pytest.param(v, id=v["name"]) for v in VECTORS if "error" not in v]


@pytest.mark.skipif(sys.byteorder == "big", reason="the vectors are those of a little-endian machine")
@pytest.mark.parametrize("vector", good())
def test_the_golden_tables_are_written_and_read(vector: dict[str, Any]) -> None:
    columns = [
        Column(
            c["name"],
            c["type"],
            bytes.fromhex(c["data"]),
            bytes.fromhex(c["missing"]) if "missing" in c else None,
        )
        for c in vector["columns"]
    ]

    assert pack_table(vector["rows"], columns).hex() == vector["hex"]
    rows, found = parse_table(memoryview(bytes.fromhex(vector["hex"])))
    assert rows == vector["rows"]
    plain = [
        Column(c.name, c.type, bytes(c.data), None if c.missing is None else bytes(c.missing)) for c in found
    ]
    assert plain == columns


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["name"]) for v in VECTORS if "error" in v])
def test_malformed_golden_tables_are_refused(vector: dict[str, Any], codec: Codec) -> None:
    table = bytes.fromhex(vector["hex"])

    with pytest.raises(ProtocolError):
        parse_table(memoryview(table))
    with pytest.raises(MalformedCallError):
        by_table(Any, table, codec)
