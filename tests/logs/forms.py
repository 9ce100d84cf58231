# ruff: noqa: E501
"""One failing request (a body that is no string) or one failing function, told in every form that a log can have."""

from __future__ import annotations

import base64
import json

ID = "11111111-2222-3333-4444-555555555555"
LAMBDA = "99999999-2222-3333-4444-555555555555"
TRACE = "1-65920080-0123456789abcdef01234567"
EVENTS = [
    "Starting execution for request: " + ID,
    "HTTP Method: GET, Resource Path: /orders/42",
    'Endpoint response body before transformations: {"statusCode": 200, "body": {"a": 1}}',
    "Execution failed due to configuration error: Malformed Lambda proxy response",
    "Method completed with status: 502",
]
EXECUTION = [f"({ID}) {event}" for event in EVENTS]
STAMPED = [f"2026-11-20T08:00:0{n}.123Z {line}" for n, line in enumerate(EXECUTION)]
TESTED = ["Execution log for request " + ID, *(f"Fri Nov 20 08:00:00 UTC 2026 : {event}" for event in EVENTS)]


def event(message: str, n: int = 0) -> dict[str, object]:
    """A log event as FilterLogEvents gives it."""
    return {
        "logStreamName": "abc",
        "timestamp": 1795161600000 + n,
        "message": message,
        "ingestionTime": 1795161600005,
        "eventId": str(n),
    }


def csv_of(rows: list[str]) -> str:
    """The table that the console's Logs Insights page exports."""
    cells = [[f"2026-11-20 08:00:0{n}.000", row] for n, row in enumerate(rows)]
    return "@timestamp,@message\n" + "".join(
        ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) + "\n" for row in cells
    )


MANY = [event(line, n) for n, line in enumerate(EXECUTION)]
ROWS = [
    [
        {"field": "@timestamp", "value": "2026-11-20 08:00:00.000"},
        {"field": "@message", "value": line},
        {"field": "@ptr", "value": "x"},
    ]
    for line in EXECUTION
]
SUBSCRIBED = {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "subscriptionFilters": ["f"]}
REQUEST_LOGS: dict[str, str] = {
    "bare lines": "\n".join(EVENTS),
    "execution log": "\n".join(EXECUTION),
    "execution log, CRLF": "\r\n".join(EXECUTION) + "\r\n",
    "S3 export": "\n".join(STAMPED) + "\n",
    "aws logs tail": "\n".join(f"2026-11-20T08:00:00.123000+00:00 ab12cd {line}" for line in EXECUTION),
    "aws logs --output text": "\n".join(f"EVENTS\t1795161600005\t{line}\t1795161600000" for line in EXECUTION),
    "test-invoke": "\n".join(TESTED),
    "test-invoke with a masked date": "\n".join(f"DDD MMM dd hh:mm:ss UTC yyyy : {event}" for event in EVENTS),
    "test-invoke-method JSON": json.dumps(
        {"status": 502, "body": "{}", "headers": {}, "log": "\n".join(TESTED), "latency": 4}, indent=4
    ),
    "filter-log-events, indented": json.dumps({"events": MANY, "searchedLogStreams": []}, indent=4),
    "filter-log-events, one line": json.dumps({"events": MANY, "searchedLogStreams": []}),
    "get-log-events": json.dumps(
        {
            "events": [{k: e[k] for k in ("timestamp", "message", "ingestionTime")} for e in MANY],
            "nextForwardToken": "f/1",
        },
        indent=4,
    ),
    "bare list of events": json.dumps(MANY, indent=2),
    "events as JSON lines": "\n".join(map(json.dumps, MANY)),
    "get-query-results": json.dumps(
        {"queryLanguage": "CWLI", "results": ROWS, "statistics": {"recordsMatched": 5.0}, "status": "Complete"},
        indent=4,
    ),
    "Insights JSON of the console": json.dumps(
        [{"@timestamp": "2026-11-20 08:00:00.000", "@message": line} for line in EXECUTION]
    ),
    "Insights CSV": csv_of(EXECUTION),
    "console CSV": "timestamp,message\n"
    + "".join(f'1795161600000,"{line.replace(chr(34), chr(34) * 2)}"\n' for line in EXECUTION),
    "subscription documents": json.dumps({**SUBSCRIBED, "logEvents": MANY[:3]})
    + json.dumps({**SUBSCRIBED, "logEvents": MANY[3:]}),
    "body over several lines": f'({ID}) Endpoint response body before transformations: \n{{\n  "statusCode": 200,\n  "body": {{"a": 1}}\n}}\n'
    + "\n".join(EXECUTION[3:]),
    "error first, body pasted below": EVENTS[3] + '\n{\n  "statusCode": 200,\n  "body": {"a": 1}\n}\n',
    "some prose before": "Hi all,\nour API fails since Monday:\n\n" + "\n".join(EXECUTION) + "\n\nAny idea?\n",
}

