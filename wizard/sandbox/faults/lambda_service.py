"""Faults that make Lambda itself refuse the function: key, network, state, runtime, loop, snapshot, files, event."""

from __future__ import annotations

import json
from typing import Any

from wizard.sandbox.faults import fault
from wizard.sandbox.world import ROLE, World

_SERVICE = "lambda-service"


# -- the key of the environment ------------------------------------------------------------------


@fault("lambda-kms-access-denied", _SERVICE, "The function's role was deleted and made anew")
def role_made_anew(world: World) -> None:
    iam = world.client("iam")
    old = iam.get_role(RoleName=ROLE)["Role"]
    documents = {
        name: iam.get_role_policy(RoleName=ROLE, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    }
    for name in documents:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=name)
    iam.delete_role(RoleName=ROLE)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_text(old["AssumeRolePolicyDocument"]))
    for name, document in documents.items():
        iam.put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=_text(document))


@fault("lambda-kms-access-denied.disabled", _SERVICE, "The environment's key was disabled", needs=("kms-key",))
def key_disabled(world: World) -> None:
    world.client("kms").disable_key(KeyId=world.made["kms-key"])


@fault("lambda-kms-access-denied.deleted", _SERVICE, "The environment's key waits for deletion", needs=("kms-key",))
def key_deleted(world: World) -> None:
    world.client("kms").schedule_key_deletion(KeyId=world.made["kms-key"], PendingWindowInDays=7)


@fault("lambda-kms-access-denied.grant", _SERVICE, "Somebody tidied up the grants of the key", needs=("kms-key",))
def grants_revoked(world: World) -> None:
    kms, key = world.client("kms"), world.made["kms-key"]
    for grant in kms.list_grants(KeyId=key)["Grants"]:
        kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])


# -- the network ---------------------------------------------------------------------------------


@fault("lambda-vpc-eni-failure", _SERVICE, "The role may no longer make network interfaces", needs=("vpc",))
def interfaces_forbidden(world: World) -> None:
    world.client("iam").delete_role_policy(RoleName=ROLE, PolicyName="vpc-access")


@fault("lambda-vpc-eni-failure.addresses", _SERVICE, "Others took every address of the subnets", needs=("vpc",))
def subnets_full(world: World) -> None:
    ec2 = world.client("ec2")
    for name in ("subnet-a", "subnet-b"):
        subnet = world.made[name]
        for _ in range(_free(ec2, subnet)):
            ec2.create_network_interface(SubnetId=subnet)


def _free(ec2: Any, subnet: str) -> int:
    return int(ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"])


# -- the state -----------------------------------------------------------------------------------


@fault("lambda-state-pending-or-updating", _SERVICE, "The function is still being created", needs=("vpc",))
def pending(world: World) -> None:
    world.function_state(State="Pending", StateReason="The function is being created.", StateReasonCode="Creating")


@fault("lambda-state-inactive", _SERVICE, "The function fell idle and does not come back", needs=("vpc",))
def inactive(world: World) -> None:
    world.function_state(State="Inactive", StateReason="The function is inactive.", StateReasonCode="Idle")


@fault("lambda-state-inactive.woken", _SERVICE, "The first request after weeks wakes the function", needs=("vpc",))
def woken(world: World) -> None:
    world.function_state(State="Inactive", StateReasonCode="Idle", Then={})


@fault("lambda-state-failed", _SERVICE, "Lambda could not set the function up")
def failed(world: World) -> None:
    reason = "The function's configuration is not valid."
    world.function_state(State="Failed", StateReason=reason, StateReasonCode="InvalidConfiguration")


@fault("lambda-state-failed.package", _SERVICE, "Lambda cannot unpack the function's package")
def package_broken(world: World) -> None:
    reason = "Lambda could not unzip the deployment package."
    world.function_state(State="Failed", StateReason=reason, StateReasonCode="InvalidZipFileException")


# -- runtime, loop, snapshot ---------------------------------------------------------------------


@fault("lambda-runtime-deprecated", _SERVICE, "The function was set to a runtime that Lambda no longer runs")
def old_runtime(world: World) -> None:
    world.release(Runtime="nodejs12.x")


@fault("lambda-recursion-terminated", _SERVICE, "The function calls itself in a circle, and Lambda stops it")
def recursion(world: World) -> None:
    world.function_state(InvokeError="RecursiveInvocationException")


@fault("lambda-snapstart-not-ready", _SERVICE, "Lambda is still making the snapshot of the new version")
def snapshot_pending(world: World) -> None:
    world.release(SnapStart={"ApplyOn": "PublishedVersions"})
    state = {"State": "Pending", "StateReasonCode": "Creating"}
    world.function_state(**state, InvokeError="SnapStartNotReadyException")


@fault("lambda-snapstart-not-ready.restore", _SERVICE, "The snapshot cannot be restored in time")
def snapshot_slow(world: World) -> None:
    world.release(SnapStart={"ApplyOn": "PublishedVersions"})
    world.function_state(InvokeError="SnapStartTimeoutException")


# -- the file system -----------------------------------------------------------------------------


@fault("lambda-efs-mount-failure", _SERVICE, "The mount targets of the file system are gone", needs=("file-system",))
def targets_gone(world: World) -> None:
    for name in ("mount-target-a", "mount-target-b"):
        world.client("efs").delete_mount_target(MountTargetId=world.made[name])


@fault("lambda-efs-mount-failure.access-point", _SERVICE, "The access point was deleted", needs=("file-system",))
def access_point_gone(world: World) -> None:
    world.client("efs").delete_access_point(AccessPointId=world.made["access-point"])


@fault("lambda-efs-mount-failure.port", _SERVICE, "The file system's security group was closed", needs=("file-system",))
def port_closed(world: World) -> None:
    ec2, group = world.client("ec2"), world.made["file-system-group"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)


# -- the event -----------------------------------------------------------------------------------


@fault("lambda-request-too-large", _SERVICE, "Customers send their photographs along, seven megabytes of them")
def large_body(world: World) -> None:
    world.body = b'{"photograph": "' + b"A" * (7 * 1024 * 1024) + b'"}'


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
