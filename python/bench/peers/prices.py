# SPDX-License-Identifier: Apache-2.0
"""What every peer does with a call: the workload of `core-call`, JSON bytes in, JSON bytes out."""

from __future__ import annotations

from typing import Any

import orjson


def price(order: dict[str, Any], discount: float) -> dict[str, Any]:
    """The body of `workload.price`."""
    return {
        "customer": order["customer"],
        "item": order["item"],
        "quantity": order["quantity"],
        "total": order["price"] * order["quantity"] - discount,
        "gift": order["gift"],
    }


def answer(request: bytes | str) -> bytes:
    """The reply to a request."""
    return orjson.dumps(price(**orjson.loads(request)))


def answer_text(request: str) -> str:
    """The same for peers that pass texts fastest."""
    return answer(request).decode()
