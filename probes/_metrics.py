"""The metrics of the whole path in one GetMetricData call, the same for every probe that wants one of them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from probes._functions import region_of
from wizard.model.aws import Aws
from wizard.model.case import Case

_TIMES = {"p50": "p50", "p99": "p99", "max": "Maximum"}
_API = {
    "count": ("Count", "Sum"),
    "errors": ("5XXError", "Sum"),
    **{f"latency_{k}": ("Latency", s) for k, s in _TIMES.items()},
    **{f"integration_{k}": ("IntegrationLatency", s) for k, s in _TIMES.items()},
}
# What HTTP and WebSocket APIs call it; _also is added to what has the same name without it.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html
_ALSO = "_also"
_INSTEAD: dict[str, dict[str, tuple[str, ...]]] = {
    "http": {"5XXError": ("5xx",)},
    "websocket": {"5XXError": ("ExecutionError", "IntegrationError"), "Count": ("MessageCount", "ConnectCount")},
}
_METHOD = {f"method_{key}": _API[key] for key in ("errors", "integration_p50", "integration_p99", "integration_max")}
_FUNCTION = {
    "invocations": ("Invocations", "Sum"),
    "function_errors": ("Errors", "Sum"),
    "throttles": ("Throttles", "Sum"),
    "recursive_dropped": ("RecursiveInvocationsDropped", "Sum"),
    "concurrent_max": ("ConcurrentExecutions", "Maximum"),
    **{f"duration_{k}": ("Duration", s) for k, s in _TIMES.items()},
}
# What is asked period by period as well; `series_` is the stage's, `method_series_` the method's own.
_SERIES = {f"series_{key}": _API[key] for key in _API if not key.startswith("latency_")}
_METHOD_SERIES = {f"method_{key}": of for key, of in _SERIES.items()}
# Lengths of a period, in seconds, that CloudWatch keeps data in, and how many of them one series may have.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Metrics_retention
_STEPS, _MOST = (60, 300, 900, 3600, 21_600, 86_400), 120
_SUMS = {name for table in (_API, _METHOD, _FUNCTION) for name, (_, stat) in table.items() if stat == "Sum"}


@dataclass(frozen=True, slots=True)
class Metrics:
    """Name -> value over the case's window: sums are added up, everything else is the highest; times in milliseconds.

    count errors latency_* integration_* are the stage's, method_* the method's own (only with detailed metrics),
    invocations function_errors throttles recursive_dropped concurrent_max duration_* the function's;
    * is p50, p99 or max. `series` holds count, errors and integration_* period by period, by the start of the period:
    series_* are the stage's, method_series_* the method's own.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Mapping[datetime, float]] = field(default_factory=dict)

    def get(self, name: str) -> float | None:
        """The value, None when nothing was measured."""
        return self.values.get(name)

    def total(self, name: str) -> int:
        """A sum, 0 when nothing was measured."""
        return round(self.values.get(name, 0))


def metrics(aws: Aws, case: Case) -> Metrics:
    """Everything measured on this path in the case's window.

    Raises:
        AwsError: CloudWatch gave no answer.
    """
    found = Metrics({}, {})
    for region, queries in _questions(case):
        found = _added(found, _asked(aws, region, queries, case.window.start, case.window.end))
    return found


def stage_metrics(aws: Aws, case: Case) -> Metrics:
    """What the first call of `metrics` answers: all of API Gateway's own, and mostly everything.

    Raises:
        AwsError: CloudWatch gave no answer.
    """
    for region, queries in _questions(case):
        return _asked(aws, region, queries, case.window.start, case.window.end)
    return Metrics()


def history(aws: Aws, case: Case, length: timedelta, step_s: int) -> Metrics:
    """Counts and errors of the stage before and in the window: `length` up to its end, in steps of `step_s` seconds.

    Raises:
        AwsError: CloudWatch gave no answer.
    """
    wanted = {key: _SERIES[key] for key in ("series_count", "series_errors")}
    queries = _asking(case, wanted, _stage(case), step_s)
    return _asked(aws, None, queries, case.window.end - length, case.window.end)


