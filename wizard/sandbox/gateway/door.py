"""What a request meets before the API looks at it: sizes, the endpoint it came through, the API's resource policy.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends

from wizard.sandbox.gateway.http import Place, RefusalError, Request, forbidden
from wizard.sandbox.gateway.permission import parsed
from wizard.sandbox.gateway.refusals import access_denied, headers_too_large, too_large
from wizard.sandbox.policy import Call, Decision, decide, statements_of

BODY_BYTES = 10 * 1024 * 1024
HEADER_BYTES = 10_240
_OWN = ("x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id")
_INVOKE = "execute-api:Invoke"


def is_open(place: Place) -> bool:
    """False where nothing of this API answers: the endpoint is turned off, or private and reached from outside."""
    if place.api.endpoint_type == "PRIVATE":
        return endpoint(place) is not None
    return not place.api.endpoint_disabled and not place.endpoint


def check(place: Place, request: Request) -> None:
    """Raises RefusalError for a request that is too large or that a policy keeps out."""
    sent = sum(len(name) + len(value) for name, value in request.headers if name.lower() not in _OWN)
    if sent > HEADER_BYTES:
        raise headers_too_large()
    if len(request.body) > BODY_BYTES:
        raise too_large()
    arn = method_arn(place, request)
    context = {"aws:sourceip": request.source_ip}
    found = endpoint(place)
    if place.api.endpoint_type == "PRIVATE" and found is not None:
        context = {"aws:sourcevpce": place.endpoint, "aws:sourcevpc": str(found.vpc_id)}
        document = parsed(found.policy_document or "")
        if document and _judge(document, arn, context) is not Decision.ALLOW:
            raise _denied(place, arn, "with an explicit deny in a VPC endpoint policy")
    policy = parsed(place.api.policy)
    if not policy:
        if place.api.endpoint_type == "PRIVATE":
            raise forbidden()
        return
    decision = _judge(policy, arn, context)
    if decision is Decision.EXPLICIT_DENY:
        raise _denied(place, arn, "with an explicit deny")
    if decision is Decision.IMPLICIT_DENY:
        raise _denied(place, arn, "because no resource-based policy allows the execute-api:Invoke action")


def method_arn(place: Place, request: Request) -> str:
    """The ARN of what is called, as policies see it."""
    api = f"arn:aws:execute-api:{place.region}:{place.account}:{place.api.id}"
    return f"{api}/{place.stage}/{request.verb}{request.path}"


def endpoint(place: Place) -> Any:
    """The VPC endpoint for execute-api that the request came through, if it is there and available."""
    found = ec2_backends[place.account][place.region].vpc_end_points.get(place.endpoint)
    if found is None or not str(found.service_name).endswith(".execute-api"):
        return None
    return found if str(found.state).lower() == "available" else None


def _judge(policy: Mapping[str, Any], arn: str, context: Mapping[str, str]) -> Decision:
    statements = [{**each, "Resource": _full(each.get("Resource", "*"), arn)} for each in statements_of(policy)]
    return decide(statements, Call(_INVOKE, arn, context=context), resource_policy=True)


def _full(resources: object, arn: str) -> list[str]:
    """``execute-api:/stage/*`` is short for the ARN of this very API."""
    listed = resources if isinstance(resources, list) else [resources]
    head = arn.split("/", 1)[0] + "/"
    return [str(each).replace("execute-api:/", head, 1) for each in listed]


def _denied(place: Place, arn: str, why: str) -> RefusalError:
    shown = arn.replace(place.account, "*" * 8 + place.account[-4:])
    return access_denied(f"User: anonymous is not authorized to perform: {_INVOKE} on resource: {shown} {why}")
