"""The checks on HTTP and WebSocket APIs: what differs from a REST API, and every answer that does not come."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from probes._metrics import metrics
from probes.client.request import RealRequest, address
from probes.integration.settings import IntegrationSettings
from probes.lambda_fn.permission import Permission
from probes.stage.access_format import AccessFormat
from probes.stage.access_log import AccessLog
from probes.stage.changes import Changes
from probes.stage.deployment import Deployment
from probes.stage.logging import StageLogging
from tests.probes.conftest import API, ERRORS, NOW, FakeAws, Key, new_case, traced
from tests.probes.v2 import POOR_FORMAT, ROUTE, http_shop, policy, route, websocket_shop, wiring
from wizard.model.aws import AwsError, HttpAnswer
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Status
from wizard.model.target_url import parse_target

PATH = "/orders/42"
SINCE = "2026-11-19T09:00:00+00:00"


def http_case(world: dict[Key, Any], **target: Any) -> Case:
    return traced(world, new_case(**{"api_type": "http", "stage": "$default", "path": PATH, **target}))


def message_case(world: dict[Key, Any], key: str = "sendmessage") -> Case:
    return traced(world, new_case(api_type="websocket", path=key))


def look(probe: Probe, world: dict[Key, Any], case: Case | None = None) -> Evidence:
    return probe.run(case or http_case(world), FakeAws(world))


def recorded(name: str, **asked: Any) -> dict[str, Any]:
    """LookupEvents that knows one write."""
    detail = json.dumps({"eventName": name, "requestParameters": {"apiId": API, **asked}})
    event = {"EventTime": SINCE, "EventName": name, "CloudTrailEvent": detail, "ReadOnly": "false", "Username": "ada"}
    return {"Events": [event]}


BY_HAND = {"AutoDeploy": False}


@pytest.mark.parametrize(
    ("arns", "status"),
    [
        (["*/*/orders/{id}"], Status.PASS),
        (["*/GET/orders/*"], Status.PASS),
        (["$default/GET/orders/{id}"], Status.PASS),
        (["*"], Status.PASS),
        (["*/POST/orders/{id}"], Status.FAIL),
        (["prod/*/orders/*"], Status.FAIL),
        (["*/*/orders/42"], Status.FAIL),
        (["*/$default"], Status.FAIL),
    ],
)
def test_an_http_api_presents_its_route_key(arns: list[str], status: Status) -> None:
    evidence = look(Permission(), {**http_shop(), ("lambda", "GetPolicy"): policy(*arns)})
    assert evidence.status is status, evidence.summary
    assert "test_invoke_allowed" not in evidence.facts


@pytest.mark.parametrize(
    ("arns", "status"),
    [
        (["*/*/files/*"], Status.PASS),
        (["*/GET/files/{proxy+}"], Status.UNKNOWN),
        (["*/ANY/files/{proxy+}"], Status.UNKNOWN),
        (["*/POST/files/*"], Status.FAIL),
    ],
)
def test_whether_any_or_the_method_counts_is_not_guessed(arns: list[str], status: Status) -> None:
    world = {**http_shop(), ("lambda", "GetPolicy"): policy(*arns)}
    assert look(Permission(), world, http_case(world, path="/files/a/b")).status is status


@pytest.mark.parametrize(("arn", "status"), [("prod/sendmessage", Status.PASS), ("*/$connect", Status.FAIL)])
def test_a_websocket_api_presents_its_route_key(arn: str, status: Status) -> None:
    world = {**websocket_shop(), ("lambda", "GetPolicy"): policy(arn)}
    assert look(Permission(), world, message_case(world)).status is status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.PASS),
        ({"IntegrationMethod": None}, Status.PASS),
        ({"IntegrationMethod": "GET"}, Status.FAIL),
        ({"IntegrationUri": "https://example.com"}, Status.FAIL),
        ({"IntegrationSubtype": "SQS-SendMessage", "IntegrationUri": None, "IntegrationMethod": None}, Status.PASS),
    ],
)
def test_settings_of_an_http_api(changes: dict[str, Any], status: Status) -> None:
    assert look(IntegrationSettings(), http_shop(integration=changes)).status is status


def test_a_stage_that_deploys_by_itself_runs_what_is_configured() -> None:
    assert look(Deployment(), http_shop()).status is Status.PASS
    failed = http_shop(stage={"LastDeploymentStatusMessage": "Deployment attempt failed: no routes"})
    evidence = look(Deployment(), failed)
    assert (evidence.status, evidence.facts["undeployed"]) == (Status.WARN, True)


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ({"Events": []}, Status.PASS),
        (recorded("UpdateIntegration", integrationId="i1"), Status.WARN),
        (recorded("UpdateIntegration", integrationId="other"), Status.PASS),
        (recorded("UpdateRoute", routeId=f"r-{ROUTE}"), Status.WARN),
        (recorded("ReimportApi"), Status.WARN),
        ({"Events": [], "truncated": True}, Status.UNKNOWN),
        ({"Events": [{"CloudTrailEvent": "[" * 100_000}]}, Status.PASS),
    ],
)
def test_without_a_snapshot_cloudtrail_tells_what_was_changed(events: dict[str, Any], status: Status) -> None:
    world = {**http_shop(stage=BY_HAND), ("cloudtrail", "LookupEvents"): events}
    assert look(Deployment(), world).status is status


def test_what_cloudtrail_no_longer_keeps_is_unknown() -> None:
    old = {("apigatewayv2", "GetDeployment"): {"DeploymentId": "d1", "CreatedDate": "2025-01-01T00:00:00+00:00"}}
    evidence = look(Deployment(), {**http_shop(stage=BY_HAND), **old})
    assert evidence.status is Status.UNKNOWN
    assert "90 days" in evidence.summary


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    ("probe", "asked", "stage"),
    [
        (Deployment(), ("cloudtrail", "LookupEvents"), BY_HAND),
        (Deployment(), ("apigatewayv2", "GetDeployment"), BY_HAND),
        (Deployment(), ("apigatewayv2", "GetStage"), {}),
        (AccessFormat(), ("apigatewayv2", "GetStage"), {}),
        (AccessLog(), ("apigatewayv2", "GetStage"), {}),
        (Changes(), ("apigatewayv2", "GetDeployments"), {}),
        (Changes(), ("apigatewayv2", "GetStage"), {}),
        (Permission(), ("lambda", "GetPolicy"), {}),
    ],
    ids=lambda value: getattr(value, "id", None) or (value[1] if isinstance(value, tuple) else ""),
)
def test_an_answer_that_does_not_come_is_unknown(
    probe: Probe, asked: Key, stage: dict[str, Any], error: AwsError
) -> None:
    world = http_shop(stage=stage)
    case = http_case(world)
    try:
        evidence = probe.run(case, FakeAws({**world, asked: error}))
    except AwsError as raised:
        evidence = probe.from_error(raised)  # as the engine does
    assert (evidence.status, evidence.reason) == (Status.UNKNOWN, error.reason)


def test_metrics_are_asked_by_the_names_of_the_api() -> None:
    world = http_shop()
    aws = FakeAws(world)
    metrics(aws, http_case(world))
    asked = {query["Id"]: query["MetricStat"]["Metric"] for query in aws.asked[-1][1]["MetricDataQueries"]}
    assert asked["errors"]["MetricName"] == "5xx"
    assert asked["errors"]["Dimensions"] == [{"Name": "ApiId", "Value": API}, {"Name": "Stage", "Value": "$default"}]
    own = {item["Name"]: item["Value"] for item in asked["method_errors"]["Dimensions"]}
    assert own == {"ApiId": API, "Stage": "$default", "Resource": "/orders/{id}", "Method": "GET"}


def test_both_kinds_of_errors_of_a_websocket_api_are_added_up() -> None:
    at = (NOW.replace(minute=0)).isoformat()
    results = [
        {"Id": "errors", "Values": [2.0]},
        {"Id": "errors_also", "Values": [3.0]},
        {"Id": "series_errors", "Timestamps": [at], "Values": [2.0]},
        {"Id": "series_errors_also", "Timestamps": [at], "Values": [3.0]},
    ]
    world = {**websocket_shop(), ("cloudwatch", "GetMetricData"): {"MetricDataResults": results}}
    aws = FakeAws(world)
    found = metrics(aws, message_case(world))
    names = {query["MetricStat"]["Metric"]["MetricName"] for query in aws.asked[-1][1]["MetricDataQueries"]}
    assert {"ExecutionError", "IntegrationError", "MessageCount", "ConnectCount"} <= names
    assert "5XXError" not in names
    assert found.total("errors") == 5
    assert list(found.series["series_errors"].values()) == [5.0]


def test_a_poor_format_is_completed_and_keeps_what_is_in_it() -> None:
    access = {"DestinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:access", "Format": POOR_FORMAT}
    evidence = look(AccessFormat(), http_shop(stage={"AccessLogSettings": access}))
    assert evidence.status is Status.PASS
    command = str(evidence.facts["log_commands"])
    assert command.startswith(f"aws apigatewayv2 update-stage --api-id {API} --stage-name '$default'")
    settings = json.loads(command.split("--access-log-settings '")[1].split("' --region")[0])
    known, wanted = json.loads(POOR_FORMAT), json.loads(settings["Format"])
    assert known.items() <= wanted.items()
    assert wanted["error_message"] == "$context.error.message"
    assert "log_commands" not in look(AccessFormat(), http_shop()).facts


def test_requests_of_other_routes_are_left_out() -> None:
    def line(key: str) -> dict[str, Any]:
        text = json.dumps({"requestId": "r", "status": "500", "routeKey": key, "path": PATH})
        empty = {"error": "-", "type": "-", "integrationError": "-", "integrationStatus": "-", "latency": "-"}
        whole = {**json.loads(text), **empty, "lambdaId": "-", "authorizer": "-"}
        return {"timestamp": int(NOW.timestamp() * 1000) - 60_000, "message": json.dumps(whole, separators=(",", ":"))}

    world = {**http_shop(), ("logs", "FilterLogEvents"): {"events": [line("$default"), line("GET /orders")]}}
    assert look(AccessLog(), world).status is Status.PASS
    world["logs", "FilterLogEvents"]["events"].append(line(ROUTE))
    assert look(AccessLog(), world).facts["requests"] == 1


def test_execution_logging_of_a_websocket_api_is_turned_on_by_its_own_command() -> None:
    world = websocket_shop(stage={"DefaultRouteSettings": {}})
    evidence = look(StageLogging(), world, message_case(world))
    assert evidence.status is Status.WARN
    assert evidence.facts["log_group"] == f"/aws/apigateway/{API}/prod"
    (command,) = evidence.facts["enable_commands"]  # type: ignore[misc]
    assert str(command).startswith("aws apigatewayv2 update-stage")


@pytest.mark.parametrize(
    ("body", "by"),
    [
        ('{"message":"Internal Server Error"}', "unknown"),
        ('{"message": "Service Unavailable"}', "unknown"),
        ('{"message":"Internal Server Error","code":7}', "backend"),
        ("oops", "backend"),
    ],
)
def test_an_http_api_signs_none_of_its_answers(body: str, by: str) -> None:
    world = http_shop()
    answer = HttpAnswer(500, {"apigw-requestid": "abc="}, body, 3.0)
    evidence = RealRequest().run(http_case(world), FakeAws(world, answer))
    assert (evidence.facts["answered_by"], evidence.facts["request_id"]) == (by, "abc=")


def test_the_default_stage_stands_in_no_address_either() -> None:
    case = http_case(http_shop())
    assert address(case) == f"https://{API}.execute-api.us-east-1.amazonaws.com{PATH}"
    pasted = parse_target(f"https://{API}.execute-api.us-east-1.amazonaws.com{PATH}?a=1")
    assert address(replace(case, target=pasted)) == pasted.url


def test_a_route_that_is_served_by_another_integration_is_not_mixed_up() -> None:
    other = wiring(IntegrationId="i2", IntegrationUri="https://example.com", IntegrationType="HTTP_PROXY")
    world = {
        **http_shop(routes=[route(ROUTE, "i2")]),
        ("apigatewayv2", "GetIntegrations"): {"Items": [wiring(), other]},
    }
    trace = http_case(world).traced
    assert trace.function is None
    assert trace.integration is not None
    assert trace.integration.uri == "https://example.com"
