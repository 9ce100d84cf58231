"""Whether a function in a VPC can reach anything outside of it."""

from __future__ import annotations

from typing import Any

from probes._functions import configuration
from probes._together import together
from probes.lambda_fn import _peers, _routes
from probes.lambda_fn._function import traced_function
from probes.lambda_fn._peers import Peer
from probes.lambda_fn._routes import Way
from probes.lambda_fn._vpc import placed
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_SAID = {
    "none": "has no default route",
    "internet-gateway": "leads to an internet gateway, which serves nothing without a public address",
    "nat-broken": "leads to a NAT gateway that does not work",
}


class Egress(Probe):
    """The routes of the function's subnets and the VPC's endpoints, laid against what the function called in vain."""

    title = "Way out of the VPC"
    hop = "lambda-function"
    needs = ("function",)
    calls = frozenset({*_routes.CALLS, *_peers.CALLS})
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when the function waited in vain for somebody whom its subnets cannot reach; else PASS with the ways."""
        function = traced_function(case)
        place = placed(configuration(aws, case, function))
        if not place.subnets or not place.vpc:
            return self.skipped("The function is in no VPC: it reaches the internet.", in_vpc=False)
        vpc_id = place.vpc
        answers = together(
            {
                "vpc": lambda: _routes.vpc(aws, case, function, vpc_id),
                "peers": lambda: _peers.peers(aws, case),
            }
        )
        vpc, called = answers["vpc"], answers["peers"]
        if isinstance(vpc, AwsError):
            raise vpc
        ways = [vpc.way(subnet) for subnet in place.subnets]
        closed = [way for way in ways if way.closed]
        services = vpc.services(way.subnet for way in closed) if closed else set()
        peers: list[Peer] = [] if isinstance(called, AwsError) else called
        cut_off = [peer for peer in peers if closed and peer.how == "timeout" and _is_cut_off(peer, services)]
        facts = _facts(vpc_id, ways, closed, services, cut_off)
        reached = [peer.host for peer in peers if peer.how == "timeout" and peer.service in services]
        facts["within_reach"] = next(iter(reached), None) if not cut_off else None
        if cut_off:
            return self.failed(f"The function called {cut_off[0].host} in vain: {_why(closed, ways)}.", **facts)
        if closed:
            some = f"; endpoints: {', '.join(sorted(services))}" if services else ""
            return self.passed(
                f"Not everything outside of the VPC can be reached: {_why(closed, ways)}{some}.", **facts
            )
        return self.passed("Every subnet of the function has a way to the internet.", **facts)


def _is_cut_off(peer: Peer, services: set[str]) -> bool:
    return peer.outside and peer.service not in services


def _why(closed: list[Way], ways: list[Way]) -> str:
    first = closed[0]
    more = f" ({len(closed)} of {len(ways)} subnets)" if len(ways) > 1 else ""
    through = f" ({first.through})" if first.through else ""
    return f"{first.subnet}{more} {_SAID[first.how]}{through}"


def _facts(vpc_id: str, ways: list[Way], closed: list[Way], services: set[str], cut_off: list[Peer]) -> dict[str, Any]:
    first = closed[0] if closed else None
    service = next((peer.service for peer in cut_off if peer.service), None)
    return {
        "in_vpc": True,
        "vpc_id": vpc_id,
        "subnets": [{"id": w.subnet, "way": w.how, "route_table": w.table, "through": w.through or None} for w in ways],
        "way": "all" if not closed else "none" if len(closed) == len(ways) else "some",
        "closed_by": first.how if first else None,
        "closed_subnets": " ".join(way.subnet for way in closed) or None,
        "route_table": first.table if first else None,
        "endpoints": sorted(services),
        "has_endpoints": bool(services),
        "cut_off": [peer.host for peer in cut_off],
        "missing_service": service,
    }
