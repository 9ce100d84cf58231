"""Lets the shop's customers in: whoever brings the token may call every method of the API."""

import logging
import os
from typing import Any

log = logging.getLogger("authorizer")
log.setLevel(logging.INFO)


def token_of(event: dict[str, Any]) -> str:
    return str(event.get("authorizationToken") or (event.get("headers") or {}).get("Authorization") or "")


def policy(effect: str, method_arn: str) -> dict[str, Any]:
    api, stage = method_arn.split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{api}/{stage}/*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    token = token_of(event)
    if not token.startswith("Bearer "):
        raise Exception("Unauthorized")
    effect = "Allow" if token == "Bearer let-me-in" else "Deny"
    log.info("%s %s", effect, event["methodArn"])
    answer = {
        "principalId": "customer",
        "policyDocument": policy(effect, event["methodArn"]),
        "context": {"customer": "Ada", "tier": 2, "vip": True},
    }
    if os.environ.get("USAGE_KEY"):
        answer["usageIdentifierKey"] = os.environ["USAGE_KEY"]
    return answer
