"""Whether API Gateway can take on the integration's role, and whether that role may make the call."""

from __future__ import annotations

from typing import Any

from probes import _method, _role
from probes._role import Permit, Trust
from probes._together import attempt
from probes.integration._service import Wanted, parse, problems, wanted
from wizard.model.arn import fill_stage_variables, is_lambda_uri
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

_INVOKE = "lambda:InvokeFunction"
_CALLERS_OWN = ":user/*"
_TRUST = {
    "principal": "its trust policy does not name apigateway.amazonaws.com",
    "action": "its trust policy names API Gateway, but not the action sts:AssumeRole",
    "condition": "a condition of its trust policy on {keys} does not fit a call by API Gateway",
    "deny": "its trust policy denies it",
}


class Credentials(Probe):
    """Trust policy and permissions of the role that stands on the integration.

    Whether the resource's own policy lets the role in as well is not looked at.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """

    title = "Role of the integration"
    hop = "integration-credentials"
    api_types = frozenset({"rest"})
    calls = _method.CALLS | _role.CALLS | {"iam:GetRole"}
    needs = ("integration",)
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-lambda.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with `assumable` false when the role cannot be taken on, with `permitted` false when it may not call."""
        trace = case.traced
        arn, missing = fill_stage_variables(trace.credentials or "", trace.stage_variables)
        if not arn or trace.missing_variables or missing:
            return self.skipped("The integration names no role." if not arn else "A stage variable is missing.")
        if arn.endswith(_CALLERS_OWN):
            return self.skipped("The call is made with the caller's own credentials, not with a role.")
        facts: dict[str, Any] = {"role_arn": arn, "role_name": _role.role_name(arn), "assumable": None}
        if case.target.account and _role.role_account(arn) not in ("", case.target.account):
            return self.unknown(
                Reason.NO_DATA,
                f"{arn} belongs to another account, so it cannot be looked at from here.",
                f"credentials for account {_role.role_account(arn)}",
                **facts,
            )
        if ":role/" not in arn:
            return self.failed(f"{arn} is not the ARN of a role.", **facts | {"assumable": False, "exists": False})
        try:
            role = attempt(lambda: aws.call("iam", "GetRole", RoleName=facts["role_name"]))
            return self._judged(case, aws, role, facts)
        except ValueError:
            return self.unknown(
                Reason.NO_DATA,
                f"The trust policy of {facts['role_name']} is not readable JSON.",
                "iam:GetRole",
                **facts,
            )

    def _judged(self, case: Case, aws: Aws, role: Any, facts: dict[str, Any]) -> Evidence:
        name = facts["role_name"]
        if isinstance(role, NotFound):
            facts |= {"exists": False, "assumable": False}
            return self.failed(f"There is no role {name}, so API Gateway cannot take it on.", **facts)
        trust: Trust | None = None
        if not isinstance(role, AwsError):
            trust = _role.trust(role["Role"].get("AssumeRolePolicyDocument") or {}, case.target.account)
            facts |= {"exists": True, "assumable": trust.allowed, "trust_problem": trust.why, "keys": trust.keys}
        if trust and trust.allowed is False:
            said = _TRUST[str(trust.why)].format(keys=", ".join(trust.keys))
            return self.failed(f"API Gateway cannot take on {name}: {said}.", **facts)
        uri = case.traced.invoked_uri or ""
        facts["broken_address"] = not is_lambda_uri(uri) and bool(problems(uri))
        call = Wanted(None) if facts["broken_address"] else _wanted(case, aws)
        facts |= {"denied_action": call.action, "resource_arn": call.resource}
        permit = _role.may(aws, facts["role_arn"], call.action, call.resource) if call.action else None
        if permit:
            facts |= {"permitted": permit.allowed, "explicit": permit.explicit, "way": permit.way}
        return self._said(role, trust, permit, call, facts)

    def _said(
        self, role: Any, trust: Trust | None, permit: Permit | None, call: Wanted, facts: dict[str, Any]
    ) -> Evidence:
        name, what = facts["role_name"], f"{call.action} on {call.resource or 'anything'}"
        if permit and permit.allowed is False:
            how = "a Deny forbids it" if permit.explicit else "none of its policies allows it"
            return self.failed(f"{name} may not {what}: {how}.", **facts)
        if isinstance(role, AwsError):
            raise role
        if (trust and trust.allowed is None) or (permit and permit.allowed is None):
            keys = [*(trust.keys if trust and trust.allowed is None else ()), *(permit.keys if permit else ())]
            on = ", ".join(keys) or "a condition"
            said = f"Whether {name} may be used depends on {on}, which cannot be seen from here."
            return self.unknown(Reason.NO_DATA, said, f"the value of {on}", **facts)
        if permit is None and facts["broken_address"]:
            return self.passed(f"API Gateway can take on {name}; what it would call is no call.", **facts)
        if permit is None:
            return self.unknown(
                Reason.NO_DATA,
                f"API Gateway can take on {name}; which action the call needs is made up at run time.",
                "the action that the integration calls",
                **facts,
            )
        return self.passed(f"API Gateway can take on {name}, and it may {what}.", **facts)


def _wanted(case: Case, aws: Aws) -> Wanted:
    """The action that the integration needs, and on what."""
    trace = case.traced
    uri = trace.invoked_uri or ""
    if is_lambda_uri(uri):
        return Wanted(_INVOKE, trace.function.qualified_arn if trace.function else None)
    service = parse(uri)
    return wanted(service, _method.running(aws, case), case.target.account) if service else Wanted(None)
