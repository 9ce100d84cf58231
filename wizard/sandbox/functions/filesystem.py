"""Can a function mount its EFS file system? Its access point exists and one of its subnets has a mount target.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem-efs.html
"""

from __future__ import annotations

from moto.efs.models import efs_backends

from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.functions.model import Function, RefusedError

_UNMOUNTABLE = (
    "The Lambda function couldn't mount the configured Amazon EFS file system due to a permission or configuration "
    "issue."
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
        subnets = {each.subnet_id for each in targets if each.file_system_id == point.file_system_id}
        if not subnets & set(function.subnets):
            raise RefusedError(408, "EFSMountConnectivityException", _UNREACHABLE)
