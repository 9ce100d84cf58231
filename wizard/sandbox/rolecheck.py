"""Calls that functions and integrations make as a role, checked against its policies before moto sees them.

Message as in https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.credentials import Credentials
from wizard.sandbox.gateway.permission import find_role, role_statements
from wizard.sandbox.policy import Call, Decision, decide

_SCOPE = re.compile(r"Credential=([A-Z0-9]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_S3_OBJECT = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_S3_BUCKET = {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
_FREE = {"sts:GetCallerIdentity"}


@dataclass(frozen=True)
class Sent:
    """One call as it was sent; ``target`` is the X-Amz-Target header, ``address`` path and query string."""

    target: str
    body: bytes
    verb: str = "POST"
    address: str = "/"

    @property
    def names_action(self) -> bool:
        """True when the query string says which action is wanted."""
        return "Action" in parse_qs(urlsplit(self.address).query)


def denial(credentials: Credentials, authorization: str, sent: Sent) -> str | None:
    """The AccessDenied message for a signed call, or None when it may go on.

    Calls of anybody but a role's session always go on.
    """
    scope = _SCOPE.search(authorization)
    session = credentials.session(scope[1]) if scope else None
    if scope is None or session is None:
        return None
    region, service = scope[2], scope[3]
    operation, parameters = _s3(sent) if service == "s3" else _operation(sent)
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


def _operation(sent: Sent) -> tuple[str, Mapping[str, Any]]:
    if sent.target:
        try:
            parameters = json.loads(sent.body or b"{}")
        except ValueError:
            parameters = {}
        return sent.target.rsplit(".", 1)[-1], parameters if isinstance(parameters, dict) else {}
    address = urlsplit(sent.address)
    asked = parse_qs(address.query) | parse_qs(sent.body.decode("utf-8", "replace"))
    form = {key: values[0] for key, values in asked.items()}
    return form.get("Action", ""), {"QueueUrl": address.path.strip("/"), **form}


def _s3(sent: Sent) -> tuple[str, Mapping[str, Any]]:
    """The action of a call to S3: objects and buckets only; the parameter is the resource's path."""
    path = unquote(urlsplit(sent.address).path).strip("/")
    actions = _S3_OBJECT if "/" in path else _S3_BUCKET
    return actions.get(sent.verb, ""), {"Path": path}


def _resource(service: str, region: str, parameters: Mapping[str, Any]) -> str:
    """The ARN of what is called for; ``*`` where the call names nothing."""
    rule = _RESOURCES.get(service)
    if rule is None or not parameters.get(rule[0]):
        return "*"
    value = str(parameters[rule[0]])
    if value.startswith("arn:"):
        return value
    if service == "s3":
        return f"arn:aws:s3:::{value}"
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rule[1](value)}"


_RESOURCES: dict[str, tuple[str, Callable[[str], str]]] = {
    "dynamodb": ("TableName", lambda name: f"table/{name}"),
    "ssm": ("Name", lambda name: "parameter/" + name.lstrip("/")),
    "secretsmanager": ("SecretId", lambda name: f"secret:{name}"),
    "sqs": ("QueueUrl", lambda url: url.rsplit("/", 1)[-1]),
    "sns": ("TopicArn", lambda arn: arn),
    "s3": ("Path", lambda path: path),
    "states": ("stateMachineArn", lambda arn: arn),
    "kinesis": ("StreamName", lambda name: f"stream/{name}"),
    "firehose": ("DeliveryStreamName", lambda name: f"deliverystream/{name}"),
    "kms": ("KeyId", lambda key: f"key/{key}"),
    "logs": ("logGroupName", lambda name: f"log-group:{name}"),
}
