"""The event that a Lambda proxy integration of a REST API receives.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable
from typing import Any

from wizard.sandbox.gateway.http import Place, Request, accepts_binary
from wizard.sandbox.gateway.routes import Route
from wizard.sandbox.gateway.snapshot import Authorizer


def proxy_event(place: Place, route: Route, request: Request) -> str:
    """The event as JSON text."""
    binary = accepts_binary(place.api, request.header("content-type"))
    encoded = base64.b64encode(request.body).decode() if binary else request.body.decode("utf-8", "replace")
    return json.dumps(
        {
            "resource": route.resource.path,
            "path": request.path,
            "httpMethod": request.verb,
            "headers": dict(request.headers) or None,
            "multiValueHeaders": _grouped(request.headers),
            "queryStringParameters": dict(request.query) or None,
            "multiValueQueryStringParameters": _grouped(request.query),
            "pathParameters": route.parameters or None,
            "stageVariables": dict(place.variables) or None,
            "requestContext": request_context(place, route, request),
            "body": encoded if request.body else None,
            "isBase64Encoded": binary and bool(request.body),
        },
        separators=(",", ":"),
    )


def authorizer_event(
    place: Place, route: Route | None, request: Request, method_arn: str, found: tuple[str, ...], authorizer: Authorizer
) -> str:
    """What a Lambda authorizer receives, as JSON text: the token alone, or the whole request without its body.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
    """
    event: dict[str, Any] = {"type": authorizer.type, "methodArn": method_arn}
    if authorizer.type == "TOKEN":
        return json.dumps({**event, "authorizationToken": found[0]}, separators=(",", ":"))
    if route is not None:
        event |= {"resource": route.resource.path, "pathParameters": route.parameters}
        event["requestContext"] = request_context(place, route, request)
    event |= {
        "path": request.path,
        "httpMethod": request.verb,
        "headers": dict(request.headers),
        "multiValueHeaders": _grouped(request.headers) or {},
        "queryStringParameters": dict(request.query),
        "multiValueQueryStringParameters": _grouped(request.query) or {},
        "stageVariables": dict(place.variables),
    }
    return json.dumps(event, separators=(",", ":"))


def request_context(place: Place, route: Route, request: Request) -> dict[str, object]:
    """The ``requestContext`` of an event, which is also what ``$context`` holds in a mapping template."""
    now = place.at
    return {
        "resourceId": route.resource.id,
        "resourcePath": route.resource.path,
        "httpMethod": request.verb,
        "extendedRequestId": place.extended_id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "path": request.path if place.test else f"/{place.stage}{request.path}",
        "accountId": place.account,
        "protocol": "HTTP/1.1",
        "stage": place.stage,
        "requestTimeEpoch": int(now * 1000),
        "requestId": place.request_id,
        "identity": {
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or None,
            **({"apiKey": place.api_key, "apiKeyId": place.api_key_id} if place.api_key else {}),
        },
        **({"authorizer": dict(place.authorizer)} if place.authorizer else {}),
        "domainName": f"{place.api.id}.execute-api.{place.region}.amazonaws.com",
        "apiId": place.api.id,
    }


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]] | None:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped or None
