"""A Lambda proxy response, judged as a REST API judges it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html; the finer
rules (missing or textual statusCode, booleans in headers) as LocalStack's AWS-validated tests recorded the service.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

FIELDS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
STREAM_MARK = "\0" * 8


class MalformedError(Exception):
    """The client gets 502: Malformed Lambda proxy response."""


class BadBase64Error(Exception):
    """The client gets 500: the body claims to be base64 and is not."""


@dataclass(frozen=True)
class Answer:
    """A well-formed response."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


def judge(payload: str, *, binary: bool) -> Answer:
    """Turn the function's JSON into an answer; ``binary`` = the client accepts one of the API's binary media types."""
    try:
        response = json.loads(payload)
    except ValueError:
        raise MalformedError from None
    if not isinstance(response, dict) or not response or set(response) - FIELDS:
        raise MalformedError
    headers = _headers(response.get("headers")) + _multi_value(response.get("multiValueHeaders"))
    names = {name.lower() for name, _ in headers}
    if "content-type" not in names:
        headers.append(("Content-Type", "application/json"))
    return Answer(_status(response.get("statusCode", 200)), headers, _body(response, binary))


def streamed(payload: str) -> Answer:
    """The same of a response that is streamed: status and headers as JSON, eight zero bytes, then the body as it is.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    """
    told, mark, body = payload.partition(STREAM_MARK)
    try:
        head = json.loads(told) if mark else None
    except ValueError:
        raise MalformedError from None
    if not isinstance(head, dict) or set(head) - {"statusCode", "headers", "multiValueHeaders", "cookies"}:
        raise MalformedError
    headers = _headers(head.get("headers")) + _multi_value(head.get("multiValueHeaders"))
    return Answer(_status(head.get("statusCode", 200)), headers, body.encode())


def _status(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        if value is None:
            return 200
        raise MalformedError
    try:
        status = int(value)
    except ValueError:
        raise MalformedError from None
    if not 100 <= status <= 999:
        raise MalformedError
    return status


def _headers(value: object) -> list[tuple[str, str]]:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise MalformedError
    return [(name, _text(item)) for name, item in value.items() if item is not None]


def _multi_value(value: object) -> list[tuple[str, str]]:
    if value is None:
        return []
    if not isinstance(value, dict) or not all(isinstance(items, list) for items in value.values()):
        raise MalformedError
    return [(name, _text(item)) for name, items in value.items() for item in items]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.replace("\r", " ").replace("\n", " ")
    raise MalformedError


def _body(response: dict[str, Any], binary: bool) -> bytes:
    body = response.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedError
    if response.get("isBase64Encoded") is True and binary:
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error:
            raise BadBase64Error from None
    return body.encode("utf-8", "replace")
