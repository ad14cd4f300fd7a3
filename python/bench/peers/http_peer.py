# SPDX-License-Identifier: Apache-2.0
"""FastAPI on uvicorn with uvloop and httptools; bodies are read and written as bytes, past all validation."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI, Request, Response
from prices import answer

app = FastAPI(openapi_url=None)


@app.post("/price")
async def price(request: Request) -> Response:
    return Response(answer(await request.body()), media_type="application/json")


def main() -> None:
    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", ws="none", lifespan="off", access_log=False, log_level="warning"
    )
    print("ready", sock.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[sock])


if __name__ == "__main__":
    main()
