# SPDX-License-Identifier: Apache-2.0
"""The examples' stand-in for a language model, served while a test runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"


@contextmanager
def served() -> Iterator[str]:
    """Serves it on loopback; gives the base URL of its OpenAI-compatible interface."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        import standin

        server = standin.serve(0)
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()
            server.server_close()
    finally:
        sys.path.remove(str(EXAMPLES))
