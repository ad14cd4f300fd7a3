# SPDX-License-Identifier: Apache-2.0
"""The commands about programs with DSPy and the stand-in; skipped where DSPy is missing (see check.py)."""

from __future__ import annotations

import importlib
import json
import logging
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import standin_endpoint
from serpentry import errors
from serpentry.programs import commands
from serpentry.programs.problems import (
    CreationError,
    DuplicateProgramError,
    ExecutionError,
    GeneratedCodeOffError,
    InputsError,
    LmFailedError,
    LmNotLoadedError,
    MalformedOutputError,
    ProgramNotFoundError,
    SessionNotFoundError,
    StateRefusedError,
)

if "SERPENTRY_REQUIRE_EXAMPLES" in os.environ:
    importlib.import_module("dspy")
else:
    pytest.importorskip("dspy", reason="DSPy is not installed here; `check.py --examples` runs these tests")

KEY = "sk-a-secret-key"
ASKED = "[local stand-in, no language model] You asked: "


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with standin_endpoint.served() as url:
        yield url


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    commands.reset_state()
    yield
    commands.reset_state()


@pytest.fixture
def lm(endpoint: str) -> str:
    configure(endpoint)
    return endpoint


def configure(endpoint: str, model: str = "stand-in", **settings: Any) -> dict[str, Any]:
    return commands.configure_lm(f"openai/{model}", KEY, api_base=endpoint, **settings)


def run(program: str, **inputs: Any) -> dict[str, Any]:
    return commands.execute_program(program, inputs)["outputs"]  # type: ignore[no-any-return]


def test_a_program_is_created_executed_listed_and_deleted(lm: str) -> None:
    told = commands.create_program("qa", "question -> answer")
    assert told["status"] == "created"
    assert told["program_id"] == "qa"
    assert told["fallback_used"] is False

    done = commands.execute_program("qa", {"question": "Why?"})
    assert done["outputs"] == {"answer": ASKED + "Why?"}
    assert 0 < done["execution_time"] < 60
    usage = done["metadata"]["usage"]
    assert usage["lm_calls"] == 1
    assert usage["cache_hits"] == 0
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0

    listed = commands.list_programs()
    assert listed["total_count"] == 1
    assert listed["programs"][0]["id"] == "qa"
    assert listed["programs"][0]["execution_count"] == 1
    info = commands.get_program_info("qa")
    assert info["program_id"] == "qa"
    assert info["last_executed"] >= info["created_at"]
    assert commands.delete_program("qa")["status"] == "deleted"
    with pytest.raises(ProgramNotFoundError, match=r"^Program not found: qa$"):
        commands.execute_program("qa", {"question": "Why?"})


def test_without_a_model_executions_end_in_their_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    commands.create_program("qa", "question -> answer")
    with pytest.raises(LmNotLoadedError, match=r"No LM is loaded\."):
        commands.execute_program("qa", {"question": "Why?"})


def test_a_key_for_gemini_in_the_environment_serves_where_no_model_is_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "gemini-secret")
    assert commands._models.own(None).name == "gemini/gemini-1.5-flash"


def test_ids_are_unique_in_their_session(lm: str) -> None:
    commands.create_program("qa", "question -> answer")
    with pytest.raises(DuplicateProgramError, match=r"^Program with ID 'qa' already exists$"):
        commands.create_program("qa", "question -> answer")
    commands.create_program("qa", "question -> answer, why", session_id="s1")
    with pytest.raises(DuplicateProgramError, match=r"already exists in session s1$"):
        commands.create_program("qa", "question -> answer", session_id="s1")
    assert set(commands.execute_program("qa", {"question": "x"}, "s1")["outputs"]) == {"answer", "why"}
    assert set(commands.execute_program("qa", {"question": "x"})["outputs"]) == {"answer"}


