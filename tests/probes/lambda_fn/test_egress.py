"""A function's way out of its VPC: routes, NAT gateways, endpoints, and whom it called in vain."""

from __future__ import annotations

from typing import Any

import pytest

from probes.lambda_fn._peers import Peer, named
from probes.lambda_fn.egress import Egress
from tests.cases.playing import HERE, play, read
from wizard.model.status import Confidence, Status

# Asked only when there is more in the log than can be read.
METRICS = {"cloudwatch:GetMetricData"}
IN_VPC = {"VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-a", "subnet-b"], "SecurityGroupIds": ["sg-1"]}}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
OUT = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
DOOR = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
PUBLIC = {"RouteTableId": "rtb-p", "Associations": [{"SubnetId": "subnet-p"}], "Routes": [LOCAL, DOOR]}
NAT = {"NatGatewayId": "nat-1", "SubnetId": "subnet-p", "State": "available"}
DYNAMO = 'Connect timeout on endpoint URL: "https://dynamodb.us-east-1.amazonaws.com/"'


def table(*routes: dict[str, Any], subnets: tuple[str, ...] = ("subnet-a", "subnet-b"), name: str = "rtb-1") -> Any:
    return {"RouteTableId": name, "Associations": [{"SubnetId": each} for each in subnets], "Routes": [LOCAL, *routes]}


def told(*texts: str) -> dict[str, Any]:
    return {
        "events": [{"timestamp": n, "message": f"[ERROR] {text}", "logStreamName": "s"} for n, text in enumerate(texts)]
    }


def world(
    *tables: Any, nat: Any = NAT, endpoints: Any = (), logs: Any = None, settings: Any = IN_VPC
) -> dict[str, Any]:
    return {
        "lambda:GetFunctionConfiguration": settings,
        "ec2:DescribeRouteTables": {"RouteTables": [*tables, PUBLIC]},
        "ec2:DescribeNatGateways": {"NatGateways": [nat] if nat else []},
        "ec2:DescribeVpcEndpoints": {"VpcEndpoints": list(endpoints)},
        "logs:FilterLogEvents": logs or told(),
    }


def test_a_function_outside_of_a_vpc_is_skipped_before_ec2_is_asked(case, answers):
    aws = answers({"lambda:GetFunctionConfiguration": {}})
    assert Egress().run(case(), aws).status is Status.SKIPPED
    assert aws.used == {"lambda:GetFunctionConfiguration"}


def test_a_nat_gateway_in_a_public_subnet_is_a_way_out(case, answers):
    aws = answers(world(table(OUT), logs=told(DYNAMO)))
    found = Egress().run(case(), aws)
    assert (found.status, found.facts["way"]) == (Status.PASS, "all")
    assert aws.used == Egress.calls - METRICS


@pytest.mark.parametrize(
    ("routes", "nat", "how"),
    [
        ([], NAT, "none"),
        ([DOOR], NAT, "internet-gateway"),
        ([OUT], None, "nat-broken"),
        ([OUT], {**NAT, "State": "failed"}, "nat-broken"),
        ([OUT], {**NAT, "SubnetId": "subnet-a"}, "nat-broken"),
        ([{**OUT, "State": "blackhole"}], NAT, "nat-broken"),
    ],
)
def test_what_is_no_way_out(case, answers, routes, nat, how):
    found = Egress().run(case(), answers(world(table(*routes), nat=nat, logs=told(DYNAMO))))
    assert (found.status, found.facts["closed_by"], found.facts["cut_off"], found.facts["missing_service"]) == (
        Status.FAIL,
        how,
        ["dynamodb.us-east-1.amazonaws.com"],
        "dynamodb",
    )


