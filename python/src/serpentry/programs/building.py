# SPDX-License-Identifier: Apache-2.0
"""Turns definitions into DSPy's modules."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from serpentry.programs.definitions import Definition, Field
from serpentry.programs.problems import (
    CreationError,
    GeneratedCodeOffError,
    InputsError,
    MalformedOutputError,
    ProgramError,
    SignatureError,
    StateRefusedError,
)
from serpentry.programs.runtime import dspy

GENERATED_CODE: Final = "SERPENTRY_DSPY_GENERATED_CODE"
"""The environment variable that must be ``true`` for ``program_of_thought``."""

_PART: Final = frozenset({"traces", "train", "demos", "signature", "lm", "fields"})

ToolFinder = Callable[[str], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Program:
    """A program ready to run; its module holds no state of an execution, so threads share it."""

    definition: Definition
    module: Any
    checks: Mapping[str, tuple[Field, TypeAdapter[Any]]]
    """By the user's name of each input: the field, and what checks its values."""

    def arguments(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The module's arguments. Raises InputsError naming the input that is missing, unknown or misfits."""
        for name in inputs:
            if name not in self.checks:
                known = ", ".join(self.checks)
                raise InputsError(f"there is no input {name!r}; the inputs are: {known}", field=name)
        arguments = {}
        for name, (field, adapter) in self.checks.items():
            if name not in inputs:
                raise InputsError(f"the input {name!r} is missing", field=name)
            try:
                value = adapter.validate_python(inputs[name])
            except ValidationError as problem:
                what = problem.errors(include_url=False, include_input=False)[0]["msg"]
                raise InputsError(f"the input {name!r} does not fit its type: {what}", field=name) from None
            if field.bounded and not 0 <= value <= 1:
                raise InputsError(f"the input {name!r} must lie between 0 and 1", field=name)
            arguments[field.python_name] = value
        return arguments

    def outputs(self, prediction: Any) -> dict[str, Any]:
        """The outputs under the user's names, with the steps that led to them where there are any."""
        found: dict[str, Any] = {}
        for field in self.definition.signature.outputs:
            value = getattr(prediction, field.python_name, None)
            if field.bounded and not (isinstance(value, (int, float)) and 0 <= value <= 1):
                raise MalformedOutputError(
                    f"Program execution failed: the output {field.name!r} must lie between 0 and 1"
                )
            found[field.name] = value
        for name in ("reasoning", "trajectory"):
            if name not in found and name in prediction:
                value = getattr(prediction, name)
                found[name] = value if isinstance(value, (str, dict, list)) else str(value)
        return found


def build(definition: Definition, tools: ToolFinder) -> Program:
    """Builds a program. Raises ProgramError."""
    if definition.kind == "program_of_thought" and os.environ.get(GENERATED_CODE, "").lower() != "true":
        raise GeneratedCodeOffError(
            "program_of_thought runs code that the language model writes and is switched off; a pool whose"
            f" workers may run it says so: serpentry.pool.<name>.environment.{GENERATED_CODE}=true"
        )
    try:
        module = _module(definition, _signature(definition), tools)
        if definition.state is not None:
            _load(module, definition.state)
    except ProgramError:
        raise
    except Exception as problem:
        raise CreationError(f"Failed to create program: {problem}") from problem
    checks = {one.name: (one, TypeAdapter(one.annotation)) for one in definition.signature.inputs}
    return Program(definition, module, checks)


def _signature(definition: Definition) -> Any:
    parts = definition.signature
    fields: dict[str, Any] = {}
    for make, side in ((dspy.InputField, parts.inputs), (dspy.OutputField, parts.outputs)):
        for one in side:
            options: dict[str, Any] = {"desc": one.description} if one.description else {}
            if one.bounded:
                options |= {"ge": 0, "le": 1}
            fields[one.python_name] = (one.annotation, make(**options))
    if len(fields) != len(parts.inputs) + len(parts.outputs):
        raise SignatureError("two fields of the signature have the same name")
    signature = dspy.Signature(fields, parts.description or None)
    signature.__name__ = parts.name
    return signature


def _module(definition: Definition, signature: Any, tools: ToolFinder) -> Any:
    limit = {"max_iters": definition.max_iterations} if definition.max_iterations else {}
    with warnings.catch_warnings():
        # DSPy announces ends of support, which is for whoever chooses its version to read.
        warnings.simplefilter("ignore", DeprecationWarning)
        match definition.kind:
            case "predict":
                return dspy.Predict(signature)
            case "chain_of_thought":
                return dspy.ChainOfThought(signature)
            case "react":
                return dspy.ReAct(signature, tools=[_tool(name, tools) for name in definition.tools], **limit)
            case _:
                return dspy.ProgramOfThought(signature, **limit)


def _tool(name: str, find: ToolFinder) -> Callable[..., Any]:
    if name.startswith("serpentry:"):
        raise CreationError(f"Failed to create program: the built-in command {name!r} is no tool")
    return find(name)


def _load(module: Any, state: Mapping[str, Any]) -> None:
    parts = {name: part for name, part in state.items() if name != "metadata"}
    if isinstance(module, dspy.Predict):  # the one part is the state itself
        parts = _part(parts)
    else:
        strangers = sorted({name for name, _ in module.named_parameters()} ^ parts.keys())
        if strangers:
            names = ", ".join(strangers)
            raise StateRefusedError(f"the state is of another program: {names} is missing or of no use")
        parts = {name: _part(part) for name, part in parts.items()}
    try:
        module.load_state(parts)
    except Exception as problem:
        raise StateRefusedError(f"the state cannot be loaded: {problem}") from problem


def _part(part: object) -> dict[str, Any]:
    """The saved part without its language model: a file must not choose the endpoint that prompts go to."""
    if not isinstance(part, dict) or not {"demos", "signature"} <= part.keys() <= _PART:
        raise StateRefusedError(
            "the state is of another program: it holds a part without demos and signature"
        )
    return {**part, "lm": None}


def dump(program: Program) -> dict[str, Any]:
    """The program's state as DSPy's ``save('….json')`` writes it, loadable by DSPy itself."""
    from dspy.utils.saving import get_dependency_versions

    state: dict[str, Any] = dict(program.module.dump_state())
    state["metadata"] = {"dependency_versions": get_dependency_versions()}
    return state
