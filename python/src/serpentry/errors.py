# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a call, and the record of it that crosses the wire.

Every subclass of :class:`CallError` carries the ``code`` of the table in ``protocol/README.md`` and the
``details`` that belong to it. Anything else that a function raises becomes ``PYTHON``. The record itself is
made by :func:`record`, where nothing may fail, whatever
user code has put into its exceptions: a broken ``__str__``, a lone surrogate, a message of megabytes.
Values of arguments and of the environment are never read.
"""

from __future__ import annotations

import difflib
import importlib
import os
import traceback
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import ClassVar

from serpentry.masking import SECRET_LIMIT, mask

TEXT_LIMIT = 64 * 1024
"""Longest message, note or traceback in a record, in bytes of UTF-8."""

_FRAME_LIMIT = 200
_NAME_LIMIT = 512
_NOTE_LIMIT = 20
_RUNTIME = (
    os.path.dirname(os.path.abspath(__file__)) + os.sep,
    os.path.dirname(os.path.abspath(importlib.__file__)) + os.sep,
    "<frozen importlib",
)


class CallCancelled(BaseException):
    """Raised inside a call that the host has cancelled.

    It derives from ``BaseException`` so that ``except Exception`` in user code does not swallow it.
    """


class CpuLimitExceeded(CallCancelled):
    """Raised inside a call that has used more CPU time than the pool's ``max-cpu``."""


class CallError(Exception):
    """A call that failed for a reason the runtime can name; ``code`` and ``details`` cross the wire."""

    code: ClassVar[str] = "PYTHON"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.details: Mapping[str, object] = details


class NotExposedError(CallError):
    """No such published function. ``details``: ``target``."""

    code = "NOT_EXPOSED"


class ModuleMissingError(CallError):
    """The module is neither beneath a code root nor in the preload list. ``details``: ``module``."""

    code = "MODULE_NOT_FOUND"


class ImportFailedError(CallError):
    """Importing the module raised; the import's exception is the ``__cause__``. ``details``: ``module``."""

    code = "IMPORT_FAILED"


class BindingError(CallError):
    """The arguments do not fit. ``details``: ``argument`` (name or None), ``expected``, ``actual``."""

    code = "BINDING"

    def __init__(
        self, message: str, argument: str | None = None, expected: str = "", actual: str = ""
    ) -> None:
        super().__init__(message, argument=argument, expected=expected, actual=actual)


class EncodingError(CallError):
    """A result that JSON cannot carry. ``details``: ``type`` and ``path`` (``$.items[3]``)."""

    code = "ENCODING"

    def __init__(self, message: str, kind: str, path: str) -> None:
        super().__init__(message, type=kind, path=path)


class ResultTooLargeError(CallError):
    """The encoded result exceeds the frame limit. ``details``: ``size`` and ``limit``, in bytes."""

    code = "RESULT_TOO_LARGE"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"the result takes {size} bytes as JSON, more than the frame limit of {limit} (max-frame-size)",
            size=size,
            limit=limit,
        )


class StreamExpectedError(CallError):
    """A stream was asked for, and the function returned what cannot be iterated."""

    code = "NOT_A_STREAM"


class MalformedCallError(CallError):
    """The frame was well-formed but is not a valid call: bad JSON, bad header, too deep."""

    code = "PROTOCOL"


def type_name(kind: type) -> str:
    """The name by which messages call a type: without ``builtins.``, else with its module."""
    module = getattr(kind, "__module__", None)
    name = getattr(kind, "__qualname__", None) or getattr(kind, "__name__", "?")
    return str(name) if module in (None, "builtins") else f"{module}.{name}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like ``word``, or None when none is near."""
    if len(word) > _NAME_LIMIT:
        return None  # no name is that long, and to look takes seconds for each megabyte
    matches = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """``"; nearest: 'text'"``, or an empty string when no known name is near."""
    near = nearest(word, known)
    return f"; nearest: {near!r}" if near else ""


