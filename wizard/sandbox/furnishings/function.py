"""How the function is set up: in a VPC, with a key of its own for its environment, with a file system."""

from __future__ import annotations

import json

from wizard.sandbox.furnishings import furnishing
from wizard.sandbox.world import ACCOUNT, REGION, ROLE, World

_LAMBDA_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
_INTERFACES = ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface", "DescribeSubnets")


@furnishing("vpc", "The function runs in two private subnets with a NAT gateway")
def vpc(world: World) -> None:
    ec2 = world.client("ec2")
    made = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    public = ec2.create_subnet(VpcId=made, CidrBlock="10.0.0.0/24", AvailabilityZone=f"{REGION}a")["Subnet"]["SubnetId"]
    private = [
        ec2.create_subnet(VpcId=made, CidrBlock=f"10.0.{number}.0/28", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for number, zone in ((1, "a"), (2, "b"))
    ]
    door = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=door, VpcId=made)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    for subnets, way in (([public], {"GatewayId": door}), (private, {"NatGatewayId": nat})):
        table = ec2.create_route_table(VpcId=made)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **way)
        for subnet in subnets:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        world.made[f"route-table-{'private' if subnets is private else 'public'}"] = table
    group = ec2.create_security_group(GroupName="orders", Description="shop-orders", VpcId=made)["GroupId"]
    world.made |= {"vpc": made, "nat": nat, "security-group": group, "subnet-a": private[0], "subnet-b": private[1]}
    actions = [f"ec2:{name}" for name in _INTERFACES]
    _allow(world, "vpc-access", actions)
    world.function_settings["VpcConfig"] = {"SubnetIds": private, "SecurityGroupIds": [group]}
    world.release()


@furnishing("kms-key", "The function's environment is encrypted with a key of the shop's own")
def kms_key(world: World) -> None:
    kms = world.client("kms")
    key = kms.create_key(Description="shop-orders environment")["KeyMetadata"]
    role = world.client("iam").get_role(RoleName=ROLE)["Role"]
    kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=_LAMBDA_ROLE,
        Operations=["Decrypt", "RetireGrant"],
        Name=f"lambda-{role['RoleId']}",
    )
    world.made["kms-key"] = key["KeyId"]
    world.function_settings["KMSKeyArn"] = key["Arn"]
    world.release()


@furnishing("file-system", "The function mounts an EFS file system", needs=("vpc",))
def file_system(world: World) -> None:
    efs = world.client("efs")
    made = efs.create_file_system(CreationToken="shop-orders")["FileSystemId"]
    group = _nfs_group(world)
    for subnet in ("subnet-a", "subnet-b"):
        target = efs.create_mount_target(FileSystemId=made, SubnetId=world.made[subnet], SecurityGroups=[group])
        world.made[f"mount-target-{subnet[-1]}"] = target["MountTargetId"]
    point = efs.create_access_point(ClientToken="shop-orders", FileSystemId=made)
    world.made |= {"file-system": made, "access-point": point["AccessPointId"]}
    _allow(world, "file-system", ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"])
    world.function_settings["FileSystemConfigs"] = [{"Arn": point["AccessPointArn"], "LocalMountPath": "/mnt/orders"}]
    world.release()


def _nfs_group(world: World) -> str:
    """A security group that lets the function in on the port of NFS."""
    ec2 = world.client("ec2")
    group = ec2.create_security_group(GroupName="files", Description="shop-orders files", VpcId=world.made["vpc"])
    world.made["file-system-group"] = str(group["GroupId"])
    rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
    rule["UserIdGroupPairs"] = [{"GroupId": world.made["security-group"]}]
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[rule])
    return world.made["file-system-group"]


def _allow(world: World, name: str, actions: list[str]) -> None:
    """A policy of its own on the function's role."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client("iam").put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=document)
