"""The access log: the stage's own format with its $context variables put in.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html; what
the variables hold when a function fails, from access logs published with
https://github.com/DataBiosphere/azul/issues/8192. A variable without a value is written as ``-``.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from wizard.sandbox.gateway.authorizer import Asked
from wizard.sandbox.gateway.context import Backend, Execution
from wizard.sandbox.gateway.gatewayresponse import error_values
from wizard.sandbox.gateway.http import Answer, Place, RefusalError, Request
from wizard.sandbox.gateway.routes import Route

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)")


@dataclass(frozen=True)
class Served:
    """One request with all that became of it; ``route`` is None when the API has none for it.

    ``cache_hit`` is None where nothing is cached, ``asked`` is what became of the question to the authorizer.
    """

    place: Place
    request: Request
    route: Route | None
    answer: Answer
    refusal: RefusalError | None
    execution: Execution | None
    latency_ms: float
    cache_hit: bool | None = None
    asked: Asked = field(default_factory=Asked)

    @property
    def backend(self) -> Backend:
        """What came back from the integration."""
        return self.execution.backend if self.execution else Backend()

    @property
    def integration_ms(self) -> float | None:
        """How long the backend took; None when it was not asked."""
        return self.execution.integration_ms if self.execution else None


def line(template: str, served: Served) -> str:
    """The entry of one request in the stage's format."""
    return fill(template, variables(served))


def fill(template: str, values: Mapping[str, str]) -> str:
    """A format with its variables put in: JSON, XML, CSV, CLF or any other.

    In a JSON format, quotes, backslashes and line ends of a value are escaped, in others a line end becomes a space.
    How the service does that is not documented; this keeps one entry one readable line.
    """
    in_json = template.lstrip().startswith("{")

    def put(match: re.Match[str]) -> str:
        value = values.get(match[1]) or "-"
        if match[1] == "error.messageString":
            return value
        return json.dumps(value, ensure_ascii=False)[1:-1] if in_json else " ".join(value.splitlines())

    return _VARIABLE.sub(put, template)


def variables(served: Served) -> Mapping[str, str]:
    """Every variable that has a value for this request, by its name after ``$context.``."""
    place, request = served.place, served.request
    host = f"{place.api.id}.execute-api.{place.region}.amazonaws.com"
    shown = {
        "accountId": place.account,
        "apiId": place.api.id,
        "domainName": host,
        "domainPrefix": place.api.id,
        "stage": place.stage,
        "requestId": place.request_id,
        "extendedRequestId": place.extended_id,
        "xrayTraceId": place.trace_id if place.traced else "",
        "path": f"/{place.stage}{request.path}",
        "resourcePath": served.route.resource.path if served.route else "",
        "resourceId": served.route.resource.id if served.route else "",
        **exchanged(request, served.answer, place.at, served.latency_ms),
    }
    backend = called(served.backend, served.integration_ms)
    return {**shown, **error_values(served.refusal), **backend, **_authorizer(served)}


def exchanged(request: Request, answer: Answer, at: float, latency_ms: float) -> dict[str, str]:
    """The variables of the request and its answer themselves; ``at`` in seconds since 1970."""
    return {
        "httpMethod": request.verb,
        "protocol": "HTTP/1.1",
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(at)),
        "requestTimeEpoch": str(int(at * 1000)),
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.header("user-agent"),
        "status": str(answer.status),
        "responseLength": str(len(answer.body)),
        "responseLatency": str(round(latency_ms)),
    }


def _authorizer(served: Served) -> dict[str, str]:
    asked, place = served.asked, served.place
    told = {
        "authorizer.error": asked.error,
        "authorizer.status": "" if asked.status is None else str(asked.status),
        "authorizer.integrationStatus": "" if asked.status is None else str(asked.status),
        "authorizer.latency": "" if asked.latency_ms is None else str(round(asked.latency_ms)),
        "authorizer.integrationLatency": "" if asked.latency_ms is None else str(round(asked.latency_ms)),
        "authorizer.requestId": asked.request_id,
        "identity.apiKeyId": place.api_key_id,
        "isCanaryRequest": str(place.canary).lower(),
    }
    given = {f"authorizer.{name}": str(value) for name, value in place.authorizer.items() if name != "claims"}
    claims = place.authorizer.get("claims") or {}
    return {**told, **given, **{f"authorizer.claims.{name}": str(value) for name, value in claims.items()}}


def called(backend: Backend, latency: float | None) -> dict[str, str]:
    """The variables of the call of the backend; ``latency`` in milliseconds, None when there was no call."""
    took = "" if latency is None else str(round(latency))
    service = "" if backend.service_status is None else str(backend.service_status)
    return {
        "integration.error": backend.error,
        "integrationErrorMessage": backend.error,
        "integration.integrationStatus": service,
        "integrationStatus": service,
        "integration.latency": took,
        "integrationLatency": took,
        "integration.requestId": backend.request_id,
        "awsEndpointRequestId": backend.request_id,
        "integration.status": "" if backend.status is None else str(backend.status),
    }
