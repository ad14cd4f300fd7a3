# SPDX-License-Identifier: Apache-2.0
"""Type hints compiled to converters, once per published function.

A converter takes a decoded JSON value and gives the value the hint asks for, or raises :class:`Mismatch`.
It is compiled for one of two number modes: in *exact* mode every fractional number arrives as ``Decimal``
(``Codec.loads_exact``), and whatever is not hinted ``Decimal`` turns it into a float.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime as dt
import enum
import math
import types
import typing
import uuid
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

from serpentry import scalars
from serpentry.errors import type_name

Converter = Callable[[Any], Any]

_LISTS = (list, collections.abc.Sequence, collections.abc.MutableSequence, collections.abc.Collection,
          collections.abc.Iterable, collections.abc.Iterator, collections.abc.Reversible)  # fmt: skip
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_SETS = (set, collections.abc.Set, collections.abc.MutableSet)
_TEXTS: dict[type, Callable[[str], object]] = {
    bytes: scalars.read_bytes,
    bytearray: lambda text: bytearray(scalars.read_bytes(text)),
    memoryview: lambda text: memoryview(scalars.read_bytes(text)),
    dt.datetime: scalars.read_datetime,
    dt.date: scalars.read_date,
    dt.time: scalars.read_time,
    dt.timedelta: scalars.read_timedelta,
    uuid.UUID: uuid.UUID,
}
_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})


class Mismatch(Exception):
    """A value that does not fit its hint; ``way`` leads from the argument to the value, inner part first."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(expected, actual)
        self.expected = expected
        self.actual = actual
        self.way: list[str] = []


class UnsupportedHintError(TypeError):
    """A hint that no JSON value can be bound to, such as ``Callable`` or a class of the user's own."""


class Compiler:
    """Compiles hints for one function. ``exact`` and ``nan`` as in the codec that reads its arguments."""

    def __init__(self, exact: bool, nan: bool) -> None:
        self.exact = exact
        self.nan = nan
        self._known: dict[Any, Converter] = {}

    def compile(self, hint: Any, variables: dict[Any, Any] | None = None) -> Converter | None:
        """The converter for ``hint``; None when any value passes as it is.

        Raises:
            UnsupportedHintError: naming the hint.
        """
        hint = plain_hint(hint, variables or {})
        if hint in (Any, object):
            return floats if self.exact else None
        simple = self._scalar(hint)
        if simple is not None:
            return simple
        return self._remembered(hint, variables or {})

    def exact_type(self, hint: Any) -> type | None:
        """The one type whose values certainly fit ``hint`` unchanged, for the fast path."""
        hint = plain_hint(hint, {})
        if hint in (str, int, float, bool):
            return hint  # type: ignore[no-any-return]
        kind, parts = get_origin(hint) or hint, get_args(hint)
        # In exact mode the numbers inside must become floats.
        if self.exact or not all(plain_hint(part, {}) in (Any, object) for part in parts[kind is dict :]):
            return None
        whole = kind is list or (kind is dict and (not parts or plain_hint(parts[0], {}) is str))
        return kind if whole else None

    def converter(self, hint: Any, variables: dict[Any, Any]) -> Converter:
        """As :meth:`compile`, with a converter that changes nothing instead of None."""
        return self.compile(hint, variables) or _unchanged

    def key(self, hint: Any, variables: dict[Any, Any]) -> Converter | None:
        """The converter for the keys of a mapping, which JSON always carries as text."""
        hint = plain_hint(hint, variables)
        if hint in (Any, object, str):
            return None
        if hint is int:
            return _key_int
        if hint is bool:
            return _key_bool
        if hint is float:
            return _key_number(float)
        if hint is Decimal:
            return _key_number(Decimal)
        return self.converter(hint, variables)

    def _scalar(self, hint: Any) -> Converter | None:
        if hint is str or hint is bool or hint is int:
            return _exactly(hint)
        if hint is float:
            return _float_nan if self.nan else _float
        if hint is Decimal:
            return _decimal_nan if self.nan else _decimal
        if hint is None or hint is type(None):
            return _none
        reader = _TEXTS.get(hint) if isinstance(hint, type) else None
        return None if reader is None else _from_text(reader, type_name(hint))

    def _remembered(self, hint: Any, variables: dict[Any, Any]) -> Converter:
        key = (hint, tuple(variables.items()))
        try:
            found = self._known.get(key)
        except TypeError:  # an unhashable Literal or Annotated
            return self._composite(hint, variables)
        if found is not None:
            return found
        # A class may mention itself: until its converter stands, a mention of it looks it up later.
        self._known[key] = lambda value: self._known[key](value)  # noqa: PLW0108
        try:
            built = self._composite(hint, variables)
        except BaseException:
            del self._known[key]
            raise
        self._known[key] = built
        return built

    def _composite(self, hint: Any, variables: dict[Any, Any]) -> Converter:
        from serpentry import containers, records

        origin = get_origin(hint) or hint
        arguments = get_args(hint)
        if origin is Union or origin is types.UnionType:
            return containers.union(self, arguments, variables)
        if origin is Literal:
            return _literal(arguments)
        if origin is tuple:
            return containers.tuple_of(self, arguments, variables)
        if origin in _LISTS or origin is deque:
            make = deque if origin is deque else None
            return containers.sequence(self, (arguments or (Any,))[0], variables, make)
        if origin in _SETS or origin is frozenset:
            make_set = frozenset if origin is frozenset else set
            return containers.sequence(self, (arguments or (Any,))[0], variables, make_set)
        if origin in _DICTS:
            return containers.mapping(self, arguments or (Any, Any), variables)
        if isinstance(origin, type):
            if issubclass(origin, enum.Enum):
                return _enum(origin)
            found = records.converter(self, origin, arguments, variables)
            if found is not None:
                return found
        raise UnsupportedHintError(hint_name(hint))


