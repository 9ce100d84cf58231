"""What changed: whose changes count, and how long before the errors they were."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes.stage.changes import Changes
from tests.probes.conftest import API, ERRORS, FUNCTION, FakeAws, Key, periods, traced
from wizard.model.aws import AwsError, NotFound, Unsupported
from wizard.model.probe import Evidence
from wizard.model.status import Status


def event(name: str, at: str, *, read_only: str = "false", source: str = "apigateway", **asked: Any) -> dict[str, Any]:
    detail = {"eventName": name, "requestParameters": asked or None}
    return {
        "EventName": name,
        "EventTime": at,
        "ReadOnly": read_only,
        "Username": "ana",
        "EventSource": f"{source}.amazonaws.com",
        "CloudTrailEvent": json.dumps(detail),
    }


def run(world: dict[Key, Any], *gateway: dict[str, Any], function: tuple[dict[str, Any], ...] = ()) -> Evidence:
    def trail(**params: Any) -> dict[str, Any]:
        (attribute,) = params["LookupAttributes"]
        return {"Events": list(gateway if attribute["AttributeValue"].startswith("apigateway") else function)}

    world["cloudtrail", "LookupEvents"] = trail
    world["cloudwatch", "GetMetricData"] = {
        "MetricDataResults": periods("series", 60, count=[(50, 2), (30, 2)], errors=[(30, 2)])
    }
    return Changes().run(traced(world), FakeAws(world))


def told(found: Evidence) -> list[tuple[Any, ...]]:
    changes = found.facts["changes"]
    assert isinstance(changes, list)
    keys = ("what", "who", "hop", "source", "seconds_before_onset")
    return [tuple(change[key] for key in keys) for change in changes if isinstance(change, dict)]


def test_nothing_was_changed(world: dict[Key, Any]) -> None:
    found = run(world)
    assert (found.status, found.facts["changes"], found.facts["before_onset"]) == (Status.PASS, [], 0)


def test_a_deployment_shortly_before_the_errors(world: dict[Key, Any]) -> None:
    world["apigateway", "GetDeployments"] = {
        "items": [
            {"id": "d1", "createdDate": "2026-11-20T11:20:00+00:00", "description": "new orders"},
            {"id": "d0", "createdDate": "2026-10-20T11:20:00+00:00"},
        ]
    }
    found = run(world)
    assert told(found) == [("Deployment d1 (new orders), which the stage runs", None, "stage", "deployment", 600)]
    assert found.facts["before_onset"] == 1
    assert "10 min before the errors began" in found.summary


def test_every_source_newest_first(world: dict[Key, Any]) -> None:
    world["apigateway", "GetStage"]["lastUpdatedDate"] = "2026-11-20T11:25:00+00:00"
    world["lambda", "GetFunctionConfiguration"] = {"LastModified": "2026-11-20T11:26:00.000+0000", "Version": "7"}
    found = run(
        world,
        event("UpdateIntegration", "2026-11-20T11:40:00+00:00", restApiId=API),
        function=(event("UpdateAlias20150331", "2026-11-20T11:28:00+00:00", source="lambda", functionName=FUNCTION),),
    )
    assert told(found) == [
        ("UpdateIntegration (apigateway)", "ana", "stage", "cloudtrail", -600),
        ("UpdateAlias (lambda)", "ana", "lambda-function", "cloudtrail", 120),
        ("Function shop-orders (version 7) was updated", None, "lambda-function", "function", 240),
        ("Stage prod was updated", None, "stage", "stage", 300),
    ]
    assert found.facts["before_onset"] == 3


@pytest.mark.parametrize(
    "other",
    [
        event("GetStage", "2026-11-20T11:28:00+00:00", read_only="true", restApiId=API),
        event("UpdateStage", "2026-11-20T11:28:00+00:00", restApiId="other"),
        event("UpdateStage", "2026-11-20T11:28:00+00:00", restApiId=API, stageName="dev"),
        event("UpdateFunctionCode", "2026-11-20T11:28:00+00:00", functionName="shop-products"),
        event("CreateApiKey", "2026-11-20T11:28:00+00:00"),
        {"EventName": "UpdateStage", "ReadOnly": "false", "CloudTrailEvent": "{"},
    ],
    ids=["reads", "another API", "another stage", "another function", "an API key", "not JSON"],
)
def test_other_events_are_none_of_ours(world: dict[Key, Any], other: dict[str, Any]) -> None:
    assert told(run(world, other)) == []


def test_a_role_of_the_account_is_everybodys(world: dict[Key, Any]) -> None:
    assert len(told(run(world, event("UpdateAccount", "2026-11-20T11:28:00+00:00")))) == 1


def test_a_change_within_the_first_failing_period_counts_as_before(world: dict[Key, Any]) -> None:
    found = run(world, event("UpdateStage", "2026-11-20T11:30:20+00:00", restApiId=API, stageName="prod"))
    assert found.facts["before_onset"] == 1


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize(
    "call",
    [
        ("apigateway", "GetDeployments"),
        ("apigateway", "GetStage"),
        ("cloudtrail", "LookupEvents"),
        ("lambda", "GetFunctionConfiguration"),
    ],
)
def test_what_could_not_be_asked_is_unknown_and_the_rest_is_told(
    world: dict[Key, Any], call: Key, error: AwsError
) -> None:
    case = traced(world)
    world["apigateway", "GetDeployments"] = {"items": [{"id": "d1", "createdDate": "2026-11-20T11:20:00+00:00"}]}
    found = Changes().run(case, FakeAws({**world, call: error}))
    assert (found.status, found.reason) == (Status.UNKNOWN, error.reason)
    assert found.needs == getattr(error, "action", None)
    assert len(told(found)) == (0 if call[1] == "GetDeployments" else 1)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_without_metrics_there_is_no_onset(world: dict[Key, Any], error: AwsError) -> None:
    found = Changes().run(traced(world), FakeAws({**world, ("cloudwatch", "GetMetricData"): error}))
    assert (found.status, found.facts["onset"]) == (Status.PASS, None)
    assert found.facts["partial"][0]["reason"] == error.reason  # type: ignore[index,call-overload]


@pytest.mark.parametrize("error", [Unsupported("no CloudTrail here"), NotFound("none")])
def test_an_endpoint_without_cloudtrail_hides_nothing(world: dict[Key, Any], error: AwsError) -> None:
    found = Changes().run(traced(world), FakeAws({**world, ("cloudtrail", "LookupEvents"): error}))
    assert found.status is Status.PASS
