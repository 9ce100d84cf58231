"""What a role's policies let API Gateway do, and whether it may take the role on."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from probes._role import Permit, Trust, judged, may, policy_statements, role_account, role_name, trust
from tests.probes.conftest import ACCOUNT, FakeAws
from wizard.model.aws import Denied, Throttled, Unsupported

ROLE = f"arn:aws:iam::{ACCOUNT}:role/api/caller"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
SEND = "sqs:SendMessage"


def assume(**changes: Any) -> dict[str, Any]:
    usual = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"Statement": [{**usual, **changes}]}


def allow(action: Any = SEND, resource: Any = QUEUE, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (assume(), Trust(True)),
        (assume(Principal={"Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]}), Trust(True)),
        (assume(Principal={"Service": "lambda.amazonaws.com"}), Trust(False, "principal")),
        (assume(Action="sts:TagSession"), Trust(False, "action")),
        ({"Statement": []}, Trust(False, "principal")),
        (assume(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}), Trust(True)),
        (
            assume(Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}),
            Trust(False, "condition", ("aws:sourceaccount",)),
        ),
        (
            assume(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:apigateway:*::/restapis/x"}}),
            Trust(None, "condition", ("aws:sourcearn",)),
        ),
        ({"Statement": [*assume()["Statement"], *assume(Effect="Deny")["Statement"]]}, Trust(False, "deny")),
    ],
)
def test_who_may_take_the_role_on(document: dict[str, Any], expected: Trust) -> None:
    assert trust(document, ACCOUNT) == expected
    assert trust(json.dumps(document), ACCOUNT) == trust(quote(json.dumps(document)), ACCOUNT) == expected


@pytest.mark.parametrize(
    ("policies", "resource", "allowed"),
    [
        ([allow()], QUEUE, True),
        ([allow("sqs:*")], QUEUE, True),
        ([allow("SQS:sendmessage", "*")], QUEUE, True),
        ([allow()], QUEUE + "-dead", False),
        ([allow()], None, True),
        ([allow("sqs:ReceiveMessage")], None, False),
        ([], QUEUE, False),
        ([allow(Condition={"Bool": {"aws:SecureTransport": "true"}})], QUEUE, None),
        ([allow(), allow(Effect="Deny")], None, True),
    ],
)
def test_what_policies_allow(policies: list[dict[str, Any]], resource: str | None, allowed: bool | None) -> None:
    assert judged(policies, SEND, resource).allowed is allowed


def test_a_deny_wins() -> None:
    assert judged([allow(), allow(Effect="Deny")], SEND, QUEUE) == Permit(False, "read", explicit=True)
    denied_else = {"Effect": "Deny", "NotAction": "s3:*", "NotResource": QUEUE + "x"}
    assert judged([allow(), denied_else], SEND, QUEUE).explicit


def simulated(decision: str, **more: Any) -> dict[tuple[str, str], Any]:
    result = {"EvalActionName": SEND, "EvalDecision": decision, **more}
    return {("iam", "SimulatePrincipalPolicy"): {"EvaluationResults": [result]}}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (simulated("allowed"), Permit(True, "simulated")),
        (simulated("implicitDeny"), Permit(False, "simulated")),
        (simulated("explicitDeny"), Permit(False, "simulated", explicit=True)),
        (
            simulated("implicitDeny", MissingContextValues=["aws:SourceIp"]),
            Permit(None, "simulated", keys=("aws:SourceIp",)),
        ),
    ],
)
def test_the_simulator_is_asked_first(answers: dict[tuple[str, str], Any], expected: Permit) -> None:
    aws = FakeAws(answers)
    assert may(aws, ROLE, SEND, QUEUE) == expected
    assert aws.params("iam:SimulatePrincipalPolicy") == [
        {"PolicySourceArn": ROLE, "ActionNames": [SEND], "ResourceArns": [QUEUE]}
    ]


@pytest.mark.parametrize("refused", [Denied("iam:SimulatePrincipalPolicy"), Unsupported("no")])
def test_where_the_simulator_may_not_be_asked_the_policies_are_read(refused: Exception) -> None:
    answers = {
        ("iam", "SimulatePrincipalPolicy"): refused,
        ("iam", "ListRolePolicies"): {"PolicyNames": ["own"]},
        ("iam", "GetRolePolicy"): {"PolicyDocument": quote(json.dumps({"Statement": allow("s3:*", "*")}))},
        ("iam", "ListAttachedRolePolicies"): {"AttachedPolicies": [{"PolicyArn": "arn:p"}]},
        ("iam", "GetPolicy"): {"Policy": {"DefaultVersionId": "v2"}},
        ("iam", "GetPolicyVersion"): {"PolicyVersion": {"Document": {"Statement": [allow()]}}},
    }
    aws = FakeAws(answers)
    assert may(aws, ROLE, SEND, QUEUE) == Permit(True, "read")
    assert aws.params("iam:GetRolePolicy") == [{"RoleName": "caller", "PolicyName": "own"}]
    assert aws.params("iam:GetPolicyVersion") == [{"PolicyArn": "arn:p", "VersionId": "v2"}]
    assert may(FakeAws(answers), ROLE, SEND, None).way == "read"


def test_a_simulator_that_fails_is_an_error() -> None:
    with pytest.raises(Throttled):
        may(FakeAws({("iam", "SimulatePrincipalPolicy"): Throttled("slow down")}), ROLE, SEND, QUEUE)


def test_names_in_a_role_arn() -> None:
    assert (role_name(ROLE), role_account(ROLE), role_account("nonsense")) == ("caller", ACCOUNT, "")


def test_a_policy_that_is_no_json() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        policy_statements("{")
