"""A scenario: the healthy shop, its first customers, then one fault after the other, each with real traffic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wizard.sandbox.faults import Complaint, Fault, find
from wizard.sandbox.shop import build_shop
from wizard.sandbox.traffic import TARGET, Answer, customers, message_of, opening_day, rush
from wizard.sandbox.world import (
    ACCOUNT,
    ALIAS,
    ALIAS_VARIABLE,
    FUNCTION,
    METHOD,
    NAME_VARIABLE,
    PATH,
    REGION,
    RESOURCE,
    STAGE,
    World,
)

_STRIKE_ORDER = (
    "lambda-function",
    "lambda-response",
    "integration",
    "lambda-service",
    "lambda-permission",
    "integration-config",
    "stage",
)
"""Hops from the far end of the path to the client, so that no fault keeps the next one from showing.

The integration's time-out comes early: it shows only while the function really runs."""


def build(endpoint_url: str, faults: Sequence[str]) -> dict[str, Any]:
    """Build the scenario in an empty sandbox and tell where it stands and what its last client met.

    ``symptom`` is None when that client got no 5xx. Raises KeyError for an unknown fault id.
    """
    chosen = sorted((find(name) for name in faults), key=lambda each: _STRIKE_ORDER.index(each.hop))
    world = build_shop(endpoint_url)
    answers = opening_day(world)
    complaint = Complaint.URL
    for each in chosen:
        each.strike(world)
        complaint = each.complaint if each.complaint is not Complaint.URL else complaint
        answers = rush(world) if complaint is Complaint.RUSH else customers(world)
    return {
        "url": world.url + PATH,
        "api_id": world.api_id,
        "stage": STAGE,
        "method": METHOD,
        "path": PATH,
        "region": REGION,
        "account": ACCOUNT,
        "symptom": _symptom(world, answers, chosen),
        "faults": list(faults),
    }


def _symptom(world: World, answers: Sequence[Answer], struck: Sequence[Fault]) -> dict[str, Any] | None:
    """The 5xx of the last client of the target; failing that, of the person at the console's test button."""
    last = [answer for answer in answers if answer.request == TARGET][-1]
    if last.status >= 500:
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
        resourceId=world.resources[RESOURCE],
        httpMethod=METHOD,
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
