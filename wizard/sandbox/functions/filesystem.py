"""Can a function mount its EFS file system? Its access point exists, one of its subnets has a mount target, and a
security group of that lets the function in on the port of NFS.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem-efs.html
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.efs.models import efs_backends

from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.functions.model import Function, RefusedError

_UNMOUNTABLE = (
    "The Lambda function couldn't mount the configured Amazon EFS file system due to a permission or configuration "
    "issue."
)
_NFS = 2049
_TIMED_OUT = (
    "The Lambda function made a network connection to the configured Amazon EFS file system, but the mount operation "
    "timed out."
)
_UNREACHABLE = "The Lambda function couldn't make a network connection to the configured file system."


def check(function: Function) -> None:
    """Raises RefusedError when a file system cannot be mounted."""
    efs = efs_backends[ACCOUNT][function.region]
    for arn in function.file_systems:
        point = efs.access_points.get(arn.rpartition("/")[2])
        if point is None or point.file_system_id not in efs.file_systems_by_id:
            raise RefusedError(403, "EFSMountFailureException", _UNMOUNTABLE)
        targets = efs.mount_targets_by_id.values()
        near = [t for t in targets if t.file_system_id == point.file_system_id and t.subnet_id in function.subnets]
        if not near:
            raise RefusedError(408, "EFSMountConnectivityException", _UNREACHABLE)
        if not any(_lets_in(target, function) for target in near):
            raise RefusedError(408, "EFSMountTimeoutException", _TIMED_OUT)


def _lets_in(target: Any, function: Function) -> bool:
    """Whether an inbound rule of the mount target's groups names one of the function's groups, for the port of NFS."""
    ec2 = ec2_backends[ACCOUNT][function.region]
    groups = [ec2.get_security_group_from_id(group) for group in target.security_groups or ()]
    rules = [rule for group in groups if group is not None for rule in group.ingress_rules]
    return any(
        str(rule.ip_protocol) in ("tcp", "-1")
        and (str(rule.ip_protocol) == "-1" or int(rule.from_port or 0) <= _NFS <= int(rule.to_port or 0))
        and (rule.source_group or {}).get("GroupId") in function.security_groups
        for rule in rules
    )
