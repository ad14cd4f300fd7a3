# SPDX-License-Identifier: Apache-2.0
"""JSON in and out, with one meaning whichever library does the work.

The standard ``json`` module is the reference. ``orjson`` and ``msgspec`` are used where they certainly
agree with it, which is told from cheap looks at bytes and types; everything else goes the exact way:

* ``loads``: a run of 19 digits may be an integer that orjson turns into a float.
* ``dumps``: both libraries write NaN as ``null``, Enum members by value and dataclasses by rules of their
  own. ``marshal`` knows only exact built-in types, so what it can dump holds none of these; a ``null`` in
  the output makes sure that no NaN hides behind it.
"""

from __future__ import annotations

import importlib
import json
import marshal
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from serpentry.encoding import Writer
from serpentry.errors import MalformedCallError
from serpentry.nesting import too_deep

Buffer = bytes | bytearray | memoryview

_DIGITS = bytes.maketrans(b"123456789E", b"000000000e")
_LONG = b"0" * 19
_HUGE = b"0" * 200  # of fewer digits none is beyond a double with an exponent of two digits
_maybe_not_finite = re.compile(rb"[\xf0-\xff][\x7f\xff]").search
_SCALARS = frozenset({str, int, float, bool, type(None)})
_CONTAINERS = frozenset({dict, list, tuple})
_TEXT_KEYS = frozenset({str})
_FEW = 16
"""Up to so many members a loop over them is the fastest."""
_LEVELS = 1000
"""Depth at which the look at the types gives up: a circular reference has no end."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is outside a double's range")
    return number


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
_decode_finite = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant).decode
_decode_exact = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant).decode
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=True, separators=(",", ":")
).encode


class _Small:
    """Short ways for small values, which most are; whatever is out of the ordinary takes the long one.

    One function each, in which as much as may be is bytecode: calls into C are dearer than they look, since
    between two calls of a worker other processes drive their code out of the caches.
    """

    __slots__ = ("_decode", "_encode")

    def __init__(self, library: Any) -> None:
        self._decode: Callable[[bytes], Any] = library.loads
        self._encode: Callable[[object], bytes] = library.dumps

    def loader(self, otherwise: Callable[[Buffer], Any], nesting: int) -> Callable[[Buffer], Any]:
        decode = self._decode

        def loads(data: Buffer) -> Any:
            if type(data) is bytes and len(data) <= nesting and data.translate(_DIGITS).find(_LONG) < 0:
                try:
                    return decode(data)
                except ValueError:
                    pass  # the long way says what is wrong
            return otherwise(data)

        return loads

    def dumper(self, otherwise: Callable[[object], bytes]) -> Callable[[object], bytes]:
        encode, scalars = self._encode, _SCALARS

        def dumps(value: object) -> bytes:
            if type(value) is dict and len(value) <= _FEW:
                try:
                    for item in value.values():
                        kind = type(item)
                        if kind is float:
                            if item - item != 0.0:  # NaN or infinite
                                break
                        elif kind not in scalars:
                            break
                    else:
                        return encode(value)
                # A key that is no text, an integer beyond 64 bits; a thread that changed it meanwhile
                except (TypeError, ValueError, RuntimeError):
                    pass
            return otherwise(value)

        return dumps


class Codec:
    """Reads arguments and writes results. Thread-safe; holds settings only."""

    __slots__ = ("_nesting", "dumps", "loads", "name", "nan")

    def __init__(
        self,
        name: str,
        nan: bool,
        nesting: int,
        read: Callable[[bytes], Any],
        fast: Callable[[object], bytes | None],
        small: _Small | None = None,
    ) -> None:
        self.name = name
        """``json``, ``orjson`` or ``msgspec``."""
        self.nan = nan
        """Whether NaN and the infinities may pass (as the texts ``NaN``, ``Infinity``, ``-Infinity``)."""
        self._nesting = nesting
        loads = self._loader(read)
        self.loads: Callable[[Buffer], Any] = loads if small is None else small.loader(loads, nesting)
        """Plain values; integers exact whatever their size, other numbers as float.

        Raises:
            MalformedCallError: not JSON, not UTF-8, a number beyond a double, nested too deep.
        """
        dumps = self._dumper(fast, Writer(nan, nesting, fast).write)
        self.dumps: Callable[[object], bytes] = dumps if small is None else small.dumper(dumps)
        """The JSON of a value.

        Raises:
            EncodingError: naming type and path of the part that JSON cannot carry.
        """

    # Closures: each look at an attribute and each call is a hundredth of a small call's time.

    def _loader(self, read: Callable[[bytes], Any]) -> Callable[[Buffer], Any]:
        nesting = self._nesting

        def loads(data: Buffer) -> Any:
            if type(data) is not bytes:
                data = bytes(data)
            try:
                if len(data) > nesting and too_deep(data, nesting):
                    raise self._nested()
                return read(data)
            except MalformedCallError:
                raise
            except (ValueError, RecursionError) as error:
                raise MalformedCallError(f"the payload is not valid JSON: {error}") from None

        return loads

    def _dumper(
        self, fast: Callable[[object], bytes | None], write: Callable[[object], bytes]
    ) -> Callable[[object], bytes]:
        nesting = self._nesting

        def dumps(value: object) -> bytes:
            written = fast(value)
            if written is not None and (len(written) <= nesting or not too_deep(written, nesting)):
                return written
            return write(value)

        return dumps

    def loads_exact(self, data: Buffer) -> Any:
        """As :meth:`loads`, but a number with a fraction or exponent is a ``Decimal`` of its exact text."""
        data = bytes(data)
        try:
            if too_deep(data, self._nesting):
                raise self._nested()
            return _checked(_decode_exact, data)
        except MalformedCallError:
            raise
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise MalformedCallError(f"the payload is not valid JSON: {error}") from None

    def _nested(self) -> MalformedCallError:
        return MalformedCallError(
            f"the payload has more than {self._nesting} levels of nesting (max-nesting)"
        )


def make_codec(preference: str = "auto", nan: bool = False, nesting: int = 128) -> Codec:
    """The codec of a worker.

    Args:
        preference: ``auto`` (the fastest that is installed), ``json``, ``orjson`` or ``msgspec``.
        nan: whether NaN and the infinities may pass.
        nesting: most levels of arrays and objects, both ways, at least 1.

    Raises:
        ValueError: an unknown preference, or one whose library is not installed.
    """
    if nesting < 1:
        raise ValueError(f"nesting must be at least 1, got {nesting}")
    if preference == "json":
        return Codec("json", nan, nesting, _read_json, _write_json)
    if preference not in ("auto", "orjson", "msgspec"):
        raise ValueError(f"unknown codec {preference!r}; known: auto, json, orjson, msgspec")
    for name in ("orjson", "msgspec") if preference == "auto" else (preference,):
        try:
            library = importlib.import_module("orjson" if name == "orjson" else "msgspec.json")
        except ImportError:
            continue
        if name == "orjson":
            return Codec(
                name, nan, nesting, _orjson_reader(library), _orjson_writer(library), _Small(library)
            )
        return Codec(name, nan, nesting, _msgspec_reader(library), _msgspec_writer(library))
    if preference == "auto":
        return Codec("json", nan, nesting, _read_json, _write_json)
    raise ValueError(f"codec {preference!r} is asked for but the package is not installed")


def _checked(decode: Callable[[str], Any], data: bytes) -> Any:
    value = decode(data.decode("utf-8"))
    if b"\\ud" in data or b"\\uD" in data:  # half a pair would survive the standard library's reader
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    return value


def _read_json(data: bytes) -> Any:
    shape = data.translate(_DIGITS)
    huge = b"e000" in shape or b"e+000" in shape or _HUGE in shape
    return _checked(_decode_finite if huge else _decode, data)


def _orjson_reader(library: Any) -> Callable[[bytes], Any]:
    loads: Callable[[bytes], Any] = library.loads

    def read(data: bytes) -> Any:
        # find: "in" first tries whether the left side is an integer, and makes an exception of it (0.1 us)
        if data.translate(_DIGITS).find(_LONG) >= 0:
            return _read_json(data)
        return loads(data)

    return read


def _msgspec_reader(library: Any) -> Callable[[bytes], Any]:
    decode: Callable[[bytes], Any] = library.Decoder().decode

    def read(data: bytes) -> Any:
        # msgspec's errors derive from ValueError, as do those of the others
        return decode(data)

    return read


def _is_plain(value: Any) -> bool:
    """Whether ``value`` is made of exact built-in types with text keys, so that all libraries agree on it."""
    if type(value) in _SCALARS:
        return True
    level = [value]
    for _ in range(_LEVELS):
        inner: list[Any] = []
        for container in level:
            kind = type(container)
            if kind is dict:
                if not _TEXT_KEYS.issuperset(map(type, container)):
                    return False
                items: Any = container.values()
            elif kind in _CONTAINERS:
                items = container
            else:
                return False
            if not _SCALARS.issuperset(map(type, items)):
                inner.extend(item for item in items if type(item) not in _SCALARS)
        if not inner:
            return True
        level = inner
    return False


def _write_json(value: object) -> bytes | None:
    try:
        if not _is_plain(value):
            return None
        return _encode(value).encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        return None


def _orjson_writer(library: Any) -> Callable[[object], bytes | None]:
    dumps: Callable[[object], bytes] = library.dumps
    scan_types: Callable[[Any, int], bytes] = marshal.dumps

    def write(value: object) -> bytes | None:
        try:
            scan = scan_types(value, 2)
            written = dumps(value)
        except (TypeError, ValueError, RecursionError):
            return None
        if written.find(b"null") >= 0 and _maybe_not_finite(scan):
            return _write_json(value)
        return written

    return write


def _msgspec_writer(library: Any) -> Callable[[object], bytes | None]:
    encode: Callable[[object], bytes] = library.Encoder().encode
    scan_types: Callable[[Any, int], bytes] = marshal.dumps

    def write(value: object) -> bytes | None:
        try:
            if not _is_plain(value):
                return None
            written = encode(value)
        except (TypeError, ValueError, OverflowError, RecursionError):
            return None
        if b"null" in written and _maybe_not_finite(scan_types(value, 2)):
            return _write_json(value)
        return written

    return write
