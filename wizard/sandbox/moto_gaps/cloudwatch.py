"""CloudWatch: GetMetricData and GetMetricStatistics on exact dimensions, with percentiles.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.cloudwatch.models import MetricAggregatedDatum, MetricDatum, MetricDatumBase
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)", re.IGNORECASE)
_plain_metric_data = CloudWatchResponse.get_metric_data


def install() -> None:
    """Replace the handlers."""
    for handler in (get_metric_data, get_metric_statistics):
        setattr(CloudWatchResponse, handler.__name__, handler)


def get_metric_data(self: CloudWatchResponse) -> ActionResult:
    """GetMetricData. Queries with expressions are moto's own."""
    asked = self._get_params()
    queries = asked.get("MetricDataQueries", [])
    if any("MetricStat" not in query for query in queries):
        return _plain_metric_data(self)
    newest_first = (asked.get("ScanBy") or "TimestampDescending") == "TimestampDescending"
    results = []
    for query in queries:
        if query.get("ReturnData") is False:
            continue
        stat = query["MetricStat"]
        metric = stat["Metric"]
        data = _select(self, metric, asked["StartTime"], asked["EndTime"], stat.get("Unit"))
        points = sorted(_periods(data, int(stat["Period"])).items(), reverse=newest_first)
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or metric["MetricName"],
                "Timestamps": [at for at, _ in points],
                "Values": [statistic(stat["Stat"], samples) for _, samples in points],
                "StatusCode": "Complete",
            }
        )
    return ActionResult({"MetricDataResults": results, "Messages": []})


def get_metric_statistics(self: CloudWatchResponse) -> ActionResult:
    """GetMetricStatistics with plain and extended statistics."""
    asked = self._get_params()
    plain, extended = asked.get("Statistics") or [], asked.get("ExtendedStatistics") or []
    if not plain and not extended:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
    data = _select(self, asked, asked["StartTime"], asked["EndTime"], asked.get("Unit"))
    points = []
    for at, samples in _periods(data, int(asked["Period"])).items():
        point: dict[str, Any] = {"Timestamp": at, "Unit": samples[0].unit or "None"}
        point.update({name: statistic(name, samples) for name in plain})
        if extended:
            point["ExtendedStatistics"] = {name: statistic(name, samples) for name in extended}
        points.append(point)
    return ActionResult({"Label": asked["MetricName"], "Datapoints": points})


def statistic(name: str, samples: list[MetricDatumBase]) -> float:
    """One statistic of the samples of a period; a percentile is interpolated between neighbours."""
    values = sorted(d.value for d in samples if isinstance(d, MetricDatum))
    sets = [d for d in samples if isinstance(d, MetricAggregatedDatum)]
    count = len(values) + sum(d.sample_count for d in sets)
    total = sum(values) + sum(d.sum for d in sets)
    simple = {
        "SampleCount": float(count),
        "Sum": float(total),
        "Average": total / count if count else 0.0,
        "Minimum": float(min([*values, *(d.min for d in sets)])),
        "Maximum": float(max([*values, *(d.max for d in sets)])),
    }
    if name in simple:
        return simple[name]
    match = _PERCENTILE.fullmatch(name)
    if match is None or not values:
        raise InvalidParameterValue(f"The value {name} for parameter Stat is not supported.")
    place = (len(values) - 1) * float(match[1]) / 100
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return float(values[low] + (values[high] - values[low]) * (place - low))


def _select(
    self: CloudWatchResponse, metric: Mapping[str, Any], start: datetime, end: datetime, unit: str | None
) -> Iterable[MetricDatumBase]:
    """The data of one metric: CloudWatch never adds dimensions up, so they have to be exactly these."""
    wanted = {(d["Name"], d["Value"]) for d in metric.get("Dimensions") or []}
    first, last = _aware(start), _aware(end)
    return [
        datum
        for datum in list(self.cloudwatch_backend.metric_data)
        if datum.namespace == metric["Namespace"]
        and datum.name == metric["MetricName"]
        and {(d.name, d.value) for d in datum.dimensions} == wanted
        and first <= _aware(datum.timestamp) < last
        and (not unit or datum.unit == unit)
    ]


def _periods(data: Iterable[MetricDatumBase], seconds: int) -> dict[datetime, list[MetricDatumBase]]:
    """Data by the start of their period; periods start at multiples of their length."""
    grouped: defaultdict[datetime, list[MetricDatumBase]] = defaultdict(list)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for datum in data:
        since = int((_aware(datum.timestamp) - epoch).total_seconds())
        grouped[epoch + timedelta(seconds=since - since % seconds)].append(datum)
    return dict(sorted(grouped.items()))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
