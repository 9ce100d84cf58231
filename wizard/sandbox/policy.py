"""Policy statements judged as IAM judges them: principal, action, resource, conditions; an explicit Deny wins.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

Statement = Mapping[str, Any]


class Decision(Enum):
    """Outcome of an evaluation; ``IMPLICIT_DENY`` means that no statement spoke."""

    ALLOW = "allow"
    EXPLICIT_DENY = "deny"
    IMPLICIT_DENY = "implicit"


@dataclass(frozen=True)
class Call:
    """One request as a policy sees it; ``service`` is the calling service principal, context keys are lower case."""

    action: str
    resource: str
    service: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)


def statements_of(document: Mapping[str, Any]) -> list[Statement]:
    """The statements of a policy document; a single statement may stand without a list."""
    return [item for item in _listed(document.get("Statement")) if isinstance(item, Mapping)]


def decide(statements: Iterable[Statement], call: Call, *, resource_policy: bool = False) -> Decision:
    """Judge ``call``. A resource policy also has to name the caller as its principal."""
    decision = Decision.IMPLICIT_DENY
    for statement in statements:
        if not _applies(statement, call, resource_policy):
            continue
        if statement.get("Effect") == "Deny":
            return Decision.EXPLICIT_DENY
        if statement.get("Effect") == "Allow":
            decision = Decision.ALLOW
    return decision


def _applies(statement: Statement, call: Call, resource_policy: bool) -> bool:
    if resource_policy and not _principal_matches(statement, call.service):
        return False
    return (
        _listed_match(statement, "Action", lambda p: glob(p.lower(), call.action.lower()))
        and _listed_match(statement, "Resource", lambda p: glob(p, call.resource))
        and conditions_hold(statement.get("Condition"), call.context)
    )


def _listed_match(statement: Statement, key: str, matches: Callable[[str], bool]) -> bool:
    if key in statement:
        return any(matches(str(item)) for item in _listed(statement[key]))
    negated = "Not" + key
    return negated in statement and not any(matches(str(item)) for item in _listed(statement[negated]))


def _principal_matches(statement: Statement, service: str | None) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    if "*" in _listed(principal.get("AWS")):
        return True
    return service is not None and any(item in (service, "*") for item in _listed(principal.get("Service")))


def conditions_hold(block: object, context: Mapping[str, str]) -> bool:
    """All operators and keys of a Condition block must hold; an operator not known here never holds."""
    if not block:
        return True
    if not isinstance(block, Mapping):
        return False
    return all(
        _condition(str(operator), str(key).lower(), [str(v) for v in _listed(values)], context)
        for operator, pairs in block.items()
        for key, values in (pairs.items() if isinstance(pairs, Mapping) else ())
    )


def _condition(operator: str, key: str, wanted: list[str], context: Mapping[str, str]) -> bool:
    operator = operator.lower()
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    actual = context.get(key)
    if operator == "null":
        return any((actual is None) == (value.lower() == "true") for value in wanted)
    if actual is None:
        return if_exists or "not" in operator
    negated = operator in ("stringnotequals", "stringnotlike", "arnnotlike", "arnnotequals", "notipaddress")
    test = _OPERATORS.get(operator.replace("not", ""))
    if test is None:
        return False
    found = any(test(value, actual) for value in wanted)
    return not found if negated else found


def arn_like(pattern: str, arn: str) -> bool:
    """Compare ARNs part by part: a wildcard never crosses one of the first five colons."""
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(parts) and all(map(glob, patterns, parts))


def glob(pattern: str, text: str) -> bool:
    """Match with ``*`` and ``?`` only, case-sensitive."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.DOTALL)


def _in_network(network: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda wanted, actual: wanted == actual,
    "stringequalsignorecase": lambda wanted, actual: wanted.lower() == actual.lower(),
    "stringlike": glob,
    "arnlike": arn_like,
    "arnequals": arn_like,
    "bool": lambda wanted, actual: wanted.lower() == actual.lower(),
    "ipaddress": _in_network,
}
