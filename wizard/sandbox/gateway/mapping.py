"""Parameter mappings of an integration: what goes from the client's request to the backend, and back.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html; headers that
may not be mapped, and body mappings that are no JSON, as LocalStack's AWS-validated tests recorded the service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.event import request_context
from wizard.sandbox.gateway.http import RefusalError, configuration_error
from wizard.sandbox.gateway.variables import find

Headers = Iterable[tuple[str, str]]

_RESERVED = {"content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"}
_RESERVED_FOR_AWS = _RESERVED | {"authorization", "connection", "expect", "proxy-authenticate", "te"}
_NAME = re.compile(r"\{([^{}]+)\}")
_REQUEST, _RESPONSE = "integration.request.", "method.response.header."


@dataclass
class Mapped:
    """Parameters for the backend's request; a query parameter may have several values."""

    header: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    querystring: dict[str, list[str]] = field(default_factory=dict)


def request_parameters(execution: Execution) -> Mapped:
    """The request parameters of the integration with their values; a source without a value maps nothing.

    Raises RefusalError (400) when a mapping reads the body and the body is not the JSON that it looks like.
    """
    mapped = Mapped()
    for target, source in execution.integration.request_parameters.items():
        place, _, name = target.removeprefix(_REQUEST).partition(".")
        values = _request_values(execution, source)
        if not values or not name:
            continue
        if place == "querystring":
            mapped.querystring[name] = values
        elif place in ("header", "path"):
            getattr(mapped, place)[name] = ",".join(values)
    return mapped


def check_headers(execution: Execution, headers: Iterable[str]) -> None:
    """Raise RefusalError for headers that the gateway sets itself; for calls to AWS also those of the signature."""
    reserved = _RESERVED_FOR_AWS if execution.integration.type in ("AWS", "AWS_PROXY") else _RESERVED
    for name in headers:
        if name.lower() in reserved:
            execution.log.error(f"Execution failed due to configuration error: {name} header already present")
            raise configuration_error()


def with_path(uri: str, mapped: Mapped) -> str:
    """The URI with its ``{names}`` filled; a name without a mapping stays."""
    return _NAME.sub(lambda match: mapped.path.get(match[1], match[0]), uri)


def response_headers(
    execution: Execution, parameters: Mapping[str, str], declared: Iterable[str], backend: Headers, body: bytes
) -> dict[str, str]:
    """Headers of the client's response. Raises RefusalError when one is not declared on the method response."""
    known, mapped = set(declared), {}
    for target, source in parameters.items():
        if target not in known:
            execution.log.error(
                "Execution failed due to configuration error: Invalid mapping expression specified: Validation Result: "
                f"warnings : [], errors : [Invalid mapping expression parameter specified: {target}]"
            )
            raise configuration_error()
        values = _response_values(execution, source, list(backend), body)
        if values:
            mapped[target.removeprefix(_RESPONSE)] = ",".join(values)
    return mapped


def _request_values(execution: Execution, source: str) -> list[str]:
    request, route = execution.request, execution.route
    if not source.startswith("method.request."):
        return _shared(execution, source)
    kind, _, name = source.removeprefix("method.request.").partition(".")
    if kind == "body":
        return _from_body(request.body, name, _bad_body)
    if kind == "path":
        return [route.parameters[name]] if name in route.parameters else []
    pairs = request.query if "querystring" in kind else request.headers
    values = [value for key, value in pairs if key == name]
    return values if kind.startswith("multivalue") else values[-1:]


def _response_values(execution: Execution, source: str, backend: list[tuple[str, str]], body: bytes) -> list[str]:
    if not source.startswith("integration.response."):
        return _shared(execution, source)
    kind, _, name = source.removeprefix("integration.response.").partition(".")
    if kind == "body":
        return _from_body(body, name, configuration_error)
    values = [value for key, value in backend if key == name]
    return values if kind.startswith("multivalue") else values[-1:]


def _shared(execution: Execution, source: str) -> list[str]:
    """``'static'``, ``context.x`` and ``stageVariables.x``."""
    if len(source) > 1 and source[0] == source[-1] == "'":
        return [source[1:-1]]
    head, _, name = source.partition(".")
    if head == "stageVariables":
        return [execution.place.variables[name]] if name in execution.place.variables else []
    if head != "context":
        return []
    value: Any = request_context(execution.place, execution.route, execution.request)
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return [] if value is None else [str(value)]


def _from_body(body: bytes, path: str, refusal: Any) -> list[str]:
    text = body.decode("utf-8", "replace").strip()
    document: Any = None
    if text[:1] in ("{", "[", '"', "'"):
        try:
            document = json.loads(text)
        except ValueError:
            raise refusal() from None
    if not path:
        return [text or "{}"]
    try:
        value = find(document, f"$.{path}")
    except ValueError:
        return []
    if value is None:
        return []
    return [value if isinstance(value, str) else json.dumps(value)]


def _bad_body() -> RefusalError:
    return RefusalError(400, "Invalid JSON in request body", "BadRequestException", "BAD_REQUEST_BODY")
