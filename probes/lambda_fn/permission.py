"""Whether API Gateway may invoke the function, by the function's own resource policy, and if not, why not."""

from __future__ import annotations

import re
from typing import Any

from probes.lambda_fn._elsewhere import granted_elsewhere, named_by_variable
from probes.lambda_fn._function import name_of, traced_function
from probes.lambda_fn._policy import SOURCE_ACCOUNT, SOURCE_ARN, Decision, Invocation, decide, elsewhere, undecided
from probes.lambda_fn._stated import stated
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

# The stage that TestInvokeMethod and the console's Test button call themselves.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html
TEST_STAGE = "test-invoke-stage"


class Permission(Probe):
    """Evaluates the policy of the very function, alias or version that is invoked, as IAM does.

    Which source ARN API Gateway presents:
    https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
    """

    title = "Permission to invoke the function"
    hop = "lambda-permission"
    calls = frozenset(
        {"lambda:GetPolicy", "lambda:GetFunctionConfiguration", "lambda:ListAliases", "lambda:ListFunctions"}
    )
    needs = ("function",)
    docs = ("https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """PASS when the call is allowed, FAIL with the fact `mismatch` when it is not."""
        function = traced_function(case)
        integration = case.traced.integration or case.traced.configured
        if integration and integration.credentials:
            return self.skipped(
                f"API Gateway calls the function with the role {integration.credentials}, "
                "so the function's own policy is not what decides.",
                credentials=integration.credentials,
            )
        if case.traced.missing_variables and case.traced.function_source == "integration":
            return self.skipped(
                "The integration's address lacks a stage variable: what it would invoke, and whose policy would count, "
                "cannot be told.",
                missing_variables=case.traced.missing_variables,
            )
        try:
            policy, exists = stated(case, aws, function)
        except ValueError:
            return self.unknown(
                Reason.NO_DATA, f"The policy of {name_of(function)} is not readable JSON.", "lambda:GetPolicy"
            )
        if policy is None:
            return self.skipped(f"{name_of(function)} does not exist, so there is no policy to look at.", exists=False)
        return self._judged(case, aws, function, policy, exists)

    def _judged(self, case: Case, aws: Aws, function: FunctionRef, policy: list[Any], exists: bool | None) -> Evidence:
        invocation = _invocation(case, function, case.traced.stage or "*")
        decision = decide(policy, invocation)
        facts: dict[str, Any] = {
            "source_arn": _invocation(case, function, "*").source_arn,
            "request_source_arn": invocation.source_arn,
            "statements": len(policy),
            "function_exists": exists,
            "wanted_account": invocation.source_account,
            **_near(decision),
        }
        name, only = name_of(function), ""
        if case.traced.api_type == "rest":
            facts["test_invoke_allowed"] = decide(policy, _invocation(case, function, TEST_STAGE)).allowed
            only = "" if facts["test_invoke_allowed"] else ", but not the console's test of the method"
        elif (odd := _by_verb(case, function, policy, decision)) is not None:
            return self.unknown(Reason.NO_DATA, odd, "a statement for every method: …/*/*/path", **facts)
        if decision.allowed:
            return self.passed(
                f"The policy of {name} allows calls from {invocation.source_arn}{only}.", **facts, mismatch="none"
            )
        if decision.allowed is None:
            return self.unknown(Reason.NO_DATA, *undecided(decision, name), **facts)
        mismatch, more = _why(case, aws, function, invocation, decision)
        more["by_stage_variable"] = named_by_variable(case)
        return self.failed(_said(mismatch, name, invocation, decision, more), **facts, mismatch=mismatch, **more)


def _invocation(case: Case, function: FunctionRef, stage: str, method: str | None = None) -> Invocation:
    """What API Gateway presents. For a function in another Region the ARN carries the function's Region.

    REST APIs present the request with its resource path; what stands for a variable of it is not known, so * stands
    there. HTTP and WebSocket APIs present the route key as it is: GET/orders/{id}, $default, $connect.
    https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    trace, account = case.traced, case.target.account or function.account
    if trace.api_type == "rest":
        path = re.sub(r"\{[^}]*\}", "*", (trace.resource_path or case.target.path).lstrip("/"))
        what = f"{case.target.method}/{path}"
    elif trace.method_key is None:
        what = trace.resource_path or ""
    else:
        what = f"{method or case.target.method}/{(trace.resource_path or '').lstrip('/')}"
    api = trace.api_id or case.target.api_id
    return Invocation(
        f"arn:{function.partition}:execute-api:{function.region}:{account}:{api}/{stage}/{what}",
        account,
    )


def _by_verb(case: Case, function: FunctionRef, policy: list[Any], decision: Decision) -> str | None:
    """Why a route of ANY cannot be judged: no document says whether the request's method or ANY stands in its ARN."""
    if case.traced.method_key != "ANY" or decision.allowed is None:
        return None
    other = _invocation(case, function, case.traced.stage or "*", "ANY")
    if decide(policy, other).allowed == decision.allowed:
        return None
    method = case.target.method
    return f"The policy of {name_of(function)} tells {method} from ANY, and which of the two counts is not documented."


def _near(decision: Decision) -> dict[str, Any]:
    if decision.by is None or "principal" in decision.by.failing:
        return {}
    arns, accounts = decision.by.values(SOURCE_ARN), decision.by.values(SOURCE_ACCOUNT)
    return {
        "statement_id": decision.by.sid,
        "statement_source_arn": arns[0] if arns else None,
        "statement_account": accounts[0] if accounts else None,
    }


def _why(
    case: Case, aws: Aws, function: FunctionRef, invocation: Invocation, decision: Decision
) -> tuple[str, dict[str, Any]]:
    """The mismatch in one word, and what else is known of it."""
    if decision.denied:
        return "explicit-deny", {}
    failing = decision.by.failing if decision.by else frozenset({"principal"})
    if "principal" not in failing and "action" not in failing:
        if decision.by and SOURCE_ARN in failing:
            return _which_arn(case, function, invocation, decision), {}
        return "source-account", {"failing_keys": sorted(failing)}
    granted = granted_elsewhere(case, aws, function, invocation)
    here = "no-policy" if decision.by is None else "action" if "principal" not in failing else "principal"
    return str(granted.pop("mismatch", here)), granted


def _which_arn(case: Case, function: FunctionRef, invocation: Invocation, decision: Decision) -> str:
    home = case.target.region
    if home and home != function.region and decision.by:
        there = decide([decision.by.statement], elsewhere(invocation, home))
        if there.allowed:
            return "region"
    return "source-arn"


def _said(mismatch: str, name: str, invocation: Invocation, decision: Decision, more: dict[str, Any]) -> str:
    """The mismatch as a sentence."""
    sid = f"Statement {decision.by.sid}" if decision.by and decision.by.sid else "A statement"
    source, arns = invocation.source_arn, ", ".join(decision.by.values(SOURCE_ARN)) if decision.by else ""
    keys, granted = ", ".join(more.get("failing_keys", ())), more.get("granted_on")
    reasons = {
        "explicit-deny": f"{sid} of the policy of {name} denies the call.",
        "source-arn": f"{sid} of {name} allows calls from {arns}, not from {source}.",
        "region": f"{sid} of {name} allows calls from {arns}; the Region in it must be the function's: {source}.",
        "source-account": f"{sid} of {name} is bound by {keys}, which does not fit a call by API Gateway "
        f"for account {invocation.source_account}.",
        "alias": f"The permission is on {granted}, but the integration invokes {name}, which has a policy of its own.",
        "stage-variable": f"A stage variable names {name}, which API Gateway may not invoke"
        + (f"; it may invoke {granted}." if granted else "."),
        "action": f"{sid} of {name} names API Gateway, but not the action lambda:InvokeFunction.",
        "principal": f"The policy of {name} has statements, none of them for apigateway.amazonaws.com.",
    }
    return reasons.get(mismatch, f"{name} has no resource policy, so API Gateway may not invoke it.")
