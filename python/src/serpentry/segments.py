# SPDX-License-Identifier: Apache-2.0
"""Memory that a worker shares with its host, in segments: files without a name that both have mapped."""

from __future__ import annotations

from typing import Any

from serpentry.attachments import Announced
from serpentry.errors import MalformedCallError


class Memory:
    """The segments of one worker, the host's and its own. Thread-safe."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings

    def meet(self, announced: list[Announced]) -> None:
        """Maps segments that the host has made."""

    def view(self, segment: int, offset: int, length: int) -> memoryview:
        """A part of a segment of the host's."""
        raise MalformedCallError(f"segment {segment} is unknown")

    def released(self, numbers: tuple[int, ...]) -> None:
        """The host has done with results in these segments."""

    def settle(self, used: list[int]) -> tuple[list[int], list[int]]:
        """Which segments of a call are still looked at, and which are no more."""
        return [], []

    def place(self, data: memoryview, grant: int) -> tuple[int, int] | None:
        """Copies a result into a segment; segment and offset, or None when it belongs into the frame."""
        return None

    def announce(self, segment: int) -> list[Announced]:
        """The segment when the host has not met it yet."""
        return []

    def take_back(self, segment: int) -> None:
        """The result in this segment is not sent."""
