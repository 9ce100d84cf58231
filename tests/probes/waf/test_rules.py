"""The web ACL in front of the stage."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from probes.waf.rules import WafRules
from tests.probes.conftest import ERRORS, NOW, FakeAws, Key, healthy, new_case, traced
from wizard.model.aws import AwsError
from wizard.model.case import Symptom, Window
from wizard.model.probe import Evidence

ACL_ARN = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1"
BLOCK: dict[str, Any] = {"Name": "bad-words", "Action": {"Block": {}}, "VisibilityConfig": {"MetricName": "words"}}
BUSY = {"Action": {"Block": {"CustomResponse": {"ResponseCode": 503}}}, "Name": "busy"}


def sample(uri: str = "/prod/orders/42", method: str = "GET", action: str = "BLOCK") -> dict[str, Any]:
    request = {
        "URI": uri,
        "Method": method,
        "ClientIP": "192.0.2.1",
        "Headers": [{"Name": "Cookie", "Value": "secret"}],
    }
    return {"Request": request, "Action": action, "Timestamp": "2026-11-20T11:50:00+00:00"}


def world(*rules: dict[str, Any], blocked: float = 0.0, samples: Any = (), **acl: Any) -> dict[Key, Any]:
    answers = healthy()
    answers["apigateway", "GetStage"]["webAclArn"] = ACL_ARN
    named = {"Name": "shop", "ARN": ACL_ARN, "Rules": list(rules), "DefaultAction": {"Allow": {}}, **acl}
    return {
        **answers,
        ("wafv2", "GetWebACLForResource"): {"WebACL": named},
        ("cloudwatch", "GetMetricData"): {"MetricDataResults": [{"Id": "r0", "Values": [blocked]}]},
        ("wafv2", "GetSampledRequests"): {"SampledRequests": list(samples)},
    }


def run(answers: dict[Key, Any], status: int | None = None, changed: dict[Key, Any] | None = None) -> Evidence:
    case = traced(answers, new_case(symptom=Symptom(status)))
    return WafRules().run(case, FakeAws({**answers, **(changed or {})}))


def test_an_acl_that_blocks_nothing() -> None:
    assert run(world({**BLOCK, "Action": {"Count": {}}})).status == "pass"
    assert run(world(BLOCK)).status == "pass"


@pytest.mark.parametrize("uri", ["/prod/orders/42", "/orders/42", "/prod/orders/42?q=1"])
def test_this_very_request_was_blocked(uri: str) -> None:
    found = run(world(BLOCK, blocked=3, samples=[sample(uri)]), 403)
    assert (found.status, found.facts["rule"], found.facts["status_sent"]) == ("fail", "bad-words", 403)
    assert found.facts["blocked_at"] == ["2026-11-20T11:50:00+00:00"]


def test_nothing_of_a_sample_but_when_is_kept() -> None:
    found = run(world(BLOCK, blocked=3, samples=[sample()]))
    assert "secret" not in str(found.facts)
    assert "192.0.2.1" not in str(found.facts)


@pytest.mark.parametrize("other", [sample("/prod/products"), sample(method="POST"), sample(action="COUNT")])
def test_others_were_blocked(other: dict[str, Any]) -> None:
    found = run(world(BLOCK, blocked=3, samples=[other]), 403)
    assert (found.status, found.facts["blocked"], found.facts["fits"]) == ("warn", 3, True)


def test_a_rule_that_answers_otherwise_than_the_client_saw_is_not_it() -> None:
    answers = world({**BLOCK, **BUSY}, blocked=3, samples=[sample()])
    assert run(answers, 503).status == "fail"
    found = run(answers, 500)
    assert (found.status, found.facts["fits"]) == ("warn", False)


@pytest.mark.parametrize(
    ("rule", "acl"),
    [
        ({**BLOCK, "Action": None, "OverrideAction": {"None": {}}}, {}),
        (
            {**BLOCK, "Action": {"Count": {}}},
            {"DefaultAction": {"Block": {}}, "VisibilityConfig": {"MetricName": "all"}},
        ),
    ],
)
def test_groups_and_the_default_action_block_too(rule: dict[str, Any], acl: dict[str, Any]) -> None:
    assert run(world(rule, blocked=1, samples=[sample()], **acl)).status == "fail"


def test_samples_are_asked_for_no_further_back_than_they_are_kept() -> None:
    answers = world(BLOCK, blocked=3)
    aws, case = FakeAws(answers), traced(answers)
    object.__setattr__(case, "window", Window(NOW - timedelta(days=2), NOW))
    WafRules().run(case, aws)
    asked = aws.params("wafv2:GetSampledRequests")[0]
    assert asked["TimeWindow"]["StartTime"] == (NOW - timedelta(hours=3)).isoformat()


def test_waf_classic_is_not_read() -> None:
    answers = world(BLOCK)
    answers["apigateway", "GetStage"]["webAclArn"] = "arn:aws:waf-regional:us-east-1:123456789012:webacl/1"
    assert run(answers).status == "unknown"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_refused_answers(error: AwsError) -> None:
    answers = world(BLOCK, blocked=3, samples=[sample()])
    with pytest.raises(type(error)):
        run(answers, changed={("wafv2", "GetWebACLForResource"): error})
    assert run(answers, changed={("cloudwatch", "GetMetricData"): error}).status == "fail"
    unseen = run(answers, changed={("wafv2", "GetSampledRequests"): error})
    assert (unseen.status, unseen.facts["partial"][0]["reason"]) == ("warn", error.reason)  # type: ignore[index,call-overload]
    both: dict[Key, Any] = {("cloudwatch", "GetMetricData"): error, ("wafv2", "GetSampledRequests"): error}
    assert run(answers, changed=both).status == "unknown"
