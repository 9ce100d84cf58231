"""Error answers whose status or body an API changes on their way to the client."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes.stage.gateway_responses import GatewayResponses as Probe
from tests.probes.conftest import ERRORS, FakeAws, Key, new_case, traced
from wizard.model.aws import AwsError, Denied, Unsupported
from wizard.model.case import Case, Symptom
from wizard.model.probe import Evidence
from wizard.model.status import Status

REFUSED = Symptom(500, "Missing required request parameters: [X]", "BadRequestException")
OWN = Symptom(500, "Internal server error", "InternalServerErrorException")


def look(world: dict[Key, Any], symptom: Symptom | None = None, **responses: Any) -> Evidence:
    answer = world["apigateway", "GetExport"]
    document = {**json.loads(answer["body"]), "x-amazon-apigateway-gateway-responses": responses}
    world["apigateway", "GetExport"] = {**answer, "body": json.dumps(document)}
    aws = FakeAws(world)
    found = Probe().run(traced(world, new_case(symptom=symptom or Symptom())), aws)
    assert aws.used <= Probe().calls
    return found


def test_nothing_customised(world: dict[Key, Any]) -> None:
    assert look(world).status is Status.PASS


@pytest.mark.parametrize(
    ("symptom", "disguised", "status"),
    [
        (REFUSED, True, Status.FAIL),
        (Symptom(500, "Forbidden"), True, Status.FAIL),
        (Symptom(500, None, "ForbiddenException:http://internal.amazon.com/"), True, Status.FAIL),
        (OWN, False, Status.WARN),
        (Symptom(502, "Forbidden", "ForbiddenException"), False, Status.WARN),
        (Symptom(), False, Status.WARN),
    ],
)
def test_a_4xx_in_disguise(world: dict[Key, Any], symptom: Symptom, disguised: bool, status: Status) -> None:
    found = look(world, symptom, DEFAULT_4XX={"statusCode": 500})
    assert (found.facts["disguised"], found.status) == (disguised, status)
    assert found.facts["response_type"] == ("DEFAULT_4XX" if symptom.status != 502 else None)


@pytest.mark.parametrize(
    ("configured", "corrected"),
    [
        ({"items": []}, True),
        ({"items": [{"responseType": "DEFAULT_4XX", "statusCode": "400", "defaultResponse": False}]}, True),
        ({"items": [{"responseType": "DEFAULT_4XX", "statusCode": "500", "defaultResponse": False}]}, False),
        (Denied("apigateway:GET"), None),
    ],
)
def test_whether_it_waits_for_a_deployment(world: dict[Key, Any], configured: Any, corrected: bool | None) -> None:
    world["apigateway", "GetGatewayResponses"] = configured
    found = look(world, REFUSED, DEFAULT_4XX={"statusCode": 500})
    assert (found.status, found.facts["corrected"]) == (Status.FAIL, corrected)
    assert ("not deployed" in found.summary) == (corrected is True)


def test_a_5xx_that_is_hidden(world: dict[Key, Any]) -> None:
    found = look(world, INTEGRATION_FAILURE={"statusCode": "200"})
    assert (found.status, found.facts["hides_5xx"]) == (Status.WARN, ["INTEGRATION_FAILURE"])
    assert (found.facts["usual_status"], found.facts["custom_status"]) == (504, 200)


@pytest.mark.parametrize("given", ["", "abc", 401, "429", None])
def test_what_stays_on_its_side_is_no_worse(world: dict[Key, Any], given: Any) -> None:
    assert look(world, REFUSED, UNAUTHORIZED={"statusCode": given}).status is Status.PASS


@pytest.mark.parametrize(
    ("template", "sound"),
    [
        ('{"message": $context.error.messageString}', True),
        ('{"message": "$context.error.message"}', True),
        ('{"message": $context.error.message}', False),
        ('{"time": $context.requestTimeEpoch}', True),
        ('{"a": 1,}', False),
        ("", True),
    ],
)
def test_a_body_has_to_stay_json(world: dict[Key, Any], template: str, sound: bool) -> None:
    found = look(world, DEFAULT_5XX={"responseTemplates": {"application/json": template}})
    assert (found.status is Status.PASS, found.facts["broken_templates"] == []) == (sound, sound)


def _without_export(world: dict[Key, Any]) -> Case:
    world["apigateway", "GetExport"] = Unsupported("no export")
    return traced(world, new_case(symptom=REFUSED))


def test_the_working_copy_tells_where_there_is_no_export(world: dict[Key, Any]) -> None:
    case = _without_export(world)
    custom = {"responseType": "BAD_REQUEST_PARAMETERS", "statusCode": "500", "defaultResponse": False}
    usual = {"responseType": "UNAUTHORIZED", "statusCode": "500", "defaultResponse": True}
    world["apigateway", "GetGatewayResponses"] = {"items": [custom, usual]}
    found = Probe().run(case, FakeAws(world))
    assert (found.status, found.facts["made_5xx"]) == (Status.FAIL, ["BAD_REQUEST_PARAMETERS"])


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_unreadable_responses_are_raised(world: dict[Key, Any], error: AwsError) -> None:
    case = _without_export(world)
    with pytest.raises(type(error)):
        Probe().run(case, FakeAws({**world, ("apigateway", "GetGatewayResponses"): error}))
