"""One request's story: joined by whichever id, in order, and never longer than a screen can bear."""

from __future__ import annotations

from typing import Any

import pytest

from probes._logs import any_of, newest
from probes._story import LINES, invocations, joined, tell
from probes.lambda_fn.log import Log
from probes.stage.execution_log import ExecutionLog
from tests.probes.conftest import (
    LOG_GROUP,
    ONE,
    SIGNATURES,
    TWO,
    FakeAws,
    Key,
    groups,
    ms,
    new_case,
    periods,
    story,
    traced,
)
from wizard.model.case import Symptom
from wizard.model.probe import Evidence
from wizard.model.status import Status
from wizard.model.tree import Signature

RUN, OTHER = "55555555-5555-4555-8555-555555555555", "66666666-6666-4666-8666-666666666666"
TRACE = "1-6a000000-00000000000000000000000a"
EXTENDED = "JKJaXmPLvHcESHA="
LATE = "Execution failed due to a timeout error"
TIMED_OUT = Signature("lambda-timeout", "function-log", text="Task timed out after", seen=True)


def request(identity: str, at: float, *extra: str, **more: Any) -> list[tuple[float, str, str]]:
    return [(at, "gateway", f"({identity}) {line}") for line in [*extra, *story(LATE, status=504, **more)]]


def run_of(identity: str, at: float, *lines: str, stream: str = "a") -> list[tuple[float, str, str]]:
    told = [f"START RequestId: {identity} Version: 1", *lines, f"END RequestId: {identity}"]
    told.append(f"REPORT RequestId: {identity}\tDuration: 9 ms\tXRAY TraceId: {TRACE if identity == RUN else '-'}")
    return [(at - number / 6000, stream, line) for number, line in enumerate(told)]


FUNCTION = [
    (10.1, "a", "INIT_START Runtime Version: python:3.11"),
    *run_of(RUN, 10.05, f"2026-11-20T11:50:00Z {RUN} Task timed out after 1.00 seconds"),
    *run_of(OTHER, 10.05, "nothing special", stream="b"),
]


def look(probe: Any, world: dict[Key, Any], execution: list[Any], function: list[Any], **target: Any) -> Evidence:
    world["logs", "FilterLogEvents"] = groups(execution=execution, access=[], function=function)
    from dataclasses import replace

    case = replace(traced(world, new_case(**target)), signatures=(*SIGNATURES, TIMED_OUT))
    found: Evidence = probe.run(case, FakeAws(world))
    return found


def lines(found: Evidence) -> list[dict[str, Any]]:
    told = found.facts["story"]
    assert isinstance(told, list)
    return [line for line in told if isinstance(line, dict)]


@pytest.mark.parametrize(
    "names",
    [
        f"Endpoint response headers: {{x-amzn-RequestId={RUN}, Connection=keep-alive}}",
        f"AWS Integration Endpoint RequestId : {RUN}",
        f"X-ray Tracing ID : Root={TRACE}",
        f"Endpoint request headers: {{X-Amzn-Trace-Id=Root={TRACE};Sampled=1}}",
    ],
)
def test_the_gateways_lines_and_the_functions_in_order(world: dict[Key, Any], names: str) -> None:
    found = look(ExecutionLog(), world, request(ONE, 10.0, names), FUNCTION)
    told = lines(found)
    assert {line["source"] for line in told} == {"gateway", "function"}
    assert [line["at"] for line in told] == sorted(line["at"] for line in told)
    function = [line["text"] for line in told if line["source"] == "function"]
    assert function[0].startswith("INIT_START")
    assert not any("nothing special" in text for text in function)
    deciding = [line["text"] for line in told if line["deciding"]]
    assert any("Task timed out" in text for text in deciding)
    assert LATE in deciding


def test_a_function_that_the_gateway_does_not_name_is_left_out(world: dict[Key, Any]) -> None:
    assert {line["source"] for line in lines(look(ExecutionLog(), world, request(ONE, 10.0), FUNCTION))} == {"gateway"}


def test_a_function_log_that_cannot_be_read_costs_only_its_lines(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = groups(execution=request(ONE, 10.0), access=[])
    found = ExecutionLog().run(traced(world), FakeAws(world))
    assert found.status is Status.FAIL
    assert len(lines(found)) == 6


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (TWO, ()),
        (TWO.upper(), ()),
        (EXTENDED, (f"Extended Request Id: {EXTENDED}",)),
        (RUN, (f"Endpoint response headers: {{x-amzn-RequestId={RUN}}}",)),
        (TRACE, (f"X-ray Tracing ID : Root={TRACE}",)),
    ],
    ids=["gateway", "gateway in capitals", "extended", "Lambda", "trace"],
)
def test_any_id_selects_the_request(world: dict[Key, Any], given: str, names: tuple[str, ...]) -> None:
    execution = [*request(TWO, 40.0, *names), *request(ONE, 10.0)]
    found = look(ExecutionLog(), world, execution, [], symptom=Symptom(504, request_id=given))
    assert found.facts["request_ids"] == [TWO, ONE]
    assert found.facts["reported"] == {"request_id": TWO, "status": 504, "failed": True}
    assert "the reported one with 504" in found.summary
    assert {line["request_id"] for line in lines(found)} == {TWO}


