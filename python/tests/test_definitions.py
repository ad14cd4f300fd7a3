# SPDX-License-Identifier: Apache-2.0
"""Definitions of programs and the types of their fields; needs no DSPy."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest

from serpentry import errors, masking
from serpentry.programs import commands, models
from serpentry.programs.definitions import definition, read_signature
from serpentry.programs.fields import annotation
from serpentry.programs.problems import (
    DspyMissingError,
    LmNotLoadedError,
    LmSettingsError,
    ProgramIdRequiredError,
    SessionIdRequiredError,
    SignatureError,
    StateRefusedError,
    UnknownKindError,
)

QA = {"inputs": [{"name": "question"}], "outputs": [{"name": "answer", "type": "string"}]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string", str),
        ("integer", int),
        ("float", float),
        ("boolean", bool),
        ("atom", str),
        ("any", Any),
        ("map", dict[str, Any]),
        ("embedding", list[float]),
        ("probability", float),
        ("confidence_score", float),
        ("reasoning_chain", list[str]),
        ("list", list[Any]),
        ("list<string>", list[str]),
        ("List[ int ]", list[int]),
        ("dict", dict[str, Any]),
        ("dict<string, list<float>>", dict[str, list[float]]),
        ("union<string,integer>", str | int),
        ("string | integer", str | int),
        ("optional<float>", float | None),
        (["list", "string"], list[str]),
        (["union", ["string", "integer"]], str | int),
        (["dict", "string", ["list", "float"]], dict[str, list[float]]),
    ],
)
def test_every_type_of_the_original_has_its_annotation(text: object, expected: object) -> None:
    assert annotation(text, "a field") == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("strin", "unknown type 'strin'; nearest: 'string'"),
        ("list<", "lacks a type"),
        ("list<string", "lacks its '>'"),
        ("dict<string>", "1 parameters for 'dict', which takes 2"),
        ("string<int>", "parameters for 'string', which takes none"),
        ("string; import os", "has ';' where none belongs"),
        ("string string", "goes on with 'string'"),
        ("list<" * 40 + "int" + ">" * 40, "nested too deep"),
        ("", "lacks a type"),
        (7, "must be a text"),
    ],
)
def test_a_type_that_is_none_is_refused_by_name(text: object, complaint: str) -> None:
    with pytest.raises(SignatureError) as caught:
        annotation(text, "'x' in inputs")
    assert complaint in str(caught.value)
    assert "'x' in inputs" in str(caught.value)


def test_names_are_made_fit_for_python_and_mapped_back() -> None:
    names = ["the question", "the-question", "class", "2nd", "config", "_hidden", "model_name", "größe", "ok"]
    read = read_signature({**QA, "inputs": [{"name": name} for name in names]})
    made = [one.python_name for one in read.inputs]
    assert made == [
        "the_question", "the_question_2", "class_field", "field_2nd", "config_field", "hidden",
        "model_name_field", "gr__e", "ok",
    ]  # fmt: skip
    assert all(name.isidentifier() for name in made)
    assert [read.mapping()[name] for name in made] == names


def test_an_output_may_have_the_name_of_an_input() -> None:
    read = read_signature("text -> text")
    assert read.mapping() == {"text": "text", "text_2": "text"}


def test_a_signature_may_be_written_as_text() -> None:
    read = read_signature("question, context: list<string>, m: dict[str, int] -> answer, score: float")
    assert [(one.name, one.annotation) for one in read.inputs] == [
        ("question", str), ("context", list[str]), ("m", dict[str, int]),
    ]  # fmt: skip
    assert [(one.name, one.annotation) for one in read.outputs] == [("answer", str), ("score", float)]


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        ({**QA, "inputs": []}, "Signature must have at least one input field"),
        ({**QA, "outputs": []}, "Signature must have at least one output field"),
        ({"outputs": QA["outputs"]}, "Signature must have at least one input field"),
        ("-> answer", "Signature must have at least one input field"),
        ("question ->", "Signature must have at least one output field"),
        ({**QA, "inputs": [{"name": "a"}, {}]}, "Field definition 1 in inputs must have a 'name'"),
        ({**QA, "outputs": ["x"]}, "Field definition 0 in outputs must have a 'name'"),
        ("question", "a signature is written 'inputs -> outputs'"),
        (None, "Signature must be an object"),
        ({**QA, "inputs": [{"name": "a"}, {"name": "a"}]}, "the field 'a' stands twice in inputs"),
    ],
)
def test_a_signature_that_is_none_is_refused(signature: object, message: str) -> None:
    with pytest.raises(SignatureError) as caught:
        read_signature(signature)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("program", [None, "", "  ", 3])
def test_an_id_is_required(program: object) -> None:
    with pytest.raises(ProgramIdRequiredError, match=r"^Program ID is required$"):
        definition(program, QA, "predict", None, None, None)
    with pytest.raises(ProgramIdRequiredError):
        commands.execute_program(program)


def test_an_unknown_kind_is_refused_not_taken_for_predict() -> None:
    with pytest.raises(UnknownKindError, match="Unknown program type: reakt; nearest: 'react'"):
        definition("qa", QA, "reakt", None, None, None)


@pytest.mark.parametrize("state", ["gASVBQAAAAAAAACMAWGULg==", b"\x80\x04N.", ["x"]])
def test_a_state_that_is_no_json_object_is_refused(state: object) -> None:
    with pytest.raises(StateRefusedError, match="every pickle"):
        definition("qa", QA, "predict", None, None, state)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"api_key": "secret-key"}, "Model name is required"),
        ({"model": "  ", "api_key": "secret-key"}, "Model name is required"),
        ({"model": "gemini-2.5-flash"}, "API key is required"),
        ({"model": "gpt-4o", "api_key": "secret-key"},
         "Unsupported provider/model combination: google/gpt-4o"),
        ({"model": "openai/", "api_key": "secret-key"},
         "Unsupported provider/model combination: openai/openai/"),
    ],
)  # fmt: skip
def test_settings_of_the_model_that_do_not_fit_are_errors(
    arguments: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    with pytest.raises(LmSettingsError) as caught:
        commands.configure_lm(**arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("gemini-2.5-flash", "google"), "gemini/gemini-2.5-flash"),
        (("gemini-2.5-flash", None), "gemini/gemini-2.5-flash"),
        (("openai/gpt-4o", None), "openai/gpt-4o"),
        (("gpt-4o", "openai"), "openai/gpt-4o"),
        (("meta/llama", "together_ai"), "together_ai/meta/llama"),
    ],
)
def test_models_are_named_as_dspy_names_them(given: tuple[str, str | None], expected: str) -> None:
    found = models.settings(given[0], "secret-key", None, given[1], {})
    assert found.model == expected
    assert "secret-key" not in repr(found)
    assert found.answer()["temperature"] == 0.7


def test_without_a_model_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    with pytest.raises(LmNotLoadedError, match=r"^No LM is loaded\.$"):
        models.Models().own(None)


def test_a_missing_dspy_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dspy", None)
    monkeypatch.delitem(sys.modules, "serpentry.programs.runtime", raising=False)
    with pytest.raises(DspyMissingError, match="DSPy not available - cannot create programs"):
        import serpentry.programs.runtime  # noqa: F401


def test_a_session_is_required_for_its_cleanup() -> None:
    with pytest.raises(SessionIdRequiredError, match="Session ID required for cleanup"):
        commands.cleanup_session()
    assert commands.cleanup_session("nobody")["status"] == "not_found"


def test_commands_and_errors_are_counted_and_reset() -> None:
    commands.reset_state()
    commands.list_programs()
    with pytest.raises(ProgramIdRequiredError):
        commands.delete_program()
    told = commands.get_stats()
    assert (told["command_count"], told["error_count"], told["programs_count"]) == (3, 1, 0)
    assert told["memory_usage"]["rss"] > 1_000_000
    assert 0 < told["memory_usage"]["percent"] < 100
    assert commands.reset_state()["errors_reset"] == 1
    assert commands.get_stats()["error_count"] == 0


def test_secrets_are_masked_in_records_of_errors() -> None:
    masking.add("sk-a-very-secret-key")
    masking.add("abc")  # too short to be told from other words
    try:
        raise ValueError("refused sk-a-very-secret-key abc")
    except ValueError as problem:
        record = errors.record(problem)
    assert record["message"] == "refused *** abc"
    assert "sk-a-very-secret-key" not in str(record)


def test_a_secret_at_the_cut_of_a_long_message_does_not_show() -> None:
    masking.add("sk-a-very-secret-key")
    shown = errors.clean("x" * (errors.TEXT_LIMIT - 5) + "sk-a-very-secret-key")
    assert "sk-a" not in shown


def test_secrets_are_added_by_many_threads() -> None:
    threads = [threading.Thread(target=masking.add, args=(f"secret-number-{n}",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert masking.mask(" ".join(f"<secret-number-{n}>" for n in range(16))) == " ".join(["<***>"] * 16)


def test_a_comma_within_nested_brackets_belongs_to_the_type() -> None:
    signature = read_signature("a: dict<string, list<integer>>, b -> c: list[union<string, list<float>>]")
    assert [one.name for one in signature.inputs] == ["a", "b"]
    assert signature.inputs[0].annotation == dict[str, list[int]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a," * 100_000 + " -> c", "stands twice"),
        ("a: list<" + "int," * 100_000 + "int> -> c", "has 100001 parameters for 'list', which takes 1"),
    ],
)
def test_a_signature_of_any_length_is_read_once_through(text: str, message: str) -> None:
    # Looked through again at each comma it would take a quarter of an hour, which no cancellation ends.
    with pytest.raises(SignatureError, match=message):
        read_signature(text)
