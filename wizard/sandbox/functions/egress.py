"""Which AWS services a function in a VPC can reach: all of them, some through endpoints, or none.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html: a network interface of Lambda has
no public address, so a route to an internet gateway is no way out; a NAT gateway is one if its own subnet has such a
route. A function runs in the first of its subnets here; Lambda spreads its instances over all of them.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.functions.model import Function

_ANYWHERE = "0.0.0.0/0"


def services(function: Function) -> frozenset[str] | None:
    """The names of the services that have an endpoint for this function; None when it reaches all of them."""
    if not function.subnets:
        return None
    ec2 = ec2_backends[ACCOUNT][function.region]
    subnet = ec2.get_subnet(function.subnets[0])
    table = _table(ec2, subnet)
    if any(route.destination_cidr_block == _ANYWHERE and _leads_out(ec2, route) for route in table.routes):
        return None
    found = set()
    for endpoint in ec2.vpc_end_points.values():
        name = str(endpoint.service_name).rpartition(".")[2]
        if endpoint.vpc_id != subnet.vpc_id:
            continue
        gateway = str(endpoint.vpc_endpoint_type or "Gateway").lower() == "gateway"
        if table.id in (endpoint.route_table_ids or []) if gateway else endpoint.private_dns_enabled:
            found.add(name)
    return frozenset(found)


def _leads_out(ec2: Any, route: Any) -> bool:
    nat = route.nat_gateway
    if nat is None or nat.state != "available" or nat.id not in ec2.nat_gateways:
        return False
    outer = _table(ec2, ec2.get_subnet(nat.subnet_id))
    return any(
        each.destination_cidr_block == _ANYWHERE and str(getattr(each.gateway, "id", "")).startswith("igw-")
        for each in outer.routes
    )


def _table(ec2: Any, subnet: Any) -> Any:
    """The route table of a subnet: its own, else the main one of its VPC."""
    tables = [table for table in ec2.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = [t for t in tables if any(a.get("SubnetId") == subnet.id for a in t.associations)]
    return (own or [table for table in tables if table.main_association_id])[0]
