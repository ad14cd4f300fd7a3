# SPDX-License-Identifier: Apache-2.0
"""The launcher's end of the control channel: framed JSON, never blocking, bounded.

Used by the launcher's one thread only.
"""

from __future__ import annotations

import json
import socket
from collections import deque
from typing import Any, Final

from serpentry import protocol

BUFFER_LIMIT: Final = 4 * 1024 * 1024
_READ = 256 * 1024

Message = dict[str, Any]


def encode(message: Message) -> bytes:
    """JSON as it travels: UTF-8, with lone surrogates (a file name's odd bytes) escaped."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "backslashreplace") if not text.isascii() else text.encode("ascii")


class ControlChannel:
    """Writes are queued and leave when the host reads; what is droppable is refused above 4 MiB."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self._outgoing: deque[memoryview] = deque()
        self._queued = 0
        self._incoming = bytearray()

    @property
    def wants_write(self) -> bool:
        """Whether something is queued."""
        return bool(self._outgoing)

    @property
    def has_room(self) -> bool:
        """Whether droppable messages are taken."""
        return self._queued < BUFFER_LIMIT

    def send(self, message: Message, *, droppable: bool = False) -> bool:
        """Queues a message. False when it is droppable and the host reads too slowly for it.

        Raises ConnectionError when the host is gone.
        """
        if droppable and not self.has_room:
            return False
        frame = protocol.pack(protocol.CONTROL, payload=encode(message))
        self._outgoing.append(memoryview(frame))
        self._queued += len(frame)
        if len(self._outgoing) == 1:
            self.flush()
        return True

    def flush(self) -> None:
        """Writes what the socket takes. Raises ConnectionError when the host is gone."""
        while self._outgoing:
            first = self._outgoing[0]
            try:
                written = self.sock.send(first)
            except BlockingIOError:
                return
            self._queued -= written
            if written < len(first):
                self._outgoing[0] = first[written:]
                return
            self._outgoing.popleft()

    def receive(self) -> list[Message] | None:
        """Returns the messages that have arrived, or None when the host has closed the channel.

        Raises ProtocolError when what came is none of this protocol.
        """
        try:
            data = self.sock.recv(_READ)
        except BlockingIOError:
            return []
        except ConnectionError:
            return None
        if not data:
            return None
        self._incoming += data
        messages: list[Message] = []
        at = 0
        view = memoryview(self._incoming)
        try:
            while True:
                frame, size = protocol.unpack(view[at:], protocol.CONTROL_LIMIT)
                if frame is None:
                    break
                at += size
                messages.append(_message(frame))
        finally:
            view.release()
        del self._incoming[:at]
        return messages


def _message(frame: protocol.Frame) -> Message:
    if frame.kind != protocol.CONTROL:
        raise protocol.ProtocolError(f"frame kind {frame.kind} does not belong on the control channel")
    try:
        message = json.loads(frame.payload)
    except ValueError as e:
        raise protocol.ProtocolError(f"a control frame holds no JSON: {e}") from None
    if not isinstance(message, dict) or not isinstance(message.get("op"), str):
        raise protocol.ProtocolError("a control frame holds no object with a text member 'op'")
    return message
