"""Where traffic of a subnet can go: route tables, NAT gateways and VPC endpoints, as EC2 tells them.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probes._functions import region_of
from probes._together import together
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case

CALLS = frozenset({"ec2:DescribeRouteTables", "ec2:DescribeNatGateways", "ec2:DescribeVpcEndpoints"})
_ANYWHERE = ("0.0.0.0/0", "::/0")
# What else a default route may lead to; what lies behind it cannot be told from here.
_ELSEWHERE = (
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "InstanceId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


@dataclass(frozen=True, slots=True)
class Way:
    """How a subnet reaches the internet: `how` is nat, none, internet-gateway, nat-broken or elsewhere.

    A network interface of Lambda has no public address, so an internet gateway leads it nowhere.
    """

    subnet: str
    how: str
    table: str = ""
    through: str = ""

    @property
    def closed(self) -> bool:
        """Whether nothing outside answers for certain."""
        return self.how in ("none", "internet-gateway", "nat-broken")


@dataclass(frozen=True, slots=True)
class Vpc:
    """What EC2 tells of a VPC's ways; the lists are as it gives them."""

    tables: Sequence[Mapping[str, Any]]
    nats: Sequence[Mapping[str, Any]]
    endpoints: Sequence[Mapping[str, Any]]

    def way(self, subnet: str) -> Way:
        """How this subnet reaches the internet."""
        table = self._table(subnet)
        if table is None:
            return Way(subnet, "elsewhere")
        name = str(table.get("RouteTableId") or "")
        found = [self._judged(subnet, name, route) for route in _defaults(table)]
        order = ("nat", "elsewhere", "nat-broken", "internet-gateway")
        return min(found, key=lambda way: order.index(way.how), default=Way(subnet, "none", name))

    def services(self, subnets: Iterable[str]) -> set[str]:
        """AWS services that every one of these subnets reaches through an endpoint: dynamodb, sqs, ..."""
        sets = [set(filter(None, (self._served(each, subnet) for each in self.endpoints))) for subnet in subnets]
        return set.intersection(*sets) if sets else set()

    def _served(self, endpoint: Mapping[str, Any], subnet: str) -> str | None:
        if str(endpoint.get("State") or "available").lower() != "available":
            return None
        service = str(endpoint.get("ServiceName") or "").rpartition(".")[2]
        if str(endpoint.get("VpcEndpointType") or "Gateway").lower() == "gateway":
            table = self._table(subnet)
            own = table.get("RouteTableId") if table else None
            return service if own in (endpoint.get("RouteTableIds") or []) else None
        return service if endpoint.get("PrivateDnsEnabled") else None

    def _table(self, subnet: str) -> Mapping[str, Any] | None:
        main = None
        for table in self.tables:
            for link in table.get("Associations") or []:
                if link.get("SubnetId") == subnet:
                    return table
                main = table if link.get("Main") else main
        return main

    def _judged(self, subnet: str, table: str, route: Mapping[str, Any]) -> Way:
        nat, gateway = str(route.get("NatGatewayId") or ""), str(route.get("GatewayId") or "")
        if nat:
            return Way(subnet, "nat" if self._works(nat, route) else "nat-broken", table, nat)
        if gateway.startswith("igw-"):
            return Way(subnet, "internet-gateway", table, gateway)
        through = next((str(route[key]) for key in _ELSEWHERE if route.get(key)), gateway)
        broken = str(route.get("State") or "").lower() == "blackhole"
        return Way(subnet, "nat-broken" if broken else "elsewhere", table, through)

    def _works(self, nat: str, route: Mapping[str, Any]) -> bool:
        """Whether a NAT gateway is there and its own subnet leads to an internet gateway."""
        if str(route.get("State") or "").lower() == "blackhole":
            return False
        found = next((each for each in self.nats if each.get("NatGatewayId") == nat), None)
        if found is None or str(found.get("State") or "available").lower() != "available":
            return False
        outer = self._table(str(found.get("SubnetId") or ""))
        private = str(found.get("ConnectivityType") or "public").lower() == "private"
        routes = [*_defaults(outer)] if outer else []
        if private:
            return any(not str(each.get("GatewayId") or "").startswith("igw-") for each in routes)
        return any(str(each.get("GatewayId") or "").startswith("igw-") for each in routes)


def vpc(aws: Aws, case: Case, function: FunctionRef, vpc_id: str) -> Vpc:
    """The ways of a VPC.

    Raises:
        AwsError: EC2 gave no answer.
    """
    region = region_of(function, case)

    def listed(operation: str, key: str) -> list[Any]:
        filters = [{"Name": "vpc-id", "Values": [vpc_id]}]
        wanted: dict[str, Any] = {"Filter" if operation == "DescribeNatGateways" else "Filters": filters}
        return aws.pages("ec2", operation, region=region, **wanted).items(key)

    answers = together(
        {
            "tables": lambda: listed("DescribeRouteTables", "RouteTables"),
            "nats": lambda: listed("DescribeNatGateways", "NatGateways"),
            "endpoints": lambda: listed("DescribeVpcEndpoints", "VpcEndpoints"),
        }
    )
    for answer in answers.values():
        if isinstance(answer, AwsError):
            raise answer
    return Vpc(**answers)


def _defaults(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        route
        for route in table.get("Routes") or []
        if route.get("DestinationCidrBlock") in _ANYWHERE or route.get("DestinationIpv6CidrBlock") in _ANYWHERE
    ]
