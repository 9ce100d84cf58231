"""The checks of what a function needs around it before it runs: its key, its network, its file system."""

from __future__ import annotations

import json

import pytest

from probes.lambda_fn.key import Key
from probes.lambda_fn.network import ACTIONS, Network
from probes.lambda_fn.storage import Storage
from wizard.model.aws import Denied, NotFound, Throttled, TimedOut
from wizard.model.status import Status

ROLE = "arn:aws:iam::123456789012:role/shop-orders-role"
KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555"
POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1"
SETTINGS = {
    "Role": ROLE,
    "LastModified": "2026-11-01T10:00:00.000+0000",
    "Environment": {"Variables": {"TABLE": "orders"}},
}
VPC = {"VpcConfig": {"SubnetIds": ["subnet-a", "subnet-b"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"}}
ROOT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
GRANT = {"GranteePrincipal": ROLE, "Operations": ["Decrypt", "RetireGrant"]}
NFS = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
ERRORS = (Denied("x:Y"), Throttled("slow down"), TimedOut("no answer"))


def simulated(said="allowed"):
    return {"EvaluationResults": [{"EvalDecision": said}]}


def policy(*statements):
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def with_key(state="Enabled", *, statements=(ROOT,), grants=(GRANT,), said="implicitDeny"):
    return {
        "lambda:GetFunctionConfiguration": {**SETTINGS, "KMSKeyArn": KEY},
        "kms:DescribeKey": {"KeyMetadata": {"KeyId": KEY[-36:], "KeyState": state}},
        "kms:GetKeyPolicy": policy(*statements),
        "kms:ListGrants": {"Grants": list(grants)},
        "iam:SimulatePrincipalPolicy": simulated(said),
    }


def of_aws(created="2026-10-01T00:00:00+00:00", **settings):
    return {
        "lambda:GetFunctionConfiguration": {**SETTINGS, **settings},
        "iam:GetRole": {"Role": {"RoleName": "shop-orders-role", "Arn": ROLE, "CreateDate": created}},
    }


def named(effect, **more):
    return {"Effect": effect, "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*", **more}


@pytest.mark.parametrize(
    ("answered", "status", "problem"),
    [
        (with_key(), Status.PASS, None),
        (with_key("Disabled"), Status.FAIL, "state"),
        (with_key("PendingDeletion"), Status.FAIL, "state"),
        ({**with_key(), "kms:DescribeKey": NotFound("no such key")}, Status.FAIL, "missing"),
        (with_key(grants=()), Status.FAIL, "no-permission"),
        (with_key(grants=(), said="allowed"), Status.PASS, None),
        (with_key(grants=(), statements=(named("Allow"),)), Status.PASS, None),
        (with_key(grants=(), statements=(), said="allowed"), Status.FAIL, "no-permission"),
        (with_key(statements=(ROOT, named("Deny"))), Status.FAIL, "denied"),
        (with_key(grants=({**GRANT, "GranteePrincipal": "AROAOLDROLE"},)), Status.FAIL, "no-permission"),
        (with_key(grants=({**GRANT, "Operations": ["Encrypt"]},)), Status.FAIL, "no-permission"),
        (
            with_key(
                grants=(),
                statements=(named("Allow", Condition={"StringEquals": {"kms:ViaService": "lambda.amazonaws.com"}}),),
            ),
            Status.UNKNOWN,
            None,
        ),
        ({**with_key(), "kms:GetKeyPolicy": {"Policy": "{"}}, Status.UNKNOWN, None),
        (of_aws(), Status.PASS, None),
        (of_aws("2026-11-02T00:00:00+00:00"), Status.FAIL, "new-role"),
        (of_aws("some day"), Status.UNKNOWN, None),
        ({**of_aws(), "iam:GetRole": NotFound("no such role")}, Status.FAIL, "no-role"),
        ({**of_aws(), "iam:GetRole": Denied("iam:GetRole")}, Status.SKIPPED, None),
        (of_aws(Environment=None), Status.SKIPPED, None),
        ({}, Status.SKIPPED, None),
    ],
)
def test_key(case, answers, answered, status, problem):
    found = Key().run(case(), answers(answered))
    assert (found.status, found.facts.get("problem")) == (status, problem), found.summary


def network(free=(9, 9), groups=("sg-1",), said="allowed", **more):
    subnets = [
        {"SubnetId": f"subnet-{name}", "AvailableIpAddressCount": n} for name, n in zip("ab", free, strict=False)
    ]
    return {
        "lambda:GetFunctionConfiguration": {**SETTINGS, **VPC},
        "ec2:DescribeSubnets": {"Subnets": subnets},
        "ec2:DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": group} for group in groups]},
        "ec2:DescribeNetworkInterfaces": {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]},
        "iam:SimulatePrincipalPolicy": simulated(said),
        **more,
    }


