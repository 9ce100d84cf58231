"""Cold and warm invocations against the timeouts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from probes.lambda_fn._reports import reports
from probes.lambda_fn.cold_start import ColdStart
from wizard.model.aws import NotFound
from wizard.model.case import Symptom
from wizard.model.status import Status

ID = "11111111-2222-4333-8444-555555555555"
AT_MS = 1_795_175_000_000
URI = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:123456789012:function:shop-orders/invocations"
)
NEW, OLD = "2026/11/20/[2]abc", "2026/11/20/[1]def"


def report(ms: float, init: float | None = None, status: str = "") -> str:
    more = (f"Init Duration: {init} ms\t" if init is not None else "") + (f"Status: {status}\t" if status else "")
    return f"REPORT RequestId: {ID}\tDuration: {ms} ms\tBilled Duration: {ms} ms\tMemory Size: 128 MB\t{more}\n"


def logged(*lines: str | tuple[str, str]) -> dict[str, Any]:
    pairs = [line if isinstance(line, tuple) else (NEW, line) for line in lines]
    return {"events": [{"timestamp": n, "logStreamName": s, "message": text} for n, (s, text) in enumerate(pairs)]}


def run(case: Any, answers: Any, *lines: str | tuple[str, str], status: int | None = 504, timeout: int = 30) -> Any:
    table = {"lambda:GetFunctionConfiguration": {"Timeout": timeout}, "logs:FilterLogEvents": logged(*lines)}
    return ColdStart().run(replace(case(), symptom=Symptom(status)), answers(table))


SLOW, WARM = report(21_000, 9_000), report(12)


def test_only_the_start_is_too_slow(case, answers):
    found = run(case, answers, SLOW, WARM, WARM, SLOW)
    assert (found.status, found.facts["only_cold"], found.facts["cold_slow"], found.facts["warm"]) == (
        Status.FAIL,
        True,
        2,
        2,
    )
    assert (found.facts["init_max_ms"], found.facts["cold_max_ms"], found.facts["part"]) == (9000, 30_000, "first-work")


@pytest.mark.parametrize(
    "lines",
    [
        [WARM, WARM, SLOW],  # fast only before it: a release
        [(OLD, WARM), (OLD, WARM), SLOW, (OLD, WARM), (OLD, WARM)],  # fast only in the version before
        [SLOW, WARM],  # too few to tell
        [SLOW, WARM, WARM, report(29_500)],  # warm ones as slow
        [SLOW, report(27_000), report(28_000)],  # warm ones nearly as slow
        [report(900, 300), WARM, WARM],  # nothing is slow
        [report(30_000, status="timeout"), WARM, WARM],  # a warm one was stopped
        [],
    ],
)
def test_what_else_it_may_be(case, answers, lines):
    found = run(case, answers, *lines)
    assert found.status is Status.PASS
    assert found.facts["only_cold"] is False


def test_lambda_stops_the_first_work_of_an_instance(case, answers):
    found = run(case, answers, report(3_000, 200, "timeout"), WARM, WARM, status=502, timeout=3)
    assert found.status is Status.FAIL


def test_an_init_that_ran_out_of_time_belongs_to_the_next_invocation(case, answers):
    init = "INIT_REPORT Init Duration: 9999.41 ms\tPhase: init\tStatus: timeout\n"
    told = reports(logged(init, report(20_000), WARM)["events"])
    assert [(each.cold, each.whole_ms) for each in told] == [(True, 29_999.41), (False, 12.0)]


def test_reports_in_json_are_read_too(case, answers):
    def event(kind: str, **record: Any) -> str:
        return json.dumps({"time": "t", "type": kind, "record": {"requestId": ID, **record}})

    lines = (
        event("platform.initReport", status="timeout", metrics={"durationMs": 9_999.0}),
        event("platform.report", status="success", metrics={"durationMs": 20_000.0}),
        event("platform.report", status="success", metrics={"durationMs": 5.0, "initDurationMs": 7.5}),
        event("platform.report", status="timeout", metrics={"durationMs": 3_000.0}),
        event("platform.start"),
        '{"type": "platform.report"}',
        "{not JSON",
        "REPORT RequestId: cut",
    )
    told = reports(logged(*lines)["events"])
    assert [(each.init_ms, each.duration_ms, each.timed_out) for each in told] == [
        (9_999.0, 20_000.0, False),
        (7.5, 5.0, False),
        (None, 3_000.0, True),
    ]


def test_other_statuses_are_skipped_before_anything_is_asked(case, answers):
    aws = answers({})
    assert ColdStart().run(replace(case(), symptom=Symptom(501)), aws).status is Status.SKIPPED
    assert aws.used == set()


def test_what_stands_before_the_function_does_not_hide_a_slow_start(case, answers):
    aws = answers(
        {
            "lambda:GetFunctionConfiguration": {"Timeout": 3},
            "logs:FilterLogEvents": logged(report(3_000, 200, "timeout"), WARM, WARM),
        }
    )
    assert ColdStart().run(replace(case(), symptom=Symptom(431)), aws).status is Status.FAIL


@pytest.mark.parametrize(
    ("method", "others", "status", "shared"),
    [
        ("GET /orders/{id}", True, Status.FAIL, False),  # the gateway's log names them: this method's own
        ("POST /orders", True, Status.PASS, True),  # what another method does while it is warm is no measure
        ("", True, Status.FAIL, True),  # nothing tells whose they are
        ("", False, Status.FAIL, False),  # nobody else calls the function
    ],
)
def test_warm_invocations_of_another_method_prove_nothing(case, answers, method, others, status, shared):
    slow, warm = [f"{n:08d}-0000-4000-8000-000000000000" for n in range(2)], "99999999-0000-4000-8000-00000000000{}"
    lines = [report(3_000, 200, "timeout").replace(ID, each) for each in slow]
    lines += [report(12).replace(ID, warm.format(n)) for n in range(3)]
    events = [
        {"timestamp": AT_MS + n, "logStreamName": NEW, "message": text.replace("REPORT", kind)}
        for n, text in enumerate(lines)
        for kind in ("START", "REPORT")
    ]
    told = [(each, "GET /orders/{id}") for each in slow] + [(warm.format(n), method) for n in range(3)]

    def log(**params: Any) -> dict[str, Any]:
        if params["logGroupName"].startswith("/aws/lambda/"):
            wanted = "START" if "START" in params["filterPattern"] else "REPORT"
            return {"events": [event for event in events if wanted == "START" or wanted in event["message"]]}
        return {"events": [event for n, one in enumerate(told) if one[1] for event in gateways(n, *one)]}

    wired = {"methodIntegration": {"type": "AWS_PROXY", "uri": URI}}
    served = {"GET": wired} | ({"POST": wired} if others else {})
    table = {
        "lambda:GetFunctionConfiguration": {"Timeout": 3},
        "logs:FilterLogEvents": log,
        "apigateway:GetResources": {"items": [{"path": "/orders/{id}", "resourceMethods": served}]},
    }
    found = ColdStart().run(replace(case(), symptom=Symptom(502)), answers(table))
    assert (found.status, found.facts["shared"]) == (status, shared)
    assert found.facts["others"] == (3 if method.startswith("POST") else 0)


def gateways(number: int, called: str, method: str) -> list[dict[str, Any]]:
    """What the gateway's log tells of a request that called the function."""
    verb, _, path = method.partition(" ")
    identity = f"{number:08d}-aaaa-4000-8000-000000000000"
    lines = (f"HTTP Method: {verb}, Resource Path: {path}", f"AWS Integration Endpoint RequestId : {called}")
    return [{"timestamp": AT_MS + n, "message": f"({identity}) {line}"} for n, line in enumerate(lines)]


def test_without_a_log_group_it_is_not_known(case, answers):
    aws = answers({"logs:FilterLogEvents": NotFound("no")})
    assert ColdStart().run(case(), aws).status is Status.UNKNOWN


def test_failing_calls_never_turn_into_an_answer(case, answers, failures):
    table = {"lambda:GetFunctionConfiguration": {"Timeout": 30}, "logs:FilterLogEvents": logged(WARM)}
    for call, error, changed in failures(ColdStart(), table):
        if call not in table:  # asked only when there is more in the log than can be read, or when only starts are slow
            continue
        if call == "lambda:GetFunctionConfiguration":  # the gateway's limit is known all the same
            assert ColdStart().run(case(), answers(changed)).facts["function_ms"] is None
            continue
        with pytest.raises(type(error)):
            ColdStart().run(case(), answers(changed))
