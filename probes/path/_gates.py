"""The stations that only some paths have: what guards the stage, who authorizes, what maps, which role calls."""

from __future__ import annotations

from wizard.model.path import Hop
from wizard.model.trace import Integration, Trace

AUTHORIZER = "authorizer"
_AUTHORIZERS = {"JWT": "JWT authorizer", "COGNITO_USER_POOLS": "Cognito authorizer"}
_MAPPED = frozenset({"AWS", "HTTP", "MOCK"})


def before_stage(trace: Trace, api_arn: str) -> list[Hop]:
    """WAF looks first, then the way in of a private API, then the API's resource policy.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html
    """
    found = [Hop("waf", "waf", "WAF web ACL", trace.web_acl)] if trace.web_acl else []
    if trace.private:
        found.append(Hop("private-endpoint", "endpoint", "VPC endpoint", next(iter(trace.vpc_endpoints), None)))
    if trace.resource_policy or trace.private:  # without a policy a private API refuses everybody
        found.append(Hop("resource-policy", "policy", "Resource policy", api_arn))
    return found


def authorizer(trace: Trace, api_arn: str) -> list[Hop]:
    """Whoever decides about the caller; IAM does so inside the service and is no station of its own."""
    guard = trace.authorizer
    if guard is None:
        return []
    label = f"{_AUTHORIZERS.get(guard.type, 'Lambda authorizer')} {guard.name or ''}".strip()
    return [Hop(AUTHORIZER, "authorizer", label, f"{api_arn}/authorizers/{guard.id}" if guard.id else None)]


def request_mapping(wired: Integration | None, method_arn: str | None) -> list[Hop]:
    """Where the request is rewritten: never before a Lambda proxy."""
    mapped = wired is not None and wired.type != "AWS_PROXY"
    return [Hop("request-mapping", "mapping", "Request mapping", method_arn)] if mapped else []


def credentials(wired: Integration | None) -> list[Hop]:
    """The role that API Gateway calls with, where the integration names one."""
    role = wired.credentials if wired else None
    return [Hop("integration-credentials", "role", "Integration role", role)] if role else []


def behind(wired: Integration | None) -> list[Hop]:
    """The backend that is no function; a private one is found along its VPC link."""
    if wired is None or wired.connection_type == "VPC_LINK":
        return []
    if wired.type in ("HTTP", "HTTP_PROXY"):
        return [Hop("backend-http", "target", "HTTP backend", wired.uri)]
    if wired.type in ("AWS", "AWS_PROXY"):
        return [Hop("aws-service", "service", wired.subtype or "AWS service", wired.uri or None)]
    return []


def response_mapping(wired: Integration | None, method_arn: str | None) -> list[Hop]:
    """Where the backend's answer is rewritten: with the kinds of integration that have integration responses."""
    mapped = wired is not None and wired.type in _MAPPED
    return [Hop("response-mapping", "mapping", "Response mapping", method_arn)] if mapped else []
