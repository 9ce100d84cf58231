"""Every fault of the sandbox really produces the symptom and the traces of its cause."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from wizard.sandbox.clients import client
from wizard.sandbox.faults import Fault, all_faults, find
from wizard.sandbox.scenario import possible
from wizard.sandbox.server import SandboxServer
from wizard.sandbox.shop import build_shop
from wizard.sandbox.traffic import opening_day

Build = Callable[..., dict[str, Any]]

REFUSED = "Execution failed due to configuration error: Invalid permissions on Lambda function"
MALFORMED = "Execution failed due to configuration error: Malformed Lambda proxy response"
CUSTOMER = "due to customer function error"
AUTHORIZER = "Execution failed due to configuration error: Authorizer error"
RATE = "Execution failed due to configuration error: Rate Exceeded."

# cause: (hop in the catalogue, status at the client, trace in the execution log, trace in the function's log)
EXPECTED: dict[str, tuple[str, int | None, str, str]] = {
    "lambda-permission-missing": ("lambda-permission", 500, REFUSED, ""),
    "lambda-permission-source-arn-mismatch": ("lambda-permission", 500, REFUSED, ""),
    "lambda-permission-source-arn-region": ("lambda-permission", 500, REFUSED, ""),
    "lambda-permission-stage-variable": ("lambda-permission", 500, REFUSED, ""),
    "lambda-permission-alias-qualifier": ("lambda-permission", 500, REFUSED, ""),
    "lambda-permission-source-account": ("lambda-permission", 500, REFUSED, ""),
    "lambda-permission-console-test-only": ("lambda-permission", 500, "", ""),
    "lambda-integration-method-not-post": ("integration-config", 500, "Lambda invocation failed with status: 403", ""),
    "integration-uri-function-not-found": ("integration-config", 500, "Execution failed due to", ""),
    "stage-variable-missing": ("stage", 500, "Execution failed due to", ""),
    "stage-not-redeployed": ("stage", 500, "Execution failed due to", ""),
    "logging-role-missing": ("stage", None, "", ""),
    "lambda-throttled": ("lambda-service", 500, RATE, ""),
    "lambda-reserved-concurrency-zero": ("lambda-service", 500, RATE, ""),
    "lambda-kms-access-denied": ("lambda-service", 500, "Lambda was unable to decrypt the environment variables", ""),
    "lambda-vpc-eni-failure": ("lambda-service", 500, "VPC", ""),
    "lambda-state-pending-or-updating": ("lambda-service", 500, "in the following state: Pending", ""),
    "lambda-state-inactive": ("lambda-service", 500, "The function is inactive", ""),
    "lambda-state-failed": ("lambda-service", 500, "Lambda invocation failed with status: ", ""),
    "lambda-runtime-deprecated": ("lambda-service", 500, "nodejs12.x is not supported", ""),
    "lambda-recursion-terminated": ("lambda-service", 500, "being invoked in a recursive loop", ""),
    "lambda-snapstart-not-ready": ("lambda-service", 500, "Lambda invocation failed with status: 40", ""),
    "lambda-efs-mount-failure": ("lambda-service", 500, "file system", ""),
    "lambda-request-too-large": ("lambda-service", 500, "Request must be smaller than 6291456 bytes", ""),
    "lambda-timeout": ("lambda-function", 502, CUSTOMER, "Task timed out after 1.0"),
    "lambda-unhandled-exception": ("lambda-function", 502, CUSTOMER, "Traceback (most recent call last)"),
    "lambda-out-of-memory": ("lambda-function", 502, CUSTOMER, "Runtime exited with error: signal: killed"),
    "lambda-init-error": ("lambda-function", 502, CUSTOMER, "INIT_REPORT"),
    "lambda-handler-not-found": ("lambda-function", 502, CUSTOMER, "Runtime."),
    "lambda-dependency-missing": ("lambda-function", 502, CUSTOMER, "Runtime.ImportModuleError"),
    "lambda-execution-role-denied": ("lambda-function", 502, "", "AccessDeniedException"),
    "lambda-response-malformed": ("lambda-response", 502, MALFORMED, ""),
    "lambda-response-body-not-string": ("lambda-response", 502, MALFORMED, ""),
    "lambda-response-bad-statuscode": ("lambda-response", 502, MALFORMED, ""),
    "lambda-response-bad-headers": ("lambda-response", 502, MALFORMED, ""),
    "lambda-response-unknown-field": ("lambda-response", 502, MALFORMED, ""),
    "lambda-response-too-large": ("lambda-response", 502, "exceeded maximum allowed payload size (6291556 bytes)", ""),
    "lambda-returned-5xx": ("lambda-function", 500, "Method completed with status: 50", ""),
    "lambda-process-crash": ("lambda-function", 502, CUSTOMER, "Error: Runtime exited with"),
    "lambda-entrypoint-invalid": ("lambda-function", 502, CUSTOMER, "Runtime.InvalidEntrypoint"),
    "lambda-vpc-no-egress": ("lambda-function", 502, CUSTOMER, "Connect timeout on endpoint URL"),
    "lambda-downstream-unreachable": ("lambda-function", 502, CUSTOMER, "Traceback (most recent call last)"),
    "lambda-cold-start": ("lambda-function", 504, "Execution failed due to a timeout error", "Init Duration"),
    "lambda-response-base64-invalid": ("lambda-response", 500, "Unable to base64 decode the body.", ""),
    "lambda-response-stream-mode-mismatch": ("lambda-response", 502, MALFORMED, ""),
    "integration-timeout": ("integration", 504, "Execution failed due to a timeout error", ""),
    "stage-throttled": ("stage", 429, "Method completed with status: 429", ""),
    "canary-broken-deployment": ("stage", 500, "", ""),
    "stage-cached-error": ("stage", 503, "Method completed with status: 503", ""),
    "headers-over-10240": ("quota", 431, "", ""),
    "payload-over-10mb": ("quota", 413, "", ""),
    "authorizer-permission-missing": ("authorizer", 500, REFUSED, ""),
    "authorizer-credentials-role-invalid": ("authorizer", 500, "Execution failed due to configuration error: ", ""),
    "authorizer-uri-invalid": ("authorizer", 500, REFUSED, ""),
    "authorizer-cognito-pool-invalid": ("authorizer", 500, AUTHORIZER, ""),
    "authorizer-lambda-error": ("authorizer", 500, 'Unrecognized field "errorMessage"', ""),
    "authorizer-malformed-response": ("authorizer", 500, "Authorizer result body before parsing: ", ""),
    "authorizer-context-invalid-type": ("authorizer", 500, AUTHORIZER, ""),
    "authorizer-timeout": ("authorizer", 500, "Task timed out after 1.0", ""),
    "authorizer-throttled": ("authorizer", 500, RATE, ""),
    "authorizer-usage-key-missing": ("authorizer", 403, "requires API Key", ""),
    "resource-policy-deny": ("resource-policy", 403, "", ""),
    "private-endpoint-unreachable": ("private-endpoint", 403, "", ""),
    "request-template-error": ("request-mapping", 500, "Unable to transform request", ""),
    "binary-media-types-break-mock": ("request-mapping", 500, "before transformations: [Binary Data]", ""),
    "mock-statuscode-missing": ("request-mapping", 500, "Unable to parse statusCode", ""),
    "request-header-override-illegal": ("request-mapping", 500, " header already present", ""),
    "parameter-overridden-twice": ("request-mapping", 500, "Unable to transform re", ""),
    "request-base64-conversion-failed": ("request-mapping", 500, "Unable to base64 decode the body.", ""),
    "passthrough-never-no-template": ("request-mapping", 415, "", ""),
    "foreach-iteration-limit": ("request-mapping", 500, "Unable to transform request", ""),
    "request-template-field-missing": ("request-mapping", 500, "Could not parse request body into json", ""),
    "response-no-match-selection-pattern": (
        "response-mapping",
        500,
        "No match for output mapping and",
        "",
    ),
    "response-invalid-method-response": ("response-mapping", 500, "refers to an invalid method response: 200", ""),
    "response-template-error": ("response-mapping", 500, "Unable to transform response", ""),
    "response-base64-conversion-failed": ("response-mapping", 500, "Unable to base64 decode the body.", ""),
    "response-header-mapping-invalid": (
        "response-mapping",
        500,
        "specified: method.response.header.Cache-Control",
        "",
    ),
    "gateway-response-template-broken": ("response-mapping", 500, "Request parameters validation failed", ""),
    "integration-aws-arn-invalid-action": ("integration-config", 500, "contains invalid action", ""),
    "integration-endpoint-url-invalid": ("integration-config", 500, "Illegal character in path at index ", ""),
    "integration-host-dns-unresolvable": ("integration-config", 504, "network error communicating with endpoint", ""),
    "integration-port-blocked": ("integration-config", 500, "Invalid endpoint address", ""),
    "integration-credentials-role-not-assumable": (
        "integration-credentials",
        500,
        "does not have permission to assume the provided role",
        "",
    ),
    "integration-credentials-role-missing-permission": (
        "integration-credentials",
        500,
        "Method completed with status: 500",
        "",
    ),
    "integration-type-proxy-mismatch": ("integration-config", 500, "Received response. Status: 200", ""),
    "integration-content-handling-missing": ("integration-config", 500, "before transformations: [Binary Data]", ""),
    "integration-method-or-path-mismatch": ("integration-config", 500, "Received response. Status: 40", ""),
}
STATUS_OF_VARIANT: dict[str, int | None] = {
    "integration-method-or-path-mismatch.path": 404,
    "integration-type-proxy-mismatch.proxy": 502,
    # The request that wakes the function fails; those after it do not.
    "lambda-state-inactive.woken": None,
    "payload-over-10mb.answer": 502,
    "lambda-returned-5xx.503": 503,
    "lambda-execution-role-denied.caught": 500,
    "stage-not-redeployed.timeout": 504,
}
REFUSALS = {
    413: ("RequestTooLargeException",),
    415: ("BadRequestException",),
    429: ("TooManyRequestsException", "LimitExceededException"),
    431: ("BadRequestException",),
}
REST = [each for each in all_faults() if each.api_type == "rest"]
OWN_ANSWERS = {
    "stage-cached-error",
    "lambda-returned-5xx",
    "lambda-returned-5xx.503",
    "lambda-execution-role-denied.caught",
    "integration-credentials-role-missing-permission.service",
    "integration-method-or-path-mismatch",
    "integration-method-or-path-mismatch.path",
    "integration-type-proxy-mismatch",
}


@pytest.fixture
def scene(sandbox: SandboxServer) -> Build:
    def fresh(*faults: str) -> dict[str, Any]:
        return sandbox.scenario(faults)

    return fresh


def log_text(endpoint_url: str, group: str, region: str = "us-east-1") -> str:
    logs = client(endpoint_url, "logs", region)
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return ""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return "\n".join(event["message"] for page in pages for event in page["events"])


def execution_log(endpoint_url: str, made: dict[str, Any]) -> str:
    return log_text(endpoint_url, f"API-Gateway-Execution-Logs_{made['api_id']}/prod")


def assert_traces(endpoint_url: str, made: dict[str, Any], cause: str) -> None:
    _, _, at_gateway, at_function = EXPECTED[cause]
    assert at_gateway in execution_log(endpoint_url, made)
    assert at_function in log_text(endpoint_url, "/aws/lambda/shop-orders")


def test_the_faults_cover_the_catalogue_and_name_its_hops() -> None:
    assert {each.cause: each.hop for each in REST} == {cause: expected[0] for cause, expected in EXPECTED.items()}
    ids = [each.id for each in REST]
    assert len(ids) == len(set(ids)) >= 40
    assert set(EXPECTED) <= set(ids)
    assert set(STATUS_OF_VARIANT) | OWN_ANSWERS <= set(ids)
    assert all(each.title for each in all_faults())


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(KeyError):
        find("no-such-fault")


def test_the_healthy_shop_serves_everybody(sandbox: SandboxServer) -> None:
    sandbox.reset()
    world = build_shop(sandbox.endpoint_url)
    statuses = [(a.request.method, a.request.path, a.status) for a in opening_day(world)]
    assert statuses == [
        ("GET", "/orders/42", 200),
        ("POST", "/orders", 201),
        ("GET", "/orders", 200),
        ("GET", "/orders/42", 200),
        ("GET", "/health", 200),
        ("GET", "/products", 200),
        ("POST", "/products", 202),
    ]
    text = execution_log(sandbox.endpoint_url, {"api_id": world.api_id})
    assert text.count("Successfully completed execution") == len(statuses)
    assert "Execution failed" not in text
    function_log = log_text(sandbox.endpoint_url, "/aws/lambda/shop-orders")
    assert "REPORT RequestId" in function_log
    assert "ERROR" not in function_log
    assert "Traceback" not in function_log


def test_the_healthy_scenario_has_no_symptom(scene: Build) -> None:
    made = scene()
    assert made["symptom"] is None
    assert made["faults"] == []
    assert made["url"].endswith(f"/_aws/execute-api/{made['api_id']}/prod/orders/42")


@pytest.mark.parametrize("fault", REST, ids=lambda each: each.id)
def test_a_fault_shows_and_leaves_traces(fault: Fault, scene: Build, sandbox: SandboxServer) -> None:
    made = scene(fault.id)
    status = STATUS_OF_VARIANT.get(fault.id, EXPECTED[fault.cause][1])
    symptom = made["symptom"]
    if status is None:
        assert symptom is None
        return
    assert symptom["status"] == status
    if fault.id in OWN_ANSWERS:
        assert symptom["error_type"] is None
    elif fault.cause == "gateway-response-template-broken":  # a 400 under another number
        assert symptom["error_type"] == "BadRequestException"
        assert symptom["message"] == "Missing required request parameters: [X-Customer]"
    elif status == 403:
        assert symptom["error_type"] in ("AccessDeniedException", "ForbiddenException")
    elif status in REFUSALS:
        assert symptom["error_type"] in REFUSALS[status]
    elif fault.hop == "authorizer":
        assert (symptom["error_type"], symptom["message"]) == ("AuthorizerConfigurationException", None)
    else:
        assert symptom["error_type"] == "InternalServerErrorException"
        unreached = fault.cause == "integration-host-dns-unresolvable"
        late = "Network error communicating with endpoint" if unreached else "Endpoint request timed out"
        assert symptom["message"] == (late if status == 504 else "Internal server error")
    assert symptom["request_id"]
    assert symptom["seen_in"] == ("test-invoke" if "console-test" in fault.id else "url")
    assert_traces(sandbox.endpoint_url, made, fault.cause)


def _pairs(count: int) -> list[tuple[str, str]]:
    chance = random.Random(20)
    every = [(a.id, b.id) for a, b in combinations(REST, 2) if a.hop != b.hop and possible([a.id, b.id])]
    return [(b, a) if chance.random() < 0.5 else (a, b) for a, b in chance.sample(every, count)]


@pytest.mark.parametrize(("first", "second"), [pytest.param(*pair, id=" and ".join(pair)) for pair in _pairs(12)])
def test_both_faults_of_a_pair_leave_traces(first: str, second: str, scene: Build, sandbox: SandboxServer) -> None:
    made = scene(first, second)
    assert made["faults"] == [first, second]
    for each in (first, second):
        assert_traces(sandbox.endpoint_url, made, find(each).cause)


def test_the_console_test_fails_while_the_url_works(scene: Build, sandbox: SandboxServer) -> None:
    made = scene("lambda-permission-console-test-only")
    assert made["symptom"]["seen_in"] == "test-invoke"
    assert "Execution failed" not in execution_log(sandbox.endpoint_url, made)


def test_without_the_logging_role_nothing_more_is_logged(scene: Build, sandbox: SandboxServer) -> None:
    before = execution_log(sandbox.endpoint_url, scene()).count("Successfully completed execution")
    after = execution_log(sandbox.endpoint_url, scene("logging-role-missing"))
    assert after.count("Successfully completed execution") == before


def test_the_corrected_configuration_is_not_the_deployed_one(scene: Build, sandbox: SandboxServer) -> None:
    made = scene("stage-not-redeployed.function")
    gateway = client(sandbox.endpoint_url, "apigateway", "us-east-1")
    resources = gateway.get_resources(restApiId=made["api_id"])["items"]
    resource = next(item["id"] for item in resources if item["path"] == "/orders/{id}")
    tested = gateway.test_invoke_method(
        restApiId=made["api_id"],
        resourceId=resource,
        httpMethod="GET",
        pathWithQueryString="/orders/42",
        stageVariables={"ordersFunction": "shop-orders", "ordersAlias": "live"},
    )
    assert tested["status"] == 200
    assert made["symptom"]["status"] == 500
