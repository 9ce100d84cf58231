"""Functions that need something around them: a key, a network, a file system. For the guard of declared calls."""

from __future__ import annotations

from typing import Any

from tests.probes.conftest import Key
from tests.probes.v2 import http_shop, route
from wizard.model.aws import NotFound

ROLE = "arn:aws:iam::123456789012:role/shop-orders-role"
SETTINGS = {
    "Role": ROLE,
    "LastModified": "2026-11-01T10:00:00.000+0000",
    "Environment": {"Variables": {"TABLE": "orders"}},
    "VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    "FileSystemConfigs": [{"Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1"}],
}
TARGET = {"MountTargetId": "fsmt-1", "SubnetId": "subnet-1", "LifeCycleState": "available"}
AROUND: dict[Key, Any] = {
    ("lambda", "GetFunctionConfiguration"): SETTINGS,
    ("ec2", "DescribeSubnets"): {"Subnets": [{"SubnetId": "subnet-1", "AvailableIpAddressCount": 9}]},
    ("ec2", "DescribeSecurityGroups"): {"SecurityGroups": [{"GroupId": "sg-1"}]},
    ("ec2", "DescribeNetworkInterfaces"): {"NetworkInterfaces": []},
    ("efs", "DescribeAccessPoints"): {"AccessPoints": [{"FileSystemId": "fs-1", "LifeCycleState": "available"}]},
    ("efs", "DescribeMountTargets"): {"MountTargets": [TARGET]},
    ("efs", "DescribeMountTargetSecurityGroups"): {"SecurityGroups": ["sg-1"]},
    ("iam", "GetRole"): {"Role": {"Arn": ROLE, "CreateDate": "2026-10-01T00:00:00+00:00"}},
    ("iam", "SimulatePrincipalPolicy"): {"EvaluationResults": [{"EvalDecision": "allowed"}]},
    ("iam", "ListRolePolicies"): {"PolicyNames": ["own"]},
    ("iam", "GetRolePolicy"): {"PolicyDocument": "{}"},
    ("iam", "ListAttachedRolePolicies"): {"AttachedPolicies": [{"PolicyArn": "arn:p"}]},
    ("iam", "GetPolicy"): {"Policy": {"DefaultVersionId": "v1"}},
    ("iam", "GetPolicyVersion"): {"PolicyVersion": {"Document": "{}"}},
}
ACCOUNT_DECIDES = (
    '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},'
    ' "Action": "kms:*", "Resource": "*"}}'
)


def slow_starts(**params: Any) -> dict[str, Any]:
    """A function that was stopped at its first invocation and is fast since."""
    if not str(params["logGroupName"]).startswith("/aws/lambda/"):
        return {"events": []}
    told = ["Duration: 3000 ms\tInit Duration: 200 ms\tStatus: timeout", *["Duration: 12 ms\t"] * 2]
    return {
        "events": [
            {
                "timestamp": 1795175000000 + n,
                "message": f"REPORT RequestId: {n:08d}-0000-4000-8000-000000000000\t{text}",
            }
            for n, text in enumerate(told)
        ]
    }


ODD_FUNCTIONS: dict[str, dict[Key, Any]] = {
    "a function with all that a function may need": AROUND,
    "a function with a key of its own": {
        **AROUND,
        ("lambda", "GetFunctionConfiguration"): {
            **SETTINGS,
            "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555",
        },
        ("kms", "DescribeKey"): {"KeyMetadata": {"KeyState": "Enabled"}},
        ("kms", "GetKeyPolicy"): {"Policy": ACCOUNT_DECIDES},
        ("kms", "ListGrants"): {"Grants": []},
    },
    "a function that starts slowly": {("logs", "FilterLogEvents"): slow_starts},
    "a function of an HTTP API that starts slowly": {
        **http_shop(routes=[route("GET /orders/{id}")], stage={"StageName": "prod"}),
        ("apigateway", "GetRestApi"): NotFound("no"),
        ("logs", "FilterLogEvents"): slow_starts,
    },
}
