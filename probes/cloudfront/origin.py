"""Whether the CloudFront distribution in front can ask the API, and waits long enough for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probes._together import attempt
from probes.path._front import behavior_of, distributions, origin_of
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

# CloudFront and its metrics live in one Region.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
HOME = "us-east-1"
# Managed origin request policies that send the viewer's Host header to the origin.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
_WITH_HOST = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3": "AllViewer",
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": "AllViewerAndCloudFrontHeaders-2022-06",
}
_NEEDED_TLS = "TLSv1.2"
_USUAL_WAIT_S = 30
_DEFAULT_PERIOD_S = 300


class Origin(Probe):
    """The origin and the cache behavior that serve the path, as CloudFront has them, and its own 5xx rate.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html
    """

    title = "CloudFront's way to the API"
    hop = "cloudfront"
    needs = ("distribution",)
    calls = frozenset({"cloudfront:ListDistributions", "cloudwatch:GetMetricData"})
    docs = (
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when CloudFront cannot get an answer of the API, WARN when it may give up before the API does."""
        wanted = case.traced.distribution
        item = next((each for each in distributions(aws) if each.get("Id") == wanted), None)
        if item is None:
            return self.unknown(Reason.NO_DATA, f"The distribution {wanted} is not there any more.", "its settings")
        behavior = behavior_of(item, _asked_path(case))
        origin = origin_of(item, behavior)
        facts = _facts(case, item, behavior, origin)
        rate = attempt(lambda: _error_rate(aws, case))
        if isinstance(rate, AwsError):
            needs = getattr(rate, "action", None)
            facts["partial"] = [{"what": "CloudFront's 5xx rate", "reason": rate.reason, "needs": needs}]
        else:
            facts["error_rate"] = rate
        return self._judged(facts)

    def _judged(self, facts: dict[str, Any]) -> Evidence:
        name = f"Distribution {facts['distribution']}"
        if problem := _problem(facts):
            return self.failed(f"{name} {_SAID[problem].format(**facts)}.", **facts, problem=problem)
        if facts["gives_up_first"]:
            said = f"waits {facts['wait_s']} s for the API, which may take {facts['api_wait_s']} s"
            return self.warned(f"{name} {said}.", **facts, problem="wait")
        if facts["edge_functions"]:
            said = f"runs Lambda@Edge ({', '.join(facts['edge_functions'])}), whose failures are 502 and 503 of its own"
            return self.warned(f"{name} {said}.", **facts, problem="edge-function")
        return self.passed(f"{name} asks {facts['origin']} as it should.", **facts, problem=None)


_SAID = {
    "disabled": "is turned off",
    "http-only": "asks {origin} over HTTP, which API Gateway does not speak",
    "old-tls": "speaks no TLS newer than {tls_text} with {origin}",
    "host": "sends the viewer's Host header ({host_by}) to {origin}, which knows no API of that name",
}


def _problem(facts: Mapping[str, Any]) -> str | None:
    if not facts["enabled"]:
        return "disabled"
    if facts["protocol"] == "http-only":
        return "http-only"
    if facts["tls"] and not {_NEEDED_TLS, "TLSv1.3"} & set(facts["tls"]):
        return "old-tls"
    return "host" if facts["host_by"] else None


def _facts(
    case: Case, item: Mapping[str, Any], behavior: Mapping[str, Any], origin: Mapping[str, Any]
) -> dict[str, Any]:
    custom = origin.get("CustomOriginConfig") or {}
    tls = [str(each) for each in (custom.get("OriginSslProtocols") or {}).get("Items") or []]
    wait, wired = custom.get("OriginReadTimeout") or _USUAL_WAIT_S, case.traced.integration
    api_wait = wired.timeout_ms / 1000 if wired else None
    functions = (behavior.get("LambdaFunctionAssociations") or {}).get("Items") or []
    return {
        "distribution": item.get("Id"),
        "distribution_host": item.get("DomainName"),
        "enabled": item.get("Enabled", True),
        "origin": origin.get("DomainName"),
        "origin_path": origin.get("OriginPath") or "",
        "protocol": custom.get("OriginProtocolPolicy"),
        "tls": tls,
        "tls_text": ", ".join(tls),
        "wait_s": wait,
        "api_wait_s": api_wait,
        "gives_up_first": api_wait is not None and wait < api_wait,
        "host_by": _host_by(case, behavior),
        "edge_functions": [str(each.get("LambdaFunctionARN")).rpartition(":function:")[2] for each in functions],
        "partial": [],
    }


def _host_by(case: Case, behavior: Mapping[str, Any]) -> str | None:
    """What sends the viewer's Host header on; an API's own host takes no other name. None for a custom domain of the
    same name as the viewer's, which has to get it.
    """
    if case.traced.domain and case.traced.domain == case.traced.front:
        return None
    forwarded = ((behavior.get("ForwardedValues") or {}).get("Headers") or {}).get("Items") or []
    if any(str(each).lower() in ("host", "*") for each in forwarded):
        return "forwarded headers"
    return _WITH_HOST.get(str(behavior.get("OriginRequestPolicyId")))


def _asked_path(case: Case) -> str:
    """The path as the viewer asks for it: patterns of behaviors are held against that."""
    from urllib.parse import urlsplit

    url = case.target.url or ""
    return urlsplit(url if "://" in url else f"https://{url}").path or case.target.path


def _error_rate(aws: Aws, case: Case) -> float | None:
    """The highest share of 5xx answers in the window, in percent; CloudFront's own and those it passed on."""
    dimensions = [
        {"Name": "DistributionId", "Value": case.traced.distribution},
        {"Name": "Region", "Value": "Global"},
    ]
    metric = {"Namespace": "AWS/CloudFront", "MetricName": "5xxErrorRate", "Dimensions": dimensions}
    query = {"Id": "rate", "MetricStat": {"Metric": metric, "Period": _DEFAULT_PERIOD_S, "Stat": "Average"}}
    answer = aws.call(
        "cloudwatch",
        "GetMetricData",
        region=HOME,
        MetricDataQueries=[query],
        StartTime=case.window.start.isoformat(),
        EndTime=case.window.end.isoformat(),
    )
    values = [float(value) for each in answer.get("MetricDataResults") or [] for value in each.get("Values") or []]
    return max(values, default=None)
