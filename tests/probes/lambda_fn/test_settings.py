from __future__ import annotations

import pytest

from probes.lambda_fn.settings import Settings
from wizard.model.arn import FunctionRef
from wizard.model.aws import AwsError, Denied, NotFound
from wizard.model.status import Status
from wizard.model.trace import Integration

LIVE = FunctionRef("shop-orders", "us-east-1", "123456789012", "live")
GOOD = {
    "State": "Active",
    "LastUpdateStatus": "Successful",
    "Timeout": 3,
    "MemorySize": 128,
    "Handler": "app.handler",
    "Runtime": "python3.12",
    "Role": "arn:aws:iam::123456789012:role/service/shop-role",
    "PackageType": "Zip",
    "Environment": {"Variables": {"KEY": "secret-value"}},
    "LoggingConfig": {"LogGroup": "/aws/lambda/shop-orders"},
    "Layers": [{"Arn": "arn:layer"}],
}
CALL = "lambda:GetFunctionConfiguration"


def test_the_settings_are_facts_but_no_secret_is(case, answers):
    found = Settings().run(case(), answers({CALL: GOOD}))
    assert found.status is Status.PASS
    assert found.facts["exists"] is True
    assert (found.facts["timeout_s"], found.facts["memory_mb"], found.facts["role_name"]) == (3, 128, "shop-role")
    assert found.facts["environment"] == ["KEY"]
    assert "secret-value" not in str(found)


@pytest.mark.parametrize("changes", [{"State": "Failed", "StateReason": "x"}, {"LastUpdateStatus": "Failed"}])
def test_its_state_is_judged_elsewhere(case, answers, changes):
    assert Settings().run(case(), answers({CALL: {**GOOD, **changes}})).status is Status.PASS


@pytest.mark.parametrize(
    "answer", [{}, {"State": None, "LastUpdateStatus": None}, {"Role": None, "Environment": None, "Layers": None}]
)
def test_an_answer_with_little_in_it_is_enough(case, answers, answer):
    assert Settings().run(case(), answers({CALL: answer})).facts["exists"] is True


def test_a_missing_function_and_a_missing_alias_are_told_apart(case, answers):
    def only_unqualified(FunctionName, Qualifier=None):
        if Qualifier:
            raise NotFound("no alias")
        return GOOD

    assert Settings().run(case(function=LIVE), answers({CALL: only_unqualified})).facts["missing"] == "qualifier"
    gone = Settings().run(case(function=LIVE), answers({CALL: NotFound("x")}))
    assert (gone.status, gone.facts["exists"], gone.facts["missing"]) == (Status.FAIL, False, "function")


def test_when_that_cannot_be_asked_both_stay_possible(case, answers):
    def denied_without(FunctionName, Qualifier=None):
        raise NotFound("x") if Qualifier else Denied(CALL)

    assert (
        Settings().run(case(function=LIVE), answers({CALL: denied_without})).facts["missing"] == "function or qualifier"
    )


@pytest.mark.parametrize(("there", "expected"), [(GOOD, True), (NotFound("x"), False), (Denied(CALL), None)])
def test_the_function_of_the_working_copy_is_looked_at_when_it_differs(case, answers, there, expected):
    other = "arn:aws:lambda:us-east-1:123456789012:function:shop-new"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{other}/invocations"

    def answer(FunctionName, Qualifier=None):
        if FunctionName != other:
            return GOOD
        if isinstance(there, AwsError):
            raise there
        return there

    found = Settings().run(case(configured=Integration("AWS_PROXY", uri, "POST")), answers({CALL: answer}))
    assert (found.status, found.facts["configured_function"], found.facts["configured_exists"]) == (
        Status.PASS,
        other,
        expected,
    )


def test_the_same_function_in_both_is_asked_for_once(case, answers):
    aws = answers({CALL: GOOD})
    assert "configured_exists" not in Settings().run(case(), aws).facts
    assert len(aws.asked) == 1


def test_a_function_elsewhere_is_asked_for_in_its_region(case, answers):
    aws = answers({CALL: GOOD})
    Settings().run(case(function=FunctionRef("f", "eu-west-1", "999999999999")), aws)
    assert aws.asked[0][1] == {
        "FunctionName": "arn:aws:lambda:eu-west-1:999999999999:function:f",
        "region": "eu-west-1",
    }


def test_failing_calls_never_turn_into_an_answer(case, answers, failures):
    for _, error, table in failures(Settings(), {}):
        with pytest.raises(type(error)):
            Settings().run(case(), answers(table))
