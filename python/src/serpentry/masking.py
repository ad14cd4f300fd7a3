# SPDX-License-Identifier: Apache-2.0
"""Keeps secrets that the runtime was handed out of what it sends: error records and log records."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Final

SHORTEST: Final = 6
"""Shorter secrets are not masked: they would turn up in words that mean something else."""

SECRET_LIMIT: Final = 4096
"""Longest secret that is masked as a whole where a text is cut, in characters."""

_MASK: Final = "***"
_KEPT: Final = 512
"""Secrets that come while the worker runs, such as a key for each session; the oldest goes first."""

_SECRET_NAME: Final = re.compile(r"key|token|secret|passw|credential", re.IGNORECASE)
# A name, what may stand between it and its value in JSON, headers, queries and Python's repr, and the value:
# quoted, or up to where a word ends; the name of a scheme before it stays.
_NAMED: Final = re.compile(
    r"((?:authorization|x-api-key|api[-_]?key|access[-_]?token|auth[-_]?token|refresh[-_]?token|token|"
    r"client[-_]?secret|secret|passw(?:or)?d)"
    r"['\"]?\s*[,:=]\s*(?:b?['\"])?(?:(?:bearer|basic|digest)\s+)?)"
    r"(?!\*\*\*)[^\s'\",;&)}\]]+",
    re.IGNORECASE,
)
_lock = threading.Lock()
_lasting: tuple[str, ...] = ()
_secrets: tuple[str, ...] = ()


def add(secret: str, *, lasting: bool = False) -> None:
    """From now on ``secret`` does not leave this process by way of errors and logs. Any thread.

    A lasting one is one that the process has from its beginning, and gives way to no other.
    """
    global _lasting, _secrets
    with _lock:
        if len(secret) < SHORTEST or secret in _lasting:
            return
        if lasting:
            _lasting = (*_lasting, secret)
        elif not _secrets or _secrets[-1] != secret:
            _secrets = (*(other for other in _secrets if other != secret), secret)[-_KEPT:]


def add_environment(environment: Mapping[str, str]) -> None:
    """Adds the values of variables whose names say that they hold secrets."""
    for name, value in environment.items():
        if _SECRET_NAME.search(name):
            add(value, lasting=True)


def mask_named(text: str) -> str:
    """``mask``, and whatever stands behind a name of secrets, such as the value of an Authorization header.

    For log records, whose texts are anybody's: libraries write their requests there.
    """
    return _NAMED.sub(rf"\1{_MASK}", mask(text))


def mask(text: str) -> str:
    """``text`` with every secret replaced."""
    # The longest first, so that one within another leaves no rest.
    for secret in sorted((*_lasting, *_secrets), key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, _MASK)
    return text
