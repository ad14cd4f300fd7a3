# SPDX-License-Identifier: Apache-2.0
"""DSPy itself. Importing this module imports it, which takes about two seconds: ``preload`` it to fork it.

Its disk cache pickles prompts and answers and is switched off here, whoever imported DSPy first. The memory
cache serves language models that were configured with ``cache``, and keeps ``CACHED`` answers.
"""

from __future__ import annotations

import os
import warnings
from typing import Final

from serpentry.programs.problems import DspyMissingError

CACHED: Final = 1000
"""Answers that a worker's memory cache keeps."""

# Without this every worker fetches a list of prices from the network when it counts its first tokens. A pool
# that wants the newest prices sets the variable to false.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "true")

try:
    with warnings.catch_warnings():
        # What DSPy's own dependencies deprecate is no business of a pool's log.
        warnings.simplefilter("ignore", DeprecationWarning)
        import dspy
except ImportError as problem:
    raise DspyMissingError(
        "DSPy not available - cannot create programs: "
        f"{problem}. Add dspy to the pool's requirements (serpentry.pool.<name>.requirements)"
    ) from problem

if int(dspy.__version__.partition(".")[0]) < 3:
    raise DspyMissingError(f"DSPy 3 or later is needed, this is {dspy.__version__}")

dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=True, memory_max_entries=CACHED)

__all__ = ["dspy"]
