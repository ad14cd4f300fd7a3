# SPDX-License-Identifier: Apache-2.0
"""Connecting to the host and the handshake, the same for launcher and worker."""

from __future__ import annotations

import json
import os
import platform
import socket
from typing import Any

from serpentry import protocol
from serpentry.control import encode


class Refused(Exception):
    """The host refused this process, or speaks another protocol."""


def versions(theirs: object) -> str:
    """The text of a version mismatch."""
    return (
        f"the host speaks protocol {theirs}, this Python runtime speaks protocol {protocol.VERSION}: "
        "deploy both from the same release"
    )


def connect(path: str) -> socket.socket:
    """Connects to the host's socket. Raises OSError naming the path."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(protocol.HELLO_SECONDS)
    try:
        sock.connect(path)
    except OSError as e:
        sock.close()
        raise OSError(e.errno, f"cannot connect to the host's socket: {e.strerror or e}", path) from None
    return sock


def handshake(sock: socket.socket, hello: dict[str, Any]) -> dict[str, Any]:
    """Sends HELLO and returns the WELCOME; leaves the socket blocking.

    Raises Refused with the host's reason, ProtocolError, or OSError when the host is silent or gone.
    """
    message = {
        "protocol": protocol.VERSION,
        "pid": os.getpid(),
        "python": platform.python_version(),
        "capabilities": [],
        **hello,
    }
    sock.sendall(protocol.pack(protocol.HELLO, payload=encode(message)))
    fixed = _exactly(sock, protocol.FRAME_BYTES)
    length, kind, flags, header_length, _ = protocol.FRAME.unpack(fixed)
    protocol.check_frame(length, kind, flags, header_length, protocol.HELLO_LIMIT)
    answer = json.loads(_exactly(sock, length - protocol.FIXED_BYTES)[header_length:])
    if kind == protocol.REFUSED:
        raise Refused(f"the host refused this process: {answer.get('reason')}")
    if kind != protocol.WELCOME:
        raise protocol.ProtocolError(f"frame kind {kind} came where WELCOME was due")
    if answer.get("protocol") != protocol.VERSION:
        raise Refused(versions(answer.get("protocol")))
    sock.settimeout(None)
    return answer if isinstance(answer, dict) else {}


def member(welcome: dict[str, Any], name: str) -> dict[str, Any]:
    """An object in the WELCOME; empty when the host did not send one."""
    found = welcome.get(name)
    return found if isinstance(found, dict) else {}


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise ConnectionError("the host closed the connection during the handshake")
        data += part
    return bytes(data)
