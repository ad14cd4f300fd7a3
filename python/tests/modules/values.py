# SPDX-License-Identifier: Apache-2.0
"""Functions that take and give values of every sort, for the tests of both languages."""

from __future__ import annotations

import enum
import uuid
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

import serpentry


class Colour(enum.Enum):
    """Its values differ from its names, so that a mix-up shows."""

    RED = 1
    GREEN = 2


class Level(enum.IntEnum):
    LOW = 10
    HIGH = 20


class Mode(enum.StrEnum):
    FAST = "quick"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclass(frozen=True)
class Review:
    text: str
    price: Decimal
    stars: int = 3
    colour: Colour | None = None
    tags: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Tree:
    name: str
    children: list[Tree] = field(default_factory=list)


class Point(NamedTuple):
    x: float
    y: float = 0.0


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


Pair = namedtuple("Pair", ["a", "b"])  # noqa: PYI024


class Opaque:
    """Something JSON cannot carry."""


class Hostile(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


def circular() -> list[Any]:
    items: list[Any] = [1]
    items.append({"again": items})
    return items


@serpentry.expose
def echo(value: Any) -> Any:
    return value


@serpentry.expose
def everything(*values: Any, **named: Any) -> dict[str, Any]:
    return {"values": values, "named": named}


@serpentry.expose
def score(text: str, times: int = 1) -> dict[str, Any]:
    return {"text": text * times, "length": len(text) * times}


@serpentry.expose
def echo_int(value: int) -> int:
    return value


@serpentry.expose
def echo_float(value: float) -> float:
    return value


@serpentry.expose
def echo_decimal(value: Decimal) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    return value


@serpentry.expose
def decimal_digits(value: Decimal) -> str:
    return str(value)


@serpentry.expose
def echo_bytes(value: bytes) -> bytes:
    return value


@serpentry.expose
def echo_datetime(value: datetime) -> datetime:
    return value


@serpentry.expose
def echo_date(value: date) -> date:
    return value


@serpentry.expose
def echo_time(value: time) -> time:
    return value


@serpentry.expose
def echo_duration(value: timedelta) -> timedelta:
    return value


@serpentry.expose
def echo_uuid(value: uuid.UUID) -> uuid.UUID:
    return value


@serpentry.expose
def echo_colour(value: Colour) -> Colour:
    return value


@serpentry.expose
def echo_review(review: Review) -> Review:
    return review


@serpentry.expose
def echo_reviews(reviews: list[Review]) -> list[Review]:
    return reviews


@serpentry.expose
def echo_tree(tree: Tree) -> Tree:
    return tree


@serpentry.expose
def echo_optional(value: str | None = None) -> str | None:
    return value


@serpentry.expose
def mode(value: Literal["fast", "slow"]) -> str:
    return value


@serpentry.expose
def positional(first: int, /, second: int = 2, *, third: int = 3) -> list[int]:
    return [first, second, third]


@serpentry.expose(name="renamed")
def some_internal_name() -> str:
    return "renamed"


@serpentry.expose
async def later(value: Any) -> Any:
    return value


@serpentry.expose
def by_length(words: list[str]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for word in words:
        found.setdefault(len(word), set()).add(word)
    return found


@serpentry.expose
def huge() -> int:
    return 2**70


@serpentry.expose
def not_a_number() -> list[float]:
    return [0.5, float("nan")]


@serpentry.expose
def infinity() -> dict[str, float]:
    return {"far": float("inf")}


@serpentry.expose
def opaque() -> dict[str, Any]:
    return {"items": [1, Opaque()]}


@serpentry.expose
def surrogate() -> str:
    return "\ud800"


@serpentry.expose
def generated() -> Iterator[int]:
    yield 1


@serpentry.expose
def circle() -> list[Any]:
    return circular()


@serpentry.expose
def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@serpentry.expose
def text_of(length: int, character: str = "x") -> str:
    return character * length


@serpentry.expose
def now() -> datetime:
    return datetime.now(UTC)


@serpentry.expose
def array(rows: int, columns: int) -> Any:
    import numpy as np

    return np.arange(rows * columns, dtype=np.float64).reshape(rows, columns)


@serpentry.expose
def frame() -> Any:
    import pandas as pd

    return pd.DataFrame({"name": ["a", "b"], "size": [1, 2], "weight": [0.5, None]})


@serpentry.expose
def raises(message: str) -> None:
    raise ValueError(message)


def unpublished() -> None:
    """Not reachable: it carries no ``expose``."""
