"""Faults of the API itself: integration settings, stage and deployment, logging."""

from __future__ import annotations

from wizard.sandbox.faults import BOTH, fault
from wizard.sandbox.world import ALIAS_VARIABLE, FUNCTION, NAME_VARIABLE, World

_CONFIG, _STAGE = "integration-config", "stage"
_NAME = f"${{stageVariables.{NAME_VARIABLE}}}"
_SLOW_STOCK = (
    "    found = dynamodb.get_item(",
    "    import time\n\n    time.sleep(0.6)  # ask the warehouse first\n    found = dynamodb.get_item(",
)


@fault("lambda-integration-method-not-post", _CONFIG, "The integration calls Lambda with GET, like the method")
def get(world: World) -> None:
    world.integrate(http_method="GET")
    world.deploy("Read orders with GET")


@fault("lambda-integration-method-not-post.any", _CONFIG, "The integration calls Lambda with ANY")
def any_method(world: World) -> None:
    world.integrate(http_method="ANY")
    world.deploy("Accept every method")


@fault("integration-uri-function-not-found", _CONFIG, "The integration names a function that was never made", api=BOTH)
def wrong_name(world: World) -> None:
    world.integrate(uri=world.rename_in_uri(f"{_NAME}-api"))
    world.deploy("New naming scheme")


@fault("integration-uri-function-not-found.alias", _CONFIG, "The integration names an alias that was never made")
def wrong_alias(world: World) -> None:
    world.integrate(uri=world.integration_uri().replace("/invocations", "-blue/invocations"))
    world.deploy("Blue and green")


@fault("integration-uri-function-not-found.region", _CONFIG, "The integration looks for the function in another Region")
def wrong_region(world: World) -> None:
    world.integrate(uri=world.move_uri("eu-central-1"))
    world.deploy("Copied from the Frankfurt shop")


@fault("stage-variable-missing", _STAGE, "The stage lost the variable that names the alias", api=BOTH)
def no_alias_variable(world: World) -> None:
    in_use = ALIAS_VARIABLE if ALIAS_VARIABLE in world.integration_uri() else NAME_VARIABLE
    world.patch_stage({}, remove=[f"/variables/{in_use}"])


@fault("stage-variable-missing.function", _STAGE, "The stage lost the variable that names the function")
def no_function_variable(world: World) -> None:
    world.patch_stage({}, remove=[f"/variables/{NAME_VARIABLE}"])


@fault("stage-variable-missing.spelling", _STAGE, "The stage spells the variable otherwise than the integration")
def misspelt_variable(world: World) -> None:
    world.patch_stage({f"/variables/{NAME_VARIABLE.lower()}": FUNCTION}, remove=[f"/variables/{NAME_VARIABLE}"])


@fault("stage-not-redeployed", _STAGE, "Lambda was called with GET, corrected to POST but not deployed")
def method_corrected(world: World) -> None:
    world.integrate(http_method="GET")
    world.deploy("Tidy up the integration")
    world.integrate(http_method="POST")


@fault("stage-not-redeployed.function", _STAGE, "A wrong function name was deployed, then corrected but not deployed")
def name_corrected(world: World) -> None:
    world.integrate(uri=world.rename_in_uri("shop-orders-old"))
    world.deploy("Rename the function")
    world.integrate(uri=world.rename_in_uri(_NAME))


@fault("stage-not-redeployed.timeout", _STAGE, "A time-out far too short is live, the longer one was not deployed")
def timeout_corrected(world: World) -> None:
    world.release(_SLOW_STOCK)
    world.integrate(timeout_ms=250)
    world.deploy("Fail fast")
    world.integrate(timeout_ms=29_000)


@fault("logging-role-missing", _STAGE, "The account has no role for CloudWatch logs any more")
def no_logging_role(world: World) -> None:
    world.client("apigateway").update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}]
    )


@fault("integration-timeout", "integration", "The integration waits 250 ms for a function that needs longer", api=BOTH)
def short_timeout(world: World) -> None:
    world.release(_SLOW_STOCK)
    world.integrate(timeout_ms=250)
    world.deploy("Fail fast")
