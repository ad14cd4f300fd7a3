# SPDX-License-Identifier: Apache-2.0
"""Answers questions with two DSPy programs, a plain one and one that reasons first.

The language model is any OpenAI-compatible endpoint. The pool hands these variables to its workers
(``environment-pass``, or ``environment.<NAME>`` in the pool's configuration):

- ``SERPENTRY_LM_ENDPOINT``: its address, for example ``https://host/v1``; required
- ``SERPENTRY_LM_MODEL``: the model's name there; required
- ``SERPENTRY_LM_KEY``: the key, if it wants one

Nothing is cached: DSPy's disk cache would keep prompts and answers, pickled, and a cached answer hides what
the endpoint does.
"""

import functools
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import dspy

import serpentry

dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)

STAND_IN = "serpentry-stand-in"
_PROBE_SECONDS = 5.0
_ask = dspy.Predict("question -> answer")
_reason = dspy.ChainOfThought("question -> answer")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from. `stand_in` tells that no language model was asked."""

    model: str
    endpoint: str
    stand_in: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `reasoning` is null when none was asked for."""

    question: str
    answer: str
    reasoning: str | None
    source: Source


@dataclass(frozen=True)
class Connection:
    """The model as this worker reaches it."""

    lm: dspy.LM
    source: Source

    def context(self) -> AbstractContextManager[object]:
        """DSPy's settings for one execution; its history would keep every prompt in the worker's memory."""
        context: AbstractContextManager[object] = dspy.context(lm=self.lm, disable_history=True)
        return context


class ConfigurationError(Exception):
    """A setting of the language model is missing."""


@serpentry.expose
def ask(question: str) -> Answer:
    """Answers a question."""
    connection = connect()
    with connection.context():
        prediction = _ask(question=question)
    return Answer(question, prediction.answer, None, connection.source)


@serpentry.expose
def reason(question: str) -> Answer:
    """Answers a question, thinking step by step; the steps come with the answer."""
    connection = connect()
    with connection.context():
        prediction = _reason(question=question)
    return Answer(question, prediction.answer, str(prediction.reasoning), connection.source)


@functools.cache
def connect() -> Connection:
    """The connection of this worker; made by its first call, since a template must not hold one."""
    return connection_from(os.environ)


def connection_from(settings: Mapping[str, str]) -> Connection:
    """A connection as the variables say; raises `ConfigurationError` naming the missing one."""
    endpoint = _required(settings, "SERPENTRY_LM_ENDPOINT", "the address of an OpenAI-compatible endpoint")
    model = _required(settings, "SERPENTRY_LM_MODEL", "the name of a model that the endpoint serves")
    key = settings.get("SERPENTRY_LM_KEY", "").strip() or "none"
    lm = dspy.LM(f"openai/{model.removeprefix('openai/')}", api_base=endpoint, api_key=key, cache=False)
    return Connection(lm, Source(model, _shown(endpoint), _is_stand_in(endpoint, key)))


def _required(settings: Mapping[str, str], name: str, meaning: str) -> str:
    value = settings.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name} is not set: give the pool's workers {meaning} under that name")
    return value


def _shown(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _is_stand_in(endpoint: str, key: str) -> bool:
    if urlsplit(endpoint).scheme not in ("http", "https"):
        raise ConfigurationError("SERPENTRY_LM_ENDPOINT must begin with http:// or https://")
    request = urllib.request.Request(f"{endpoint.rstrip('/')}/models")
    request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=_PROBE_SECONDS) as reply:
            return STAND_IN in (reply.headers.get("Server") or "")
    except urllib.error.HTTPError as refusal:
        with refusal:
            return STAND_IN in (refusal.headers.get("Server") or "")
    except OSError as problem:
        raise ConnectionError(
            f"the language model's endpoint {_shown(endpoint)} does not answer: {problem}"
        ) from problem
