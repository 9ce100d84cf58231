"""The checks of a REST API's authorizer: guilty, innocent, denied, throttled, failing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from probes.authorizer._answer import judge
from probes.authorizer.answer import Answer
from probes.authorizer.function import Function
from probes.authorizer.log import Log
from probes.authorizer.permission import Permission
from probes.authorizer.pool import UserPool
from probes.authorizer.role import Role
from probes.authorizer.settings import Settings
from probes.authorizer.test_invoke import MADE_UP, TestInvoke
from probes.authorizer.usage_key import UsageKey
from tests.probes.conftest import (
    ACCOUNT,
    API,
    ERRORS,
    LAMBDA,
    LOG_GROUP,
    ONE,
    REGION,
    FakeAws,
    Key,
    export,
    integration,
    ms,
    resources,
    traced,
)
from wizard.model.aws import AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason, Status

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop-authorizer"
URI = LAMBDA.format(FUNCTION)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/caller"
POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_1"
POLICY = {"Version": "2012-10-17", "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*"}]}
GOOD = {"principalId": "ada", "policyDocument": POLICY}
TOLD = "Authorizer result body before parsing: "
FAILED = "Execution failed due to configuration error: "


def shop(world: dict[Key, Any], **settings: Any) -> dict[Key, Any]:
    """The shop with an authorizer in front of the method, the same in the stage and in the working copy."""
    told = {"type": "TOKEN", "authorizerUri": URI, **settings}
    kind = "COGNITO_USER_POOLS" if told["type"] == "COGNITO_USER_POOLS" else "CUSTOM"
    draft = resources(GET=integration())
    draft["items"][2]["resourceMethods"]["GET"] |= {"authorizationType": kind, "authorizerId": "a1"}
    document = json.loads(export(get=integration())["body"])
    document["paths"]["/orders/{id}"]["get"]["security"] = [{"guard": []}]
    scheme = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authorizer": told}
    document["components"] = {"securitySchemes": {"guard": scheme}}
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API}/authorizers/a1"
    return {
        **world,
        ("apigateway", "GetResources"): draft,
        ("apigateway", "GetExport"): {"contentType": "application/json", "body": json.dumps(document)},
        ("apigateway", "GetAuthorizer"): {"id": "a1", "name": "guard", **told},
        ("lambda", "GetPolicy"): granted(source),
        ("cognito-idp", "DescribeUserPool"): {"UserPool": {"Id": f"{REGION}_1"}},
        ("iam", "GetRole"): {"Role": {"AssumeRolePolicyDocument": trust("apigateway.amazonaws.com")}},
        ("iam", "SimulatePrincipalPolicy"): {"EvaluationResults": [{"EvalDecision": "allowed"}]},
        ("logs", "FilterLogEvents"): {"events": []},
    }


def granted(source: str) -> dict[str, Any]:
    statement = {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
        "Condition": {"ArnLike": {"AWS:SourceArn": source}},
    }
    return {"Policy": json.dumps({"Statement": [statement]})}


def trust(service: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}


def look(probe: Probe, answers: dict[Key, Any], **trace: Any) -> Evidence:
    case: Case = traced(answers)
    return probe.run(replace(case, trace=replace(case.traced, **trace)), FakeAws(answers))


def asked(*rows: str) -> dict[str, Any]:
    """The log of one request that asked the authorizer."""
    lines = [f"Starting authorizer: a1 for request: {ONE}", *rows]
    return {"events": [{"timestamp": ms(5), "message": f"({ONE}) {line}", "logStreamName": "s"} for line in lines]}


PROBES: list[tuple[Probe, Key, dict[str, Any]]] = [
    (Settings(), ("lambda", "GetFunctionConfiguration"), {}),
    (Permission(), ("lambda", "GetPolicy"), {}),
    (Role(), ("iam", "GetRole"), {"authorizerCredentials": ROLE}),
    (Function(), ("lambda", "GetFunctionConcurrency"), {}),
    (Function(), ("cloudwatch", "GetMetricData"), {}),
    (UserPool(), ("cognito-idp", "DescribeUserPool"), {"type": "COGNITO_USER_POOLS", "providerARNs": [POOL]}),
    (Answer(), ("logs", "FilterLogEvents"), {}),
    (Log(), ("logs", "FilterLogEvents"), {}),
]
NAMES = [f"{probe.id} {call[1]}" for probe, call, _ in PROBES]


@pytest.mark.parametrize(("probe", "call", "settings"), PROBES, ids=NAMES)
def test_a_healthy_authorizer_passes(probe: Probe, call: Key, settings: dict[str, Any], world: dict[Key, Any]) -> None:
    assert look(probe, shop(world, **settings)).status is Status.PASS


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(("probe", "call", "settings"), PROBES, ids=NAMES)
def test_what_cannot_be_asked_is_unknown(
    probe: Probe, call: Key, settings: dict[str, Any], error: AwsError, world: dict[Key, Any]
) -> None:
    answers = shop(world, **settings)
    case = traced(answers)
    try:
        found = probe.run(case, FakeAws({**answers, call: error}))
    except AwsError as raised:  # the engine makes it UNKNOWN
        found = probe.from_error(raised)
    assert (found.status, found.reason) == (Status.UNKNOWN, error.reason)


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        (URI.replace("2015-03-31", "2015-03-01"), "date"),
        (URI.replace("shop-authorizer", "shop authorizer"), "blank"),
        (LAMBDA.format(FUNCTION.replace("shop-authorizer", "${stageVariables.nobody}")), "variable"),
        ("arn:aws:apigateway:us-east-1:sqs:path/x", "no-function"),
        (LAMBDA.format(f"{FUNCTION}:gone"), "function-missing"),
    ],
)
def test_a_uri_that_leads_nowhere(uri: str, problem: str, world: dict[Key, Any]) -> None:
    answers = shop(world, authorizerUri=uri)
    if problem == "function-missing":
        answers["lambda", "GetFunctionConfiguration"] = NotFound("no")
    found = look(Settings(), answers)
    assert (found.status, found.facts["problem"]) == (Status.FAIL, problem)


def test_a_correction_that_waits_for_its_deployment_is_told(world: dict[Key, Any]) -> None:
    answers = shop(world, authorizerUri=URI.replace("2015-03-31", "2015-03-01"))
    answers["apigateway", "GetAuthorizer"] = {"id": "a1", "name": "guard", "type": "TOKEN", "authorizerUri": URI}
    found = look(Settings(), answers)
    assert (found.facts["problem"], found.facts["configured_problem"]) == ("date", None)
    assert found.facts["configured_uri"] == URI


@pytest.mark.parametrize(
    ("tail", "mismatch"), [("*/*/orders*", "methods"), ("authorizers/b2", "another-authorizer"), ("*", "none")]
)
def test_the_policy_has_to_name_the_authorizer(tail: str, mismatch: str, world: dict[Key, Any]) -> None:
    answers = shop(world)
    answers["lambda", "GetPolicy"] = granted(f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API}/{tail}")
    assert look(Permission(), answers).facts["mismatch"] == mismatch


def test_no_policy_at_all(world: dict[Key, Any]) -> None:
    found = look(Permission(), {**shop(world), ("lambda", "GetPolicy"): NotFound("no")})
    assert (found.status, found.facts["mismatch"]) == (Status.FAIL, "no-policy")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({("iam", "GetRole"): NotFound("no")}, "gone"),
        ({("iam", "GetRole"): {"Role": {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}}}, "trust"),
        (
            {("iam", "SimulatePrincipalPolicy"): {"EvaluationResults": [{"EvalDecision": "implicitDeny"}]}},
            "permission",
        ),
    ],
)
def test_a_role_that_is_of_no_use(change: dict[Key, Any], problem: str, world: dict[Key, Any]) -> None:
    found = look(Role(), {**shop(world, authorizerCredentials=ROLE), **change})
    assert (found.status, found.facts["problem"]) == (Status.FAIL, problem)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({("lambda", "GetFunctionConcurrency"): {"ReservedConcurrentExecutions": 0}}, "reserved-zero"),
        (
            {("cloudwatch", "GetMetricData"): {"MetricDataResults": [{"Id": "authorizer_throttles", "Values": [3]}]}},
            "throttled",
        ),
        ({("cloudwatch", "GetMetricData"): {"MetricDataResults": [{"Id": "max_ms", "Values": [10_001]}]}}, "ran-out"),
    ],
)
def test_a_function_that_is_not_run(change: dict[Key, Any], problem: str, world: dict[Key, Any]) -> None:
    found = look(Function(), {**shop(world), **change})
    assert (found.status, found.facts["problem"]) == (Status.FAIL, problem)


def test_pools_that_are_gone_are_not_those_of_others(world: dict[Key, Any]) -> None:
    gone: dict[Key, Any] = {("cognito-idp", "DescribeUserPool"): NotFound("no")}
    settings = {"type": "COGNITO_USER_POOLS", "providerARNs": [POOL]}
    assert look(UserPool(), {**shop(world, **settings), **gone}).status is Status.FAIL
    settings["providerARNs"] = [POOL.replace(ACCOUNT, "111122223333")]
    found = look(UserPool(), {**shop(world, **settings), **gone})
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)


@pytest.mark.parametrize(
    ("answer", "defect"),
    [
        (GOOD, None),
        ({**GOOD, "context": {"a": "x", "b": 1, "c": True, "d": 1.5}, "usageIdentifierKey": "k"}, None),
        ({**GOOD, "policyDocument": {"Statement": {"Effect": "Deny", "NotAction": "a", "NotResource": "b"}}}, None),
        (None, "nothing"),
        ("Allow", "no-object"),
        ({"policyDocument": POLICY}, "no-principal"),
        ({"principalId": "ada"}, "no-policy"),
        ({**GOOD, "policyDocument": {"Statement": [{"Effect": "allow", "Action": "a", "Resource": "b"}]}}, "statement"),
        (
            {**GOOD, "policyDocument": {"Statement": [{"Effect": "Allow", "Action": "a", "Resource": "b" * 513}]}},
            "resource-too-long",
        ),
        ({"statusCode": 200, "body": ""}, "unknown-field"),
        ({**GOOD, "context": {"roles": ["a"]}}, "context"),
        ({**GOOD, "context": {"roles": None}}, "context"),
        ({"errorMessage": "Unauthorized", "errorType": "Error"}, "refused"),
        ({"errorMessage": "unauthorized"}, "function-error"),
        ({"errorMessage": "x Task timed out after 3.00 seconds"}, "timed-out"),
    ],
)
def test_an_answer_is_judged_as_api_gateway_does(answer: Any, defect: str | None) -> None:
    assert judge(json.dumps(answer)).defect == defect


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        (
            '{"errorType":"Runtime.ImportModuleError","errorMessage":"no module","trace":["a [TRUNCATED]',
            "function-error",
        ),
        ('{"principalId": "ada", "policyDoc [TRUNCATED]', "truncated"),
    ],
)
def test_what_the_log_cut_off_is_not_guessed_at(text: str, defect: str) -> None:
    assert judge(text).defect == defect


def test_answers_are_read_request_by_request(world: dict[Key, Any]) -> None:
    rows = [TOLD + "null", FAILED + "Could not parse policy", FAILED + "Authorizer error"]
    answers = {**shop(world), ("logs", "FilterLogEvents"): asked(*rows)}
    found = look(Answer(), answers)
    assert (found.status, found.facts["defect"]) == (Status.FAIL, "nothing")
    assert found.facts["failures"] == ["Could not parse policy", "Authorizer error"]
    assert found.facts["log_group"] == LOG_GROUP
    decided = asked(TOLD + json.dumps(GOOD), "Successfully completed authorizer execution", FAILED + "of the backend")
    assert look(Answer(), {**answers, ("logs", "FilterLogEvents"): decided}).status is Status.PASS
    refused = asked(TOLD + '{"errorMessage": "Unauthorized"}', f"Unauthorized request: {ONE}")
    assert look(Answer(), {**answers, ("logs", "FilterLogEvents"): refused}).status is Status.PASS


def test_a_plain_unauthorized_in_the_functions_log_is_no_fault(world: dict[Key, Any]) -> None:
    def logged(text: str) -> dict[Key, Any]:
        event = {"timestamp": ms(5), "message": text, "logStreamName": "s"}
        return {**shop(world), ("logs", "FilterLogEvents"): {"events": [event]}}

    assert look(Log(), logged("[ERROR] Exception: Unauthorized\nTraceback (most recent call last):")).status is (
        Status.PASS
    )
    node = 'ERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"Unauthorized","stack":[]}'
    assert look(Log(), logged(node)).status is Status.PASS
    crashed = look(Log(), logged("[ERROR] KeyError: 'claims'\nTraceback (most recent call last):"))
    assert (crashed.status, crashed.facts["crashed"], crashed.facts["timed_out"]) == (Status.FAIL, 1, 0)
    late = look(Log(), logged(f"2026-11-20T11:43:20.000Z {ONE} Task timed out after 3.00 seconds"))
    assert (late.facts["crashed"], late.facts["timed_out"]) == (0, 1)


def test_the_usage_key_is_wanted_from_the_authorizer_only_where_that_is_the_source(world: dict[Key, Any]) -> None:
    rows = asked(TOLD + json.dumps(GOOD), "Successfully completed authorizer execution")
    answers = {**shop(world), ("logs", "FilterLogEvents"): rows}
    assert look(UsageKey(), answers).status is Status.SKIPPED
    assert look(UsageKey(), answers, api_key_required=True).status is Status.SKIPPED
    document = json.loads(answers["apigateway", "GetExport"]["body"])
    document["x-amazon-apigateway-api-key-source"] = "AUTHORIZER"
    answers["apigateway", "GetExport"] = {"body": json.dumps(document)}
    assert look(UsageKey(), answers, api_key_required=True).status is Status.FAIL
    named = asked(TOLD + json.dumps({**GOOD, "usageIdentifierKey": "k"}), "Successfully completed authorizer execution")
    answers["logs", "FilterLogEvents"] = named
    assert look(UsageKey(), answers, api_key_required=True).status is Status.PASS


@pytest.mark.parametrize(
    ("status", "log", "wanted", "defect"),
    [
        (500, f"{TOLD}null\n{FAILED}Could not parse policy\nAuthorizerConfigurationException", Status.FAIL, "nothing"),
        (500, f"{FAILED}Rate Exceeded.", Status.FAIL, None),
        (403, f"{TOLD}{json.dumps(GOOD)}", Status.PASS, None),
        (401, "Unauthorized request: x", Status.PASS, None),
    ],
)
def test_the_test_of_the_authorizer(
    status: int, log: str, wanted: Status, defect: str | None, world: dict[Key, Any]
) -> None:
    lines = "\n".join(f"Fri Nov 20 12:00:00 UTC 2026 : {line}" for line in log.splitlines())
    answers = {**shop(world), ("apigateway", "TestInvokeAuthorizer"): {"clientStatus": status, "log": lines}}
    aws = FakeAws(answers)
    case = traced(answers)
    found = TestInvoke().run(case, aws)
    assert (found.status, found.facts["defect"]) == (wanted, defect)
    assert aws.params("apigateway:TestInvokeAuthorizer")[0]["headers"] == {"Authorization": MADE_UP}
    assert MADE_UP in TestInvoke().foresee(case, FakeAws(answers))["command"]
