# SPDX-License-Identifier: Apache-2.0
"""What a call learns about itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from serpentry import context as public_context
from serpentry.context import (
    CallContext,
    begin,
    context,
    end,
    enter,
    leave,
    mark_cancelled,
    set_progress_sink,
)


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    end()
    set_progress_sink(None)


def test_outside_a_call_there_is_no_context() -> None:
    with pytest.raises(RuntimeError, match="only while a call"):
        public_context()


def test_a_call_knows_its_number_deadline_and_session() -> None:
    begin(7, 5000, "user-1", "00-trace")

    call = context()

    assert (call.request_id, call.session_id, call.traceparent) == (7, "user-1", "00-trace")
    remaining = call.remaining()
    assert remaining is not None
    assert 4 < remaining <= 5


def test_without_deadline_nothing_remains() -> None:
    begin(1, 0, None, None)

    assert context().remaining() is None


def test_only_the_named_call_is_marked_cancelled() -> None:
    begin(5, 0, None, None)

    mark_cancelled(4)
    assert not context().cancelled()
    mark_cancelled(5)
    assert context().cancelled()


def test_threads_that_a_call_starts_see_its_context() -> None:
    begin(9, 0, None, None)
    seen: list[int] = []

    thread = threading.Thread(target=lambda: seen.append(context().request_id))
    thread.start()
    thread.join()

    assert seen == [9]


def test_concurrent_tasks_and_their_threads_each_see_their_own() -> None:
    async def task(number: int) -> int:
        token = enter(CallContext(number, None, None, None))
        await asyncio.sleep(0)
        seen = await asyncio.to_thread(lambda: context().request_id)
        leave(token)
        return seen

    async def both() -> list[int]:
        return list(await asyncio.gather(task(1), task(2)))

    assert asyncio.run(both()) == [1, 2]


def test_progress_goes_to_the_sink_with_the_calls_number() -> None:
    told: list[tuple[int, object]] = []
    set_progress_sink(lambda request, value: told.append((request, value)))
    begin(3, 0, None, None)

    context().progress({"done": 0.5})

    assert told == [(3, {"done": 0.5})]


def test_all_threads_of_a_call_get_the_same_context() -> None:
    begin(3, 0, None, None)
    found: list[CallContext] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        found.append(context())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert {id(one) for one in found} == {id(context())}


def test_a_context_first_asked_for_after_the_cancel_knows_of_it() -> None:
    begin(3, 0, None, None)
    mark_cancelled(3)

    call = context()
    end()

    assert call.cancelled()
    begin(4, 0, None, None)
    assert not context().cancelled()
