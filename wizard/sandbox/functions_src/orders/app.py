"""The shop's orders: read one, list them, take a new one."""

import json
import logging
import os
from typing import Any

import boto3

log = logging.getLogger("shop")
log.setLevel(logging.INFO)
TABLE_NAME = os.environ["TABLE_NAME"]
dynamodb = boto3.client("dynamodb")


def plain(item: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: next(iter(value.values())) for name, value in item.items()}


def find_order(order_id: str) -> dict[str, str] | None:
    found = dynamodb.get_item(TableName=TABLE_NAME, Key={"id": {"S": order_id}})
    return plain(found["Item"]) if "Item" in found else None


def list_orders() -> list[dict[str, str]]:
    return [plain(item) for item in dynamodb.scan(TableName=TABLE_NAME, Limit=25)["Items"]]


def save_order(order: dict[str, str]) -> None:
    dynamodb.put_item(TableName=TABLE_NAME, Item={name: {"S": str(value)} for name, value in order.items()})


def answer(status: int, payload: object) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(payload),
    }


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    log.info("%s %s", event["httpMethod"], event["path"])
    if event["httpMethod"] == "POST":
        order = json.loads(event["body"])
        save_order(order)
        return answer(201, order)
    order_id = (event.get("pathParameters") or {}).get("id")
    if order_id is None:
        return answer(200, list_orders())
    order = find_order(order_id)
    return answer(200, order) if order else answer(404, {"message": f"There is no order {order_id}"})
