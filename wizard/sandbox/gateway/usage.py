"""API keys and usage plans: who may call at all, how fast, and how often in a day, week or month.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.apigateway.models import ApiKey, UsagePlan

from wizard.sandbox import backends, clock
from wizard.sandbox.gateway.executionlog import ExecutionLog
from wizard.sandbox.gateway.http import Place, Request, forbidden
from wizard.sandbox.gateway.identity import hidden
from wizard.sandbox.gateway.limits import Limits
from wizard.sandbox.gateway.refusals import quota_exceeded, throttled
from wizard.sandbox.gateway.routes import Route

NO_PLAN = "No Usage Plan found for key and API Stage"


def key_of(place: Place, request: Request, given: str) -> str:
    """The key that a request brings: in its header, or ``given`` by the authorizer when the API takes it from there."""
    return given if place.api.key_source == "AUTHORIZER" else request.header("x-api-key")


def check(place: Place, route: Route, key: str, limits: Limits, log: ExecutionLog) -> ApiKey | None:
    """Let a key in and count it; None when the method asks for none. Raises RefusalError (403, 429)."""
    stage, shown = f"{place.api.id}/{place.stage}", hidden(key)
    method = f"{route.method.http_method} {route.resource.path}"
    log.step(f"Verifying Usage Plan for request: {place.request_id}. API Key: {shown} API Stage: {stage}")
    if not route.method.api_key_required:
        log.step(
            f"API Key {shown} authorized because method '{method}' does not require API Key. "
            "Request will not contribute to throttle or quota limits"
        )
        log.step(f"Usage Plan check succeeded for API Key {shown} and API Stage {stage}")
        return None
    found = _found(place, key)
    if found is None:
        log.error(
            f"API Key {shown} not authorized because method '{method}' requires API Key and API Key is not associated "
            f"with a Usage Plan for API Stage {stage}: {NO_PLAN}"
        )
        raise forbidden()
    owner, plan = found
    _count(place, route, plan, owner, limits, log)
    log.step(f"Usage Plan check succeeded for API Key {shown} and API Stage {stage}")
    return owner


def _found(place: Place, key: str) -> tuple[ApiKey, UsagePlan] | None:
    backend = backends.gateway(place.region)
    owner = next((each for each in backend.get_api_keys() if each.value == key and each.enabled), None)
    if not key or owner is None:
        return None
    return next(((owner, plan) for plan in _plans(place, owner)), None)


def _plans(place: Place, owner: ApiKey) -> Iterator[UsagePlan]:
    backend = backends.gateway(place.region)
    for plan in backend.get_usage_plans():
        keys = backend.usage_plan_keys.get(plan.id, {})
        if owner.id in keys and _stage_of(place, plan) is not None:
            yield plan


def _stage_of(place: Place, plan: UsagePlan) -> dict[str, Any] | None:
    return next(
        (each for each in plan.api_stages if each.get("apiId") == place.api.id and each.get("stage") == place.stage),
        None,
    )


def _count(place: Place, route: Route, plan: UsagePlan, owner: ApiKey, limits: Limits, log: ExecutionLog) -> None:
    now = clock.now()
    own = (_stage_of(place, plan) or {}).get("throttle") or {}
    throttle = own.get(f"{route.resource.path}/{route.method.http_method}") or plan.throttle
    if throttle:
        rate, burst = float(throttle.get("rateLimit", 0)), int(throttle.get("burstLimit", 0))
        if not limits.admit(("plan", plan.id, owner.id), rate, burst, now):
            log_throttled(place, route, rate, burst, log)
            raise throttled()
    if plan.quota and not limits.count(
        ("quota", plan.id, owner.id), int(plan.quota["limit"]), str(plan.quota.get("period", "DAY")), now
    ):
        log.error(f"API Key {hidden(owner.value)} has used up the quota of its Usage Plan {plan.id}")
        raise quota_exceeded()


def log_throttled(place: Place, route: Route, rate: float, burst: int, log: ExecutionLog) -> None:
    """The line of a refused request, as recorded from the service."""
    log.error(
        f"Key throttle limit exceeded for RestApi {place.api.id}, Stage {place.stage}, Resource {route.resource.id}, "
        f"HttpMethod {route.method.http_method}. Limit: {rate:.2f} Burst: {burst}"
    )
