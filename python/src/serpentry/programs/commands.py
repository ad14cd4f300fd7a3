# SPDX-License-Identifier: Apache-2.0
"""The built-in commands about programs, with the names and fields of the original.

A caller that speaks to one worker creates programs and configures the model in that worker. The host's
``DspyPrograms`` speaks to whichever worker is free: it keeps definitions and settings itself and names them
by version, and a worker that lacks one answers ``{"needs": [...]}`` before anything has run, whereupon the
host sends what is missing along. Any thread.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, TypeVar

from serpentry.programs.definitions import definition, required_id
from serpentry.programs.models import Models, settings
from serpentry.programs.problems import SessionIdRequiredError
from serpentry.programs.shelf import Shelf

if TYPE_CHECKING:
    from serpentry.programs.answering import Model
    from serpentry.programs.building import Program

Command = TypeVar("Command", bound=Callable[..., Any])

_shelf = Shelf()
_models = Models()
_counts = {"commands": 0, "errors": 0}
_counting = threading.Lock()
_began = time.monotonic()
_find_tool: Callable[[str], Callable[..., Any]]


def use_tools(find: Callable[[str], Callable[..., Any]]) -> None:
    """Tells how ``module:function``, a tool of a react program, is found among the published functions."""
    global _find_tool
    _find_tool = find


def _no_tools(name: str) -> Callable[..., Any]:
    raise LookupError(f"no tool {name!r}: there are no published functions here")


_find_tool = _no_tools


def counted(command: Command) -> Command:
    """Counts a command's calls and failures for ``get_stats``."""

    @functools.wraps(command)
    def run(*values: Any, **named: Any) -> Any:
        with _counting:
            _counts["commands"] += 1
        try:
            return command(*values, **named)
        except Exception:
            with _counting:
                _counts["errors"] += 1
            raise

    return run  # type: ignore[return-value]


@counted
def configure_lm(
    model: str | None = None,
    api_key: str | None = None,
    temperature: float | None = None,
    provider: str | None = None,
    api_base: str | None = None,
    max_tokens: int | None = None,
    timeout: float | None = None,
    num_retries: int | None = None,
    cache: bool | None = None,
    session_id: str | None = None,
    version: int | None = None,
    scope: str = "",
) -> dict[str, Any]:
    """Configures the language model of this worker, of one of its sessions, or of a version of the host's."""
    options = {
        "api_base": api_base,
        "max_tokens": max_tokens,
        "timeout": timeout,
        "num_retries": num_retries,
        "cache": cache,
    }
    found = settings(model, api_key, temperature, provider, options)
    if version is None:
        _models.put(found, session_id)
    else:
        _models.put_numbered(found, version, scope)
    return found.answer()


@counted
def create_program(
    id: str | None = None,  # noqa: A002 - the original's name
    signature: Any = None,
    program_type: str = "predict",
    session_id: str | None = None,
    use_dynamic_signature: bool = True,  # noqa: ARG001 - every signature is
    tools: list[str] | None = None,
    max_iterations: int | None = None,
    state: Any = None,
    version: str | None = None,
) -> dict[str, Any]:
    """Creates a program in this worker, or with a version builds it for the host."""
    if version is None:
        _shelf.check_free(required_id(id), session_id)
    wanted = definition(id, signature, program_type, tools, max_iterations, state)
    program = _build(wanted)
    if version is None:
        _shelf.add(program, session_id)
    else:
        _shelf.keep(version, program)
    return {
        "program_id": wanted.id,
        "status": "created",
        "signature": wanted.signature.raw,
        "program_type": wanted.kind,
        "signature_class": wanted.signature.name,
        "field_mapping": wanted.signature.mapping(),
        "fallback_used": False,
        "signature_def": wanted.signature.raw,
    }


