# SPDX-License-Identifier: Apache-2.0
"""Which distributions this process can import, in one word."""

from __future__ import annotations

import functools
import hashlib
import os
import sys


@functools.cache
def requirements_hash() -> str:
    """SHA-256, in hex, over names and versions of the installed distributions.

    A template computes it for all its workers. Only directories are listed: about 0.1 ms.
    """
    found: set[str] = set()
    for directory in sys.path:
        try:
            entries = os.listdir(directory)
        except OSError:  # sys.path may name what is not there, or a zip file
            continue
        found.update(entry.lower() for entry in entries if entry.endswith((".dist-info", ".egg-info")))
    return hashlib.sha256("\n".join(sorted(found)).encode("utf-8", "surrogateescape")).hexdigest()
