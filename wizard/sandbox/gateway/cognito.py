"""Tokens at a Cognito authorizer: of one of its pools, not run out, and with a scope that the method asks for.

The signature is not checked; nobody forges tokens here.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Sequence
from typing import Any

from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.models import cognitoidp_backends

from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.gateway.authorizerpolicy import Authorized
from wizard.sandbox.gateway.refusals import unauthorized


class PoolGoneError(Exception):
    """None of the authorizer's user pools exists where its ARN says."""


def judge(pools: Sequence[str], token: str, scopes: Sequence[str]) -> Authorized:
    """Who the token belongs to. Raises PoolGoneError, or RefusalError (401) for a token that is not accepted."""
    standing = [arn for arn in pools if _exists(arn)]
    if not standing:
        raise PoolGoneError(f"The user pool of the authorizer cannot be reached: {', '.join(pools) or 'none is named'}")
    claims = _claims(token.removeprefix("Bearer "))
    if not any(str(claims.get("iss", "")).endswith("/" + arn.rsplit("/", 1)[-1]) for arn in standing):
        raise unauthorized()
    if float(claims.get("exp", 0)) <= time.time():
        raise unauthorized("The incoming token has expired")
    granted = set(str(claims.get("scope", "")).split())
    if claims.get("token_use") != ("access" if scopes else "id") or (scopes and not granted & set(scopes)):
        raise unauthorized()
    return Authorized(str(claims.get("sub", "")), claims={name: str(value) for name, value in claims.items()})


def _exists(arn: str) -> bool:
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "cognito-idp" or parts[4] != ACCOUNT:
        return False
    try:
        cognitoidp_backends[ACCOUNT][parts[3]].describe_user_pool(parts[5].partition("/")[2])
    except (ResourceNotFoundError, KeyError):
        return False
    return True


def _claims(token: str) -> dict[str, Any]:
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, binascii.Error):
        raise unauthorized() from None
    return claims if isinstance(claims, dict) else {}
