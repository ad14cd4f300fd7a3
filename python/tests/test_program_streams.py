# SPDX-License-Identifier: Apache-2.0
"""The texts of programs as they come about, with DSPy and the stand-in; skipped where DSPy is missing."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

import standin_endpoint
from serpentry.programs import commands
from serpentry.programs.problems import LmFailedError, ProgramError

if "SERPENTRY_REQUIRE_EXAMPLES" in os.environ:
    importlib.import_module("dspy")
else:
    pytest.importorskip("dspy", reason="DSPy is not installed here; `check.py --examples` runs these tests")

ASKED = "[local stand-in, no language model] You asked: "


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with standin_endpoint.served() as url:
        yield url


@pytest.fixture(autouse=True)
def fresh(endpoint: str) -> Iterator[None]:
    commands.reset_state()
    configure(endpoint)
    yield
    commands.reset_state()


def configure(endpoint: str, model: str = "stand-in", **settings: Any) -> None:
    commands.configure_lm(f"openai/{model}", "sk-key", api_base=endpoint, **settings)


def create(identifier: str, kind: str = "predict", output: str = "answer", **more: Any) -> None:
    signature = {"inputs": [{"name": "question"}], "outputs": [{"name": output, **more}]}
    commands.create_program(identifier, signature, kind)


def pieces(identifier: str, question: str = "Why is that so?") -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        return [p async for p in commands.stream_program(identifier, {"question": question})]

    return asyncio.run(read())


def texts(found: list[dict[str, Any]], field: str) -> list[str]:
    return [piece["text"] for piece in found if piece.get("field") == field]


def test_the_pieces_of_an_output_come_before_the_result_and_make_it() -> None:
    create("qa")

    found = pieces("qa")

    answer = texts(found, "answer")
    assert len(answer) > 3
    assert "".join(answer).strip() == ASKED + "Why is that so?"
    assert found[-1]["outputs"] == {"answer": ASKED + "Why is that so?"}
    assert found[-1]["metadata"]["usage"]["lm_calls"] == 1
    assert found[-1]["metadata"]["usage"]["total_tokens"] > 0


def test_reasoning_comes_as_well() -> None:
    create("thinking", "chain_of_thought")

    found = pieces("thinking")

    assert "".join(texts(found, "reasoning")).strip() == found[-1]["outputs"]["reasoning"]
    assert "".join(texts(found, "answer")).strip() == found[-1]["outputs"]["answer"]


def test_names_are_the_users_own() -> None:
    create("named", output="the answer!")

    found = pieces("named")

    assert "".join(texts(found, "the answer!")).strip() == found[-1]["outputs"]["the answer!"]


def test_what_is_no_text_comes_with_the_result_alone() -> None:
    create("count", type="integer")

    found = pieces("count")

    assert [list(piece) for piece in found[:-1]] == []
    assert isinstance(found[-1]["outputs"]["answer"], int)


def test_failures_are_those_of_an_execution(endpoint: str) -> None:
    create("qa")
    configure(endpoint, "rate-limit", num_retries=0)

    with pytest.raises(LmFailedError) as failed:
        pieces("qa")

    assert failed.value.details["reason"] == "rate_limit"
    assert float(str(failed.value.details["retryAfterSeconds"])) == 1
    with pytest.raises(ProgramError, match="not found"):
        pieces("no such program")


def test_what_is_lacking_is_all_that_a_worker_says() -> None:
    async def read() -> list[dict[str, Any]]:
        return [p async for p in commands.stream_program("qa", {}, version="v1", lm_version=7)]

    assert asyncio.run(read()) == [{"program_id": "qa", "needs": ["program", "lm"]}]
