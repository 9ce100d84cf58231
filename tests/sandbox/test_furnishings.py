"""The furnishings: each leaves the shop healthy, some exclude each other, faults name what they need."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from wizard.sandbox.compatible import possible
from wizard.sandbox.faults import Fault, all_faults, needed
from wizard.sandbox.furnishings import ExclusiveError, all_furnishings, clash, find, furnishing, together
from wizard.sandbox.server import SandboxServer, UnknownFaultError
from wizard.sandbox.shop import build_shop
from wizard.sandbox.traffic import opening_day

_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))
NAMES = [each.id for each in all_furnishings()]


@pytest.mark.parametrize("name", NAMES)
def test_a_furnished_shop_serves_everybody(name: str, sandbox: SandboxServer) -> None:
    sandbox.reset()
    world = build_shop(sandbox.endpoint_url)
    for each in together([name]):
        each.furnish(world)
    answers = {(answer.request.method, answer.request.path): answer.status for answer in opening_day(world)}
    assert answers == {
        ("GET", "/orders/42"): 200,
        ("POST", "/orders"): 201,
        ("GET", "/orders"): 200,
        ("GET", "/health"): 200,
        ("GET", "/products"): 200,
        ("POST", "/products"): 202,
    }


def test_every_need_is_a_furnishing_and_can_stand() -> None:
    for fault in all_faults():
        assert set(fault.needs) <= set(NAMES), fault.id
        assert possible([fault.id]), fault.id
    for each in all_furnishings():
        assert set(each.needs) <= set(NAMES)
        assert each.excludes <= set(NAMES)
        assert each.title


def test_a_need_comes_first_and_once() -> None:
    assert [each.id for each in together(["authorizer-role", "token-authorizer"])] == [
        "token-authorizer",
        "authorizer-role",
    ]


def test_the_integration_comes_first_and_keeps_what_others_put_on_the_method() -> None:
    assert [each.id for each in together(["token-authorizer", "usage-plan", "http-backend"])] == [
        "http-backend",
        "token-authorizer",
        "usage-plan",
    ]


def test_two_of_one_slot_cannot_stand_together() -> None:
    assert clash(find("proxy-any"), find("non-proxy"))
    assert not clash(find("vpc"), find("non-proxy"))
    with pytest.raises(ExclusiveError, match="token-authorizer and cognito-authorizer cannot stand in one shop"):
        together(["authorizer-role", "cognito-authorizer"])
    with pytest.raises(KeyError):
        together(["no-such"])


def test_an_id_is_given_once() -> None:
    with pytest.raises(ValueError, match="two furnishings are called vpc"):
        furnishing("vpc", "again")(lambda world: None)


def test_faults_bring_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    first = all_faults()[0]
    needy = Fault(first.id, first.cause, first.hop, "rest", "t", first.strike, first.complaint, ("vpc", "cache"))
    monkeypatch.setattr("wizard.sandbox.faults.find", lambda name: needy)
    assert needed([f"{first.id}@5m", first.id]) == ["vpc", "cache"]


def test_a_scenario_tells_what_stands_in_it(sandbox: SandboxServer) -> None:
    made = sandbox.scenario([], ["authorizer-role"])
    assert (made["symptom"], made["furnishings"]) == (None, ["token-authorizer", "authorizer-role"])


@pytest.mark.parametrize(
    ("names", "says"),
    [(["no-such"], "No such furnishing: no-such"), (["vpc", "proxy-any", "mock-cors"], "cannot stand in one shop")],
)
def test_what_cannot_be_built_is_said_in_one_line(names: list[str], says: str, sandbox: SandboxServer) -> None:
    with pytest.raises(UnknownFaultError, match=says):
        sandbox.scenario([], names)
    body = json.dumps({"furnish": names}).encode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        _OPEN.open(f"{sandbox.endpoint_url}/_sandbox/scenario", body, timeout=20)
    with refused.value as answer:
        assert answer.code == 404
        assert says in json.load(answer)["message"]


@pytest.mark.parametrize("furnish", [["proxy-any"], ["non-proxy"], ["token-authorizer", "usage-plan"], ["vpc"]])
def test_a_fault_strikes_a_furnished_shop_as_well(furnish: list[str], sandbox: SandboxServer) -> None:
    made = sandbox.scenario(["lambda-permission-missing"], furnish)
    assert made["symptom"]["status"] == 500


def test_the_warehouse_answers(sandbox: SandboxServer) -> None:
    base = f"{sandbox.endpoint_url}/_sandbox/warehouse"
    with _OPEN.open(f"{base}/orders/42", timeout=5) as answer:
        assert json.load(answer)["id"] == "42"
    for path, method, status in (
        ("/nowhere", "GET", 404),
        ("/orders", "PUT", 405),
        ("/orders/1?status=503", "GET", 503),
    ):
        request = urllib.request.Request(base + path, method=method)
        with pytest.raises(urllib.error.HTTPError) as refused:
            _OPEN.open(request, timeout=5)
        with refused.value as answer:
            assert answer.code == status
