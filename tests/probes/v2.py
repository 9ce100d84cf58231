"""Healthy HTTP and WebSocket shops as plain answers, beside the REST shop of conftest."""

from __future__ import annotations

import json
from typing import Any

from tests.probes.conftest import ACCOUNT, API, FUNCTION, REGION, Answer, Key, healthy
from wizard.model.aws import NotFound

HTTP_FORMAT = (
    '{"requestId":"$context.requestId","status":"$context.status","routeKey":"$context.routeKey","path":"$context.path",'
    '"error":"$context.error.message","type":"$context.error.responseType","integrationError":"$context.integration.error",'
    '"integrationStatus":"$context.integration.integrationStatus","latency":"$context.integrationLatency",'
    '"lambdaId":"$context.integration.requestId","authorizer":"$context.authorizer.error"}'
)
POOR_FORMAT = '{"requestId":"$context.requestId","status":"$context.status","path":"$context.path"}'
ROUTE = "GET /orders/{id}"


def route(key: str, integration: str | None = "i1", **more: Any) -> dict[str, Any]:
    """A route as GetRoutes tells it."""
    target = {"Target": f"integrations/{integration}"} if integration else {}
    return {"RouteId": f"r-{key}", "RouteKey": key, "AuthorizationType": "NONE", **target, **more}


def wiring(**changes: Any) -> dict[str, Any]:
    """An integration as GetIntegrations tells it."""
    known = {
        "IntegrationId": "i1",
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": f"{FUNCTION}:live",
        "IntegrationMethod": "POST",
        "ConnectionType": "INTERNET",
        "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": 30_000,
    }
    return {name: value for name, value in {**known, **changes}.items() if value is not None}


def policy(*arns: str) -> dict[str, Any]:
    """GetPolicy of a function that API Gateway may invoke for these source ARNs."""
    statements = [
        {
            "Sid": f"s{number}",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": FUNCTION,
            "Condition": {"ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API}/{arn}"}},
        }
        for number, arn in enumerate(arns)
    ]
    return {"Policy": json.dumps({"Statement": statements})}


def http_shop(**changes: Any) -> dict[Key, Answer]:
    """Every answer of an HTTP API where nothing is wrong; `stage` changes its stage, `integration` its integration."""
    stage = {
        "StageName": "$default",
        "AutoDeploy": True,
        "DeploymentId": "d1",
        "StageVariables": {"name": "shop-orders"},
        "LastUpdatedDate": "2026-11-18T09:00:00+00:00",
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
        "AccessLogSettings": {
            "DestinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access",
            "Format": HTTP_FORMAT,
        },
        **changes.get("stage", {}),
    }
    stages = [stage, {"StageName": "beta", "AutoDeploy": False, "DeploymentId": "d0"}]
    routes = [route(ROUTE), route("ANY /files/{proxy+}"), route("$default"), route("POST /orders")]
    return {
        **{key: answer for key, answer in healthy().items() if key[0] != "apigateway"},
        **_v2("HTTP", stage, stages, changes.get("routes", routes), wiring(**changes.get("integration", {}))),
        ("lambda", "GetPolicy"): policy("*/*/orders/{id}", "*/$default", "*/*/files/*"),
    }


def websocket_shop(**changes: Any) -> dict[Key, Answer]:
    """Every answer of a WebSocket API where nothing is wrong."""
    stage = {
        "StageName": "prod",
        "AutoDeploy": False,
        "DeploymentId": "d1",
        "DefaultRouteSettings": {"LoggingLevel": "INFO", "DataTraceEnabled": True, "DetailedMetricsEnabled": True},
        "LastUpdatedDate": "2026-11-18T09:00:00+00:00",
        **changes.get("stage", {}),
    }
    routes = [route("$connect"), route("$disconnect"), route("$default"), route("sendmessage")]
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}:live/invocations"
    usual = {"IntegrationUri": uri, "PayloadFormatVersion": None, "TimeoutInMillis": 29_000}
    own = wiring(**{**usual, **changes.get("integration", {})})
    return {
        **{key: answer for key, answer in healthy().items() if key[0] != "apigateway"},
        **_v2("WEBSOCKET", stage, [stage], changes.get("routes", routes), own),
        ("apigateway", "GetAccount"): healthy()["apigateway", "GetAccount"],
        ("lambda", "GetPolicy"): policy("*/$connect", "*/sendmessage", "*/$default"),
    }


def _v2(
    protocol: str, stage: dict[str, Any], stages: list[dict[str, Any]], routes: list[Any], own: dict[str, Any]
) -> dict[Key, Answer]:
    def api(**params: Any) -> dict[str, Any]:
        if params["ApiId"] != API:
            raise NotFound("no such API")
        return {"ApiId": API, "Name": "shop", "ProtocolType": protocol}

    return {
        ("apigatewayv2", "GetApi"): api,
        ("apigatewayv2", "GetStage"): stage,
        ("apigatewayv2", "GetStages"): {"Items": stages},
        ("apigatewayv2", "GetRoutes"): {"Items": routes},
        ("apigatewayv2", "GetIntegrations"): {"Items": [own]},
        ("apigatewayv2", "GetDeployment"): {"DeploymentId": "d1", "CreatedDate": "2026-11-18T09:00:00+00:00"},
        ("apigatewayv2", "GetDeployments"): {
            "Items": [{"DeploymentId": "d1", "CreatedDate": "2026-11-18T09:00:00+00:00"}]
        },
        ("apigatewayv2", "GetAuthorizer"): {
            "AuthorizerId": "a1",
            "AuthorizerType": "REQUEST",
            "Name": "gate",
            "AuthorizerUri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations",
        },
        ("apigatewayv2", "GetApiMappings"): {
            "Items": [{"ApiId": API, "ApiMappingKey": "shop/v1", "Stage": "$default"}]
        },
    }
