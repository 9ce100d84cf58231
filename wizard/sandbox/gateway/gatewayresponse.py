"""The answer to a refused request: the gateway response of its type, as customised in the API or as it is by default.

A type that is not customised falls back to DEFAULT_4XX or DEFAULT_5XX. Templates are no VTL: ``$context`` and
``$stageVariables`` references are replaced by their text and nothing else happens, so what is put between no quotes is
no JSON afterwards.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from wizard.sandbox.gateway.http import Answer, RefusalError
from wizard.sandbox.gateway.snapshot import Api

_REFERENCE = re.compile(r"\$(context|stageVariables)\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)")
_HEADER = "gatewayresponse.header."


def refuse(
    refusal: RefusalError,
    api: Api | None,
    context: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Answer:
    """What the client gets; ``context`` has the values of ``$context``, ``variables`` those of the stage."""
    custom = _custom(refusal, api)
    values = {"context": {**(context or {}), **error_values(refusal)}, "stageVariables": variables or {}}
    templates: Mapping[str, Any] = custom.get("responseTemplates") or {}
    kind = "application/json" if "application/json" in templates or not templates else next(iter(templates))
    body = _filled(str(templates[kind]), values) if templates.get(kind) else refusal.body
    status = int(str(custom.get("statusCode") or refusal.status))
    headers = [("Content-Type", kind), ("x-amzn-ErrorType", refusal.error_type)]
    return Answer(status, headers + _headers(custom.get("responseParameters") or {}, values), body.encode())


def error_values(refusal: RefusalError | None) -> dict[str, str]:
    """The ``$context.error`` values of an answer that the gateway gave itself; none of any other."""
    if refusal is None:
        return {}
    message = refusal.message or ""
    return {
        "error.message": message,
        "error.messageString": json.dumps(refusal.message),
        "error.responseType": refusal.response_type,
    }


def _custom(refusal: RefusalError, api: Api | None) -> Mapping[str, Any]:
    if api is None:
        return {}
    default = "DEFAULT_5XX" if refusal.status >= 500 else "DEFAULT_4XX"
    return api.gateway_responses.get(refusal.response_type) or api.gateway_responses.get(default) or {}


def _filled(template: str, values: Mapping[str, Mapping[str, str]]) -> str:
    return _REFERENCE.sub(lambda match: values[match[1]].get(match[2], ""), template)


def _headers(parameters: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """Headers with a fixed text in single quotes or a context value; what is neither is left out."""
    made = []
    for name, source in parameters.items():
        text = str(source)
        if not name.startswith(_HEADER):
            continue
        if len(text) > 1 and text[0] == text[-1] == "'":
            made.append((name[len(_HEADER) :], text[1:-1]))
        elif text.startswith("context."):
            made.append((name[len(_HEADER) :], values["context"].get(text[8:], "")))
    return made
