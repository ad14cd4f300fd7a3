# SPDX-License-Identifier: Apache-2.0
"""Log records on their way to the host: none is lost for its size, and a lost one gives nothing away."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator

import pytest

from serpentry import logs, masking

_logger = logging.Logger("test.logs", logging.INFO)  # noqa: LOG001
"""Beneath no other, so that pytest's own handlers stay out of it."""


@pytest.fixture
def launcher() -> Iterator[socket.socket]:
    """The launcher's end of the events socket of the logger's handler."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    handler = logs.HostHandler()
    handler.events = logs.Events(theirs.detach())
    _logger.addHandler(handler)
    ours.settimeout(30)
    yield ours
    _logger.removeHandler(handler)
    handler.events._sock.close()
    ours.close()


def test_a_record_that_cannot_be_formatted_is_told_without_its_texts(
    launcher: socket.socket, capfd: pytest.CaptureFixture[str]
) -> None:
    _logger.info("token=%s n=%d", "s3cr3t-value")  # noqa: PLE1206 (the mistake)

    told = capfd.readouterr().err
    assert "s3cr3t-value" not in told
    assert "'test.logs' at test_logs.py:" in told
    assert told.endswith("was lost: TypeError\n")
    assert told.count("\n") == 1
    launcher.setblocking(False)
    with pytest.raises(BlockingIOError):
        launcher.recv(1)


@pytest.mark.parametrize("letter", ["\u8a9e", "\U0001f40d", "\x01"])
def test_a_record_whose_texts_grow_in_json_arrives_shortened(
    launcher: socket.socket, capfd: pytest.CaptureFixture[str], letter: str
) -> None:
    try:
        raise ValueError(letter * 100_000 + " the end")
    except ValueError:
        _logger.exception("begin %s", letter * 100_000)

    event = json.loads(launcher.recv(1 << 20))
    assert event["message"].startswith(f"begin {letter * 1000}")
    assert event["traceback"].endswith(f"{letter * 1000} the end\n")
    assert capfd.readouterr().err == ""


def test_a_secret_that_a_cut_divides_does_not_show_in_part(
    launcher: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "sk-" + "0123456789abcdef" * 250
    monkeypatch.setattr(masking, "_secrets", (secret,))
    # Masked, all the others take so little that both cut ends move to where they would show.
    others = f"{secret} " * (logs._LOOKED_AT // (len(secret) + 1) - 3)
    filler = "x" * (logs._LOOKED_AT - len(others) - 2000)
    try:
        raise ValueError(secret + filler + others)
    except ValueError:
        _logger.exception("%s", others + filler + secret)

    event = json.loads(launcher.recv(1 << 20))
    for shown in event["message"], event["traceback"]:
        assert shown.count("***") > 50
        assert "xxx" in shown
        assert "0123" not in shown
        assert "cdef" not in shown


def test_of_a_message_of_megabytes_no_more_is_looked_at_than_can_show(
    launcher: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[int] = []

    def counting(text: str) -> str:
        lengths.append(len(text))
        return masking.mask_named(text)

    monkeypatch.setattr(logs, "mask_named", counting)
    try:
        raise ValueError("x" * 3_000_000)
    except ValueError:
        _logger.exception("x" * 3_000_000)

    launcher.recv(1 << 20)
    assert lengths == [logs._LOOKED_AT] * 2


def test_short_texts_of_any_letters_arrive_whole(launcher: socket.socket) -> None:
    _logger.info("%s", "\u8a9e" * 5000)

    assert json.loads(launcher.recv(1 << 20))["message"] == "\u8a9e" * 5000
