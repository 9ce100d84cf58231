"""The hops of a request through an API; their ids are the words by which causes name the hop they break."""

from __future__ import annotations

from itertools import pairwise

from wizard.model.arn import FunctionRef, is_lambda_uri, partition_of
from wizard.model.case import Target
from wizard.model.path import Hop, Link
from wizard.model.trace import Authorizer, Integration, Trace

AUTHORIZER = "authorizer"
_TYPES = {"AWS_PROXY": "Lambda proxy", "AWS": "AWS service", "HTTP_PROXY": "HTTP proxy", "HTTP": "HTTP", "MOCK": "Mock"}


def hops(target: Target, trace: Trace) -> list[Hop]:
    """The stations in the order the request meets them."""
    region, api = target.region or "", trace.api_id or ""
    arn = f"arn:{partition_of(region)}:apigateway:{region}::/{'restapis' if trace.api_type == 'rest' else 'apis'}/{api}"
    where = trace.resource_path or target.path
    found = [Hop("client", "client", "Client")]
    found += [Hop("custom-domain", "domain", trace.domain)] if trace.domain else []
    found += [
        Hop("stage", "stage", f"Stage {trace.stage}", f"{arn}/stages/{trace.stage}"),
        Hop("method", "method", f"{target.method} {where}", _method_arn(arn, trace)),
    ]
    wired = trace.integration or trace.configured
    kind = describe(wired) if wired else "Integration"
    limit = f", up to {seconds(wired.timeout_ms)}" if wired else ""
    found += [
        Hop("integration-config", "integration", kind, trace.invoked_uri),
        Hop("integration", "call", f"Call{limit}", trace.invoked_uri),
    ]
    found += [_authorizer(arn, trace.authorizer)] if trace.authorizer else []
    if wired and is_lambda_uri(wired.uri):
        return found + _lambda_hops(trace.function, wired)
    return found + _other_hops(wired) if wired and trace.api_type != "rest" else found


def links(stations: list[Hop]) -> list[Link]:
    """From each hop to the next; an authorizer is a side trip from the method."""
    spine = [hop.id for hop in stations if hop.id != AUTHORIZER]
    aside = [Link("method", hop.id, "side") for hop in stations if hop.id == AUTHORIZER]
    return [Link(before, after) for before, after in pairwise(spine)] + aside


def describe(integration: Integration) -> str:
    """The kind of an integration in the console's words."""
    if integration.type == "AWS" and is_lambda_uri(integration.uri):
        return "Lambda (not proxy)"
    if integration.type == "AWS_PROXY" and integration.subtype:
        return integration.subtype
    return _TYPES.get(integration.type, integration.type)


def name(function: FunctionRef | None) -> str:
    """A function as name:qualifier."""
    if function is None:
        return "a function that cannot be told"
    return f"{function.name}:{function.qualifier}" if function.qualifier else function.name


def seconds(milliseconds: int) -> str:
    """29000 -> 29 s, 250 -> 250 ms."""
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:g} s"


def _method_arn(arn: str, trace: Trace) -> str | None:
    if trace.route_id:
        return f"{arn}/routes/{trace.route_id}"
    return (
        f"{arn}/resources/{trace.resource_id}/methods/{trace.method_key}"
        if trace.resource_id and trace.method_key
        else None
    )


def _authorizer(arn: str, guard: Authorizer) -> Hop:
    kind = "JWT authorizer" if guard.type == "JWT" else "Lambda authorizer"
    return Hop(AUTHORIZER, "authorizer", f"{kind} {guard.name or ''}".strip(), f"{arn}/authorizers/{guard.id}")


def _other_hops(integration: Integration) -> list[Hop]:
    """The backend where it is no function; a private one is found along its VPC link."""
    if integration.connection_type == "VPC_LINK":
        return []
    if integration.type in ("HTTP", "HTTP_PROXY"):
        return [Hop("backend-http", "target", "HTTP backend", integration.uri)]
    if integration.type in ("AWS", "AWS_PROXY"):
        return [Hop("aws-service", "service", integration.subtype or "AWS service", integration.uri or None)]
    return []


def _lambda_hops(function: FunctionRef | None, integration: Integration) -> list[Hop]:
    arn = function.qualified_arn if function else None
    allowed_by = "Integration role" if integration.credentials else "Resource policy"
    service = f"Lambda {function.region}" if function else "Lambda"
    return [
        Hop("lambda-permission", "permission", allowed_by, integration.credentials or arn),
        Hop("lambda-service", "service", service, arn),
        Hop("lambda-function", "function", name(function) if function else "Function", arn),
        Hop("lambda-response", "response", "Response", arn),
    ]
