"""Which IAM permission each AWS operation needs, and the policy for a set of operations.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wizard.aws.guard import LOOKING, is_asked_first, is_invoking

# The IAM prefix where it is not the name of the service.
_PREFIX = {
    "apigatewayv2": "apigateway",
    "efs": "elasticfilesystem",
    "elbv2": "elasticloadbalancing",
    "service-quotas": "servicequotas",
}
# Operations that ask for nothing: any caller may use them, or no AWS account is asked at all.
_FREE = frozenset({"sts:GetCallerIdentity"}) | LOOKING
# Operations whose IAM action has another name.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
_ACTION = {"lambda:Invoke": "lambda:InvokeFunction"}
# API Gateway knows actions by HTTP verb only.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
_GATEWAY = {
    "GetAccount": ("/account",),
    "GetDomainName": ("/domainnames/*",),
    "GetDomainNames": ("/domainnames",),
    "GetBasePathMapping": ("/domainnames/*/basepathmappings/*",),
    "GetBasePathMappings": ("/domainnames/*/basepathmappings",),
    "GetRestApis": ("/restapis",),
    "GetUsagePlans": ("/usageplans",),
    "GetUsagePlan": ("/usageplans/*",),
    "GetVpcLink": ("/vpclinks/*",),
    "GetVpcLinks": ("/vpclinks",),
    "GetClientCertificate": ("/clientcertificates/*",),
}
_GATEWAY_V2 = {
    "GetApis": ("/apis",),
    "GetApiMappings": ("/domainnames/*/apimappings",),
    "GetDomainName": ("/domainnames/*",),
    "GetDomainNames": ("/domainnames",),
    "GetVpcLink": ("/vpclinks/*",),
    "GetVpcLinks": ("/vpclinks",),
}
# What the actions of the other services can be limited to; an operation not named here needs "*".
_RESOURCE = {
    "cognito-idp": "arn:{partition}:cognito-idp:*:*:userpool/*",
    "lambda": "arn:{partition}:lambda:*:*:function:*",
    "logs": "arn:{partition}:logs:*:*:log-group:*",
    "iam": "arn:{partition}:iam::*:role/*",
    "s3": "arn:{partition}:s3:::*",
    "acm": "arn:{partition}:acm:*:*:certificate/*",
    "cloudfront": "arn:{partition}:cloudfront::*:distribution/*",
    "route53": "arn:{partition}:route53:::hostedzone/*",
    "kms": "arn:{partition}:kms:*:*:key/*",
}
_ANY_RESOURCE = frozenset(
    {
        "cloudfront:ListDistributions",
        "route53:ListHostedZonesByName",
        "lambda:GetAccountSettings",
        "lambda:GetEventSourceMapping",
        "lambda:ListEventSourceMappings",
        "lambda:ListFunctions",
        "logs:GetQueryResults",
        "logs:StopQuery",
        "logs:DescribeQueries",
        "logs:DescribeResourcePolicies",
    }
)
_ROLE_OPERATIONS = frozenset(
    {
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:SimulatePrincipalPolicy",
    }
)


def action_for(service: str, operation: str) -> str:
    """The IAM action that allows an operation: ("apigateway", "GetStage") -> apigateway:GET."""
    name = f"{service}:{operation}"
    prefix = _PREFIX.get(service, service)
    if prefix == "apigateway":
        return "apigateway:POST" if is_invoking(service, operation) else "apigateway:GET"
    return _ACTION.get(name, f"{prefix}:{operation}")


def resources_for(service: str, operation: str, partition: str = "aws") -> tuple[str, ...]:
    """The ARN patterns an operation is about, ("*",) where IAM knows none for it."""
    if service in ("apigateway", "apigatewayv2"):
        table, default = (_GATEWAY, "/restapis/*") if service == "apigateway" else (_GATEWAY_V2, "/apis/*")
        return tuple(f"arn:{partition}:apigateway:*::{path}" for path in table.get(operation, (default,)))
    name = f"{service}:{operation}"
    if service not in _RESOURCE or name in _ANY_RESOURCE or (service == "iam" and name not in _ROLE_OPERATIONS):
        return ("*",)
    return (_RESOURCE[service].format(partition=partition),)


def policy(calls: Iterable[str], partition: str = "aws") -> dict[str, Any]:
    """The IAM policy that allows these calls ("service:Operation"), and nothing beyond them.

    Reading comes first: what can be limited to kinds of resources, then what IAM cannot limit. What runs the backend
    or costs by what it reads stands in a statement of its own, OnlyIfYouSayYes, that may be left out.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for call in sorted(set(calls) - _FREE):
        service, _, operation = call.partition(":")
        groups.setdefault(_sid(service, operation), []).append((service, operation))
    order = ("Read", "ReadWithoutResource", "OnlyIfYouSayYes")
    statements = [_statement(sid, groups[sid], partition) for sid in order if sid in groups]
    return {"Version": "2012-10-17", "Statement": statements}


def _sid(service: str, operation: str) -> str:
    if is_asked_first(service, operation):
        return "OnlyIfYouSayYes"
    return "ReadWithoutResource" if resources_for(service, operation) == ("*",) else "Read"


def _statement(sid: str, calls: list[tuple[str, str]], partition: str) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted({action_for(*call) for call in calls}),
        "Resource": sorted({resource for call in calls for resource in resources_for(*call, partition)}),
    }
