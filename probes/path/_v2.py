"""Asking about an HTTP or WebSocket API, and putting the answers together.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from probes._together import attempt, together
from probes.path._assemble import filled
from probes.path._partial import Partial
from probes.path._routes import CONNECT, DEFAULT, http_route, method_of, path_of, websocket_route
from probes.path._target import NotFoundHereError
from wizard.model.arn import parse_lambda_uri
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Target
from wizard.model.trace import Authorizer, Integration, Trace

CALLS = frozenset(
    f"apigatewayv2:{name}" for name in ("GetApi", "GetStages", "GetRoutes", "GetIntegrations", "GetAuthorizer")
)
# How long an integration may take unless it says otherwise, in milliseconds.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
LONGEST_MS = {"http": 30_000, "websocket": 29_000}
_NO_AUTHORIZER = ("", "NONE", "AWS_IAM")


def ask(aws: Aws, target: Target) -> dict[str, Any]:
    """The answers to every question that needs no other's answer; an AwsError in place of an answer."""
    api = str(target.api_id)
    questions: dict[str, Any] = {
        "api": lambda: aws.call("apigatewayv2", "GetApi", ApiId=api),
        "stages": lambda: aws.pages("apigatewayv2", "GetStages", ApiId=api).items("Items"),
        "routes": lambda: aws.pages("apigatewayv2", "GetRoutes", ApiId=api).items("Items"),
        "integrations": lambda: aws.pages("apigatewayv2", "GetIntegrations", ApiId=api).items("Items"),
    }
    if not target.account:
        questions["account"] = lambda: aws.call("sts", "GetCallerIdentity")
    return together(questions)


def placed(target: Target, api: Mapping[str, Any], stages: Any) -> tuple[Target, dict[str, Any]]:
    """The target with its stage, and that stage.

    An address whose first part names no stage goes to $default as a whole.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html

    Raises:
        NotFoundHereError: there is no such stage, or several to choose from.
        AwsError: the stages cannot be read.
    """
    target = replace(target, api_type=str(api.get("ProtocolType") or target.api_type).lower())
    if isinstance(stages, AwsError):
        raise stages
    known: dict[str, dict[str, Any]] = {str(stage.get("StageName")): stage for stage in stages}
    if target.stage in known:
        return target, known[target.stage]
    if DEFAULT in known and (target.url or not target.stage):
        path = "/" + f"{target.stage or ''}{target.path}".strip("/")
        return replace(target, stage=DEFAULT, path=path), known[DEFAULT]
    names = ", ".join(sorted(known)) or "no stages"
    if target.stage:
        raise NotFoundHereError(f"API {target.api_id} has no stage {target.stage}; it has: {names}.")
    if len(known) != 1:
        raise NotFoundHereError(f"Name the stage (--stage): API {target.api_id} has {names}.")
    return replace(target, stage=names), known[names]


def put_together(
    aws: Aws,
    target: Target,
    api: Mapping[str, Any],
    stage: Mapping[str, Any],
    answers: Mapping[str, Any],
    gaps: Partial,
) -> tuple[Target, Trace]:
    """The trace of the route that serves the request; the target of a WebSocket API gets its route key as path.

    The service shows no snapshot of what a stage runs: with automatic deployment that is what is configured, without
    it that cannot be told.

    Raises:
        NotFoundHereError: no route serves the request.
    """
    routes = gaps.noted("the routes (GetRoutes)", answers["routes"])
    wirings = gaps.noted("the integrations (GetIntegrations)", answers["integrations"])
    route = _serving(target, routes) if routes is not None else {}
    key = route.get("RouteKey")
    if target.api_type == "websocket":
        target = replace(target, method="ROUTE", path=key or target.path.strip("/") or CONNECT)
    identity = str(route.get("Target") or "").rpartition("/")[2] or None
    wired = next((item for item in wirings or [] if item.get("IntegrationId") == identity), None) if identity else None
    runs = integration(wired, target.api_type)
    variables = {str(name): str(value) for name, value in (stage.get("StageVariables") or {}).items()}
    uri, missing = filled(runs, variables)
    deploys = bool(stage.get("AutoDeploy"))
    trace = Trace(
        api_type=target.api_type,
        api_name=api.get("Name"),
        api_id=target.api_id,
        stage=target.stage,
        resource_path=path_of(key) if key else None,
        method_key=method_of(key) if key else None,
        deployment_id=stage.get("DeploymentId"),
        stage_variables=variables,
        missing_variables=missing,
        integration=runs,
        configured=runs,
        deployed_known=deploys and runs is not None,
        invoked_uri=uri,
        function=parse_lambda_uri(uri) if uri else None,
        route_id=route.get("RouteId"),
        route_key=key,
        integration_id=identity,
        auto_deploy=deploys,
        authorizer=_authorizer(aws, target, route, gaps),
    )
    return target, trace


def integration(data: Mapping[str, Any] | None, api_type: str) -> Integration | None:
    """An integration as the API tells it, defaults filled in."""
    if not data or not data.get("IntegrationType"):
        return None
    return Integration(
        type=str(data["IntegrationType"]),
        uri=str(data.get("IntegrationUri") or ""),
        http_method=data.get("IntegrationMethod") or None,
        timeout_ms=int(data.get("TimeoutInMillis") or LONGEST_MS.get(api_type, LONGEST_MS["http"])),
        credentials=data.get("CredentialsArn") or None,
        passthrough=data.get("PassthroughBehavior") or None,
        connection_type=data.get("ConnectionType") or "INTERNET",
        connection_id=data.get("ConnectionId") or None,
        content_handling=data.get("ContentHandlingStrategy") or None,
        subtype=data.get("IntegrationSubtype") or None,
        payload_version=data.get("PayloadFormatVersion") or None,
    )


def _serving(target: Target, routes: list[dict[str, Any]]) -> dict[str, Any]:
    """The route of the request."""
    known = {str(route.get("RouteKey")): route for route in routes}
    if target.api_type == "websocket":
        key = websocket_route(known, target.path)
    else:
        key = http_route(known, target.method, target.path)
    if key is not None:
        return known[key]
    wanted = target.path if target.api_type == "websocket" else f"{target.method} {target.path}"
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.4) or sorted(known)[:5]
    raise NotFoundHereError(
        f"No route of API {target.api_id} serves {wanted}; it has: {', '.join(near) or 'no routes'}"
        + (", …." if len(near) < len(known) else ".")
    )


def _authorizer(aws: Aws, target: Target, route: Mapping[str, Any], gaps: Partial) -> Authorizer | None:
    """What the route is guarded by; None for nothing and for IAM, which no resource of the API stands for."""
    kind, identity = str(route.get("AuthorizationType") or ""), route.get("AuthorizerId")
    if kind in _NO_AUTHORIZER or not identity:
        return None
    told = attempt(lambda: aws.call("apigatewayv2", "GetAuthorizer", ApiId=target.api_id, AuthorizerId=identity))
    found = gaps.noted("the authorizer (GetAuthorizer)", told) or {}
    fallback = "JWT" if kind == "JWT" else "REQUEST"
    uri = found.get("AuthorizerUri") or None
    return Authorizer(identity, str(found.get("AuthorizerType") or fallback), found.get("Name"), uri)
