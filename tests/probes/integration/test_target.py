"""Addresses of backends, judged by themselves and as the stage runs them."""

from __future__ import annotations

from importlib.metadata import distribution
from typing import Any

import pytest
from botocore.loaders import Loader

from probes.integration import _service
from probes.integration._address import judge
from probes.integration.target import Target
from tests.probes.conftest import ERRORS, FakeAws, Key, export, integration, resources, traced
from wizard.model.aws import AwsError
from wizard.model.probe import Evidence
from wizard.model.status import Status

URL = "https://backend.example.com/orders/{id}"
ID = {"integration.request.path.id": "method.request.path.id"}
TABLE = "arn:aws:apigateway:us-east-1:dynamodb:action/GetItem"
QUEUE = "arn:aws:apigateway:us-east-1:sqs:path/123456789012/orders"
MODELS = {"states": "stepfunctions"}


def http(uri: str = URL, **more: Any) -> dict[str, Any]:
    usual = {"type": "HTTP_PROXY", "uri": uri, "httpMethod": "GET", "requestParameters": ID}
    return {**usual, **more}


def looked(
    world: dict[Key, Any], live: dict[str, Any], draft: dict[str, Any] | None = None, **trace: Any
) -> tuple[Evidence, FakeAws]:
    world["apigateway", "GetExport"] = export(get=live)
    world["apigateway", "GetResources"] = resources(GET=draft or live)
    case = traced(world, None, **trace)
    aws = FakeAws(world)
    return Target().run(case, aws), aws


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        (URL, []),
        ("https://backend.example.com:8443/{id}", []),
        ("http://127.0.0.1:4566/x", []),
        ("http://8.8.8.8/", []),
        ("https://backend.example.com/orders/{id}/{item}", ["unfilled-parameter"]),
        ("https://{host}/orders", ["unfilled-parameter"]),
        ("https://backend.example.com /orders", ["illegal-character"]),
        ("https://backend.example.com/a|b", ["illegal-character"]),
        ("backend.example.com/orders", ["no-scheme"]),
        ("ftp://backend.example.com/", ["other-scheme"]),
        ("https:///orders", ["no-host"]),
        ("https://backend.example.com:http/", ["bad-port"]),
        ("https://backend.example.com:25/", ["port-blocked"]),
        ("http://10.0.12.7:8080/", ["private-address"]),
        ("http://169.254.169.254/latest", ["private-address"]),
        ("http://10.0.12.7:25/", ["private-address", "port-blocked"]),
        ("http://[2001:4860:4860::8888]/", ["ipv6-address"]),
        ("http://[::1/", ["no-host"]),
        ("", ["no-scheme"]),
    ],
)
def test_what_is_wrong_with_a_url(url: str, problems: list[str]) -> None:
    assert list(judge(url, ID).problems) == problems


def test_over_a_vpc_link_port_and_network_do_not_matter() -> None:
    assert judge("http://10.0.12.7:25/{id}", ID, private=True).problems == ()
    assert judge("10.0.12.7", ID, private=True).problems == ("no-scheme",)


def test_where_an_address_leads() -> None:
    assert (judge(URL, ID).host, judge(URL, ID).port, judge(URL, ID).kind) == ("backend.example.com", 443, "name")
    assert judge("http://localhost/", {}).kind == "local"
    assert judge("https://a.example.com/{x}", {}).unfilled == ("x",)


