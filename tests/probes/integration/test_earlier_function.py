"""A function that failing requests reached before the integration named another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probes.integration.earlier_function import EarlierFunction
from tests.probes.conftest import ERRORS, FUNCTION, LAMBDA, NOW, ONE, FakeAws, Key, logged, story, traced
from wizard.model.aws import AwsError, NotFound
from wizard.model.status import Status
from wizard.model.tree import Signature

OLD = LAMBDA.format(FUNCTION + "-old:live")
LATE = Signature("lambda-timeout", "function-log", text="Task timed out after", seen=True, weight=20)


def aws_with(world: dict[Key, Any], *lines: str, uri: str = OLD) -> FakeAws:
    gateway = logged((ONE, story("Execution failed", uri=uri)))
    at = int(NOW.timestamp() * 1000) - 60_000
    own = {"events": [{"timestamp": at, "message": line, "logStreamName": "s"} for line in lines]}
    world["logs", "FilterLogEvents"] = lambda **p: (
        own if p["logGroupName"] == "/aws/lambda/shop-orders-old" else gateway(**p)
    )
    return FakeAws(world)


def test_the_older_functions_log_is_read(world: dict[Key, Any]) -> None:
    case = replace(traced(world), signatures=(LATE,))
    found = EarlierFunction().run(case, aws_with(world, "2026 Task timed out after 3.00 seconds"))
    assert (found.status, found.facts["function"]) == (Status.FAIL, "shop-orders-old")
    assert found.facts["causes"][0]["cause"] == "lambda-timeout"  # type: ignore[index,call-overload]
    assert found.facts["causes"][0]["proof"] == "suggested"  # type: ignore[index,call-overload]


def test_an_older_function_that_is_switched_off(world: dict[Key, Any]) -> None:
    world["lambda", "GetFunctionConcurrency"] = {"ReservedConcurrentExecutions": 0}
    assert EarlierFunction().run(traced(world), aws_with(world)).status is Status.FAIL


@pytest.mark.parametrize("uri", [LAMBDA.format(FUNCTION), LAMBDA.format(FUNCTION + ":live"), "https://x"])
def test_the_traced_function_is_no_other(world: dict[Key, Any], uri: str) -> None:
    assert EarlierFunction().run(traced(world), aws_with(world, uri=uri)).status is Status.SKIPPED


def test_an_older_function_without_errors(world: dict[Key, Any]) -> None:
    world["lambda", "GetFunctionConcurrency"] = NotFound("gone")
    assert EarlierFunction().run(traced(world), aws_with(world)).status is Status.PASS


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_refused_questions_leave_it_unknown(world: dict[Key, Any], error: AwsError) -> None:
    case = traced(world)
    with pytest.raises(type(error)):
        EarlierFunction().run(case, FakeAws({**world, ("logs", "FilterLogEvents"): error}))
    world["lambda", "GetFunctionConcurrency"] = error
    found = EarlierFunction().run(case, aws_with(world))
    assert (found.status, found.reason) == (Status.UNKNOWN, error.reason)


def test_without_a_log_there_is_nothing_to_tell(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = NotFound("no group")
    assert EarlierFunction().run(traced(world), FakeAws(world)).status is Status.SKIPPED
