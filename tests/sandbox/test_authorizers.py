"""Authorizers of the simulator: who is let in, what the client gets, and what the log says."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from tests.sandbox.conftest import ACCOUNT, REGION, STAGE, Bench, Reply, lambda_uri
from wizard.sandbox.gateway.authorizerpolicy import MalformedPolicyError, parse

OK = """
    def handler(event, context):
        return {"statusCode": 200, "body": str(event["requestContext"].get("authorizer"))}
    """
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*/*/GET/*"}],
}
ECHO = """
    import json

    def handler(event, context):
        token = event.get("authorizationToken") or event["headers"]["Authorization"]
        if token.startswith("raise "):
            raise Exception(token[6:])
        if token.startswith("sleep "):
            import time
            time.sleep(float(token[6:]))
        return json.loads(token) if token[0] in "{[n" else None
    """
CONFIGURATION = "Execution failed due to configuration error: "
NULL = '{"message": null}'


def allow(**more: Any) -> str:
    return json.dumps({"principalId": "ada", "policyDocument": POLICY, **more})


def guard(bench: Bench, *, permit: bool = True, source: str = ECHO, timeout: int = 3, **settings: Any) -> str:
    """GET /things/{id} behind a Lambda authorizer that answers what the token says."""
    bench.function(OK)
    bench.permit()
    bench.method("/things/{id}", uri=lambda_uri("thing"))
    bench.function(source, name="guard", Timeout=timeout)
    wanted = {"type": "TOKEN", "identitySource": "method.request.header.Authorization", **settings}
    gateway = bench.aws("apigateway")
    made = gateway.create_authorizer(
        restApiId=bench.api_id,
        name="guard",
        **{"authorizerUri": lambda_uri("guard"), "authorizerResultTtlInSeconds": 0, **wanted},
    )
    if permit:
        bench.permit("guard", f"authorizers/{made['id']}")
    protect(bench, made["id"], "CUSTOM")
    return str(made["id"])


def protect(bench: Bench, authorizer_id: str, kind: str) -> None:
    operations = [
        {"op": "replace", "path": "/authorizationType", "value": kind},
        {"op": "replace", "path": "/authorizerId", "value": authorizer_id},
    ]
    where = {"restApiId": bench.api_id, "resourceId": bench.resources["/things/{id}"], "httpMethod": "GET"}
    bench.aws("apigateway").update_method(**where, patchOperations=operations)
    bench.deploy()


def get(bench: Bench, token: str = "") -> Reply:
    return bench.get(**({"Authorization": token} if token else {}))


def test_a_token_that_is_allowed_reaches_the_function_with_its_context(bench: Bench) -> None:
    identifier = guard(bench)
    reply = get(bench, allow(context={"tier": 2, "vip": True, "name": "Ada"}))
    assert reply.status == 200
    assert "'principalId': 'ada'" in reply.body
    assert "'tier': '2'" in reply.body
    assert "'vip': 'true'" in reply.body
    log = bench.execution_log()
    assert log[1].startswith(f"Starting authorizer: {identifier} for request: ")
    assert log.index("Successfully completed authorizer execution") < next(
        place for place, line in enumerate(log) if line.startswith("Verifying Usage Plan")
    )
    assert next(line for line in log if line.startswith("Using valid authorizer policy")).endswith(": ada")


@pytest.mark.parametrize(
    ("token", "settings"),
    [("", {}), ("wrong", {"identityValidationExpression": "[0-9]+"})],
)
def test_a_token_that_is_missing_or_of_the_wrong_form_never_reaches_the_function(
    bench: Bench, token: str, settings: dict[str, str]
) -> None:
    guard(bench, **settings)
    reply = get(bench, token)
    assert (reply.status, reply.message, reply.headers["x-amzn-ErrorType"]) == (
        401,
        "Unauthorized",
        "UnauthorizedException",
    )
    assert any(line.startswith("Unauthorized request: ") for line in bench.execution_log())
    assert bench.function_log("guard") == []


def test_the_word_unauthorized_is_a_401_and_any_other_error_a_500(bench: Bench) -> None:
    guard(bench)
    assert get(bench, "raise Unauthorized").status == 401
    reply = get(bench, "raise unauthorized")
    assert (reply.status, reply.body) == (500, NULL)
    assert reply.headers["x-amzn-ErrorType"] == "AuthorizerConfigurationException"


def test_policies_that_deny_are_a_403_with_the_reason(bench: Bench) -> None:
    guard(bench)
    statement = {**POLICY["Statement"][0], "Effect": "Deny"}  # type: ignore[index]
    denied = get(bench, allow(policyDocument={"Statement": [statement]}))
    explicit = "User is not authorized to access this resource with an explicit deny"
    assert (denied.status, json.loads(denied.body)) == (403, {"Message": explicit})
    other = {**POLICY["Statement"][0], "Resource": "arn:aws:execute-api:*:*:*/*/POST/*"}  # type: ignore[index]
    silent = get(bench, allow(policyDocument={"Statement": [other]}))
    assert json.loads(silent.body) == {"Message": "User is not authorized to access this resource"}


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("null", "Could not parse policy"),
        ("[]", "Could not parse policy"),
        ('{"principalId": "ada"}', "Could not parse policy"),
        (json.dumps({"policyDocument": POLICY}), "Could not parse policy"),
        (allow(policyDocument={"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}), "Could not parse"),
        (allow(policyDocument={"Statement": []}), "Could not parse policy"),
        (
            allow(context={"roles": ["a"]}),
            "Invalid JSON in response: Can not deserialize instance of java.lang.String out of START_ARRAY",
        ),
        (allow(context={"role": None}), "Could not parse policy"),
        ('{"statusCode": 200}', 'Invalid JSON in response: Unrecognized field "statusCode" , not marked as ignorable'),
        ("raise boom", 'Invalid JSON in response: Unrecognized field "errorMessage" , not marked as ignorable'),
    ],
)
def test_an_answer_that_is_no_policy_is_a_500_that_the_log_explains(bench: Bench, token: str, reason: str) -> None:
    guard(bench)
    reply = get(bench, token)
    assert (reply.status, reply.body, reply.headers["x-amzn-ErrorType"]) == (
        500,
        NULL,
        "AuthorizerConfigurationException",
    )
    log = bench.execution_log()
    assert any(line.startswith("Authorizer result body before parsing: ") for line in log)
    assert any(line.startswith(CONFIGURATION + reason) for line in log)
    assert CONFIGURATION + "Authorizer error" in log
    assert "Gateway response type: AUTHORIZER_CONFIGURATION_ERROR with status code: 500" in log


def test_without_permission_the_function_is_not_called(bench: Bench) -> None:
    guard(bench, permit=False)
    assert get(bench, allow()).body == NULL
    assert CONFIGURATION + "Invalid permissions on Lambda function" in bench.execution_log()
    assert bench.function_log("guard") == []


@pytest.mark.parametrize(
    "uri",
    [
        lambda_uri("nobody"),
        lambda_uri("guard").replace("2015-03-31", "2015-03-01"),
        lambda_uri("guard").replace("guard", "guard "),
        lambda_uri("guard").replace("guard", "guard:blue"),
    ],
)
def test_a_uri_that_names_no_function_is_a_configuration_error(bench: Bench, uri: str) -> None:
    guard(bench, authorizerUri=uri)
    reply = get(bench, allow())
    assert (reply.status, reply.headers["x-amzn-ErrorType"]) == (500, "AuthorizerConfigurationException")
    written = "Endpoint request URI: https://lambda.us-east-1.amazonaws.com/" + uri.partition("path/")[2]
    assert written in bench.execution_log()


def test_a_role_must_trust_the_gateway_and_may_call(bench: Bench) -> None:
    iam = bench.aws("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="caller", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    guard(bench, permit=False, authorizerCredentials=role)
    assert get(bench, allow()).status == 500
    assert CONFIGURATION + "Invalid permissions on Lambda function" in bench.execution_log()
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    iam.put_role_policy(
        RoleName="caller",
        PolicyName="call",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    assert get(bench, allow()).status == 200
    iam.update_assume_role_policy(RoleName="caller", PolicyDocument=document.replace("apigateway", "ec2"))
    assert get(bench, allow()).status == 500
    wanted = CONFIGURATION + "API Gateway does not have permission to assume the provided role"
    assert bench.execution_log().count(wanted) == 1


def test_a_slow_or_throttled_function_is_a_500(bench: Bench) -> None:
    guard(bench, timeout=1)
    assert get(bench, "sleep 3").body == NULL
    assert any("Task timed out after 1.00 seconds" in line for line in bench.function_log("guard"))
    bench.aws("lambda").put_function_concurrency(FunctionName="guard", ReservedConcurrentExecutions=0)
    assert get(bench, allow()).status == 500
    assert CONFIGURATION + "Rate Exceeded." in bench.execution_log()


def test_an_answer_is_kept_for_its_time_and_by_its_token(bench: Bench) -> None:
    guard(bench, authorizerResultTtlInSeconds=60)
    for token in (allow(), allow(), allow(context={"a": "b"})):
        assert get(bench, token).status == 200
    assert sum(line.startswith("START") for line in bench.function_log("guard")) == 2


def test_a_request_authorizer_sees_the_request_and_wants_every_source(bench: Bench) -> None:
    sources = "method.request.header.Authorization, method.request.querystring.shop"
    guard(bench, type="REQUEST", identitySource=sources, authorizerResultTtlInSeconds=60)
    assert bench.get(Authorization=allow()).status == 401
    assert bench.get("/things/1?shop=7", Authorization=allow()).status == 200
    body = next(
        line for line in bench.execution_log() if line.startswith("Endpoint request body after") and "REQ" in line
    )
    event = json.loads(body.partition(": ")[2].removesuffix(" [TRUNCATED]").partition(',"headers"')[0] + "}")
    assert (event["type"], event["resource"], event["pathParameters"]) == ("REQUEST", "/things/{id}", {"id": "1"})


def test_the_authorizers_test_button_gives_status_policy_and_log(bench: Bench) -> None:
    identifier = guard(bench)
    gateway = bench.aws("apigateway")
    where = {"restApiId": bench.api_id, "authorizerId": identifier}
    good = gateway.test_invoke_authorizer(**where, headers={"Authorization": allow(context={"a": 1})})
    assert (good["clientStatus"], good["principalId"], json.loads(good["policy"])) == (200, "ada", POLICY)
    assert good["authorization"] == {"a": ["1"]}
    assert f"{bench.api_id}/ESTestInvoke-stage/GET/" in good["log"]
    bad = gateway.test_invoke_authorizer(**where, headers={"Authorization": "null"})
    assert bad["clientStatus"] == 500
    lines = [line.partition(" : ")[2] for line in bad["log"].splitlines()]
    assert lines[-3:] == [
        "Authorizer result body before parsing: null",
        CONFIGURATION + "Could not parse policy",
        "AuthorizerConfigurationException",
    ]
    assert gateway.test_invoke_authorizer(**where)["clientStatus"] == 401
    assert bench.execution_log() == []


def test_the_access_log_tells_of_the_authorizer(bench: Bench) -> None:
    guard(bench)
    bench.aws("logs").create_log_group(logGroupName="access")
    names = (
        "requestId",
        "status",
        "error.responseType",
        "authorizer.error",
        "authorizer.status",
        "authorizer.principalId",
    )
    operations = [
        {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value}
        for name, value in (
            ("destinationArn", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access"),
            ("format", " ".join(f"$context.{name}" for name in names)),
        )
    ]
    bench.aws("apigateway").update_stage(restApiId=bench.api_id, stageName=STAGE, patchOperations=operations)
    get(bench, "null")
    get(bench, allow())
    rows = [line.split(" ", 1)[1] for line in bench.log("access")]
    assert rows == ["500 AUTHORIZER_CONFIGURATION_ERROR Could not parse policy 200 -", "200 - - 200 ada"]


def _token(pool: str, **claims: Any) -> str:
    body = {"iss": f"https://cognito-idp.us-east-1.amazonaws.com/{pool}", "sub": "ada", "token_use": "id", **claims}
    text = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + 60, **body}).encode()).decode().rstrip("=")
    return f"e30.{text}.c2ln"


def test_a_cognito_pool_lets_its_own_tokens_in_until_it_is_gone(bench: Bench) -> None:
    pool = bench.aws("cognito-idp").create_user_pool(PoolName="customers")["UserPool"]
    bench.function(OK)
    bench.permit()
    bench.method("/things/{id}", uri=lambda_uri("thing"))
    made = bench.aws("apigateway").create_authorizer(
        restApiId=bench.api_id,
        name="pool",
        type="COGNITO_USER_POOLS",
        providerARNs=[pool["Arn"]],
        identitySource="method.request.header.Authorization",
        authorizerResultTtlInSeconds=0,
    )
    protect(bench, made["id"], "COGNITO_USER_POOLS")
    good = _token(pool["Id"])
    assert "'claims'" in get(bench, f"Bearer {good}").body
    assert get(bench, _token("us-east-1_other")).status == 401
    assert get(bench, _token(pool["Id"], exp=1)).message == "The incoming token has expired"
    assert get(bench, "no.token").status == 401
    bench.aws("cognito-idp").delete_user_pool(UserPoolId=pool["Id"])
    reply = get(bench, good)
    assert (reply.status, reply.headers["x-amzn-ErrorType"]) == (500, "AuthorizerConfigurationException")


def test_an_arn_over_1600_bytes_is_a_414(bench: Bench) -> None:
    guard(bench)
    assert bench.get("/things/" + "x" * 1_600, Authorization=allow()).status == 414
    assert bench.get("/things/" + "x" * 1_200, Authorization=allow()).status == 200


def test_a_resource_of_more_than_512_characters_is_no_policy() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "x" * 513}
    with pytest.raises(MalformedPolicyError):
        parse(allow(policyDocument={"Statement": [statement]}))


def test_the_export_tells_of_the_authorizer(bench: Bench) -> None:
    guard(bench, identityValidationExpression="[a-z]+")
    where = {"restApiId": bench.api_id, "stageName": STAGE, "exportType": "oas30"}
    answer = bench.aws("apigateway").get_export(**where, parameters={"extensions": "apigateway"})
    document = json.loads(answer["body"].read())
    scheme = document["components"]["securitySchemes"]["guard"]
    assert scheme["x-amazon-apigateway-authorizer"]["authorizerUri"] == lambda_uri("guard")
    assert scheme["x-amazon-apigateway-authorizer"]["identityValidationExpression"] == "[a-z]+"
    assert document["paths"]["/things/{id}"]["get"]["security"] == [{"guard": []}]
