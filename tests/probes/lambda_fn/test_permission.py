from __future__ import annotations

import json
from dataclasses import replace

import pytest

from probes.lambda_fn.permission import Permission
from wizard.model.arn import FunctionRef
from wizard.model.aws import AwsError, Denied, NotFound
from wizard.model.status import Reason, Status
from wizard.model.trace import Integration

ARN = "arn:aws:execute-api:us-east-1:123456789012:abc123/"
PATH = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
LIVE = FunctionRef("shop-orders", "us-east-1", "123456789012", "live")


def statement(source_arn=ARN + "*/GET/orders/*", *, sid="apigw", **changes):
    base = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:us-east-1:123456789012:function:shop-orders",
    }
    if source_arn:
        base["Condition"] = {"ArnLike": {"AWS:SourceArn": source_arn}}
    return {**base, **changes}


def policy(*statements):
    return {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": list(statements)})}


def look(case, answers, *statements, **table):
    aws = answers(
        {
            "lambda:GetPolicy": policy(*statements),
            "lambda:ListAliases": {"Aliases": []},
            "lambda:ListFunctions": {},
            "lambda:GetFunctionConfiguration": {"State": "Active"},
            **table,
        }
    )
    return Permission().run(case, aws)


@pytest.mark.parametrize(
    "allowing",
    [
        statement(),
        statement(None),
        statement(ARN + "prod/GET/orders/*"),
        statement(ARN + "*"),
        statement(ARN + "*/*/*"),
        statement("arn:aws:execute-api:*:*:abc123/prod/GET/orders/?"),
        statement(None, Principal="*"),
        statement(None, Principal={"AWS": "*"}),
        statement(None, Principal={"Service": ["s3.amazonaws.com", "apigateway.amazonaws.com"]}),
        statement(Action="lambda:*"),
        statement(Action=["lambda:GetFunction", "lambda:Invoke*"]),
        statement(Action="*"),
        statement(Condition={"StringLike": {"aws:sourcearn": [ARN + "dev/*", ARN + "prod/*"]}}),
        statement(Condition={"StringEquals": {"AWS:SourceAccount": "123456789012"}}),
        statement(Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}),
        statement(
            Condition={
                "StringNotEquals": {"AWS:SourceAccount": "999999999999"},
                "Null": {"aws:PrincipalOrgID": "true"},
            }
        ),
        statement(Condition={"ForAnyValue:ArnEquals": {"AWS:SourceArn": ARN + "prod/*/orders/*"}}),
    ],
)
def test_a_fitting_statement_allows(case, answers, allowing):
    found = look(case(), answers, allowing)
    assert (found.status, found.facts["mismatch"]) == (Status.PASS, "none")


@pytest.mark.parametrize(
    ("statements", "mismatch"),
    [
        ([], "no-policy"),
        ([statement(None, Principal={"Service": "s3.amazonaws.com"})], "principal"),
        ([statement(None, Principal={"AWS": "arn:aws:iam::123456789012:root"})], "principal"),
        ([statement(None, Action="lambda:GetFunction")], "action"),
        ([statement(ARN + "dev/GET/orders/*")], "source-arn"),
        ([statement(ARN + "*/POST/orders/*")], "source-arn"),
        ([statement(ARN + "*/GET/products/*")], "source-arn"),
        ([statement("arn:aws:execute-api:us-east-1:123456789012:other1/*/GET/orders/*")], "source-arn"),
        ([statement("arn:aws:execute-api:us-west-2:123456789012:abc123/*/GET/orders/*")], "source-arn"),
        ([statement(Condition={"ArnLike": {"AWS:SourceArn": ARN + "prod"}})], "source-arn"),
        ([statement(Condition={"StringEquals": {"AWS:SourceArn": ARN + "*/GET/orders/*"}})], "source-arn"),
        ([statement(Condition={"StringEquals": {"AWS:SourceAccount": "999999999999"}})], "source-account"),
        ([statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})], "source-account"),
        ([statement(), statement(None, sid="no", Effect="Deny")], "explicit-deny"),
        ([statement(), statement(None, sid="no", Effect="Deny", Principal="*", Action="lambda:*")], "explicit-deny"),
        (
            [statement(ARN + "dev/GET/orders/*"), statement(None, Principal={"Service": "s3.amazonaws.com"})],
            "source-arn",
        ),
    ],
)
def test_why_a_policy_refuses(case, answers, statements, mismatch):
    found = look(case(), answers, *statements)
    assert (found.status, found.facts["mismatch"]) == (Status.FAIL, mismatch)
    assert found.facts["source_arn"] == ARN + "*/GET/orders/*"


