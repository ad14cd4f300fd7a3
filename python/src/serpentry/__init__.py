# SPDX-License-Identifier: Apache-2.0
"""Serpentry's Python side: publish functions with :func:`expose`, ask about a call with :func:`context`."""

from __future__ import annotations

from serpentry.arrays import Writable
from serpentry.context import CallContext, context
from serpentry.errors import BindingError, CallCancelled, CallError, EncodingError
from serpentry.registry import expose
from serpentry.sessions import Session

__version__ = "0.1.0"

__all__ = [
    "BindingError",
    "CallCancelled",
    "CallContext",
    "CallError",
    "EncodingError",
    "Session",
    "Writable",
    "context",
    "expose",
]
