"""Records whole walks through the healthy sandbox as tests/cases/healthy*.yaml: python -m tests.cases.record

The REST shop is healthy.yaml, the HTTP API healthy-http.yaml.

Ids, times and durations are replaced by fixed ones, so that a second run changes nothing but what really is different.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from tests.grid.arena import Arena
from wizard.aws.cache import CachedAws
from wizard.aws.replay import Recorder
from wizard.aws.session import connect
from wizard.model.aws import NotFound
from wizard.model.case import Target
from wizard.ui.headless import check
from wizard.ui.settings import Settings

HERE = Path(__file__).parent
FILES = {
    "rest": HERE / "healthy.yaml",
    "http": HERE / "healthy-http.yaml",
    "authorizer": HERE / "healthy-authorizer.yaml",
    "user-pool": HERE / "healthy-user-pool.yaml",
}
AUTHORIZER_LOG = "/aws/lambda/shop-authorizer"
# How a REST shop is furnished that is not the plain one.
FURNISH = {"authorizer": ["token-authorizer"], "user-pool": ["cognito-authorizer"]}
API_ID, DEPLOYMENT = "a1b2c3d4e5", "dep1oy"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:shop-orders"
AT = "2026-01-15T09:00:00+00:00"
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# Times, durations, sizes and ids that no two runs share, and what stands for them.
_VOLATILE = {
    r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)": AT,
    r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d UTC 20\d\d": "Thu Jan 15 11:30:00 UTC 2026",
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT": "Thu, 15 Jan 2026 11:30:00 GMT",
    r"\d\d/[A-Z][a-z]{2}/20\d\d:\d\d:\d\d:\d\d": "15/Jan/2026:11:30:00",
    r"X-Amz-Date=\w+": "X-Amz-Date=20260115T113000Z",
    r'requestTimeEpoch\\":\d+': r'requestTimeEpoch\\":1768476600000',
    r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}": "Root=1-6968d1b8-0123456789abcdef01234567",
    r"Extended Request Id: [\w=+/-]+": "Extended Request Id: ExtendedReqId0=",
    r'extendedRequestId\\":\\"[\w=+/-]+': r'extendedRequestId\\":\\"ExtendedReqId0=',
    r'"x-amz-apigw-id": "[^"]+"': '"x-amz-apigw-id": "ExtendedReqId0="',
    r'"CodeSha256": "[^"]+"': '"CodeSha256": "tWMQ5U3MG4uuyuGDMp/A1sN639BZ38hjlFe+cIOzqB4="',
    r'"apigw-requestid": "[^"]+"': '"apigw-requestid": "RequestId0="',
    r'"RoleId": "[^"]+"': '"RoleId": "AROAEXAMPLEOFAROLE000"',
    r'"(CodeSize|TotalCodeSize)": \d{1,6}\b': r'"\1": 1757',
    r"Integration latency: \d+ ms": "Integration latency: 40 ms",
    r"Duration: [\d.]+ ms": "Duration: 40.00 ms",
    r"Max Memory Used: \d+ MB": "Max Memory Used: 43 MB",
}
_MS = {"p50": 40.0, "p99": 80.0, "max": 90.0}
_FAMILIES = ("latency", "integration", "method_integration", "duration")
_LOGS = ("FilterLogEvents",)
_HEADER = "# A walk through the healthy shop, as the sandbox answered it. Written by: python -m tests.cases.record\n"


def record(kind: str) -> dict[str, Any]:
    """The recording: target, answers and the log lines of the traced request."""
    with Arena() as arena:
        api_type = "rest" if kind in FURNISH else kind
        line = arena.build([], FURNISH.get(kind, ()), api_type)
        keys = {name: line[name] for name in ("access_key_id", "secret_access_key")}
        aws = connect(None, line["region"], line["endpoint_url"], **keys)
        recorder = Recorder(aws.inner)
        place = {name: line[name] for name in ("api_id", "stage", "method", "path", "region", "account", "url")}
        settings = Settings(lambda *_: CachedAws(recorder), Target(**place), region=line["region"], allow_invoke=True)
        check(settings, lambda *_: None)
        _more(recorder, line["api_id"] if api_type == "rest" else None)
        logs = {"function": [text for text in _lines(aws, "/aws/lambda/shop-orders") if text.strip()][:4]}
        if api_type == "rest":
            group = f"API-Gateway-Execution-Logs_{line['api_id']}/{line['stage']}"
            logs = {"execution": _story(_lines(aws, group), f"Resource Path: {line['path']}"), **logs}
        if kind == "authorizer":
            logs[AUTHORIZER_LOG] = [text for text in _lines(aws, AUTHORIZER_LOG) if text.strip()][:4]
        answers = [_entry(entry) for entry in recorder.entries if entry["operation"] not in _LOGS]
        target = {name: value for name, value in place.items() if name != "url"}
        return _fixed(line, {"target": target, "answers": answers, "logs": logs})


def _more(recorder: Recorder, api_id: str | None) -> None:
    """What is asked only when something is wrong; `api_id` is a REST API's."""
    if api_id:
        recorder.call("apigateway", "GetStages", restApiId=api_id)
    recorder.call("lambda", "GetFunctionConfiguration", FunctionName=FUNCTION)
    recorder.call("lambda", "ListAliases", FunctionName="shop-orders")
    recorder.pages("lambda", "ListFunctions")
    for function in (FUNCTION, FUNCTION.replace("orders", "products")):
        with suppress(NotFound):
            recorder.call("lambda", "GetPolicy", FunctionName=function)


