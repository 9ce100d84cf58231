"""The shop as an HTTP API, and its list of faults. What each fault shows is looked at where the grid plays it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.httpshown import DENIED, access_log, entry_of
from tests.sandbox.shown import EXPECTED, log_text
from wizard.sandbox.clients import client
from wizard.sandbox.faults import all_faults
from wizard.sandbox.httpshop import build_http_shop
from wizard.sandbox.httpworld import HttpWorld
from wizard.sandbox.process import SandboxProcess, ScenarioError
from wizard.sandbox.server import SandboxServer, UnknownFaultError
from wizard.sandbox.switch import change, take
from wizard.sandbox.traffic import TARGET, Answer, opening_day, send

GUARDS = Path(__file__).parents[1] / "guards"
HTTP = [each for each in all_faults() if each.api_type == "http"]
CATALOGUE: dict[str, Any] = yaml.safe_load((GUARDS / "catalogue.yaml").read_text(encoding="utf-8"))
KNOWN = {each["id"] for each in CATALOGUE["causes"] if "http" in each["api"]}
REST_FAULT_ONLY: list[str] = [cause for group in CATALOGUE["rest_fault_only"] for cause in group["causes"]]


@pytest.fixture
def shop(sandbox: SandboxServer) -> HttpWorld:
    sandbox.reset()
    return build_http_shop(sandbox.endpoint_url)


def ask(world: HttpWorld) -> Answer:
    return send(world, TARGET)


def test_the_healthy_shop_serves_everybody(shop: HttpWorld) -> None:
    assert [(a.request.method, a.request.path, a.status) for a in opening_day(shop)] == [
        ("GET", "/orders/42", 200),
        ("POST", "/orders", 201),
        ("GET", "/orders", 200),
        ("GET", "/orders/42", 200),
        ("GET", "/health", 200),
        ("GET", "/products", 200),
        ("POST", "/products", 202),
    ]
    assert len(access_log(shop.endpoint_url)) == 7
    assert "ERROR" not in log_text(shop.endpoint_url, "/aws/lambda/shop-orders")


def test_the_healthy_scenario(sandbox: SandboxServer) -> None:
    made = sandbox.scenario([], api_type="http")
    assert (made["api_type"], made["stage"], made["symptom"]) == ("http", "$default", None)
    assert made["url"].endswith(f"/_aws/execute-api/{made['api_id']}/orders/42")
    assert sandbox.scenario([])["api_type"] == "rest"


def test_every_cause_that_http_apis_know_has_a_fault() -> None:
    wanted = set(EXPECTED) & KNOWN - set(REST_FAULT_ONLY)
    assert {each.cause for each in HTTP} == wanted, "a fault, or a reason under rest_fault_only in catalogue.yaml"
    assert {f"{each.cause}.http" for each in HTTP} <= {each.id for each in HTTP}
    assert {each.cause: each.hop for each in HTTP}.items() <= {c: e[0] for c, e in EXPECTED.items()}.items()


def test_what_has_a_fault_of_a_rest_api_only_says_why() -> None:
    assert len(REST_FAULT_ONLY) == len(set(REST_FAULT_ONLY))
    assert set(REST_FAULT_ONLY) <= set(EXPECTED) & KNOWN
    assert all(len(group["reason"].split()) > 4 for group in CATALOGUE["rest_fault_only"])


def test_the_poor_log_tells_that_a_request_failed_and_no_more(sandbox: SandboxServer) -> None:
    made = sandbox.scenario(["lambda-unhandled-exception.http-poor-log"])
    last = access_log(sandbox.endpoint_url)[-1]
    assert last.endswith(f'"GET GET /orders/{{id}} HTTP/1.1" 500 35 {made["symptom"]["request_id"]}')


def test_a_sporadic_fault_is_put_back_between_the_requests(shop: HttpWorld) -> None:
    before = take(shop)
    shop.integrate(timeout_ms=250, http_method="GET")
    shop.patch_stage({"/variables/colour": "blue"}, remove=["/variables/ordersAlias"])
    after = take(shop)
    assert ask(shop).status == 500
    change(shop, after, before)
    assert (take(shop), ask(shop).status) == (before, 200)
    change(shop, before, after)
    assert (take(shop), ask(shop).status) == (after, 500)


@pytest.mark.parametrize("fault", ["lambda-permission-missing.http", "stage-not-redeployed.http"])
def test_a_share_and_an_onset(sandbox: SandboxServer, fault: str) -> None:
    made = sandbox.scenario([f"{fault}@1h%30"])
    statuses = [json.loads(line)["status"] for line in access_log(made["endpoint_url"])]
    assert made["symptom"]["status"] == 500
    assert 1 < statuses.count("500") < len(statuses) / 2


@pytest.mark.parametrize(
    ("faults", "api_type", "says"),
    [
        (
            ["lambda-timeout.http", "lambda-throttled"],
            "",
            "lambda-timeout.http is of an HTTP API, lambda-throttled is of",
        ),
        (["lambda-timeout"], "http", "lambda-timeout is of a REST API, http is wanted"),
        ([], "websocket", "none of type websocket"),
    ],
)
def test_one_scenario_has_one_type_of_api(sandbox: SandboxServer, faults: list[str], api_type: str, says: str) -> None:
    with pytest.raises(UnknownFaultError, match=says):
        sandbox.scenario(faults, api_type=api_type)


def test_two_faults_of_an_http_api_go_together(sandbox: SandboxServer) -> None:
    made = sandbox.scenario(["lambda-timeout.http", "lambda-permission-missing.http"])
    assert "Task timed out" in log_text(sandbox.endpoint_url, "/aws/lambda/shop-orders")
    assert DENIED in entry_of(made)["integrationError"]


def test_the_process_says_in_one_line_what_does_not_go_together() -> None:
    mixed = SandboxProcess(["lambda-timeout.http", "lambda-throttled"])
    with pytest.raises(ScenarioError, match="^a scenario has one type of API: ") as caught, mixed:
        pass
    assert "\n" not in str(caught.value)


def test_x_ray_knows_nothing_of_an_http_api(sandbox: SandboxServer) -> None:
    made = sandbox.scenario(["lambda-unhandled-exception.http"])
    xray = client(sandbox.endpoint_url, "xray", made["region"])
    trace = xray.get_trace_summaries(StartTime=0, EndTime=2**31)["TraceSummaries"]
    assert not [each for each in trace if each["Annotations"].get("aws:api_id")]
