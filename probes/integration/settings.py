"""Whether the integration can work as it is set up."""

from __future__ import annotations

from typing import Any

from wizard.model.arn import fill_stage_variables, is_lambda_uri, parse_lambda_uri
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.trace import Integration

_WORDS = {
    "lambda-not-post": "it calls Lambda with {method}, but Lambda is invoked with POST only",
    "uri-malformed": "its URI is not a Lambda invocation path",
    "uri-function-missing": "its URI names no function",
}


class IntegrationSettings(Probe):
    """Type, HTTP method and URI of the integration, deployed and configured; the trace read both."""

    title = "Integration settings"
    hop = "integration-config"
    needs = ("integration",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when what the stage runs cannot work, WARN when only the next deployment would break."""
        trace, live, draft = case.traced, case.traced.integration, case.traced.configured
        if live is None:
            return self.skipped("The route has no integration." if trace.route_key else "The method is not deployed.")
        broken, next_broken = (problems(wired, trace.stage_variables, trace.api_type) for wired in (live, draft))
        facts: dict[str, Any] = {
            "type": live.type,
            "http_method": live.http_method,
            "uri": live.uri,
            "invoked_uri": trace.invoked_uri,
            "timeout_ms": live.timeout_ms,
            "credentials": live.credentials,
            "deployed_problems": broken,
            "configured_problems": next_broken,
            "deployed_known": trace.deployed_known,
            "configured_http_method": draft.http_method if draft else None,
            "configured_uri": draft.uri if draft else None,
        }
        if broken:
            return self.failed(f"The integration cannot work: {_said(broken, live)}.", **facts)
        if next_broken and draft:
            return self.warned(
                f"What the stage runs is fine, but the next deployment would break it: {_said(next_broken, draft)}.",
                **facts,
            )
        return self.passed(
            f"The integration is set up correctly ({live.type}, {live.http_method or 'no backend'}).", **facts
        )


def problems(integration: Integration | None, variables: dict[str, str], api_type: str = "rest") -> list[str]:
    """What is wrong with an integration by itself; a missing stage variable is another check's finding.

    An HTTP API that names no method calls Lambda with POST.
    """
    if integration is None:
        return []
    found: list[str] = []
    uri, missing = fill_stage_variables(integration.uri, variables)
    if is_lambda_uri(uri):
        posts = integration.http_method == "POST" or (api_type == "http" and integration.http_method is None)
        found += [] if posts else ["lambda-not-post"]
        if not missing and parse_lambda_uri(uri) is None:
            found.append(
                "uri-function-missing" if ":function:/" in uri or uri.endswith(":function:") else "uri-malformed"
            )
    elif integration.type == "AWS_PROXY" and not integration.subtype and not missing:
        found.append("uri-malformed")
    return found


def _said(found: list[str], integration: Integration) -> str:
    return "; ".join(_WORDS[problem].format(method=integration.http_method or "no method") for problem in found)
