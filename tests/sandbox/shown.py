"""What a fault of the sandbox has to show: the symptom at the client, and what the logs keep of it."""

from __future__ import annotations

from typing import Any

from wizard.sandbox.clients import client
from wizard.sandbox.faults import Fault

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


def log_text(endpoint_url: str, group: str, region: str = "us-east-1") -> str:
    """Every message of a log group; nothing when there is no such group."""
    logs = client(endpoint_url, "logs", region)
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return ""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return "\n".join(event["message"] for page in pages for event in page["events"])


def execution_log(made: dict[str, Any]) -> str:
    """What the stage of the scenario logged."""
    return log_text(made["endpoint_url"], f"API-Gateway-Execution-Logs_{made['api_id']}/prod")


def assert_traces(made: dict[str, Any], cause: str) -> None:
    """The logs of the scenario hold what this cause leaves in them."""
    _, _, at_gateway, at_function = EXPECTED[cause]
    assert at_gateway in execution_log(made)
    assert at_function in log_text(made["endpoint_url"], "/aws/lambda/shop-orders")


def assert_shown(made: dict[str, Any], fault: Fault) -> None:
    """The scenario of this fault alone shows its symptom to the client and leaves its traces in the logs."""
    status = STATUS_OF_VARIANT.get(fault.id, EXPECTED[fault.cause][1])
    symptom: dict[str, Any] | None = made["symptom"]
    if status is None:
        assert symptom is None
        return
    assert symptom
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
    assert_traces(made, fault.cause)
