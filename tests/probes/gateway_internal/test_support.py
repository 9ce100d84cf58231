"""The text for AWS Support: what stands in it, when there is one, and that it can be redacted."""

from __future__ import annotations

from typing import Any

import pytest

from probes.gateway_internal.support import Support
from tests.probes.conftest import ERRORS, ONE, FakeAws, Key, logged, new_case, story, traced
from wizard.model.aws import AwsError
from wizard.model.case import Symptom
from wizard.model.status import Reason, Status
from wizard.report.redact import Redactor

INTERNAL = "Execution failed due to an internal error"


def look(world: dict[Key, Any], **symptom: Any) -> Any:
    case = traced(world, new_case(symptom=Symptom(**symptom)))
    return Support().run(case, FakeAws(world))


def failing(world: dict[Key, Any], *lines: str) -> None:
    world["logs", "FilterLogEvents"] = logged((ONE, ["Extended Request Id: AbCdEf12345=", *story(*lines)]))


def test_without_a_failing_request_there_is_nothing_to_send(world: dict[Key, Any]) -> None:
    found = look(world)
    assert (found.status, found.detail) == (Status.SKIPPED, None)


def test_the_text_has_all_that_aws_asks_for(world: dict[Key, Any]) -> None:
    failing(world, INTERNAL)
    found = look(world, status=500, error_type="InternalServerErrorException", request_id="reported-1234")
    assert (found.status, found.facts["internal"]) == (Status.WARN, True)
    assert found.detail == found.facts["support_text"]
    for wanted in (
        "Account: 123456789012   Region: us-east-1",
        "API id: abc123   stage: prod   endpoint: REGIONAL   deployment: d1",
        "Method: GET /orders/{id}",
        "Looked at: 2026-11-20 11:00:00 to 2026-11-20 12:00:00 UTC",
        "Clients saw: 500, InternalServerErrorException",
        "request id: reported-1234",
        f"- 2026-11-20 11:50:00 UTC, status 500, request id: {ONE}, extended request id: AbCdEf12345=",
        INTERNAL,
    ):
        assert wanted in found.detail


def test_the_text_can_be_redacted(world: dict[Key, Any]) -> None:
    failing(world, INTERNAL)
    clean = Redactor().text(look(world, status=500).detail)
    assert not [secret for secret in (ONE, "AbCdEf12345", "123456789012") if secret in clean]
    assert "status 500, request id: request-" in clean


def test_another_failure_is_no_internal_error(world: dict[Key, Any]) -> None:
    failing(world, "Execution failed due to a timeout error")
    assert look(world, status=504).facts["internal"] is False
    assert look(world, status=500, error_type="InternalFailureException").facts["internal"] is True


def test_other_apis_that_fail_are_counted(world: dict[Key, Any]) -> None:
    failing(world, INTERNAL)
    case = traced(world, new_case(symptom=Symptom(status=500)))
    results = [("apis", "shop", [3.0]), ("apis", "till", [0.0, 2.0]), ("apis", "stock", [0.0]), ("apis", "news", [1.0])]
    world["cloudwatch", "GetMetricData"] = {
        "MetricDataResults": [{"Id": i, "Label": label, "Values": values} for i, label, values in results]
    }
    found: Any = Support().run(case, FakeAws(world))
    assert (found.facts["other_apis"], found.facts["other_api_names"]) == (2, ["news", "till"])
    assert "Other APIs of the account with 5xx answers in this time: news, till" in str(found.detail)


def test_without_any_id_aws_cannot_look(world: dict[Key, Any]) -> None:
    found = look(world, status=500)
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    assert "x-amzn-RequestId" in str(found.needs)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_an_unread_log_is_no_clean_log(world: dict[Key, Any], error: AwsError) -> None:
    case = traced(world)
    world["logs", "FilterLogEvents"] = error
    with pytest.raises(type(error)):
        Support().run(case, FakeAws(world))


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_what_is_missing_in_the_text_is_said(world: dict[Key, Any], error: AwsError) -> None:
    failing(world, INTERNAL)
    case = traced(world, new_case(symptom=Symptom(status=500)))
    world["cloudwatch", "GetMetricData"] = error
    found: Any = Support().run(case, FakeAws(world))
    assert (found.status, found.facts["other_apis"]) == (Status.WARN, 0)
    assert [part["reason"] for part in found.facts["partial"]] == [error.reason.value]
