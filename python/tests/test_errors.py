# SPDX-License-Identifier: Apache-2.0
"""The record of a failure, whatever user code puts into its exceptions."""

from __future__ import annotations

from typing import Any

import pytest
import values

from serpentry import masking
from serpentry.codec import Codec
from serpentry.errors import TEXT_LIMIT, CallCancelled, clean, record, suggestion


def raised(function: Any, *arguments: Any) -> BaseException:
    try:
        function(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def test_a_failure_is_told_with_its_user_frames_notes_and_causes(codec: Codec) -> None:
    def fails() -> None:
        try:
            values.raises("inner")
        except ValueError as inner:
            inner.add_note("a note")
            raise LookupError("outer") from inner

    told = record(raised(fails))

    assert (told["code"], told["type"], told["message"]) == ("PYTHON", "builtins.LookupError", "outer")
    assert [frame["function"] for frame in told["frames"]] == ["raised", "fails"]  # type: ignore[attr-defined]
    for part in ("inner", "a note", "direct cause", "outer"):
        assert part in str(told["traceback"])
    assert codec.dumps(told)


def test_notes_are_told() -> None:
    error = ValueError("x")
    error.add_note("look there")

    assert record(error)["details"] == {"notes": ["look there"]}


def test_an_exception_without_a_text_still_makes_a_record(codec: Codec) -> None:
    told = record(values.Hostile())

    assert told["message"] == "<str() of values.Hostile raised ValueError>"
    assert told["type"] == "values.Hostile"
    assert codec.dumps(told)


def test_a_message_of_megabytes_is_cut_with_a_note(codec: Codec) -> None:
    told = record(ValueError("é" * 10_000_000))

    message = str(told["message"])
    assert TEXT_LIMIT - 2 <= len(message.encode()) <= TEXT_LIMIT + 100
    assert message.endswith("[cut: 10000000 characters]")
    assert len(codec.dumps(told)) < 4 * TEXT_LIMIT


def test_lone_surrogates_are_made_safe(codec: Codec) -> None:
    told = record(ValueError("a\ud800b"))

    assert told["message"] == "a\\ud800b"
    assert codec.dumps(told)


def test_endless_recursion_keeps_both_ends_of_its_frames() -> None:
    def endless(n: int) -> int:
        return endless(n + 1)

    told = record(raised(endless, 0))

    assert told["type"] == "builtins.RecursionError"
    assert len(told["frames"]) == 200  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "code"),
    [(CallCancelled(), "CANCELLED"), (SystemExit(3), "PYTHON"), (KeyboardInterrupt(), "PYTHON")],
)
def test_what_is_no_exception_has_a_code_too(error: BaseException, code: str) -> None:
    assert record(error)["code"] == code


def test_a_secret_that_the_cut_divides_does_not_show_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "sk-" + "0123456789abcdef" * 250
    monkeypatch.setattr(masking, "_secrets", (secret,))
    # Masked ones before it make the text so much shorter that its cut end moves to within the limit.
    text = (secret + " ") * 2 + "x" * (TEXT_LIMIT + 1 + masking.SECRET_LIMIT - 2 * (len(secret) + 1) - 2000)

    shown = clean(text + secret)

    assert "sk-" not in shown
    assert shown.startswith("*** *** xxx")
    assert shown.endswith(f"[cut: {len(text + secret)} characters]")


def test_the_nearest_name_is_not_looked_for_where_no_name_is_that_long() -> None:
    assert suggestion("x" * 10_000, ["x" * 10_001]) == ""
    assert suggestion("scor", ["score"]) == "; nearest: 'score'"
