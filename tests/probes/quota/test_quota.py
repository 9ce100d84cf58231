"""Sizes that do not pass, and quotas of the account."""

from __future__ import annotations

from typing import Any

import pytest

from probes.quota.service_quotas import ServiceQuotas
from probes.quota.sizes import ARN_BYTES, BODY_BYTES, Sizes
from tests.probes.conftest import (
    ERRORS,
    ONE,
    FakeAws,
    Key,
    access_line,
    export,
    groups,
    integration,
    logged,
    measured,
    new_case,
    resources,
    story,
    traced,
)
from wizard.model.aws import AwsError, Denied
from wizard.model.case import Symptom
from wizard.model.status import Status

WHOLE_ARN = "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/GET/orders/"


def sizes(world: dict[Key, Any], status: int | None = None, path: str = "/orders/42", **trace: Any) -> Any:
    case = traced(world, new_case(symptom=Symptom(status=status), path=path), **trace)
    return Sizes().run(case, FakeAws(world))


@pytest.mark.parametrize(("more", "too_long"), [(0, False), (1, True)])
def test_the_arn_may_have_1600_bytes(world: dict[Key, Any], more: int, too_long: bool) -> None:
    path = "/orders/" + "x" * (ARN_BYTES - len(WHOLE_ARN) + more)
    found = sizes(world, path=path, authorization="AWS_IAM")
    assert (found.facts["arn_bytes"], found.facts["arn_too_long"]) == (ARN_BYTES + more, too_long)
    assert found.status is (Status.FAIL if too_long else Status.PASS)


def test_without_authorization_nobody_makes_an_arn(world: dict[Key, Any]) -> None:
    assert sizes(world, path="/orders/" + "x" * 3000).facts["arn_bytes"] is None


def test_letters_of_several_bytes_count_as_such(world: dict[Key, Any]) -> None:
    assert sizes(world, path="/orders/ü", authorization="AWS_IAM").facts["arn_bytes"] == len(WHOLE_ARN) + 2


@pytest.mark.parametrize(("length", "too_large"), [(BODY_BYTES, False), (BODY_BYTES + 1, True)])
def test_what_the_backend_says_of_its_answers_length(world: dict[Key, Any], length: int, too_large: bool) -> None:
    wired = integration(type="HTTP_PROXY", uri="https://shop.example/x", httpMethod="GET")
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=wired), resources(GET=wired)
    header = f"Endpoint response headers: {{Content-Type=text/plain, Content-Length={length}, Date=now}}"
    world["logs", "FilterLogEvents"] = logged((ONE, story(header, uri="https://shop.example/x")))
    found = sizes(world)
    assert (found.facts["response_bytes"], found.facts["response_too_large"]) == (length, too_large)


@pytest.mark.parametrize(("status", "what"), [(413, "payload"), (414, "uri"), (431, "headers")])
def test_a_refused_request_names_what_was_too_large(world: dict[Key, Any], status: int, what: str) -> None:
    line = access_line(status=str(status), type="DEFAULT_4XX")
    world["logs", "FilterLogEvents"] = groups(execution=[], access=[(5, "s", line)])
    found = sizes(world, status)
    assert (found.status, found.facts["refused_for"], found.facts["refused"]) == (Status.FAIL, what, 1)


def test_the_backend_may_refuse_as_well(world: dict[Key, Any]) -> None:
    line = access_line(status="413", integrationStatus="200", latency="9")
    world["logs", "FilterLogEvents"] = groups(execution=[], access=[(5, "s", line)])
    found = sizes(world, 413)
    assert (found.status, found.facts["refused_for"], found.facts["passed_on"]) == (Status.PASS, None, 1)


def test_of_another_status_no_log_is_asked(world: dict[Key, Any]) -> None:
    case, aws = traced(world, new_case(symptom=Symptom(status=500))), FakeAws(world)
    Sizes().run(case, aws)
    assert "logs:FilterLogEvents" not in aws.used


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_an_unread_log_is_said(world: dict[Key, Any], error: AwsError) -> None:
    world["logs", "FilterLogEvents"] = error
    found = sizes(world, 413)
    assert [part["reason"] for part in found.facts["partial"]] == [error.reason.value]
    assert found.facts["refused"] == 0


def quota(code: str, value: float, name: str = "A quota") -> dict[str, Any]:
    return {"QuotaCode": code, "QuotaName": name, "Value": value, "Adjustable": True}


def quotas(world: dict[Key, Any], gateway: list[dict[str, Any]], functions: list[dict[str, Any]]) -> None:
    world["service-quotas", "ListServiceQuotas"] = lambda ServiceCode: {  # noqa: N803  AWS's own name
        "Quotas": gateway if ServiceCode == "apigateway" else functions
    }


def test_quotas_that_are_far_away(world: dict[Key, Any]) -> None:
    quotas(world, [quota("L-01C8A9E0", 300.0), quota("L-XXXXXXXX", 1.0)], [quota("L-B99A9384", 1000.0)])
    case = traced(world)
    world["cloudwatch", "GetMetricData"] = measured(concurrent_max=[7])
    found: Any = ServiceQuotas().run(case, FakeAws(world))
    assert found.status is Status.PASS
    assert [(row["code"], row["used"], row["limit"]) for row in found.facts["quotas"]] == [
        ("L-B99A9384", 7.0, 1000.0),
        ("L-01C8A9E0", 3, 300.0),
    ]


def test_a_quota_that_is_nearly_used_up(world: dict[Key, Any]) -> None:
    quotas(world, [], [quota("L-B99A9384", 10.0, "Concurrent executions")])
    case = traced(world)
    world["cloudwatch", "GetMetricData"] = measured(concurrent_max=[8])
    found: Any = ServiceQuotas().run(case, FakeAws(world))
    assert (found.status, found.facts["near"]) == (Status.WARN, ["L-B99A9384"])
    assert "Concurrent executions: 8 of 10" in found.summary


def test_one_service_may_stay_unknown(world: dict[Key, Any]) -> None:
    def answer(ServiceCode: str) -> dict[str, Any]:  # noqa: N803  AWS's own name
        if ServiceCode == "lambda":
            raise Denied("servicequotas:ListServiceQuotas")
        return {"Quotas": [quota("L-01C8A9E0", 300.0)]}

    world["service-quotas", "ListServiceQuotas"] = answer
    found: Any = ServiceQuotas().run(traced(world), FakeAws(world))
    assert (found.status, found.facts["partial"][0]["needs"]) == (Status.PASS, "servicequotas:ListServiceQuotas")


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_quotas_that_cannot_be_read(world: dict[Key, Any], error: AwsError) -> None:
    world["service-quotas", "ListServiceQuotas"] = error
    with pytest.raises(type(error)):
        ServiceQuotas().run(traced(world), FakeAws(world))


def test_nothing_to_compare(world: dict[Key, Any]) -> None:
    quotas(world, [], [])
    assert ServiceQuotas().run(traced(world), FakeAws(world)).status is Status.SKIPPED
