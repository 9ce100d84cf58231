"""Lambda integrations that are no proxy: templates both ways, selection by errorMessage, asynchronous invocation.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-custom-integrations.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integration-async.html
"""

from __future__ import annotations

import json

from wizard.sandbox.gateway import lambdas, templates
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.http import Answer
from wizard.sandbox.gateway.mapping import Mapped
from wizard.sandbox.gateway.responses import Endpoint, respond

_INVOCATION_TYPE = "x-amz-invocation-type"


def run(execution: Execution) -> Answer:
    """Call the function with the mapped request and map what it returns. Raises RefusalError."""
    sent = templates.outgoing(execution)
    if isinstance(sent.body, bytes):
        raise templates.cannot_transform(execution)
    body = sent.body or "{}"
    function = lambdas.callable_function(execution, lambdas.announce(execution, body, sent.parameters))
    problem = _not_json(body)
    if problem:
        raise lambdas.turned_down(execution, 400, f"Could not parse request body into json: {problem}")
    if _asynchronous(sent.parameters):
        lambdas.submit(execution, function, body)
        execution.integration_ms, execution.backend.service_status = 1.0, 202
        execution.log.step("Received response. Status: 202, Integration latency: 1 ms")
        return respond(execution, Endpoint(202, ""), sent.overrides)
    result = lambdas.invoke(execution, function, body)
    lambdas.log_response(execution, result)
    headers = [("Content-Type", "application/json"), ("x-amzn-RequestId", result.request_id)]
    endpoint = Endpoint(200, _error_message(result.payload), headers, result.payload.encode())
    return respond(execution, endpoint, sent.overrides)


def _not_json(body: str) -> str:
    """Why the event is no JSON, empty when it is."""
    try:
        json.loads(body)
    except ValueError as problem:
        return str(problem)
    return ""


def _asynchronous(parameters: Mapped) -> bool:
    kinds = (value for name, value in parameters.header.items() if name.lower() == _INVOCATION_TYPE)
    return any(kind == "Event" for kind in kinds)


def _error_message(payload: str) -> str:
    """What selection patterns are tried on: ``errorMessage`` of whatever object the function gave."""
    try:
        body = json.loads(payload)
    except ValueError:
        return ""
    message = body.get("errorMessage") if isinstance(body, dict) else None
    return message if isinstance(message, str) else ""
