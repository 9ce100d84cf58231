"""Whether the authorizer has to name the caller's API key, and whether it does."""

from __future__ import annotations

from typing import Any

from probes._method import document
from probes._together import attempt
from probes.authorizer.answer import Answer
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason, Status

_SOURCE = "x-amazon-apigateway-api-key-source"


class UsageKey(Probe):
    """The API's key source against the answers of the authorizer.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html
    """

    title = "API key named by the authorizer"
    hop = "authorizer"
    api_types = frozenset({"rest"})
    calls = Answer.calls | {"apigateway:GetRestApi", "apigateway:GetExport"}
    needs = ("authorizer",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when the key has to come from the authorizer and its answers name none; SKIPPED where it need not."""
        facts: dict[str, Any] = {"api_key_required": case.traced.api_key_required}
        if not case.traced.api_key_required:
            return self.skipped("The method wants no API key.", **facts)
        source = _source(case, aws)
        facts["key_source"] = source
        if source != "AUTHORIZER":
            return self.skipped("The API key comes from the caller's x-api-key header.", **facts)
        seen = Answer().run(case, aws)
        named, without = (int(str(seen.facts.get(key) or 0)) for key in ("with_usage_key", "without_usage_key"))
        facts |= {"with_usage_key": named, "without_usage_key": without}
        if without:
            return self.failed(
                f"{without} of {named + without} logged answers of the authorizer name no API key, which the method "
                "wants from it.",
                **facts,
            )
        if named:
            return self.passed(f"All {named} logged answers of the authorizer name an API key.", **facts)
        if seen.status is Status.UNKNOWN:
            return self.unknown(seen.reason or Reason.NO_DATA, seen.summary, seen.needs, **facts)
        if not seen.facts.get("asked"):
            return self.passed("No request asked the authorizer in this time window.", **facts, seen=False)
        return self.unknown(
            Reason.NO_DATA,
            "No answer of the authorizer that lets somebody in is logged, so whether it names an API key is not known.",
            f"execution logging at INFO with data tracing on stage {case.traced.stage}",
            **facts,
        )


def _source(case: Case, aws: Aws) -> str:
    """HEADER or AUTHORIZER: as the stage runs it where that is known, else as it is configured."""
    live = attempt(lambda: document(aws, case)) if case.traced.deployed_known else {}
    if not isinstance(live, AwsError) and live:
        return str(live.get(_SOURCE) or "HEADER").upper()
    api = aws.call("apigateway", "GetRestApi", restApiId=case.traced.api_id)
    return str(api.get("apiKeySource") or "HEADER").upper()
