"""A stage's own access-log format: reading lines by it, whatever it looks like, and saying what it lacks.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass

from wizard.model.arn import partition_of
from wizard.model.case import Target

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_]+(?:[.\-][A-Za-z0-9_]+)*)")
_NAMING = re.compile(r"[A-Za-z]{2}")
_ABSENT = ("", "-", "null")
_VERB = re.compile(r"[A-Z]+")
# What the service itself wrote of the failure; nothing of it comes from the client.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
TELLING = (
    "integration.error",
    "integrationErrorMessage",
    "error.message",
    "error.messageString",
    "error.responseType",
    "authorizer.error",
    "authenticate.error",
    "authorize.error",
    "waf.error",
)
STATUS = ("status",)
REQUEST_IDS = ("requestId", "extendedRequestId", "integration.requestId", "awsEndpointRequestId", "xrayTraceId")
METHOD, PATHS, ROUTE = ("httpMethod",), ("resourcePath", "path"), ("routeKey",)
# What tells the causes of a 5xx apart, each by any of its names.
_WANTED = {
    "rest": (
        ("requestId", "extendedRequestId"),
        ("status",),
        ("httpMethod",),
        ("resourcePath", "path"),
        ("error.message", "error.messageString"),
        ("error.responseType",),
        ("integration.error", "integrationErrorMessage"),
        ("integration.integrationStatus", "integration.status", "integrationStatus"),
        ("integration.latency", "integrationLatency"),
        ("integration.requestId", "awsEndpointRequestId"),
    ),
    "http": (
        ("requestId", "extendedRequestId"),
        ("status",),
        ("routeKey",),
        ("path",),
        ("error.message", "error.messageString"),
        ("error.responseType",),
        ("integration.error", "integrationErrorMessage"),
        ("integration.integrationStatus", "integrationStatus", "integration.status"),
        ("integrationLatency", "integration.latency"),
        ("integration.requestId", "awsEndpointRequestId"),
        ("authorizer.error",),
    ),
    "websocket": (
        ("requestId", "extendedRequestId"),
        ("status",),
        ("routeKey",),
        ("eventType",),
        ("error.message", "error.messageString"),
        ("error.responseType",),
        ("integration.error", "integrationErrorMessage"),
        ("integration.integrationStatus", "integration.status", "integrationStatus"),
        ("integrationLatency", "integration.latency"),
        ("integration.requestId", "awsEndpointRequestId"),
        ("authorizer.error",),
        ("connectionId",),
    ),
}


_ERRORS = ("error.message", "error.messageString", "error.responseType")
_CALL_ERRORS = ("integration.error", "integrationErrorMessage")
_CALL_STATUS = ("integration.integrationStatus", "integrationStatus")


@dataclass(frozen=True, slots=True)
class Record:
    """One request of an access log: $context names (without $context.) and their values, "-" and empty left out."""

    values: dict[str, str]

    def first(self, names: tuple[str, ...]) -> str | None:
        """The value of the first of these names that has one."""
        return next((self.values[name] for name in names if name in self.values), None)

    @property
    def status(self) -> int | None:
        """What the client got, None when the line does not say."""
        given = self.first(STATUS) or ""
        return int(given) if given.isascii() and given.isdigit() else None

    @property
    def failed(self) -> bool:
        """Whether it was a 5xx; for a line without a status, whether the service names an error."""
        return self.status >= 500 if self.status is not None else bool(self.telling())

    def telling(self) -> list[str]:
        """What the service says of the failure, the most telling first."""
        return list(dict.fromkeys(self.values[name] for name in TELLING if name in self.values))

    def ids(self) -> set[str]:
        """Every id of the request, in lower case, a trace id without its Root=."""
        given = (self.values.get(name) for name in REQUEST_IDS)
        return {value.removeprefix("Root=").partition(";")[0].lower() for value in given if value}


class Format:
    """A format string, ready to read lines with.

    The text between two variables is looked for from left to right, so reading a line takes one pass whatever the line
    holds. That serves JSON, CLF, XML, CSV and anything else that has some text between its variables.
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        parts = _VARIABLE.split(self.text)
        self.names, self._between = parts[1::2], parts[0::2]
        # Text that names what follows stands there once; twice means that a value imitates the format.
        self._marks = {mark: self._between.count(mark) for mark in self._between if _NAMING.search(mark)}

    @property
    def tells(self) -> bool:
        """Whether a line can tell that a request failed at all."""
        return bool({*STATUS, *TELLING} & set(self.names))

    def read(self, line: str) -> Record | None:
        """The request that the line tells of; None for a line of another form: the format was changed, or forged."""
        line = line.strip()
        if not self.names or not line.startswith(self._between[0]):
            return None
        if any(line.count(mark) != number for mark, number in self._marks.items()):
            return None
        values: dict[str, str] = {}
        at = len(self._between[0])
        for name, after in zip(self.names, self._between[1:], strict=True):
            end = line.find(after, at) if after else (len(line) if name is self.names[-1] else at)
            if (
                name in ROUTE
                and after[:1] == " "
                and _VERB.fullmatch(line, at, max(end, at))
                and line.startswith(" /", end)
            ):
                end = line.find(after, end + 1)  # GET /orders is one value
            if end < 0:
                return None
            value = line[at:end].strip()
            if value not in _ABSENT:
                values.setdefault(name, value)
            at = end + len(after)
        return Record(values) if at == len(line) else None

    def answer(self, record: Record) -> str | None:
        """What became of a backend's answer in a failing request: "refused" by API Gateway, or "passed-on" as it is.

        None when there was none, or when the format leaves out what tells.
        """
        groups = (_ERRORS, _CALL_ERRORS, _CALL_STATUS)
        if not all(set(names) & set(self.names) for names in groups) or not record.failed:
            return None
        if record.first(_CALL_STATUS) != "200" or record.first(_CALL_ERRORS):
            return None
        return "refused" if record.first(_ERRORS) else "passed-on"

    def missing(self, api_type: str) -> list[str]:
        """The variables that would tell causes of a 5xx apart and are not in the format."""
        return [names[0] for names in _WANTED.get(api_type, _WANTED["rest"]) if not set(names) & set(self.names)]


