"""What a fault of the sandbox's HTTP API has to show: the client's answer, the access log and the function log."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.shown import EXPECTED, log_text
from wizard.sandbox.faults import Fault
from wizard.sandbox.world import ACCESS_LOG

DENIED = "doesn't have permissions to call the integration"
MISSHAPEN = "doesn't match the format that API Gateway expects"
FAILED = "The Lambda function returned the following error: "
# What the access log tells beside the status: (integrationError, integrationStatus); by cause, else by hop.
TOLD: dict[str, tuple[str, str]] = {
    "integration-timeout": ("-", "-"),
    "lambda-integration-method-not-post": ("-", "403"),
    "stage-variable-missing": ("-", "-"),
    "integration-uri-function-not-found": (DENIED, "-"),
    "stage-not-redeployed": (DENIED, "-"),
    "lambda-response-too-large": (FAILED, "200"),
    "lambda-returned-5xx": ("-", "200"),
    "lambda-permission": (DENIED, "-"),
    "lambda-service": ("-", "429"),
    "lambda-response": (MISSHAPEN, "200"),
    "lambda-function": (FAILED, "200"),
}
SILENT = {"lambda-unhandled-exception.http-poor-log", "lambda-permission-missing.http-no-log"}


def access_log(endpoint_url: str) -> list[str]:
    """The lines of the stage's access log."""
    return log_text(endpoint_url, ACCESS_LOG).splitlines()


def entry_of(made: dict[str, Any]) -> dict[str, str]:
    """What the access log tells of the request that the scenario's last client sent."""
    entries = [json.loads(line) for line in access_log(made["endpoint_url"])]
    (entry,) = [each for each in entries if each["requestId"] == made["symptom"]["request_id"]]
    found: dict[str, str] = entry
    return found


def assert_http_shown(made: dict[str, Any], fault: Fault) -> None:
    """The scenario of this fault alone shows its symptom to the client and leaves its traces in the logs."""
    assert (made["api_type"], made["faults"]) == ("http", [fault.id])
    status, message = 500, "Internal Server Error"
    if fault.cause == "integration-timeout":
        status, message = 503, "Service Unavailable"
    if fault.cause == "lambda-returned-5xx":
        message = "The warehouse is not reachable"
    symptom = made["symptom"]
    assert (symptom["status"], symptom["message"], symptom["error_type"]) == (status, message, None)
    assert EXPECTED[fault.cause][3] in log_text(made["endpoint_url"], "/aws/lambda/shop-orders")
    if fault.id in SILENT:
        assert not any(DENIED in line or FAILED in line for line in access_log(made["endpoint_url"]))
        return
    error, integration_status = TOLD.get(fault.cause) or TOLD[fault.hop]
    entry = entry_of(made)
    assert (entry["status"], entry["integrationStatus"]) == (str(status), integration_status)
    assert error in entry["integrationError"]