def test_a_deny_for_somebody_else_is_none(case, answers):
    others = statement(None, sid="no", Effect="Deny", Principal={"Service": "s3.amazonaws.com"})
    elsewhere = statement(ARN + "dev/*", sid="dev", Effect="Deny")
    assert look(case(), answers, statement(), others, elsewhere).status is Status.PASS


def test_the_near_miss_is_named(case, answers):
    found = look(case(), answers, statement("arn:aws:execute-api:us-east-1:123456789012:old999/*", sid="old"))
    assert found.facts["statement_id"] == "old"
    assert found.facts["statement_source_arn"].endswith("old999/*")
    assert "old999" in found.summary


def test_no_policy_at_all_is_told_by_not_found_and_by_an_empty_one(case, answers):
    assert look(case(), answers, **{"lambda:GetPolicy": NotFound("no policy")}).facts["mismatch"] == "no-policy"
    assert look(case(), answers).facts["mismatch"] == "no-policy"


def test_a_function_that_is_not_there_has_no_policy_to_blame(case, answers):
    found = look(
        case(), answers, **{"lambda:GetPolicy": NotFound("x"), "lambda:GetFunctionConfiguration": NotFound("x")}
    )
    assert found.status is Status.SKIPPED


def test_a_role_decides_instead_of_the_policy(case, answers):
    made = case()
    roled = replace(
        made,
        trace=replace(
            made.trace, integration=replace(made.trace.integration, credentials="arn:aws:iam::123456789012:role/r")
        ),
    )
    assert look(roled, answers).status is Status.SKIPPED


def by_qualifier(**policies):
    def answer(FunctionName, Qualifier=None):
        if found := policies.get(Qualifier or "none"):
            return policy(*found)
        raise NotFound("no policy")

    return answer


@pytest.mark.parametrize(
    ("policies", "mismatch", "granted_on"),
    [
        ({"none": [statement()]}, "alias", "the unqualified function"),
        ({"dev": [statement()]}, "alias", "dev"),
        ({"none": [statement(ARN + "dev/*")]}, "no-policy", None),
        ({"none": [statement()], "live": [statement(ARN + "dev/*")]}, "source-arn", None),
    ],
)
def test_a_permission_on_something_else_than_the_alias(case, answers, policies, mismatch, granted_on):
    found = look(
        case(function=LIVE),
        answers,
        **{
            "lambda:GetPolicy": by_qualifier(**policies),
            "lambda:ListAliases": {"Aliases": [{"Name": "live"}, {"Name": "dev"}]},
        },
    )
    assert (found.facts["mismatch"], found.facts.get("granted_on")) == (mismatch, granted_on)


def test_a_permission_on_an_alias_does_not_serve_the_unqualified_function(case, answers):
    found = look(
        case(),
        answers,
        **{
            "lambda:GetPolicy": by_qualifier(live=[statement()]),
            "lambda:ListAliases": {"Aliases": [{"Name": "live"}]},
        },
    )
    assert (found.facts["mismatch"], found.facts["granted_on"]) == ("alias", "live")


VARIABLE = PATH.format("arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.fn}")


def by_name(**policies):
    def answer(FunctionName, Qualifier=None):
        if found := policies.get(FunctionName.rpartition(":")[2].replace("-", "_")):
            return policy(*found)
        raise NotFound("no policy")

    return answer


@pytest.mark.parametrize(
    ("policies", "mismatch"),
    [
        ({"shop_orders_v1": [statement()]}, "stage-variable"),
        ({}, "no-policy"),
        ({"shop_orders_v1": [statement(ARN + "dev/*")]}, "no-policy"),
        ({"shop_orders_v1": [statement()], "shop_orders": [statement(ARN + "dev/*")]}, "source-arn"),
        ({"shop_orders_v1": [statement()], "shop_orders": [statement()]}, "none"),
    ],
)
def test_a_stage_variable_that_names_a_function_nobody_granted(case, answers, policies, mismatch):
    listed = {"Functions": [{"FunctionName": name} for name in ("shop-orders", "shop-orders-v1", "billing")]}
    found = look(
        case(uri=VARIABLE), answers, **{"lambda:GetPolicy": by_name(**policies), "lambda:ListFunctions": listed}
    )
    assert found.facts["mismatch"] == mismatch
    direct = look(case(), answers, **{"lambda:GetPolicy": by_name(**policies), "lambda:ListFunctions": listed})
    assert direct.facts["mismatch"] == mismatch.replace("stage-variable", "no-policy")


def test_when_the_functions_cannot_be_listed_the_variable_is_blamed(case, answers):
    found = look(case(uri=VARIABLE), answers, **{"lambda:ListFunctions": Denied("lambda:ListFunctions")})
    assert found.facts["mismatch"] == "stage-variable"
    assert found.facts["not_asked"]


