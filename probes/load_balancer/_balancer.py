"""Asking Elastic Load Balancing, always in the same words: one answer serves all checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probes._metrics import period_s
from probes.path._private import Private
from wizard.model.aws import Aws
from wizard.model.case import Case

Metric = tuple[str, str]
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
_APPLICATION: Mapping[str, Metric] = {
    "elb_5xx": ("HTTPCode_ELB_5XX_Count", "Sum"),
    "target_5xx": ("HTTPCode_Target_5XX_Count", "Sum"),
    "rejected_connections": ("RejectedConnectionCount", "Sum"),
    "connection_errors": ("TargetConnectionErrorCount", "Sum"),
    "response_p50": ("TargetResponseTime", "p50"),
    "response_p99": ("TargetResponseTime", "p99"),
    "response_max": ("TargetResponseTime", "Maximum"),
}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
_NETWORK: Mapping[str, Metric] = {"target_resets": ("TCP_Target_Reset_Count", "Sum")}
_HOSTS: Mapping[str, Metric] = {
    "healthy_min": ("HealthyHostCount", "Minimum"),
    "unhealthy_max": ("UnHealthyHostCount", "Maximum"),
}
_NAMESPACE = {"application": "AWS/ApplicationELB", "network": "AWS/NetworkELB"}
NETWORK_IDLE_S = 350


def listeners(aws: Aws, way: Private) -> list[dict[str, Any]]:
    """The listener that the integration names, else every one of the load balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html
    """
    named = {"ListenerArns": [way.listener]} if way.listener else {"LoadBalancerArn": way.balancer}
    return list(aws.pages("elbv2", "DescribeListeners", **named).items("Listeners"))


def serving(way: Private, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the listeners that take the integration's calls: the one that is named, else the one on the port."""
    if way.listener or way.port is None:
        return known
    return [listener for listener in known if listener.get("Port") == way.port]


def idle_timeout_ms(aws: Aws, way: Private) -> int | None:
    """How long the load balancer keeps a silent connection, in milliseconds; None when it does not say.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html
    """
    if way.kind == "network":
        return _network_idle_s(aws, way) * 1000
    answer = aws.call("elbv2", "DescribeLoadBalancerAttributes", LoadBalancerArn=way.balancer)
    seconds = _attribute(answer, "idle_timeout.timeout_seconds")
    return seconds * 1000 if seconds is not None else None


def measured(aws: Aws, case: Case, way: Private) -> dict[str, float]:
    """The load balancer's metrics in the case's window: sums, and response times of targets in milliseconds."""
    table = _APPLICATION if way.kind == "application" else _NETWORK
    found = _asked(aws, case, list(_queries(case, way, table, {})))
    return {name: value * 1000 if name.startswith("response_") else value for name, value in found.items()}


def hosts(aws: Aws, case: Case, way: Private, groups: list[str]) -> dict[str, dict[str, float]]:
    """By target group ARN, the fewest healthy and the most unhealthy targets at any time in the case's window."""
    queries = [
        query
        for number, arn in enumerate(groups)
        for query in _queries(case, way, _HOSTS, {"TargetGroup": arn.rpartition(":")[2]}, f"_{number}")
    ]
    found = _asked(aws, case, queries) if queries else {}
    return {
        arn: {name: found[f"{name}_{number}"] for name in _HOSTS if f"{name}_{number}" in found}
        for number, arn in enumerate(groups)
    }


def _network_idle_s(aws: Aws, way: Private) -> int:
    """Of the first TCP listener in question; every other protocol has a fixed one."""
    for listener in serving(way, listeners(aws, way)):
        if listener.get("Protocol") == "TCP":
            answer = aws.call("elbv2", "DescribeListenerAttributes", ListenerArn=listener.get("ListenerArn"))
            return _attribute(answer, "tcp.idle_timeout.seconds") or NETWORK_IDLE_S
    return NETWORK_IDLE_S


def _attribute(answer: Mapping[str, Any], key: str) -> int | None:
    value = next((item.get("Value") for item in answer.get("Attributes") or [] if item.get("Key") == key), None)
    return int(value) if isinstance(value, str) and value.isdecimal() else None


def _queries(
    case: Case, way: Private, table: Mapping[str, Metric], more: Mapping[str, str], suffix: str = ""
) -> Iterator[dict[str, Any]]:
    dimensions = {"LoadBalancer": str(way.dimension), **more}
    for key, (name, stat) in table.items():
        metric = {
            "Namespace": _NAMESPACE[way.kind or "network"],
            "MetricName": name,
            "Dimensions": [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()],
        }
        yield {
            "Id": key + suffix,
            "MetricStat": {"Metric": metric, "Period": period_s(case), "Stat": stat},
            "ReturnData": True,
        }


def _asked(aws: Aws, case: Case, queries: list[dict[str, Any]]) -> dict[str, float]:
    pages = aws.pages(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=queries,
        StartTime=case.window.start,
        EndTime=case.window.end,
    )
    stats = {query["Id"]: query["MetricStat"]["Stat"] for query in queries}
    found: dict[str, float] = {}
    for result in pages.items("MetricDataResults"):
        name, values = str(result.get("Id")), [float(value) for value in result.get("Values") or []]
        if values and name in stats:
            lowest, summed = stats[name] == "Minimum", stats[name] == "Sum"
            found[name] = sum(values) if summed else min(values) if lowest else max(values)
    return found