@pytest.mark.parametrize(
    ("answered", "status", "problem"),
    [
        (network(), Status.PASS, None),
        (network(free=(0, 9)), Status.WARN, None),
        (network(free=(0, 0)), Status.FAIL, "no-addresses"),
        (network(free=(9,)), Status.FAIL, "gone"),
        (network(groups=()), Status.FAIL, "gone"),
        (network(said="implicitDeny"), Status.FAIL, "not-allowed"),
        (network(said="explicitDeny"), Status.FAIL, "not-allowed"),
        (network(said=""), Status.UNKNOWN, None),
        (network(**{"iam:SimulatePrincipalPolicy": NotFound("no such role")}), Status.FAIL, "not-allowed"),
        (network(**{"ec2:DescribeNetworkInterfaces": Denied("x:Y")}), Status.PASS, None),
        (network(free=(0, 0), **{"iam:SimulatePrincipalPolicy": TimedOut("slow")}), Status.FAIL, "no-addresses"),
        ({"lambda:GetFunctionConfiguration": SETTINGS}, Status.SKIPPED, None),
        ({}, Status.SKIPPED, None),
    ],
)
def test_network(case, answers, answered, status, problem):
    found = Network().run(case(), answers(answered))
    assert (found.status, found.facts.get("problem")) == (status, problem), found.summary


def test_the_network_is_asked_about_in_few_questions(case, answers):
    aws = answers(network())
    found = Network().run(case(), aws)
    assert found.facts["free_addresses"] == 18
    assert found.facts["interfaces"] == 1
    assert sorted(name for name, _ in aws.asked) == sorted(
        [
            "lambda:GetFunctionConfiguration",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeNetworkInterfaces",
            *["iam:SimulatePrincipalPolicy"] * len(ACTIONS),
        ]
    )


def storage(rules=None, targets=None, points=None, **more):
    if rules is None:
        rules = [{**NFS, "UserIdGroupPairs": [{"GroupId": "sg-1"}]}]
    if targets is None:
        targets = [target("a"), target("b")]
    subnets = [
        {"SubnetId": f"subnet-{zone}", "AvailabilityZoneId": f"use1-{zone}", "CidrBlock": f"10.0.{number}.0/28"}
        for number, zone in enumerate("ab", 1)
    ]
    mounted = {"FileSystemConfigs": [{"Arn": POINT, "LocalMountPath": "/mnt/x"}]}
    point = {"AccessPointId": "fsap-1", "FileSystemId": "fs-1", "LifeCycleState": "available"}
    return {
        "lambda:GetFunctionConfiguration": {**SETTINGS, **VPC, **mounted},
        "efs:DescribeAccessPoints": {"AccessPoints": [point] if points is None else points},
        "efs:DescribeMountTargets": {"MountTargets": targets},
        "efs:DescribeMountTargetSecurityGroups": {"SecurityGroups": ["sg-2"]},
        "ec2:DescribeSubnets": {"Subnets": subnets},
        "ec2:DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-2", "IpPermissions": rules}]},
        **more,
    }


def target(zone, state="available"):
    return {
        "MountTargetId": f"fsmt-{zone}",
        "SubnetId": f"subnet-{zone}",
        "AvailabilityZoneId": f"use1-{zone}",
        "LifeCycleState": state,
    }


