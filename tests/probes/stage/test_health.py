"""AWS Health: open events, and accounts that may not ask."""

from __future__ import annotations

from typing import Any

import pytest

from probes.stage.health import Health
from tests.probes.conftest import ERRORS, FakeAws, Key, traced
from wizard.model.aws import AwsError, Unsupported
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status

EVENT = {
    "service": "LAMBDA",
    "eventTypeCode": "AWS_LAMBDA_API_ISSUE",
    "statusCode": "open",
    "startTime": "2026-11-20T11:00:00+00:00",
    "region": "us-east-1",
}


def run(world: dict[Key, Any], answer: Any) -> Evidence:
    world["health", "DescribeEvents"] = answer
    return Health().run(traced(world), FakeAws(world))


def test_no_open_event(world: dict[Key, Any]) -> None:
    assert run(world, {"events": []}).status is Status.PASS


def test_an_open_event(world: dict[Key, Any]) -> None:
    found = run(world, {"events": [EVENT]})
    assert found.status is Status.WARN
    assert found.facts["events"] == [
        {
            "service": "LAMBDA",
            "code": "AWS_LAMBDA_API_ISSUE",
            "status": "open",
            "start": "2026-11-20T11:00:00+00:00",
            "region": "us-east-1",
        }
    ]


def test_it_asks_about_this_paths_services_and_regions_at_the_one_endpoint(world: dict[Key, Any]) -> None:
    aws = FakeAws(world)
    Health().run(traced(world), aws)
    (asked,) = aws.params("health:DescribeEvents")
    assert asked["region"] == "us-east-1"
    assert asked["filter"]["services"] == ["APIGATEWAY", "LAMBDA"]
    assert asked["filter"]["regions"] == ["us-east-1", "global"]
    assert asked["filter"]["eventStatusCodes"] == ["open"]


def test_an_account_whose_support_plan_has_no_health_api(world: dict[Key, Any]) -> None:
    found = run(world, AwsError("health.DescribeEvents: no plan", "SubscriptionRequiredException"))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    assert "Business support plan" in found.summary


@pytest.mark.parametrize(
    "error",
    [*ERRORS, Unsupported("none here"), AwsError("broken", "InternalServerError")],
    ids=lambda e: type(e).__name__,
)
def test_a_refused_question_is_raised(world: dict[Key, Any], error: AwsError) -> None:
    with pytest.raises(type(error)):
        run(world, error)
