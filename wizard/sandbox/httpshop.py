"""Builds the healthy shop as an HTTP API: table, roles, functions, routes, stage."""

from __future__ import annotations

import json

from wizard.sandbox.httpworld import ORDERS_ARN, PRODUCTS_ARN, VARIABLES, HttpWorld
from wizard.sandbox.shop import ACCESS_FORMAT, behind
from wizard.sandbox.world import ACCESS_LOG, ORDERS_GRANT, PRODUCTS_FUNCTION

_LAMBDA_ROUTES = {
    "GET /orders": ORDERS_ARN,
    "POST /orders": ORDERS_ARN,
    "GET /orders/{id}": ORDERS_ARN,
    "ANY /products": PRODUCTS_ARN,
}
_ACCESS_FORMAT = {
    **ACCESS_FORMAT,
    "routeKey": "$context.routeKey",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
}


def build_http_shop(endpoint_url: str) -> HttpWorld:
    """Create the shop in an empty sandbox; its stage ``$default`` deploys by itself."""
    world = HttpWorld(endpoint_url)
    behind(world)
    _api(world)
    world.grant(ORDERS_GRANT)
    world.grant("*/*/products", function=PRODUCTS_FUNCTION, qualifier="")
    return world


def _api(world: HttpWorld) -> None:
    gateway = world.client("apigatewayv2")
    world.api_id = gateway.create_api(Name="shop-http", ProtocolType="HTTP", Description="Orders and products")["ApiId"]
    for route_key, arn in _LAMBDA_ROUTES.items():
        _route(world, route_key, "AWS_PROXY", arn, "POST", world.payload)
    _route(world, "GET /health", "HTTP_PROXY", f"{world.endpoint_url}/_sandbox/health", "GET", "1.0")
    world.client("logs").create_log_group(logGroupName=ACCESS_LOG)
    gateway.create_stage(
        ApiId=world.api_id,
        StageName=world.stage,
        AutoDeploy=True,
        StageVariables=VARIABLES,
        DefaultRouteSettings={"DetailedMetricsEnabled": True},
    )
    world.log_accesses(json.dumps(_ACCESS_FORMAT))


def _route(world: HttpWorld, route_key: str, kind: str, uri: str, method: str, payload: str) -> None:
    gateway = world.client("apigatewayv2")
    integration = gateway.create_integration(
        ApiId=world.api_id,
        IntegrationType=kind,
        IntegrationUri=uri,
        IntegrationMethod=method,
        PayloadFormatVersion=payload,
        TimeoutInMillis=30_000,
    )["IntegrationId"]
    gateway.create_route(ApiId=world.api_id, RouteKey=route_key, Target=f"integrations/{integration}")
    world.integrations[route_key] = integration
