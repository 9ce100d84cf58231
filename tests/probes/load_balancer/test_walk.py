"""The whole walk along a private integration of a REST API, the answers recorded as the service gives them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.playing import entries, play
from tests.cases.shapes import problems
from wizard.model.verdict import Verdict

BEGIN = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
BALANCER, LISTENER = f"{BEGIN}:loadbalancer/net/shop/50dc6c495c0c9188", f"{BEGIN}:listener/net/shop/50dc6c495c0c9188/01"
ORDERS = f"{BEGIN}:targetgroup/orders/73e2d6bc24d8a067"
SHARED_TEXT = "Execution failed due to configuration error: There was an internal error while executing your request"
FAILED = {"status": 500, "message": "Internal server error", "error_type": "InternalServerErrorException"}
DECIDING = [
    ("apigateway", "GetVpcLink"),
    ("elbv2", "DescribeListeners"),
    ("elbv2", "DescribeTargetHealth"),
]


def answer(service: str, operation: str, told: Any, **params: Any) -> dict[str, Any]:
    return {"service": service, "operation": operation, "answer": told, **({"params": params} if params else {})}


def target(state: str, reason: str | None = None) -> dict[str, Any]:
    health = {"State": state, **({"Reason": reason} if reason else {})}
    return {"Target": {"Id": "i-0f76fade", "Port": 8080}, "TargetHealth": health, "HealthCheckPort": "8080"}


def hosts(healthy: float, unhealthy: float) -> dict[str, Any]:
    ids = {"healthy_min_0": healthy, "unhealthy_max_0": unhealthy}
    return {
        "MetricDataResults": [{"Id": name, "Values": [value], "StatusCode": "Complete"} for name, value in ids.items()]
    }


def private(
    *changed: dict[str, Any],
    uri: str = "http://orders.internal:8080/orders",
    link: str = "AVAILABLE",
    targets: list[dict[str, Any]] | None = None,
    seen: tuple[float, float] = (1.0, 0.0),
    **more: Any,
) -> dict[str, Any]:
    """A case: GET /orders/{id} over a VPC link to a Network Load Balancer with one listener and one target group."""
    listener = {
        "ListenerArn": LISTENER,
        "LoadBalancerArn": BALANCER,
        "Port": 8080,
        "Protocol": "TCP",
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": ORDERS}],
    }
    wired = {
        "type": "HTTP_PROXY",
        "uri": uri,
        "httpMethod": "GET",
        "connectionType": "VPC_LINK",
        "connectionId": "8lq3mk",
    }
    dimensions = [
        {"Name": "LoadBalancer", "Value": "net/shop/50dc6c495c0c9188"},
        {"Name": "TargetGroup", "Value": "targetgroup/orders/73e2d6bc24d8a067"},
    ]
    of_hosts = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/NetworkELB", "MetricName": metric, "Dimensions": dimensions},
                "Period": 3600,
                "Stat": stat,
            },
            "ReturnData": True,
        }
        for name, metric, stat in (
            ("healthy_min_0", "HealthyHostCount", "Minimum"),
            ("unhealthy_max_0", "UnHealthyHostCount", "Maximum"),
        )
    ]
    resets = {
        "Id": "target_resets",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/NetworkELB",
                "MetricName": "TCP_Target_Reset_Count",
                "Dimensions": dimensions[:1],
            },
            "Period": 3600,
            "Stat": "Sum",
        },
        "ReturnData": True,
    }
    known = [
        answer("apigateway", "GetVpcLink", {"id": "8lq3mk", "status": link, "targetArns": [BALANCER]}),
        answer("elbv2", "DescribeListeners", {"Listeners": [listener]}),
        answer("elbv2", "DescribeListenerAttributes", {"Attributes": []}),
        answer("elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": targets or [target("healthy")]}),
        answer("cloudwatch", "GetMetricData", hosts(*seen), MetricDataQueries=of_hosts),
        answer("cloudwatch", "GetMetricData", {"MetricDataResults": []}, MetricDataQueries=[resets]),
    ]
    replaced = {(entry["service"], entry["operation"]) for entry in changed}
    kept = [entry for entry in known if (entry["service"], entry["operation"]) not in replaced]
    return {"says": "A private integration.", "integration": {"both": wired}, "answers": [*kept, *changed], **more}


def failing(**more: Any) -> dict[str, Any]:
    """What somebody saw, and the execution log of it: a text that is the same for all that can go wrong there."""
    request = {"request": 1, "says": [SHARED_TEXT], "status": 500, "uri": "http://orders.internal:8080/orders"}
    return {"symptom": FAILED, "logs": {"execution": [request]}, **more}


def found(result: Verdict) -> list[tuple[str, str]]:
    return [(finding.cause.id, finding.confidence.value) for finding in result.findings]


def test_the_recording_says_only_what_aws_could_answer() -> None:
    assert [problem for entry in entries(private()) for problem in problems(entry)] == []


def test_a_healthy_private_integration_is_clean() -> None:
    result = play(private())
    assert (result.outcome, found(result)) == ("clean", []), [item for item in result.not_checked if not item.detail]
    stations = [hop.id for hop in result.path.hops]
    assert stations[-3:] == ["vpc-link", "load-balancer", "backend-http"]
    assert [hop.status for hop in result.path.hops if hop.id in ("vpc-link", "load-balancer")] == ["pass", "pass"]


@pytest.mark.parametrize(
    ("case", "cause", "hop"),
    [
        (
            private(targets=[target("unhealthy", "Target.FailedHealthChecks")], **failing()),
            "lb-targets-unhealthy",
            "load-balancer",
        ),
        (private(uri="http://orders.internal:9090/orders", **failing()), "lb-listener-port-mismatch", "load-balancer"),
        (private(link="FAILED", **failing()), "vpclink-not-available", "vpc-link"),
    ],
    ids=["targets", "port", "link"],
)
def test_the_guilty_is_named_first(case: dict[str, Any], cause: str, hop: str) -> None:
    result = play(case)
    assert (found(result)[0], result.failing_hop, result.outcome) == ((cause, "likely"), hop, "fault"), found(result)


def test_the_shared_text_alone_accuses_nobody_who_is_well() -> None:
    result = play(private(**failing()))
    named = {cause for cause, _ in found(result)}
    assert not named & {"vpclink-not-available", "lb-targets-unhealthy", "lb-listener-port-mismatch"}
    assert all(confidence == "possible" for _, confidence in found(result))
    assert result.outcome == "inconclusive"


def test_a_time_without_targets_is_possible_and_no_more() -> None:
    result = play(private(seen=(0.0, 1.0), **failing()))
    assert ("lb-targets-unhealthy", "possible") in found(result)
    assert result.outcome == "inconclusive"


@pytest.mark.parametrize(("service", "operation"), DECIDING)
@pytest.mark.parametrize("kind", ["Denied", "Throttled", "TimedOut"])
def test_what_was_not_read_is_never_clean(service: str, operation: str, kind: str) -> None:
    error = {"kind": kind, "message": "no", **({"action": f"{service}:{operation}"} if kind == "Denied" else {})}
    result = play(private({"service": service, "operation": operation, "error": error}))
    assert (result.outcome, found(result)) == ("inconclusive", [])
    assert {"load_balancer.link", "load_balancer.health"} & {item.probe for item in result.not_checked}
