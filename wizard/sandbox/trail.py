"""CloudTrail: every management call that changed something in the sandbox, as LookupEvents tells it.

Event names and resources: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html (Lambda's carry
a version), https://docs.aws.amazon.com/apigateway/latest/developerguide/cloudtrail.html (HTTP APIs share the source).
Calls on data (an item of a table, an invocation, a log event) are no management events. The service needs up to 15
minutes, the sandbox none.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote

from wizard.sandbox import clock
from wizard.sandbox.backends import ACCOUNT
from wizard.sandbox.clients import client

USER = "shop-owner"
KEPT = 5_000
_SCOPE = re.compile(r"Credential=([A-Z0-9]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_READS = ("Get", "List", "Describe", "Filter", "Lookup", "BatchGet", "Test", "StartQuery", "StopQuery", "Query", "Scan")
_DATA = {
    "Invoke", "InvokeAsync", "InvokeWithResponseStream", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
    "TransactWriteItems", "PutLogEvents", "PutMetricData", "PutTraceSegments", "PutTelemetryRecords", "SendMessage",
    "Publish", "PutEvents", "PutRecord", "PutRecords", "StartExecution", "StartSyncExecution",
}  # fmt: skip
_LAMBDA_NAMES = {
    "CreateFunction": "20150331", "DeleteFunction": "20150331", "UpdateFunctionCode": "20150331v2",
    "UpdateFunctionConfiguration": "20150331v2", "AddPermission": "20150331v2", "RemovePermission": "20150331v2",
    "PublishVersion": "20150331", "CreateAlias": "20150331", "UpdateAlias": "20150331", "DeleteAlias": "20150331",
    "PutFunctionConcurrency": "20171031", "DeleteFunctionConcurrency": "20171031",
}  # fmt: skip
_RESOURCES = {
    "lambda": (("AWS::Lambda::Function", "functionName"),),
    "apigateway": (
        ("AWS::ApiGateway::RestApi", "restApiId"),
        ("AWS::ApiGatewayV2::Api", "apiId"),
        ("AWS::ApiGateway::Stage", "stageName"),
    ),
    "iam": (("AWS::IAM::Role", "roleName"), ("AWS::IAM::Policy", "policyName")),
    "dynamodb": (("AWS::DynamoDB::Table", "tableName"),),
    "logs": (("AWS::Logs::LogGroup", "logGroupName"),),
}
_SECRET = {"zipfile", "code"}


@dataclass(frozen=True)
class Event:
    """One recorded call; ``at`` in seconds since the epoch."""

    at: float
    region: str
    source: str
    name: str
    parameters: Mapping[str, Any]
    access_key: str
    resources: tuple[tuple[str, str], ...]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @cached_property
    def shown(self) -> dict[str, Any]:
        """The event as LookupEvents returns it; the whole record is JSON text inside."""
        record = {
            "eventVersion": "1.09",
            "userIdentity": {
                "type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/{USER}", "accountId": ACCOUNT,
                "accessKeyId": self.access_key, "userName": USER,
            },
            "eventTime": clock.iso(self.at)[:19] + "Z",
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": self.region,
            "requestParameters": self.parameters,
            "eventID": self.id,
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }  # fmt: skip
        return {
            "EventId": self.id,
            "EventName": self.name,
            "ReadOnly": "false",
            "AccessKeyId": self.access_key,
            "EventTime": int(self.at),
            "EventSource": self.source,
            "Username": USER,
            "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in self.resources],
            "CloudTrailEvent": json.dumps(record),
        }


class Trail:
    """Notes calls and finds them again. Thread-safe."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._events: list[Event] = []

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._events.clear()

    def events(self, region: str) -> list[Event]:
        """The events of a Region, newest first. IAM's are in us-east-1."""
        with self._lock:
            numbered = [(event.at, n, event) for n, event in enumerate(self._events) if event.region == region]
        return [event for _, _, event in sorted(numbered, key=lambda row: row[:2], reverse=True)]

    def note(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Record a call that was answered well, if it is one that changes something."""
        scope = _SCOPE.search(headers.get("authorization", ""))
        if scope is None or scope[1].startswith("ASIA"):
            return
        key, region, service = scope[1], scope[2], scope[3]
        name, parameters = self._call(service, verb, path, headers.get("target", ""), body)
        if not name or name.startswith(_READS) or name in _DATA:
            return
        shown = {_lower(k): v for k, v in parameters.items() if k.lower() not in _SECRET}
        event = Event(
            clock.now(), "us-east-1" if service == "iam" else region, f"{service}.amazonaws.com",
            name + (_LAMBDA_NAMES.get(name, "") if service == "lambda" else ""), shown, key, _named(service, shown),
        )  # fmt: skip
        with self._lock:
            self._events.append(event)
            del self._events[:-KEPT]

    def _call(self, service: str, verb: str, path: str, target: str, body: bytes) -> tuple[str, dict[str, Any]]:
        """The operation and its parameters, whichever protocol the service speaks."""
        if target:
            return target.rsplit(".", 1)[-1], _json(body)
        if service in _REST:
            return self._rest(service, verb, path, body)
        form = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        name = form.pop("Action", "")
        form.pop("Version", None)
        return name, dict(form)

    def _rest(self, service: str, verb: str, path: str, body: bytes) -> tuple[str, dict[str, Any]]:
        if verb == "GET":
            return "", {}
        model = "apigatewayv2" if service == "apigateway" and path.startswith("/v2/") else service
        for method, pattern, name in _routes(client(self._endpoint_url, model, "us-east-1").meta.service_model):
            match = pattern.fullmatch(path.rstrip("/")) if method == verb else None
            if match is not None:
                return name, {**{k: unquote(v) for k, v in match.groupdict().items()}, **_json(body)}
        return "", {}


_REST = ("lambda", "apigateway")
_known: dict[str, list[tuple[str, re.Pattern[str], str]]] = {}


def _routes(model: Any) -> list[tuple[str, re.Pattern[str], str]]:
    """Method, path and name of the operations of a REST protocol that change something; static paths first."""
    name = str(model.service_name)
    if name not in _known:
        found = []
        for operation in model.operation_names:
            http = model.operation_model(operation).http
            if http["method"] != "GET":
                uri = str(http["requestUri"]).split("?")[0].rstrip("/")
                found.append((uri.count("{"), http["method"], re.compile(_pattern(model, operation, uri)), operation))
        _known[name] = [row[1:] for row in sorted(found, key=lambda row: row[0])]
    return _known[name]


def _pattern(model: Any, operation: str, uri: str) -> str:
    """The path as an expression; placeholders get the names of the parameters they stand for."""
    members = model.operation_model(operation).input_shape.members
    wire = {str(shape.serialization.get("name", key)): str(key) for key, shape in members.items()}
    parts = re.split(r"\{([^}+]+)\+?\}", uri)
    return "".join(f"(?P<{wire.get(part, part)}>[^/]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts))


def _named(service: str, parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs = ((kind, parameters.get(key)) for kind, key in _RESOURCES.get(service, ()))
    return tuple((kind, str(value)) for kind, value in pairs if value)


def _json(body: bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(body or b"{}")
    except ValueError:
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
