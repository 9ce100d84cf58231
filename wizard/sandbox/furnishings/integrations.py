"""Ways to serve the target other than a Lambda proxy integration of its own resource. A shop has one of them."""

from __future__ import annotations

import json
from typing import Any

from wizard.sandbox.furnishings import furnishing
from wizard.sandbox.world import ACCOUNT, FUNCTION, PATH, REGION, World, orders_uri

_SLOT = ("integration",)
_JSON = "application/json"
_EVENT = json.dumps({"httpMethod": "GET", "path": PATH, "pathParameters": {"id": "ID"}, "body": "BODY"})
_TO_PROXY_EVENT = _EVENT.replace('"ID"', "\"$input.params('id')\"").replace(
    '"BODY"', '"$util.escapeJavaScript($input.body)"'
)
"""The event of a proxy integration, as much of it as the function reads."""
_BODY_ALONE = "#set($answer = $input.path('$'))$answer.body"
_FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
_CORS = {
    "Access-Control-Allow-Origin": "'*'",
    "Access-Control-Allow-Methods": "'GET,POST,OPTIONS'",
    "Access-Control-Allow-Headers": "'Content-Type,Authorization'",
}


_ID_FROM_PROXY = (
    '    order_id = (event.get("pathParameters") or {}).get("id")\n',
    '    order_id = event["pathParameters"]["proxy"].partition("/")[2] or None\n',
)


@furnishing("proxy-any", "One {proxy+} resource with ANY serves every order", slots=_SLOT)
def proxy_any(world: World) -> None:
    gateway = world.client("apigateway")
    for path in ("/orders/{id}", "/orders"):
        gateway.delete_resource(restApiId=world.api_id, resourceId=world.resources.pop(path))
    root = next(each for each in _resources(world) if each["path"] == "/")
    world.resource, world.method = "/{proxy+}", "ANY"
    made = gateway.create_resource(restApiId=world.api_id, parentId=root["id"], pathPart="{proxy+}")
    world.resources[world.resource] = made["id"]
    gateway.put_method(**world.at(), authorizationType="NONE", requestParameters={"method.request.path.proxy": True})
    world.integrate(uri=orders_uri(), http_method="POST")
    world.revoke()
    world.orders_grant = "*/*/*"
    world.edits.append(_ID_FROM_PROXY)
    world.release()
    world.grant()
    world.deploy("One resource for all orders")


@furnishing("non-proxy", "GET /orders/{id} runs the function through mapping templates", slots=_SLOT)
def non_proxy(world: World) -> None:
    gateway = world.client("apigateway")
    gateway.put_integration(
        **world.at(),
        type="AWS",
        integrationHttpMethod="POST",
        uri=orders_uri(),
        passthroughBehavior="WHEN_NO_TEMPLATES",
        requestTemplates={_JSON: _TO_PROXY_EVENT},
    )
    for status, pattern in (("200", None), ("404", ".*no order.*")):
        _respond(world, status, pattern, _BODY_ALONE)
    world.deploy("Orders through mapping templates")


@furnishing("mock-cors", "GET /orders/{id} is a mock, OPTIONS answers browsers that ask for CORS", slots=_SLOT)
def mock_cors(world: World) -> None:
    gateway = world.client("apigateway")
    order = json.dumps({"id": "$input.params('id')", "status": "shipped"})
    gateway.put_integration(**world.at(), type="MOCK", requestTemplates={_JSON: '{"statusCode": 200}'})
    _respond(world, "200", None, order)
    gateway.put_method(**world.at(method="OPTIONS"), authorizationType="NONE")
    gateway.put_integration(**world.at(method="OPTIONS"), type="MOCK", requestTemplates={_JSON: '{"statusCode": 200}'})
    headers = {f"method.response.header.{name}": value for name, value in _CORS.items()}
    declared = dict.fromkeys(headers, False)
    gateway.put_method_response(**world.at(method="OPTIONS"), statusCode="200", responseParameters=declared)
    gateway.put_integration_response(
        **world.at(method="OPTIONS"), statusCode="200", responseParameters=headers, responseTemplates={_JSON: ""}
    )
    world.deploy("Mock and CORS")


@furnishing("http-backend", "GET /orders/{id} asks the warehouse over HTTP, with response mapping", slots=_SLOT)
def http_backend(world: World) -> None:
    _http(world, "HTTP")
    _respond(world, "200", None, "")
    _respond(world, "404", "404", "")
    world.deploy("Orders from the warehouse")


@furnishing("http-proxy", "GET /orders/{id} is passed on to the warehouse over HTTP", slots=_SLOT)
def http_proxy(world: World) -> None:
    _http(world, "HTTP_PROXY")
    world.deploy("Orders straight from the warehouse")


@furnishing(
    "credentials",
    "The target calls its function with a role instead of the function's policy",
    excludes=("mock-cors", "http-backend", "http-proxy", "table"),
)
def credentials(world: World) -> None:
    role = world.gateway_role("shop-invokes-orders", "lambda:InvokeFunction", f"{_FUNCTION_ARN}*")
    world.patch_integration({"/credentials": role})
    world.deploy("Call the function with a role")


def _http(world: World, kind: str) -> None:
    gateway = world.client("apigateway")
    gateway.put_method(**world.at(), authorizationType="NONE", requestParameters={"method.request.path.id": True})
    gateway.put_integration(
        **world.at(),
        type=kind,
        integrationHttpMethod="GET",
        uri=f"{world.endpoint_url}/_sandbox/warehouse/orders/{{id}}",
        requestParameters={"integration.request.path.id": "method.request.path.id"},
    )


def _respond(world: World, status: str, pattern: str | None, template: str) -> None:
    """A method response and the integration response that leads to it."""
    gateway = world.client("apigateway")
    more: dict[str, Any] = {"responseTemplates": {_JSON: template}} if template else {}
    if pattern:
        more["selectionPattern"] = pattern
    gateway.put_method_response(**world.at(), statusCode=status)
    gateway.put_integration_response(**world.at(), statusCode=status, **more)


def _resources(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.client("apigateway").get_resources(restApiId=world.api_id)["items"]
    return found
