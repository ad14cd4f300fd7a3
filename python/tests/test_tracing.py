# SPDX-License-Identifier: Apache-2.0
"""The caller's trace goes on in Python: with the real OpenTelemetry, and without it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakehost import Call, Host
from serpentry import protocol, tracing
from serpentry.tracing import Trace

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"
PARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"
TRACE = Trace(PARENT, "rojo=00f067aa0ba902b7", "userId=alice,tier=gold%20plus")


def recording(host: Host, places: int = 1, method: str = "forkserver") -> Call:
    host.template(preload=("traced",), method=method, callsPerWorker=places)
    worker = host.worker()
    worker.call("traced:record")
    return worker


def span_of(worker: Call, name: str) -> dict[str, Any]:
    """The one span of this name that has ended; a span ends just after its call's reply."""
    found = [span for span in worker.call("traced:ended") if span["name"] == name]
    while not found:
        found = [span for span in worker.call("traced:ended") if span["name"] == name]
    (span,) = found
    return span


@pytest.mark.parametrize("places", [1, 4])
@pytest.mark.parametrize("function", ["work", "work_async"])
def test_a_call_is_a_child_of_its_callers_span_and_parent_of_what_it_does(
    host: Host, places: int, function: str
) -> None:
    worker = recording(host, places)
    current = worker.call(f"traced:{function}", session="s", trace=TRACE)
    assert current["trace"] == TRACE_ID
    assert current["state"] == "rojo=00f067aa0ba902b7"
    assert current["baggage"] == {"userId": "alice", "tier": "gold plus"}
    call = span_of(worker, f"traced:{function}")
    assert (call["trace"], call["parent"], call["span"]) == (TRACE_ID, SPAN_ID, current["span"])
    assert (call["kind"], call["status"]) == ("SERVER", "UNSET")
    assert call["attributes"]["serpentry.session"] == "s"
    assert call["attributes"]["serpentry.request"] == 2
    inner = span_of(worker, "inner")
    assert (inner["trace"], inner["parent"]) == (TRACE_ID, call["span"])


@pytest.mark.parametrize("places", [1, 4])
@pytest.mark.parametrize("trace", [TRACE, Trace(PARENT)])
def test_a_call_of_a_session_with_a_state_is_no_exception(host: Host, places: int, trace: Trace) -> None:
    worker = recording(host, places)
    state = protocol.SessionField(1, 0)
    assert worker.call("traced:work", session="s", trace=trace, state=state)["trace"] == TRACE_ID
    assert span_of(worker, "traced:work")["attributes"]["serpentry.session"] == "s"


@pytest.mark.parametrize("places", [1, 4])
def test_a_stream_is_within_its_span_to_its_last_item(host: Host, places: int) -> None:
    worker = recording(host, places)
    worker.write("traced:work_items", trace=TRACE, credit=(10, 1 << 20))
    worker.read()
    current = json.loads(worker.read().payload)
    assert worker.reply() == (protocol.RESULT, None)
    assert current["span"] == span_of(worker, "traced:work_items")["span"]


@pytest.mark.parametrize("places", [1, 4])
def test_a_failure_is_noted_on_the_span(host: Host, places: int) -> None:
    worker = recording(host, places)
    assert worker.error("traced:fail", trace=TRACE)["type"] == "builtins.ValueError"
    span = span_of(worker, "traced:fail")
    assert (span["status"], span["description"]) == ("ERROR", "ValueError: no such luck")
    assert span["events"] == ["exception"]


@pytest.mark.parametrize("places", [1, 4])
def test_the_next_call_is_in_no_trace_when_its_caller_is_in_none(host: Host, places: int) -> None:
    worker = recording(host, places)
    worker.call("traced:work", trace=TRACE)
    assert worker.call("traced:work")["span"] == "0" * 16
    names = [span["name"] for span in worker.call("traced:ended")]
    assert names.count("traced:work") == 1


@pytest.mark.parametrize("places", [1, 4])
def test_neither_a_bad_trace_context_nor_a_broken_exporter_harms_a_call(host: Host, places: int) -> None:
    worker = recording(host, places)
    assert worker.call("traced:seen", trace=Trace("nonsense"))["traceparent"] == "nonsense"
    worker.call("traced:break_exporter")
    assert worker.call("traced:work", trace=TRACE)["trace"] == TRACE_ID
    assert worker.call("traced:work", trace=TRACE)["trace"] == TRACE_ID


def test_a_spawned_worker_does_the_same(host: Host) -> None:
    worker = recording(host, method="spawn")
    assert worker.call("traced:work", trace=TRACE)["trace"] == TRACE_ID
    assert span_of(worker, "traced:work")["parent"] == SPAN_ID


@pytest.mark.parametrize("places", [1, 4])
def test_a_call_knows_what_its_caller_has_sent(host: Host, places: int) -> None:
    host.template(preload=("traced",), callsPerWorker=places)
    worker = host.worker()
    assert worker.call("traced:seen", trace=TRACE) == {
        "traceparent": PARENT,
        "tracestate": TRACE.tracestate,
        "baggage": TRACE.baggage,
    }
    assert worker.call("traced:seen") == {"traceparent": None, "tracestate": None, "baggage": None}


def test_without_opentelemetry_there_is_no_span(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModuleNotFoundError("No module named 'opentelemetry'")

    monkeypatch.setattr(tracing, "OpenTelemetry", missing)
    monkeypatch.setattr(tracing, "_looked", False)
    monkeypatch.setattr(tracing, "_api", None)
    assert tracing.begin("m:f", 1, TRACE) is None


def test_an_opentelemetry_that_cannot_be_used_is_told_once_and_harms_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("half an installation")

    monkeypatch.setattr(tracing, "OpenTelemetry", broken)
    monkeypatch.setattr(tracing, "_looked", False)
    monkeypatch.setattr(tracing, "_api", None)
    assert tracing.begin("m:f", 1, TRACE) is None
    assert tracing.begin("m:f", 2, TRACE) is None
    assert [record.name for record in caplog.records] == ["serpentry.tracing"]


def test_a_batch_processor_set_up_in_the_template_exports_from_each_worker(
    host: Host, tmp_path: Path
) -> None:
    (tmp_path / "batched.py").write_text(
        "import serpentry\n"
        "from opentelemetry import trace\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "from opentelemetry.sdk.trace.export import BatchSpanProcessor\n"
        "from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter\n"
        "exporter = InMemorySpanExporter()\n"
        "provider = TracerProvider()\n"
        "provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=20))\n"
        "trace.set_tracer_provider(provider)\n"
        "@serpentry.expose\n"
        "def exported():\n"
        "    return [span.name for span in exporter.get_finished_spans()]\n"
    )
    host.template(preload=("batched",), roots=(str(tmp_path),))
    for worker in (host.worker(), host.worker()):
        assert worker.call("batched:exported", trace=TRACE) == []
        host.wait(lambda w=worker: w.call("batched:exported") == ["batched:exported"], "export")
