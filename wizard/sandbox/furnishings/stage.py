"""How the stage is set up: cache, canary, limits, gateway responses, binary media types, a client certificate."""

from __future__ import annotations

import json

from wizard.sandbox.furnishings import furnishing
from wizard.sandbox.world import ALIAS, ALIAS_VARIABLE, STAGE, World


@furnishing("cache", "The stage keeps the answers to GET /orders/{id} for half a minute", excludes=("proxy-any",))
def cache(world: World) -> None:
    method = "/" + world.resource.replace("/", "~1") + "/" + world.method
    world.patch_method({"/requestParameters/method.request.path.id": "true"})
    world.patch_integration({"/cacheKeyParameters/method.request.path.id": "", "/cacheNamespace": "orders"})
    world.deploy("Answers are kept by the order's id")
    world.patch_stage(
        {
            "/cacheClusterEnabled": "true",
            "/cacheClusterSize": "0.5",
            f"{method}/caching/enabled": "true",
            f"{method}/caching/ttlInSeconds": "30",
            f"{method}/logging/loglevel": "INFO",
            f"{method}/logging/dataTrace": "true",
            f"{method}/metrics/enabled": "true",
        }
    )


@furnishing("canary", "A canary of the same configuration serves every fourth request")
def canary(world: World) -> None:
    world.client("apigateway").create_deployment(
        restApiId=world.api_id,
        stageName=STAGE,
        description="Try it with every fourth customer",
        canarySettings={"percentTraffic": 25.0, "stageVariableOverrides": {ALIAS_VARIABLE: ALIAS}},
    )


@furnishing("throttle", "The stage lets 200 requests a second pass, bursts of 400")
def throttle(world: World) -> None:
    world.patch_stage({"/*/*/throttling/rateLimit": "200", "/*/*/throttling/burstLimit": "400"})


@furnishing("gateway-responses", "Errors of the gateway have the shop's own form")
def gateway_responses(world: World) -> None:
    body = {"message": "$context.error.messageString", "request": "$context.requestId"}
    template = json.dumps(body).replace('"$context.error.messageString"', "$context.error.messageString")
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX"):
        world.client("apigateway").put_gateway_response(
            restApiId=world.api_id,
            responseType=kind,
            responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
            responseTemplates={"application/json": template},
        )
    world.deploy("Errors in our own words")


@furnishing("binary-media", "The API takes and gives PNG pictures as binary data")
def binary_media(world: World) -> None:
    operation = {"op": "add", "path": "/binaryMediaTypes/image~1png"}
    world.client("apigateway").update_rest_api(restApiId=world.api_id, patchOperations=[operation])
    world.deploy("Pictures of the goods")


@furnishing("client-certificate", "The stage shows its backends a client certificate")
def client_certificate(world: World) -> None:
    made = world.client("apigateway").generate_client_certificate(description="shop")
    world.made["client-certificate"] = made["clientCertificateId"]
    world.patch_stage({"/clientCertificateId": made["clientCertificateId"]})
