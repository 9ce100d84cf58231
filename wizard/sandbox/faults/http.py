"""Faults that look different on an HTTP API, or exist there only."""

from __future__ import annotations

from wizard.sandbox.faults import fault
from wizard.sandbox.httpworld import HttpWorld
from wizard.sandbox.world import NAME_VARIABLE, World

_HTTP = ("http",)
_READ = "    order = find_order(order_id)\n"
_POOR_FORMAT = (
    '$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.routeKey $context.protocol" '
    "$context.status $context.responseLength $context.requestId"
)


def _http(world: World) -> HttpWorld:
    """The world of an HTTP fault. Raises TypeError for a REST shop, which a scenario never pairs with one."""
    if not isinstance(world, HttpWorld):
        raise TypeError("this fault breaks HTTP APIs")
    return world


@fault(
    "lambda-integration-method-not-post.http", "integration-config", "The integration calls Lambda with ANY", api=_HTTP
)
def any_method(world: World) -> None:
    world.integrate(http_method="ANY")


@fault(
    "lambda-response-malformed.http",
    "lambda-response",
    "Payload format 1.0 was chosen, the function returns the bare order as format 2.0 would allow",
    api=_HTTP,
)
def bare_order(world: World) -> None:
    _http(world).payload = "1.0"
    world.integrate()
    done = "    return answer(200, order) if order else"
    world.release((done, f"    return order\n{done}"))


@fault("lambda-response-bad-headers.http", "lambda-response", "The headers are a list of pairs", api=_HTTP)
def headers_list(world: World) -> None:
    plain = '"headers": {"Content-Type": "application/json"},'
    world.release((plain, '"headers": [["Content-Type", "application/json"]],'))


@fault(
    "stage-not-redeployed.http",
    "stage",
    "The stage does not deploy by itself: a wrong function name was deployed, then corrected but not deployed",
    api=_HTTP,
)
def name_corrected(world: World) -> None:
    right, name = world.integration_uri(), f"${{stageVariables.{NAME_VARIABLE}}}"
    _http(world).stop_auto_deploy()
    world.integrate(uri=right.replace(name, "shop-orders-old"))
    world.deploy("Rename the function")
    world.integrate(uri=right)


@fault(
    "lambda-permission-source-arn-mismatch.http-stage",
    "lambda-permission",
    "The permission is for the stage prod, the API has only $default",
    api=_HTTP,
)
def named_stage(world: World) -> None:
    world.revoke()
    world.grant("prod/*/orders*")


@fault(
    "lambda-unhandled-exception.http-poor-log",
    "lambda-function",
    "The function fails, and the access log's format says nothing about errors",
    api=_HTTP,
)
def poor_log(world: World) -> None:
    _http(world).log_accesses(_POOR_FORMAT)
    world.release((_READ, _READ + '    print("coupon", order["coupon"])\n'))


@fault(
    "lambda-permission-missing.http-no-log",
    "lambda-permission",
    "The alias lost every permission, and the stage writes no access log",
    api=_HTTP,
)
def no_log(world: World) -> None:
    _http(world).stop_access_log()
    world.revoke()
