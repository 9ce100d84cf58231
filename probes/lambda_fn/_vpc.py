"""Where a function stands in its VPC: its subnets and security groups, always asked for in the same words.

By filter, not by id: what is gone is left out of the answer then, instead of failing the whole question.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probes._functions import region_of
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws
from wizard.model.case import Case


@dataclass(frozen=True, slots=True)
class Placed:
    """What a function's VpcConfig names; all empty for a function outside of a VPC."""

    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    vpc: str | None = None


def placed(settings: Mapping[str, Any]) -> Placed:
    """Where the function of these settings (GetFunctionConfiguration) stands."""
    config = settings.get("VpcConfig") or {}
    subnets, groups = config.get("SubnetIds") or (), config.get("SecurityGroupIds") or ()
    return Placed(tuple(map(str, subnets)), tuple(map(str, groups)), config.get("VpcId") or None)


def subnets(aws: Aws, case: Case, function: FunctionRef, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Those of these subnets that exist.

    Raises:
        AwsError: EC2 gave no answer.
    """
    return _listed(aws, case, function, "DescribeSubnets", "subnet-id", ids, "Subnets")


def security_groups(aws: Aws, case: Case, function: FunctionRef, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Those of these security groups that exist, with their rules.

    Raises:
        AwsError: EC2 gave no answer.
    """
    return _listed(aws, case, function, "DescribeSecurityGroups", "group-id", ids, "SecurityGroups")


def interfaces(aws: Aws, case: Case, function: FunctionRef, vpc: str) -> list[dict[str, Any]]:
    """The network interfaces that Lambda has made in a VPC.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html

    Raises:
        AwsError: EC2 gave no answer.
    """
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "interface-type", "Values": ["lambda"]}]
    pages = aws.pages("ec2", "DescribeNetworkInterfaces", region=region_of(function, case), Filters=filters)
    return pages.items("NetworkInterfaces")


def _listed(
    aws: Aws, case: Case, function: FunctionRef, operation: str, name: str, ids: Sequence[str], key: str
) -> list[dict[str, Any]]:
    filters = [{"Name": name, "Values": list(ids)}]
    return aws.pages("ec2", operation, region=region_of(function, case), Filters=filters).items(key)