def wanted_format(api_type: str, present: str = "") -> str:
    """A format with everything that tells causes apart: the present one with what it lacks put in at its end."""
    if present.strip():
        return _completed(present.strip(), Format(present).missing(api_type))
    names = [names[0] for names in _WANTED.get(api_type, _WANTED["rest"])]
    names += ["extendedRequestId", "requestTime", "integrationErrorMessage"]
    names += ["xrayTraceId"] if api_type == "rest" else []
    return json.dumps({_key(name): f"$context.{name}" for name in names}, separators=(",", ":"))


def _completed(present: str, names: list[str]) -> str:
    """A format with more variables at its end: as further keys of a JSON object, else as further words."""
    if present.startswith("{") and present.endswith("}"):
        inner = present[1:-1].strip()
        more = [f'"{_key(name)}":"$context.{name}"' for name in names]
        return "{" + ",".join([*([inner] if inner else []), *more]) + "}"
    return " ".join([present, *(f'{_key(name)}="$context.{name}"' for name in names)])


def _key(name: str) -> str:
    return name.replace(".", "_")


def enable_commands(target: Target, destination: str | None, present: str = "") -> list[str]:
    """The AWS CLI lines that make the stage write such an access log; to a new log group when it has none.

    What is in the `present` format stays in it.
    """
    where = f" --region {target.region}" if target.region else ""
    group = f"/apigateway/{target.api_id}/{str(target.stage).lstrip('$')}"
    partition = partition_of(target.region)
    arn = destination or (
        f"arn:{partition}:logs:{target.region or '<region>'}:{target.account or '<account>'}:log-group:{group}"
    )
    lines = [] if destination else [f"aws logs create-log-group --log-group-name {shlex.quote(group)}{where}"]
    stage = f"--stage-name {shlex.quote(str(target.stage))}"
    text = wanted_format(target.api_type, present if destination else "")
    if target.api_type != "rest":
        settings = json.dumps({"DestinationArn": arn, "Format": text})
        line = f"aws apigatewayv2 update-stage --api-id {target.api_id} {stage} --access-log-settings"
        return [*lines, f"{line} {shlex.quote(settings)}{where}"]
    patch = [
        {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value}
        for name, value in (("destinationArn", arn), ("format", text))
    ]
    line = f"aws apigateway update-stage --rest-api-id {target.api_id} {stage} --patch-operations"
    return [*lines, f"{line} {shlex.quote(json.dumps(patch))}{where}"]
