"""Faults of what a request meets before the API itself: the VPC endpoint of a private API, the API's own policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wizard.sandbox.faults import fault
from wizard.sandbox.world import STAGE, World

_POLICY, _ENDPOINT = "resource-policy", "private-endpoint"
_ALLOW: Mapping[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}


@fault("resource-policy-deny", _POLICY, "The policy allows the stage by the name it had before")
def other_stage(world: World) -> None:
    world.set_policy([{"Sid": "customers", **_ALLOW, "Resource": "execute-api:/production/*"}])
    world.deploy("Only the stage that is for customers")


@fault("resource-policy-deny.explicit", _POLICY, "A Deny for reading single orders outweighs the Allow for everything")
def denied(world: World) -> None:
    deny = {"Sid": "orders-are-internal", **_ALLOW, "Effect": "Deny", "Resource": f"execute-api:/{STAGE}/GET/orders/*"}
    world.set_policy([{"Sid": "all", **_ALLOW, "Resource": "execute-api:/*"}, deny])
    world.deploy("Orders are for the office")


@fault("resource-policy-deny.address", _POLICY, "Everybody outside an office network that has moved is denied")
def office_moved(world: World) -> None:
    elsewhere = {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}
    deny = {"Sid": "office-only", **_ALLOW, "Effect": "Deny", "Resource": "execute-api:/*", "Condition": elsewhere}
    world.set_policy([{"Sid": "all", **_ALLOW, "Resource": "execute-api:/*"}, deny])
    world.deploy("Only from the office")


@fault("private-endpoint-unreachable", _ENDPOINT, "The VPC endpoint was tidied away", needs=("private-api",))
def endpoint_gone(world: World) -> None:
    world.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[world.made["vpc-endpoint"]])


@fault(
    "private-endpoint-unreachable.policy",
    _ENDPOINT,
    "The policy of the VPC endpoint allows another API",
    needs=("private-api",),
)
def endpoint_policy(world: World) -> None:
    other = world.source_arn("*", api_id="warehouse1")
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**_ALLOW, "Resource": other}]})
    world.client("ec2").modify_vpc_endpoint(VpcEndpointId=world.made["vpc-endpoint"], PolicyDocument=document)
