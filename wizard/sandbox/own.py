"""AWS operations that the sandbox answers itself: X-Ray, CloudTrail, Health, Service Quotas. moto has no useful ones.

Sources: https://docs.aws.amazon.com/xray/latest/api/API_GetTraceSummaries.html and API_BatchGetTraces.html,
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html,
https://docs.aws.amazon.com/health/latest/ug/health-api.html (accounts without a support plan),
https://docs.aws.amazon.com/general/latest/gr/apigateway.html and https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
(quotas of a new account).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from wizard.sandbox import clock, parts, tracefilter
from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.tracing import Segment
from wizard.sandbox.trail import Event

Asked = Mapping[str, Any]
Answered = tuple[int, dict[str, Any]]
_PAGE = 100
_LOOKUPS: dict[str, Callable[[Event], set[str]]] = {
    "EventId": lambda event: {event.id},
    "EventName": lambda event: {event.name},
    "ReadOnly": lambda event: {"false"},
    "Username": lambda event: {str(event.shown["Username"])},
    "ResourceType": lambda event: {kind for kind, _ in event.resources},
    "ResourceName": lambda event: {name for _, name in event.resources},
    "EventSource": lambda event: {event.source},
    "AccessKeyId": lambda event: {event.access_key},
}


def answer(region: str, path: str, target: str, body: bytes) -> Answered | None:
    """Status and JSON of the answer; None when the call is somebody else's."""
    handler = _HANDLERS.get(path.rstrip("/") if not target else target.rsplit("_", 1)[-1])
    if handler is None:
        return None
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        return _refused("SerializationException", "The body is not a JSON object")
    return handler(region, asked)


def _refused(code: str, message: str) -> Answered:
    return 400, {"__type": code, "message": message}


def _summaries(region: str, asked: Asked) -> Answered:
    """GetTraceSummaries: the traces that began in the time range and match the filter expression, newest first."""
    start, end = _seconds(asked.get("StartTime")), _seconds(asked.get("EndTime"))
    if start is None or end is None or end <= start:
        return _refused("InvalidRequestException", "StartTime and EndTime are required, in this order")
    try:
        matches = tracefilter.compiled(str(asked.get("FilterExpression") or ""))
    except ValueError as error:
        return _refused("InvalidRequestException", f"Invalid filter expression: {error}")
    traces = parts.current().traces.all(region)
    found = [_summary(key, segments) for key, segments in traces.items() if matches(segments)]
    wanted = [summary for summary in found if start <= summary["StartTime"] <= end]
    wanted.sort(key=lambda summary: float(summary["StartTime"]), reverse=True)
    page, token = _page(wanted, asked.get("NextToken"), _PAGE)
    return 200, {
        "TraceSummaries": page, "ApproximateTime": clock.now(), "TracesProcessedCount": len(traces), **token,
    }  # fmt: skip


def _summary(trace_id: str, segments: list[Segment]) -> dict[str, Any]:
    root = next((segment for segment in segments if "parent_id" not in segment), segments[0])
    start, end = float(root["start_time"]), max(float(segment["end_time"]) for segment in segments)
    request, response = (root.get("http", {}).get(name, {}) for name in ("request", "response"))
    return {
        "Id": trace_id,
        "StartTime": start,
        "MatchedEventTime": start,
        "Duration": round(end - start, 3),
        "ResponseTime": round(float(root["end_time"]) - start, 3),
        "HasFault": bool(root.get("fault")),
        "HasError": bool(root.get("error")),
        "HasThrottle": bool(root.get("throttle")),
        "IsPartial": False,
        "Http": {
            "HttpURL": request.get("url"), "HttpMethod": request.get("method"), "ClientIp": request.get("client_ip"),
            "UserAgent": request.get("user_agent"), "HttpStatus": response.get("status"),
        },
        "Annotations": {
            name: [{"AnnotationValue": {"StringValue": value}, "ServiceIds": [_service(root)]}]
            for name, value in root.get("annotations", {}).items()
        },
        "Users": [],
        "ServiceIds": [_service(segment) for segment in segments],
        "ResourceARNs": [{"ARN": segment["resource_arn"]} for segment in segments if segment.get("resource_arn")],
        "EntryPoint": _service(root),
        "Revision": 1,
    }  # fmt: skip


def _service(segment: Segment) -> dict[str, Any]:
    return {
        "Name": segment["name"], "Names": [segment["name"]], "AccountId": ACCOUNT, "Type": segment.get("origin"),
    }  # fmt: skip


