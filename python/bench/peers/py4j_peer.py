# SPDX-License-Identifier: Apache-2.0
"""A Python object that Java calls through py4j's ClientServer: a connection per thread, texts both ways."""

from __future__ import annotations

import threading

from prices import answer_text
from py4j.clientserver import ClientServer, JavaParameters, PythonParameters


class Prices:
    def price(self, request: str) -> str:
        return answer_text(request)

    class Java:
        implements = ["org.serpentry.bench.peers.Py4jPeer$Prices"]  # noqa: RUF012 - read by py4j


def main() -> None:
    server = ClientServer(
        java_parameters=JavaParameters(),
        python_parameters=PythonParameters(port=0),
        python_server_entry_point=Prices(),
    )
    print("ready", server.get_callback_server().get_listening_port(), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