@counted
def execute_program(
    program_id: str | None = None,
    inputs: dict[str, Any] | None = None,
    session_id: str | None = None,
    program_data: dict[str, Any] | None = None,
    version: str | None = None,
    lm_version: int | None = None,
    lm: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Runs a program: of this worker, or with a version the host's."""
    identifier = required_id(program_id)
    if version is None:
        entry = _shelf.get(identifier, session_id)
        program, model = entry.program, _models.own(session_id)
        _shelf.ran(entry)
    else:
        needs, found, numbered = _of_host(identifier, version, lm_version, program_data, lm)
        if found is None or numbered is None:
            return {"program_id": identifier, "needs": needs}
        program, model = found, numbered
    from serpentry.programs.running import run

    return {**run(program, model, inputs or {}), "program_id": identifier}


async def stream_program(
    program_id: str | None = None,
    inputs: dict[str, Any] | None = None,
    session_id: str | None = None,
    program_data: dict[str, Any] | None = None,
    version: str | None = None,
    lm_version: int | None = None,
    lm: dict[str, Any] | None = None,
) -> AsyncIterator[dict[str, Any]]:
    """Runs a program as ``execute_program`` does, and yields pieces of its texts before the result.

    A worker that lacks something yields nothing but what ``execute_program`` would answer.
    """
    with _counting:
        _counts["commands"] += 1
    try:
        identifier = required_id(program_id)
        if version is None:
            entry = _shelf.get(identifier, session_id)
            program, model = entry.program, _models.own(session_id)
            _shelf.ran(entry)
        else:
            needs, found, numbered = _of_host(identifier, version, lm_version, program_data, lm)
            if found is None or numbered is None:
                yield {"program_id": identifier, "needs": needs}
                return
            program, model = found, numbered
        from serpentry.programs.running import stream

        async with aclosing(stream(program, model, inputs or {})) as pieces:
            async for piece in pieces:
                yield piece
    except Exception:
        with _counting:
            _counts["errors"] += 1
        raise


def _of_host(
    identifier: str,
    version: str,
    lm_version: int | None,
    program_data: dict[str, Any] | None,
    lm: dict[str, Any] | None,
) -> tuple[list[str], Program | None, Model | None]:
    program = _shelf.version(version)
    if program is None and program_data is not None:
        program = _build(definition(identifier, **program_data))
        _shelf.keep(version, program)
    model = _models.own(None) if lm_version is None else _models.numbered(lm_version)
    if model is None and lm is not None and lm_version is not None:
        given = dict(lm)
        scope = given.pop("scope", "")
        found = settings(
            given.pop("model", None),
            given.pop("api_key", None),
            given.pop("temperature", None),
            given.pop("provider", None),
            given,
        )
        model = _models.put_numbered(found, lm_version, scope)
    needs = [name for name, have in (("program", program), ("lm", model)) if have is None]
    return needs, program, model


def _build(wanted: Any) -> Program:
    from serpentry.programs.building import build

    return build(wanted, _find_tool)


@counted
def dump_program(
    program_id: str | None = None,
    session_id: str | None = None,
    version: str | None = None,
    program_data: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The state of a program, as DSPy saves it to JSON."""
    identifier = required_id(program_id)
    if program_data is None:
        program = _shelf.get(identifier, session_id).program
    else:
        program = (_shelf.version(version) if version is not None else None) or _build(
            definition(identifier, **program_data)
        )
    from serpentry.programs.building import dump

    return {"program_id": identifier, "state": dump(program)}


@counted
def list_programs(session_id: str | None = None) -> dict[str, Any]:
    """The programs of this worker, or of one of its sessions."""
    found = [entry.describe() for entry in _shelf.list(session_id)]
    return {"programs": found, "total_count": len(found)}


@counted
def delete_program(program_id: str | None = None, session_id: str | None = None) -> dict[str, Any]:
    """Deletes a program of this worker."""
    identifier = required_id(program_id)
    _shelf.remove(identifier, session_id)
    return {"status": "deleted", "program_id": identifier}


@counted
def get_program_info(program_id: str | None = None, session_id: str | None = None) -> dict[str, Any]:
    """What is known of a program of this worker."""
    identifier = required_id(program_id)
    told = _shelf.get(identifier, session_id).describe()
    return {"program_id": told.pop("id"), **told}


@counted
def get_stats() -> dict[str, Any]:
    """What this worker has done so far."""
    available = importlib.util.find_spec("dspy") is not None
    with _counting:
        commands, errors = _counts["commands"], _counts["errors"]
    return {
        "programs_count": _shelf.count(),
        "command_count": commands,
        "error_count": errors,
        "uptime": round(time.monotonic() - _began, 3),
        "memory_usage": _memory(),
        "dspy_available": available,
        "gemini_available": available,
    }


def _memory() -> dict[str, float]:
    page = os.sysconf("SC_PAGE_SIZE")
    with open("/proc/self/statm", encoding="ascii") as file:
        virtual, resident = (int(part) * page for part in file.read().split()[:2])
    return {
        "rss": resident,
        "vms": virtual,
        "percent": round(100 * resident / (page * os.sysconf("SC_PHYS_PAGES")), 3),
    }


@counted
def cleanup() -> dict[str, Any]:
    """Forgets the programs of this worker."""
    return {"status": "cleaned", "programs_removed": _shelf.clear()}


@counted
def cleanup_session(session_id: str | None = None) -> dict[str, Any]:
    """Forgets the programs and the model of one session."""
    if not session_id:
        raise SessionIdRequiredError
    _models.forget_session(session_id)
    removed = _shelf.remove_session(session_id)
    if removed is None:
        return {"status": "not_found", "session_id": session_id}
    return {"status": "cleaned", "session_id": session_id, "programs_removed": removed}


@counted
def reset_state() -> dict[str, Any]:
    """Forgets programs, models and counts; tells what it forgot."""
    programs = _shelf.clear()
    _models.clear()
    with _counting:
        told = {"commands_reset": _counts["commands"], "errors_reset": _counts["errors"]}
        _counts.update(commands=0, errors=0)
    return {"status": "reset", "programs_cleared": programs, **told}


def sessions_held() -> int:
    """How many sessions have programs here."""
    return len({entry.session for entry in _shelf.list(None) if entry.session is not None})


def begin() -> None:
    """Tells that this process is a worker from now on, from whose birth ``uptime`` counts."""
    global _began
    _began = time.monotonic()


COMMANDS: Final[Mapping[str, Callable[..., Any]]] = {
    "configure_lm": configure_lm,
    "create_program": create_program,
    "execute_program": execute_program,
    "stream_program": stream_program,
    "dump_program": dump_program,
    "list_programs": list_programs,
    "delete_program": delete_program,
    "get_program_info": get_program_info,
    "get_stats": get_stats,
    "cleanup": cleanup,
    "cleanup_session": cleanup_session,
    "reset_state": reset_state,
}
