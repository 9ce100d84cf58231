"""The stations that only some paths have: what guards the stage, who authorizes, what maps, which role calls."""

from __future__ import annotations

from wizard.model.arn import is_lambda_uri
from wizard.model.path import Hop
from wizard.model.trace import Integration, Trace

SIDE = frozenset({"authorizer"})
_AUTHORIZERS = {"CUSTOM": "Lambda authorizer", "COGNITO_USER_POOLS": "Cognito authorizer", "AWS_IAM": "IAM"}
_MAPPED = frozenset({"AWS", "HTTP", "MOCK"})


def before_stage(trace: Trace, api_arn: str) -> list[Hop]:
    """WAF looks first, then the way in of a private API, then the API's resource policy.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html
    """
    found = [Hop("waf", "waf", "WAF web ACL", trace.web_acl)] if trace.web_acl else []
    if trace.private:
        found.append(Hop("private-endpoint", "endpoint", "VPC endpoint", next(iter(trace.vpc_endpoints), None)))
    if trace.resource_policy:
        found.append(Hop("resource-policy", "policy", "Resource policy", api_arn))
    return found


def authorizer(trace: Trace, api_arn: str) -> list[Hop]:
    """Whoever decides about the caller; IAM does so inside the service and is no station of its own."""
    if not trace.authorizer:
        return []
    title = _AUTHORIZERS.get(trace.authorization, "Authorizer")
    return [Hop("authorizer", "authorizer", title, f"{api_arn}/authorizers/{trace.authorizer}")]


def request_mapping(wired: Integration | None, method_arn: str | None) -> list[Hop]:
    """Where the request is rewritten: never before a Lambda proxy."""
    mapped = wired is not None and wired.type != "AWS_PROXY"
    return [Hop("request-mapping", "mapping", "Request mapping", method_arn)] if mapped else []


def credentials(wired: Integration | None) -> list[Hop]:
    """The role that API Gateway calls with, where the integration names one."""
    role = wired.credentials if wired else None
    return [Hop("integration-credentials", "role", "Integration role", role)] if role else []


def behind(wired: Integration | None, uri: str | None) -> list[Hop]:
    """The backend that is no function: an address or another AWS service."""
    if wired is None or is_lambda_uri(wired.uri):
        return []
    if wired.type in ("HTTP", "HTTP_PROXY"):
        return [Hop("backend-http", "backend", "HTTP backend", uri)]
    return [Hop("aws-service", "service", "AWS service", uri)] if wired.type in ("AWS", "AWS_PROXY") else []


def response_mapping(wired: Integration | None, method_arn: str | None) -> list[Hop]:
    """Where the backend's answer is rewritten: with the kinds of integration that have integration responses."""
    mapped = wired is not None and wired.type in _MAPPED
    return [Hop("response-mapping", "mapping", "Response mapping", method_arn)] if mapped else []
