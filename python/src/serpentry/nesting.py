# SPDX-License-Identifier: Apache-2.0
"""How deep a JSON text is nested, told from its bytes without parsing it."""

from __future__ import annotations

import re

_ROUND = bytes.maketrans(b"{}", b"[]")
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
_remove_strings = re.compile(rb'"[^"]*"').sub


def too_deep(text: bytes | bytearray, limit: int) -> bool:
    """Whether a valid JSON text has more than ``limit`` levels of arrays and objects.

    Runs at the speed of ``bytes.replace``: strings are taken out, then each pass removes the innermost
    brackets, so that what is left after ``limit`` passes lies deeper.
    """
    if len(text) <= limit or text.count(b"[") + text.count(b"{") <= limit:
        return False
    if b"\\" in text:  # escaped quotes would hide where strings end
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    skeleton = bytes(text.translate(_ROUND, _NOT_STRUCTURE)).replace(b'""', b"")
    if b'"' in skeleton:  # brackets inside strings
        skeleton = _remove_strings(b"", skeleton)
    for _ in range(limit):
        if not skeleton:
            return False
        skeleton = skeleton.replace(b"[]", b"")
    return bool(skeleton)
