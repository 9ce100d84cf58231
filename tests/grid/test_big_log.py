"""An execution log too big to be read: the question that names amount and price, and what a yes or a no leads to."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from tests.grid.arena import Arena, settings_for
from wizard.model.events import Question
from wizard.model.status import Reason, Status
from wizard.model.verdict import Verdict
from wizard.ui.headless import check, walk

# Only the execution log shows it.
FAULT = "lambda-response-bad-statuscode"
# A little more than the three pages of a megabyte that are read.
EVENTS, LONG = 420, "x" * 8_000


@pytest.fixture(scope="module")
def line() -> Iterator[dict[str, Any]]:
    """A shop whose execution log is flooded by another method; what failed since then cannot be read line by line."""
    with Arena() as arena:
        built = arena.build([FAULT])
        flood(built)
        request_fails(built)
        yield built


def clients(line: dict[str, Any]) -> tuple[Any, ...]:
    session = boto3.Session(line["access_key_id"], line["secret_access_key"], region_name=line["region"])
    return tuple(
        session.client(name, endpoint_url=line["endpoint_url"]) for name in ("apigateway", "logs", "cloudwatch")
    )


def flood(line: dict[str, Any]) -> None:
    """Failing requests of another method within ten seconds of the last minute; there is no access log to help out."""
    gateway, logs, cloudwatch = clients(line)
    operations = [{"op": "remove", "path": "/accessLogSettings"}]
    gateway.update_stage(restApiId=line["api_id"], stageName=line["stage"], patchOperations=operations)
    group = f"API-Gateway-Execution-Logs_{line['api_id']}/{line['stage']}"
    stream, first = "flood", int(time.time() * 1000) - 20_000
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    events = []
    for number in range(EVENTS):
        identity, at = uuid.uuid4(), first + 10 * number
        for said in ("HTTP Method: POST, Resource Path: /products", f"Execution failed due to {LONG}"):
            events.append({"timestamp": at, "message": f"({identity}) {said}"})
    for start in range(0, len(events), 100):
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events[start : start + 100])
    cloudwatch.put_metric_data(
        Namespace="AWS/Logs",
        MetricData=[
            {
                "MetricName": "IncomingBytes",
                "Dimensions": [{"Name": "LogGroupName", "Value": group}],
                "Timestamp": datetime.now(UTC),
                "Value": 20e9,
                "Unit": "Bytes",
            }
        ],
    )


def request_fails(line: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as failed:
        urllib.request.urlopen(line["url"], timeout=30)
    assert failed.value.code == 502
    failed.value.close()


def settings(line: dict[str, Any]) -> Any:
    """Nobody noted down the id of a failing request: with it, that request would be found at once."""
    return settings_for({**line, "symptom": {**line["symptom"], "request_id": None}})


def answered(line: dict[str, Any], reply: str) -> tuple[Verdict, list[Question]]:
    asked: list[Question] = []

    async def ask(question: Question) -> str:
        asked.append(question)
        return reply if question.id == "consent:stage.insights" else question.default

    given = settings(line)
    return walk(given, given.case(), lambda *_: None, ask).verdict, asked


def evidence(result: Verdict, probe: str) -> Any:
    return next(item for item in result.evidence if item.probe == probe)


def test_a_yes_runs_the_query_and_finds_the_cause(line: dict[str, Any]) -> None:
    result, asked = answered(line, "yes")
    read = evidence(result, "stage.execution_log")
    assert (read.status, read.reason, read.facts["capped"]) == (Status.UNKNOWN, Reason.NO_DATA, True)
    assert read.facts["other_methods"] > 0
    question = next(question for question in asked if question.id == "consent:stage.insights")
    assert "It scans about 20.0 GB" in question.text
    assert "about 0.005 USD per GB" in question.text
    assert "about 0.100 USD" in question.text
    assert "https://aws.amazon.com/cloudwatch/pricing/" in question.text
    assert question.command
    assert question.command.startswith("aws logs start-query --log-group-name API-Gateway-Execution-Logs_")
    searched = evidence(result, "stage.insights")
    assert (searched.status, searched.facts["query_status"]) == (Status.FAIL, "Complete")
    assert FAULT in searched.facts["cause_ids"]
    assert (result.findings[0].cause.id, result.failing_hop) == (FAULT, "lambda-response")


def test_a_no_leaves_it_open_and_names_the_flag(line: dict[str, Any]) -> None:
    result = check(settings(line), lambda *_: None).verdict
    declined = evidence(result, "stage.insights")
    assert (declined.status, declined.reason, declined.needs) == (
        Status.SKIPPED,
        Reason.DECLINED,
        "--allow-insights",
    )
    assert not any(call.operation == "StartQuery" for call in result.calls)
    assert FAULT not in {finding.cause.id for finding in result.findings}


def test_the_flag_of_the_headless_check_is_a_yes(line: dict[str, Any]) -> None:
    result = check(replace(settings(line), allow_insights=True), lambda *_: None).verdict
    assert result.findings[0].cause.id == FAULT
