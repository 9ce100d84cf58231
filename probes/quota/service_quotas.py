"""Quotas of the account against what is used of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from probes._metrics import Metrics, metrics, step_s
from probes._together import attempt, together
from probes.path._snapshot import resources
from wizard.model.aws import Aws, AwsError, Denied
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_NEAR = 0.8
# Quota codes, the same in every account and Region.
# https://docs.aws.amazon.com/general/latest/gr/apigateway.html and
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_RATE, _RESOURCES, _CONCURRENCY = "L-8A5B8E43", "L-01C8A9E0", "L-B99A9384"


class ServiceQuotas(Probe):
    """Request rate, resources and concurrent executions against the account's quotas."""

    title = "Service quotas"
    hop = "quota"
    calls = frozenset(
        {
            "service-quotas:ListServiceQuotas",
            "apigateway:GetResources",
            "cloudwatch:GetMetricData",
        }
    )
    docs = (
        "https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html",
    )

    def run(self, case: Case, aws: Aws) -> Evidence:
        """WARN when 80 % of a quota are used, PASS when less; what is used is what this path shows of it."""
        services = ["apigateway", *(["lambda"] if case.traced.function else [])]
        answers = together({service: _listing(aws, service) for service in services})
        lost = [answer for answer in answers.values() if isinstance(answer, AwsError)]
        if len(lost) == len(answers):
            raise lost[0]
        quotas = {
            str(quota.get("QuotaCode")): quota
            for answer in answers.values()
            if not isinstance(answer, AwsError)
            for quota in answer
        }
        used = _used(aws, case, attempt(lambda: metrics(aws, case)))
        compared = [_row(quotas[code], use) for code, use in used.items() if code in quotas and use is not None]
        near = [row for row in compared if row["share"] >= _NEAR]
        facts: dict[str, Any] = {
            "quotas": compared,
            "near": [row["code"] for row in near],
            "partial": [
                {"what": "some quotas", "reason": e.reason, "needs": e.action if isinstance(e, Denied) else None}
                for e in lost
            ],
        }
        if near:
            told = "; ".join(_told(row) for row in near)
            return self.warned(f"Nearly used up: {told}.", **facts)
        if not compared:
            return self.skipped("No quota could be compared with what is used.", **facts)
        return self.passed("; ".join(_told(row) for row in compared) + ".", **facts)


def _listing(aws: Aws, service: str) -> Callable[[], list[dict[str, Any]]]:
    return lambda: aws.pages("service-quotas", "ListServiceQuotas", ServiceCode=service).items("Quotas")


def _used(aws: Aws, case: Case, measured: Metrics | AwsError) -> dict[str, float | None]:
    """Quota code -> the most of it that this path shows to be used; None where it is not known."""
    trace, seen = case.traced, measured if isinstance(measured, Metrics) else Metrics()
    counts = seen.series.get("series_count") or {}
    used: dict[str, float | None] = {
        _RATE: round(max(counts.values()) / step_s(case), 2) if counts else None,
        _CONCURRENCY: seen.get("concurrent_max"),
    }
    if trace.api_type == "rest":
        made = attempt(lambda: resources(aws, str(trace.api_id)))
        used[_RESOURCES] = None if isinstance(made, AwsError) else len(made.items("items"))
    return used


def _row(quota: Mapping[str, Any], used: float) -> dict[str, Any]:
    limit = float(quota.get("Value") or 0)
    return {
        "code": quota.get("QuotaCode"),
        "name": quota.get("QuotaName"),
        "limit": limit,
        "used": used,
        "share": round(used / limit, 3) if limit else 0.0,
        "adjustable": bool(quota.get("Adjustable")),
    }


def _told(row: Mapping[str, Any]) -> str:
    return f"{row['name']}: {row['used']:g} of {row['limit']:g}"
