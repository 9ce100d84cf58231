"""Faults of the function's resource policy: API Gateway may not invoke it."""

from __future__ import annotations

from wizard.sandbox.faults import BOTH, Complaint, fault
from wizard.sandbox.world import ALIAS, FUNCTION, NAME_VARIABLE, World, function_uri

_HOP = "lambda-permission"
_OTHER_REGION = "eu-west-1"
_OTHER_ACCOUNT = "111122223333"


def _grant_only(world: World, tail: str, **more: str) -> None:
    world.revoke()
    world.grant(tail, **more)


@fault("lambda-permission-missing", _HOP, "The alias lost every permission", api=BOTH)
def missing(world: World) -> None:
    world.revoke()


@fault("lambda-permission-missing.other-service", _HOP, "Only EventBridge may invoke the alias")
def other_service(world: World) -> None:
    world.revoke()
    world.grant(principal="events.amazonaws.com")


@fault("lambda-permission-source-arn-mismatch", _HOP, "The permission names an API that was deleted long ago", api=BOTH)
def wrong_api(world: World) -> None:
    _grant_only(world, "*/*/orders*", api_id="k3x9w2m7qd")


@fault("lambda-permission-source-arn-mismatch.method", _HOP, "The permission covers POST, the client sends GET")
def wrong_method(world: World) -> None:
    _grant_only(world, "*/POST/orders*")


@fault("lambda-permission-source-arn-mismatch.any", _HOP, "The permission says ANY where a method belongs")
def any_method(world: World) -> None:
    _grant_only(world, "*/ANY/orders*")


@fault("lambda-permission-source-arn-mismatch.path", _HOP, "The permission covers /orders, not /orders/{id}")
def wrong_path(world: World) -> None:
    _grant_only(world, "*/*/orders")


@fault("lambda-permission-source-arn-mismatch.stage", _HOP, "The permission is for the stage dev")
def wrong_stage(world: World) -> None:
    _grant_only(world, "dev/*/orders*")


@fault(
    "lambda-permission-source-arn-region",
    _HOP,
    "The function moved to another Region, its permission did not",
    api=BOTH,
)
def other_region(world: World) -> None:
    world.create_function(FUNCTION, region=_OTHER_REGION)
    world.grant(region=_OTHER_REGION)
    world.integrate(uri=world.move_uri(_OTHER_REGION))
    world.deploy("Orders come from Ireland")


@fault(
    "lambda-permission-stage-variable", _HOP, "The stage variable names a new function that nobody granted", api=BOTH
)
def new_function(world: World) -> None:
    name = f"{FUNCTION}-v2"
    world.create_function(name)
    world.patch_stage({f"/variables/{NAME_VARIABLE}": name})


@fault(
    "lambda-permission-alias-qualifier", _HOP, "The permission is on the function, the API invokes its alias", api=BOTH
)
def function_granted(world: World) -> None:
    _grant_only(world, "*/*/orders*", qualifier="")


@fault("lambda-permission-alias-qualifier.unqualified", _HOP, "The permission is on the alias, the API bypasses it")
def alias_bypassed(world: World) -> None:
    world.integrate(uri=function_uri(f"${{stageVariables.{NAME_VARIABLE}}}"))
    world.deploy("Always the newest code")


@fault("lambda-permission-alias-qualifier.other-alias", _HOP, "The permission is on the alias of the canary release")
def other_alias(world: World) -> None:
    lambdas = world.client("lambda")
    version = lambdas.get_alias(FunctionName=FUNCTION, Name=ALIAS)["FunctionVersion"]
    lambdas.create_alias(FunctionName=FUNCTION, Name="canary", FunctionVersion=version)
    _grant_only(world, "*/*/orders*", qualifier="canary")


@fault("lambda-permission-source-account", _HOP, "The permission expects the API in another account", api=BOTH)
def other_account(world: World) -> None:
    _grant_only(world, "*/*/orders*", SourceAccount=_OTHER_ACCOUNT)


@fault(
    "lambda-permission-console-test-only",
    _HOP,
    "The permission is bound to the stage prod, the console's test is refused",
    Complaint.TEST_INVOKE,
)
def one_stage(world: World) -> None:
    _grant_only(world, "prod/*/orders*")
