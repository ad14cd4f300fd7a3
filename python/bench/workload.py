# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks call: a small record in, a small record out, and next to nothing done in between."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import Any

from serpentry import expose


@dataclass(frozen=True, slots=True)
class Order:
    """One line of an order."""

    customer: str
    item: str
    quantity: int
    price: float
    gift: bool


@dataclass(frozen=True, slots=True)
class Priced:
    """What the order costs."""

    customer: str
    item: str
    quantity: int
    total: float
    gift: bool


@expose
def price(order: dict[str, Any], discount: float) -> dict[str, Any]:
    """Prices an order; arguments and result are plain objects."""
    return {
        "customer": order["customer"],
        "item": order["item"],
        "quantity": order["quantity"],
        "total": order["price"] * order["quantity"] - discount,
        "gift": order["gift"],
    }


@expose
def price_typed(order: Order, discount: float) -> Priced:
    """The same with dataclasses, which the runtime binds and encodes."""
    total = order.price * order.quantity - discount
    return Priced(order.customer, order.item, order.quantity, total, order.gift)


@expose
def length(text: str) -> int:
    """How long a text is."""
    return len(text)


@expose
def letters(count: int) -> str:
    """A text of that length."""
    return "x" * count


@expose
def echo(text: str) -> str:
    """The text itself."""
    return text


@expose
def wait(seconds: float) -> None:
    """Waits, as for a language model's answer."""
    time.sleep(seconds)


@expose
async def wait_async(seconds: float) -> None:
    """The same on the event loop."""
    await asyncio.sleep(seconds)


@expose
def pid() -> int:
    """The worker's process."""
    return os.getpid()


@expose
def hold(seconds: float) -> None:
    """Keeps the worker."""
    time.sleep(seconds)


@expose
def stubborn() -> None:
    """Never returns; ignores its cancel."""
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            pass
