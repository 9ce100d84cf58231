"""Mapping for integrations that are no proxy: the templates' two commonest references, and the response table.

Only ``$input.body``, ``$input.json('$')`` and ``$context.requestId`` are put in; the rest stays as written.
"""

from __future__ import annotations

import json
import re

from wizard.sandbox.functions.model import Result
from wizard.sandbox.gateway.context import Execution
from wizard.sandbox.gateway.http import Answer, configuration_error
from wizard.sandbox.gateway.snapshot import IntegrationResponse


def request_body(execution: Execution) -> str:
    """The body sent to the backend."""
    kind = execution.request.header("content-type").split(";")[0] or "application/json"
    body = execution.request.body.decode("utf-8", "replace")
    template = execution.integration.request_templates.get(kind)
    return body or "{}" if template is None else _fill(execution, template, body)


def map_response(execution: Execution, result: Result) -> Answer:
    """Choose the row whose pattern fits the function's error message, else the default row."""
    return respond(execution, 200, result.error_message, result.payload)


def respond(execution: Execution, status: int, text: str, body: str) -> Answer:
    """Answer with the row of the response table that ``text`` selects. Raises RefusalError when no row fits."""
    row = _row(execution.integration.responses, text)
    if row is None:
        execution.log.error(
            "Execution failed due to configuration error: No match for output mapping and no default output mapping "
            f"configured. Endpoint Response Status Code: {status}"
        )
        raise configuration_error()
    template = row.templates.get("application/json")
    sent = _fill(execution, template, body) if template else body
    return Answer(int(row.status), [("Content-Type", "application/json")], sent.encode())


def mock(execution: Execution) -> Answer:
    """A MOCK integration: its request template says which row answers."""
    try:
        asked = json.loads(request_body(execution))
    except ValueError:
        asked = None
    status = str(asked.get("statusCode", "")) if isinstance(asked, dict) else ""
    if not status:
        execution.log.error("Execution failed due to configuration error: Unable to transform request")
        raise configuration_error()
    row = next((row for row in execution.integration.responses if row.status == status), None)
    if row is not None and row.pattern is None:
        template = row.templates.get("application/json")
        body = _fill(execution, template, "{}") if template else ""
        return Answer(int(row.status), [("Content-Type", "application/json")], body.encode())
    return respond(execution, int(status) if status.isdigit() else 500, status, "")


def _row(rows: tuple[IntegrationResponse, ...], text: str) -> IntegrationResponse | None:
    default = None
    for row in rows:
        if row.pattern is None:
            default = default or row
        elif text and _matches(row.pattern, text):
            return row
    return default


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text, re.DOTALL) is not None
    except re.error:
        return False


def _fill(execution: Execution, template: str, body: str) -> str:
    filled = template.replace("$input.body", body).replace("$input.json('$')", body).replace('$input.json("$")', body)
    return filled.replace("$context.requestId", execution.place.request_id)
