# SPDX-License-Identifier: Apache-2.0
"""Converters for classes with named members: dataclasses, TypedDict, NamedTuple, pydantic models, arrays."""

from __future__ import annotations

import dataclasses
import inspect
import operator
import sys
import typing
from decimal import Decimal
from typing import Any

from serpentry import frames
from serpentry.errors import suggestion
from serpentry.hints import (
    Compiler,
    Converter,
    Mismatch,
    UnsupportedHintError,
    actual_name,
    floats,
    hint_name,
    plain_hint,
)

Variables = dict[Any, Any]


def converter(
    compiler: Compiler, kind: Any, arguments: tuple[Any, ...], variables: Variables
) -> Converter | None:
    """The converter for a class, or None when it is none of the known sorts."""
    if _is_pydantic(kind):
        hint = kind[arguments] if arguments and not hasattr(kind, "__pydantic_generic_metadata__") else kind
        return _pydantic(compiler, hint)
    frame = frames.library(kind)
    if frame is not None:
        return frames.converter(frame, compiler.exact, compiler.nan)
    inner = _variables(kind, arguments, variables)
    if dataclasses.is_dataclass(kind):
        return _dataclass(compiler, kind, inner)
    if typing.is_typeddict(kind):
        return _typed_dict(compiler, kind, inner)
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _named_tuple(compiler, kind, inner)
    if kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        return _array
    return None


def resolved_hints(owner: Any) -> dict[str, Any]:
    """The hints of a class or function; one that cannot be resolved at run time counts as no hint.

    That happens to names imported only under ``TYPE_CHECKING``: they exist for the type checker alone.
    """
    try:
        return typing.get_type_hints(owner, include_extras=True)
    except Exception:
        return _one_by_one(owner)


def _one_by_one(owner: Any) -> dict[str, Any]:
    hints: dict[str, Any] = {}
    for part in reversed(owner.__mro__) if isinstance(owner, type) else (owner,):
        try:
            annotations = dict(inspect.get_annotations(part))
        except Exception:  # Python 3.14 evaluates all of them together, or none
            annotations = {}
        for name, hint in annotations.items():
            holder = type("holder", (), {"__annotations__": {name: hint}, "__module__": part.__module__})
            try:
                hints[name] = typing.get_type_hints(
                    holder, getattr(part, "__globals__", None), include_extras=True
                )[name]
            except Exception:
                hints[name] = Any
    return hints


def _variables(kind: Any, arguments: tuple[Any, ...], outer: Variables) -> Variables:
    parameters = getattr(kind, "__parameters__", ())
    if not arguments or len(parameters) != len(arguments):
        return {}
    return {
        parameter: plain_hint(argument, outer)
        for parameter, argument in zip(parameters, arguments, strict=True)
    }


