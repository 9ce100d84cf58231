"""The integration response of an integration that is no proxy: which row of the table answers, and what it makes.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wizard.sandbox.gateway import mapping, payload, variables, vtl
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.http import Answer, configuration_error
from wizard.sandbox.gateway.payload import Payload
from wizard.sandbox.gateway.snapshot import IntegrationResponse
from wizard.sandbox.gateway.variables import Overrides

_CONFIGURATION = "Execution failed due to configuration error: "
_JSON = "application/json"


@dataclass(frozen=True)
class Endpoint:
    """What the backend answered; ``selector`` is what patterns are tried on: the status, or Lambda's errorMessage."""

    status: int
    selector: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The last value of a header, or an empty text."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")


def respond(execution: Execution, endpoint: Endpoint, overrides: Overrides) -> Answer:
    """The client's response as the selected row makes it. Raises RefusalError."""
    log, row = execution.log, select(execution.integration.responses, endpoint.selector)
    if row is None:
        log.error(
            f"{_CONFIGURATION}No match for output mapping and no default output mapping "
            f"configured. Endpoint Response Status Code: {endpoint.status}"
        )
        raise configuration_error()
    method = execution.route.method
    if row.status not in method.response_codes:
        log.error(f"{_CONFIGURATION}Output mapping refers to an invalid method response: {row.status}")
        raise configuration_error()
    declared = method.response_parameters.get(row.status, ())
    headers = mapping.response_headers(execution, row.parameters, declared, endpoint.headers, endpoint.body)
    handling = row.content_handling
    body = payload.response_payload(execution, endpoint.body, endpoint.header("content-type"), handling)
    kind, template = _template(execution, row)
    if template:
        body = _rendered(execution, template, body, overrides)
    headers.update(overrides.response_header)
    if "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = kind
    return Answer(overrides.status or int(row.status), list(headers.items()), payload.raw(body))


def select(rows: tuple[IntegrationResponse, ...], selector: str) -> IntegrationResponse | None:
    """The first row whose pattern fits the whole selector, else the first without a pattern."""
    chosen = (row for row in rows if row.pattern is not None and selector and _matches(row.pattern, selector))
    return next(chosen, next((row for row in rows if row.pattern is None), None))


def _matches(pattern: str, text: str) -> bool:
    """As Java does by default: the whole text, and ``.`` stops at a line end."""
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False


def _template(execution: Execution, row: IntegrationResponse) -> tuple[str, str]:
    """Content type and template: by the client's Accept header, else for JSON, else the first; empty without any."""
    accept = execution.request.header("accept").split(",")[0].split(";")[0].strip()
    kind = next((kind for kind in (accept, _JSON, *row.templates) if kind in row.templates), _JSON)
    return kind, row.templates.get(kind, "")


def _rendered(execution: Execution, template: str, body: Payload, overrides: Overrides) -> str:
    try:
        if isinstance(body, bytes):
            raise vtl.TransformError("binary data")
        return variables.fill(execution, template, body, overrides)
    except vtl.TransformError:
        execution.log.error(f"{_CONFIGURATION}Unable to transform response")
        raise configuration_error() from None