BOOM = '{"errorType":"Error","errorMessage":"boom","stack":["Error: boom","    at handler (/var/task/index.js:3:9)"]}'
REPORT = f"REPORT RequestId: {LAMBDA}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB"
PYTHON_TRACE = '[ERROR] KeyError: \'id\'\rTraceback (most recent call last):\r  File "/var/task/app.py", line 3, in handler\r    event["id"]'
FUNCTION_LOGS: dict[str, tuple[str, str]] = {
    "timeout": (
        "lambda-timeout",
        f"START RequestId: {LAMBDA} Version: $LATEST\n2026-11-20T08:00:03.000Z {LAMBDA} Task timed out after 3.00 seconds\nEND RequestId: {LAMBDA}\n{REPORT}",
    ),
    "timeout, JSON format": (
        "lambda-timeout",
        json.dumps(
            {
                "time": "2026-11-20T08:00:03.000Z",
                "type": "platform.report",
                "record": {
                    "requestId": LAMBDA,
                    "status": "timeout",
                    "metrics": {"durationMs": 3000.0, "memorySizeMB": 128, "maxMemoryUsedMB": 60},
                },
            }
        ),
    ),
    "killed": (
        "lambda-out-of-memory",
        f"RequestId: {LAMBDA} Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n{REPORT}\tStatus: error\tError Type: Runtime.ExitError",
    ),
    "exit": (
        "lambda-process-crash",
        f"RequestId: {LAMBDA} Error: Runtime exited with error: exit status 1\nRuntime.ExitError",
    ),
    "Python": ("lambda-unhandled-exception", PYTHON_TRACE.replace("\r", "\n")),
    "Python, one event": ("lambda-unhandled-exception", json.dumps(event(PYTHON_TRACE.replace("\r", "\n")))),
    "Python, JSON format": (
        "lambda-unhandled-exception",
        json.dumps(
            {
                "timestamp": "2026-11-20T08:00:03Z",
                "level": "ERROR",
                "message": "'id'",
                "errorType": "KeyError",
                "errorMessage": "'id'",
                "requestId": LAMBDA,
                "stackTrace": ['  File "/var/task/app.py", line 3, in handler\n    event["id"]\n'],
            }
        ),
    ),
    "Node": ("lambda-unhandled-exception", f"2026-11-20T08:00:03.000Z\t{LAMBDA}\tERROR\tInvoke Error \t{BOOM}"),
    "Node, JSON format": (
        "lambda-unhandled-exception",
        json.dumps(
            {"timestamp": "2026-11-20T08:00:03Z", "level": "ERROR", "requestId": LAMBDA, "message": json.loads(BOOM)}
        ),
    ),
    "Node, invoke answer": (
        "lambda-unhandled-exception",
        json.dumps(
            {
                "StatusCode": 200,
                "FunctionError": "Unhandled",
                "LogResult": base64.b64encode(f"{LAMBDA}\tERROR\tInvoke Error \t{BOOM}".encode()).decode(),
                "ExecutedVersion": "$LATEST",
            },
            indent=4,
        ),
    ),
    "no module": (
        "lambda-dependency-missing",
        "[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'requests'",
    ),
    "no handler": ("lambda-handler-not-found", "Runtime.HandlerNotFound: index.handler is undefined or not exported"),
    "entry point": (
        "lambda-entrypoint-invalid",
        f"RequestId: {LAMBDA} Error: fork/exec /var/task/bootstrap: exec format error\nRuntime.InvalidEntrypoint",
    ),
}

