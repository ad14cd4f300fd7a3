# SPDX-License-Identifier: Apache-2.0
"""Finds modules beneath the code roots without importing anything."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class ModuleFinder:
    """Answers whether a module lies beneath one of the code roots."""

    def __init__(self, roots: Sequence[str]) -> None:
        self.roots = tuple(os.path.realpath(root) for root in roots)
        """The code directories, without symbolic links, in order of precedence."""
        self._prefixes = tuple(root.rstrip(os.sep) + os.sep for root in self.roots)

    def origin(self, name: str) -> str | None:
        """The file (for a namespace package, the directory) of module ``name``, or None.

        A dotted name is followed package by package through the file system; no parent is imported.
        """
        path: list[str] | None = list(self.roots)
        spec: ModuleSpec | None = None
        walked = ""
        for part in name.split("."):
            if path is None:
                return None
            walked = f"{walked}.{part}" if walked else part
            spec = PathFinder.find_spec(walked, path)
            if spec is None:
                return None
            locations = spec.submodule_search_locations
            path = None if locations is None else [entry for entry in locations if self._beneath(entry)]
        if spec is None:
            return None
        place = spec.origin if spec.has_location else next(iter(path or ()), None)
        return place if place is not None and self._beneath(place) else None

    def owns(self, module: ModuleType) -> bool:
        """Whether an imported module came from beneath a root."""
        spec = getattr(module, "__spec__", None)
        if spec is None:
            return False
        if spec.has_location and spec.origin is not None:
            return self._beneath(spec.origin)
        return any(self._beneath(place) for place in spec.submodule_search_locations or ())

    def names(self) -> Iterator[str]:
        """The top-level modules beneath the roots, for suggestions."""
        for root in self.roots:
            try:
                entries = os.listdir(root)
            except OSError:  # a root that is not there has no modules to suggest
                continue
            for entry in entries:
                stem, dot, suffix = entry.partition(".")
                if stem.isidentifier() and (not dot or suffix == "py"):
                    yield stem

    def _beneath(self, place: str) -> bool:
        return (os.path.realpath(place) + os.sep).startswith(self._prefixes)
