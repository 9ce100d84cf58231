"""The role of an integration: whether API Gateway can take it on, and what it may do."""

from __future__ import annotations

from typing import Any

import pytest

from probes._method import Method
from probes.integration import _service
from probes.integration._service import Wanted
from probes.integration.credentials import Credentials
from tests.probes.conftest import ACCOUNT, ERRORS, FUNCTION, FakeAws, Key, export, integration, resources, traced
from wizard.model.aws import AwsError, Denied, NotFound
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status

ROLE = f"arn:aws:iam::{ACCOUNT}:role/caller"
TABLE = "arn:aws:apigateway:us-east-1:dynamodb:action/GetItem"
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
ALLOWED: dict[Key, Any] = {
    ("iam", "GetRole"): {"Role": {"RoleName": "caller", "AssumeRolePolicyDocument": TRUST}},
    ("iam", "SimulatePrincipalPolicy"): {"EvaluationResults": [{"EvalDecision": "allowed"}]},
}


def looked(
    world: dict[Key, Any], answers: dict[Key, Any] | None = None, role: str | None = ROLE, **live: Any
) -> tuple[Evidence, FakeAws]:
    wired = integration(**{"credentials": role, **live})
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=wired), resources(GET=wired)
    case = traced(world)
    aws = FakeAws({**world, **ALLOWED, **(answers or {})})
    return Credentials().run(case, aws), aws


def refusal(decision: str) -> dict[Key, Any]:
    return {("iam", "SimulatePrincipalPolicy"): {"EvaluationResults": [{"EvalDecision": decision}]}}


def trusting(**changes: Any) -> dict[Key, Any]:
    document = {"Statement": [{**TRUST["Statement"][0], **changes}]}
    return {("iam", "GetRole"): {"Role": {"RoleName": "caller", "AssumeRolePolicyDocument": document}}}


def test_a_role_in_order(world: dict[Key, Any]) -> None:
    found, aws = looked(world)
    assert (found.status, found.facts["assumable"], found.facts["permitted"]) == (Status.PASS, True, True)
    assert aws.params("iam:SimulatePrincipalPolicy")[0]["ResourceArns"] == [f"{FUNCTION}:live"]
    assert aws.params("iam:GetRole") == [{"RoleName": "caller"}]


@pytest.mark.parametrize(
    ("answers", "assumable", "said"),
    [
        ({("iam", "GetRole"): NotFound("no")}, False, "There is no role caller"),
        (trusting(Principal={"Service": "lambda.amazonaws.com"}), False, "does not name apigateway.amazonaws.com"),
        (trusting(Action="sts:TagSession"), False, "not the action sts:AssumeRole"),
        (trusting(Condition={"StringEquals": {"aws:SourceAccount": "1"}}), False, "aws:sourceaccount"),
    ],
)
def test_a_role_that_cannot_be_taken_on(
    world: dict[Key, Any], answers: dict[Key, Any], assumable: bool, said: str
) -> None:
    found, aws = looked(world, answers)
    assert (found.status, found.facts["assumable"]) == (Status.FAIL, assumable)
    assert said in found.summary
    assert "iam:SimulatePrincipalPolicy" not in aws.used


def test_no_role_at_all_behind_the_name(world: dict[Key, Any]) -> None:
    found, aws = looked(world, role=f"arn:aws:iam::{ACCOUNT}:policy/caller")
    assert (found.status, found.facts["exists"], aws.asked) == (Status.FAIL, False, [])


@pytest.mark.parametrize(("decision", "explicit"), [("implicitDeny", False), ("explicitDeny", True)])
def test_a_role_that_may_not_call(world: dict[Key, Any], decision: str, explicit: bool) -> None:
    found, _ = looked(world, refusal(decision))
    assert (found.status, found.facts["permitted"], found.facts["explicit"]) == (Status.FAIL, False, explicit)
    assert found.facts["denied_action"] == "lambda:InvokeFunction"


def test_what_hangs_on_a_condition_is_not_judged(world: dict[Key, Any]) -> None:
    found, _ = looked(world, trusting(Condition={"ArnLike": {"aws:SourceArn": "arn:x"}}))
    assert (found.status, found.reason, found.needs) == (Status.UNKNOWN, Reason.NO_DATA, "the value of aws:sourcearn")


def test_a_trust_policy_that_is_no_json(world: dict[Key, Any]) -> None:
    found, _ = looked(world, {("iam", "GetRole"): {"Role": {"AssumeRolePolicyDocument": "{"}}})
    assert (found.status, found.needs) == (Status.UNKNOWN, "iam:GetRole")


def test_a_trust_policy_that_may_not_be_read_hides_no_missing_permission(world: dict[Key, Any]) -> None:
    denied = {("iam", "GetRole"): Denied("iam:GetRole")}
    found, _ = looked(world, {**denied, **refusal("implicitDeny")})
    assert (found.status, found.facts["permitted"], found.facts["assumable"]) == (Status.FAIL, False, None)
    with pytest.raises(Denied):
        looked(world, denied)


