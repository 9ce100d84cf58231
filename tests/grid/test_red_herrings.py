"""Errors that belong to somebody else: another method of the very function that the checked method calls."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.grid.arena import Arena, settings_for
from wizard.report.json import document
from wizard.ui.headless import check


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as running:
        yield running


def spoiled_orders(line: dict[str, Any], times: int = 3) -> None:
    """POST /orders with a body that is no JSON: the shop's function raises an exception that GET never meets."""
    for _ in range(times):
        request = urllib.request.Request(line["url"].removesuffix("/42"), b"{not json", method="POST")
        with pytest.raises(urllib.error.HTTPError) as failed:
            urllib.request.urlopen(request, timeout=30)
        assert failed.value.code == 502
        failed.value.close()


def client(line: dict[str, Any], service: str) -> Any:
    session = boto3.Session(line["access_key_id"], line["secret_access_key"], region_name=line["region"])
    return session.client(service, endpoint_url=line["endpoint_url"])


def logging(line: dict[str, Any], level: str, *, access_log: bool) -> None:
    """Changes what the stage logs from now on."""
    operations = [{"op": "replace", "path": "/*/*/logging/loglevel", "value": level}]
    operations += [] if access_log else [{"op": "remove", "path": "/accessLogSettings"}]
    client(line, "apigateway").update_stage(
        restApiId=line["api_id"], stageName=line["stage"], patchOperations=operations
    )


def silenced(line: dict[str, Any]) -> None:
    """The stage writes no more logs, and what it wrote is gone."""
    logging(line, "OFF", access_log=False)
    for group in (f"API-Gateway-Execution-Logs_{line['api_id']}/{line['stage']}", "shop-access"):
        client(line, "logs").delete_log_group(logGroupName=group)


def checked(line: dict[str, Any]) -> dict[str, Any]:
    report = document(check(settings_for(line), lambda *_: None).verdict)
    assert isinstance(report, dict)
    return json.loads(json.dumps(report))  # type: ignore[no-any-return]


def log_of(report: dict[str, Any]) -> dict[str, Any]:
    return next(item for item in report["evidence"] if item["probe"] == "lambda_fn.log")


def test_another_methods_exception_leaves_the_healthy_method_clean(arena: Arena) -> None:
    line = arena.build([])
    spoiled_orders(line)
    report = checked(line)
    assert (log_of(report)["status"], log_of(report)["facts"]["other_lines"] >= 3) == ("pass", True)
    assert (report["outcome"], report["findings"]) == ("clean", [])


def test_another_methods_exception_does_not_hide_or_join_the_real_cause(arena: Arena) -> None:
    line = arena.build(["lambda-timeout"])
    spoiled_orders(line)
    report = checked(line)
    assert [finding["cause"] for finding in report["findings"]] == ["lambda-timeout"]
    assert (report["findings"][0]["confidence"], report["failing_hop"]) == ("confirmed", "lambda-function")


def test_without_the_gateways_logs_a_shared_function_is_only_suspected(arena: Arena) -> None:
    line = arena.build([])
    spoiled_orders(line)
    silenced(line)
    line["symptom"] = {"status": 502, "message": "Internal server error", "error_type": "InternalServerErrorException"}
    report = checked(line)
    assert {finding["confidence"] for finding in report["findings"]} <= {"likely", "possible"}
    assert log_of(report)["facts"]["tied"] is False
    assert "the function is shared: GET /orders, POST /orders" in log_of(report)["summary"]


@pytest.mark.parametrize(("access_log", "outcome"), [(True, "clean"), (False, "inconclusive")])
def test_a_log_of_errors_only_names_no_method_and_accuses_none(arena: Arena, access_log: bool, outcome: str) -> None:
    line = arena.build([])
    logging(line, "ERROR", access_log=access_log)
    spoiled_orders(line)
    report = checked(line)
    assert report["outcome"] == outcome
    assert {finding["confidence"] for finding in report["findings"]} <= {"possible"}
    if not access_log:
        told = next(item for item in report["evidence"] if item["probe"] == "stage.execution_log")
        assert "No log tells which method" in told["summary"]
