"""A JSON object that a log holds, as lines: log events, access-log entries, Lambda's JSON log format, error objects,
and what the AWS CLI prints around all of these.

The shapes:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from wizard.logs.line import LONGEST, Line, clean

# Lists of which each element is an event or a result of its own.
CONTAINERS = ("events", "results", "logEvents", "Records", "records")
# The fields that people give an access log, in lower case and without anything but letters and digits.
_ACCESS_KEYS = frozenset(
    (
        "requestid",
        "extendedrequestid",
        "requesttime",
        "requesttimeepoch",
        "httpmethod",
        "routekey",
        "resourcepath",
        "path",
        "protocol",
        "ip",
        "sourceip",
        "responselength",
        "responselatency",
        "stage",
        "apiid",
        "domainname",
        "eventtype",
        "connectionid",
        "integrationerror",
        "integrationstatus",
        "integrationlatency",
        "integrationerrormessage",
        "errormessage",
        "errorresponsetype",
        "errormessagestring",
    )
)
_STATUS_KEYS = ("status", "statuscode", "httpstatus", "responsestatus", "httpstatuscode")
_LINK_KEYS = (
    "integrationrequestid",
    "awsendpointrequestid",
    "awsendpointrequestid2",
    "extendedrequestid",
    "xraytraceid",
)
_PLATFORM = {"platform.report": "REPORT RequestId: {id}", "platform.start": "START RequestId: {id}"}
_TRACE = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_DEEPEST = 4


def parse(text: str) -> Any:
    """The JSON value that a text is; None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def lines_of(event: str, number: int = 1) -> list[Line]:
    """A log event's text as lines: JSON is taken apart, anything else stays one line."""
    text = event.strip()
    if text.startswith("{") and text.endswith("}") and len(text) <= LONGEST:
        value = parse(text)
        if isinstance(value, dict):
            return list(read(value, number, text))
    return [clean(event, number)]


def read(value: Any, number: int, raw: str = "", depth: int = 0) -> Iterator[Line]:
    """The lines in a JSON value; `number` is where it begins in the input, `raw` how it stands there."""
    if isinstance(value, list):
        yield from _insights(value, number, depth)
        return
    if not isinstance(value, dict) or depth > _DEEPEST:
        yield clean(raw or _dumped(value), number)
        return
    for name in CONTAINERS:
        held = value.get(name)
        if isinstance(held, list) and held and isinstance(held[0], dict | list):
            for item in held:
                yield from read(item, number, depth=depth + 1)
            return
    if isinstance(log := value.get("log"), str) and ("Execution log" in log or "status" in value):
        yield from _tested(value, log, number)
    elif isinstance(value.get("message"), str) and _is_event(value):
        yield from _event(value["message"], value.get("timestamp"), number, depth)
    elif "@message" in value:
        yield from _event(value["@message"], value.get("@timestamp"), number, depth)
    elif isinstance(value.get("LogResult"), str) and "StatusCode" in value:
        yield from _invoked(value["LogResult"], number)
    else:
        yield _single(value, number, raw)


def _is_event(value: dict[str, Any]) -> bool:
    return isinstance(value.get("timestamp"), int) or "ingestionTime" in value or "logStreamName" in value


def _insights(row: list[Any], number: int, depth: int) -> Iterator[Line]:
    """A row of a Logs Insights answer: [{field, value}, …]; any other list element by element."""
    if row and all(isinstance(cell, dict) and "field" in cell for cell in row):
        fields = {str(cell["field"]): cell.get("value") for cell in row}
        if "@message" in fields:
            yield from _event(fields["@message"], fields.get("@timestamp"), number, depth)
        else:
            yield from read(fields, number, depth=depth + 1)
        return
    for item in row:
        if isinstance(item, dict | list):
            yield from read(item, number, depth=depth + 1)


def _event(message: Any, at: Any, number: int, depth: int) -> Iterator[Line]:
    value = message if isinstance(message, dict) else None
    text = message if isinstance(message, str) else ""
    if value is None and text.lstrip().startswith("{") and len(text) <= LONGEST:
        parsed = parse(text)
        value = parsed if isinstance(parsed, dict) else None
    for line in [clean(text, number)] if value is None else read(value, number, text, depth + 1):
        yield line if line.at else replace(line, at=_time(at))


def _time(at: Any) -> str | None:
    if isinstance(at, int) and 0 < at < 10**14:
        return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return at if isinstance(at, str) else None


def _tested(value: dict[str, Any], log: str, number: int) -> Iterator[Line]:
    """The answer of TestInvokeMethod or TestInvokeAuthorizer."""
    for text in log.split("\n"):
        yield clean(text, number)
    status = value.get("status", value.get("clientStatus"))
    if isinstance(status, int) and "Method completed with status" not in log:
        yield Line(number, f"Method completed with status: {status}")


