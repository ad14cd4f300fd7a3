# SPDX-License-Identifier: Apache-2.0
"""The entry point of the launcher process, which the host starts once per pool.

It reads its bootstrap line from standard input, becomes session leader and subreaper, shakes hands on the
control channel and hands over to :mod:`serpentry.supervisor`. It never imports user code: a template or a
worker that it forks leaves this stack by :class:`serpentry.plans.Become` and goes on from ``main``.
"""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress

from serpentry import process, protocol
from serpentry.control import ControlChannel
from serpentry.handshake import Refused, connect, handshake, versions
from serpentry.plans import Become, Bootstrap
from serpentry.supervisor import Supervisor

_LINE_LIMIT = 64 * 1024


def main() -> int:
    """Runs this process, in whichever role it ends up, and returns its exit status."""
    role = _launch
    while True:
        try:
            return role()
        except Become as become:
            role = become.role


def _launch() -> int:
    try:
        boot = _bootstrap()
        sock = connect(boot.socket)
        handshake(sock, {"role": "launcher", "token": boot.token})
    except Refused as e:
        return _fail(str(e), protocol.EXIT_REFUSED)
    except (OSError, ValueError, KeyError, protocol.ProtocolError) as e:
        return _fail(f"cannot start: {type(e).__name__}: {e}", os.EX_UNAVAILABLE)
    if not process.become_subreaper():
        process.complain("serpentry launcher: no subreaper here; orphans of workers are not found")
    process.set_name("serpentry")
    return Supervisor(boot, ControlChannel(sock)).run()


def _fail(text: str, status: int) -> int:
    process.complain(f"serpentry launcher: {text}")
    return status


def _bootstrap() -> Bootstrap:
    """Reads the one line, byte by byte at its end, so that nothing behind it is lost."""
    line = bytearray()
    while not line.endswith(b"\n"):
        data = os.read(0, _LINE_LIMIT)
        if not data:
            raise ValueError("standard input ended before the bootstrap line")
        line += data
        if len(line) > _LINE_LIMIT:
            raise ValueError(f"the bootstrap line is longer than {_LINE_LIMIT} bytes")
    message = json.loads(line)
    if message.get("protocol") != protocol.VERSION:
        raise ValueError(versions(message.get("protocol")))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if os.getsid(0) != os.getpid():
        # Already the leader of a process group: its signals reach only us, which is what counts.
        with suppress(PermissionError):
            os.setsid()
    return Bootstrap.parse(message, process.raise_file_limit())
