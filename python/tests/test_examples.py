# SPDX-License-Identifier: Apache-2.0
"""The two example modules, run for real; skipped where the packages of their lock are missing."""

from __future__ import annotations

import dataclasses
import importlib
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
KEY = "sk-a-secret-key"


def need(package: str) -> None:
    """Skips without the package; where it must be there (see check.py), its absence is a failure."""
    if "SERPENTRY_REQUIRE_EXAMPLES" in os.environ:
        importlib.import_module(package)
    else:
        pytest.importorskip(package)


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))


@pytest.fixture
def digits(examples: None) -> Any:
    need("sklearn")
    import digits

    return digits


@pytest.fixture
def standin(examples: None) -> Iterator[str]:
    command = [sys.executable, "-m", "standin", "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=EXAMPLES,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.fixture
def answers(examples: None, standin: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    need("dspy")
    import answers

    monkeypatch.setenv("SERPENTRY_LM_ENDPOINT", standin)
    monkeypatch.setenv("SERPENTRY_LM_MODEL", "any-model")
    monkeypatch.setenv("SERPENTRY_LM_KEY", KEY)
    answers.connect.cache_clear()
    yield answers
    answers.connect.cache_clear()


def test_digits_are_recognized_with_an_accuracy_over_95_percent(digits: Any) -> None:
    told = digits.accuracy()
    assert told.accuracy > 0.95
    samples = [digits.sample(index) for index in range(told.tested_on)]
    predictions = digits.predict_batch([sample.image for sample in samples])
    right = sum(found.digit == sample.label for found, sample in zip(predictions, samples, strict=True))
    assert right / told.tested_on == told.accuracy
    assert all(0 < found.confidence <= 1 for found in predictions)


def test_one_image_and_a_batch_agree(digits: Any) -> None:
    image = digits.sample(7).image
    single = digits.predict(image)
    batch = digits.predict_batch([image, image])
    assert [found.digit for found in batch] == [single.digit] * 2
    assert batch[0].confidence == pytest.approx(single.confidence)


def test_an_empty_batch_is_an_empty_list(digits: Any) -> None:
    assert digits.predict_batch([]) == []


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ([0.0] * 63, r"images\[0\] has 63 values"),
        ([0.0] * 63 + [17.0], r"images\[0\]\[63\] is 17.0; the range is 0 to 16"),
        ([float("nan")] * 64, r"images\[0\]\[0\] is nan"),
    ],
)
def test_a_wrong_image_is_refused_by_place_and_value(digits: Any, image: list[float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        digits.predict(image)


def test_a_sample_beyond_the_held_out_images_is_refused(digits: Any) -> None:
    with pytest.raises(IndexError, match="450 held-out images"):
        digits.sample(450)


def test_a_question_is_answered_and_the_source_named(answers: Any, standin: str) -> None:
    answer = answers.ask("How far is the moon?")
    assert answer.question == "How far is the moon?"
    assert answer.answer == "[local stand-in, no language model] You asked: How far is the moon?"
    assert answer.reasoning is None
    assert answer.source == answers.Source("any-model", standin, True)


def test_reasoning_comes_with_the_answer(answers: Any) -> None:
    answer = answers.reason("How far is the moon?")
    assert answer.reasoning == "[local stand-in, no language model] The question has 5 words."
    assert "How far is the moon?" in answer.answer


def test_neither_key_nor_prompts_are_kept(answers: Any) -> None:
    from dspy.clients.base_lm import GLOBAL_HISTORY

    answer = answers.ask("What is kept?")
    assert KEY not in repr(dataclasses.asdict(answer))
    assert answers.connect().lm.history == []
    assert [entry for entry in GLOBAL_HISTORY if "What is kept?" in repr(entry)] == []


def test_every_question_is_asked_anew(answers: Any) -> None:
    assert answers.connect().lm.cache is False
    import dspy

    assert (dspy.cache.enable_disk_cache, dspy.cache.enable_memory_cache) == (False, False)


@pytest.mark.parametrize("name", ["SERPENTRY_LM_ENDPOINT", "SERPENTRY_LM_MODEL"])
def test_a_missing_setting_is_named(answers: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(answers.ConfigurationError, match=name):
        answers.ask("Anything?")


def test_an_endpoint_that_does_not_answer_is_named_without_its_password(answers: Any) -> None:
    settings = {"SERPENTRY_LM_ENDPOINT": "http://me:password@127.0.0.1:1/v1", "SERPENTRY_LM_MODEL": "m"}
    with pytest.raises(ConnectionError, match=r"http://127.0.0.1:1/v1 does not answer") as caught:
        answers.connection_from(settings)
    assert "password" not in str(caught.value)


def test_the_stand_in_refuses_what_it_cannot_do(standin: str) -> None:
    request = urllib.request.Request(f"{standin}/chat/completions", b'{"messages": "none"}')
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request)