def _invoked(log: str, number: int) -> Iterator[Line]:
    """The tail of a function's log as Invoke returns it, in base64."""
    try:
        text = base64.b64decode(log, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return
    for row in text.split("\n"):
        yield clean(row, number)


def _single(value: dict[str, Any], number: int, raw: str) -> Line:
    plain = {_plain(key): item for key, item in value.items()}
    if str(value.get("type", "")).startswith("platform.") and isinstance(value.get("record"), dict):
        return _platform(str(value["type"]), value["record"], value.get("time"), number)
    if "level" in plain and "message" in plain:
        return _logged(value, plain, number)
    if isinstance(value.get("errorMessage"), str) and ("errorType" in value or len(value) == 1):
        return Line(number, _error(value))
    if "message" not in plain and (len(plain.keys() & _ACCESS_KEYS) >= 2 or _of_integration(plain)):
        return _access(value, plain, number)
    named = plain.get("requestid")
    line = clean(raw or _dumped(value), number)
    return replace(line, request_id=named.lower()) if isinstance(named, str) and len(named) > 7 else line


def _of_integration(plain: dict[str, Any]) -> bool:
    """Whether a status stands beside what only the gateway says of its integration."""
    return any(key in plain for key in _STATUS_KEYS) and any(
        key in _ACCESS_KEYS for key in plain if "integration" in key
    )


def _access(value: dict[str, Any], plain: dict[str, Any], number: int) -> Line:
    """An entry of an access log in JSON, whatever its maker called the fields."""
    status = next((found for key in _STATUS_KEYS if (found := _number(plain.get(key)))), None)
    named = plain.get("requestid")
    links = [str(plain[key]).lower() for key in _LINK_KEYS if len(str(plain.get(key) or "")) > 7]
    links += [trace for link in links if (trace := _trace(link))]
    when = plain.get("requesttime")
    return Line(
        number,
        ", ".join(f'"{key}": "{_dumped(item)}"' for key, item in value.items())[:LONGEST],
        named.lower() if isinstance(named, str) and len(named) > 7 else None,
        when if isinstance(when, str) else None,
        status,
        True,
        tuple(dict.fromkeys(links)),
    )


def _platform(kind: str, record: dict[str, Any], at: Any, number: int) -> Line:
    """An event of the Lambda service itself, in the words of its text format."""
    named = str(record.get("requestId") or "")
    metrics = record.get("metrics")
    measured = metrics if isinstance(metrics, dict) else {}
    status, error = record.get("status"), record.get("errorType")
    if kind == "platform.initReport":
        took = measured.get("durationMs", "")
        text = f"INIT_REPORT Init Duration: {took} ms\tPhase: {record.get('phase', 'init')}"
    else:
        text = _PLATFORM.get(kind, kind + " RequestId: {id}").format(id=named)
        if measured:
            sizes = (measured.get("memorySizeMB", ""), measured.get("maxMemoryUsedMB", ""))
            text += f"\tDuration: {measured.get('durationMs', '')} ms\tMemory Size: {sizes[0]} MB"
            text += f"\tMax Memory Used: {sizes[1]} MB"
    if status not in (None, "success"):
        text += f"\tStatus: {'error' if status == 'failure' else status}"
    text += f"\tError Type: {error}" if error else ""
    tracing = record.get("tracing")
    trace = _trace(_dumped(tracing)) if tracing else None
    when = at if isinstance(at, str) else None
    return Line(number, text, named.lower() or None, when, links=(trace,) if trace else ())


def _logged(value: dict[str, Any], plain: dict[str, Any], number: int) -> Line:
    """A line that a function wrote, in Lambda's JSON log format or that of a common logging library."""
    message = value.get("message")
    inner = message if isinstance(message, dict) else value
    named, at = plain.get("requestid") or plain.get("awsrequestid") or plain.get("functionrequestid"), None
    at = next((plain[key] for key in ("timestamp", "time") if isinstance(plain.get(key), str)), None)
    if isinstance(inner.get("errorMessage"), str):
        text = _error(inner)
        text += f"\n{message}" if isinstance(message, str) and message not in text else ""
    else:
        text = message if isinstance(message, str) else _dumped(message)
        trace = plain.get("exception") or plain.get("stacktrace")
        text += f"\n{_rows(trace)}" if trace else ""
    return Line(number, text[:LONGEST], named.lower() if isinstance(named, str) else None, at)


def _error(value: dict[str, Any]) -> str:
    """An error object of a runtime: as it is sent, then as a text log would have it."""
    kind, said = str(value.get("errorType") or "Error"), str(value["errorMessage"])
    stack = _rows(value.get("stackTrace") or value.get("stack") or value.get("trace") or "")
    object_ = f'{{"errorType": "{kind}", "errorMessage": "{said}"}}'
    if 'File "' in stack:
        return f"{object_}\n[ERROR] {kind}: {said}\nTraceback (most recent call last):\n{stack}"[:LONGEST]
    return f"ERROR\tInvoke Error \t{object_}\n[ERROR] {kind}: {said}\n{stack}"[:LONGEST]


def _rows(value: Any) -> str:
    return "\n".join(_dumped(item).rstrip("\n") for item in value) if isinstance(value, list) else _dumped(value)


def _plain(key: str) -> str:
    return "".join(char for char in key.lower() if char.isalnum())


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if len(text) == 3 and text.isdecimal() and text.isascii() else None


def _trace(text: str) -> str | None:
    found = _TRACE.search(text)
    return found[0] if found else None


def _dumped(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""