@pytest.mark.parametrize(
    ("name", "by_variable"),
    [
        ("arn:aws:lambda:us-east-1:1:function:${stageVariables.fn}:live", True),
        ("arn:aws:lambda:us-east-1:1:function:f:${stageVariables.alias}", False),
        ("${stageVariables.arn}", True),
        ("arn:aws:lambda:us-east-1:1:function:f", False),
    ],
)
def test_only_a_variable_in_the_functions_name_counts(case, answers, name, by_variable):
    assert look(case(uri=PATH.format(name)), answers).facts["by_stage_variable"] is by_variable


def test_for_a_function_elsewhere_the_arn_carries_its_region(case, answers):
    there = FunctionRef("shop-orders", "eu-west-1", "123456789012")
    wrong = look(case(function=there), answers, statement())
    assert wrong.facts["mismatch"] == "region"
    assert wrong.facts["source_arn"].split(":")[3] == "eu-west-1"
    right = look(
        case(function=there), answers, statement("arn:aws:execute-api:eu-west-1:123456789012:abc123/*/GET/orders/*")
    )
    assert right.status is Status.PASS


def test_the_console_test_has_a_stage_of_its_own(case, answers):
    assert look(case(), answers, statement(ARN + "prod/GET/orders/*")).facts["test_invoke_allowed"] is False
    assert look(case(), answers, statement()).facts["test_invoke_allowed"] is True


@pytest.mark.parametrize(
    ("resource", "method", "arn"),
    [
        ("/", "GET", "*/GET/"),
        ("/{proxy+}", "POST", "*/POST/*"),
        ("/a/{x}/b/{y}", "DELETE", "*/DELETE/a/*/b/*"),
    ],
)
def test_the_arn_to_grant(case, answers, resource, method, arn):
    made = case(resource_path=resource)
    found = look(replace(made, target=replace(made.target, method=method)), answers)
    assert found.facts["source_arn"] == ARN + arn


def test_what_cannot_be_decided_is_unknown(case, answers):
    found = look(case(), answers, statement(Condition={"StringEquals": {"aws:SourceOrgID": "o-1"}}))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    late = statement(
        None, sid="late", Effect="Deny", Condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
    )
    assert look(case(), answers, statement(), late).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "document", ["not json", '"text"', "[]", '{"Statement": 5}', '{"Statement": [{"Effect": 7, "Condition": 3}]}']
)
def test_a_strange_document_is_no_crash(case, answers, document):
    assert look(case(), answers, **{"lambda:GetPolicy": {"Policy": document}}).status in (Status.UNKNOWN, Status.FAIL)


def test_a_single_statement_may_stand_without_a_list(case, answers):
    assert (
        look(case(), answers, **{"lambda:GetPolicy": {"Policy": json.dumps({"Statement": statement()})}}).status
        is Status.PASS
    )


def test_failing_calls_never_turn_into_an_answer(case, answers, failures):
    probe = Permission()
    for call, error, table in failures(probe, {"lambda:GetPolicy": policy(), "lambda:ListAliases": {"Aliases": []}}):
        aws = answers(table)
        if call == "lambda:GetPolicy":
            with pytest.raises(type(error)):
                probe.run(case(), aws)
        else:
            assert probe.run(case(), aws).facts["mismatch"] == "no-policy"


def test_declared_and_used_calls_are_the_same(case, answers):
    aws = answers(
        {"lambda:ListAliases": {"Aliases": []}, "lambda:GetFunctionConfiguration": {}, "lambda:ListFunctions": {}}
    )
    Permission().run(case(uri=VARIABLE), aws)
    assert aws.used == Permission.calls


def test_a_denied_answer_names_the_action(case, answers):
    with pytest.raises(AwsError):
        look(case(), answers, **{"lambda:GetPolicy": AwsError("x")})


def test_without_a_deployed_integration_the_configured_one_counts(case, answers):
    made = case(integration=None, configured=Integration("AWS_PROXY", credentials="arn:aws:iam::123456789012:role/r"))
    assert look(made, answers).status is Status.SKIPPED


@pytest.mark.parametrize(("source", "counts"), [("execution-log", True), ("integration", False)])
def test_a_logged_function_may_have_been_named_by_the_working_copy(case, source, counts):
    from probes.lambda_fn._elsewhere import named_by_variable

    path = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
    fixed = path.format("arn:aws:lambda:us-east-1:123456789012:function:shop-orders-old")
    by_variable = path.format("arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.name}")
    seen = case(
        integration=Integration("AWS_PROXY", fixed, "POST"),
        configured=Integration("AWS_PROXY", by_variable, "POST"),
        function_source=source,
    )
    assert named_by_variable(seen) is counts
