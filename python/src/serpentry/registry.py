# SPDX-License-Identifier: Apache-2.0
"""Which functions callers may reach, and how a call reaches them.

The worker's loop, for each call::

    target = registry.resolve(target_bytes)          # CallError: NOT_EXPOSED, MODULE_NOT_FOUND, IMPORT_FAILED
    result = target.invoke(target.loads(payload), mixed)   # a coroutine when target.is_async

``target.loads`` rather than ``codec.loads``: a function with a ``Decimal`` hint has its numbers read exactly.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, TypeVar, overload

from serpentry.binding import Binder
from serpentry.calllog import told
from serpentry.codec import Buffer, Codec
from serpentry.errors import (
    CallCancelled,
    CallError,
    ImportFailedError,
    ModuleMissingError,
    NotExposedError,
    suggestion,
)
from serpentry.modules import ModuleFinder

Function = TypeVar("Function", bound=Callable[..., Any])

_TARGET_LIMIT = 512
_exposed: dict[str, dict[str, Callable[..., Any]]] = {}
"""Module name to published name to function, filled by ``expose`` while modules are imported."""


@overload
def expose(function: Function, /) -> Function: ...
@overload
def expose(*, name: str | None = None) -> Callable[[Function], Function]: ...
def expose(function: Function | None = None, /, *, name: str | None = None) -> Any:
    """Publishes a function to Java callers under the module in which ``expose`` is called.

    Use it as ``@expose``, as ``@expose(name="score")``, or as ``score = expose(other.score)`` to publish
    here what is defined elsewhere: importing a published function does not publish it again.

    Raises:
        TypeError: not a module-level function.
    """
    module = str(sys._getframe(1).f_globals.get("__name__", ""))  # noqa: SLF001

    def publish(found: Function) -> Function:
        if not callable(found) or isinstance(found, type):
            raise TypeError(f"@expose publishes functions, not {found!r}")
        public = name or str(getattr(found, "__name__", ""))
        if not public.isidentifier():
            raise TypeError(f"{public!r} is no name to publish a function under: give expose(name=…)")
        qualified = str(getattr(found, "__qualname__", public))
        if "." in qualified.rpartition("<locals>.")[2] and inspect.isfunction(found):
            raise TypeError(f"@expose publishes module-level functions, not the method {qualified}")
        _exposed.setdefault(module, {})[public] = found
        return found

    return publish if function is None else publish(function)


class Target:
    """One published function, ready to be called. Immutable."""

    __slots__ = ("function", "invoke", "is_async", "loads", "name", "on_loop")

    def __init__(self, name: str, function: Callable[..., Any], codec: Codec, debug: bool = False) -> None:
        binder = Binder(function, name, codec.nan)
        self.name = name
        """``module:function``."""
        self.function = function
        """The function itself."""
        self.is_async = inspect.iscoroutinefunction(inspect.unwrap(function))
        """Whether :attr:`invoke` gives a coroutine that the caller must run."""
        self.on_loop = self.is_async or inspect.isasyncgenfunction(inspect.unwrap(function))
        """Whether what :attr:`invoke` gives needs an event loop."""
        self.loads: Callable[[Buffer], Any] = codec.loads_exact if binder.exact else codec.loads
        """Reads a payload as this function's hints need it."""
        self.invoke: Callable[[object, bool], Any] = told(name, binder.run) if debug else binder.run
        """``invoke(arguments, mixed)`` binds the arguments (BindingError) and runs the function."""


