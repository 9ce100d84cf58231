"""Asking API Gateway about the stage on the path, whichever of its two APIs knows it, in the words of the older one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.model.aws import Aws
from wizard.model.case import Case

STAGE_CALLS = frozenset({"apigateway:GetStage", "apigatewayv2:GetStage"})


def stage(aws: Aws, case: Case) -> dict[str, Any]:
    """GetStage of the traced stage; an HTTP or WebSocket API's has the keys of a REST API's where both have the thing.

    https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html
    https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html

    Raises:
        AwsError: it cannot be read.
    """
    trace = case.traced
    if trace.api_type == "rest":
        return aws.call("apigateway", "GetStage", restApiId=trace.api_id, stageName=trace.stage)
    found = aws.call("apigatewayv2", "GetStage", ApiId=trace.api_id, StageName=trace.stage)
    access = found.get("AccessLogSettings") or {}
    own = (found.get("RouteSettings") or {}).get(trace.route_key or "") or {}
    return {
        "stageName": found.get("StageName"),
        "deploymentId": found.get("DeploymentId"),
        "variables": found.get("StageVariables") or {},
        "lastUpdatedDate": found.get("LastUpdatedDate"),
        "deploymentMessage": found.get("LastDeploymentStatusMessage"),
        "accessLogSettings": {"destinationArn": access.get("DestinationArn"), "format": access.get("Format")},
        "methodSettings": {"*/*": _settings({**(found.get("DefaultRouteSettings") or {}), **own})},
    }


def deployments(aws: Aws, case: Case, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """id, createdDate and description of the API's deployments, and whether there are more.

    Raises:
        AwsError: they cannot be listed.
    """
    trace = case.traced
    if trace.api_type == "rest":
        pages = aws.pages("apigateway", "GetDeployments", limit=limit, restApiId=trace.api_id)
        return pages.items("items"), pages.truncated
    pages = aws.pages("apigatewayv2", "GetDeployments", limit=limit, ApiId=trace.api_id)
    found = [
        {"id": item.get("DeploymentId"), "createdDate": item.get("CreatedDate"), "description": item.get("Description")}
        for item in pages.items("Items")
    ]
    return found, pages.truncated


def _settings(route: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "loggingLevel": route.get("LoggingLevel"),
        "dataTraceEnabled": route.get("DataTraceEnabled"),
        "metricsEnabled": route.get("DetailedMetricsEnabled"),
        "throttlingRateLimit": route.get("ThrottlingRateLimit"),
        "throttlingBurstLimit": route.get("ThrottlingBurstLimit"),
    }
