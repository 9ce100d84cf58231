"""Whether the function's EFS file system can be mounted from where the function runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Any

from probes._functions import region_of
from probes.lambda_fn._function import SettingsProbe, traced_function
from probes.lambda_fn._vpc import Placed, placed, security_groups, subnets
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence
from wizard.model.status import Reason

# https://docs.aws.amazon.com/efs/latest/ug/network-access.html
NFS_PORT = 2049
_AVAILABLE = "available"


class Storage(SettingsProbe):
    """Looks for the access point, for a mount target in every zone the function runs in, and for a security group on
    it that lets NFS in.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem-efs.html
    """

    title = "File system of the function"
    hop = "lambda-service"
    calls = frozenset(
        {
            "lambda:GetFunctionConfiguration",
            "efs:DescribeAccessPoints",
            "efs:DescribeMountTargets",
            "efs:DescribeMountTargetSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
        }
    )
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem-efs.html",)

    def judged(self, case: Case, aws: Aws, name: str, settings: dict[str, Any]) -> Evidence:
        """FAIL with the fact `problem` when it cannot be mounted; SKIPPED for a function without a file system."""
        arns = [str(each.get("Arn")) for each in settings.get("FileSystemConfigs") or []]
        if not arns:
            return self.skipped(f"{name} mounts no file system.", mounts=False)
        if foreign := [arn for arn in arns if ":elasticfilesystem:" not in arn]:
            return self.unknown(Reason.NO_DATA, f"Only EFS file systems are looked at, not {', '.join(foreign)}.")
        for arn in arns:
            found = self._mounted(case, aws, arn, placed(settings))
            if found.status != "pass":
                return found
        return self.passed(f"Everything that {name} mounts can be reached.", access_points=arns)

    def _mounted(self, case: Case, aws: Aws, arn: str, place: Placed) -> Evidence:
        function, point = traced_function(case), arn.rpartition("/")[2]
        where = region_of(function, case)
        facts: dict[str, Any] = {"access_point": point}
        try:
            found = aws.call("efs", "DescribeAccessPoints", region=where, AccessPointId=point)["AccessPoints"]
        except NotFound:
            found = []
        system = str(found[0].get("FileSystemId")) if found else ""
        facts |= {
            "file_system": system or None,
            "access_point_state": found[0].get("LifeCycleState") if found else None,
        }
        if facts["access_point_state"] != _AVAILABLE:
            return self.failed(
                f"The access point {point} is {facts['access_point_state'] or 'not there'}.",
                **facts,
                problem="access-point",
            )
        try:
            targets = aws.pages("efs", "DescribeMountTargets", region=where, FileSystemId=system).items("MountTargets")
        except NotFound:
            return self.failed(f"The file system {system} is not there.", **facts, problem="file-system")
        own = subnets(aws, case, function, place.subnets)
        zones = {str(each.get("AvailabilityZoneId") or each.get("AvailabilityZone")) for each in own}
        near = [t for t in targets if t.get("LifeCycleState") == _AVAILABLE and _zone(t, own) in zones]
        facts |= {"mount_targets": len(targets), "zones": sorted(zones)}
        facts["zones_without"] = sorted(zones - {_zone(target, own) for target in near})
        if not near:
            return self.failed(
                f"{system} has no mount target that is available where the function runs ({', '.join(sorted(zones))}).",
                **facts,
                problem="no-mount-target",
            )
        closed = [t for t in near if not self._lets_in(case, aws, t, own, place)]
        facts["closed_targets"] = [str(target.get("MountTargetId")) for target in closed]
        if closed:
            return self.failed(
                f"No security group of {', '.join(facts['closed_targets'])} lets the function in on port {NFS_PORT}.",
                **facts,
                problem="port",
            )
        if facts["zones_without"]:
            return self.warned(f"{system} has no mount target in {', '.join(facts['zones_without'])}.", **facts)
        return self.passed(f"{system} can be reached through {point}.", **facts)

    def _lets_in(
        self, case: Case, aws: Aws, target: Mapping[str, Any], own: list[dict[str, Any]], place: Placed
    ) -> bool:
        function = traced_function(case)
        ids = aws.call(
            "efs",
            "DescribeMountTargetSecurityGroups",
            region=region_of(function, case),
            MountTargetId=str(target.get("MountTargetId")),
        ).get("SecurityGroups")
        groups = security_groups(aws, case, function, ids or [])
        rules = [rule for group in groups for rule in group.get("IpPermissions") or []]
        return any(_lets_in(rule, place.groups, [str(each.get("CidrBlock")) for each in own]) for rule in rules)


def _zone(target: Mapping[str, Any], own: Iterable[Mapping[str, Any]]) -> str:
    """The zone of a mount target, in the words that the subnets use for theirs."""
    beside = next((each for each in own if each.get("SubnetId") == target.get("SubnetId")), target)
    return str(beside.get("AvailabilityZoneId") or beside.get("AvailabilityZone"))


def _lets_in(rule: Mapping[str, Any], groups: Iterable[str], ranges: Iterable[str]) -> bool:
    """Whether an inbound rule lets NFS in from these groups or ranges; a prefix list counts as one that does."""
    everything = str(rule.get("IpProtocol")) == "-1"
    if not everything and not (
        str(rule.get("IpProtocol")) in ("tcp", "6")
        and int(rule.get("FromPort") or 0) <= NFS_PORT <= int(rule.get("ToPort") or 0)
    ):
        return False
    allowed = [str(each.get("CidrIp")) for each in rule.get("IpRanges") or []]
    return (
        bool(rule.get("PrefixListIds"))
        or bool(set(groups) & {str(pair.get("GroupId")) for pair in rule.get("UserIdGroupPairs") or []})
        or any(_within(inner, outer) for inner in ranges for outer in allowed)
    )


def _within(inner: str, outer: str) -> bool:
    try:
        one, other = ip_network(inner), ip_network(outer)
    except ValueError:
        return False
    return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type]  # the same version of IP
