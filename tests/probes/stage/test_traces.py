"""X-Ray: whose traces they are, and which hop has the fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes.stage.traces import Traces
from tests.probes.conftest import ERRORS, FakeAws, Key, new_case, traced
from wizard.model.aws import AwsError, Unsupported
from wizard.model.case import Symptom
from wizard.model.probe import Evidence
from wizard.model.status import Status

OLD, NEW = "1-6a000000-000000000000000000000001", "1-6a000010-000000000000000000000002"


def summary(identity: str = NEW, **http: Any) -> dict[str, Any]:
    known = {"HttpStatus": 502, "HttpMethod": "GET", "HttpURL": "https://abc123.example/prod/orders/42", **http}
    return {"Id": identity, "HasFault": True, "Http": known}


def segment(name: str, origin: str | None, start: float, end: float, **more: Any) -> dict[str, Any]:
    known = {"name": name, "start_time": start, "end_time": end, **({"origin": origin} if origin else {}), **more}
    return {"Id": name, "Document": json.dumps(known)}


def whole(identity: str, *segments: dict[str, Any]) -> dict[str, Any]:
    return {"Id": identity, "Duration": 1.2, "Segments": list(segments)}


STAGE = segment("shop/prod", "AWS::ApiGateway::Stage", 100.0, 101.2, fault=True)
SERVICE = segment("shop-orders", "AWS::Lambda", 100.1, 101.1)
FUNCTION = segment(
    "shop-orders",
    "AWS::Lambda::Function",
    100.2,
    101.0,
    fault=True,
    subsegments=[{"name": "Invocation", "start_time": 100.3, "end_time": 101.0, "fault": True}],
)


def run(world: dict[Key, Any], summaries: list[dict[str, Any]], *traces: dict[str, Any], **target: Any) -> Evidence:
    world["xray", "GetTraceSummaries"] = {"TraceSummaries": summaries}
    world["xray", "BatchGetTraces"] = lambda **params: {"Traces": [t for t in traces if t["Id"] in params["TraceIds"]]}
    return Traces().run(traced(world, new_case(**target)), FakeAws(world))


def test_the_hop_furthest_along_the_path_that_has_a_fault(world: dict[Key, Any]) -> None:
    found = run(world, [summary()], whole(NEW, FUNCTION, STAGE, SERVICE))
    assert (found.status, found.facts["fault_hop"]) == (Status.WARN, "lambda-function")
    (trace,) = found.facts["traces"]  # type: ignore[misc]
    assert isinstance(trace, dict)
    segments = trace["segments"]
    assert isinstance(segments, list)
    assert [(part["name"], part["hop"], part["start_ms"]) for part in segments] == [  # type: ignore[index,call-overload]
        ("shop/prod", "stage", 0),
        ("shop-orders", "lambda-service", 100),
        ("shop-orders", "lambda-function", 200),
        ("Invocation", "lambda-function", 300),
    ]
    assert (trace["id"], trace["duration_ms"], trace["at"]) == (NEW, 1200, "1970-01-01T00:01:40+00:00")


def test_a_fault_of_the_gateway_alone(world: dict[Key, Any]) -> None:
    assert run(world, [summary()], whole(NEW, STAGE)).facts["fault_hop"] == "stage"


def test_no_failing_request_was_traced(world: dict[Key, Any]) -> None:
    found = run(world, [])
    assert (found.status, found.facts["traces"]) == (Status.PASS, [])
    assert "xray:BatchGetTraces" not in FakeAws(world).used


@pytest.mark.parametrize(
    "http",
    [{"HttpStatus": 200}, {"HttpMethod": "POST"}, {"HttpURL": "https://abc123.example/prod/orders"}],
)
def test_other_requests_are_not_ours(world: dict[Key, Any], http: dict[str, Any]) -> None:
    assert run(world, [summary(**http)], whole(NEW, STAGE, FUNCTION)).status is Status.PASS


def test_the_newest_comes_first(world: dict[Key, Any]) -> None:
    found = run(world, [summary(OLD), summary(NEW)], whole(OLD, STAGE), whole(NEW, FUNCTION))
    assert [trace["id"] for trace in found.facts["traces"]] == [NEW, OLD]  # type: ignore[union-attr,index,call-overload]
    assert found.facts["fault_hops"] == ["lambda-function", "stage"]


def test_a_reported_trace_is_looked_at_first(world: dict[Key, Any]) -> None:
    symptom = Symptom(502, request_id=f"Root={OLD};Sampled=1")
    found = run(world, [summary(NEW)], whole(OLD, STAGE), whole(NEW, FUNCTION), symptom=symptom)
    assert found.facts["fault_hop"] == "stage"


def test_broken_documents_are_passed_over(world: dict[Key, Any]) -> None:
    bad = [{"Id": "a", "Document": "{"}, {"Id": "b", "Document": "[" * 100_000}, {"Id": "c", "Document": "[1]"}]
    assert run(world, [summary()], whole(NEW, *bad)).facts["traces"] == []


def test_tracing_that_is_off_says_how_to_turn_it_on(world: dict[Key, Any]) -> None:
    world["apigateway", "GetStage"]["tracingEnabled"] = False
    found = run(world, [summary()])
    assert found.status is Status.SKIPPED
    assert found.facts["enable_commands"] == [
        "aws apigateway update-stage --rest-api-id abc123 --stage-name prod "
        "--patch-operations op=replace,path=/tracingEnabled,value=true --region us-east-1"
    ]


def test_an_endpoint_without_xray(world: dict[Key, Any]) -> None:
    world["xray", "GetTraceSummaries"] = Unsupported("no such service here")
    with pytest.raises(Unsupported):
        Traces().run(traced(world), FakeAws(world))


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("operation", ["GetTraceSummaries", "BatchGetTraces"])
def test_a_refused_question_is_raised(world: dict[Key, Any], operation: str, error: AwsError) -> None:
    world["xray", "GetTraceSummaries"] = {"TraceSummaries": [summary()]}
    with pytest.raises(type(error)):
        Traces().run(traced(world), FakeAws({**world, ("xray", operation): error}))
