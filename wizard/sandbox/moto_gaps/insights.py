"""CloudWatch Logs Insights: StartQuery, GetQueryResults and StopQuery for the everyday query.

``fields`` (or ``display``), ``filter``, ``sort``, ``limit`` and ``stats count(*) by FIELD, bin(5m)``, joined by ``|``.
A filter compares with ``like /…/``, ``like "…"``, ``=~ /…/``, ``= != < <= > >=`` and ``in ["…"]``, joined by ``and``,
``or``, ``not`` and brackets. Any other command is refused with MalformedQueryException. A query is answered at once.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import base64
import json
import uuid
from collections import OrderedDict
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogEvent, LogStream
from moto.logs.responses import LogsResponse

from wizard.sandbox import clock
from wizard.sandbox.moto_gaps import insightsquery
from wizard.sandbox.moto_gaps.insightsquery import Row

KEPT = 100
_answers: OrderedDict[str, dict[str, Any]] = OrderedDict()


class _MalformedError(JsonRESTError):
    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("MalformedQueryException", message)


def install() -> None:
    """Replace the handlers."""
    for handler in (start_query, get_query_results, stop_query):
        setattr(LogsResponse, handler.__name__, handler)


def start_query(self: LogsResponse) -> str:
    """StartQuery over one or more groups; times in seconds, the end included."""
    asked: dict[str, Any] = json.loads(self.body or "{}")
    given = [asked.get("logGroupName"), *(asked.get("logGroupNames") or []), *(asked.get("logGroupIdentifiers") or [])]
    names = [str(name).split(":log-group:")[-1].removesuffix(":*") for name in given if name]
    groups = self.logs_backend.groups
    missing = next((name for name in names if name not in groups), None)
    if missing is not None or not names:
        raise ResourceNotFoundException(msg=f"Log group '{missing}' does not exist for account ID")
    try:
        query = insightsquery.compiled(str(asked.get("queryString") or ""), int(asked.get("limit") or 0))
    except ValueError as error:
        raise _MalformedError(f"Invalid query: {error}") from None
    start, end = (_milliseconds(asked.get(name)) for name in ("startTime", "endTime"))
    read = [
        (name, stream, event)
        for name in dict.fromkeys(names)
        for stream in list(groups[name].streams.values())
        for event in list(stream.events)
        if start <= event.timestamp < end + 1000
    ]
    matched, rows = query([_row(*each) for each in read])
    number = str(uuid.uuid4())
    _answers[number] = {
        "status": "Complete",
        "queryLanguage": "CWLI",
        "results": [[{"field": key, "value": str(value)} for key, value in row.items()] for row in rows],
        "statistics": {
            "recordsMatched": float(matched), "recordsScanned": float(len(read)),
            "bytesScanned": float(sum(len(event.message.encode()) for _, _, event in read)),
        },
    }  # fmt: skip
    while len(_answers) > KEPT:
        _answers.popitem(last=False)
    return json.dumps({"queryId": number})


def get_query_results(self: LogsResponse) -> str:
    """GetQueryResults."""
    return json.dumps(_answers[_known(self)])


def stop_query(self: LogsResponse) -> str:
    """StopQuery: too late for a query that has ended."""
    _known(self)
    return json.dumps({"success": False})


def _known(self: LogsResponse) -> str:
    number = str(json.loads(self.body or "{}").get("queryId"))
    if number not in _answers:
        raise ResourceNotFoundException(msg="Query does not exist")
    return number


def _milliseconds(value: object) -> int:
    """Times come in seconds; some callers send milliseconds and the service understands them."""
    number = int(value) if isinstance(value, (int, float)) else 0
    return number if number > 100_000_000_000 else number * 1000


def _row(group: str, stream: LogStream, event: LogEvent) -> Row:
    """The fields of one event: the service's own, and those that it finds in a JSON message."""
    return {
        **insightsquery.discovered(event.message),
        "@timestamp": clock.iso(event.timestamp / 1000).replace("T", " ").rstrip("Z"),
        "@message": event.message,
        "@logStream": stream.log_stream_name,
        "@log": f"{stream.account_id}:{group}",
        "@ingestionTime": clock.iso(event.ingestion_time / 1000).replace("T", " ").rstrip("Z"),
        "@ptr": base64.b64encode(f"{group}/{event.event_id}".encode()).decode(),
    }