def step_s(case: Case) -> int:
    """How long a period of the series is, in seconds."""
    length = (case.window.end - case.window.start).total_seconds()
    return next((step for step in _STEPS if length / step <= _MOST), _STEPS[-1])


def moment(text: Any) -> datetime | None:
    """A time as AWS tells it; None when it is none."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _asked(aws: Aws, region: str | None, queries: list[dict[str, Any]], start: datetime, end: datetime) -> Metrics:
    pages = aws.pages(
        "cloudwatch",
        "GetMetricData",
        region=region,
        MetricDataQueries=queries,
        StartTime=start,
        EndTime=end,
        ScanBy="TimestampDescending",
    )
    values: dict[str, float] = {}
    series: dict[str, dict[datetime, float]] = {}
    for result in pages.items("MetricDataResults"):
        name = str(result.get("Id")).removesuffix(_ALSO)
        measured = [float(value) for value in result.get("Values") or []]
        if name in _SERIES or name in _METHOD_SERIES:
            known = series.setdefault(name, {})
            for at, value in zip(map(moment, result.get("Timestamps") or []), measured, strict=False):
                if at:  # only what has a second name at this type of API comes twice
                    known[at] = known.get(at, 0.0) + value
        elif measured:
            summed = name in _SUMS
            values[name] = values.get(name, 0.0) + sum(measured) if summed else max(values.get(name, 0.0), *measured)
    return Metrics(values, series)


def _added(one: Metrics, other: Metrics) -> Metrics:
    return Metrics({**one.values, **other.values}, {**one.series, **other.series})


def _questions(case: Case) -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
    """The queries by Region: one list, two when the function lives in another Region than the API."""
    trace, period = case.traced, period_s(case)
    api: list[dict[str, Any]] = []
    if trace.api_name or trace.api_type != "rest":
        stage = _stage(case)
        api = _asking(case, _API, stage, period) + _asking(case, _SERIES, stage, step_s(case))
        if trace.resource_path and (trace.method_key or trace.route_key):
            own = {**stage, "Resource": trace.resource_path, "Method": trace.method_key or trace.resource_path}
            api += _asking(case, _METHOD, own, period)
            api += _asking(case, _METHOD_SERIES, own, step_s(case))
    function: list[dict[str, Any]] = []
    elsewhere = None
    if trace.function:
        function, elsewhere = (
            _queries("AWS/Lambda", _FUNCTION, {"FunctionName": trace.function.name}, period),
            region_of(trace.function, case),
        )
    if elsewhere is None and api + function:
        yield None, api + function
    elif elsewhere is not None:
        if api:
            yield None, api
        yield elsewhere, function


def _asking(
    case: Case, table: Mapping[str, tuple[str, str]], dimensions: Mapping[str, str], period: int
) -> list[dict[str, Any]]:
    """The queries of API Gateway's own metrics, by the names that this type of API gives them."""
    instead = _INSTEAD.get(case.traced.api_type, {})
    named: dict[str, tuple[str, str]] = {}
    for key, (name, stat) in table.items():
        for number, own in enumerate(instead.get(name, (name,))):
            named[key + _ALSO * number] = (own, stat)
    return _queries("AWS/ApiGateway", named, dimensions, period)


def _stage(case: Case) -> dict[str, str]:
    if case.traced.api_type != "rest":
        return {"ApiId": str(case.traced.api_id), "Stage": str(case.traced.stage)}
    return {"ApiName": str(case.traced.api_name), "Stage": str(case.traced.stage)}


def _queries(
    namespace: str, table: Mapping[str, tuple[str, str]], dimensions: Mapping[str, str], period: int
) -> list[dict[str, Any]]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return [
        {
            "Id": key,
            "MetricStat": {
                "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": named},
                "Period": period,
                "Stat": stat,
            },
            "ReturnData": True,
        }
        for key, (name, stat) in table.items()
    ]


def period_s(case: Case) -> int:
    """One period over the whole window, in seconds: percentiles of parts cannot be put together again.

    A multiple of an hour for long windows (CloudWatch keeps fine data for 15 days only), else of a minute.
    """
    length = (case.window.end - case.window.start).total_seconds()
    unit = 3600 if length > 86_400 else 60
    return max(unit, math.ceil(length / unit) * unit)
