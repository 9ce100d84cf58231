"""API Gateway's own test of a method, its log read hop by hop."""

from __future__ import annotations

from typing import Any

import pytest

from probes.method._test_log import hop_results
from probes.method.test_invoke import TestInvoke as Probe
from tests.probes.conftest import BY_VARIABLE, ERRORS, FakeAws, Key, export, integration, new_case, resources, traced
from wizard.model.aws import AwsError, NotFound
from wizard.model.case import Symptom
from wizard.model.status import Effect, Status

REFUSED = "Execution failed due to configuration error: Invalid permissions on Lambda function"
STAMP = "Tue Sep 01 23:33:52 UTC 2020 : "


def answer(status: int, *lines: str) -> dict[str, Any]:
    return {
        "status": status,
        "latency": 9,
        "log": "Execution log for request x\n" + "\n".join(STAMP + line for line in lines),
    }


def test_it_asks_first() -> None:
    assert Probe().effect is Effect.INVOKES_BACKEND
    assert "runs your backend for real" in Probe().warning


def test_a_test_that_works(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration(uri=BY_VARIABLE))
    aws = FakeAws(world)
    found = Probe().run(traced(world, new_case(url="https://x/prod/orders/42?full=1")), aws)
    assert (found.status, found.facts["passes_while_url_fails"]) == (Status.PASS, False)
    assert aws.params("apigateway:TestInvokeMethod") == [
        {
            "restApiId": "abc123",
            "resourceId": "r2",
            "httpMethod": "GET",
            "pathWithQueryString": "/orders/42?full=1",
            "stageVariables": {"name": "shop-orders"},
        }
    ]


def test_it_works_while_the_url_fails(world: dict[Key, Any]) -> None:
    found = Probe().run(traced(world, new_case(symptom=Symptom(500))), FakeAws(world))
    assert found.facts["passes_while_url_fails"] is True


def test_a_test_that_fails_says_where(world: dict[Key, Any]) -> None:
    world["apigateway", "TestInvokeMethod"] = answer(
        500,
        "HTTP Method: GET, Resource Path: /orders/42",
        "Sending request to x",
        REFUSED,
        "Method completed with status: 500",
    )
    found = Probe().run(traced(world, new_case(symptom=Symptom(500, seen_in="test-invoke"))), FakeAws(world))
    assert found.status is Status.FAIL
    assert found.facts["hops"] == {"method": "pass", "integration-config": "pass", "lambda-permission": "fail"}
    assert found.facts["cause_ids"] == ["lambda-permission-missing"]
    assert found.facts["client_statuses"] == [500]


@pytest.mark.parametrize(
    ("lines", "status", "hop"),
    [
        (["Execution failed due to a timeout error"], 504, "integration"),
        (["Lambda execution failed with status 200 due to customer function error: x"], 502, "lambda-function"),
        (
            [
                "Received response. Status: 200",
                "Execution failed due to configuration error: Malformed Lambda proxy response",
            ],
            502,
            "lambda-response",
        ),
        (["Execution failed due to configuration error: Rate Exceeded."], 500, "lambda-service"),
        (["Received response. Status: 200", "Successfully completed execution"], 503, "lambda-function"),
        (["Execution failed due to configuration error: Unable to transform request"], 500, "request-mapping"),
        (["Execution failed due to configuration error: No match for output mapping and no"], 500, "response-mapping"),
    ],
)
def test_each_failure_has_its_hop(lines: list[str], status: int, hop: str) -> None:
    results = hop_results(lines, status)
    assert [name for name, result in results.items() if result is Status.FAIL] == [hop]


def test_a_body_that_speaks_of_failure_fails_nothing() -> None:
    lines = [
        "Endpoint response body before transformations: Invalid permissions on Lambda function",
        "Successfully completed execution",
    ]
    assert Status.FAIL not in hop_results(lines, 200).values()


def test_a_method_that_is_only_known_as_any(world: dict[Key, Any]) -> None:
    world["apigateway", "GetResources"] = resources(ANY=integration())
    world["apigateway", "GetExport"] = export(**{"x-amazon-apigateway-any-method": integration()})
    world["apigateway", "TestInvokeMethod"] = lambda **p: (
        answer(200) if p["httpMethod"] == "ANY" else NotFound("no such method")
    )
    assert Probe().run(traced(world), FakeAws(world)).status is Status.PASS


@pytest.mark.parametrize("error", [*ERRORS, NotFound("no such method")], ids=lambda e: type(e).__name__)
def test_a_refused_test_is_raised(world: dict[Key, Any], error: AwsError) -> None:
    case = traced(world)
    with pytest.raises(type(error)):
        Probe().run(case, FakeAws({**world, ("apigateway", "TestInvokeMethod"): error}))
