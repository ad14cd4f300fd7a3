# SPDX-License-Identifier: Apache-2.0
"""The exact writer: every result that JSON can carry, as text, and a named refusal for every other.

Codecs try a fast path first (``serpentry.codec``) and come here when it does not apply, so that the result
is the same whichever JSON library is installed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json.encoder
import math
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from serpentry import scalars, tabular
from serpentry.errors import EncodingError, type_name
from serpentry.nesting import too_deep

FastPath = Callable[[object], bytes | None]

_quote: Callable[[str], str] = json.encoder.encode_basestring
_FAST_FROM = 32
"""Length from which a list inside a result is worth a try on the fast path."""


class _Refused(Exception):
    """Unwinds from the refused value to the root, collecting the way on its way."""

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind
        self.way: list[str] = []
        self.containers: list[int] = []

    def path(self) -> str:
        return "$" + "".join(reversed(self.way))

    def circular(self) -> bool:
        return len(set(self.containers)) < len(self.containers)


class Writer:
    """Writes values as JSON text. Holds only settings, so one may serve any number of threads."""

    __slots__ = ("_fast", "_nan", "_nesting")

    def __init__(self, nan: bool, nesting: int, fast: FastPath) -> None:
        self._nan = nan
        self._nesting = nesting
        self._fast = fast

    def write(self, value: object) -> bytes:
        """The JSON of ``value``.

        Raises:
            EncodingError: naming type and path of the part that JSON cannot carry.
        """
        names = _FIELDS.get(type(value))
        if names is not None:  # a dataclass that has come this way before
            written = self._fast({name: getattr(value, name) for name in names})
            if written is not None and not too_deep(written, self._nesting):
                return written
        try:
            text = self._value(value, self._nesting)
            return text.encode("utf-8")
        except _Refused as refused:
            reason = refused.reason
            path = refused.path()
            if refused.circular():
                reason = "a circular reference"
                path = "$" + "".join(refused.way[: -_cycle_start(refused.containers) - 1 : -1])
            raise EncodingError(
                f"the result cannot be written as JSON: {reason} at {_short(path)}",
                refused.kind,
                _short(path),
            ) from None

    def _value(self, value: Any, room: int) -> str:
        if value is None:
            return "null"
        kind = type(value)
        if kind is str:
            return _string(value)
        if kind is bool:
            return "true" if value else "false"
        if kind is int:
            return _integer(value)
        if kind is float:
            return self._float(value)
        if kind is dict:
            return self._object(value, value, room)
        if kind is list or kind is tuple:
            return self._array(value, value, room)
        return self._other(value, kind, room)

    def _other(self, value: Any, kind: type, room: int) -> str:
        if isinstance(value, enum.Enum):
            return _string(_enum_name(value, kind))
        plain = tabular.converter(kind)
        if plain is not None:
            return self._converted(plain, value, kind, room)
        text = _as_text(value)
        if text is not None:
            return _quote(text)
        if isinstance(value, Decimal):
            return self._decimal(value)
        if isinstance(value, str):
            return _string(str.__str__(value))
        if isinstance(value, int):
            return _integer(int(value))
        if isinstance(value, float):
            return self._float(float(value))
        return self._structure(value, kind, room)

    def _converted(self, plain: Callable[[Any], object], value: Any, kind: type, room: int) -> str:
        try:
            converted = plain(value)
        except EncodingError as error:
            raise _Refused(str(error), type_name(kind)) from None
        if type(converted) is list:
            fast = self._fast_list(converted, room)
            if fast is not None:
                return fast
        elif isinstance(converted, kind):
            raise _Refused(f"a value of type {type_name(kind)}", type_name(kind))
        return self._value(converted, room)

    def _structure(self, value: Any, kind: type, room: int) -> str:
        if dataclasses.is_dataclass(value):
            names = _field_names(kind)
            return self._members(((name, getattr(value, name)) for name in names), value, room, ".")
        if callable(getattr(kind, "model_dump", None)) and hasattr(kind, "__pydantic_serializer__"):
            return self._object(_pydantic(value), value, room)
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            return self._members(zip(kind._fields, value, strict=True), value, room, ".")
        if isinstance(value, Mapping):
            return self._object(value, value, room)
        if isinstance(value, (list, tuple, set, frozenset)) or _is_view(value) or kind.__name__ == "deque":
            return self._array(list(value), value, room)
        if isinstance(value, SimpleNamespace):
            return self._object(vars(value), value, room)
        raise _refusal(value, kind)

    def _object(self, members: Mapping[Any, Any], container: object, room: int) -> str:
        return self._members(members.items(), container, room, None)

    def _members(self, members: Any, container: object, room: int, style: str | None) -> str:
        if room <= 0:
            raise self._deeper(container)
        parts: list[str] = []
        names: set[str] = set()
        key: Any = None
        try:
            for key, item in members:
                name = _quote(key) if style else _string(key) if type(key) is str else _string(_key(key))
                names.add(name)
                parts.append(f"{name}:{self._value(item, room - 1)}")
        except _Refused as refused:
            refused.way.append(_step(key))
            refused.containers.append(id(container))
            raise
        except RecursionError:
            raise self._deeper(container) from None
        if len(names) < len(parts):
            kind = type_name(type(container))
            raise _Refused("a mapping of whose keys two are the same text in JSON", kind)
        return "{" + ",".join(parts) + "}"

    def _array(self, items: list[Any] | tuple[Any, ...], container: object, room: int) -> str:
        if room <= 0:
            raise self._deeper(container)
        if len(items) >= _FAST_FROM and type(items) is list:
            fast = self._fast_list(items, room)
            if fast is not None:
                return fast
        parts: list[str] = []
        try:
            for item in items:
                parts.append(self._value(item, room - 1))
        except _Refused as refused:
            refused.way.append(f"[{len(parts)}]")
            refused.containers.append(id(container))
            raise
        except RecursionError:
            raise self._deeper(container) from None
        return "[" + ",".join(parts) + "]"

    def _fast_list(self, items: list[Any], room: int) -> str | None:
        # Only a flat list: a nested one could be deeper than what is left of the limit.
        if room <= 0 or not items or type(items[0]) in (list, dict, tuple):
            return None
        written = self._fast(items)
        if written is None or written.count(b"[") > 1 or b"{" in written:
            return None
        return written.decode("utf-8")

    def _float(self, value: float) -> str:
        if math.isfinite(value):
            return float.__repr__(value)
        name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        if self._nan:
            return f'"{name}"'
        raise _Refused(f"{name}, which JSON has no number for (the pool's nan=allow would send it)", "float")

    def _decimal(self, value: Decimal) -> str:
        if value.is_finite():
            return str(value)
        return self._float(float("nan") if value.is_nan() else float(value))

    def _deeper(self, container: object) -> _Refused:
        refused = _Refused(
            f"more than {self._nesting} levels of nesting (max-nesting)", type_name(type(container))
        )
        refused.containers.append(id(container))
        return refused


def _cycle_start(containers: list[int]) -> int:
    """How many steps from the root lie before the second visit of a container (list is inner to outer)."""
    seen: set[int] = set()
    for steps, container in enumerate(reversed(containers)):
        if container in seen:
            return steps
        seen.add(container)
    return len(containers)


def _string(value: str) -> str:
    if value.isascii():
        return _quote(value)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _Refused(f"a lone surrogate (U+{ord(value[error.start]):04X}) in a text", "str") from None
    return _quote(value)


def _integer(value: int) -> str:
    try:
        return int.__repr__(value)
    except ValueError:  # sys.set_int_max_str_digits
        raise _Refused("an integer of more digits than Python converts to text", "int") from None


def _enum_name(value: enum.Enum, kind: type) -> str:
    name = value.name
    if not isinstance(name, str) or "|" in name:  # a combination of flags has no single name
        raise _Refused(f"a combination of {type_name(kind)} flags", type_name(kind))
    return name


def _as_text(value: object) -> str | None:
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return scalars.write_bytes(value)
    if isinstance(value, dt.timedelta):
        return scalars.write_timedelta(value)
    return None


def _key(key: Any) -> str:
    if isinstance(key, enum.Enum):
        return _enum_name(key, type(key))
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return _integer(int(key))
    if isinstance(key, Decimal) and key.is_finite():
        return str(key)
    plain = tabular.converter(type(key))
    if plain is not None and type(converted := plain(key)) in (str, bool, int):
        return _key(converted)
    text = None if isinstance(key, (bytearray, memoryview)) else _as_text(key)
    if text is None:
        raise _Refused(f"a key of type {type_name(type(key))}", type_name(type(key)))
    return text


def _step(key: object) -> str:
    if isinstance(key, str):
        text = str.__str__(key).encode("utf-8", "backslashreplace").decode("utf-8")
        return f".{text}" if text.isidentifier() else f"[{_quote(text)}]"
    if isinstance(key, (bool, int, enum.Enum, dt.date, uuid.UUID)):
        return f"[{_quote(str(_key(key)))}]"
    return f"[<{type_name(type(key))}>]"


def _short(path: str) -> str:
    return path if len(path) <= 400 else f"{path[:200]}…{path[-200:]}"


_MOST_FIELDS = 4096
_FIELDS: dict[type, tuple[str, ...]] = {}
"""The field names of dataclasses that :meth:`Writer._structure` has met, and hence of no other type."""


def _field_names(kind: type) -> tuple[str, ...]:
    names = _FIELDS.get(kind)
    if names is None:
        if len(_FIELDS) >= _MOST_FIELDS:
            _FIELDS.clear()  # somebody makes classes without end, which would live as long as the worker
        names = _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return names


def _pydantic(model: Any) -> Mapping[Any, Any]:
    """A model's members by alias, with its own serializers applied; the values are written by our rules."""
    dumped = model.model_dump(mode="python", by_alias=True)
    if isinstance(dumped, Mapping):
        return dumped
    return {"root": dumped}


def _is_view(value: object) -> bool:
    return isinstance(value, (type({}.keys()), type({}.values())))


def _refusal(value: object, kind: type) -> _Refused:
    name = type_name(kind)
    if isinstance(value, (Iterator, AsyncIterator)):
        return _Refused(
            f"a value of type {name}: return a list, or let the caller read it with stream()", name
        )
    if kind.__name__ == "coroutine":
        return _Refused("a coroutine that nobody awaited", name)
    return _Refused(f"a value of type {name}", name)
