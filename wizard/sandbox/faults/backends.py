"""Faults of what the integration calls and with which role: address, action, credentials, form of event and body."""

from __future__ import annotations

import json

from wizard.sandbox.faults import fault
from wizard.sandbox.furnishings.table import TABLE_ARN, TABLE_ROLE, TABLE_URI
from wizard.sandbox.world import ACCOUNT, FUNCTION, REGION, World

_CONFIG, _ROLE = "integration-config", "integration-credentials"
_WAREHOUSE = "/_sandbox/warehouse/orders/{id}"
_INVOKER, _FUNCTION_ARN = "shop-invokes-orders", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
_BARE = ("    return answer(200, order) if order else answer", "    return order if order else answer")


@fault("integration-aws-arn-invalid-action", _CONFIG, "The action in the ARN is misspelt", needs=("table",))
def misspelt_action(world: World) -> None:
    world.patch_integration({"/uri": TABLE_URI.replace("GetItem", "GetItems")})
    world.deploy("Read all orders at once")


@fault(
    "integration-aws-arn-invalid-action.variable",
    _CONFIG,
    "A stage variable names the action, and its value is none",
    needs=("table",),
)
def action_by_variable(world: World) -> None:
    world.patch_stage({"/variables/ordersAction": "get-item"})
    world.patch_integration({"/uri": TABLE_URI.replace("GetItem", "${stageVariables.ordersAction}")})
    world.deploy("One integration for every stage")


@fault(
    "integration-endpoint-url-invalid", _CONFIG, "Nothing fills the {id} of the address any more", needs=("http-proxy",)
)
def unfilled(world: World) -> None:
    removed = [{"op": "remove", "path": "/requestParameters/integration.request.path.id"}]
    world.client("apigateway").update_integration(**world.at(), patchOperations=removed)
    world.deploy("Fewer mappings")


@fault(
    "integration-endpoint-url-invalid.variable",
    _CONFIG,
    "The stage variable that holds the host ends in a space",
    needs=("http-proxy",),
)
def blank_in_variable(world: World) -> None:
    host = world.endpoint_url.partition("://")[2]
    world.patch_stage({"/variables/warehouse": f"{host} "})
    world.patch_integration({"/uri": f"http://${{stageVariables.warehouse}}{_WAREHOUSE}"})
    world.deploy("The warehouse's host is a stage variable")


@fault(
    "integration-host-dns-unresolvable", _CONFIG, "The warehouse's host name no longer exists", needs=("http-backend",)
)
def no_such_host(world: World) -> None:
    world.patch_integration({"/uri": "http://warehouse.shop.invalid/orders/{id}"})
    world.deploy("The warehouse moved")


@fault(
    "integration-host-dns-unresolvable.private",
    _CONFIG,
    "The address is one of the private network",
    needs=("http-proxy",),
)
def private_address(world: World) -> None:
    world.patch_integration({"/uri": "http://10.0.12.7:8080/orders/{id}"})
    world.deploy("Call the warehouse without detours")


@fault("integration-port-blocked", _CONFIG, "The warehouse was put on port 808", needs=("http-proxy",))
def low_port(world: World) -> None:
    world.patch_integration({"/uri": f"http://127.0.0.1:808{_WAREHOUSE}"})
    world.deploy("The warehouse's new port")


@fault(
    "integration-credentials-role-not-assumable",
    _ROLE,
    "The role's trust policy was written for Lambda",
    needs=("credentials",),
)
def trusts_lambda(world: World) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    world.client("iam").update_assume_role_policy(RoleName=_INVOKER, PolicyDocument=document)


@fault(
    "integration-credentials-role-not-assumable.deleted",
    _ROLE,
    "The role was deleted as unused",
    needs=("credentials",),
)
def deleted_role(world: World) -> None:
    iam = world.client("iam")
    iam.delete_role_policy(RoleName=_INVOKER, PolicyName="call")
    iam.delete_role(RoleName=_INVOKER)


@fault(
    "integration-credentials-role-missing-permission",
    _ROLE,
    "The role may look at the function, not invoke it",
    needs=("credentials",),
)
def may_not_invoke(world: World) -> None:
    _allow(world, _INVOKER, "lambda:GetFunction", f"{_FUNCTION_ARN}*")


@fault(
    "integration-credentials-role-missing-permission.alias",
    _ROLE,
    "The role may invoke the function, not its alias",
    needs=("credentials",),
)
def without_alias(world: World) -> None:
    _allow(world, _INVOKER, "lambda:InvokeFunction", _FUNCTION_ARN)


@fault(
    "integration-credentials-role-missing-permission.service",
    _ROLE,
    "The role may read another table than the integration's",
    needs=("table",),
)
def other_table(world: World) -> None:
    _allow(world, TABLE_ROLE, "dynamodb:GetItem", f"{TABLE_ARN}-test")


@fault("integration-type-proxy-mismatch", _CONFIG, "Proxy was switched off for a function that reads the proxy event")
def proxy_off(world: World) -> None:
    gateway = world.client("apigateway")
    world.patch_integration({"/type": "AWS"})
    for status, pattern in (("200", ""), ("500", r"(\n|.)+")):
        more = {"selectionPattern": pattern} if pattern else {}
        gateway.put_method_response(**world.at(), statusCode=status)
        gateway.put_integration_response(**world.at(), statusCode=status, **more)
    world.deploy("Map the answers ourselves")


@fault(
    "integration-type-proxy-mismatch.proxy",
    _CONFIG,
    "Proxy was switched on for a function that answers with the bare order",
    needs=("non-proxy",),
)
def proxy_on(world: World) -> None:
    world.release(_BARE)
    world.patch_integration({"/type": "AWS_PROXY"})
    world.deploy("Do without templates")


@fault(
    "integration-content-handling-missing",
    _CONFIG,
    "Every media type counts as binary, and nothing says how bodies become text",
    needs=("non-proxy",),
)
def all_binary(world: World) -> None:
    added = [{"op": "add", "path": "/binaryMediaTypes/*~1*"}]
    world.client("apigateway").update_rest_api(restApiId=world.api_id, patchOperations=added)
    world.deploy("Pictures of orders")


@fault(
    "integration-method-or-path-mismatch",
    _CONFIG,
    "The warehouse is asked with PUT, and its refusals are mapped to 500",
    needs=("http-backend",),
)
def put(world: World) -> None:
    _refusals_to_500(world)
    world.patch_integration({"/httpMethod": "PUT"})
    world.deploy("Errors of the warehouse are ours")


@fault(
    "integration-method-or-path-mismatch.path",
    _CONFIG,
    "The warehouse is asked for a path that it does not have",
    needs=("http-proxy",),
)
def wrong_path(world: World) -> None:
    world.patch_integration({"/uri": f"{world.endpoint_url}{_WAREHOUSE.replace('orders', 'parcels')}"})
    world.deploy("Orders are parcels now")


def _allow(world: World, role: str, action: str, resource: str) -> None:
    """Give a role of the gateway this permission in place of the one it has."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client("iam").put_role_policy(RoleName=role, PolicyName="call", PolicyDocument=document)


def _refusals_to_500(world: World) -> None:
    """Map what the backend refuses to a 500 of the API, but for what it does not find."""
    gateway = world.client("apigateway")
    gateway.put_method_response(**world.at(), statusCode="500")
    gateway.put_integration_response(**world.at(), statusCode="500", selectionPattern=r"40[0-35-9]|5\d{2}")