@pytest.mark.parametrize("error", ERRORS[1:])
def test_a_simulator_that_does_not_answer(world: dict[Key, Any], error: AwsError) -> None:
    with pytest.raises(type(error)):
        looked(world, {("iam", "SimulatePrincipalPolicy"): error})


def test_another_accounts_role_is_left_alone(world: dict[Key, Any]) -> None:
    found, aws = looked(world, role="arn:aws:iam::999999999999:role/caller")
    assert (found.status, aws.asked) == (Status.UNKNOWN, [])
    assert found.needs == "credentials for account 999999999999"


@pytest.mark.parametrize("role", [None, "arn:aws:iam::*:user/*"])
def test_no_role_to_look_at(world: dict[Key, Any], role: str | None) -> None:
    found, aws = looked(world, role=role)
    assert (found.status, aws.asked) == (Status.SKIPPED, [])


def test_a_call_that_is_none_is_not_simulated(world: dict[Key, Any]) -> None:
    found, aws = looked(world, type="AWS", uri=TABLE.replace("GetItem", "GetItems"))
    assert (found.status, found.facts.get("permitted")) == (Status.PASS, None)
    assert "iam:SimulatePrincipalPolicy" not in aws.used


def test_an_action_that_is_made_up_at_run_time_is_not_known(world: dict[Key, Any]) -> None:
    found, _ = looked(world, type="AWS", uri=f"arn:aws:apigateway:us-east-1:sqs:path/{ACCOUNT}/orders")
    assert (found.status, found.needs) == (Status.UNKNOWN, "the action that the integration calls")


def method(template: str = "", verb: str = "POST", **parameters: str) -> Method:
    named = {f"integration.request.{key.replace('__', '.')}": value for key, value in parameters.items()}
    return Method(http_method=verb, templates={"application/json": template}, parameters=named)


@pytest.mark.parametrize(
    ("uri", "made", "expected"),
    [
        (
            "dynamodb:action/GetItem",
            method('{"TableName": "orders"}'),
            ("dynamodb:GetItem", "dynamodb", "table/orders"),
        ),
        ("dynamodb:action/GetItem", method('{"TableName": "$stageVariables.t"}'), ("dynamodb:GetItem", "", "")),
        (
            f"sqs:path/{ACCOUNT}/orders",
            method("Action=SendMessage&MessageBody=$input.body"),
            ("sqs:SendMessage", "sqs", "orders"),
        ),
        (
            f"sqs:path/{ACCOUNT}/orders",
            method(querystring__Action="'SendMessage'"),
            ("sqs:SendMessage", "sqs", "orders"),
        ),
        (
            "kinesis:action/PutRecord",
            method('{"StreamName": "orders", "Data": "x"}'),
            ("kinesis:PutRecord", "kinesis", "stream/orders"),
        ),
        ("events:action/PutEvents", method("{}"), ("events:PutEvents", "events", "event-bus/default")),
        ("monitoring:action/PutMetricData", method("{}"), ("cloudwatch:PutMetricData", "", "")),
    ],
)
def test_what_a_call_needs(uri: str, made: Method, expected: tuple[str, str, str]) -> None:
    found = _service.parse(f"arn:aws:apigateway:us-east-1:{uri}")
    assert found is not None
    action, service, tail = expected
    resource = f"arn:aws:{service}:us-east-1:{ACCOUNT}:{tail}" if service else None
    assert _service.wanted(found, made, ACCOUNT) == Wanted(action, resource)


@pytest.mark.parametrize(
    ("uri", "verb", "expected"),
    [
        ("s3:path/shop/a.txt", "GET", Wanted("s3:GetObject", "arn:aws:s3:::shop/a.txt")),
        ("s3:path/shop/{key}", "PUT", Wanted("s3:PutObject")),
        ("shop.s3:path/a.txt", "GET", Wanted("s3:GetObject", "arn:aws:s3:::shop/a.txt")),
        ("s3:path/shop", "GET", Wanted("s3:ListBucket", "arn:aws:s3:::shop")),
        ("s3:path/shop/a", "PATCH", Wanted(None, "arn:aws:s3:::shop/a")),
    ],
)
def test_what_s3_needs(uri: str, verb: str, expected: Wanted) -> None:
    found = _service.parse(f"arn:aws:apigateway:us-east-1:{uri}")
    assert found is not None
    assert _service.wanted(found, method(verb=verb), ACCOUNT) == expected


def test_an_arn_in_a_template_is_taken_as_it_stands() -> None:
    arn = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:orders"
    found = _service.parse("arn:aws:apigateway:us-east-1:states:action/StartExecution")
    assert found is not None
    made = method(f'{{"input": "x", "stateMachineArn": "{arn}"}}')
    assert _service.wanted(found, made, ACCOUNT) == Wanted("states:StartExecution", arn)
