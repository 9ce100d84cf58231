"""The events that a Lambda proxy integration of an HTTP API receives: payload format 1.0 and 2.0.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from wizard.sandbox.gateway.httpapi.context import Call

_TEXT = ("text/", "application/json", "application/xml", "application/javascript", "application/x-www-form-urlencoded")


def proxy_event(call: Call) -> str:
    """The event in the integration's payload format, as JSON text."""
    made = _second(call) if call.integration.payload == "2.0" else _first(call)
    return json.dumps(made, separators=(",", ":"))


def _first(call: Call) -> dict[str, Any]:
    """Format 1.0: nearly what a REST API sends."""
    place, request = call.place, call.request
    body, encoded = _body(call)
    context = {
        **_common(call),
        "extendedRequestId": place.request_id,
        "httpMethod": request.verb,
        "identity": {"sourceIp": request.source_ip, "userAgent": request.header("user-agent") or None},
        "path": place.whole_path(request.path),
        "protocol": "HTTP/1.1",
        "requestTime": _time(place.at),
        "requestTimeEpoch": int(place.at * 1000),
        "resourceId": call.route.key,
        "resourcePath": call.route.path or call.route.key,
    }
    return {
        "version": "1.0",
        "resource": call.route.path or call.route.key,
        "path": place.whole_path(request.path),
        "httpMethod": request.verb,
        "headers": dict(request.headers),
        "multiValueHeaders": _grouped(request.headers),
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": _grouped(request.query) or None,
        "requestContext": context,
        "pathParameters": dict(call.parameters) or None,
        "stageVariables": dict(place.variables) or None,
        "body": body,
        "isBase64Encoded": encoded,
    }


def _second(call: Call) -> dict[str, Any]:
    """Format 2.0: names in lower case, several values joined by commas, nothing that is empty."""
    place, request = call.place, call.request
    body, encoded = _body(call)
    headers = {name: ",".join(values) for name, values in _grouped(_lower(request.headers)).items()}
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    context = {
        **_common(call),
        "http": {
            "method": request.verb,
            "path": place.whole_path(request.path),
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent"),
        },
        "routeKey": call.route.key,
        "time": _time(place.at),
        "timeEpoch": int(place.at * 1000),
    }
    optional = {
        "cookies": cookies,
        "queryStringParameters": {name: ",".join(values) for name, values in _grouped(request.query).items()},
        "pathParameters": dict(call.parameters),
        "stageVariables": dict(place.variables),
        "body": body,
    }
    return {
        "version": "2.0",
        "routeKey": call.route.key,
        "rawPath": place.whole_path(request.path),
        "rawQueryString": urlencode(request.query),
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": encoded,
        **{name: value for name, value in optional.items() if value},
    }


def _common(call: Call) -> dict[str, Any]:
    place = call.place
    return {
        "accountId": place.account,
        "apiId": place.api.id,
        "domainName": place.domain,
        "domainPrefix": place.api.id,
        "requestId": place.request_id,
        "stage": place.stage,
    }


def _body(call: Call) -> tuple[str | None, bool]:
    """The body and whether it is base64: everything is that the service does not know as text."""
    body, kind = call.request.body, call.request.header("content-type")
    if not body:
        return None, False
    if not kind or kind.startswith(_TEXT):
        return body.decode("utf-8", "replace"), False
    return base64.b64encode(body).decode(), True


def _time(at: float) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(at))


def _lower(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in pairs]


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped
