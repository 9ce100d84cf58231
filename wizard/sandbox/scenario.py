"""A scenario: the healthy shop, its first customers, then one fault after the other, each with real traffic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wizard.sandbox import clock, switch
from wizard.sandbox.compatible import furnishings_of
from wizard.sandbox.faults import Complaint, Fault, Order, ordered
from wizard.sandbox.httpshop import build_http_shop
from wizard.sandbox.shop import build_shop
from wizard.sandbox.switch import State
from wizard.sandbox.traffic import (
    TARGET,
    Answer,
    after_pauses,
    customers,
    message_of,
    moments,
    opening_day,
    regulars,
    rush,
    some,
    until_one_fails,
)
from wizard.sandbox.world import (
    ACCOUNT,
    ALIAS,
    ALIAS_VARIABLE,
    FUNCTION,
    METHOD,
    NAME_VARIABLE,
    PATH,
    REGION,
    World,
)

_STRIKE_ORDER = (
    "aws-service",
    "backend-http",
    "payload-over-10mb.answer",
    "lambda-function",
    "lambda-response",
    "response-mapping",
    "lambda-vpc-no-egress",
    "integration",
    "stage-not-redeployed.timeout",
    "lambda-service",
    "lambda-permission",
    "integration-credentials",
    "integration-config",
    "request-mapping",
    "stage-cached-error",
    "stage-throttled.quota",
    "canary-broken-deployment",
    "authorizer",
    "method",
    "stage",
    "resource-policy",
    "private-endpoint",
    "waf",
    "cloudfront",
    "custom-domain",
    "gateway-internal",
    "client",
    "quota",
)
"""Hops from the far end of the path to the client, so that no fault keeps the next one from showing.

The integration's time-out comes early: it shows only while the function really runs. A cause or a fault that stands
here itself is met elsewhere than the rest of its hop: behind the authorizer, or by whatever the function does.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html"""


_REGULARS, _TIMES, _RUSHES = 8, 8, 3
FOUNDED_AGO_S = 3 * 86_400.0
OPENED_BEFORE_S, QUIET_S = 3_600.0, 60.0
USUAL_ONSET_S = 600.0
"""When a fault strikes that was given no onset: ten minutes ago; what came before is healthy."""


@dataclass(frozen=True)
class Strike:
    """One fault on the scenario's time line: struck ``at`` seconds ago, alone until ``until`` seconds ago."""

    order: Order
    at: float
    until: float


def build(endpoint_url: str, faults: Sequence[str], furnish: Sequence[str] = (), api_type: str = "") -> dict[str, Any]:
    """Build the scenario in an empty sandbox and tell where it stands and what its last client met.

    The shop was made three days ago, its customers of the hour before the first fault were served, then the faults
    struck in the order of their onsets; without onsets ten minutes ago, the far end of the path first. All of it
    really runs now, see clock.py. ``symptom`` is None when the last client got no 5xx. The faults decide whether the
    shop is a REST or an HTTP API; without any, ``api_type`` does. Raises KeyError for an unknown fault id, ValueError
    for parameters that mean nothing and for faults of two types of API.
    """
    kind = api_type_of(faults, api_type)
    furnishings = furnishings_of(faults, furnish)
    strikes = _time_line([ordered(name) for name in faults])
    first = strikes[0].at if strikes else 0.0
    with clock.set_back(first + FOUNDED_AGO_S):
        world = build_http_shop(endpoint_url) if kind == "http" else build_shop(endpoint_url)
        for each in furnishings:
            each.furnish(world)
    begin, end = first + OPENED_BEFORE_S - QUIET_S, first + QUIET_S
    if any(strike.order.onset_s is not None for strike in strikes):
        regulars(world, begin, (begin + end) / 2, _REGULARS)
        begin = (begin + end) / 2 - QUIET_S
    answers = opening_day(world, begin, end)
    complaint = Complaint.URL
    for strike in strikes:
        own = strike.order.fault.complaint
        complaint = own if own is not Complaint.URL else complaint
        answers = _strike(world, strike, complaint)
    return {
        "url": world.url + PATH,
        "api_type": world.api_type,
        "api_id": world.api_id,
        "stage": world.stage,
        "method": METHOD,
        "path": PATH,
        "region": REGION,
        "account": ACCOUNT,
        "symptom": _symptom(world, answers, [strike.order.fault for strike in strikes]),
        "faults": list(faults),
        "furnishings": [each.id for each in furnishings],
    }


def api_type_of(faults: Sequence[str], wanted: str = "") -> str:
    """``rest`` or ``http``: what these faults break, else what is wanted, else ``rest``.

    Raises ValueError when the faults, or the wish, want two types of API; KeyError for an unknown fault id.
    """
    kinds = {name: ordered(name).fault.api_type for name in faults}
    if wanted not in ("", "rest", "http"):
        raise ValueError(f"the sandbox has REST and HTTP APIs, none of type {wanted}")
    if len({*kinds.values(), wanted} - {""}) > 1:
        told = ", ".join(f"{name} is of a{'n HTTP' if kind == 'http' else ' REST'} API" for name, kind in kinds.items())
        raise ValueError(f"a scenario has one type of API: {told}" + (f", {wanted} is wanted" if wanted else ""))
    return wanted or next(iter(kinds.values()), "rest")


def _time_line(orders: Sequence[Order]) -> list[Strike]:
    """The faults by onset, then from the far end of the path; each strikes a little after the one before."""
    chosen = sorted(orders, key=lambda each: (-_onset(each), _place(each.fault)))
    times: list[float] = []
    for each in chosen:
        times.append(min(_onset(each), times[-1] * 0.9) if times else _onset(each))
    return [Strike(*each) for each in zip(chosen, times, [*times, 0.0][1:], strict=True)]


def _place(fault: Fault) -> int:
    """Where in the order of the path the fault strikes."""
    return next(_STRIKE_ORDER.index(name) for name in (fault.id, fault.cause, fault.hop) if name in _STRIKE_ORDER)


def _onset(order: Order) -> float:
    return USUAL_ONSET_S if order.onset_s is None else order.onset_s


def _strike(world: World, strike: Strike, complaint: Complaint) -> list[Answer]:
    """Break the shop and let its customers come until the next fault strikes, or until now."""
    order, begin = strike.order, max(strike.at - 1, strike.until)
    before = switch.take(world) if order.share < 1 else None
    with clock.set_back(strike.at):
        order.fault.strike(world)
    if before is not None and complaint is not Complaint.RUSH:
        return _sporadic(world, strike, before)
    if complaint is Complaint.RUSH:
        return _rushes(world, strike, begin)
    if complaint is Complaint.PAUSE:
        return after_pauses(world, begin, strike.until)
    answers = customers(world, begin, strike.until, _TIMES if order.onset_s is not None else 2)
    return answers + until_one_fails(world) if complaint is Complaint.SOME and not strike.until else answers


def _rushes(world: World, strike: Strike, begin: float) -> list[Answer]:
    """Rush hours; a ``share`` below 1 brings quiet customers between them, who dilute it (ten at most)."""
    order = strike.order
    answers: list[Answer] = []
    if order.share < 1:
        answers += customers(world, begin, strike.until, min(max(round(5 / order.share) - 6, 2), 10))
    for ago in moments(_RUSHES, begin, strike.until) if order.onset_s is not None else [strike.until]:
        answers += rush(world, ago)
    return answers


def _sporadic(world: World, strike: Strike, before: State) -> list[Answer]:
    """Customers of whom a share meets the fault; the last one does, and the fault is in place in the end."""
    after, share, begin = switch.take(world), strike.order.share, max(strike.at - 1, strike.until)
    if switch.only_the_version(before, after):
        with clock.set_back(strike.at):
            switch.share_alias(world, before, after, share)
        answers = some(world, begin, strike.until, share, lambda hit, ago: None)
        return answers if strike.until else [*answers, *until_one_fails(world)]
    healthy = replace(before, version=after.version)
    states = [after]

    def prepare(hit: bool, ago: float) -> None:
        wanted = after if hit else healthy
        if states[-1] != wanted:
            with clock.set_back(ago):
                switch.change(world, states[-1], wanted)
            states.append(wanted)

    return some(world, begin, strike.until, share, prepare)


def _symptom(world: World, answers: Sequence[Answer], struck: Sequence[Fault]) -> dict[str, Any] | None:
    """The error of the last client of the target; failing that, a 5xx of the person at the console's test button."""
    last = [answer for answer in answers if answer.request == TARGET][-1]
    if last.status >= 400:
        return {
            "status": last.status,
            "message": last.message,
            "error_type": last.error_type,
            "request_id": last.request_id,
            "seen_in": "url",
        }
    if any(each.complaint is Complaint.TEST_INVOKE for each in struck):
        return _test_button(world)
    return None


def _test_button(world: World) -> dict[str, Any] | None:
    """Press the console's test button on the target, with the stage's variables typed in."""
    tested = world.client("apigateway").test_invoke_method(
        restApiId=world.api_id,
        resourceId=world.resources[world.resource],
        httpMethod=world.method,
        pathWithQueryString=PATH,
        stageVariables={NAME_VARIABLE: FUNCTION, ALIAS_VARIABLE: ALIAS},
    )
    if tested["status"] < 500:
        return None
    logged = re.match(r"Execution log for request (\S+)", tested["log"])
    headers = {name.lower(): value for name, value in tested.get("headers", {}).items()}
    return {
        "status": tested["status"],
        "message": message_of(tested.get("body", "").encode()),
        "error_type": headers.get("x-amzn-errortype"),
        "request_id": logged.group(1) if logged else None,
        "seen_in": "test-invoke",
    }
