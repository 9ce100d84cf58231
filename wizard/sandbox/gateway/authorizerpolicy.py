"""What a Lambda authorizer of a REST API may answer, and how its policy is judged.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.sandbox.gateway.refusals import access_denied
from wizard.sandbox.policy import Call, Decision, decide, statements_of

INVOKE = "execute-api:Invoke"
COULD_NOT_PARSE = "Could not parse policy"
# As logged for a list: https://dev.to/dborgenvik/the-context-property-of-aws-lambda-authorizer-1ibc
_NO_STRING = "Invalid JSON in response: Can not deserialize instance of java.lang.String out of"
LONGEST_RESOURCE = 512
_FIELDS = ("principalId", "policyDocument", "context", "usageIdentifierKey")


class MalformedPolicyError(Exception):
    """The answer is no policy; the text is the reason that the log gives."""


@dataclass(frozen=True)
class Authorized:
    """Who was let in, by which policy, with which context values; ``claims`` are those of a Cognito token."""

    principal: str = ""
    policy: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    usage_key: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)

    def check(self, method_arn: str) -> None:
        """Raises RefusalError (403) unless the policy lets the caller call this method."""
        if not self.policy:
            return
        decision = decide(statements_of(json.loads(self.policy)), Call(INVOKE, method_arn))
        if decision is Decision.ALLOW:
            return
        explicit = " with an explicit deny" if decision is Decision.EXPLICIT_DENY else ""
        raise access_denied(f"User is not authorized to access this resource{explicit}")


def parse(payload: str) -> Authorized:
    """Read an authorizer's answer. Raises MalformedPolicyError."""
    answer = json.loads(payload)
    if not isinstance(answer, dict):
        raise MalformedPolicyError(COULD_NOT_PARSE)
    unknown = next((name for name in answer if name not in _FIELDS), None)
    if unknown is not None:
        reason = f'Unrecognized field "{unknown}" , not marked as ignorable'
        raise MalformedPolicyError(f"Invalid JSON in response: {reason}")
    principal, policy = answer.get("principalId"), answer.get("policyDocument")
    if not isinstance(principal, (str, int)) or not isinstance(policy, dict) or not _sound(policy):
        raise MalformedPolicyError(COULD_NOT_PARSE)
    return Authorized(
        str(principal), json.dumps(policy), _context(answer.get("context")), str(answer.get("usageIdentifierKey") or "")
    )


def _sound(policy: Mapping[str, Any]) -> bool:
    statements = statements_of(policy)
    return bool(statements) and all(
        statement.get("Effect") in ("Allow", "Deny")
        and ("Action" in statement or "NotAction" in statement)
        and ("Resource" in statement or "NotResource" in statement)
        and all(len(str(item)) <= LONGEST_RESOURCE for item in _listed(statement.get("Resource", "")))
        for statement in statements
    )


def _context(value: object) -> dict[str, str]:
    """The context's values as texts: strings, numbers and booleans pass, anything else spoils the whole answer."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedPolicyError(COULD_NOT_PARSE)
    for item in value.values():
        if isinstance(item, (dict, list)):
            start = "START_ARRAY" if isinstance(item, list) else "START_OBJECT"
            raise MalformedPolicyError(f"{_NO_STRING} {start} token")
        if item is None:
            raise MalformedPolicyError(COULD_NOT_PARSE)
    return {name: item if isinstance(item, str) else json.dumps(item) for name, item in value.items()}


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]
