# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a program. Each class is one kind of failure that Java tells apart by its name."""

from __future__ import annotations

from serpentry.errors import CallError


class ProgramError(CallError):
    """A command about programs or the language model that failed for a reason with a name."""


class DspyMissingError(ProgramError):
    """DSPy cannot be imported in this environment."""


class ProgramIdRequiredError(ProgramError):
    """No program id."""

    def __init__(self) -> None:
        super().__init__("Program ID is required")


class SessionIdRequiredError(ProgramError):
    """No session id."""

    def __init__(self) -> None:
        super().__init__("Session ID required for cleanup")


class DuplicateProgramError(ProgramError):
    """The id is taken, in the session or among the global programs."""

    def __init__(self, program: str, session: str | None) -> None:
        where = f" in session {session}" if session else ""
        super().__init__(f"Program with ID '{program}' already exists{where}")


class ProgramNotFoundError(ProgramError):
    """No such program in the session, nor among the global ones."""

    def __init__(self, program: str, session: str | None) -> None:
        where = f" in session {session}" if session else ""
        super().__init__(f"Program not found{where}: {program}")


class SessionNotFoundError(ProgramError):
    """The session has no program, and there is no global one of that id."""

    def __init__(self, session: str) -> None:
        super().__init__(f"Session not found: {session}")


class LmNotLoadedError(ProgramError):
    """No language model has been configured."""

    def __init__(self) -> None:
        super().__init__("No LM is loaded.")


class LmSettingsError(ProgramError):
    """A setting of the language model is missing or does not fit. Never holds the key."""


class SignatureError(ProgramError):
    """The signature is no signature: no fields, a field without a name, an unknown type."""


class UnknownKindError(ProgramError):
    """No such kind of program."""


class GeneratedCodeOffError(ProgramError):
    """The kind runs code that a model writes, which this pool has not switched on."""


class StateRefusedError(ProgramError):
    """A saved state that is not a JSON object of DSPy's, a pickle for instance."""


class InputsError(ProgramError):
    """The inputs do not fit the signature. ``details``: ``field``."""


class CreationError(ProgramError):
    """DSPy could not build the program."""


class ExecutionError(ProgramError):
    """The program raised."""


class LmFailedError(ExecutionError):
    """The language model's endpoint failed.

    ``details``: ``reason`` (``rate_limit``, ``timeout``, ``server``, ``transport``, ``auth`` and DSPy's
    further codes), ``status`` (of HTTP, or None), ``retryAfterSeconds`` (text, or None).
    """


class MalformedOutputError(ExecutionError):
    """The model's answer does not hold the signature's outputs."""
