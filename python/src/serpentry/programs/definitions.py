# SPDX-License-Identifier: Apache-2.0
"""Programs as they are described: read and checked here, built elsewhere. Needs no DSPy."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from serpentry.errors import suggestion
from serpentry.programs.fields import UNIT_INTERVAL, annotation
from serpentry.programs.problems import (
    ProgramIdRequiredError,
    SignatureError,
    StateRefusedError,
    UnknownKindError,
)

KINDS: Final = ("predict", "chain_of_thought", "react", "program_of_thought")

# Names that DSPy's modules or signatures keep for themselves.
_TAKEN: Final = frozenset(
    {
        "signature", "demos", "config", "lm", "prediction", "new_signature", "instructions", "fields",
        "input_fields", "output_fields", "with_instructions", "reasoning", "trajectory", "kwargs", "self",
        "append", "prepend", "insert", "delete", "equals", "dump_state", "load_state", "copy", "json", "dict",
        "schema", "construct", "validate", "parse_obj", "parse_raw", "from_orm", "update_forward_refs",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One input or output."""

    name: str
    """As the user calls it."""
    python_name: str
    """The identifier that stands for it in DSPy."""
    annotation: Any
    description: str
    bounded: bool
    """Whether its values lie between 0 and 1."""


@dataclass(frozen=True, slots=True)
class SignatureDefinition:
    """A signature."""

    name: str
    description: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    raw: Mapping[str, Any]
    """As it was given."""

    def mapping(self) -> dict[str, str]:
        """The identifier of each field, with the name that the user gave it."""
        return {one.python_name: one.name for one in (*self.inputs, *self.outputs)}


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything from which a worker builds a program."""

    id: str
    kind: str
    signature: SignatureDefinition
    tools: tuple[str, ...] = ()
    max_iterations: int | None = None
    state: Mapping[str, Any] | None = field(default=None, repr=False)


def required_id(program: object) -> str:
    """The program's id. Raises ProgramIdRequiredError when there is none."""
    if not isinstance(program, str) or not program.strip():
        raise ProgramIdRequiredError
    return program


def definition(
    program: object,
    signature: object,
    kind: str,
    tools: list[str] | None,
    max_iterations: int | None,
    state: object,
) -> Definition:
    """Reads and checks a definition. Raises ProgramError."""
    identifier = required_id(program)
    if kind not in KINDS:
        raise UnknownKindError(
            f"Unknown program type: {kind}{suggestion(kind, KINDS)} (there are: {', '.join(KINDS)})"
        )
    if max_iterations is not None and max_iterations < 1:
        raise SignatureError(f"max_iterations must be 1 or more, not {max_iterations}")
    return Definition(
        identifier, kind, read_signature(signature), tuple(tools or ()), max_iterations, read_state(state)
    )


def read_state(state: object) -> Mapping[str, Any] | None:
    """The JSON object that DSPy's ``save`` writes. Raises StateRefusedError for anything else."""
    if state is None:
        return None
    if not isinstance(state, dict):
        raise StateRefusedError(
            "A program's state must be the JSON object that DSPy's save('….json') writes; "
            f"{type(state).__name__} is refused, and so is every pickle, which can run code when it is read"
        )
    return state


def read_signature(signature: object) -> SignatureDefinition:
    """A signature from ``{name, description, inputs, outputs}`` or ``"question -> answer: float"``.

    Raises:
        SignatureError: it lacks inputs or outputs, a field lacks its name, or a type is not known.
    """
    if isinstance(signature, str):
        signature = _from_text(signature)
    if not isinstance(signature, dict):
        raise SignatureError(
            "Signature must be an object with 'inputs' and 'outputs', or 'inputs -> outputs'"
        )
    taken: dict[str, str] = {}
    inputs = _fields(signature, "inputs", taken)
    outputs = _fields(signature, "outputs", taken)
    name = _identifier(str(signature.get("name") or "DynamicSignature"))
    return SignatureDefinition(name, str(signature.get("description") or ""), inputs, outputs, signature)


def _from_text(text: str) -> dict[str, Any]:
    sides = text.split("->")
    if len(sides) != 2:
        raise SignatureError(f"a signature is written 'inputs -> outputs', not {text!r}")
    return {name: _side(side) for name, side in zip(("inputs", "outputs"), sides, strict=True)}


def _side(text: str) -> list[dict[str, str]]:
    found = []
    for part in _parts(text):
        name, _, kind = part.partition(":")
        if part.strip():
            found.append({"name": name.strip(), "type": kind.strip() or "string"})
    return found


def _parts(text: str) -> list[str]:
    """Splits at commas, but for those within brackets, which belong to a type."""
    parts: list[str] = []
    begin = depth = 0
    for at, letter in enumerate(text):
        if letter in "<[":
            depth += 1
        elif letter in ">]":
            depth -= 1
        elif letter == "," and depth <= 0:
            parts.append(text[begin:at])
            begin = at + 1
    parts.append(text[begin:])
    return parts


def _fields(signature: Mapping[str, Any], side: str, taken: dict[str, str]) -> tuple[Field, ...]:
    given = signature.get(side)
    if not isinstance(given, list) or not given:
        raise SignatureError(f"Signature must have at least one {side[:-1]} field")
    found: list[Field] = []
    names: set[str] = set()
    for index, one in enumerate(given):
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or not name.strip():
            raise SignatureError(f"Field definition {index} in {side} must have a 'name'")
        if name in names:
            raise SignatureError(f"the field {name!r} stands twice in {side}")
        names.add(name)
        kind = one.get("type") or "string"
        found.append(
            Field(
                name,
                _unique(_identifier(name), taken),
                annotation(kind, f"{name!r} in {side}"),
                str(one.get("description") or ""),
                isinstance(kind, str) and kind.lower() in UNIT_INTERVAL,
            )
        )
    return tuple(found)


def _identifier(name: str) -> str:
    """A name that Python, pydantic and DSPy take for a field."""
    made = re.sub(r"\W", "_", name, flags=re.ASCII).lstrip("_")
    if not made or made[0].isdigit():
        made = f"field_{made}"
    if keyword.iskeyword(made) or made in _TAKEN or made.startswith("model_"):
        made = f"{made}_field"
    return made


def _unique(name: str, taken: dict[str, str]) -> str:
    found = name
    number = 2
    while found in taken:
        found = f"{name}_{number}"
        number += 1
    taken[found] = name
    return found
