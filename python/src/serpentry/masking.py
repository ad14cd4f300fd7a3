# SPDX-License-Identifier: Apache-2.0
"""Keeps secrets that the runtime was handed out of what it sends: error records and log records."""

from __future__ import annotations

import threading
from typing import Final

SHORTEST: Final = 6
"""Shorter secrets are not masked: they would turn up in words that mean something else."""

SECRET_LIMIT: Final = 4096
"""Longest secret that is masked as a whole where a text is cut, in characters."""

_MASK: Final = "***"
_KEPT: Final = 64
_lock = threading.Lock()
_secrets: tuple[str, ...] = ()


def add(secret: str) -> None:
    """From now on ``secret`` does not leave this process by way of errors and logs. Any thread."""
    global _secrets
    with _lock:
        if len(secret) >= SHORTEST and secret not in _secrets:
            _secrets = (*_secrets, secret)[-_KEPT:]


def mask(text: str) -> str:
    """``text`` with every secret replaced."""
    # The longest first, so that one within another leaves no rest.
    for secret in sorted(_secrets, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, _MASK)
    return text
