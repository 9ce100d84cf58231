"""Limits of account, stage, method and usage plan, and the requests that they refused."""

from __future__ import annotations

from typing import Any

import pytest

from probes.stage.throttling import Throttling
from tests.probes.conftest import ERRORS, FakeAws, Key, access_line, groups, new_case, traced
from wizard.model.aws import AwsError, Denied
from wizard.model.case import Symptom
from wizard.model.status import Reason, Status

LINE = "(11111111-1111-4111-8111-111111111111) Key throttle limit exceeded for RestApi abc123, Stage prod, Resource {}, HttpMethod GET. Limit: 5.00 Burst: 5"  # noqa: E501  a log line is one line


def look(world: dict[Key, Any], status: int | None = 429, **trace: Any) -> Any:
    case = traced(world, new_case(symptom=Symptom(status=status)), **trace)
    return Throttling().run(case, FakeAws(world))


def settings(world: dict[Key, Any], **setting: Any) -> None:
    world["apigateway", "GetStage"]["methodSettings"] = {"orders/{id}/GET": setting}


def test_room_enough_is_a_pass(world: dict[Key, Any]) -> None:
    settings(world, throttlingRateLimit=100.0, throttlingBurstLimit=200)
    found = look(world)
    assert (found.status, found.facts["limit_of"], found.facts["rate_limit"]) == (Status.PASS, "stage", 100.0)


def test_a_limit_of_nothing_is_closed(world: dict[Key, Any]) -> None:
    settings(world, throttlingRateLimit=100.0, throttlingBurstLimit=0)
    found = look(world, None)
    assert (found.status, found.facts["closed"]) == (Status.FAIL, True)


def test_the_accounts_limit_is_one_too(world: dict[Key, Any]) -> None:
    world["apigateway", "GetAccount"] = {"throttleSettings": {"rateLimit": 3.0, "burstLimit": 5}}
    found = look(world)
    assert (found.facts["limit_of"], found.facts["rate_limit"]) == ("account", 3.0)


def test_the_methods_own_limit_in_a_usage_plan_wins(world: dict[Key, Any]) -> None:
    throttle = {"/orders/{id}/GET": {"rateLimit": 0.0, "burstLimit": 0}}
    plan = {
        "id": "plan1",
        "throttle": {"rateLimit": 9.0, "burstLimit": 9},
        "apiStages": [{"apiId": "abc123", "stage": "prod", "throttle": throttle}, {"apiId": "other", "stage": "prod"}],
    }
    world["apigateway", "GetUsagePlans"] = {"items": [plan]}
    found = look(world, api_key_required=True)
    assert (found.facts["closed"], found.facts["usage_plan"]) == (True, "plan1")
    assert look(world).facts["closed"] is False  # nobody's key is asked for


def test_a_line_of_this_method_proves_it(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = groups(execution=[(5, "s", LINE.format("r2"))])
    found = look(world)
    assert (found.status, found.facts["refused"]) == (Status.FAIL, 1)
    assert "Key throttle limit exceeded" in found.summary


def test_a_line_of_another_method_does_not(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = groups(execution=[(5, "s", LINE.format("r9"))])
    assert look(world).facts["refused"] == 0


@pytest.mark.parametrize(
    ("values", "refused", "passed_on"),
    [
        ({"status": "429", "type": "THROTTLED"}, 1, 0),
        ({"status": "429", "integrationStatus": "200", "latency": "9"}, 0, 1),
        ({"status": "200", "integrationStatus": "200"}, 0, 0),
        ({"status": "429", "type": "THROTTLED", "resourcePath": "/products"}, 0, 0),
    ],
)
def test_the_access_log_tells_whose_429_it_is(
    world: dict[Key, Any], values: dict[str, str], refused: int, passed_on: int
) -> None:
    world["logs", "FilterLogEvents"] = groups(execution=[], access=[(5, "s", access_line(**values))])
    found = look(world)
    assert (found.facts["refused"], found.facts["passed_on"]) == (refused, passed_on)


def test_of_a_5xx_no_log_is_asked(world: dict[Key, Any]) -> None:
    case = traced(world, new_case(symptom=Symptom(status=502)))
    aws = FakeAws(world)
    assert Throttling().run(case, aws).status is Status.PASS
    assert "logs:FilterLogEvents" not in aws.used


def test_requests_near_the_limit_are_a_warning(world: dict[Key, Any]) -> None:
    settings(world, throttlingRateLimit=10.0, throttlingBurstLimit=20)
    at = "2026-11-20T11:30:00+00:00"
    world["cloudwatch", "GetMetricData"] = {
        "MetricDataResults": [{"Id": "series_count", "Timestamps": [at], "Values": [540.0]}]
    }
    found = look(world)
    assert (found.status, found.facts["peak_per_s"]) == (Status.WARN, 9.0)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_an_unread_stage_is_not_called_free(world: dict[Key, Any], error: AwsError) -> None:
    case = traced(world)
    world["apigateway", "GetStage"] = error
    with pytest.raises(type(error)):
        Throttling().run(case, FakeAws(world))


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("key", [("apigateway", "GetAccount"), ("logs", "FilterLogEvents")])
def test_what_is_missing_is_said(world: dict[Key, Any], key: Key, error: AwsError) -> None:
    case = traced(world)
    world[key] = error
    found: Any = Throttling().run(case, FakeAws(world))
    assert {part["reason"] for part in found.facts["partial"]} == {error.reason.value}


def test_a_refused_question_names_its_permission(world: dict[Key, Any]) -> None:
    case = traced(world)
    world["apigateway", "GetAccount"] = Denied("apigateway:GET")
    part = Throttling().run(case, FakeAws(world)).facts["partial"][0]
    assert (part["reason"], part["needs"]) == (Reason.DENIED.value, "apigateway:GET")


def test_it_asks_no_more_than_it_declares(world: dict[Key, Any]) -> None:
    case, aws = traced(world, api_key_required=True), FakeAws(world)
    Throttling().run(case, aws)
    assert aws.used <= Throttling.calls