DENIED = "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again."
LARGE = "Lambda Customer Function Error:Response payload size exceeded maximum allowed payload size (6291556 bytes)."
ENTRY = {
    "requestId": ID,
    "ip": "1.2.3.4",
    "requestTime": "20/Nov/2026:08:00:00 +0000",
    "httpMethod": "GET",
    "status": "502",
    "integration_error": LARGE,
}
XML = f'<request id="{ID}"> <ip>1.2.3.4</ip> <requestTime>20/Nov/2026:08:00:00 +0000</requestTime> <httpMethod>GET</httpMethod> <status>502</status> <error>{LARGE}</error> </request>'
ACCESS_LOGS: dict[str, tuple[str, str]] = {
    "JSON": ("lambda-response-too-large", json.dumps(ENTRY)),
    "JSON, indented": ("lambda-response-too-large", json.dumps(ENTRY, indent=2)),
    "JSON behind a time": ("lambda-response-too-large", "2026-11-20T08:00:00.123000+00:00 ab12 " + json.dumps(ENTRY)),
    "JSON in an event": ("lambda-response-too-large", json.dumps({"events": [event(json.dumps(ENTRY))]}, indent=4)),
    "common": (
        "lambda-permission-missing",
        f'1.2.3.4 - - [20/Nov/2026:08:00:00 +0000] "GET $default HTTP/1.1" 500 35 AqCiOhxcLPEEMIA= {DENIED}',
    ),
    "XML": ("lambda-response-too-large", XML),
    "XML, several lines": ("lambda-response-too-large", XML.replace("> <", ">\n<")),
    "CSV": (
        "lambda-response-too-large",
        f"1.2.3.4,-,-,20/Nov/2026:08:00:00 +0000,GET,/orders,HTTP/1.1,502,35,{ID},{LARGE}",
    ),
    "custom": ("lambda-response-too-large", f"req={ID} time=20/Nov/2026:08:00:00 +0000 status=502 err={LARGE}"),
    "WebSocket": (
        "authorizer-lambda-error",
        json.dumps(
            {
                "requestId": "abcdefgh=",
                "eventType": "CONNECT",
                "routeKey": "$connect",
                "status": "500",
                "connectionId": "xyz=",
                "error": "AUTHORIZER_CONFIGURATION_ERROR",
            }
        ),
    ),
}
CLIENT_TEXTS: dict[str, tuple[str, str]] = {
    "curl -i": (
        "authorizer-lambda-error",
        'HTTP/1.1 500 Internal Server Error\nx-amzn-ErrorType: AuthorizerConfigurationException\n\n{"message":null}',
    ),
    "curl -v": (
        "integration-timeout",
        '> GET /prod/orders HTTP/2\n> Host: x\n>\n< HTTP/2 504 \n< x-amzn-errortype: InternalServerErrorException\n<\n{"message": "Endpoint request timed out"}',
    ),
    "header": ("authorizer-lambda-error", "x-amzn-ErrorType: AuthorizerConfigurationException"),
    "body": ("integration-timeout", '{"message": "Endpoint request timed out"}'),
    "frame": (
        "lambda-permission-source-arn-mismatch",
        '< {"message": "Internal server error", "connectionId":"Vabc=", "requestId":"VNRX-Q="}',
    ),
}
