# SPDX-License-Identifier: Apache-2.0
"""Runs a program: in a DSPy context of its own, whatever its neighbours do."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from serpentry.programs.answering import fail
from serpentry.programs.metering import Meter
from serpentry.programs.runtime import dspy

if TYPE_CHECKING:
    from serpentry.programs.answering import Model
    from serpentry.programs.building import Program


def run(program: Program, model: Model, inputs: dict[str, Any]) -> dict[str, Any]:
    """One execution's outputs, time in seconds and metadata. Raises ProgramError."""
    arguments = program.arguments(inputs)
    meter = Meter()
    begin = time.monotonic()
    try:
        with _context(model, meter):
            prediction = program.module(**arguments)
        outputs = program.outputs(prediction)
    except Exception as error:
        fail(error)
    return _result(program, model, meter, begin, outputs)


async def stream(
    program: Program, model: Model, inputs: dict[str, Any]
) -> AsyncGenerator[dict[str, Any], None]:
    """The same as it comes about: pieces of the outputs that are texts, and of what leads to them, then the
    result that :func:`run` gives. Raises ProgramError.
    """
    arguments = program.arguments(inputs)
    meter = Meter()
    begin = time.monotonic()
    try:
        listeners, names = _listeners(program)
        # program_of_thought has no way of its own on an event loop, and is given a thread.
        own_way = program.definition.kind != "program_of_thought"
        run_module = dspy.streamify(program.module, stream_listeners=listeners, is_async_program=own_way)
        prediction = None
        with _context(model, meter):
            async with aclosing(run_module(**arguments)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, dspy.Prediction):
                        prediction = piece
                    elif isinstance(piece, dspy.streaming.StreamResponse) and piece.chunk:
                        field = piece.signature_field_name
                        yield {"field": names.get(field, field), "text": piece.chunk}
        outputs = program.outputs(prediction)
    except Exception as error:
        fail(error)
    yield _result(program, model, meter, begin, outputs)


def _listeners(program: Program) -> tuple[list[Any], dict[str, str]]:
    """A listener for each text that a part of the program makes, and the users' names of its fields."""
    listeners = [
        dspy.streaming.StreamListener(name, predict=part, predict_name=part_name, allow_reuse=True)
        for part_name, part in program.module.named_predictors()
        for name, field in part.signature.output_fields.items()
        if field.annotation is str
    ]
    names = {field.python_name: field.name for field in program.definition.signature.outputs}
    return listeners, names


def _context(model: Model, meter: Meter) -> Any:
    # The type warnings would write inputs into the log.
    return dspy.context(lm=model.metered(meter), usage_tracker=meter, trace=None, warn_on_type_mismatch=False)


def _result(
    program: Program, model: Model, meter: Meter, begin: float, outputs: dict[str, Any]
) -> dict[str, Any]:
    return {
        "program_id": program.definition.id,
        "outputs": outputs,
        "execution_time": round(time.monotonic() - begin, 6),
        "metadata": {
            "model": model.name,
            "program_type": program.definition.kind,
            "usage": meter.record(),
        },
    }
