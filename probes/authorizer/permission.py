"""Whether API Gateway may invoke the authorizer's function, by the function's own resource policy, and if not, why."""

from __future__ import annotations

from typing import Any

from probes.authorizer._authorizer import CALLS, Guard, running
from probes.lambda_fn._function import name_of
from probes.lambda_fn._policy import SOURCE_ARN, Decision, Invocation, decide, undecided
from probes.lambda_fn._stated import stated
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason


class Permission(Probe):
    """Evaluates the policy of the authorizer's function, alias or version, as IAM does.

    For an authorizer API Gateway presents arn:…:execute-api:region:account:api/authorizers/id, not a method's ARN.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """

    title = "Permission to invoke the authorizer"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    calls = CALLS | {"lambda:GetPolicy", "lambda:GetFunctionConfiguration"}
    needs = ("authorizer",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """PASS when the call is allowed, FAIL with the fact `mismatch` when it is not."""
        guard = running(aws, case)
        function, facts = guard.function, guard.facts()
        if function is None:
            return self.skipped(f"Authorizer {guard.name} calls no Lambda function.", **facts)
        if guard.credentials:
            return self.skipped(
                f"API Gateway calls the authorizer's function with the role {guard.credentials}, so the function's own "
                "policy is not what decides.",
                **facts,
            )
        if guard.id is None:
            return self.unknown(
                Reason.NO_DATA,
                f"The id of authorizer {guard.name}, which the policy has to name, is not known.",
                "the authorizer in the working copy of the API",
                **facts,
            )
        try:
            policy, exists = stated(case, aws, function)
        except ValueError:
            return self.unknown(
                Reason.NO_DATA, f"The policy of {name_of(function)} is not readable JSON.", "lambda:GetPolicy", **facts
            )
        if policy is None:
            return self.skipped(f"{name_of(function)} does not exist, so there is no policy.", **facts, exists=False)
        return self._judged(case, guard, function, policy, facts | {"function_exists": exists})

    def _judged(
        self, case: Case, guard: Guard, function: FunctionRef, policy: list[Any], facts: dict[str, Any]
    ) -> Evidence:
        call = _invocation(case, guard, function)
        decision, name = decide(policy, call), name_of(function)
        facts |= {"source_arn": call.source_arn, "statements": len(policy), **_near(decision)}
        if decision.allowed:
            return self.passed(f"The policy of {name} allows calls from {call.source_arn}.", **facts, mismatch="none")
        if decision.allowed is None:
            return self.unknown(Reason.NO_DATA, *undecided(decision, name), **facts)
        mismatch = _why(decision)
        return self.failed(_said(mismatch, name, call, decision), **facts, mismatch=mismatch)


def _invocation(case: Case, guard: Guard, function: FunctionRef) -> Invocation:
    """For a function in another Region the ARN carries the function's Region."""
    account = case.target.account or function.account
    api = f"{case.traced.api_id}/authorizers/{guard.id}"
    return Invocation(f"arn:{function.partition}:execute-api:{function.region}:{account}:{api}", account)


def _near(decision: Decision) -> dict[str, Any]:
    if decision.by is None or "principal" in decision.by.failing:
        return {}
    arns = decision.by.values(SOURCE_ARN)
    return {"statement_id": decision.by.sid, "statement_source_arn": arns[0] if arns else None}


def _why(decision: Decision) -> str:
    if decision.denied:
        return "explicit-deny"
    if decision.by is None:
        return "no-policy"
    if "principal" in decision.by.failing:
        return "principal"
    if "action" in decision.by.failing:
        return "action"
    if SOURCE_ARN not in decision.by.failing:
        return "condition"
    named = decision.by.values(SOURCE_ARN)
    return "another-authorizer" if any("/authorizers/" in arn for arn in named) else "methods"


def _said(mismatch: str, name: str, call: Invocation, decision: Decision) -> str:
    """The mismatch as a sentence."""
    sid = f"Statement {decision.by.sid}" if decision.by and decision.by.sid else "A statement"
    arns = ", ".join(decision.by.values(SOURCE_ARN)) if decision.by else ""
    keys = ", ".join(sorted(decision.by.failing)) if decision.by else ""
    reasons = {
        "explicit-deny": f"{sid} of the policy of {name} denies the call.",
        "methods": f"{sid} of {name} allows calls for methods ({arns}), not for the authorizer ({call.source_arn}).",
        "another-authorizer": f"{sid} of {name} names another authorizer ({arns}) than {call.source_arn}.",
        "condition": f"{sid} of {name} is bound by {keys}, which does not fit a call by API Gateway.",
        "action": f"{sid} of {name} names API Gateway, but not the action lambda:InvokeFunction.",
        "principal": f"The policy of {name} has statements, none of them for apigateway.amazonaws.com.",
    }
    return reasons.get(mismatch, f"{name} has no resource policy, so API Gateway may not invoke it.")
