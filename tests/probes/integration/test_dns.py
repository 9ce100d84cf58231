"""Where the backend's host name leads, seen from here."""

from __future__ import annotations

from typing import Any

import pytest

from probes.integration.dns import Dns
from tests.probes.conftest import ERRORS, FakeAws, Key, export, integration, resources, traced
from wizard.model.aws import AwsError, NotFound
from wizard.model.probe import Evidence
from wizard.model.status import Status

V6 = "2001:4860:4860::8888"


def asked(world: dict[Key, Any], answer: Any, uri: str = "https://backend.example.com/", **more: Any) -> Evidence:
    live = {"type": "HTTP_PROXY", "uri": uri, "httpMethod": "GET", **more}
    world["apigateway", "GetExport"], world["apigateway", "GetResources"] = export(get=live), resources(GET=live)
    case = traced(world)
    return Dns().run(case, FakeAws({("dns", "Lookup"): answer}))


@pytest.mark.parametrize(
    ("addresses", "status", "leads_to"),
    [
        (["8.8.8.8"], Status.PASS, "public"),
        (["10.0.0.4", "8.8.8.8", V6], Status.PASS, "public"),
        (["10.0.0.4", "192.168.1.1"], Status.FAIL, "private"),
        (["10.0.0.4", V6], Status.FAIL, "private"),
        ([V6], Status.FAIL, "ipv6"),
        ([], Status.FAIL, "nowhere"),
    ],
)
def test_where_it_leads(world: dict[Key, Any], addresses: list[str], status: Status, leads_to: str) -> None:
    found = asked(world, {"CanonicalName": "lb.example.com", "Addresses": addresses})
    assert (found.status, found.facts["leads_to"]) == (status, leads_to)
    assert found.facts["host"] == "backend.example.com"
    assert found.summary.startswith("Seen from here, ")


def test_a_name_that_does_not_exist(world: dict[Key, Any]) -> None:
    found = asked(world, NotFound("DNS knows no name"))
    assert (found.status, found.facts["leads_to"]) == (Status.FAIL, "nowhere")


@pytest.mark.parametrize("error", ERRORS)
def test_name_servers_that_do_not_answer_say_nothing(world: dict[Key, Any], error: AwsError) -> None:
    with pytest.raises(type(error)):
        asked(world, error)


@pytest.mark.parametrize(
    ("uri", "more"),
    [
        ("http://8.8.8.8/", {}),
        ("http://localhost:4566/", {}),
        ("https://{host}/orders", {}),
        ("nonsense", {}),
        ("https://${stageVariables.gone}.example.com/", {}),
        ("http://backend.internal/", {"connectionType": "VPC_LINK", "connectionId": "l"}),
        ("arn:aws:apigateway:us-east-1:dynamodb:action/GetItem", {"type": "AWS"}),
    ],
)
def test_nothing_to_look_up(world: dict[Key, Any], uri: str, more: dict[str, Any]) -> None:
    assert asked(world, AssertionError("asked"), uri, **more).status is Status.SKIPPED


def test_a_function_has_no_host(world: dict[Key, Any]) -> None:
    world["apigateway", "GetExport"] = export(get=integration())
    assert Dns().run(traced(world), FakeAws({})).status is Status.SKIPPED
