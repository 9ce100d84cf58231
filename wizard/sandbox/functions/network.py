"""Can Lambda put a function into its subnets? They and its security groups exist, addresses are left, the role may.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

from __future__ import annotations

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import ec2_backends

from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.functions.model import Function, RefusedError
from wizard.sandbox.gateway.permission import find_role, role_statements
from wizard.sandbox.policy import Call, Decision, decide

_NEEDED = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")


def check(function: Function) -> None:
    """Raises RefusedError when no network interface can be had."""
    if not function.subnets:
        return
    role = find_role(function.role)
    statements = role_statements(role) if role is not None else []
    if any(decide(statements, Call(action, "*")) is not Decision.ALLOW for action in _NEEDED):
        raise RefusedError(502, "EC2AccessDeniedException", "Need additional permissions to configure VPC settings.")
    ec2 = ec2_backends[ACCOUNT][function.region]
    free = []
    for subnet_id in function.subnets:
        try:
            free.append(ec2.get_subnet(subnet_id).available_ip_address_count)
        except InvalidSubnetIdError:
            text = "The subnet ID provided in the Lambda function configuration is not valid."
            raise RefusedError(502, "InvalidSubnetIDException", text) from None
    if any(ec2.get_security_group_from_id(group) is None for group in function.security_groups):
        text = "The security group ID provided in the Lambda function configuration is not valid."
        raise RefusedError(502, "InvalidSecurityGroupIDException", text)
    if not any(count > 0 for count in free):
        text = (
            "Lambda couldn't set up VPC access for the Lambda function because one or more configured subnets has no "
            "available IP addresses."
        )
        raise RefusedError(502, "SubnetIPAddressLimitReachedException", text)
