"""A support person without all permissions: every operation refused in turn, and the rest of the answer stays."""

from __future__ import annotations

import pytest

from tests.bad_days.conftest import FAULTS, Run
from tests.bad_days.door import Door
from wizard.aws.permissions import action_for
from wizard.engine.catalog import all_probes
from wizard.model.status import Effect

READ = sorted(set().union(*(probe.calls for probe in all_probes() if probe.effect is Effect.NONE)))
# What the check of this world asks, by service.
SERVICES = {
    "apigateway": "GetAccount GetDeployment GetDeployments GetExport GetResources GetRestApi GetStage",
    "cloudtrail": "LookupEvents",
    "cloudwatch": "GetMetricData",
    "health": "DescribeEvents",
    "iam": "GetRole",
    "lambda": "GetAccountSettings GetFunctionConcurrency GetFunctionConfiguration GetPolicy ListAliases ListFunctions",
    "logs": "FilterLogEvents",
    "service-quotas": "ListServiceQuotas",
    "sts": "GetCallerIdentity",
    "xray": "BatchGetTraces GetTraceSummaries",
}
ASKED = [f"{service}:{name}" for service, names in SERVICES.items() for name in names.split()]
# Without the stage there is no path.
DECISIVE = "apigateway:GetStage"


def test_the_door_knows_the_operations(door: Door, check: Run) -> None:
    assert check().causes == set(FAULTS)
    asked = set(door.seen)
    assert {"sts:GetCallerIdentity", "logs:FilterLogEvents", "cloudwatch:GetMetricData", DECISIVE} <= asked
    assert asked <= set(READ), "an operation that no probe declares"
    assert asked == set(ASKED)


@pytest.mark.parametrize("name", ASKED)
def test_denied(door: Door, check: Run, name: str) -> None:
    door.deny(name)
    result = check()
    report = result.report
    assert result.err == ""
    assert [item for item in report["evidence"] if item["reason"] == "crashed"] == []
    if name == DECISIVE:
        assert (result.code, report["outcome"], report["findings"]) == (5, "inconclusive", [])
    else:
        assert (result.code, report["outcome"]) == (3, "fault")
        assert result.causes == set(FAULTS)
    # Asking who one is needs no permission at all.
    assert name in door.seen
    if name != "sts:GetCallerIdentity":
        needs = {item["needs"] for item in report["not_checked"] if item["reason"] == "denied"}
        assert needs == {action_for(*name.split(":"))}


@pytest.mark.parametrize("name", ["lambda:GetPolicy", "logs:FilterLogEvents", "cloudwatch:GetMetricData", DECISIVE])
def test_throttled(door: Door, check: Run, name: str) -> None:
    door.throttle(name)
    result = check()
    assert result.err == ""
    assert result.code == (5 if name == DECISIVE else 3)
    throttled = [item for item in result.report["not_checked"] if item["reason"] == "throttled"]
    assert throttled
    assert all("refused for rate" in item["summary"] for item in throttled)
    assert door.seen.count(name) >= 3, "asked again before it gave up"


def test_nothing_is_allowed(door: Door, check: Run) -> None:
    door.deny("*")
    result = check()
    assert (result.code, result.err) == (5, "")
    (item,) = result.report["not_checked"]
    assert (item["probe"], item["reason"], item["needs"]) == ("path.trace", "denied", "apigateway:GET")
    text = check(output="text").out
    assert "needs the IAM permission apigateway:GET" in text
    assert "apigw-wizard permissions" in text
    assert "<" not in text


def test_the_words_of_the_service_are_kept(door: Door, check: Run) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:shop-orders:live"
    door.deny(
        "lambda:GetPolicy",
        words="User: arn:aws:iam::123456789012:user/support is not authorized to perform: lambda:GetPolicy "
        f"on resource: {arn} with an explicit deny in an identity-based policy",
    )
    (item,) = [item for item in check().report["not_checked"] if item["reason"] == "denied"]
    assert item["needs"] == "lambda:GetPolicy"
    assert item["summary"].endswith(f"needs lambda:GetPolicy on {arn} (explicit deny in an identity-based policy)")
    assert item["manual"].startswith("aws lambda get-policy --function-name shop-orders:live")
