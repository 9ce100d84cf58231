"""A healthy shop as plain answers, and an Aws that gives them; a test changes the answers it is about."""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from probes.path.trace import TracePath
from tests.probes.at_once import _no_threads_of_probes
from wizard.model.aws import AwsError, Denied, HttpAnswer, NotFound, Pages, Throttled, TimedOut, Unreachable
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.trace import Trace
from wizard.model.tree import Signature

ACCOUNT, REGION, API, STAGE = "123456789012", "us-east-1", "abc123", "prod"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LAMBDA = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:shop-orders"
LIVE = LAMBDA.format(FUNCTION + ":live")
BY_VARIABLE = LAMBDA.format(FUNCTION.replace("shop-orders", "${stageVariables.name}") + ":live")
LOG_GROUP = f"API-Gateway-Execution-Logs_{API}/{STAGE}"
FORMAT = (
    '{"requestId":"$context.requestId","status":"$context.status","httpMethod":"$context.httpMethod",'
    '"resourcePath":"$context.resourcePath","error":"$context.error.message","type":"$context.error.responseType",'
    '"integrationError":"$context.integration.error","integrationStatus":"$context.integration.integrationStatus",'
    '"latency":"$context.integration.latency","lambdaId":"$context.integration.requestId"}'
)
ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
ERRORS = (Denied("x:Y"), Throttled("slow down"), TimedOut("no answer"), Unreachable("no way there"))

__all__ = ["_no_threads_of_probes"]

Key = tuple[str, str]
Answer = Any  # a dict, an AwsError, or a function of the parameters


