"""Calls that functions make with their role's credentials, checked against the role's policies before moto sees them.

Message as in https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.credentials import Credentials
from wizard.sandbox.gateway.permission import find_role, role_statements
from wizard.sandbox.policy import Call, Decision, decide

_SCOPE = re.compile(r"Credential=([A-Z0-9]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_FREE = {"sts:GetCallerIdentity"}


def denial(credentials: Credentials, authorization: str, target: str, body: bytes) -> str | None:
    """The AccessDenied message for a signed call, or None when it may go on.

    ``target`` is the X-Amz-Target header. Calls of anybody but a function's role always go on.
    """
    scope = _SCOPE.search(authorization)
    session = credentials.session(scope[1]) if scope else None
    if scope is None or session is None:
        return None
    region, service = scope[2], scope[3]
    operation, parameters = _operation(target, body)
    if not operation or f"{service}:{operation}" in _FREE:
        return None
    resource = _resource(service, region, parameters)
    role = find_role(session.role_arn)
    statements = role_statements(role) if role is not None else []
    decision = decide(statements, Call(f"{service}:{operation}", resource))
    if decision is Decision.ALLOW:
        return None
    explicit = decision is Decision.EXPLICIT_DENY
    why = "with an explicit deny in an identity-based policy"
    if not explicit:
        why = f"because no identity-based policy allows the {service}:{operation} action"
    return f"User: {session.user_arn} is not authorized to perform: {service}:{operation} on resource: {resource} {why}"


def _operation(target: str, body: bytes) -> tuple[str, Mapping[str, Any]]:
    if target:
        try:
            parameters = json.loads(body or b"{}")
        except ValueError:
            parameters = {}
        return target.rsplit(".", 1)[-1], parameters if isinstance(parameters, dict) else {}
    form = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
    return form.get("Action", ""), form


def _resource(service: str, region: str, parameters: Mapping[str, Any]) -> str:
    """The ARN of what is called for; ``*`` where the call names nothing."""
    rule = _RESOURCES.get(service)
    if rule is None or not parameters.get(rule[0]):
        return "*"
    value = str(parameters[rule[0]])
    if value.startswith("arn:"):
        return value
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rule[1](value)}"


_RESOURCES: dict[str, tuple[str, Callable[[str], str]]] = {
    "dynamodb": ("TableName", lambda name: f"table/{name}"),
    "ssm": ("Name", lambda name: "parameter/" + name.lstrip("/")),
    "secretsmanager": ("SecretId", lambda name: f"secret:{name}"),
    "sqs": ("QueueUrl", lambda url: url.rsplit("/", 1)[-1]),
    "sns": ("TopicArn", lambda arn: arn),
    "kms": ("KeyId", lambda key: f"key/{key}"),
    "logs": ("logGroupName", lambda name: f"log-group:{name}"),
}
