"""The way of a request from its route to the integration: throttle, authorizer, API key; each may refuse it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wizard.sandbox import clock
from wizard.sandbox.gateway import usage
from wizard.sandbox.gateway.authorizer import Asked, Authorizers, Question
from wizard.sandbox.gateway.authorizerpolicy import Authorized
from wizard.sandbox.gateway.door import method_arn
from wizard.sandbox.gateway.executionlog import ExecutionLog
from wizard.sandbox.gateway.http import Place, RefusalError, Request
from wizard.sandbox.gateway.limits import Limits
from wizard.sandbox.gateway.refusals import missing_parameters, throttled, uri_too_long
from wizard.sandbox.gateway.routes import Route
from wizard.sandbox.telemetry import method_settings

ARN_BYTES = 1_600


class Admission:
    """Lets requests of a stage through. Thread-safe."""

    def __init__(self, authorizers: Authorizers) -> None:
        self._authorizers, self._limits = authorizers, Limits()

    def clear(self) -> None:
        """Forget what was counted and who was let in."""
        self._limits.clear()
        self._authorizers.clear()

    def admit(self, place: Place, route: Route, request: Request, log: ExecutionLog, asked: Asked) -> Place:
        """The place with what the authorizer and the key said of the caller. Raises RefusalError."""
        log.step(f"Extended Request Id: {place.extended_id}")
        self._throttle(place, route, log)
        authorized = self._authorize(place, route, request, log, asked)
        if authorized is not None:
            place = replace(place, authorizer=_shown(authorized))
        try:
            key = usage.key_of(place, request, authorized.usage_key if authorized else "")
            owner = usage.check(place, route, key, self._limits, log)
        except RefusalError as refusal:
            log.step(f"Method completed with status: {refusal.status}")
            raise
        return replace(place, api_key=owner.value, api_key_id=owner.id) if owner else place

    def _throttle(self, place: Place, route: Route, log: ExecutionLog) -> None:
        settings = method_settings(place, route.resource.path, route.method.http_method)
        rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
        if rate is None or burst is None:
            return
        key = ("method", place.api.id, place.stage, route.resource.id, route.method.http_method)
        if not self._limits.admit(key, float(rate), int(burst), clock.now()):
            stage = f"{place.api.id}/{place.stage}"
            log.step(f"Verifying Usage Plan for request: {place.request_id}. API Key:  API Stage: {stage}")
            usage.log_throttled(place, route, float(rate), int(burst), log)
            log.step("Method completed with status: 429")
            raise throttled()

    def _authorize(
        self, place: Place, route: Route, request: Request, log: ExecutionLog, asked: Asked
    ) -> Authorized | None:
        authorizer = place.api.authorizers.get(route.method.authorizer_id)
        if authorizer is None or route.method.authorization not in ("CUSTOM", "COGNITO_USER_POOLS"):
            return None
        arn = method_arn(place, request)
        if len(arn.encode()) > ARN_BYTES:
            raise uri_too_long()
        question = Question(place, authorizer, request, arn, log, route, asked)
        try:
            return self._authorizers.authorize(question)
        except RefusalError as refusal:
            log.step(f"Gateway response type: {refusal.response_type} with status code: {refusal.status}")
            log.data(f"Gateway response body: {refusal.body}")
            log.data(f"Gateway response headers: {{x-amzn-ErrorType={refusal.error_type}}}")
            raise


def check_parameters(route: Route, request: Request, log: ExecutionLog) -> None:
    """Raises RefusalError (400) when the method has its parameters checked and a required one is missing."""
    if not route.method.validates_parameters:
        return
    query = dict(request.query)
    missing = []
    for name, required in route.method.request_parameters.items():
        kind, _, key = name.removeprefix("method.request.").partition(".")
        given = query.get(key) if kind == "querystring" else request.header(key) if kind == "header" else "path"
        if required and not given:
            missing.append(key)
    if missing:
        refusal = missing_parameters(missing)
        log.error(f"Request parameters validation failed: {refusal.message}")
        raise refusal


def _shown(authorized: Authorized) -> dict[str, Any]:
    if authorized.claims:
        return {"claims": dict(authorized.claims)}
    return {"principalId": authorized.principal, **authorized.context}
