# SPDX-License-Identifier: Apache-2.0
"""Converters for lists, tuples, sets, mappings and unions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from serpentry.hints import Compiler, Converter, Mismatch, actual_name, hint_name, plain_hint

Variables = dict[Any, Any]


def sequence(
    compiler: Compiler, hint: Any, variables: Variables, make: Callable[[list[Any]], Any] | None
) -> Converter:
    """``list[hint]``, or what ``make`` makes of the list."""
    item = compiler.compile(hint, variables)
    kind = plain_hint(hint, variables)
    fast = frozenset({kind}) if kind in (str, int, float, bool) else None
    name = "list" if make is None else make.__name__ if isinstance(make, type) else "list"
    expected = f"{name}[{hint_name(kind)}]"

    def convert(value: Any) -> Any:
        if type(value) is not list:
            raise Mismatch(expected, actual_name(value))
        if item is not None and not (fast is not None and fast.issuperset(map(type, value))):
            value = _items(item, value)
        if make is None:
            return value
        try:
            return make(value)
        except TypeError:
            raise Mismatch(expected, "a list with items that a set cannot hold") from None

    return convert


def _items(item: Converter, values: list[Any]) -> list[Any]:
    converted: list[Any] = []
    try:
        for value in values:
            converted.append(item(value))
    except Mismatch as mismatch:
        mismatch.way.append(f"[{len(converted)}]")
        raise
    return converted


def tuple_of(compiler: Compiler, hints: tuple[Any, ...], variables: Variables) -> Converter:
    """``tuple``, ``tuple[T, ...]`` and ``tuple[A, B]``."""
    if not hints:
        return sequence(compiler, Any, variables, tuple)
    if len(hints) == 2 and hints[1] is ...:
        return sequence(compiler, hints[0], variables, tuple)
    if hints == ((),):
        hints = ()
    parts = [compiler.converter(hint, variables) for hint in hints]
    expected = f"tuple of {len(parts)}"

    def convert(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Mismatch(expected, actual_name(value))
        if len(value) != len(parts):
            raise Mismatch(expected, f"list of {len(value)}")
        converted: list[Any] = []
        try:
            for part, item in zip(parts, value, strict=True):
                converted.append(part(item))
        except Mismatch as mismatch:
            mismatch.way.append(f"[{len(converted)}]")
            raise
        return tuple(converted)

    return convert


def mapping(compiler: Compiler, hints: tuple[Any, ...], variables: Variables) -> Converter:
    """``dict[K, V]``; keys arrive as text and are converted to K."""
    key = compiler.key(hints[0], variables)
    item = compiler.compile(hints[1], variables)
    expected = (
        f"dict[{hint_name(plain_hint(hints[0], variables))}, {hint_name(plain_hint(hints[1], variables))}]"
    )

    def convert(value: Any) -> Any:
        if type(value) is not dict:
            raise Mismatch(expected, actual_name(value))
        if key is None and item is None:
            return value
        converted: dict[Any, Any] = {}
        name = ""
        try:
            for name, inner in value.items():
                converted[name if key is None else key(name)] = inner if item is None else item(inner)
        except Mismatch as mismatch:
            mismatch.way.append(f"[{name!r}]")
            raise
        if len(converted) < len(value):
            raise Mismatch(expected, "an object of whose keys two mean the same")
        return converted

    return convert


def union(compiler: Compiler, hints: tuple[Any, ...], variables: Variables) -> Converter:
    """The best match: a member of exactly the value's JSON type, else the first, as declared, that fits."""
    kinds = [plain_hint(hint, variables) for hint in hints]
    members = [compiler.converter(kind, variables) for kind in kinds]
    exact: dict[type, Converter] = {}
    for kind, member in zip(kinds, members, strict=True):
        if kind in (int, bool, type(None), None):
            exact[type(None) if kind is None else kind] = member
        elif kind is Decimal:
            exact[Decimal] = member
        elif kind is float:
            exact[float] = member
            exact.setdefault(Decimal, member)
    expected = " | ".join(hint_name(kind) for kind in kinds)

    def convert(value: Any) -> Any:
        certain = exact.get(type(value))
        if certain is not None:
            return certain(value)
        deepest: Mismatch | None = None
        for member in members:
            try:
                return member(value)
            except Mismatch as mismatch:
                if mismatch.way and (deepest is None or len(mismatch.way) > len(deepest.way)):
                    deepest = mismatch
        if deepest is not None:  # it had the right shape, so its inner fault says more
            raise deepest
        raise Mismatch(expected, actual_name(value))

    return convert
