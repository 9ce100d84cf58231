"""Whether API Gateway can call the authorizer's function with the role that the authorizer names."""

from __future__ import annotations

from typing import Any

from probes import _role
from probes.authorizer._authorizer import CALLS, Guard, running
from probes.lambda_fn._function import name_of
from wizard.model.aws import Aws, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_INVOKE = "lambda:InvokeFunction"


class Role(Probe):
    """The role's trust policy, and what its policies let it do with the authorizer's function.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    """

    title = "Role of the authorizer"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    calls = CALLS | _role.CALLS | {"iam:GetRole"}
    needs = ("authorizer",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with the fact `problem` (gone, trust or permission) when the role is of no use."""
        guard = running(aws, case)
        role, facts = guard.credentials, guard.facts()
        if not role:
            return self.skipped(f"Authorizer {guard.name} names no role.", **facts)
        facts |= {"role_arn": role, "role_name": _role.role_name(role)}
        account = _role.role_account(role)
        if case.target.account and account and account != case.target.account:
            return self.unknown(
                Reason.NO_DATA,
                f"The role {role} belongs to account {account}, whose roles cannot be seen from here.",
                f"credentials of account {account}",
                **facts,
            )
        try:
            found = aws.call("iam", "GetRole", RoleName=_role.role_name(role)).get("Role") or {}
        except NotFound:
            return self.failed(f"The authorizer's role {role} does not exist.", **facts, problem="gone")
        try:
            trusted = _role.trust(found.get("AssumeRolePolicyDocument"), case.target.account)
        except ValueError:
            return self.unknown(
                Reason.NO_DATA, f"The trust policy of {role} is not readable JSON.", "iam:GetRole", **facts
            )
        if trusted.allowed is False:
            return self.failed(
                f"The trust policy of {role} does not let apigateway.amazonaws.com take the role on.",
                **facts,
                problem="trust",
                trust=trusted.why,
            )
        return self._permitted(aws, guard, facts, trusted)

    def _permitted(self, aws: Aws, guard: Guard, facts: dict[str, Any], trusted: _role.Trust) -> Evidence:
        function, role = guard.function, str(guard.credentials)
        permit = _role.may(aws, role, _INVOKE, function.qualified_arn if function else None)
        facts |= {"checked": permit.way}
        what = name_of(function) if function else "any function"
        if permit.allowed is False:
            who = f"A policy forbids the role {role}" if permit.explicit else f"No policy allows the role {role}"
            return self.failed(f"{who} to invoke {what}.", **facts, problem="permission")
        open_keys = (*(trusted.keys if trusted.allowed is None else ()), *(permit.keys if not permit.allowed else ()))
        if trusted.allowed is None or permit.allowed is None:
            return self.unknown(
                Reason.NO_DATA,
                f"Whether the role {role} can be used depends on {', '.join(open_keys) or 'conditions'}.",
                "the value of " + (", ".join(open_keys) or "its conditions"),
                **facts,
            )
        return self.passed(f"API Gateway may take on the role {role}, which may invoke {what}.", **facts)