def plain_hint(hint: Any, variables: dict[Any, Any]) -> Any:
    """``hint`` without Annotated, NewType, type aliases, Required, NotRequired, Final and type variables."""
    while True:
        if isinstance(hint, typing.TypeVar):
            if hint in variables:
                hint = variables[hint]
            elif hint.__bound__ is not None:
                hint = hint.__bound__
            elif hint.__constraints__:
                return Union[hint.__constraints__]  # noqa: UP007
            else:
                return Any
        elif isinstance(hint, typing.NewType):
            hint = hint.__supertype__
        elif isinstance(hint, dataclasses.InitVar):
            hint = hint.type
        elif type(hint).__name__ == "TypeAliasType":
            hint = hint.__value__
        elif get_origin(hint) is typing.Annotated or _is_wrapper(get_origin(hint)):
            hint = get_args(hint)[0]
        elif isinstance(hint, str):
            return Any  # a forward reference that nothing could resolve
        else:
            return hint


def _is_wrapper(origin: Any) -> bool:
    return origin in (typing.Required, typing.NotRequired, typing.Final, typing.ClassVar) or (
        getattr(origin, "_name", None) == "ReadOnly"
    )


def hint_name(hint: Any) -> str:
    """How messages name a hint: ``list[int]``, ``Decimal``, ``str | None``."""
    if hint is None or hint is type(None):
        return "None"
    if isinstance(hint, type) and not get_args(hint):
        return hint.__name__
    if get_origin(hint) in (Union, types.UnionType):
        return " | ".join(hint_name(part) for part in get_args(hint))
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(origin, type) and arguments and not isinstance(arguments[0], list):
        inner = ", ".join("..." if part is ... else hint_name(part) for part in arguments)
        return f"{origin.__name__}[{inner}]"
    return str(hint).replace("typing.", "")


def actual_name(value: object) -> str:
    """How messages name what came: by type only, since values may be confidential."""
    if value is None:
        return "None"
    return "float" if type(value) is Decimal else type(value).__name__


def floats(value: Any) -> Any:
    """``value`` with every Decimal of an exactly read payload as the float it would otherwise have been."""
    kind = type(value)
    if kind is Decimal:
        return _finite(value)
    if kind is list:
        return [floats(item) for item in value]
    if kind is dict:
        return {key: floats(item) for key, item in value.items()}
    return value


def _finite(value: Decimal | int) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not math.isfinite(number):
        raise Mismatch("float", "a number outside a double's range")
    return number


def _unchanged(value: Any) -> Any:
    return value


def _exactly(kind: type) -> Converter:
    name = kind.__name__

    def convert(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise Mismatch(name, actual_name(value))

    return convert


def _float(value: Any) -> float:
    kind = type(value)
    if kind is float:
        return value  # type: ignore[no-any-return]
    if kind is int or kind is Decimal:
        return _finite(value)
    raise Mismatch("float", actual_name(value))


def _float_nan(value: Any) -> float:
    return float(value) if type(value) is str and value in _NOT_FINITE else _float(value)


def _decimal(value: Any) -> Decimal:
    if type(value) is Decimal:
        return value
    if type(value) is int:
        return Decimal(value)
    # A float here would have lost digits already: the payload was not read with loads_exact.
    raise Mismatch("Decimal", actual_name(value))


def _decimal_nan(value: Any) -> Decimal:
    return Decimal(value) if type(value) is str and value in _NOT_FINITE else _decimal(value)


def _none(value: Any) -> None:
    if value is not None:
        raise Mismatch("None", actual_name(value))


def _from_text(read: Callable[[str], object], name: str) -> Converter:
    def convert(value: Any) -> Any:
        if type(value) is not str:
            raise Mismatch(name, actual_name(value))
        try:
            return read(value)
        except (ValueError, OverflowError):
            raise Mismatch(name, "a text that is not one") from None

    return convert


def _key_int(text: str) -> int:
    if text.removeprefix("-").isdecimal() and text.isascii():
        try:
            return int(text)
        except ValueError:
            pass  # more digits than Python converts: refused below like any other text
    raise Mismatch("int", "a key that is not one")


def _key_bool(text: str) -> bool:
    if text in ("true", "false"):
        return text == "true"
    raise Mismatch("bool", "a key that is not one")


def _key_number(kind: type[float | Decimal]) -> Converter:
    def convert(text: str) -> float | Decimal:
        try:
            number = kind(text)
            if math.isfinite(number):
                return number
        except (ValueError, ArithmeticError):
            pass  # refused below, as is a number that is not finite
        raise Mismatch(kind.__name__, "a key that is not one")

    return convert


def _enum(kind: type[enum.Enum]) -> Converter:
    by_name = kind.__members__
    expected = f"{type_name(kind)} (one of {', '.join(list(by_name)[:20])})"

    def convert(value: Any) -> enum.Enum:
        if type(value) is str:
            member = by_name.get(value)
            if member is not None:
                return member
        if type(value) in (str, int, float, bool):
            for member in kind:
                if type(member.value) is type(value) and member.value == value:
                    return member
        raise Mismatch(expected, actual_name(value) if type(value) is not str else "another text")

    return convert


def _literal(choices: tuple[Any, ...]) -> Converter:
    expected = "one of " + ", ".join(c.name if isinstance(c, enum.Enum) else repr(c) for c in choices)

    def convert(value: Any) -> Any:
        for choice in choices:
            if (type(choice) is type(value) and choice == value) or (
                isinstance(choice, enum.Enum) and type(value) is str and choice.name == value
            ):
                return choice
        raise Mismatch(expected, actual_name(value) if type(value) is not str else "another text")

    return convert
