# SPDX-License-Identifier: Apache-2.0
"""What is kept out of logs and errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from serpentry import masking
from serpentry.calllog import told
from serpentry.logs import describe


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    before = masking._lasting, masking._secrets
    yield
    masking._lasting, masking._secrets = before


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cr3t-value",
        "headers={'Authorization': 'Bearer s3cr3t-value', 'Accept': '*/*'}",
        "[(b'authorization', b'Basic s3cr3t-value')]",
        '{"api_key": "s3cr3t-value", "model": "m"}',
        "POST /v1?api-key=s3cr3t-value&x=1",
        "x-api-key: s3cr3t-value",
        "token=s3cr3t-value",
        "access_token='s3cr3t-value')",
        "client_secret=s3cr3t-value; password: s3cr3t-value",
    ],
)
def test_what_stands_behind_a_name_of_secrets_is_masked_in_logs(text: str) -> None:
    masked = masking.mask_named(text)
    assert "s3cr3t-value" not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    "text", ["42 tokens used", "the token is expired", "keys: a, b", "no password given", "secretary=Ann"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert masking.mask_named(text) == text


def test_what_surrounds_a_secret_stays() -> None:
    assert masking.mask_named("GET /?token=abcdef&page=2 done") == "GET /?token=***&page=2 done"
    assert masking.mask_named("Authorization: Bearer abcdef, then") == "Authorization: Bearer ***, then"


def test_values_of_variables_that_name_secrets_are_masked_wherever_they_stand() -> None:
    masking.add_environment({"OPENAI_API_KEY": "sk-abcdef", "HF_TOKEN": "hf-123456", "LANG": "C.UTF-8"})
    assert masking.mask("with sk-abcdef and hf-123456 in C.UTF-8") == "with *** and *** in C.UTF-8"


def test_no_number_of_keys_uncovers_a_secret_of_the_environment_or_the_latest_key() -> None:
    masking.add_environment({"DB_PASSWORD": "lasting-secret"})
    masking.add("key-in-use")
    for number in range(masking._KEPT):
        masking.add(f"key-of-session-{number}")
        masking.add("key-in-use")
    assert masking.mask("lasting-secret key-in-use") == "*** ***"
    assert len(masking._secrets) == masking._KEPT


def test_records_and_their_tracebacks_are_masked() -> None:
    try:
        raise RuntimeError("Authorization: Bearer s3cr3t-value")
    except RuntimeError as e:
        record = logging.LogRecord(
            "http", logging.DEBUG, "", 0, "sent api_key=%s", ("s3cr3t-value",), (type(e), e, e.__traceback__)
        )
    told_of = describe(record)
    assert told_of["message"] == "sent api_key=***"
    assert "s3cr3t-value" not in told_of["traceback"]


def test_the_debug_log_of_calls_has_neither_arguments_nor_results(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "serpentry.calls"):
        assert told("m:f", lambda arguments, mixed: "s3cr3t-result")(["s3cr3t-argument"], False)
        with pytest.raises(ValueError, match="s3cr3t-message"):
            told("m:g", _fail)([], False)
    assert [record.getMessage().split(" after")[0] for record in caplog.records] == [
        "m:f begins",
        "m:f returned str",
        "m:g begins",
        "m:g raised ValueError",
    ]
    assert "s3cr3t" not in caplog.text


def _fail(arguments: object, mixed: bool) -> object:
    raise ValueError("s3cr3t-message")
