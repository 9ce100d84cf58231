"""Whether JSON is the answer of an AWS operation, by the models that botocore carries; and its plain form."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel, Shape
from botocore.utils import parse_timestamp

from wizard.aws.cli_answer import RefusedError
from wizard.model.cli_line import kebab

_SHOWN = 4
_LOADER = Loader()
# A text in the model, which botocore and with it the AWS CLI read as the JSON that it is.
# https://github.com/boto/botocore/blob/develop/botocore/handlers.py (json_decode_policies)
_POLICY = "policyDocumentType"
_BY: dict[str, tuple[type | tuple[type, ...], str]] = {
    "structure": (dict, "an object"),
    "map": (dict, "an object"),
    "list": (list, "a list"),
    "string": (str, "a text"),
    "boolean": (bool, "true or false"),
    "blob": (str, "a text"),
    "timestamp": ((str, int, float), "a time"),
    **dict.fromkeys(("integer", "long", "float", "double"), ((int, float), "a number")),
}
_API_OF_URL = re.compile(r"https?://([a-z0-9]+)\.execute-api\.")
# The AWS CLI's own word for where a listing was cut.
# https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
RESUME = "NextToken"
Params = Mapping[str, Any]
# What of an answer has to be what was asked for: pairs of (where it stands, found, wanted).
Told = Iterator[tuple[str, object, object]]


@cache
def model(service: str, operation: str) -> OperationModel | None:
    """The model of an operation; None when botocore does not know it."""
    found = _service(service)
    try:
        return found.operation_model(operation) if found else None
    except OperationNotFoundError:
        return None


def tokens(service: str, operation: str) -> frozenset[str]:
    """The keys by which an answer tells that there is more."""
    paging: dict[str, Any] = _paginators(service).get(operation, {})
    told = paging.get("output_token", RESUME)
    return frozenset({RESUME, *(told if isinstance(told, list) else [told])})


def expected(service: str, operation: str) -> str:
    """The answer in a few words: get-stage: stageName, deploymentId, …"""
    members = _members(service, operation)
    named = [_named(name) for name, _, _ in _told(service, operation, {}, {})]
    order = [name for name in dict.fromkeys([*named, *members]) if name in members.keys() - tokens(service, operation)]
    dots = ", …" if len(order) > _SHOWN else ""
    return f"{kebab(operation)}: {', '.join(order[:_SHOWN])}{dots}" if order else kebab(operation)


def read(service: str, operation: str, params: Params, data: dict[str, Any]) -> dict[str, Any]:
    """The answer as a live call gives it: times as ISO 8601 in UTC, nothing that is empty.

    Raises:
        RefusedError: it is the answer of another operation, of another kind, or about something else.
    """
    data = {key: value for key, value in data.items() if key != "ResponseMetadata" and value is not None}
    members = _members(service, operation)
    known = set(data) & (members.keys() | tokens(service, operation))
    strange = set(data) - known
    if data and (strange and (not known or _other(service, operation, data))):
        other = _other(service, operation, data)
        looks = f"this looks like the output of {kebab(other)}" if other else "this is the output of something else"
        raise RefusedError(f"{looks}; expected {expected(service, operation)}")
    answer = {key: _plain(members[key], value, key) if key in members else value for key, value in data.items()}
    for name, found, wanted in _told(service, operation, params, answer):
        if found is None and _named(name) in members:
            raise RefusedError(f"{name} is missing; paste all that the command prints")
        if wanted is not None and found != wanted:
            raise RefusedError(f"this is about another one: {name} is {_short(found)}; expected {_short(wanted)}")
    return answer


def may_be_empty(service: str, operation: str) -> bool:
    """Whether the AWS CLI may print nothing at all."""
    return not any(True for _ in _told(service, operation, {}, {}))


@cache
def _service(service: str) -> ServiceModel | None:
    try:
        return ServiceModel(_LOADER.load_service_model(service, "service-2"), service)
    except UnknownServiceError:
        return None


@cache
def _paginators(service: str) -> dict[str, Any]:
    try:
        pagination: dict[str, Any] = _LOADER.load_service_model(service, "paginators-1")["pagination"]
    except DataNotFoundError:
        return {}
    return pagination


def _members(service: str, operation: str) -> Mapping[str, Shape]:
    found = model(service, operation)
    members: Mapping[str, Shape] = found.output_shape.members if found and found.output_shape else {}
    return members


def _other(service: str, operation: str, data: Mapping[str, Any]) -> str:
    """The reading operation of the service whose answers have all these keys; empty when none has."""
    known = _service(service)
    keys = set(data) - {RESUME}
    names = [name for name in known.operation_names if name.startswith(("Get", "List", "Describe"))] if known else []
    fitting = [name for name in names if name != operation and keys and keys <= _members(service, name).keys()]
    return min(fitting, key=lambda name: (len(_members(service, name)), len(name)), default="")


def _plain(shape: Shape, value: Any, where: str) -> Any:
    if shape.name == _POLICY and isinstance(value, dict):
        return value
    kind, words = _BY[shape.type_name]
    wrong = not isinstance(value, kind) or (isinstance(value, bool) and shape.type_name != "boolean")
    if wrong:
        raise RefusedError(f"{where} should be {words}, not {_short(value)}")
    if shape.type_name == "structure":
        members: Mapping[str, Shape] = shape.members  # type: ignore[attr-defined]  # of a StructureShape
        return {
            key: _plain(members[key], item, f"{where}.{key}") if key in members else item
            for key, item in value.items()
            if item is not None
        }
    if shape.type_name == "list":
        return [_plain(shape.member, item, where) for item in value]  # type: ignore[attr-defined]  # of a ListShape
    if shape.type_name == "map":
        of: Shape = shape.value  # type: ignore[attr-defined]  # of a MapShape
        # A template of a mock may be null.
        return {key: item if item is None else _plain(of, item, f"{where}.{key}") for key, item in value.items()}
    if shape.type_name == "timestamp":
        return _time(value, where)
    return _text(value) if shape.type_name == "blob" else value


def _time(value: Any, where: str) -> str:
    try:
        moment: datetime = parse_timestamp(value)
    except (ValueError, OverflowError, OSError) as error:
        raise RefusedError(f"{where} should be a time, not {_short(value)}") from error
    return moment.astimezone(UTC).isoformat()


def _text(value: str) -> str:
    """The newer AWS CLI prints bytes as base64, the older one as text."""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return value


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _named(name: str) -> str:
    return name.partition(".")[0].partition("[")[0]


def _told(service: str, operation: str, params: Params, answer: Params) -> Told:
    tells = _TELLS.get(f"{service}:{operation}")
    return tells(params, answer) if tells else iter(())


def _same(member: str, param: str) -> Callable[[Params, Params], Told]:
    def tells(params: Params, answer: Params) -> Told:
        yield member, answer.get(member), params.get(param)

    return tells


def _function(name: object) -> str:
    """The name of a function in an ARN, with or without a qualifier, or the name itself."""
    text = str(name or "")
    return (text.partition(":function:")[2] or text).partition(":")[0]


def _configuration(params: Params, answer: Params) -> Told:
    wanted = params.get("FunctionName")
    yield "FunctionName", answer.get("FunctionName"), _function(wanted) if wanted else None


def _policy(params: Params, answer: Params) -> Told:
    wanted, policy = _function(params.get("FunctionName")), answer.get("Policy")
    found = re.search(r":function:([\w-]+)", policy or "")
    yield "Policy", found[1] if found else policy, wanted if found else None


def _aliases(params: Params, answer: Params) -> Told:
    wanted = _function(params.get("FunctionName"))
    for alias in answer.get("Aliases") or []:
        yield "Aliases[].AliasArn", _function(alias.get("AliasArn")), wanted


def _metrics(params: Params, answer: Params) -> Told:
    yield "MetricDataResults", "there" if "MetricDataResults" in answer else None, None
    asked = {query["Id"] for query in params.get("MetricDataQueries") or []}
    yield (
        "MetricDataResults[].Id",
        *_among([str(each.get("Id")) for each in answer.get("MetricDataResults") or []], asked),
    )


def _events(params: Params, answer: Params) -> Told:
    yield "events", "there" if "events" in answer else None, None
    events = answer.get("events") or []
    if streams := params.get("logStreamNames"):
        yield "events[].logStreamName", *_among([str(event.get("logStreamName")) for event in events], set(streams))
    if start := params.get("startTime"):
        late = [
            event["timestamp"] for event in events if not start <= event.get("timestamp", start) <= params["endTime"]
        ]
        yield (
            "events[].timestamp",
            late[0] if late else "there",
            f"from {start} to {params['endTime']}" if late else None,
        )


def _groups(params: Params, answer: Params) -> Told:
    yield "logGroups", "there" if "logGroups" in answer else None, None
    prefix = str(params.get("logGroupNamePrefix") or "")
    for group in answer.get("logGroups") or []:
        name = str(group.get("logGroupName"))
        yield "logGroups[].logGroupName", name[: len(prefix)], prefix


def _trail(params: Params, answer: Params) -> Told:
    yield "Events", "there" if "Events" in answer else None, None
    wanted = {each["AttributeValue"] for each in params.get("LookupAttributes") or []}
    yield "Events[].EventSource", *_among([str(each.get("EventSource")) for each in answer.get("Events") or []], wanted)


def _traces(params: Params, answer: Params) -> Told:
    wanted = set(params.get("TraceIds") or [])
    yield "Traces[].Id", *_among([str(each.get("Id")) for each in answer.get("Traces") or []], wanted)


def _export(params: Params, answer: Params) -> Told:
    body = answer.get("body")
    yield "body", "there" if body else None, None
    found = _API_OF_URL.search(body or "")
    yield "body.servers[].url", found[1] if found else "there", params.get("restApiId") if found else None


def _account(params: Params, answer: Params) -> Told:
    yield "Account", answer.get("Account"), None


def _there(member: str) -> Callable[[Params, Params], Told]:
    def tells(params: Params, answer: Params) -> Told:
        yield member, "there" if answer.get(member) is not None else None, None

    return tells


def _among(found: list[str], wanted: set[str]) -> tuple[str, str | None]:
    """The first that was not asked for, and what was."""
    other = next((name for name in found if wanted and name not in wanted), None)
    return (other, ", ".join(sorted(wanted)[:_SHOWN])) if other else ("there", None)


_TELLS: dict[str, Callable[[Params, Params], Told]] = {
    "apigateway:GetRestApi": _same("id", "restApiId"),
    "apigateway:GetStage": _same("stageName", "stageName"),
    "apigateway:GetDeployment": _same("id", "deploymentId"),
    "apigateway:GetResources": _there("items"),
    "apigateway:GetExport": _export,
    "apigateway:TestInvokeMethod": _there("status"),
    "apigatewayv2:GetApi": _same("ApiId", "ApiId"),
    "cloudtrail:LookupEvents": _trail,
    "cloudwatch:GetMetricData": _metrics,
    "lambda:GetAccountSettings": _there("AccountLimit"),
    "lambda:GetFunctionConfiguration": _configuration,
    "lambda:GetPolicy": _policy,
    "lambda:ListAliases": _aliases,
    "logs:DescribeLogGroups": _groups,
    "logs:FilterLogEvents": _events,
    "logs:GetQueryResults": _there("status"),
    "logs:StartQuery": _there("queryId"),
    "sts:GetCallerIdentity": _account,
    "xray:BatchGetTraces": _traces,
}
