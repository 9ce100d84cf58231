"""Which limits hold requests to the method back, and whether they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probes._gateway import STAGE_CALLS, stage
from probes._metrics import Metrics, metrics, step_s
from probes._together import attempt, together
from probes.stage._refusals import CALLS, Refusals, refused
from probes.stage._settings import method_setting
from wizard.model.aws import Aws, AwsError, Denied
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_THROTTLED = 429
# From this share of a limit on a burst is likely to meet it.
_NEAR = 0.8


class Throttling(Probe):
    """The limits of account, stage, method and usage plan against the requests that came and those refused with 429."""

    title = "Throttling"
    hop = "stage"
    calls = CALLS | STAGE_CALLS | {"apigateway:GetAccount", "apigateway:GetUsagePlans"}
    docs = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL when a limit lets nothing through or refused requests, WARN when requests come close to one."""
        limits, partial = _limits(aws, case)
        closed = next((each for each in limits if 0 in (each["rate"], each["burst"])), None)
        tightest = min((each for each in limits if each["rate"] is not None), key=lambda each: each["rate"], default={})
        seen = refused(aws, case, (_THROTTLED,)) if _asked_for(case) else Refusals()
        peak = _peak(attempt(lambda: metrics(aws, case)), case)
        told = closed or tightest
        facts: dict[str, Any] = {
            "limits": limits,
            "closed": closed is not None,
            "limit_of": told.get("of"),
            "rate_limit": told.get("rate"),
            "burst_limit": told.get("burst"),
            "usage_plan": next((each["id"] for each in limits if each["of"] == "usage plan"), None),
            "peak_per_s": peak,
            "refused": seen.count,
            "passed_on": seen.passed_on,
            "response_types": seen.types,
            "request_ids": seen.request_ids,
            "lines": [{"request_id": "", "text": text} for text in seen.texts],
            "partial": partial + [_gap("requests refused with 429", error) for error in seen.gaps],
        }
        if closed:
            return self.failed(f"The {closed['of']}'s limit is 0: every request to it gets a 429.", **facts)
        if seen.count:
            said = f": {seen.texts[0]}" if seen.texts else "."
            many = f"{seen.count} request{'s' * (seen.count > 1)}"
            return self.failed(f"{many} to this method got a 429 from API Gateway itself{said}", **facts)
        if not tightest:
            return self.passed("No limit of its own holds back requests to this method.", **facts)
        limit = f"{tightest['rate']:g} a second (the {tightest['of']}'s limit)"
        if peak is not None and peak >= tightest["rate"] * _NEAR:
            return self.warned(f"Requests came at {peak:g} a second, {limit} pass; bursts get a 429.", **facts)
        return self.passed(f"Up to {limit} pass, and none was refused.", **facts)


def _asked_for(case: Case) -> bool:
    """Whether a 429 may be what the client saw; a 5xx is never one of the gateway's own."""
    return case.symptom.status is None or case.symptom.status < 500


def _limits(aws: Aws, case: Case) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everything that limits requests to the method as {of, id, rate, burst, quota}, and what could not be read.

    Raises:
        AwsError: the stage cannot be read.
    """
    trace = case.traced
    questions: dict[str, Any] = {"stage": lambda: stage(aws, case)}
    if trace.api_type == "rest":
        questions["account"] = lambda: aws.call("apigateway", "GetAccount")
    if trace.api_key_required:
        questions["plans"] = lambda: aws.pages("apigateway", "GetUsagePlans").items("items")
    answers = together(questions)
    if isinstance(answers["stage"], AwsError):
        raise answers["stage"]
    own = method_setting(answers["stage"], trace)
    limits = [_limit("stage", None, own.get("throttlingRateLimit"), own.get("throttlingBurstLimit"))]
    partial = []
    for name, what in (("account", "the account's limits"), ("plans", "the usage plans")):
        if isinstance(answers.get(name), AwsError):
            partial.append(_gap(what, answers[name]))
    if isinstance(answers.get("account"), dict):
        known = answers["account"].get("throttleSettings") or {}
        limits.append(_limit("account", None, known.get("rateLimit"), known.get("burstLimit")))
    if isinstance(answers.get("plans"), list):
        limits += _of_plans(answers["plans"], case)
    return [each for each in limits if each["rate"] is not None or each["quota"]], partial


def _of_plans(plans: list[Mapping[str, Any]], case: Case) -> Iterator[dict[str, Any]]:
    """The usage plans of the stage; a limit of the method's own takes the place of the plan's."""
    trace = case.traced
    for plan in plans:
        for place in plan.get("apiStages") or []:
            if (place.get("apiId"), place.get("stage")) != (trace.api_id, trace.stage):
                continue
            own = (place.get("throttle") or {}).get(f"{trace.resource_path}/{trace.method_key}")
            limit = own or plan.get("throttle") or {}
            yield _limit(
                "usage plan", plan.get("id"), limit.get("rateLimit"), limit.get("burstLimit"), plan.get("quota")
            )


def _limit(of: str, identity: Any, rate: Any, burst: Any, quota: Any = None) -> dict[str, Any]:
    return {"of": of, "id": identity, "rate": rate, "burst": burst, "quota": quota}


def _peak(measured: Metrics | AwsError, case: Case) -> float | None:
    """The most requests a second in any period, to the method where that is measured, else to the whole stage."""
    if isinstance(measured, AwsError):
        return None
    counts = measured.series.get("method_series_count") or measured.series.get("series_count") or {}
    return round(max(counts.values()) / step_s(case), 2) if counts else None


def _gap(what: str, error: AwsError) -> dict[str, Any]:
    return {"what": what, "reason": error.reason, "needs": error.action if isinstance(error, Denied) else None}
