# SPDX-License-Identifier: Apache-2.0
"""The programs that one worker holds: those created in it, and those that the host had it build."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from serpentry.programs.problems import (
    DuplicateProgramError,
    ProgramNotFoundError,
    SessionNotFoundError,
)

if TYPE_CHECKING:
    from serpentry.programs.building import Program

KEPT: Final = 256
"""Programs built for the host that one worker keeps; the longest unused goes first."""


@dataclass(slots=True)
class Entry:
    """A program created in this worker."""

    program: Program
    session: str | None
    created_at: float = field(default_factory=time.time)
    execution_count: int = 0
    last_executed: float | None = None

    def describe(self) -> dict[str, Any]:
        """As ``list_programs`` tells it; times in seconds since the epoch."""
        return {
            "id": self.program.definition.id,
            "created_at": self.created_at,
            "execution_count": self.execution_count,
            "last_executed": self.last_executed,
            "signature": self.program.definition.signature.raw,
            "program_type": self.program.definition.kind,
            "session_id": self.session,
        }


class Shelf:
    """Programs by session and id, and by the host's version. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str | None, dict[str, Entry]] = {}
        self._versions: OrderedDict[str, Program] = OrderedDict()

    def check_free(self, program: str, session: str | None) -> None:
        """Raises DuplicateProgramError when the id is taken."""
        with self._lock:
            if program in self._entries.get(session, {}):
                raise DuplicateProgramError(program, session)

    def add(self, program: Program, session: str | None) -> None:
        """Keeps a new program. Raises DuplicateProgramError."""
        with self._lock:
            programs = self._entries.setdefault(session, {})
            if program.definition.id in programs:
                raise DuplicateProgramError(program.definition.id, session)
            programs[program.definition.id] = Entry(program, session)

    def get(self, program: str, session: str | None) -> Entry:
        """The session's program of this id, else the global one. Raises a not-found error."""
        with self._lock:
            return self._find(program, session)

    def _find(self, program: str, session: str | None) -> Entry:
        entry = self._entries.get(session, {}).get(program) or self._entries.get(None, {}).get(program)
        if entry is not None:
            return entry
        if session is not None and session not in self._entries:
            raise SessionNotFoundError(session)
        raise ProgramNotFoundError(program, session)

    def ran(self, entry: Entry) -> None:
        """Counts an execution."""
        with self._lock:
            entry.execution_count += 1
            entry.last_executed = time.time()

    def list(self, session: str | None) -> list[Entry]:
        """All programs, or those of one session; those of an unknown session are none."""
        with self._lock:
            if session is not None:
                return list(self._entries.get(session, {}).values())
            return [entry for programs in self._entries.values() for entry in programs.values()]

    def remove(self, program: str, session: str | None) -> None:
        """Forgets a program of exactly this session, or a global one. Raises a not-found error."""
        with self._lock:
            programs = self._entries.get(session, {})
            if program not in programs:
                if session is not None and session not in self._entries:
                    raise SessionNotFoundError(session)
                raise ProgramNotFoundError(program, session)
            del programs[program]
            if not programs:
                del self._entries[session]

    def remove_session(self, session: str) -> int | None:
        """Forgets a session's programs; how many, or None when it has none."""
        with self._lock:
            programs = self._entries.pop(session, None)
            return None if programs is None else len(programs)

    def clear(self) -> int:
        """Forgets everything; how many programs had been created here."""
        with self._lock:
            count = sum(map(len, self._entries.values()))
            self._entries.clear()
            self._versions.clear()
            return count

    def count(self) -> int:
        """How many programs have been created here."""
        with self._lock:
            return sum(map(len, self._entries.values()))

    def version(self, version: str) -> Program | None:
        """The program that was built for the host's version."""
        with self._lock:
            program = self._versions.get(version)
            if program is not None:
                self._versions.move_to_end(version)
            return program

    def keep(self, version: str, program: Program) -> None:
        """Keeps what was built for the host."""
        with self._lock:
            self._versions[version] = program
            while len(self._versions) > KEPT:
                self._versions.popitem(last=False)