def test_sessions_see_their_own_programs_and_the_global_ones(lm: str) -> None:
    commands.create_program("shared", "question -> answer")
    commands.create_program("own", "question -> answer", session_id="s1")
    assert commands.execute_program("shared", {"question": "x"}, "s1")["program_id"] == "shared"
    assert [one["id"] for one in commands.list_programs("s1")["programs"]] == ["own"]
    assert commands.list_programs("nobody") == {"programs": [], "total_count": 0}
    with pytest.raises(SessionNotFoundError, match=r"^Session not found: s2$"):
        commands.execute_program("own", {"question": "x"}, "s2")
    with pytest.raises(ProgramNotFoundError, match=r"^Program not found in session s1: other$"):
        commands.execute_program("other", {"question": "x"}, "s1")
    assert commands.cleanup_session("s1")["programs_removed"] == 1
    assert commands.list_programs()["total_count"] == 1
    assert commands.cleanup() == {"status": "cleaned", "programs_removed": 1}


def test_values_of_every_type_come_back_as_such(lm: str) -> None:
    types = {
        "s": "string", "i": "integer", "f": "float", "b": "boolean", "a": "atom", "m": "map",
        "e": "embedding", "p": "probability", "c": "confidence_score", "r": "reasoning_chain",
        "l": "list<string>", "d": "dict<string,integer>", "u": "union<integer,string>", "y": "any",
    }  # fmt: skip
    commands.create_program(
        "typed",
        {"inputs": [{"name": "question"}], "outputs": [{"name": n, "type": t} for n, t in types.items()]},
    )
    out = run("typed", question="two words")
    json.dumps(out)
    assert list(out) == list(types)
    assert (type(out["i"]), type(out["f"]), out["b"]) == (int, float, True)
    assert (out["p"], out["c"], out["e"], out["m"]) == (0.5, 0.5, [0.5], {})
    assert all(isinstance(step, str) for step in out["r"] + out["l"])
    assert [type(value) for value in out["d"].values()] == [int]


def test_names_that_python_does_not_take_are_mapped_back(lm: str) -> None:
    told = commands.create_program(
        "odd",
        {
            "name": "Odd names!",
            "description": "Answer.",
            "inputs": [{"name": "the question"}, {"name": "class"}],
            "outputs": [{"name": "reasoning"}, {"name": "the-answer"}],
        },
        "chain_of_thought",
    )
    assert told["signature_class"] == "Odd_names_"
    assert told["field_mapping"]["class_field"] == "class"
    out = run("odd", **{"the question": "Why?", "class": "first"})
    assert set(out) == {"reasoning", "the-answer"}


def test_a_chain_of_thought_tells_its_reasoning(lm: str) -> None:
    commands.create_program("cot", "question -> answer", "chain_of_thought")
    out = run("cot", question="Why?")
    assert out["reasoning"].endswith("The question has 1 words.")
    assert out["answer"] == ASKED + "Why?"