class Registry:
    """The functions callers may reach: those that ``expose`` published in modules beneath ``roots`` or listed
    in ``preload``.

    Only such modules are ever imported on a caller's behalf. Used by one thread at a time while resolving;
    known targets are served from a dict.
    """

    def __init__(
        self, roots: Sequence[str], preload: Sequence[str], codec: Codec, debug: bool = False
    ) -> None:
        self._debug = debug
        self._codec = codec
        self._preload = tuple(preload)
        self._finder = ModuleFinder(roots)
        self._targets: dict[bytes, Target] = {}
        self._builtins: dict[str, Callable[..., Any]] = {}
        for root in reversed(self._finder.roots):
            if root not in sys.path:
                sys.path.insert(0, root)

    def add_builtins(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Adds built-in commands, reachable as ``serpentry:<name>``."""
        self._builtins.update(functions)

    def preload_modules(self) -> None:
        """Imports the preload list in order.

        Raises:
            ImportFailedError: the first module that could not be imported.
        """
        for module in self._preload:
            self._import(module)

    def prepare(self) -> None:
        """Binds all that is published so far, so that the first call of each function finds it done.

        In a template, workers share what comes of it. A function that cannot be bound says so when called.
        """
        for module, published in [("serpentry", self._builtins), *_exposed.items()]:
            for name in list(published):
                # What is wrong with one function is raised again for whoever calls it.
                with suppress(Exception):
                    if self.resolve(f"{module}:{name}".encode()).on_loop:
                        importlib.import_module("asyncio")

    def resolve(self, target: bytes) -> Target:
        """The target of a call.

        Raises:
            NotExposedError: not published, or not of the form ``module:function``.
            ModuleMissingError: no such module beneath the code roots or in the preload list.
            ImportFailedError: importing the module raised; it is tried afresh on the next call.
            BindingError: the function has a hint that no JSON value can be bound to.
        """
        found = self._targets.get(target)
        if found is None:
            found = self._targets[bytes(target)] = self._find(bytes(target))
        return found

    def _find(self, target: bytes) -> Target:
        text = target[:_TARGET_LIMIT].decode("utf-8", "replace")
        module, colon, name = text.partition(":")
        if not colon or not name.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
            raise NotExposedError(f"{text!r} is not of the form module:function", target=text)
        if module == "serpentry":
            return self._builtin(text, name)
        loaded = self._module(module)
        published = _exposed.get(module, {})
        function = published.get(name)
        if function is None:
            near = suggestion(name, published)
            hint = near or ("" if published else "; nothing in this module carries @serpentry.expose")
            if near == "" and callable(getattr(loaded, name, None)):
                hint = "; it exists but does not carry @serpentry.expose in this module"
            raise NotExposedError(f"no published function {text!r}{hint}", target=text)
        return Target(text, _outermost(loaded, function), self._codec, self._debug)

    def _builtin(self, text: str, name: str) -> Target:
        function = self._builtins.get(name)
        if function is None:
            near = suggestion(name, self._builtins)
            raise NotExposedError(f"no built-in command {text!r}{near}", target=text)
        return Target(text, function, self._codec)

    def _module(self, name: str) -> ModuleType:
        if name in self._preload:
            return sys.modules.get(name) or self._import(name)
        origin = self._finder.origin(name)
        if origin is None:
            near = suggestion(name, [*self._finder.names(), *self._preload, *_exposed])
            raise ModuleMissingError(
                f"no module {name!r} in the code directories or the preload list{near}", module=name
            )
        loaded = sys.modules.get(name) or self._import(name)
        if not self._finder.owns(loaded):
            place = getattr(loaded, "__file__", None) or "a built-in module"
            raise ModuleMissingError(
                f"module {name!r} of the code directories is hidden by another of that name ({place}):"
                " rename it",
                module=name,
            )
        return loaded

    def _import(self, name: str) -> ModuleType:
        before = set(sys.modules)
        importlib.invalidate_caches()
        try:
            return importlib.import_module(name)
        except BaseException as error:
            self._forget(set(sys.modules) - before)
            if isinstance(error, CallCancelled):
                raise
            raise ImportFailedError(
                f"importing {name!r} raised {type(error).__name__}", module=name
            ) from error

    def _forget(self, names: set[str]) -> None:
        """Removes the user's modules that a failed import left behind, so that the next try starts afresh."""
        for name in names:
            module = sys.modules.get(name)
            if module is not None and self._finder.owns(module):
                del sys.modules[name]
        for name in [name for name in _exposed if name not in sys.modules]:
            del _exposed[name]


def _outermost(module: ModuleType, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with the decorators that stand above ``@expose``, when they say what they wrap."""
    candidate: Callable[..., Any] | None = module.__dict__.get(getattr(function, "__name__", ""))
    if candidate is not None and callable(candidate) and candidate is not function:
        try:
            if inspect.unwrap(candidate, stop=lambda inner: inner is function) is function:
                return candidate
        except ValueError:  # a decorator that wraps itself
            return function
    return function


__all__ = ["CallError", "Registry", "Target", "expose"]
