"""Faults of the stage beside its deployment: limits, canary, cache; and of sizes that the service does not pass."""

from __future__ import annotations

from wizard.sandbox import clock
from wizard.sandbox.faults import Complaint, fault
from wizard.sandbox.traffic import TARGET, send
from wizard.sandbox.world import ALIAS, ALIAS_VARIABLE, FUNCTION, STAGE, World, package

_STAGE, _QUOTA = "stage", "quota"
_CANARY_SHARE = 50.0
_MEGABYTE = 1024 * 1024
_CLOSED_FOR_COUNTING = (
    "    order = find_order(order_id)\n",
    '    return answer(503, {"message": "The stock is being counted"})\n    order = find_order(order_id)\n',
)


@fault("stage-throttled", _STAGE, "Somebody set the stage's limits to 0 to stop the traffic, and forgot them")
def closed(world: World) -> None:
    world.patch_stage({"/*/*/throttling/rateLimit": "0", "/*/*/throttling/burstLimit": "0"})


@fault("stage-throttled.quota", _STAGE, "The usage plan of the customers has used up its day", needs=("usage-plan",))
def used_up(world: World) -> None:
    operations = [{"op": "replace", "path": "/quota/limit", "value": "1"}]
    world.client("apigateway").update_usage_plan(usagePlanId=world.made["usage-plan"], patchOperations=operations)


@fault("canary-broken-deployment", _STAGE, "A canary tries a deployment that calls Lambda with GET", Complaint.SOME)
def broken_canary(world: World) -> None:
    world.integrate(http_method="GET")
    _canary(world, {})


@fault(
    "canary-broken-deployment.variable",
    _STAGE,
    "A canary's stage variable names an alias that was never made",
    Complaint.SOME,
)
def misled_canary(world: World) -> None:
    _canary(world, {ALIAS_VARIABLE: "beta"})


@fault("stage-cached-error", _STAGE, "The cache keeps the error of a bad release that is long mended", needs=("cache",))
def kept_error(world: World) -> None:
    method = "/" + world.resource.replace("/", "~1") + "/" + world.method
    world.patch_stage({f"{method}/caching/ttlInSeconds": "3600"})
    world.client("apigateway").flush_stage_cache(restApiId=world.api_id, stageName=STAGE)
    lambdas = world.client("lambda")
    before = lambdas.get_alias(FunctionName=FUNCTION, Name=ALIAS)["FunctionVersion"]
    code = package("orders", [*world.edits, *world.source_edits(), _CLOSED_FOR_COUNTING])
    version = lambdas.update_function_code(FunctionName=FUNCTION, ZipFile=code, Publish=True)["Version"]
    lambdas.update_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion=version)
    send(world, TARGET, clock.ago())
    lambdas.update_alias(FunctionName=FUNCTION, Name=ALIAS, FunctionVersion=before)


@fault("headers-over-10240", _QUOTA, "The customers' cookies have grown beyond 10,240 bytes")
def fat_cookies(world: World) -> None:
    world.headers["Cookie"] = "; ".join(f"visited-{number}={'x' * 90}" for number in range(110))


@fault("payload-over-10mb", _QUOTA, "Customers send their photographs along, eleven megabytes of them")
def fat_body(world: World) -> None:
    world.body = b"\xff" * (11 * _MEGABYTE)


@fault("payload-over-10mb.answer", _QUOTA, "The warehouse answers with its whole catalogue", needs=("http-proxy",))
def fat_answer(world: World) -> None:
    uri = world.integration_uri()
    mark = "&" if "?" in uri else "?"
    world.patch_integration({"/uri": f"{uri}{mark}size={11 * _MEGABYTE}"})
    world.deploy("Everything at once")


def _canary(world: World, variables: dict[str, str]) -> None:
    world.client("apigateway").create_deployment(
        restApiId=world.api_id,
        stageName=STAGE,
        description="Try it with every second customer",
        canarySettings={"percentTraffic": _CANARY_SHARE, "stageVariableOverrides": variables},
    )
