"""Faults with an onset in the past and faults that meet a share of the requests."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from wizard.sandbox.clients import client
from wizard.sandbox.faults import base, ordered
from wizard.sandbox.server import SandboxServer, UnknownFaultError
from wizard.sandbox.traffic import moments
from wizard.sandbox.world import ACCESS_LOG


class Scene:
    """A built scenario, its access log and its trail; `took` is how many seconds it may seem older than it was made."""

    def __init__(self, server: SandboxServer, *faults: str) -> None:
        begun = time.time()
        self.server, self.made = server, server.scenario(faults)
        self.now = time.time()
        self.took = self.now - begun

    def aws(self, service: str) -> Any:
        return client(self.server.endpoint_url, service, "us-east-1")

    def answers(self) -> list[tuple[float, int]]:
        """Seconds ago and status of every request to the target, oldest first."""
        pages = self.aws("logs").get_paginator("filter_log_events").paginate(logGroupName=ACCESS_LOG)
        events = [(event["timestamp"] / 1000, json.loads(event["message"])) for p in pages for event in p["events"]]
        target = [(self.now - at, int(line["status"])) for at, line in events if line["path"] == "/prod/orders/42"]
        return sorted(target, reverse=True)

    def changes(self) -> Iterator[tuple[float, str]]:
        """Seconds ago and name of every change after the founding, newest first."""
        pages = self.aws("cloudtrail").get_paginator("lookup_events").paginate()
        for event in (event for page in pages for event in page["Events"]):
            ago = self.now - event["EventTime"].timestamp()
            if ago < 2 * 86_400:
                yield ago, event["EventName"]


def test_parameters() -> None:
    order = ordered("lambda-timeout.retries@45m%30")
    assert (order.fault.id, order.onset_s, order.share) == ("lambda-timeout.retries", 2700.0, 0.3)
    swapped = ordered("lambda-timeout%5@1.5h")
    assert (swapped.onset_s, swapped.share) == (5400.0, 0.05)
    plain = ordered("lambda-timeout")
    assert (plain.onset_s, plain.share) == (None, 1.0)
    assert base("lambda-timeout.retries@2d%7") == "lambda-timeout.retries"


@pytest.mark.parametrize(
    "bad",
    ["lambda-timeout@", "lambda-timeout@5", "lambda-timeout%0", "lambda-timeout%101", "lambda-timeout@15d", "no@5m"],
)
def test_parameters_that_mean_nothing(sandbox: SandboxServer, bad: str) -> None:
    with pytest.raises(UnknownFaultError):
        sandbox.scenario([bad])


def test_the_http_door_takes_parameters(sandbox: SandboxServer) -> None:
    door = f"{sandbox.endpoint_url}/_sandbox/scenario"
    with urllib.request.urlopen(f"{door}?fault=lambda-permission-missing%405m") as answer:
        assert json.load(answer)["faults"] == ["lambda-permission-missing@5m"]
    body = json.dumps({"faults": ["lambda-permission-missing@soon"]}).encode()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(urllib.request.Request(door, body))


@pytest.mark.parametrize("fault", ["lambda-unhandled-exception", "lambda-permission-missing", "stage-variable-missing"])
def test_healthy_before_the_onset_and_failing_since(sandbox: SandboxServer, fault: str) -> None:
    scene = Scene(sandbox, f"{fault}@45m")
    answers, onset = scene.answers(), 2700 + scene.took
    before = [status for ago, status in answers if ago > onset]
    since = [(ago, status) for ago, status in answers if ago <= onset]
    assert len(before) >= 8
    assert set(before) == {200}
    assert len(since) >= 6
    assert min(status for _, status in since) >= 500
    assert 2690 < since[0][0] <= onset + 1
    assert since[-1][0] < 10 + scene.took
    assert scene.made["symptom"]["request_id"]
    changes = list(scene.changes())
    assert changes
    assert all(2695 < ago < onset + 5 for ago, _ in changes)


def test_without_an_onset_it_was_ten_minutes_ago(sandbox: SandboxServer) -> None:
    scene = Scene(sandbox, "lambda-permission-missing")
    answers = scene.answers()
    assert max(ago for ago, status in answers if status == 500) < 601 + scene.took
    assert min(ago for ago, status in answers if status == 200) > 600


def test_the_healthy_shop_was_founded_days_ago(sandbox: SandboxServer) -> None:
    scene = Scene(sandbox)
    assert list(scene.changes()) == []
    assert {status for _, status in scene.answers()} == {200}
    assert scene.answers()[0][0] - scene.answers()[-1][0] > 3000
    found = scene.aws("xray").get_trace_summaries(StartTime=scene.now - 7200, EndTime=scene.now)["TraceSummaries"]
    assert len(found) == 7
    assert not any(trace["HasFault"] for trace in found)


@pytest.mark.parametrize(
    ("fault", "share"),
    [
        ("lambda-unhandled-exception", 30),
        ("lambda-response-malformed", 50),
        ("lambda-permission-missing", 30),
        ("lambda-permission-source-arn-mismatch.stage", 50),
        ("lambda-permission-stage-variable", 25),
        ("lambda-execution-role-denied", 40),
        ("lambda-integration-method-not-post", 20),
        ("lambda-reserved-concurrency-zero", 50),
        ("stage-variable-missing", 30),
        ("stage-not-redeployed", 50),
    ],
)
def test_a_share_of_the_requests_fails(sandbox: SandboxServer, fault: str, share: int) -> None:
    scene = Scene(sandbox, f"{fault}@1h%{share}")
    since = [status for ago, status in scene.answers() if ago <= 3600 + scene.took]
    failed = sum(status >= 500 for status in since)
    assert since[-1] >= 500
    assert scene.made["symptom"]["status"] == since[-1]
    assert abs(failed / len(since) - share / 100) < 0.2
    assert since[0] >= 500
    assert {200} < set(since)


def test_a_bad_release_shares_the_alias(sandbox: SandboxServer) -> None:
    scene = Scene(sandbox, "lambda-returned-5xx%25")
    alias = scene.aws("lambda").get_alias(FunctionName="shop-orders", Name="live")
    assert alias["FunctionVersion"] == "1"
    assert alias["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.25}}


def test_the_older_onset_strikes_first(sandbox: SandboxServer) -> None:
    scene = Scene(sandbox, "lambda-unhandled-exception@20m", "lambda-permission-missing@1h")
    answers = scene.answers()
    assert {status for ago, status in answers if ago <= 3600 + scene.took} == {500}
    names = [name for ago, name in scene.changes() if ago > 1300]
    assert names == ["RemovePermission20150331v2"]


def test_throttles_are_counted_for_the_alias(sandbox: SandboxServer) -> None:
    scene = Scene(sandbox, "lambda-reserved-concurrency-zero")
    for resource in (None, "shop-orders:live"):
        names = {"FunctionName": "shop-orders", **({"Resource": resource} if resource else {})}
        found = scene.aws("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Throttles",
            Dimensions=[{"Name": name, "Value": value} for name, value in names.items()],
            StartTime=scene.now - 1200,
            EndTime=scene.now + 1,
            Period=3600,
            Statistics=["Sum"],
        )
        assert sum(point["Sum"] for point in found["Datapoints"]) == 2


def test_no_path_of_this_machine_in_a_native_import_error(sandbox: SandboxServer) -> None:
    scene = Scene(sandbox, "lambda-dependency-missing.native")
    events = scene.aws("logs").filter_log_events(logGroupName="/aws/lambda/shop-orders")["events"]
    text = "".join(event["message"] for event in events)
    assert "Unable to import module 'app': /var/task/_shop_money.so" in text
    assert "/tmp/" not in text  # noqa: S108


def test_moments() -> None:
    assert moments(3, 10, 0) == [10, 5, 0]
    assert moments(1, 10, 0) == [10]
    assert moments(0, 10, 0) == []