def _lines(aws: Any, group: str) -> list[str]:
    events = aws.pages("logs", "FilterLogEvents", logGroupName=group).items("events")
    return [str(event["message"]).rstrip("\n") for event in events]


def _story(lines: list[str], mark: str) -> list[str]:
    """The lines of the first request that has the mark."""
    found = next(_UUID.search(text) for text in lines if text.endswith(mark))
    assert found is not None
    return [text for text in lines if text.startswith(f"({found[0]})")]


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    """One entry, with JSON text as data, durations rounded, and without the long question for the metrics."""
    entry = json.loads(json.dumps(entry))
    if len(entry.get("pages", ())) == 1:
        entry["answer"] = entry.pop("pages")[0]
    if entry["service"] == "lambda" and entry["operation"] in ("GetPolicy", "GetFunctionConfiguration"):
        entry["params"].setdefault("Qualifier", None)
    answer = entry.get("answer", {})
    if entry["operation"] == "GetExport":
        answer["body"] = json.loads(answer["body"])
    if entry["operation"] == "GetPolicy" and answer:
        answer["Policy"] = json.loads(answer["Policy"])
    if entry["operation"] == "GetMetricData":
        entry["params"] = {}
        answer["MetricDataResults"] = [_metric(result) for result in answer["MetricDataResults"]]
    if entry["operation"] == "TestInvokeMethod":
        answer["latency"] = 40
    if entry["service"] == "http":
        answer["took_ms"] = 90.0
        answer["headers"].pop("server", None)
    return {name: value for name, value in entry.items() if value or name == "answer"}


def _metric(result: dict[str, Any]) -> dict[str, Any]:
    family, _, stat = result["Id"].rpartition("_")
    values = result.get("Values") or []
    if values and family in _FAMILIES and stat in _MS:
        values = [_MS[stat]]
    label = result.get("Label") or result["Id"]
    return {"Id": result["Id"], "Label": label, "Values": values, "StatusCode": "Complete"}


def _fixed(line: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    found["answers"].sort(key=_order)
    text = json.dumps(found)
    host = line["endpoint_url"].partition("://")[2]
    stage = "" if line["stage"].startswith("$") else f"/{line['stage']}"
    text = text.replace(line["url"], f"https://{API_ID}.execute-api.us-east-1.amazonaws.com{stage}/orders/42")
    text = text.replace(host, f"{API_ID}.execute-api.us-east-1.amazonaws.com").replace(line["api_id"], API_ID)
    answers = found["answers"]
    for identity, instead in _ids(answers):
        text = text.replace(identity, instead)
    for number, uuid in enumerate(dict.fromkeys(_UUID.findall(text)), 901):
        text = text.replace(uuid, f"00000000-0000-4000-8000-{number:012}")
    for pattern, instead in _VOLATILE.items():
        text = re.sub(pattern, instead, text)
    fixed: dict[str, Any] = json.loads(text)
    return fixed


def _order(entry: dict[str, Any]) -> tuple[str, str, str, int]:
    """By operation; of answers about metrics the one with the most first: it is the one that cases change."""
    measured = entry.get("answer", {}).get("MetricDataResults", ())
    return entry["service"], entry["operation"], str(entry.get("params", {}).get("FunctionName")), -len(measured)


def _ids(answers: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The ids that no two runs share, and what stands for them."""
    for entry in answers:
        known = entry.get("answer") or {}
        if entry["operation"] == "GetResources":
            yield from ((item["id"], f"r{number:05}") for number, item in enumerate(known["items"]))
        for listed, name, short in (("GetRoutes", "RouteId", "rt"), ("GetIntegrations", "IntegrationId", "in")):
            if entry["operation"] == listed:
                yield from ((item[name], f"{short}{number:05}") for number, item in enumerate(known["Items"]))
        if entry["operation"] == "GetAuthorizer" and "authorizerId" in entry.get("params", {}):
            yield known["id"], "au7h0r"
        if entry["operation"] == "DescribeUserPool":
            yield known["UserPool"]["Id"], "us-east-1_Custom3rs"
        if entry["operation"] == "GetDeployments" and len(known["items"]) > 1:
            yield known["items"][0]["id"], "dep0ld"
        if entry["operation"] == "GetStage":
            yield known.get("deploymentId") or known.get("DeploymentId"), DEPLOYMENT


if __name__ == "__main__":
    for kind, file in FILES.items():
        file.write_text(_HEADER + yaml.safe_dump(record(kind), sort_keys=False, width=110, allow_unicode=True), "utf-8")
        print(f"wrote {file}")