class FakeAws:
    """Answers from {(service, operation): answer}; what is not there is not found. Notes what was asked."""

    def __init__(self, answers: Mapping[Key, Answer], http: HttpAnswer | AwsError | None = None) -> None:
        self.answers, self.http = answers, http
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._lock = threading.Lock()

    @property
    def used(self) -> set[str]:
        return {name for name, _ in self.asked}

    def params(self, name: str) -> list[dict[str, Any]]:
        return [params for asked, params in self.asked if asked == name]

    def call(self, service: str, operation: str, /, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        with self._lock:
            self.asked.append((f"{service}:{operation}", {**params, **({"region": region} if region else {})}))
        answer = self.answers.get((service, operation), NotFound(f"{service}.{operation}: not there"))
        answer = answer(**params) if callable(answer) else answer
        if isinstance(answer, AwsError):
            raise answer
        found: dict[str, Any] = copy.deepcopy(answer)
        return found

    def pages(
        self, service: str, operation: str, /, *, region: str | None = None, limit: int = 20, **params: Any
    ) -> Pages:
        page = self.call(service, operation, region=region, **params)
        return Pages((page,), truncated=bool(page.pop("truncated", False)))

    def request(self, method: str, url: str, *, timeout_s: float = 35.0) -> HttpAnswer:
        self.asked.append(("http", {"method": method, "url": url}))
        if self.http is None or isinstance(self.http, AwsError):
            raise self.http or Unreachable("nobody answers")
        return self.http


def integration(**changes: Any) -> dict[str, Any]:
    """An integration as the API tells it."""
    return {"type": "AWS_PROXY", "uri": LIVE, "httpMethod": "POST", "timeoutInMillis": 29_000, **changes}


def export(**methods: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to GetExport: keywords are the methods of /orders/{id}."""
    spelt = {
        name: {"x-amazon-apigateway-integration": {**i, "type": str(i["type"]).lower()}} for name, i in methods.items()
    }
    return {"contentType": "application/json", "body": json.dumps({"paths": {"/orders/{id}": spelt}})}


def resources(**methods: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to GetResources: keywords are the methods of /orders/{id}."""
    own = {name: {"httpMethod": name, "methodIntegration": i} for name, i in methods.items()}
    return {
        "items": [
            {"id": "r0", "path": "/"},
            {"id": "r1", "path": "/orders"},
            {"id": "r2", "path": "/orders/{id}", "resourceMethods": own},
        ]
    }


def logged(*requests: tuple[str, list[str]], matching: bool = True) -> Callable[..., dict[str, Any]]:
    """FilterLogEvents over these requests (id, lines), a second apart, with the filter pattern's terms applied."""
    start = int((NOW - timedelta(minutes=10)).timestamp() * 1000)
    events = [
        {"timestamp": start + 1000 * n, "message": f"({identity}) {line}", "logStreamName": "s"}
        for n, (identity, lines) in enumerate(requests)
        for line in lines
    ]

    def answer(**params: Any) -> dict[str, Any]:
        if params.get("logGroupName") == "access":
            return {"events": []}
        if not str(params.get("logGroupName")).startswith("API-Gateway"):
            raise NotFound("no such log group")
        terms = [term.strip('"') for term in str(params.get("filterPattern") or "").split("?") if term.strip()]
        terms = [term.strip().strip('"') for term in terms]
        within = [e for e in events if params["startTime"] <= int(str(e["timestamp"])) < params["endTime"]]
        return {"events": [e for e in within if any(term in str(e["message"]) for term in terms)]}

    return answer


def access_line(**values: str) -> str:
    """A line of the access log in FORMAT; keywords are its keys, what is not given is "-"."""
    keys = re.findall(r'"(\w+)":', FORMAT)
    known = {"requestId": ONE, "httpMethod": "GET", "resourcePath": "/orders/{id}", **values}
    return json.dumps({key: known.get(key, "-") for key in keys}, separators=(",", ":"))


def ms(minutes: float) -> int:
    """So many minutes before NOW, in milliseconds since the epoch."""
    return int((NOW - timedelta(minutes=minutes)).timestamp() * 1000)


def groups(**events: list[tuple[float, str, str]]) -> Callable[..., dict[str, Any]]:
    """FilterLogEvents over several groups (execution, access, function): (minutes before NOW, stream, message)."""
    names = {"execution": LOG_GROUP, "access": "access", "function": "/aws/lambda/shop-orders"}

    def answer(**params: Any) -> dict[str, Any]:
        known = {names[name]: listed for name, listed in events.items()}.get(params["logGroupName"])
        if known is None:
            raise NotFound("no such log group")
        terms = re.findall(r'"([^"]*)"', str(params.get("filterPattern") or ""))
        streams = params.get("logStreamNames")
        found = [
            {"timestamp": ms(at), "logStreamName": stream, "message": message}
            for at, stream, message in known
            if params["startTime"] <= ms(at) < params["endTime"]
            and (not terms or any(term in message for term in terms))
            and (not streams or stream in streams)
        ]
        return {"events": sorted(found, key=lambda event: event["timestamp"])}

    return answer


def periods(name: str, step_s: int, **values: list[tuple[float, float]]) -> list[dict[str, Any]]:
    """Results of GetMetricData: (minutes before NOW, value) for {name}_{keyword}, at starts of periods."""

    def at(minutes: float) -> str:
        moment = int((NOW - timedelta(minutes=minutes)).timestamp()) // step_s * step_s
        return datetime.fromtimestamp(moment, UTC).isoformat()

    return [
        {
            "Id": f"{name}_{key}",
            "Timestamps": [at(minutes) for minutes, _ in listed],
            "Values": [value for _, value in listed],
        }
        for key, listed in values.items()
    ]


def story(
    *failure: str, status: int = 500, path: str = "/orders/42", method: str = "GET", uri: str = LIVE
) -> list[str]:
    """The lines of one request."""
    address = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/" + uri.partition("/functions/")[2]
    return [
        f"Starting execution for request: {ONE}",
        f"HTTP Method: {method}, Resource Path: {path}",
        f"Endpoint request URI: {address}",
        f"Sending request to {address}",
        *failure,
        f"Method completed with status: {status}",
    ]


def measured(**values: list[float]) -> dict[str, Any]:
    """The answer to GetMetricData."""
    return {"MetricDataResults": [{"Id": name, "Values": found} for name, found in values.items()]}


def healthy(**changes: Any) -> dict[Key, Answer]:
    """Every answer of a shop where nothing is wrong; `stage` changes GetStage."""
    stage = {
        "stageName": STAGE,
        "deploymentId": "d1",
        "variables": {"name": "shop-orders"},
        "methodSettings": {"*/*": {"loggingLevel": "INFO", "dataTraceEnabled": True}},
        "tracingEnabled": True,
        "lastUpdatedDate": "2026-11-18T09:00:00+00:00",
        "accessLogSettings": {"destinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access", "format": FORMAT},
        **changes.get("stage", {}),
    }
    policy = {
        "Statement": [
            {
                "Sid": "s",
                "Effect": "Allow",
                "Principal": {"Service": "apigateway.amazonaws.com"},
                "Action": "lambda:InvokeFunction",
                "Resource": FUNCTION,
            }
        ]
    }
    return {
        ("apigateway", "GetRestApi"): {"id": API, "name": "shop", "endpointConfiguration": {"types": ["REGIONAL"]}},
        ("apigateway", "GetStage"): stage,
        ("apigateway", "GetStages"): {"item": [stage]},
        ("apigateway", "GetResources"): resources(GET=integration()),
        ("apigateway", "GetExport"): export(get=integration()),
        ("apigateway", "GetAccount"): {"cloudwatchRoleArn": "arn:aws:iam::123456789012:role/logs"},
        ("apigateway", "GetDeployment"): {"id": "d1", "createdDate": "2026-11-20T09:00:00+00:00"},
        ("apigateway", "GetBasePathMappings"): {"items": [{"basePath": "(none)", "restApiId": API, "stage": STAGE}]},
        ("apigateway", "TestInvokeMethod"): {"status": 200, "latency": 12, "log": "Successfully completed execution"},
        ("sts", "GetCallerIdentity"): {"Account": ACCOUNT},
        ("logs", "FilterLogEvents"): logged((ONE, story("Successfully completed execution", status=200))),
        ("cloudwatch", "GetMetricData"): measured(count=[9], integration_max=[80], duration_max=[60]),
        ("lambda", "GetFunctionConfiguration"): {"FunctionName": "shop-orders", "Timeout": 10, "State": "Active"},
        ("logs", "DescribeLogGroups"): {"logGroups": [{"logGroupName": LOG_GROUP, "storedBytes": 5_000_000_000}]},
        ("logs", "StartQuery"): {"queryId": "q1"},
        ("logs", "GetQueryResults"): {"status": "Complete", "results": [], "statistics": {"bytesScanned": 10.0}},
        ("logs", "StopQuery"): {"success": True},
        ("apigateway", "GetDeployments"): {"items": [{"id": "d1", "createdDate": "2026-11-18T09:00:00+00:00"}]},
        ("xray", "GetTraceSummaries"): {"TraceSummaries": []},
        ("xray", "BatchGetTraces"): {"Traces": []},
        ("cloudtrail", "LookupEvents"): {"Events": []},
        ("health", "DescribeEvents"): {"events": []},
        ("lambda", "GetPolicy"): {"Policy": json.dumps(policy)},
        ("lambda", "ListAliases"): {"Aliases": []},
        ("lambda", "GetFunctionConcurrency"): {},
        ("lambda", "GetAccountSettings"): {
            "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
        },
    }


SIGNATURES = (
    Signature(
        "lambda-permission-missing",
        "execution-log",
        text="Invalid permissions on Lambda function",
        seen=True,
        weight=38,
    ),
    Signature(
        "integration-timeout", "execution-log", text="Execution failed due to a timeout error", seen=True, weight=39
    ),
    Signature("integration-timeout", "client", text="Endpoint request timed out", seen=True, weight=26),
    Signature("lambda-response-body-not-string", "execution-log", payload="body-not-string", seen=True, weight=10_000),
)


def new_case(**target: Any) -> Case:
    """A case that is not traced yet; keywords change the target, `symptom` is the Symptom."""
    symptom = target.pop("symptom", Symptom())
    known = Target(api_id=API, stage=STAGE, method="GET", path="/orders/42", region=REGION, account=ACCOUNT)
    return Case(replace(known, **target), symptom, Window(NOW - timedelta(hours=1), NOW), signatures=SIGNATURES)


def traced(answers: Mapping[Key, Answer], case: Case | None = None, aws: FakeAws | None = None, **trace: Any) -> Case:
    """The case as the trace finds it in these answers, asked of `aws` where one is given; keywords change the trace."""
    case = case or new_case()
    facts = TracePath().run(case, aws or FakeAws(answers)).facts
    found, target = facts["trace"], facts["target"]
    assert isinstance(found, dict)
    assert isinstance(target, dict)
    named = {name: target[name] for name in ("api_type", "stage", "method", "path")}
    target = replace(case.target, **named)
    return replace(case, target=target, trace=replace(Trace.from_facts(found), **trace))


@pytest.fixture
def world() -> dict[Key, Answer]:
    """The healthy shop's answers."""
    return healthy()