class _Members:
    """What an object must and may contain, with a converter for each member."""

    __slots__ = ("converters", "name", "required")

    def __init__(
        self, compiler: Compiler, name: str, hints: dict[str, Any], required: set[str], variables: Variables
    ) -> None:
        self.name = name
        self.required = required
        self.converters = {member: compiler.compile(hint, variables) for member, hint in hints.items()}

    def convert(self, value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Mismatch(self.name, actual_name(value))
        converted: dict[str, Any] = {}
        member = ""
        try:
            for member, inner in value.items():
                convert = self.converters[member]
                converted[member] = inner if convert is None else convert(inner)
        except Mismatch as mismatch:
            mismatch.way.append(f".{member}")
            raise
        except KeyError:
            if member in self.converters:
                raise
            near = suggestion(member, self.converters)
            raise Mismatch(self.name, f"an unknown member {member!r}{near}") from None
        if not self.required <= converted.keys():
            missing = ", ".join(
                repr(name) for name in self.converters if name in self.required - converted.keys()
            )
            raise Mismatch(self.name, f"an object without {missing}")
        return converted


def _dataclass(compiler: Compiler, kind: Any, variables: Variables) -> Converter:
    hints = resolved_hints(kind)
    fields = [field for field in dataclasses.fields(kind) if field.init]
    # InitVar pseudo-fields are part of the constructor though not of fields()
    wanted = {field.name: hints.get(field.name, Any) for field in fields}
    required = {
        field.name
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    for name, hint in hints.items():
        if isinstance(hint, dataclasses.InitVar):
            wanted[name] = hint.type
            if not hasattr(kind, name):
                required.add(name)
    members = _Members(compiler, kind.__name__, wanted, required, variables)
    types = tuple(compiler.exact_type(plain_hint(hint, variables)) for hint in wanted.values())
    if len(types) < 2 or None in types:
        return lambda value: kind(**members.convert(value))
    pick = operator.itemgetter(*wanted)
    count = len(types)

    def convert(value: Any) -> Any:
        fits = False
        if type(value) is dict and len(value) == count:
            try:
                fits = tuple(map(type, pick(value))) == types
            except KeyError:
                pass  # the long way tells what is wrong
        return kind(**value) if fits else kind(**members.convert(value))

    return convert


def _typed_dict(compiler: Compiler, kind: Any, variables: Variables) -> Converter:
    hints = resolved_hints(kind)
    # With annotations as texts __required_keys__ does not know of Required and NotRequired
    required = {
        name
        for name, hint in hints.items()
        if typing.get_origin(hint) is typing.Required
        or (typing.get_origin(hint) is not typing.NotRequired and name in kind.__required_keys__)
    }
    return _Members(compiler, kind.__name__, hints, required, variables).convert


def _named_tuple(compiler: Compiler, kind: Any, variables: Variables) -> Converter:
    hints = {**dict.fromkeys(kind._fields, Any), **resolved_hints(kind)}
    hints = {name: hints[name] for name in kind._fields}
    required = set(kind._fields) - set(kind._field_defaults)
    members = _Members(compiler, kind.__name__, hints, required, variables)

    def convert(value: Any) -> Any:
        if type(value) is list:
            if len(value) > len(kind._fields):
                raise Mismatch(kind.__name__, f"list of {len(value)}")
            value = dict(zip(kind._fields, value, strict=False))
        return kind(**members.convert(value))

    return convert


def _is_pydantic(kind: Any) -> bool:
    return "pydantic" in sys.modules and hasattr(kind, "__pydantic_validator__")


def _pydantic(compiler: Compiler, kind: Any) -> Converter:
    """Inside a pydantic model its own rules apply."""
    import pydantic

    adapter = pydantic.TypeAdapter(kind)
    name = hint_name(kind)

    def convert(value: Any) -> Any:
        try:
            return adapter.validate_python(_numbers(kind, value) if compiler.exact else value)
        except pydantic.ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            way = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
            mismatch = Mismatch(name, f"a value it refuses ({first['msg']})")
            mismatch.way.append(way)
            raise mismatch from None

    return convert


def _numbers(kind: Any, value: Any) -> Any:
    """Exactly read numbers stay Decimals only in the fields whose hints mention Decimal."""
    fields = getattr(kind, "model_fields", None)
    if type(value) is not dict or not isinstance(fields, dict):
        return floats(value)
    hints = {field.alias or name: field.annotation for name, field in fields.items()}
    hints.update({name: field.annotation for name, field in fields.items()})
    return {
        name: _numbers(hints[name], inner)
        if _has_fields(hints.get(name))
        else inner
        if mentions_decimal(hints.get(name))
        else floats(inner)
        for name, inner in value.items()
    }


def _has_fields(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "model_fields")


def mentions_decimal(hint: Any, seen: set[int] | None = None) -> bool:
    """Whether ``hint``, or a member of a class in it, is ``Decimal``: the payload is then read exactly."""
    seen = set() if seen is None else seen
    hint = plain_hint(hint, {})
    if hint is Decimal:
        return True
    if id(hint) in seen:
        return False
    seen.add(id(hint))
    if any(mentions_decimal(part, seen) for part in typing.get_args(hint) if part is not ...):
        return True
    owner = typing.get_origin(hint) or hint
    if not isinstance(owner, type):
        return False
    fields = getattr(owner, "model_fields", None) if _is_pydantic(owner) else None
    if isinstance(fields, dict):
        return any(mentions_decimal(field.annotation, seen) for field in fields.values())
    if dataclasses.is_dataclass(owner) or typing.is_typeddict(owner) or hasattr(owner, "_fields"):
        return any(mentions_decimal(part, seen) for part in resolved_hints(owner).values())
    return False


def _array(value: Any) -> Any:
    numpy = sys.modules["numpy"]
    if type(value) is not list:
        raise Mismatch("ndarray", actual_name(value))
    try:
        return numpy.asarray(floats(value))
    except ValueError:
        raise Mismatch("ndarray", "lists of unequal lengths") from None


__all__ = ["UnsupportedHintError", "converter", "mentions_decimal", "resolved_hints"]
