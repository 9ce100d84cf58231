"""Lambda refuses to run a function: by its state, its key, its network, its file system, its runtime."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import Bench
from wizard.sandbox.furnishings import together
from wizard.sandbox.server import SandboxServer
from wizard.sandbox.shop import build_shop
from wizard.sandbox.traffic import TARGET, Answer, send
from wizard.sandbox.world import FUNCTION, ROLE, World

CONFIGURATION = "Execution failed due to configuration error: "
KMS = "Lambda was unable to decrypt the environment variables because "


@pytest.fixture
def shop(sandbox: SandboxServer) -> Any:
    def built(*furnishings: str) -> World:
        sandbox.reset()
        world = build_shop(sandbox.endpoint_url)
        for each in together(furnishings):
            each.furnish(world)
        assert send(world, TARGET).status == 200
        return world

    return built


def refused(world: World) -> tuple[int, str]:
    """The status that Lambda gave the gateway, and its reason, as the execution log has them."""
    answer: Answer = send(world, TARGET)
    assert (answer.status, answer.error_type) == (500, "InternalServerErrorException")
    lines = Bench(world.endpoint_url, world.api_id).execution_log()
    status = next(line for line in reversed(lines) if line.startswith("Lambda invocation failed with status: "))
    reason = next(line for line in reversed(lines) if line.startswith(CONFIGURATION))
    return int(status.split(": ")[1].partition(".")[0]), reason.removeprefix(CONFIGURATION)


def error_of_invoke(world: World) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        world.client("lambda").invoke(FunctionName=f"{FUNCTION}:live", Payload=b"{}")
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ({"State": "Pending", "StateReasonCode": "Creating"}, 409, "ResourceConflictException"),
        ({"State": "Inactive", "StateReasonCode": "Idle"}, 502, "ResourceNotReadyException"),
        ({"State": "Failed", "StateReasonCode": "ImageDeleted"}, 409, "ResourceConflictException"),
        ({"State": "Failed", "StateReasonCode": "EniLimitExceeded"}, 502, "ENILimitReachedException"),
        ({"State": "Failed", "StateReasonCode": "EFSMountTimeout"}, 408, "EFSMountTimeoutException"),
        ({"InvokeError": "RecursiveInvocationException"}, 400, "RecursiveInvocationException"),
        ({"InvokeError": "SnapStartNotReadyException"}, 409, "SnapStartNotReadyException"),
        ({"InvokeError": "SnapStartTimeoutException"}, 408, "SnapStartTimeoutException"),
    ],
)
def test_a_state_refuses_invocations_and_is_told(shop: Any, state: dict[str, str], status: int, code: str) -> None:
    world = shop()
    world.function_state(**state)
    assert refused(world)[0] == status
    assert error_of_invoke(world) == (code, status)
    told = world.client("lambda").get_function_configuration(FunctionName=FUNCTION, Qualifier="live")
    assert {name: told[name] for name in state if name != "InvokeError"} == {
        name: value for name, value in state.items() if name != "InvokeError"
    }
    world.function_state()
    assert send(world, TARGET).status == 200


def test_the_first_invocation_wakes_an_inactive_function(shop: Any) -> None:
    world = shop()
    world.function_state(State="Inactive", StateReasonCode="Idle", Then={"State": "Pending", "Then": {}})
    assert refused(world)[0] == 502
    pending = (
        "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    )
    assert refused(world) == (409, pending)
    assert send(world, TARGET).status == 200


def test_the_key_of_the_environment(shop: Any) -> None:
    world = shop("kms-key")
    kms, key = world.client("kms"), world.made["kms-key"]
    kms.disable_key(KeyId=key)
    check = " Please check the function's KMS key settings."
    assert refused(world) == (502, f"{KMS}the KMS key used is disabled.{check}")
    kms.enable_key(KeyId=key)
    assert send(world, TARGET).status == 200
    deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
    kms.put_key_policy(
        KeyId=key, PolicyName="default", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    assert refused(world) == (502, f"{KMS}KMS access was denied.{check}")
    assert error_of_invoke(world)[0] == "KMSAccessDeniedException"


def test_a_role_that_was_made_anew_has_lost_its_grant(shop: Any) -> None:
    world = shop("kms-key")
    iam = world.client("iam")
    trust = json.dumps(iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"])
    iam.delete_role_policy(RoleName=ROLE, PolicyName="shop-orders-access")
    iam.delete_role(RoleName=ROLE)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    world.allow_table()
    assert "KMS access was denied" in refused(world)[1]


def test_the_grant_names_a_role_that_is_gone_by_its_id(shop: Any) -> None:
    world = shop("kms-key")
    iam, kms, key = world.client("iam"), world.client("kms"), world.made["kms-key"]
    old = iam.get_role(RoleName=ROLE)["Role"]
    assert [grant["GranteePrincipal"] for grant in kms.list_grants(KeyId=key)["Grants"]] == [old["Arn"]]
    iam.delete_role_policy(RoleName=ROLE, PolicyName="shop-orders-access")
    iam.delete_role(RoleName=ROLE)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(old["AssumeRolePolicyDocument"]))
    assert [grant["GranteePrincipal"] for grant in kms.list_grants(KeyId=key)["Grants"]] == [old["RoleId"]]


def test_with_the_key_of_aws_a_new_role_has_no_grant_until_the_function_is_saved_again(shop: Any) -> None:
    world = shop()
    iam = world.client("iam")
    trust = json.dumps(iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"])
    iam.delete_role_policy(RoleName=ROLE, PolicyName="shop-orders-access")
    iam.delete_role(RoleName=ROLE)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    world.allow_table()
    assert error_of_invoke(world) == ("KMSAccessDeniedException", 502)
    world.release()
    assert send(world, TARGET).status == 200


def test_a_file_system_behind_a_closed_port(shop: Any) -> None:
    world = shop("file-system")
    ec2, group = world.client("ec2"), world.made["file-system-group"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
    assert error_of_invoke(world) == ("EFSMountTimeoutException", 408)


def test_a_version_with_a_snapshot_says_so(shop: Any) -> None:
    world = shop()
    world.release(SnapStart={"ApplyOn": "PublishedVersions"})
    lambdas = world.client("lambda")
    version = lambdas.get_function_configuration(FunctionName=FUNCTION, Qualifier="live")["SnapStart"]
    latest = lambdas.get_function_configuration(FunctionName=FUNCTION)["SnapStart"]
    assert (version["OptimizationStatus"], latest["OptimizationStatus"]) == ("On", "Off")


def test_what_was_stopped_as_a_loop_is_counted(shop: Any) -> None:
    world = shop()
    world.function_state(InvokeError="RecursiveInvocationException")
    assert refused(world)[0] == 400
    asked = {
        "Namespace": "AWS/Lambda",
        "MetricName": "RecursiveInvocationsDropped",
        "Statistics": ["Sum"],
        "Period": 60,
    }
    now = datetime.now(UTC)
    span = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
    dimensions = [{"Name": "FunctionName", "Value": FUNCTION}]
    points = world.client("cloudwatch").get_metric_statistics(**asked, **span, Dimensions=dimensions)["Datapoints"]
    assert sum(point["Sum"] for point in points) >= 1


def test_a_key_about_to_be_deleted(shop: Any) -> None:
    world = shop("kms-key")
    world.client("kms").schedule_key_deletion(KeyId=world.made["kms-key"], PendingWindowInDays=7)
    assert error_of_invoke(world) == ("KMSInvalidStateException", 502)


def test_the_network_of_the_function(shop: Any) -> None:
    world = shop("vpc")
    ec2 = world.client("ec2")
    told = world.client("lambda").get_function_configuration(FunctionName=FUNCTION, Qualifier="live")["VpcConfig"]
    assert told["VpcId"] == world.made["vpc"]
    for subnet in ("subnet-a", "subnet-b"):
        assert send(world, TARGET).status == 200
        for _ in range(11):
            ec2.create_network_interface(SubnetId=world.made[subnet])
    status, reason = refused(world)
    assert (status, "no available IP addresses" in reason) == (502, True)
    assert error_of_invoke(world)[0] == "SubnetIPAddressLimitReachedException"


def test_a_role_without_the_right_to_make_interfaces(shop: Any) -> None:
    world = shop("vpc")
    world.client("iam").delete_role_policy(RoleName=ROLE, PolicyName="vpc-access")
    assert error_of_invoke(world) == ("EC2AccessDeniedException", 502)


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"SubnetIds": ["subnet-00000000"], "SecurityGroupIds": []}, "InvalidSubnetIDException"),
        ({"SubnetIds": [], "SecurityGroupIds": ["sg-00000000"]}, "InvalidSecurityGroupIDException"),
    ],
)
def test_a_subnet_or_group_that_is_gone(shop: Any, config: dict[str, list[str]], code: str) -> None:
    world = shop("vpc")
    whole = {**world.function_settings["VpcConfig"], **{name: ids for name, ids in config.items() if ids}}
    world.release(VpcConfig=whole)
    assert error_of_invoke(world) == (code, 502)


def test_the_file_system_of_the_function(shop: Any) -> None:
    world = shop("file-system")
    told = world.client("lambda").get_function_configuration(FunctionName=FUNCTION, Qualifier="live")
    assert told["FileSystemConfigs"] == world.function_settings["FileSystemConfigs"]
    efs = world.client("efs")
    for zone in "ab":
        efs.delete_mount_target(MountTargetId=world.made[f"mount-target-{zone}"])
    assert error_of_invoke(world) == ("EFSMountConnectivityException", 408)
    efs.delete_access_point(AccessPointId=world.made["access-point"])
    assert error_of_invoke(world) == ("EFSMountFailureException", 403)


def test_a_runtime_that_lambda_does_not_run(shop: Any) -> None:
    world = shop()
    world.release(Runtime="nodejs12.x")
    assert refused(world) == (502, "The runtime parameter of nodejs12.x is not supported.")


def test_the_recursion_setting_is_kept(shop: Any) -> None:
    lambdas = shop().client("lambda")
    assert lambdas.get_function_recursion_config(FunctionName=FUNCTION)["RecursiveLoop"] == "Terminate"
    lambdas.put_function_recursion_config(FunctionName=FUNCTION, RecursiveLoop="Allow")
    assert lambdas.get_function_recursion_config(FunctionName=FUNCTION)["RecursiveLoop"] == "Allow"


def test_an_older_version_keeps_its_own_settings(shop: Any) -> None:
    world = shop("file-system")
    lambdas = world.client("lambda")
    lambdas.update_function_configuration(FunctionName=FUNCTION, FileSystemConfigs=[])
    assert lambdas.get_function_configuration(FunctionName=FUNCTION)["FileSystemConfigs"] == []
    assert lambdas.get_function_configuration(FunctionName=FUNCTION, Qualifier="live")["FileSystemConfigs"]
