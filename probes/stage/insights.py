"""Searching an execution log that is too big to be read: one Logs Insights query, after a yes."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from probes._logs import Event
from probes._metrics import moment
from probes._together import together
from probes._window import narrowed
from probes.stage._execution_log import WORDS, failures, log_group
from probes.stage._told import CALLS, facts_of, reported_fact, summary, where
from wizard.model.aws import Aws, AwsError
from wizard.model.case import Case, Window
from wizard.model.probe import Evidence, Probe
from wizard.model.status import Effect, Reason

# About so much in most Regions; the page has every Region's own price. https://aws.amazon.com/cloudwatch/pricing/
PRICE_USD_PER_GB = 0.005
_GB, _LIMIT, _POLLS, _POLL_S = 1e9, 1000, 40, 1.0
_RUNNING = ("Scheduled", "Running", "Unknown")


class Insights(Probe):
    """Finds the newest failing requests with CloudWatch's own search engine, then reads their whole stories."""

    title = "Search the execution log with Logs Insights"
    hop = "stage"
    effect = Effect.COSTS
    warning = (
        "Runs one CloudWatch Logs Insights query over {log_group}, from {query_start} to {query_end}. It scans {scan}; "
        "AWS charges about 0.005 USD per GB, by Region, so {cost} (https://aws.amazon.com/cloudwatch/pricing/). "
        "Nothing is changed and your backend is not called."
    )
    calls = CALLS | {"logs:DescribeLogGroups", "logs:StartQuery", "logs:GetQueryResults", "logs:StopQuery"}
    docs = (
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html",
        "https://aws.amazon.com/cloudwatch/pricing/",
    )
    # Waits between two looks at a query that is running, in seconds.
    pause: ClassVar[Callable[[float], None]] = staticmethod(time.sleep)

    def foresee(self, case: Case, aws: Aws) -> Mapping[str, str]:
        """What the query will scan and cost."""
        group, window = log_group(case.traced), _window(aws, case)
        size = _size(aws, group, window)
        return {
            "log_group": group,
            "query_start": f"{window.start:%Y-%m-%d %H:%M} UTC",
            "query_end": f"{window.end:%H:%M} UTC",
            "scan": size.pop("scan"),
            "cost": size.pop("cost"),
            "command": (
                f"aws logs start-query --log-group-name {shlex.quote(group)} --start-time {window.start_ms // 1000} "
                f"--end-time {window.end_ms // 1000} --query-string {shlex.quote(query(case))}"
            ),
        }

    def run(self, case: Case, aws: Aws) -> Evidence:
        """FAIL with what failing requests show, PASS when there are none; UNKNOWN when the query does not end."""
        group, window = log_group(case.traced), _window(aws, case)
        started = aws.call(
            "logs",
            "StartQuery",
            logGroupName=group,
            startTime=window.start_ms // 1000,
            endTime=window.end_ms // 1000 + 1,
            queryString=query(case),
        )
        answer = self._answer(aws, str(started.get("queryId")))
        status = str(answer.get("status"))
        scanned = (answer.get("statistics") or {}).get("bytesScanned")
        facts: dict[str, Any] = {"log_group": group, "bytes_scanned": scanned, "query_status": status}
        if status != "Complete":
            return self.unknown(
                Reason.TIMED_OUT, f"The query over {group} ended as {status}.", "a shorter window (--since)", **facts
            )
        events = [event for row in answer.get("results") or [] if (event := _event(row))]
        seen = failures(aws, case, (events, len(events) >= _LIMIT))
        if seen.stories:
            told = facts_of(case, seen, group)
            return self.failed(summary(case, seen, told), **facts, **{k: v for k, v in told.items() if k not in facts})
        facts |= {"requests": 0, "other_methods": seen.others, "capped": seen.capped, **reported_fact(case, seen)}
        if seen.capped:
            said = f"The newest {len(events)} failing lines of {group} are none of {where(case)}."
            return self.unknown(Reason.NO_DATA, said, "a shorter window (--since)", **facts)
        return self.passed(f"{group} shows no failing request to {where(case)} in this time window.", **facts)

    def _answer(self, aws: Aws, query_id: str) -> dict[str, Any]:
        """The query's results; a query that goes on too long is stopped."""
        answer: dict[str, Any] = {"status": "Running"}
        for _ in range(_POLLS):
            answer = aws.call("logs", "GetQueryResults", queryId=query_id)
            if answer.get("status") not in _RUNNING:
                return answer
            type(self).pause(_POLL_S)
        aws.call("logs", "StopQuery", queryId=query_id)
        return answer


def query(case: Case) -> str:
    """The Logs Insights query for failing requests, and for the one that was reported.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
    """
    reported = re.sub(r"[^\w=+.-]", "", case.symptom.request_id or "")
    words = [*WORDS, *([re.escape(reported)] if reported else [])]
    pattern = "|".join(words)
    return (
        f"fields @timestamp, @message, @logStream | filter @message like /{pattern}/ "
        f"| sort @timestamp desc | limit {_LIMIT}"
    )


def _window(aws: Aws, case: Case) -> Window:
    return narrowed(aws, case) or case.window


def _size(aws: Aws, group: str, window: Window) -> dict[str, str]:
    """How much the query scans, and what that costs, in words; from what was written in its time, else from all."""
    answers = together(
        {
            "written": lambda: _written(aws, group, window),
            "groups": lambda: aws.call("logs", "DescribeLogGroups", logGroupNamePrefix=group),
        }
    )
    written, groups = answers["written"], answers["groups"]
    if isinstance(written, float):
        return _words(written, "about")
    if not isinstance(groups, AwsError):
        stored = [
            item.get("storedBytes") for item in groups.get("logGroups") or [] if item.get("logGroupName") == group
        ]
        if stored and stored[0] is not None:
            return _words(float(stored[0]), "at most")
    return {"scan": "an amount that could not be found out", "cost": "what it costs is not known beforehand"}


def _written(aws: Aws, group: str, window: Window) -> float | None:
    """The bytes that went into the group in this time, None when that was not measured.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
    """
    metric = {
        "Namespace": "AWS/Logs",
        "MetricName": "IncomingBytes",
        "Dimensions": [{"Name": "LogGroupName", "Value": group}],
    }
    query = {"Id": "incoming", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": True}
    pages = aws.pages(
        "cloudwatch", "GetMetricData", MetricDataQueries=[query], StartTime=window.start, EndTime=window.end
    )
    values = [float(value) for item in pages.items("MetricDataResults") for value in item.get("Values") or []]
    return sum(values) if values else None


def _words(size: float, how: str) -> dict[str, str]:
    gigabytes = size / _GB
    amount = f"{how} {gigabytes:.1f} GB" if gigabytes >= 0.1 else f"{how} {size / 1e6:.1f} MB"
    cost = gigabytes * PRICE_USD_PER_GB
    return {
        "scan": amount if size >= 1e5 else "less than 0.1 MB",
        "cost": f"{how} {cost:.3f} USD" if cost >= 0.001 else "less than 0.001 USD",
    }


def _event(row: list[dict[str, str]]) -> Event | None:
    """A row of the results as FilterLogEvents would tell it; @timestamp is UTC without saying so."""
    fields = {str(cell.get("field")): str(cell.get("value")) for cell in row}
    at = moment(fields.get("@timestamp", "") + "+00:00")
    if at is None:
        return None
    return {
        "timestamp": int(at.timestamp() * 1000),
        "message": fields.get("@message", ""),
        "logStreamName": fields.get("@logStream", ""),
    }