@pytest.mark.parametrize(
    ("answered", "status", "problem"),
    [
        (storage(), Status.PASS, None),
        (storage([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]), Status.PASS, None),
        (storage([{**NFS, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]), Status.PASS, None),
        (storage([{**NFS, "PrefixListIds": [{"PrefixListId": "pl-1"}]}]), Status.PASS, None),
        (storage([{**NFS, "IpRanges": [{"CidrIp": "192.168.0.0/16"}, {"CidrIp": "?"}]}]), Status.FAIL, "port"),
        (storage([{**NFS, "UserIdGroupPairs": [{"GroupId": "sg-9"}]}]), Status.FAIL, "port"),
        (storage([{**NFS, "ToPort": 443, "FromPort": 443}]), Status.FAIL, "port"),
        (storage([]), Status.FAIL, "port"),
        (storage(targets=[target("a")]), Status.WARN, None),
        (storage(targets=[target("a", "deleting")]), Status.FAIL, "no-mount-target"),
        (storage(targets=[target("z")]), Status.FAIL, "no-mount-target"),
        (storage(targets=[]), Status.FAIL, "no-mount-target"),
        (storage(**{"efs:DescribeMountTargets": NotFound("no such file system")}), Status.FAIL, "file-system"),
        (storage(points=[]), Status.FAIL, "access-point"),
        (storage(points=[{"FileSystemId": "fs-1", "LifeCycleState": "deleting"}]), Status.FAIL, "access-point"),
        (storage(**{"efs:DescribeAccessPoints": NotFound("no such point")}), Status.FAIL, "access-point"),
        ({"lambda:GetFunctionConfiguration": {**SETTINGS, **VPC}}, Status.SKIPPED, None),
        ({}, Status.SKIPPED, None),
    ],
)
def test_storage(case, answers, answered, status, problem):
    found = Storage().run(case(), answers(answered))
    assert (found.status, found.facts.get("problem")) == (status, problem), found.summary


def test_a_file_system_of_another_kind_is_not_judged(case, answers):
    other = {
        "FileSystemConfigs": [{"Arn": "arn:aws:s3files:us-east-1:123456789012:file-system/x", "LocalMountPath": "/m"}]
    }
    found = Storage().run(case(), answers({"lambda:GetFunctionConfiguration": {**SETTINGS, **VPC, **other}}))
    assert found.status is Status.UNKNOWN


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    ("probe", "healthy", "spare"),
    [
        (Key(), with_key(), {"iam:SimulatePrincipalPolicy"}),
        (Key(), of_aws(), {"iam:GetRole"}),
        (Network(), network(), {"ec2:DescribeNetworkInterfaces", "iam:SimulatePrincipalPolicy"}),
        (Storage(), storage(), set()),
    ],
    ids=["key", "key of AWS", "network", "storage"],
)
def test_what_cannot_be_read_is_never_taken_for_good_or_bad(case, answers, probe, healthy, spare, error):
    """An AwsError may be raised: the engine makes UNKNOWN of it."""
    for call in sorted(set(healthy) - spare):
        try:
            found = probe.run(case(), answers({**healthy, call: error}))
        except type(error):
            continue
        assert (found.status, found.reason) == (Status.UNKNOWN, error.reason), call


def test_how_old_the_role_is_stays_open_when_that_went_wrong(case, answers):
    with pytest.raises(TimedOut):
        Key().run(case(), answers({**of_aws(), "iam:GetRole": TimedOut("no answer")}))


def test_a_role_that_cannot_be_read_leaves_the_network_open(case, answers):
    found = Network().run(case(), answers(network(**{"iam:SimulatePrincipalPolicy": TimedOut("no answer")})))
    assert (found.status, found.reason) == (Status.UNKNOWN, TimedOut("x").reason)


@pytest.mark.parametrize(
    ("probe", "worlds"),
    [
        (Key(), [with_key(grants=()), of_aws(), {**with_key(grants=()), "iam:SimulatePrincipalPolicy": Denied("x:Y")}]),
        (Network(), [network(), network(**{"iam:SimulatePrincipalPolicy": Denied("x:Y")})]),
        (Storage(), [storage()]),
    ],
    ids=["key", "network", "storage"],
)
def test_declared_and_used_calls_are_the_same(case, answers, probe, worlds):
    role = {
        "iam:ListRolePolicies": {"PolicyNames": ["own"]},
        "iam:GetRolePolicy": {"PolicyDocument": json.dumps({"Statement": []})},
        "iam:ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/x"}]},
        "iam:GetPolicy": {"Policy": {"DefaultVersionId": "v1"}},
        "iam:GetPolicyVersion": {"PolicyVersion": {"Document": json.dumps({"Statement": []})}},
    }
    used = set()
    for world in worlds:
        aws = answers({**role, **world})
        probe.run(case(), aws)
        used |= aws.used
    assert used == probe.calls