@pytest.mark.parametrize(
    ("uri", "problems", "meant"),
    [
        (TABLE, [], None),
        (TABLE.replace("GetItem", "GetItems"), ["action-unknown"], "GetItem"),
        (TABLE.replace("GetItem", "get-item"), ["action-unknown"], "GetItem"),
        (TABLE.replace("GetItem", "Launch"), ["action-unknown"], None),
        (TABLE.replace("action/GetItem", ""), ["no-path-or-action"], None),
        (TABLE.replace("action/GetItem", "action/"), ["no-path-or-action"], None),
        (
            TABLE.replace("dynamodb:action/GetItem", "sqs:action/SendMesage&QueueUrl=x"),
            ["action-unknown"],
            "SendMessage",
        ),
        (TABLE.replace("dynamodb:action/GetItem", "polly:action/Speak"), [], None),
        (QUEUE, [], None),
        (QUEUE.replace("123456789012/", "{account}/"), [], None),
        (QUEUE.replace("123456789012/", ""), ["queue-path"], None),
        ("arn:aws:apigateway:us-east-1:my-bucket.s3:path/a/{key}", [], None),
        ("dynamodb:action/GetItem", ["not-an-arn"], None),
    ],
)
def test_what_is_wrong_with_the_arn_of_a_service(uri: str, problems: list[str], meant: str | None) -> None:
    assert _service.problems(uri) == problems
    assert _service.meant(uri) == meant


def test_the_known_actions_are_those_of_the_service_models() -> None:
    """Of the botocore that is installed: the AWS CLI brings an older one, which other tests put in its place."""
    models = distribution("botocore").locate_file("botocore/data")
    loader = Loader(extra_search_paths=[str(models)], include_default_search_paths=False)
    for service, names in _service.actions().items():
        model = set(loader.load_service_model(MODELS.get(service, service), "service-2")["operations"])
        assert model <= names, f"{service} has learnt {sorted(model - names)}"
        assert len(names - model) < 5, f"{service} knows no {sorted(names - model)} any more"


def test_an_address_that_can_be_called(world: dict[Key, Any]) -> None:
    found, _ = looked(world, http())
    assert (found.status, found.facts["host"], found.facts["port"]) == (Status.PASS, "backend.example.com", 443)
    found, _ = looked(world, integration(type="AWS", uri=TABLE))
    assert (found.status, found.facts["action_known"]) == (Status.PASS, True)


def test_the_address_the_stage_runs_is_broken(world: dict[Key, Any]) -> None:
    found, _ = looked(world, http(requestParameters={}))
    assert (found.status, found.facts["problems"]) == (Status.FAIL, ["unfilled-parameter"])
    assert found.facts["unfilled_name"] == "id"
    assert "no request parameter fills {id}" in found.summary
    assert found.facts["corrected"] is False


def test_a_correction_that_waits_for_its_deployment(world: dict[Key, Any]) -> None:
    found, _ = looked(world, http(requestParameters={}), http())
    assert (found.status, found.facts["corrected"]) == (Status.FAIL, True)


def test_a_working_copy_that_is_broken_is_a_remark(world: dict[Key, Any]) -> None:
    found, _ = looked(world, http(), http("http://10.1.2.3/{id}"))
    assert (found.status, found.facts["problems"]) == (Status.WARN, [])
    assert found.facts["configured_problems"] == ["private-address"]


def test_stage_variables_are_filled_in(world: dict[Key, Any]) -> None:
    uri = "https://${stageVariables.name}.example.com/{id}"
    assert looked(world, http(uri))[0].facts["host"] == "shop-orders.example.com"
    world["apigateway", "GetStage"]["variables"] = {"name": "shop "}
    assert looked(world, http(uri))[0].facts["problems"] == ["illegal-character"]
    world["apigateway", "GetStage"]["variables"] = {}
    assert looked(world, http(uri))[0].status is Status.SKIPPED


@pytest.mark.parametrize("live", [integration(), {"type": "MOCK"}])
def test_functions_and_mocks_have_no_address(world: dict[Key, Any], live: dict[str, Any]) -> None:
    found, aws = looked(world, live)
    assert (found.status, aws.asked) == (Status.SKIPPED, [])


@pytest.mark.parametrize("error", ERRORS)
def test_what_cannot_be_read_is_not_judged(world: dict[Key, Any], error: AwsError) -> None:
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=http()), resources(GET=http())
    case = traced(world)
    with pytest.raises(type(error)):
        Target().run(case, FakeAws({**world, ("apigateway", "GetExport"): error}))
