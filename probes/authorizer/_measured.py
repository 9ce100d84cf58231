"""What CloudWatch counted of the authorizer's function, in one question that every check asks alike."""

from __future__ import annotations

from typing import Any

from probes._functions import region_of
from probes._metrics import period_s
from wizard.model.arn import FunctionRef
from wizard.model.aws import Aws
from wizard.model.case import Case

CALLS = frozenset({"cloudwatch:GetMetricData"})
DURATIONS = {"p50_ms": "p50", "p99_ms": "p99", "max_ms": "Maximum"}
_COUNTS = {"authorizer_invocations": "Invocations", "authorizer_errors": "Errors", "authorizer_throttles": "Throttles"}


def measured(aws: Aws, case: Case, function: FunctionRef) -> dict[str, float | None]:
    """authorizer_invocations, _errors and _throttles (sums), p50_ms, p99_ms and max_ms; None when not measured.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html

    Raises:
        AwsError: CloudWatch gave no answer.
    """
    wanted = {name: ("Duration", stat) for name, stat in DURATIONS.items()}
    wanted |= {name: (metric, "Sum") for name, metric in _COUNTS.items()}
    pages = aws.pages(
        "cloudwatch",
        "GetMetricData",
        region=region_of(function, case),
        MetricDataQueries=[_query(case, function, name, *of) for name, of in wanted.items()],
        StartTime=case.window.start,
        EndTime=case.window.end,
    )
    known = {str(item.get("Id")): item.get("Values") or [] for item in pages.items("MetricDataResults")}
    return {name: _folded(name, [float(value) for value in known.get(name) or []]) for name in wanted}


def _folded(name: str, values: list[float]) -> float | None:
    if not values:
        return None
    return sum(values) if name in _COUNTS else max(values)


def _query(case: Case, function: FunctionRef, name: str, metric: str, stat: str) -> dict[str, Any]:
    dimensions = [{"Name": "FunctionName", "Value": function.name}]
    told = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": told, "Period": period_s(case), "Stat": stat}, "ReturnData": True}
