"""Builds the healthy shop: table, roles, functions, API, stage."""

from __future__ import annotations

import json

from wizard.sandbox.world import (
    ACCESS_LOG,
    ACCOUNT,
    ALIAS,
    ALIAS_VARIABLE,
    FUNCTION,
    GATEWAY_ROLE,
    NAME_VARIABLE,
    PRODUCTS_FUNCTION,
    REGION,
    ROLE,
    STAGE,
    TABLE,
    World,
    function_uri,
    orders_uri,
)

_ORDERS = (
    {"id": "41", "customer": "Grace", "status": "delivered", "total": "19.40"},
    {"id": "42", "customer": "Ada", "status": "shipped", "total": "93.90"},
    {"id": "43", "customer": "Edsger", "status": "paid", "total": "4.50"},
)
_LAMBDA_METHODS = (
    ("/orders", "GET"),
    ("/orders", "POST"),
    ("/orders/{id}", "GET"),
    ("/products", "GET"),
    ("/products", "POST"),
)


ACCESS_FORMAT = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "requestTime": "$context.requestTime",
    "httpMethod": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "errorMessage": "$context.error.message",
    "errorResponseType": "$context.error.responseType",
    "integrationStatus": "$context.integration.integrationStatus",
    "functionStatus": "$context.integration.status",
    "integrationLatency": "$context.integration.latency",
    "integrationRequestId": "$context.integration.requestId",
}
"""What the access logs of both shops hold."""
_REST_ACCESS_FORMAT = {
    **ACCESS_FORMAT,
    "extendedRequestId": "$context.extendedRequestId",
    "xrayTraceId": "$context.xrayTraceId",
    "resourcePath": "$context.resourcePath",
    "integrationError": "$context.integration.error",
}


def build_shop(endpoint_url: str) -> World:
    """Create the shop in an empty sandbox and deploy it to the stage ``prod``."""
    world = World(endpoint_url)
    behind(world)
    _api(world)
    world.grant()
    world.grant("*/*/products", function=PRODUCTS_FUNCTION, qualifier="")
    return world


def behind(world: World) -> None:
    """What stands behind the API of either shop: table, roles, functions."""
    _table(world)
    _roles(world)
    world.create_function(FUNCTION)
    world.create_function(PRODUCTS_FUNCTION, folder="products", alias="")


def _table(world: World) -> None:
    """The table of orders, with three of them."""
    dynamodb = world.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    rows = [{name: {"S": value} for name, value in order.items()} for order in _ORDERS]
    dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": row}} for row in rows]})


def _roles(world: World) -> None:
    """The function's role, and the one that lets API Gateway write logs."""
    iam = world.client("iam")
    for role, service in ((ROLE, "lambda"), (GATEWAY_ROLE, "apigateway")):
        principal = {"Service": f"{service}.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=document)
    world.allow_table()
    write = {"Effect": "Allow", "Action": ["logs:*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [write]})
    iam.put_role_policy(RoleName=GATEWAY_ROLE, PolicyName="write-logs", PolicyDocument=policy)
    arn = f"arn:aws:iam::{ACCOUNT}:role/{GATEWAY_ROLE}"
    world.client("apigateway").update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}]
    )


def _api(world: World) -> None:
    gateway = world.client("apigateway")
    api = gateway.create_rest_api(
        name="shop", description="Orders and products", endpointConfiguration={"types": ["REGIONAL"]}
    )
    world.api_id = api["id"]
    for path in ("/orders", "/orders/{id}", "/products", "/health"):
        parent, _, part = path.rpartition("/")
        world.resources[path] = gateway.create_resource(
            restApiId=world.api_id,
            parentId=world.resources.get(parent, api["rootResourceId"]),
            pathPart=part,
        )["id"]
    for path, method in _LAMBDA_METHODS:
        _put_method(world, path, method)
        uri = orders_uri() if path.startswith("/orders") else function_uri(PRODUCTS_FUNCTION)
        world.integrate(path, method, uri=uri, http_method="POST")
    _health(world)
    variables = {NAME_VARIABLE: FUNCTION, ALIAS_VARIABLE: ALIAS}
    gateway.create_deployment(restApiId=world.api_id, stageName=STAGE, description="Opening day", variables=variables)
    world.client("logs").create_log_group(logGroupName=ACCESS_LOG)
    world.patch_stage(
        {
            "/accessLogSettings/destinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{ACCESS_LOG}",
            "/accessLogSettings/format": json.dumps(_REST_ACCESS_FORMAT),
            "/tracingEnabled": "true",
            "/*/*/logging/loglevel": "INFO",
            "/*/*/logging/dataTrace": "true",
            "/*/*/metrics/enabled": "true",
        }
    )


def _put_method(world: World, path: str, method: str) -> None:
    world.client("apigateway").put_method(
        restApiId=world.api_id,
        resourceId=world.resources[path],
        httpMethod=method,
        authorizationType="NONE",
    )


def _health(world: World) -> None:
    gateway = world.client("apigateway")
    _put_method(world, "/health", "GET")
    at = {"restApiId": world.api_id, "resourceId": world.resources["/health"], "httpMethod": "GET"}
    gateway.put_method_response(**at, statusCode="200")
    gateway.put_integration(**at, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_integration_response(**at, statusCode="200", responseTemplates={"application/json": '{"status": "up"}'})
