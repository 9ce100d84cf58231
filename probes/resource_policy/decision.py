"""Whether the API's own policy lets the client's request in."""

from __future__ import annotations

import json
from typing import Any

from probes._caller import ApiCall, api_call
from probes._policy import Decision, decide, statements
from probes._together import attempt
from probes.path._snapshot import export
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

POLICY = "x-amazon-apigateway-policy"
# Where these guard the method, a policy that says nothing leaves the decision to them.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
_DECIDE_TOO = frozenset({"AWS_IAM", "CUSTOM"})
_WANTED = "the client's address, VPC endpoint or principal"


class PolicyDecision(Probe):
    """Evaluates the deployed resource policy, and the one that waits for its deployment, as IAM does.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
    """

    title = "Resource policy of the API"
    hop = "resource-policy"
    api_types = frozenset({"rest"})
    calls = frozenset({"apigateway:GetRestApi", "apigateway:GetExport"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when the policy refuses the request, UNKNOWN when that hangs on who calls from where."""
        trace = case.traced
        if not (trace.resource_policy or trace.private):
            return self.skipped("The API has no resource policy.")
        answer = aws.call("apigateway", "GetRestApi", restApiId=str(trace.api_id))
        document = attempt(lambda: export(aws, str(trace.api_id), str(trace.stage)))
        deployed = None if isinstance(document, AwsError) else document.get(POLICY)
        drafted = _unescaped(answer.get("policy"))
        try:
            configured = statements(drafted or {})
            live = statements(deployed) if deployed else configured
        except ValueError:
            return self.unknown(Reason.NO_DATA, "The API's resource policy is not readable JSON.", "a policy that is")
        request = api_call(case)
        decision = decide(live, request)
        facts: dict[str, Any] = {
            "method_arn": request.arn,
            "statements": len(live),
            "statement_id": decision.by.sid if decision.by else None,
            "deployed_known": bool(deployed),
            "configured_allows": decide(configured, request).allowed,
            "private": trace.private,
            "policy": _shown(live),
        }
        return self._judged(case, request, decision, facts)

    def _judged(self, case: Case, request: ApiCall, decision: Decision, facts: dict[str, Any]) -> Evidence:
        sid = f" (statement {decision.by.sid})" if decision.by and decision.by.sid else ""
        if decision.allowed:
            return self.passed(f"The policy lets the request in{sid}.", **facts, decision="allow")
        if decision.denied:
            return self.failed(
                f"The policy denies the request{sid}, whoever sends it.", **facts, decision="explicit-deny"
            )
        if decision.allowed is False:
            if case.traced.authorization in _DECIDE_TOO:
                said = "The policy neither allows nor denies the request, so what guards the method decides."
                return self.passed(said, **facts, decision="left-to-others")
            why = "has no policy, and a private API without one refuses everybody" if not facts["statements"] else ""
            why = why or f"has no statement that allows {request.arn}"
            return self.failed(f"The API {why}.", **facts, decision="implicit-deny")
        keys = sorted(decision.by.undecided) if decision.by else []
        facts |= {"decision": "depends", "depends_on": keys}
        status = case.symptom.status
        if status is not None and status != 403:
            return self.passed(
                f"Whom the policy lets in hangs on {', '.join(keys)}; it never answers {status}.", **facts
            )
        said = f"Whether the policy lets the request in{sid} hangs on {', '.join(keys)}, which only the client knows."
        return self.unknown(Reason.NO_DATA, said, _WANTED, **facts)


def _unescaped(policy: Any) -> Any:
    r"""The policy's text: the service gives it with its quotes escaped, like {\"Version\": …}."""
    if not isinstance(policy, str) or not policy.lstrip().startswith("{\\"):
        return policy
    try:
        return json.loads(f'"{policy}"')
    except ValueError:
        return policy


def _shown(policy: list[Any]) -> list[dict[str, Any]]:
    names = ("Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition")
    return [{name: each[name] for name in names if name in each} for each in policy[:20]]
