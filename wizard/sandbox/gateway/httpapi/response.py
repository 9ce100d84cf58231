"""What a function returned, judged as an HTTP API judges it.

With payload format 2.0 a result without ``statusCode`` is the body of a 200, whatever it is; with 1.0 it is refused.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from wizard.sandbox.gateway.proxyresponse import Answer, MalformedError

_JSON = ("content-type", "application/json")


def judge(payload: str, version: str) -> Answer:
    """Turn the function's JSON into an answer. Raises MalformedError when the client gets 500 instead."""
    try:
        response = json.loads(payload)
    except ValueError:
        raise MalformedError from None
    if not isinstance(response, dict) or "statusCode" not in response:
        if version != "2.0":
            raise MalformedError
        return Answer(200, [_JSON], (response if isinstance(response, str) else payload).encode())
    headers = _headers(response.get("headers"))
    if version == "2.0":
        headers += [("set-cookie", cookie) for cookie in _texts(response.get("cookies"))]
    else:
        headers += _multi_value(response.get("multiValueHeaders"))
    if "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(_JSON if version == "2.0" else ("content-type", "text/plain;charset=UTF-8"))
    return Answer(_status(response["statusCode"]), headers, _body(response))


def _status(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise MalformedError
    try:
        status = int(value)
    except ValueError:
        raise MalformedError from None
    if not 100 <= status <= 599:
        raise MalformedError
    return status


def _headers(value: object) -> list[tuple[str, str]]:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise MalformedError
    return [(name, _text(item)) for name, item in value.items()]


def _multi_value(value: object) -> list[tuple[str, str]]:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise MalformedError
    return [(name, text) for name, items in value.items() for text in _texts(items)]


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedError
    return [_text(item) for item in value]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return " ".join(str(value).splitlines())
    raise MalformedError


def _body(response: dict[str, Any]) -> bytes:
    body = response.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedError
    if response.get("isBase64Encoded") is not True:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise MalformedError from None
