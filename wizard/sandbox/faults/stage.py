"""Faults of the stage beside its deployment: limits, canary, cache; and of sizes that the service does not pass."""

from __future__ import annotations

from wizard.sandbox import clock
from wizard.sandbox.faults import Complaint, fault
from wizard.sandbox.traffic import TARGET, send
from wizard.sandbox.world import ALIAS_VARIABLE, STAGE, World

_STAGE, _QUOTA = "stage", "quota"
_CANARY_SHARE = 50.0
_MEGABYTE = 1024 * 1024
_JSON = "application/json"
_MAINTENANCE = {"requestTemplates": {_JSON: '{"statusCode": 503}'}, "type": "MOCK"}
_CLOSED = '{"message": "The stock is being counted"}'


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


@fault("stage-cached-error", _STAGE, "The cache keeps the answer of a maintenance that is over", needs=("cache",))
def kept_error(world: World) -> None:
    gateway, at = world.client("apigateway"), world.at()
    method = "/" + world.resource.replace("/", "~1") + "/" + world.method
    keys = "/cacheKeyParameters/method.request.path.id"
    before = gateway.get_integration(**at)
    deployment = gateway.get_stage(restApiId=world.api_id, stageName=STAGE)["deploymentId"]
    world.patch_stage({f"{method}/caching/ttlInSeconds": "3600"})
    gateway.flush_stage_cache(restApiId=world.api_id, stageName=STAGE)
    gateway.put_integration(**at, **_MAINTENANCE)
    world.patch_integration({keys: "", "/cacheNamespace": "orders"})
    gateway.put_method_response(**at, statusCode="503")
    gateway.put_integration_response(**at, statusCode="503", responseTemplates={_JSON: _CLOSED})
    world.deploy("Closed for counting the stock")
    send(world, TARGET, clock.ago())
    world.patch_stage({"/deploymentId": deployment})
    gateway.delete_method_response(**at, statusCode="503")
    kept = ("type", "uri", "credentials", "timeoutInMillis", "passthroughBehavior")
    known = {name: before[name] for name in kept if before.get(name)}
    gateway.put_integration(**at, **known, integrationHttpMethod=before["httpMethod"])
    world.patch_integration({keys: "", "/cacheNamespace": "orders"})


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
