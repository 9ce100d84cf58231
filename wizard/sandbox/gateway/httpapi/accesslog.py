"""What the access log of an HTTP API can tell of a request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wizard.sandbox.gateway import accesslog
from wizard.sandbox.gateway.context import Backend
from wizard.sandbox.gateway.gatewayresponse import error_values
from wizard.sandbox.gateway.http import Answer, RefusalError, Request
from wizard.sandbox.gateway.httpapi.context import Call, Place


@dataclass(frozen=True)
class Served:
    """One request with all that became of it; ``call`` is None when no integration was reached."""

    place: Place
    request: Request
    route_key: str
    answer: Answer
    refusal: RefusalError | None
    call: Call | None
    latency_ms: float

    @property
    def integration_ms(self) -> float | None:
        """How long the backend took; None when it was not asked."""
        return self.call.integration_ms if self.call else None

    @property
    def data_processed(self) -> int:
        """Bytes of the request's and the answer's body."""
        return len(self.request.body) + len(self.answer.body)


def variables(served: Served) -> Mapping[str, str]:
    """Every variable that has a value for this request, by its name after ``$context.``."""
    place, request = served.place, served.request
    return {
        "accountId": place.account,
        "apiId": place.api.id,
        "domainName": place.domain,
        "domainPrefix": place.api.id,
        "stage": place.stage,
        "requestId": place.request_id,
        "extendedRequestId": place.request_id,
        "routeKey": served.route_key,
        "path": place.whole_path(request.path),
        "dataProcessed": str(served.data_processed),
        **accesslog.exchanged(request, served.answer, place.at, served.latency_ms),
        **error_values(served.refusal),
        **accesslog.called(served.call.backend if served.call else Backend(), served.integration_ms),
    }
