# SPDX-License-Identifier: Apache-2.0
"""How arguments meet parameters; the vectors hold the hints."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

import pytest
import values

from serpentry.binding import Binder
from serpentry.errors import BindingError

Item = TypeVar("Item")


@dataclass
class Page(Generic[Item]):
    items: list[Item]


def call(function: Callable[..., Any], arguments: Any, mixed: bool = False) -> Any:
    return Binder(function, "m:f", nan=False).run(arguments, mixed)


def test_arguments_by_name_by_position_and_both() -> None:
    assert call(values.positional, [1]) == [1, 2, 3]
    assert call(values.positional, [1, 5]) == [1, 5, 3]
    assert call(values.positional, [[1], {"second": 6, "third": 7}], mixed=True) == [1, 6, 7]
    assert call(values.score, {"text": "a", "times": 2}) == {"text": "aa", "length": 2}


def test_star_arguments_take_the_rest() -> None:
    assert call(values.everything, [[1, 2], {"a": 3}], mixed=True) == {"values": (1, 2), "named": {"a": 3}}

    def hinted(*numbers: int, **texts: str) -> None: ...

    with pytest.raises(BindingError, match=r"'numbers\[1\]' of m:f must be int, got str"):
        call(hinted, [1, "2"])
    with pytest.raises(BindingError, match="'a' of m:f must be str, got int"):
        call(hinted, {"a": 1})


@pytest.mark.parametrize(
    ("arguments", "mixed", "message"),
    [
        ({"txt": "a"}, False, "m:f has no argument 'txt'; nearest: 'text' (it has: text, times)"),
        ({}, False, "missing argument 'text' of m:f"),
        ({"times": 1}, False, "missing argument 'text' of m:f"),
        (["a", 1, 2], False, "m:f takes at most 2 positional arguments, got 3"),
        ([["a"], {"text": "b"}], True, "argument 'text' of m:f is given both by position and by name"),
        ("text", False, "the arguments of m:f must be an object (by name) or an array (by position)"),
        ([1], True, "mixed arguments of m:f must be [[positional…], {named…}]"),
    ],
)
def test_arguments_that_do_not_fit_are_named(arguments: Any, mixed: bool, message: str) -> None:
    with pytest.raises(BindingError) as refused:
        call(values.score, arguments, mixed)

    assert str(refused.value) == message


def test_positional_only_is_positional_only() -> None:
    with pytest.raises(BindingError, match="positional-only"):
        call(values.positional, {"first": 1})


def test_a_key_error_or_type_error_of_the_function_itself_is_its_own() -> None:
    calls: list[int] = []

    def fails(n: int) -> None:
        calls.append(n)
        raise KeyError("n")

    with pytest.raises(KeyError):
        call(fails, {"n": 1})
    assert calls == [1]


def test_generic_dataclasses_bind_their_type_variable() -> None:
    def f(page: Page[Decimal]) -> Any:
        return page

    assert Binder(f, "m:f", nan=False).exact
    assert call(f, {"page": {"items": [Decimal("1.10")]}}) == Page([Decimal("1.10")])


def test_hints_that_exist_for_the_type_checker_alone_count_as_none() -> None:
    def f(x: OnlyForTheChecker, n: int) -> Any:  # type: ignore[name-defined] # noqa: F821
        return x

    assert call(f, {"x": [1], "n": 1}) == [1]
    with pytest.raises(BindingError, match="'n'"):
        call(f, {"x": 1, "n": "1"})


def test_numbers_beside_a_decimal_are_floats_again() -> None:
    def f(price: Decimal, factor: float, rest: Any) -> Any:
        return [price, factor, rest]

    read = json.loads('{"price":1.10,"factor":2.5,"rest":{"a":[0.1]}}', parse_float=Decimal)
    assert repr(call(f, read)) == "[Decimal('1.10'), 2.5, {'a': [0.1]}]"


def test_pydantic_models_bind_by_their_own_rules() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Model(pydantic.BaseModel):  # type: ignore[name-defined, misc]
        name: str
        price: Decimal
        weight: float
        free: Any = None

    def f(model: Model) -> Any:
        return model

    f.__annotations__ = {"model": Model}
    text = '{"model":{"name":"a","price":1.10,"weight":0.5,"free":[0.1]}}'
    model = call(f, json.loads(text, parse_float=Decimal))

    assert repr([model.price, model.weight, model.free]) == "[Decimal('1.10'), 0.5, [0.1]]"
    with pytest.raises(BindingError) as refused:
        call(f, {"model": {"name": 5, "price": 1, "weight": 1}})
    assert refused.value.details["argument"] == "model.name"


def test_arrays_bind_to_numpy() -> None:
    numpy = pytest.importorskip("numpy")

    def f(a: Any) -> Any:
        return a

    f.__annotations__ = {"a": numpy.ndarray}
    assert call(f, {"a": [[1, 2], [3, 4]]}).shape == (2, 2)
    with pytest.raises(BindingError, match="unequal"):
        call(f, {"a": [[1, 2], [3]]})


@dataclass
class Flat:
    text: str
    price: float


def test_a_flat_dataclass_binds_the_same_on_its_short_way_and_its_long_one() -> None:
    def take(flat: Flat) -> Flat:
        return flat

    assert call(take, {"flat": {"text": "a", "price": 1.5}}) == Flat("a", 1.5)
    bound = call(take, {"flat": {"text": "a", "price": 2}})  # a whole number is no float yet
    assert type(bound.price) is float
    with pytest.raises(BindingError, match="unknown member 'prize'; nearest: 'price'"):
        call(take, {"flat": {"text": "a", "prize": 1.5}})
    with pytest.raises(BindingError, match=r"argument 'flat\.text' of m:f must be str, got bool"):
        call(take, {"flat": {"text": True, "price": 1.5}})
    with pytest.raises(BindingError, match="must be Flat, got an object without 'price'"):
        call(take, {"flat": {"text": "a"}})


def test_plain_containers_pass_unchanged_except_for_numbers_read_exactly() -> None:
    def exact(options: dict[str, Any], factor: Decimal) -> Any:
        return options["x"], factor

    def plain(options: dict[str, Any], rows: list[Any]) -> Any:
        return options, rows

    options: dict[str, Any] = {"x": [1.5]}
    assert call(plain, {"options": options, "rows": [options]})[0] is options
    assert call(exact, {"options": {"x": Decimal("1.5")}, "factor": Decimal("0.1")}) == (1.5, Decimal("0.1"))
    with pytest.raises(BindingError, match="argument 'rows' of m:f must be list"):
        call(plain, {"options": {}, "rows": {}})


def outcome(run: Callable[[object, bool], Any], arguments: object) -> str:
    try:
        return repr(run(arguments, False))
    except BindingError as refused:
        return str(refused)


def test_one_or_two_arguments_bind_the_same_on_the_short_way_and_the_long_one() -> None:
    def one(a: int) -> list[Any]:
        return [a]

    def two(a: int, b: Any) -> list[Any]:
        return [a, b]

    def two_with_default(a: int, b: Any = 5) -> list[Any]:
        return [a, b]

    given: list[Any] = [
        {"a": 1},
        {"a": 1, "b": None},
        {"b": 2, "a": 1},
        {"a": 1.0, "b": 2},
        {"b": 2},
        {},
        [1],
        [],
    ]
    for function in (one, two, two_with_default):
        binder = Binder(function, "m:f", nan=False)
        assert binder.run != binder.invoke
        for arguments in given:
            assert outcome(binder.run, arguments) == outcome(binder.invoke, arguments)


def test_a_wrapper_that_takes_keywords_only_is_called_by_keywords() -> None:
    def add(a: int, b: int) -> int:
        return a + b

    @functools.wraps(add)
    def wrapper(**named: int) -> int:
        return add(**named)

    assert call(wrapper, {"a": 1, "b": 2}) == 3


def test_keys_that_mean_the_same_are_refused() -> None:
    def count(values: dict[int, str]) -> int:
        return len(values)

    assert call(count, {"values": {"1": "a", "2": "b"}}) == 2
    with pytest.raises(BindingError, match="of whose keys two mean the same"):
        call(count, {"values": {"1": "a", "01": "b"}})
