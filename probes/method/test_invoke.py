"""API Gateway's own test of the method."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from probes.method._test_log import hop_results
from wizard.logs import clean, match
from wizard.model.aws import Aws, Call, NotFound
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Effect

_LINES, _LONGEST = 20, 400


class TestInvoke(Probe):
    """TestInvokeMethod with the stage's variables, its log read hop by hop: what is configured, not deployed."""

    __test__ = False
    title = "Test the method (TestInvokeMethod)"
    hop = "client"
    effect = Effect.INVOKES_BACKEND
    warning = (
        "Runs TestInvokeMethod for {method} {path} with the variables of stage {stage}, without a body. "
        "It runs your backend for real, with whatever that does; authorizers, WAF and resource policies are skipped."
    )
    needs = ("resource_id", "method_key")
    api_types = frozenset({"rest"})
    calls = frozenset({"apigateway:TestInvokeMethod"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html",)

    def sends(self, case: Case) -> str:
        """The call as an AWS CLI line."""
        params = _params(case, _methods(case)[0])
        return Call("apigateway", "TestInvokeMethod", params, case.target.region, ok=True).cli()

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL on a 5xx, PASS on any other answer."""
        answer = _invoke(case, aws)
        status = int(answer.get("status") or 0)
        lines = [clean(line).text for line in str(answer.get("log") or "").splitlines()]
        facts: dict[str, Any] = {
            "status": status,
            "latency_ms": answer.get("latency"),
            "hops": hop_results(lines, status),
            "passes_while_url_fails": status < 500
            and case.symptom.seen_in == "url"
            and (case.symptom.status or 0) >= 500,
            "client_statuses": [status] if status >= 500 and case.symptom.seen_in == "test-invoke" else [],
        }
        said = f"TestInvokeMethod {case.target.method} {case.target.path} got {status}"
        if status < 500:
            return self.passed(f"{said}: what is configured works.", **facts)
        matches = match(str(answer.get("log") or "").splitlines(), case.signatures, "execution-log")
        why = [line for line in lines if "failed" in line.lower()]
        facts |= {
            name: value for found in reversed(matches) for name, value in found.facts.items() if name not in facts
        }
        facts |= {
            "causes": [found.fact() for found in matches],
            "cause_ids": [found.cause for found in matches],
            "lines": [{"text": line[:_LONGEST]} for line in why[:_LINES]],
        }
        return self.failed(f"{said}: {' '.join(why[0].split())[:200]}" if why else f"{said}.", **facts)


def _invoke(case: Case, aws: Aws) -> dict[str, Any]:
    for method in _methods(case):
        try:
            return aws.call("apigateway", "TestInvokeMethod", **_params(case, method))
        except NotFound as error:
            missing = error
    raise missing


def _methods(case: Case) -> list[str]:
    """The service wants the method that is set up; one that is served by ANY may be known to it only as that."""
    return list(dict.fromkeys((case.target.method, case.traced.method_key or case.target.method)))


def _params(case: Case, method: str) -> dict[str, Any]:
    trace, query = case.traced, urlsplit(case.target.url or "").query
    params: dict[str, Any] = {
        "restApiId": trace.api_id,
        "resourceId": trace.resource_id,
        "httpMethod": method,
        "pathWithQueryString": case.target.path + (f"?{query}" if query else ""),
    }
    return params | ({"stageVariables": trace.stage_variables} if trace.stage_variables else {})
