"""What a request meets before its integration: sizes, policies, endpoints, limits, keys."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.sandbox.conftest import REGION, STAGE, Bench, Reply
from wizard.sandbox.gateway.limits import Limits

OK = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'fine'}\n"
NO_PLAN = "No Usage Plan found for key and API Stage"


def key_required(bench: Bench) -> None:
    bench.serve(OK)
    where = {"restApiId": bench.api_id, "resourceId": bench.resources["/things/{id}"], "httpMethod": "GET"}
    operation = {"op": "replace", "path": "/apiKeyRequired", "value": "true"}
    bench.aws("apigateway").update_method(**where, patchOperations=[operation])
    bench.deploy()


def plan(bench: Bench, **settings: Any) -> str:
    """A key of a plan for the stage; returns its value."""
    gateway = bench.aws("apigateway")
    made = gateway.create_usage_plan(name="p", apiStages=[{"apiId": bench.api_id, "stage": STAGE}], **settings)
    key = gateway.create_api_key(name="k", enabled=True)
    gateway.create_usage_plan_key(usagePlanId=made["id"], keyId=key["id"], keyType="API_KEY")
    return str(key["value"])


def policy(bench: Bench, *statements: dict[str, Any]) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    operation = {"op": "replace", "path": "/policy", "value": text}
    bench.aws("apigateway").update_rest_api(restApiId=bench.api_id, patchOperations=[operation])
    bench.deploy()


def through(bench: Bench, endpoint: str) -> Reply:
    return bench.get(Host=f"{bench.api_id}-{endpoint}.execute-api.{REGION}.amazonaws.com")


def test_a_method_that_wants_a_key_refuses_who_has_none(bench: Bench) -> None:
    key_required(bench)
    for reply in (bench.get(), bench.get(**{"x-api-key": "unknown"})):
        assert (reply.status, reply.message, reply.headers["x-amzn-ErrorType"]) == (
            403,
            "Forbidden",
            "ForbiddenException",
        )
    log = bench.execution_log()
    stage = f"{bench.api_id}/{STAGE}"
    wanted = (
        "API Key *nknown not authorized because method 'GET /things/{id}' requires API Key and API Key is not "
        f"associated with a Usage Plan for API Stage {stage}: {NO_PLAN}"
    )
    assert wanted in log
    assert log[-1] == "Method completed with status: 403"


def test_a_key_counts_only_with_a_plan_for_the_stage(bench: Bench) -> None:
    key_required(bench)
    gateway = bench.aws("apigateway")
    key = gateway.create_api_key(name="lonely", enabled=True)
    assert bench.get(**{"x-api-key": key["value"]}).status == 403
    value = plan(bench)
    assert bench.get(**{"x-api-key": value}).status == 200
    assert (
        bench.execution_log().count(
            f"Usage Plan check succeeded for API Key {'*' * 34}{value[-6:]} and API Stage {bench.api_id}/{STAGE}"
        )
        == 1
    )
    identifier = next(item["id"] for item in gateway.get_api_keys()["items"] if item["name"] == "k")
    off = {"op": "replace", "path": "/enabled", "value": "false"}
    gateway.update_api_key(apiKey=identifier, patchOperations=[off])
    assert bench.get(**{"x-api-key": value}).status == 403


def test_a_used_up_quota_and_a_throttled_key_are_told_apart(bench: Bench) -> None:
    key_required(bench)
    few = plan(bench, quota={"limit": 2, "period": "DAY"})
    replies = [bench.get(**{"x-api-key": few}) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert (replies[2].message, replies[2].headers["x-amzn-ErrorType"]) == ("Limit Exceeded", "LimitExceededException")
    slow = plan(bench, throttle={"rateLimit": 0.001, "burstLimit": 1})
    assert bench.get(**{"x-api-key": slow}).status == 200
    refused = bench.get(**{"x-api-key": slow})
    assert (refused.status, refused.message) == (429, "Too Many Requests")
    assert refused.headers["x-amzn-ErrorType"] == "TooManyRequestsException"


def test_the_stage_throttles_a_method_and_says_so(bench: Bench) -> None:
    bench.serve(OK)
    operations = [
        {"op": "replace", "path": f"/~1things~1{{id}}/GET/throttling/{name}", "value": value}
        for name, value in (("rateLimit", "0.5"), ("burstLimit", "1"))
    ]
    operations.append({"op": "replace", "path": "/~1things~1{id}/GET/logging/loglevel", "value": "INFO"})
    bench.aws("apigateway").update_stage(restApiId=bench.api_id, stageName=STAGE, patchOperations=operations)
    assert [bench.get().status for _ in range(3)] == [200, 429, 429]
    resource = bench.resources["/things/{id}"]
    wanted = (
        f"Key throttle limit exceeded for RestApi {bench.api_id}, Stage {STAGE}, Resource {resource}, HttpMethod GET. "
        "Limit: 0.50 Burst: 1"
    )
    log = bench.execution_log()
    assert log.count(wanted) == 2
    assert log[-1] == "Method completed with status: 429"
    metrics = bench.aws("cloudwatch")
    names = {item["MetricName"] for item in metrics.list_metrics(Namespace="AWS/ApiGateway")["Metrics"]}
    assert {"4XXError", "5XXError"} <= names


def test_a_bucket_fills_on_the_sandboxs_clock() -> None:
    limits = Limits()
    assert [limits.admit("a", 1.0, 2, now) for now in (10.0, 10.0, 10.0, 11.0, 11.0)] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert limits.admit("a", 1.0, 2, 5.0)
    assert limits.admit("b", 1.0, 2, 10.0)


def test_a_quota_belongs_to_its_period() -> None:
    limits = Limits()
    day = 86_400.0
    assert [limits.count("a", 1, "DAY", moment) for moment in (0.0, 10.0, day)] == [True, False, True]
    assert [limits.count("b", 1, "MONTH", moment) for moment in (0.0, day, 40 * day)] == [True, False, True]
    assert [limits.count("c", 1, "WEEK", moment) for moment in (4 * day, 6 * day, 11 * day)] == [True, False, True]


def test_a_resource_policy_denies_or_says_nothing(bench: Bench) -> None:
    bench.serve(OK)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    policy(bench, everybody)
    assert bench.get().status == 200
    policy(bench, everybody, {**everybody, "Effect": "Deny", "Resource": f"execute-api:/{STAGE}/GET/things/*"})
    reply = bench.get()
    named = f"arn:aws:execute-api:us-east-1:********9012:{bench.api_id}/{STAGE}/GET/things/1"
    said = f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {named}"
    assert (reply.status, json.loads(reply.body)) == (403, {"Message": f"{said} with an explicit deny"})
    assert reply.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    policy(bench, {**everybody, "Condition": {"StringEquals": {"aws:SourceIp": "192.0.2.1"}}})
    silent = "because no resource-based policy allows the execute-api:Invoke action"
    assert json.loads(bench.get().body)["Message"] == f"{said} {silent}"


def test_a_policy_works_once_it_is_deployed_and_comes_back_escaped(bench: Bench) -> None:
    bench.serve(OK)
    text = '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}'
    operation = {"op": "replace", "path": "/policy", "value": text}
    shown = bench.aws("apigateway").update_rest_api(restApiId=bench.api_id, patchOperations=[operation])["policy"]
    assert json.loads(f'"{shown}"') == text
    assert bench.get().status == 200
    bench.deploy()
    assert bench.get().status == 403


def test_a_private_api_answers_through_its_endpoint_only(bench: Bench) -> None:
    bench.serve(OK)
    ec2 = bench.aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    service = f"com.amazonaws.{REGION}.execute-api"
    made = ec2.create_vpc_endpoint(VpcEndpointType="Interface", VpcId=vpc, ServiceName=service)
    endpoint = made["VpcEndpoint"]["VpcEndpointId"]
    operation = {"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "PRIVATE"}
    bench.aws("apigateway").update_rest_api(restApiId=bench.api_id, patchOperations=[operation])
    condition = {"StringEquals": {"aws:SourceVpce": endpoint}}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    policy(bench, {**allow, "Condition": condition})
    assert bench.get().status == 403
    assert through(bench, "vpce-0123456789abcdef0").message == "Forbidden"
    assert through(bench, endpoint).status == 200
    deny = json.dumps({"Statement": [{**allow, "Effect": "Deny"}]})
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=deny)
    refused = json.loads(through(bench, endpoint).body)["Message"]
    assert refused.endswith("with an explicit deny in a VPC endpoint policy")
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert through(bench, endpoint).message == "Forbidden"


def test_a_disabled_endpoint_answers_nobody(bench: Bench) -> None:
    bench.serve(OK)
    operation = {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}
    bench.aws("apigateway").update_rest_api(restApiId=bench.api_id, patchOperations=[operation])
    bench.deploy()
    assert (bench.get().status, bench.get().message) == (403, "Forbidden")


@pytest.mark.parametrize(("size", "status"), [(10_300, 431), (9_000, 200)])
def test_headers_have_a_limit(bench: Bench, size: int, status: int) -> None:
    bench.serve(OK)
    assert bench.get(Cookie="c" * size).status == status


def test_a_body_of_more_than_10_mb_is_refused(bench: Bench) -> None:
    bench.serve(OK)
    bench.method(
        "/upload",
        verb="POST",
        uri="arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        f"arn:aws:lambda:{REGION}:123456789012:function:thing/invocations",
    )
    bench.deploy()
    reply = bench.get("/upload", "POST", b"x" * (10 * 1024 * 1024 + 1))
    assert (reply.status, reply.message) == (413, "Request Too Long")
    lambdas = bench.get("/upload", "POST", b"x" * (7 * 1024 * 1024))
    assert (lambdas.status, lambdas.message) == (500, "Internal server error")
    log = bench.execution_log()
    assert any(line.startswith("Lambda invocation failed with status: 413.") for line in log)
    wanted = "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    assert f"Execution failed due to configuration error: {wanted}" in log


def test_a_required_parameter_is_a_400(bench: Bench) -> None:
    bench.serve(OK)
    gateway = bench.aws("apigateway")
    validator = gateway.create_request_validator(
        restApiId=bench.api_id, name="v", validateRequestParameters=True, validateRequestBody=False
    )["id"]
    operations = [
        {"op": "replace", "path": "/requestValidatorId", "value": validator},
        {"op": "add", "path": "/requestParameters/method.request.querystring.size", "value": "true"},
    ]
    where = {"restApiId": bench.api_id, "resourceId": bench.resources["/things/{id}"], "httpMethod": "GET"}
    gateway.update_method(**where, patchOperations=operations)
    bench.deploy()
    assert (bench.get().status, bench.get().message) == (400, "Missing required request parameters: [size]")
    assert bench.get("/things/1?size=7").status == 200


def test_a_function_state_needs_all_its_parts(bench: Bench) -> None:
    request = urllib.request.Request(f"{bench.endpoint}/_sandbox/function-state", data=b"{}", method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(request, timeout=5)
    with refused.value as answer:
        assert answer.code == 400
