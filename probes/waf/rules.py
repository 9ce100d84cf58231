"""What the web ACL in front of the stage blocks, and whether it blocked this request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from probes._together import attempt, together
from wizard.model.arn import partition_of
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Reason

FORBIDDEN = 403
# Samples are kept for three hours.
# https://docs.aws.amazon.com/waf/latest/APIReference/API_GetSampledRequests.html
_KEPT = timedelta(hours=3)
_RULES, _SAMPLES, _PERIOD_S = 20, 100, 300
_DEFAULT = "Default_Action"


class WafRules(Probe):
    """The rules that can block, how often each did in the window, and samples of what it blocked.

    Of a sample only method, path and time are kept.
    https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
    """

    title = "WAF web ACL of the stage"
    hop = "waf"
    api_types = frozenset({"rest"})
    needs = ("web_acl",)
    calls = frozenset({"wafv2:GetWebACLForResource", "wafv2:GetSampledRequests", "cloudwatch:GetMetricData"})
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when this request was seen being blocked, WARN when others were."""
        trace, region = case.traced, case.target.region or ""
        if ":wafv2:" not in str(trace.web_acl):
            return self.unknown(Reason.NO_DATA, "The stage has a web ACL of AWS WAF Classic.", "a look at its rules")
        stage = f"arn:{partition_of(region)}:apigateway:{region}::/restapis/{trace.api_id}/stages/{trace.stage}"
        acl = aws.call("wafv2", "GetWebACLForResource", ResourceArn=stage).get("WebACL") or {}
        blocking = list(_blocking(acl))
        facts: dict[str, Any] = {"web_acl": acl.get("Name"), "rules": blocking, "partial": [], "stage_arn": stage}
        if not blocking:
            return self.passed(f"Web ACL {acl.get('Name')} blocks nothing.", **facts, blocked=0, fits=False)
        counted = attempt(lambda: _counted(aws, case, acl, blocking))
        if isinstance(counted, AwsError):
            needs = getattr(counted, "action", None)
            facts["partial"] = [{"what": "how often WAF blocked", "reason": counted.reason, "needs": needs}]
            counted = {each["metric"]: None for each in blocking}
        for each in blocking:
            each["blocked"] = counted.get(each["metric"], 0)
        return self._sampled(case, aws, acl, facts)

    def _sampled(self, case: Case, aws: Aws, acl: Mapping[str, Any], facts: dict[str, Any]) -> Evidence:
        fits = [each for each in facts["rules"] if case.symptom.status in (None, each["status"])]
        active = [each for each in fits if each["blocked"] is None or each["blocked"] > 0]
        facts |= {"blocked": sum(each["blocked"] or 0 for each in facts["rules"]), "fits": bool(fits)}
        questions: dict[str, Any] = {each["rule"]: _asking(aws, case, acl, each["metric"]) for each in active[:5]}
        hits: dict[str, list[str]] = {}
        for rule, answer in together(questions).items():
            if isinstance(answer, AwsError):
                needs = getattr(answer, "action", None)
                facts["partial"].append({"what": "samples of WAF", "reason": answer.reason, "needs": needs})
            elif seen := _of_this(case, answer):
                hits[rule] = seen
        if hits:
            rule = next(each for each in active if each["rule"] in hits)
            facts |= {"rule": rule["rule"], "blocked_at": hits[rule["rule"]], "status_sent": rule["status"]}
            said = f"Rule {rule['rule']} of {facts['web_acl']} blocked {case.target.method} {case.target.path}"
            return self.failed(f"{said} with {rule['status']}.", **facts)
        if facts["blocked"]:
            busy = max(facts["rules"], key=lambda each: each["blocked"] or 0)
            facts |= {"rule": busy["rule"], "status_sent": busy["status"]}
            said = f"{facts['web_acl']} blocked {facts['blocked']} requests in this time, most by rule {busy['rule']}"
            return self.warned(f"{said}; no sample of them is this request.", **facts)
        if any(each["blocked"] is None for each in facts["rules"]):
            return self.unknown(
                Reason.NO_DATA, "How often WAF blocked could not be read.", "AWS/WAFV2 BlockedRequests", **facts
            )
        return self.passed(f"Web ACL {facts['web_acl']} blocked nothing in this time.", **facts)


def _blocking(acl: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every rule that may block, with the status that it answers: 403, or what its custom response says.

    Rules of a group block by what stands in the group, unless the ACL overrides them to count.
    https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html
    """
    for rule in (acl.get("Rules") or [])[:_RULES]:
        action, override = rule.get("Action") or {}, rule.get("OverrideAction") or {}
        if "Block" in action or "None" in override:
            metric = (rule.get("VisibilityConfig") or {}).get("MetricName")
            yield {"rule": rule.get("Name"), "metric": metric, "status": _status(action)}
    if "Block" in (acl.get("DefaultAction") or {}):
        metric = (acl.get("VisibilityConfig") or {}).get("MetricName")
        yield {"rule": _DEFAULT, "metric": metric, "status": _status(acl["DefaultAction"])}


def _status(action: Mapping[str, Any]) -> int:
    return int(((action.get("Block") or {}).get("CustomResponse") or {}).get("ResponseCode") or FORBIDDEN)


def _counted(aws: Aws, case: Case, acl: Mapping[str, Any], rules: list[dict[str, Any]]) -> dict[str, int]:
    """How often each rule blocked in the window, by the name of its metric."""
    queries = []
    for number, each in enumerate(rules):
        dimensions = [("WebACL", acl.get("Name")), ("Region", case.target.region), ("Rule", each["metric"])]
        metric = {
            "Namespace": "AWS/WAFV2",
            "MetricName": "BlockedRequests",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
        }
        queries.append({"Id": f"r{number}", "MetricStat": {"Metric": metric, "Period": _PERIOD_S, "Stat": "Sum"}})
    answer = aws.call(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=queries,
        StartTime=case.window.start.isoformat(),
        EndTime=case.window.end.isoformat(),
    )
    sums = {str(each.get("Id")): round(sum(each.get("Values") or [])) for each in answer.get("MetricDataResults") or []}
    return {each["metric"]: sums.get(f"r{number}", 0) for number, each in enumerate(rules)}


def _asking(aws: Aws, case: Case, acl: Mapping[str, Any], metric: str) -> Any:
    start = max(case.window.start, case.window.end - _KEPT)
    times = {"StartTime": start.isoformat(), "EndTime": case.window.end.isoformat()}
    return lambda: aws.call(
        "wafv2",
        "GetSampledRequests",
        WebAclArn=acl.get("ARN"),
        RuleMetricName=metric,
        Scope="REGIONAL",
        TimeWindow=times,
        MaxItems=_SAMPLES,
    )


def _of_this(case: Case, answer: Mapping[str, Any]) -> list[str]:
    """When this very method and path were blocked; of the URI neither stage nor query counts."""
    wanted = {case.target.path, f"/{case.traced.stage}{case.target.path}"}
    found = []
    for sample in answer.get("SampledRequests") or []:
        request = sample.get("Request") or {}
        uri = str(request.get("URI") or "").partition("?")[0]
        if (
            str(sample.get("Action")).upper() == "BLOCK"
            and request.get("Method") == case.target.method
            and uri in wanted
        ):
            found.append(str(sample.get("Timestamp")))
    return found[:10]