@pytest.mark.parametrize(
    "through", [{"TransitGatewayId": "tgw-1"}, {"NetworkInterfaceId": "eni-1"}, {"GatewayId": "vgw-1"}]
)
def test_what_lies_behind_other_routes_is_not_judged(case, answers, through):
    route = {"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **through}
    found = Egress().run(case(), answers(world(table(route), logs=told(DYNAMO))))
    assert (found.status, found.facts["way"]) == (Status.PASS, "all")


def test_the_main_table_serves_subnets_without_one_of_their_own(case, answers):
    main = {"RouteTableId": "rtb-m", "Associations": [{"Main": True}], "Routes": [LOCAL, OUT]}
    assert Egress().run(case(), answers(world(main))).facts["way"] == "all"


def test_one_closed_subnet_of_two_is_enough_to_fail_some_requests(case, answers):
    tables = [table(OUT, subnets=("subnet-a",)), table(subnets=("subnet-b",), name="rtb-2")]
    found = Egress().run(case(), answers(world(*tables, logs=told(DYNAMO))))
    assert (found.status, found.facts["way"], found.facts["closed_subnets"]) == (Status.FAIL, "some", "subnet-b")


@pytest.mark.parametrize(
    ("endpoint", "reached"),
    [
        ({"VpcEndpointType": "Gateway", "RouteTableIds": ["rtb-1"]}, True),
        ({"VpcEndpointType": "Gateway", "RouteTableIds": ["rtb-9"]}, False),
        ({"VpcEndpointType": "Interface", "PrivateDnsEnabled": True}, True),
        ({"VpcEndpointType": "Interface", "PrivateDnsEnabled": False}, False),
        ({"VpcEndpointType": "Interface", "PrivateDnsEnabled": True, "State": "Failed"}, False),
    ],
)
def test_an_endpoint_serves_its_service_only_where_it_is_wired(case, answers, endpoint, reached):
    made = {"ServiceName": "com.amazonaws.us-east-1.dynamodb", "State": "Available", **endpoint}
    found = Egress().run(case(), answers(world(table(), endpoints=[made], logs=told(DYNAMO))))
    assert (found.status is Status.PASS) is reached
    assert (found.facts["within_reach"] is not None) is reached


@pytest.mark.parametrize(
    "text", ["connect ECONNREFUSED 10.0.1.9:5432", "connect ETIMEDOUT 10.0.1.9:5432", "no such order"]
)
def test_who_is_inside_or_answered_does_not_accuse_the_routes(case, answers, text):
    found = Egress().run(case(), answers(world(table(), logs=told(text))))
    assert (found.status, found.facts["way"], found.facts["cut_off"]) == (Status.PASS, "none", [])


def test_failing_calls_never_turn_into_an_answer(case, answers, failures):
    for call, error, changed in failures(Egress(), world(table(), logs=told(DYNAMO))):
        if call in METRICS:
            continue
        if call == "logs:FilterLogEvents":  # the routes are told all the same
            assert Egress().run(case(), answers(changed)).status is Status.PASS
            continue
        with pytest.raises(type(error)):
            Egress().run(case(), answers(changed))


S3, RDS = "goods.s3.eu-west-1.amazonaws.com", "db.x.us-east-1.rds.amazonaws.com"
LIBPQ = f'connection to server at "{RDS}" (10.0.0.7), port 5432 failed: timeout expired'


@pytest.mark.parametrize(
    ("text", "peer", "service"),
    [
        (DYNAMO, Peer("dynamodb.us-east-1.amazonaws.com", None, "timeout"), "dynamodb"),
        (f'Connect timeout on endpoint URL: "https://{S3}/a"', Peer(S3, None, "timeout"), "s3"),
        ("connect ETIMEDOUT 52.94.5.1:443", Peer("52.94.5.1", 443, "timeout"), None),
        ("dial tcp 10.0.0.7:6379: i/o timeout", Peer("10.0.0.7", 6379, "timeout"), None),
        (LIBPQ, Peer(RDS, 5432, "timeout"), None),
        ("getaddrinfo ENOTFOUND stock.shop.internal", Peer("stock.shop.internal", None, "unknown"), None),
    ],
)
def test_whom_a_text_names(text, peer, service):
    assert named([text, text]) == [peer]
    assert peer.service == service


def test_a_silent_hang_in_a_closed_vpc_makes_it_likely_and_no_more():
    found = play(read(HERE / "lambda-downstream-unreachable" / "innocent-hangs.yaml")).findings
    assert [(each.cause.id, each.confidence) for each in found] == [
        ("lambda-timeout", Confidence.CONFIRMED),
        ("lambda-vpc-no-egress", Confidence.LIKELY),
    ]


def test_what_cannot_be_read_is_asked_by_hand_and_leads_somewhere():
    shown = read(HERE / "lambda-vpc-no-egress" / "guilty.yaml")
    denied = {"service": "ec2", "operation": "DescribeRouteTables", "error": {"kind": "Denied", "message": "no"}}
    kept = [each for each in shown["answers"] if each["operation"] != "DescribeRouteTables"]
    case = {**shown, "answers": [*kept, denied]}
    for answer, expected in (("no", "lambda-vpc-no-egress"), ("yes", "lambda-downstream-unreachable")):
        found = [each.cause.id for each in play({**case, "questions": {"egress-by-hand": answer}}).findings]
        assert expected in found
        assert ("lambda-vpc-no-egress" in found) is (answer == "no")
