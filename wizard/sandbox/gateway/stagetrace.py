"""The segment that a stage with X-Ray tracing sends for a request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-understanding-xray-traces.html
"""

from __future__ import annotations

from typing import Any

from wizard.sandbox.functions.catalog import parse_arn
from wizard.sandbox.gateway.accesslog import Served
from wizard.sandbox.tracing import Segment, marks


def segment(served: Served) -> Segment:
    """The stage's segment, with the call of the integration as its subsegment."""
    place, request, status = served.place, served.request, served.answer.status
    url = f"https://{place.api.id}.execute-api.{place.region}.amazonaws.com/{place.stage}{request.path}"
    made: Segment = {
        "id": place.segment_id,
        "trace_id": place.trace_id,
        "name": f"{place.api.name}/{place.stage}",
        "origin": "AWS::ApiGateway::Stage",
        "start_time": round(place.at, 3),
        "end_time": round(place.at + served.latency_ms / 1000, 3),
        "http": {
            "request": {
                "method": request.verb,
                "url": url,
                "client_ip": request.source_ip,
                "user_agent": request.header("user-agent"),
            },
            "response": {"status": status, "content_length": len(served.answer.body)},
        },
        "aws": {
            "api_gateway": {
                "account_id": place.account,
                "rest_api_id": place.api.id,
                "stage": place.stage,
                "request_id": place.request_id,
            }
        },
        "annotations": {"aws:api_id": place.api.id, "aws:api_stage": place.stage},
        "resource_arn": f"arn:aws:apigateway:{place.region}::/restapis/{place.api.id}/stages/{place.stage}",
        **marks(status),
    }
    call = _call(served)
    return {**made, "subsegments": [call]} if call else made


def _call(served: Served) -> Segment | None:
    """The subsegment of the call to Lambda; None when no function was called."""
    backend, took = served.backend, served.integration_ms
    arn = parse_arn(backend.arn)
    if arn is None or took is None:
        return None
    status = backend.service_status
    response: dict[str, Any] = {} if status is None else {"response": {"status": status}}
    unanswered = {"fault": True} if status is None else marks(status)
    return {
        "id": served.place.call_id,
        "name": "Lambda",
        "namespace": "aws",
        "start_time": round(backend.asked_at, 3),
        "end_time": round(backend.asked_at + took / 1000, 3),
        "http": {
            "request": {
                "url": f"https://lambda.{arn.region}.amazonaws.com/2015-03-31/functions/{arn.text}/invocations",
                "method": "POST",
            },
            **response,
        },
        "aws": {"function_name": arn.name, "region": arn.region, "operation": "Invoke", "resource_names": [arn.name]},
        **unanswered,
    }