def test_a_reported_request_that_did_not_fail(world: dict[Key, Any]) -> None:
    well = [(10.0, "gateway", f"({ONE}) {line}") for line in story("Successfully completed execution", status=200)]
    found = look(ExecutionLog(), world, well, [], symptom=Symptom(504, request_id=ONE))
    assert found.status is Status.PASS
    assert found.facts["reported"] == {"request_id": ONE, "status": 200, "failed": False}


def test_a_reported_request_that_is_not_logged(world: dict[Key, Any]) -> None:
    found = look(ExecutionLog(), world, request(ONE, 10.0), [], symptom=Symptom(504, request_id=TWO))
    assert (found.facts["reported"], found.facts["request_ids"]) == (None, [ONE])
    assert "the newest with 504" in found.summary


@pytest.mark.parametrize("given", [RUN, TRACE, ONE], ids=["Lambda", "trace", "gateway"])
def test_the_function_log_is_read_for_the_reported_request(world: dict[Key, Any], given: str) -> None:
    execution = request(ONE, 10.0, f"Endpoint response headers: {{x-amzn-RequestId={RUN}}}")
    function = [*FUNCTION, *run_of("77777777-7777-4777-8777-777777777777", 5.0, "[ERROR] Another: thing", stream="c")]
    found = look(Log(), world, execution, function, symptom=Symptom(502, request_id=given))
    assert (found.status, found.facts["reported"]) == (Status.FAIL, True)
    assert "Another" not in str(found.facts)
    assert any("Task timed out" in line["text"] and line["deciding"] for line in lines(found))


def test_a_reported_request_whose_run_names_no_cause_leaves_all_errors_in_view(world: dict[Key, Any]) -> None:
    found = look(Log(), world, [], FUNCTION, symptom=Symptom(502, request_id=OTHER))
    assert (found.status, found.facts["reported"]) == (Status.FAIL, False)


def test_the_function_logs_own_story_is_the_whole_run(world: dict[Key, Any]) -> None:
    told = [line["text"] for line in lines(look(Log(), world, [], FUNCTION))]
    assert told[0].startswith("INIT_START")
    assert told[-1].startswith("REPORT")


def test_a_long_story_keeps_its_ends_and_what_decides(world: dict[Key, Any]) -> None:
    events = [({"timestamp": at, "message": f"line {at}"}, "gateway") for at in range(500)]
    told = tell(new_case(), events, {"line 250"})
    texts = [line["text"] for line in told]
    assert len(told) <= LINES
    assert (texts[0], texts[-1]) == ("line 0", "line 499")
    assert "line 250" in texts


def test_ids_are_found_where_the_gateway_names_them() -> None:
    assert joined([f"x-amzn-RequestId={RUN.upper()}", f"Root={TRACE}"]) == {RUN, TRACE}
    assert joined([f"Method request headers: {{x={RUN}}}", "1-2-3"]) == set()


def test_runs_of_two_streams_do_not_mix() -> None:
    events = [{"timestamp": ms(at), "logStreamName": stream, "message": text} for at, stream, text in FUNCTION]
    told = invocations(events)
    assert [run.request_id for run in told] == [RUN, OTHER]
    assert [len(run.events) for run in told] == [5, 4]


def test_a_pattern_cannot_be_broken_out_of() -> None:
    assert any_of(['a" -b', "", "c\\"]) == '?"a -b" ?"c"'


def test_too_much_is_narrowed_to_the_failing_time_first(world: dict[Key, Any]) -> None:
    world["cloudwatch", "GetMetricData"] = {
        "MetricDataResults": periods("series", 60, count=[(30, 1)], errors=[(30, 1)])
    }
    asked: list[tuple[int, int]] = []

    def answer(**params: Any) -> dict[str, Any]:
        asked.append((params["startTime"], params["endTime"]))
        return {"events": [], "truncated": len(asked) == 1}

    case = traced(world)
    _, capped = newest(FakeAws({**world, ("logs", "FilterLogEvents"): answer}), case, LOG_GROUP, "x")
    assert capped is False
    (first, second) = asked
    assert first == (case.window.start_ms, case.window.end_ms)
    assert first[0] < second[0] < second[1] < first[1]
