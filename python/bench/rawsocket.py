# SPDX-License-Identifier: Apache-2.0
"""The benchmarks' baseline: a bare loop that answers every request with the same prepared bytes.

The bytes are those of a real reply: the first request is run by the runtime's own code, the others are not
even looked at. Takes the socket's path and the codec's name; ends with the connection.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from serpentry import protocol
from serpentry.codec import make_codec
from serpentry.registry import Registry


def answer(request: bytes, codec_name: str) -> bytes:
    """The reply that a worker gives to a whole CALL frame."""
    _, _, _, header_length, number = protocol.FRAME.unpack_from(request)
    payload_at = protocol.FRAME_BYTES + header_length
    header = protocol.parse_call_header(memoryview(request)[protocol.FRAME_BYTES : payload_at])
    codec = make_codec(codec_name)
    target = Registry([str(Path(__file__).parent)], [], codec).resolve(header.target)
    value = codec.dumps(target.invoke(target.loads(request[payload_at:]), False))
    return protocol.FRAME.pack(protocol.FIXED_BYTES + len(value), protocol.RESULT, 0, 0, number) + value


def main(path: str, codec_name: str) -> None:
    """Serves one connection to its end."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    receive, send = sock.recv, sock.sendall
    reply = answer(receive(65536), codec_name)
    send(reply)
    while receive(65536):
        send(reply)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
