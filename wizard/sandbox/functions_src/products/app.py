"""The shop's products: a short catalogue that fits into the code."""

import json
import logging
from typing import Any

log = logging.getLogger("shop")
log.setLevel(logging.INFO)

CATALOGUE = [
    {"id": "espresso-beans", "price": "14.90"},
    {"id": "hand-grinder", "price": "79.00"},
    {"id": "filter-papers", "price": "4.50"},
]


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    log.info("%s %s", event["httpMethod"], event["path"])
    if event["httpMethod"] == "POST":
        return {"statusCode": 202, "body": json.dumps({"received": json.loads(event["body"])})}
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(CATALOGUE),
    }
