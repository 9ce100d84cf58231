"""API Gateway's own test of the authorizer."""

from __future__ import annotations

import re
from typing import Any

from probes.authorizer._answer import failures_of, judge
from probes.authorizer._authorizer import CALLS, Guard, configured
from wizard.logs import stories
from wizard.model.aws import Aws, Call
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Effect

# What stands where a caller's token would: nobody's, so that nobody's rights are used.
MADE_UP = "apigw-wizard-test"
_SOURCE = re.compile(r"method\.request\.(?P<place>header|querystring)\.(?P<name>[^\s,]+)")
_LINES, _LONGEST = 20, 400


class TestInvoke(Probe):
    """TestInvokeAuthorizer with a made-up token, its log read: what is configured, not deployed.

    https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeAuthorizer.html
    """

    __test__ = False
    title = "Test the authorizer (TestInvokeAuthorizer)"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    effect = Effect.INVOKES_BACKEND
    warning = (
        "Runs TestInvokeAuthorizer for {authorizer_name} with the made-up token " + MADE_UP + ". It runs the "
        "authorizer's function for real, with whatever that does; a refusal (401 or 403) is a good answer."
    )
    calls = (CALLS - {"apigateway:GetExport"}) | {"apigateway:TestInvokeAuthorizer"}
    needs = ("authorizer",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-test.html",)

    def foresee(self, case: Case, aws: Aws) -> dict[str, str]:
        """The authorizer's name and the very call."""
        guard = configured(aws, case)
        call = Call("apigateway", "TestInvokeAuthorizer", _params(case, guard), case.target.region, ok=True)
        return {"authorizer_name": guard.name or str(guard.id), "command": call.cli()}

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL on a 5xx, PASS on any other answer."""
        guard = configured(aws, case)
        answer = aws.call("apigateway", "TestInvokeAuthorizer", **_params(case, guard))
        status, text = int(answer.get("clientStatus") or 0), str(answer.get("log") or "")
        told = next(iter(stories(text.splitlines())), None)
        judged = judge(told.decision) if told and told.decision is not None else None
        lines = [line for line in text.splitlines() if "failed" in line or "Authorizer result body" in line]
        facts: dict[str, Any] = {
            **guard.facts(),
            "status": status,
            "latency_ms": answer.get("latency"),
            "defect": judged.defect if judged and not judged.decides else None,
            "what": judged.what if judged else None,
            "ran": judged is not None,
            "failures": failures_of(told.failures if told else []),
            "lines": [{"text": line[:_LONGEST]} for line in lines[:_LINES]],
        }
        said = f"TestInvokeAuthorizer for {guard.name} with a made-up token got {status}"
        if status >= 500:
            why = facts["failures"]
            return self.failed(f"{said}: {' '.join(why[0].split())[:200]}" if why else f"{said}.", **facts)
        return self.passed(
            f"{said}: the authorizer decides." if judged else f"{said}, before its function was run.", **facts
        )


def _params(case: Case, guard: Guard) -> dict[str, Any]:
    """The call with something in every place where the authorizer looks for who is calling."""
    found = [(source["place"], source["name"]) for source in _SOURCE.finditer(guard.identity)]
    headers = {name: MADE_UP for place, name in found if place == "header"} or {"Authorization": MADE_UP}
    query = "&".join(f"{name}={MADE_UP}" for place, name in found if place == "querystring")
    params: dict[str, Any] = {"restApiId": case.traced.api_id, "authorizerId": guard.id, "headers": headers}
    if query:
        params["pathWithQueryString"] = f"{case.target.path}?{query}"
    return params | ({"stageVariables": case.traced.stage_variables} if case.traced.stage_variables else {})
