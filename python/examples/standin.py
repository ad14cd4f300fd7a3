# SPDX-License-Identifier: Apache-2.0
"""A local stand-in for a language model: an OpenAI-compatible endpoint that makes its answers up by rule.

It lets the example run, and be tested, without a key and without a network. It knows nothing: every answer
says that it comes from the stand-in, and the `Server` header and the list of models say so too.

    python -m standin --port 0

prints the port as one line, serves on the loopback address, and ends when its standard input ends.
"""

import argparse
import contextlib
import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "serpentry-stand-in"
_BODY_LIMIT = 4 * 1024 * 1024
_MARKER = re.compile(r"\[\[ ## (\w+) ## \]\]")


class Refused(Exception):
    """A request that is answered with an error."""


def complete(request: object) -> dict[str, object]:
    """The reply to one chat completion request."""
    if not isinstance(request, dict) or not isinstance(request.get("messages"), list):
        raise Refused("the body must be an object with a list of messages")
    if request.get("stream"):
        raise Refused("the stand-in does not stream")
    texts = [_text(message) for message in request["messages"]]
    content = _content(texts)
    asked = sum(len(text.split()) for text in texts)
    told = len(content.split())
    return {
        "id": f"chatcmpl-{NAME}",
        "object": "chat.completion",
        "created": 0,
        "model": NAME,
        "system_fingerprint": NAME,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told},
    }


def _text(message: object) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _content(texts: list[str]) -> str:
    last = texts[-1] if texts else ""
    # DSPy ends its request with the markers of the fields that it wants, in order.
    inputs, _, wanted = last.rpartition("Respond with the corresponding output fields")
    fields = [name for name in dict.fromkeys(_MARKER.findall(wanted)) if name != "completed"]
    question = _inputs(inputs or last)
    if not fields:
        return _answer("answer", question)
    parts = [f"[[ ## {name} ## ]]\n{_answer(name, question)}\n" for name in fields]
    return "\n".join([*parts, "[[ ## completed ## ]]"])


def _inputs(text: str) -> str:
    pieces = _MARKER.split(text)
    return " ".join(" ".join(pieces[2::2] or pieces[:1]).split())


def _answer(field: str, question: str) -> str:
    if field == "reasoning":
        return f"[local stand-in, no language model] The question has {len(question.split())} words."
    return f"[local stand-in, no language model] You asked: {question}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def version_string(self) -> str:
        return NAME

    def do_GET(self) -> None:
        if self.path.rstrip("/").endswith("/models"):
            self._reply(200, {"object": "list", "data": [{"id": NAME, "object": "model", "owned_by": NAME}]})
        else:
            self._refuse(404, f"there is nothing at {self.path}")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= _BODY_LIMIT:
            self.close_connection = True  # the body stays unread, so the connection cannot be used again
            self._refuse(413 if length > _BODY_LIMIT else 411, f"the body must have 1 to {_BODY_LIMIT} bytes")
            return
        body = self.rfile.read(length)
        if not self.path.endswith("/chat/completions"):
            self._refuse(404, f"there is nothing at {self.path}")
            return
        try:
            self._reply(200, complete(json.loads(body)))
        except (Refused, ValueError) as problem:
            self._refuse(400, str(problem))

    def _refuse(self, status: int, text: str) -> None:
        self._reply(status, {"error": {"message": text, "type": "invalid_request_error"}})

    def _reply(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Keeps questions out of every log."""


def serve(port: int) -> ThreadingHTTPServer:
    """A server on the loopback address that answers in threads of its own; port 0 takes a free one."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="stand-in", daemon=True).start()
    return server


def main() -> int:
    """Serves until standard input ends."""
    parser = argparse.ArgumentParser(description="A local stand-in for a language model.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    server = serve(parser.parse_args().port)
    print(server.server_address[1], flush=True)
    print("The local stand-in answers instead of a language model.", file=sys.stderr, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        while sys.stdin.buffer.read(1):
            pass
    server.shutdown()
    server.server_close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
