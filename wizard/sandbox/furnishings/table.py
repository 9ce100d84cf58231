"""The target served by an AWS service itself, without a function."""

from __future__ import annotations

import json

from wizard.sandbox.furnishings import furnishing
from wizard.sandbox.world import ACCOUNT, REGION, TABLE, World

_JSON = "application/json"
_ASK = json.dumps({"TableName": TABLE, "Key": {"id": {"S": "$input.params('id')"}}})
_ORDER = '#set($order = $input.path(\'$.Item\')){"id": "$order.id.S", "status": "$order.status.S"}'
TABLE_ROLE, TABLE_URI = "shop-reads-orders", f"arn:aws:apigateway:{REGION}:dynamodb:action/GetItem"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"


@furnishing("table", "GET /orders/{id} reads the orders table itself, without a function", slots=("integration",))
def table(world: World) -> None:
    gateway = world.client("apigateway")
    gateway.put_integration(
        **world.at(),
        type="AWS",
        integrationHttpMethod="POST",
        uri=TABLE_URI,
        credentials=world.gateway_role(TABLE_ROLE, "dynamodb:GetItem", TABLE_ARN),
        passthroughBehavior="WHEN_NO_TEMPLATES",
        requestTemplates={_JSON: _ASK},
    )
    refused = json.dumps({"message": "The orders cannot be read"})
    for status, pattern, template in (("200", "200", _ORDER), ("500", r"[45]\d{2}", refused)):
        gateway.put_method_response(**world.at(), statusCode=status)
        gateway.put_integration_response(
            **world.at(), statusCode=status, selectionPattern=pattern, responseTemplates={_JSON: template}
        )
    world.deploy("Orders straight from the table")
