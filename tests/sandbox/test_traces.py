"""X-Ray: who sends segments, how they hang together, and the filter expressions that find them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import STAGE, Bench
from wizard.sandbox import tracefilter

OK = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'fine'}\n"
BAD = "def handler(event, context):\n    raise KeyError('TABLE')\n"
ACTIVE = {"TracingConfig": {"Mode": "Active"}}
ROOT = "1-5759e988-bd862e3fe1be46a994272793"


def trace(bench: Bench) -> None:
    on = [{"op": "replace", "path": "/tracingEnabled", "value": "true"}]
    bench.aws("apigateway").update_stage(restApiId=bench.api_id, stageName=STAGE, patchOperations=on)


def summaries(bench: Bench, expression: str = "") -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    span = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(seconds=1)}
    more = {"FilterExpression": expression} if expression else {}
    found: list[dict[str, Any]] = bench.aws("xray").get_trace_summaries(**span, **more)["TraceSummaries"]
    return found


def segments(bench: Bench, trace_id: str) -> list[dict[str, Any]]:
    (found,) = bench.aws("xray").batch_get_traces(TraceIds=[trace_id])["Traces"]
    return [json.loads(segment["Document"]) for segment in found["Segments"]]


def test_no_segment_without_tracing(bench: Bench) -> None:
    bench.serve(OK, **ACTIVE)
    assert bench.get().headers["X-Amzn-Trace-Id"].startswith("Root=1-")
    assert summaries(bench) == []
    assert "XRAY TraceId" not in "".join(bench.function_log())


def test_a_failing_request_names_the_function_as_the_culprit(bench: Bench) -> None:
    bench.serve(BAD, **ACTIVE)
    trace(bench)
    traced: dict[str, Any] = {"X-Amzn-Trace-Id": f"Root={ROOT}"}
    reply = bench.get(**traced)
    assert reply.headers["X-Amzn-Trace-Id"] == f"Root={ROOT};Sampled=1"
    (summary,) = summaries(bench)
    assert (summary["Id"], summary["HasFault"], summary["Http"]["HttpStatus"]) == (ROOT, True, 502)
    stage, service, function = segments(bench, ROOT)
    assert [each["origin"] for each in (stage, service, function)] == [
        "AWS::ApiGateway::Stage", "AWS::Lambda", "AWS::Lambda::Function",
    ]  # fmt: skip
    assert stage["fault"]
    assert service["parent_id"] == stage["subsegments"][0]["id"]
    assert "fault" not in service
    assert function["parent_id"] == service["id"]
    assert function["fault"]
    assert function["cause"]["exceptions"][0]["type"] == "KeyError"
    assert function["end_time"] >= function["start_time"] >= service["start_time"] >= stage["start_time"]
    assert f"X-ray Tracing ID : Root={ROOT}" in bench.whole_execution_log()
    assert f"XRAY TraceId: {ROOT}\tSegmentId: {function['id']}\tSampled: true" in "".join(bench.function_log())


def test_a_function_that_does_not_trace_has_the_services_segment_only(bench: Bench) -> None:
    bench.serve(OK)
    trace(bench)
    bench.get()
    (summary,) = summaries(bench)
    origins = [each["origin"] for each in segments(bench, summary["Id"])]
    assert origins == ["AWS::ApiGateway::Stage", "AWS::Lambda"]
    assert not summary["HasFault"]


def test_a_throttled_call_ends_at_the_service(bench: Bench) -> None:
    bench.serve(OK, **ACTIVE)
    trace(bench)
    bench.aws("lambda").put_function_concurrency(FunctionName="thing", ReservedConcurrentExecutions=0)
    bench.get()
    (summary,) = summaries(bench, "fault = true")
    stage, service = segments(bench, summary["Id"])
    assert stage["subsegments"][0]["throttle"]
    assert service["throttle"]
    assert service["http"]["response"]["status"] == 429


def test_ids_that_are_unknown(bench: Bench) -> None:
    answer = bench.aws("xray").batch_get_traces(TraceIds=[ROOT])
    assert (answer["Traces"], answer["UnprocessedTraceIds"]) == ([], [ROOT])


SEGMENTS = [
    {
        "name": "shop/prod", "origin": "AWS::ApiGateway::Stage", "start_time": 10.0, "end_time": 12.5, "fault": True,
        "http": {"request": {"url": "https://a/prod/orders/42", "method": "GET"}, "response": {"status": 502}},
        "annotations": {"aws:api_id": "abc"}, "trace_id": ROOT,
    },
    {"name": "orders", "origin": "AWS::Lambda", "parent_id": "1", "start_time": 10.0, "end_time": 13.0},
]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", True),
        ("fault", True),
        ("fault = true AND error = false", True),
        ("!fault", False),
        ("ok", False),
        ("http.status >= 500 AND http.status != 503", True),
        ("http.status = 500 OR responsetime > 2", True),
        ("(http.status = 500 OR fault) AND error", False),
        ("duration >= 3 AND responsetime < 3", True),
        ('service("orders")', True),
        ('service("orders") { fault }', False),
        ('service(id(name: "shop/prod", type: "AWS::ApiGateway::Stage")) { fault = true }', True),
        ('service(id(name: "shop/prod", type: "AWS::Lambda"))', False),
        ('http.url CONTAINS "/orders/" AND http.url ENDSWITH "42"', True),
        ('http.url BEGINSWITH "http://"', False),
        ('annotation[aws:api_id] = "abc"', True),
        ('annotation.other = "abc"', False),
        ("http.status = true", False),
    ],
)
def test_filter_expressions(expression: str, expected: bool) -> None:
    assert tracefilter.compiled(expression)(SEGMENTS) is expected


@pytest.mark.parametrize("expression", ["fault = ", "speed > 1", "http.status", "(fault", 'service("a"', "fault ; x"])
def test_bad_filter_expressions(bench: Bench, expression: str) -> None:
    with pytest.raises(ValueError, match=r"expected|unexpected|unknown|needs"):
        tracefilter.compiled(expression)
    with pytest.raises(ClientError, match="InvalidRequestException"):
        summaries(bench, expression)
