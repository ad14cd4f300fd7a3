# SPDX-License-Identifier: Apache-2.0
"""What a worker has of sessions: the JSON of their states, of which the host has the original.

The host sends a state along with a call only when this worker's copy is not the current one, and gets it
back only when the call changed it. A call works on values decoded for it, so that one that fails leaves the
copy as it was, and every call sees what JSON makes of the values, whichever worker it runs on.

Copies are never changed, only replaced, and only by the call that began with the present one: a call that
the host has given up may still run beside the next one of its session.
"""

from __future__ import annotations

import struct
import threading
from typing import TYPE_CHECKING, Any, Final

from serpentry import protocol
from serpentry.errors import EncodingError, MalformedCallError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serpentry.codec import Codec
    from serpentry.protocol import SessionField

_EMPTY: Final = b"{}"
_CHANGED: Final = 1
_KEEPS_LOCAL: Final = 2
# version, flags, length of the state
_RETURNED: Final = struct.Struct(">QBI")


class Session(dict[str, Any]):
    """A session's state, as ``context().session`` gives it: a dict of values that JSON can carry.

    What a call leaves in it when it returns is there for the session's next call, on whichever worker; a call
    that raises leaves no trace. ``local`` is a dict for what cannot travel, such as a connection or a model:
    it stays with this worker, also when a call raises, and is empty on any other one.
    """

    __slots__ = ("id", "local")

    def __init__(self, session_id: str | None, values: dict[str, Any], local: dict[str, Any]) -> None:
        super().__init__(values)
        self.id = session_id
        """The session's id; None for a call without a session."""
        self.local = local
        """Anything, by name, that this worker keeps for the session."""


class _Copy:
    """One version of one session's state on this worker."""

    __slots__ = ("local", "saved", "told", "version")

    def __init__(self, version: int, saved: bytes, local: dict[str, Any], told: bool | None) -> None:
        self.version = version
        self.saved = saved
        self.local = local
        self.told = told
        """Whether the host knows that there are local things; None when it may not know."""


_copies: dict[int, _Copy] = {}


class SessionCall:
    """One call of a session with a state."""

    __slots__ = ("_copy", "_loads", "_lock", "_serial", "_values", "session_id")

    def __init__(
        self, session_id: str | None, serial: int, copy: _Copy, loads: Callable[[bytes], Any]
    ) -> None:
        self.session_id = session_id
        self._serial = serial
        self._copy = copy
        self._loads = loads
        self._lock = threading.Lock()
        self._values: Session | None = None

    def open(self) -> Session:
        """The state, decoded for this call; the same for all threads that ask."""
        with self._lock:
            if self._values is None:
                values = self._loads(self._copy.saved)
                if type(values) is not dict:
                    raise MalformedCallError(f"the state of session {self.session_id} is no JSON object")
                self._values = Session(self.session_id, values, self._copy.local)
            return self._values

    def answer(self, dumps: Callable[[object], bytes]) -> tuple[bytes, bytes]:
        """What a RESULT tells: the field for its header, and the state when the call has changed it.

        Raises:
            EncodingError: JSON cannot carry what the call left in the state.
        """
        before = self._copy
        state = before.saved
        if self._values is not None:
            try:
                state = dumps(dict(self._values))
            except EncodingError as e:
                path = str(e.details["path"]).replace("$", "$session", 1)
                raise EncodingError(
                    f"the session's state: {e}; context().session.local keeps what is no JSON",
                    str(e.details["type"]),
                    path,
                ) from None
        changed = state != before.saved
        keeps = bool(before.local)
        if not changed and keeps is before.told:
            return b"", b""
        version = before.version + changed
        if _copies.get(self._serial) is before:
            _copies[self._serial] = _Copy(version, state, before.local, keeps)
        flags = (_CHANGED if changed else 0) | (_KEEPS_LOCAL if keeps else 0)
        field = _RETURNED.pack(version, flags, len(state) if changed else 0)
        header = protocol.FIELD.pack(protocol.FIELD_SESSION_STATE, len(field)) + field
        return header, state if changed else b""


def begin(session_id: str | None, field: SessionField, payload: Any, codec: Codec) -> tuple[SessionCall, Any]:
    """Begins a call of a session; returns it, and the payload without the state that came along.

    Raises:
        MalformedCallError: the state did not come along and is not here, or does not fit the payload.
    """
    before = _copies.get(field.serial)
    if field.length is None and before is not None and before.version == field.version:
        copy = before
    elif field.length is not None or field.version == 0:
        saved = _EMPTY
        if field.length:
            at = len(payload) - field.length
            if at < 0:
                raise MalformedCallError(
                    f"a session state of {field.length} bytes does not fit a payload of {len(payload)}"
                )
            saved, payload = bytes(payload[at:]), payload[:at]
        copy = _Copy(field.version, saved, {} if before is None else before.local, False)
        if before is not None:
            copy.told = None
        _copies[field.serial] = copy
    else:
        have = "no other" if before is None else f"version {before.version}"
        raise MalformedCallError(
            f"version {field.version} of the state of session {session_id} is not here, but {have}"
        )
    return SessionCall(session_id, field.serial, copy, codec.loads), payload


def forget(serials: Iterable[int]) -> int:
    """Drops what is here of sessions, by their numbers; returns of how many there was something."""
    return sum(_copies.pop(serial, None) is not None for serial in serials)


def count() -> int:
    """Of how many sessions something is here."""
    return len(_copies)
