"""Nothing planted in a case comes out of its redacted report, and the report still tells the story."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.report import made
from wizard.model import events as ev
from wizard.model.case import Symptom, Target
from wizard.model.status import Status
from wizard.model.tree import Fix, Signature
from wizard.model.verdict import Verdict, verdict
from wizard.report import ansi
from wizard.report.existing import redact_text
from wizard.report.json import document
from wizard.report.redact import Redactor, redact
from wizard.ui.headless import Walked, text_report

CANARIES = {
    "account": "111122223333",
    "another account": "444455556666",
    "api": "a1b2c3d4e5",
    "another api": "zz9yy8xx7w",
    "function": "shop-orders",
    "role": "shop-orders-execution",
    "domain": "api.canary-shop.com",
    "bare domain": "db-7.corp.canary-internal.net",
    "public ip": "203.0.113.77",
    "private ip": "10.20.30.40",
    "ipv6": "2001:db8:85a3::8a2e:370:7334",
    "request id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    "short request id": "JKhd8Eg8IAMFqYw=",
    "trace id": "1-67891233-abcdef012345678912345678",
    "e-mail": "jane.doe+canary@example.org",
    "access key": "AKIAIOSFODNN7CANARYX",
    "secret key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYCANARYKEY1",
    "session token": "IQoJb3JpZ2luX2VjECANARY",
    "bearer": "canary.bearer-token/12345",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
    "password": "hunter2canary",
    "api key": "d41d8cd98f00b204e980canary",
    "cookie": "session=canarycookie",
    "query": "canaryquery",
    "customer": "/orders/canary-42",
    "endpoint": "vpce-0123456789abcdef0",
}
TEXT = """
arn:aws:lambda:us-east-1:111122223333:function:shop-orders:live arn:aws:iam::444455556666:role/shop-orders-execution
arn:aws:execute-api:us-east-1:111122223333:zz9yy8xx7w/prod/GET/orders https://zz9yy8xx7w.execute-api.us-east-1.amazonaws.com/
GET https://user:hunter2canary@api.canary-shop.com/orders/canary-42?id=canaryquery from 203.0.113.77 via 10.20.30.40
[2001:db8:85a3::8a2e:370:7334] could not reach db-7.corp.canary-internal.net:5432, vpce-0123456789abcdef0
Execution log for request c6af9ac6-7b61-11e6-9a41-93e8deadbeef, extendedRequestId: JKhd8Eg8IAMFqYw=
X-Amzn-Trace-Id=Root=1-67891233-abcdef012345678912345678 jane.doe+canary@example.org
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7CANARYX secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYCANARYKEY1
X-Amz-Security-Token=IQoJb3JpZ2luX2VjECANARY, Authorization=Bearer canary.bearer-token/12345
eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl
{"password": "hunter2canary", "x-api-key":"d41d8cd98f00b204e980canary", \\"token\\":\\"IQoJb3JpZ2luX2VjECANARY\\"}
Cookie: session=canarycookie; arn:aws:apigateway:us-east-1::/restapis/a1b2c3d4e5/stages/prod
"""


def planted() -> Verdict:
    target = Target(
        "rest",
        "a1b2c3d4e5",
        "prod",
        "GET",
        "/orders/canary-42",
        "us-east-1",
        "111122223333",
        host="api.canary-shop.com",
    )
    trace = replace(made.TRACE, domain="api.canary-shop.com")
    item = made.evidence(1, "lambda_fn.permission", "lambda-permission", Status.FAIL, TEXT, detail=TEXT, calls=(
        replace(made.GET_POLICY, params={"FunctionName": CANARIES["function"], "Qualifier": "live"}, error=TEXT),),
        facts={"log": TEXT, "nested": [{"text": TEXT, "account": 111122223333}], CANARIES["api"]: "key",
               "causes": [{"cause": "lambda-permission-missing", "texts": TEXT.splitlines()}]})  # fmt: skip
    unknown = made.evidence(2, "lambda_fn.log", "lambda-function", Status.UNKNOWN, TEXT, needs=TEXT)
    symptom = Symptom(500, TEXT, "InternalServerErrorException", CANARIES["request id"])
    events: list[ev.Event] = [
        *made.opened(symptom, target, trace),
        ev.ProbeFinished(item),
        ev.ProbeFinished(unknown),
        ev.Found("lambda-permission-missing", made.Proof.PROVEN, "e1", "lambda-permission"),
        ev.HopMarked("lambda-permission", Status.FAIL, TEXT),
        *made.closed(),
    ]
    return verdict(made.TREE, events)


@pytest.mark.parametrize("kind", CANARIES)
def test_no_canary_survives(kind: str) -> None:
    clean = redact(planted())
    shown = json.dumps(document(clean), ensure_ascii=False) + ansi.render(text_report(Walked(clean, made.TREE), 4000))
    assert CANARIES[kind] not in shown


def test_the_story_stays() -> None:
    clean = document(redact(planted()))
    text = json.dumps(clean)
    assert clean["outcome"] == "fault"
    assert clean["failing_hop"] == "lambda-permission"
    assert clean["findings"][0]["cause"] == "lambda-permission-missing"  # type: ignore[index,call-overload]
    assert clean["target"] == {"api_type": "rest", "api_id": "api-1", "stage": "prod", "method": "GET",
                               "path": "/orders/{id}", "region": "us-east-1", "account": "account-1"}  # fmt: skip
    for kept in (
        "execute-api.us-east-1.amazonaws.com",
        "function-1:live",
        "lambda_fn.permission",
        "docs.aws.amazon.com",
        "[removed]",
    ):
        assert kept in text


def test_the_same_value_has_the_same_name() -> None:
    redactor = Redactor()
    first = redactor.text("111122223333 and 444455556666")
    assert first == "account-1 and account-2"
    assert redactor.text("444455556666, 111122223333") == "account-2, account-1"
    assert redactor.text(first) == first


@pytest.mark.parametrize(
    "text",
    [
        "Execution failed due to configuration error: Malformed Lambda proxy response",
        "lambda_fn.permission, app.handler, index.js, version 1.43.106, at 08:30:12.123 on 2026-03-04T05:06:07Z",
        "GET /orders/{id} answers 502 after 29000 ms; took 1795161001088",
        "lambda.amazonaws.com apigateway.amazonaws.com https://docs.aws.amazon.com/lambda/latest/dg/x.html https://repost.aws/k",
        "http://127.0.0.1:4566/_aws/execute-api",
        "Authorization=****, password reset needed; the token expired; sha256 da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations",
        "--policy-arn arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        "--zip-file fileb://function.zip --environment file://environment.json --query 'Items[?RouteKey==`$default`]'",
    ],
)
def test_innocent_text_stays(text: str) -> None:
    assert Redactor().text(text) == text


def test_a_name_within_a_name_is_found_whole() -> None:
    redactor = Redactor()
    texts = [
        "arn:aws:lambda:us-east-1:111122223333:function:acme",
        "arn:aws:iam::111122223333:role/acme-role, acme-role",
    ]
    redactor.learn(texts)
    assert redactor.apply(texts) == [
        "arn:aws:lambda:us-east-1:account-1:function:function-1",
        "arn:aws:iam::account-1:role/role-1, role-1",
    ]


def test_a_header_value_that_is_harmless_elsewhere_is_no_leak() -> None:
    clean, redactor = redact_text(
        "Method request headers: {Host=127.0.0.1, X-Real-IP=198.51.100.7}\nhttp://127.0.0.1:80/\n"
    )
    assert clean == "Method request headers: {Host=header-1, X-Real-IP=header-2}\nhttp://127.0.0.1:80/\n"
    assert redactor.text("from 198.51.100.7") == "from header-2"
    assert redactor.leaks("198.51.100.7") == ["header-2"]


@pytest.mark.parametrize(
    "text",
    [
        'body: {"path":"/o","headers":{"X-Customer":"Canary","X-Forwarded-For":"127.0.0.1","X-Forwarded-Po',
        'body: {"headers":{"Accept":"*/*","X-Customer":"Canary of the',
        '{"multiValueHeaders":{"X-Customer":["Can","Canary',
        '{"queryStringParameters":{"page":"1","who":"Canary\u2026',
    ],
)
def test_a_body_that_was_cut_keeps_no_header_and_no_query_value(text: str) -> None:
    assert "Canary" not in Redactor().text(text)


def test_the_log_of_a_function_and_the_options_of_a_command_tell_names_too() -> None:
    text = Redactor().text("aws logs tail /aws/lambda/canary-orders; aws apigatewayv2 get-api --api-id abcdefghij")
    assert text == "aws logs tail /aws/lambda/function-1; aws apigatewayv2 get-api --api-id api-1"


def test_a_backend_on_the_machine_itself_is_nobody_and_the_report_can_be_saved() -> None:
    item = made.evidence(1, "integration.target", "integration-config", Status.FAIL, "http://127.0.0.1:8080/orders",
                         facts={"host": "127.0.0.1", "other": {"host": "10.20.30.40"}})  # fmt: skip
    result = verdict(made.TREE, [*made.opened(Symptom(502)), ev.ProbeFinished(item), *made.closed()])
    redactor = Redactor(result, made.TREE)
    shown = json.dumps(document(redactor.apply(result)))
    assert "127.0.0.1:8080" in shown
    assert "10.20.30.40" not in shown
    assert redactor.leaks(shown) == []


def test_what_the_tool_itself_knows_is_not_counted_as_withheld() -> None:
    known = (Signature("lambda-init-error", "function-log", pattern="module '(?P<folder>[^/]+)/(?P=folder)'"),)
    result = verdict(made.TREE, [*made.opened(Symptom(502)), *made.closed()])
    result = replace(result, case=replace(result.case, signatures=known))
    assert Redactor(result).apply(result).case.signatures == known
    assert "query values" not in Redactor(result).withheld()


def test_how_a_method_is_authorized_is_no_secret() -> None:
    facts = {"authorization": "COGNITO_USER_POOLS", "headers": {"Authorization": "canary-1234"}}
    item = made.evidence(1, "path.trace", "client", Status.PASS, "authorization: COGNITO_USER_POOLS", facts=facts)
    result = verdict(made.TREE, [*made.opened(Symptom(502)), ev.ProbeFinished(item), *made.closed()])
    redactor = Redactor(result, made.TREE)
    shown = json.dumps(document(redactor.apply(result)))
    assert '"authorization": "COGNITO_USER_POOLS"' in shown
    assert "canary-1234" not in shown
    assert redactor.leaks(shown) == []


def test_an_id_that_a_line_cut_short_does_not_break_the_whole_one() -> None:
    redactor = Redactor()
    redactor.learn(["failed, RequestId: 0a1b2c3d-0000", "RequestId: 0a1b2c3d-0000-4000-8000-111111111111 failed"])
    whole = redactor.text("START RequestId: 0a1b2c3d-0000-4000-8000-111111111111")
    assert whole == "START RequestId: request-2"
    assert redactor.leaks(whole) == []


@pytest.mark.parametrize("text", ["https://ware .canary.com:8443/x", "Domain=.canary.com; path=/"])
def test_a_host_with_a_part_missing_is_a_host(text: str) -> None:
    assert "canary" not in Redactor().text(text)


def test_the_commands_of_a_fix_stay_whole_around_pseudonyms() -> None:
    start = "aws x --headers Authorization=TOKEN --url https://b.example.com --cidr 10.0.0.0/16 --role "
    own = start + "{role} --f {function}"
    result = planted()
    cause = replace(result.findings[0].cause, fix=(Fix("console", own),))
    events = [replace(result.findings[0], cause=cause)]
    facts = {"role": "arn:aws:iam::111122223333:role/canary-role"}
    evidence = tuple(replace(item, facts={**item.facts, **facts}) for item in result.evidence)
    clean = redact(replace(result, findings=tuple(events), evidence=evidence))
    [fix] = clean.findings[0].fix
    assert fix.text.startswith(
        "aws x --headers Authorization=TOKEN --url https://b.example.com --cidr 10.0.0.0/16 --role"
    )
    assert fix.text.endswith("--f function-1")
    assert "canary" not in fix.text
