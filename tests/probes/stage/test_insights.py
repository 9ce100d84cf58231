"""Searching a big log: what is said before the yes, what is asked, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from probes.stage.insights import Insights, query
from tests.probes.conftest import ERRORS, LOG_GROUP, TWO, FakeAws, Key, logged, new_case, story, traced
from wizard.model.aws import AwsError, Denied
from wizard.model.case import Symptom
from wizard.model.fill import fill, placeholders
from wizard.model.probe import Evidence
from wizard.model.status import Effect, Reason, Status

REFUSED = "Execution failed due to configuration error: Invalid permissions on Lambda function"


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr(Insights, "pause", staticmethod(seconds.append))
    return seconds


def row(message: str, at: str = "2026-11-20 11:50:00.000") -> list[dict[str, str]]:
    return [
        {"field": "@timestamp", "value": at},
        {"field": "@message", "value": message},
        {"field": "@logStream", "value": "s"},
        {"field": "@ptr", "value": "x"},
    ]


def run(world: dict[Key, Any], *rows: Any, status: str = "Complete", **target: Any) -> tuple[Evidence, FakeAws]:
    world["logs", "GetQueryResults"] = {"status": status, "results": list(rows), "statistics": {"bytesScanned": 7.0}}
    aws = FakeAws(world)
    return Insights().run(traced(world, new_case(**target)), aws), aws


def incoming(size: float) -> Callable[..., dict[str, Any]]:
    def answer(**params: Any) -> dict[str, Any]:
        asked = params["MetricDataQueries"][0]["MetricStat"]["Metric"]["MetricName"]
        return {"MetricDataResults": [{"Id": "incoming", "Values": [size]}] if asked == "IncomingBytes" else []}

    return answer


def said(world: dict[Key, Any], **errors: AwsError) -> str:
    answers = {**world, **{tuple(name.split("_")): error for name, error in errors.items()}}
    case = traced(world)
    return fill(Insights.warning, placeholders(case) | dict(Insights().foresee(case, FakeAws(answers))))


def test_it_asks_first() -> None:
    assert Insights.effect is Effect.COSTS


def test_the_question_names_log_time_amount_and_cost(world: dict[Key, Any]) -> None:
    world["cloudwatch", "GetMetricData"] = incoming(20e9)
    text = said(world)
    assert LOG_GROUP in text
    assert "from 2026-11-20 11:00 UTC to 12:00 UTC" in text
    assert "It scans about 20.0 GB" in text
    assert "so about 0.100 USD (https://aws.amazon.com/cloudwatch/pricing/)" in text
    assert "<" not in text


def test_what_is_stored_bounds_what_is_scanned(world: dict[Key, Any]) -> None:
    world["cloudwatch", "GetMetricData"] = {"MetricDataResults": []}
    assert "It scans at most 5.0 GB" in said(world)
    world["logs", "DescribeLogGroups"]["logGroups"][0]["storedBytes"] = 2_500_000
    text = said(world)
    assert "at most 2.5 MB" in text
    assert "so less than 0.001 USD" in text


def test_an_unknown_amount_is_called_unknown(world: dict[Key, Any]) -> None:
    denied = Denied("x:Y")
    text = said(world, cloudwatch_GetMetricData=denied, logs_DescribeLogGroups=denied)
    assert "an amount that could not be found out" in text
    assert "what it costs is not known beforehand" in text


def test_what_is_sent_is_shown_as_a_command(world: dict[Key, Any]) -> None:
    command = Insights().foresee(traced(world), FakeAws(world))["command"]
    assert command.startswith(f"aws logs start-query --log-group-name {LOG_GROUP} --start-time ")
    assert "Execution failed" in command


def test_failing_requests_are_found_and_read_whole(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = logged((TWO, story(REFUSED)))
    found, aws = run(world, row(f"({TWO}) {REFUSED}"))
    assert (found.status, found.facts["cause_ids"]) == (Status.FAIL, ["lambda-permission-missing"])
    assert (found.facts["requests"], found.facts["client_statuses"], found.facts["bytes_scanned"]) == (1, [500], 7.0)
    assert len(aws.params("logs:StartQuery")) == 1


def test_nothing_found(world: dict[Key, Any]) -> None:
    found, _ = run(world)
    assert (found.status, found.facts["requests"]) == (Status.PASS, 0)


def test_a_full_answer_of_others_is_not_called_clean(world: dict[Key, Any]) -> None:
    world["logs", "FilterLogEvents"] = logged((TWO, story(REFUSED, method="POST")))
    found, _ = run(world, *[row(f"({TWO}) {REFUSED}")] * 1000)
    assert (found.status, found.facts["capped"]) == (Status.UNKNOWN, True)


def test_it_waits_for_the_query(world: dict[Key, Any], waited: list[float]) -> None:
    answers = iter(["Scheduled", "Running", "Complete"])
    world["logs", "GetQueryResults"] = lambda **_: {"status": next(answers), "results": []}
    assert Insights().run(traced(world), FakeAws(world)).status is Status.PASS
    assert waited == [1.0, 1.0]


def test_a_query_that_does_not_end_is_stopped(world: dict[Key, Any]) -> None:
    found, aws = run(world, status="Running")
    assert (found.status, found.reason) == (Status.UNKNOWN, Reason.TIMED_OUT)
    assert aws.params("logs:StopQuery") == [{"queryId": "q1"}]


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "Timeout"])
def test_a_query_that_ends_badly_tells_nothing(world: dict[Key, Any], status: str) -> None:
    found, aws = run(world, status=status)
    assert found.status is Status.UNKNOWN
    assert "logs:StopQuery" not in aws.used


def test_a_reported_id_cannot_change_the_query(world: dict[Key, Any]) -> None:
    hostile = "a/ | fields secret | filter /b"
    text = query(traced(world, new_case(symptom=Symptom(500, request_id=hostile))))
    assert text.count("|") == query(traced(world)).count("|") + 1
    assert text.count("/") == 2


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("operation", ["StartQuery", "GetQueryResults"])
def test_a_refused_question_is_raised(world: dict[Key, Any], operation: str, error: AwsError) -> None:
    with pytest.raises(type(error)):
        Insights().run(traced(world), FakeAws({**world, ("logs", operation): error}))
