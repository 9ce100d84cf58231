"""CloudWatch Logs: FilterLogEvents with real filter patterns, time range, streams and paging."""

from __future__ import annotations

import json
from typing import Any

from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.responses import LogsResponse

from wizard.sandbox.moto_gaps import filterpattern

# A page ends after so many events or bytes, whichever comes first.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
MAX_EVENTS, MAX_BYTES = 10_000, 1_048_576


def install() -> None:
    """Replace the handler."""
    setattr(LogsResponse, filter_log_events.__name__, filter_log_events)


def filter_log_events(self: LogsResponse) -> str:
    """FilterLogEvents: events of all chosen streams, oldest first."""
    asked: dict[str, Any] = json.loads(self.body or "{}")
    name = asked.get("logGroupName") or str(asked.get("logGroupIdentifier") or "").split(":log-group:")[-1].rstrip(":*")
    groups = self.logs_backend.groups
    if name not in groups:
        raise ResourceNotFoundException(msg="The specified log group does not exist.")
    try:
        matches = filterpattern.compiled(asked.get("filterPattern") or "")
    except ValueError as error:
        raise InvalidParameterException(msg=str(error)) from None
    wanted, prefix = asked.get("logStreamNames"), str(asked.get("logStreamNamePrefix") or "")
    streams = {
        key: stream
        for key, stream in list(groups[name].streams.items())
        if (not wanted or key in wanted) and key.startswith(prefix)
    }
    start, end = asked.get("startTime") or 0, asked.get("endTime")
    events = [
        {**event.to_filter_dict(), "logStreamName": key}
        for key, stream in streams.items()
        for event in list(stream.events)
        if event.timestamp >= start and (end is None or event.timestamp < end) and matches(event.message)
    ]
    events.sort(key=lambda event: (event["timestamp"], int(event["eventId"])))
    first, limit = _position(asked.get("nextToken")), min(int(asked.get("limit") or MAX_EVENTS), MAX_EVENTS)
    page = _page(events[first : first + limit])
    answer: dict[str, Any] = {"events": page, "searchedLogStreams": []}
    if first + len(page) < len(events):
        answer["nextToken"] = f"Bxkq6kVGFtq2y_{first + len(page)}"
    return json.dumps(answer)


def _page(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events that fit on a page, one at least."""
    size = 0
    for number, event in enumerate(events):
        size += len(event["message"].encode())
        if size > MAX_BYTES and number:
            return events[:number]
    return events


def _position(token: str | None) -> int:
    if not token:
        return 0
    _, _, position = token.rpartition("_")
    if not position.isdigit():
        raise InvalidParameterException(msg="The specified nextToken is invalid.")
    return int(position)
