"""What the execution log shows of an HTTP backend's answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probes.integration.answers import Answers
from tests.probes.conftest import (
    ERRORS,
    ONE,
    TWO,
    FakeAws,
    Key,
    export,
    logged,
    new_case,
    resources,
    traced,
)
from wizard.model.aws import AwsError, NotFound
from wizard.model.case import Case, Symptom
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status

BACKEND = "https://backend.example.com/orders/42"
LIVE = {"type": "HTTP", "uri": "https://backend.example.com/orders/42", "httpMethod": "PUT"}


def request(backend: int, client: int, path: str = "/orders/42", method: str = "GET") -> list[str]:
    return [
        f"HTTP Method: {method}, Resource Path: {path}",
        f"Endpoint request URI: {BACKEND}",
        f"Sending request to {BACKEND}",
        f"Received response. Status: {backend}, Integration latency: 12 ms",
        f"Method completed with status: {client}",
    ]


def case(world: dict[Key, Any], status: int | None = None, **live: Any) -> Case:
    wired = {**LIVE, **live}
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=wired), resources(GET=wired)
    return traced(world, new_case(symptom=Symptom(status=status)))


def looked(world: dict[Key, Any], *requests: tuple[str, list[str]], status: int | None = None) -> Evidence:
    return Answers().run(case(world, status), FakeAws({("logs", "FilterLogEvents"): logged(*requests)}))


def test_a_method_that_the_backend_does_not_take(world: dict[Key, Any]) -> None:
    found = looked(world, (ONE, request(405, 500)), status=500)
    assert (found.status, found.facts["refusal"], found.facts["called"]) == (Status.FAIL, 405, BACKEND)
    assert (found.facts["integration_method"], found.facts["request_method"]) == ("PUT", "GET")
    assert (found.facts["always"], found.facts["client_statuses"]) == (True, [500])


def test_a_path_that_is_not_there_for_anybody_or_only_now_and_then(world: dict[Key, Any]) -> None:
    assert looked(world, (ONE, request(404, 404)), status=404).facts["always"] is True
    mixed = looked(world, (ONE, request(404, 404)), (TWO, request(200, 200)), status=404)
    assert (mixed.status, mixed.facts["always"]) == (Status.FAIL, False)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (request(200, 200), 500),
        (request(404, 404), 500),
        (request(404, 404), None),
        (request(404, 500), 504),
        (request(404, 500, path="/products/7"), 500),
        (request(404, 500, method="POST"), 500),
    ],
    ids=["answered", "handed on", "handed on, nobody complains", "another status", "another path", "another method"],
)
def test_what_nobody_complains_of_is_no_fault(world: dict[Key, Any], lines: list[str], status: int | None) -> None:
    found = looked(world, (ONE, lines), status=status)
    assert (found.status, found.facts["refused"]) == (Status.PASS, 0)


def test_too_much_to_read_narrows_to_the_newest(world: dict[Key, Any]) -> None:
    starts: list[int] = []

    def much(**params: Any) -> dict[str, Any]:
        starts.append(params["startTime"])
        return {"events": [], "truncated": len(starts) < 3}

    found = Answers().run(case(world), FakeAws({("logs", "FilterLogEvents"): much}))
    assert found.status is Status.PASS
    assert starts == sorted(set(starts))
    assert len(starts) == 3


def test_without_a_log_nothing_is_known(world: dict[Key, Any]) -> None:
    found = Answers().run(case(world), FakeAws({("logs", "FilterLogEvents"): NotFound("no such group")}))
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.NO_DATA)
    assert found.needs == "execution logging at INFO on stage prod"


@pytest.mark.parametrize("error", ERRORS)
def test_a_log_that_cannot_be_read(world: dict[Key, Any], error: AwsError) -> None:
    with pytest.raises(type(error)):
        Answers().run(case(world), FakeAws({("logs", "FilterLogEvents"): error}))


def test_a_function_is_not_asked_about(world: dict[Key, Any]) -> None:
    own = traced(world)
    assert own.trace is not None
    for wired in (None, own.trace.integration):
        aws = FakeAws({})
        found = Answers().run(replace(own, trace=replace(own.trace, integration=wired)), aws)
        assert (found.status, aws.asked) == (Status.SKIPPED, [])
