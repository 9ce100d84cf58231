"""Faults are found with execution logging off, with the access log alone, and with nothing but configuration.

Metrics and the state of things are always there. What only a text could tell apart is named by its general cause.
"""

from __future__ import annotations

import pytest

from tests.grid.arena import Arena
from tests.grid.drawn import FAULTS
from tests.grid.test_red_herrings import checked, client, logging

OFF, ACCESS, NOTHING = "execution log off", "access log alone", "no log at all"

FAILED, REFUSED = "lambda-unhandled-exception", "lambda-response-malformed"
# The general cause that is left, by what there is to go by; any other fault is named by its own in all three.
GENERAL: dict[str, dict[str, str]] = {
    # The function's log or, in the gateway's words, the access log says how it failed; Lambda's metrics count it only.
    "lambda-unhandled-exception": {},
    "lambda-init-error": {NOTHING: FAILED},
    "lambda-handler-not-found": {NOTHING: FAILED},
    "lambda-dependency-missing": {NOTHING: FAILED},
    "lambda-execution-role-denied": {NOTHING: FAILED},
    "lambda-response-too-large": {NOTHING: FAILED},
    # What was wrong with an answer stands in the execution log alone.
    "lambda-response-body-not-string": {OFF: REFUSED, ACCESS: REFUSED, NOTHING: REFUSED},
    "authorizer-context-invalid-type": dict.fromkeys((OFF, ACCESS, NOTHING), "authorizer-malformed-response"),
    "lambda-response-malformed": {},
    "lambda-returned-5xx": {},
    "authorizer-lambda-error": {},
    "lambda-timeout": {},
    "lambda-throttled": {},
    "integration-uri-function-not-found": {},
    "lambda-integration-method-not-post": {},
    "lambda-permission-missing": {},
    "stage-variable-missing": {},
    "stage-not-redeployed": {},
}


@pytest.mark.parametrize("name", GENERAL)
def test_a_fault_is_found_without_logs(arena: Arena, name: str) -> None:
    line = arena.build([name])
    logs, function_logs = client(line, "logs"), "/aws/lambda/"
    execution_log = f"API-Gateway-Execution-Logs_{line['api_id']}/{line['stage']}"
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    logging(line, "OFF", access_log=True)
    for how, gone in ((OFF, execution_log), (ACCESS, function_logs), (NOTHING, "")):
        for group in [group for group in groups if group.startswith(gone)]:
            logs.delete_log_group(logGroupName=group)
            groups.remove(group)
        if how == NOTHING:
            logging(line, "OFF", access_log=False)
        report = checked(line)
        first = report["findings"][0]
        assert first["cause"] == GENERAL[name].get(how, FAULTS[name].cause), (how, report["findings"])
        assert first["confidence"] in ("confirmed", "likely"), how
        assert (report["outcome"], report["failing_hop"]) == ("fault", first["hop"]), how
