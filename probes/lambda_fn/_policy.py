"""A function's resource policy and the call that API Gateway makes."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from probes._condition import UNKNOWABLE
from probes._policy import Decision, Weighed, decide, listed, statements

__all__ = [
    "SOURCE_ACCOUNT",
    "SOURCE_ARN",
    "Decision",
    "Invocation",
    "Weighed",
    "decide",
    "elsewhere",
    "statements",
    "undecided",
]

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
    action: ClassVar[str] = ACTION
    unknown: ClassVar[Set[str]] = UNKNOWABLE

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

    def is_named(self, principal: Any) -> bool:
        """Whether API Gateway is meant, by name or by *."""
        if principal == "*":
            return True
        if not isinstance(principal, dict):
            return False
        return SERVICE in listed(principal.get("Service")) or "*" in listed(principal.get("AWS"))

    def is_covered(self, resources: Any) -> bool:
        """Always: the policy is that of the very function, alias or version that is called."""
        return True


def undecided(decision: Decision, name: str) -> tuple[str, str]:
    """Why it cannot be told whether the policy of `name` allows the call, and what would settle it."""
    keys = ", ".join(sorted(decision.by.undecided)) if decision.by else ""
    why = f"Whether the policy of {name} allows the call depends on {keys}, which cannot be seen from here."
    return why, f"the value of {keys}"


def elsewhere(invocation: Invocation, region: str) -> Invocation:
    """The same invocation with another Region in its source ARN."""
    parts = invocation.source_arn.split(":", 5)
    return replace(invocation, source_arn=":".join([*parts[:3], region, *parts[4:]]))
