"""What the function calls in vain inside of its VPC, and the security groups in between."""

from __future__ import annotations

from typing import Any

import pytest

from probes.lambda_fn.downstream import Downstream
from wizard.model.aws import NotFound
from wizard.model.status import Status

# Asked only when there is more in the log than can be read.
METRICS = {"cloudwatch:GetMetricData"}
IN_VPC = {"VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-f"]}}
ALL_OUT = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
WAITED = "connect ETIMEDOUT 10.0.2.9:5432"


def tcp(port: int, **who: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **who}


def world(text: str = WAITED, into: Any = (), out: Any = (ALL_OUT,), there: bool = True, settings: Any = IN_VPC) -> Any:
    groups = {
        "sg-f": {"GroupId": "sg-f", "IpPermissions": [], "IpPermissionsEgress": list(out)},
        "sg-db": {"GroupId": "sg-db", "IpPermissions": list(into), "IpPermissionsEgress": [ALL_OUT]},
    }

    def asked(**params: Any) -> dict[str, Any]:
        return {"SecurityGroups": [groups[name] for name in params["Filters"][0]["Values"]]}

    interface = {"NetworkInterfaceId": "eni-1", "Groups": [{"GroupId": "sg-db"}]}
    return {
        "lambda:GetFunctionConfiguration": settings,
        "logs:FilterLogEvents": {"events": [{"timestamp": 1, "message": f"ERROR {text}", "logStreamName": "s"}]},
        "ec2:DescribeSecurityGroups": asked,
        "ec2:DescribeSubnets": {"Subnets": [{"SubnetId": "subnet-a", "CidrBlock": "10.0.1.0/24"}]},
        "ec2:DescribeNetworkInterfaces": {"NetworkInterfaces": [interface] if there else []},
    }


def test_a_group_that_lets_nobody_in_is_to_blame(case, answers):
    aws = answers(world())
    found = Downstream().run(case(), aws)
    assert (found.status, found.facts["blocked"], found.facts["peer_group"], found.facts["peer_port"]) == (
        Status.FAIL,
        "peer-group",
        "sg-db",
        5432,
    )
    assert aws.used == Downstream.calls - METRICS


@pytest.mark.parametrize(
    ("rule", "lets"),
    [
        (tcp(5432, UserIdGroupPairs=[{"GroupId": "sg-f"}]), True),
        (tcp(5432, IpRanges=[{"CidrIp": "10.0.0.0/16"}]), True),
        (tcp(5432, PrefixListIds=[{"PrefixListId": "pl-1"}]), True),
        ({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-f"}]}, True),
        (tcp(3306, UserIdGroupPairs=[{"GroupId": "sg-f"}]), False),
        (tcp(5432, UserIdGroupPairs=[{"GroupId": "sg-other"}]), False),
        (tcp(5432, IpRanges=[{"CidrIp": "192.168.0.0/16"}]), False),
        ({**tcp(5432, IpRanges=[{"CidrIp": "0.0.0.0/0"}]), "IpProtocol": "udp"}, False),
    ],
)
def test_a_rule_counts_by_protocol_port_and_source(case, answers, rule, lets):
    found = Downstream().run(case(), answers(world(into=[rule])))
    assert found.status is (Status.PASS if lets else Status.FAIL)


def test_a_group_that_lets_nothing_out_is_to_blame(case, answers):
    found = Downstream().run(case(), answers(world(out=[tcp(443, IpRanges=[{"CidrIp": "0.0.0.0/0"}])])))
    assert (found.status, found.facts["blocked"]) == (Status.FAIL, "function-group")


@pytest.mark.parametrize(
    ("text", "settings", "local"),
    [
        ("connect ECONNREFUSED 127.0.0.1:5432", IN_VPC, True),
        ("getaddrinfo ENOTFOUND stock.shop.internal", IN_VPC, False),
        ("connect ETIMEDOUT 52.1.2.3:443", IN_VPC, False),
        (WAITED, {}, False),
    ],
)
def test_who_cannot_be_seen_is_named_and_no_group_is_asked_for(case, answers, text, settings, local):
    aws = answers(world(text, settings=settings))
    found = Downstream().run(case(), aws)
    assert (found.status, found.facts["local"]) == (Status.PASS, local)
    assert not any(name.startswith("ec2:") for name in aws.used)


def test_nobody_named_is_nothing_to_look_at(case, answers):
    aws = answers(world("no such order"))
    assert Downstream().run(case(), aws).status is Status.SKIPPED
    assert Downstream().run(case(), answers({"logs:FilterLogEvents": NotFound("no")})).status is Status.SKIPPED


def test_an_address_that_nobody_has_any_more(case, answers):
    assert "is there any more" in Downstream().run(case(), answers(world(there=False))).summary


def test_failing_calls_never_turn_into_an_answer(case, answers, failures):
    for call, error, changed in failures(Downstream(), world()):
        if call in METRICS:
            continue
        with pytest.raises(type(error)):
            Downstream().run(case(), answers(changed))
