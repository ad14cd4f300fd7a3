# SPDX-License-Identifier: Apache-2.0
"""Runs a program: in a DSPy context of its own, whatever its neighbours do."""

from __future__ import annotations

import time
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
    # The type warnings would write inputs into the log.
    context = dspy.context(
        lm=model.metered(meter), usage_tracker=meter, trace=None, warn_on_type_mismatch=False
    )
    try:
        with context:
            prediction = program.module(**arguments)
        outputs = program.outputs(prediction)
    except Exception as error:
        fail(error)
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