def _batch(region: str, asked: Asked) -> Answered:
    """BatchGetTraces, five ids at most."""
    ids = asked.get("TraceIds") or []
    if not isinstance(ids, list) or not 0 < len(ids) <= 5:
        return _refused("InvalidRequestException", "TraceIds must have between 1 and 5 ids")
    traces = parts.current().traces.all(region)
    return 200, {
        "Traces": [_trace(key, traces[key]) for key in ids if key in traces],
        "UnprocessedTraceIds": [key for key in ids if key not in traces],
    }


def _trace(trace_id: str, segments: list[Segment]) -> dict[str, Any]:
    start = min(float(segment["start_time"]) for segment in segments)
    end = max(float(segment["end_time"]) for segment in segments)
    documents = [{"Id": segment["id"], "Document": json.dumps(segment)} for segment in segments]
    return {"Id": trace_id, "Duration": round(end - start, 3), "LimitExceeded": False, "Segments": documents}


def _lookup(region: str, asked: Asked) -> Answered:
    """LookupEvents: one attribute at most, newest first."""
    attributes = asked.get("LookupAttributes") or []
    if len(attributes) > 1 or any(item.get("AttributeKey") not in _LOOKUPS for item in attributes):
        return _refused("InvalidLookupAttributesException", "Use one lookup attribute with a valid key")
    start, end = _seconds(asked.get("StartTime")), _seconds(asked.get("EndTime"))
    found = [
        event.shown
        for event in parts.current().trail.events(region)
        if (start is None or event.at >= start)
        and (end is None or event.at <= end)
        and all(item.get("AttributeValue") in _LOOKUPS[item["AttributeKey"]](event) for item in attributes)
    ]
    page, token = _page(found, asked.get("NextToken"), min(int(asked.get("MaxResults") or 50), 50))
    return 200, {"Events": page, **token}


def _no_subscription(region: str, asked: Asked) -> Answered:
    """The Health API serves accounts with a Business, Enterprise On-Ramp or Enterprise support plan; this has none."""
    return _refused("SubscriptionRequiredException", "")


_QUOTAS: dict[str, tuple[tuple[str, str, float, bool], ...]] = {
    "apigateway": (
        ("L-8A5B8E43", "Throttle rate", 10_000.0, True),
        ("L-CDF5615A", "Throttle burst rate", 5_000.0, False),
        ("L-E5AE38E3", "Maximum integration timeout in milliseconds", 29_000.0, True),
        ("L-01C8A9E0", "Resources/Routes per REST/WebSocket API", 300.0, True),
        ("L-AA0FF27B", "Regional APIs", 600.0, False),
        ("L-5244589D", "Method ARN Length", 1_600.0, False),
        ("L-46624B39", "API Payload Size", 10.0, False),
        ("L-E9EEB922", "Maximum Combined Header Size", 10_240.0, False),
    ),
    "lambda": (("L-B99A9384", "Concurrent executions", 1_000.0, True),),
}


def _quotas(region: str, asked: Asked) -> Answered:
    """ListServiceQuotas, all on one page."""
    service = str(asked.get("ServiceCode"))
    if service not in _QUOTAS:
        return _refused("NoSuchResourceException", "The request failed because the specified service does not exist.")
    found = [
        {
            "ServiceCode": service, "QuotaCode": code, "QuotaName": name, "Value": value, "Adjustable": adjustable,
            "QuotaArn": f"arn:aws:servicequotas:{region}:{ACCOUNT}:{service}/{code}", "GlobalQuota": False,
        }
        for code, name, value, adjustable in _QUOTAS[service]
    ]  # fmt: skip
    return 200, {"Quotas": found}


def _page(found: list[dict[str, Any]], token: object, size: int) -> tuple[list[dict[str, Any]], dict[str, str]]:
    first = int(token) if isinstance(token, str) and token.isdigit() else 0
    following = {"NextToken": str(first + size)} if first + size < len(found) else {}
    return found[first : first + size], following


def _seconds(value: object) -> float | None:
    """A timestamp of a JSON protocol: a number of seconds, or a text in ISO 8601."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp() if value else None
    except ValueError:
        return None


_HANDLERS: dict[str, Callable[[str, Asked], Answered]] = {
    "/TraceSummaries": _summaries,
    "/Traces": _batch,
    "20131101.LookupEvents": _lookup,
    "ServiceQuotasV20190624.ListServiceQuotas": _quotas,
    "20160804.DescribeEvents": _no_subscription,
    "20160804.DescribeEventDetails": _no_subscription,
    "20160804.DescribeAffectedEntities": _no_subscription,
}
