"""A traced path to one Lambda function, and an Aws whose answers the test decides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wizard.model.arn import FunctionRef
from wizard.model.aws import AwsError, Denied, HttpAnswer, NotFound, Pages, Throttled, TimedOut
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.probe import Probe
from wizard.model.trace import Integration, Trace

ACCOUNT, REGION = "123456789012", "us-east-1"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Answer = dict[str, Any] | AwsError | Callable[..., dict[str, Any]]


class Answers:
    """Answers from a table {"service:Operation": answer}; an answer may be an error or a function of the parameters."""

    def __init__(self, table: dict[str, Answer]) -> None:
        self.table, self.used, self.asked = table, set[str](), list[tuple[str, dict[str, Any]]]()
        self._lock = threading.Lock()

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        name = f"{service}:{operation}"
        with self._lock:
            self.used.add(name)
            self.asked.append((name, {**params, "region": region}))
        answer = self.table.get(name, NotFound(f"{name}: not there"))
        if callable(answer) and not isinstance(answer, AwsError):
            answer = answer(**params)
        if isinstance(answer, AwsError):
            raise answer
        return answer

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        return Pages((self.call(service, operation, region=region, **params),))

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        raise AssertionError("these probes send no request")


def make_case(*, function: FunctionRef | None = None, uri: str = "", **trace: Any) -> Case:
    """A case for GET /orders/{id} on stage prod of API abc123; keywords change the trace."""
    function = function or FunctionRef("shop-orders", REGION, ACCOUNT)
    path = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
    integration = Integration("AWS_PROXY", uri or path.format(function.qualified_arn), "POST")
    traced = Trace(
        api_name="shop",
        api_id="abc123",
        stage="prod",
        resource_id="r1",
        resource_path="/orders/{id}",
        method_key="GET",
        integration=integration,
        configured=integration,
        deployed_known=True,
        function=function,
    )
    target = Target(api_id="abc123", stage="prod", method="GET", path="/orders/42", region=REGION, account=ACCOUNT)
    return Case(target, Symptom(500), Window(NOW - timedelta(hours=1), NOW), trace=replace(traced, **trace))


@pytest.fixture
def case() -> Callable[..., Case]:
    """Makes cases."""
    return make_case


@pytest.fixture
def answers() -> type[Answers]:
    """Makes an Aws of a table of answers."""
    return Answers


def each_failure(probe: Probe, healthy: dict[str, Answer]) -> list[tuple[str, AwsError, dict[str, Answer]]]:
    """Every declared call denied, throttled and timing out, with the rest healthy."""
    errors = (Denied("x:Y"), Throttled("slow down"), TimedOut("no answer"))
    return [(call, error, {**healthy, call: error}) for call in sorted(probe.calls) for error in errors]


@pytest.fixture
def failures() -> Callable[..., list[tuple[str, AwsError, dict[str, Answer]]]]:
    """Makes the grid of failing calls."""
    return each_failure
