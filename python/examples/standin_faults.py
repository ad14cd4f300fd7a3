# SPDX-License-Identifier: Apache-2.0
"""Faults that a caller of the stand-in asks for by the model's name, so that every caller has its own.

    slow-200          answers after 200 ms
    fail              500; `fail-2`: the first two requests only
    rate-limit        429 with Retry-After: 1; `rate-limit-2`: the first two requests only
    stall             no answer for a minute
    hang-up           closes the connection without an answer
    denied            401, quoting nothing
    keyed-abc         401 unless the request's key is abc
    malformed         an answer without the fields that DSPy wants

Any text may stand around such a name: `mine-fail-2` counts apart from `yours-fail-2`.
"""

import collections
import re
import threading
import time
from dataclasses import dataclass, field

MALFORMED = "This is no answer to anything."
_STALL_SECONDS = 60.0
_KEYED = re.compile(r"keyed-(\w+)")
_ASKED = re.compile(r"(slow|fail|rate-limit|stall|hang-up|denied)(?:-(\d+))?")


@dataclass(frozen=True)
class Fault:
    """A refusal in place of an answer; status 0 is none at all."""

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


_DENIED = Fault(401, "the stand-in takes no such key")


class Faults:
    """Counts requests by the model's name. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: collections.Counter[str] = collections.Counter()

    def of(self, model: str, authorization: str | None = None) -> Fault | None:
        """The fault that this request meets, after its wait; None lets it be answered."""
        keyed = _KEYED.search(model)
        if keyed is not None:
            return None if authorization == f"Bearer {keyed[1]}" else _DENIED
        asked = _ASKED.search(model)
        if asked is None:
            return None
        kind, number = asked[1], int(asked[2] or 0)
        if kind == "slow":
            time.sleep(number / 1000)
            return None
        with self._lock:
            self._seen[model] += 1
            if 0 < number < self._seen[model]:
                return None
        match kind:
            case "fail":
                return Fault(500, "the stand-in fails as it was asked to")
            case "rate-limit":
                return Fault(429, "the stand-in takes no more requests", {"Retry_After": "1"})
            case "denied":
                return _DENIED
            case "stall":
                time.sleep(_STALL_SECONDS)
        return Fault(0)
