"""The hops of a request through an API; their ids are the words by which causes name the hop they break."""

from __future__ import annotations

from itertools import pairwise

from probes.path import _gates
from wizard.model.arn import FunctionRef, is_lambda_uri, partition_of
from wizard.model.case import Target
from wizard.model.path import Hop, Link
from wizard.model.trace import Integration, Trace

_TYPES = {"AWS_PROXY": "Lambda proxy", "AWS": "AWS service", "HTTP_PROXY": "HTTP proxy", "HTTP": "HTTP", "MOCK": "Mock"}


def hops(target: Target, trace: Trace) -> list[Hop]:
    """The stations in the order the request meets them."""
    region, api = target.region or "", trace.api_id or ""
    where, rest = trace.resource_path or target.path, trace.api_type == "rest"
    arn = f"arn:{partition_of(region)}:apigateway:{region}::/{'restapis' if rest else 'apis'}/{api}"
    found = entry(trace)
    found += _gates.before_stage(trace, arn)
    found.append(Hop("stage", "stage", f"Stage {trace.stage}", f"{arn}/stages/{trace.stage}"))
    found.append(Hop("method", "method", f"{target.method} {where}", _method_arn(arn, trace)))
    found += _gates.authorizer(trace, arn)
    wired = trace.integration or trace.configured
    kind = describe(wired) if wired else "Integration"
    limit = f", up to {seconds(wired.timeout_ms)}" if wired else ""
    found += _gates.request_mapping(wired, _method_arn(arn, trace)) if rest else []
    found.append(Hop("integration-config", "integration", kind, trace.invoked_uri))
    found += _gates.credentials(wired) if rest else []
    found.append(Hop("integration", "call", f"Call{limit}", trace.invoked_uri))
    found += _lambda_hops(trace.function, wired) if wired and is_lambda_uri(wired.uri) else _gates.behind(wired)
    return found + (_gates.response_mapping(wired, _method_arn(arn, trace)) if rest else [])


def entry(trace: Trace) -> list[Hop]:
    """The client and the names that it comes by: a CloudFront distribution, a custom domain."""
    found = [Hop("client", "client", "Client")]
    found += [Hop("cloudfront", "distribution", f"CloudFront {trace.front}", trace.distribution)] if trace.front else []
    return found + ([Hop("custom-domain", "domain", trace.domain)] if trace.domain else [])


def links(stations: list[Hop]) -> list[Link]:
    """From each hop to the next on the spine; an authorizer is a side trip of the hop before it."""
    spine = [hop for hop in stations if hop.id != _gates.AUTHORIZER]
    aside = [(before, hop) for before, hop in pairwise(stations) if hop.id == _gates.AUTHORIZER]
    return [
        *(Link(before.id, after.id) for before, after in pairwise(spine)),
        *(Link(before.id, hop.id, "side") for before, hop in aside),
    ]


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
