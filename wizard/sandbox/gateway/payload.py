"""Text or binary: what contentHandling and the API's binary media types make of a payload.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
"""

from __future__ import annotations

import base64
import binascii

from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.http import Place, Request, accepts_binary, configuration_error

BINARY_SHOWN = "[Binary Data]"
NOT_BASE64 = "Execution failed due to configuration error: Unable to base64 decode the body."
_DEFAULT_TYPE = "application/json"

Payload = str | bytes
"""Text stays text; bytes are binary data, which no template can read."""


def is_binary(place: Place, request: Request) -> bool:
    """True when the gateway takes the request's body for binary. A test always sends text."""
    return not place.test and accepts_binary(place.api, request.header("content-type") or _DEFAULT_TYPE)


def shown(payload: Payload) -> str:
    """The payload as the execution log shows it."""
    return payload if isinstance(payload, str) else BINARY_SHOWN


def raw(payload: Payload) -> bytes:
    """The payload as it is sent."""
    return payload.encode() if isinstance(payload, str) else payload


def request_payload(execution: Execution) -> Payload:
    """The request's body for the integration. Raises RefusalError when text to be decoded is not base64."""
    body, handling = execution.request.body, execution.integration.content_handling
    if is_binary(execution.place, execution.request):
        return base64.b64encode(body).decode() if handling == "CONVERT_TO_TEXT" else body
    if handling == "CONVERT_TO_BINARY":
        return _decoded(execution, body)
    return body.decode("utf-8", "replace")


def response_payload(execution: Execution, body: bytes, content_type: str, handling: str | None) -> Payload:
    """The backend's body for the client. Raises RefusalError when text to be decoded is not base64."""
    api, place = execution.place.api, execution.place
    wants_binary = not place.test and accepts_binary(api, execution.request.header("accept"))
    text = handling == "CONVERT_TO_TEXT" or (not handling and not wants_binary)
    if not body:
        return ""
    if accepts_binary(api, content_type):
        return base64.b64encode(body).decode() if text else body
    return body.decode("utf-8", "replace") if text else _decoded(execution, body)


def _decoded(execution: Execution, body: bytes) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        execution.log.error(NOT_BASE64)
        raise configuration_error() from None
