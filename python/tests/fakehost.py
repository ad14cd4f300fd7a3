# SPDX-License-Identifier: Apache-2.0
"""A host in Python that drives the real launcher, for the tests of the process side.

It runs in the test's one thread: ``pump`` takes in whatever has arrived, ``wait`` pumps until a condition
holds and fails with all that was heard when it does not in time.
"""

from __future__ import annotations

import json
import mmap
import os
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serpentry import protocol

SOURCE = Path(__file__).resolve().parent.parent / "src"
MODULES = Path(__file__).resolve().parent / "modules"
LAUNCH = (
    "import sys;sys.path.insert(0,sys.argv[1]);from serpentry.launcher import main;raise SystemExit(main())"
)
TOKEN = "token-of-this-test"
PATIENCE = 60.0
WORDS = 64 * 1024


class Call:
    """The host's ends of one worker's connections, which are one and the same where it has but one."""

    def __init__(self, sock: socket.socket, hello: dict[str, Any]) -> None:
        self.replies = sock
        self.sock = sock
        self.hello = hello
        self.request = 0
        self._buffer = bytearray()

    def write(self, target: str, arguments: Any = None, *, mixed: bool = False, **fields: Any) -> int:
        """Sends a call and returns its id."""
        self.request += 1
        payload = json.dumps({} if arguments is None else arguments).encode()
        header = protocol.pack_call_header(target.encode(), **fields)
        flags = protocol.MIXED if mixed else 0
        self.sock.sendall(protocol.pack(protocol.CALL, self.request, payload, header, flags))
        return self.request

    def read(self, timeout: float = PATIENCE) -> protocol.Frame:
        """Returns the next frame; raises EOFError when the worker has closed."""
        self.replies.settimeout(timeout)
        while True:
            frame, size = protocol.unpack(self._buffer)
            if frame is not None:
                del self._buffer[:size]
                return frame
            data = self.replies.recv(1 << 20)
            if not data:
                raise EOFError("the worker closed the call channel")
            self._buffer += data

    def reply(self, timeout: float = PATIENCE) -> tuple[int, Any]:
        """Returns kind and value of the reply to the last call."""
        frame = self.read(timeout)
        assert frame.request == self.request, f"reply to {frame.request}, expected {self.request}"
        return frame.kind, json.loads(frame.payload)

    def call(self, target: str, arguments: Any = None, **fields: Any) -> Any:
        """Calls and returns the result; an ERROR reply fails the test."""
        self.write(target, arguments, **fields)
        kind, value = self.reply()
        assert kind == protocol.RESULT, value
        return value

    def error(self, target: str, arguments: Any = None, **fields: Any) -> dict[str, Any]:
        """Calls and returns the error record; a RESULT fails the test."""
        self.write(target, arguments, **fields)
        kind, value = self.reply()
        assert kind == protocol.ERROR, value
        assert isinstance(value, dict)
        return value

    def cancel(self, request: int | None = None) -> None:
        """Sends the CANCEL frame; the signal is the launcher's business."""
        self.sock.sendall(protocol.pack(protocol.CANCEL, request or self.request))