def record(error: BaseException) -> dict[str, object]:
    """The ERROR payload for ``error``; safe to encode with any codec, never raises an ``Exception``."""
    try:
        return _record(error)
    except Exception as broken:
        return {
            "code": "PYTHON",
            "type": _safe(lambda: _qualified(type(error))),
            "message": f"<the error could not be described: {type(broken).__name__}>",
            "traceback": "",
            "frames": [],
            "details": {},
        }


def _record(error: BaseException) -> dict[str, object]:
    shown = error
    details: dict[str, object] = {}
    code = "PYTHON"
    if isinstance(error, CallCancelled) and not isinstance(error, CpuLimitExceeded):
        code = "CANCELLED"
    elif isinstance(error, CallError):
        code = error.code
        details = {key: _clean_detail(value) for key, value in error.details.items()}
        if isinstance(error, ImportFailedError) and error.__cause__ is not None:
            shown = error.__cause__
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, list) and notes:
        details["notes"] = [_text(note) for note in notes[:_NOTE_LIMIT]]
    start = _user_part(shown.__traceback__)
    return {
        "code": code,
        "type": clean(_qualified(type(shown))),
        "message": _text(shown),
        "traceback": _traceback(shown, start),
        "frames": _frames(start),
        "details": details,
    }


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """``text`` without lone surrogates and cut to ``limit`` bytes of UTF-8, with a note when cut."""
    # Cut by characters first: a message of a gigabyte must not be encoded just to be thrown away.
    shown = mask(text[: limit + 1 + SECRET_LIMIT])
    cut = len(text) > limit + 1 + SECRET_LIMIT
    if cut:
        shown = shown[:-SECRET_LIMIT]  # which may end with the beginning of a secret
    data = shown[: limit + 1].encode("utf-8", "backslashreplace")
    if len(data) <= limit and not cut:
        return data.decode("utf-8")
    kept = data[:limit].decode("utf-8", "ignore")
    return f"{kept}… [cut: {len(text)} characters]"


def _qualified(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _safe(describe: Callable[[], str]) -> str:
    try:
        return clean(describe())
    except Exception:
        return "<unknown>"


def _text(value: object) -> str:
    try:
        text = str(value)
    except Exception as broken:
        return f"<str() of {_safe(lambda: type_name(type(value)))} raised {type(broken).__name__}>"
    return clean(text)


def _clean_detail(value: object) -> object:
    if value is None or type(value) in (bool, int):
        return value
    if isinstance(value, (list, tuple)):
        return [_clean_detail(item) for item in value[:_NOTE_LIMIT]]
    return _text(value)


def _is_runtime(file: str) -> bool:
    return file.startswith(_RUNTIME)


def _user_part(start: TracebackType | None) -> TracebackType | None:
    """The traceback without the runtime's own leading frames; None when user code took no part."""
    while start is not None and _is_runtime(start.tb_frame.f_code.co_filename):
        start = start.tb_next
    return start


def _frames(start: TracebackType | None) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    while start is not None:
        frame = start.tb_frame
        if not _is_runtime(frame.f_code.co_filename):
            found.append(
                {
                    "file": clean(frame.f_code.co_filename),
                    "line": start.tb_lineno or 0,
                    "function": clean(frame.f_code.co_name),
                    "module": _text(frame.f_globals.get("__name__", "")),
                }
            )
        start = start.tb_next
    if len(found) > _FRAME_LIMIT:  # endless recursion: both ends tell the story
        found = found[: _FRAME_LIMIT // 2] + found[-_FRAME_LIMIT // 2 :]
    return found


def _traceback(error: BaseException, start: TracebackType | None) -> str:
    try:
        report = traceback.TracebackException(
            type(error), error, start, limit=None, lookup_lines=True, compact=True
        )
        return clean("".join(report.format()))
    except Exception as broken:  # a property or __str__ of the exception raised
        place = "".join(traceback.format_tb(start, limit=-_FRAME_LIMIT)) if start is not None else ""
        return clean(f"{place}<traceback not available: {type(broken).__name__}>")
