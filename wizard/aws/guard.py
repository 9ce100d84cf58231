"""The read-only guard: what may be sent to AWS at all.

Two rules, both lists of what is allowed: the service must be one the probes know, and the operation must read. Reading
operations that hand out secrets or data instead of settings stay shut. Operations that run the person's backend, or
that AWS charges for by what they read, pass only with their consent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wizard.model.aws import Forbidden

SERVICES = frozenset(
    {
        "acm",
        "apigateway",
        "apigatewayv2",
        "cloudfront",
        "cloudtrail",
        "cloudwatch",
        "cognito-idp",
        "ec2",
        "efs",
        "elbv2",
        "health",
        "iam",
        "kms",
        "lambda",
        "logs",
        "route53",
        "service-quotas",
        "servicediscovery",
        "sts",
        "wafv2",
        "xray",
    }
)
# They start a Logs Insights query, read it and stop it; nothing is changed.
QUERIES = frozenset({"logs:StartQuery", "logs:GetQueryResults", "logs:StopQuery"})
# Looks from the person's own machine, at names that the case is about: no HTTP request is sent, no backend runs.
LOOKING = frozenset({"dns:Lookup", "tls:Handshake"})
# AWS charges for them by what they read.
# https://aws.amazon.com/cloudwatch/pricing/
COSTING = frozenset({"logs:StartQuery"})
# What they answer changes while one waits for it, or they end something: sent every time.
CHANGING = frozenset({"logs:GetQueryResults", "logs:StopQuery"})
# They really run the backend or the authorizer.
INVOKING = frozenset({"apigateway:TestInvokeMethod", "apigateway:TestInvokeAuthorizer", "lambda:Invoke"})
# They read by name, but hand out keys, code, user data or a machine's console, or report data to the service.
REFUSED = frozenset(
    {
        "cognito-idp:DescribeIdentityProvider",
        "cognito-idp:DescribeUserImportJob",
        "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:GetClientToken",
        "cognito-idp:GetDevice",
        "cognito-idp:GetIdentityProviderByIdentifier",
        "cognito-idp:GetTokensFromRefreshToken",
        "cognito-idp:GetUser",
        "cognito-idp:GetUserAttributeVerificationCode",
        "cognito-idp:GetUserAuthFactors",
        "cognito-idp:ListDevices",
        "cognito-idp:ListUserImportJobs",
        "cognito-idp:ListUserPoolClientSecrets",
        "cognito-idp:ListUsers",
        "cognito-idp:ListUsersInGroup",
        "cognito-idp:ListWebAuthnCredentials",
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeVpnConnections",
        "ec2:GetConsoleOutput",
        "ec2:GetConsoleScreenshot",
        "ec2:GetLaunchTemplateData",
        "ec2:GetPasswordData",
        "ec2:GetVpnConnectionDeviceSampleConfiguration",
        "kms:GetParametersForImport",
        "lambda:GetFunction",
        "lambda:GetLayerVersion",
        "lambda:GetLayerVersionByArn",
        "logs:GetLogObject",
        "xray:GetSamplingTargets",
    }
)
# Parameters that add secrets to an answer about settings: API key values, log data that is masked on purpose.
REVEALING = frozenset({"includeValue", "includeValues", "unmask"})
_READING = re.compile(r"(Get|Describe|List|Filter|Lookup|Simulate|BatchGet)[A-Z]\w*")


def is_invoking(service: str, operation: str) -> bool:
    """Whether the operation runs the person's backend."""
    return f"{service}:{operation}" in INVOKING


def is_asked_first(service: str, operation: str) -> bool:
    """Whether the person has to say yes before the operation is sent: it runs the backend, or AWS charges for it."""
    return f"{service}:{operation}" in INVOKING | COSTING


def is_fresh(service: str, operation: str) -> bool:
    """Whether the operation is sent every time it is asked for, its answer never kept."""
    return f"{service}:{operation}" in INVOKING | COSTING | CHANGING


def check(service: str, operation: str, params: Mapping[str, Any], *, consented: bool = False) -> None:
    """Let the call out or stop it.

    Raises:
        Forbidden: it does not read, reveals secrets, is of a service no probe needs, or runs the backend or costs
            unasked.
    """
    name = f"{service}:{operation}"
    if name in COSTING and not consented:
        raise Forbidden(f"{name} costs by what it reads and needs a yes first")
    if name in INVOKING:
        if not consented:
            raise Forbidden(f"{name} runs the backend and needs a yes first")
    elif name not in QUERIES | LOOKING and not _reads(service, operation):
        raise Forbidden(f"{name} is not a reading operation that this tool may use")
    revealing = sorted(key for key in REVEALING & set(params) if params[key])
    if revealing:
        raise Forbidden(f"{name} may not ask for {', '.join(revealing)}")


def check_request(*, consented: bool) -> None:
    """Let a real HTTP request out or stop it.

    Raises:
        Forbidden: there is no consent.
    """
    if not consented:
        raise Forbidden("a real request runs the backend and needs a yes first")


def _reads(service: str, operation: str) -> bool:
    if service == "sts":  # the other Get operations of STS hand out credentials
        return operation == "GetCallerIdentity"
    if service == "s3":  # most of what reads by name there hands out what is stored
        return operation == "GetBucketLocation"
    return service in SERVICES and f"{service}:{operation}" not in REFUSED and bool(_READING.fullmatch(operation))
