# SPDX-License-Identifier: Apache-2.0
"""Binds a call's arguments to a function's parameters and type hints."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, Final

from serpentry.errors import BindingError, suggestion
from serpentry.hints import Compiler, Converter, Mismatch, UnsupportedHintError
from serpentry.records import mentions_decimal, resolved_hints

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NOBODY: Final[frozenset[str]] = frozenset()
_NAMED = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Binder:
    """The parameters of one function, worked out once. Immutable, thread-safe.

    ``exact`` says that some hint mentions ``Decimal``: the arguments must then come from
    ``Codec.loads_exact``.
    """

    def __init__(self, function: Callable[..., Any], name: str, nan: bool) -> None:
        """Works out the parameters of ``function``, which messages call ``name``.

        Raises:
            BindingError: a hint that no JSON value can be bound to.
        """
        self._name = name
        self._function = function
        parameters = list(inspect.signature(function).parameters.values())
        hints = resolved_hints(inspect.unwrap(function))
        wanted = {p.name: hints.get(p.name, p.annotation) for p in parameters}
        wanted = {key: Any if hint is inspect.Parameter.empty else hint for key, hint in wanted.items()}
        self.exact = any(mentions_decimal(hint) for hint in wanted.values())
        compiler = Compiler(self.exact, nan)
        converters = {p.name: self._compile(compiler, p.name, wanted[p.name]) for p in parameters}
        self._converters = converters
        self._fast: dict[str, type | None] = {}
        for p in parameters:
            if p.kind in _NAMED:
                # None as type: every value passes; a type of its own: only the slow path can tell
                fast = compiler.exact_type(wanted[p.name])
                self._fast[p.name] = fast or (None if converters[p.name] is None else _Slow)
        self._by_name = {p.name: converters[p.name] for p in parameters if p.kind in _NAMED}
        self._by_position = [(p.name, converters[p.name]) for p in parameters if p.kind in _POSITIONAL]
        self._only_by_position = {p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_ONLY}
        self._required = frozenset(
            p.name
            for p in parameters
            if p.default is inspect.Parameter.empty and p.kind in (*_POSITIONAL, *_NAMED)
        )
        self._rest = next((p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL), None)
        self._others = next((p.name for p in parameters if p.kind is inspect.Parameter.VAR_KEYWORD), None)
        straight = _straight(function, parameters, self._fast)
        self.run: Callable[[object, bool], Any] = (
            self.invoke if straight is None else _shortcut(function, straight, self.invoke)
        )
        """As :meth:`invoke`, by a shorter way where there is one."""

    def invoke(self, arguments: object, mixed: bool) -> Any:
        """Binds ``arguments`` (an object, an array or, if ``mixed``, both) and calls the function.

        Raises:
            BindingError: naming argument, expected and actual.
        """
        if type(arguments) is dict and not mixed:
            fast = self._fast
            for name, value in arguments.items():
                expected = fast.get(name, _Slow)
                if expected is not None and type(value) is not expected:
                    break
            else:
                if self._required <= arguments.keys():
                    return self._function(**arguments)
            return self._function(**self._by_name_only(arguments))
        positional, named = self.bind(arguments, mixed)
        return self._function(*positional, **named)

    def bind(self, arguments: object, mixed: bool) -> tuple[list[Any], dict[str, Any]]:
        """The positional and the named arguments, converted."""
        positional, named = self._split(arguments, mixed)
        values = self._positional(positional)
        given = {name for name, _ in self._by_position[: len(values)]}
        converted = self._named(named, given)
        missing = self._required - given - converted.keys()
        if missing:
            self._refuse_missing(missing)
        return values, converted

    def _by_name_only(self, named: dict[str, Any]) -> dict[str, Any]:
        converted = self._named(named, _NOBODY)
        if not self._required <= converted.keys():
            self._refuse_missing(self._required - converted.keys())
        return converted

    def _compile(self, compiler: Compiler, name: str, hint: Any) -> Converter | None:
        try:
            return compiler.compile(hint)
        except UnsupportedHintError as error:
            raise BindingError(
                f"parameter {name!r} of {self._name} has the type hint {error}, which no JSON value can"
                " be bound to; use a dataclass, a built-in type or Any",
                name,
                str(error),
            ) from None

    def _split(self, arguments: object, mixed: bool) -> tuple[list[Any], dict[str, Any]]:
        if mixed:
            if isinstance(arguments, list) and len(arguments) == 2:
                positional, named = arguments
                if isinstance(positional, list) and isinstance(named, dict):
                    return positional, named
            raise BindingError(f"mixed arguments of {self._name} must be [[positional…], {{named…}}]")
        if isinstance(arguments, dict):
            return [], arguments
        if isinstance(arguments, list):
            return arguments, {}
        raise BindingError(
            f"the arguments of {self._name} must be an object (by name) or an array (by position)",
            None,
            "object or array",
            type(arguments).__name__,
        )

    def _positional(self, given: list[Any]) -> list[Any]:
        known = self._by_position
        if len(given) > len(known) and self._rest is None:
            raise BindingError(
                f"{self._name} takes at most {len(known)} positional arguments, got {len(given)}",
                None,
                f"at most {len(known)} positional arguments",
                str(len(given)),
            )
        values = [
            self._convert(name, convert, value) for (name, convert), value in zip(known, given, strict=False)
        ]
        if len(given) > len(known) and self._rest is not None:
            convert = self._converters[self._rest]
            values += [
                self._convert(f"{self._rest}[{index}]", convert, value)
                for index, value in enumerate(given[len(known) :])
            ]
        return values

    def _named(self, given: dict[str, Any], taken: AbstractSet[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name in self._by_name:
                if name in taken:
                    raise BindingError(
                        f"argument {name!r} of {self._name} is given both by position and by name",
                        name,
                        "one value",
                        "two values",
                    )
                values[name] = self._convert(name, self._by_name[name], value)
            elif self._others is not None:
                values[name] = self._convert(name, self._converters[self._others], value)
            else:
                self._refuse_name(name)
        return values

    def _convert(self, name: str, convert: Converter | None, value: Any) -> Any:
        if convert is None:
            return value
        try:
            return convert(value)
        except Mismatch as mismatch:
            place = name + "".join(reversed(mismatch.way))
            raise BindingError(
                f"argument {place!r} of {self._name} must be {mismatch.expected}, got {mismatch.actual}",
                place,
                mismatch.expected,
                mismatch.actual,
            ) from None
        except RecursionError:
            raise BindingError(f"argument {name!r} of {self._name} is nested too deep", name) from None

    def _refuse_name(self, name: str) -> None:
        if name in self._only_by_position:
            raise BindingError(
                f"argument {name!r} of {self._name} is positional-only: pass it by position",
                name,
                "an argument by position",
                "an argument by name",
            )
        known = list(self._by_name)
        raise BindingError(
            f"{self._name} has no argument {name!r}{suggestion(name, known)}"
            f" (it has: {', '.join(known) or 'none'})",
            name,
            f"one of {', '.join(known)}" if known else "no named argument",
            name,
        )

    def _refuse_missing(self, missing: frozenset[str] | set[str]) -> None:
        ordered = [name for name in self._converters if name in missing]
        names = ", ".join(repr(name) for name in ordered)
        word = "argument" if len(ordered) == 1 else "arguments"
        raise BindingError(f"missing {word} {names} of {self._name}", ordered[0], "a value", "missing")


class _Slow:
    """Stands in the fast table for a hint that needs its converter; no JSON value is of this type."""


def _straight(
    function: Callable[..., Any], parameters: list[inspect.Parameter], fast: dict[str, type | None]
) -> list[tuple[str, type | None]] | None:
    """Names and types of one or two parameters that a plain function takes by position as well as by name.

    Not of a wrapped function: the signature is then another one's.
    """
    if not inspect.isfunction(function) or not {"__wrapped__", "__signature__"}.isdisjoint(vars(function)):
        return None
    if len(parameters) not in (1, 2) or any(
        p.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD or fast[p.name] is _Slow for p in parameters
    ):
        return None
    return [(p.name, fast[p.name]) for p in parameters]


def _shortcut(
    function: Callable[..., Any],
    wanted: list[tuple[str, type | None]],
    otherwise: Callable[[object, bool], Any],
) -> Callable[[object, bool], Any]:
    """Calls ``function`` when all its arguments are given by name in the types it wants.

    A call by position costs half of one by keywords, and nothing is looked up.
    """
    (one, kind_one), (two, kind_two) = wanted[0], wanted[-1]

    def run_one(arguments: object, mixed: bool) -> Any:
        if type(arguments) is dict and not mixed and len(arguments) == 1 and one in arguments:
            first = arguments[one]
            if kind_one is None or type(first) is kind_one:
                return function(first)
        return otherwise(arguments, mixed)

    def run_two(arguments: object, mixed: bool) -> Any:
        if type(arguments) is dict and not mixed and len(arguments) == 2:
            try:
                first = arguments[one]
                second = arguments[two]
            except KeyError:
                return otherwise(arguments, mixed)
            if (kind_one is None or type(first) is kind_one) and (
                kind_two is None or type(second) is kind_two
            ):
                return function(first, second)
        return otherwise(arguments, mixed)

    return run_one if len(wanted) == 1 else run_two
