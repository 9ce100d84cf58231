"""IAM: the policy simulator for a role, which moto lacks.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.responses import IamResponse

from wizard.sandbox.gateway.permission import find_role, role_statements
from wizard.sandbox.policy import Call, Decision, decide

_SAID = {
    Decision.ALLOW: "allowed",
    Decision.EXPLICIT_DENY: "explicitDeny",
    Decision.IMPLICIT_DENY: "implicitDeny",
}


def install() -> None:
    """Put the handler in place."""
    setattr(IamResponse, simulate_principal_policy.__name__, simulate_principal_policy)


def simulate_principal_policy(self: IamResponse) -> ActionResult:
    """SimulatePrincipalPolicy of a role: its own policies alone, without context keys."""
    asked = self._get_params()
    role = find_role(str(asked["PolicySourceArn"]))
    if role is None:
        raise NotFoundException(f"Role {asked['PolicySourceArn']} does not exist.")
    statements = role_statements(role)
    results: list[dict[str, Any]] = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": _SAID[decide(statements, Call(str(action), str(resource)))],
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for action in asked["ActionNames"]
        for resource in asked.get("ResourceArns") or ["*"]
    ]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})
