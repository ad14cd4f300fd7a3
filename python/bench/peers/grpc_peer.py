# SPDX-License-Identifier: Apache-2.0
"""grpcio on a Unix socket, bytes in and out without a serializer.

Takes the socket's path and the kind of server: `threads` with a number of them, or `aio` for asyncio.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from prices import answer

NAME = "bench.Prices"


def price(request: bytes, _context: grpc.ServicerContext) -> bytes:
    return answer(request)


async def price_async(request: bytes, _context: grpc.aio.ServicerContext) -> bytes:
    return answer(request)


def start(path: str, threads: int) -> grpc.Server:
    server = grpc.server(ThreadPoolExecutor(threads))
    handlers = {"Price": grpc.unary_unary_rpc_method_handler(price)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(NAME, handlers),))
    server.add_insecure_port(f"unix:{path}")
    server.start()
    return server


async def serve(path: str) -> None:
    server = grpc.aio.server()
    handlers = {"Price": grpc.unary_unary_rpc_method_handler(price_async)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(NAME, handlers),))
    server.add_insecure_port(f"unix:{path}")
    await server.start()
    print("ready", path, flush=True)
    await server.wait_for_termination()


def main(path: str, kind: str, threads: str = "1") -> None:
    if kind == "aio":
        asyncio.run(serve(path))
    else:
        server = start(path, int(threads))
        print("ready", path, flush=True)
        server.wait_for_termination()


if __name__ == "__main__":
    main(*sys.argv[1:])
