# SPDX-License-Identifier: Apache-2.0
"""A local stand-in for a language model: an OpenAI-compatible endpoint that makes its answers up by rule.

It lets the example run, and be tested, without a key and without a network. It knows nothing: every answer
says that it comes from the stand-in, and the `Server` header and the list of models say so too.

    python -m standin --port 0

prints the port as one line, serves on the loopback address, and ends when its standard input ends.

A model's name may ask for faults, see `standin_faults`. Fields that DSPy wants as numbers, lists or objects
are answered in that form, and a streaming request is answered word by word.
"""

import argparse
import contextlib
import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standin_faults import MALFORMED, Faults
from standin_values import value_of

NAME = "serpentry-stand-in"
_BODY_LIMIT = 4 * 1024 * 1024
_MARKER = re.compile(r"\[\[ ## (\w+) ## \]\]")
# How DSPy names the type of a field that is no text
_TYPED = re.compile(r"\[\[ ## (\w+) ## \]\]` \(must be formatted as a valid Python (.+?)\)(?:, then| |, and)")


class Refused(Exception):
    """A request that is answered with an error."""


def complete(request: object) -> dict[str, object]:
    """The reply to one chat completion request."""
    if not isinstance(request, dict) or not isinstance(request.get("messages"), list):
        raise Refused("the body must be an object with a list of messages")
    texts = [_text(message) for message in request["messages"]]
    content = MALFORMED if "malformed" in str(request.get("model")) else _content(texts)
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
    kinds = dict(_TYPED.findall(wanted))
    # An agent that has observed something has seen enough.
    agent = "finish" if "observation_0" in inputs else None
    parts = [f"[[ ## {name} ## ]]\n{_field(name, kinds.get(name), question, agent)}\n" for name in fields]
    return "\n".join([*parts, "[[ ## completed ## ]]"])


def _inputs(text: str) -> str:
    pieces = _MARKER.split(text)
    return " ".join(" ".join(pieces[2::2] or pieces[:1]).split())


def _field(name: str, kind: str | None, question: str, agent: str | None) -> str:
    if name == "next_tool_name" and agent is not None:
        return agent
    if kind is None:
        return _answer(name, question)
    value = value_of(kind, question)
    return value if isinstance(value, str) else json.dumps(value)


def _answer(field: str, question: str) -> str:
    if field == "reasoning":
        return f"[local stand-in, no language model] The question has {len(question.split())} words."
    return f"[local stand-in, no language model] You asked: {question}"


def _pieces(answer: dict[str, object]) -> list[dict[str, object]]:
    """The reply as a streaming one sends it, word by word."""
    content = answer["choices"][0]["message"]["content"]  # type: ignore[index]
    head = {key: answer[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    deltas = [
        {"role": "assistant", "content": ""},
        *({"content": word} for word in re.findall(r"\S*\s*", content)),
    ]
    pieces: list[dict[str, object]] = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return [*pieces, {**head, "choices": [last], "usage": answer["usage"]}]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    # A reply in two parts would wait 40 ms for the client's delayed acknowledgement of the first.
    disable_nagle_algorithm = True
    wbufsize = -1
    faults = Faults()

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
            request = json.loads(body)
            answer = complete(request)
        except (Refused, ValueError) as problem:
            self._refuse(400, str(problem))
            return
        fault = self.faults.of(str(request.get("model")), self.headers.get("Authorization"))
        if fault is not None and fault.status == 0:
            self.close_connection = True  # without a word
        elif fault is not None:
            self._refuse(fault.status, fault.text, **fault.headers)
        elif request.get("stream"):
            self._stream(_pieces(answer))
        else:
            self._reply(200, answer)

    def _stream(self, pieces: list[dict[str, object]]) -> None:
        self.close_connection = True  # its end is the end of the reply
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"data: " + json.dumps(piece).encode() + b"\n\n")
            self.wfile.flush()
        self.wfile.write(b"data: [DONE]\n\n")

    def _refuse(self, status: int, text: str, **headers: str) -> None:
        self._reply(status, {"error": {"message": text, "type": "invalid_request_error"}}, **headers)

    def _reply(self, status: int, content: dict[str, object], **headers: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Keeps questions out of every log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512  # many workers may come at once


def serve(port: int) -> ThreadingHTTPServer:
    """A server on the loopback address that answers in threads of its own; port 0 takes a free one."""
    server = _Server(("127.0.0.1", port), _Handler)
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
