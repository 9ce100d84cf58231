"""The identity sources of an authorizer, read from a request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
"""

from __future__ import annotations

import re

from wizard.sandbox.gateway.http import Place, Request
from wizard.sandbox.gateway.snapshot import Authorizer

_HIDDEN = 6


def values(authorizer: Authorizer, place: Place, request: Request) -> tuple[str, ...] | None:
    """The text of each identity source in their order; None when one is missing, empty or not of the right form."""
    found = tuple(_value(source, place, request) for source in authorizer.sources)
    if not all(found):
        return None
    if authorizer.type == "TOKEN" and authorizer.pattern and not re.fullmatch(authorizer.pattern, found[0]):
        return None
    return found


def hidden(text: str) -> str:
    """A secret as the execution log shows it: its last six characters."""
    return "*" * max(len(text) - _HIDDEN, 0) + text[-_HIDDEN:]


def _value(source: str, place: Place, request: Request) -> str:
    for prefix, read in (
        ("method.request.header.", request.header),
        ("method.request.querystring.", dict(request.query).get),
        ("stageVariables.", place.variables.get),
        ("context.", {"identity.sourceIp": request.source_ip, "stage": place.stage, "httpMethod": request.verb}.get),
    ):
        if source.startswith(prefix):
            return read(source[len(prefix) :]) or ""
    return ""
