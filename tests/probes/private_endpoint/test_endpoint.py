"""The VPC endpoints of a private API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes.private_endpoint.endpoint import Endpoint
from tests.probes.conftest import ERRORS, FakeAws, Key, healthy, new_case, traced
from wizard.model.aws import AwsError, Pages
from wizard.model.probe import Evidence

ENDPOINT: dict[str, Any] = {
    "VpcEndpointId": "vpce-1",
    "ServiceName": "com.amazonaws.us-east-1.execute-api",
    "State": "Available",
    "VpcId": "vpc-1",
    "PrivateDnsEnabled": True,
    "Groups": [{"GroupId": "sg-1"}],
}
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}


def world(*endpoints: dict[str, Any], rules: list[dict[str, Any]] | None = None) -> dict[Key, Any]:
    groups = [{"GroupId": "sg-1", "IpPermissions": [HTTPS] if rules is None else rules}]
    return {
        **healthy(),
        ("ec2", "DescribeVpcEndpoints"): {"VpcEndpoints": list(endpoints)},
        ("ec2", "DescribeSecurityGroups"): {"SecurityGroups": groups},
        ("ec2", "DescribeVpcAttribute"): {"EnableDnsSupport": {"Value": True}, "EnableDnsHostnames": {"Value": True}},
    }


def run(answers: dict[Key, Any], bound: tuple[str, ...] = ("vpce-1",), url: str | None = None) -> Evidence:
    case = traced(answers, new_case(url=url), endpoint_type="PRIVATE", vpc_endpoints=bound)
    return Endpoint().run(case, FakeAws(answers))


def test_an_endpoint_that_works() -> None:
    found = run(world(ENDPOINT))
    assert (found.status, found.facts["vpc_endpoint"], found.facts["problem"]) == ("pass", "vpce-1", None)


@pytest.mark.parametrize(
    ("change", "rules", "problem"),
    [
        ({"State": "PendingAcceptance"}, None, "state"),
        ({"PolicyDocument": json.dumps({"Statement": [{**ALLOW, "Effect": "Deny"}]})}, None, "policy"),
        ({"PolicyDocument": json.dumps({"Statement": [{**ALLOW, "Resource": "execute-api:/test/*"}]})}, None, "policy"),
        ({}, [], "security-group"),
        ({}, [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}], "security-group"),
        ({}, [{"IpProtocol": "udp", "FromPort": 443, "ToPort": 443}], "security-group"),
    ],
)
def test_an_endpoint_that_brings_nobody(
    change: dict[str, Any], rules: list[dict[str, Any]] | None, problem: str
) -> None:
    found = run(world({**ENDPOINT, **change}, rules=rules))
    assert (found.status, found.facts["problem"]) == ("fail", problem)


@pytest.mark.parametrize("rule", [{"IpProtocol": "-1"}, {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535}])
def test_wide_rules_open_443_too(rule: dict[str, Any]) -> None:
    assert run(world(ENDPOINT, rules=[rule])).status == "pass"


def test_a_policy_that_hangs_on_the_caller_shuts_nobody_out() -> None:
    office = {
        **ALLOW,
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
    }
    by_address = {**ALLOW, "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}}
    unsure = world({**ENDPOINT, "PolicyDocument": json.dumps({"Statement": [by_address]})})
    assert run(unsure).status == "pass"
    anonymous = world({**ENDPOINT, "PolicyDocument": json.dumps({"Statement": [office]})})
    assert run(anonymous).facts["problem"] == "policy"  # an anonymous caller is of no organization


def test_an_endpoint_that_is_not_there() -> None:
    for answers in (world(), world({**ENDPOINT, "VpcEndpointId": "vpce-2"}), world({**ENDPOINT, "ServiceName": "s3"})):
        assert run(answers).facts["problem"] == "missing"
    assert run(world({**ENDPOINT, "VpcEndpointId": "vpce-2"}), bound=()).status == "pass"


def test_one_of_two_is_broken() -> None:
    other = {**ENDPOINT, "VpcEndpointId": "vpce-2", "State": "Deleting"}
    found = run(world(ENDPOINT, other), bound=("vpce-1", "vpce-2"))
    assert (found.status, found.facts["vpc_endpoint"]) == ("warn", "vpce-2")
    assert run(world(ENDPOINT), bound=("vpce-1", "vpce-2")).facts["missing"] == ["vpce-2"]


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://abc123.execute-api.us-east-1.amazonaws.com/prod/orders/42", True),
        ("https://abc123-vpce-1.execute-api.us-east-1.amazonaws.com/prod/orders/42", False),
        (None, None),
    ],
)
def test_without_private_dns_the_plain_name_does_not_lead_there(url: str | None, plain: bool | None) -> None:
    found = run(world({**ENDPOINT, "PrivateDnsEnabled": False}), url=url)
    assert (found.status, found.facts["plain_name"]) == ("warn", plain)
    assert found.facts["endpoint_name"] == "abc123-vpce-1.execute-api.us-east-1.amazonaws.com"


@pytest.mark.parametrize("off", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_a_vpc_that_does_not_resolve_private_names(off: str) -> None:
    answers = world(ENDPOINT)
    answers["ec2", "DescribeVpcAttribute"][off] = {"Value": False}
    found = run(answers)
    assert (found.status, found.facts["private_dns"]) == ("warn", False)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_refused_answers(error: AwsError) -> None:
    found = run({**world(ENDPOINT, rules=[]), ("ec2", "DescribeSecurityGroups"): error})
    assert found.status == "pass"
    assert found.facts["partial"][0]["reason"] == error.reason  # type: ignore[index,call-overload]
    unsure = run({**world(ENDPOINT), ("ec2", "DescribeVpcAttribute"): error})
    assert (unsure.status, unsure.facts["partial"][0]["needs"]) == ("pass", getattr(error, "action", None))  # type: ignore[index,call-overload]
    with pytest.raises(type(error)):
        run({**world(ENDPOINT), ("ec2", "DescribeVpcEndpoints"): error})


def test_every_page_of_endpoints_is_read() -> None:
    class Paged(FakeAws):
        def pages(self, service: str, operation: str, /, **params: Any) -> Pages:
            found = super().pages(service, operation, **params)
            return Pages(({"VpcEndpoints": []}, *found.pages))

    answers = world(ENDPOINT)
    case = traced(answers, endpoint_type="PRIVATE", vpc_endpoints=("vpce-1",))
    assert Endpoint().run(case, Paged(answers)).status == "pass"
