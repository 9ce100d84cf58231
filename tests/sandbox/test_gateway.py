"""The gateway simulator answers, judges and logs as the service does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import ACCOUNT, REGION, STAGE, Bench, lambda_uri
from wizard.sandbox.gateway import permission, proxyresponse, routes
from wizard.sandbox.gateway.executionlog import EVENT_BYTES, ExecutionLog, cut
from wizard.sandbox.gateway.snapshot import Method, Resource
from wizard.sandbox.policy import Call, Decision, arn_like, decide

INTERNAL = {"message": "Internal server error"}
REFUSED = "Execution failed due to configuration error: Invalid permissions on Lambda function"
MALFORMED = "Execution failed due to configuration error: Malformed Lambda proxy response"
ECHO = "def handler(event, context):\n    return event['queryStringParameters']['answer']\n"
OK = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'fine'}\n"

GOOD_ANSWERS: list[tuple[Any, int, str]] = [
    ({"statusCode": 200}, 200, ""),
    ({"headers": {"a": "b"}}, 200, ""),
    ({"statusCode": "201"}, 201, ""),
    ({"statusCode": None}, 200, ""),
    ({"statusCode": 200, "headers": None}, 200, ""),
    ({"statusCode": 200, "headers": {"x-flag": True}}, 200, ""),
    ({"statusCode": 200, "multiValueHeaders": {"x": ["1", "2"]}, "body": "b"}, 200, "b"),
    ({"statusCode": 503, "body": '{"message": "busy"}'}, 503, '{"message": "busy"}'),
    ({"body": "not base64!", "isBase64Encoded": True}, 200, "not base64!"),
]
BAD_ANSWERS: list[Any] = [
    {"statusCode": "test"},
    {"statusCode": 200, "multiValueHeaders": {"x": "1"}},
    {"statusCode": 200, "headers": {"x": 1}},
    {"statusCode": 200, "headers": {"x": ["1"]}},
    {"statusCode": 200, "headers": ["x"]},
    {"statusCode": 200, "ok": True},
    {"statusCode": 200, "cookies": []},
    {"statusCode": 200, "body": {"a": 1}},
    {"statusCode": 200, "body": 7},
    {"statusCode": 99},
    {"statusCode": True},
    {},
    None,
    "hello",
    [],
    7,
]


@pytest.mark.parametrize(("payload", "status", "body"), GOOD_ANSWERS)
def test_a_good_proxy_response_passes(payload: Any, status: int, body: str) -> None:
    answer = proxyresponse.judge(json.dumps(payload), binary=False)
    assert (answer.status, answer.body.decode()) == (status, body)


@pytest.mark.parametrize("payload", BAD_ANSWERS)
def test_a_bad_proxy_response_is_malformed(payload: Any) -> None:
    with pytest.raises(proxyresponse.MalformedError):
        proxyresponse.judge(json.dumps(payload), binary=False)


def test_a_boolean_header_is_sent_as_text() -> None:
    answer = proxyresponse.judge('{"headers": {"x-flag": true}}', binary=False)
    assert ("x-flag", "true") in answer.headers


def test_base64_is_decoded_for_binary_clients_only() -> None:
    assert proxyresponse.judge('{"body": "aGk=", "isBase64Encoded": true}', binary=True).body == b"hi"
    with pytest.raises(proxyresponse.BadBase64Error):
        proxyresponse.judge('{"body": "?", "isBase64Encoded": true}', binary=True)


def test_a_header_cannot_smuggle_a_line() -> None:
    answer = proxyresponse.judge(json.dumps({"headers": {"x": "a\r\nSet-Cookie: b"}}), binary=False)
    assert all("\n" not in value and "\r" not in value for _, value in answer.headers)


# -- routes --------------------------------------------------------------------------------------


def _resources(*routed: tuple[str, str]) -> list[Resource]:
    return [
        Resource(path, path, {verb: Method(verb, "NONE", False, None, (), {}) for verb in verbs.split()})
        for path, verbs in routed
    ]


TREE = _resources(
    ("/", ""),
    ("/orders", "GET POST"),
    ("/orders/{id}", "GET ANY"),
    ("/orders/new", "GET"),
    ("/{proxy+}", "ANY"),
    ("/files/{path+}", "GET"),
)


@pytest.mark.parametrize(
    ("verb", "path", "resource", "method", "parameters"),
    [
        ("GET", "/orders", "/orders", "GET", {}),
        ("GET", "/orders/", "/orders", "GET", {}),
        ("GET", "/orders/42", "/orders/{id}", "GET", {"id": "42"}),
        ("PUT", "/orders/42", "/orders/{id}", "ANY", {"id": "42"}),
        ("GET", "/orders/a%20b", "/orders/{id}", "GET", {"id": "a b"}),
        ("GET", "/orders/new", "/orders/new", "GET", {}),
        ("GET", "/orders/42/lines", "/{proxy+}", "ANY", {"proxy": "orders/42/lines"}),
        ("GET", "/files/a/b", "/files/{path+}", "GET", {"path": "a/b"}),
        ("GET", "/files", "/{proxy+}", "ANY", {"proxy": "files"}),
    ],
)
def test_the_most_specific_route_serves(
    verb: str, path: str, resource: str, method: str, parameters: dict[str, str]
) -> None:
    route = routes.find(TREE, verb, path)
    assert route is not None
    assert (route.resource.path, route.method.http_method, route.parameters) == (resource, method, parameters)


@pytest.mark.parametrize(("verb", "path"), [("DELETE", "/orders"), ("GET", "/"), ("POST", "/orders/new")])
def test_some_requests_have_no_route(verb: str, path: str) -> None:
    assert routes.find(TREE, verb, path) is None


# -- policies ------------------------------------------------------------------------------------

SOURCE = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api1/prod/GET/orders/*"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"


def _statement(**changes: Any) -> dict[str, Any]:
    plain = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
    }
    return {**plain, **changes}


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _source(operator: str, value: Any, key: str = "AWS:SourceArn") -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([], False),
        ([_statement()], True),
        ([_statement(Principal="*")], True),
        ([_statement(Principal={"AWS": "*"})], True),
        ([_statement(Principal={"Service": "events.amazonaws.com"})], False),
        ([_statement(Principal={"Service": ["events.amazonaws.com", "apigateway.amazonaws.com"]})], True),
        ([_statement(Action="lambda:*")], True),
        ([_statement(Action=["LAMBDA:invokefunction"])], True),
        ([_statement(Action="lambda:GetFunction")], False),
        ([_statement(Resource=FUNCTION + ":live")], False),
        ([_statement(**_source("ArnLike", SOURCE))], True),
        ([_statement(**_source("ArnLike", SOURCE, "aws:sourcearn"))], True),
        ([_statement(**_source("ArnLike", SOURCE.replace("/prod/GET", "/*/*")))], True),
        ([_statement(**_source("ArnEquals", SOURCE.replace("/prod/", "/test/")))], False),
        ([_statement(**_source("ArnLike", ["arn:aws:s3:::x", SOURCE]))], True),
        ([_statement(**_source("StringEquals", SOURCE))], True),
        ([_statement(**_source("StringEquals", SOURCE.replace("GET", "*")))], False),
        ([_statement(**_source("StringLike", "arn:aws:execute-api:*"))], True),
        ([_statement(**_source("ArnLike", "arn:aws:execute-api:*"))], False),
        ([_statement(**_source("StringEquals", ACCOUNT, "AWS:SourceAccount"))], True),
        ([_statement(**_source("StringEquals", "999999999999", "AWS:SourceAccount"))], False),
        ([_statement(**_source("StringEquals", "o-1", "aws:PrincipalOrgID"))], False),
        ([_statement(**_source("StringEqualsIfExists", "o-1", "aws:PrincipalOrgID"))], True),
        ([_statement(**_source("NumericEquals", "1", "AWS:SourceAccount"))], False),
        ([_statement(), _statement(Effect="Deny")], False),
        ([_statement(), _statement(Effect="Deny", **_source("ArnLike", "arn:aws:execute-api:*:*:other/*"))], True),
    ],
)
def test_a_function_policy_is_judged_as_iam_does(statements: list[dict[str, Any]], allowed: bool) -> None:
    judged = permission.allowed_by_resource_policy(statements, FUNCTION, SOURCE, REGION, ACCOUNT)
    assert judged is allowed


def test_a_function_elsewhere_sees_its_own_region_in_the_source() -> None:
    there = FUNCTION.replace(REGION, "eu-west-1")
    own = SOURCE.replace(REGION, "eu-west-1")
    with_own = [_statement(Resource=there, **_source("ArnLike", own))]
    with_apis = [_statement(Resource=there, **_source("ArnLike", SOURCE))]
    assert permission.allowed_by_resource_policy(with_own, there, SOURCE, "eu-west-1", ACCOUNT)
    assert not permission.allowed_by_resource_policy(with_apis, there, SOURCE, "eu-west-1", ACCOUNT)


def test_an_arn_wildcard_stays_within_its_part() -> None:
    assert arn_like("arn:aws:execute-api:*:*:api/*", "arn:aws:execute-api:us-east-1:1:api/a/b:c")
    assert not arn_like("arn:aws:*", "arn:aws:execute-api:us-east-1:1:api")


def test_a_role_policy_needs_no_principal_and_knows_not_action() -> None:
    call = Call("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:1:table/t")
    assert decide([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], call) is Decision.ALLOW
    assert decide([{"Effect": "Allow", "Action": "dynamodb:Put*", "Resource": "*"}], call) is Decision.IMPLICIT_DENY
    deny = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::*"}
    assert decide([{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny], call) is Decision.EXPLICIT_DENY


def test_path_parameters_stand_as_stars_in_the_source_arn() -> None:
    arn = permission.source_arn(REGION, ACCOUNT, "api1", "prod", "GET", "/orders/{id}/{rest+}")
    assert arn == f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api1/prod/GET/orders/*/*"


# -- the execution log ---------------------------------------------------------------------------


def test_the_log_has_a_form_for_every_level() -> None:
    log = ExecutionLog("r1")
    log.step("Starting")
    log.data("Headers")
    log.error("Execution failed")
    assert [text for _, text in log.as_events("INFO", True)] == [
        "(r1) Starting",
        "(r1) Headers",
        "(r1) Execution failed",
    ]
    assert [text for _, text in log.as_events("INFO", False)] == ["(r1) Starting", "(r1) Execution failed"]
    assert [text for _, text in log.as_events("ERROR", True)] == ["(r1) Execution failed"]
    assert log.as_events("OFF", True) == []
    first, second, *_ = log.as_test_invoke().splitlines()
    assert first == "Execution log for request r1"
    assert second.endswith(" : Starting")


def test_an_event_is_cut_by_bytes() -> None:
    assert cut("short") == "short"
    long = cut("ä" * 2000)
    assert len(long.encode()) <= EVENT_BYTES
    assert long.endswith("[TRUNCATED]")


# -- requests ------------------------------------------------------------------------------------


def test_a_request_is_answered_and_leaves_its_traces(bench: Bench) -> None:
    bench.serve(OK)
    reply = bench.get("/things/7?a=b", Authorization="secret")
    assert (reply.status, reply.body) == (200, "fine")
    assert reply.headers["x-amzn-RequestId"]
    assert reply.headers["x-amz-apigw-id"]
    assert reply.headers["x-amzn-ErrorType"] is None
    lines = bench.execution_log()
    assert "HTTP Method: GET, Resource Path: /things/7" in lines
    assert "Method request path: {id=7}" in lines
    assert "Method request query string: {a=b}" in lines
    assert lines[-2:] == ["Successfully completed execution", "Method completed with status: 200"]
    assert not any("secret" in line for line in lines if line.startswith("Method request headers"))


def test_the_host_form_is_served_too(bench: Bench) -> None:
    import http.client

    bench.serve(OK)
    connection = http.client.HTTPConnection(bench.endpoint.removeprefix("http://"))
    try:
        host = f"{bench.api_id}.execute-api.{REGION}.amazonaws.com"
        connection.request("GET", f"/{STAGE}/things/1", headers={"Host": host})
        assert connection.getresponse().read() == b"fine"
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/nothing", "/", "/things"])
def test_an_unknown_path_is_a_missing_token(bench: Bench, path: str) -> None:
    bench.serve(OK)
    reply = bench.get(path)
    assert (reply.status, reply.message) == (403, "Missing Authentication Token")
    assert reply.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_a_malformed_answer_is_502(bench: Bench) -> None:
    bench.serve("def handler(event, context):\n    return 'hello'\n")
    reply = bench.get()
    assert (reply.status, json.loads(reply.body)) == (502, INTERNAL)
    assert reply.headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    lines = bench.execution_log()
    assert 'Endpoint response body before transformations: "hello"' in lines
    assert lines[-2:] == [MALFORMED, "Method completed with status: 502"]


def test_a_customer_error_is_502_with_its_message(bench: Bench) -> None:
    bench.serve("def handler(event, context):\n    raise ValueError('no such thing')\n")
    assert bench.get().status == 502
    failure, completed = bench.execution_log()[-2:]
    prefix = (
        "Lambda execution failed with status 200 due to customer function error: no such thing. Lambda request id: "
    )
    assert failure.startswith(prefix)
    assert completed == "Method completed with status: 502"
    assert any("X-Amz-Function-Error=Unhandled" in line for line in bench.execution_log())


def test_without_permission_it_is_500_and_the_function_never_runs(bench: Bench) -> None:
    bench.function(OK)
    bench.method("/things/{id}", uri=lambda_uri("thing"))
    bench.deploy()
    assert (bench.get().status, json.loads(bench.get().body)) == (500, INTERNAL)
    assert bench.execution_log()[-2:] == [REFUSED, "Method completed with status: 500"]
    assert bench.function_log() == []


def test_an_alias_has_a_policy_of_its_own(bench: Bench) -> None:
    bench.function(OK, Publish=True)
    bench.aws("lambda").create_alias(FunctionName="thing", Name="live", FunctionVersion="1")
    bench.permit()
    bench.method("/things/{id}", uri=lambda_uri("thing:live"))
    bench.deploy()
    assert bench.get().status == 500
    bench.permit(Qualifier="live", tail="prod/GET/things/*")
    assert bench.get().status == 200


def test_a_missing_function_looks_like_a_missing_permission(bench: Bench) -> None:
    bench.method("/things/{id}", uri=lambda_uri("nobody"))
    bench.deploy()
    assert bench.get().status == 500
    assert REFUSED in bench.execution_log()


def test_a_method_other_than_post_is_refused_by_lambda(bench: Bench) -> None:
    bench.function(OK)
    bench.permit()
    bench.method("/things/{id}", uri=lambda_uri("thing"), integrationHttpMethod="GET")
    bench.deploy()
    assert bench.get().status == 500
    *_, status, _, body, invocation, failure, _ = bench.execution_log()
    assert status == "Received response. Status: 403, Integration latency: 3 ms"
    assert "Unable to determine service/operation name to be authorized" in body
    assert invocation.startswith("Lambda invocation failed with status: 403. Lambda request id: ")
    assert failure == "Execution failed due to configuration error: "


def test_a_passed_through_method_is_refused_for_get_only(bench: Bench) -> None:
    bench.function(OK)
    bench.permit()
    for verb in ("GET", "POST"):
        bench.method("/things/{id}", verb=verb, uri=lambda_uri("thing"), integrationHttpMethod="ANY")
    bench.deploy()
    assert bench.get().status == 500
    assert bench.get(verb="POST", body=b"{}").status == 200


def test_an_unknown_stage_is_forbidden(bench: Bench) -> None:
    bench.method("/things/{id}", uri=lambda_uri("thing"))
    reply = bench.get()
    assert (reply.status, reply.message) == (403, "Forbidden")
    assert reply.headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_a_stage_can_be_made_for_a_deployment(bench: Bench) -> None:
    bench.function(OK)
    bench.permit()
    bench.method("/things/{id}", verb="ANY", uri=lambda_uri("thing"))
    gateway = bench.aws("apigateway")
    made = gateway.create_deployment(restApiId=bench.api_id)
    gateway.create_stage(restApiId=bench.api_id, stageName=STAGE, deploymentId=made["id"])
    assert bench.get().body == "fine"
    head = bench.get(verb="HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, "", "4")


def test_the_event_is_that_of_a_proxy_integration(bench: Bench) -> None:
    bench.function("import json\ndef handler(event, context):\n    return {'body': json.dumps(event)}\n")
    bench.permit()
    bench.method("/things/{id}", verb="ANY", uri=lambda_uri("thing"))
    bench.deploy(color="blue")
    reply = bench.get("/things/a%20b?q=1&q=2", "POST", b"text", **{"X-Own": "yes", "Content-Type": "text/plain"})
    event = json.loads(reply.body)
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/things/{id}", "/things/a%20b", "POST")
    assert event["pathParameters"] == {"id": "a b"}
    assert event["queryStringParameters"] == {"q": "2"}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert (event["stageVariables"], event["body"], event["isBase64Encoded"]) == ({"color": "blue"}, "text", False)
    assert event["headers"]["X-Own"] == "yes"
    assert event["headers"]["X-Amzn-Trace-Id"].startswith("Root=1-")
    context = event["requestContext"]
    assert (context["path"], context["stage"], context["apiId"]) == ("/prod/things/a%20b", STAGE, bench.api_id)
    assert context["requestId"] == reply.headers["x-amzn-RequestId"]


@pytest.mark.parametrize("function", ["${stageVariables.name}", "thing:${stageVariables.alias}"])
def test_a_missing_stage_variable_leaves_an_invalid_name(bench: Bench, function: str) -> None:
    bench.function(OK)
    bench.permit()
    bench.method("/things/{id}", uri=lambda_uri(function))
    bench.deploy()
    assert bench.get().status == 500
    failure = bench.execution_log()[-2]
    assert "1 validation error detected: Value 'arn:aws:lambda:" in failure
    assert "' at 'functionName' failed to satisfy constraint" in failure


def test_the_integration_times_out(bench: Bench) -> None:
    bench.function("import time\ndef handler(event, context):\n    time.sleep(0.4)\n    return {}\n")
    bench.permit()
    bench.method("/things/{id}", uri=lambda_uri("thing"), timeoutInMillis=100)
    bench.deploy()
    reply = bench.get()
    assert (reply.status, reply.message) == (504, "Endpoint request timed out")
    expected = ["Execution failed due to a timeout error", "Method completed with status: 504"]
    assert bench.execution_log()[-2:] == expected


def test_a_throttled_function_is_500(bench: Bench) -> None:
    bench.serve(OK)
    bench.aws("lambda").put_function_concurrency(FunctionName="thing", ReservedConcurrentExecutions=0)
    assert bench.get().status == 500
    assert bench.execution_log()[-2] == "Execution failed due to configuration error: Rate Exceeded."


def test_a_stage_serves_its_deployment_until_the_next(bench: Bench) -> None:
    bench.function(OK)
    bench.permit()
    bench.method("/things/{id}", uri=lambda_uri("nobody"))
    first = bench.deploy()
    bench.method("/things/{id}", uri=lambda_uri("thing"))
    assert bench.get().status == 500
    second = bench.deploy()
    assert bench.get().status == 200
    back = [{"op": "replace", "path": "/deploymentId", "value": first}]
    bench.aws("apigateway").update_stage(restApiId=bench.api_id, stageName=STAGE, patchOperations=back)
    assert first != second
    assert bench.get().status == 500


def test_no_role_or_no_level_means_no_log(bench: Bench) -> None:
    bench.serve(OK)
    bench.deploy(level="OFF")
    bench.get()
    assert bench.execution_log() == []
    bench.deploy(level="ERROR")
    bench.get()
    assert bench.execution_log() == []
    bench.deploy(level="INFO", trace=False)
    bench.get()
    assert "Successfully completed execution" in bench.execution_log()
    assert not any("headers" in line or "body" in line for line in bench.execution_log())


def test_integration_credentials_replace_the_function_policy(bench: Bench) -> None:
    bench.function(OK)
    bench.method("/things/{id}", uri=lambda_uri("thing"), credentials=bench.role)
    bench.deploy()
    assert bench.get().status == 500
    assert "does not have permission to assume the provided role" in bench.execution_log()[-2]
    trust = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = bench.aws("iam")
    iam.update_assume_role_policy(RoleName="worker", PolicyDocument=_document(trust))
    assert bench.get().status == 500
    assert bench.execution_log()[-2] == REFUSED
    allow = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=_document(allow))
    assert bench.get().status == 200


def test_a_mock_answers_from_its_templates(bench: Bench) -> None:
    gateway = bench.aws("apigateway")
    bench.method("/health", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    where = {"restApiId": bench.api_id, "resourceId": bench.resources["/health"], "httpMethod": "GET"}
    gateway.put_method_response(**where, statusCode="200")
    body = {"application/json": '{"status": "up"}'}
    gateway.put_integration_response(**where, statusCode="200", responseTemplates=body)
    bench.deploy()
    reply = bench.get("/health")
    assert (reply.status, json.loads(reply.body)) == (200, {"status": "up"})


def test_a_plain_lambda_integration_maps_by_pattern(bench: Bench) -> None:
    bench.function("def handler(event, context):\n    raise ValueError('bad: ' + event['word'])\n")
    bench.permit()
    bench.method("/plain", verb="POST", type="AWS", uri=lambda_uri("thing"))
    where = {"restApiId": bench.api_id, "resourceId": bench.resources["/plain"], "httpMethod": "POST"}
    gateway = bench.aws("apigateway")
    gateway.put_method_response(**where, statusCode="400")
    gateway.put_integration_response(**where, statusCode="400", selectionPattern="bad: .*", responseTemplates={})
    bench.deploy()
    reply = bench.get("/plain", "POST", b'{"word": "x"}', **{"Content-Type": "application/json"})
    assert (reply.status, json.loads(reply.body)["errorMessage"]) == (400, "bad: x")


@pytest.mark.parametrize(
    ("uri", "status", "line"),
    [
        (
            "http://${stageVariables.host}/x",
            500,
            "Execution failed due to configuration error: Invalid endpoint address",
        ),
        ("http://example.com/x", 504, "Execution failed due to a network error communicating with endpoint"),
    ],
)
def test_an_http_backend_that_cannot_be_reached_is_named(bench: Bench, uri: str, status: int, line: str) -> None:
    bench.method("/out", type="HTTP_PROXY", uri=uri, integrationHttpMethod="GET")
    bench.deploy()
    assert bench.get("/out").status == status
    assert bench.execution_log()[-2] == line


def test_an_http_backend_on_this_machine_is_called(bench: Bench) -> None:
    uri = f"{bench.endpoint}/_sandbox/health"
    bench.method("/out", type="HTTP_PROXY", uri=uri, integrationHttpMethod="GET")
    bench.deploy()
    reply = bench.get("/out")
    assert (reply.status, json.loads(reply.body)) == (200, {"status": "ok"})


def test_a_gateway_response_can_be_customised(bench: Bench) -> None:
    bench.method("/things/{id}", uri=lambda_uri("nobody"))
    bench.aws("apigateway").put_gateway_response(
        restApiId=bench.api_id,
        responseType="DEFAULT_5XX",
        statusCode="503",
        responseTemplates={"application/json": '{"oops": $context.error.messageString}'},
    )
    bench.deploy()
    reply = bench.get()
    assert (reply.status, json.loads(reply.body)) == (503, {"oops": "Internal server error"})


def test_test_invoke_uses_the_working_copy_and_its_own_stage(bench: Bench) -> None:
    bench.function(OK)
    bench.permit(tail="prod/GET/things/*")
    bench.method("/things/{id}", uri=lambda_uri("${stageVariables.f}"))
    bench.deploy(f="thing")
    assert bench.get().status == 200
    refused = bench.test_invoke(stageVariables={"f": "thing"})
    assert refused["status"] == 500
    assert REFUSED in refused["log"]
    assert refused["headers"]["x-amzn-ErrorType"] == "InternalServerErrorException"
    bench.permit(StatementId="test", tail="test-invoke-stage/GET/things/*")
    answered = bench.test_invoke(stageVariables={"f": "thing"}, pathWithQueryString="/things/9?q=1")
    assert (answered["status"], answered["body"]) == (200, "fine")
    assert answered["log"].startswith("Execution log for request ")
    for line in ("Method request path: {id=9}", "Method request query string: {q=1}"):
        assert line in answered["log"]
    assert answered["log"].endswith("Method completed with status: 200\n")
    without = bench.test_invoke()
    assert without["status"] == 500
    assert "at 'functionName' failed to satisfy constraint" in without["log"]
