"""Reading the execution log: whose failures they are, which are the newest, and what the lines show."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from probes.stage._execution_log import FAILING
from probes.stage.execution_log import ExecutionLog
from tests.probes.conftest import ERRORS, ONE, TWO, FakeAws, Key, export, integration, logged, new_case, story, traced
from wizard.model.aws import AwsError, NotFound
from wizard.model.case import Symptom
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status

REFUSED = "Execution failed due to configuration error: Invalid permissions on Lambda function"
LATE = "Execution failed due to a timeout error"


def run(world: dict[Key, Any], *requests: tuple[str, list[str]], **target: Any) -> Evidence:
    world["logs", "FilterLogEvents"] = logged(*requests)
    return ExecutionLog().run(traced(world, new_case(**target)), FakeAws(world))


def test_a_log_without_failing_requests(world: dict[Key, Any]) -> None:
    found = run(world, (ONE, story("Successfully completed execution", status=200)))
    assert (found.status, found.facts["requests"]) == (Status.PASS, 0)


def test_a_failing_request_and_its_cause(world: dict[Key, Any]) -> None:
    found = run(world, (ONE, story("Successfully completed execution", status=200)), (TWO, story(REFUSED)))
    assert found.status is Status.FAIL
    assert found.facts["cause_ids"] == ["lambda-permission-missing"]
    assert (found.facts["requests"], found.facts["client_statuses"], found.facts["request_ids"]) == (1, [500], [TWO])
    assert found.facts["lines"] == [{"request_id": TWO, "text": REFUSED}]
    assert REFUSED in found.summary


def test_the_newest_request_says_what_the_client_sees(world: dict[Key, Any]) -> None:
    found = run(world, (ONE, story(REFUSED)), (TWO, story(LATE, status=504)))
    assert found.facts["client_statuses"] == [504]
    assert found.facts["request_ids"] == [TWO, ONE]
    assert set(found.facts["cause_ids"]) == {"lambda-permission-missing", "integration-timeout"}  # type: ignore[arg-type]
    assert found.facts["lines"][0]["text"] == LATE  # type: ignore[index,call-overload]


@pytest.mark.parametrize("other", [{"method": "POST"}, {"path": "/orders"}, {"path": "/orders/42/items"}])
def test_failures_of_other_methods_are_not_ours(world: dict[Key, Any], other: dict[str, str]) -> None:
    found = run(world, (ONE, story(REFUSED, **other)))  # type: ignore[arg-type]
    assert (found.status, found.facts["other_methods"]) == (Status.PASS, 1)


def test_a_log_of_errors_only_does_not_tell_whose_they_are(world: dict[Key, Any]) -> None:
    found = run(world, (ONE, [REFUSED]))
    assert (found.status, found.facts["client_statuses"]) == (Status.FAIL, [])
    assert found.facts["cause_ids"] == ["lambda-permission-missing"]


def test_a_client_error_is_no_failure(world: dict[Key, Any]) -> None:
    assert run(world, (ONE, story("Execution failed due to a bad request", status=400))).status is Status.PASS


def test_the_reported_request_comes_first(world: dict[Key, Any]) -> None:
    requests = [(str(uuid.UUID(int=n)), story(REFUSED)) for n in range(1, 31)]
    oldest = requests[0][0]
    found = run(world, *requests, symptom=Symptom(500, request_id=oldest.upper()))
    assert found.facts["request_ids"][0] == oldest  # type: ignore[index,call-overload]
    assert found.facts["capped"] is True


def test_an_unknown_failure_is_told_with_its_line(world: dict[Key, Any]) -> None:
    found = run(world, (ONE, story("Execution failed due to\nsomething new")))
    assert (found.status, found.facts["causes"]) == (Status.FAIL, [])
    assert "Execution failed due to something new" in found.summary


@pytest.mark.parametrize(("kind", "causes"), [("AWS_PROXY", ["lambda-response-body-not-string"]), ("AWS", [])])
def test_only_a_proxy_integration_is_judged_by_its_response(
    world: dict[Key, Any], kind: str, causes: list[str]
) -> None:
    world["apigateway", "GetExport"] = export(get=integration(type=kind))
    body = 'Endpoint response body before transformations: {"statusCode": 200, "body": {"a": 1}}'
    malformed = "Execution failed due to configuration error: Malformed Lambda proxy response"
    assert run(world, (ONE, story(body, malformed, status=502))).facts["cause_ids"] == causes


def test_no_log_group_means_nothing_was_ever_logged(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = NotFound("no group")
    found = ExecutionLog().run(traced(world), FakeAws(world))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    assert found.needs == "execution logging at INFO on stage prod"
    assert "update-stage" in str(found.facts["enable_command"])


def test_an_empty_log_proves_nothing_while_logging_is_off(world: dict[Key, Any]) -> None:
    world["apigateway", "GetStage"] = {"stageName": "prod"}
    found = run(world)
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)


def test_old_failures_count_even_if_logging_is_off_now(world: dict[Key, Any]) -> None:
    world["apigateway", "GetStage"] = {"stageName": "prod"}
    assert run(world, (ONE, story(REFUSED))).status is Status.FAIL


def test_a_log_too_long_is_read_from_its_newer_end(world: dict[Key, Any]) -> None:
    case, reading = traced(world), logged((ONE, story(REFUSED)))
    starts: list[int] = []

    def long(**params: Any) -> dict[str, Any]:
        failing = params.get("filterPattern") == FAILING
        if failing:
            starts.append(params["startTime"])
        return {**reading(**params), "truncated": failing and len(starts) < 3}

    found = ExecutionLog().run(case, FakeAws({**world, ("logs", "FilterLogEvents"): long}))
    assert starts == sorted(starts)
    assert len(set(starts)) == 3
    assert (found.status, found.facts["capped"]) == (Status.FAIL, True)


def test_a_log_that_never_ends_is_not_called_clean(world: dict[Key, Any]) -> None:
    case = traced(world)
    world["logs", "FilterLogEvents"] = {"events": [], "truncated": True}
    assert ExecutionLog().run(case, FakeAws(world)).status is Status.UNKNOWN


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("call", [("logs", "FilterLogEvents"), ("apigateway", "GetStage")])
def test_a_refused_question_is_raised(world: dict[Key, Any], call: Key, error: AwsError) -> None:
    case = traced(world)
    with pytest.raises(type(error)):
        ExecutionLog().run(case, FakeAws({**world, call: error}))
