"""A role that API Gateway calls with: whether it may be assumed, and what its policies let it do.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import unquote

from probes._condition import UNKNOWABLE
from probes._glob import glob
from probes._policy import decide, listed, statements
from wizard.model.aws import Aws, Denied, Unsupported

SERVICE = "apigateway.amazonaws.com"
# What `may` asks: the policy simulator, and where that may not be asked, the policies themselves.
CALLS = frozenset(
    {
        "iam:SimulatePrincipalPolicy",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
    }
)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether a role's trust policy lets API Gateway take the role on; None when a condition cannot be decided.

    `why` is principal, action, condition or deny, None when it is allowed; `keys` are the condition keys it hangs on.
    """

    allowed: bool | None
    why: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether a role's policies allow one action on one resource; None when that cannot be told.

    `explicit` a Deny forbids it. `way` is simulated or read. `keys` are the condition keys that it depends on.
    """

    allowed: bool | None
    way: str
    explicit: bool = False
    keys: tuple[str, ...] = ()


def role_name(arn: str) -> str:
    """The name that IAM wants: the last part of arn:aws:iam::123456789012:role/path/name."""
    return arn.rpartition("/")[2]


def role_account(arn: str) -> str:
    """The account that a role belongs to."""
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def policy_statements(document: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy as IAM gives it: JSON text, percent-encoded or not, or already parsed.

    Raises:
        ValueError: the text is not JSON.
    """
    encoded = isinstance(document, str) and document.lstrip()[:1] == "%"
    return list(statements(unquote(document) if encoded else document))


@dataclass(frozen=True, slots=True)
class _Assumption:
    """API Gateway taking a role on for an account. Which API it names in aws:SourceArn is not documented."""

    account: str
    action: ClassVar[str] = "sts:AssumeRole"
    unknown: ClassVar[Set[str]] = UNKNOWABLE | {"aws:sourcearn"}

    def context(self) -> dict[str, str]:
        return {"aws:sourceaccount": self.account, "aws:principalisawsservice": "true"}

    def is_named(self, principal: Any) -> bool:
        if not isinstance(principal, Mapping):
            return bool(principal == "*")
        return SERVICE in listed(principal.get("Service")) or "*" in listed(principal.get("AWS"))

    def is_covered(self, resources: Any) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class _Act:
    """A role doing something. What its session carries is not known: `unknown` are all the keys that matter."""

    action: str
    resource: str | None
    unknown: Set[str] = frozenset()

    def context(self) -> dict[str, str]:
        return {}

    def is_named(self, principal: Any) -> bool:
        return True

    def is_covered(self, resources: Any) -> bool:
        return self.resource is None or any(glob(str(item), self.resource) for item in listed(resources))


def trust(document: Any, account: str | None) -> Trust:
    """What a trust policy says to API Gateway acting for an account.

    Raises:
        ValueError: the document is not JSON.
    """
    decision = decide(policy_statements(document), _Assumption(account or ""))
    if decision.allowed:
        return Trust(True)
    if decision.by is None:
        return Trust(False, "principal")
    if decision.allowed is None:
        return Trust(None, "condition", tuple(sorted(decision.by.undecided)))
    failing = decision.by.failing
    why = next((name for name in ("principal", "action") if name in failing), "condition")
    keys = tuple(sorted(failing - {"principal", "action", "resource"}))
    return Trust(False, "deny") if decision.denied else Trust(False, why, keys)


def may(aws: Aws, role: str, action: str, resource: str | None) -> Permit:
    """Whether a role may do an action on a resource; without a resource, on any at all.

    The simulator knows boundaries and organisation policies as well, but no resource's own policy. Where it may not be
    asked, or no resource is known, the role's policies are read.

    Raises:
        AwsError: neither could be asked.
    """
    if resource:
        try:
            return _simulated(aws, role, action, resource)
        except (Denied, Unsupported):
            pass
    return judged(role_policies(aws, role), action, resource)


def role_policies(aws: Aws, role: str) -> list[Mapping[str, Any]]:
    """The statements of all inline and attached policies of a role.

    Raises:
        AwsError: one of them cannot be read.
    """
    name = role_name(role)
    found: list[Mapping[str, Any]] = []
    for policy in aws.pages("iam", "ListRolePolicies", RoleName=name).items("PolicyNames"):
        inline = aws.call("iam", "GetRolePolicy", RoleName=name, PolicyName=policy)
        found += _readable(inline.get("PolicyDocument"))
    for attached in aws.pages("iam", "ListAttachedRolePolicies", RoleName=name).items("AttachedPolicies"):
        arn = attached["PolicyArn"]
        version = aws.call("iam", "GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = aws.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)
        found += _readable((document.get("PolicyVersion") or {}).get("Document"))
    return found


def judged(policies: Iterable[Mapping[str, Any]], action: str, resource: str | None) -> Permit:
    """What these statements say of an action; a Deny counts only where the resource is known."""
    counting = [each for each in policies if resource or str(each.get("Effect")).lower() != "deny"]
    keys = frozenset(key for each in counting for key in _condition_keys(each))
    decision = decide(counting, _Act(action, resource, keys))
    undecided = tuple(sorted(decision.by.undecided)) if decision.by and decision.allowed is None else ()
    return Permit(decision.allowed, "read", decision.denied, undecided)


def _simulated(aws: Aws, role: str, action: str, resource: str) -> Permit:
    answer = aws.call(
        "iam", "SimulatePrincipalPolicy", PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource]
    )
    result: Mapping[str, Any] = next(iter(answer.get("EvaluationResults") or []), {})
    said, missing = str(result.get("EvalDecision") or ""), tuple(result.get("MissingContextValues") or ())
    if said == "allowed":
        return Permit(True, "simulated")
    if said == "explicitDeny":
        return Permit(False, "simulated", explicit=True)
    return Permit(None if missing or not said else False, "simulated", keys=missing)


def _condition_keys(statement: Mapping[str, Any]) -> set[str]:
    conditions = statement.get("Condition")
    tests = conditions.values() if isinstance(conditions, Mapping) else ()
    return {str(key).lower() for test in tests if isinstance(test, Mapping) for key in test}


def _readable(document: Any) -> list[Mapping[str, Any]]:
    try:
        return policy_statements(document or {})
    except ValueError:
        return []
