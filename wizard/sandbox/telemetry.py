"""Where the simulator leaves its traces: logs and metrics of a stage, log and metrics of a function."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from typing import Any

from wizard.sandbox import backends, clock
from wizard.sandbox.functions.environment import Line
from wizard.sandbox.functions.model import Function
from wizard.sandbox.gateway.executionlog import ExecutionLog
from wizard.sandbox.gateway.http import Place

_lock = threading.Lock()
_UNITS = {"Latency": "Milliseconds", "IntegrationLatency": "Milliseconds", "Duration": "Milliseconds"}
_UNITS |= {"IncomingBytes": "Bytes", "DataProcessed": "Bytes"}


def write_execution_log(place: Place, log: ExecutionLog, resource_path: str, verb: str) -> None:
    """Write the request's log when the account has a role for it and the stage's settings ask for it."""
    gateway = backends.gateway(place.region)
    if not gateway.account.cloudwatch_role_arn:
        return
    settings = method_settings(place, resource_path, verb)
    events = log.as_events(str(settings.get("loggingLevel", "OFF")), bool(settings.get("dataTraceEnabled")))
    if events:
        group = f"API-Gateway-Execution-Logs_{place.api.id}/{place.metrics_stage}"
        stream = hashlib.md5(group.encode(), usedforsecurity=False).hexdigest()
        _put(place.region, group, stream, events)


def access_log_format(place: Place) -> str:
    """The stage's access-log format; empty when the stage (or an account without a role) writes none."""
    gateway = backends.gateway(place.region)
    settings = gateway.get_stage(place.api.id, place.stage).access_log_settings or {}
    return str(settings.get("format") or "") if gateway.account.cloudwatch_role_arn else ""


def write_access_log(place: Place, text: str) -> None:
    """Append one entry to the stage's destination, if that is a log group which exists."""
    settings = backends.gateway(place.region).get_stage(place.api.id, place.stage).access_log_settings or {}
    append_access_log(place.region, settings, f"{place.api.id}/{place.stage}", text)


def append_access_log(region: str, settings: Mapping[str, Any], stage: str, text: str) -> None:
    """Append one entry to the log group of a stage's settings, if it exists; ``stage`` names the stream."""
    group = str(settings.get("destinationArn") or "").partition(":log-group:")[2].removesuffix(":*")
    if group and group in backends.logs(region).groups:
        stream = hashlib.md5(stage.encode(), usedforsecurity=False).hexdigest()
        _put(region, group, stream, [(clock.now_ms(), text)])


def method_settings(place: Place, resource_path: str, verb: str) -> dict[str, Any]:
    """The stage's settings for a method, falling back to those for all methods."""
    stage = backends.gateway(place.region).get_stage(place.api.id, place.stage)
    key = resource_path.replace("/", "~1") + "/" + verb
    return dict(stage.method_settings.get(key) or stage.method_settings.get("*/*") or {})


def write_gateway_metrics(
    place: Place,
    status: int,
    latency_ms: float,
    integration_ms: float | None,
    resource_path: str,
    verb: str,
    cache_hit: bool | None = None,
) -> None:
    """AWS/ApiGateway as the service publishes it: per API, per stage, and per method when the stage asks for that.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
    """
    values = {"Count": 1.0, "Latency": latency_ms}
    values |= {"4XXError": float(400 <= status < 500), "5XXError": float(status >= 500)}
    if integration_ms is not None:
        values["IntegrationLatency"] = integration_ms
    if cache_hit is not None:
        values |= {"CacheHitCount": float(cache_hit), "CacheMissCount": float(not cache_hit)}
    api, stage = {"ApiName": place.api.name}, {"ApiName": place.api.name, "Stage": place.metrics_stage}
    dimensions = [api, stage]
    if resource_path and method_settings(place, resource_path, verb).get("metricsEnabled"):
        dimensions.append({**stage, "Method": verb, "Resource": resource_path})
    _measure(place.region, "AWS/ApiGateway", values, dimensions)


def write_http_api_metrics(region: str, values: dict[str, float], api_id: str, stage: str, route_key: str = "") -> None:
    """AWS/ApiGateway as HTTP APIs publish it: per API, per stage, and per route when ``route_key`` is given.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    """
    whole = {"ApiId": api_id, "Stage": stage}
    dimensions = [{"ApiId": api_id}, whole]
    if route_key:
        method, _, resource = route_key.rpartition(" ")
        dimensions.append({**whole, "Method": method or resource, "Resource": resource})
    _measure(region, "AWS/ApiGateway", values, dimensions)


def write_function_log(region: str, group: str, stream: str, lines: list[Line]) -> None:
    """Append the lines of one invocation to the environment's log stream."""
    _put(region, group, stream, [(line.at, line.text) for line in lines if line.text])


def write_function_metrics(function: Function, values: dict[str, float]) -> None:
    """AWS/Lambda per function and per resource (the function or its alias).

    Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    name = {"FunctionName": function.name}
    resource = function.name + (f":{function.qualifier}" if function.qualifier else "")
    _measure(function.region, "AWS/Lambda", values, [name, {**name, "Resource": resource}])


def _put(region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
    with _lock:
        backend = backends.logs(region)
        backend.ensure_log_group(group)
        if stream not in backend.groups[group].streams:
            backend.create_log_stream(group, stream)
        messages = [{"timestamp": at, "message": text} for at, text in events]
        backend.groups[group].streams[stream].put_log_events(messages)
    size = sum(len(text.encode()) + 26 for _, text in events)  # CloudWatch Logs counts 26 bytes for each event
    values = {"IncomingBytes": float(size), "IncomingLogEvents": float(len(events))}
    _measure(region, "AWS/Logs", values, [{"LogGroupName": group}])


def _measure(region: str, namespace: str, values: dict[str, float], dimensions: list[dict[str, str]]) -> None:
    now = clock.utcnow()
    data = [
        {
            "MetricName": name, "Value": value, "Timestamp": now, "Unit": _UNITS.get(name, "Count"),
            "Dimensions": [{"Name": key, "Value": text} for key, text in pairs.items()],
        }
        for pairs in dimensions
        for name, value in values.items()
    ]  # fmt: skip
    with _lock:
        backends.metrics(region).put_metric_data(namespace, data)
