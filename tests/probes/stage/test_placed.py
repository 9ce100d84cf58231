"""At level ERROR the execution log names no method: the access log may, else nobody is accused by it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes.stage._execution_log import failures
from probes.stage.execution_log import ExecutionLog
from tests.probes.conftest import ERRORS, ONE, TWO, FakeAws, Key, access_line, groups, new_case, traced
from wizard.model.aws import AwsError
from wizard.model.case import Symptom
from wizard.model.probe import Evidence
from wizard.model.status import Status

REFUSED = "Execution failed due to configuration error: Invalid permissions on Lambda function"


def look(world: dict[Key, Any], *access: str, symptom: Symptom | None = None) -> Evidence:
    """Two failing requests, their access-log lines being these."""
    execution = [(10.0, "s", f"({ONE}) {REFUSED}"), (9.0, "s", f"({TWO}) {REFUSED}")]
    world["logs", "FilterLogEvents"] = groups(execution=execution, access=[(10.0, "a", line) for line in access])
    aws = FakeAws(world)
    found = ExecutionLog().run(traced(world, new_case(symptom=symptom or Symptom())), aws)
    assert aws.used <= ExecutionLog.calls
    return found


def proofs(found: Evidence) -> dict[str, str]:
    causes = found.facts["causes"]
    assert isinstance(causes, list)
    return {str(item["cause"]): str(item["proof"]) for item in causes if isinstance(item, dict)}


def test_the_access_log_tells_which_method_it_was(world: dict[Key, Any]) -> None:
    mine, other = access_line(requestId=ONE, status="500"), access_line(requestId=TWO, status="500", httpMethod="POST")
    found = look(world, mine, other)
    assert (found.facts["request_ids"], found.facts["other_methods"], found.facts["unplaced"]) == ([ONE], 1, 0)
    assert proofs(found) == {"lambda-permission-missing": "proven"}


def test_requests_of_other_methods_only_are_no_failure_of_this_one(world: dict[Key, Any]) -> None:
    found = look(world, *(access_line(requestId=i, status="500", resourcePath="/products") for i in (ONE, TWO)))
    assert (found.status, found.facts["other_methods"]) == (Status.PASS, 2)


def test_without_it_the_lines_suggest_and_prove_nothing(world: dict[Key, Any]) -> None:
    found = look(world)
    assert (found.status, found.facts["unplaced"]) == (Status.FAIL, 2)
    assert proofs(found) == {"lambda-permission-missing": "suggested"}
    assert "No log tells which method 2 of them went to" in found.summary


def test_the_reported_request_is_the_methods_own(world: dict[Key, Any]) -> None:
    found = look(world, symptom=Symptom(500, request_id=ONE))
    assert proofs(found) == {"lambda-permission-missing": "proven"}


@pytest.mark.parametrize("form", ["$context.status $context.requestId", "$context.status $context.path", ""])
def test_a_format_that_does_not_tell_it(world: dict[Key, Any], form: str) -> None:
    world["apigateway", "GetStage"]["accessLogSettings"]["format"] = form
    assert look(world, json.dumps({"status": "500"})).facts["unplaced"] == 2


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_a_stage_that_cannot_be_read_leaves_them_unplaced(world: dict[Key, Any], error: AwsError) -> None:
    execution = [(10.0, "s", f"({ONE}) {REFUSED}")]
    world["logs", "FilterLogEvents"] = groups(execution=execution)
    case = traced(world)
    seen = failures(FakeAws(world | {("apigateway", "GetStage"): error}), case)
    assert seen.unplaced == {ONE}
