"""The API's own policy, deployed and configured, against one request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes.path._snapshot import export as _export_of
from probes.resource_policy.decision import POLICY, PolicyDecision
from tests.probes.conftest import ERRORS, FakeAws, Key, healthy, new_case, traced
from wizard.model.aws import AwsError
from wizard.model.case import Symptom
from wizard.model.probe import Evidence

ALL = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
ARN = "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/GET/orders/42"
OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}


def world(*statements: dict[str, Any], deployed: list[dict[str, Any]] | None = None) -> dict[Key, Any]:
    """The healthy shop with this policy; `deployed` is the stage's where it is another."""
    answers = healthy()
    api = answers["apigateway", "GetRestApi"]
    api["policy"] = json.dumps({"Statement": list(statements)})
    document = json.loads(answers["apigateway", "GetExport"]["body"])
    document[POLICY] = {"Statement": list(statements) if deployed is None else deployed}
    answers["apigateway", "GetExport"]["body"] = json.dumps(document)
    return answers


def run(answers: dict[Key, Any], symptom: Symptom | None = None, **trace: Any) -> Evidence:
    case = traced(answers, new_case(symptom=symptom or Symptom()), **trace)
    return PolicyDecision().run(case, FakeAws(answers))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ([ALL], "allow"),
        ([{**ALL, "Resource": ARN}], "allow"),
        ([{**ALL, "Resource": "execute-api:/prod/GET/orders/*"}], "allow"),
        ([{**ALL, "Action": "execute-api:*", "Principal": {"AWS": "*"}}], "allow"),
        ([{**ALL, "Resource": "execute-api:/test/*"}], "implicit-deny"),
        ([{**ALL, "Resource": "execute-api:/prod/POST/*"}], "implicit-deny"),
        ([{**ALL, "Action": "execute-api:ManageConnections"}], "implicit-deny"),
        ([{**ALL, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}], "implicit-deny"),
        ([{**ALL, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}], "implicit-deny"),
        ([ALL, {**ALL, "Effect": "Deny", "Resource": "execute-api:/prod/*"}], "explicit-deny"),
        ([ALL, {**ALL, "Effect": "Deny", "Resource": None, "NotResource": "execute-api:/test/*"}], "explicit-deny"),
        ([{**ALL, "Condition": OFFICE}], "depends"),
        ([ALL, {**ALL, "Effect": "Deny", "Condition": OFFICE}], "depends"),
    ],
)
def test_a_policy_is_judged_as_iam_does(policy: list[dict[str, Any]], expected: str) -> None:
    found = run(world(*policy))
    assert found.facts["decision"] == expected
    assert found.status == {"allow": "pass", "depends": "unknown"}.get(expected, "fail")
    assert found.facts["method_arn"] == ARN


def test_what_is_deployed_counts_and_what_waits_is_told() -> None:
    found = run(world(ALL, deployed=[{**ALL, "Resource": "execute-api:/test/*"}]))
    assert (found.status, found.facts["deployed_known"], found.facts["configured_allows"]) == ("fail", True, True)
    assert run(world({**ALL, "Resource": "execute-api:/test/*"}, deployed=[ALL])).status == "pass"


def test_iam_may_let_in_whom_the_policy_does_not_name() -> None:
    answers = world({**ALL, "Resource": "execute-api:/test/*"})
    found = run(answers, authorization="AWS_IAM")
    assert (found.status, found.facts["decision"]) == ("pass", "left-to-others")
    denied = world(ALL, {**ALL, "Effect": "Deny"})
    assert run(denied, authorization="AWS_IAM").facts["decision"] == "explicit-deny"


def test_a_named_principal_is_not_told_from_another_when_requests_are_signed() -> None:
    answers = world({**ALL, "Principal": {"AWS": "arn:aws:iam::123456789012:role/shop"}})
    assert run(answers, authorization="AWS_IAM").facts["depends_on"] == ["principal"]


def test_a_5xx_is_no_answer_of_a_policy_that_picks_callers() -> None:
    answers = world({**ALL, "Condition": OFFICE})
    assert run(answers, Symptom(502)).status == "pass"
    assert run(answers, Symptom(403)).status == "unknown"


def test_a_private_api_is_called_through_the_endpoint_it_is_bound_to() -> None:
    answers = world({**ALL, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}})
    bound: dict[str, Any] = {"endpoint_type": "PRIVATE", "vpc_endpoints": ("vpce-1",)}
    assert run(answers, **bound).status == "pass"
    assert run(answers, **{**bound, "vpc_endpoints": ("vpce-2",)}).status == "fail"
    several = run(answers, **{**bound, "vpc_endpoints": ("vpce-1", "vpce-2")})
    assert several.facts["depends_on"] == ["aws:sourcevpce"]


def test_a_private_api_without_a_policy_refuses_everybody() -> None:
    found = run(healthy(), endpoint_type="PRIVATE")
    assert (found.status, found.facts["decision"], found.facts["private"]) == ("fail", "implicit-deny", True)


def test_escaped_quotes_are_read() -> None:
    answers = world({**ALL, "Effect": "Deny"})
    answers["apigateway", "GetRestApi"]["policy"] = answers["apigateway", "GetRestApi"]["policy"].replace('"', '\\"')
    assert run(answers).facts["configured_allows"] is False


def test_without_a_policy_nothing_is_asked() -> None:
    answers = healthy()
    aws = FakeAws(answers)
    assert PolicyDecision().run(traced(answers), aws).status == "skipped"
    assert aws.used == set()


def test_a_broken_policy_is_unknown() -> None:
    answers = world(ALL)
    answers["apigateway", "GetRestApi"]["policy"] = "{nonsense"
    assert run(answers).status == "unknown"


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_without_the_export_the_configured_policy_has_to_do(error: AwsError) -> None:
    answers = world({**ALL, "Effect": "Deny"})
    case = traced(answers)
    found = PolicyDecision().run(case, FakeAws({**answers, ("apigateway", "GetExport"): error}))
    assert (found.status, found.facts["deployed_known"]) == ("fail", False)
    with pytest.raises(type(error)):
        PolicyDecision().run(case, FakeAws({**answers, ("apigateway", "GetRestApi"): error}))


def test_the_export_is_asked_for_as_the_trace_does() -> None:
    answers = world(ALL)
    aws = FakeAws(answers)
    PolicyDecision().run(traced(answers), aws)
    again = FakeAws(answers)
    _export_of(again, "abc123", "prod")
    assert again.asked[0] in aws.asked
