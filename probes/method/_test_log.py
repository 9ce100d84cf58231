"""What the log of a test invocation says of each hop."""

from __future__ import annotations

from wizard.model.status import Status

# Line beginnings -> the hops that they show to be passed.
_PASSED = {
    "HTTP Method:": ("method",),
    "Sending request to": ("integration-config",),
    "Received response. Status: 200": ("integration", "lambda-permission", "lambda-service"),
    "Successfully completed execution": ("lambda-function", "lambda-response"),
}
# Parts of lines -> the hop that they show to be failing.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html
_FAILED = {
    "No integration defined for method": "method",
    "AWS ARN for integration": "integration-config",
    "Invalid endpoint address": "integration-config",
    "at 'functionName' failed to satisfy constraint": "integration-config",
    "Invalid permissions on Lambda function": "lambda-permission",
    "does not have permission to assume the provided role": "lambda-permission",
    "Rate Exceeded": "lambda-service",
    "Lambda invocation failed with status: 429": "lambda-service",
    "Lambda invocation failed with status: 403": "integration-config",
    "customer function error": "lambda-function",
    "Malformed Lambda proxy response": "lambda-response",
    "Unable to base64 decode the body": "lambda-response",
    "Unable to transform request": "request-mapping",
    "Unable to parse statusCode": "request-mapping",
    "header already present": "request-mapping",
    "No match for output mapping": "response-mapping",
    "Output mapping refers to an invalid method response": "response-mapping",
    "Unable to transform response": "response-mapping",
    "due to a timeout error": "integration",
    "network error communicating with endpoint": "integration",
}


def hop_results(lines: list[str], status: int) -> dict[str, Status]:
    """Hop id -> PASS or FAIL for every hop that the lines tell something of; a failure is not taken back.

    `status` is what the test answered: a 5xx of an execution that completed is the function's own.
    """
    results: dict[str, Status] = {}
    for line in lines:
        for beginning, hops in _PASSED.items():
            if line.startswith(beginning):
                results = {**dict.fromkeys(hops, Status.PASS), **results}
        if (
            line.startswith(("Execution failed", "Lambda execution failed", "Lambda invocation failed"))
            or "failed to satisfy constraint" in line
        ):
            results |= {hop: Status.FAIL for part, hop in _FAILED.items() if part in line}
    if status >= 500 and Status.FAIL not in results.values() and results.get("lambda-function") is Status.PASS:
        results["lambda-function"] = Status.FAIL
    return results