class Host:
    """Listens, starts a launcher and keeps all that it reports in ``events``."""

    def __init__(
        self, directory: Path, *, python: str = sys.executable, token: str = TOKEN, version: int = 1
    ):
        self.directory = directory
        self.token = TOKEN
        self.version = version
        self.limits = {"frame": protocol.DEFAULT_FRAME_LIMIT, "nesting": 128}
        self.calls_apart = True
        self.refusal: str | None = None
        self.paused = False
        self.events: list[dict[str, Any]] = []
        self.calls: dict[int, Call] = {}
        self.halfway: dict[int, Call] = {}
        self.refused: list[dict[str, Any]] = []
        self.control: socket.socket | None = None
        self._incoming = bytearray()
        self._next_worker = 0
        self.words_each = 1
        self.words_path = directory / "words"
        self.words_path.write_bytes(bytes(WORDS))
        with self.words_path.open("r+b") as f:
            self.words = mmap.mmap(f.fileno(), WORDS)
        self.path = str(directory / "s")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(128)
        self.listener.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, "listen")
        self.errors = (directory / "launcher.err").open("w+b")
        # Not the test's own environment: a launcher gets a clean one.
        environment = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
        self.launcher = subprocess.Popen(
            [python, "-I", "-B", "-X", "utf8", "-c", LAUNCH, str(SOURCE)],
            stdin=subprocess.PIPE,
            stdout=self.errors,
            stderr=self.errors,
            env=environment,
            cwd=directory,
        )
        assert self.launcher.stdin is not None
        line = {
            "protocol": version,
            "socket": self.path,
            "token": token,
            "words": str(self.words_path),
            "pool": "test",
            "host": os.getpid(),
        }
        self.launcher.stdin.write(json.dumps(line).encode() + b"\n")
        self.launcher.stdin.flush()

    # --- hearing ---------------------------------------------------------------------------------------

    def pump(self, timeout: float = 0.0) -> None:
        for key, _ in self.selector.select(timeout):
            if key.data == "listen":
                self._accept()
            elif key.data == "control":
                self._hear()
            else:
                self._greet(key.fileobj)  # type: ignore[arg-type]

    def wait(self, condition: Callable[[], Any], what: str = "condition", seconds: float = PATIENCE) -> Any:
        """Pumps until ``condition()`` is true and returns what it returned."""
        end = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            left = end - time.monotonic()
            if left <= 0:
                tail = [str(e)[:600] for e in self.events[-20:]]
                raise AssertionError(
                    f"no {what} within {seconds} s; heard {tail}; launcher said {self.said()!r}, "
                    f"status {self.launcher.poll()}"
                )
            self.pump(min(left, 0.05))

    def event(self, op: str, seconds: float = PATIENCE, **members: Any) -> dict[str, Any]:
        """Waits for a report of the launcher."""

        def find() -> dict[str, Any] | None:
            for event in self.events:
                if event["op"] == op and all(event.get(k) == v for k, v in members.items()):
                    return event
            return None

        found = self.wait(find, f"{op} {members}", seconds)
        assert isinstance(found, dict)
        return found

    def heard(self, op: str, **members: Any) -> list[dict[str, Any]]:
        """The reports of one kind so far."""
        return [e for e in self.events if e["op"] == op and all(e.get(k) == v for k, v in members.items())]

    def said(self) -> str:
        return Path(self.errors.name).read_text() if isinstance(self.errors.name, str) else ""

    def _accept(self) -> None:
        sock, _ = self.listener.accept()
        self.selector.register(sock, selectors.EVENT_READ, "hello")

    def _greet(self, sock: socket.socket) -> None:
        self.selector.unregister(sock)
        sock.settimeout(PATIENCE)
        data = bytearray()
        frame = None
        while frame is None:
            part = sock.recv(65536)
            if not part:
                sock.close()
                return
            data += part
            frame, _ = protocol.unpack(data)
        hello = json.loads(frame.payload)
        if hello["token"] != self.token or self.refusal is not None:
            self.refused.append(hello)
            reason = {"reason": self.refusal or "bad token"}
            sock.sendall(protocol.pack(protocol.REFUSED, payload=json.dumps(reason).encode()))
            sock.close()
            return
        apart = self.calls_apart and "callsSocket" in hello["capabilities"]
        welcome = {"protocol": 1, "limits": self.limits, "callsSocket": apart}
        try:
            sock.sendall(protocol.pack(protocol.WELCOME, payload=json.dumps(welcome).encode()))
        except ConnectionError:  # It has died meanwhile.
            sock.close()
            return
        if hello["role"] == "launcher":
            self.control = sock
            self.hello = hello
            self.resume()
        elif hello["role"] == "calls":
            worker = self.halfway.pop(hello["worker"])
            worker.sock = sock
            self.calls[hello["worker"]] = worker
        else:
            (self.halfway if apart else self.calls)[hello["worker"]] = Call(sock, hello)

    def pause(self) -> None:
        """Stops reading the control channel."""
        assert self.control is not None
        self.selector.unregister(self.control)

    def resume(self) -> None:
        assert self.control is not None
        self.selector.register(self.control, selectors.EVENT_READ, "control")

    def _hear(self) -> None:
        assert self.control is not None
        data = self.control.recv(1 << 20)
        if not data:
            self.selector.unregister(self.control)
            self.events.append({"op": "(end)"})
            return
        self._incoming += data
        at = 0
        with memoryview(self._incoming) as view:
            while True:
                with view[at:] as rest:
                    frame, size = protocol.unpack(rest)
                if frame is None:
                    break
                at += size
                assert len(frame.payload) <= protocol.CONTROL_LIMIT
                self.events.append(json.loads(frame.payload))
        del self._incoming[:at]

    # --- saying ----------------------------------------------------------------------------------------

    def say(self, op: str, **members: Any) -> None:
        self.wait(lambda: self.control, "launcher")
        assert self.control is not None
        payload = json.dumps({"op": op, **members}).encode()
        self.control.sendall(protocol.pack(protocol.CONTROL, payload=payload))

    def template(
        self,
        generation: int = 1,
        *,
        preload: tuple[str, ...] = ("faulty",),
        roots: tuple[str, ...] = (),
        method: str = "forkserver",
        ready: bool = True,
        **settings: Any,
    ) -> None:
        self.say(
            "template",
            generation=generation,
            preload=list(preload),
            roots=[*roots, str(MODULES)],
            codeHash="abc",
            method=method,
            settings={"codec": "json", "threads": 1, **settings},
        )
        self.method = method
        self.words_each = 2 * settings.get("callsPerWorker", 1)
        if ready:
            self.event("template-ready", generation=generation)

    def spawn(self, generation: int = 1, *, method: str | None = None, **environment: str) -> int:
        """Asks for a worker and returns its number."""
        self._next_worker += 1
        number = self._next_worker
        self.say(
            "spawn",
            worker=number,
            slot=number - 1,
            generation=generation,
            method=method or self.method,
            word=8 * number * self.words_each,
            environment=environment,
        )
        return number

    def worker(self, generation: int = 1, *, method: str | None = None, **environment: str) -> Call:
        """Starts a worker and waits until it is ready."""
        number = self.spawn(generation, method=method, **environment)
        return self.connected(number)

    def connected(self, number: int) -> Call:
        found = self.wait(lambda: self.calls.get(number), f"worker {number}")
        assert isinstance(found, Call)
        return found

    def signal(self, call: Call, action: str) -> None:
        self.say("signal", worker=call.hello["worker"], action=action)

    def word(self, call: Call) -> int:
        return self.all_words(call)[0]

    def all_words(self, call: Call) -> tuple[int, ...]:
        at = 8 * int(call.hello["worker"]) * self.words_each
        return struct.unpack_from(f"={self.words_each}Q", self.words, at)

    def exited(self, call: Call, seconds: float = PATIENCE) -> dict[str, Any]:
        return self.event("exited", seconds, worker=call.hello["worker"])

    # --- end -------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Ends the launcher as a dying host does, and waits for it."""
        assert self.launcher.stdin is not None
        self.launcher.stdin.close()
        for call in (*self.calls.values(), *self.halfway.values()):
            call.sock.close()
            call.replies.close()
        try:
            self.launcher.wait(PATIENCE)
        finally:
            if self.launcher.poll() is None:
                self.launcher.kill()
                self.launcher.wait()
            for key in list(self.selector.get_map().values()):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                sock.close()
            if self.control is not None:
                self.control.close()
            self.selector.close()
            self.listener.close()
            self.words.close()
            self.errors.close()


def alive(pid: int) -> bool:
    """Whether a process exists that has not ended (a zombie has)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as f:
            return f.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def lines(host: Host, stream: str, worker: int = 1) -> list[str]:
    """The lines of a worker's stream that have come so far."""
    return [line for e in host.heard("output", worker=worker, stream=stream) for line in e["lines"]]
