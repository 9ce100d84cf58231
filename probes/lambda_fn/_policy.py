"""A function's resource policy, evaluated as IAM does for a call that API Gateway makes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from probes.lambda_fn._condition import failing_keys
from probes.lambda_fn._glob import glob

ACTION = "lambda:InvokeFunction"
SERVICE = "apigateway.amazonaws.com"
SOURCE_ARN, SOURCE_ACCOUNT = "aws:sourcearn", "aws:sourceaccount"


@dataclass(frozen=True, slots=True)
class Invocation:
    """API Gateway asking Lambda to run a function for one method of one stage. `source_arn` stands for the
    request.
    """

    source_arn: str
    source_account: str

    def context(self) -> dict[str, str]:
        """The condition keys that the call carries. It is made by a service, so nothing of a principal's is
        among them.
        """
        return {
            SOURCE_ARN: self.source_arn,
            SOURCE_ACCOUNT: self.source_account,
            "aws:principalisawsservice": "true",
            "aws:principalservicename": SERVICE,
            "aws:securetransport": "true",
        }


@dataclass(frozen=True, slots=True)
class Weighed:
    """One statement held against an invocation: what of it does not fit. Nothing failing and nothing undecided:
    it applies.
    """

    statement: Mapping[str, Any]
    failing: frozenset[str]
    undecided: frozenset[str] = frozenset()

    @property
    def sid(self) -> str | None:
        """The statement's id."""
        sid = self.statement.get("Sid")
        return str(sid) if sid else None

    def values(self, key: str) -> list[str]:
        """The values that the statement's conditions want of a key."""
        found: list[str] = []
        conditions = self.statement.get("Condition")
        for tests in conditions.values() if isinstance(conditions, Mapping) else ():
            for name, wanted in tests.items() if isinstance(tests, Mapping) else ():
                if str(name).lower() == key:
                    found += [str(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        return found


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the policy allows an invocation; None when a condition cannot be decided.

    `by` is the statement that decided, or the one that came nearest to allowing it, None when there is none at all.
    """

    allowed: bool | None
    by: Weighed | None = None
    denied: bool = False


def statements(document: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy document, given as JSON text or already parsed.

    Raises:
        ValueError: the text is not JSON.
    """
    policy = json.loads(document) if isinstance(document, str) else document
    listed = policy.get("Statement") if isinstance(policy, Mapping) else None
    return [item for item in (listed if isinstance(listed, list) else [listed]) if isinstance(item, Mapping)]


def decide(policy: Iterable[Mapping[str, Any]], invocation: Invocation) -> Decision:
    """The policy's answer: a Deny that applies wins, else any Allow that applies."""
    weighed = [_weigh(statement, invocation) for statement in policy]
    denies = [item for item in weighed if str(item.statement.get("Effect")).lower() == "deny" and not item.failing]
    allows = [item for item in weighed if str(item.statement.get("Effect")).lower() == "allow"]
    for item in denies:
        if not item.undecided:
            return Decision(False, item, denied=True)
    fitting = [item for item in allows if not item.failing]
    sure = next((item for item in fitting if not item.undecided), None)
    if sure:
        return Decision(None, denies[0]) if denies else Decision(True, sure)
    if fitting:
        return Decision(None, fitting[0])
    return Decision(False, min(allows, key=_distance, default=None))


def elsewhere(invocation: Invocation, region: str) -> Invocation:
    """The same invocation with another Region in its source ARN."""
    parts = invocation.source_arn.split(":", 5)
    return replace(invocation, source_arn=":".join([*parts[:3], region, *parts[4:]]))


def _weigh(statement: Mapping[str, Any], invocation: Invocation) -> Weighed:
    failing, undecided = failing_keys(statement.get("Condition"), invocation.context())
    if not _names_principal(statement):
        failing |= {"principal"}
    if not _names_action(statement):
        failing |= {"action"}
    return Weighed(statement, failing, undecided)


def _distance(item: Weighed) -> tuple[bool, bool, int]:
    return "principal" in item.failing, "action" in item.failing, len(item.failing)


def _names_principal(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return not _is_named(statement["NotPrincipal"])
    return _is_named(statement.get("Principal"))


def _is_named(principal: Any) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    return SERVICE in _listed(principal.get("Service")) or "*" in _listed(principal.get("AWS"))


def _names_action(statement: Mapping[str, Any]) -> bool:
    if "NotAction" in statement:
        return not _covers(statement["NotAction"])
    return _covers(statement.get("Action"))


def _covers(actions: Any) -> bool:
    return any(glob(str(action).lower(), ACTION.lower()) for action in _listed(actions))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