def test_react_calls_published_functions_as_tools(lm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def weather() -> str:
        """The weather."""
        called.append(1)
        return "sunny"

    monkeypatch.setattr(commands, "_find_tool", {"tools:weather": weather}.__getitem__)
    commands.create_program("agent", "question -> answer", "react", tools=["tools:weather"], max_iterations=3)
    out = run("agent", question="What is the weather?")
    assert called == [1]
    assert out["trajectory"]["observation_0"] == "sunny"
    assert "answer" in out


def test_built_in_commands_are_no_tools(lm: str) -> None:
    with pytest.raises(CreationError, match="is no tool"):
        commands.create_program("agent", "question -> answer", "react", tools=["serpentry:shutdown"])


def test_generated_code_runs_only_where_it_is_switched_on(lm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GeneratedCodeOffError, match="SERPENTRY_DSPY_GENERATED_CODE=true"):
        commands.create_program("pot", "question -> answer", "program_of_thought")
    monkeypatch.setenv("SERPENTRY_DSPY_GENERATED_CODE", "true")
    assert commands.create_program("pot", "question -> answer", "program_of_thought")["status"] == "created"


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({}, "the input 'question' is missing"),
        (
            {"question": "x", "times": 1, "more": 2},
            "there is no input 'more'; the inputs are: question, times",
        ),
        ({"question": "x", "times": "many"}, "the input 'times' does not fit its type"),
        ({"question": "x"}, "the input 'times' is missing"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_before_the_model_is_asked(
    lm: str, inputs: dict[str, Any], text: str
) -> None:
    commands.create_program("qa", "question, times: integer -> answer")
    with pytest.raises(InputsError) as caught:
        commands.execute_program("qa", inputs)
    assert str(caught.value).startswith(text)
    assert "many" not in str(errors.record(caught.value)["message"])


def test_a_saved_state_is_json_and_makes_the_same_program(lm: str) -> None:
    commands.create_program("first", "question -> answer", "chain_of_thought")
    state = commands.dump_program("first")["state"]
    state["predict"]["demos"] = [{"question": "1+1?", "reasoning": "sum", "answer": "2"}]
    state["predict"]["lm"] = {"model": "openai/evil", "api_base": "http://127.0.0.1:1/v1"}
    state = json.loads(json.dumps(state))

    commands.create_program("second", "question -> answer", "chain_of_thought", state=state)

    again = commands.dump_program("second")["state"]
    assert again["predict"]["demos"] == state["predict"]["demos"]
    assert again["predict"]["lm"] is None
    assert again["metadata"]["dependency_versions"]["dspy"]
    assert run("second", question="Why?")["answer"] == ASKED + "Why?"


def test_the_state_of_a_plain_program_is_taken_back_without_its_model(lm: str) -> None:
    commands.create_program("first", "question -> answer")
    state = commands.dump_program("first")["state"]
    state["demos"] = [{"question": "1+1?", "answer": "2"}]
    state["lm"] = {"model": "openai/evil", "api_base": "http://127.0.0.1:1/v1"}
    commands.create_program("second", "question -> answer", state=json.loads(json.dumps(state)))
    again = commands.dump_program("second")["state"]
    assert again["demos"] == state["demos"]
    assert again["lm"] is None
    assert run("second", question="Why?")["answer"] == ASKED + "Why?"


def test_a_state_of_another_program_is_refused(lm: str) -> None:
    commands.create_program("first", "question -> answer", "chain_of_thought")
    state = commands.dump_program("first")["state"]
    with pytest.raises(StateRefusedError, match="of another program"):
        commands.create_program("second", "question -> answer", "predict", state=state)
    with pytest.raises(StateRefusedError):
        commands.create_program("second", "question -> answer", "predict", state={"self": {"demos": 3}})
    with pytest.raises(StateRefusedError, match="cannot be loaded"):
        commands.create_program("second", "question -> answer", state={"demos": [], "signature": 3})


def test_nothing_is_written_by_a_cache(lm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import dspy

    commands.create_program("qa", "question -> answer")
    run("qa", question="Why?")
    assert not dspy.cache.enable_disk_cache


def test_cached_answers_are_counted_and_not_billed(endpoint: str) -> None:
    configure(endpoint, cache=True, temperature=0.0)
    commands.create_program("qa", "question -> answer")
    first = commands.execute_program("qa", {"question": "Cached?"})["metadata"]["usage"]
    second = commands.execute_program("qa", {"question": "Cached?"})["metadata"]["usage"]
    assert (first["cache_hits"], second["cache_hits"]) == (0, 1)
    assert (first["total_tokens"] > 0, second["total_tokens"]) == (True, 0)


def test_concurrent_executions_keep_their_contexts_apart(endpoint: str) -> None:
    for number in range(4):
        configure(endpoint, f"model-{number}", session_id=f"s{number}")
        commands.create_program("qa", "question -> answer", session_id=f"s{number}")

    def ask(number: int) -> tuple[int, Any]:
        return number, commands.execute_program("qa", {"question": f"number {number}?"}, f"s{number % 4}")

    with ThreadPoolExecutor(16) as threads:
        for number, done in threads.map(ask, range(64)):
            assert done["outputs"]["answer"] == f"{ASKED}number {number}?"
            assert done["metadata"]["model"] == f"openai/model-{number % 4}"
            assert done["metadata"]["usage"]["lm_calls"] == 1
    assert sum(one["execution_count"] for one in commands.list_programs()["programs"]) == 64


def test_executions_leave_no_history(lm: str) -> None:
    from dspy.clients.base_lm import GLOBAL_HISTORY

    commands.create_program("qa", "question -> answer", "chain_of_thought")
    before = len(GLOBAL_HISTORY)
    run("qa", question="Remembered?")
    assert len(GLOBAL_HISTORY) == before
    assert "Remembered" not in str(vars(commands._shelf.get("qa", None).program.module))


@pytest.mark.parametrize(
    ("model", "reason", "status", "after"),
    [
        ("fail", "server", 500, None),
        ("rate-limit", "rate_limit", 429, "1.0"),
        ("denied", "auth", 401, None),
        ("hang-up", "transport", None, None),
    ],
)
def test_failures_of_the_endpoint_are_told_by_kind(
    endpoint: str, model: str, reason: str, status: int | None, after: str | None
) -> None:
    configure(endpoint, model, num_retries=0)
    commands.create_program("qa", "question -> answer")
    with pytest.raises(LmFailedError, match=r"^Program execution failed: ") as caught:
        run("qa", question="Why?")
    told = caught.value.details
    assert (told["reason"], told["status"], told["retryAfterSeconds"]) == (reason, status, after)
    assert KEY not in str(errors.record(caught.value))


def test_a_stalled_endpoint_ends_in_a_timeout(endpoint: str) -> None:
    configure(endpoint, "stall", num_retries=0, timeout=0.2)
    commands.create_program("qa", "question -> answer")
    with pytest.raises(LmFailedError) as caught:
        run("qa", question="Why?")
    assert caught.value.details["reason"] in ("timeout", "transport")  # as DSPy's version has it


def test_passing_failures_are_tried_again_when_the_endpoint_says(endpoint: str) -> None:
    configure(endpoint, "mine-rate-limit-1", num_retries=1)
    commands.create_program("qa", "question -> answer")
    done = commands.execute_program("qa", {"question": "Why?"})
    assert done["outputs"]["answer"] == ASKED + "Why?"
    assert done["execution_time"] >= 1


def test_an_answer_without_the_outputs_is_malformed(endpoint: str) -> None:
    configure(endpoint, "malformed", num_retries=0)
    commands.create_program("qa", "question -> answer, score: float")
    with pytest.raises(MalformedOutputError, match=r"^Program execution failed: "):
        run("qa", question="Why?")
    assert issubclass(MalformedOutputError, ExecutionError)


def test_the_host_is_told_what_a_worker_lacks_before_anything_runs(endpoint: str) -> None:
    data = {"signature": "question -> answer", "kind": "predict", "tools": None, "max_iterations": None,
            "state": None}  # fmt: skip
    lm = {"model": "openai/stand-in", "api_key": KEY, "api_base": endpoint}

    def execute(**more: Any) -> dict[str, Any]:
        return commands.execute_program("qa", {"question": "?"}, version="v1", lm_version=1, **more)  # type: ignore[no-any-return]

    assert execute()["needs"] == ["program", "lm"]
    assert execute(program_data=data)["needs"] == ["lm"]
    assert execute(program_data=data, lm=lm)["outputs"] == {"answer": ASKED + "?"}
    assert execute()["outputs"] == {"answer": ASKED + "?"}
    assert commands.list_programs()["total_count"] == 0
    # A new version of the model replaces the old one, which is not taken in its place.
    commands.configure_lm("openai/other", KEY, api_base=endpoint, version=2)
    assert execute()["needs"] == ["lm"]
    # A call that set out before is answered by its own, which does not come back for good.
    assert execute(lm=lm)["metadata"]["model"] == "openai/stand-in"
    assert execute()["needs"] == ["lm"]


def test_no_key_reaches_a_log(endpoint: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    configure(endpoint)
    commands.create_program("qa", "question -> answer")
    run("qa", question="Why?")
    assert KEY not in caplog.text


def test_a_program_created_by_many_at_once_is_created_once(lm: str) -> None:
    barrier = threading.Barrier(8)

    def create(_: int) -> bool:
        barrier.wait()
        try:
            commands.create_program("qa", "question -> answer")
        except DuplicateProgramError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(create, range(8))) == 1
