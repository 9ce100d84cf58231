"""Whether the network lets the function reach what it called in vain inside of its VPC."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from probes._functions import configuration, region_of
from probes._together import together
from probes.lambda_fn import _peers
from probes.lambda_fn._function import traced_function
from probes.lambda_fn._peers import Peer
from probes.lambda_fn._vpc import placed, security_groups, subnets
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

Rules = Sequence[Mapping[str, Any]]
_LOCAL = ("localhost", "127.", "::1")


class Downstream(Probe):
    """Whom the function's log names as unreachable, and the security groups on both sides of the connection."""

    title = "What the function calls"
    hop = "lambda-function"
    needs = ("function",)
    calls = frozenset(
        {*_peers.CALLS, "ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"}
    )
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when a security group shuts the way to somebody whom the function called in vain."""
        found = _peers.peers(aws, case)
        if not found:
            return self.skipped("The function's log names nobody whom it could not reach.")
        place = placed(configuration(aws, case, traced_function(case)))
        first = next((peer for peer in found if not peer.outside), found[0])
        facts: dict[str, Any] = {
            "peers": [{"host": p.host, "port": p.port, "how": p.how} for p in found],
            "peer_host": first.host,
            "peer_port": first.port,
            "how": first.how,
            "local": first.host.startswith(_LOCAL),
            "function_group": next(iter(place.groups), None),
        }
        if facts["local"]:
            return self.passed(f"The function called {first.host}: itself, where no other server runs.", **facts)
        if first.address is None or not first.address.is_private or not place.groups:
            return self.passed(f"The function called {first.host} in vain; what stands there cannot be seen.", **facts)
        return self._judged(case, aws, first, place.groups, place.subnets, facts)

    def _judged(
        self,
        case: Case,
        aws: Aws,
        peer: Peer,
        groups: Sequence[str],
        nets: Sequence[str],
        facts: dict[str, Any],
    ) -> Evidence:
        function = traced_function(case)
        answers = together(
            {
                "own": lambda: security_groups(aws, case, function, groups),
                "nets": lambda: subnets(aws, case, function, nets),
                "there": lambda: _interface(aws, case, peer.host),
            }
        )
        for answer in answers.values():
            if isinstance(answer, AwsError):
                raise answer
        there = answers["there"]
        facts["interface"] = there.get("NetworkInterfaceId") if there else None
        out = [rule for group in answers["own"] for rule in group.get("IpPermissionsEgress") or []]
        if not _lets(out, peer.port, [peer.host], ()):
            facts |= {"blocked": "function-group"}
            return self.failed(f"The function's security groups let nothing out to {peer.host}.", **facts)
        if not there:
            return self.passed(f"No network interface with the address {peer.host} is there any more.", **facts)
        names = [str(group.get("GroupId")) for group in there.get("Groups") or []]
        theirs = security_groups(aws, case, function, names) if names else []
        into = [rule for group in theirs for rule in group.get("IpPermissions") or []]
        blocks = [str(net.get("CidrBlock")) for net in answers["nets"]]
        facts |= {"peer_group": next(iter(names), None)}
        if names and not _lets(into, peer.port, blocks, groups):
            facts |= {"blocked": "peer-group"}
            return self.failed(
                f"The security group of {peer.host} ({names[0]}) does not let the function in"
                + (f" to port {peer.port}." if peer.port else "."),
                **facts,
            )
        return self.passed(f"The security groups let the function call {peer.host}.", **facts)


def _interface(aws: Aws, case: Case, address: str) -> dict[str, Any] | None:
    """The network interface with this private address; None when there is none, or more than one VPC has it."""
    function = traced_function(case)
    filters = [{"Name": "addresses.private-ip-address", "Values": [address]}]
    pages = aws.pages("ec2", "DescribeNetworkInterfaces", region=region_of(function, case), Filters=filters)
    found = pages.items("NetworkInterfaces")
    return found[0] if len(found) == 1 else None


def _lets(rules: Rules, port: int | None, blocks: Sequence[str], groups: Sequence[str]) -> bool:
    """Whether one of these rules is for TCP to this port and for one of these addresses or groups.

    A prefix list, whose entries are not read, counts as letting everything.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
    """
    return any(_fits(rule, port) and _names(rule, blocks, groups) for rule in rules)


def _fits(rule: Mapping[str, Any], port: int | None) -> bool:
    if str(rule.get("IpProtocol")) not in ("-1", "tcp", "6"):
        return False
    low, high = rule.get("FromPort"), rule.get("ToPort")
    return port is None or low is None or high is None or low == -1 or int(low) <= port <= int(high)


def _names(rule: Mapping[str, Any], blocks: Sequence[str], groups: Sequence[str]) -> bool:
    if rule.get("PrefixListIds"):
        return True
    if any(pair.get("GroupId") in groups for pair in rule.get("UserIdGroupPairs") or []):
        return True
    ranges = [str(each.get("CidrIp")) for each in rule.get("IpRanges") or []]
    # A rule that names other groups may be for the peer's own: only its addresses are compared when it goes out.
    if not groups and rule.get("UserIdGroupPairs"):
        return True
    return any(_overlap(one, other) for one in ranges for other in blocks)


def _overlap(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_network(one, strict=False).overlaps(ipaddress.ip_network(other, strict=False))
    except (ValueError, TypeError):
        return True
