"""The integration request of an integration that is no proxy: parameters, content handling, template, overrides.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from wizard.sandbox.gateway import mapping, payload, variables, vtl
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.http import Answer, RefusalError, configuration_error
from wizard.sandbox.gateway.mapping import Mapped
from wizard.sandbox.gateway.payload import Payload
from wizard.sandbox.gateway.responses import Endpoint, respond
from wizard.sandbox.gateway.variables import Overrides

_LAX_STATUS = re.compile(r"""\s*\{\s*(?:[^{}]*,\s*)?['"]?statusCode['"]?\s*:\s*(\d+)\s*(?:,[^{}]*)?\}\s*""")


@dataclass
class Outgoing:
    """What goes to the backend: its body and parameters, and what the request template set for the response."""

    body: Payload
    parameters: Mapped = field(default_factory=Mapped)
    overrides: Overrides = field(default_factory=Overrides)


def outgoing(execution: Execution) -> Outgoing:
    """Map the client's request. Raises RefusalError."""
    parameters, overrides = mapping.request_parameters(execution), Overrides()
    template = _template(execution)
    body = payload.request_payload(execution)
    if template is not None:
        body = _rendered(execution, template, body, overrides)
    parameters.header.update(overrides.header)
    parameters.path.update(overrides.path)
    parameters.querystring.update({name: [value] for name, value in overrides.querystring.items()})
    mapping.check_headers(execution, parameters.header)
    return Outgoing(body, parameters, overrides)


def cannot_transform(execution: Execution) -> RefusalError:
    """The refusal for a body that the template or the backend cannot take, with its line in the log."""
    execution.log.error("Execution failed due to configuration error: Unable to transform request")
    return configuration_error()


def mock(execution: Execution) -> Answer:
    """A MOCK integration: its request template says with which status it answers. Raises RefusalError."""
    asked = outgoing(execution)
    if isinstance(asked.body, bytes):
        raise cannot_transform(execution)
    status = _mock_status(asked.body)
    if status is None:
        execution.log.error(
            "Execution failed due to configuration error: Unable to parse statusCode. "
            "It should be an integer that is defined in the request template."
        )
        raise configuration_error()
    return respond(execution, Endpoint(status, str(status)), asked.overrides)


def _template(execution: Execution) -> str | None:
    """The template for the request's content type, None to pass the body on. Raises RefusalError for 415."""
    templates, behaviour = execution.integration.request_templates, execution.integration.passthrough
    kind = execution.request.header("content-type").split(";")[0].strip() or "application/json"
    if kind in templates:
        return templates[kind]
    if behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and templates):
        raise RefusalError(415, "Unsupported Media Type", "BadRequestException", "UNSUPPORTED_MEDIA_TYPE")
    return None


def _rendered(execution: Execution, template: str, body: Payload, overrides: Overrides) -> str:
    if isinstance(body, bytes):
        raise cannot_transform(execution)
    try:
        return variables.fill(execution, template, body, overrides)
    except vtl.TransformError:
        raise cannot_transform(execution) from None


def _mock_status(text: str) -> int | None:
    """``statusCode`` of the mock's body; unquoted or single-quoted names are taken too, a quoted number is not."""
    try:
        body = json.loads(text or "{}")
    except ValueError:
        loose = _LAX_STATUS.fullmatch(text)
        return int(loose[1]) if loose else None
    status = body.get("statusCode") if isinstance(body, dict) else None
    return status if isinstance(status, int) and not isinstance(status, bool) else None
