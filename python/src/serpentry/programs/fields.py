# SPDX-License-Identifier: Apache-2.0
"""The types that fields of a signature may have, as text, and the Python annotations they stand for.

    string, atom                     str
    integer, float, boolean          int, float, bool
    any                              anything that JSON can write
    list, list<T>                    list
    map, dict, dict<K,V>             dict
    union<A,B>, A|B, optional<T>     one of several, or null
    embedding                        list of float
    probability, confidence_score    float from 0 to 1
    reasoning_chain                  list of steps, each a str

Brackets may be ``<>`` or ``[]``; ``str``, ``int`` and ``bool`` are understood as well, and
``["list", "string"]`` in place of ``list<string>``, which is how the original's nested types arrive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Union

from serpentry.errors import suggestion
from serpentry.programs.problems import SignatureError

PLAIN: Final[Mapping[str, Any]] = {
    "string": str,
    "str": str,
    "atom": str,
    "integer": int,
    "int": int,
    "float": float,
    "boolean": bool,
    "bool": bool,
    "any": Any,
    "list": list[Any],
    "map": dict[str, Any],
    "dict": dict[str, Any],
    "embedding": list[float],
    "probability": float,
    "confidence_score": float,
    "reasoning_chain": list[str],
}
UNIT_INTERVAL: Final = frozenset({"probability", "confidence_score"})
"""Types whose values lie between 0 and 1."""

_MAKERS: Final[Mapping[str, tuple[int, Callable[..., Any]]]] = {
    "list": (1, list.__class_getitem__),
    "map": (2, lambda *kinds: dict.__class_getitem__(kinds)),
    "dict": (2, lambda *kinds: dict.__class_getitem__(kinds)),
    "optional": (1, lambda kind: Union[kind, None]),  # noqa: UP007
    "union": (0, lambda *kinds: Union[kinds]),  # noqa: UP007
}
_TOKEN: Final = re.compile(r"\s*([A-Za-z_]\w*|[<>\[\],|])")
_DEEPEST: Final = 16
_OPEN: Final = {"<": ">", "[": "]"}


def annotation(kind: object, where: str) -> Any:
    """The Python annotation of a field type.

    Raises:
        SignatureError: no type that is known; it names the type and ``where`` it stands.
    """
    text = _text(kind, where, 0)
    parser = _Parser(text, where)
    found = parser.union(0)
    parser.end()
    return found


def _text(kind: object, where: str, depth: int) -> str:
    if isinstance(kind, str):
        return kind
    if isinstance(kind, list) and kind and isinstance(kind[0], str) and depth < _DEEPEST:
        rest = kind[1] if len(kind) == 2 and kind[0] == "union" and isinstance(kind[1], list) else kind[1:]
        inner = ",".join(_text(item, where, depth + 1) for item in rest)
        return f"{kind[0]}<{inner}>" if inner else kind[0]
    raise SignatureError(f"the type of {where} must be a text such as 'list<string>'")


class _Parser:
    """Recursive descent over one type."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._tokens: list[str] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._wrong(f"has {text[at:].strip()[0]!r} where none belongs")
            self._tokens.append(match[1])
            at = match.end()
        self._at = 0

    def union(self, depth: int) -> Any:
        found = [self._one(depth)]
        while self._take("|"):
            found.append(self._one(depth))
        return found[0] if len(found) == 1 else Union[tuple(found)]  # noqa: UP007

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._wrong(f"goes on with {self._tokens[self._at]!r} after its end")

    def _one(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise self._wrong("is nested too deep")
        name = self._next()
        opened = self._peek()
        if opened in _OPEN:
            self._at += 1
            return self._made(name, _OPEN[opened], depth)
        if name.lower() not in PLAIN:
            raise self._wrong(f"has the unknown type {name!r}{suggestion(name, {*PLAIN, *_MAKERS})}")
        return PLAIN[name.lower()]

    def _made(self, name: str, close: str, depth: int) -> Any:
        wanted, make = _MAKERS.get(name.lower(), (-1, str))
        if wanted < 0:
            raise self._wrong(f"has parameters for {name!r}, which takes none")
        given = [self.union(depth + 1)]
        while self._take(","):
            given.append(self.union(depth + 1))
        if not self._take(close):
            raise self._wrong(f"lacks its {close!r}")
        if wanted and len(given) != wanted:
            raise self._wrong(f"has {len(given)} parameters for {name!r}, which takes {wanted}")
        return make(*given)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        found = self._peek()
        if not found or found in "<>[],|":
            raise self._wrong("lacks a type")
        self._at += 1
        return found

    def _take(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    def _wrong(self, what: str) -> SignatureError:
        return SignatureError(f"the type {self._text!r} of {self._where} {what}")
