"""The list of faults and the scenarios around them. What each fault shows is looked at where the grid plays it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.shown import EXPECTED, OWN_ANSWERS, STATUS_OF_VARIANT, execution_log, log_text
from wizard.sandbox.clients import client
from wizard.sandbox.faults import all_faults, find
from wizard.sandbox.server import SandboxServer
from wizard.sandbox.shop import build_shop
from wizard.sandbox.traffic import opening_day

Build = Callable[..., dict[str, Any]]

REST = [each for each in all_faults() if each.api_type == "rest"]


@pytest.fixture
def scene(sandbox: SandboxServer) -> Build:
    def fresh(*faults: str) -> dict[str, Any]:
        return sandbox.scenario(faults)

    return fresh


def test_the_faults_cover_the_catalogue_and_name_its_hops() -> None:
    assert {each.cause: each.hop for each in REST} == {cause: expected[0] for cause, expected in EXPECTED.items()}
    ids = [each.id for each in REST]
    assert len(ids) == len(set(ids)) >= 40
    assert set(EXPECTED) <= set(ids)
    assert set(STATUS_OF_VARIANT) | OWN_ANSWERS <= set(ids)
    assert all(each.title for each in all_faults())


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(KeyError):
        find("no-such-fault")


def test_the_healthy_shop_serves_everybody(sandbox: SandboxServer) -> None:
    sandbox.reset()
    world = build_shop(sandbox.endpoint_url)
    statuses = [(a.request.method, a.request.path, a.status) for a in opening_day(world)]
    assert statuses == [
        ("GET", "/orders/42", 200),
        ("POST", "/orders", 201),
        ("GET", "/orders", 200),
        ("GET", "/orders/42", 200),
        ("GET", "/health", 200),
        ("GET", "/products", 200),
        ("POST", "/products", 202),
    ]
    text = execution_log({"api_id": world.api_id, "endpoint_url": sandbox.endpoint_url})
    assert text.count("Successfully completed execution") == len(statuses)
    assert "Execution failed" not in text
    function_log = log_text(sandbox.endpoint_url, "/aws/lambda/shop-orders")
    assert "REPORT RequestId" in function_log
    assert "ERROR" not in function_log
    assert "Traceback" not in function_log


def test_the_healthy_scenario_has_no_symptom(scene: Build) -> None:
    made = scene()
    assert made["symptom"] is None
    assert made["faults"] == []
    assert made["url"].endswith(f"/_aws/execute-api/{made['api_id']}/prod/orders/42")


def test_the_console_test_fails_while_the_url_works(scene: Build, sandbox: SandboxServer) -> None:
    made = scene("lambda-permission-console-test-only")
    assert made["symptom"]["seen_in"] == "test-invoke"
    assert "Execution failed" not in execution_log(made)


def test_without_the_logging_role_nothing_more_is_logged(scene: Build, sandbox: SandboxServer) -> None:
    before = execution_log(scene()).count("Successfully completed execution")
    after = execution_log(scene("logging-role-missing"))
    assert after.count("Successfully completed execution") == before


def test_the_corrected_configuration_is_not_the_deployed_one(scene: Build, sandbox: SandboxServer) -> None:
    made = scene("stage-not-redeployed.function")
    gateway = client(sandbox.endpoint_url, "apigateway", "us-east-1")
    resources = gateway.get_resources(restApiId=made["api_id"])["items"]
    resource = next(item["id"] for item in resources if item["path"] == "/orders/{id}")
    tested = gateway.test_invoke_method(
        restApiId=made["api_id"],
        resourceId=resource,
        httpMethod="GET",
        pathWithQueryString="/orders/42",
        stageVariables={"ordersFunction": "shop-orders", "ordersAlias": "live"},
    )
    assert tested["status"] == 200
    assert made["symptom"]["status"] == 500
