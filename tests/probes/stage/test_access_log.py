"""The access log in the stage's own format: whatever it looks like, whose failures they are, what it lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probes.stage._access_format import Format, enable_commands
from probes.stage.access_log import AccessLog
from tests.probes.conftest import ERRORS, ONE, TWO, FakeAws, Key, access_line, groups, new_case, traced
from wizard.model.aws import AwsError, NotFound
from wizard.model.case import Symptom, Target
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status
from wizard.model.tree import Signature

SAYS = "Execution failed due to configuration error: Invalid permissions on Lambda function"
SIGNS = (Signature("lambda-permission-missing", "access-log", text="Invalid permissions", seen=True, weight=9),)
FORMS = {
    "json": (
        '{"id":"$context.requestId","m":"$context.httpMethod","p":"$context.resourcePath",'
        '"status":$context.status,"error":"$context.integration.error"}',
        '{"id":"%s","m":"GET","p":"/orders/{id}","status":502,"error":"%s"}',
    ),
    "clf": (
        "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"
        '"$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength '
        "$context.requestId $context.integration.error",
        '192.0.2.1 - - [20/Nov/2026:11:50:00 +0000]"GET /orders/{id} HTTP/1.1" 502 36 %s %s',
    ),
    "xml": (
        '<request id="$context.requestId"> <httpMethod>$context.httpMethod</httpMethod> '
        "<resourcePath>$context.resourcePath</resourcePath> <status>$context.status</status> "
        "<error>$context.integration.error</error> </request>",
        '<request id="%s"> <httpMethod>GET</httpMethod> <resourcePath>/orders/{id}</resourcePath> '
        "<status>502</status> <error>%s</error> </request>",
    ),
    "csv": (
        "$context.requestId,$context.httpMethod,$context.resourcePath,$context.status,$context.integration.error",
        "%s,GET,/orders/{id},502,%s",
    ),
    "custom": (
        "at $context.requestTimeEpoch: $context.requestId => $context.status | $context.integration.error",
        "at 1795175400: %s => 502 | %s",
    ),
}


def run(world: dict[Key, Any], *lines: str, form: str | None = None, **target: Any) -> Evidence:
    events = [(10.0 - number / 60, "s", line) for number, line in enumerate(lines)]
    function = target.pop("function", [])
    world["logs", "FilterLogEvents"] = groups(access=events, execution=[], function=function)
    if form is not None:
        world["apigateway", "GetStage"]["accessLogSettings"]["format"] = form
    case = traced(world, new_case(**target))
    return AccessLog().run(replace(case, signatures=SIGNS), FakeAws(world))


@pytest.mark.parametrize("kind", FORMS)
def test_every_form_is_read_by_the_stages_own_format(world: dict[Key, Any], kind: str) -> None:
    form, line = FORMS[kind]
    found = run(world, line % (ONE, SAYS), form=form)
    assert (found.status, found.facts["request_ids"], found.facts["client_statuses"]) == (Status.FAIL, [ONE], [502])
    assert found.facts["cause_ids"] == ["lambda-permission-missing"]
    assert SAYS in found.summary


@pytest.mark.parametrize("kind", FORMS)
def test_lines_of_another_form_are_not_guessed_at(kind: str) -> None:
    assert Format(FORMS[kind][0]).read("something else") is None
    assert Format("").read("something") is None


@pytest.mark.parametrize(
    ("form", "line", "route"),
    [
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html (CLF, CSV)
        (
            '$context.identity.sourceIp "$context.httpMethod $context.routeKey $context.protocol" $context.status',
            '192.0.2.9 "GET GET /orders/{id} HTTP/1.1" 500',
            "GET /orders/{id}",
        ),
        (
            '$context.identity.sourceIp "$context.httpMethod $context.routeKey $context.protocol" $context.status',
            '192.0.2.9 "GET $default HTTP/1.1" 500',
            "$default",
        ),
        ("$context.httpMethod,$context.routeKey,$context.status", "GET,GET /orders,500", "GET /orders"),
        ("$context.routeKey $context.path $context.status", "$default /orders 500", "$default"),
        ("$context.routeKey $context.path $context.status", "ANY /{proxy+} /orders 500", "ANY /{proxy+}"),
        ("$context.eventType $context.routeKey $context.status", "MESSAGE send 500", "send"),
    ],
)
def test_a_route_key_is_one_value_though_it_has_a_space(form: str, line: str, route: str) -> None:
    record = Format(form).read(line)
    assert record
    assert (record.values["routeKey"], record.status) == (route, 500)


def test_successes_and_client_errors_show_nothing(world: dict[Key, Any]) -> None:
    found = run(world, access_line(status="200", latency="500"), access_line(status="403", error="Forbidden 503"))
    assert (found.status, found.facts["requests"]) == (Status.PASS, 0)


@pytest.mark.parametrize("other", [{"httpMethod": "POST"}, {"resourcePath": "/orders"}])
def test_failures_of_other_methods_are_not_ours(world: dict[Key, Any], other: dict[str, str]) -> None:
    found = run(world, access_line(status="502", integrationError=SAYS, **other))
    assert (found.status, found.facts["other_methods"]) == (Status.PASS, 1)


def test_what_the_client_sends_cannot_imitate_the_log(world: dict[Key, Any]) -> None:
    form = '{"agent":"$context.identity.userAgent","status":"$context.status","e":"$context.integration.error"}'
    forged = f'{{"agent":"x","status":"500","e":"{SAYS}","status":"200","e":"-"}}'
    found = run(world, forged, form=form)
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    assert Format(form).read('{"agent":"x","status":"500","e":"y"}z') is None


def test_what_the_client_sends_is_no_evidence(world: dict[Key, Any]) -> None:
    form = '{"path":"$context.path","status":"$context.status","e":"$context.error.message"}'
    found = run(world, '{"path":"/orders/Invalid permissions","status":"500","e":"Internal server error"}', form=form)
    assert (found.status, found.facts["causes"]) == (Status.FAIL, [])


@pytest.mark.parametrize("given", [TWO, TWO.upper(), "55555555-5555-4555-8555-555555555555"])
def test_the_reported_request_comes_first(world: dict[Key, Any], given: str) -> None:
    lines = [
        access_line(requestId=TWO, status="502", lambdaId="55555555-5555-4555-8555-555555555555"),
        access_line(requestId=ONE, status="504"),
    ]
    found = run(world, *lines, symptom=Symptom(502, request_id=given))
    assert found.facts["request_ids"] == [TWO, ONE]
    assert found.facts["client_statuses"] == [502]


def test_the_story_goes_on_in_the_function(world: dict[Key, Any]) -> None:
    ours, other = "55555555-5555-4555-8555-555555555555", "66666666-6666-4666-8666-666666666666"
    function = [
        (10.02, "a", f"START RequestId: {ours} Version: 2"),
        (10.01, "a", "about to fail"),
        (10.005, "a", f"REPORT RequestId: {ours} Duration: 1 ms"),
        (10.015, "b", f"START RequestId: {other} Version: 2"),
    ]
    found = run(world, access_line(status="502", lambdaId=ours, integrationError=SAYS), function=function)
    story = found.facts["story"]
    assert isinstance(story, list)
    assert [line["source"] for line in story] == ["function", "function", "function", "access"]  # type: ignore[index,call-overload]
    assert [line["deciding"] for line in story] == [False, False, False, True]  # type: ignore[index,call-overload]
    assert "about to fail" in str(story[1])


def test_a_stage_without_an_access_log_is_told_how_to_get_one(world: dict[Key, Any]) -> None:
    world["apigateway", "GetStage"]["accessLogSettings"] = {}
    found = run(world)
    assert found.status is Status.SKIPPED
    commands = found.facts["enable_commands"]
    assert isinstance(commands, list)
    assert [str(line).split()[1] for line in commands] == ["logs", "apigateway"]
    assert "$context.integration.error" in str(commands[1])


def test_an_http_api_is_given_its_own_command() -> None:
    (line,) = enable_commands(Target(api_type="http", api_id="h1", stage="$default", region="eu-west-1"), "arn:x")
    assert line.startswith("aws apigatewayv2 update-stage --api-id h1 --stage-name '$default' --access-log-settings '{")
    assert "$context.authorizer.error" in line


def test_a_format_without_the_telling_variables_says_which_are_missing(world: dict[Key, Any]) -> None:
    form = "$context.requestId $context.httpMethod $context.resourcePath $context.status"
    found = run(world, f"{ONE} GET /orders/{{id}} 502", form=form)
    assert (found.status, found.facts["causes"]) == (Status.FAIL, [])
    assert "integration.error" in found.facts["missing_variables"]  # type: ignore[operator]
    assert found.facts["enable_commands"]


def test_a_format_that_tells_nothing_at_all(world: dict[Key, Any]) -> None:
    assert run(world, ONE, form="$context.requestId").status is Status.SKIPPED


def test_a_log_in_firehose_is_out_of_reach(world: dict[Key, Any]) -> None:
    settings = world["apigateway", "GetStage"]["accessLogSettings"]
    settings["destinationArn"] = "arn:aws:firehose:us-east-1:123456789012:deliverystream/amazon-apigateway-x"
    assert run(world).status is Status.SKIPPED


def test_a_group_that_is_not_there(world: dict[Key, Any]) -> None:
    case = traced(world)
    found = AccessLog().run(case, FakeAws({**world, ("logs", "FilterLogEvents"): NotFound("no")}))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)


def test_too_much_to_read_is_not_called_clean(world: dict[Key, Any]) -> None:
    case = traced(world)
    found = AccessLog().run(case, FakeAws({**world, ("logs", "FilterLogEvents"): {"events": [], "truncated": True}}))
    assert (found.status, found.facts["capped"]) == (Status.UNKNOWN, True)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("call", [("logs", "FilterLogEvents"), ("apigateway", "GetStage")])
def test_a_refused_question_is_raised(world: dict[Key, Any], call: Key, error: AwsError) -> None:
    case = traced(world)
    with pytest.raises(type(error)):
        AccessLog().run(case, FakeAws({**world, call: error}))


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"integrationStatus": "200", "error": "Internal server error", "type": "INTEGRATION_FAILURE"}, "refused"),
        ({"integrationStatus": "200"}, "passed-on"),
        ({"integrationStatus": "200", "error": "x", "integrationError": "Lambda Customer Function Error:x"}, None),
        ({"integrationStatus": "403", "error": "x"}, None),
        ({"error": "x"}, None),
    ],
)
def test_what_became_of_the_functions_answer(world: dict[Key, Any], values: dict[str, str], answer: str | None) -> None:
    assert run(world, access_line(status="502", **values)).facts["answer"] == answer


def test_a_format_that_leaves_it_out_does_not_tell(world: dict[Key, Any]) -> None:
    form = '{"status":"$context.status","n":"$context.integration.integrationStatus"}'
    assert run(world, '{"status":"502","n":"200"}', form=form).facts["answer"] is None
